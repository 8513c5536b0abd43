"""A bundle beside the chain's frozen terms: the depths and places that follow, shared by all checks of curves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property

from backend.verifier.bounds import DayPoints
from backend.verifier.bundle import Bundle
from backend.verifier.chain import PeriodFacts
from backend.verifier.headers import list_day_points
from backend.verifier.leaves import run_id
from backend.verifier.trees import depth_for
from backend.verifier.verdict import Findings, Place

__all__ = ["Period"]

_SECONDS_PER_DAY = 86_400
_MOST_OFFSET_SECONDS = 14 * 3600


@dataclass(frozen=True)
class Period:
    """What is checked, what it is held against, and where the outcome goes."""

    bundle: Bundle
    facts: PeriodFacts
    findings: Findings

    @cached_property
    def run_id(self) -> bytes:
        """The run's name; salts of its leaves use it."""
        return run_id(self.bundle.community, self.bundle.period, self.bundle.run_version)

    @cached_property
    def slot_depth(self) -> int:
        """DS of the protocol."""
        return depth_for(self.facts.terms.slots)

    @cached_property
    def day_depth(self) -> int:
        """DD of the protocol."""
        return depth_for(self.facts.terms.day_count)

    @cached_property
    def interval_depth(self) -> int:
        """DT of the protocol."""
        return depth_for(self.facts.terms.max_intervals)

    @cached_property
    def first_interval(self) -> tuple[int, ...]:
        """Index in the period of each day's first interval."""
        first = [0]
        for count in self.facts.intervals:
            first.append(first[-1] + count)
        return tuple(first)

    @cached_property
    def day_points(self) -> tuple[DayPoints, ...]:
        """The active slots of each day."""
        return list_day_points(self.facts)

    def band(self, day: int, interval: int) -> int:
        """Give an interval's tariff band, as the chain has it."""
        return self.facts.bands[self.first_interval[day] + interval]

    def start(self, day: int, interval: int) -> str:
        """Give an interval's start in the offset that held at its day's midnight."""
        terms = self.facts.terms
        seconds = terms.resolution_minutes * 60
        midnight = terms.start_utc + self.first_interval[day] * seconds
        offset = (self.bundle.period + day) * _SECONDS_PER_DAY - midnight
        zone = timezone(timedelta(seconds=offset)) if abs(offset) <= _MOST_OFFSET_SECONDS else UTC
        try:
            return datetime.fromtimestamp(midnight + interval * seconds, zone).isoformat(timespec="minutes")
        except (ValueError, OverflowError, OSError):
            return f"interval {interval} of day {day}"

    def check_length(self, what: str, slot: int, path: tuple[bytes, ...], field: str) -> bool:
        """Note whether a path has the siblings of a tree over the slots."""
        place = Place(what, field, slot)
        return self.findings.compare("path.length", place, self.slot_depth, len(path))
