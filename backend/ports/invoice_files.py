"""Files of a run's invoices, as the service hands them over and learns what was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from backend.billing.invoices import (
        BankMovement,
        Invoice,
        JournalLine,
        PartyDetails,
        Payment,
        PaymentMeans,
        Statement,
    )

__all__ = ["InvoiceFiles", "PaymentFiles", "RunDocuments", "WrittenDocuments"]


@dataclass(frozen=True, slots=True)
class RunDocuments:
    """All that is written of a run.

    Attributes:
        community: Its id.
        country: ISO 3166-1, for the form of the journal.
        period: Label.
        run_version: Of the run.
        language: Of its statements, ``en`` or ``fr``.
        issued: Date of issue.
        span: First and last civil date of the period.
        invoices: Its invoices and credit notes.
        statements: What they come to for each participant.
        names: Of participants; the community's under the empty id.
        means: How each participant's statement is paid, by its id.
        journal: The period's postings.
        salt: Keeps the manifest from being guessed, 0x-hex.
    """

    community: str
    country: str
    period: str
    run_version: int
    language: str
    issued: date
    span: tuple[date, date]
    invoices: tuple[Invoice, ...]
    statements: tuple[Statement, ...]
    names: Mapping[str, str]
    means: Mapping[str, PaymentMeans]
    journal: tuple[JournalLine, ...]
    salt: str


@dataclass(frozen=True, slots=True)
class WrittenDocuments:
    """What is in the folder.

    Attributes:
        files: All that the manifest names. [1]
        new: Of them, written just now. [1]
        manifest_hash: keccak-256 of the manifest, 0x-hex: what can be anchored.
        archive: The zip file, where one was asked for.
    """

    files: int
    new: int
    manifest_hash: str
    archive: Path | None


class InvoiceFiles(Protocol):
    """Writes a run's documents into a folder."""

    def __call__(
        self, documents: RunDocuments, folder: Path, on_step: Callable[[str], None], *, archive: bool
    ) -> WrittenDocuments:
        """Write what is not there yet, each file whole or not at all."""
        ...


class PaymentFiles(Protocol):
    """Files for the bank, and from it."""

    def debits(
        self,
        name: str,
        account: PartyDetails,
        payments: tuple[Payment, ...],
        *,
        run: str,
        made: date,
        collected: date,
    ) -> bytes:
        """A SEPA direct debit."""
        ...

    def transfers(
        self,
        name: str,
        account: PartyDetails,
        payments: tuple[Payment, ...],
        *,
        run: str,
        made: date,
        executed: date,
    ) -> bytes:
        """A SEPA credit transfer."""
        ...

    def movements(self, content: bytes, file: str) -> tuple[str, list[BankMovement]]:
        """The account's IBAN and the movements of a bank statement."""
        ...

    def end_to_end(self, reference: str) -> str:
        """The end-to-end id of a bill's number."""
        ...
