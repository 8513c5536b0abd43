"""Plans of switches that were asked for over HTTP: made beside everything else, left, found again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import NotFoundError
from backend.grid.balancing.problem import find_head, resolve_limits
from backend.ports.grid_plan_records import PlanKind
from backend.services.grid.switching import keep_plan, plan_switches, tell_plan, tell_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.grid.balancing.plan import PlanRequest
    from backend.ports import Clock
    from backend.ports.grid_plan_records import PlanRecord
    from backend.services.grid.background import BackgroundWork, WorkState
    from backend.services.grid.known_networks import KnownNetwork
    from backend.services.grid.network_series import GridSources

__all__ = ["AskedPlans"]

_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class _Asked:
    network: str
    element: str
    asked: dict[str, Any]
    asked_utc: int


class AskedPlans:
    """Plans under way and kept ones, as one list.

    Args:
        sources: Networks, series, and where plans are kept.
        work: What makes them.
    """

    def __init__(self, sources: GridSources, work: BackgroundWork) -> None:
        self._sources = sources
        self._work = work
        self._asked: OrderedDict[str, _Asked] = OrderedDict()
        self._guard = threading.Lock()

    def ask(
        self,
        known: KnownNetwork,
        request: PlanRequest,
        plan: str,
        made_by: str,
        clock: Clock,
        elapsed: Callable[[], float],
    ) -> dict[str, Any]:
        """Begin to make a plan.

        Args:
            known: The network.
            request: What is asked.
            plan: Id that it is to have.
            made_by: Id of the user.
            clock: Tells when it was made.
            elapsed: Seconds that pass.

        Returns:
            How far it is, as ``tell`` says.

        Raises:
            InputError: If the network has no such element, connection or place.
            ConflictError: If too much work is waiting.
        """
        element = request.element or find_head(known.topology)
        resolve_limits(known.topology, request.limits, element)

        def task(note: Callable[[float], None]) -> str:
            document = plan_switches(self._sources, known.record, request, elapsed, note)
            keep_plan(self._sources, clock, plan, made_by, document)
            return plan

        asked = _Asked(known.record.name, element, tell_request(request), clock.now_utc())
        self._work.ask(_key(plan), task, known.record.community)
        with self._guard:
            self._asked[plan] = asked
            while len(self._asked) > _REMEMBERED:
                self._asked.popitem(last=False)
        return self.tell(known, plan)

    def items(self, known: KnownNetwork) -> list[dict[str, Any]]:
        """Plans of a network, the newest first, those under way before all."""
        with self._sources.store.reading() as records:
            kept = records.plans(known.record.name, PlanKind.SWITCHING)
        there = {record.id for record in kept}
        with self._guard:
            asked = [
                (plan, one) for plan, one in reversed(self._asked.items()) if one.network == known.record.name
            ]
        waiting = [self._pending(plan, one) for plan, one in asked if plan not in there]
        for one in waiting:
            del one["asked"], one["plan"]
        return waiting + [_card(record) for record in kept]

    def tell(self, known: KnownNetwork, plan: str) -> dict[str, Any]:
        """How far a plan is, and the plan once it is made.

        Raises:
            NotFoundError: If the network has none of that id.
        """
        name = known.record.name
        with self._guard:
            asked = self._asked.get(plan)
        try:
            with self._sources.store.reading() as records:
                record = records.plan(name, plan)
        except NotFoundError:
            if asked is None or asked.network != name:
                raise
            return self._pending(plan, asked)
        if record.kind != PlanKind.SWITCHING:
            raise NotFoundError(f"Network {name!r} has no plan of switches {plan!r}.")
        told = tell_plan(record, known.network)
        return {
            "id": plan,
            "state": "done",
            "progress": 1.0,
            "problem": None,
            "made_utc": record.made_utc,
            "element": record.element,
            "asked": told["asked"],
            "plan": told,
        }

    def _pending(self, plan: str, asked: _Asked) -> dict[str, Any]:
        state: WorkState | None = self._work.look(_key(plan))
        return {
            "id": plan,
            "state": state.state if state else "failed",
            "progress": state.progress if state else 0.0,
            "problem": (state.problem or None) if state else "It is not known any more; ask again.",
            "made_utc": asked.asked_utc,
            "element": asked.element,
            "asked": asked.asked,
            "plan": None,
        }


def _key(plan: str) -> str:
    return f"switching {plan}"


def _card(record: PlanRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "state": "done",
        "progress": 1.0,
        "problem": None,
        "made_utc": record.made_utc,
        "element": record.element,
        "switches": len(record.document["switches"]),
        "imbalance_before_kw": record.document["imbalance_before_kw"],
        "imbalance_after_kw": record.document["imbalance_after_kw"],
    }
