"""Rebuild a run from the readings of its batch, and say where what was anchored is something else.

Nothing that was kept beside the run is believed: readings are read as the batch's loads gave them, shared by the frozen
rule, committed to and billed again. Only then is what was kept held against it, which shows *where* a run differs.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.commitments.amended import differing
from backend.commitments.openings import BatchOpenings, BillOpenings, Openings, Place, RunOpenings
from backend.errors import NotFoundError
from backend.ports import AllocationFrame
from backend.quantities import PeriodCalendar
from backend.services.anchor_batch import assemble
from backend.services.commit import PeriodCommitments, bytes_of, hex_of
from backend.services.gap_methods import made_with
from backend.services.issue_bills import bill_frame
from backend.services.open_period import band_codes
from backend.services.run_basis import basis_named
from backend.services.run_frame import settle_frame
from backend.services.treatments import treatments_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from backend.commitments import BatchTree, BillTree, RunTree
    from backend.community import Rule
    from backend.metering import PeriodReadings
    from backend.ports import BatchRecord, PeriodRecord, RuleVersionRecord, RunRecord
    from backend.services.context import CommunityView, SettlementContext

__all__ = [
    "Difference",
    "KeptTrees",
    "Rebuilt",
    "Replay",
    "batch_trees",
    "kept_trees",
    "rebuild_run",
    "replay_run",
]

_CLAIMS = (
    ("feedIn", "feed_in"),
    ("consumption", "consumption"),
    ("allocated", "allocated"),
    ("shared", "shared"),
)
_COUNTS = ("measured", "estimated", "missing")
_BILL_TOTALS = (
    ("debits", "debits"),
    ("credits", "credits"),
    ("fees", "fees"),
    ("vatDebits", "vat_debits"),
    ("vatCredits", "vat_credits"),
    ("passThrough", "pass_through"),
    ("rounding", "rounding"),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not what the readings give.

    Attributes:
        what: ``batch``, ``run``, ``bills``: what is anchored; ``kept``: what is kept here of the run; ``withheld``: the
            run was made of something that is not here.
        field: Which of it: ``root``, a total's name, or of leaves empty.
        place: The leaf, where one is known.
        held: What is there, in words.
        due: What should be, in words.
    """

    what: str
    field: str
    place: Place | None
    held: str
    due: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A run as its readings and its rule give it.

    Attributes:
        view: The community.
        record: The period as opened.
        calendar: Its intervals.
        version: Of the rule in force.
        rule: That it states.
        run: The run as kept.
        batch: Its batch as kept.
        basis: What the run has to rest on beside it. [0x-hex]
        commitments: What trees of the period are built with.
        readings: Of the batch.
        frame: The rows.
        batch_tree: Of the readings.
        run_tree: Of the rows.
        bill_tree: Of the bills; None where the run has none yet.
        bill_totals: What the bills sum to, by field; none where there are none.
    """

    view: CommunityView
    record: PeriodRecord
    calendar: PeriodCalendar
    version: RuleVersionRecord
    rule: Rule
    run: RunRecord
    batch: BatchRecord
    basis: str
    commitments: PeriodCommitments
    readings: PeriodReadings
    frame: AllocationFrame
    batch_tree: BatchTree
    run_tree: RunTree
    bill_tree: BillTree | None
    bill_totals: Mapping[str, Any]

    @property
    def bands(self) -> list[int]:
        """Tariff band of each interval."""
        return band_codes(self.rule, self.calendar)


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found.

    Attributes:
        rebuilt: The run as it should be.
        differences: What is otherwise, the anchored first; empty where all is as it should be.
    """

    rebuilt: Rebuilt
    differences: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        """Is the run what its readings give?"""
        return not self.differences


@dataclass(frozen=True, slots=True)
class KeptTrees:
    """The trees as they are kept, from which everything anchored can be shown; bills where there are any.

    Attributes:
        run: Of the rows.
        batch: Of the readings.
        bills: Of the bills.
        frame: The rows, for what leaves hold the hash of: links and details.
    """

    run: Openings
    batch: Openings
    bills: Openings | None
    frame: AllocationFrame


