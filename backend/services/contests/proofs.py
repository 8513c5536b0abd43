"""The proof of each contest, as the contract takes it: leaves that are shown, and their ways to the root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.commitments import STRIDE
from backend.commitments.leaves import LeafKind, decode_leaf
from backend.commitments.openings import Opening, Place
from backend.services.contests.forms import (
    as_hex,
    empty,
    pack_reading,
    row_and_detail,
    struct_of,
    with_rounds,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.services.contests.anchored import AnchoredRun

__all__ = ["PROVERS", "Proof", "shown_or_padding", "slots_of_stair"]

_METHOD_FLOW, _METHOD_SCHEDULED = 9, 6
_NO_COEFFICIENT = {"salt": "0x" + "00" * 16, "coefficientPpm": 0, "path": []}


@dataclass(frozen=True, slots=True)
class Proof:
    """A contest that is ready to be sent.

    Attributes:
        name: Such as ``row``: a key of ``PROVERS``.
        contract: Which judges it.
        function: Of the contract.
        arguments: Of the function.
        shown: Leaves that everybody will see for ever, of those that somebody's figures are in.
    """

    name: str
    contract: str
    function: str
    arguments: tuple[Any, ...]
    shown: tuple[Place, ...]


def prove_input(run: AnchoredRun, place: Place) -> Proof | None:
    """A row's energy or quality is not its reading's."""
    row = run.run.open(_at(place, LeafKind.ROW))
    reading = run.batch.open(_at(place, LeafKind.READING))
    if not row.leaf or not reading.leaf:
        return None
    shown, detail = row_and_detail(row.leaf)
    proof = {
        **_where(run, place),
        "row": shown,
        "detail": detail,
        "path": as_hex(row.path),
        "reading": struct_of(reading.leaf),
        "readingPath": as_hex(reading.path),
    }
    return Proof("input", "input_contests", "contestInput", (proof,), (row.place, reading.place))


def prove_slot(run: AnchoredRun, place: Place) -> Proof | None:
    """A leaf stands where none must be, or none where one must."""
    found = _tree_of(run, place.kind, place)
    if found is None:
        return None
    proof = {
        "runId": run.run_id,
        "tree": int(place.kind),
        "slot": place.slot,
        "day": place.day,
        "t": place.t,
        "leaf": "0x" + found.hash.hex(),
        "path": as_hex(found.path),
    }
    return Proof("slot", "input_contests", "contestSlot", (proof,), ())


def prove_row(run: AnchoredRun, place: Place) -> Proof | None:
    """What a row was given is not what the key gives, or its header is none of the key's."""
    proof = _row_proof(run, place)
    if proof is None or run.method == _METHOD_FLOW:
        return None
    return Proof("row", "contests", "contestRow", (proof,), (_at(place, LeafKind.ROW), _header(place)))


def prove_flow(run: AnchoredRun, place: Place) -> Proof | None:
    """What a row of ``flow`` was given is not the sum of its links."""
    proof, detail = _row_proof(run, place), b""
    if proof is None or run.method != _METHOD_FLOW:
        return None
    detail = run.detail(place)
    if not detail:
        return None
    shown = (_at(place, LeafKind.ROW), _header(place), _at(place, LeafKind.DETAIL))
    return Proof("flow", "contests", "contestFlow", (proof, struct_of(detail)), shown)


def prove_sum(run: AnchoredRun, place: Place) -> Proof | None:
    """A row's running totals are not those before it and its own energies."""
    step = _step(run, place)
    if step is None:
        return None
    return Proof("sum", "sum_contests", "contestSum", (step,), _steps(run, place))


def prove_value(run: AnchoredRun, place: Place) -> Proof | None:
    """What a row is worth, or is credited, is not what the rule gives."""
    step, proof = _step(run, place), _row_proof(run, place)
    if step is None or proof is None or run.method == _METHOD_FLOW:
        return None
    told = {name: proof[name] for name in ("header", "headerPath", "stairsRoot", "coefficient")}
    shown = (*_steps(run, place), _header(place))
    return Proof("value", "sum_contests", "contestValue", ({"step": step, **told},), shown)


