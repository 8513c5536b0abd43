"""A bundle read strictly: every field of protocol section 11, each with its width, and none besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from backend.errors import VerificationError
from backend.verifier.strict_json import (
    MOST_DAYS,
    MOST_INTERVALS,
    Curve,
    decode_json,
    malformed,
    read_address,
    read_curve,
    read_fields,
    read_hash,
    read_list,
    read_path,
    read_salt,
    read_signed,
    read_text,
    read_whole,
)

__all__ = [
    "Bill",
    "Bundle",
    "Contracts",
    "Cost",
    "Day",
    "Detail",
    "Header",
    "Link",
    "Point",
    "Scale",
    "load_bundle",
    "parse_bundle",
]

_T = TypeVar("_T")

_VERSION = 2
_DIRECTIONS = {"consumption": 0, "feed_in": 1}
_LINES = 13
_HEADER_BITS = (64, 64, 64, 64, 32, 8)
_LINK_BITS = (32, 64, 64, 8)
_FLOW_BITS = (32, 64)
NO_CAP = 2**64 - 1
_SCALE_BITS = (64, 64, 64, 32)
_MOST_ROUNDS = 1_920  # `flow` has one per feed-in slot; slots are below this
_MOST_LINKS = 1_920


@dataclass(frozen=True, slots=True)
class Contracts:
    """Addresses, 20 bytes each."""

    registry: bytes
    rule_book: bytes
    period_book: bytes
    meter_data_ledger: bytes
    schedule_book: bytes
    settlement_ledger: bytes
    billing_ledger: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """Totals of one interval [mWh], what its shared energy is worth [pico-euro], and (pool, weight) per round."""

    feed_in: int
    consumption: int
    allocated: int
    value: int
    tau: int
    band: int
    rounds: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """What a day's tree holds besides the rows; ``headers`` is None where they are withheld."""

    headers: tuple[Header, ...] | None
    headers_root: bytes
    stairs_root: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """Whom a slot was served by, or whom it served, over the period: energy [mWh], value [pico-euro], VAT class."""

    slot: int
    energy: int
    value: int
    vat_class: int


@dataclass(frozen=True, slots=True)
class Detail:
    """What ``flow`` tells of a row: its potential, and its links (the other's slot, energy [mWh])."""

    potential: int
    links: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a link to a consumption slot costs by ``flow``, and the most it carries [mWh], ``NO_CAP`` if all."""

    producer: int
    weight: int
    cap: int
    salt: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """How levels and steps of ``flow`` are weighed, and the root of the costs beside it."""

    shared: int
    consumer_step: int
    producer_step: int
    steps: int
    salt: bytes
    costs_root: bytes


@dataclass(frozen=True, slots=True)
class Point:
    """A metering point of the participant: its registration, its key, its figures and its paths.

    Energies are in mWh, ``value`` in pico-euro; ``credited``, ``coefficients``, ``coefficient_path``, ``details`` and
    ``costs`` are None where the rule has none, ``costs`` of feed-in and where headers are withheld too.
    """

    slot: int
    direction: int
    number: str
    nonce: bytes
    key: bytes
    factor_ppm: int
    from_day: int
    until_day: int
    vat_class: int
    network_class: int
    class_path: tuple[bytes, ...]
    energy: Curve
    allocated: Curve
    quality: Curve
    source: Curve
    value: Curve
    credited: Curve | None
    row_paths: tuple[tuple[bytes, ...], ...]
    reading_path: tuple[bytes, ...]
    period_path: tuple[bytes, ...]
    links: tuple[Link, ...]
    coefficients: Curve | None
    coefficient_path: tuple[bytes, ...] | None
    details: tuple[tuple[Detail, ...], ...] | None
    costs: tuple[Cost, ...] | None

    @property
    def feeds_in(self) -> bool:
        """Whether the point is one of feed-in."""
        return self.direction == _DIRECTIONS["feed_in"]

    def is_active(self, day: int) -> bool:
        """Say whether the point has rows and readings on a day."""
        return self.from_day <= day < self.until_day


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill [cents]: the thirteen lines of section 9 and what follows from them."""

    lines: tuple[int, ...]
    vat_debit: int
    vat_credit: int
    debit: int
    credit: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A participant's bill of one period and all that proves it."""

    chain_id: int
    genesis_hash: bytes
    contracts: Contracts
    community: bytes
    period: int
    run_version: int
    batch_id: bytes
    seat: int
    points: tuple[Point, ...]
    reading_stairs_root: bytes
    scale: Scale | None
    days: tuple[Day, ...]
    period_stairs_root: bytes
    bill: Bill
    bill_stairs_root: bytes


