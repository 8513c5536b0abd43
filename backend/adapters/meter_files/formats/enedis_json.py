"""JSON of Enedis: load curves of Data Connect (Metering Data v4, v5) and of the flow R63 of SGE."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from backend.adapters.meter_files.formats.column_words import fold_word
from backend.adapters.meter_files.formats.enedis_words import (
    ACTIVE,
    DIRECTIONS,
    ENERGY_DECADES,
    NATURES,
    POWER_DECADES,
    STAGES,
    ZONE,
)
from backend.adapters.meter_files.formats.json_members import MemberCheck, shape
from backend.adapters.meter_files.formats.json_streams import head_has_keys, stream_values
from backend.adapters.meter_files.formats.portal_rows import (
    PortalRows,
    read_duration,
    read_energy,
    read_mean_power,
    read_stamp,
    shorten,
    state_direction,
    translate_quality,
)
from backend.metering import Quality
from backend.metering.points import CONSUMPTION
from backend.metering.source_series import SeriesName, SourceBlock

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.formats import ReadOptions, SourceFile

__all__ = ["is_enedis_json", "read_json"]

_CURVES = ("$.meter_reading", "$[*].meter_reading", "$.usage_point[*].meter_reading")
_MEASURES = "$.mesures[*]"
_HOUR = 3600
_CURVE = shape(
    "load curve",
    ("usage_point_id", "reading_type", "interval_reading"),
    ("quality",),
    ("start", "end", "flow_direction"),
)
_READING_TYPE = shape("reading type", ("unit",), (), ("measurement_kind", "aggregate", "measuring_period"))
_CURVE_POINT = shape("reading", ("date",), ("interval_length", "value", "measure_type"))
_MEASURE = shape(
    "measure", ("idPrm", "grandeur"), (), ("periode", "etapeMetier", "modeCalcul", "contexte", "pas")
)
_QUANTITY = shape("quantity", ("grandeurMetier", "grandeurPhysique", "unite", "points"))
_POINT = shape("point", ("d", "p"), ("v", "n"), ("tc", "iv", "ec"))


def is_enedis_json(head: bytes) -> bool:
    """Does a file that begins so have a form of Enedis?"""
    return head_has_keys(head, "meter_reading", "usage_point_id") or head_has_keys(head, "mesures", "idPrm")


def read_json(file: SourceFile, options: ReadOptions, faults: FaultCollector) -> Iterator[SourceBlock]:
    """The curves of a document, a block each."""
    found = False
    members = MemberCheck(faults)
    direction = CONSUMPTION
    for node in stream_values(file, faults, (*_CURVES, _MEASURES)):
        if not isinstance(node.value, dict):
            faults.refuse("structure", f"{node.path} is no object.")
            continue
        if not members.check(node.path, node.value, _MEASURE if node.pattern == _MEASURES else _CURVE):
            continue
        if node.pattern == _MEASURES:
            yield from _read_measures(node.path, node.value, members, faults)
        else:
            if not found:
                direction = state_direction(options, faults)
            yield from _read_curve(node.path, node.value, direction, members, faults)
        found = True
    if not found and not faults.refused:
        faults.refuse("no-readings", "the document has no load curve.")


def _read_curve(
    path: str, curve: dict[str, Any], direction: int, members: MemberCheck, faults: FaultCollector
) -> Iterator[SourceBlock]:
    prm = curve.get("usage_point_id")
    kind, points = curve.get("reading_type"), curve.get("interval_reading")
    if not isinstance(prm, str) or not prm or not isinstance(kind, dict) or not isinstance(points, list):
        faults.refuse("structure", f"{path} has no usage_point_id, reading_type and interval_reading.")
        return
    if not members.check(f"{path}.reading_type", kind, _READING_TYPE):
        return
    period = kind.get("measuring_period")
    if period is not None and (read_duration(period) or _HOUR + 1) > _HOUR:
        faults.refuse(
            "resolution",
            f"{path}: these are sums of {shorten(period)}, no interval data; order the load curve.",
            metering_point=prm,
        )
        return
    unit = str(kind.get("unit")).lower()
    if unit not in POWER_DECADES and unit not in ENERGY_DECADES:
        faults.refuse(
            "unit", f"{path}: the unit {shorten(kind.get('unit'))} is no active energy.", metering_point=prm
        )
        return
    rows = PortalRows(SeriesName(prm, direction))
    stage = str(curve.get("quality") or "")
    for index, point in enumerate(points):
        place = f"{path}.interval_reading[{index}]"
        if not isinstance(point, dict):
            faults.refuse("structure", f"{place} is no reading.", metering_point=prm)
            continue
        if not members.check(place, point, _CURVE_POINT):
            continue
        measure = str(point.get("measure_type") or "")
        length = point.get("interval_length")
        _add_point(place, (point.get("date"), point.get("value"), length, measure), stage, unit, rows, faults)
    yield from rows.place(faults, ZoneInfo(ZONE), ends=True)


def _add_point(
    place: str,
    point: tuple[Any, Any, Any, str],
    stage: str,
    unit: str,
    rows: PortalRows,
    faults: FaultCollector,
) -> None:
    date, value, length, nature = point
    prm = rows.series.external_id
    seconds = read_duration(length)
    if seconds is None or seconds > _HOUR or _HOUR % seconds:
        faults.refuse(
            "resolution",
            f"{place}: the length {shorten(length)} is no interval of a curve.",
            metering_point=prm,
        )
        return
    stamp = read_stamp(date)
    if isinstance(stamp, str):
        faults.refuse("instant", f"{place}: {stamp}", metering_point=prm)
        return
    word = nature or stage  # verbatim, as it is kept
    known, looked_up = (NATURES, nature) if nature else (STAGES, fold_word(stage).upper())
    quality = translate_quality(looked_up, known, faults, 0, place)
    if quality is None:
        return
    if value is None or value == "":
        rows.add(stamp, seconds, None, Quality.MISSING, word)
        return
    if unit in POWER_DECADES:
        energy = read_mean_power(value, POWER_DECADES[unit], seconds)
    else:
        energy = read_energy(value, ENERGY_DECADES[unit])
    if isinstance(energy, str):
        faults.refuse("energy", f"{place}: {energy}.", metering_point=prm)
    else:
        rows.add(stamp, seconds, energy, quality, word)


def _read_measures(
    path: str, measure: dict[str, Any], members: MemberCheck, faults: FaultCollector
) -> Iterator[SourceBlock]:
    """One metering point of the flow R63, all its quantities."""
    prm, quantities = measure.get("idPrm"), measure.get("grandeur")
    if not isinstance(prm, str) or not prm or not isinstance(quantities, list):
        faults.refuse("structure", f"{path} has no idPrm and grandeur.")
        return
    period = measure.get("periode")
    first = str(period.get("dateDebut") or "") if isinstance(period, dict) else ""
    stage = str(measure.get("etapeMetier") or "")
    for index, quantity in enumerate(quantities):
        place = f"{path}.grandeur[{index}]"
        points = quantity.get("points") if isinstance(quantity, dict) else None
        if isinstance(quantity, dict) and not members.check(place, quantity, _QUANTITY):
            continue
        if not isinstance(points, list):
            faults.refuse("structure", f"{place} has no points.", metering_point=prm)
            continue
        if fold_word(str(quantity.get("grandeurPhysique"))) not in ACTIVE:
            faults.note(
                "not-read",
                f"{place}: {shorten(quantity.get('grandeurPhysique'))} is no active energy; not read.",
                metering_point=prm,
            )
            continue
        direction = DIRECTIONS.get(fold_word(str(quantity.get("grandeurMetier"))))
        unit = str(quantity.get("unite")).lower()
        if direction is None or (unit not in POWER_DECADES and unit not in ENERGY_DECADES):
            faults.refuse(
                "unit",
                f"{place}: {shorten(quantity.get('grandeurMetier'))} in {shorten(quantity.get('unite'))} is neither "
                "consumption nor production of active energy.",
                metering_point=prm,
            )
            continue
        rows = PortalRows(SeriesName(prm, direction))
        for number, point in enumerate(points):
            spot = f"{place}.points[{number}]"
            if not isinstance(point, dict):
                faults.refuse("structure", f"{spot} is no point.", metering_point=prm)
                continue
            if not members.check(spot, point, _POINT):
                continue
            nature = str(point.get("n") or "")
            _add_point(
                spot, (point.get("d"), point.get("v"), point.get("p"), nature), stage, unit, rows, faults
            )
        starts = bool(points) and _begins_at(points, first)
        yield from rows.place(faults, ZoneInfo(ZONE), ends=not starts)


def _begins_at(points: list[Any], first: str) -> bool:
    """Is a stamp the very beginning of the period? Then stamps name starts: no interval ends there."""
    day, _, time = first.replace("T", " ").partition(" ")
    begin = f"{day} {time[:5] or '00:00'}"
    return bool(day) and any(
        isinstance(point, dict) and str(point.get("d")).replace("T", " ")[:16] == begin for point in points
    )
