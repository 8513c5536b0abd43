"""Flanders: energy of a headpoint from Fluvius' customer API (version 3, JSON), and the CSV of Mijn Fluvius.

Quarter-hours with start and end in UTC; each measurement names direction (offtake, injection) and register (total,
day, night). Whoever has the total needs neither day nor night; where there is no total, the registers are series of
their own, which are added when they are matched. Reactive energy and the auxiliary meters below a headpoint (a
photovoltaic inverter) are told and not read: they are no exchange with the grid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.fluvius_csv import is_fluvius_csv, read_csv
from backend.adapters.meter_files.formats.json_members import MemberCheck, shape
from backend.adapters.meter_files.formats.json_streams import head_has_keys, looks_like_json, stream_values
from backend.adapters.meter_files.formats.line_records import UNIT_DECADES
from backend.adapters.meter_files.formats.portal_rows import (
    PortalRows,
    Stamp,
    read_energy,
    read_stamp,
    shorten,
    translate_quality,
)
from backend.metering import Quality
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import RegisterRead, SeriesName, SourceBlock

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["FORMAT", "QUALITIES"]

QUALITIES: Mapping[str, Quality] = {"READ": Quality.MEASURED, "EST": Quality.ESTIMATED}
_DIRECTIONS = {"offtake": CONSUMPTION, "injection": FEED_IN}
_ACTIVE = ("total", "day", "night")
_HEADPOINT = "$.data.headpoint"
_LONG = ("dailyEnergy", "monthlyEnergy", "yearlyEnergy")
_INTERVALS = ("quarterHourlyEnergy", "hourlyEnergy")
_HEADPOINT_SHAPE = shape(
    "headpoint", ("ean", "energyType"), (), ("$type", *_LONG, *_INTERVALS, "physicalMeters", "subHeadpoints")
)
_METER = shape("physical meter", (), (), ("seqNumber", "meterID", *_LONG, *_INTERVALS))
_INTERVAL = shape("interval", ("start", "end", "measurements"))
_FIGURE = shape("figure", ("unit", "validationState"), ("value",))
_QUARTER_HOUR = 900
_HOUR = 3600

_Rows = dict[tuple[int, str], PortalRows]


def _recognise(head: bytes) -> bool:
    if not looks_like_json(head):
        return is_fluvius_csv(head)
    return head_has_keys(head, "headpoint", "energyType") and (
        b'"metering-on-' in head or b'"quarterHourlyEnergy"' in head
    )


def _read(
    file: SourceFile, options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    yield from _read_json(file, faults) if looks_like_json(file.head) else read_csv(file, options, faults)


def _read_json(file: SourceFile, faults: FaultCollector) -> Iterator[SourceBlock]:
    found = False
    members = MemberCheck(faults)
    for node in stream_values(file, faults, (_HEADPOINT,)):
        found = True
        headpoint = node.value
        if isinstance(headpoint, dict) and not members.check(node.path, headpoint, _HEADPOINT_SHAPE):
            continue
        external = headpoint.get("ean") if isinstance(headpoint, dict) else None
        if not isinstance(external, str) or not external:
            faults.refuse("structure", f"{node.path} names no metering point (ean).")
            continue
        kind = headpoint.get("energyType")
        if kind != "E":
            what = "gas" if kind == "G" else f"of the energy type {shorten(kind)}"
            faults.refuse(
                "commodity", f"{node.path} is {what}; only electricity is shared.", metering_point=external
            )
            continue
        yield from _read_headpoint(node.path, external, headpoint, members, faults)
    if not found and not faults.refused:
        faults.refuse("no-readings", "the document has no headpoint.")


def _read_headpoint(
    path: str, external: str, headpoint: dict[str, Any], members: MemberCheck, faults: FaultCollector
) -> Iterator[SourceBlock]:
    unread: Counter[str] = Counter()
    meters = headpoint.get("physicalMeters")
    places = [(path, "", headpoint)]
    if isinstance(meters, list):
        places += [
            (f"{path}.physicalMeters[{index}]", str(meter.get("meterID") or index + 1), meter)
            for index, meter in enumerate(meters)
            if isinstance(meter, dict) and members.check(f"{path}.physicalMeters[{index}]", meter, _METER)
        ]
    found = False
    for place, meter, holder in places:
        for word in _LONG:
            if holder.get(word):
                unread[f"{word}, which is no interval data"] += 1
        for word in _INTERVALS:
            intervals = holder.get(word)
            if not isinstance(intervals, list):
                continue
            found = True
            series = f"{place}.{word}", external, meter
            yield from _read_intervals(series, intervals, unread, members, faults)
    if headpoint.get("subHeadpoints"):
        unread["subHeadpoints, meters behind the connection"] += 1
    for what, count in unread.items():
        faults.note("not-read", f"{path}: {count} times {what}; not read.", metering_point=external)
    if not found:
        faults.refuse(
            "no-readings",
            f"{path} has no quarter-hours (quarterHourlyEnergy); order them from Fluvius, daily totals do not do.",
            metering_point=external,
        )


def _read_intervals(
    series: tuple[str, str, str],
    intervals: list[Any],
    unread: Counter[str],
    members: MemberCheck,
    faults: FaultCollector,
) -> Iterator[SourceBlock]:
    """The series of intervals at a path, of a metering point and a meter of it."""
    path, external, meter = series
    rows: _Rows = {}
    for index, interval in enumerate(intervals):
        place = f"{path}[{index}]"
        if isinstance(interval, dict) and not members.check(place, interval, _INTERVAL):
            continue
        span = _read_span(place, interval, faults)
        if span is None:
            continue
        for number, measurement in enumerate(interval["measurements"]):
            if not isinstance(measurement, dict):
                faults.refuse("structure", f"{place}.measurements[{number}] is no object.")
                continue
            for word, registers in measurement.items():
                where = f"{place}.measurements[{number}].{shorten(word)}"
                direction = _DIRECTIONS.get(word)
                if direction is None or not isinstance(registers, dict):
                    unread[f'"{shorten(word)}", neither offtake nor injection'] += 1
                    continue
                for register, figure in _choose_registers(registers, unread):
                    key = (direction, register)
                    if key not in rows:
                        channel = "-".join(part for part in (meter, register) if part not in ("", "total"))
                        rows[key] = PortalRows(SeriesName(external, direction, channel))
                    spot = f"{where}.{register}"
                    if not isinstance(figure, dict) or members.check(spot, figure, _FIGURE):
                        _add(spot, figure, span, rows[key], faults)
    for one in rows.values():
        yield from one.place(faults, None, ends=False)


def _read_span(place: str, interval: Any, faults: FaultCollector) -> tuple[Stamp, int] | None:
    if not isinstance(interval, dict) or not isinstance(interval.get("measurements"), list):
        faults.refuse("structure", f"{place} is no interval with measurements.")
        return None
    start, end = read_stamp(interval.get("start")), read_stamp(interval.get("end"))
    if isinstance(start, str) or isinstance(end, str):
        faults.refuse("instant", f"{place}: {start if isinstance(start, str) else end}")
        return None
    seconds = end.seconds - start.seconds
    if start.naive or end.naive or seconds not in (_QUARTER_HOUR, _HOUR):
        faults.refuse(
            "instant",
            f"{place}: {shorten(interval.get('start'))} to {shorten(interval.get('end'))} is no quarter-hour "
            "or hour with offset from UTC.",
        )
        return None
    return start, seconds


def _choose_registers(registers: dict[str, Any], unread: Counter[str]) -> list[tuple[str, Any]]:
    """The registers of active energy: the total, or day and night where there is none."""
    for word in registers:
        if word not in _ACTIVE:
            unread[f'register "{shorten(word)}", which is no active energy'] += 1
    if "total" in registers:
        return [("total", registers["total"])]
    return [(word, registers[word]) for word in _ACTIVE if word in registers]


def _add(path: str, figure: Any, span: tuple[Stamp, int], rows: PortalRows, faults: FaultCollector) -> None:
    external = rows.series.external_id
    if not isinstance(figure, dict):
        faults.refuse("structure", f"{path} is no figure with a unit.", metering_point=external)
        return
    decades = UNIT_DECADES.get(str(figure.get("unit")).lower())
    if decades is None:
        faults.refuse(
            "unit", f"{path}: the unit {shorten(figure.get('unit'))} is no energy.", metering_point=external
        )
        return
    word = str(figure.get("validationState"))
    quality = translate_quality(word, QUALITIES, faults, 0, path)
    if quality is None:
        return
    value = figure.get("value")
    energy = None if value is None else read_energy(value, decades)
    if isinstance(energy, str):
        faults.refuse("energy", f"{path}.value: {energy}.", metering_point=external)
    else:
        rows.add(span[0], span[1], energy, quality, word)


FORMAT = MeterFormat(
    name="fluvius",
    title="Energy of a headpoint and consumption history (Fluvius, Flanders)",
    recognise=_recognise,
    read=_read,
)
