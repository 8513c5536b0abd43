"""A bill as people and programs read it: frozen, JSON-ready, and read back as it was written.

All amounts are cents, energies mWh, prices µEUR/kWh, dates ISO 8601. Nothing here is a sentence: ``Message`` carries a
key and its values.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from operator import attrgetter
from typing import Any, TypeVar

from backend.errors import InputError

__all__ = [
    "Amounts",
    "Bill",
    "BillLine",
    "BilledParticipant",
    "BilledPeriod",
    "Carbon",
    "CarbonFactor",
    "Document",
    "EnergyUse",
    "Message",
    "Neighbour",
    "Origin",
    "PointSummary",
    "QualityCounts",
    "Saving",
    "Seller",
    "VatBreakdown",
]

FORMAT = "partage-bill"
VERSION = 2


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence by its key, with the values that it names."""

    key: str
    values: Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Seller:
    """The community, which bills."""

    id: str
    name: str
    country: str
    currency: str
    vat_status: str
    note: str


@dataclass(frozen=True, slots=True)
class BilledParticipant:
    """Whose bill it is."""

    id: str
    name: str
    vat_status: str


@dataclass(frozen=True, slots=True)
class BilledPeriod:
    """Which period: civil dates, both inclusive."""

    id: int
    label: str
    first: str
    last: str
    intervals: int
    resolution_minutes: int
    time_zone: str


@dataclass(frozen=True, slots=True)
class Amounts:
    """The anchored amounts, and what of the VAT is between neighbours. [cents]"""

    lines: tuple[int, ...]
    debit_net: int
    vat_debit: int
    debit: int
    credit_net: int
    vat_credit: int
    credit: int
    payable: int
    vat_bought: int
    vat_sold: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another participant whose energy was used here, or who used the energy of here.

    Attributes:
        side: ``from`` for who served this participant, ``to`` for whom this participant served.
        seat: Of the neighbour.
        participant: Its id.
        name: For the community's own bills and nothing else.
        energy: Over the period. [mWh]
        value: What that was worth. [pico-euro]
    """

    side: str
    seat: int
    participant: str
    name: str
    energy: int
    value: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Shared energy received, by kind of source. [mWh]"""

    source: str
    energy: int


@dataclass(frozen=True, slots=True)
class EnergyUse:
    """Where what was used came from, and where what was produced went. [mWh]

    Attributes:
        used: Consumption at the meters.
        own: Of it, from the participant's own feed-in, by the period's links.
        from_neighbours: Of it, from others' feed-in.
        from_grid: Of it, residual supply.
        produced: Feed-in at the meters.
        shared: Of it, allocated to someone.
        surplus: Of it, the rest.
        origins: own + from_neighbours by kind of source.
    """

    used: int
    own: int
    from_neighbours: int
    from_grid: int
    produced: int
    shared: int
    surplus: int
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class PointSummary:
    """A metering point's sums, per band and in all; value in pico-euro."""

    slot: int
    point: str
    number: str
    direction: str
    source: str
    energy: int
    allocated: int
    band_energy: tuple[int, ...]
    band_allocated: tuple[int, ...]
    value: int
    credited: int
    readings: int
    estimated: int
    missing: int


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line: quantity x unit price = value, rounded to the cent.

    Shared energy may cost another price in each interval: then the value is the sum over the intervals and the unit
    price an average, for people.

    Attributes:
        line: Place among the thirteen anchored lines; several points add up in one.
        kind: ``residual``, ``bought``, ``network``, ``fee``, ``sold``, ``surplus``, ``network_shared``, ``excise``,
            ``excise_shared`` or ``incentive``.
        slot: Of the point; -1 for the fee.
        point: Its id, empty for the fee.
        band: Tariff band of residual supply, else -1.
        windows: Local times of that band, such as ``00:00-06:00``.
        quantity: [mWh]; 1 for the fee.
        unit_price: [µEUR/kWh]; in cents for the fee.
        value: Exact, before rounding [pico-euro]; in cents for the fee.
        amount: [cents]
        biller: ``community``, or who else; then it is information and enters no sum.
        counterpart: Participant who sold or bought, where producers sell their own; else empty.
    """

    line: int
    kind: str
    slot: int
    point: str
    band: int
    windows: tuple[str, ...]
    quantity: int
    unit_price: int
    value: int
    amount: int
    biller: str
    counterpart: str


@dataclass(frozen=True, slots=True)
class VatBreakdown:
    """One VAT group of a document (EN 16931 BG-23).

    Attributes:
        category: BT-118: S standard, Z zero rated, E exempt, O outside the scope.
        rate_ppm: BT-119, zero for Z, E and O. [ppm]
        basis: BT-116. [cents]
        tax: BT-117. [cents]
        reason: BT-120 as a message key; empty for S and Z.
        reason_code: BT-121, where the code list has one.
    """

    category: str
    rate_ppm: int
    basis: int
    tax: int
    reason: str
    reason_code: str


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice within the bill (EN 16931).

    Attributes:
        kind: ``invoice``: the community sells; ``self_billed``: the participant sells to it and it bills in its name;
            ``purchase`` and ``sale``: a neighbour sells to the participant or the reverse, and the community bills in
            the seller's name.
        type_code: BT-3: 380 or 389.
        seller: Participant's id, empty for the community.
        buyer: Participant's id, empty for the community.
        lines: Places in ``Bill.lines`` of its lines.
        vat: BG-23.
        sum_of_lines: BT-106. [cents]
        total_without_vat: BT-109. [cents]
        total_vat: BT-110. [cents]
        total_with_vat: BT-112. [cents]
        amount_due: BT-115. [cents]
    """

    kind: str
    type_code: int
    seller: str
    buyer: str
    lines: tuple[int, ...]
    vat: tuple[VatBreakdown, ...]
    sum_of_lines: int
    total_without_vat: int
    total_vat: int
    total_with_vat: int
    amount_due: int


