"""Validated historical data as a CIM market document in XML: the profile of EDDIE, v0.82 and v1.04 (IEC 62325-451).

A TimeSeries has a metering point, a direction and a unit, which may follow its points: it is held until it ends.
Codes are those of ENTSO-E's code list: direction A01 up is feed-in, A02 down consumption; quality A01 to A06.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from backend.adapters.meter_files.formats import MeterFormat
from backend.adapters.meter_files.formats.measured_values import (
    PendingRows,
    UnknownWords,
    parse_energy,
    parse_instant,
)
from backend.adapters.meter_files.formats.xml_streams import (
    child_texts,
    read_prolog,
    stream_elements,
    text_of,
)
from backend.metering import Quality
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import SeriesName

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.formats import ReadOptions, SourceFile
    from backend.metering.source_series import SourceBlock

__all__ = ["FORMAT", "QUALITIES"]

QUALITIES = {
    "": Quality.MEASURED,
    "A01": Quality.EDITED,  # adjusted
    "A02": Quality.MISSING,  # not available
    "A03": Quality.ESTIMATED,  # estimated
    "A04": Quality.MEASURED,  # as provided
    "A05": Quality.ESTIMATED,  # incomplete: does not pass for measured
    "A06": Quality.ESTIMATED,  # calculated
}

_NAMESPACE = re.compile(r"https?:?//(www\.)?eddie\.energy/.{0,100}")
_ROOTS = frozenset(
    {"ValidatedHistoricalData_Envelope", "VHD_Envelope", "ValidatedHistoricalData_MarketDocument"}
)
_POINT_ID = "marketEvaluationPoint.mRID"
_RECORDS = frozenset({"Point", "timeInterval", _POINT_ID})
_DIRECTIONS = {"A01": FEED_IN, "A02": CONSUMPTION}
_UNITS = {"WH": 3, "KWH": 6, "MWH": 9, "GWH": 12}  # power of ten to milliwatt-hours
_ELECTRICITY = ("", "0", "1", "2")
_DURATION = re.compile(
    r"P(?:([0-9]{1,3})Y)?(?:([0-9]{1,3})M)?(?:([0-9]{1,3})D)?"
    r"(?:T(?:([0-9]{1,4})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,6})(?:\.0{1,6})?S)?)?"
)
_DAY = 86_400
_ROWS_MAX = 500_000
_POSITION = re.compile(r"[0-9]{1,7}")
_ID_MAX = 64
_SHOWN = 40

_Row = tuple[int, int, str, str, int]  # start, seconds, quantity, quality, line


def _recognise(head: bytes) -> bool:
    prolog = read_prolog(head)
    if prolog is None:
        return False
    return prolog.name in _ROOTS and _NAMESPACE.fullmatch(prolog.namespace) is not None


def _read(file: SourceFile, options: ReadOptions, faults: FaultCollector) -> Iterator[SourceBlock]:
    document = _Document(options, faults)
    for begins, name, element in stream_elements(file, faults, _RECORDS):
        if begins:
            document.begin(name)
        elif name == "TimeSeries":
            yield from document.end_series(element.sourceline or 0)
        else:
            document.take(name, element)
        if document.overflows:
            message = f"a TimeSeries has more than {_ROWS_MAX} points; split it by period."
            faults.refuse("too-many-readings", message, line=element.sourceline or 0)
            return
    yield from document.close()


class _Document:
    """A document as it is read, a TimeSeries at a time.

    Attributes:
        overflows: Has the TimeSeries that is open more points than are held?
    """

    def __init__(self, options: ReadOptions, faults: FaultCollector) -> None:
        self._default_point = options.metering_point
        self._faults = faults
        self._pending = PendingRows()
        self._unknown = UnknownWords()
        self._readings = 0
        self._fields: dict[str, str] = {}
        self._rows: list[_Row] = []
        self._points: list[tuple[dict[str, str], int]] = []
        self._interval: dict[str, str] = {}
        self._resolution = ""
        self.overflows = False

    def begin(self, name: str) -> None:
        """A TimeSeries or one of its periods begins."""
        if name == "TimeSeries":
            self._fields, self._rows = {}, []
        elif name in ("Period", "Series_Period"):
            self._points, self._interval, self._resolution = [], {}, ""

    def take(self, name: str, element: Any) -> None:
        """Take in an element that ended."""
        if name == "Point":
            self._points.append((child_texts(element), element.sourceline or 0))
            self.overflows = len(self._points) + len(self._rows) > _ROWS_MAX
        elif name == "timeInterval":
            self._interval = child_texts(element)
        elif name == "resolution":
            self._resolution = text_of(element)
        elif name in ("Period", "Series_Period"):
            self._end_period(element.sourceline or 0)
        elif name == _POINT_ID:
            self._fields["point"] = (text_of(element) or child_texts(element).get("value", ""))[:_ID_MAX]
        elif name.endswith(".commodity"):
            self._fields["commodity"] = text_of(element)
        elif name in ("flowDirection.direction", "energy_Measurement_Unit.name", "registeredResource.mRID"):
            self._fields[name] = text_of(element)[:_ID_MAX]

    def end_series(self, line: int) -> Iterator[SourceBlock]:
        """A TimeSeries ended: whose and what it is, is known now."""
        point = self._fields.get("point", "") or self._default_point
        unit = self._fields.get("energy_Measurement_Unit.name", "").upper()
        flow = self._fields.get("flowDirection.direction", "")
        commodity = self._fields.get("commodity", "")
        if commodity not in _ELECTRICITY or unit not in _UNITS:
            why = f"commodity {commodity}, unit {unit}" if commodity else f"unit {unit}"
            message = f"a TimeSeries is left out: its {why} is not electricity in {', '.join(_UNITS)}."
            self._faults.warn("series-left-out", message, line=line, metering_point=point)
        elif flow not in _DIRECTIONS:
            message = f'flow direction "{flow}" is neither A01 (feed-in) nor A02 (consumption).'
            self._faults.refuse("direction", message, line=line, metering_point=point, value=flow)
        elif not point:
            message = "a TimeSeries without metering point; name the one to read it for."
            self._faults.refuse("metering-point", message, line=line)
        else:
            channel = self._fields.get("registeredResource.mRID", "")
            self._read_rows(SeriesName(point, _DIRECTIONS[flow], channel), _UNITS[unit])
            yield from self._pending.take_full(len(self._rows))
        self._rows = []

    def close(self) -> Iterator[SourceBlock]:
        """What is left, and what only the whole document shows."""
        yield from self._pending.take()
        self._unknown.tell(self._faults, "A01 to A06")
        if not self._readings and not self._faults.refused:
            message = "nothing is read from this document; ask for electricity in kWh by direction."
            self._faults.refuse("no-readings", message)

    def _end_period(self, line: int) -> None:
        start, end = (
            parse_instant(self._interval.get("start", "")),
            parse_instant(self._interval.get("end", "")),
        )
        for instant in (start, end):
            if isinstance(instant, str):
                self._faults.refuse("start", f"time {instant}.", line=line)
                return
        assert isinstance(start, int)
        assert isinstance(end, int)
        seconds = _read_duration(self._resolution, end - start)
        if end <= start or not seconds:
            message = f'resolution "{self._resolution[:_SHOWN]}" of a period of {end - start} s is not read.'
            self._faults.refuse("resolution", message, line=line, start_utc=start)
            return
        for texts, point_line in self._points:
            position = texts.get("position", "")
            index = int(position) - 1 if _POSITION.fullmatch(position) else -1
            if index < 0 or start + (index + 1) * seconds > end:
                message = f'position "{position[:_SHOWN]}" is not within its period.'
                self._faults.refuse("position", message, line=point_line, start_utc=start)
                continue
            quantity = texts.get("energy_Quantity.quantity", "")
            code = texts.get("energy_Quantity.quality", "")
            self._rows.append((start + index * seconds, seconds, quantity, code, point_line))
        self._points = []

    def _read_rows(self, series: SeriesName, power: int) -> None:
        target = self._pending.of(series)
        for start, seconds, quantity, code, line in self._rows:
            self._readings += 1
            quality = QUALITIES.get(code)
            if quality is None:
                self._unknown.add(code)
                quality = Quality.ESTIMATED
            if not quantity or quality is Quality.MISSING:
                target.add(start, seconds, 0, Quality.MISSING, code, line)
                continue
            energy = parse_energy(quantity, power)
            if isinstance(energy, str):
                self._faults.refuse(
                    "energy",
                    f"quantity {energy}.",
                    line=line,
                    metering_point=series.external_id,
                    start_utc=start,
                    value=quantity[:_SHOWN],
                )
            else:
                target.add(start, seconds, energy, quality, code, line)


def _read_duration(text: str, period: int) -> int:
    """Seconds of an ISO 8601 duration, 0 where it is none; a day or a month is its period, whose length varies."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return 0
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    exact = hours * 3600 + minutes * 60 + seconds
    if years or months:
        return period
    if days and not exact and abs(period - days * _DAY) <= 3600:  # noqa: PLR2004 -- a day of 23, 24 or 25 hours
        return period
    return days * _DAY + exact


FORMAT = MeterFormat(
    name="cim-vhd",
    title="Validated historical data market document in CIM XML (EDDIE v0.82, v1.04)",
    recognise=_recognise,
    read=_read,
)
