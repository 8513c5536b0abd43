"""What the loss of one element costs over a series, and which loss costs most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError, NotFoundError
from backend.grid.outage.separation import LostPart, Separation
from backend.grid.series import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.grid.network import Network
    from backend.grid.series import ConnectionSeries

__all__ = ["HOURS", "RANKINGS", "Element", "ElementKind", "OutageImpact", "Outages", "find_element"]

HOURS = 24
#: What a list may be ranked by.
RANKINGS = ("load", "customers", "critical", "worst")


class ElementKind(StrEnum):
    """What may be lost."""

    SEGMENT = "segment"
    SWITCH = "switch"
    TRANSFORMER = "transformer"
    BUS = "bus"
    SUBSTATION = "substation"


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a network.

    Attributes:
        kind: What it is.
        id: Its id among those of its kind; of a substation its name.
    """

    kind: ElementKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True)
class OutageImpact:
    """What the loss of an element costs.

    Attributes:
        element: What is lost.
        connections: Ids of those that lose supply, on at least one phase, in the network's order.
        partly: Ids of those that keep at least one phase.
        critical: Ids of those that are critical.
        metering_points: Of all of them.
        buses: Ids of the buses that lose at least one phase.
        unknown: How many of them have no series: their load is counted as none.
        mean_watts: Consumption that is not served, over all intervals; None where there is no series. [W]
        worst_watts: In the worst interval; None likewise. [W]
        worst_start_utc: When that was. [s since 1970, UTC]
        mean_given_watts: Feed-in that is lost, over all intervals; None likewise. [W]
        not_served_watt_hours: By local hour of the day, what is not served where the outage lasts that whole hour, on
            average; None for an hour that the series has no interval of. Shape (24,). [Wh]
    """

    element: Element
    connections: tuple[str, ...]
    partly: tuple[str, ...]
    critical: tuple[str, ...]
    metering_points: tuple[str, ...]
    buses: tuple[str, ...]
    unknown: int
    mean_watts: float | None
    worst_watts: float | None
    worst_start_utc: int | None
    mean_given_watts: float | None
    not_served_watt_hours: tuple[float | None, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "element": self.element.id,
            "kind": self.element.kind.value,
            "customers": len(self.connections),
            "connections": list(self.connections),
            "partly": list(self.partly),
            "critical": list(self.critical),
            "metering_points": list(self.metering_points),
            "buses": list(self.buses),
            "unknown": self.unknown,
            "mean_kw": _kilo(self.mean_watts),
            "worst_kw": _kilo(self.worst_watts),
            "worst_start": None if self.worst_start_utc is None else _instant(self.worst_start_utc),
            "mean_given_kw": _kilo(self.mean_given_watts),
            "not_served_kwh_by_hour": [_kilo(one) for one in self.not_served_watt_hours],
        }


@dataclass(frozen=True)
class _Cost:
    """What a lost part costs, in W and Wh, as in ``OutageImpact``."""

    mean_watts: float | None
    worst_watts: float | None
    worst_start_utc: int | None
    mean_given_watts: float | None
    not_served_watt_hours: tuple[float | None, ...]


def find_element(network: Network, name: str) -> Element:
    """An element by its id, or by ``kind:id`` where several kinds have it.

    Branches come before buses, and buses before substations.

    Raises:
        NotFoundError: If the network has no such element.
    """
    kind, mark, rest = name.partition(":")
    asked = [ElementKind(kind)] if mark and kind in {one.value for one in ElementKind} else []
    for candidate in (*((one, rest) for one in asked), *((one, name) for one in ElementKind)):
        if candidate[1] in _ids(network, candidate[0]):
            return Element(*candidate)
    raise NotFoundError(
        f'network "{network.name}" has no segment, switch, transformer, bus or substation "{name[:80]}"; '
        "give an id as the network's file names it, such as bus:12 where several kinds share one."
    )


def _ids(network: Network, kind: ElementKind) -> set[str]:
    if kind is ElementKind.SUBSTATION:
        return {bus.substation for bus in network.buses if bus.substation}
    items: dict[ElementKind, Sequence[Any]] = {
        ElementKind.SEGMENT: network.segments,
        ElementKind.SWITCH: network.switches,
        ElementKind.TRANSFORMER: network.transformers,
        ElementKind.BUS: network.buses,
    }
    return {item.id for item in items[kind]}