def prove_totals(run: AnchoredRun, place: Place) -> Proof | None:
    """A period leaf does not hold the totals of the slot's last row."""
    if not _is_settled(run, place.slot):
        return None
    day = run.last_day(place.slot)
    row = run.run.open(Place(LeafKind.ROW, place.slot, day, run.intervals(day) - 1))
    period = run.run.open(Place(LeafKind.PERIOD, place.slot))
    if not row.leaf or not period.leaf:
        return None
    shown, detail = row_and_detail(row.leaf)
    proof = {
        "runId": run.run_id,
        "slot": place.slot,
        "row": shown,
        "detail": detail,
        "path": as_hex(row.path),
        "period": struct_of(period.leaf),
        "periodPath": as_hex(period.path),
    }
    return Proof("totals", "sum_contests", "contestTotals", (proof,), (row.place, period.place))


def prove_header(run: AnchoredRun, place: Place) -> Proof | None:
    """A header says what no rows could give."""
    header = run.run.open(_header(place))
    if not header.leaf:
        return None
    proof = {
        "runId": run.run_id,
        "day": place.day,
        "t": place.t,
        "header": struct_of(header.leaf),
        "path": as_hex(header.path),
    }
    return Proof("header", "sum_contests", "contestHeader", (proof,), (header.place,))


def prove_last_stair(run: AnchoredRun, place: Place) -> Proof | None:
    """The last stair of an interval is not what its header claims."""
    header = run.run.open(_header(place))
    stair = run.run.open(Place(LeafKind.STAIR, run.activity.shape.blocks - 1, place.day, place.t))
    if not header.leaf or not stair.leaf:
        return None
    shown, rounds = with_rounds(stair.leaf)
    proof = {
        "runId": run.run_id,
        "day": place.day,
        "t": place.t,
        "stair": shown,
        "rounds": rounds,
        "path": as_hex(stair.path),
        "header": struct_of(header.leaf),
        "headerPath": as_hex(header.path[: run.activity.shape.interval_depth]),
    }
    return Proof("last_stair", "stair_contests", "contestLastStair", (proof,), (header.place, stair.place))


def prove_stair(run: AnchoredRun, place: Place) -> Proof | None:
    """A stair is not the one before and the rows between."""
    shape = run.activity.shape
    block = place.slot if place.kind is LeafKind.STAIR else place.slot // STRIDE
    own = Place(LeafKind.STAIR, block, place.day, place.t)
    stair = run.run.open(own)
    header = run.run.open(_header(place))
    former = run.run.open(own._replace(slot=block - 1)) if block else None
    if not stair.leaf or not header.leaf or (former and not former.leaf):
        return None
    slots = slots_of_stair(run, block)
    rows = [run.run.open(Place(LeafKind.ROW, slot, place.day, place.t)) for slot in slots]
    if any(not row.leaf for row in rows if _is_active(run, row.place)):
        return None
    depth = shape.interval_depth
    levels = min(shape.slot_depth, _stair_levels())
    shown, rounds = with_rounds(stair.leaf)
    before, rounds_before = with_rounds(former.leaf) if former else (_without_rounds(), [])
    details = [run.detail(row.place) for row in rows] if run.method == _METHOD_FLOW else []
    proof = {
        "runId": run.run_id,
        "day": place.day,
        "t": place.t,
        "block": block,
        "former": before,
        "formerRounds": rounds_before,
        "formerPath": as_hex(former.path[: depth + shape.stair_depth]) if former else [],
        "stair": shown,
        "rounds": rounds,
        "path": as_hex(stair.path),
        "header": struct_of(header.leaf) if run.has_rounds else empty(LeafKind.HEADER),
        "headerPath": as_hex(header.path[:depth]) if run.has_rounds else [],
        "rows": [_stair_row(run, row, depth) for row in rows],
        "details": [struct_of(detail) if detail else empty(LeafKind.DETAIL) for detail in details],
        "upper": as_hex(rows[0].path[depth + levels : depth + shape.slot_depth]),
    }
    places = tuple(row.place for row in rows if row.leaf)
    seen = (*places, own, *((former.place,) if former else ()), *((header.place,) if run.has_rounds else ()))
    return Proof("stair", "stair_contests", "contestStair", (proof,), seen)


