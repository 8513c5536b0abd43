"""Write all documents of a run: for members, for the treasurer, for the accountant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.billing.invoices import (
    JournalLine,
    PostedEntry,
    PostingKind,
    journal_lines,
    means_of,
)
from backend.ports.invoice_files import RunDocuments
from backend.services.anchor_documents import salt_of_documents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from backend.ports import Records
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
    with context.store.reading() as records:
        journal = _journal(records, invoiced)
    return RunDocuments(
        community=invoiced.run.community,
        country=invoiced.view.community.country,
        period=invoiced.label,
        run_version=invoiced.run.version,
        language=invoiced.language,
        issued=invoiced.issued,
        span=invoiced.span,
        invoices=invoiced.invoices,
        statements=invoiced.statements,
        names=invoiced.names,
        means={
            statement.participant: means_of(statement, invoiced.parties, invoiced.names)
            for statement in invoiced.statements
        },
        journal=journal,
        salt=salt_of_documents(context, invoiced.run),
    )


def _journal(records: Records, invoiced: InvoicedRun) -> tuple[JournalLine, ...]:
    """The postings of the run's period up to it, those of former runs and their reversals too."""
    run = invoiced.run
    bills = records.bills(run.community, run.period)
    numbers = {f"{run.community}/{run.period}/{bill.version}/bill/{bill.seat}": bill.number for bill in bills}
    days = {
        bill.version: datetime.fromtimestamp(bill.issued_utc, UTC).date() for bill in bills if bill.issued_utc
    }
    posted = []
    for posting in records.postings(run.community, run.period):
        own = posting.id.removesuffix(_REVERSED)
        takes_back = posting.id.endswith(_REVERSED)
        later = [version for version in days if version > posting.version]
        made = min(later) if takes_back and later else posting.version
        if made > run.version:
            continue
        kind = PostingKind.BILL if own in numbers else PostingKind.ROUNDING
        document = numbers.get(own, posting.id)
        posted.append(
            PostedEntry(posting.id, days[made], kind, invoiced.label, takes_back, document, posting.entries)
        )
    return journal_lines(posted, {str(bill.seat): invoiced.names.get(bill.participant, "") for bill in bills})


_REVERSED = "/reversed"
