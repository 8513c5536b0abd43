"""Allocation ahead: what each member would be given tomorrow, under the key in force.

Equally likely courses of what everybody uses and feeds in are drawn from the forecasts, going up and down together as
they did on past days; each is shared by the community's own sharing key, in whole milliwatt-hours, as it would be
settled. What the courses give is the forecast.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.allocation import sharing_key
from backend.allocation.flow_network import FlowPoint
from backend.community import Community, Direction, read_definition
from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast, WeatherSource
from backend.forecasting.scenarios import draw_courses, past_courses
from backend.quantities import PARTS_PER_MILLION
from backend.services.context import CommunityView
from backend.services.forecasts.forecast import forecast_of, write_record
from backend.services.forecasts.subjects import SHAREABLE, UNITS, Subject, SubjectKind, directed, targets_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.allocation import SharingKey
    from backend.community import MeteringPoint, Rule
    from backend.ports.forecast_records import ForecastRecord
    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.forecasts.subjects import Asked

    Whole = NDArray[np.int64]
    Values = NDArray[np.float64]

__all__ = ["COURSES", "Ahead", "Shares", "allocate_ahead", "rule_ahead", "shared_ahead"]

COURSES = 40
_TEMPLATE_DAYS = 70
_DAY = 86_400
_SEED = 20_17
_MILLIWATT_HOURS = 3.6  # watt-seconds in one
_SCHEDULED = "scheduled"


@dataclass(frozen=True)
class Ahead:
    """What members may use and feed in, as equally likely courses.

    Attributes:
        members: The community.
        rule: In force.
        key: That shares.
        slots: Slot by metering point.
        consumers: Consumption points, by slot.
        producers: Feed-in points, by slot.
        used: Shape (M, H, n_c), int64. [mWh]
        fed: Shape (M, H, n_p), int64. [mWh]
        starts_utc: Shape (H,). [s since 1970, UTC]
        step_seconds: [s]
        made_utc: When the newest of its forecasts was made. [s since 1970, UTC]
        weather: The most knowing of what they used.
        weather_words: Where it is from.
        models: Ids of what made them.
    """

    members: Community
    rule: Rule
    key: SharingKey
    slots: Mapping[str, int]
    consumers: tuple[MeteringPoint, ...]
    producers: tuple[MeteringPoint, ...]
    used: Whole
    fed: Whole
    starts_utc: Whole
    step_seconds: int
    made_utc: int
    weather: WeatherSource
    weather_words: str
    models: tuple[str, ...]

    @property
    def origin_utc(self) -> int:
        """Where it begins. [s since 1970, UTC]"""
        return int(self.starts_utc[0])

    def share(self, used: Whole | None = None, fed: Whole | None = None) -> Shares:
        """Share all courses by the key, or others of the same shapes."""
        used, fed = self.used if used is None else used, self.fed if fed is None else fed
        courses, length, _ = used.shape
        zone = ZoneInfo(self.members.time_zone)
        local = [datetime.fromtimestamp(int(start), UTC).astimezone(zone) for start in self.starts_utc]
        in_day = np.array([(at.hour * 3600 + at.minute * 60) // self.step_seconds for at in local])
        found = self.key.allocate(
            np.ascontiguousarray(used.reshape(courses * length, -1)),
            np.ascontiguousarray(fed.reshape(courses * length, -1)),
            consumer_slots=[self.slots[point.id] for point in self.consumers],
            producer_slots=[self.slots[point.id] for point in self.producers],
            slots=max(self.slots.values()) + 1,
            t_in_day=np.tile(in_day.astype(np.int64), courses),
        )
        shape = (courses, length, -1)
        return Shares(found.allocated.reshape(shape), found.shared.reshape(shape))


@dataclass(frozen=True)
class Shares:
    """What a key gave in each course.

    Attributes:
        allocated: To consumers. Shape (M, H, n_c). [mWh]
        shared: Of producers. Shape (M, H, n_p). [mWh]
    """

    allocated: Whole
    shared: Whole


def rule_ahead(desk: ForecastDesk, community: str, instant_utc: int) -> tuple[CommunityView, Rule]:
    """The community and the rule in force on the local day of an instant; its file's where none was voted."""
    with desk.store.reading() as records:
        kept = records.community(community)
        versions = records.rule_versions(community)
    view = CommunityView(kept, read_definition(kept.definition, f"{community}.toml"))
    # Rules hold from a local day on: at midnight in Paris it is still the day before in UTC.
    day = datetime.fromtimestamp(instant_utc, UTC).astimezone(ZoneInfo(view.community.time_zone)).date()
    days = (day - date(1970, 1, 1)).days
    in_force = [version for version in versions if version.effective_from <= days]
    return view, view.rule_of(in_force[-1]) if in_force else view.community.rule


