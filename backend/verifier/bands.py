"""The tariff bands of a period against the voted windows: whoever opens a period must not choose the prices."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from backend.verifier.chain import PeriodFacts
from backend.verifier.verdict import Findings, Place

__all__ = ["check_bands"]

_MINUTES_PER_DAY = 1440
_CLOCK_TURNS = (30, 60)  # minutes by which a civil day is shorter or longer
_DAYS_BETWEEN_TURNS = 20  # the nearest in use are those around Ramadan, a month apart


def check_bands(facts: PeriodFacts, findings: Findings, start: Callable[[int, int], str]) -> None:
    """Check that each interval has the band of its local minute.

    A day that is shorter or longer than 24 hours turns its clock once, at an interval that the chain does not name: its
    bands must fit one such turn.

    Args:
        facts: What the chain holds.
        findings: Takes the outcome.
        start: Gives an interval's local start, of day and interval.
    """
    first, minutes = 0, facts.terms.resolution_minutes
    turned, doubtful = -_DAYS_BETWEEN_TURNS, False
    for day, count in enumerate(facts.intervals):
        if abs(_MINUTES_PER_DAY - count * minutes) in _CLOCK_TURNS:
            doubtful |= day - turned < _DAYS_BETWEEN_TURNS
            turned = day
        given = facts.bands[first : first + count]
        turn = _MINUTES_PER_DAY - count * minutes
        before = [_band_at(facts.rule.tariff.windows, t * minutes) for t in range(count)]
        after = [_band_at(facts.rule.tariff.windows, t * minutes + turn) for t in range(count)]
        rest = count - _same_from_start(given[::-1], after[::-1])
        fits = rest <= _same_from_start(given, before)
        place = Place("tariff bands", start=start(day, 0 if fits else rest - 1))
        found = "the same" if fits else f"band {given[rest - 1]}"
        findings.hold("band.window", place, fits, "the bands of the tariff's windows", found)
        first += count
    if doubtful:
        findings.unchecked.append(
            f"that the clock turned twice within {_DAYS_BETWEEN_TURNS} days: each turn may stand at any hour of its day"
        )


def _band_at(windows: Sequence[int], minute: int) -> int | None:
    """Band of a local minute; None where the day does not have it, or no window holds."""
    after = bisect_right(windows, minute << 8 | 0xFF)
    return windows[after - 1] & 0xFF if after and minute < _MINUTES_PER_DAY else None


def _same_from_start(left: Sequence[int | None], right: Sequence[int | None]) -> int:
    """How many entries agree before the first that does not."""
    pairs = enumerate(zip(left, right, strict=True))
    return next((i for i, (one, other) in pairs if one != other), len(left))
