"""A bundle read strictly: every field of protocol section 11, each with its width, and none besides."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from backend.errors import VerificationError

__all__ = ["Bill", "Bundle", "Contracts", "Day", "Header", "Point", "load_bundle", "parse_bundle"]

_T = TypeVar("_T")

_HASH = re.compile(r"0x[0-9a-f]{64}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_DIRECTIONS = {"consumption": 0, "feed_in": 1}
_LONGEST_NUMBER = 128  # characters of a metering point's number; the longest in use, EDA's, has 33
_DEEPEST_PATH = 32  # a slot is a u32
_MOST_DAYS = 0xFFFF
_MOST_INTERVALS = 0xFFFF
_DEEPEST = 16  # a bundle nests its lists and objects five deep
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKETS = re.compile(r"[\[\]{}]")


@dataclass(frozen=True, slots=True)
class Contracts:
    """Addresses, 20 bytes each."""

    registry: bytes
    rule_book: bytes
    period_book: bytes
    meter_data_ledger: bytes
    settlement_ledger: bytes
    billing_ledger: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """Totals of one interval [mWh]."""

    feed_in: int
    consumption: int
    allocated: int
    tau: int
    band: int


@dataclass(frozen=True, slots=True)
class Day:
    """What a day's tree holds besides the rows; ``headers`` is None where they are withheld."""

    headers: tuple[Header, ...] | None
    headers_root: bytes
    stairs_root: bytes