def load_bundle(text: str | bytes) -> Bundle:
    """Read a bundle from its JSON text.

    Raises:
        VerificationError: If the text is no JSON, names a field twice, or is no bundle.
    """
    return parse_bundle(decode_json(text))


def parse_bundle(value: object) -> Bundle:
    """Read a bundle from a decoded JSON object.

    Raises:
        VerificationError: If a field is missing, malformed or unknown; the message names it.
    """
    names = (
        "format version chain community period run_version batch_id seat points reading_stairs_root scale days"
        " period_stairs_root bill bill_stairs_root"
    )
    fields = read_fields(value, "", names)
    if fields["format"] != "partage-bundle":
        raise malformed("format", '"partage-bundle"', fields["format"])
    if fields["version"] != _VERSION or isinstance(fields["version"], bool):
        raise malformed("version", f"{_VERSION}, the version that this program knows", fields["version"])
    chain = read_fields(fields["chain"], "chain", "chain_id genesis_hash contracts")
    points = read_list(fields["points"], "points", _point, most=MOST_INTERVALS)
    if not points:
        raise VerificationError("bundle field points is empty: a bundle holds at least one metering point")
    slots = [point.slot for point in points]
    if slots != sorted(set(slots)):
        raise VerificationError(
            f"bundle field points has slots {slots}: expected each once, in ascending order"
        )
    return Bundle(
        chain_id=read_whole(chain["chain_id"], "chain.chain_id", 256),
        genesis_hash=read_hash(chain["genesis_hash"], "chain.genesis_hash"),
        contracts=_contracts(chain["contracts"]),
        community=read_hash(fields["community"], "community"),
        period=read_whole(fields["period"], "period", 32),
        run_version=read_whole(fields["run_version"], "run_version", 32),
        batch_id=read_hash(fields["batch_id"], "batch_id"),
        seat=read_whole(fields["seat"], "seat", 32),
        points=points,
        reading_stairs_root=read_hash(fields["reading_stairs_root"], "reading_stairs_root"),
        scale=_unless_null(fields["scale"], "scale", _scale),
        days=read_list(fields["days"], "days", _day, most=MOST_DAYS),
        period_stairs_root=read_hash(fields["period_stairs_root"], "period_stairs_root"),
        bill=_bill(fields["bill"]),
        bill_stairs_root=read_hash(fields["bill_stairs_root"], "bill_stairs_root"),
    )


def _contracts(value: object) -> Contracts:
    names = "registry rule_book period_book meter_data_ledger schedule_book settlement_ledger billing_ledger"
    fields = read_fields(value, "chain.contracts", names)
    return Contracts(
        **{name: read_address(fields[name], f"chain.contracts.{name}") for name in names.split()}
    )


def _point(value: object, place: str) -> Point:
    names = (
        "slot direction number nonce key factor_ppm from_day until_day vat_class network_class class_path"
        " energy allocated quality source value credited row_paths reading_path period_path"
        " links coefficients coefficient_path details costs"
    )
    fields = read_fields(value, place, names)

    def at(name: str) -> tuple[object, str]:
        return fields[name], f"{place}.{name}"

    if not isinstance(fields["direction"], str) or fields["direction"] not in _DIRECTIONS:
        raise malformed(f"{place}.direction", '"consumption" or "feed_in"', fields["direction"])
    return Point(
        slot=read_whole(*at("slot"), 32),
        direction=_DIRECTIONS[fields["direction"]],
        number=read_text(*at("number")),
        nonce=read_hash(*at("nonce")),
        key=read_hash(*at("key")),
        factor_ppm=read_whole(*at("factor_ppm"), 32),
        from_day=read_whole(*at("from_day"), 16),
        until_day=read_whole(*at("until_day"), 16),
        vat_class=read_whole(*at("vat_class"), 8),
        network_class=read_whole(*at("network_class"), 8),
        class_path=read_path(*at("class_path")),
        energy=read_curve(*at("energy"), 64),
        allocated=read_curve(*at("allocated"), 64),
        quality=read_curve(*at("quality"), 8),
        source=read_curve(*at("source"), 8),
        value=read_curve(*at("value"), 64),
        credited=_unless_null(*at("credited"), lambda entry, name: read_curve(entry, name, 64)),
        row_paths=read_list(*at("row_paths"), read_path, most=MOST_DAYS),
        reading_path=read_path(*at("reading_path")),
        period_path=read_path(*at("period_path")),
        links=read_list(*at("links"), _link, most=_MOST_LINKS),
        coefficients=_unless_null(*at("coefficients"), lambda entry, name: read_curve(entry, name, 32)),
        coefficient_path=_unless_null(*at("coefficient_path"), read_path),
        details=_unless_null(*at("details"), _details),
        costs=_unless_null(*at("costs"), _costs),
    )


