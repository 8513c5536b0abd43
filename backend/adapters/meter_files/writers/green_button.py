"""Writes Green Button: an Atom feed of ESPI resources (NAESB REQ.21), as utilities export it.

A UsagePoint per metering point number; per direction of it a MeterReading, its ReadingType (Wh by 10^-3, that is whole
milliwatt-hours) and an IntervalBlock per day of UTC. A missing reading has no value.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote
from zoneinfo import ZoneInfo

from backend.adapters.meter_files.formats.espi import QUALITIES
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

if TYPE_CHECKING:
    from backend.metering import ReadingTable

__all__ = ["WRITER"]

_ATOM = "http://www.w3.org/2005/Atom"
_ESPI = "http://naesb.org/espi"
_BASE = "/espi/1_1/resource/Subscription/1/UsagePoint"
_TYPES_BASE = "/espi/1_1/resource/ReadingType"
_FLOWS = {True: "1", False: "19"}
_WORDS = {Quality.MEASURED: "", Quality.EDITED: "7", Quality.ESTIMATED: "8", Quality.MISSING: ""}
_VALUE_MAX = 2**47  # Int48 of the schema
_IDS = uuid.uuid5(uuid.NAMESPACE_URL, _ESPI)


def _write(table: ReadingTable, stream: BinaryIO, options: WriteOptions) -> None:
    from lxml import etree

    points = name_points(table, options.name)
    if len(table) and int(table.energy.max()) > _VALUE_MAX:
        raise InputError(
            f"{int(table.energy.max())} mWh in an interval is beyond the 48 bits of an ESPI value."
        )
    updated = datetime.fromtimestamp(options.created_utc, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with etree.xmlfile(stream, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM}):
            feed = _Feed(xml, updated)
            feed.write_heading(_BASE, "Subscription")
            for number, parts in points.items():
                feed.write_usage_point(f"{_BASE}/{quote(number, safe='')}")
                for part in parts:
                    feed.write_meter_reading(table, part)


class _Feed:
    """A feed as it is written."""

    def __init__(self, xml: Any, updated: str) -> None:
        self._xml = xml
        self._updated = updated
        self._written: set[str] = set()

    def write_heading(self, address: str, title: str) -> None:
        """Id, link to itself, title and time, which the feed and each entry have."""
        self._text(_ATOM, "id", f"urn:uuid:{uuid.uuid5(_IDS, address)}")
        self._link("self", address, title)
        self._text(_ATOM, "title", title)
        self._text(_ATOM, "updated", self._updated)

    def write_usage_point(self, address: str) -> None:
        """A metering point."""
        with self._xml.element(f"{{{_ATOM}}}entry"):
            self.write_heading(address, "UsagePoint")
            self._link("related", f"{address}/MeterReading", "MeterReading")
            with self._xml.element(f"{{{_ATOM}}}content", {"type": "atom+xml"}):
                self._resource("UsagePoint", {"ServiceCategory": {"kind": "0"}})

    def write_meter_reading(self, table: ReadingTable, part: PointRows) -> None:
        """A direction of a metering point, with its type and its readings."""
        flow = _FLOWS[part.direction == CONSUMPTION]
        point = f"{_BASE}/{quote(part.external_id, safe='')}"
        address, kind = f"{point}/MeterReading/{flow}", f"{_TYPES_BASE}/{flow}-{table.resolution_minutes}"
        with self._xml.element(f"{{{_ATOM}}}entry"):
            self.write_heading(address, "MeterReading")
            self._link("up", f"{point}/MeterReading", "MeterReading")
            self._link("related", f"{address}/IntervalBlock", "IntervalBlock")
            self._link("related", kind, "ReadingType")
            with self._xml.element(f"{{{_ATOM}}}content", {"type": "atom+xml"}):
                self._resource("MeterReading", {})
        if kind not in self._written:
            self._written.add(kind)
            with self._xml.element(f"{{{_ATOM}}}entry"):
                self.write_heading(kind, "ReadingType")
                with self._xml.element(f"{{{_ATOM}}}content", {"type": "atom+xml"}):
                    self._resource("ReadingType", _reading_type(flow, table.resolution_minutes))
        for number, day in enumerate(civil_days(table.start_utc[part.rows], ZoneInfo("UTC"))):
            with self._xml.element(f"{{{_ATOM}}}entry"):
                self.write_heading(f"{address}/IntervalBlock/{number}", "IntervalBlock")
                self._link("up", f"{address}/IntervalBlock", "IntervalBlock")
                with self._xml.element(f"{{{_ATOM}}}content", {"type": "atom+xml"}):
                    self._write_block(table, part.rows[day].tolist())

    def _write_block(self, table: ReadingTable, rows: list[int]) -> None:
        seconds = table.resolution_minutes * 60
        first, until = int(table.start_utc[rows[0]]), int(table.start_utc[rows[-1]]) + seconds
        with self._xml.element(f"{{{_ESPI}}}IntervalBlock", nsmap={None: _ESPI}):
            self._fields({"interval": {"duration": str(until - first), "start": str(first)}})
            for row in rows:
                word = word_of_quality(table, row, QUALITIES, _WORDS)
                fields: dict[str, Any] = {"ReadingQuality": {"quality": word}} if word else {}
                fields["timePeriod"] = {"duration": str(seconds), "start": str(int(table.start_utc[row]))}
                if table.quality[row] != Quality.MISSING:
                    fields["value"] = str(int(table.energy[row]))
                self._fields({"IntervalReading": fields})
                self._xml.write("\n")

    def _resource(self, name: str, fields: Mapping[str, Any]) -> None:
        with self._xml.element(f"{{{_ESPI}}}{name}", nsmap={None: _ESPI}):
            self._fields(fields)

    def _fields(self, fields: Mapping[str, Any]) -> None:
        for name, value in fields.items():
            if isinstance(value, str):
                self._text(_ESPI, name, value)
            else:
                with self._xml.element(f"{{{_ESPI}}}{name}"):
                    self._fields(value)

    def _link(self, rel: str, address: str, resource: str) -> None:
        kind = "entry" if rel == "self" else "feed"
        attributes = {"rel": rel, "href": address, "type": f"espi-{kind}/{resource}"}
        with self._xml.element(f"{{{_ATOM}}}link", attributes):
            pass

    def _text(self, namespace: str, name: str, text: str) -> None:
        with self._xml.element(f"{{{namespace}}}{name}"):
            self._xml.write(text)


def _reading_type(flow: str, resolution_minutes: int) -> dict[str, str]:
    """Elements in the schema's order: energy as deltas, in Wh · 10^-3."""
    return {
        "accumulationBehaviour": "4",
        "commodity": "1",
        "flowDirection": flow,
        "intervalLength": str(resolution_minutes * 60),
        "kind": "12",
        "phase": "0",
        "powerOfTenMultiplier": "-3",
        "uom": "72",
    }


WRITER = MeterFileWriter(
    name="green-button",
    title="Green Button Atom feed of ESPI resources (NAESB)",
    suffixes=(),
    write=_write,
)
