"""What an earlier batch had measured is never estimated by us: it stays missing until the operator says what holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.findings import Finding, Severity
from backend.metering.inspection import find_runs
from backend.metering.readings import PeriodReadings, Quality, ReadingSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["OWN_ESTIMATES", "is_measured", "keep_missing"]

OWN_ESTIMATES = (ReadingSource.INTERPOLATED, ReadingSource.SIMILAR_DAYS, ReadingSource.PROFILED)
"""Sources of what neither the meter nor the operator gave."""


def is_measured(readings: PeriodReadings) -> NDArray[np.bool_]:
    """Where a reading came from the meter or the operator, on a day of membership. Shape (slots, T)."""
    known = np.isin(readings.quality, (Quality.MEASURED, Quality.EDITED))
    return np.asarray(known & readings.active_intervals())


def keep_missing(
    readings: PeriodReadings, measured_before: NDArray[np.bool_], points: Mapping[int, str]
) -> tuple[PeriodReadings, list[Finding]]:
    """Leave missing what would be estimated though an earlier batch of the period had it measured.

    An estimate in the place of a measurement that was anchored refutes the run; a gap does not.

    Args:
        readings: Of the new batch.
        measured_before: Where any earlier batch had a reading of the meter or the operator. Shape (slots, T).
        points: Metering point id by slot.

    Returns:
        The readings, and a finding per run of intervals that stay missing.
    """
    taken = np.isin(readings.source, OWN_ESTIMATES) & measured_before
    if not taken.any():
        return readings, []
    kept = replace(
        readings,
        energy=np.where(taken, 0, readings.energy),
        quality=np.where(taken, Quality.MISSING, readings.quality).astype(np.uint8),
        source=np.where(taken, ReadingSource.NONE, readings.source).astype(np.uint8),
    )
    findings = [
        _finding(readings, points[slot], start, end)
        for slot in np.flatnonzero(taken.any(axis=1)).tolist()
        for start, end in find_runs(taken[slot])
    ]
    return kept, findings


def _finding(readings: PeriodReadings, point: str, start: int, end: int) -> Finding:
    calendar = readings.calendar
    start_utc = calendar.start_utc + start * calendar.step_seconds
    return Finding(
        rule="withdrawn",
        severity=Severity.WARNING,
        message=(
            f"{end - start} readings of {point} from {datetime.fromtimestamp(start_utc, UTC):%Y-%m-%dT%H:%MZ} were "
            "measured in an earlier batch and are gone; they stay missing, for nobody may estimate what was measured: "
            "ask the operator for them."
        ),
        metering_point=point,
        start_utc=start_utc,
        end_utc=calendar.start_utc + end * calendar.step_seconds,
        value=f"{end - start} intervals",
        facts={"intervals": end - start},
    )