@dataclass(frozen=True, slots=True)
class Saving:
    """With and without sharing, over all lines, billed here or not, net of VAT. [cents]

    Attributes:
        cost_without: All consumption as residual supply at band prices, network and excise.
        earned_without: All feed-in as surplus.
        cost_with: Residual supply, bought from neighbours, network, excise and fee.
        earned_with: Sold to neighbours, surplus and incentive.
        saving: (cost_without - earned_without) - (cost_with - earned_with); negative where sharing cost more.
    """

    cost_without: int
    earned_without: int
    cost_with: int
    earned_with: int
    saving: int


@dataclass(frozen=True, slots=True)
class CarbonFactor:
    """Life-cycle emissions of a kind of source. [g CO2e/kWh]"""

    source: str
    grams_per_kilowatt_hour: int
    citation: str


@dataclass(frozen=True, slots=True)
class Carbon:
    """Carbon intensity of what was used, location-based.

    Attributes:
        grid_grams: Residual supply at the grid's intensity of its interval. [g CO2e]
        local_grams: Shared energy at its sources' life-cycle factors. [g CO2e]
        milligrams_per_kilowatt_hour: Of all that was used. [mg CO2e/kWh]
        grid_source: Name of the grid's intensity series.
        factors: Those used.
        notes: How to read it; sharing itself avoids nothing.
    """

    grid_grams: int
    local_grams: int
    milligrams_per_kilowatt_hour: int
    grid_source: str
    factors: tuple[CarbonFactor, ...]
    notes: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class QualityCounts:
    """Of the participant's readings, how many were not measured, and what that means. [1]"""

    readings: int
    estimated: int
    edited: int
    missing: int
    notes: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Bill:
    """A participant's bill of one run.

    Attributes:
        seat: First slot of the participant.
        rule_version: Of the sharing key and tariff.
        sharing_key: Method's name.
        surplus_owner: ``producer`` or ``consumer``.
        pricing: ``uniform``, ``mid_market``, ``supply_demand`` or ``producer``.
        sold_by: Who sells the shared energy: ``community`` or ``producer``.
        neighbours: By side, the most energy first.
        due: Last date of payment.
    """

    community: Seller
    participant: BilledParticipant
    period: BilledPeriod
    seat: int
    rule_version: int
    sharing_key: str
    surplus_owner: str
    pricing: str
    sold_by: str
    due: str
    amounts: Amounts
    energy: EnergyUse
    neighbours: tuple[Neighbour, ...]
    points: tuple[PointSummary, ...]
    lines: tuple[BillLine, ...]
    documents: tuple[Document, ...]
    saving: Saving
    carbon: Carbon | None
    quality: QualityCounts

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: integers, strings, lists, objects."""
        return {"format": FORMAT, "version": VERSION, **_plain(self)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Bill:
        """The bill that ``as_dict`` gave.

        Raises:
            InputError: If it is not one, naming the field.
        """
        if content.get("format") != FORMAT or content.get("version") != VERSION:
            found = (content.get("format"), content.get("version"))
            raise InputError(f"This is not a bill of version {VERSION}: format and version are {found}.")
        return _build(
            cls, {name: value for name, value in content.items() if name not in {"format", "version"}}, "bill"
        )


_T = TypeVar("_T")
_SCALARS = frozenset({int, str, bool})


_WRITERS: dict[Any, Callable[[Any], Any]] = {}


def _plain(value: Any) -> Any:
    """A value for JSON. A large community's bills name each other, so how a type is written is found out once."""
    kind = type(value)
    writer = _WRITERS.get(kind)
    if writer is None:
        writer = _WRITERS[kind] = _writer_of(kind)
    return writer(value)


def _writer_of(kind: type[Any]) -> Callable[[Any], Any]:
    if issubclass(kind, tuple):
        return lambda values: [_plain(value) for value in values]
    if issubclass(kind, Mapping):
        return dict
    if not is_dataclass(kind):
        return lambda value: value
    names = tuple(field.name for field in fields(kind))
    hints = typing.get_type_hints(kind)
    read = attrgetter(*names)
    if all(hints[name] in _SCALARS for name in names):
        return lambda value: dict(zip(names, read(value), strict=True))
    return lambda value: {name: _plain(item) for name, item in zip(names, read(value), strict=True)}


def _build(cls: type[_T], content: Any, place: str) -> _T:
    hints = typing.get_type_hints(cls)
    if not isinstance(content, Mapping) or set(content) != set(hints):
        found = sorted(content) if isinstance(content, Mapping) else content
        raise InputError(f"{place} should have the fields {sorted(hints)}, it has {found}.")
    return cls(**{name: _read(hint, content[name], f"{place}.{name}") for name, hint in hints.items()})


def _read(hint: Any, value: Any, place: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is types.UnionType:
        return None if value is None else _read(typing.get_args(hint)[0], value, place)
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise InputError(f"{place} should be a list, it is {value!r}.")
        return tuple(
            _read(typing.get_args(hint)[0], item, f"{place}[{index}]") for index, item in enumerate(value)
        )
    if origin is Mapping:
        return dict(value)
    if is_dataclass(hint):
        return _build(typing.cast("type[Any]", hint), value, place)
    if type(value) is not hint:
        raise InputError(f"{place} should be {hint.__name__}, it is {value!r}.")
    return value
