"""The bundle: one participant's bill of a period and all that proves it, as one JSON object.

Format and meaning: docs/protocol.md, section 11. It holds the participant's own readings and rows, hashes of everything
else, and the interval totals where the privacy rule lets members see them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.commitments.batch_tree import BatchTree
from backend.commitments.bill_tree import BillTree
from backend.commitments.classes_tree import ClassesTree
from backend.commitments.coefficients_tree import CoefficientsTree
from backend.commitments.costs_tree import UNBOUND, CostsTree
from backend.commitments.leaves import decode_leaf
from backend.commitments.links import links_of
from backend.commitments.run_tree import RunTree
from backend.errors import InputError

__all__ = [
    "BUNDLE_FORMAT",
    "BUNDLE_VERSION",
    "BundlePoint",
    "BundleSubject",
    "ChainFacts",
    "PeriodTrees",
    "build_bundle",
]

BUNDLE_FORMAT = "partage-bundle"
BUNDLE_VERSION = 2
CONTRACT_NAMES = (
    "registry",
    "rule_book",
    "period_book",
    "meter_data_ledger",
    "schedule_book",
    "settlement_ledger",
    "billing_ledger",
)

Bundle = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """Which chain a bundle is to be checked against.

    Attributes:
        chain_id: The chain's id.
        genesis_hash: Hash of its first block. [32 bytes]
        contracts: Address by name, of ``CONTRACT_NAMES``. [20 bytes]

    Raises:
        InputError: If a contract is missing or unknown.
    """

    chain_id: int
    genesis_hash: bytes
    contracts: Mapping[str, bytes]

    def __post_init__(self) -> None:
        if set(self.contracts) != set(CONTRACT_NAMES):
            wrong = ", ".join(sorted(set(self.contracts) ^ set(CONTRACT_NAMES)))
            raise InputError(
                f"The contracts of a bundle are {', '.join(CONTRACT_NAMES)}; missing or unknown: {wrong}."
            )


@dataclass(frozen=True, slots=True)
class BundlePoint:
    """One metering point of the participant, as it was confirmed for the period.

    Attributes:
        slot: Its slot.
        number: The operator's number, else its id.
        nonce: What hides the number in its tag. [32 bytes]
        factor_ppm: Participation factor. [ppm]
        from_day: First active day of the period.
        until_day: Day after the last active one.
    """

    slot: int
    number: str
    nonce: bytes
    factor_ppm: int
    from_day: int
    until_day: int


@dataclass(frozen=True, slots=True)
class BundleSubject:
    """Whose bundle of which run it is.

    Attributes:
        period: Days from 1970-01-01 to the period's first civil date.
        run_version: Version of the run. [from 1]
        points: The participant's points that are active on any day; the first by slot is the seat.
        shows_headers: Whether the privacy rule lets the participant see the interval totals.

    Raises:
        InputError: If there is no point, or two share a slot.
    """

    period: int
    run_version: int
    points: Sequence[BundlePoint]
    shows_headers: bool

    def __post_init__(self) -> None:
        slots = {point.slot for point in self.points}
        if not slots or len(slots) != len(self.points):
            raise InputError(
                f"A bundle holds each point of a participant once; {len(self.points)} points at {slots}."
            )

    @property
    def seat(self) -> int:
        """Where the participant's bill sits."""
        return min(point.slot for point in self.points)


@dataclass(frozen=True, slots=True, eq=False)
class PeriodTrees:
    """The trees of a settled and billed period.

    Attributes:
        coefficients: Of a scheduled key: the schedule by which the run was settled.
        credits: Whether the rule credits anything.
        costs: Of a flow key: what links cost.

    Raises:
        InputError: If the trees are not of one community, run and set of points.
    """

    classes: ClassesTree
    batch: BatchTree
    run: RunTree
    bills: BillTree
    coefficients: CoefficientsTree | None = None
    credits: bool = False
    costs: CostsTree | None = None

    def __post_init__(self) -> None:
        shapes = {tree.activity.shape for tree in (self.classes, self.batch, self.run)}
        if len(shapes) != 1:
            raise InputError(f"The trees of a bundle are of one period; these have the shapes {shapes}.")
        if self.bills.run_id != self.run.run_id:
            raise InputError(
                f"The bills are of run 0x{self.bills.run_id.hex()}, not of 0x{self.run.run_id.hex()}."
            )
        if not np.array_equal(self.batch.readings.energy, self.run.settled.energy):
            raise InputError(
                "The run settles other energies than the batch holds; settle the batch that is anchored."
            )


