"""Looks at a community's meters for what is not as it should be; findings are kept with the time they were believed.

Metering points of consumption are judged among one another, those of solar feed-in by the clear sky and one another,
and every feeder with a meter of its own is held against what is metered behind it. A look at the same readings, days
and budget is the same look: it is found again, not made again. Whose points an erased member had are part of what makes
a look, so that none that knew them is found again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from backend.commitments import keccak256
from backend.errors import InputError
from backend.forecasting import WeatherSource
from backend.forecasting.anomalies import check_budget
from backend.forecasting.reasons import tell_reason, tell_reasons
from backend.ports.anomalies import FeederLook
from backend.ports.anomaly_records import AnomalyLook, AnomalyRecord
from backend.services.forecasts.histories import site_of
from backend.services.forecasts.subjects import NET, Subject, SubjectKind, directed, points_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community import Community
    from backend.forecasting import Series
    from backend.forecasting.anomalies import Anomaly
    from backend.ports.anomalies import AnomalyFinder
    from backend.services.forecasts.desk import ForecastDesk

__all__ = ["DAYS_DEFAULT", "DAYS_MAX", "METERS_AT_ONCE", "AnomalyDesk", "LookResult", "tell_look"]

DAYS_DEFAULT = 28
DAYS_MAX = 400
METERS_AT_ONCE = 250
"""More are not looked at while somebody waits; ``partage forecasts anomalies`` looks at any number, and keeps it."""
_HISTORY_DAYS = 400
_DAY = 86_400
_KEPT = 8
_LOOKED_FOR = ("load", "solar", NET)  # a look that was kept before one of them was looked for is not the same
_TEMPERATURE = "temperature"
_MEASURED = frozenset({WeatherSource.OBSERVED, WeatherSource.FORECAST})


@dataclass(frozen=True)
class LookResult:
    """A look and what it found, earliest first."""

    look: AnomalyLook
    findings: tuple[AnomalyRecord, ...]


@dataclass(frozen=True)
class AnomalyDesk:
    """Looks; the last few are kept in memory.

    Attributes:
        forecasts: Records, readings, weather.
        finder: Detectors.
    """

    forecasts: ForecastDesk
    finder: AnomalyFinder
    _kept: OrderedDict[str, LookResult] = field(default_factory=OrderedDict)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _looking: threading.Lock = field(default_factory=threading.Lock)

    def look(
        self,
        community: str,
        begin_utc: int | None,
        end_utc: int | None,
        budget: float,
        meters_max: int | None = None,
    ) -> LookResult:
        """What is not as it should be in some days, as far as readings go by now.

        Args:
            community: Its id.
            begin_utc: Start of the days judged; None for the last four weeks. [s since 1970, UTC]
            end_utc: Their end; None for the end of what is stored. [s since 1970, UTC]
            budget: False alarms accepted per meter and year. [1/year]
            meters_max: No more meters are looked at anew; None for any number.

        Raises:
            NotFoundError: If there is no such community.
            InputError: If the budget or the days cannot be, or there are more meters than asked for.
        """
        check_budget(budget)
        members = self.forecasts.members(community)
        begin, end = self._days(members, begin_utc, end_utc)
        name = self._name(members, begin, end, budget)
        found = self._find(community, name)
        if found is not None:
            return found
        points = len(members.metering_points)
        if meters_max is not None and points > meters_max:
            raise InputError(
                f"Community {community} has {points} metering points, and these days were not looked at yet; more than "
                f"{meters_max} take minutes: run `partage forecasts anomalies {community}`, and ask again."
            )
        with self._looking:  # two looks at once would each take twice as long
            found = self._find(community, name)
            if found is None:
                found = self._look(
                    members, AnomalyLook(community, name, begin, end, _thousandths(budget), 0, 0, 0, ())
                )
                self._remember(found)
        return found

    def keep(self, result: LookResult) -> None:
        """Keep a look in the store; the same again changes nothing."""
        with self.forecasts.store.transaction() as records:
            records.add_anomaly_look(result.look, result.findings)

    def _days(self, members: Community, begin_utc: int | None, end_utc: int | None) -> tuple[int, int]:
        """Whole civil days that are stored, of the days that were asked for."""
        stored = self.forecasts.histories.end_utc(members)
        if stored is None:
            stored = self.forecasts.clock.now_utc() // _DAY * _DAY
        zone = ZoneInfo(members.time_zone)
        end = _midnight(min(stored, stored if end_utc is None else end_utc), zone)
        begin = _midnight(end - DAYS_DEFAULT * _DAY if begin_utc is None else begin_utc + _DAY - 1, zone)
        if begin >= end:
            raise InputError(
                f"The days that were asked for hold no whole day of what is stored of {members.id}, which ends at "
                f"{datetime.fromtimestamp(stored, UTC):%Y-%m-%dT%H:%MZ}; begin earlier."
            )
        if end - begin > (DAYS_MAX + 1) * _DAY:
            raise InputError(
                f"{(end - begin) // _DAY} days are too many for one look; ask for {DAYS_MAX} at most."
            )
        return begin, end

    def _name(self, members: Community, begin: int, end: int, budget: float) -> str:
        """The same for the same readings, members, days and budget only."""
        start = begin - _HISTORY_DAYS * _DAY
        content = self.forecasts.histories.sources.intervals.coverage(members.id, start, end).content
        with self.forecasts.store.reading() as records:
            definition = records.community(members.id).definition
        left_out = sorted(self.forecasts.histories.left_out(members.id))
        parts = (members.id, content, begin, end, _thousandths(budget), definition, left_out, _LOOKED_FOR)
        return f"0x{keccak256(repr(parts).encode()).hex()}"

    def _find(self, community: str, name: str) -> LookResult | None:
        with self._guard:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        with self.forecasts.store.reading() as records:
            look = next((one for one in records.anomaly_looks(community) if one.id == name), None)
            if look is None:
                return None
            return LookResult(look, _ordered(records.anomalies(community, name)))

    def _remember(self, result: LookResult) -> None:
        with self._guard:
            self._kept[result.look.id] = result
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)

    def _look(self, members: Community, look: AnomalyLook) -> LookResult:
        site, budget = site_of(members), look.budget_thousandths / 1000
        span = look.start_utc, look.end_utc
        unjudged: list[str] = []
        found: list[Anomaly] = []
        meters = self._meters(members, span, "load")
        silent = [name for name, series in meters.items() if not np.isfinite(series.values).any()]
        meters = {name: series for name, series in meters.items() if name not in silent}
        if silent:
            unjudged.append(tell_reason("silent_points", count=len(silent)))
        if meters:
            try:
                found += self.finder.meters(meters, site, *span, budget)
            except InputError as refused:
                unjudged.append(str(refused))
                meters = {}
        failing, plants = self.finder.plants(self._meters(members, span, "solar"), site, *span)
        found += failing
        feeders = 0
        for feeder in self._feeders(members, span, unjudged):
            try:
                found += self.finder.feeder(feeder, site, *span, budget)
                feeders += 1
            except InputError as refused:
                unjudged.append(str(refused))
        owners = {point.id: (point.participant,) for point in members.metering_points}
        found.sort(key=lambda one: (one.start_utc, one.element, one.kind.value))
        records = tuple(
            AnomalyRecord(members.id, look.id, place, owners.get(one.element, ()), one)
            for place, one in enumerate(found)
        )
        made = self.forecasts.clock.now_utc()
        told = replace(
            look, made_utc=made, meters=len(meters) + plants, feeders=feeders, unjudged=tuple(unjudged)
        )
        return LookResult(told, records)

    def _meters(self, members: Community, span: tuple[int, int], target: str) -> dict[str, Series]:
        """Consumption or solar feed-in by metering point, with the air where that is measured or forecast."""
        left_out = self.forecasts.histories.left_out(members.id)
        points = directed(points_of(members, Subject(SubjectKind.COMMUNITY), left_out), target)
        asked = [(Subject(SubjectKind.POINT, point.id), target) for point in points]
        if not asked or self.forecasts.histories.end_utc(members) is None:
            return {}
        days = (span[1] - span[0]) // _DAY + _HISTORY_DAYS
        read = self.forecasts.histories.read(members, asked, days=days, end_utc=span[1])
        meters = {subject.name: series for (subject, _), series in read.items()}
        first = next(iter(meters))
        air = self._air(members, meters[first])
        return meters if air is None else meters | {first: replace(meters[first], inputs={_TEMPERATURE: air})}

    def _air(self, members: Community, series: Series) -> Any:
        course = self.forecasts.weather.course(
            site_of(members), series.start_utc, series.step_seconds, len(series), series.end_utc
        )
        column = course.columns.get(_TEMPERATURE)
        return column if column is not None and course.source in _MEASURED else None

    def _feeders(
        self, members: Community, span: tuple[int, int], unjudged: list[str]
    ) -> Sequence[FeederLook]:
        """Feeders whose own meter has readings, with all that is metered behind them."""
        found = []
        days = (span[1] - span[0]) // _DAY + _HISTORY_DAYS
        for feeder in members.feeders:
            subject = Subject(SubjectKind.FEEDER, feeder.id)
            behind = [Subject(SubjectKind.POINT, point.id) for point in points_of(members, subject)]
            asked = [(one, NET) for one in (subject, *behind)]
            try:
                read = self.forecasts.histories.read(members, asked, days=days, end_utc=span[1])
            except InputError as refused:
                unjudged.append(str(refused))
                continue
            measured = read.pop((subject, NET))
            if np.isfinite(measured.values).any():
                found.append(
                    FeederLook(feeder.id, measured, {one.name: row for (one, _), row in read.items()})
                )
            else:
                unjudged.append(tell_reason("silent_feeder", feeder=feeder.id))
        return found


def tell_look(result: LookResult, time_zone: str, participant: str | None = None) -> dict[str, Any]:
    """A look for JSON; of a participant's own meters alone, where one is named."""
    look = result.look
    return {
        "community": look.community,
        "time_zone": time_zone,
        "start_utc": look.start_utc,
        "end_utc": look.end_utc,
        "budget": look.budget_thousandths / 1000,
        "looked_at": {
            "meters": look.meters,
            "feeders": look.feeders,
            "made_utc": look.made_utc,
            "unjudged": list(look.unjudged) if participant is None else [],
            "reasons": [told for words in look.unjudged for told in tell_reasons(words)]
            if participant is None
            else [],
        },
        "items": [
            _told(one.anomaly) for one in result.findings if participant is None or participant in one.owners
        ],
    }


def _told(one: Anomaly) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "element": one.element,
        "start_utc": one.start_utc,
        "end_utc": one.end_utc,
        "p_value": one.p_value,
        "cause": one.cause,
        "reason": one.reason,
        "figures": dict(one.figures),
        "discovered": one.discovered,
    }


def _thousandths(budget: float) -> int:
    return max(1, round(budget * 1000))


def _ordered(findings: Sequence[AnomalyRecord]) -> tuple[AnomalyRecord, ...]:
    return tuple(sorted(findings, key=lambda one: one.place))


def _midnight(instant: int, zone: ZoneInfo) -> int:
    """Start of the civil day that an instant is in. [s since 1970, UTC]"""
    day = datetime.fromtimestamp(instant, UTC).astimezone(zone).date()
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
