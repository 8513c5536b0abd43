"""Invoice totals by EN 16931-1:2017: what is billed by the community and what it bills in a producer's name.

Each document has one seller and one buyer, so that its VAT is one group, that of its seller. An incentive is paid on,
not sold: it stands on no document.

Lines are rounded before they are added, VAT is computed per (category, rate) group, and the business rules BR-CO-10 to
BR-CO-17 hold by construction and are checked all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.billing.amounts import Line, value_cents
from backend.billing.bill import Bill, BillLine, Document, VatBreakdown
from backend.community import VatStatus
from backend.errors import BalanceError
from backend.quantities import PARTS_PER_MILLION, divide_half_away

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CREDITED", "Trade", "check_en16931", "documents_of"]

CREDITED = frozenset({"sold", "surplus"})
_AVERAGED = frozenset({"bought", "sold"})
_DEBITS, _CREDITS = ("invoice", "purchase"), ("self_billed", "sale")
_INVOICE, _SELF_BILLED = 380, 389
_EXEMPTIONS = {
    "FR": ("vat.exempt.fr", "VATEX-FR-FRANCHISE"),
    "AT": ("vat.exempt.at", ""),
    "DE": ("vat.exempt.de", ""),
}
_TAXED = frozenset({"S", "Z"})


@dataclass(frozen=True, slots=True)
class Trade:
    """Who sells on a bill, and with which VAT.

    Attributes:
        participant: Its id.
        community_status: The community's as a seller.
        participant_status: The participant's as a seller.
        sellers: Status of each neighbour that served it, by id.
        vat_ppm: Rate of those who owe VAT. [ppm]
        country: For the article that exempts a small seller.
    """

    participant: str
    community_status: VatStatus
    participant_status: VatStatus
    sellers: Mapping[str, VatStatus]
    vat_ppm: int
    country: str


def documents_of(lines: Sequence[BillLine], trade: Trade) -> tuple[Document, ...]:
    """The documents of a bill, one per seller and buyer, each only where it has lines.

    Args:
        lines: All lines of the bill.
        trade: Who sells.

    Returns:
        The community's invoice, purchases by neighbour, the self-billed invoice, sales by neighbour.
    """
    places: dict[tuple[str, str], list[int]] = {}
    for place, line in enumerate(lines):
        if line.biller == "community" and line.kind != "incentive":
            places.setdefault((_kind(line), line.counterpart), []).append(place)
    ordered = sorted(places, key=lambda key: (_KINDS.index(key[0]), key[1]))
    return tuple(_document(kind, other, places[kind, other], lines, trade) for kind, other in ordered)


_KINDS = ("invoice", "purchase", "self_billed", "sale")


def _kind(line: BillLine) -> str:
    if line.kind in CREDITED:
        return "sale" if line.counterpart else "self_billed"
    return "purchase" if line.counterpart else "invoice"


def _group(seller: VatStatus, vat_ppm: int, country: str) -> tuple[str, int, str, str]:
    """Category, rate, reason and code of a seller's VAT."""
    if seller is VatStatus.LIABLE:
        return ("S", vat_ppm, "", "") if vat_ppm else ("Z", 0, "", "")
    if seller is VatStatus.EXEMPT:
        return ("E", 0, *_EXEMPTIONS.get(country, ("vat.exempt", "")))
    return "O", 0, "vat.outside_scope", "VATEX-EU-O"


def _document(
    kind: str, other: str, places: Sequence[int], lines: Sequence[BillLine], trade: Trade
) -> Document:
    own = trade.participant
    seller, buyer, status = {
        "invoice": ("", own, trade.community_status),
        "purchase": (other, own, trade.sellers.get(other, VatStatus.PRIVATE)),
        "self_billed": (own, "", trade.participant_status),
        "sale": (own, other, trade.participant_status),
    }[kind]
    category, rate, reason, reason_code = _group(status, trade.vat_ppm, trade.country)
    net = sum(lines[place].amount for place in places)
    tax = divide_half_away(net * rate, PARTS_PER_MILLION)
    return Document(
        kind=kind,
        type_code=_SELF_BILLED if kind == "self_billed" else _INVOICE,
        seller=seller,
        buyer=buyer,
        lines=tuple(places),
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
        BalanceError: Naming the rule, the document or line, and both values.
    """
    for document in bill.documents:
        _check_document(document, bill.lines)
    amounts = bill.amounts
    for side, kinds, net, vat in (
        ("debit", _DEBITS, amounts.debit_net, amounts.vat_debit),
        ("credit", _CREDITS, amounts.credit_net - amounts.lines[Line.INCENTIVE], amounts.vat_credit),
    ):
        documents = [document for document in bill.documents if document.kind in kinds]
        totals = [document.total_without_vat for document in documents]
        _hold(side, " and ".join(kinds), net, sum(totals))
        _hold(f"VAT of {side}", " and ".join(kinds), vat, sum(document.total_vat for document in documents))
    _hold("payable", "bill", amounts.payable, amounts.debit - amounts.credit)
    sums = [0] * len(amounts.lines)
    for line in bill.lines:
        _check_line(line)
        sums[line.line] += line.amount
    _hold("thirteen lines", "bill", list(amounts.lines), sums)


def _check_line(line: BillLine) -> None:
    """Hold a line's amount against its value, and its value against quantity and price."""
    if line.kind == "fee":
        _hold("BT-131 = quantity x price", line.kind, line.amount, line.quantity * line.unit_price)
        return
    _hold("BT-131 = value in cents", line.kind, line.amount, value_cents(line.value))
    apart = abs(line.value - line.quantity * line.unit_price)
    # An average price is off by at most half a micro-euro per kilowatt-hour.
    most = (line.quantity + 1) // 2 if line.kind in _AVERAGED else 0
    _hold("BT-131 = quantity x price", line.kind, apart <= most, True)  # noqa: FBT003 -- the value that is held


def _check_document(document: Document, all_lines: Sequence[BillLine]) -> None:
    lines = [all_lines[place] for place in document.lines]
    where = document.kind
    for line in lines:
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