def build_bundle(chain: ChainFacts, subject: BundleSubject, trees: PeriodTrees) -> Bundle:
    """Build a participant's bundle.

    Args:
        chain: Which chain and contracts hold the roots.
        subject: Whose bundle it is.
        trees: The period's trees.

    Returns:
        The object that is written as JSON: strings, whole numbers of up to 64 bits, lists, null.

    Raises:
        InputError: If a point or bill is not in the trees.
    """
    return {
        "format": BUNDLE_FORMAT,
        "version": BUNDLE_VERSION,
        "chain": {
            "chain_id": chain.chain_id,
            "genesis_hash": _hex(chain.genesis_hash),
            "contracts": {name: _hex(chain.contracts[name]) for name in CONTRACT_NAMES},
        },
        "community": _hex(trees.run.keys.community),
        "period": subject.period,
        "run_version": subject.run_version,
        "batch_id": _hex(trees.batch.batch_id),
        "seat": subject.seat,
        "points": [
            _point(point, subject, trees) for point in sorted(subject.points, key=lambda own: own.slot)
        ],
        "reading_stairs_root": _hex(trees.batch.stairs_tree.root),
        "scale": _scale(trees.costs) if trees.costs is not None and subject.shows_headers else None,
        "days": [_day(day, subject, trees.run) for day in range(trees.run.activity.shape.days)],
        "period_stairs_root": _hex(trees.run.period_stairs_tree.root),
        "bill": _bill(subject.seat, trees.bills),
        "bill_stairs_root": _hex(trees.bills.stairs_tree.root),
    }


def _scale(costs: CostsTree) -> Bundle:
    """How links are weighed, beside the root over what they cost."""
    told = decode_leaf(costs.scale_leaf)
    numbers = [told[name] for name in ("shared", "consumer_step", "producer_step", "steps")]
    return {"numbers": numbers, "salt": _hex(told["salt"]), "costs_root": _hex(costs.tree.root)}


def _point(point: BundlePoint, subject: BundleSubject, trees: PeriodTrees) -> Bundle:
    slot, activity, settled = point.slot, trees.run.activity, trees.run.settled
    active = [day for day in range(activity.shape.days) if activity.active[slot, day]]
    if active != list(range(point.from_day, point.until_day)) or not active:
        raise InputError(
            f"Slot {slot} is confirmed for days {point.from_day} to {point.until_day} (excluded), but settled on "
            f"{len(active)} days; a bundle needs both to agree."
        )
    feeds_in = bool(activity.feeds_in[slot])
    return {
        "slot": slot,
        "direction": "feed_in" if feeds_in else "consumption",
        "number": point.number,
        "nonce": _hex(point.nonce),
        "key": _hex(trees.run.keys.slot_keys[slot].tobytes()),
        "factor_ppm": point.factor_ppm,
        "from_day": point.from_day,
        "until_day": point.until_day,
        "vat_class": int(trees.classes.vat_class[slot]),
        "network_class": int(trees.classes.network_class[slot]),
        "class_path": _hexes(trees.classes.class_path(slot)),
        "energy": _by_day(settled.energy, slot, trees.run),
        "allocated": _by_day(settled.allocated, slot, trees.run),
        "quality": _by_day(settled.quality, slot, trees.run),
        "source": _by_day(trees.batch.readings.source, slot, trees.run),
        "value": _by_day(settled.row_value, slot, trees.run),
        "credited": _by_day(settled.credited, slot, trees.run) if trees.credits else None,
        "row_paths": [_hexes(trees.run.row_path(slot, day)) for day in range(activity.shape.days)],
        "reading_path": _hexes(trees.batch.reading_path(slot)),
        "period_path": _hexes(trees.run.period_path(slot)),
        "links": links_of(settled.links, slot, feeds_in=feeds_in).tolist(),
        **_coefficients(slot, trees),
        "details": _details(slot, trees.run),
        "costs": _costs(slot, trees) if subject.shows_headers else None,
    }


