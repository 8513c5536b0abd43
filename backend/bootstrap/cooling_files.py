"""Joins what is told of a transformer from files to the detectors: its cooling, its paper's life, failures; no home."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.forecasting import Series

    Values = NDArray[np.float64]

__all__ = ["CoolingAsked", "watch_cooling"]

_AIR = "ambient"
_DAY = 86_400
_JUDGED_DAYS = 28
_KNOWN_LEAST = 0.9
_AGES = ("entered", "left", "failed")
_YES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_RECORDS_MAX = 1_000_000


@dataclass(frozen=True)
class CoolingAsked:
    """What is asked of a transformer.

    Attributes:
        oil: Column of the oil's temperature. [°C]
        begin_utc: Start of the days judged; None for the last 28. [s since 1970, UTC]
        budget: False alarms accepted in a year.
        load: Column of the load that its life is told by; the only one where there is one.
        rated_load: That load at rated current, in the column's unit; None where life is not asked for.
        cooling: By IEC 60076-2.
        rated_kva: Up to 2,500 with ONAN counts as a distribution transformer. [kVA]
        paper: ``kraft`` or ``upgraded``.
        used: Least and most of its life that is gone; nothing known is 0 to 1. [1]
        growth: Mean and standard deviation of the load's yearly growth. [1/year]
        failures: Records of assets, None where there are none.
        age: Of this one. [years]
        seed: Of the draws.
    """

    oil: str = "oil"
    begin_utc: int | None = None
    budget: float = 1.0
    load: str = ""
    rated_load: float | None = None
    cooling: str = "ONAN"
    rated_kva: float = 2_500.0
    paper: str = "kraft"
    used: tuple[float, float] = (0.0, 1.0)
    growth: tuple[float, float] = (0.0, 0.0)
    failures: Path | None = None
    age: float | None = None
    seed: int = 0


def watch_cooling(path: Path, asked: CoolingAsked) -> dict[str, Any]:
    """Tell a transformer's days, cooling faults, and where asked its insulation's life and its odds of failing.

    Returns:
        ``days`` (start, oil, expected, excess, fault), ``faults``, ``life`` and ``failing`` (None, with ``why_no_life``
        and ``why_no_failing`` in words); instants as seconds since 1970.

    Raises:
        InputError: If a file does not fit, or too little is known.
    """
    from backend.adapters.series_files import read_series_csv
    from ml.anomalies.cooling import expected_days, find_cooling_faults

    oil = read_series_csv(path, asked.oil).series
    if not set(oil.inputs) - {_AIR}:
        raise InputError(f"{path} has no load beside {asked.oil!r}; add a column of it.")
    begin = oil.end_utc - _JUDGED_DAYS * _DAY if asked.begin_utc is None else asked.begin_utc
    told = expected_days(path.stem, oil, begin, oil.end_utc)
    faults = find_cooling_faults(path.stem, oil, begin, oil.end_utc, asked.budget)
    life, why_no_life = _life(oil, asked)
    failing, why_no_failing = _failing(asked)
    rows = zip(told.days.tolist(), told.measured, told.expected, told.excess, strict=True)
    return {
        "budget": asked.budget,
        "judged_from": begin,
        "judged_to": oil.end_utc,
        "days": [
            {
                "start": day * _DAY,
                "oil": _number(measured),
                "expected": _number(expected),
                "excess": _number(excess),
                "fault": any(one.start_utc <= day * _DAY < one.end_utc for one in faults),
            }
            for day, measured, expected, excess in rows
        ],
        "faults": [
            {
                "start": one.start_utc,
                "end": one.end_utc,
                "p_value": one.p_value,
                "reason": one.reason,
                "figures": dict(one.figures),
            }
            for one in faults
        ],
        "life": life,
        "why_no_life": why_no_life,
        "failing": failing,
        "why_no_failing": why_no_failing,
    }


def _number(value: float) -> float | None:
    return round(float(value), 2) if math.isfinite(value) else None


def _life(oil: Series, asked: CoolingAsked) -> tuple[dict[str, Any] | None, str]:
    from backend.grid.transformers.characteristics import (
        CHARACTERISTICS,
        DISTRIBUTION_VOLT_AMPERES_MAX,
    )
    from backend.grid.transformers.thermal import Paper
    from ml.anomalies.life import LifeScenario, life_outlook

    if asked.rated_load is None:
        return (
            None,
            "Life needs the load at rated current; say --rated-load in the unit of the load's column.",
        )
    if not (math.isfinite(asked.rated_load) and asked.rated_load > 0):
        raise InputError(f"the rated load is {asked.rated_load:g}; it is above zero.")
    if _AIR not in oil.inputs:
        return None, f"Life needs the air's temperature; add a column {_AIR!r} in °C."
    cooling = asked.cooling.upper()
    if cooling not in {"ONAN", "ONAF", "OFAF", "ODAF"}:
        raise InputError(
            f"the cooling {asked.cooling!r} is not known; say ONAN, ONAF, OFAF or ODAF (IEC 60076-2)."
        )
    small = cooling == "ONAN" and asked.rated_kva * 1000 <= DISTRIBUTION_VOLT_AMPERES_MAX
    loads = sorted(set(oil.inputs) - {_AIR})
    name = asked.load or loads[0]
    if name not in loads or (not asked.load and len(loads) > 1):
        raise InputError(f"which load is the transformer's? Say --load with one of {', '.join(loads)}.")
    factors, air = (_whole(oil, column) for column in (name, _AIR))
    if asked.paper not in {one.value for one in Paper}:
        raise InputError(f"the paper {asked.paper!r} is not known; say kraft or upgraded.")
    scenario = LifeScenario(np.abs(factors) / asked.rated_load, air, oil.step_seconds)
    kind = "distribution" if small else cooling
    found = life_outlook(
        CHARACTERISTICS[kind],
        [scenario],
        asked.used,
        growth=asked.growth,
        paper=Paper(asked.paper),
        seed=asked.seed,
    )
    low, middle, high = found.years
    return {
        "years_p10": round(low, 1),
        "years_p50": round(middle, 1),
        "years_p90": round(high, 1),
        "ageing": found.ageing,
        "ending": [round(float(one), 4) for one in found.ending],
        "reason": found.reason,
        "characteristics": kind,
        "used": list(asked.used),
    }, ""


def _whole(oil: Series, name: str) -> Values:
    """A column without gaps: short ones are bridged, where a tenth is unknown it is refused."""
    values = oil.inputs[name][: len(oil)]
    known = np.isfinite(values)
    if known.mean() < _KNOWN_LEAST:
        raise InputError(
            f"of {name!r} {100 * known.mean():.0f} % is known; life is told from {100 * _KNOWN_LEAST:.0f} %."
        )
    places = np.arange(len(values))
    return np.asarray(np.interp(places, places[known], values[known]))


def _failing(asked: CoolingAsked) -> tuple[dict[str, Any] | None, str]:
    if asked.failures is None:
        return (
            None,
            "No records of failures were given (--failures); insulation is not all that ends a service.",
        )
    if asked.age is None or not 0 <= asked.age <= 100:  # noqa: PLR2004 -- as far as records reach
        raise InputError("odds of failing need the transformer's age; say --age in years, 0 to 100.")
    from ml.anomalies.hazard import AssetRecords, fit_hazard

    names, rows = _records(asked.failures)
    table = np.array([row[:2] + row[3:] for row in rows], dtype=np.float64)
    failed = np.array([bool(row[2]) for row in rows])
    records = AssetRecords(table[:, 0], table[:, 1], failed, table[:, 2:], tuple(names))
    found = fit_hazard(records, asked.seed)
    low, middle, high = found.remaining_years(asked.age, found.middle)
    return {
        "model": found.kind,
        "assets": len(rows),
        "failures": int(failed.sum()),
        "years_p10": low,
        "years_p50": middle,
        "years_p90": high,
        "within_ten_years": float(found.failing(asked.age, 10, found.middle)[-1]),
    }, ""


def _records(path: Path) -> tuple[list[str], list[list[float]]]:
    """Names of covariates, and rows of entered, left, failed and covariates."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            if tuple(header[:3]) != _AGES:
                raise InputError(
                    f"{path}:1: the first columns must be {', '.join(_AGES)}; then come covariates."
                )
            rows: list[list[float]] = []
            for row in reader:
                if len(row) != len(header) or len(rows) == _RECORDS_MAX or row[2].strip().lower() not in _YES:
                    raise InputError(
                        f"{path}:{reader.line_num}: a row has {len(header)} cells, failed is 1 or 0, and there are at "
                        f"most {_RECORDS_MAX:,} rows."
                    )
                cells = [float(row[0]), float(row[1]), float(_YES[row[2].strip().lower()])]
                rows.append([*cells, *(float(cell) for cell in row[3:])])
    except (OSError, UnicodeDecodeError, ValueError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: {error}; give a CSV of numbers in UTF-8.") from None
    if not rows:
        raise InputError(f"{path} has no rows below its header.")
    return header[3:], rows