def rebuild_run(context: SettlementContext, run: RunRecord) -> Rebuilt:
    """Read, share, commit to and bill a run again.

    Raises:
        NotFoundError: If what it was made of is not kept.
        PartageError: Of the key, the tariff or the balance.
    """
    view = context.community(run.community)
    with context.store.reading() as records:
        record = records.period(run.community, run.period)
        batches = records.batches(run.community, run.period)
        versions = records.rule_versions(run.community)
        keys = records.slot_keys(run.community, run.period)
    if record is None:
        raise NotFoundError(
            f"period {run.period} of {run.community} is not open; there is nothing to replay."
        )
    version = next(v for v in versions if v.version == run.rule_version)
    rule = view.rule_of(version)
    calendar = PeriodCalendar(record.span, view.community.time_zone, view.community.resolution_minutes)
    *former, batch = batches[: run.batch_version]
    readings = _readings_of(context, view, calendar, record, batch, former)
    basis = basis_named(context, record, calendar, rule, run.basis)
    bands = band_codes(rule, calendar)
    frame = settle_frame(view, record, rule, readings, bands, basis)
    commitments = PeriodCommitments(view.record.anchor, record, keys, calendar.intervals_per_day)
    batch_tree = commitments.batch(
        bytes_of(batch.batch_id), readings.energy, readings.quality, readings.source
    )
    run_tree = commitments.run(bytes_of(run.run_id), frame, bands, rule)
    bill_tree, totals = None, {}
    if run.bill_root:
        billed, _ = bill_frame(context, view, calendar, record, run, frame)
        amounts = {bill.seat: bill.as_dict()["amounts"] for bill in billed.bills}
        bill_tree, totals = commitments.bills(bytes_of(run.run_id), amounts), billed.totals.as_dict()
    return Rebuilt(
        view,
        record,
        calendar,
        version,
        rule,
        run,
        batch,
        basis.id,
        commitments,
        readings,
        frame,
        batch_tree,
        run_tree,
        bill_tree,
        totals,
    )


def _readings_of(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    record: PeriodRecord,
    batch: BatchRecord,
    former: Sequence[BatchRecord],
) -> PeriodReadings:
    """The readings of a batch: what was decided about readings then is known by the hash of its inputs."""
    decided = treatments_of(context, record.community)
    treatments = made_with(context, view, calendar, record, batch, decided)
    if treatments is None:
        raise NotFoundError(
            f"what was decided about readings when batch {batch.version} of {record.label} was made, or what its "
            "estimates rest on (register reads, public holidays), is not what is known today; it cannot be rebuilt "
            "here."
        )
    readings, _ = assemble(context, view, calendar, record, batch.loads, treatments, former)
    return readings


def batch_trees(context: SettlementContext, rebuilt: Rebuilt) -> list[tuple[str, BatchTree]]:
    """Id and tree of each batch of the period before the run's, but those that cannot be rebuilt here."""
    record = rebuilt.record
    with context.store.reading() as records:
        batches = records.batches(record.community, record.period)[: rebuilt.batch.version - 1]
    trees = []
    for place, batch in enumerate(batches):
        try:
            readings = _readings_of(context, rebuilt.view, rebuilt.calendar, record, batch, batches[:place])
        except NotFoundError:
            continue
        batch_id = bytes_of(batch.batch_id)
        tree = rebuilt.commitments.batch(batch_id, readings.energy, readings.quality, readings.source)
        if hex_of(tree.root) == batch.root:
            trees.append((batch.batch_id, tree))
    return trees


def kept_trees(context: SettlementContext, rebuilt: Rebuilt) -> KeptTrees:
    """The trees of what is kept of a run, whatever it says."""
    run = rebuilt.run
    frame = context.intervals.allocation(run.community, run.period, run.version)
    tree = rebuilt.commitments.run(bytes_of(run.run_id), frame, rebuilt.bands, rebuilt.rule, conserving=False)
    bills = None
    if run.bill_root:
        with context.store.reading() as records:
            kept = records.bills(run.community, run.period, run.version)
        amounts = {bill.seat: bill.content["amounts"] for bill in kept}
        bill_tree = rebuilt.commitments.bills(bytes_of(run.run_id), amounts)
        bills = BillOpenings(bill_tree, tree.activity)
    return KeptTrees(RunOpenings(tree), BatchOpenings(rebuilt.batch_tree), bills, frame)


