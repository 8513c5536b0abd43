"""A look at a run: what differs, which contest proves it, and what that would show to everyone for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.commitments.leaves import LeafKind
from backend.commitments.openings import Place
from backend.errors import NotFoundError
from backend.quantities import PeriodCalendar
from backend.services.contests.estimate_proofs import is_profiled
from backend.services.contests.finding import find_contest
from backend.services.contests.running import WATCHER, anchored_run
from backend.services.contests.words import CONTEST_WORDS, PROFILED_WORDS, describe
from backend.services.replay import replay_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.ports import RunRecord
    from backend.services.contests.proofs import Proof
    from backend.services.context import SettlementContext
    from backend.services.replay import Replay

__all__ = ["Look", "look_at", "place_of"]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen.

    Attributes:
        replay: The run rebuilt, and what differs.
        proof: A contest that the contract would take; None where nothing can be proved.
        reason: What it would prove, in words; without, why nothing can be proved of a profiled estimate, or empty.
        shown: What everyone would see for ever, a phrase each.
    """

    replay: Replay
    proof: Proof | None
    reason: str
    shown: tuple[str, ...]


def look_at(
    context: SettlementContext, run: RunRecord, places: Sequence[Place] = (), by: str = WATCHER
) -> Look:
    """Replay a run, and look for a contest of what differs, or of the places that are asked for.

    Nothing is sent.

    Args:
        context: Ports.
        run: What is looked at.
        places: Rows or headers to contest; all that differs where none is given.
        by: Name of the key that would send a proof.

    Raises:
        NotFoundError: If what the run was made of is not kept.
    """
    replay = replay_run(context, run)
    anchored = anchored_run(context, replay.rebuilt)
    differing = [difference.place for difference in replay.differences if difference.place is not None]
    proof = find_contest(context.chain, anchored, places or differing, by)
    if proof is None:
        asked = any(is_profiled(anchored, place) for place in places or differing)
        return Look(replay, None, PROFILED_WORDS["en"] if asked else "", ())
    return Look(replay, proof, CONTEST_WORDS[proof.name], tuple(describe(proof, replay.rebuilt)))


def place_of(context: SettlementContext, run: RunRecord, interval: int, point: str = "") -> Place:
    """The row of a point in an interval of the period, or its header where no point is named.

    Args:
        context: Ports.
        run: Whose period it is.
        interval: From 0, over the days of the period.
        point: Metering point id.

    Raises:
        NotFoundError: If the period has no such interval or point.
    """
    view = context.community(run.community)
    with context.store.reading() as records:
        record = records.period(run.community, run.period)
    assert record is not None, "a run has a period"
    calendar = PeriodCalendar(record.span, view.community.time_zone, view.community.resolution_minutes)
    if not 0 <= interval < calendar.interval_count:
        raise NotFoundError(
            f"{record.label} has intervals 0 to {calendar.interval_count - 1}; {interval} is none."
        )
    offsets = calendar.day_offsets
    day = next(day for day in range(record.days) if interval < offsets[day + 1])
    t = interval - offsets[day]
    if not point:
        return Place(LeafKind.HEADER, 0, day, t)
    slot = next((term["slot"] for term in record.terms if term["point"] == point), None)
    if slot is None:
        raise NotFoundError(f"{point} is no metering point of {run.community} in {record.label}.")
    return Place(LeafKind.ROW, slot, day, t)
