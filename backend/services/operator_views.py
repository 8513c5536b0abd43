"""What a grid operator or a provider sees of its community: allocations by interval, residual supply by participant."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.community import Direction
from backend.errors import NotFoundError
from backend.metering import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.ports import AllocationFrame
    from backend.services.settled_periods import SettledPeriod, SettledPeriods

__all__ = ["AllocationRows", "portfolio_of", "select_allocations", "supplier_lines_of"]

COLUMNS = (
    "metering_point",
    "start",
    "resolution_minutes",
    "quality",
    "energy_milliwatt_hours",
    "allocated_milliwatt_hours",
)
_NOT_MEASURED = (Quality.ESTIMATED, Quality.EDITED, Quality.MISSING)
#: Who bills what a provider is concerned with; what neighbours trade with one another is not.
_PROVIDERS = frozenset({"supplier", "offtaker"})


@dataclass(frozen=True)
class AllocationRows:
    """Rows of a run, point by point and interval by interval; a point has rows on the days it is active on.

    Attributes:
        period: Which run.
        frame: Its rows.
        terms: Of the points chosen, in slot order.
        spans: Per term, its first interval chosen and the one after its last.
    """

    period: SettledPeriod
    frame: AllocationFrame
    terms: tuple[dict[str, Any], ...]
    spans: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return sum(until - first for first, until in self.spans)

    @property
    def participants(self) -> list[str]:
        """Whose data these are."""
        return sorted({term["participant"] for term in self.terms})

    def arrays(self) -> dict[str, Any]:
        """The same rows as arrays: ids, the place of each row's id, its instant [s since 1970, UTC], its columns."""
        widths = [until - first for first, until in self.spans]
        place = np.repeat(np.arange(len(self.terms), dtype=np.int32), widths)
        interval = np.concatenate([np.arange(*span, dtype=np.int64) for span in self.spans])
        slot = np.array([term["slot"] for term in self.terms], dtype=np.int64)[place]
        starts = np.array(self.period.calendar.starts_utc(), dtype=np.int64)
        return {
            "points": [str(term["point"]) for term in self.terms],
            "place": place,
            "starts_utc": starts[interval],
            "columns": {
                "quality": self.frame.quality[slot, interval],
                "energy_milliwatt_hours": self.frame.energy[slot, interval],
                "allocated_milliwatt_hours": self.frame.allocated[slot, interval],
            },
        }

    def rows(self, begin: int = 0, end: int | None = None) -> Iterator[dict[str, Any]]:
        """Rows [begin, end) in order; instants in seconds since 1970, energies in mWh."""
        starts = self.period.calendar.starts_utc()
        resolution = self.period.calendar.resolution_minutes
        passed = 0
        for term, (first, until) in zip(self.terms, self.spans, strict=True):
            shift = first - passed
            low = max(first, begin + shift)
            high = until if end is None else min(until, end + shift)
            passed += until - first
            if high <= low:
                continue
            chosen = slice(low, high)
            columns = zip(
                starts[chosen],
                self.frame.quality[term["slot"], chosen].tolist(),
                self.frame.energy[term["slot"], chosen].tolist(),
                self.frame.allocated[term["slot"], chosen].tolist(),
                strict=True,
            )
            for start, quality, energy, allocated in columns:
                name = Quality(quality).name.lower()
                values = (term["point"], start, resolution, name, energy, allocated)
                yield dict(zip(COLUMNS, values, strict=True))

    def totals(self) -> list[dict[str, Any]]:
        """A row per point: its sums [mWh] and how many of its readings are not measured."""
        members = self.period.view.community
        rows = []
        for term, (first, until) in zip(self.terms, self.spans, strict=True):
            slot, chosen = term["slot"], slice(first, until)
            point = members.metering_point(term["point"])
            counts = np.bincount(self.frame.quality[slot, chosen], minlength=len(Quality)).tolist()
            rows.append(
                {
                    "metering_point": term["point"],
                    "number": (point.external_id if point else None) or "",
                    "participant": term["participant"],
                    "direction": Direction(term["direction"]).name.lower(),
                    "intervals": until - first,
                    **{f"{quality.name.lower()}_readings": counts[quality] for quality in _NOT_MEASURED},
                    "energy_milliwatt_hours": int(self.frame.energy[slot, chosen].sum()),
                    "allocated_milliwatt_hours": int(self.frame.allocated[slot, chosen].sum()),
                }
            )
        return rows


