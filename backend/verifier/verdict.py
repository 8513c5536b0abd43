"""What was checked, what came out, and where it fails."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["STATES", "Check", "Findings", "Place", "Verdict"]

STATES = ("none", "contestable", "final", "superseded", "voided")
"""States of runs and bills, by their number on chain."""

_MOST_FAILURES = 8  # of one check; the first are what a person acts on


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands.

    Attributes:
        what: In words: ``row``, ``header``, ``readings``, ``bill``.
        field: The field of the bundle, such as ``points[0].allocated[2][40]``; empty where it concerns the chain only.
        slot: The metering point's slot.
        start: Start of the interval, ISO 8601 in the offset that held at the day's midnight.
    """

    what: str
    field: str = ""
    slot: int | None = None
    start: str | None = None

    def __str__(self) -> str:
        parts = [self.what]
        if self.slot is not None:
            parts.append(f"slot {self.slot}")
        if self.start is not None:
            parts.append(self.start)
        return ", ".join(parts) + (f" ({self.field})" if self.field else "")


@dataclass(frozen=True, slots=True)
class Check:
    """One check and its outcome.

    Attributes:
        id: Stable name, such as ``row.allocation``.
        ok: Whether it holds.
        place: Where; for a check that holds everywhere, the first place looked at.
        expected: What follows from the chain, the rule or the rest of the bundle.
        found: What stands at the place.
        count: How many values were compared; 1 for a failure.
    """

    id: str
    ok: bool
    place: Place
    expected: str
    found: str
    count: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a verification.

    Attributes:
        ok: Whether everything that a bundle proves holds, with a run and bills that are contestable or final.
        run_state: A word of ``STATES``.
        bills_state: A word of ``STATES``.
        contestable_until: When the later of the two windows closes [UTC seconds]; 0 where nothing is anchored.
        readings_label: ``measured`` (the grid operator signed them), ``imported`` (an importer did) or ``unknown``.
        block_number: The block at which the chain was read.
        block_hash: Its hash, 0x-hex.
        checks: Each check that holds, once; of each that fails, the first places.
        unchecked: What was left unchecked and why; not a fault.
        covers: The metering points of the bill, in words: a point that is missing here is on another bill, or on none.
    """

    ok: bool
    run_state: str
    bills_state: str
    contestable_until: int
    readings_label: str
    block_number: int
    block_hash: str
    checks: tuple[Check, ...]
    unchecked: tuple[str, ...]
    covers: tuple[str, ...]

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that do not hold, in the order in which they were made."""
        return tuple(check for check in self.checks if not check.ok)


class Findings:
    """Collects checks: one entry per check that holds, the first failures of each that does not."""

    __slots__ = ("_counts", "_failures", "_passed", "unchecked")

    def __init__(self) -> None:
        self._passed: dict[str, Check] = {}
        self._counts: dict[str, int] = {}
        self._failures: dict[str, list[Check]] = {}
        self.unchecked: list[str] = []

    def compare(self, check: str, place: Place, expected: object, found: object) -> bool:
        """Note whether two values are equal, and say so."""
        return self.hold(check, place, expected == found, expected, found)

    def hold(self, check: str, place: Place, ok: bool, expected: object, found: object) -> bool:  # noqa: FBT001
        """Note whether a condition holds; ``expected`` and ``found`` are for the reader."""
        if ok:
            if check not in self._passed:
                self._passed[check] = Check(check, True, place, _text(expected), _text(found), 1)  # noqa: FBT003
            self._counts[check] = self._counts.get(check, 0) + 1
            return True
        failures = self._failures.setdefault(check, [])
        if len(failures) < _MOST_FAILURES:
            failures.append(Check(check, False, place, _text(expected), _text(found), 1))  # noqa: FBT003
        return False

    @property
    def ok(self) -> bool:
        """Whether no check has failed so far."""
        return not self._failures

    def checks(self) -> tuple[Check, ...]:
        """Give failures first, in the order of discovery, then the checks that hold everywhere."""
        failed = [check for failures in self._failures.values() for check in failures]
        passed = (
            replace(check, count=self._counts[name])
            for name, check in self._passed.items()
            if name not in self._failures
        )
        return (*failed, *passed)


def _text(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
