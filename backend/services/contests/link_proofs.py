"""The proofs of contests of a flow: of its links by what they cost, of its ends by how their steps are weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.commitments.leaves import LeafKind, decode_leaf
from backend.commitments.openings import Place
from backend.services.contests.forms import as_hex, empty, row_and_detail, struct_of
from backend.services.contests.proofs import Proof

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.commitments import CostsTree
    from backend.services.contests.anchored import AnchoredRun

__all__ = ["LINK_PROVERS"]

_BIAS = 1 << 52  # a round holds potential + 2^52
_BEYOND = 1 << 64  # more than any inequality can be broken by
_NO_HASH = "0x" + "00" * 32


def prove_link(run: AnchoredRun, place: Place) -> Proof | None:
    """A consumer's link carries beyond its cap, too dear, or too little: of its links the one that shows it best."""
    shown, costs = _flow_row(run, place), run.costs
    if shown is None or costs is None or place.slot not in costs.consumers:
        return None
    active = run.activity.active
    producers = [slot for slot in costs.producers if active[slot, place.day]]
    if not producers:
        return None
    rounds = dict(zip(costs.producers, shown["header"]["rounds"], strict=False))
    if not set(producers) <= rounds.keys():
        return None  # the header has not the key's rounds, which is contested otherwise
    row = shown["row"], shown["detail"], shown["header"]
    fed = {slot: _fed_in(run, place, slot) for slot in producers}
    producer = max(
        producers,
        key=lambda slot: _excess(row, costs, (slot, place.slot), rounds[slot], fed_in=fed[slot]),
    )
    found = costs.prove_cost(producer, place.slot)
    told = run.run.open(place._replace(kind=LeafKind.ROW, slot=producer))
    with_row = rounds[producer]["weight"] == 0 and fed[producer]
    producer_row, detail = row_and_detail(told.leaf) if with_row else (empty(LeafKind.ROW), _NO_HASH)
    proof = {
        "consumer": shown,
        "producer": producer,
        "cost": struct_of(found.leaf),
        "costPath": as_hex(found.path),
        "producerRow": producer_row,
        "producerDetail": detail,
        "producerPath": as_hex(told.path) if with_row else [],
    }
    seen = (*_seen(place), *((told.place,) if with_row else ()), Place(LeafKind.COST, place.slot))
    return Proof("link", "link_contests", "contestLink", (proof,), seen)


def prove_step(run: AnchoredRun, place: Place) -> Proof | None:
    """A row's potential is beyond what its own steps allow, or its producer's is not the header's."""
    shown, costs = _flow_row(run, place), run.costs
    if shown is None or costs is None:
        return None
    scale = costs.prove_scale()
    proof = {"end": shown, "scale": struct_of(scale.leaf), "costsRoot": as_hex(scale.path)[0]}
    return Proof("step", "link_contests", "contestStep", (proof,), _seen(place))


def _flow_row(run: AnchoredRun, place: Place) -> dict[str, Any] | None:
    """A row of a computed flow with its detail and header; nothing where one of them is not known."""
    if run.costs is None or place.slot >= run.activity.shape.slots:
        return None
    if not run.activity.active[place.slot, place.day]:
        return None
    row = run.run.open(place._replace(kind=LeafKind.ROW))
    header = run.run.open(Place(LeafKind.HEADER, 0, place.day, place.t))
    detail = run.detail(place)
    if not row.leaf or not header.leaf or not detail:
        return None
    depth = run.activity.shape.interval_depth
    return {
        "runId": run.run_id,
        "slot": place.slot,
        "day": place.day,
        "t": place.t,
        "row": struct_of(row.leaf),
        "detail": struct_of(detail),
        "path": as_hex(row.path),
        "header": struct_of(header.leaf),
        "headerPath": as_hex(header.path[:depth]),
        "stairsRoot": as_hex(header.path[depth : depth + 1])[0],
    }


def _fed_in(run: AnchoredRun, place: Place, producer: int) -> bool:
    row = run.run.open(place._replace(kind=LeafKind.ROW, slot=producer)).leaf
    return bool(row) and decode_leaf(row)["energy"] > 0


def _excess(
    shown: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
    costs: CostsTree,
    link: tuple[int, int],
    of_producer: dict[str, int],
    *,
    fed_in: bool,
) -> int:
    """By how much a link breaks what the protocol asks of it (section 8, *Flow, link by link*); 0 where it does not."""
    row, detail, header = shown
    cost = decode_leaf(costs.prove_cost(*link).leaf)
    carried = sum(flow["energy"] for flow in detail["links"] if flow["slot"] == link[0])
    if carried > cost["cap"]:
        return _BEYOND
    if not (header["feedIn"] and header["consumption"] and row["energy"]):
        return 0
    dearer = of_producer["pool"] - _BIAS + cost["weight"] - detail["potential"]
    may_carry = carried < cost["cap"] and (of_producer["weight"] > 0 or fed_in)
    return max(dearer if carried else 0, -dearer if may_carry else 0)


def _seen(place: Place) -> tuple[Place, ...]:
    own = place._replace(kind=LeafKind.ROW)
    return own, place._replace(kind=LeafKind.DETAIL), Place(LeafKind.HEADER, 0, place.day, place.t)


LINK_PROVERS: dict[str, Callable[[AnchoredRun, Place], Proof | None]] = {
    "link": prove_link,
    "step": prove_step,
}
