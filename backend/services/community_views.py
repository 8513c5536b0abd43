"""What anyone may see of a community: its rules, runs, roots, totals; and its profile where it is large enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backend.community import Direction
from backend.errors import NotFoundError
from backend.services.bundles import shows_headers
from backend.services.forecasts.anchor import anchors_models
from backend.services.rule_words import describe_rule
from backend.services.settled_periods import run_in_force

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from backend.ports import OutboxEntry, PeriodRecord, Records, RunRecord
    from backend.quantities import PeriodCalendar
    from backend.services.context import CommunityView
    from backend.services.settled_periods import SettledPeriods

__all__ = [
    "community_card",
    "list_communities",
    "period_cards",
    "profile_of",
    "rule_versions",
]

_HOURS = 24
_WEEKDAYS = 7


def _card(view: CommunityView) -> dict[str, Any]:
    community = view.community
    return {
        "id": community.id,
        "name": community.name,
        "anchor": view.record.anchor,
        "note": community.note,
        "country": community.country,
        "time_zone": community.time_zone,
        "currency": community.currency,
        "resolution_minutes": community.resolution_minutes,
        "participants": len(community.participants),
        "metering_points": len(community.metering_points),
    }


def list_communities(
    settled: SettledPeriods, after: str, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Communities by id, without anything personal.

    Args:
        settled: Where to look.
        after: Only ids after this one.
        limit: How many at most.

    Returns:
        The communities, and the id to go on after, None at the end.
    """
    with settled.store.reading() as records:
        ids = [record.id for record in records.communities() if record.id > after]
    shown = ids[:limit]
    return [_card(settled.community(found)) for found in shown], shown[-1] if len(ids) > limit else None


def community_card(settled: SettledPeriods, community: str, today: int) -> dict[str, Any]:
    """A community and the rule in force.

    Args:
        settled: Where to look.
        community: Its id.
        today: Days since 1970-01-01.
    """
    view = settled.community(community)
    with settled.store.reading() as records:
        versions = records.rule_versions(community)
    in_force = [version for version in versions if version.effective_from <= today]
    rule = in_force[-1] if in_force else None
    described = describe_rule(rule.version, view.rule_of(rule), rule.effective_from) if rule else None
    return {**_card(view), "rule": described}


def rule_versions(settled: SettledPeriods, community: str) -> list[dict[str, Any]]:
    """All rule versions with their coefficients by metering point, the oldest first."""
    view = settled.community(community)
    with settled.store.reading() as records:
        versions = records.rule_versions(community)
    rules = [(version, view.rule_of(version)) for version in versions]
    return [
        {
            **describe_rule(version.version, rule, version.effective_from),
            "coefficients_ppm": dict(rule.sharing_key.coefficients_ppm),
        }
        for version, rule in rules
    ]


def period_cards(
    settled: SettledPeriods,
    community: str,
    before: int | None,
    limit: int,
    contestable_until: Callable[[RunRecord], int | None],
    *,
    to_member: bool,
) -> tuple[list[dict[str, Any]], int | None]:
    """Periods, the newest first, with all their runs.

    Args:
        settled: Where to look.
        community: Its id.
        before: Only periods before this one; None from the newest.
        limit: How many at most.
        contestable_until: Asks the chain. [s since 1970, UTC]
        to_member: Whether a member of the community asks; what decides whether there is a profile for them.
    """
    view = settled.community(community)
    with settled.store.reading() as records:
        periods = sorted(records.periods(community), key=lambda record: -record.period)
        chosen = [record for record in periods if before is None or record.period < before][: limit + 1]
        runs = {record.period: records.runs(community, record.period) for record in chosen[:limit]}
        roots = {record.period: _batch_roots(records, record) for record in chosen[:limit]}
        entries = [entry for entry in records.outbox(community) if entry.receipt]
    cards = [
        {
            **_period_card(record, runs[record.period], roots[record.period], entries, contestable_until),
            "shows_profile": run_in_force(runs[record.period]) is not None
            and shows_headers(view, record, to_member=to_member),
        }
        for record in chosen[:limit]
    ]
    return cards, chosen[limit - 1].period if len(chosen) > limit else None


def _batch_roots(records: Records, record: PeriodRecord) -> dict[int, str]:
    return {batch.version: batch.root for batch in records.batches(record.community, record.period)}


