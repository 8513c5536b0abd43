"""What was measured of a subject, as the series that models learn from: sums of its meters, at a step that is forecast.

An interval in which a meter of the subject is silent is unknown, for a sum without it would be too low. Meters whose
readings went back to the operator are no part of the community's sum.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError, NotFoundError
from backend.forecasting import Series, Site
from backend.grid import Bus, Connection, ConnectionSeries, Network, Phases, Source
from backend.grid.network_form import write_network
from backend.grid.series import coarsen_series
from backend.ports.grid_records import NetworkRecord
from backend.services.forecasts.subjects import (
    CARBON,
    MARKET,
    NET,
    PRICE,
    UNITS,
    Asked,
    Subject,
    SubjectKind,
    directed,
    points_of,
)
from backend.services.grid.network_series import GridSources, available_span, meter_series, network_series

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from backend.community import Community
    from backend.ports.market import Market
    from backend.services.grid.known_networks import KnownNetwork, KnownNetworks

    Values = NDArray[np.float64]

__all__ = ["HISTORY_DAYS", "Histories", "Limit", "site_of", "step_of"]

HISTORY_DAYS = 760
"""What is learned from at most: two years and a month, so that every season is there twice. [d]"""

_DAY, _HOUR = 86_400, 3600
_TOLD_DAYS = 49  # of less no model of carbon or price learns
_STEPS = (900, 1800, 3600)
_ROWS_VALUES_MAX = 20_000_000
_RETURNED = "returned"


class _NoProfiles:
    """Implements ``ProfileStore`` where there are none."""

    def put(self, network: str, profiles: ConnectionSeries | None) -> None:
        """Nothing is kept."""
        raise AssertionError(network, profiles)

    def profiles(self, network: str) -> None:
        """None of any network."""
        del network

    def forget(self, network: str, rows: Collection[int]) -> None:
        """There is nothing to forget."""
        del network, rows


@dataclass(frozen=True, slots=True)
class Limit:
    """What a subject must not exceed.

    Attributes:
        watts: [W], or [VA] where only that is known.
        words: What it is.
    """

    watts: float
    words: str


def step_of(resolution_minutes: int) -> int:
    """The shortest step that is forecast and that a resolution divides. [s]"""
    own = resolution_minutes * 60
    return next(step for step in _STEPS if step >= own and step % own == 0)


def site_of(members: Community) -> Site:
    """Where a community is: its own place where its file says it, else the middle of its points' places."""
    country = "" if members.country == "none" else members.country
    place = members.site
    if place is not None:
        return Site(
            members.time_zone, country, place.subdivision, place.latitude, place.longitude, place.altitude
        )
    known = [
        (point.latitude, point.longitude)
        for point in members.metering_points
        if point.latitude is not None and point.longitude is not None
    ]
    if not known:
        return Site(members.time_zone, country)
    latitude, longitude = (float(np.median(column)) for column in zip(*known, strict=True))
    return Site(members.time_zone, country, "", latitude, longitude)


