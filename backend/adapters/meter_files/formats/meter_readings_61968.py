"""MeterReadings messages of head-end and meter data systems (IEC 61968-9, XML by IEC 61968-100).

A reading type is a code of 18 parts (IEC 61968-9, Annex C), a quality one of three: system, category, index
(Annex D). Time stamps of interval readings are those of the interval's end (IEC 61968-9, 5.2), unless a time period
says both. Elements of a MeterReading come in the schema's order, the meter after its readings: it is held until
it ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from backend.adapters.meter_files.formats import MeterFormat
from backend.adapters.meter_files.formats.espi import ReadingKind, ReadingMeaning, read_meaning
from backend.adapters.meter_files.formats.measured_values import (
    PendingRows,
    UnknownWords,
    parse_energy,
    parse_instant,
    parse_mean_power,
)
from backend.adapters.meter_files.formats.xml_streams import (
    child_texts,
    name_of,
    read_prolog,
    stream_elements,
    text_of,
)
from backend.metering import Quality
from backend.metering.source_series import RegisterRead, SeriesName

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.formats import ReadOptions, SourceFile
    from backend.metering.source_series import SourceBlock

__all__ = ["FORMAT", "normalise_quality", "read_type_code"]

_NAMESPACE = re.compile(r"https?://(www\.)?iec\.ch/TC57/.{0,100}")
_RECORDS = frozenset({"IntervalReadings", "Readings", "Meter", "UsagePoint"})
_TYPE_CODE = re.compile(r"[0-9]{1,5}(\.-?[0-9]{1,5}){17}")
_QUALITY_CODE = re.compile(r"[0-9]{1,5}\.([0-9]{1,5})\.([0-9]{1,5})")
_MEASURING_PERIODS = {  # [s]
    ("1", "54"): 600,
    ("2", "53"): 900,
    ("3", "56"): 60,
    ("4",): 86_400,
    ("5", "51"): 1800,
    ("6", "55"): 300,
    ("7", "50"): 3600,
    ("10",): 120,
    ("14",): 180,
    ("31", "52"): 1200,
}
_SECONDS = {period: seconds for periods, seconds in _MEASURING_PERIODS.items() for period in periods}
_DAILY = "11"
_AVERAGE = "2"
_AGGREGATES = ("0", _AVERAGE, "26")  # none, average, sum; a maximum or minimum is no mean
_CATEGORIES = {
    **dict.fromkeys("01234", Quality.MEASURED),  # valid, and what the device, the grid, the collection say
    **dict.fromkeys(
        "56", Quality.ESTIMATED
    ),  # failed reasonability or validation: does not pass for measured
    "7": Quality.EDITED,
    "8": Quality.ESTIMATED,
    "10": Quality.ESTIMATED,  # questionable
    "11": Quality.ESTIMATED,  # derived
    "12": Quality.ESTIMATED,  # projected
}
_INDEXES = {
    ("5", "259"): Quality.MISSING,  # known missing read
    ("7", "3"): Quality.MISSING,  # manually rejected
    ("10", "1"): Quality.MEASURED,  # manually accepted
    ("11", "0"): Quality.MEASURED,  # derived, deterministic
}
_WORSE = (Quality.MEASURED, Quality.EDITED, Quality.ESTIMATED, Quality.MISSING)
_ROWS_MAX = 500_000
_ID_MAX = 64
_TYPES_MAX = 200
_CODE_MAX = 120
_SHOWN = 60

_Row = tuple[int, int, str, str, int]  # start, seconds, value, quality codes, line


def read_type_code(code: str) -> ReadingMeaning | str:
    """Understand a reading type code of 18 parts.

    Returns:
        The meaning, or why such readings are not read, in words.
    """
    if not _TYPE_CODE.fullmatch(code):
        return f'reading type "{code[:_SHOWN]}" is not a code of 18 parts'
    parts = code.split(".")
    macro, aggregate, period = parts[0], parts[1], parts[2]
    if aggregate not in _AGGREGATES:
        return f"aggregate {aggregate} of reading type {code} is no sum or mean of an interval"
    if any(part != "0" for part in parts[7:11]):
        return f"reading type {code} is of a harmonic"
    seconds = _SECONDS.get(period, 86_400 if macro == _DAILY and period == "0" else 0)
    fields = {
        "accumulationBehaviour": parts[3],
        "flowDirection": parts[4],
        "commodity": parts[5],
        "kind": "" if parts[16] == "38" else parts[6],
        "tou": parts[11],
        "cpp": parts[12],
        "consumptionTier": parts[13],
        "phase": parts[14],
        "powerOfTenMultiplier": parts[15],
        "uom": parts[16],
        "intervalLength": str(seconds),
    }
    meaning = read_meaning(fields)
    if isinstance(meaning, str):
        return f"reading type {code}: {meaning}"
    if meaning.kind is ReadingKind.ENERGY and aggregate == _AVERAGE:
        return f"reading type {code} is an average of energies"
    return meaning


def normalise_quality(code: str) -> Quality | None:
    """The quality of a reading by its code of three parts; None where it is not known."""
    found = _QUALITY_CODE.fullmatch(code)
    if found is None:
        return None
    return _INDEXES.get((found.group(1), found.group(2)), _CATEGORIES.get(found.group(1)))


def _recognise(head: bytes) -> bool:
    prolog = read_prolog(head)
    if prolog is None or not _NAMESPACE.fullmatch(prolog.namespace):
        return False
    return prolog.name == "MeterReadings" or b"MeterReadings" in head.replace(b"\x00", b"")


def _read(
    file: SourceFile, options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    reading = _Reading(options, faults)
    for begins, name, element in stream_elements(file, faults, _RECORDS):
        if begins:
            if name in ("MeterReading", "IntervalBlocks"):
                reading.begin(name)
            elif name == "ReadingType":
                reading.block_type = (element.get("ref") or "").strip()
        elif name == "MeterReading":
            yield from reading.end()
        else:
            reading.take(name, element)
        if reading.overflows:
            return
    yield from reading.close()


class _Reading:
    """A message as it is read, a MeterReading at a time.

    Attributes:
        block_type: Reading type of the interval block that is open, as far as it is known.
        overflows: Has the MeterReading that is open more readings than are held?
    """

    def __init__(self, options: ReadOptions, faults: FaultCollector) -> None:
        self._default_point = options.metering_point
        self._faults = faults
        self._pending = PendingRows()
        self._meanings: dict[str, ReadingMeaning | str] = {}
        self._unknown = UnknownWords()
        self._told: set[str] = set()
        self._readings = 0
        self._rows: dict[str, list[_Row]] = {}
        self._block: list[tuple[dict[str, str], dict[str, str], str, int]] = []
        self._point = self._meter = ""
        self.block_type = ""
        self.overflows = False

    def begin(self, name: str) -> None:
        """A MeterReading or one of its blocks begins."""
        self._block, self.block_type = [], ""
        if name == "MeterReading":
            self._rows, self._point, self._meter = {}, "", ""

    def take(self, name: str, element: Any) -> None:
        """Take in an element that ended."""
        if name == "UsagePoint":
            self._point = _read_id(element)
        elif name == "Meter":
            self._meter = _read_id(element)
        elif name == "IntervalReadings":
            self._block.append((*_read_reading(element)[:3], element.sourceline or 0))
            self.overflows = len(self._block) > _ROWS_MAX
        elif name == "Readings":
            texts, period, codes, code = _read_reading(element)
            self._keep(code, texts, period, codes, element.sourceline or 0)
        elif name == "IntervalBlocks":
            for texts, period, codes, line in self._block:
                self._keep(self.block_type, texts, period, codes, line)
            self._block = []
        if self.overflows or sum(map(len, self._rows.values())) > _ROWS_MAX:
            self.overflows = True
            message = f"a MeterReading has more than {_ROWS_MAX} readings; split it by period."
            self._faults.refuse("too-many-readings", message, line=element.sourceline or 0)

    def end(self) -> Iterator[SourceBlock | RegisterRead]:
        """A MeterReading ended: whose it is, is known now."""
        point = self._point or self._meter or self._default_point
        for code, rows in self._rows.items():
            meaning = read_type_code(code)
            assert isinstance(meaning, ReadingMeaning)
            if not point:
                message = "a MeterReading names neither UsagePoint nor Meter; name the metering point."
                self._faults.refuse("metering-point", message, line=rows[0][4])
                continue
            series = SeriesName(point, meaning.direction, meaning.channel)
            if meaning.kind is ReadingKind.REGISTER:
                yield from self._read_registers(series, meaning, rows)
            else:
                self._read_rows(series, meaning, rows)
                yield from self._pending.take_full(len(rows))
        self._rows = {}

    def close(self) -> Iterator[SourceBlock]:
        """What is left, and what only the whole message shows."""
        yield from self._pending.take()
        self._unknown.tell(self._faults, "IEC 61968-9's categories")
        if not self._readings and not self._faults.refused:
            why = "all of its series are left out" if self._told else "it has no readings"
            message = f"nothing is read from this message: {why}; ask for active energy by direction."
            self._faults.refuse("no-readings", message)

    def _keep(self, code: str, texts: dict[str, str], period: dict[str, str], codes: str, line: int) -> None:
        """Hold a reading until its MeterReading ends."""
        meaning = self._meanings.get(code)
        if meaning is None:
            meaning = read_type_code(code)
            if len(self._meanings) < _TYPES_MAX:
                self._meanings[code[:_CODE_MAX]] = meaning
        if isinstance(meaning, str):
            if meaning not in self._told and len(self._told) < _TYPES_MAX:
                self._told.add(meaning)
                self._faults.warn("series-left-out", f"a series is left out: {meaning}.", line=line)
            return
        span = self._read_span(texts, period, meaning, line)
        if span is not None:
            self._rows.setdefault(code, []).append((*span, texts.get("value", ""), codes, line))

    def _read_span(
        self, texts: dict[str, str], period: dict[str, str], meaning: ReadingMeaning, line: int
    ) -> tuple[int, int] | None:
        words = [period.get("start", ""), period.get("end", "")] if period else [texts.get("timeStamp", "")]
        instants: list[int] = []
        for word in words:
            instant = parse_instant(word)
            if isinstance(instant, str):
                self._faults.refuse("start", f"time {instant}.", line=line, value=word[:_SHOWN])
                return None
            instants.append(instant)
        start = instants[0] if period else instants[0] - meaning.seconds
        seconds = instants[1] - start if period else meaning.seconds
        if seconds <= 0 and meaning.kind is not ReadingKind.REGISTER:
            message = "the length of an interval is told neither by its reading type nor by a time period."
            self._faults.refuse("duration", message, line=line, start_utc=start)
            return None
        return start, seconds

    def _read_rows(self, series: SeriesName, meaning: ReadingMeaning, rows: list[_Row]) -> None:
        target = self._pending.of(series)
        for start, seconds, value, codes, line in rows:
            self._readings += 1
            quality = self._normalise(codes)
            if not value or quality is Quality.MISSING:
                target.add(start, seconds, 0, Quality.MISSING, codes, line)
                continue
            if meaning.kind is ReadingKind.MEAN_POWER:
                energy = parse_mean_power(value, meaning.power, seconds)
            else:
                energy = parse_energy(value, meaning.power)
            if isinstance(energy, str):
                self._refuse_value(series, energy, value, line, start)
            else:
                target.add(start, seconds, energy, quality, codes, line)

    def _read_registers(
        self, series: SeriesName, meaning: ReadingMeaning, rows: list[_Row]
    ) -> Iterator[RegisterRead]:
        for start, seconds, value, codes, line in rows:
            self._readings += 1
            if not value or self._normalise(codes) is Quality.MISSING:
                continue
            energy = parse_energy(value, meaning.power)
            if isinstance(energy, str):
                self._refuse_value(series, energy, value, line, start)
            else:
                yield RegisterRead(series, start + max(seconds, 0), energy, self._meter, codes, line)

    def _refuse_value(self, series: SeriesName, why: str, value: str, line: int, start: int) -> None:
        self._faults.refuse(
            "energy",
            f"value {why}.",
            line=line,
            metering_point=series.external_id,
            start_utc=start,
            value=value[:_SHOWN],
        )

    def _normalise(self, codes: str) -> Quality:
        """The worst of a reading's qualities."""
        worst = Quality.MEASURED
        for code in codes.split():
            quality = normalise_quality(code)
            if quality is None:
                self._unknown.add(code)
                quality = Quality.ESTIMATED
            worst = max(worst, quality, key=_WORSE.index)
        return worst


def _read_reading(element: Any) -> tuple[dict[str, str], dict[str, str], str, str]:
    """Texts, time period, quality codes and reading type of a reading."""
    texts: dict[str, str] = {}
    period: dict[str, str] = {}
    codes, code = "", ""
    for child in element:
        name = name_of(child)
        if name == "ReadingQualities":
            for part in child:
                if name_of(part) == "ReadingQualityType":
                    codes = f"{codes} {(part.get('ref') or '').strip()}".strip()
        elif name == "timePeriod":
            period = child_texts(child)
        elif name == "ReadingType":
            code = (child.get("ref") or "").strip()
        else:
            texts[name] = text_of(child)
    return texts, period, codes, code


def _read_id(element: Any) -> str:
    """The mRID of an element, or its first name."""
    texts = child_texts(element)
    if not texts.get("mRID"):
        for child in element:
            if name_of(child) == "Names":
                return child_texts(child).get("name", "")[:_ID_MAX]
    return texts.get("mRID", "")[:_ID_MAX]


FORMAT = MeterFormat(
    name="iec-61968-9",
    title="MeterReadings XML of head-end and meter data systems (IEC 61968-9)",
    recognise=_recognise,
    read=_read,
)
