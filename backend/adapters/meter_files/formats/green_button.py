"""Green Button: energy usage as an Atom feed of ESPI resources (NAESB REQ.21, ESPI 1.1 to 3.3).

Entries are tied by links: a UsagePoint has MeterReadings, a MeterReading has one ReadingType and IntervalBlocks. A
feed may have them in any order: where an IntervalBlock comes before what explains it, the file is read once more from
there. Times are seconds since 1970 in UTC (ESPI ``TimeType``); LocalTimeParameters only help to show them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from backend.adapters.meter_files.formats import MeterFormat
from backend.adapters.meter_files.formats.espi import (
    QUALITIES,
    ReadingKind,
    ReadingMeaning,
    read_whole,
)
from backend.adapters.meter_files.formats.espi_feed import EspiFeed, Links
from backend.adapters.meter_files.formats.measured_values import (
    BLOCK_ROWS,
    SeriesRows,
    UnknownWords,
    parse_energy,
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

__all__ = ["FORMAT"]

_ATOM = "http://www.w3.org/2005/Atom"
_ESPI = "http://naesb.org/espi"
_ENTRIES = frozenset({"UsagePoint", "MeterReading", "IntervalBlock", "ReadingType"})
_BARE = _ENTRIES | {"feed", "entry"}
_RECORDS = frozenset({"IntervalReading", "ReadingType", "ServiceCategory", "interval"})
_MARKS = (b"http://naesb.org/espi", b'type="espi-', b"type='espi-")
_INSTANT_MAX = 2**33
_SHOWN = 40
_REASONS_MAX = 100
_ENTRIES_MAX = 500_000


def _recognise(head: bytes) -> bool:
    prolog = read_prolog(head)
    if prolog is None:
        return False
    if prolog.namespace == _ESPI:
        return prolog.name in _BARE
    if prolog.namespace != _ATOM or prolog.name not in ("feed", "entry"):
        return False
    plain = head.replace(b"\x00", b"")
    return any(mark in plain for mark in _MARKS)


def _read(
    file: SourceFile, options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    feed = EspiFeed(options.metering_point)
    reading = _Reading(faults, feed)
    yield from reading.go_through(file)
    if reading.resumes_at is not None and not faults.refused:
        reading.go_again()
        yield from reading.go_through(file)
    reading.close()


class _Reading:
    """One reading of a feed, in a pass or two.

    Attributes:
        resumes_at: Number of the first block that the first pass could not place, or None.
    """

    def __init__(self, faults: FaultCollector, feed: EspiFeed) -> None:
        self._faults = faults
        self._feed = feed
        self._again = False
        self._block = -1
        self._links, self._content, self._category = Links(), "", ""
        self._entries = self._readings = 0
        self._left_out: set[str] = set()
        self._unknown = UnknownWords()
        self._series: tuple[SeriesName, ReadingMeaning] | None = None
        self._rows: SeriesRows | None = None
        self._cursor: int | None = None
        self.resumes_at: int | None = None

    def go_again(self) -> None:
        """Begin the second pass, with all links known."""
        self._again, self._block = True, -1

    def go_through(self, file: SourceFile) -> Iterator[SourceBlock | RegisterRead]:
        """Read the file once."""
        for begins, name, element in stream_elements(file, self._faults, _RECORDS):
            if self._entries > _ENTRIES_MAX:
                message = f"the feed has more than {_ENTRIES_MAX} entries; export fewer points at a time."
                self._faults.refuse("too-many-entries", message, line=element.sourceline or 0)
                return
            if begins:
                self._begin(name, element)
            elif name == "IntervalReading":
                yield from self._take(element)
            elif name == "IntervalBlock" and self._rows:
                yield self._rows.take()
            else:
                self._end(name, element)

    def _begin(self, name: str, element: Any) -> None:
        if name == "entry":
            self._links, self._content, self._category = Links(), "", ""
        elif name == "link":
            self._links.add(element.get("rel"), element.get("href"), element.get("type"))
        elif name in _ENTRIES:
            self._content = self._content or name
            if name == "IntervalBlock":
                self._open(element.sourceline or 0)

    def _end(self, name: str, element: Any) -> None:
        if name == "interval":
            self._cursor = read_whole(child_texts(element).get("start", ""))
        elif name == "ReadingType":
            self._content = self._content or name
            self._feed.add_reading_type(self._links, child_texts(element))
        elif name == "ServiceCategory":
            self._category = child_texts(element).get("kind", "")
        elif name == "entry":
            self._note(element.sourceline or 0)

    def close(self) -> None:
        """Tell what only the whole feed shows."""
        self._unknown.tell(self._faults, "ESPI's QualityOfReading")
        if not self._readings and not self._faults.refused:
            why = "all of its series are left out" if self._left_out else "it has no interval readings"
            message = f"nothing is read from this feed: {why}; export energy with intervals, by direction."
            self._faults.refuse("no-readings", message)

    def _note(self, line: int) -> None:
        """Remember an entry that ended."""
        if self._again:
            return
        self._entries += 1
        if self._content == "UsagePoint":
            self._feed.add_usage_point(self._links, self._category)
        elif self._content == "MeterReading":
            self._feed.add_meter_reading(self._links)
        elif self._content == "IntervalBlock":
            if self.resumes_at is not None:
                self._feed.later[self._block] = self._links
        elif self._links.speaks_of("IntervalBlock"):
            message = "an entry that should have an interval block has none; ask for the file again."
            self._faults.warn("empty-entry", message, line=line)

    def _open(self, line: int) -> None:
        """Find out whose readings a block has."""
        self._block += 1
        self._series = self._rows = self._cursor = None
        if (self._block < (self.resumes_at or 0)) if self._again else (self.resumes_at is not None):
            return
        links = self._feed.later.get(self._block, self._links) if self._again else self._links
        found = self._feed.place(links, complete=self._again)
        if found is None and not self._again:
            self.resumes_at = self._block
        elif found is None:
            message = "an interval block cannot be tied to a ReadingType by its links; its unit is unknown."
            self._faults.refuse("unlinked-block", message, line=line)
        else:
            self._begin_series(*found, line)

    def _begin_series(self, point: str, meaning: ReadingMeaning | str, line: int) -> None:
        if isinstance(meaning, str):
            self._leave_out(point, meaning, line)
        elif not point:
            message = "readings without a UsagePoint; name the metering point to read them for."
            self._faults.refuse("metering-point", message, line=line)
        else:
            self._series = SeriesName(point, meaning.direction, meaning.channel), meaning
            self._rows = SeriesRows(self._series[0])

    def _leave_out(self, point: str, reason: str, line: int) -> None:
        if reason not in self._left_out and len(self._left_out) < _REASONS_MAX:
            self._left_out.add(reason)
            message = f"a series is left out: {reason}."
            self._faults.warn("series-left-out", message, line=line, metering_point=point)

    def _take(self, element: Any) -> Iterator[SourceBlock | RegisterRead]:
        if self._series is None or self._rows is None:
            return
        series, meaning = self._series
        line = element.sourceline or 0
        value, codes, period = _read_fields(element)
        span = self._read_span(period, meaning, line)
        if span is None:
            return
        start, seconds = span
        code = codes or meaning.quality
        quality = self._normalise(code)
        self._readings += 1
        if not value:
            if meaning.kind is not ReadingKind.REGISTER:
                self._rows.add(start, seconds, 0, Quality.MISSING, code, line)
            return
        if meaning.kind is ReadingKind.MEAN_POWER:
            energy = parse_mean_power(value, meaning.power, seconds)
        else:
            energy = parse_energy(value, meaning.power)
        if isinstance(energy, str):
            self._refuse("energy", f"value {energy}.", line, value, start)
        elif meaning.kind is ReadingKind.REGISTER:
            yield RegisterRead(series, start + seconds, energy, "", code, line)
        else:
            self._rows.add(start, seconds, energy, quality, code, line)
            if len(self._rows) >= BLOCK_ROWS:
                yield self._rows.take()

    def _normalise(self, code: str) -> Quality:
        """The worst of a reading's qualities."""
        worst = Quality.MEASURED
        for word in code.split():
            quality = QUALITIES.get(word)
            if quality is None:
                self._unknown.add(word)
                quality = Quality.ESTIMATED
            worst = quality if worst is Quality.MEASURED or quality is Quality.ESTIMATED else worst
        return worst

    def _read_span(
        self, period: dict[str, str], meaning: ReadingMeaning, line: int
    ) -> tuple[int, int] | None:
        """Start and length of a reading; None after noting what is wrong."""
        start = read_whole(period["start"]) if "start" in period else self._cursor
        seconds = read_whole(period["duration"]) if "duration" in period else meaning.seconds
        if start is None or start > _INSTANT_MAX:
            shown = period.get("start", "")
            self._refuse(
                "start", f'start "{shown[:_SHOWN]}" is no number of seconds since 1970.', line, shown
            )
            return None
        if (
            seconds is None
            or (seconds == 0 and meaning.kind is not ReadingKind.REGISTER)
            or seconds > _INSTANT_MAX
        ):
            shown = period.get("duration", "")
            message = f'duration "{shown[:_SHOWN]}" is no length of an interval in seconds.'
            self._refuse("duration", message, line, shown, start)
            return None
        self._cursor = start + seconds
        return start, seconds

    def _refuse(self, rule: str, message: str, line: int, value: str, start: int | None = None) -> None:
        point = self._series[0].external_id if self._series else ""
        self._faults.refuse(
            rule, message, line=line, metering_point=point, start_utc=start, value=value[:_SHOWN]
        )


def _read_fields(element: Any) -> tuple[str, str, dict[str, str]]:
    """Value, quality codes and time period of an IntervalReading."""
    value, codes, period = "", "", {}
    for child in element:
        name = name_of(child)
        if name == "value":
            value = text_of(child)
        elif name == "timePeriod":
            period = child_texts(child)
        elif name == "ReadingQuality":
            codes = f"{codes} {child_texts(child).get('quality', '')}".strip()
    return value, codes, period


FORMAT = MeterFormat(
    name="green-button",
    title="Green Button Atom feed of ESPI resources (NAESB), North American utilities",
    recognise=_recognise,
    read=_read,
)
