"""Files for the bank: a direct debit (pain.008) and a credit transfer (pain.001), written by ``sepaxml``.

The message's id and time come from the run, not from chance: writing the same payments again gives the same bytes, and
a bank that was handed a file twice knows it again.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from backend.errors import BalanceError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.billing.invoices import PartyDetails, Payment

__all__ = ["end_to_end_of", "write_debits", "write_transfers"]

_DEBIT_SCHEMA = "pain.008.001.08"
_TRANSFER_SCHEMA = "pain.001.001.09"
_ID_MAX = 35
_ID_MARKS = frozenset("/-?:().,'+ ")


def write_debits(
    name: str, account: PartyDetails, payments: Sequence[Payment], *, run: str, made: date, collected: date
) -> bytes:
    """Collect payments by mandate.

    Args:
        name: Of the community.
        account: Its details: account and creditor identifier.
        payments: Of participants with a mandate; at least one.
        run: What the file pays, such as ``roof/2017-06/1``: the message's id is made of it.
        made: Date of the message.
        collected: When the accounts are debited.

    Raises:
        InputError: If nothing is to be collected, or a value does not fit the bank's form.
        BalanceError: If the file does not come to the payments.
    """
    from sepaxml import SepaDD

    _require_payments(payments, "collected by mandate")
    config: dict[str, Any] = {
        "name": name,
        "IBAN": account.iban,
        "batch": True,
        "creditor_id": account.creditor_id,
        "currency": "EUR",
    } | ({"BIC": account.bic} if account.bic else {})
    message = SepaDD(config, schema=_DEBIT_SCHEMA, clean=True)
    for payment in payments:
        message.add_payment(
            _common(payment)
            | {
                "type": "FRST" if payment.is_first else "RCUR",
                "collection_date": collected,
                "mandate_id": payment.details.mandate_id,
                "mandate_date": payment.mandate_day,
            }
        )
    return _finish(message, _DEBIT_SCHEMA, payments, run, made)


def write_transfers(
    name: str, account: PartyDetails, payments: Sequence[Payment], *, run: str, made: date, executed: date
) -> bytes:
    """Pay participants out; arguments and errors as of ``write_debits``."""
    from sepaxml import SepaTransfer

    _require_payments(payments, "paid out")
    config: dict[str, Any] = {"name": name, "IBAN": account.iban, "batch": True, "currency": "EUR"} | (
        {"BIC": account.bic} if account.bic else {}
    )
    message = SepaTransfer(config, schema=_TRANSFER_SCHEMA, clean=True)
    for payment in payments:
        message.add_payment(_common(payment) | {"execution_date": executed})
    return _finish(message, _TRANSFER_SCHEMA, payments, run, made)


def end_to_end_of(reference: str) -> str:
    """The end-to-end id of a bill: its number, where that fits into 35 characters of the SEPA set."""
    fits = len(reference) <= _ID_MAX and all(
        char.isascii() and (char.isalnum() or char in _ID_MARKS) for char in reference
    )
    return reference if fits else sha256(reference.encode()).hexdigest()[:_ID_MAX]


def _common(payment: Payment) -> dict[str, Any]:
    details = payment.details
    common = {
        "name": payment.name,
        "IBAN": details.iban,
        "amount": payment.amount,
        "description": payment.reference,
        "endtoend_id": end_to_end_of(payment.reference),
    }
    return common | ({"BIC": details.bic} if details.bic else {})


def _require_payments(payments: Sequence[Payment], how: str) -> None:
    if not payments:
        raise InputError(f"There is nothing to be {how} in this run.")


def _finish(message: Any, schema: str, payments: Sequence[Payment], run: str, made: date) -> bytes:
    """Give the message its ids and its time, and hold it against the schema and the payments."""
    from lxml import etree

    tree = etree.fromstring(message.export(validate=False))
    space = f"{{urn:iso:std:iso:20022:tech:xsd:{schema}}}"
    message_id = sha256(f"{schema}/{run}".encode()).hexdigest()[:_ID_MAX]
    for place, node in enumerate(tree.iter(f"{space}MsgId", f"{space}PmtInfId")):
        node.text = message_id if not place else f"{message_id[: _ID_MAX - 3]}-{place:02d}"
    for node in tree.iter(f"{space}CreDtTm"):
        node.text = datetime.combine(made, time(), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    _hold_schema(tree, schema)
    found = [node.text or "" for node in tree.iter(f"{space}InstdAmt")]
    due = sum(payment.amount for payment in payments)
    totals = {node.text for node in tree.iterfind(f".//{space}GrpHdr/{space}CtrlSum")}
    if sum(_cents(text) for text in found) != due or {_cents(text or "") for text in totals} != {due}:
        raise BalanceError(
            f"The payment file does not come to the {due} cents of the run; it is not written."
        )
    written = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    assert isinstance(written, bytes)
    return written


def _hold_schema(tree: Any, name: str) -> None:
    from importlib.resources import files

    from lxml import etree

    schema = etree.XMLSchema(file=str(files("sepaxml").joinpath("schemas", f"{name}.xsd")))
    if not schema.validate(tree):
        # The message may hold an account or a name, which is in no log: only the place is told.
        where = "; ".join(f"line {entry.line}, {entry.type_name}" for entry in list(schema.error_log)[:3])
        raise InputError(
            f"The payment file does not fit {name} ({where}); a name, account or mandate has a form that the bank "
            "refuses: check PARTIES.toml."
        )


def _cents(text: str) -> int:
    whole, _, fraction = text.partition(".")
    return int(whole) * 100 + int(fraction.ljust(2, "0"))
