"""What alarms are found in: measures of a network's elements over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from backend.grid.alarms import Measure, MeasureSeries
    from backend.ports.grid_records import NetworkRecord

__all__ = ["MeasureSource"]


class MeasureSource(Protocol):
    """Computes measures."""

    def spans(
        self, record: NetworkRecord, measures: Collection[Measure]
    ) -> Mapping[Measure, tuple[int, int]]:
        """From when until when measures are complete enough to be judged; those that never were are left out.

        Later readings may still change them; what they change is found by looking again.

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