def _unless_null(value: object, place: str, read: Callable[[object, str], _T]) -> _T | None:
    return None if value is None else read(value, place)


def _numbers(value: object, place: str, bits: tuple[int, ...], names: str) -> tuple[int, ...]:
    """Take a list of as many whole numbers as there are widths."""
    if not isinstance(value, list) or len(value) != len(bits):
        raise malformed(place, names, value)
    return tuple(read_whole(entry, f"{place}[{i}]", bits[i]) for i, entry in enumerate(value))


def _link(value: object, place: str) -> Link:
    return Link(*_numbers(value, place, _LINK_BITS, "[slot, energy, value, VAT class]"))


def _details(value: object, place: str) -> tuple[tuple[Detail, ...], ...]:
    def day(entries: object, at: str) -> tuple[Detail, ...]:
        return read_list(entries, at, _detail, most=MOST_INTERVALS)

    return read_list(value, place, day, most=MOST_DAYS)


def _detail(value: object, place: str) -> Detail:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 -- a pair
        raise malformed(place, "[potential, links]", value)
    potential = read_signed(value[0], f"{place}[0]")

    def flow(entry: object, at: str) -> tuple[int, int]:
        slot, energy = _numbers(entry, at, _FLOW_BITS, "[slot, energy]")
        return slot, energy

    return Detail(potential, read_list(value[1], f"{place}[1]", flow, most=_MOST_LINKS))


def _costs(value: object, place: str) -> tuple[Cost, ...]:
    def cost(entry: object, at: str) -> Cost:
        fields = read_fields(entry, at, "producer weight cap salt path")
        return Cost(
            producer=read_whole(fields["producer"], f"{at}.producer", 32),
            weight=read_signed(fields["weight"], f"{at}.weight"),
            cap=NO_CAP if fields["cap"] is None else read_whole(fields["cap"], f"{at}.cap", 64),
            salt=read_salt(fields["salt"], f"{at}.salt"),
            path=read_path(fields["path"], f"{at}.path"),
        )

    return read_list(value, place, cost, most=_MOST_LINKS)


def _scale(value: object, place: str) -> Scale:
    fields = read_fields(value, place, "numbers salt costs_root")
    weights = _numbers(fields["numbers"], f"{place}.numbers", _SCALE_BITS, "[B, W_f, W_h, K]")
    shared, consumer_step, producer_step, steps = weights
    return Scale(
        shared,
        consumer_step,
        producer_step,
        steps,
        salt=read_salt(fields["salt"], f"{place}.salt"),
        costs_root=read_hash(fields["costs_root"], f"{place}.costs_root"),
    )


def _day(value: object, place: str) -> Day:
    fields = read_fields(value, place, "headers headers_root stairs_root")

    def headers(entries: object, at: str) -> tuple[Header, ...]:
        return read_list(entries, at, _header, most=MOST_INTERVALS)

    return Day(
        headers=_unless_null(fields["headers"], f"{place}.headers", headers),
        headers_root=read_hash(fields["headers_root"], f"{place}.headers_root"),
        stairs_root=read_hash(fields["stairs_root"], f"{place}.stairs_root"),
    )


def _header(value: object, place: str) -> Header:
    first = len(_HEADER_BITS)
    told = len(value) - first if isinstance(value, list) else -1
    if told < 0 or told % 2 or told > 2 * _MOST_ROUNDS:
        raise malformed(place, "[P, C, A, V, tau, band, then pool and weight of each round]", value)
    numbers = _numbers(value, place, (*_HEADER_BITS, *(64,) * told), "a header")
    feed_in, consumption, allocated, worth, tau, band = numbers[:first]
    rounds = tuple(zip(numbers[first::2], numbers[first + 1 :: 2], strict=True))
    return Header(feed_in, consumption, allocated, worth, tau, band, rounds)


def _bill(value: object) -> Bill:
    fields = read_fields(value, "bill", "lines vat_debit vat_credit debit credit path")
    lines = read_list(
        fields["lines"], "bill.lines", lambda entry, place: read_whole(entry, place, 64), most=_LINES
    )
    if len(lines) != _LINES:
        raise VerificationError(f"bundle field bill.lines has {len(lines)} entries: expected {_LINES}")
    amounts = {
        name: read_whole(fields[name], f"bill.{name}", 64)
        for name in ("vat_debit", "vat_credit", "debit", "credit")
    }
    return Bill(lines=lines, path=read_path(fields["path"], "bill.path"), **amounts)
