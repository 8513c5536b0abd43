"""Files for the bank and from it, as services see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.adapters.documents.bank_statements import read_bank_statement
from backend.adapters.documents.sepa_files import end_to_end_of, write_debits, write_transfers

if TYPE_CHECKING:
    from datetime import date

    from backend.billing.invoices import BankMovement, PartyDetails, Payment

__all__ = ["BankFiles"]


class BankFiles:
    """Implements ``backend.ports.invoice_files.PaymentFiles``: pain.008, pain.001, camt.053."""

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
        return write_debits(name, account, payments, run=run, made=made, collected=collected)

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
        return write_transfers(name, account, payments, run=run, made=made, executed=executed)

    def movements(self, content: bytes, file: str) -> tuple[str, list[BankMovement]]:
        """The account's IBAN and the movements of a bank statement."""
        return read_bank_statement(content, file)

    def end_to_end(self, reference: str) -> str:
        """The end-to-end id of a bill's number."""
        return end_to_end_of(reference)
