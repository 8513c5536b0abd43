"""Plans that keep a transformer within its rating: made from a forecast, kept, and approved or refused by a person.

Approving changes what is written, and nothing else: no device is spoken to, here or anywhere. Whoever carries a plan
out reads it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import ConflictError, InputError, NotFoundError
from backend.grid.alarms import AlarmSeverity
from backend.grid.relief import FlexibleLoad, ReliefEffect, ReliefPlan, relieve
from backend.grid.transformers import method_of
from backend.ports.grid_event_records import EventKind
from backend.ports.grid_plan_records import PlanKind, PlanRecord, PlanState
from backend.services.grid.events import note_event
from backend.services.grid.keep_network import require_unchanged
from backend.services.grid.looks import tell_rows
from backend.services.grid.transformers import AHEAD_SECONDS, find_load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backend.ports import Clock, Records, RecordStore
    from backend.services.grid.known_networks import KnownNetwork
    from backend.services.grid.transformers import Ahead, TransformerDesk

__all__ = ["ReliefOrder", "decide_plan", "find_plan", "list_plans", "make_plan", "relief_consents"]

_KILO = 1000.0
_PERCENT = 100.0
_HOURS_MAX = 168
_WORDS_MAX = 500


@dataclass(frozen=True, slots=True)
class ReliefOrder:
    """What a plan is asked for.

    Attributes:
        transformer: Which is to be kept within its rating.
        loads: Those that might give way.
        hours: How far ahead of what is known. [h]
        limit: Load factor that each phase is to keep. [1]
        certainty: Part of the forecast's courses whose peak the plan is to cover. [1]
        asked_by: A user's id, empty for the command.
    """

    transformer: str
    loads: tuple[FlexibleLoad, ...]
    hours: int = AHEAD_SECONDS // 3600
    limit: float = 1.0
    certainty: float = 0.9
    asked_by: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.hours <= _HOURS_MAX:
            raise InputError(f"A plan for {self.hours} hours ahead is not made; 1 to {_HOURS_MAX} are.")
        if not 0 < self.certainty <= 1:
            raise InputError(f"A certainty of {self.certainty:g} is none; give a part above 0, at most 1.")
        if not 0 < self.limit <= 2:  # noqa: PLR2004 -- twice the rating is beyond any limit
            raise InputError(f"A limit of {self.limit:g} of the rating is none; give one above 0, at most 2.")


def relief_consents(
    desk: TransformerDesk,
    known: KnownNetwork,
    loads: Sequence[FlexibleLoad],
    holds: Callable[[str], bool],
) -> tuple[FlexibleLoad, ...]:
    """Let the members' own consents decide where a load is a member's, whatever the list says.

    Args:
        desk: Where communities are found.
        known: The network.
        loads: As the list tells them.
        holds: Does a participant's consent to flexibility last now?

    Returns:
        The loads; of a connection with members' points, one has consented where all their owners have. Elsewhere, what
        the list says stands: the operator has that consent on paper.
    """
    members = desk.networks.sources.community_of(known.record)
    owners = {point.id: point.participant for point in members.metering_points} if members else {}
    points = {one.id: one.metering_points for one in known.network.connections}
    told = []
    for load in loads:
        of = {owners[point] for point in points.get(load.connection, ()) if point in owners}
        told.append(replace(load, has_consented=all(holds(one) for one in sorted(of))) if of else load)
    return tuple(told)


def make_plan(desk: TransformerDesk, clock: Clock, known: KnownNetwork, order: ReliefOrder) -> PlanRecord:
    """Forecast, plan, verify by power flow, and keep the proposal.

    The same order of the same loads and readings is the same plan, however often it is asked for.

    Raises:
        NotFoundError: If there is no such transformer.
        InputError: If there is nothing to forecast from, or a load is not behind the transformer.
        PowerFlowError: If the network cannot be solved.
        ConflictError: If the network was changed meanwhile.
    """
    ahead = desk.ahead(known, order.hours * 3600)
    place = _course_for(ahead, known, order)
    series = ahead.courses[place]
    plan, effect = relieve(known.flow, series, order.transformer, order.loads, order.limit)
    document = _document(ahead, order, plan, effect)
    content = json.dumps([known.record.digest, document], sort_keys=True)
    record = PlanRecord(
        id=f"relief-{hashlib.sha256(content.encode()).hexdigest()[:16]}",
        network=known.record.name,
        kind=PlanKind.RELIEF,
        element=order.transformer,
        state=PlanState.PROPOSED,
        made_utc=clock.now_utc(),
        made_by=order.asked_by,
        document=document,
    )
    store = desk.networks.sources.store
    with store.transaction() as records:
        require_unchanged(records, record.network, known.record.digest)
        kept = _kept(records, record)
        if kept is not None:
            return kept
        records.add_plan(record)
        _note(records, record, clock.now_utc(), order.asked_by, _title(record))
    return record


def decide_plan(
    store: RecordStore, clock: Clock, network: str, plan: str, state: PlanState, by: str, words: str = ""
) -> PlanRecord:
    """Approve or refuse a proposal.

    Args:
        store: Records.
        clock: Time.
        network: Name.
        plan: Id.
        state: ``APPROVED`` or ``REFUSED``.
        by: Id of the user who decides.
        words: Why, if anything is to be said.

    Raises:
        NotFoundError: If there is no such plan.
        ConflictError: If it was decided otherwise already.
        InputError: If the words are too many.
    """
    assert state is not PlanState.PROPOSED, state
    if len(words) > _WORDS_MAX:
        raise InputError(f"{len(words)} characters are too many to say why; at most {_WORDS_MAX}.")
    with store.transaction() as records:
        kept = find_plan(records, network, plan)
        if kept.state is state:
            return kept
        if kept.state is not PlanState.PROPOSED:
            raise ConflictError(f"The plan {plan} was {kept.state.value} already; make another one.")
        decision = {"by": by, "at": clock.now_utc(), "words": words}
        decided = replace(kept, state=state, document={**kept.document, "decision": decision})
        records.change_plan(decided, PlanState.PROPOSED)
        title = f"The relief plan for transformer {kept.element} was {state.value}."
        _note(records, decided, clock.now_utc(), by, title)
    return decided


def find_plan(records: Records, network: str, plan: str) -> PlanRecord:
    """A network's relief plan.

    Raises:
        NotFoundError: If it has none of that id.
    """
    found = records.plan(network, plan)
    if found.kind is not PlanKind.RELIEF:
        raise NotFoundError(f"There is no relief plan {plan!r} for network {network!r}.")
    return found


def list_plans(store: RecordStore, network: str) -> list[PlanRecord]:
    """A network's relief plans, the newest first."""
    with store.reading() as records:
        return list(records.plans(network, PlanKind.RELIEF))


