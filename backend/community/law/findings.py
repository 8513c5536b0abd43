"""What a check of the law found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["LegalFinding", "Severity"]


class Severity(Enum):
    """How much a finding weighs."""

    FORBIDDEN = "forbidden"  # the law does not allow it
    UNKNOWN = "unknown"  # the file does not say what the law asks
    NOTICE = "notice"  # allowed, with a duty or a difference that members should know


@dataclass(frozen=True, slots=True)
class LegalFinding:
    """One finding.

    Attributes:
        severity: Forbidden, unknown or notice.
        article: The provision, as lawyers of the country cite it.
        message: What was found, with the value and the limit, and what to do.
    """

    severity: Severity
    article: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} ({self.article})"
