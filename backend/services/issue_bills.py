"""Bill a settled run: compute and anchor, then, when run and bills are final, number, issue and post."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from backend.billing import GridCarbon, bill_period, format_invoice_number, post_bills
from backend.metering import PeriodReadings
from backend.ports import BillRecord, ContractCall, OutboxEntry, PostingRecord, RunState
from backend.ports.failpoints import reach
from backend.services.bonds import bond_wei
from backend.services.commit import PeriodCommitments, active_days, bytes_of, hex_of
from backend.services.run_frame import shared_of
from backend.services.windows import has_passed

if TYPE_CHECKING:
    from backend.billing import BillRun
    from backend.community import Rule
    from backend.ports import AllocationFrame, PeriodRecord, Records, RunRecord
    from backend.quantities import PeriodCalendar
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["ComputedBills", "bill_frame", "compute_bills", "issue_bills", "propose_bills"]

_DUE_DAYS = 30
_REVERSED = "/reversed"


class ComputedBills:
    """The bills of the run that one settlement is about: computed when they are first asked for, and once."""

    def __init__(self) -> None:
        self._kept: tuple[str, tuple[BillRun, Rule]] | None = None

    def of(
        self,
        context: SettlementContext,
        view: CommunityView,
        calendar: PeriodCalendar,
        record: PeriodRecord,
        run: RunRecord,
    ) -> tuple[BillRun, Rule]:
        """As ``compute_bills``; the due date is that of the first time."""
        if self._kept is None or self._kept[0] != run.run_id:
            self._kept = (run.run_id, compute_bills(context, view, calendar, record, run))
        return self._kept[1]


def compute_bills(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    record: PeriodRecord,
    run: RunRecord,
) -> tuple[BillRun, Rule]:
    """The bills of a run: a pure function of its rows, terms and rule, but for the due date."""
    frame = context.intervals.allocation(run.community, run.period, run.version)
    return bill_frame(context, view, calendar, record, run, frame)


def bill_frame(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    record: PeriodRecord,
    run: RunRecord,
    frame: AllocationFrame,
) -> tuple[BillRun, Rule]:
    """The bills that rows give, be they those that were kept for the run or others."""
    with context.store.reading() as records:
        version = next(v for v in records.rule_versions(run.community) if v.version == run.rule_version)
    rule = view.rule_of(version)
    billed = bill_period(
        view.community,
        record.terms,
        _readings_of(frame, calendar, record),
        shared_of(frame),
        rule=rule,
        rule_version=run.rule_version,
        due=_due_date(context, calendar),
        grid=_grid_carbon(context, view, calendar),
    )
    return billed, rule


def _readings_of(frame: AllocationFrame, calendar: PeriodCalendar, record: PeriodRecord) -> PeriodReadings:
    return PeriodReadings(calendar, frame.energy, frame.quality, frame.source, active_days(record))


def _due_date(context: SettlementContext, calendar: PeriodCalendar) -> date:
    """Thirty days after the period, or after the bill is made where that is later."""
    today = datetime.fromtimestamp(context.clock.now_utc(), UTC).date()
    return max(calendar.period.until, today) + timedelta(days=_DUE_DAYS)


def _grid_carbon(
    context: SettlementContext, view: CommunityView, calendar: PeriodCalendar
) -> GridCarbon | None:
    source = view.record.carbon_source
    intensity = context.carbon.intensity(source, calendar) if source else None
    return None if intensity is None else GridCarbon(source, intensity)


def propose_bills(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    record: PeriodRecord,
    run: RunRecord,
    computed: ComputedBills,
) -> RunRecord:
    """Compute a run's bills and anchor their root; a run that has bills is returned as it is, unless they were voided.

    Raises:
        BalanceError: If they do not balance; nothing is kept.
        ContractRefusal: If the contract refuses.
    """
    if run.bill_root and run.bill_state is not RunState.VOIDED:
        return run
    billed, _ = computed.of(context, view, calendar, record, run)
    with context.store.reading() as records:
        keys = records.slot_keys(run.community, run.period)
    commitments = PeriodCommitments(view.record.anchor, record, keys, calendar.intervals_per_day)
    contents = {bill.seat: bill.as_dict() for bill in billed.bills}
    tree = commitments.bills(
        bytes_of(run.run_id), {seat: content["amounts"] for seat, content in contents.items()}
    )
    totals = billed.totals
    run = replace(
        run, bill_root=hex_of(tree.root), bill_state=RunState.CONTESTABLE, bill_totals=totals.as_dict()
    )
    proposal = {
        "community": view.record.anchor,
        "runId": run.run_id,
        "root": run.bill_root,
        "debits": totals.debits,
        "credits": totals.credits,
        "fees": totals.fees,
        "vatDebits": totals.vat_debits,
        "vatCredits": totals.vat_credits,
        "passThrough": totals.pass_through,
        "rounding": totals.rounding,
    }
    call = ContractCall("settler", "billing_ledger", "proposeBills", (proposal,), bond_wei(context))
    kept = [
        BillRecord(
            run.community, run.period, run.version, bill.participant.id, bill.seat, contents[bill.seat]
        )
        for bill in billed.bills
    ]

    def keep(records: Records) -> None:
        records.put_run(run)
        for bill in kept:
            records.put_bill(bill)

    context.announce(keep, OutboxEntry(_next_purpose(context, run), run.community, run.period, call))
    return run


def _next_purpose(context: SettlementContext, run: RunRecord) -> str:
    """Names a proposal of bills: those after voided ones are counted."""
    purpose, attempt = f"{run.community}/{run.period}/bills/{run.version}", 1
    with context.store.reading() as records:
        while records.outbox_entry(purpose if attempt == 1 else f"{purpose}/{attempt}") is not None:
            attempt += 1
    return purpose if attempt == 1 else f"{purpose}/{attempt}"


def issue_bills(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    record: PeriodRecord,
    run: RunRecord,
    computed: ComputedBills,
) -> RunRecord:
    """Make a final run's bills final once their window has passed, then number and post them, all in one transaction.

    Numbers are drawn in seat order and never twice; a bill on which nobody owes anything gets one too, so that each
    participant's bill can be named.
    """
    told = context.chain.read("billing_ledger", "bills", run.run_id)
    if told["state"] == 1 and has_passed(context, view.record.anchor, told):
        purpose = f"{run.community}/{run.period}/bills/{run.version}/final"
        call = ContractCall("settler", "billing_ledger", "finalise", (run.run_id,))
        context.announce(lambda _: None, OutboxEntry(purpose, run.community, run.period, call))
        told = context.chain.read("billing_ledger", "bills", run.run_id)
    if told["state"] != 2:  # noqa: PLR2004 -- final
        return run
    reach("bills.final_on_chain")
    billed, rule = computed.of(context, view, calendar, record, run)
    postings = post_bills(billed, rule.tariff, run.version)
    run = replace(run, bill_state=RunState.FINAL)
    now = context.clock.now_utc()
    year = datetime.fromtimestamp(now, UTC).year
    with context.store.transaction() as records:
        for bill in sorted(records.bills(run.community, run.period, run.version), key=lambda bill: bill.seat):
            if not bill.number:
                counter = records.next_invoice_number(run.community, year)
                number = format_invoice_number(run.community, year, counter)
                records.put_bill(replace(bill, number=number, issued_utc=now))
        _reverse_superseded(records, run)
        for posting in postings:
            records.add_posting(
                PostingRecord(
                    posting.id, run.community, run.period, run.version, posting.reason, posting.as_pairs()
                )
            )
        records.put_run(run)
    reach("bills.issued")
    return run


def _reverse_superseded(records: Records, run: RunRecord) -> None:
    """Take back what former runs of the period posted: a correction is a new entry, never an overwrite."""
    kept = records.postings(run.community, run.period)
    known = {posting.id for posting in kept}
    for posting in kept:
        reversal = f"{posting.id}{_REVERSED}"
        if posting.version < run.version and not posting.id.endswith(_REVERSED) and reversal not in known:
            entries = tuple((account, -amount) for account, amount in posting.entries)
            reason = f"superseded by run {run.version}: {posting.reason}"
            records.add_posting(
                PostingRecord(reversal, run.community, run.period, posting.version, reason, entries)
            )
