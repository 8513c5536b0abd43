"""One fault of a network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from backend.metering import Severity

__all__ = ["FORBIDDING", "NetworkFault"]

FORBIDDING = frozenset({Severity.REFUSED, Severity.FAULT})
"""Severities that keep a network from being loaded; a fault's rule can be accepted, what is refused cannot."""


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """One thing that is wrong with a network, or that its reader could not carry over.

    Attributes:
        rule: Which check found it, such as ``island`` or ``unknown_bus``.
        element: Id of the bus, branch or connection, empty for the network as a whole.
        message: What is wrong, with which value, and what to do.
        severity: A fault forbids loading; anything less is told.
        where: File and line, empty where unknown.
    """

    rule: str
    element: str
    message: str
    severity: Severity
    where: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**asdict(self), "severity": self.severity.name.lower()}
