"""A finding of every rule and kind, as pages get them: what their sentences are held against in each language.

Two worlds hold all faults of the rules, each at a metering point of its own, and a third one the gaps of a settlement.
"""

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.community import ConformityLimits, Direction, GapTreatment, MeteringPoint
from backend.metering import Finding, PeriodReadings, ReadingSource
from backend.metering.conformity import check_readings
from backend.metering.conformity.sun import clear_sky_bound, sun_elevation
from backend.metering.decisions import SpanTreatment, hold_missing
from backend.metering.estimation import assemble_period
from backend.metering.inspection import FeederMeter
from backend.metering.profiled import Profiling
from backend.metering.replacement import keep_missing
from backend.metering.source_series import RegisterRead, SeriesName
from backend.ports.treatment_records import ReadingDecision
from tests.unit.metering.small_communities import LOAD, ROOF, days, make_community, make_table

FILE = Path(__file__).parent / "findings.json"

Series = NDArray[np.int64]

_YEAR = days("2017-01-01", "2017-09-01")
_STARTS = np.array(_YEAR.starts_utc())
_PLACE: dict[str, Any] = {"latitude": 45.76, "longitude": 4.84}
_SUN = clear_sky_bound(sun_elevation(_STARTS + 1800, 45.76, 4.84))
_LOADS, _ROOFS = 16, 7


def _load(seed: int) -> Series:
    """Base load, an evening peak at local time, and chance."""
    draw = np.random.default_rng(seed)
    local = np.array(_YEAR.local_minutes()) / 60
    peak = np.exp(-(((local - 19) / 2) ** 2)) * draw.uniform(0.5, 1.5, len(local))
    return ((0.2 + peak + draw.uniform(0, 0.3, len(local))) * 1e6).astype(np.int64)


def _roof(seed: int) -> Series:
    """Clouds over a clear sky, the same for all roofs but for a little."""
    clouds = np.random.default_rng(0).uniform(0.2, 1, len(_SUN))
    return (_SUN * clouds * np.random.default_rng(seed).uniform(0.9, 1, len(_SUN)) * 3000).astype(np.int64)


def _reads(energy: Series) -> list[RegisterRead]:
    running = np.concatenate([[0], np.cumsum(energy)])
    marks = range(0, 5000, 720)
    return [RegisterRead(SeriesName("x", 0), _YEAR.start_utc + m * 3600, int(running[m]), "A") for m in marks]


def _faulty_loads(sound: dict[str, Series]) -> dict[str, Series]:
    """One fault at each."""
    loads = {name: sound[name].copy() for name in sound}
    loads["load-1"][4000] = -1
    loads["load-1"][4100:4103] = -1
    loads["load-2"][240:480][np.arange(240) % 2 != 0] = -1
    loads["load-3"][24 * 100 : 24 * 102] *= 1000
    loads["load-4"][24 * 30 : 24 * 60] //= 1000
    loads["load-5"][24 * 100 :] *= 10
    loads["load-6"][1000] = int(loads["load-6"].max()) * 5
    loads["load-7"][24 * 90 : 24 * 93] = 200_500
    loads["load-8"][24 * 90 : 24 * 104] = 0
    loads["load-9"][1000:1030] = 0
    loads["load-10"][24 * 90 : 24 * 92] *= 8
    loads["load-11"][24 * 90 : 24 * 92] //= 10
    loads["load-12"][800:850] //= 10
    loads["load-12"][1500:1700] //= 10
    loads["load-13"] *= 2
    return loads


def _faulty_roofs(sound: dict[str, Series]) -> dict[str, Series]:
    roofs = {name: sound[name].copy() for name in sound}
    roofs["roof-1"][24 * 100 :] = np.roll(roofs["roof-1"][24 * 100 :], 2)
    roofs["roof-2"][24 * 100 :] = np.roll(roofs["roof-2"][24 * 100 :], -2)
    roofs["roof-4"][24 * 120 : 24 * 123] *= 3
    roofs["roof-5"][24 * 90 : 24 * 104] = 0
    dark = np.flatnonzero(sun_elevation(_STARTS + 1800, 45.76, 4.84) < -12)
    roofs["roof-6"][dark[700:703]] = 500_000
    return roofs


