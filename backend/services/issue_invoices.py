"""Issue a final run's invoices: drafted once, numbered without gaps, kept; a later run credits what it changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from backend.billing import Bill, format_invoice_number
from backend.billing.invoices import (
    COMMUNITY_PARTY,
    IssueTerms,
    closing_participants,
    incentive_of,
    invoice_content,
    invoices_of,
    language_of,
    read_invoice,
    restate,
    series_of,
    statements_of,
)
from backend.errors import ConflictError, NotFoundError
from backend.ports import InvoiceRecord, RunState
from backend.services.bundles import run_of
from backend.services.parties import parties_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.billing.invoices import Invoice, PartyDetails, Statement
    from backend.ports import BillRecord, PeriodRecord, Records, RunRecord
    from backend.quantities import SettlementPeriod
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["InvoicedRun", "invoiced_run", "invoiced_runs", "issue_invoices"]


@dataclass(frozen=True, slots=True)
class InvoicedRun:
    """A run's documents.

    Attributes:
        view: The community.
        run: The final run.
        label: Of the period, such as ``2017-06``.
        issued: Date of issue.
        language: Of its statements: that of its invoices.
        span: First and last civil date of the period.
        invoices: Issued for this run, by number.
        statements: Of the participants whom these concern, in seat order.
        total: What the run's bills come to, less what a former run's did. [cents]
        parties: Details by participant.
        names: Of participants and, under ``COMMUNITY_PARTY``, of the community.
        is_new: Whether they were issued just now.
    """

    view: CommunityView
    run: RunRecord
    label: str
    issued: date
    language: str
    span: tuple[date, date]
    invoices: tuple[Invoice, ...]
    statements: tuple[Statement, ...]
    total: int
    parties: Mapping[str, PartyDetails]
    names: Mapping[str, str]
    is_new: bool


def issue_invoices(
    context: SettlementContext, community: str, period: SettlementPeriod, language: str | None = None
) -> InvoicedRun:
    """Issue the invoices of a period's final run; doing it again gives the same ones.

    Args:
        context: Store and clock.
        community: Its id.
        period: The period.
        language: ``en`` or ``fr``; that of the community's country where None.

    Raises:
        ConflictError: If run or bills can still be contested.
        InputError: If a field is missing of somebody whose invoice needs it.
        NotFoundError: If the period is not settled.
    """
    view = context.community(community)
    run = run_of(context, community, period)
    if run.state is not RunState.FINAL or run.bill_state is not RunState.FINAL:
        raise ConflictError(
            f"Run {run.version} of {period.label} of {community} is {run.state.value}, its bills "
            f"{run.bill_state.value}; invoices are issued once both are final: settle again after the contest window."
        )
    with context.store.transaction() as records:
        issued_runs = _issued_runs(records, community, period.id)
        is_new = run.version not in issued_runs
        if is_new:
            _issue(context, records, view, run, language or language_of(view.community.country))
            issued_runs = [*issued_runs, run.version]
            records.put_fact(_fact(community, period.id), issued_runs)
        return _read(records, view, run, issued_runs, is_new=is_new)


def invoiced_run(
    context: SettlementContext, community: str, period: SettlementPeriod, version: int
) -> InvoicedRun:
    """A run whose invoices were issued, also one that a later run corrected: what it asked for is still owed.

    Raises:
        NotFoundError: If no invoices were issued for it.
    """
    found = [run for run in invoiced_runs(context, community) if run.run.period == period.id]
    for invoiced in found:
        if invoiced.run.version == version:
            return invoiced
    known = ", ".join(str(invoiced.run.version) for invoiced in found) or "none"
    raise NotFoundError(
        f"No invoices were issued for run {version} of {period.label} of {community}; they were for: {known}."
    )


def invoiced_runs(context: SettlementContext, community: str) -> list[InvoicedRun]:
    """All runs of a community whose invoices were issued, by period and version; none is issued here.

    Raises:
        NotFoundError: If there is no such community.
    """
    view = context.community(community)
    found = []
    with context.store.reading() as records:
        for run in records.runs(community):
            issued = _issued_runs(records, community, run.period)
            if run.version in issued:
                until = [version for version in issued if version <= run.version]
                found.append(_read(records, view, run, until, is_new=False))
    return found


def _fact(community: str, period: int) -> str:
    return f"invoiced/{community}/{period}"


def _issued_runs(records: Records, community: str, period: int) -> list[int]:
    return [int(version) for version in records.fact(_fact(community, period)) or []]


def _issue(
    context: SettlementContext, records: Records, view: CommunityView, run: RunRecord, language: str
) -> None:
    record = records.period(run.community, run.period)
    assert record is not None, run
    now = context.clock.now_utc()
    today = datetime.fromtimestamp(now, UTC).date()
    bills = _bills(records, run.community, run.period, run.version)
    terms = IssueTerms(
        parties=parties_of(records, run.community),
        issued=today,
        language=language,
        run_version=run.version,
        closing=_leaving(view, record),
    )
    drafts = invoices_of([(bill.number, Bill.from_dict(bill.content)) for bill in bills], terms)
    kept = [read_invoice(invoice.content) for invoice in records.invoices(run.community, run.period)]
    for draft in (part for parts in restate(kept, drafts, today, run.version) for part in parts):
        series = series_of(run.community, draft.seller)
        # The counter's key has a stroke, which no id has: no other community's series can meet it.
        seller = draft.seller.id if draft.seller.is_member else COMMUNITY_PARTY
        counter = records.next_invoice_number(f"{run.community}/invoices/{seller}", today.year)
        number = format_invoice_number(series, today.year, counter)
        records.add_invoice(_record(replace(draft, number=number), run, now))


def _record(invoice: Invoice, run: RunRecord, now: int) -> InvoiceRecord:
    return InvoiceRecord(
        community=run.community,
        number=invoice.number,
        period=run.period,
        version=run.version,
        seller=invoice.seller.id if invoice.seller.is_member else COMMUNITY_PARTY,
        buyer=invoice.buyer.id if invoice.buyer.is_member else COMMUNITY_PARTY,
        type_code=invoice.type.value,
        issued_utc=now,
        content=invoice_content(invoice),
    )


def _leaving(view: CommunityView, record: PeriodRecord) -> frozenset[str]:
    """Whose supply ended within the period: their points do, and none of theirs is there afterwards."""
    last = record.span.until
    ended = closing_participants(record.terms, record.days)
    staying = {
        point.participant
        for point in view.community.metering_points
        if point.valid_to is None or point.valid_to >= last
    }
    return ended - staying


def _read(
    records: Records, view: CommunityView, run: RunRecord, issued_runs: Sequence[int], *, is_new: bool
) -> InvoicedRun:
    record = records.period(run.community, run.period)
    assert record is not None, run
    every = [read_invoice(invoice.content) for invoice in records.invoices(run.community, run.period)]
    own = tuple(invoice for invoice in every if invoice.run_version == run.version)
    before = [version for version in issued_runs if version < run.version]
    now = _bills(records, run.community, run.period, run.version)
    former = _bills(records, run.community, run.period, before[-1]) if before else []
    references = {bill.participant: bill.number for bill in (*former, *now)}
    people = {participant.id: participant.name for participant in view.community.participants}
    parties = parties_of(records, run.community)
    names = people | {COMMUNITY_PARTY: view.community.name}
    names |= {party: details.name for party, details in parties.items() if details.name}
    issued_utc = max((bill.issued_utc for bill in now), default=0)
    issued = own[0].issued if own else datetime.fromtimestamp(issued_utc, UTC).date()
    due = max((date.fromisoformat(bill.content["due"]) for bill in now), default=issued)
    incentives = _difference(_incentives(now), _incentives(former))
    return InvoicedRun(
        view=view,
        run=run,
        label=record.label,
        issued=issued,
        language=own[0].language if own else language_of(view.community.country),
        span=(record.span.first, record.span.until - timedelta(days=1)),
        invoices=own,
        statements=statements_of(own, references, max(due, issued), incentives),
        total=_payable(now) - _payable(former),
        parties=parties,
        names=names,
        is_new=is_new,
    )


def _bills(records: Records, community: str, period: int, version: int) -> list[BillRecord]:
    return sorted(records.bills(community, period, version), key=lambda bill: bill.seat)


def _payable(bills: Sequence[BillRecord]) -> int:
    return sum(int(bill.content["amounts"]["payable"]) for bill in bills)


def _incentives(bills: Sequence[BillRecord]) -> dict[str, int]:
    return {bill.participant: incentive_of(Bill.from_dict(bill.content)) for bill in bills}


def _difference(now: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    return {name: now.get(name, 0) - before.get(name, 0) for name in {**before, **now}}
