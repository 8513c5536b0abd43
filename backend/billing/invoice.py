"""Invoice totals by EN 16931-1:2017: what is billed by the community and what it bills in a producer's name.

Lines are rounded before they are added, VAT is computed per (category, rate) group, and the business rules BR-CO-10 to
BR-CO-17 hold by construction and are checked all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.billing.bill import Bill, BillLine, Document, VatBreakdown
from backend.community import VatStatus
from backend.errors import BalanceError
from backend.quantities import PARTS_PER_MILLION, divide_half_away, price_energy_cents

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CREDITED", "check_en16931", "documents_of"]

CREDITED = frozenset({"sold", "surplus"})
_INVOICE, _SELF_BILLED = 380, 389
_EXEMPTIONS = {
    "FR": ("vat.exempt.fr", "VATEX-FR-FRANCHISE"),
    "AT": ("vat.exempt.at", ""),
    "DE": ("vat.exempt.de", ""),
}
_TAXED = frozenset({"S", "Z"})


def documents_of(
    lines: Sequence[BillLine], *, vat_ppm: int, community: VatStatus, participant: VatStatus, country: str
) -> tuple[Document, ...]:
    """The invoice and the self-billed invoice of a bill; each only where it has lines.

    Args:
        lines: All lines of the bill.
        vat_ppm: Rate of those who owe VAT. [ppm]
        community: Seller of the invoice.
        participant: Seller of the self-billed one.
        country: For the article that exempts a small seller.
    """
    billed = [index for index, line in enumerate(lines) if line.biller == "community"]
    sides = (
        ("invoice", _INVOICE, community, [index for index in billed if lines[index].kind not in CREDITED]),
        (
            "self_billed",
            _SELF_BILLED,
            participant,
            [index for index in billed if lines[index].kind in CREDITED],
        ),
    )
    return tuple(
        _document(
            kind,
            code,
            tuple(places),
            sum(lines[place].amount for place in places),
            _group(seller, vat_ppm, country),
        )
        for kind, code, seller, places in sides
        if places
    )


def _group(seller: VatStatus, vat_ppm: int, country: str) -> tuple[str, int, str, str]:
    """Category, rate, reason and code of a seller's VAT."""
    if seller is VatStatus.LIABLE:
        return ("S", vat_ppm, "", "") if vat_ppm else ("Z", 0, "", "")
    if seller is VatStatus.EXEMPT:
        return ("E", 0, *_EXEMPTIONS.get(country, ("vat.exempt", "")))
    return "O", 0, "vat.outside_scope", "VATEX-EU-O"


def _document(
    kind: str, code: int, places: tuple[int, ...], net: int, group: tuple[str, int, str, str]
) -> Document:
    category, rate, reason, reason_code = group
    tax = divide_half_away(net * rate, PARTS_PER_MILLION)
    return Document(
        kind=kind,
        type_code=code,
        lines=places,
        vat=(VatBreakdown(category, rate, net, tax, reason, reason_code),),
        sum_of_lines=net,
        total_without_vat=net,
        total_vat=tax,
        total_with_vat=net + tax,
        amount_due=net + tax,
    )


def check_en16931(bill: Bill) -> None:
    """Hold a bill's documents against the business rules, and against its anchored amounts.

    Raises:
        BalanceError: Naming the rule, the document and both values.
    """
    for document in bill.documents:
        _check_document(document, bill.lines)
    sides = {"invoice": [0, 0], "self_billed": [0, 0]} | {
        document.kind: [document.total_without_vat, document.total_vat] for document in bill.documents
    }
    amounts = bill.amounts
    _hold("debit", "invoice", [amounts.debit_net, amounts.vat_debit], sides["invoice"])
    _hold("credit", "self_billed", [amounts.credit_net, amounts.vat_credit], sides["self_billed"])
    _hold("payable", "bill", amounts.payable, amounts.debit - amounts.credit)
    sums = [0] * len(amounts.lines)
    for line in bill.lines:
        sums[line.line] += line.amount
    _hold("nine lines", "bill", list(amounts.lines), sums)


def _check_document(document: Document, all_lines: Sequence[BillLine]) -> None:
    lines = [all_lines[place] for place in document.lines]
    where = document.kind
    for line in lines:
        priced = (
            line.quantity * line.unit_price
            if line.kind == "fee"
            else price_energy_cents(line.quantity, line.unit_price)
        )
        _hold("BT-131 = quantity x price", where, line.amount, priced)
        _hold("only what the community bills", where, line.biller, "community")
    _hold("BR-16: at least one line", where, bool(lines), True)  # noqa: FBT003 -- the value that is held
    _hold(
        "BR-CO-10: BT-106 = sum of BT-131", where, document.sum_of_lines, sum(line.amount for line in lines)
    )
    _hold(
        "BR-CO-13: BT-109 = BT-106 without allowance or charge",
        where,
        document.total_without_vat,
        document.sum_of_lines,
    )
    _hold(
        "BR-CO-14: BT-110 = sum of BT-117",
        where,
        document.total_vat,
        sum(group.tax for group in document.vat),
    )
    _hold(
        "BR-CO-15: BT-112 = BT-109 + BT-110",
        where,
        document.total_with_vat,
        document.total_without_vat + document.total_vat,
    )
    _hold("BR-CO-16: BT-115 = BT-112, nothing prepaid", where, document.amount_due, document.total_with_vat)
    _hold("BR-CO-18: at least one VAT group", where, bool(document.vat), True)  # noqa: FBT003 -- the value that is held
    _hold(
        "BR-S-8: sum of BT-116 = BT-109",
        where,
        sum(group.basis for group in document.vat),
        document.total_without_vat,
    )
    for group in document.vat:
        expected = divide_half_away(group.basis * group.rate_ppm, PARTS_PER_MILLION)
        _hold("BR-CO-17: BT-117 = BT-116 x BT-119", where, group.tax, expected)
        _hold(
            "BR-E-10, BR-O-10: a reason where no VAT is due",
            where,
            bool(group.reason),
            group.category not in _TAXED,
        )


def _hold(rule: str, where: str, found: object, expected: object) -> None:
    if found != expected:
        raise BalanceError(
            f"The {where} breaks {rule}: it has {found}, {expected} is due. Nothing is billed."
        )