def prove_period_stair(run: AnchoredRun, place: Place) -> Proof | None:
    """A period stair is not the one before and the period leaves between."""
    shape = run.activity.shape
    block = place.slot if place.kind is LeafKind.PERIOD_STAIR else place.slot // STRIDE
    stair = run.run.open(Place(LeafKind.PERIOD_STAIR, block))
    former = run.run.open(Place(LeafKind.PERIOD_STAIR, block - 1)) if block else None
    periods = [run.run.open(Place(LeafKind.PERIOD, slot)) for slot in slots_of_stair(run, block)]
    if not stair.leaf or (former and not former.leaf):
        return None
    levels = min(shape.slot_depth, _stair_levels())
    proof = {
        "runId": run.run_id,
        "block": block,
        "former": struct_of(former.leaf) if former else empty(LeafKind.PERIOD_STAIR),
        "formerPath": as_hex(former.path[: shape.stair_depth]) if former else [],
        "stair": struct_of(stair.leaf),
        "path": as_hex(stair.path),
        "periods": [shown_or_padding("period", LeafKind.PERIOD, found) for found in periods],
        "upper": as_hex(periods[0].path[levels : shape.slot_depth]),
    }
    shown = tuple(found.place for found in periods if found.leaf)
    return Proof("period_stair", "stair_contests", "contestPeriodStair", (proof,), shown)


def prove_period_totals(run: AnchoredRun, _: Place) -> Proof | None:
    """The last period stair is not what the run claims."""
    stair = run.run.open(Place(LeafKind.PERIOD_STAIR, run.activity.shape.blocks - 1))
    if not stair.leaf:
        return None
    arguments = (run.run_id, struct_of(stair.leaf), as_hex(stair.path))
    return Proof("period_totals", "stair_contests", "contestPeriodTotals", arguments, (stair.place,))


def prove_reading_stair(run: AnchoredRun, place: Place) -> Proof | None:
    """Counts of readings are not those before and the day's."""
    shape, own = run.activity.shape, Place(LeafKind.READING_STAIR, place.slot, place.day)
    stair = run.batch.open(own)
    is_first = place.slot == place.day == 0
    before = (
        own._replace(day=place.day - 1)
        if place.day
        else own._replace(slot=place.slot - 1, day=shape.days - 1)
    )
    former = None if is_first else run.batch.open(before)
    if not stair.leaf or (former and not former.leaf):
        return None
    depth = shape.slot_depth + shape.day_depth
    readings: list[Opening] = []
    if _is_active(run, own):
        readings = [
            run.batch.open(Place(LeafKind.READING, place.slot, place.day, t))
            for t in range(run.intervals(place.day))
        ]
        if any(not reading.leaf for reading in readings):
            return None
    proof = {
        "runId": run.run_id,
        "slot": place.slot,
        "day": place.day,
        "former": struct_of(former.leaf) if former else empty(LeafKind.READING_STAIR),
        "formerPath": as_hex(former.path[:depth]) if former else [],
        "stair": struct_of(stair.leaf),
        "path": as_hex(stair.path),
        "readings": [pack_reading(reading.leaf) for reading in readings],
        "upper": as_hex(readings[0].path[shape.interval_depth : shape.interval_depth + depth])
        if readings
        else [],
    }
    shown = tuple(reading.place for reading in readings)
    return Proof("reading_stair", "stair_contests", "contestReadingStair", (proof,), shown)


def prove_reading_counts(run: AnchoredRun, _: Place) -> Proof | None:
    """The last reading stair is not what the batch claims."""
    shape = run.activity.shape
    stair = run.batch.open(Place(LeafKind.READING_STAIR, shape.slots - 1, shape.days - 1))
    if not stair.leaf:
        return None
    arguments = (run.run_id, struct_of(stair.leaf), as_hex(stair.path))
    return Proof("reading_counts", "stair_contests", "contestReadingCounts", arguments, ())


def _row_proof(run: AnchoredRun, place: Place) -> dict[str, Any] | None:
    """A row and its header as ``contestRow`` takes them."""
    row, header = run.run.open(_at(place, LeafKind.ROW)), run.run.open(_header(place))
    if not row.leaf or not header.leaf:
        return None
    shape = run.activity.shape
    own = shape.interval_depth + shape.slot_depth
    return {
        **_where(run, place),
        "row": struct_of(row.leaf),
        "rowPath": as_hex(row.path[:own]),
        "header": struct_of(header.leaf),
        "headerPath": as_hex(header.path[: shape.interval_depth]),
        "stairsRoot": as_hex(header.path[shape.interval_depth :])[0],
        "dayPath": as_hex(row.path[own + 1 : -1]),
        "periodsNode": as_hex(row.path[-1:])[0],
        "coefficient": _coefficient(run, place),
    }


