"""The proofs of contests of our own estimates: what decides one is at most a gap and its ends, or eight other days.

What a profiled estimate must be takes its similar days, the public holidays and the register, and no contest shows
those: that it stands where it must not is proved here, its value is for a case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.commitments.leaves import LeafKind, decode_leaf
from backend.commitments.openings import Place
from backend.metering import Quality, ReadingSource
from backend.metering.estimation import INTERPOLATION_SECONDS_MAX, SIMILAR_DAYS
from backend.metering.replacement import OWN_ESTIMATES
from backend.services.contests.forms import as_hex, struct_of
from backend.services.contests.proofs import Proof

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.commitments.openings import Openings
    from backend.services.contests.anchored import AnchoredRun

__all__ = ["ESTIMATE_PROVERS", "is_profiled"]

_KNOWN = (Quality.MEASURED, Quality.EDITED)


def is_profiled(run: AnchoredRun, place: Place) -> bool:
    """Is the reading at a row's or reading's place a profiled estimate, whose value no contest proves?"""
    if place.kind not in {LeafKind.ROW, LeafKind.READING}:
        return False
    return _source(run.batch, place._replace(kind=LeafKind.READING)) == ReadingSource.PROFILED


def prove_linear(run: AnchoredRun, place: Place) -> Proof | None:
    """An interpolated reading is not what lies between its neighbours."""
    own = place._replace(kind=LeafKind.READING)
    if _source(run.batch, own) != ReadingSource.INTERPOLATED:
        return None
    if run.activity.feeds_in[place.slot]:
        return _proof("linear", "contestLinear", run, own, [])
    others = _gap(run, own)
    return _proof("linear", "contestLinear", run, own, others) if others else None


def _gap(run: AnchoredRun, own: Place) -> list[Place]:
    """All places around an estimate, from the one before the gap to the one after it, but the estimate itself.

    Of a gap that is longer than may be interpolated, as much of it as shows that; none where the gap reaches the end
    of the slot's active days before.
    """
    places = [
        Place(LeafKind.READING, own.slot, day, t)
        for day in range(run.activity.shape.days)
        if run.activity.active[own.slot, day]
        for t in range(run.intervals(day))
    ]
    here = places.index(own)
    limit = INTERPOLATION_SECONDS_MAX // run.step_seconds
    first = last = here
    while first > 0 and _is_gap(run, places[first - 1]):
        first -= 1
    while last + 1 < len(places) and _is_gap(run, places[last + 1]):
        last += 1
    if last - first + 1 <= limit:  # a whole gap: with what stands on either side
        first, last = first - 1, last + 1
    elif first < here < last:  # too long: one interval more than may be interpolated, the estimate within
        first = max(first, min(here - 1, last - limit))
        last = first + limit
    elif here == first:
        first, last = first - 1, first + limit + 1
    else:
        first, last = last - limit - 1, last + 1
    if first < 0 or last >= len(places):
        return []
    return [place for place in places[first : last + 1] if place != own]


def prove_similar(run: AnchoredRun, place: Place) -> Proof | None:
    """A reading of similar days is not their mean."""
    own = place._replace(kind=LeafKind.READING)
    if _source(run.batch, own) != ReadingSource.SIMILAR_DAYS:
        return None
    if run.activity.feeds_in[place.slot]:
        return _proof("similar", "contestSimilar", run, own, [])
    others: list[Place] = []
    for offsets in SIMILAR_DAYS:
        days = [own.day + offset for offset in offsets]
        if min(days) < 0 or max(days) >= run.activity.shape.days:
            return None  # what it may have drawn on lies in no batch
        active = [day for day in days if run.activity.active[own.slot, day]]
        if any(run.intervals(day) != run.intervals(own.day) for day in active):
            return None  # the clock turned: intervals are not at the same local time
        others += [own._replace(day=day) for day in active]
        if any(_quality(run.batch, own._replace(day=day)) in _KNOWN for day in active):
            break
    return _proof("similar", "contestSimilar", run, own, others)


def prove_method(run: AnchoredRun, place: Place) -> Proof | None:
    """An estimate is of feed-in, by a method that is none, or profiled though no terms were voted."""
    own = place._replace(kind=LeafKind.READING)
    if not _is_gap(run, own) or _quality(run.batch, own) != Quality.ESTIMATED:
        return None
    proof = {"runId": run.run_id, "slot": own.slot, "estimate": _reading(run.batch, own)}
    return Proof("method", "input_contests", "contestMethod", (proof,), (own,))


def prove_replaced(run: AnchoredRun, place: Place) -> Proof | None:
    """An estimate stands where an earlier batch of the period holds a measured reading."""
    own = place._replace(kind=LeafKind.READING)
    if _source(run.batch, own) not in OWN_ESTIMATES:
        return None
    for batch_id, earlier in reversed(run.earlier):
        if _quality(earlier, own) in _KNOWN:
            measured = earlier.open(own)
            proof = {
                "runId": run.run_id,
                "slot": own.slot,
                "estimate": _reading(run.batch, own),
                "batchId": batch_id,
                "measured": struct_of(measured.leaf),
                "measuredPath": as_hex(measured.path),
            }
            return Proof("replaced", "input_contests", "contestReplaced", (proof,), (own,))
    return None


def _proof(name: str, function: str, run: AnchoredRun, own: Place, others: list[Place]) -> Proof | None:
    if any(not run.batch.open(other).leaf for other in others):
        return None
    proof = {
        "runId": run.run_id,
        "slot": own.slot,
        "estimate": _reading(run.batch, own),
        "others": [_reading(run.batch, other) for other in others],
    }
    return Proof(name, "input_contests", function, (proof,), (own, *others))


def _reading(batch: Openings, place: Place) -> dict[str, Any]:
    found = batch.open(place)
    return {"day": place.day, "t": place.t, "reading": struct_of(found.leaf), "path": as_hex(found.path)}


def _source(batch: Openings, place: Place) -> int | None:
    leaf = batch.open(place).leaf
    return int(decode_leaf(leaf)["source"]) if leaf else None


def _quality(batch: Openings, place: Place) -> int | None:
    leaf = batch.open(place).leaf
    return int(decode_leaf(leaf)["quality"]) if leaf else None


def _is_gap(run: AnchoredRun, place: Place) -> bool:
    source = _source(run.batch, place)
    return source is not None and source >= ReadingSource.INTERPOLATED


ESTIMATE_PROVERS: dict[str, Callable[[AnchoredRun, Place], Proof | None]] = {
    "linear": prove_linear,
    "similar": prove_similar,
    "method": prove_method,
    "replaced": prove_replaced,
}
