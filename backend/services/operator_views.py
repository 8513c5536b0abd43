"""What a grid operator or a provider sees of its community: allocations by interval, residual supply by participant."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class AllocationRows:
    """Rows of a run, point by point and interval by interval.

    Attributes:
        period: Which run.
        frame: Its rows.
        terms: Of the points chosen, in slot order.
        first: First interval chosen.
        until: Interval after the last chosen.
    """

    period: SettledPeriod
    frame: AllocationFrame
    terms: tuple[dict[str, Any], ...]
    first: int
    until: int

    def __len__(self) -> int:
        return len(self.terms) * (self.until - self.first)

    @property
    def participants(self) -> list[str]:
        """Whose data these are."""
        return sorted({term["participant"] for term in self.terms})

    def arrays(self) -> dict[str, Any]:
        """The same rows as arrays: ids, instants [s since 1970, UTC], and per column one of shape (points, T)."""
        slots = [term["slot"] for term in self.terms]
        chosen = slice(self.first, self.until)
        return {
            "points": [str(term["point"]) for term in self.terms],
            "starts_utc": np.array(self.period.calendar.starts_utc()[chosen], dtype=np.int64),
            "columns": {
                "quality": self.frame.quality[slots, chosen],
                "energy_milliwatt_hours": self.frame.energy[slots, chosen],
                "allocated_milliwatt_hours": self.frame.allocated[slots, chosen],
            },
        }

    def rows(self, begin: int = 0, end: int | None = None) -> Iterator[dict[str, Any]]:
        """Rows [begin, end) in order; instants in seconds since 1970, energies in mWh."""
        starts = self.period.calendar.starts_utc()
        resolution = self.period.calendar.resolution_minutes
        width = self.until - self.first
        stop = len(self) if end is None else min(end, len(self))
        row = begin
        while row < stop:
            place, offset = divmod(row, width)
            term = self.terms[place]
            span = min(width - offset, stop - row)
            intervals = range(self.first + offset, self.first + offset + span)
            chosen = slice(intervals.start, intervals.stop)
            columns = zip(
                intervals,
                self.frame.quality[term["slot"], chosen].tolist(),
                self.frame.energy[term["slot"], chosen].tolist(),
                self.frame.allocated[term["slot"], chosen].tolist(),
                strict=True,
            )
            for interval, quality, energy, allocated in columns:
                values = (
                    term["point"],
                    starts[interval],
                    resolution,
                    Quality(quality).name.lower(),
                    energy,
                    allocated,
                )
                yield dict(zip(COLUMNS, values, strict=True))
            row += span


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
    return AllocationRows(period, settled.frame(period), tuple(terms), first, until)


def portfolio_of(settled: SettledPeriods, community: str, label: str) -> list[dict[str, Any]]:
    """What each participant draws from its supplier and sells as surplus, in a period's run in force. [mWh]

    Returns:
        A row per participant with active points, by id; with the residual supply by hour of the local day.
    """
    period = settled.find(community, label)
    frame = settled.frame(period)
    hours = np.array(period.calendar.local_minutes(), dtype=np.int64) // 60
    rows = []
    for participant in sorted({term["participant"] for term in period.record.terms}):
        terms = period.terms_of(participant)
        consumers = [term["slot"] for term in terms if term["direction"] == Direction.CONSUMPTION]
        producers = [term["slot"] for term in terms if term["direction"] == Direction.FEED_IN]
        residual = (frame.energy[consumers] - frame.allocated[consumers]).sum(axis=0)
        surplus = (frame.energy[producers] - frame.allocated[producers]).sum(axis=0)
        rows.append(
            {
                "participant": participant,
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


def supplier_lines_of(settled: SettledPeriods, community: str, label: str) -> list[dict[str, Any]]:
    """What others than the community bill each customer, from the bills of a period's run in force.

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
        if line["biller"] != "community" and line["quantity"]
    ]