def by_rules() -> list[Finding]:
    """What the rules that compare find in the world of eight months."""
    loads, roofs = ({f"{kind}-{n}": make(n) for n in range(count)} for kind, make, count in _KINDS)
    told = _faulty_loads(loads) | _faulty_roofs(roofs)
    part = slice(24 * 60, 24 * 90)
    told["load-14"][part], told["roof-3"][part] = roofs["roof-3"][part], loads["load-14"][part]
    told["load-15"] = roofs["roof-0"] + 0
    points = [
        MeteringPoint(name, f"home-{3 if name == 'load-14' else name}", Direction.CONSUMPTION)
        for name in loads
    ] + [
        MeteringPoint(
            name, f"home-{3 if name == 'roof-3' else name}", Direction.FEED_IN, source="solar", **_PLACE
        )
        for name in roofs
    ]
    net = told["load-6"] + 0
    net[24 * 200 : 24 * 203] += 2_000_000
    feeder = FeederMeter("feeder", ("load-6",), _STARTS, net, np.zeros_like(net))
    registers = {name: _reads(loads[name]) for name in ("load-12", "load-13")}
    return check_readings(
        make_table(_YEAR, told), make_community(points), registers=registers, feeders=[feeder]
    )


_KINDS = (("load", _load, _LOADS), ("roof", _roof, _ROOFS))


def of_shape() -> list[Finding]:
    """What the rules about what is there at all find around a clock change."""
    autumn = days("2017-10-20", "2017-11-05")
    names = ("changed", "negative", "twice", "overlapping", "beside", "strong")
    series = {name: np.arange(autumn.interval_count) % 24 * 10_000 + 300_000 for name in names}
    series["changed"][autumn.day_offsets[9] + 3] = -1
    series["strong"][40] = 9_000_001
    table = make_table(autumn, series)
    first = np.searchsorted(table.point, np.arange(len(names)))
    table.energy[first[1] + 3] = -5
    table.start_utc[first[2] + 10] = table.start_utc[first[2] + 9]
    table.start_utc[first[3] + 10] += 1800
    table.start_utc[first[4] + 10 : first[4] + 12] += 900
    points = [MeteringPoint(name, name, Direction.CONSUMPTION) for name in names]
    points[-1] = replace(points[-1], max_power_watts=9_000)
    return check_readings(table, make_community([*points, ROOF]))


def of_settlement() -> list[Finding]:
    """How settlement tells what it made of gaps, and what it left aside."""
    wide, june = days("2017-05-10", "2017-07-20"), days("2017-06-01", "2017-07-01")
    slots = {"load": 0, "roof": 1}
    first = wide.index_of(june.start_utc)
    load = np.arange(wide.interval_count) % 24 * 1000 + 1
    roof = load.copy()
    load[first + 100 : first + 102] = -1
    load[first + 200 : first + 230] = -1
    roof[first + 100] = -1
    table = make_table(wide, {"load": load, "roof": roof})
    table.start_utc[5 + first] += 900
    community = make_community((LOAD, ROOF))

    def assemble(
        *,
        returned: Collection[str] = (),
        gaps: GapTreatment = GapTreatment.ESTIMATE,
        method: Profiling | None = None,
    ) -> tuple[PeriodReadings, list[Finding]]:
        return assemble_period(
            table,
            community,
            slots,
            june,
            slot_count=2,
            returned=returned,
            limits=ConformityLimits(gaps=gaps),
            method=method,
        )

    readings, found = assemble(method=Profiling(frozenset(), {}))
    for _, told in (assemble(), assemble(gaps=GapTreatment.RESIDUAL), assemble(returned={"load"})):
        found += told
    measured = np.isin(readings.source, (ReadingSource.INTERPOLATED, ReadingSource.PROFILED))
    found += keep_missing(readings, measured, {0: "load", 1: "roof"})[1]
    start, end = (june.start_utc + 3600 * hour for hour in (200, 230))
    decision = ReadingDecision(
        "test", 1, "load", start, end, SpanTreatment.RETURNED, "", "Why.", 1, "", 1_500_000_000
    )
    found += hold_missing(readings, slots, [decision])[1]
    return found


def shape_of(told: dict[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    """Rule, kind and names of facts."""
    return told["rule"], str(told["facts"].get("kind", "")), tuple(sorted(told["facts"]))


def vectors() -> dict[str, Any]:
    """All of the file: one finding of each shape, those of files and rulings apart, which are not made here."""
    cases: dict[tuple[str, str, tuple[str, ...]], dict[str, Any]] = {}
    for finding in [*by_rules(), *of_shape(), *of_settlement()]:
        told = finding.as_dict()
        cases.setdefault(shape_of(told), told)
    ordered = [cases[shape] for shape in sorted(cases)]
    return {"format": "partage-vectors", "version": 1, "what": "findings by rule and kind", "cases": ordered}


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n")
