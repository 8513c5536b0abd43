"""From where a run differs to the contest that proves it: the cheapest one that the contract says it would take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.commitments import STRIDE
from backend.commitments.leaves import LeafKind
from backend.commitments.openings import Place
from backend.errors import ContractRefusal
from backend.ports import ContractCall
from backend.services.contests.bill_proofs import BILL_PROVERS
from backend.services.contests.estimate_proofs import ESTIMATE_PROVERS
from backend.services.contests.link_proofs import LINK_PROVERS
from backend.services.contests.proofs import PROVERS, Proof

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backend.ports import ChainGateway
    from backend.services.contests.anchored import AnchoredRun

__all__ = ["CONTESTS", "call_of", "candidates", "find_contest", "try_contest"]

CONTESTS = {**PROVERS, **LINK_PROVERS, **ESTIMATE_PROVERS, **BILL_PROVERS}

# What can be wrong about a leaf, the least that has to be shown first.
_BY_KIND: dict[LeafKind, tuple[str, ...]] = {
    LeafKind.HEADER: ("slot", "header", "last_stair"),
    LeafKind.STAIR: ("slot", "last_stair", "stair"),
    LeafKind.ROW: ("slot", "input", "row", "flow", "sum", "value", "totals", "step", "link", "stair"),
    LeafKind.PERIOD: ("slot", "totals", "bill", "period_stair"),
    LeafKind.PERIOD_STAIR: ("slot", "period_totals", "period_stair"),
    LeafKind.BILL: ("slot", "bill", "bill_stair"),
    LeafKind.BILL_STAIR: ("slot", "bill_totals", "bill_stair"),
    LeafKind.READING: ("slot", "linear", "similar", "method", "replaced", "input", "reading_stair"),
    LeafKind.READING_STAIR: ("slot", "reading_counts", "reading_stair"),
}
_BILL_CONTESTS = frozenset(BILL_PROVERS)


def call_of(proof: Proof, by: str) -> ContractCall:
    """The call that sends a proof."""
    return ContractCall(by, proof.contract, proof.function, proof.arguments)


def try_contest(chain: ChainGateway, run: AnchoredRun, name: str, place: Place, by: str) -> Proof | None:
    """The proof of a contest at a place, where it can be made and the contract would take it."""
    proof = CONTESTS[name](run, place)
    if proof is None:
        return None
    try:
        chain.preflight(call_of(proof, by))
    except ContractRefusal:
        return None
    return proof


def candidates(run: AnchoredRun, places: Iterable[Place]) -> Iterator[tuple[str, Place]]:
    """Contests to try for leaves that differ: those of the leaves, then those of rows behind a header, then of sums."""
    listed = list(places)
    seen: set[tuple[str, Place]] = set()
    for name, place in (*_of_leaves(listed), *_behind_headers(run, listed), *_of_sums(run)):
        if (name, place) not in seen:
            seen.add((name, place))
            yield name, place


def _of_leaves(places: list[Place]) -> Iterator[tuple[str, Place]]:
    for place in places:
        for name in _BY_KIND.get(place.kind, ()):
            yield name, place


def _behind_headers(run: AnchoredRun, places: list[Place]) -> Iterator[tuple[str, Place]]:
    """A header that differs may be refuted by any row of its interval; a stair by what follows it."""
    for place in places:
        if place.kind is LeafKind.HEADER:
            slots = [int(slot) for slot in run.activity.slots_on(place.day)]
            for name in ("row", "value", "step", "link"):
                yield from ((name, Place(LeafKind.ROW, slot, place.day, place.t)) for slot in slots)
        if place.kind is LeafKind.STAIR and place.slot + 1 < run.activity.shape.blocks:
            yield "stair", place._replace(slot=place.slot + 1)
        if place.kind is LeafKind.ROW and place.t + 1 < run.intervals(place.day):
            yield "sum", place._replace(t=place.t + 1)


def _of_sums(run: AnchoredRun) -> Iterator[tuple[str, Place]]:
    shape = run.activity.shape
    yield "period_totals", Place(LeafKind.PERIOD_STAIR, shape.blocks - 1)
    yield "reading_counts", Place(LeafKind.READING_STAIR, shape.slots - 1, shape.days - 1)
    yield "bill_totals", Place(LeafKind.BILL_STAIR, (shape.slots - 1) // STRIDE)


def find_contest(
    chain: ChainGateway, run: AnchoredRun, places: Iterable[Place], by: str, *, bills_only: bool = False
) -> Proof | None:
    """The first contest of those that concern these leaves that the contract would take; None where none is.

    Args:
        chain: Asked by ``eth_call``.
        run: The trees as anchored.
        places: Leaves that differ from what they should be.
        by: Name of the key that would send it.
        bills_only: Leave the run alone.
    """
    for name, place in candidates(run, places):
        if (
            bills_only
            and name not in _BILL_CONTESTS
            and place.kind not in {LeafKind.BILL, LeafKind.BILL_STAIR}
        ):
            continue
        proof = try_contest(chain, run, name, place, by)
        if proof is not None:
            return proof
    return None
