"""Austria: the ConsumptionRecord by which grid operators send energy data (ebUtilities, process CR_MSG, XML).

Schema versions 01.30 to 01.41 (http://www.ebutilities.at/schemata/customerprocesses/consumptionrecord/). A record is of
one metering point; each ``EnergyData`` of it has a meter code, a unit and positions with begin, end, quantity and
metering method. What the codes mean: "MeterCodes CR_MSG" of ebUtilities, 13 December 2023.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from backend.adapters.meter_files.formats import MeterFormat
from backend.adapters.meter_files.formats.measured_values import (
    BLOCK_ROWS,
    SeriesRows,
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
from backend.metering.source_series import SeriesName, SeriesRole

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.formats import ReadOptions, SourceFile
    from backend.metering.source_series import SourceBlock

__all__ = ["FORMAT", "METERING_METHODS", "NAMESPACE", "read_meter_code"]

NAMESPACE = "http://www.ebutilities.at/schemata/customerprocesses/consumptionrecord/"

METERING_METHODS = {  # MeteringMethod of the schema, which also has 01 to 05: kinds of register reads
    "L1": Quality.MEASURED,  # Echtwert: measured
    "L2": Quality.EDITED,  # Ersatzwert belastbar: the operator's substitute, good for bills
    "L3": Quality.ESTIMATED,  # Ersatzwert nicht belastbar: provisional, to be replaced
    "": Quality.MEASURED,  # 01.30 need not say it
}

_UNITS = {"WH": 3, "KWH": 6, "MWH": 9, "GWH": 12}  # power of ten to milliwatt-hours
_STEPS = {"QH": 900, "H": 3600}  # the day and the period depend on the calendar
_CODE = re.compile(r"1-[0-9]{1,2}:([12])\.9\.0(?: ([GP]\.[0-9]{2}[A-Z]?))?")
_MEASURED = frozenset({("1", ""), ("1", "G.01"), ("2", ""), ("2", "G.01")})
_BY_COMMUNITY = {
    ("2", "G.02"): (CONSUMPTION, SeriesRole.OFFERED),  # Anteil gemeinschaftliche Erzeugung
    ("2", "G.03"): (CONSUMPTION, SeriesRole.ALLOCATED),  # Eigendeckung gemeinschaftliche Erzeugung
}
_UNREAD = {
    "G.01T": "the measured energy times the participation factor, which settlement applies itself",
    "G.03R": "the renewable part of the self-coverage",
}
_WHOLE = {"G.01T": "G.01", "G.03R": "G.03"}  # what each of these is a part of
_POSITION = frozenset({"DTF", "DTT", "MM", "BQ"})
_ELECTRICITY = "01"
_ID_MAX = 64
_POINTS_MAX = 100_000  # a record has one; beyond them, a remainder is taken as it stands
_SHOWN = 40


def read_meter_code(code: str, others: Collection[str]) -> tuple[int, SeriesRole] | str:
    """What a meter code says of its series.

    ``P.01`` is the whole load where it stands alone; beside measured or community values of the same direction it is
    what these leave to the supplier: residual supply of a consumer, surplus of a producer. Shares of the community's
    generation have the generation's register number at a consumer too; only at a point that generates and does not
    consume are they the producer's.

    Args:
        code: Such as ``1-1:1.9.0 G.01``.
        others: All codes of the same metering point in the file.

    Returns:
        Direction and role, or why it is not read, in words.
    """
    found = _CODE.fullmatch(code)
    if found is None:
        return "it is no active energy per interval"
    register, suffix = found.group(1), found.group(2) or ""
    if (register, suffix) in _MEASURED:
        return (CONSUMPTION if register == "1" else FEED_IN), SeriesRole.MEASURED
    if (register, suffix) in _BY_COMMUNITY:
        produces = "1-1:2.9.0 G.01" in others and not any(other.startswith("1-1:1.9.0") for other in others)
        if produces and suffix == "G.03":
            return FEED_IN, SeriesRole.SHARED
        return "a producer is offered nothing" if produces else _BY_COMMUNITY[register, suffix]
    if suffix in _UNREAD:
        whole = _whole_of(code)
        return f"it is {_UNREAD[suffix]}; " + (f"{whole} is read" if whole in others else f"ask for {whole}")
    if suffix in ("P.01", "P.01T"):
        return _read_remainder(code, register, others)
    return "its meaning is not known"


def _whole_of(code: str) -> str:
    """The code of what a code's energy is a part of, or nothing."""
    base, _, suffix = code.partition(" ")
    return f"{base} {_WHOLE[suffix]}" if suffix in _WHOLE else ""