def _step(run: AnchoredRun, place: Place) -> dict[str, Any] | None:
    """A row and the row before it."""
    row = run.run.open(_at(place, LeafKind.ROW))
    earlier = run.before(row.place) if _is_active(run, row.place) else None
    former = run.run.open(earlier) if earlier else None
    if not row.leaf or (former and not former.leaf):
        return None
    shown, detail = row_and_detail(row.leaf)
    before, detail_before = row_and_detail(former.leaf if former else b"")
    within = run.activity.shape.interval_depth if place.t else None
    return {
        **_where(run, place),
        "former": before,
        "formerDetail": detail_before,
        "formerPath": as_hex(former.path[:within]) if former else [],
        "row": shown,
        "detail": detail,
        "path": as_hex(row.path),
    }


def _steps(run: AnchoredRun, place: Place) -> tuple[Place, ...]:
    own = _at(place, LeafKind.ROW)
    earlier = run.before(own)
    return (own, earlier) if earlier else (own,)


def _coefficient(run: AnchoredRun, place: Place) -> dict[str, Any]:
    """The coefficient of a consumption row under a schedule."""
    tree = run.coefficients
    if run.method != _METHOD_SCHEDULED or tree is None or run.activity.feeds_in[place.slot]:
        return dict(_NO_COEFFICIENT)
    shape = tree.activity.shape
    if place.slot >= shape.slots or place.day >= shape.days or place.t >= max(shape.intervals):
        return dict(_NO_COEFFICIENT)
    found = tree.prove_coefficient(place.slot, place.day, place.t)
    told = decode_leaf(found.leaf)
    return {
        "salt": "0x" + told["salt"].hex(),
        "coefficientPpm": told["coefficient"],
        "path": as_hex(found.path),
    }


def _stair_row(run: AnchoredRun, row: Opening, depth: int) -> dict[str, Any]:
    if _is_active(run, row.place):
        shown, detail = row_and_detail(row.leaf)
    else:
        shown, detail = empty(LeafKind.ROW), "0x" + row.hash.hex()
    return {"row": shown, "detail": detail, "path": as_hex(row.path[:depth])}


def shown_or_padding(name: str, kind: LeafKind, found: Opening) -> dict[str, Any]:
    """A leaf by its name, and what stands in its place where it is none."""
    if found.leaf and found.leaf[0] == kind:
        return {name: struct_of(found.leaf), "padding": "0x" + "00" * 32}
    return {name: empty(kind), "padding": "0x" + found.hash.hex()}


def _without_rounds() -> dict[str, Any]:
    stair = empty(LeafKind.STAIR)
    del stair["rounds"]
    return stair


def slots_of_stair(run: AnchoredRun, block: int) -> range:
    """Places of the subtree that a stair's leaves fill."""
    width = min(STRIDE, 1 << run.activity.shape.slot_depth)
    return range(block * STRIDE, block * STRIDE + width)


def _stair_levels() -> int:
    return (STRIDE - 1).bit_length()


def _tree_of(run: AnchoredRun, kind: LeafKind, place: Place) -> Opening | None:
    if kind in {LeafKind.READING, LeafKind.READING_STAIR}:
        return run.batch.open(place)
    if kind in {LeafKind.BILL, LeafKind.BILL_STAIR}:
        return run.bills.open(place) if run.bills else None
    return run.run.open(place)


def _is_settled(run: AnchoredRun, slot: int) -> bool:
    return slot < run.activity.shape.slots and bool(run.activity.settled[slot])


def _is_active(run: AnchoredRun, place: Place) -> bool:
    return place.slot < run.activity.shape.slots and bool(run.activity.active[place.slot, place.day])


def _where(run: AnchoredRun, place: Place) -> dict[str, Any]:
    return {"runId": run.run_id, "slot": place.slot, "day": place.day, "t": place.t}


def _at(place: Place, kind: LeafKind) -> Place:
    return place._replace(kind=kind)


def _header(place: Place) -> Place:
    return Place(LeafKind.HEADER, 0, place.day, place.t)


PROVERS: dict[str, Callable[[AnchoredRun, Place], Proof | None]] = {
    "header": prove_header,
    "input": prove_input,
    "row": prove_row,
    "flow": prove_flow,
    "sum": prove_sum,
    "value": prove_value,
    "totals": prove_totals,
    "slot": prove_slot,
    "last_stair": prove_last_stair,
    "period_totals": prove_period_totals,
    "reading_counts": prove_reading_counts,
    "period_stair": prove_period_stair,
    "stair": prove_stair,
    "reading_stair": prove_reading_stair,
}