def _period_card(
    record: PeriodRecord,
    runs: list[RunRecord],
    batch_roots: dict[int, str],
    entries: list[OutboxEntry],
    contestable_until: Callable[[RunRecord], int | None],
) -> dict[str, Any]:
    receipts = {
        entry.receipt.transaction_hash: entry.receipt
        for entry in entries
        if entry.receipt and entry.period == record.period and not anchors_models(entry)
    }
    shown = run_in_force(runs)
    return {
        "period": record.period,
        "label": record.label,
        "days": record.days,
        "rule_version": record.rule_version,
        "state": shown.state.value if shown else "open",
        "bill_state": shown.bill_state.value if shown else "open",
        "version": shown.version if shown else None,
        "runs": [_run_card(run, batch_roots.get(run.batch_version, "")) for run in runs],
        "gas": sum(receipt.gas_used for receipt in receipts.values()),
        "transactions": len(receipts),
        "contestable_until": contestable_until(shown) if shown else None,
    }


def _run_card(run: RunRecord, batch_root: str) -> dict[str, Any]:
    return {
        "version": run.version,
        "run_id": run.run_id,
        "root": run.root,
        "batch_root": batch_root,
        "bill_root": run.bill_root,
        "rule_version": run.rule_version,
        "state": run.state.value,
        "bill_state": run.bill_state.value,
        "feed_in_milliwatt_hours": run.feed_in,
        "consumption_milliwatt_hours": run.consumption,
        "allocated_milliwatt_hours": run.allocated,
        "residual_milliwatt_hours": run.consumption - run.allocated,
        "surplus_milliwatt_hours": run.feed_in - run.shared,
        "bill_totals_cents": dict(run.bill_totals),
    }


def profile_of(settled: SettledPeriods, community: str, label: str, *, to_member: bool) -> dict[str, Any]:
    """A period's totals by hour of the local day, and in all.

    Args:
        settled: Where to look.
        community: Its id.
        label: Of the period.
        to_member: Whether a member of the community asks: consents to show a small direction hold for nobody else.

    Raises:
        NotFoundError: If the period is not there, or the community is too small for its totals to hide anyone.
    """
    period = settled.find(community, label)
    if not shows_headers(period.view, period.record, to_member=to_member):
        raise NotFoundError(
            f"The profile of {label} is not shown: a direction has few participants, who did not all consent, or to "
            "members alone: log in as one."
        )
    frame = settled.frame(period)
    consumers = [term["slot"] for term in period.record.terms if term["direction"] == Direction.CONSUMPTION]
    producers = [term["slot"] for term in period.record.terms if term["direction"] == Direction.FEED_IN]
    hours = np.array(period.calendar.local_minutes(), dtype=np.int64) // 60
    series = {
        "used": frame.energy[consumers].sum(axis=0),
        "from_neighbours": frame.allocated[consumers].sum(axis=0),
        "produced": frame.energy[producers].sum(axis=0),
        "shared": frame.allocated[producers].sum(axis=0),
    }
    return {
        "period": period.record.period,
        "label": label,
        "version": period.run.version,
        "by_hour_of_day": {
            "hour": list(range(_HOURS)),
            **{f"{name}_milliwatt_hours": _by_hour(values, hours) for name, values in series.items()},
        },
        "by_hour_of_week": {
            f"{name}_milliwatt_hours": _by_hour_of_week(values, hours, _weekdays(period.calendar))
            for name, values in series.items()
        },
        "total": {f"{name}_milliwatt_hours": int(values.sum()) for name, values in series.items()},
    }


def _weekdays(calendar: PeriodCalendar) -> NDArray[np.int64]:
    """Local weekday of each interval, Monday first. Shape (T,)."""
    first = calendar.period.first.weekday()
    days = np.repeat(np.arange(len(calendar.intervals_per_day)), calendar.intervals_per_day)
    return np.asarray((first + days) % _WEEKDAYS, dtype=np.int64)


def _by_hour_of_week(
    values: NDArray[np.int64], hours: NDArray[np.int64], weekdays: NDArray[np.int64]
) -> list[list[int]]:
    """Sums by weekday, Monday first, and hour of the local day."""
    return [
        [int(values[(weekdays == weekday) & (hours == hour)].sum()) for hour in range(_HOURS)]
        for weekday in range(_WEEKDAYS)
    ]


def _by_hour(values: NDArray[np.int64], hours: NDArray[np.int64]) -> list[int]:
    return [int(values[hours == hour].sum()) for hour in range(_HOURS)]
