"""Bank statements: ISO 20022 camt.053 of any version, into the movements that were booked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from backend.billing.invoices import BankMovement
from backend.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_bank_statement"]

_SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
_NOT_PROVIDED = "NOTPROVIDED"


def read_bank_statement(content: bytes, file: str) -> tuple[str, list[BankMovement]]:
    """Read a statement.

    Args:
        content: The file.
        file: Its name, for messages.

    Returns:
        The account's IBAN, and its booked movements in order; a batch is taken apart where the bank details it.

    Raises:
        InputError: If it is no camt.053 or a value in it cannot be read; nothing of it is used.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        tree = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise InputError(f"{file}: this is not XML ({error}); export the statement as camt.053.") from None
    space = etree.QName(tree).namespace or ""
    if not space.startswith(_SPACE):
        raise InputError(
            f"{file}: this is no camt.053 statement but {space or tree.tag!r}; export it as camt.053."
        )
    reader = _Reader(space, file)
    statements = tree.findall(reader.path("BkToCstmrStmt/Stmt"))
    if not statements:
        raise InputError(f"{file}: it holds no statement.")
    accounts = {reader.text(statement, "Acct/Id/IBAN") for statement in statements}
    if len(accounts) != 1:
        raise InputError(f"{file}: it holds statements of {len(accounts)} accounts; export them one by one.")
    movements = [movement for statement in statements for movement in reader.movements(statement)]
    return accounts.pop(), movements


class _Reader:
    """Reads elements of one version's namespace."""

    def __init__(self, space: str, file: str) -> None:
        self.space = space
        self.file = file

    def path(self, names: str) -> str:
        return "/".join(f"{{{self.space}}}{name}" for name in names.split("/"))

    def text(self, node: Any, names: str) -> str:
        return " ".join((node.findtext(self.path(names)) or "").split())

    def movements(self, statement: Any) -> Iterator[BankMovement]:
        for entry in statement.findall(self.path("Ntry")):
            status = self.text(entry, "Sts/Cd") or self.text(entry, "Sts")
            if status and status != "BOOK":
                continue
            details = entry.findall(self.path("NtryDtls/TxDtls"))
            told = [self.amount(detail, entry) for detail in details]
            total, currency = self.amount(entry, entry)
            if (
                details
                and {unit for _, unit in told} == {currency}
                and sum(cents for cents, _ in told) == total
            ):
                for detail, (cents, _) in zip(details, told, strict=True):
                    yield self.movement(entry, detail, cents, currency)
            else:  # one payment, maybe made in another currency; or a batch that the bank does not take apart
                yield self.movement(entry, details[0] if len(details) == 1 else entry, total, currency)

    def movement(self, entry: Any, detail: Any, amount: int, currency: str) -> BankMovement:
        side = "Dbtr" if amount > 0 else "Cdtr"
        end_to_end = self.text(detail, "Refs/EndToEndId")
        remittance = [
            *(node.text or "" for node in detail.iterfind(self.path("RmtInf/Ustrd"))),
            *(node.text or "" for node in detail.iterfind(self.path("RmtInf/Strd/CdtrRefInf/Ref"))),
        ]
        return BankMovement(
            id=self.text(detail, "Refs/AcctSvcrRef") or self.text(entry, "AcctSvcrRef"),
            day=self.day(entry),
            amount=amount,
            end_to_end="" if end_to_end == _NOT_PROVIDED else end_to_end,
            remittance=" ".join(" ".join(remittance).split()),
            iban=self.text(detail, f"RltdPties/{side}Acct/Id/IBAN"),
            currency=currency,
        )

    def amount(self, node: Any, entry: Any) -> tuple[int, str]:
        """Signed, with its currency. [cents]"""
        found = node.find(self.path("Amt"))
        if found is None:
            found = node.find(self.path("AmtDtls/TxAmt/Amt"))
        if found is None:
            found = entry.find(self.path("Amt"))
        text = "" if found is None else found.text or ""
        try:
            cents = Decimal(text).scaleb(2)
        except InvalidOperation:
            raise InputError(f"{self.file}: an entry has no readable amount but {text!r}.") from None
        currency = found.get("Ccy") or ""
        if not cents.is_finite() or cents < 0 or (currency == "EUR" and cents != cents.to_integral_value()):
            raise InputError(f"{self.file}: an entry of {text} {currency} is no amount in whole euro cents.")
        sign = self.text(node, "CdtDbtInd") or self.text(entry, "CdtDbtInd")
        if sign not in {"CRDT", "DBIT"}:
            raise InputError(f"{self.file}: an entry says {sign!r} where CRDT or DBIT is due.")
        return (int(cents) if sign == "CRDT" else -int(cents)), currency

    def day(self, entry: Any) -> date:
        text = self.text(entry, "BookgDt/Dt") or self.text(entry, "BookgDt/DtTm")[:10]
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise InputError(f"{self.file}: an entry has no readable date of booking but {text!r}.") from None
