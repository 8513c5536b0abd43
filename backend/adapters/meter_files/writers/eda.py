"""Writes ConsumptionRecord XML, schema 01.41, as Austrian grid operators send it (ebUtilities, process CR_MSG).

A record is of one metering point number, so a table becomes a record per number. A missing reading has no position:
``NumberOfMeteringIntervall`` then tells that one is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO
from zoneinfo import ZoneInfo

from backend.adapters.meter_files.formats.eda import METERING_METHODS, NAMESPACE
from backend.adapters.meter_files.writers.point_names import (
    PointRows,
    civil_days,
    name_points,
    word_of_quality,
)
from backend.errors import InputError, NotFoundError
from backend.metering import Quality
from backend.metering.points import CONSUMPTION
from backend.quantities import format_kilowatt_hours

if TYPE_CHECKING:
    from backend.metering import ReadingTable

__all__ = ["RecordHeader", "numbers_of", "write_record"]

_RECORD = f"{NAMESPACE}01p41"
_TYPES = "http://www.ebutilities.at/schemata/customerprocesses/common/types/01p20"
_INTERVALS = {15: "QH", 60: "H"}
_CODES = {True: "1-1:1.9.0 G.01", False: "1-1:2.9.0 G.01"}
_WORDS = {Quality.MEASURED: "L1", Quality.EDITED: "L2", Quality.ESTIMATED: "L3"}


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """Who sends a record to whom.

    Attributes:
        sender: Operator's number (AT and six digits).
        receiver: Market participant's number.
        message_id: Made by the sender, once for each record.
        conversation_id: Of the process that the record belongs to.
        created_utc: When. [s since 1970, UTC]
    """

    sender: str
    receiver: str
    message_id: str
    conversation_id: str
    created_utc: int


def numbers_of(table: ReadingTable, names: Mapping[str, tuple[str, int]] | None = None) -> list[str]:
    """The metering point numbers of a table, each of which takes a record of its own."""
    return list(name_points(table, names))


def write_record(
    table: ReadingTable,
    number: str,
    out: BinaryIO,
    header: RecordHeader,
    *,
    names: Mapping[str, tuple[str, int]] | None = None,
    time_zone: str = "Europe/Vienna",
) -> None:
    """Write the record of one metering point number, a civil day at a time.

    Args:
        table: Quarter-hours or hours.
        number: One of ``numbers_of``.
        out: Takes the XML, UTF-8; it is not closed.
        header: Of the message.
        names: Number and direction of each id, see ``name_points``.
        time_zone: Whose days and offsets the record has.

    Raises:
        InputError: If the form has no such step, or a number cannot be written.
        NotFoundError: If the table has no such number.
    """
    from lxml import etree

    interval = _INTERVALS.get(table.resolution_minutes)
    if interval is None:
        minutes = table.resolution_minutes
        raise InputError(
            f"a ConsumptionRecord has quarter-hours or hours, not {minutes} minutes; resample first."
        )
    parts = name_points(table, names).get(number)
    if parts is None:
        raise NotFoundError(
            f"the table has no readings of {number}; it has {', '.join(numbers_of(table, names))}."
        )
    zone = ZoneInfo(time_zone)
    with etree.xmlfile(out, encoding="utf-8") as xml:
        xml.write_declaration()
        root = xml.element(f"{{{_RECORD}}}ConsumptionRecord", nsmap={"ns0": _RECORD, "ns1": _TYPES})
        with root:
            _write_directory(xml, header)
            with xml.element(f"{{{_RECORD}}}ProcessDirectory"):
                _write_text(xml, _TYPES, "MessageId", header.message_id)
                _write_text(xml, _TYPES, "ConversationId", header.conversation_id)
                date = datetime.fromtimestamp(header.created_utc, zone).date()
                _write_text(xml, _TYPES, "ProcessDate", date.isoformat())
                _write_text(xml, _TYPES, "MeteringPoint", number)
                for part in parts:
                    for day in civil_days(table.start_utc[part.rows], zone):
                        _write_energy(xml, table, _Day(part, day, interval, zone))


@dataclass(frozen=True, slots=True)
class _Day:
    part: PointRows
    rows: slice
    interval: str
    zone: ZoneInfo


def _write_directory(xml: Any, header: RecordHeader) -> None:
    attributes = {"DocumentMode": "PROD", "Duplicate": "false", "SchemaVersion": "01.41"}
    with xml.element(f"{{{_RECORD}}}MarketParticipantDirectory", attributes):
        with xml.element(f"{{{_TYPES}}}RoutingHeader"):
            for role, address in (("Sender", header.sender), ("Receiver", header.receiver)):
                with xml.element(f"{{{_TYPES}}}{role}", {"AddressType": "ECNumber"}):
                    _write_text(xml, _TYPES, "MessageAddress", address)
            created = datetime.fromtimestamp(header.created_utc, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            _write_text(xml, _TYPES, "DocumentCreationDateTime", created)
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
