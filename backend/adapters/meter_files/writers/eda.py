"""Writes ConsumptionRecord XML, schema 01.41, as Austrian grid operators send it (ebUtilities, process CR_MSG).

A record is of one metering point number: a table of one becomes that record, a table of several a zip archive with a
record each. A missing reading has no position; ``NumberOfMeteringIntervall`` then tells that one is missing. The
sender is the operator whom the first eight characters of a metering point number name.
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
    PointRows,
    civil_days,
    name_points,
    word_of_quality,
)
from backend.errors import InputError
from backend.metering import Quality
from backend.metering.points import CONSUMPTION
from backend.quantities import format_kilowatt_hours

if TYPE_CHECKING:
    from backend.metering import ReadingTable

__all__ = ["WRITER"]

_RECORD = f"{NAMESPACE}01p41"
_TYPES = "http://www.ebutilities.at/schemata/customerprocesses/common/types/01p20"
_INTERVALS = {15: "QH", 60: "H"}
_CODES = {True: "1-1:1.9.0 G.01", False: "1-1:2.9.0 G.01"}
_UNSAFE = re.compile(r"[^A-Za-z0-9-]")
_OPERATOR_LENGTH = 8
_RECEIVER = "EP000000"  # nobody: a record that is written here is not sent by the exchange
_WORDS = {Quality.MEASURED: "L1", Quality.EDITED: "L2", Quality.ESTIMATED: "L3"}


def _write(table: ReadingTable, stream: BinaryIO, options: WriteOptions) -> None:
    if table.resolution_minutes not in _INTERVALS:
        raise InputError(
            f"a ConsumptionRecord has quarter-hours or hours, not {table.resolution_minutes} minutes; resample first."
        )
    points = name_points(table, options.name)
    if len(points) == 1:
        for number, parts in points.items():
            _write_record(table, number, parts, stream, options)
        return
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, (number, parts) in enumerate(points.items()):
            name = f"{place:05d}-{_UNSAFE.sub('_', number)}.xml"
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w") as entry:
                _write_record(table, number, parts, cast("BinaryIO", entry), options)


def _write_record(
    table: ReadingTable, number: str, parts: list[PointRows], stream: BinaryIO, options: WriteOptions
) -> None:
    """The record of one metering point number, a civil day at a time."""
    from lxml import etree

    zone = ZoneInfo(options.time_zone)
    created = datetime.fromtimestamp(options.created_utc, UTC)
    sender = number[:_OPERATOR_LENGTH]
    message = f"{_UNSAFE.sub('', sender)}{created:%Y%m%d%H%M%S}{sha256(number.encode()).hexdigest()[:8]}"
    with etree.xmlfile(stream, encoding="utf-8") as xml:
        xml.write_declaration()
        root = xml.element(f"{{{_RECORD}}}ConsumptionRecord", nsmap={"ns0": _RECORD, "ns1": _TYPES})
        with root:
            _write_directory(xml, sender, created)
            with xml.element(f"{{{_RECORD}}}ProcessDirectory"):
                _write_text(xml, _TYPES, "MessageId", message)
                _write_text(xml, _TYPES, "ConversationId", message)
                _write_text(xml, _TYPES, "ProcessDate", created.astimezone(zone).date().isoformat())
                _write_text(xml, _TYPES, "MeteringPoint", number)
                for part in parts:
                    for day in civil_days(table.start_utc[part.rows], zone):
                        _write_energy(xml, table, _Day(part, day, _INTERVALS[table.resolution_minutes], zone))


@dataclass(frozen=True, slots=True)
class _Day:
    part: PointRows
    rows: slice
    interval: str
    zone: ZoneInfo


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
    rows = day.part.rows[day.rows]
    seconds = table.resolution_minutes * 60
    first, until = int(table.start_utc[rows[0]]), int(table.start_utc[rows[-1]]) + seconds
    with xml.element(f"{{{_RECORD}}}Energy"):
        _write_text(xml, _RECORD, "MeteringReason", "00")
        _write_text(xml, _RECORD, "MeteringPeriodStart", _show(first, day.zone))
        _write_text(xml, _RECORD, "MeteringPeriodEnd", _show(until, day.zone))
        _write_text(xml, _RECORD, "MeteringIntervall", day.interval)
        _write_text(xml, _RECORD, "NumberOfMeteringIntervall", str((until - first) // seconds))
        code = _CODES[day.part.direction == CONSUMPTION]
        with xml.element(f"{{{_RECORD}}}EnergyData", {"MeterCode": code, "UOM": "KWH"}):
            for row in rows[table.quality[rows] != Quality.MISSING].tolist():
                with _position(xml):
                    start = int(table.start_utc[row])
                    _write_text(xml, _RECORD, "DTF", _show(start, day.zone))
                    _write_text(xml, _RECORD, "DTT", _show(start + seconds, day.zone))
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


def _show(instant: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(instant, zone).isoformat()


WRITER = MeterFileWriter(
    name="eda",
    title="ConsumptionRecord XML (ebUtilities 01.41), a zip archive of records where there are several numbers",
    suffixes=(),
    write=_write,
)