def allocate_ahead(desk: ForecastDesk, community: str) -> Ahead:
    """Draw courses of all members' newest forecasts.

    Raises:
        InputError: If a member has no forecast of the newest origin, or the key shares by what is handed in later.
    """
    with desk.store.reading() as records:
        newest = {(key.subject, key.target): key for key in records.newest_forecasts(community)}
    origins = [key.origin_utc for (subject, _), key in newest.items() if subject.startswith("home:")]
    if not origins:
        raise InputError(f"No home of {community} has a forecast yet; run: partage forecasts run {community}")
    origin = max(origins)
    view, rule = rule_ahead(desk, community, origin)
    members, left_out = view.community, desk.histories.left_out(community)
    asked = [
        (subject, target)
        for participant in members.participants
        if members.points_of(participant.id)
        for subject in [Subject(SubjectKind.HOME, participant.id)]
        for target in targets_of(members, subject)
    ]
    records_of = _newest(desk, members, asked, origin)
    forecasts = [forecast_of(record) for record in records_of]
    length = min(len(one) for one in forecasts)
    courses = _courses(desk, members, asked, forecasts, length)
    points, energy = _by_point(desk, members, asked, courses, forecasts[0].step_seconds, left_out)
    consumers, producers = (
        sorted(
            (at for at, one in enumerate(points) if one.direction is way),
            key=lambda at: view.slots[points[at].id],
        )
        for way in (Direction.CONSUMPTION, Direction.FEED_IN)
    )
    weather = max(records_of, key=lambda one: list(WeatherSource).index(one.weather))
    return Ahead(
        members=members,
        rule=rule,
        key=_key(view, rule, points, forecasts[0].step_seconds),
        slots=view.slots,
        consumers=tuple(points[at] for at in consumers),
        producers=tuple(points[at] for at in producers),
        used=np.ascontiguousarray(energy[:, :, consumers]),
        fed=np.ascontiguousarray(energy[:, :, producers]),
        starts_utc=forecasts[0].starts_utc[:length],
        step_seconds=forecasts[0].step_seconds,
        made_utc=max(record.made_utc for record in records_of),
        weather=weather.weather,
        weather_words=weather.weather_words,
        models=tuple(sorted({record.model for record in records_of if record.model})),
    )


def _newest(
    desk: ForecastDesk, members: Community, asked: Sequence[Asked], origin_utc: int
) -> list[ForecastRecord]:
    found = []
    with desk.store.reading() as records:
        for subject, target in asked:
            kept = records.forecasts(members.id, str(subject), target, origin_utc=origin_utc, limit=1)
            if not kept:
                raise InputError(
                    f"{subject} of {members.id} has no forecast of {target} from the newest origin; run: "
                    f"partage forecasts run {members.id}"
                )
            found.append(kept[0])
    return found


def _courses(
    desk: ForecastDesk, members: Community, asked: Sequence[Asked], forecasts: Sequence[Forecast], length: int
) -> Values:
    """Equally likely courses of all series together. Shape (M, S, H). [W]"""
    quantiles = np.stack([one.quantiles[:, :length] for one in forecasts])
    origin, step = forecasts[0].origin_utc, forecasts[0].step_seconds
    days = _TEMPLATE_DAYS + length * step // _DAY
    series = desk.histories.read(members, list(asked), days=days, end_utc=origin)
    history = np.stack([series[one].values for one in asked])
    try:
        past = past_courses(history, series[asked[0]].start_utc, step, length, COURSES, members.time_zone)
    except InputError:  # too few whole days: each series goes up and down by itself
        past = np.zeros((COURSES, len(asked), length))
    return np.maximum(draw_courses(quantiles, past, _SEED), 0.0)