class Outages:
    """The look at a network's elements, one after the other lost.

    Args:
        network: Walked over what is closed now.
        series: What its connections draw; None where nothing is known, then customers alone are counted.

    Raises:
        InputError: If the series has another number of connections than the network.
    """

    def __init__(self, network: Network, series: ConnectionSeries | None = None) -> None:
        if series is not None and series.watts.shape[0] != len(network.connections):
            raise InputError(
                f"the series has {series.watts.shape[0]} rows and network {network.name} "
                f"{len(network.connections)} connections; they belong to different networks."
            )
        self.network = network
        self.series = series
        self.separation = Separation(network)
        self._costs: dict[bytes, _Cost] = {}

    def impact(self, element: Element) -> OutageImpact:
        """What the loss of one element costs."""
        part = self.part_of(element)
        lost = [self.network.connections[row] for row in part.rows.tolist()]
        cost = self._cost(part)
        return OutageImpact(
            element=element,
            connections=tuple(one.id for one in lost),
            partly=tuple(one.id for one, share in zip(lost, part.shares, strict=True) if share < 1),
            critical=tuple(one.id for one in lost if one.is_critical),
            metering_points=tuple(point for one in lost for point in one.metering_points),
            buses=tuple(self.network.buses[bus].id for bus in part.buses.tolist()),
            unknown=self._unknown(part),
            mean_watts=cost.mean_watts,
            worst_watts=cost.worst_watts,
            worst_start_utc=cost.worst_start_utc,
            mean_given_watts=cost.mean_given_watts,
            not_served_watt_hours=cost.not_served_watt_hours,
        )

    def rank(
        self, by: str = "load", kinds: Sequence[ElementKind] = tuple(ElementKind), limit: int | None = None
    ) -> list[OutageImpact]:
        """Elements whose loss costs customers their supply, the worst first.

        Args:
            by: ``load`` (mean), ``worst`` (worst interval), ``customers`` or ``critical``; equal ones by customers.
            kinds: Which kinds to look at.
            limit: At most so many; None for all.

        Raises:
            InputError: If there is no such ranking.
        """
        if by not in RANKINGS:
            raise InputError(f'"{by}" is no ranking; choose one of {", ".join(RANKINGS)}.')
        elements = [Element(kind, one) for kind in kinds for one in self._ordered_ids(kind)]
        found = [(self._rank_of(by, self.part_of(one)), one) for one in elements]
        ranked = sorted(
            ((rank, one) for rank, one in found if rank[-1]),
            key=lambda pair: tuple(-value for value in pair[0]),
        )
        return [self.impact(one) for _, one in ranked[:limit]]

    def _ordered_ids(self, kind: ElementKind) -> list[str]:
        if kind is ElementKind.SWITCH:  # an open one feeds nothing
            return [switch.id for switch in self.network.switches if switch.is_closed]
        if kind is ElementKind.SUBSTATION:
            return sorted(_ids(self.network, kind))
        items: Sequence[Any] = {
            ElementKind.SEGMENT: self.network.segments,
            ElementKind.TRANSFORMER: self.network.transformers,
            ElementKind.BUS: self.network.buses,
        }[kind]
        return [item.id for item in items]

    def part_of(self, element: Element) -> LostPart:
        """What is no longer fed without an element."""
        if element.kind is ElementKind.SUBSTATION:
            inside = [bus.id for bus in self.network.buses if bus.substation == element.id]
            return self.separation.without_buses(inside)
        if element.kind is ElementKind.BUS:
            return self.separation.without_bus(element.id)
        return self.separation.without_branch(element.id)

    def _rank_of(self, by: str, part: LostPart) -> tuple[float, ...]:
        """Values that are greater for the worse; the last is the number of customers."""
        customers = len(part.rows)
        if not customers:
            return (0.0,)
        critical = sum(self.network.connections[row].is_critical for row in part.rows.tolist())
        cost = self._cost(part)
        mean, worst = cost.mean_watts or 0.0, cost.worst_watts or 0.0
        first = {"load": mean, "worst": worst, "customers": float(customers), "critical": float(critical)}[by]
        return (first, mean, float(customers))

    def _unknown(self, part: LostPart) -> int:
        if self.series is None:
            return len(part.rows)
        return sum(self.series.origins[row] is Origin.NONE for row in part.rows.tolist())

    def _cost(self, part: LostPart) -> _Cost:
        key = part.rows.tobytes() + part.shares.tobytes()
        if key not in self._costs:
            self._costs[key] = self._count_cost(part)
        return self._costs[key]

    def _count_cost(self, part: LostPart) -> _Cost:
        series = self.series
        if series is None or not series.length:
            return _Cost(None, None, None, None, (None,) * HOURS)
        watts = np.nan_to_num(series.watts[part.rows])
        drawn = part.shares @ np.maximum(watts, 0.0)
        given = part.shares @ np.maximum(-watts, 0.0)
        worst = int(drawn.argmax())
        sums = np.bincount(self._hours, weights=drawn, minlength=HOURS)
        by_hour = tuple(
            float(total / count) if count else None
            for total, count in zip(sums, self._hour_counts, strict=True)
        )
        return _Cost(
            mean_watts=float(drawn.mean()),
            worst_watts=float(drawn[worst]),
            worst_start_utc=series.start_utc + worst * series.step_seconds,
            mean_given_watts=float(given.mean()),
            not_served_watt_hours=by_hour,
        )

    @cached_property
    def _hours(self) -> NDArray[np.int64]:
        """Local hour of the day that each interval starts in."""
        assert self.series is not None
        series, zone = self.series, ZoneInfo(self.series.time_zone)
        starts = series.start_utc + np.arange(series.length, dtype=np.int64) * series.step_seconds
        quarter = 900  # no zone's offset changes within one
        unique, places = np.unique(starts // quarter, return_inverse=True)
        local = [datetime.fromtimestamp(one * quarter, UTC).astimezone(zone).hour for one in unique.tolist()]
        return np.array(local, np.int64)[places]

    @cached_property
    def _hour_counts(self) -> NDArray[np.int64]:
        return np.bincount(self._hours, minlength=HOURS)


def _kilo(watts: float | None) -> float | None:
    return None if watts is None else round(watts / 1000, 6)


def _instant(instant_utc: int) -> str:
    return datetime.fromtimestamp(instant_utc, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