def _coefficients(slot: int, trees: PeriodTrees) -> Bundle:
    """What a scheduled key gave a consumption slot, and its way to the schedule root; null for other keys."""
    schedule = trees.coefficients
    if schedule is None or trees.run.activity.feeds_in[slot]:
        return {"coefficients": None, "coefficient_path": None}
    shape, active = trees.run.activity.shape, trees.run.activity.active[slot]
    figures, path = schedule.coefficients_of(slot), schedule.coefficient_path(slot)
    return {
        "coefficients": [
            figures[shape.span(day)].tolist() if active[day] else [] for day in range(shape.days)
        ],
        "coefficient_path": None if path is None else _hexes(path),
    }


def _details(slot: int, run: RunTree) -> list[list[Any]] | None:
    """[potential, [[other's slot, energy]]] of each interval, where the key decides who serves whom."""
    if run.settled.flows is None:
        return None
    details: list[list[Any]] = []
    for day in range(run.activity.shape.days):
        told = []
        if run.activity.active[slot, day]:
            flows = run.settled.flows.on(run.activity, day)
            ends, counts = flows.ends_of(np.array([slot]))
            stops = counts[0].cumsum().tolist()
            told = [
                [int(flows.potential[slot, t]), ends[stop - count : stop].tolist()]
                for t, (stop, count) in enumerate(zip(stops, counts[0].tolist(), strict=True))
            ]
        details.append(told)
    return details


def _costs(slot: int, trees: PeriodTrees) -> list[Bundle] | None:
    """What each link to a consumption slot costs, by producer; null for other slots and keys.

    A producer is not told: what neighbours prefer and where they live is in what they pay, and it needs their rows.
    """
    if trees.costs is None or trees.run.activity.feeds_in[slot]:
        return None
    costs: list[Bundle] = []
    for producer in trees.costs.producers:
        proof = trees.costs.prove_cost(producer, slot)
        told = decode_leaf(proof.leaf)
        costs.append(
            {
                "producer": producer,
                "weight": told["weight"],
                "cap": None if told["cap"] == UNBOUND else told["cap"],
                "salt": _hex(told["salt"]),
                "path": _hexes(proof.path[:-1]),
            }
        )
    return costs


def _by_day(figures: npt.NDArray[Any], slot: int, run: RunTree) -> list[list[int]]:
    shape, active = run.activity.shape, run.activity.active[slot]
    return [figures[slot, shape.span(day)].tolist() if active[day] else [] for day in range(shape.days)]


def _day(day: int, subject: BundleSubject, run: RunTree) -> Bundle:
    trees = run.day_trees[day]
    return {
        "headers": run.headers_of(day) if subject.shows_headers else None,
        "headers_root": _hex(trees.headers_root),
        "stairs_root": _hex(trees.stairs_root),
    }


def _bill(seat: int, bills: BillTree) -> Bundle:
    if seat not in bills.figures:
        raise InputError(f"Seat {seat} has no bill; seats with one are {', '.join(map(str, bills.figures))}.")
    figures = bills.figures[seat]
    return {
        "lines": list(figures.lines),
        "vat_debit": figures.vat_debit,
        "vat_credit": figures.vat_credit,
        "debit": figures.debit,
        "credit": figures.credit,
        "path": _hexes(bills.bill_path(seat)),
    }


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _hexes(path: Sequence[bytes]) -> list[str]:
    return [_hex(node) for node in path]