def _kept(records: Records, record: PlanRecord) -> PlanRecord | None:
    try:
        return records.plan(record.network, record.id)
    except NotFoundError:
        return None


def _course_for(ahead: Ahead, known: KnownNetwork, order: ReliefOrder) -> int:
    """The course whose peak is at or above that of the asked part of all."""
    one = {name: loads[0] for name, loads in ahead.loads.items()}
    find_load(known, one, order.transformer)
    peaks = np.array([load.factors.max() for load in ahead.loads[order.transformer]])
    ranked = np.argsort(peaks, kind="stable")
    return int(ranked[min(int(np.ceil(order.certainty * peaks.size)), peaks.size) - 1])


def _document(ahead: Ahead, order: ReliefOrder, plan: ReliefPlan, effect: ReliefEffect) -> dict[str, Any]:
    risk = ahead.risks[order.transformer]
    return {
        "transformer": plan.transformer,
        "limit_pct": order.limit * _PERCENT,
        "certainty_pct": order.certainty * _PERCENT,
        "start": plan.start_utc,
        "step_seconds": plan.step_seconds,
        "hours": order.hours,
        "forecast": {
            "method": method_of(risk.courses),
            "courses": risk.courses,
            "overload_pct": None if np.isnan(risk.ever) else round(risk.ever * _PERCENT, 2),
        },
        "needed_kw": _short(plan.needed_watts / _KILO),
        "left_kw": _short(plan.left_watts / _KILO),
        "cost": _short(plan.cost),
        "relieved_kwh": _short(plan.relieved_kwh),
        "is_optimal": plan.is_optimal,
        "holds": effect.holds,
        "actions": [
            {
                "load": one.load,
                "connection": one.connection,
                "kind": one.kind.value,
                "start": one.start_utc,
                "end": one.end_utc,
                "kw": _short(one.watts / _KILO),
            }
            for one in plan.actions
        ],
        "without_consent": list(plan.without_consent),
        "effect": {
            "peak_before_pct": _short(effect.peak_before * _PERCENT),
            "peak_after_pct": _short(effect.peak_after * _PERCENT),
            "hours_over_before": effect.hours_over_before,
            "hours_over_after": effect.hours_over_after,
            "voltage_min_before_pu": _short(effect.voltage_min_before),
            "voltage_min_after_pu": _short(effect.voltage_min_after),
            "voltage_max_before_pu": _short(effect.voltage_max_before),
            "voltage_max_after_pu": _short(effect.voltage_max_after),
            "losses_before_kwh": _short(effect.losses_before_kwh),
            "losses_after_kwh": _short(effect.losses_after_kwh),
            "loading_before_pct": tell_rows(np.array(effect.factors_before) * _PERCENT),
            "loading_after_pct": tell_rows(np.array(effect.factors_after) * _PERCENT),
        },
        "loads": [{**asdict(one), "kind": one.kind.value} for one in order.loads],
        "decision": None,
    }


def _title(record: PlanRecord) -> str:
    told = record.document
    if not told["needed_kw"]:
        return f"Transformer {record.element} needs no relief in the next {told['hours']} hours."
    return (
        f"A relief plan for transformer {record.element} was proposed: {len(told['actions'])} actions against "
        f"{told['needed_kw']:g} kW too much."
    )


def _note(records: Records, record: PlanRecord, now_utc: int, by: str, title: str) -> None:
    note_event(
        records,
        network=record.network,
        kind=EventKind.PLAN,
        element=record.element,
        at_utc=now_utc,
        noted_utc=now_utc,
        by=by,
        severity=AlarmSeverity.INFO,
        title=title,
        data={"plan": record.id, "state": record.state.value},
    )


def _short(value: float) -> float:
    return float(f"{value:.5g}")
