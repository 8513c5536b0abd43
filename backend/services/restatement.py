"""What a correction changed: one run of a period held against another, by interval, by member and by euro."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.community import Direction
from backend.errors import NotFoundError
from backend.quantities import PeriodCalendar, SettlementPeriod
from backend.services.gap_methods import known_loads
from backend.services.settled_periods import SettledPeriods, run_in_force

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.ports import BillRecord, RunRecord
    from backend.services.context import SettlementContext
    from backend.services.settled_periods import SettledPeriod

__all__ = ["Restatement", "restatement_of", "touched_periods"]


def touched_periods(context: SettlementContext, community: str) -> list[SettlementPeriod]:
    """Settled periods that readings have reached since they were settled, the oldest first.

    A period counts as touched where a load that its last batch did not know has a reading in it or within the fortnight
    around it from which estimates are made, or a register read that these use; settling it again finds out
    whether anything changes.
    """
    view = context.community(community)
    members = view.community
    with context.store.reading() as records:
        periods = sorted(records.periods(community), key=lambda record: record.period)
        batches = {record.period: records.batches(community, record.period) for record in periods}
    found = []
    for record in periods:
        known = batches[record.period]
        if not known:
            continue
        calendar = PeriodCalendar(record.span, members.time_zone, members.resolution_minutes)
        loads = known_loads(context, view, calendar, record)
        if set(loads) - set(known[-1].loads):
            found.append(record.span)
    return found


@dataclass(frozen=True)
class Restatement:
    """Two runs of a period side by side.

    Attributes:
        before: The run that is held against.
        after: The run that replaces it.
    """

    before: SettledPeriod
    after: SettledPeriod
    _settled: SettledPeriods

    def intervals(self) -> Iterator[dict[str, Any]]:
        """Each (metering point, interval) that differs, point by point. [mWh]"""
        old, new = self._settled.frame(self.before), self._settled.frame(self.after)
        starts = self.after.calendar.starts_utc()
        differs = (old.energy != new.energy) | (old.allocated != new.allocated) | (old.quality != new.quality)
        for term in self.after.record.terms:
            slot = term["slot"]
            for interval in np.flatnonzero(differs[slot]).tolist():
                yield {
                    "metering_point": term["point"],
                    "start_utc": starts[interval],
                    "energy_before_milliwatt_hours": int(old.energy[slot, interval]),
                    "energy_after_milliwatt_hours": int(new.energy[slot, interval]),
                    "allocated_before_milliwatt_hours": int(old.allocated[slot, interval]),
                    "allocated_after_milliwatt_hours": int(new.allocated[slot, interval]),
                }

    def members(self) -> list[dict[str, Any]]:
        """Each participant whose energy or bill differs: energies after less before [mWh], amounts likewise [cents]."""
        old, new = self._settled.frame(self.before), self._settled.frame(self.after)
        bills = {place: self._bills(run) for place, run in (("before", self.before), ("after", self.after))}
        rows = []
        for participant in sorted({term["participant"] for term in self.after.record.terms}):
            terms = self.after.terms_of(participant)
            row: dict[str, Any] = {"participant": participant}
            for name, direction in (("consumption", Direction.CONSUMPTION), ("feed_in", Direction.FEED_IN)):
                slots = [term["slot"] for term in terms if term["direction"] == direction]
                given = "allocated" if direction is Direction.CONSUMPTION else "shared"
                row[f"{name}_milliwatt_hours"] = int(new.energy[slots].sum() - old.energy[slots].sum())
                row[f"{given}_milliwatt_hours"] = int(new.allocated[slots].sum() - old.allocated[slots].sum())
            amounts = [bills[place][participant].content["amounts"] for place in ("before", "after")]
            row["debit_cents"] = amounts[1]["debit"] - amounts[0]["debit"]
            row["credit_cents"] = amounts[1]["credit"] - amounts[0]["credit"]
            row["bill_before"] = bills["before"][participant].number
            row["bill_after"] = bills["after"][participant].number
            changes = [value for name, value in row.items() if name.endswith(("_hours", "_cents"))]
            if any(changes):
                rows.append(row)
        return rows

    def _bills(self, period: SettledPeriod) -> dict[str, BillRecord]:
        run = period.run
        with self._settled.store.reading() as records:
            return {bill.participant: bill for bill in records.bills(run.community, run.period, run.version)}

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: the runs, what changed by member, and in how many intervals."""
        members = self.members()
        intervals = list(self.intervals())
        sums = {
            name: sum(row[name] for row in members)
            for name in (
                "consumption_milliwatt_hours",
                "allocated_milliwatt_hours",
                "feed_in_milliwatt_hours",
                "shared_milliwatt_hours",
                "debit_cents",
                "credit_cents",
            )
        }
        return {
            "community": self.after.run.community,
            "period": self.after.record.label,
            "before": _run_card(self.before.run),
            "after": _run_card(self.after.run),
            "intervals": intervals,
            "members": members,
            "total": sums,
        }


def _run_card(run: RunRecord) -> dict[str, Any]:
    return {"run": run.version, "run_id": run.run_id, "state": run.state.value, "root": run.root}


def restatement_of(
    settled: SettledPeriods, community: str, label: str, before: int | None = None
) -> Restatement:
    """Hold the run in force against the one that it replaced.

    Args:
        settled: Where to look.
        community: Its id.
        label: Of the period.
        before: Version to hold against; the newest earlier one with bills where not given.

    Raises:
        NotFoundError: If the period has no earlier run with bills.
    """
    after = settled.find(community, label)
    with settled.store.reading() as records:
        runs = records.runs(community, after.record.period)
    newest = run_in_force(runs)
    assert newest is not None
    earlier = [run.version for run in runs if run.version < newest.version and run.bill_root]
    if not earlier:
        raise NotFoundError(
            f"{label} of {community} was settled once; there is no earlier run to hold it against."
        )
    version = max(earlier) if before is None else before
    if version not in earlier:
        known = ", ".join(map(str, sorted(earlier)))
        raise NotFoundError(f"{label} of {community} has no earlier run {version}; there are {known}.")
    return Restatement(settled.find(community, label, version), after, settled)
