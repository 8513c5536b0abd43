"""What alarms are found in: measures of a network's elements over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from backend.grid.alarms import Measure, MeasureSeries
    from backend.ports.grid_records import NetworkRecord

__all__ = ["MeasureSource"]


class MeasureSource(Protocol):
    """Computes measures."""

    def span(self, record: NetworkRecord, measure: Measure) -> tuple[int, int] | None:
        """From when until when a measure is complete enough to be judged, None where it never was.

        Later readings may still change it; what they change is found by looking again.

        Returns:
            Begin and end. [s since 1970, UTC]
        """
        ...

    def series(
        self, record: NetworkRecord, measures: Collection[Measure], begin_utc: int, end_utc: int
    ) -> Sequence[MeasureSeries]:
        """Measures in [begin, end), of every kind of element that has them, each at its own step.

        A series begins at or before ``begin_utc`` only where its step's grid needs it, and may be left out.
        """
        ...
