"""The proofs of contests of bills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.commitments import STRIDE
from backend.commitments.leaves import LeafKind, decode_leaf
from backend.commitments.openings import Place
from backend.services.contests.forms import as_hex, empty, struct_of
from backend.services.contests.proofs import Proof, shown_or_padding, slots_of_stair

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.services.contests.anchored import AnchoredRun

__all__ = ["BILL_PROVERS"]

_NO_SALT = "0x" + "00" * 16
_STAIR_LEVELS = (STRIDE - 1).bit_length()


def prove_bill(run: AnchoredRun, place: Place) -> Proof | None:
    """A bill is not what tariff and classes give for the participant's period leaves."""
    if run.bills is None or place.slot >= run.activity.shape.slots:
        return None
    seat = run.seats[place.slot]
    bill = run.bills.open(Place(LeafKind.BILL, seat))
    slots = run.slots_of(seat)
    if not bill.leaf or not slots or not run.activity.settled[seat]:
        return None
    points = [_point(run, slot) for slot in slots]
    if None in points:
        return None
    frozen = run.classes.prove_class(seat)
    told = decode_leaf(frozen.leaf)
    proof = {
        "runId": run.run_id,
        "seat": seat,
        "bill": struct_of(bill.leaf),
        "billPath": as_hex(bill.path),
        "points": points,
        "classSalt": "0x" + told["salt"].hex(),
        "vatClass": told["vat_class"],
        "networkClass": told["network_class"],
        "classPath": as_hex(frozen.path),
    }
    shown = (bill.place, *(Place(LeafKind.PERIOD, slot) for slot in slots))
    if run.producers_sell:
        shown = (*shown, *(Place(LeafKind.LINKS, slot) for slot in slots))
    return Proof("bill", "bill_contests", "contestBill", (proof,), shown)


def _point(run: AnchoredRun, slot: int) -> dict[str, Any] | None:
    period = run.run.open(Place(LeafKind.PERIOD, slot))
    links: dict[str, Any] = {"salt": _NO_SALT, "links": []}
    if run.producers_sell:
        leaf = run.links(slot)
        if not leaf:
            return None
        links = struct_of(leaf)
    if not period.leaf:
        return None
    return {
        "slot": slot,
        "period": struct_of(period.leaf),
        "periodPath": as_hex(period.path),
        "linksSalt": links["salt"],
        "links": links["links"],
    }


def prove_bill_stair(run: AnchoredRun, place: Place) -> Proof | None:
    """A bill stair is not the one before and its bills."""
    if run.bills is None:
        return None
    shape = run.activity.shape
    block = place.slot if place.kind is LeafKind.BILL_STAIR else place.slot // STRIDE
    stair = run.bills.open(Place(LeafKind.BILL_STAIR, block))
    former = run.bills.open(Place(LeafKind.BILL_STAIR, block - 1)) if block else None
    bills = [run.bills.open(Place(LeafKind.BILL, slot)) for slot in slots_of_stair(run, block)]
    if not stair.leaf or (former and not former.leaf):
        return None
    levels = min(shape.slot_depth, _STAIR_LEVELS)
    proof = {
        "runId": run.run_id,
        "block": block,
        "former": struct_of(former.leaf) if former else empty(LeafKind.BILL_STAIR),
        "formerPath": as_hex(former.path[: shape.stair_depth]) if former else [],
        "stair": struct_of(stair.leaf),
        "path": as_hex(stair.path),
        "bills": [shown_or_padding("bill", LeafKind.BILL, found) for found in bills],
        "upper": as_hex(bills[0].path[levels : shape.slot_depth]),
    }
    shown = tuple(found.place for found in bills if found.leaf)
    return Proof("bill_stair", "bill_contests", "contestBillStair", (proof,), shown)


def prove_bill_totals(run: AnchoredRun, _: Place) -> Proof | None:
    """The last bill stair is not what the bills claim."""
    if run.bills is None:
        return None
    stair = run.bills.open(Place(LeafKind.BILL_STAIR, run.activity.shape.blocks - 1))
    if not stair.leaf:
        return None
    arguments = (run.run_id, struct_of(stair.leaf), as_hex(stair.path))
    return Proof("bill_totals", "bill_contests", "contestBillTotals", arguments, (stair.place,))


BILL_PROVERS: dict[str, Callable[[AnchoredRun, Place], Proof | None]] = {
    "bill_totals": prove_bill_totals,
    "bill": prove_bill,
    "bill_stair": prove_bill_stair,
}