def _read_remainder(code: str, register: str, others: Collection[str]) -> tuple[int, SeriesRole] | str:
    base = code.partition(" ")[0]
    if f"{base} P.01T" in others and not code.endswith("T"):
        return "P.01T says what of it concerns this community"
    shared = {base, f"{base} G.01", f"{base} G.01T"} | ({"1-1:2.9.0 G.03"} if register == "1" else set())
    remains = code.endswith("T") or not shared.isdisjoint(others)
    if register == "1":
        return CONSUMPTION, SeriesRole.RESIDUAL if remains else SeriesRole.MEASURED
    return FEED_IN, SeriesRole.SURPLUS if remains else SeriesRole.MEASURED


def _recognise(head: bytes) -> bool:
    prolog = read_prolog(head)
    return (
        prolog is not None and prolog.name == "ConsumptionRecord" and prolog.namespace.startswith(NAMESPACE)
    )


def _read(file: SourceFile, options: ReadOptions, faults: FaultCollector) -> Iterator[SourceBlock]:
    record = _Record(file, options, faults)
    for begins, name, element in stream_elements(file, faults, {"EP"}):
        if begins:
            record.begin(name, element)
        elif name == "EP":
            record.add_position(element)
            if len(record.rows or ()) >= BLOCK_ROWS:
                yield record.take()
        else:
            record.end(name, element)
            if name == "EnergyData" and record.rows:
                yield record.take()
    record.close()


