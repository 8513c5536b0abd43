"""Finland: time series of Fingrid's Datahub (document ETS.DIF.RTR, JSON).

Stamps are starts of intervals, in UTC. Quality OK is a measured value; of other words no published meaning could be
relied on, so they are refused by name. A metering point of the Datahub has one direction, which the document does
not say.
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
    read_duration,
    read_energy,
    read_stamp,
    shorten,
    state_direction,
    translate_quality,
)
from backend.metering import Quality
from backend.metering.points import CONSUMPTION
from backend.metering.source_series import RegisterRead, SeriesName, SourceBlock

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["FORMAT", "QUALITIES"]

QUALITIES: Mapping[str, Quality] = {"OK": Quality.MEASURED}
_ACTIVE_ENERGY = "8716867000030"  # GS1 product number
_ROOT = "$.RetrieveTimeSeriesData.Transaction"
_SERIES = f"{_ROOT}.TimeSeries[*]"
_REASON = f"{_ROOT}.EventReasons.EventReason[*]"
_TIME_SERIES = shape(
    "time series",
    ("MeteringPointEAN", "ResolutionDuration", "UnitType", "Observations"),
    ("ProductType", "ReadingType"),
    ("PeriodStartTS", "PeriodEndTS"),
)
_OBSERVATION = shape("observation", ("PeriodStartTime",), ("Quantity", "Quality"))
_HOUR = 3600


def _recognise(head: bytes) -> bool:
    return head_has_keys(head, "RetrieveTimeSeriesData")


def _read(
    file: SourceFile, options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    found = False
    members = MemberCheck(faults)
    direction = CONSUMPTION
    for node in stream_values(file, faults, (_SERIES, _REASON)):
        if not isinstance(node.value, dict):
            faults.refuse("structure", f"{node.path} is no object.")
            continue
        if node.pattern == _REASON:
            code, text = node.value.get("EventReasonCode"), node.value.get("EventReasonText")
            faults.refuse("portal-error", f"the Datahub answered {shorten(code)}: {shorten(text)}.")
            continue
        if not found:
            direction = state_direction(options, faults)
        found = True
        if members.check(node.path, node.value, _TIME_SERIES):
            yield from _read_series(node.path, node.value, direction, members, faults)
    if not found and not faults.refused:
        faults.refuse("no-readings", "the document has no time series.")


def _read_series(
    path: str, series: dict[str, Any], direction: int, members: MemberCheck, faults: FaultCollector
) -> Iterator[SourceBlock]:
    external = series.get("MeteringPointEAN")
    seconds = read_duration(series.get("ResolutionDuration"))
    decades = UNIT_DECADES.get(str(series.get("UnitType")).lower())
    wrong = ""
    if not isinstance(external, str) or not external:
        wrong = "names no metering point"
    elif series.get("ProductType", _ACTIVE_ENERGY) != _ACTIVE_ENERGY:
        wrong = (
            f"is of the product {shorten(series.get('ProductType'))}, not active energy ({_ACTIVE_ENERGY})"
        )
    elif decades is None:
        wrong = f"has the unit {shorten(series.get('UnitType'))}; only energy is read"
    elif seconds is None or seconds > _HOUR or _HOUR % seconds:
        wrong = f"has the resolution {shorten(series.get('ResolutionDuration'))}, which is no interval data"
    elif not isinstance(series.get("Observations"), list):
        wrong = "has no observations"
    if wrong or seconds is None or decades is None:
        faults.refuse("structure", f"{path} {wrong}.", metering_point=shorten(external or ""))
        return
    rows = PortalRows(SeriesName(str(external), direction, str(series.get("ReadingType", ""))))
    for index, observation in enumerate(series["Observations"]):
        place = f"{path}.Observations[{index}]"
        if not isinstance(observation, dict) or members.check(place, observation, _OBSERVATION):
            _read_observation(place, observation, seconds, decades, rows, faults)
    yield from rows.place(faults, None, ends=False)


def _read_observation(
    path: str, observation: Any, seconds: int, decades: int, rows: PortalRows, faults: FaultCollector
) -> None:
    if not isinstance(observation, dict):
        faults.refuse("structure", f"{path} is no observation.")
        return
    stamp = read_stamp(observation.get("PeriodStartTime"))
    if isinstance(stamp, str) or stamp.naive:
        problem = stamp if isinstance(stamp, str) else "the stamp has no offset from UTC."
        faults.refuse("instant", f"{path}.PeriodStartTime: {problem}")
        return
    figure, word = observation.get("Quantity"), observation.get("Quality")
    if figure is None or figure == "":
        rows.add(stamp, seconds, None, Quality.MISSING, str(word or ""))
        return
    quality = translate_quality(str(word), QUALITIES, faults, 0, f"{path}.Quality")
    energy = read_energy(figure, decades)
    if isinstance(energy, str):
        faults.refuse("energy", f"{path}.Quantity: {energy}.", metering_point=rows.series.external_id)
    elif quality is not None:
        rows.add(stamp, seconds, energy, quality, str(word))


FORMAT = MeterFormat(
    name="fingrid", title="Datahub time series (Fingrid, Finland)", recognise=_recognise, read=_read
)