def _by_point(
    desk: ForecastDesk,
    members: Community,
    asked: Sequence[Asked],
    courses: Values,
    step_seconds: int,
    left_out: frozenset[str],
) -> tuple[list[MeteringPoint], Whole]:
    """Energy of each metering point that is settled; of a home with several, as they had it lately.

    Returns:
        Points, and their energy, less what does not take part. Shape (M, H, points). [mWh]
    """
    points: list[MeteringPoint] = []
    columns: list[Whole] = []
    for row, (subject, target) in enumerate(asked):
        own = directed(members.points_of(subject.name), target)
        shares = _shares(desk, members, own, target)
        for point, share in zip(own, shares, strict=True):
            if point.id in left_out:
                continue
            energy = np.rint(courses[:, row] * (share * step_seconds / _MILLIWATT_HOURS)).astype(np.int64)
            points.append(point)
            columns.append(energy * point.participation_ppm // PARTS_PER_MILLION)
    return points, np.stack(columns, axis=2)


def _shares(
    desk: ForecastDesk, members: Community, points: Sequence[MeteringPoint], target: str
) -> list[float]:
    if len(points) == 1:
        return [1.0]
    asked = [(Subject(SubjectKind.POINT, point.id), target) for point in points]
    series = desk.histories.read(members, asked, days=28)
    sums = np.array([np.nansum(series[one].values) for one in asked])
    return [1 / len(points)] * len(points) if sums.sum() <= 0 else (sums / sums.sum()).tolist()


def _key(view: CommunityView, rule: Rule, points: Sequence[MeteringPoint], step_seconds: int) -> SharingKey:
    choice = rule.sharing_key
    if choice.method == _SCHEDULED:
        raise InputError(
            'the key "scheduled" shares by coefficients that are handed in for each period: nothing is shared ahead.'
        )
    directions: list[Direction | None] = [None] * (max(view.slots.values()) + 1)
    for point in points:
        directions[view.slots[point.id]] = point.direction
    seats: dict[str, int] = {}
    for point in view.community.metering_points:
        slot = view.slots[point.id]
        seats[point.participant] = min(slot, seats.get(point.participant, slot))
    flow = {view.slots[point.id]: FlowPoint.of(point, seats[point.participant]) for point in points}
    return sharing_key(
        choice,
        dict(view.slots),
        directions=directions if choice.links is None else None,
        points=flow if choice.links is not None else None,
        resolution_minutes=step_seconds // 60,  # links carry so much in an interval of the forecast
    )


def shared_ahead(desk: ForecastDesk, community: str) -> list[str]:
    """Forecast what is shared ahead, of each member and of all, and keep it; the same again changes nothing.

    Returns:
        Subjects that were forecast now.

    Raises:
        InputError: As ``allocate_ahead``.
    """
    ahead = allocate_ahead(desk, community)
    members = ahead.members
    with desk.store.reading() as records:
        before = records.forecasts(
            community, str(SubjectKind.COMMUNITY), SHAREABLE, origin_utc=ahead.origin_utc, limit=1
        )
    if before and before[0].made_utc >= ahead.made_utc:
        return []
    shares = ahead.share()
    found: list[tuple[Subject, Whole]] = [(Subject(SubjectKind.COMMUNITY), shares.allocated.sum(axis=2))]
    for participant in members.participants:
        uses = [at for at, one in enumerate(ahead.consumers) if one.participant == participant.id]
        gives = [at for at, one in enumerate(ahead.producers) if one.participant == participant.id]
        if uses:
            found.append(
                (Subject(SubjectKind.HOME, participant.id), shares.allocated[:, :, uses].sum(axis=2))
            )
        elif gives:
            found.append((Subject(SubjectKind.HOME, participant.id), shares.shared[:, :, gives].sum(axis=2)))
    with desk.store.transaction() as records:
        for subject, energy in found:
            records.add_forecast(
                write_record(
                    desk,
                    members,
                    (subject, SHAREABLE),
                    _forecast(ahead, energy),
                    stored_utc=ahead.origin_utc,
                    weather_words=ahead.weather_words,
                )
            )
    return [str(subject) for subject, _ in found]


def _forecast(ahead: Ahead, energy: Whole) -> Forecast:
    """Mean and quantiles of courses, in whole milliwatt-hours. Shape (M, H)."""
    return Forecast(
        ahead.origin_utc,
        ahead.step_seconds,
        np.rint(energy.mean(axis=0)),
        np.rint(np.quantile(energy, LEVELS, axis=0)),
        f"allocation by {ahead.key.method}",
        ahead.weather,
        UNITS[SHAREABLE],
    )
