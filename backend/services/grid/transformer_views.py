"""Transformers told as JSON: ranked cards, one in detail, hosting capacities. Powers in kW, shares in per cent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.grid.hosting import hosting_capacities
from backend.grid.transformers import RISK_LEVELS, limits_of, method_of, rank_by_load, summarise_loading
from backend.services.grid.looks import tell_rows
from backend.services.grid.transformers import AHEAD_SECONDS, find_load, joint_series, suspicions_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.grid.hosting import HostingCapacity, HostingLimits, Technology
    from backend.grid.transformers import (
        LoadingSummary,
        OverloadRisk,
        ResidualSite,
        Suspicion,
        TransformerLoad,
    )
    from backend.services.grid.known_networks import KnownNetwork
    from backend.services.grid.transformers import Ahead, TransformerDesk, TransformerSpan

    Values = NDArray[np.float64]

__all__ = ["HOSTING_MAX", "tell_hosting", "tell_transformer", "tell_transformers"]

HOSTING_MAX = 200
_KILO = 1000.0
_PERCENT = 100.0


def tell_transformers(
    desk: TransformerDesk, known: KnownNetwork, begin_utc: int | None = None, end_utc: int | None = None
) -> dict[str, Any]:
    """All transformers that feed something, the fullest first.

    Raises:
        InputError: See ``TransformerDesk.span``.
        PowerFlowError: Likewise.
    """
    span = desk.span(known, begin_utc, end_utc)
    ahead = _ahead(desk, known)
    ranked = rank_by_load([summarise_loading(load, span.air.celsius) for load in span.loads.values()])
    return {
        "start": span.series.start_utc,
        "end": span.series.end_utc,
        "step_seconds": span.series.step_seconds,
        "ambient_source": span.air.source,
        "items": [
            {"rank": place, **_card(span, ahead, summary)} for place, summary in enumerate(ranked, start=1)
        ],
    }


def tell_transformer(
    desk: TransformerDesk,
    known: KnownNetwork,
    transformer: str,
    begin_utc: int | None = None,
    end_utc: int | None = None,
) -> dict[str, Any]:
    """One transformer: its figures, courses, duration, residual and forecast.

    Raises:
        NotFoundError: If there is no such transformer.
        InputError: See ``TransformerDesk.span``.
        PowerFlowError: Likewise.
    """
    span = desk.span(known, begin_utc, end_utc)
    load = find_load(known, span.loads, transformer)
    ahead = _ahead(desk, known)
    warm = load.thermal(span.air.celsius)
    limits = limits_of(load.transformer)
    return {
        **_card(span, ahead, summarise_loading(load, span.air.celsius)),
        "limits": {
            "loading_pct": limits.load_factor * _PERCENT,
            "hot_spot_c": limits.hot_spot,
            "top_oil_c": limits.top_oil,
        },
        "ambient_source": span.air.source,
        "start": load.start_utc,
        "step_seconds": load.step_seconds,
        "course": {
            "loading_pct": tell_rows(load.fullest * _PERCENT),
            "phase_loading_pct": tell_rows(load.factors * _PERCENT),
            "load_kw": tell_rows(load.watts.sum(axis=0) / _KILO),
            "load_kva": tell_rows(load.volt_amperes / _KILO),
            "hot_spot_c": tell_rows(warm.hot_spot),
            "top_oil_c": tell_rows(warm.top_oil),
            "ambient_c": tell_rows(span.air.celsius),
            "ageing": tell_rows(warm.ageing),
        },
        "duration_pct": tell_rows(np.array(summarise_loading(load, span.air.celsius).duration) * _PERCENT),
        "residual_course": _residual_course(span.sites.get(transformer)),
        "forecast": _forecast(ahead, transformer),
    }


def tell_hosting(
    desk: TransformerDesk,
    known: KnownNetwork,
    connections: Sequence[str] | None,
    technologies: Sequence[Technology],
    limits: HostingLimits,
    begin_utc: int | None = None,
    end_utc: int | None = None,
) -> dict[str, Any]:
    """Hosting capacities over a span, by default the last four weeks.

    Raises:
        InputError: If they are asked for of more than 200 connections, or of one that is none.
        PowerFlowError: If the network cannot be solved as it is.
    """
    asked = len(known.network.connections) if connections is None else len(connections)
    if asked > HOSTING_MAX:
        raise InputError(
            f"Hosting capacities of {asked:,} connections were asked for; name at most {HOSTING_MAX} of them at once."
        )
    begin, end = desk.bounds(known, begin_utc, end_utc)
    series = joint_series(desk.networks.sources, known.record, begin, end)
    found = hosting_capacities(
        known.network, series, connections=connections, technologies=technologies, limits=limits
    )
    return {
        "start": series.start_utc,
        "end": series.end_utc,
        "step_seconds": series.step_seconds,
        "limits": {
            "voltage_least_pu": limits.voltage_least_pu,
            "voltage_most_pu": limits.voltage_most_pu,
            "unbalance_pct": limits.unbalance * _PERCENT,
            "loading_pct": limits.loading * _PERCENT,
        },
        "items": [_tell_capacity(one) for one in found],
    }


def _tell_capacity(capacity: HostingCapacity) -> dict[str, Any]:
    return {
        "connection": capacity.connection,
        "technology": capacity.technology.value,
        "phases": str(capacity.phases),
        "kw": capacity.watts / _KILO,
        "limit": capacity.limit.value,
        "place": capacity.place,
        "start": capacity.start_utc,
    }


def _ahead(desk: TransformerDesk, known: KnownNetwork) -> Ahead | None:
    """None where there is no whole day to go by."""
    try:
        return desk.ahead(known, AHEAD_SECONDS)
    except InputError:
        return None


def _card(span: TransformerSpan, ahead: Ahead | None, told: LoadingSummary) -> dict[str, Any]:
    load: TransformerLoad = span.loads[told.transformer]
    site = span.sites.get(told.transformer)
    risk = ahead.risks.get(told.transformer) if ahead else None
    return {
        "id": told.transformer,
        "rated_kva": told.rated_volt_amperes / _KILO,
        "cooling": load.transformer.cooling,
        "meter": load.transformer.meter,
        "origin": told.origin,
        "coverage_pct": _short(told.coverage * _PERCENT),
        "load_kva": {
            "now": _short(told.now_volt_amperes / _KILO),
            "peak": _short(told.peak_volt_amperes / _KILO),
        },
        "loading_pct": {
            "now": _short(told.now_factor * _PERCENT),
            "mean": _short(told.mean_factor * _PERCENT),
            "peak": _short(told.peak_factor * _PERCENT),
        },
        "peak_start": told.peak_start_utc,
        "is_overloaded": told.peak_factor > 1.0,
        "hours_over": told.hours_over,
        "hot_spot_c": {"now": _short(told.hot_spot_now), "peak": _short(told.hot_spot_peak)},
        "top_oil_c": {"peak": _short(told.top_oil_peak)},
        "ageing": _short(told.ageing),
        "lost_hours": _short(told.lost_hours),
        "growth": _short(told.growth),
        "free_kva": _short(told.free.volt_amperes / _KILO),
        "free_kw": _short(told.free.draw_watts / _KILO),
        "free_feed_in_kw": _short(told.free.feed_in_watts / _KILO),
        "residual": None if site is None else _residual(site, suspicions_of(span, told.transformer)),
        "risk": None if risk is None else _risk(risk),
    }


def _residual(site: ResidualSite, suspicions: Sequence[Suspicion]) -> dict[str, Any]:
    return {
        "is_notable": site.is_notable,
        "energy_kwh": _short(site.energy_kilowatt_hours),
        "mean_kw": _short(site.mean_watts / _KILO),
        "share_pct": _short(site.drawn_share() * _PERCENT),
        "suspicions": [_suspicion(one) for one in suspicions],
    }


def _suspicion(one: Suspicion) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "transformer": one.transformer,
        "place": one.place,
        "other": one.other,
        "coefficient": _short(one.coefficient),
        "confidence_pct": _short(one.confidence * _PERCENT),
        "explained_pct": _short(one.explained * _PERCENT),
        "energy_kwh": _short(one.energy_kilowatt_hours),
        "reason": one.reason,
    }


def _residual_course(site: ResidualSite | None) -> dict[str, Any] | None:
    if site is None:
        return None
    measured, modelled = site.measured.sum(axis=0), site.modelled.sum(axis=0)
    return {
        "measured_kw": tell_rows(measured / _KILO),
        "modelled_kw": tell_rows(modelled / _KILO),
        "residual_kw": tell_rows((measured - modelled) / _KILO),
    }


def _risk(risk: OverloadRisk) -> dict[str, Any]:
    return {
        "overload_pct": None if np.isnan(risk.ever) else round(risk.ever * _PERCENT, 2),
        "peak_pct": _short(float(risk.mean.max()) * _PERCENT),
        "high_pct": _short(float(risk.high.max()) * _PERCENT),
        "hot_spot_high_c": _short(float(risk.hot_spot_high.max())),
        "courses": risk.courses,
        "method": method_of(risk.courses),
    }


def _forecast(ahead: Ahead | None, transformer: str) -> dict[str, Any] | None:
    if ahead is None or transformer not in ahead.risks:
        return None
    risk = ahead.risks[transformer]
    return {
        "start": ahead.courses[0].start_utc,
        "step_seconds": ahead.courses[0].step_seconds,
        "method": method_of(risk.courses),
        "courses": risk.courses,
        "ambient_source": ahead.air.source,
        "mean_pct": tell_rows(risk.mean * _PERCENT),
        "low_pct": tell_rows(risk.low * _PERCENT),
        "high_pct": tell_rows(risk.high * _PERCENT),
        "levels": list(RISK_LEVELS),
        "quantiles_pct": [tell_rows(row * _PERCENT) for row in risk.quantiles],
        "overload_pct": tell_rows(risk.overload * _PERCENT),
        "hot_spot_c": tell_rows(risk.hot_spot),
        "hot_spot_high_c": tell_rows(risk.hot_spot_high),
    }


def _short(value: float) -> float:
    """Five digits are more than any of these is known to."""
    return float(f"{value:.5g}")
