"""What a participant sees: bills, curves and findings of their own points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import NotFoundError
from backend.metering import Quality
from backend.services.check_basis import gather_basis
from backend.services.rule_words import describe_rule
from backend.services.settled_periods import run_in_force
from backend.services.voted_checks import check_period

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.ports import AllocationFrame, BillRecord, PeriodRecord, RunRecord
    from backend.services.settled_periods import SettledPeriod, SettledPeriods

__all__ = ["bill_of", "bill_summaries", "curve_of", "findings_of", "stored_bill", "subject_of"]


def subject_of(community: str, participant: str) -> str:
    """How the log of accesses names whose data were looked at."""
    return f"{community}/{participant}"


def bill_summaries(
    settled: SettledPeriods, community: str, participant: str, before: int | None, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """A participant's bills, the newest first.

    Args:
        settled: Where to look.
        community: Its id.
        participant: Its id.
        before: Only of periods before this one; None from the newest.
        limit: How many at most.

    Returns:
        The bills in force, and the period to go on before, None at the end.
    """
    found: list[dict[str, Any]] = []
    with settled.store.reading() as records:
        periods = sorted(records.periods(community), key=lambda record: -record.period)
        for record in periods:
            if before is not None and record.period >= before:
                continue
            run = run_in_force(records.runs(community, record.period))
            bill = records.bill(community, record.period, run.version, participant) if run else None
            if run is None or bill is None:
                continue
            if len(found) == limit:
                return found, int(found[-1]["period"])
            found.append(_summary(record, run, bill))
    return found, None


def _summary(record: PeriodRecord, run: RunRecord, bill: BillRecord) -> dict[str, Any]:
    content = bill.content
    amounts, energy, quality = content["amounts"], content["energy"], content["quality"]
    return {
        "period": record.period,
        "label": record.label,
        "version": run.version,
        "state": run.state.value,
        "bill_state": run.bill_state.value,
        "number": bill.number,
        "debit_cents": amounts["debit"],
        "credit_cents": amounts["credit"],
        "balance_cents": amounts["payable"],
        "due_date": content["due"] or None,
        "currency": content["community"]["currency"],
        "energy": {
            "used_milliwatt_hours": energy["used"],
            "own_milliwatt_hours": energy["own"],
            "from_neighbours_milliwatt_hours": energy["from_neighbours"],
            "from_grid_milliwatt_hours": energy["from_grid"],
            "produced_milliwatt_hours": energy["produced"],
            "sold_to_neighbours_milliwatt_hours": energy["shared"],
            "surplus_milliwatt_hours": energy["surplus"],
        },
        "saving_cents": content["saving"]["saving"],
        "estimated_readings": quality["estimated"],
        "missing_readings": quality["missing"],
    }


def stored_bill(
    settled: SettledPeriods, community: str, label: str, participant: str, version: int | None = None
) -> tuple[SettledPeriod, BillRecord]:
    """A participant's bill as it is kept, and the period that it is of.

    Raises:
        NotFoundError: If there is none.
    """
    period = settled.find(community, label, version)
    run = period.run
    with settled.store.reading() as records:
        bill = records.bill(community, run.period, run.version, participant)
    if bill is None:
        raise NotFoundError(f"There is no bill of {participant} for {label} in {community}.")
    return period, bill


def bill_of(
    settled: SettledPeriods, community: str, label: str, participant: str, version: int | None = None
) -> dict[str, Any]:
    """A participant's bill: its content, number, states, run and rule.

    Raises:
        NotFoundError: If there is none.
    """
    period, bill = stored_bill(settled, community, label, participant, version)
    run = period.run
    with settled.store.reading() as records:
        rule = next(kept for kept in records.rule_versions(community) if kept.version == run.rule_version)
    return {
        **bill.content,
        "number": bill.number,
        "issued_utc": bill.issued_utc or None,
        "state": run.state.value,
        "bill_state": run.bill_state.value,
        "run": {"id": run.run_id, "version": run.version, "root": run.root, "state": run.state.value},
        "bill_root": run.bill_root,
        "rule": describe_rule(rule.version, period.view.rule_of(rule), rule.effective_from),
    }


def curve_of(
    settled: SettledPeriods, community: str, label: str, participant: str, version: int | None = None
) -> dict[str, Any]:
    """A participant's energy, interval by interval. [mWh]

    ``from_neighbours`` is all that was allocated, one's own feed-in coming back included: to part the two by interval
    would show the community's total, which small communities keep to themselves (docs/protocol.md section 11).

    Raises:
        NotFoundError: If there is none, or none of the participant's points was active.
    """
    period = settled.find(community, label, version)
    terms = period.terms_of(participant)
    if not terms:
        raise NotFoundError(f"{participant} had no metering point in {label} in {community}.")
    frame = settled.frame(period)
    calendar = period.calendar
    used, received = _sums(frame, [term["slot"] for term in terms if term["direction"] == 0])
    produced, shared = _sums(frame, [term["slot"] for term in terms if term["direction"] == 1])
    slots = [term["slot"] for term in terms]
    return {
        "period": period.record.period,
        "label": label,
        "version": period.run.version,
        "time_zone": calendar.time_zone,
        "resolution_minutes": calendar.resolution_minutes,
        "start": calendar.start_utc,
        "points": [
            {
                "id": term["point"],
                "direction": "feed_in" if term["direction"] else "consumption",
                "slot": term["slot"],
            }
            for term in terms
        ],
        "series": {
            "start": list(calendar.starts_utc()),
            "used": used.tolist(),
            "from_neighbours": received.tolist(),
            "from_grid": (used - received).tolist(),
            "produced": produced.tolist(),
            "sold_to_neighbours": shared.tolist(),
            "surplus": (produced - shared).tolist(),
        },
        "estimated": (frame.quality[slots] == Quality.ESTIMATED).any(axis=0).tolist(),
        "missing": (frame.quality[slots] == Quality.MISSING).any(axis=0).tolist(),
    }


def _sums(frame: AllocationFrame, slots: list[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return frame.energy[slots].sum(axis=0, dtype=np.int64), frame.allocated[slots].sum(axis=0, dtype=np.int64)


def findings_of(
    settled: SettledPeriods, community: str, label: str, participant: str | None
) -> list[dict[str, Any]]:
    """What a check of a period's stored readings finds.

    Args:
        settled: Where to look.
        community: Its id.
        label: Of the period.
        participant: Only on this one's points; None for all.
    """
    period = settled.find(community, label)
    members, calendar = period.view.community, period.calendar
    start, end = settled.intervals.span(community) or (calendar.start_utc, calendar.end_utc)
    # All history is read: several rules know a fault by its course over weeks.
    points = [point.id for point in members.metering_points]
    table = settled.intervals.readings(community, points, start, end)
    with settled.store.reading() as records:
        versions = records.rule_versions(community)
    basis = gather_basis(settled.intervals, settled.holidays, members, (start, end))
    findings = check_period(period.view, versions, table, basis, calendar)
    if participant is not None:
        own = {point.id for point in members.points_of(participant)}
        findings = [finding for finding in findings if finding.metering_point in own]
    return [finding.as_dict() for finding in findings]
