"""What the loss of a network's elements costs, and how much can be switched back on, over what is stored of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.forecasting.cold_load import ColdLoad
from backend.grid.outage import ElementKind, Outages, find_element, tell_pick_up
from backend.grid.restoration import Isolation, Limits, plan_restoration
from backend.services.grid.network_series import available_span, network_series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.grid import ConnectionSeries
    from backend.grid.outage import OutageImpact
    from backend.services.grid.known_networks import KnownNetwork
    from backend.services.grid.network_series import GridSources

__all__ = ["OutageQuestion", "rank_outages", "tell_outage"]

_DEFAULT_SECONDS = 28 * 86_400


@dataclass(frozen=True, slots=True)
class OutageQuestion:
    """What is asked of an outage.

    Attributes:
        begin_utc: Loads from here; None for four weeks before the end. [s since 1970, UTC]
        end_utc: To here; None for the last that is stored. [s since 1970, UTC]
        isolation: How the element is cut off.
        limits: What restoration is held to.
        seconds: Of the solver at most; most networks take less than one. [s]
        hours: How long the outage lasts, for what comes back after it. [h]
        temperature: Outdoors, likewise; NaN where unknown. [°C]
        cold_load: How load comes back; assumed unless outages were measured.
    """

    begin_utc: int | None = None
    end_utc: int | None = None
    isolation: Isolation = Isolation.SWITCHES
    limits: Limits = field(default_factory=Limits)
    seconds: float = 10.0
    hours: float = 2.0
    temperature: float = float("nan")
    cold_load: ColdLoad = field(default_factory=ColdLoad)


def tell_outage(
    sources: GridSources, known: KnownNetwork, element: str, question: OutageQuestion
) -> dict[str, Any]:
    """What the loss of an element costs, what can be brought back before its repair, and what returns with it.

    JSON-ready.

    Raises:
        NotFoundError: If the network has no such element.
        InputError: If the span is empty, or no outage lasts so long.
        PowerFlowError: If the network cannot be solved as it is operated.
    """
    found = find_element(known.network, element)
    series = _series(sources, known, question)
    outages = Outages(known.network, series)
    pick_up = tell_pick_up(outages, found, question.hours, question.cold_load, question.temperature)
    plan = plan_restoration(
        known.network,
        found,
        series,
        isolation=question.isolation,
        limits=question.limits,
        seconds=question.seconds,
    )
    return {
        **_head(known, series),
        "impact": outages.impact(found).as_dict(),
        "restoration": {**plan.as_dict(), "note": _note(known)},
        "pick_up": pick_up.as_dict(),
    }


def rank_outages(
    sources: GridSources,
    known: KnownNetwork,
    question: OutageQuestion,
    by: str = "load",
    kinds: Sequence[ElementKind] = tuple(ElementKind),
    limit: int | None = 50,
) -> dict[str, Any]:
    """Elements whose loss costs most, the worst first. JSON-ready.

    Raises:
        InputError: If there is no such ranking, or the span is empty.
    """
    series = _series(sources, known, question)
    ranked = Outages(known.network, series).rank(by, kinds, limit)
    return {**_head(known, series), "by": by, "items": [_brief(one) for one in ranked]}


def _series(sources: GridSources, known: KnownNetwork, question: OutageQuestion) -> ConnectionSeries | None:
    span = available_span(sources, known.record)
    if span is None:
        return None
    end = question.end_utc if question.end_utc is not None else span.end_utc
    begin = (
        question.begin_utc if question.begin_utc is not None else max(end - _DEFAULT_SECONDS, span.start_utc)
    )
    return network_series(sources, known.record, begin, end)


def _head(known: KnownNetwork, series: ConnectionSeries | None) -> dict[str, Any]:
    return {
        "network": known.record.name,
        "from": series.start_utc if series is not None else None,
        "to": series.end_utc if series is not None else None,
        "intervals": series.length if series is not None else 0,
    }


def _note(known: KnownNetwork) -> str:
    """Why nothing can be switched, where the network as such is the reason; empty otherwise."""
    if not known.network.switches:
        return "The network has no switch: nothing can be cut off but by hand, and nothing fed another way."
    if all(one.is_closed for one in known.network.switches):
        return "The network has no open switch: there is no other way to feed what goes dark."
    return ""


def _brief(impact: OutageImpact) -> dict[str, Any]:
    told = impact.as_dict()
    names = ("element", "kind", "customers", "critical", "unknown", "mean_kw", "worst_kw", "worst_start")
    return {**{name: told[name] for name in names}, "partly": len(told["partly"])}