def replay_run(context: SettlementContext, run: RunRecord) -> Replay:
    """Rebuild a run and hold the chain, then what is kept here, against it.

    Raises:
        NotFoundError: If what it was made of is not kept.
        PartageError: Of the key, the tariff or the balance.
    """
    rebuilt = rebuild_run(context, run)
    found = [*_anchored(context, rebuilt)]
    kept = context.intervals.allocation(run.community, run.period, run.version)
    if _costs_of(kept) != _costs_of(rebuilt.frame):
        found.append(
            Difference("kept", "costs", None, "others", "what links cost by today's terms and places")
        )
    strange = {difference.what for difference in found if difference.field == "root"}
    if strange or not _same_frame(kept, rebuilt.frame):
        found += _placed(kept_trees(context, rebuilt), context, rebuilt, strange)
    return Replay(rebuilt, tuple(found))


def _anchored(context: SettlementContext, rebuilt: Rebuilt) -> Iterator[Difference]:
    """What the chain says otherwise."""
    read, run = context.chain.read, rebuilt.run
    told = read("meter_data_ledger", "batch", rebuilt.batch.batch_id)
    due = {
        "root": hex_of(rebuilt.batch_tree.root),
        **{name: getattr(rebuilt.batch_tree, name) for name in _COUNTS},
    }
    yield from _compared("batch", told, due)
    told = read("settlement_ledger", "run", run.run_id)
    claims = {name: getattr(rebuilt.run_tree, own) for name, own in _CLAIMS}
    batch = {"batchId": rebuilt.batch.batch_id, "basis": rebuilt.basis, "ruleVersion": run.rule_version}
    yield from _compared("run", told, {"root": hex_of(rebuilt.run_tree.root), **claims, **batch})
    if rebuilt.bill_tree is not None:
        told = read("billing_ledger", "bills", run.run_id)
        totals = {name: rebuilt.bill_totals[own] for name, own in _BILL_TOTALS}
        yield from _compared("bills", told, {"root": hex_of(rebuilt.bill_tree.root), **totals})


def _compared(what: str, told: Mapping[str, Any], due: Mapping[str, Any]) -> Iterator[Difference]:
    for field, expected in due.items():
        if told[field] != expected:
            yield Difference(what, field, None, str(told[field]), str(expected))


def _costs_of(frame: AllocationFrame) -> list[list[int]]:
    parts = (frame.link_costs, frame.flow_scale)
    return [part.ravel().tolist() for part in parts if part is not None]


def _same_frame(kept: AllocationFrame, rebuilt: AllocationFrame) -> bool:
    """Do two frames hold the same? What the key would have given beside the operator's is an explanation only."""
    for field in fields(AllocationFrame):
        one, other = getattr(kept, field.name), getattr(rebuilt, field.name)
        if field.name == "computed" or (one is None and other is None):
            continue
        if one is None or other is None or not np.array_equal(one, other):
            return False
    return True


def _placed(
    kept: KeptTrees, context: SettlementContext, rebuilt: Rebuilt, strange: set[str]
) -> Iterator[Difference]:
    """Where what is kept differs, leaf by leaf; that it is not what was anchored, where its root is another."""
    honest: list[tuple[str, Openings | None, Openings | None, str]] = [
        ("run", RunOpenings(rebuilt.run_tree), kept.run, _root_on_chain(context, rebuilt, "run")),
    ]
    if rebuilt.bill_tree is not None:
        bills = BillOpenings(rebuilt.bill_tree, rebuilt.run_tree.activity)
        honest.append(("bills", bills, kept.bills, _root_on_chain(context, rebuilt, "bills")))
    for what, due, there, root in honest:
        if due is None or there is None:
            continue
        if what in strange and hex_of(there.root) != root:
            yield Difference("withheld", what, None, root, hex_of(there.root))
        for place in differing(due, there):
            yield Difference(
                what if what in strange else "kept",
                "",
                place,
                "0x" + there.open(place).leaf.hex(),
                "0x" + due.open(place).leaf.hex(),
            )


def _root_on_chain(context: SettlementContext, rebuilt: Rebuilt, what: str) -> str:
    contract = {"run": "settlement_ledger", "bills": "billing_ledger"}[what]
    return str(context.chain.read(contract, what, rebuilt.run.run_id)["root"])