def select_allocations(
    settled: SettledPeriods,
    community: str,
    label: str,
    metering_point: str | None,
    start_utc: int | None,
    end_utc: int | None,
) -> AllocationRows:
    """Rows of the run in force.

    Args:
        settled: Where to look.
        community: Its id.
        label: Of the period.
        metering_point: Only this one; None for all.
        start_utc: Only intervals that start at or after it. [s since 1970, UTC]
        end_utc: Only intervals that start before it. [s since 1970, UTC]

    Raises:
        NotFoundError: If community, period or metering point is not there.
    """
    period = settled.find(community, label)
    terms = [dict(term) for term in period.record.terms if metering_point in (None, term["point"])]
    if not terms:
        raise NotFoundError(f"There is no metering point {metering_point!r} in {label} of {community}.")
    calendar = period.calendar
    step, count = calendar.step_seconds, calendar.interval_count
    first = 0 if start_utc is None else min(max(-((calendar.start_utc - start_utc) // step), 0), count)
    until = count if end_utc is None else min(max(-((calendar.start_utc - end_utc) // step), first), count)
    midnights = [0, *accumulate(calendar.intervals_per_day)]
    spans = []
    for term in terms:
        low = max(first, midnights[term["from_day"]])
        spans.append((low, max(low, min(until, midnights[term["until_day"]]))))
    return AllocationRows(period, settled.frame(period), tuple(terms), tuple(spans))


def portfolio_of(settled: SettledPeriods, community: str, label: str) -> list[dict[str, Any]]:
    """What each participant draws from its supplier and sells as surplus, in a period's run in force. [mWh]

    Returns:
        A row per participant with active points, by id; with the residual supply by hour of the local day. Surplus is
        the producers', or what consumers are credited with where the rule of the period says that it is theirs.
    """
    period = settled.find(community, label)
    frame = settled.frame(period)
    owned_by_consumers = _surplus_owner(settled, period) == "consumer"
    names = {participant.id: participant.name for participant in period.view.community.participants}
    hours = np.array(period.calendar.local_minutes(), dtype=np.int64) // 60
    rows = []
    for participant in sorted({term["participant"] for term in period.record.terms}):
        terms = period.terms_of(participant)
        consumers = [term["slot"] for term in terms if term["direction"] == Direction.CONSUMPTION]
        producers = [term["slot"] for term in terms if term["direction"] == Direction.FEED_IN]
        residual = (frame.energy[consumers] - frame.allocated[consumers]).sum(axis=0)
        surplus = (
            frame.credited[consumers]
            if owned_by_consumers
            else frame.energy[producers] - frame.allocated[producers]
        )
        rows.append(
            {
                "participant": participant,
                "name": names.get(participant, ""),
                "metering_points": [term["point"] for term in terms],
                "used_milliwatt_hours": int(frame.energy[consumers].sum()),
                "residual_milliwatt_hours": int(residual.sum()),
                "surplus_milliwatt_hours": int(surplus.sum()),
                "residual_by_hour_milliwatt_hours": [
                    int(residual[hours == hour].sum()) for hour in range(24)
                ],
            }
        )
    return rows


def _surplus_owner(settled: SettledPeriods, period: SettledPeriod) -> str:
    """Whose the surplus is, by the rule version of a period's run."""
    with settled.store.reading() as records:
        versions = records.rule_versions(period.run.community)
    stored = next(version for version in versions if version.version == period.run.rule_version)
    return str(period.view.rule_of(stored).sharing_key.surplus_owner)


def supplier_lines_of(settled: SettledPeriods, community: str, label: str) -> list[dict[str, Any]]:
    """What supplier and offtaker bill each customer, from the bills of a period's run in force.

    Returns:
        A row per line that a supplier or an offtaker bills, by participant: quantity [mWh], unit price [µEUR/kWh],
        amount [cents].
    """
    period = settled.find(community, label)
    with settled.store.reading() as records:
        bills = records.bills(community, period.record.period, period.run.version)
    return [
        {
            "participant": bill.participant,
            "metering_point": line["point"],
            "biller": line["biller"],
            "kind": line["kind"],
            "band": line["band"],
            "windows": list(line["windows"]),
            "quantity_milliwatt_hours": line["quantity"],
            "unit_price_micro_eur_per_kilowatt_hour": line["unit_price"],
            "amount_cents": line["amount"],
        }
        for bill in sorted(bills, key=lambda bill: bill.participant)
        for line in bill.content["lines"]
        if line["biller"] in _PROVIDERS and line["quantity"]
    ]