@dataclass(frozen=True)
class Histories:
    """Reads series of subjects.

    Attributes:
        networks: Where networks, communities and readings are found.
        market: Carbon intensity and prices around communities; None where neither is known.
    """

    networks: KnownNetworks
    market: Market | None = None

    @property
    def sources(self) -> GridSources:
        """Where they lie."""
        return self.networks.sources

    def left_out(self, community: str) -> frozenset[str]:
        """Points whose readings went back to the operator."""
        with self.sources.store.reading() as records:
            treatments = records.treatments(community)
        return frozenset(one.metering_point for one in treatments if one.treatment == _RETURNED)

    def end_utc(self, members: Community) -> int | None:
        """End of the last whole interval that something is stored of; None where nothing is. [s since 1970, UTC]"""
        span = self.sources.intervals.span(members.id)
        step = step_of(members.resolution_minutes)
        return None if span is None else span[1] // step * step

    def transformers(self, members: Community) -> list[Subject]:
        """Transformers of the community's networks that metering points are behind."""
        return [
            Subject(SubjectKind.NETWORK, f"{known.record.name}/{transformer.id}")
            for known in self.networks.of_community(members.id)
            for transformer in known.network.transformers
            if self._points_below(known, transformer.id)
        ]

    def read(
        self,
        members: Community,
        asked: Sequence[Asked],
        *,
        days: int = HISTORY_DAYS,
        end_utc: int | None = None,
    ) -> dict[Asked, Series]:
        """Series of subjects and targets, without inputs; those of meters begin and end together.

        Prices end with what is recorded of them, which is a day ahead of readings; carbon with the last whole hour.

        Args:
            members: The community.
            asked: Subjects and targets.
            days: How far back at most. [d]
            end_utc: Until when; None for the end of what is stored. [s since 1970, UTC]

        Raises:
            NotFoundError: If the community has no such subject, or it has no meter of such a direction.
            InputError: If nothing is stored.
        """
        end = self.end_utc(members) if end_utc is None else end_utc
        span = self.sources.intervals.span(members.id)
        if span is None or end is None:
            raise InputError(f"Community {members.id} has no readings yet; load some first.")
        step = step_of(members.resolution_minutes)
        begin = max(-(-span[0] // step) * step, end - days * _DAY)
        if begin >= end:
            raise InputError(f"Community {members.id} has no readings before {end} (s since 1970, UTC).")
        left_out = self.left_out(members.id)
        groups: dict[Asked, list[str]] = {}
        found: dict[Asked, Series] = {}
        for one in dict.fromkeys(asked):
            subject, target = one
            if target in MARKET:
                found[one] = self._around(members, subject, target, end_utc, (end - days * _DAY, end))
                continue
            if subject.kind is SubjectKind.FEEDER:
                found[one] = self._metered(members, subject.name, begin, end, step)
                continue
            points = self._points(members, subject, target, left_out)
            if not points:
                raise NotFoundError(f"{subject} of {members.id} has no meter that {target} could be read of.")
            groups[one] = points
        for one, values in self._summed(members, groups, begin, end, step).items():
            sign = 1.0 if one[1] in {"load", NET} else -1.0
            found[one] = Series(begin, step, sign * values + 0.0)
        return found

    def markets(self, members: Community) -> list[Asked]:
        """Carbon and price of a community, as far as anything is known of them."""
        end = self.end_utc(members)
        if end is None:
            return []
        asked = [(Subject(SubjectKind.COMMUNITY), target) for target in MARKET]
        found = []
        for one in asked:
            try:
                self._around(members, *one, None, (end - _TOLD_DAYS * _DAY, end))
            except NotFoundError:
                continue
            found.append(one)
        return found

    def _around(
        self, members: Community, subject: Subject, target: str, end_utc: int | None, span: tuple[int, int]
    ) -> Series:
        """Carbon or price around a community.

        Raises:
            NotFoundError: If nothing is known of it, or it is asked of something within the community.
        """
        if subject.kind is not SubjectKind.COMMUNITY:
            raise NotFoundError(
                f"{target} is forecast of the community, not of {subject}; ask for the subject community."
            )
        begin, end = span
        if target == PRICE:
            found = self.market.prices(members.id) if self.market else None
            if found is None:
                raise NotFoundError(
                    f"Community {members.id} has no recorded prices; run: "
                    f"partage forecasts prices {members.id} FILE.csv"
                )
            end = (
                found.end_utc
                if end_utc is None
                else min(end // found.step_seconds * found.step_seconds, found.end_utc)
            )
            begin = max(found.start_utc, begin // found.step_seconds * found.step_seconds)
            values = found.values[found.place(begin) : found.place(max(begin, end))]
            found = replace(found, start_utc=begin, values=values)
        else:
            with self.sources.store.reading() as records:
                source = records.community(members.id).carbon_source
            begin, end = -(-begin // _HOUR) * _HOUR, end // _HOUR * _HOUR
            values = np.zeros(0)
            if source and self.market:
                values = self.market.carbon(source, members.time_zone, begin, (end - begin) // _HOUR)
            known = np.flatnonzero(np.isfinite(values))
            first = int(known[0]) if known.size else len(values)
            found = Series(begin + first * _HOUR, _HOUR, values[first:], unit=UNITS[CARBON])
        if not np.isfinite(found.values).any():
            raise NotFoundError(f"Of the {target} around {members.id} nothing is known in that time.")
        return found

    def limit_of(self, members: Community, subject: Subject, target: str) -> Limit | None:
        """What the subject must not exceed, None where nothing says so."""
        if subject.kind is SubjectKind.NETWORK:
            name, transformer = subject.network
            known = self.networks.find(members.id, name)
            rating = next(
                one.rated_volt_amperes for one in known.network.transformers if one.id == transformer
            )
            return Limit(float(rating), "rating of the transformer") if rating else None
        if subject.kind is SubjectKind.FEEDER or target in MARKET:
            return None
        points = directed(points_of(members, subject), target)
        powers = [point.max_power_watts for point in points]
        if target == NET or not powers or None in powers:
            return None
        return Limit(float(sum(power or 0 for power in powers)), "what the connection may carry")

    def points_behind(self, members: Community, subject: Subject) -> list[str]:
        """Metering points whose readings a subject's sums are made of, for the log of looks."""
        if subject.kind is SubjectKind.NETWORK:
            name, transformer = subject.network
            return self._points_below(self.networks.find(members.id, name), transformer)
        return [point.id for point in points_of(members, subject)]

    def _points(
        self, members: Community, subject: Subject, target: str, left_out: frozenset[str]
    ) -> list[str]:
        if subject.kind is SubjectKind.NETWORK:
            name, transformer = subject.network
            known = self.networks.find(members.id, name)
            if transformer not in {one.id for one in known.network.transformers}:
                raise NotFoundError(f"Network {name!r} has no transformer {transformer!r}.")
            return self._points_below(known, transformer)
        return [point.id for point in directed(points_of(members, subject, left_out), target)]

    def _points_below(self, known: KnownNetwork, transformer: str) -> list[str]:
        """Metering points of connections that a transformer is the nearest above, or the one above that."""
        topology, network = known.topology, known.network
        found: list[str] = []
        for connection in network.connections:
            branch = topology.transformer_above[network.bus_index[connection.bus]]
            if branch >= 0 and topology.branches[branch].id == transformer:
                found += connection.metering_points
        return list(dict.fromkeys(found))

    def _metered(self, members: Community, feeder: str, begin: int, end: int, step: int) -> Series:
        """A feeder by its own meter: drawn less given."""
        nobody = np.zeros((0, (end - begin) // step))
        record = self._made_up(members, {})
        when = ConnectionSeries(begin, step, nobody, nobody, ())
        watts = meter_series(replace(self.sources, profiles=_NoProfiles()), record, feeder, when)
        if watts is None:
            known = ", ".join(one.id for one in members.feeders) or "none"
            raise NotFoundError(f"Community {members.id} has no feeder {feeder!r}; it has {known}.")
        return Series(begin, step, watts)

    def _summed(
        self, members: Community, groups: Mapping[Asked, Sequence[str]], begin: int, end: int, step: int
    ) -> dict[Asked, Values]:
        """Net power of groups of points, NaN where one of a group is silent; so many at once as fit in memory."""
        sources = replace(self.sources, profiles=_NoProfiles())
        own = members.resolution_minutes * 60
        at_once = max(1, _ROWS_VALUES_MAX // max(1, (end - begin) // own))
        keys = list(groups)
        found: dict[Asked, Values] = {}
        for first in range(0, len(keys), at_once):
            part = keys[first : first + at_once]
            record = self._made_up(members, {str(place): groups[one] for place, one in enumerate(part)})
            if available_span(sources, record) is None:
                raise InputError(f"Community {members.id} has no readings yet; load some first.")
            series = coarsen_series(network_series(sources, record, begin, end), step)
            assert (series.start_utc, series.length) == (begin, (end - begin) // step)
            found |= dict(zip(part, series.watts, strict=True))
        return found

    @staticmethod
    def _made_up(members: Community, groups: Mapping[str, Sequence[str]]) -> NetworkRecord:
        """A network of one bus where each group is a connection: the reader of networks adds up readings."""
        network = Network(
            "sums",
            50.0,
            (Bus("b", 400.0),),
            (Source("s", "b"),),
            connections=tuple(
                Connection(name, "b", Phases.ALL, tuple(points)) for name, points in groups.items()
            ),
        )
        return NetworkRecord(network.name, members.id, write_network(network), "", "partage", 0)
