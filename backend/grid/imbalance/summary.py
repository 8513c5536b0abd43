"""Imbalance over time: by element, hour of the day, weekday and season, and from week to week.

Flows are added piece by piece, so that a year of quarter-hours takes the memory of a summary. What the whole network is
told by is its worst place in each interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError, NotFoundError
from backend.grid.imbalance.measures import MEASURES, Measure, badness, measure_flow, measured_elements
from backend.grid.series.local_time import SEASONS, is_southern, local_times, monday_of_week

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.network import Network
    from backend.grid.power_flow import FlowResult

    Values = NDArray[np.float64]
    Places = NDArray[np.int64]

__all__ = ["RANKED_BY", "WHOLE_NETWORK", "ImbalanceSummary", "Ranked", "warm_kernels"]

WHOLE_NETWORK = ""
RANKED_BY = ("element", "hour", "weekday", "season")
_HOURS, _WEEKDAYS = 24, 7
_FIRST = {"element": 0, "hour": 1, "weekday": 25, "season": 32, "week": 36}
_GROUPS = 36
_BINS_BY_DECADE = 32
_DECADES = 5
_P95 = 0.95
_NEVER = -1


@dataclass(frozen=True, slots=True)
class Ranked:
    """A measure over the intervals of one group; of a voltage the distance from nominal.

    Attributes:
        key: Element's id, hour 0 to 23, weekday from 0 for Monday, season, or a week's Monday.
        mean: Over its intervals. [unit of the measure]
        p95: What 95 % of them do not exceed, within 8 %; NaN where it is not kept, as for weeks. [unit of the measure]
        worst: The largest. [unit of the measure]
        worst_start_utc: Start of the interval in which it was. [s since 1970, UTC]
        intervals: How many are known.
    """

    key: str
    mean: float
    p95: float
    worst: float
    worst_start_utc: int
    intervals: int


class _Sums:
    """Sums of one measure by element (the last row is the whole network) and group."""

    def __init__(self, elements: int, binned: int) -> None:
        self.total: Values = np.zeros((elements, _GROUPS))
        self.count: Places = np.zeros((elements, _GROUPS), dtype=np.int64)
        self.worst: Values = np.full((elements, _GROUPS), -np.inf)
        self.worst_start: Places = np.full((elements, _GROUPS), _NEVER, dtype=np.int64)
        self.bins: NDArray[np.uint32] = np.zeros(
            (elements, binned, _DECADES * _BINS_BY_DECADE + 2), dtype=np.uint32
        )

    def widen(self, groups: int) -> None:
        """Make room for more weeks."""
        more = ((0, 0), (0, groups - self.total.shape[1]))
        self.total, self.count = np.pad(self.total, more), np.pad(self.count, more)
        self.worst = np.pad(self.worst, more, constant_values=-np.inf)
        self.worst_start = np.pad(self.worst_start, more, constant_values=_NEVER)


class ImbalanceSummary:
    """Measures of a network, summed up over time.

    Attributes:
        network: Whose.
        measures: Which are kept.
    """

    def __init__(
        self,
        network: Network,
        time_zone: str = "UTC",
        measures: Sequence[Measure] = tuple(Measure),
        *,
        detailed: bool = True,
    ) -> None:
        """Begin with nothing.

        Args:
            network: Whose.
            time_zone: IANA name that hours, weekdays, weeks and seasons are told in.
            measures: Which to keep.
            detailed: Tell 95th percentiles by hour, weekday and season too: 23 kB by measure and element, else 1.
        """
        self.network = network
        self.measures = tuple(measures)
        self._time_zone = time_zone
        self._southern = is_southern(network)
        self._weeks: dict[int, int] = {}
        self._ids = {measure: measured_elements(network, measure) for measure in self.measures}
        self._sums = {
            measure: _Sums(len(self._ids[measure]) + 1, _GROUPS if detailed else 1)
            for measure in self.measures
        }

    def add(self, result: FlowResult) -> None:
        """Add the intervals of a flow: in any order, each once.

        Args:
            result: With voltages, and currents where measures of branches are kept.
        """
        from backend.grid.imbalance.kernels import gather

        starts, groups = self._group(result)
        for measure in self.measures:
            sums = self._sums[measure]
            sums.widen(_GROUPS + len(self._weeks))
            values = badness(measure_flow(result, measure), measure)
            whole = np.fmax.reduce(values, axis=0, initial=np.nan)
            gather(
                np.vstack((values, whole[None])),
                starts,
                groups,
                MEASURES[measure].least,
                float(_BINS_BY_DECADE),
                sums.total,
                sums.count,
                sums.worst,
                sums.worst_start,
                sums.bins,
            )

    def _group(self, result: FlowResult) -> tuple[Places, Places]:
        """Starts of intervals (T,), and their groups (5, T); new weeks are noted."""
        starts = result.start_utc + result.step_seconds * np.arange(result.length, dtype=np.int64)
        local = local_times(
            result.start_utc, result.step_seconds, result.length, self._time_zone, southern=self._southern
        )
        for week in np.unique(local.week).tolist():
            self._weeks.setdefault(week, len(self._weeks))
        weeks = np.array([self._weeks[week] for week in local.week.tolist()], dtype=np.int64)
        return starts, np.stack(
            (
                np.zeros(result.length, dtype=np.int64),
                _FIRST["hour"] + local.hour,
                _FIRST["weekday"] + local.weekday,
                _FIRST["season"] + local.season,
                _FIRST["week"] + weeks,
            )
        )

    def ranking(self, measure: Measure, by: str = "element", element: str = WHOLE_NETWORK) -> list[Ranked]:
        """Worst first, by the mean.

        Args:
            measure: Which.
            by: ``element``, ``hour``, ``weekday`` or ``season``.
            element: Of which one hours, weekdays or seasons are told; the network's worst place without.

        Raises:
            NotFoundError: If the element or the measure is not here.
            InputError: If ``by`` is none of these.
        """
        if by not in RANKED_BY:
            raise InputError(f'"{by[:40]}" is nothing to rank by; ask for {", ".join(RANKED_BY)}.')
        if by == "element":
            ids = self._of(measure)[0]
            found = [self._told(measure, row, 0, key) for row, key in enumerate(ids)]
        else:
            row = self._row(measure, element)
            found = [self._told(measure, row, _FIRST[by] + place, key) for place, key in enumerate(_keys(by))]
        known = [one for one in found if one.intervals]
        return sorted(known, key=lambda one: (-one.mean, one.key))

    def course(self, measure: Measure, element: str = WHOLE_NETWORK) -> list[Ranked]:
        """How a measure moves from week to week, in their order; without a 95th percentile, which is NaN.

        Args:
            measure: Which.
            element: Of which one; the network's worst place without.

        Raises:
            NotFoundError: If the element or the measure is not here.
        """
        row = self._row(measure, element)
        told = [
            self._told(measure, row, _FIRST["week"] + place, monday_of_week(week).isoformat())
            for week, place in sorted(self._weeks.items())
        ]
        return [one for one in told if one.intervals]

    def columns(self, measure: Measure) -> dict[str, NDArray[np.generic]]:
        """All of it as a flat table, for a file.

        Returns:
            ``element`` (empty for the whole network), ``by`` (``element``, ``hour``, ``weekday``, ``season``,
            ``week``), ``key``, ``mean``, ``p95``, ``worst``, ``worst_start_utc``, ``intervals``, all of one length;
            groups of which nothing is known are left out.
        """
        ids, sums = self._of(measure)
        weeks = [monday_of_week(week).isoformat() for week in self._weeks]
        kinds = [(by, key) for by in ("element", "hour", "weekday", "season") for key in _keys(by)]
        kinds += [("week", key) for key in weeks]
        names = np.array([*ids, WHOLE_NETWORK])
        row, group = np.nonzero(sums.count[:, : len(kinds)])
        p95 = np.full(row.size, np.nan)
        binned = group < sums.bins.shape[1]
        p95[binned] = self._percentiles(measure)[row[binned], group[binned]]
        return {
            "element": names[row],
            "by": np.array([by for by, _ in kinds])[group],
            "key": np.array([key for _, key in kinds])[group],
            "mean": sums.total[row, group] / sums.count[row, group],
            "p95": p95,
            "worst": sums.worst[row, group],
            "worst_start_utc": sums.worst_start[row, group],
            "intervals": sums.count[row, group],
        }

    def _of(self, measure: Measure) -> tuple[tuple[str, ...], _Sums]:
        if measure not in self._sums:
            raise NotFoundError(f'"{measure}" was not summed up; there are {", ".join(self.measures)}.')
        return self._ids[measure], self._sums[measure]

    def _row(self, measure: Measure, element: str) -> int:
        ids, _ = self._of(measure)
        if element == WHOLE_NETWORK:
            return len(ids)
        if element not in ids:
            kind = "bus" if MEASURES[measure].of_buses else "branch"
            raise NotFoundError(
                f'{self.network.name} has no {kind} "{element[:60]}", which {measure} is told of; look at '
                "its structure."
            )
        return ids.index(element)

    def _told(self, measure: Measure, row: int, group: int, key: str) -> Ranked:
        sums = self._of(measure)[1]
        count = int(sums.count[row, group])
        p95 = float("nan")
        if count and group < sums.bins.shape[1]:
            p95 = float(_percentile(sums.bins[row, group], sums.worst[row, group], MEASURES[measure].least))
        mean = float(sums.total[row, group]) / count if count else float("nan")
        worst, when = float(sums.worst[row, group]), int(sums.worst_start[row, group])
        return Ranked(key, mean, p95, worst, when, count)

    def _percentiles(self, measure: Measure) -> Values:
        sums = self._sums[measure]
        return _percentile(sums.bins, sums.worst[:, : sums.bins.shape[1]], MEASURES[measure].least)


def warm_kernels() -> None:
    """Compile the kernel, or load it from numba's cache."""
    from backend.grid.imbalance.kernels import gather

    places, sums = np.zeros((1, 1), dtype=np.int64), _Sums(1, 1)
    parts = sums.total, sums.count, sums.worst, sums.worst_start, sums.bins
    gather(np.ones((1, 1)), places[0], places, 1.0, float(_BINS_BY_DECADE), *parts)