@dataclass(frozen=True, slots=True)
class Point:
    """A metering point of the participant: its registration, its key, its figures [mWh] and its paths."""

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
    energy: tuple[tuple[int, ...], ...]
    allocated: tuple[tuple[int, ...], ...]
    quality: tuple[tuple[int, ...], ...]
    source: tuple[tuple[int, ...], ...]
    row_paths: tuple[tuple[bytes, ...], ...]
    reading_path: tuple[bytes, ...]
    period_path: tuple[bytes, ...]

    @property
    def feeds_in(self) -> bool:
        """Whether the point is one of feed-in."""
        return self.direction == _DIRECTIONS["feed_in"]

    def is_active(self, day: int) -> bool:
        """Say whether the point has rows and readings on a day."""
        return self.from_day <= day < self.until_day


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill [cents]: the nine lines of section 9 and what follows from them."""

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
    days: tuple[Day, ...]
    period_stairs_root: bytes
    bill: Bill
    bill_stairs_root: bytes


def load_bundle(text: str | bytes) -> Bundle:
    """Read a bundle from its JSON text.

    Raises:
        VerificationError: If the text is no JSON, names a field twice, or is no bundle.
    """
    _require_shallow(text if isinstance(text, str) else text.decode("utf-8", "replace"))
    try:
        value = json.loads(text, object_pairs_hook=_refuse_doubles, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise VerificationError(f"the bundle is not JSON: {error}") from None
    return parse_bundle(value)


def _require_shallow(text: str) -> None:
    """Refuse nesting beyond any bundle's before it is parsed: a deep one can exhaust the interpreter's stack."""
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > _DEEPEST:
            raise VerificationError(
                f"the bundle is not JSON of a bundle: it is nested more than {_DEEPEST} deep"
            )


def parse_bundle(value: object) -> Bundle:
    """Read a bundle from a decoded JSON object.

    Raises:
        VerificationError: If a field is missing, malformed or unknown; the message names it.
    """
    names = (
        "format version chain community period run_version batch_id seat points reading_stairs_root days"
        " period_stairs_root bill bill_stairs_root"
    )
    fields = _fields(value, "", names)
    if fields["format"] != "partage-bundle":
        raise _malformed("format", '"partage-bundle"', fields["format"])
    if fields["version"] != 1 or isinstance(fields["version"], bool):
        raise _malformed("version", "1, the version that this program knows", fields["version"])
    chain = _fields(fields["chain"], "chain", "chain_id genesis_hash contracts")
    points = _list(fields["points"], "points", _point, most=_MOST_INTERVALS)
    if not points:
        raise VerificationError("bundle field points is empty: a bundle holds at least one metering point")
    slots = [point.slot for point in points]
    if slots != sorted(set(slots)):
        raise VerificationError(
            f"bundle field points has slots {slots}: expected each once, in ascending order"
        )
    return Bundle(
        chain_id=_whole(chain["chain_id"], "chain.chain_id", 256),
        genesis_hash=_hash(chain["genesis_hash"], "chain.genesis_hash"),
        contracts=_contracts(chain["contracts"]),
        community=_hash(fields["community"], "community"),
        period=_whole(fields["period"], "period", 32),
        run_version=_whole(fields["run_version"], "run_version", 32),
        batch_id=_hash(fields["batch_id"], "batch_id"),
        seat=_whole(fields["seat"], "seat", 32),
        points=points,
        reading_stairs_root=_hash(fields["reading_stairs_root"], "reading_stairs_root"),
        days=_list(fields["days"], "days", _day, most=_MOST_DAYS),
        period_stairs_root=_hash(fields["period_stairs_root"], "period_stairs_root"),
        bill=_bill(fields["bill"]),
        bill_stairs_root=_hash(fields["bill_stairs_root"], "bill_stairs_root"),
    )


def _contracts(value: object) -> Contracts:
    names = "registry rule_book period_book meter_data_ledger settlement_ledger billing_ledger"
    fields = _fields(value, "chain.contracts", names)
    return Contracts(**{name: _address(fields[name], f"chain.contracts.{name}") for name in names.split()})


def _point(value: object, place: str) -> Point:
    names = (
        "slot direction number nonce key factor_ppm from_day until_day vat_class network_class class_path"
        " energy allocated quality source row_paths reading_path period_path"
    )
    fields = _fields(value, place, names)
    if not isinstance(fields["direction"], str) or fields["direction"] not in _DIRECTIONS:
        raise _malformed(f"{place}.direction", '"consumption" or "feed_in"', fields["direction"])
    return Point(
        slot=_whole(fields["slot"], f"{place}.slot", 32),
        direction=_DIRECTIONS[fields["direction"]],
        number=_number(fields["number"], f"{place}.number"),
        nonce=_hash(fields["nonce"], f"{place}.nonce"),
        key=_hash(fields["key"], f"{place}.key"),
        factor_ppm=_whole(fields["factor_ppm"], f"{place}.factor_ppm", 32),
        from_day=_whole(fields["from_day"], f"{place}.from_day", 16),
        until_day=_whole(fields["until_day"], f"{place}.until_day", 16),
        vat_class=_whole(fields["vat_class"], f"{place}.vat_class", 8),
        network_class=_whole(fields["network_class"], f"{place}.network_class", 8),
        class_path=_path(fields["class_path"], f"{place}.class_path"),
        energy=_curve(fields["energy"], f"{place}.energy", 64),
        allocated=_curve(fields["allocated"], f"{place}.allocated", 64),
        quality=_curve(fields["quality"], f"{place}.quality", 8),
        source=_curve(fields["source"], f"{place}.source", 8),
        row_paths=_list(fields["row_paths"], f"{place}.row_paths", _path, most=_MOST_DAYS),
        reading_path=_path(fields["reading_path"], f"{place}.reading_path"),
        period_path=_path(fields["period_path"], f"{place}.period_path"),
    )


def _day(value: object, place: str) -> Day:
    fields = _fields(value, place, "headers headers_root stairs_root")
    headers = fields["headers"]
    return Day(
        headers=None
        if headers is None
        else _list(headers, f"{place}.headers", _header, most=_MOST_INTERVALS),
        headers_root=_hash(fields["headers_root"], f"{place}.headers_root"),
        stairs_root=_hash(fields["stairs_root"], f"{place}.stairs_root"),
    )


def _header(value: object, place: str) -> Header:
    widths = (64, 64, 64, 32, 8)
    if not isinstance(value, list) or len(value) != len(widths):
        raise _malformed(place, "[P, C, A, tau, band] (a key without rounds)", value)
    return Header(*(_whole(entry, f"{place}[{i}]", widths[i]) for i, entry in enumerate(value)))


def _bill(value: object) -> Bill:
    fields = _fields(value, "bill", "lines vat_debit vat_credit debit credit path")
    lines = _list(fields["lines"], "bill.lines", lambda entry, place: _whole(entry, place, 64), most=9)
    if len(lines) != 9:  # noqa: PLR2004 -- section 9 has nine lines
        raise VerificationError(f"bundle field bill.lines has {len(lines)} entries: expected nine")
    amounts = {
        name: _whole(fields[name], f"bill.{name}", 64)
        for name in ("vat_debit", "vat_credit", "debit", "credit")
    }
    return Bill(lines=lines, path=_path(fields["path"], "bill.path"), **amounts)


def _curve(value: object, place: str, bits: int) -> tuple[tuple[int, ...], ...]:
    def entry(number: object, at: str) -> int:
        return _whole(number, at, bits)

    def row(numbers: object, at: str) -> tuple[int, ...]:
        return _list(numbers, at, entry, most=_MOST_INTERVALS)

    return _list(value, place, row, most=_MOST_DAYS)


def _path(value: object, place: str) -> tuple[bytes, ...]:
    return _list(value, place, _hash, most=_DEEPEST_PATH)


def _fields(value: object, place: str, names: str) -> Mapping[str, Any]:
    """Take an object that has exactly these fields: what is not checked does not stand in a bundle."""
    if not isinstance(value, dict):
        raise _malformed(place or "(whole)", "an object", value)
    prefix = f"{place}." if place else ""
    for name in names.split():
        if name not in value:
            raise VerificationError(f"bundle field {prefix}{name} is missing")
    for name in value:
        if name not in names.split():
            raise VerificationError(
                f"bundle field {prefix}{name} is unknown: a bundle holds nothing unchecked"
            )
    return value


def _list(value: object, place: str, read: Callable[[object, str], _T], most: int) -> tuple[_T, ...]:
    if not isinstance(value, list):
        raise _malformed(place, "a list", value)
    if len(value) > most:
        raise VerificationError(f"bundle field {place} has {len(value)} entries: expected at most {most}")
    return tuple(read(entry, f"{place}[{i}]") for i, entry in enumerate(value))


def _whole(value: object, place: str, bits: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << bits:
        raise _malformed(place, f"a whole number from 0 to 2^{bits} - 1", value)
    return value


def _hash(value: object, place: str) -> bytes:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise _malformed(place, "0x and 64 lower-case hex digits", value)
    return bytes.fromhex(value[2:])


def _address(value: object, place: str) -> bytes:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise _malformed(place, "0x and 40 hex digits", value)
    return bytes.fromhex(value[2:])


def _number(value: object, place: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NUMBER:
        raise _malformed(place, f"text of 1 to {_LONGEST_NUMBER} characters", value)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _malformed(place, "text that UTF-8 can write", value) from None
    return value


def _malformed(place: str, expected: str, found: object) -> VerificationError:
    shown = ascii(found)
    if len(shown) > 80:  # noqa: PLR2004 -- a line's worth
        shown = f"{shown[:77]}..."
    return VerificationError(f"bundle field {place} is {shown}: expected {expected}")


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise VerificationError(f"bundle field {double} stands twice in one object")
    return fields


def _refuse_constant(name: str) -> None:
    raise VerificationError(f"the bundle holds {name}: expected whole numbers only")
