"""What the meters of a point counted between two reads, from what each of their registers showed."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from backend.metering.source_series import RegisterRead

__all__ = ["RegisterSpan", "counted_registers", "register_spans"]

# OBIS (IEC 62056-61): medium and channel, quantity and kind, tariff, where 0 is the total of all.
_OBIS = re.compile(r"(?:\d+-\d+:)?(\d+\.\d+)\.(\d+)(?:[*&]\d+)?")
_ALL_TARIFFS = "0"
# ESPI and IEC 61968-9: what a register counts a part of; one that says nothing of itself counts all.
_PART = re.compile(r"(?:phase|tou|cpp|consumptionTier) \d+")
_SHOWN_STEPS = (1_000_000, 100_000, 10_000, 1_000)  # from whole kilowatt-hours to whole watt-hours [mWh]


@dataclass(frozen=True, slots=True)
class RegisterSpan:
    """What a point's meters counted between two reads.

    Attributes:
        start_utc: [s since 1970, UTC]
        end_utc: [s since 1970, UTC]
        energy: At least zero. [mWh]
        hidden: What the meters may have counted more or less than they show: below a step of each display. [mWh]
    """

    start_utc: int
    end_utc: int
    energy: int
    hidden: int = 0


@dataclass(frozen=True)
class _Meter:
    """One meter: what its registers showed, by instant."""

    shown: dict[int, dict[str, int]]
    registers: frozenset[str]
    first: int
    last: int

    def is_read(self, instant: int) -> bool:
        """Does nothing lack of what it showed then?"""
        return self.shown.get(instant, {}).keys() == self.registers

    def counts(self, start: int, end: int) -> bool:
        """Was it there throughout?"""
        return self.first <= start and end <= self.last

    def meets(self, start: int, end: int) -> bool:
        """Was it there for a part at least?"""
        return self.first < end and start < self.last

    def energies(self, start: int, end: int) -> Iterator[int]:
        """What each register counted, below zero where it fell. [mWh]"""
        before, after = self.shown[start], self.shown[end]
        return (after[register] - before[register] for register in self.registers)

    def hidden(self) -> int:
        """What its displays do not show, told by all that they showed. [mWh]"""
        shown = [[values.get(register, 0) for values in self.shown.values()] for register in self.registers]
        return sum(_hidden_by([value for value in values if value]) for values in shown)


def counted_registers(names: Collection[str]) -> frozenset[str]:
    """The registers that are to be added: where a total is there, its tariffs, phases and tiers are not.

    Args:
        names: As the file has them: ``1.8.0``, ``1-0:1.8.1``, ``11``, ``tou 1``. A total is what OBIS says is one, and
            what has no name, or but a part of another's (``phase 224`` beside ``phase 224 tou 1``).
    """
    said = {name: found for name in names if (found := _OBIS.fullmatch(name))}
    totals = {found[1] for found in said.values() if found[2] == _ALL_TARIFFS}
    left_out = {name for name, found in said.items() if found[1] in totals and found[2] != _ALL_TARIFFS}
    parts = {name: frozenset(_PART.findall(name) or {name} - {""}) for name in names}
    left_out |= {name for name in names if any(parts[name] > other for other in parts.values())}
    return frozenset(names) - left_out


def register_spans(reads: Sequence[RegisterRead]) -> list[RegisterSpan]:
    """Spans between consecutive reads of a point's meters.

    Registers of a meter (tariffs), and meters beside each other, are added at the instants that all of them were read;
    tariffs beside their total (OBIS ``1.8.1`` beside ``1.8.0``, ``tou 1`` beside one without a name) count in it.
    Between two meters, and where a register shows less than before (reset, rolled over), nothing can be said. Reads
    without a meter's name are left aside where meters with one were read at the same time.

    Args:
        reads: Of one metering point.
    """
    meters = _meters(reads)
    instants = sorted({instant for meter in meters for instant in meter.shown})
    whole = [
        instant
        for instant in instants
        if all(meter.is_read(instant) for meter in meters if meter.first <= instant <= meter.last)
    ]
    spans = []
    for start, end in pairwise(whole):
        there = [meter for meter in meters if meter.counts(start, end)]
        if not there or any(meter.meets(start, end) for meter in meters if meter not in there):
            continue
        energies = [energy for meter in there for energy in meter.energies(start, end)]
        if min(energies) >= 0:
            spans.append(RegisterSpan(start, end, sum(energies), sum(meter.hidden() for meter in there)))
    return spans


def _hidden_by(values: Sequence[int]) -> int:
    if not values:
        return 0
    return next((step - 1 for step in _SHOWN_STEPS if all(value % step == 0 for value in values)), 0)


def _meters(reads: Sequence[RegisterRead]) -> list[_Meter]:
    by_name: dict[str, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for read in reads:
        by_name[read.meter][read.instant_utc][read.series.channel] = read.value
    named = [_meter(shown) for name, shown in by_name.items() if name]
    if "" not in by_name:
        return named
    nameless = _meter(by_name[""])
    beside = any(meter.meets(nameless.first, nameless.last) for meter in named)
    return named if beside else [*named, nameless]


def _meter(shown: dict[int, dict[str, int]]) -> _Meter:
    registers = counted_registers({register for values in shown.values() for register in values})
    counted = {
        instant: {register: value for register, value in values.items() if register in registers}
        for instant, values in shown.items()
    }
    counted = {instant: values for instant, values in counted.items() if values}
    return _Meter(counted, registers, min(counted), max(counted))
