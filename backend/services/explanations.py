"""Who served one metering point in one interval, and why not more: what the key gave, link by link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backend.allocation.flow_explanation import Limit
from backend.allocation.links import LinkFlows
from backend.allocation.served import served_interval
from backend.community import Direction
from backend.errors import NotFoundError
from backend.services.flow_costs import flow_key_of
from backend.services.served_views import require_crowd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from backend.community import Rule
    from backend.ports import AllocationFrame
    from backend.services.settled_periods import SettledPeriod, SettledPeriods

__all__ = ["explain_point"]


def explain_point(
    settled: SettledPeriods,
    community: str,
    label: str,
    metering_point: str,
    start_utc: int,
    *,
    shown: frozenset[str] | None = None,
) -> dict[str, Any]:
    """What a metering point was given, or gave, in an interval of the run in force.

    Args:
        settled: Where to look.
        community: Its id.
        label: Of the period.
        metering_point: Of either direction.
        start_utc: Start of the interval, or an instant in it. [s since 1970, UTC]
        shown: Participants whose points may be named; those of all others are told as one, without a name. None for
            everyone.

    Returns:
        The point's energy and part, the interval's totals, and every link from a producer to this consumer (or from
        this producer to a consumer) that carried energy. [mWh] For the ``flow`` key all links of a consumer, each
        with the limit that it met and who came first.

    Raises:
        NotFoundError: If community, period, point or interval is not there; if fewer than five of those whom the
            point may have been linked with are unnamed, for their sum would tell of each.
    """
    period = settled.find(community, label)
    term = next((dict(term) for term in period.record.terms if term["point"] == metering_point), None)
    if term is None:
        raise NotFoundError(f"There is no metering point {metering_point!r} in {label} of {community}.")
    t = _interval_of(period, start_utc)
    frame, rule = settled.frame(period), _rule_of(settled, period)
    slots = {
        direction: [other["slot"] for other in period.record.terms if other["direction"] == direction]
        for direction in Direction
    }
    totals = {
        "feed_in_milliwatt_hours": int(frame.energy[slots[Direction.FEED_IN], t].sum()),
        "consumption_milliwatt_hours": int(frame.energy[slots[Direction.CONSUMPTION], t].sum()),
        "allocated_milliwatt_hours": int(frame.allocated[slots[Direction.CONSUMPTION], t].sum()),
    }
    names = {other["slot"]: str(other["point"]) for other in period.record.terms}
    if rule.sharing_key.links is not None and term["direction"] == Direction.CONSUMPTION:
        links = _explain_flow(period, rule, frame, (term["slot"], t), names)
    else:
        links = _linked(frame, slots, (term["slot"], t), names)
    if shown is not None:
        links = _veil(links, period, Direction(1 - term["direction"]), shown)
    return {
        "community": community,
        "period": label,
        "version": period.run.version,
        "metering_point": metering_point,
        "direction": Direction(term["direction"]).name.lower(),
        "start_utc": period.calendar.starts_utc()[t],
        "method": rule.sharing_key.method,
        "energy_milliwatt_hours": int(frame.energy[term["slot"], t]),
        "allocated_milliwatt_hours": int(frame.allocated[term["slot"], t]),
        "totals": totals,
        "links": links,
    }


def _veil(
    links: list[dict[str, Any]], period: SettledPeriod, side: Direction, shown: frozenset[str]
) -> list[dict[str, Any]]:
    """Tell links with those who are not shown as one, which has no name and gives no reason."""
    named = {
        str(term["point"])
        for term in period.record.terms
        if term["direction"] == side and term["participant"] in shown
    }
    require_crowd(period, side, shown)
    told = [
        {**link, "came_first": link["came_first"] if link["came_first"] in named else ""}
        if "came_first" in link
        else link
        for link in links
        if link["metering_point"] in named
    ]
    rest = sum(link["energy_milliwatt_hours"] for link in links if link["metering_point"] not in named)
    if rest:
        told.append({"metering_point": "", "energy_milliwatt_hours": rest})
    return sorted(told, key=lambda link: (-link["energy_milliwatt_hours"], link["metering_point"]))


def _interval_of(period: SettledPeriod, instant: int) -> int:
    calendar = period.calendar
    if not calendar.start_utc <= instant < calendar.end_utc:
        raise NotFoundError(f"{period.record.label} does not hold the instant asked for.")
    return (instant - calendar.start_utc) // calendar.step_seconds


def _rule_of(settled: SettledPeriods, period: SettledPeriod) -> Rule:
    with settled.store.reading() as records:
        versions = records.rule_versions(period.run.community)
    return period.view.rule_of(next(v for v in versions if v.version == period.run.rule_version))


def _explain_flow(
    period: SettledPeriod,
    rule: Rule,
    frame: AllocationFrame,
    place: tuple[int, int],
    names: Mapping[int, str],
) -> list[dict[str, Any]]:
    slot, t = place
    key = flow_key_of(period.view, period.record, rule)
    assert frame.link_flows is not None
    links = LinkFlows(*(np.ascontiguousarray(column) for column in frame.link_flows.T)).at(t)
    reasons = key.explain(
        frame.energy[list(key.network.consumer_slots), t],
        frame.energy[list(key.network.producer_slots), t],
        links,
        slot,
    )
    return [
        {
            "metering_point": names[reason.producer_slot],
            "energy_milliwatt_hours": reason.energy,
            "limit": reason.limit.name.lower(),
            "why": reason.limit.value,
            "level": reason.level,
            "came_first": "" if reason.first is None else names[reason.first],
        }
        for reason in reasons
        if reason.energy or reason.limit is not Limit.NO_FEED_IN
    ]


def _linked(
    frame: AllocationFrame,
    slots: Mapping[Direction, list[int]],
    place: tuple[int, int],
    names: Mapping[int, str],
) -> list[dict[str, Any]]:
    """The other ends of a point's links in the interval, the most energy first."""
    slot, t = place
    producers, consumers = slots[Direction.FEED_IN], slots[Direction.CONSUMPTION]
    told: Iterable[tuple[int, int, int]]
    if frame.link_flows is not None:
        matrix = LinkFlows(*(np.ascontiguousarray(column) for column in frame.link_flows.T)).at(t)
        told = zip(
            matrix.producer_slot.tolist(), matrix.consumer_slot.tolist(), matrix.energy.tolist(), strict=True
        )
    else:
        served = served_interval(
            _column(frame.allocated, producers, t), _column(frame.allocated, consumers, t)
        )
        told = (
            (producers[p], consumers[i], int(served[p, i])) for p, i in zip(*np.nonzero(served), strict=True)
        )
    found = [
        {
            "metering_point": names[consumer if producer == slot else producer],
            "energy_milliwatt_hours": energy,
        }
        for producer, consumer, energy in told
        if slot in {producer, consumer}
    ]
    return sorted(found, key=lambda link: (-link["energy_milliwatt_hours"], link["metering_point"]))


def _column(values: NDArray[np.int64], slots: list[int], t: int) -> NDArray[np.int64]:
    return np.ascontiguousarray(values[slots, t])
