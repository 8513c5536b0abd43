"""P1 telegrams as a meter sends them, cut out of a log line by line, with their checksum (DSMR 5.0.2 P1, section 6.2).

Also in DSMR 2.2 to 4.2, ESMR 5 and eMUCS-P1 for Belgium, which differ in what they state, not in how. dsmr-parser drops
lines that it cannot read and knows no line numbers; here each is a finding. The tests hold both to the same figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.adapters.meter_files.formats.line_records import is_hopeless, shorten
from backend.adapters.meter_files.formats.measured_values import parse_energy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["Telegram", "crc16", "read_telegrams"]

_LINES_MAX = 500
_OBJECT = re.compile(
    r"([0-9]{1,3}-[0-9]{1,3}:[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})(?:[.*][0-9]{1,3})?\(([^()]*)\)"
)
_REGISTER = re.compile(r"1-[0-9]:([12])\.8\.([0-9])")
_CHECKSUM = re.compile(r"[0-9A-Fa-f]{4}")
_EQUIPMENT = ("0-0:96.1.1", "0-0:42.0.0", "0-0:96.1.0")  # Netherlands and Belgium; Luxembourg; others
_STAMP = "0-0:1.0.0"
_DECADES = {"kWh": 6, "Wh": 3}
_POLYNOMIAL = 0xA001
_TOTAL = "0"


@dataclass(frozen=True, slots=True)
class Telegram:
    """What a telegram says of energy.

    Attributes:
        line: Of its first line.
        equipment: The meter's number as it stands there (hexadecimal), or empty.
        stamp: ``YYMMDDhhmmss`` with S or W, or empty.
        consumption: Total of all tariffs' registers, or None. [mWh]
        feed_in: The same. [mWh]
        registers: Names of all registers that they are of.
        has_checksum: Was there one? A wrong one makes no telegram.
        has_other_media: Are there gas, water or heat readings in it?
    """

    line: int
    equipment: str
    stamp: str
    consumption: int | None
    feed_in: int | None
    registers: frozenset[str]
    has_checksum: bool
    has_other_media: bool


def crc16(data: bytes) -> int:
    """CRC-16 of the P1 port: polynomial x16 + x15 + x2 + 1, least significant bit first, no preset, no inversion."""
    value = 0
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]
    return value


def _table_entry(index: int) -> int:
    for _ in range(8):
        index = (index >> 1) ^ _POLYNOMIAL if index & 1 else index >> 1
    return index


_TABLE = [_table_entry(index) for index in range(256)]


def read_telegrams(lines: Iterator[tuple[int, str]], faults: FaultCollector) -> Iterator[Telegram]:
    """Cut a log into telegrams. One that is cut off, too long or fails its checksum is told and left out."""
    held: list[str] = []
    first = 0
    for line, text in lines:
        if text.startswith("/"):
            if first:
                _leave_out(faults, first, "cut-off", "a telegram is cut off, the next one begins within it")
            held, first = [text], line
        elif not first:
            if text.strip() and line == 1:
                _leave_out(faults, line, "cut-off", "the file begins within a telegram")
        elif text.startswith("!"):
            telegram = _close(first, held, text, faults)
            held, first = [], 0
            if telegram is not None:
                yield telegram
        elif len(held) >= _LINES_MAX:
            _leave_out(faults, first, "long-telegram", f"a telegram has more than {_LINES_MAX} lines")
            held, first = [], 0
        else:
            held.append(text)
        if is_hopeless(faults):
            return
    if first:
        _leave_out(faults, first, "cut-off", "the file ends within a telegram")


def _close(first: int, held: list[str], end: str, faults: FaultCollector) -> Telegram | None:
    stated = end[1:].strip()
    if stated and not _has_sum(held, stated):
        _leave_out(
            faults, first, "checksum", f'a telegram does not match its checksum "{shorten(stated)}" (CRC16)'
        )
        return None
    objects: dict[str, str] = {}
    registers: dict[tuple[str, str], int] = {}
    has_other_media = False
    for number, text in enumerate(held[1:], first + 1):
        found = _OBJECT.match(text.strip())
        if found is None:
            if _REGISTER.match(text.strip()):
                faults.refuse(
                    "energy", f'"{shorten(text)}" is no register like 1-0:1.8.1(12.345*kWh).', line=number
                )
                return None
            continue
        name, word = found.groups()
        register = _REGISTER.fullmatch(name)
        if register is None:
            objects.setdefault(name, word)
            has_other_media = has_other_media or (name.startswith("0-") and ":24." in name)
            continue
        amount, _, unit = word.partition("*")
        decades = _DECADES.get(unit)
        energy = "its unit is unknown; kWh is due" if decades is None else parse_energy(amount, decades)
        if isinstance(energy, str):
            faults.refuse("energy", f"register {name} ({shorten(word)}): {energy}.", line=number)
            return None
        registers[register.group(1), register.group(2)] = energy
    equipment = next((objects[name] for name in _EQUIPMENT if objects.get(name)), "")
    return Telegram(
        first,
        equipment,
        objects.get(_STAMP, ""),
        _total(registers, "1"),
        _total(registers, "2"),
        frozenset(f"{of}.8.{tariff}" for of, tariff in registers),
        bool(stated),
        has_other_media,
    )


def _has_sum(held: list[str], stated: str) -> bool:
    """Is the checksum that of the telegram, from ``/`` to ``!``, with the line ends it was sent with?"""
    if not _CHECKSUM.fullmatch(stated):
        return False
    due = int(stated, 16)
    return any(crc16(end.join([*held, "!"]).encode()) == due for end in ("\r\n", "\n"))


def _total(registers: dict[tuple[str, str], int], direction: str) -> int | None:
    """The register of all tariffs, or the sum of those of each."""
    if (direction, _TOTAL) in registers:
        return registers[direction, _TOTAL]
    tariffs = [energy for (of, _), energy in registers.items() if of == direction]
    return sum(tariffs) if tariffs else None


def _leave_out(faults: FaultCollector, line: int, rule: str, what: str) -> None:
    faults.warn(rule, f"{what}; it was left out.", line=line)