def _keys(by: str) -> list[str]:
    if by == "hour":
        return [str(hour) for hour in range(_HOURS)]
    if by == "weekday":
        return [str(day) for day in range(_WEEKDAYS)]
    return list(SEASONS) if by == "season" else [""]


def _percentile(bins: NDArray[np.uint32], worst: Values | np.float64, least: float) -> Values:
    """The 95th percentile from bins: within its bin by the logarithm. Shape (..., bins) to (...)."""
    reached = np.cumsum(bins, axis=-1, dtype=np.float64)
    wanted = _P95 * reached[..., -1:]
    place = (reached < wanted).sum(axis=-1, keepdims=True).clip(max=bins.shape[-1] - 1)
    inside = np.take_along_axis(bins, place, axis=-1).astype(np.float64)
    before = np.take_along_axis(reached, place, axis=-1) - inside
    part = (wanted - before) / np.maximum(inside, 1)
    lower = least * 10.0 ** ((place - 1) / _BINS_BY_DECADE)
    value = np.where(place == 0, least * part, lower * 10.0 ** (part / _BINS_BY_DECADE))[..., 0]
    is_last = place[..., 0] == bins.shape[-1] - 1  # which has no upper bound
    told: Values = np.where(is_last, worst, np.minimum(value, worst))
    return told
