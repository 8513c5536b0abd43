"""The community's forecast as the sum of its homes', so that both add up, where that was at least as close of late.

The homes' forecasts stay as they are. Their sum's quantiles come from how the homes' errors of past origins went
together. Moving homes and community towards each other instead (trace minimisation) made the homes' quantiles worse:
decision 0040.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import NotFoundError
from backend.forecasting.scores import mean_pinball_loss
from backend.services.forecasts.forecast import forecast_of, write_record
from backend.services.forecasts.subjects import Subject, SubjectKind, targets_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.community import Community
    from backend.forecasting import Forecast, Series
    from backend.ports.forecast_records import ForecastRecord
    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.forecasts.subjects import Asked

    Values = NDArray[np.float64]

__all__ = ["SUM", "add_up_homes"]

SUM = "sum-of-homes"
"""Name of the model in forecasts that are sums."""

_TARGETS = ("load", "solar")
_HOMES_MAX = 300
_LEARNED_DAYS = 42
_ORIGINS_MIN = 10
_JUDGED = 7
_DAY = 86_400
_SAME_WATTS = 1e-3
_COMMUNITY = Subject(SubjectKind.COMMUNITY)


@dataclass(frozen=True)
class _Past:
    """Forecasts that have come true: of the community and, in order, of its homes, by origin."""

    whole: Mapping[int, Forecast]
    parts: Sequence[Mapping[int, Forecast]]
    measured: Sequence[Series]
    sums: Series

    @property
    def origins(self) -> list[int]:
        """Of which all forecasts are known, in order, a day each at least."""
        shared = set(self.whole).intersection(*self.parts)
        return sorted(one for one in shared if self.sums.start_utc <= one <= self.sums.end_utc - _DAY)

    def errors(self, origins: Sequence[int]) -> Values:
        """Of the homes over the first day of each origin, actual less mean. Shape (P, T)."""
        rows = []
        for forecasts, series in zip(self.parts, self.measured, strict=True):
            per_day = _DAY // series.step_seconds
            row = [
                series.values[series.place(one) :][:per_day] - forecasts[one].mean[:per_day]
                for one in origins
            ]
            rows.append(np.concatenate(row) if row else np.empty(0))
        return np.stack(rows)


def add_up_homes(desk: ForecastDesk, members: Community) -> list[Asked]:
    """Keep, beside the community's own newest forecast, the sum of its homes', where it was at least as close.

    The sum is made later than the own forecast, so that it is the one that is told. The same again changes nothing.

    Returns:
        What the sum is told of now.
    """
    return [
        (_COMMUNITY, target)
        for target in _TARGETS
        if target in targets_of(members, _COMMUNITY) and _add_up(desk, members, target)
    ]


def _add_up(desk: ForecastDesk, members: Community, target: str) -> bool:
    homes = [
        subject
        for participant in members.participants
        for subject in [Subject(SubjectKind.HOME, participant.id)]
        if members.points_of(participant.id) and target in targets_of(members, subject)
    ]
    if not 1 < len(homes) <= _HOMES_MAX:
        return False
    with desk.store.reading() as records:
        found = records.forecasts(members.id, str(_COMMUNITY), target, limit=1)
        if not found or found[0].model_name == SUM:
            return False
        newest = found[0]
        parts = [
            records.forecasts(members.id, str(home), target, origin_utc=newest.origin_utc, limit=1)
            for home in homes
        ]
    if any(not part or _frame(part[0]) != _frame(newest) for part in parts):
        return False
    past = _past(desk, members, homes, target, newest.origin_utc)
    if past is None or len(past.origins) < _ORIGINS_MIN or not _is_closer(desk, past):
        return False
    made = desk.engine.add_up([forecast_of(part[0]) for part in parts], past.errors(past.origins), SUM)
    record = write_record(
        desk,
        members,
        (_COMMUNITY, target),
        made,
        stored_utc=newest.stored_utc,
        model=_one_model([part[0] for part in parts]),
        weather_words=newest.weather_words,
    )
    with desk.store.transaction() as records:
        records.add_forecast(replace(record, made_utc=max(record.made_utc, newest.made_utc + 1)))
    return True


def _frame(record: ForecastRecord) -> tuple[int, int, int, str]:
    return record.origin_utc, record.step_seconds, record.length, record.unit


def _one_model(records: Sequence[ForecastRecord]) -> str:
    """The model of all homes, empty where each has its own."""
    models = {record.model for record in records}
    return models.pop() if len(models) == 1 else ""


def _past(
    desk: ForecastDesk, members: Community, homes: Sequence[Subject], target: str, origin_utc: int
) -> _Past | None:
    """What was forecast before an origin, and what had come by then; None where the homes are not all of it."""
    asked = [(_COMMUNITY, target), *((home, target) for home in homes)]
    try:
        read = desk.histories.read(members, asked, days=_LEARNED_DAYS, end_utc=origin_utc)
    except NotFoundError:
        return None
    sums, *measured = (read[one] for one in asked)
    off = np.abs(np.sum([one.values for one in measured], axis=0) - sums.values)
    if not np.isfinite(off).any() or float(np.nanmax(off)) > _SAME_WATTS:
        return None
    with desk.store.reading() as records:
        kept = [
            records.forecasts(members.id, str(subject), target, since_utc=origin_utc - _LEARNED_DAYS * _DAY)
            for subject, _ in asked
        ]
    whole, *parts = (
        {one.origin_utc: one for one in reversed(found) if one.model_name != SUM} for found in kept
    )
    before = [
        {at: forecast_of(one) for at, one in found.items() if at < origin_utc} for found in (whole, *parts)
    ]
    return _Past(before[0], before[1:], measured, sums)


def _is_closer(desk: ForecastDesk, past: _Past) -> bool:
    """Whether sums had no larger pinball loss than the own forecasts of the last origins.

    Each sum knows of the homes' errors only what came before its origin.
    """
    origins, own, added = past.origins, 0.0, 0.0
    per_day = _DAY // past.sums.step_seconds
    for place in range(max(_ORIGINS_MIN // 2, len(origins) - _JUDGED), len(origins)):
        origin = origins[place]
        came = past.sums.values[past.sums.place(origin) :][:per_day]
        known = np.isfinite(came)
        if not known.any():
            continue
        earlier = [one for one in origins[:place] if one + _DAY <= origin]
        made = desk.engine.add_up([found[origin] for found in past.parts], past.errors(earlier), SUM)
        for one, is_sum in ((past.whole[origin], False), (made, True)):
            loss = mean_pinball_loss(came[known], one.quantiles[:, :per_day][:, known])
            added, own = (added + loss, own) if is_sum else (added, own + loss)
    return 0 < added <= own
