"""Denmark: MyEnergyData market documents of Energinet's Eloverblik (IEC 62325-451, JSON).

Points are numbered within periods that start in UTC; a number left out is a missing reading. Qualities are those of
ENTSO-E's code list (StandardQualityTypeList): A01 adjusted, A02 not available, A03 estimated, A04 as provided, A05
incomplete. An incomplete quantity is not the whole of its interval, so it counts as missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.json_members import MemberCheck, shape
from backend.adapters.meter_files.formats.json_streams import head_has_keys, stream_values
from backend.adapters.meter_files.formats.line_records import UNIT_DECADES
from backend.adapters.meter_files.formats.portal_rows import (
    PortalRows,
    Stamp,
    read_duration,
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

QUALITIES: Mapping[str, Quality] = {
    "A01": Quality.EDITED,
    "A02": Quality.MISSING,
    "A03": Quality.ESTIMATED,
    "A04": Quality.MEASURED,
    "A05": Quality.MISSING,
}
_DIRECTIONS = {"A01": FEED_IN, "A04": CONSUMPTION, "A64": CONSUMPTION}  # businessType
_DOCUMENT = "MyEnergyData_MarketDocument"
_SERIES = f"$.result[*].{_DOCUMENT}.TimeSeries[*]"
_BARE_SERIES = f"$.{_DOCUMENT}.TimeSeries[*]"
_ERROR = "$.result[*].errorText"
_TIME_SERIES = shape(
    "time series",
    ("businessType", "measurement_Unit.name", "MarketEvaluationPoint", "Period"),
    ("curveType",),
    ("mRID",),
)
_IDENTITY = shape("metering point", ("mRID",))
_NUMBER = shape("metering point's number", ("name",), (), ("codingScheme",))
_INTERVAL = shape("time interval", ("start", "end"))
_PERIOD = shape("period", ("resolution", "timeInterval", "Point"))
_POINT = shape("point", ("position", "out_Quantity.quality"), ("out_Quantity.quantity",))
_HOUR = 3600
_POINTS_MAX = 200_000


def _recognise(head: bytes) -> bool:
    return head_has_keys(head, _DOCUMENT)


def _read(
    file: SourceFile, _options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    found = False
    members = MemberCheck(faults)
    for node in stream_values(file, faults, (_SERIES, _BARE_SERIES, _ERROR)):
        if node.pattern == _ERROR:
            if node.value != "NoError":
                faults.refuse(
                    "portal-error",
                    f"{node.path}: the portal answered {shorten(node.value)!r} instead of data.",
                )
            continue
        found = True
        if not isinstance(node.value, dict):
            faults.refuse("structure", f"{node.path} is no time series.")
            continue
        if members.check(node.path, node.value, _TIME_SERIES):
            yield from _read_series(node.path, node.value, members, faults)
    if not found and not faults.refused:
        faults.refuse("no-readings", "the document has no time series.")


def _read_series(
    path: str, series: dict[str, Any], members: MemberCheck, faults: FaultCollector
) -> Iterator[SourceBlock]:
    point = series.get("MarketEvaluationPoint")
    identity = point.get("mRID") if isinstance(point, dict) else None
    for place, held, form in (("", point, _IDENTITY), (".mRID", identity, _NUMBER)):
        if isinstance(held, dict) and not members.check(f"{path}.MarketEvaluationPoint{place}", held, form):
            return
    name = identity.get("name") if isinstance(identity, dict) else None
    external = name if isinstance(name, str) and name else series.get("mRID")
    direction = _DIRECTIONS.get(str(series.get("businessType")))
    decades = UNIT_DECADES.get(str(series.get("measurement_Unit.name")).lower())
    wrong = ""
    if not isinstance(external, str) or not external:
        wrong = "names no metering point"
    elif direction is None:
        wrong = (
            f"has the business type {shorten(series.get('businessType'))}, neither consumption nor production"
        )
    elif decades is None:
        wrong = f"has the unit {shorten(series.get('measurement_Unit.name'))}; only energy is read"
    elif series.get("curveType", "A01") != "A01":
        wrong = (
            f"has the curve type {shorten(series.get('curveType'))}; only blocks of one length (A01) are read"
        )
    elif not isinstance(series.get("Period"), list):
        wrong = "has no periods"
    if wrong or direction is None or decades is None:
        faults.refuse("structure", f"{path} {wrong}.", metering_point=shorten(external or ""))
        return
    rows = PortalRows(SeriesName(str(external), direction, str(series.get("businessType"))))
    for index, period in enumerate(series["Period"]):
        place = f"{path}.Period[{index}]"
        if not isinstance(period, dict) or members.check(place, period, _PERIOD):
            _read_period(place, period, decades, rows, members, faults)
    yield from rows.place(faults, None, ends=False)


def _read_period(
    path: str, period: Any, decades: int, rows: PortalRows, members: MemberCheck, faults: FaultCollector
) -> None:
    interval = period.get("timeInterval") if isinstance(period, dict) else None
    if not isinstance(interval, dict) or not isinstance(period.get("Point"), list):
        faults.refuse("structure", f"{path} is no period with an interval and points.")
        return
    if not members.check(f"{path}.timeInterval", interval, _INTERVAL):
        return
    seconds = read_duration(period.get("resolution"))
    if seconds is None or seconds > _HOUR or _HOUR % seconds:
        faults.refuse(
            "resolution",
            f"{path}: the resolution {shorten(period.get('resolution'))} is no interval data; "
            "order quarter-hours or hours from the portal.",
            metering_point=rows.series.external_id,
        )
        return
    start, end = read_stamp(interval.get("start")), read_stamp(interval.get("end"))
    if isinstance(start, str) or isinstance(end, str) or start.naive or end.naive:
        problem = (
            start if isinstance(start, str) else end if isinstance(end, str) else "a stamp has no offset."
        )
        faults.refuse("instant", f"{path}.timeInterval: {problem}")
        return
    count, rest = divmod(end.seconds - start.seconds, seconds)
    if rest or not 0 < count <= _POINTS_MAX:
        faults.refuse("instant", f"{path}: {shorten(interval)} is no whole number of intervals.")
        return
    points = _number_points(path, period["Point"], count, members, faults)
    for position in range(1, count + 1):
        stamp = Stamp(start.seconds + (position - 1) * seconds, naive=False)
        found = points.get(position)
        if found is None:
            rows.add(stamp, seconds, None, Quality.MISSING, "")
            continue
        place, point = found
        word = point.get("out_Quantity.quality")
        quality = translate_quality(str(word), QUALITIES, faults, 0, place)
        if quality is None:
            continue
        energy = read_energy(point.get("out_Quantity.quantity"), decades)
        if isinstance(energy, str) and quality is not Quality.MISSING:
            faults.refuse("energy", f"{place}: {energy}.", metering_point=rows.series.external_id)
            continue
        rows.add(stamp, seconds, None if isinstance(energy, str) else energy, quality, str(word))


def _number_points(
    path: str, points: list[Any], count: int, members: MemberCheck, faults: FaultCollector
) -> dict[int, tuple[str, dict[str, Any]]]:
    numbered: dict[int, tuple[str, dict[str, Any]]] = {}
    for index, point in enumerate(points):
        place = f"{path}.Point[{index}]"
        if isinstance(point, dict) and not members.check(place, point, _POINT):
            continue
        word = str(point.get("position")) if isinstance(point, dict) else ""
        number = int(word) if word.isascii() and word.isdigit() and len(word) < 9 else 0  # noqa: PLR2004 -- digits
        if not 1 <= number <= count:
            faults.refuse("position", f"{place}: position {shorten(word)} is not within 1 to {count}.")
        elif number in numbered:
            faults.refuse("duplicate", f"{place}: position {number} is there twice.")
        else:
            numbered[number] = (place, point)
    return numbered


FORMAT = MeterFormat(
    name="energinet",
    title="MyEnergyData market document (Energinet, Denmark)",
    recognise=_recognise,
    read=_read,
)