class _Record:
    """A record as it is read.

    Attributes:
        rows: Of the energy data that is open, None where it is not read.
    """

    def __init__(self, file: SourceFile, options: ReadOptions, faults: FaultCollector) -> None:
        self._file = file
        self._faults = faults
        self._default_point = options.metering_point
        self._point = options.metering_point
        self._step = 0
        self._expected = 0
        self._positions = 0
        self._code = ""
        self._power = 6
        self._codes: dict[str, set[str]] | None = None
        self._unknown = UnknownWords()
        self._found = self._readable = False
        self.rows: SeriesRows | None = None

    def begin(self, name: str, element: Any) -> None:
        """Take note of what begins."""
        if name == "MarketParticipantDirectory" and element.get("DocumentMode") == "SIMU":
            message = "the operator marked this record as a simulation; load it for trials only."
            self._faults.warn("simulated", message, line=element.sourceline or 0)
        elif name == "ProcessDirectory":
            self._point = self._default_point
        elif name == "Energy":
            self._step, self._expected = 0, 0
        elif name == "EnergyData":
            self._open(element)

    def end(self, name: str, element: Any) -> None:
        """Take note of what ended, with its text."""
        if name == "MeteringPoint":
            self._point = self._read_point(text_of(element), element.sourceline or 0)
        elif name == "Sector" and text_of(element) != _ELECTRICITY:
            message = f'sector "{text_of(element)[:_SHOWN]}" is not electricity (01); leave the file out.'
            self._faults.refuse("commodity", message, line=element.sourceline or 0)
        elif name == "MeteringIntervall":
            self._step = _STEPS.get(text_of(element), 0)
        elif name == "NumberOfMeteringIntervall":
            text = text_of(element)
            self._expected = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0  # noqa: PLR2004
        elif name == "EnergyData":
            self._check_count(element.sourceline or 0)

    def add_position(self, element: Any) -> None:
        """Read a position into the open rows."""
        self._positions += 1
        if self.rows is None:
            return
        line = element.sourceline or 0
        texts = child_texts(element)
        span = self._read_span(texts, line)
        if span is None:
            return
        start, seconds = span
        unknown = sorted(texts.keys() - _POSITION)
        if unknown and not {"MM", "BQ"} <= texts.keys():
            missing = " and ".join(sorted({"MM", "BQ"} - texts.keys()))
            message = f"the position has no {missing}, but {unknown[0][:_SHOWN]}, which is not known: was it renamed?"
            self._refuse("structure", message, line, unknown[0], start)
            return
        method = texts.get("MM", "")
        quality = METERING_METHODS.get(method)
        if quality is None:
            self._unknown.add(method)
            quality = Quality.ESTIMATED
        quantity = texts.get("BQ", "")
        if not quantity:
            self.rows.add(start, seconds, 0, Quality.MISSING, method, line)
            return
        energy = parse_energy(quantity, self._power)
        if isinstance(energy, str):
            self._refuse("energy", f"BQ {energy}.", line, quantity, start)
            return
        self.rows.add(start, seconds, energy, quality, method, line)

    def take(self) -> SourceBlock:
        """The rows that are open, as a block."""
        assert self.rows is not None
        return self.rows.take()

    def close(self) -> None:
        """Tell what only the whole file shows."""
        self._unknown.tell(self._faults, "L1, L2, L3")
        if not self._readable and not self._faults.refused:
            why = "all of its series are left out" if self._found else "it has no energy data"
            message = f"nothing is read from this record: {why}; ask the operator for active energy."
            self._faults.refuse("no-readings", message)

    def _open(self, element: Any) -> None:
        self.rows, self._positions = None, 0
        line = element.sourceline or 0
        self._found = True
        self._code = " ".join((element.get("MeterCode") or "").split())[:_ID_MAX]
        unit = (element.get("UOM") or "").strip().upper()
        if not self._point:
            message = "energy data without a MeteringPoint; name the metering point to read it for."
            self._faults.refuse("metering-point", message, line=line)
            return
        meaning = read_meter_code(self._code, self._others())
        if isinstance(meaning, str):
            message = f'meter code "{self._code}" is left out: {meaning}.'
            tell = self._faults.note if _whole_of(self._code) in self._others() else self._faults.warn
            tell("series-left-out", message, line=line, metering_point=self._point)
        elif unit not in _UNITS:
            message = (
                f'unit "{unit[:_SHOWN]}" of {self._code} is not one of {", ".join(_UNITS)}; ask for kWh.'
            )
            self._refuse("unit", message, line, unit)
        else:
            self._power = _UNITS[unit]
            self._readable = True
            self.rows = SeriesRows(SeriesName(self._point, meaning[0], self._code, meaning[1]))

    def _others(self) -> Collection[str]:
        """All codes of the metering point in the file; looked for only where one depends on the others."""
        if self._code.endswith(" G.01"):
            return ()
        if self._codes is None:
            self._codes = _collect_codes(self._file, self._default_point)
        return self._codes.get(self._point, ())

    def _read_point(self, text: str, line: int) -> str:
        if not text or len(text) > _ID_MAX:
            message = f'"{text[:_SHOWN]}" is no metering point number; a Zählpunkt has 33 characters.'
            self._refuse("metering-point", message, line, text)
            return ""
        return text

    def _read_span(self, texts: dict[str, str], line: int) -> tuple[int, int] | None:
        """Start and length of a position; None after noting what is wrong."""
        start = parse_instant(texts.get("DTF", ""))
        if isinstance(start, str):
            self._refuse("start", f"DTF {start}.", line, texts.get("DTF", ""))
            return None
        until = texts.get("DTT", "")
        if not until and self._step:
            return start, self._step
        end = parse_instant(until)
        if isinstance(end, str):
            self._refuse("end", f"DTT {end}.", line, until, start)
            return None
        if end <= start:
            self._refuse("end", f"DTT {until} is not after DTF {texts['DTF']}.", line, until, start)
            return None
        return start, end - start

    def _check_count(self, line: int) -> None:
        if self.rows is not None and self._expected and self._positions != self._expected:
            message = (
                f"{self._code} has {self._positions} positions where the operator announces {self._expected}; "
                "ask for what is missing."
            )
            self._faults.warn("interval-count", message, line=line, metering_point=self._point)

    def _refuse(self, rule: str, message: str, line: int, value: str, start: int | None = None) -> None:
        self._faults.refuse(
            rule, message, line=line, metering_point=self._point, start_utc=start, value=value[:_SHOWN]
        )


def _collect_codes(file: SourceFile, default_point: str) -> dict[str, set[str]]:
    """The codes of each metering point of a file."""
    from backend.adapters.meter_files.faults import FaultCollector

    codes: dict[str, set[str]] = {}
    point = default_point
    for begins, name, element in stream_elements(file, FaultCollector(file.name), {"EP"}):
        if name == "MeteringPoint" and not begins:
            point = text_of(element)[:_ID_MAX]
        elif name == "EnergyData" and begins and len(codes) < _POINTS_MAX:
            codes.setdefault(point, set()).add(" ".join((element.get("MeterCode") or "").split())[:_ID_MAX])
    return codes


FORMAT = MeterFormat(
    name="eda",
    title="ConsumptionRecord XML of Austrian grid operators (ebUtilities, EDA)",
    recognise=_recognise,
    read=_read,
)
