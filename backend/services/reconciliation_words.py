"""Why an operator's figure is not ours, in words and in figures; what is another member's stays unnamed to members."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.allocation.operator_figures import UNTOLD, Cause
from backend.metering import Quality
from backend.quantities import format_kilowatt_hours
from backend.services.point_rows import instant_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from backend.allocation.operator_figures import Account
    from backend.services.reconcile_period import ReconciledPeriod

__all__ = ["account_evidence", "row_evidence", "tell_evidence"]

_OF_READINGS = frozenset(
    {"reading-lacks", "earlier-readings", "later-readings", "other-reading", "other-readings"}
)
_ANOTHER = "another member's point"
_PPM_PER_PERCENT = 10_000


def account_evidence(found: ReconciledPeriod, account: Account, slots: Collection[int]) -> dict[str, Any]:
    """What shows a cause, over the period.

    Args:
        found: The period.
        account: The cause and its facts.
        slots: Points that may be named.

    Returns:
        JSON-ready: ``kind``, and by kind ``coefficients``, ``moved``, ``received_utc``, ``unit_milliwatt_hours``,
        ``method``, ``version``, ``rows`` and ``seen``.
    """
    facts, points = account.facts, _points(found)
    told: dict[str, Any] = {"kind": facts["kind"]}
    told |= {
        name: facts[name] for name in ("method", "version", "received_utc", "rows", "seen") if name in facts
    }
    if "coefficients" in facts:
        in_force = dict(enumerate(found.ours.key.coefficients_ppm))
        told["coefficients"] = [
            {
                "metering_point": points[slot],
                "found_ppm": coefficient,
                # A key without coefficients has none that could be named beside it.
                "in_force_ppm": in_force.get(slot, 0) if in_force else None,
            }
            for slot, coefficient in facts["coefficients"].items()
            if slot in slots
        ]
    if "moved" in facts:
        told["moved"] = [
            {
                "metering_point": points[moved["slot"]],
                "ours": _dates(found, moved["ours"]),
                "theirs": _dates(found, moved["theirs"]),
            }
            for moved in facts["moved"]
            if moved["slot"] in slots
        ]
    if account.cause is Cause.ROUNDING:
        told["unit_milliwatt_hours"] = int(found.operator.unit.max(initial=1))
        told["bound_milliwatt_hours"] = int(found.found.bound.max(initial=0))
    return told


def row_evidence(found: ReconciledPeriod, slot: int, interval: int, slots: Collection[int]) -> dict[str, Any]:
    """What shows the cause of one row: that of the period, and the reading that is behind it.

    Args:
        found: The period.
        slot: Of the row.
        interval: Of the row.
        slots: Points that may be named.
    """
    account = found.found.accounts[int(found.found.account[slot, interval])]
    told = account_evidence(found, account, slots)
    if account.cause is Cause.ROUNDING:
        told["unit_milliwatt_hours"] = int(found.operator.unit[slot, interval])
        told["bound_milliwatt_hours"] = int(found.found.bound[slot, interval])
    kind = told["kind"]
    if kind in _OF_READINGS and account.energy is not None:
        ours, theirs = found.ours.readings.energy[:, interval], account.energy[:, interval]
        moved = np.flatnonzero(ours != theirs)
        if len(moved):
            at = slot if slot in moved else int(moved[np.argmax(np.abs(theirs - ours)[moved])])
            told["reading"] = _reading(found, at, interval, int(theirs[at]), slots)
    elif kind == "own-reading":
        told["reading"] = _reading(found, slot, interval, None, slots)
    return told


def _reading(
    found: ReconciledPeriod, slot: int, interval: int, theirs: int | None, slots: Collection[int]
) -> dict[str, Any]:
    if slot not in slots:
        return {
            "metering_point": "",
            "ours_milliwatt_hours": None,
            "theirs_milliwatt_hours": None,
            "quality": "",
        }
    readings = found.ours.readings
    quality = Quality(readings.quality[slot, interval])
    return {
        "metering_point": _points(found)[slot],
        "ours_milliwatt_hours": None if quality is Quality.MISSING else int(readings.energy[slot, interval]),
        "theirs_milliwatt_hours": None if _lacks(found, slot, interval) else theirs,
        "quality": quality.name.lower(),
    }


def _lacks(found: ReconciledPeriod, slot: int, interval: int) -> bool:
    """Has the operator no row of the point there?"""
    return bool(found.operator.allocated[slot, interval] == UNTOLD)


def _points(found: ReconciledPeriod) -> dict[int, str]:
    return {term["slot"]: str(term["point"]) for term in found.period.record.terms}


def _dates(found: ReconciledPeriod, days: list[int]) -> list[str] | None:
    """First and last civil date of days [from, until), None where there is none."""
    begins, ends = days
    first = found.period.record.span.first
    if begins >= ends:
        return None
    return [(first + timedelta(days=day)).isoformat() for day in (begins, ends - 1)]


def tell_evidence(told: Mapping[str, Any]) -> str:
    """One English sentence of what evidence says, for commands and files."""
    tell = _SENTENCES.get(told["kind"])
    return tell(told) if tell else ""


def _percent(ppm: int) -> str:
    whole, fraction = divmod(ppm, _PPM_PER_PERCENT)
    return f"{whole}.{fraction:04d}".rstrip("0").rstrip(".") + " %"


def _energy(value: int | None, absent: str) -> str:
    return absent if value is None else f"{format_kilowatt_hours(value)} kWh"


def _tell_reading(told: Mapping[str, Any]) -> str:
    reading = told.get("reading")
    if not reading:
        return ""
    if not reading["metering_point"]:
        return f" It is that of {_ANOTHER}."
    ours = _energy(reading["ours_milliwatt_hours"], "no reading")
    theirs = _energy(reading["theirs_milliwatt_hours"], "none")
    quality = f" ({reading['quality']})" if reading["ours_milliwatt_hours"] is not None else ""
    return f" {reading['metering_point']}: ours is {ours}{quality}, the operator's {theirs}."


def _tell_coefficients(told: Mapping[str, Any]) -> str:
    listed = [
        f"{one['metering_point']} {_percent(one['found_ppm'])}"
        + ("" if one["in_force_ppm"] is None else f" instead of {_percent(one['in_force_ppm'])}")
        for one in told.get("coefficients", ())
        if one["found_ppm"] != one["in_force_ppm"]
    ]
    return f": {', '.join(listed)}" if listed else ""


def _tell_members(told: Mapping[str, Any]) -> str:
    def span(dates: list[str] | None) -> str:
        return "on no day" if dates is None else f"from {dates[0]} to {dates[1]}"

    moved = [
        f"{one['metering_point']} is a member {span(one['theirs'])} to the operator, {span(one['ours'])} here"
        for one in told["moved"]
    ]
    return (
        f"{'; '.join(moved)}."
        if moved
        else "Another point is a member on other days to the operator than here."
    )


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "rounding": lambda told: (
        f"The operator's figures are multiples of {_energy(told['unit_milliwatt_hours'], '')}; rounding explains up to "
        f"{_energy(told['bound_milliwatt_hours'], '')} here."
    ),
    "reading-lacks": lambda told: (
        f"One side had a reading that the other lacked or estimated.{_tell_reading(told)}"
    ),
    "own-reading": lambda told: (
        f"Our reading is estimated or missing, and the operator's is not told.{_tell_reading(told)}"
    ),
    "anothers-reading": lambda _: "A reading of another point of the interval is estimated or missing here.",
    "earlier-readings": lambda told: (
        f"The figure is what our readings gave as of {instant_text(told['received_utc'])}, before a later file "
        f"corrected them.{_tell_reading(told)}"
    ),
    "later-readings": lambda told: (
        f"The figure is what our readings give since {instant_text(told['received_utc'])}, after the run was settled."
        f"{_tell_reading(told)}"
    ),
    "other-reading": lambda told: (
        "The operator reckons with another measured value than any that we had: a correction that did not reach one "
        f"side.{_tell_reading(told)}"
    ),
    "other-readings": lambda told: (
        f"The operator reckons with other readings, one lacking and one corrected.{_tell_reading(told)}"
    ),
    "members": _tell_members,
    "fitted": lambda told: (
        f"{told['rows']} of {told['seen']} rows fit other coefficients of {told['method']}{_tell_coefficients(told)}."
    ),
    "rule-version": lambda told: (
        f"The figures are those of rule version {told['version']} ({told['method']}){_tell_coefficients(told)}."
    ),
    "schedule-version": lambda told: (
        f"The figures are those of version {told['version']} of the coefficients that were handed in."
    ),
    "other-method": lambda told: f"The operator shared by the method {told['method']}.",
    "unexplained": lambda _: "No reading, member, coefficient or rounding that is known gives this figure.",
}
