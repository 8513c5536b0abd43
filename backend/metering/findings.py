"""What a check found: an object that names rule, place and value, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

__all__ = ["Fact", "Finding", "Severity", "Treatment"]

Fact = int | str


class Severity(Enum):
    """How much a finding matters."""

    REFUSED = "refused"  # nothing of the file is loaded
    FAULT = "fault"  # the point's data cannot be trusted; the community decides what becomes of it
    WARNING = "warning"
    NOTE = "note"


class Treatment(Enum):
    """What becomes of readings that a rule found; the rules in force say which.

    Settlement takes what stands in the store. A finding moves nothing by itself: the treatment is what a community
    decided to do where it accepts the finding.
    """

    CORRUPT = "corrupt"  # cannot be what was measured, and not known what was: back to the operator, none of it settled
    NON_STANDARD = (
        "non-standard"  # measured, but written otherwise (unit, step, clock, direction): convert, load again
    )
    USELESS = "useless"  # says nothing of what was used: counts as missing, never as a source of an estimate
    ESTIMABLE = (
        "estimable"  # those intervals count as missing, and are estimated where the rule estimates gaps
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, by whom and where.

    Attributes:
        rule: Stable kebab-case name of the rule, such as ``load-follows-sun``.
        severity: How much it matters.
        message: One sentence: what is wrong, with which value, and what to do.
        file: Name of the file, without folder; empty where the finding is about stored readings.
        line: Line in the file, from 1; 0 where it is about more than one.
        metering_point: Its id, or empty.
        start_utc: Start of the (first) interval concerned, or None. [s since 1970, UTC]
        end_utc: End of the last interval concerned, or None. [s since 1970, UTC]
        value: The measured figure behind it, in words with its unit, or empty.
        limit: What the rule allows there, in words with its unit, or empty.
        treatment: What the rules in force make of it, None where that is not for them to say.
        facts: What the sentence is made of, for other languages: whole numbers whose names end in their unit
            (``usual_milliwatt_hours``, ``days``, ``at_utc``, ``share_ppm``, ``times_ppm`` for a factor), and words. A
            ``kind`` tells apart what a rule says in several ways, names that begin with ``limit`` what is allowed.
            Empty where there is the sentence alone, as of files.
    """

    rule: str
    severity: Severity
    message: str
    file: str = ""
    line: int = 0
    metering_point: str = ""
    start_utc: int | None = None
    end_utc: int | None = None
    value: str = ""
    limit: str = ""
    treatment: Treatment | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict, hash=False)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "metering_point": self.metering_point,
            "start_utc": self.start_utc,
            "end_utc": self.end_utc,
            "value": self.value,
            "limit": self.limit,
            "treatment": self.treatment.value if self.treatment else "",
            "facts": dict(self.facts),
        }
