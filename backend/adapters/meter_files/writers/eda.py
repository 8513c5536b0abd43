"""Writes ConsumptionRecord XML, schema 01.41, as Austrian grid operators send it (ebUtilities, process CR_MSG).

A record is of one metering point number and a thousand days at most: a table that fits becomes that record, any other a
zip archive of records. A missing reading has no position; ``NumberOfMeteringIntervall`` then tells that one is missing,
and a day without any reading is not there. Stamps and days are Austrian legal time whatever the options say, as the
schema has no other offsets (``DateTimeU``). The sender is the operator whom the first eight characters of a metering
point number name.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from zoneinfo import ZoneInfo

from backend.adapters.meter_files.formats.eda import METERING_METHODS, NAMESPACE
from backend.adapters.meter_files.writers import MeterFileWriter, WriteOptions
from backend.adapters.meter_files.writers.point_names import (
    civil_days,
    name_points,
    word_of_quality,
)
from backend.errors import InputError
from backend.metering import Quality
from backend.metering.points import CONSUMPTION
from backend.quantities import format_kilowatt_hours

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backend.metering import ReadingTable

__all__ = ["WRITER"]

_RECORD = f"{NAMESPACE}01p41"
_TYPES = "http://www.ebutilities.at/schemata/customerprocesses/common/types/01p20"
_INTERVALS = {15: "QH", 60: "H"}
_CODES = {True: "1-1:1.9.0 G.01", False: "1-1:2.9.0 G.01"}
_NUMBER = re.compile(r"[0-9A-Za-z]{1,33}")  # MeteringPoint of the schema
_ZONE = ZoneInfo("Europe/Vienna")
_DAYS_MAX = 1_000  # elements Energy of a record
_OPERATOR_LENGTH = 8
_RECEIVER = "EP000000"  # nobody: a record that is written here is not sent by the exchange
_WORDS = {Quality.MEASURED: "L1", Quality.EDITED: "L2", Quality.ESTIMATED: "L3"}


def _write(table: ReadingTable, stream: BinaryIO, options: WriteOptions) -> None:
    if table.resolution_minutes not in _INTERVALS:
        raise InputError(
            f"a ConsumptionRecord has quarter-hours or hours, not {table.resolution_minutes} minutes; resample first."
        )
    records = [
        (number, days[begin : begin + _DAYS_MAX])
        for number, days in _find_days(table, options).items()
        for begin in range(0, len(days), _DAYS_MAX)
    ]
    if len(records) == 1:
        _write_record(table, *records[0], stream, _Message.of(records[0][0], 0, options))
        return
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, (number, days) in enumerate(records):
            member = zipfile.ZipInfo(f"{place:05d}-{number}.xml", (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w") as entry:
                message = _Message.of(number, place, options)
                _write_record(table, number, days, cast("BinaryIO", entry), message)


@dataclass(frozen=True, slots=True)
class _Day:
    """A civil day of one direction: its rows that are not missing, and what the day spans. [s since 1970, UTC]"""

    direction: int
    rows: NDArray[np.int64]
    start_utc: int
    end_utc: int


@dataclass(frozen=True, slots=True)
class _Message:
    """What tells one message from another."""

    id: str
    created: datetime

    @classmethod
    def of(cls, number: str, place: int, options: WriteOptions) -> _Message:
        created = datetime.fromtimestamp(options.created_utc, UTC)
        mark = sha256(f"{number} {place}".encode()).hexdigest()[:8]
        return cls(f"{number[:_OPERATOR_LENGTH]}{created:%Y%m%d%H%M%S}{mark}", created)


def _find_days(table: ReadingTable, options: WriteOptions) -> dict[str, list[_Day]]:
    """The days of each number that have a reading.

    Raises:
        InputError: If a number is none of the market, or has no reading.
    """
    seconds = table.resolution_minutes * 60
    found: dict[str, list[_Day]] = {}
    for number, parts in name_points(table, options.name).items():
        if not _NUMBER.fullmatch(number):
            raise InputError(
                f'"{number}" is no metering point number of a ConsumptionRecord, which is 1 to 33 letters and digits; '
                "give the point its operator's number (external_id)."
            )
        days = found[number] = []
        for part in parts:
            for run in civil_days(table.start_utc[part.rows], _ZONE):
                rows = part.rows[run]
                first, last = int(table.start_utc[rows[0]]), int(table.start_utc[rows[-1]])
                rows = rows[table.quality[rows] != Quality.MISSING]
                if len(rows):
                    days.append(_Day(part.direction, rows, first, last + seconds))
        if not days:
            raise InputError(
                f"{number} has no reading that is not missing, and a ConsumptionRecord has no word for missing ones; "
                "leave the point out."
            )
    return found


def _write_record(
    table: ReadingTable, number: str, days: list[_Day], stream: BinaryIO, message: _Message
) -> None:
    """The record of some days of one metering point number."""
    from lxml import etree

    with etree.xmlfile(stream, encoding="utf-8") as xml:
        xml.write_declaration()
        root = xml.element(f"{{{_RECORD}}}ConsumptionRecord", nsmap={"ns0": _RECORD, "ns1": _TYPES})
        with root:
            _write_directory(xml, number[:_OPERATOR_LENGTH], message.created)
            with xml.element(f"{{{_RECORD}}}ProcessDirectory"):
                _write_text(xml, _TYPES, "MessageId", message.id)
                _write_text(xml, _TYPES, "ConversationId", message.id)
                _write_text(xml, _TYPES, "ProcessDate", message.created.astimezone(_ZONE).date().isoformat())
                _write_text(xml, _TYPES, "MeteringPoint", number)
                for day in days:
                    _write_energy(xml, table, day)


def _write_directory(xml: Any, sender: str, created: datetime) -> None:
    attributes = {"DocumentMode": "PROD", "Duplicate": "false", "SchemaVersion": "01.41"}
    with xml.element(f"{{{_RECORD}}}MarketParticipantDirectory", attributes):
        with xml.element(f"{{{_TYPES}}}RoutingHeader"):
            for role, address in (("Sender", sender), ("Receiver", _RECEIVER)):
                with xml.element(f"{{{_TYPES}}}{role}", {"AddressType": "ECNumber"}):
                    _write_text(xml, _TYPES, "MessageAddress", address)
            _write_text(xml, _TYPES, "DocumentCreationDateTime", f"{created:%Y-%m-%dT%H:%M:%SZ}")
        _write_text(xml, _TYPES, "Sector", "01")
        _write_text(xml, _RECORD, "MessageCode", "DATEN_CRMSG")


def _write_energy(xml: Any, table: ReadingTable, day: _Day) -> None:
    seconds = table.resolution_minutes * 60
    with xml.element(f"{{{_RECORD}}}Energy"):
        _write_text(xml, _RECORD, "MeteringReason", "00")
        _write_text(xml, _RECORD, "MeteringPeriodStart", _show(day.start_utc))
        _write_text(xml, _RECORD, "MeteringPeriodEnd", _show(day.end_utc))
        _write_text(xml, _RECORD, "MeteringIntervall", _INTERVALS[table.resolution_minutes])
        _write_text(xml, _RECORD, "NumberOfMeteringIntervall", str((day.end_utc - day.start_utc) // seconds))
        code = _CODES[day.direction == CONSUMPTION]
        with xml.element(f"{{{_RECORD}}}EnergyData", {"MeterCode": code, "UOM": "KWH"}):
            for row in day.rows.tolist():
                with _position(xml):
                    start = int(table.start_utc[row])
                    _write_text(xml, _RECORD, "DTF", _show(start))
                    _write_text(xml, _RECORD, "DTT", _show(start + seconds))
                    _write_text(xml, _RECORD, "MM", word_of_quality(table, row, METERING_METHODS, _WORDS))
                    _write_text(xml, _RECORD, "BQ", format_kilowatt_hours(int(table.energy[row])))


@contextmanager
def _position(xml: Any) -> Iterator[None]:
    with xml.element(f"{{{_RECORD}}}EP"):
        yield
    xml.write("\n")


def _write_text(xml: Any, namespace: str, name: str, text: str) -> None:
    with xml.element(f"{{{namespace}}}{name}"):
        xml.write(text)


def _show(instant: int) -> str:
    return datetime.fromtimestamp(instant, _ZONE).isoformat()


WRITER = MeterFileWriter(
    name="eda",
    title="ConsumptionRecord XML (ebUtilities 01.41), a zip archive where several records are needed",
    suffixes=(),
    write=_write,
)
