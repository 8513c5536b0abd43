"""Write all documents of a run: for members, for the treasurer, for the accountant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.billing.invoices import (
    COMMUNITY_PARTY,
    JournalLine,
    PaymentCode,
    PaymentMeans,
    PostedEntry,
    journal_lines,
)
from backend.ports.invoice_files import RunDocuments
from backend.services.anchor_documents import salt_of_documents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from backend.ports import Records, RunRecord
    from backend.ports.invoice_files import InvoiceFiles, WrittenDocuments
    from backend.services.context import SettlementContext
    from backend.services.issue_invoices import InvoicedRun

__all__ = ["documents_of_run", "export_invoices"]


def export_invoices(
    context: SettlementContext,
    invoiced: InvoicedRun,
    write: InvoiceFiles,
    folder: Path,
    on_step: Callable[[str], None],
    *,
    archive: bool = False,
) -> WrittenDocuments:
    """Write a run's documents into a folder; what is there already is left as it is.

    Raises:
        InputError: If the folder cannot be written, or holds another run.
        BalanceError: If an invoice breaks a business rule, or the journal does not balance.
    """
    return write(documents_of_run(context, invoiced), folder, on_step, archive=archive)


def documents_of_run(context: SettlementContext, invoiced: InvoicedRun) -> RunDocuments:
    """All that is written of a run."""
    own = invoiced.parties[COMMUNITY_PARTY]
    account = PaymentMeans(PaymentCode.SET_OFF)
    if own.iban:
        name = invoiced.names[COMMUNITY_PARTY]
        account = PaymentMeans(PaymentCode.SEPA_TRANSFER, own.iban, own.bic, name)
    with context.store.reading() as records:
        journal = _journal(records, invoiced.run)
    return RunDocuments(
        community=invoiced.run.community,
        country=invoiced.view.community.country,
        period=invoiced.label,
        run_version=invoiced.run.version,
        invoices=invoiced.invoices,
        statements=invoiced.statements,
        names=invoiced.names,
        account=account,
        journal=journal,
        salt=salt_of_documents(context, invoiced.run),
    )


def _journal(records: Records, run: RunRecord) -> tuple[JournalLine, ...]:
    """The postings of the run's period, those of former runs and their reversals too."""
    bills = records.bills(run.community, run.period)
    numbers = {f"{bill.version}/bill/{bill.seat}": bill.number for bill in bills}
    days = {
        bill.version: datetime.fromtimestamp(bill.issued_utc, UTC).date() for bill in bills if bill.issued_utc
    }
    posted = []
    for posting in records.postings(run.community, run.period):
        own = posting.id.removesuffix(_REVERSED)
        later = [version for version in days if version > posting.version]
        version = min(later) if posting.id.endswith(_REVERSED) and later else posting.version
        document = next((number for tail, number in numbers.items() if own.endswith(f"/{tail}")), posting.id)
        posted.append(PostedEntry(posting.id, days[version], posting.reason, document, posting.entries))
    return journal_lines(posted, {str(bill.seat): bill.participant for bill in bills})


_REVERSED = "/reversed"
