"""Register reads of a file to a community's metering points, as its interval series are."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from backend.adapters.meter_files.series_buffers import refuse_unknown_point
from backend.metering.known_points import pure_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.metering.known_points import KnownPoints, Tenure
    from backend.metering.source_series import RegisterRead

__all__ = ["match_registers"]

_LAST_UTC = 7_258_118_400  # 2200-01-01
_VALUE_MAX = 10**18  # a register of a terawatt-hour, in mWh, stays below


def match_registers(
    reads: Sequence[RegisterRead],
    known: KnownPoints | None,
    faults: FaultCollector,
    told: Iterable[tuple[str, int]] = (),
) -> tuple[RegisterRead, ...]:
    """The reads under our ids of their metering points; what is unknown is told as of readings.

    Args:
        reads: In the file's order.
        known: Points that may occur; None for any, whose reads stay as they are.
        faults: Takes what is found.
        told: Numbers and directions of the file's intervals, about which all has been said.
    """
    sound = [read for read in reads if _is_sound(read, faults)]
    if known is None:
        return tuple(sound)
    by_series: dict[tuple[str, int], list[RegisterRead]] = {}
    for read in sound:
        by_series.setdefault((read.series.external_id, read.series.direction), []).append(read)
    told = frozenset(told)
    unknown: set[str] = {number for number, _ in told if not known.names(number)}
    matched: list[RegisterRead] = []
    for (number, direction), own in by_series.items():
        tenures = known.match(number, direction)
        if tenures:
            matched += _split(own, tenures)
        elif not known.names(number):
            if number not in unknown:
                refuse_unknown_point(faults, number, len(own), own[0].line, known.all_names())
            unknown.add(number)
        elif (number, direction) not in told:
            other = pure_id("", direction).lstrip("-") or "consumption"
            faults.warn(
                "other-direction",
                f"{number} has register reads of {other} ({len(own)}), but the community has no such metering point; "
                "they were left aside.",
                line=own[0].line,
                metering_point=number,
            )
    return tuple(matched)


def _is_sound(read: RegisterRead, faults: FaultCollector) -> bool:
    if 0 <= read.instant_utc < _LAST_UTC and 0 <= read.value < _VALUE_MAX:
        return True
    faults.refuse(
        "register",
        f"{read.series.external_id} has a register read outside the years 1970 to 2199, or of 10^9 MWh and more.",
        line=read.line,
        metering_point=read.series.external_id,
    )
    return False


def _split(reads: Sequence[RegisterRead], tenures: tuple[Tenure, ...]) -> Iterator[RegisterRead]:
    """Reads to the members who had the meter one after the other; what it showed at the handover is of both."""
    begins = [tenure.from_utc or 0 for tenure in tenures[1:]]
    for read in reads:
        owner = bisect_right(begins, read.instant_utc)
        owners = [owner - 1, owner] if owner and begins[owner - 1] == read.instant_utc else [owner]
        for place in owners:
            yield replace(read, series=replace(read.series, external_id=tenures[place].point))
