"""An invoice by the semantic model of EN 16931-1:2017, of what an energy community bills: one seller, one VAT group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, IntEnum

from backend.errors import BalanceError
from backend.quantities import MILLIWATT_HOURS_PER_KILOWATT_HOUR, PARTS_PER_MILLION, divide_half_away

__all__ = [
    "Address",
    "Invoice",
    "InvoiceLine",
    "InvoiceType",
    "Party",
    "PaymentCode",
    "PaymentMeans",
    "Preceding",
    "Unit",
    "VatGroup",
]

_TAXED = frozenset({"S", "Z"})


class InvoiceType(IntEnum):
    """BT-3, of UNTDID 1001."""

    INVOICE = 380
    CREDIT_NOTE = 381
    SELF_BILLED = 389
    SELF_BILLED_CREDIT = 261

    @property
    def is_credit(self) -> bool:
        """Does it take back what another one charged?"""
        return self in {InvoiceType.CREDIT_NOTE, InvoiceType.SELF_BILLED_CREDIT}

    @property
    def is_self_billed(self) -> bool:
        """Does the buyer issue it, in the seller's name?"""
        return self in {InvoiceType.SELF_BILLED, InvoiceType.SELF_BILLED_CREDIT}

    @property
    def credit(self) -> InvoiceType:
        """The type of the credit note that takes it back."""
        assert not self.is_credit, self
        return InvoiceType.SELF_BILLED_CREDIT if self.is_self_billed else InvoiceType.CREDIT_NOTE


class Unit(Enum):
    """BT-130, of UN/ECE recommendation 20."""

    KILOWATT_HOUR = "KWH"
    ONE = "C62"


class PaymentCode(IntEnum):
    """BT-81, of UNTDID 4461."""

    SEPA_TRANSFER = 58
    SEPA_DEBIT = 59
    SET_OFF = 97  # clearing between partners: the statement says what is left to pay


@dataclass(frozen=True, slots=True)
class Address:
    """BG-5, BG-8. ``country`` is ISO 3166-1."""

    street: str
    postcode: str
    city: str
    country: str
    street_2: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """BG-4 or BG-7.

    Attributes:
        id: BT-29, BT-46: id of the community or of its participant.
        name: BT-27, BT-44: legal name.
        address: Postal.
        vat_id: BT-31, BT-48.
        tax_id: BT-32: local tax number of a seller without VAT identifier.
        legal_id: BT-30, BT-47: number in a register of companies.
        legal_scheme: Its register, of ISO 6523 (``0002`` is SIREN); empty where it has none.
        email: Where it is reached.
        is_member: Is it a participant, not the community? Their ids may be equal.
    """

    id: str
    name: str
    address: Address
    vat_id: str = ""
    tax_id: str = ""
    legal_id: str = ""
    legal_scheme: str = ""
    email: str = ""
    is_member: bool = True


@dataclass(frozen=True, slots=True)
class PaymentMeans:
    """BG-16 to BG-19.

    Attributes:
        code: BT-81.
        iban: BT-84: of whom is paid; empty where nothing is transferred.
        bic: BT-86.
        account_name: BT-85.
        mandate: BT-89, of a direct debit.
        creditor_id: BT-90, of a direct debit.
        debited_iban: BT-91, of a direct debit.
    """

    code: PaymentCode
    iban: str = ""
    bic: str = ""
    account_name: str = ""
    mandate: str = ""
    creditor_id: str = ""
    debited_iban: str = ""


@dataclass(frozen=True, slots=True)
class Preceding:
    """BG-3: the invoice that a credit note takes back."""

    number: str
    issued: date


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """BG-25.

    Attributes:
        kind: What was supplied, as a message key: ``residual``, ``bought``, ``fee``, ``sold``, ...
        point: Number of the metering point (BT-128); empty for the fee.
        detail: What tells lines of a kind apart: tariff windows, a neighbour's id; may be empty.
        quantity: BT-129: signed [mWh], or whole pieces.
        unit: BT-130.
        price: BT-146 [µEUR/kWh], or in cents per piece; None where the amount follows from prices interval by interval.
        amount: BT-131. [cents]

    Invariants:
        - The price is never negative (BR-27): a negative price turned the quantity.
        - Where there is a price, amount = quantity x price, half away from zero.
    """

    kind: str
    point: str
    detail: str
    quantity: int
    unit: Unit
    price: int | None
    amount: int

    def __post_init__(self) -> None:
        if self.price is None:
            if (self.quantity > 0) != (self.amount > 0) and self.amount:
                raise BalanceError(
                    f"BR-27: a line of {self.amount} cents for {self.quantity} mWh would have a negative price."
                )
            return
        _hold("BR-27: BT-146 at least zero", self.price >= 0, self.price)
        _hold("BT-131 = BT-129 x BT-146", self.amount == _priced(self.quantity, self.price, self.unit), self)

    @classmethod
    def of_energy(cls, kind: str, point: str, detail: str, energy: int, price: int) -> InvoiceLine:
        """Energy at a unit price; where that is negative, the quantity is. [mWh, µEUR/kWh]"""
        if price < 0:
            energy, price = -energy, -price
        amount = _priced(energy, price, Unit.KILOWATT_HOUR)
        return cls(kind, point, detail, energy, Unit.KILOWATT_HOUR, price, amount)

    @classmethod
    def of_value(
        cls, kind: str, point: str, detail: str, energy: int, amount: int, price: int | None = None
    ) -> InvoiceLine:
        """Energy whose amount is known; the price is told only where it gives that amount. [mWh, cents, µEUR/kWh]"""
        quantity = -energy if amount < 0 < energy else energy
        if price is not None and (price < 0 or _priced(quantity, price, Unit.KILOWATT_HOUR) != amount):
            price = None
        return cls(kind, point, detail, quantity, Unit.KILOWATT_HOUR, price, amount)

    @classmethod
    def of_pieces(cls, kind: str, count: int, cents: int) -> InvoiceLine:
        """Pieces at a price, such as a fee. [1, cents]"""
        return cls(kind, "", "", count, Unit.ONE, cents, count * cents)

    @property
    def mean_price(self) -> int:
        """The price, or what a kilowatt-hour cost on average. [µEUR/kWh, half away from zero; cents per piece]"""
        if self.price is not None:
            return self.price
        scale = 10_000 * MILLIWATT_HOURS_PER_KILOWATT_HOUR
        return divide_half_away(abs(self.amount) * scale, abs(self.quantity)) if self.quantity else 0


