"""What somebody sees of a reconciliation: causes summed, points summed, rows, and the course of one point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backend.allocation.operator_figures import Cause
from backend.community import AllocationSource, Direction
from backend.errors import NotFoundError
from backend.quantities import divide_half_away
from backend.services.reconciliation_words import account_evidence, row_evidence, tell_evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.services.compared_figures import ComparedPeriod
    from backend.services.reconcile_period import DifferenceRows, ReconciledPeriod

__all__ = ["course_of", "head_of", "rows_of", "summary_of"]

_PICO_PER_MICRO = 1_000_000
SUMS = (
    "rows",
    "more_milliwatt_hours",
    "less_milliwatt_hours",
    "difference_milliwatt_hours",
    "cost_cents",
)


def summary_of(found: ReconciledPeriod, participants: frozenset[str] | None = None) -> dict[str, Any]:
    """Causes and points summed, with evidence and with what a case would be about.

    Args:
        found: The period.
        participants: Whose points are shown; None for all.
    """
    terms = found.terms(participants)
    slots = [term["slot"] for term in terms]
    rows = found.of(slots)
    untold = set(found.untold())
    return {
        **head_of(found.period),
        "compared_intervals": found.compared_intervals(),
        "untold": [str(term["point"]) for term in terms if term["point"] in untold],
        "total": {**rows.sums(), "cost_cents": found.cost_cents(rows)},
        "causes": [_cause(found, cause, part, slots) for cause, part in found.by_cause(rows)],
        "points": [_point(found, term) for term in terms if term["point"] not in untold],
    }


def head_of(period: ComparedPeriod) -> dict[str, Any]:
    """What is compared: all of a summary where the operator handed in nothing, which has no file then."""
    return {
        "community": period.record.community,
        "label": period.record.label,
        "run": period.run.version if period.run else None,
        "binding": period.rule.source is AllocationSource.OPERATOR,
        "rule_version": period.record.rule_version,
        "method": period.rule.sharing_key.method,
        "resolution_minutes": period.calendar.resolution_minutes,
        "time_zone": period.calendar.time_zone,
        "start_utc": period.calendar.start_utc,
        "files": [
            {"name": name, "received_utc": load.received_utc} for load in period.loads for name in load.files
        ],
        "intervals": period.calendar.interval_count,
        "compared_intervals": 0,
        "untold": [],
        "total": dict.fromkeys(SUMS, 0),
        "causes": [],
        "points": [],
    }


def _cause(
    found: ReconciledPeriod, cause: Cause, rows: DifferenceRows, slots: Sequence[int]
) -> dict[str, Any]:
    evidence = []
    for number in np.unique(rows.account).tolist():
        account = found.found.accounts[number]
        told = account_evidence(found, account, slots)
        own = rows.chosen(rows.account == number)
        evidence.append({**told, "differing_rows": len(own), "message": tell_evidence(told)})
    evidence.sort(key=lambda told: -told["differing_rows"])
    return {
        "cause": cause.word,
        **rows.sums(),
        "cost_cents": found.cost_cents(rows),
        "points": len(np.unique(rows.slot)),
        "intervals": len(np.unique(rows.interval)),
        "evidence": evidence,
    }


def _point(found: ReconciledPeriod, term: dict[str, Any]) -> dict[str, Any]:
    slot, rows = term["slot"], found.of([term["slot"]])
    compared = found.found.compared[slot]
    parts = list(found.by_cause(rows))
    causes = [{"cause": cause.word, **part.sums()} for cause, part in parts]
    return {
        "metering_point": str(term["point"]),
        "participant": str(term["participant"]),
        "direction": Direction(term["direction"]).name.lower(),
        "operator_milliwatt_hours": int(found.found.operator[slot, compared].sum()),
        "computed_milliwatt_hours": int(found.found.computed[slot, compared].sum()),
        **rows.sums(),
        "cost_cents": sum(cause["cost_cents"] for cause in causes),
        "causes": causes,
        "dispute": _dispute(found, rows),
    }


def _dispute(found: ReconciledPeriod, rows: DifferenceRows) -> dict[str, Any] | None:
    """What a case on a point would be about: the civil day of the gravest cause on which most differs."""
    grave = rows.chosen(rows.cause > Cause.ROUNDING)
    if not len(grave):
        return None
    sizes = {
        cause: int(np.abs(grave.energy[grave.cause == cause]).sum())
        for cause in np.unique(grave.cause).tolist()
    }
    cause = max(sizes, key=lambda cause: (sizes[cause], cause))
    chosen = grave.chosen(grave.cause == cause)
    day = found.ours.day_of[chosen.interval]
    days = np.unique(day)
    sums = [int(np.abs(chosen.energy[day == one]).sum()) for one in days]
    worst = chosen.chosen(day == days[int(np.argmax(sums))])
    first, until = int(worst.interval.min()), int(worst.interval.max()) + 1
    slot = int(worst.slot[0])
    starts = [*found.period.calendar.starts_utc(), found.period.calendar.end_utc]
    return {
        "cause": Cause(cause).word,
        "start_utc": int(starts[first]),
        "end_utc": int(starts[until]),
        "operator_milliwatt_hours": int(found.found.operator[slot, first:until].sum()),
        "computed_milliwatt_hours": int(found.found.computed[slot, first:until].sum()),
    }


def rows_of(
    found: ReconciledPeriod,
    rows: DifferenceRows,
    slots: Sequence[int],
    begin: int = 0,
    end: int | None = None,
) -> list[dict[str, Any]]:
    """Rows [begin, end), each with its evidence.

    Args:
        found: The period.
        rows: Of it.
        slots: Points that evidence may name.
        begin: First row.
        end: The one after the last; None for all.
    """
    points = {term["slot"]: str(term["point"]) for term in found.period.record.terms}
    starts = found.period.calendar.starts_utc()
    told = []
    for place in range(begin, min(len(rows), len(rows) if end is None else end)):
        slot, interval = int(rows.slot[place]), int(rows.interval[place])
        evidence = row_evidence(found, slot, interval, slots)
        told.append(
            {
                "metering_point": points[slot],
                "start_utc": int(starts[interval]),
                "operator_milliwatt_hours": int(found.found.operator[slot, interval]),
                "computed_milliwatt_hours": int(found.found.computed[slot, interval]),
                "difference_milliwatt_hours": int(rows.energy[place]),
                "cost_micro_eur": divide_half_away(int(rows.cost[place]), _PICO_PER_MICRO),
                "cause": Cause(rows.cause[place]).word,
                "evidence": {**evidence, "message": tell_evidence(evidence)},
            }
        )
    return told


def course_of(
    found: ReconciledPeriod, metering_point: str, participants: frozenset[str] | None = None
) -> dict[str, Any]:
    """A point's course: both allocations, interval by interval, with causes. [mWh]

    Args:
        found: The period.
        metering_point: Its id.
        participants: Whose points are shown; None for all.

    Raises:
        NotFoundError: If it is not there.
    """
    term = next((term for term in found.terms(participants) if term["point"] == metering_point), None)
    if term is None:
        raise NotFoundError(
            f"There is no metering point {metering_point!r} in {found.period.record.label} here."
        )
    slot, calendar = term["slot"], found.period.calendar
    readings, side = found.ours.readings, found.found
    return {
        "metering_point": metering_point,
        "slot": slot,
        "period": found.period.record.period,
        "direction": Direction(term["direction"]).name.lower(),
        "time_zone": calendar.time_zone,
        "resolution_minutes": calendar.resolution_minutes,
        "series": {
            "start": list(calendar.starts_utc()),
            "energy": readings.energy[slot].tolist(),
            "operator": np.where(side.compared[slot], side.operator[slot], 0).tolist(),
            "computed": side.computed[slot].tolist(),
        },
        "compared": side.compared[slot].tolist(),
        "causes": [Cause(cause).word if cause else "" for cause in side.cause[slot].tolist()],
    }