@dataclass(frozen=True, slots=True)
class VatGroup:
    """BG-23.

    Attributes:
        category: BT-118: S standard, Z zero rated, E exempt, O outside the scope.
        rate_ppm: BT-119, zero for Z, E and O. [ppm]
        reason: BT-120 as a message key; empty for S and Z.
        reason_code: BT-121, where the code list has one.
    """

    category: str
    rate_ppm: int
    reason: str = ""
    reason_code: str = ""

    def __post_init__(self) -> None:
        _hold("BT-118 is S, Z, E or O", self.category in {"S", "Z", "E", "O"}, self.category)
        _hold(
            "BR-S-05, BR-Z-05, BR-E-05, BR-O-05: BT-119", (self.rate_ppm > 0) == (self.category == "S"), self
        )
        _hold("BR-E-10, BR-O-10: BT-120", bool(self.reason) == (self.category not in _TAXED), self)

    def tax_on(self, basis: int) -> int:
        """BT-117: basis x rate, half away from zero (BR-CO-17). [cents]"""
        return divide_half_away(basis * self.rate_ppm, PARTS_PER_MILLION)


@dataclass(frozen=True, slots=True)
class Invoice:
    """A commercial document between one seller and one buyer for a settlement period.

    Attributes:
        number: BT-1; empty as long as it is a draft.
        type: BT-3.
        issued: BT-2.
        due: BT-9.
        currency: BT-5.
        language: ``en`` or ``fr``.
        seller: BG-4.
        buyer: BG-7.
        payee: BG-10: id and name of whom is paid, where that is not the seller; else None.
        first: BT-73: first civil date of the period.
        last: BT-74: its last.
        vat: BG-23; all lines are in it, for the VAT status is the seller's.
        lines: BG-25.
        payment: BG-16.
        reference: BT-83: number of the bill that it is part of, to be named when paying.
        preceding: BG-3, of a credit note.
        issuer: Name of who issues it in the seller's name; empty where the seller does.
        is_closing: Supply ended within the period: this is the last invoice.
        community: Id of the community.
        period: Label, such as ``2017-06``.
        run_version: Version of the settlement run that it bills.

    Invariants:
        - At least one line (BR-16); a credit note names the invoice that it takes back, no other does.
        - BR-CO-10 to BR-CO-16 hold by construction.
    """

    number: str
    type: InvoiceType
    issued: date
    due: date
    currency: str
    language: str
    seller: Party
    buyer: Party
    payee: tuple[str, str] | None
    first: date
    last: date
    vat: VatGroup
    lines: tuple[InvoiceLine, ...]
    payment: PaymentMeans
    reference: str
    preceding: Preceding | None
    issuer: str
    is_closing: bool
    community: str
    period: str
    run_version: int

    def __post_init__(self) -> None:
        _hold("BR-16: at least one line", bool(self.lines), self.number)
        _hold(
            "BG-3: credit notes alone name a preceding invoice",
            self.type.is_credit == bool(self.preceding),
            self,
        )
        _hold("BT-73 before BT-74", self.first <= self.last, (self.first, self.last))
        if self.vat.category in {"S", "Z", "E"}:
            identified = bool(self.seller.vat_id or self.seller.tax_id)
            _hold("BR-S-02, BR-Z-02, BR-E-02: BT-31 or BT-32", identified, self.seller.id)

    @property
    def net(self) -> int:
        """BT-106 and BT-109. [cents]"""
        return sum(line.amount for line in self.lines)

    @property
    def tax(self) -> int:
        """BT-110. [cents]"""
        return self.vat.tax_on(self.net)

    @property
    def total(self) -> int:
        """BT-112 and BT-115. [cents]"""
        return self.net + self.tax

    @property
    def receivable(self) -> int:
        """What the buyer owes by it: negative for a credit note. [cents]"""
        return -self.total if self.type.is_credit else self.total


def _priced(quantity: int, price: int, unit: Unit) -> int:
    if unit is Unit.ONE:
        return quantity * price
    return divide_half_away(quantity * price, 10_000 * MILLIWATT_HOURS_PER_KILOWATT_HOUR)


def _hold(rule: str, holds: bool, found: object) -> None:  # noqa: FBT001 -- the rule's outcome is its one input
    if not holds:
        raise BalanceError(f"The invoice breaks {rule}: found {found}.")
