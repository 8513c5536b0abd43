"""The Netherlands: register reads of Mijn Aansluiting (CIM MarketEvaluationPoint, JSON).

What registers showed, mostly once a day: 1.8.x of consumption, 2.8.x of feed-in (OBIS, IEC 62056-61), each tariff its
own register. They are no interval data and are handed on as reads, against which sums of intervals are checked. A gas
meter beside the electricity meter is told and not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.json_members import MemberCheck, shape
from backend.adapters.meter_files.formats.json_streams import head_has_keys, stream_values
from backend.adapters.meter_files.formats.portal_rows import read_energy, read_stamp, shorten
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import RegisterRead, SeriesName, SourceBlock

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["FORMAT"]

_POINT = "$[*].MarketEvaluationPoint"
_REGISTER = re.compile(r"(?:\d-\d:)?([12])\.8\.\d", re.ASCII)
_DIRECTIONS = {"1": CONSUMPTION, "2": FEED_IN}
_POINT_SHAPE = shape("metering point", ("MRID", "RegisterList"))
_REGISTER_SHAPE = shape("register", ("MRID", "ReadingList"), ("Meter",))
_READING = shape("reading", ("DateAndOrTime", "ReadingType", "Value"), (), ("Quality",))
_METER = shape("meter", ("MRID",))
_PARTS = {
    "ReadingType": shape("reading type", ("Unit",), ("Multiplier",)),
    "DateAndOrTime": shape("moment", ("DateTime",)),
}
_DECADES = {"": 3, "k": 6, "M": 9}  # of multipliers of Wh, to milliwatt-hours


def _recognise(head: bytes) -> bool:
    return head_has_keys(head, "MarketEvaluationPoint", "RegisterList")


def _read(
    file: SourceFile, _options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    points = reads = 0
    members = MemberCheck(faults)
    for node in stream_values(file, faults, (_POINT,)):
        points += 1
        point = node.value
        if isinstance(point, dict) and not members.check(node.path, point, _POINT_SHAPE):
            continue
        if not isinstance(point, dict) or not isinstance(point.get("RegisterList"), list):
            faults.refuse("structure", f"{node.path} has no list of registers.")
            continue
        external = point.get("MRID")
        if not isinstance(external, str) or not external:
            faults.refuse("structure", f"{node.path} names no metering point (MRID).")
            continue
        for index, register in enumerate(point["RegisterList"]):
            path = f"{node.path}.RegisterList[{index}]"
            if isinstance(register, dict) and not members.check(path, register, _REGISTER_SHAPE):
                continue
            for read in _read_register(path, external, register, members, faults):
                reads += 1
                yield read
    if not reads and not faults.refused:
        faults.refuse(
            "no-readings" if not points else "commodity",
            "the document has no metering point."
            if not points
            else "the document has no read of electricity.",
        )


def _read_register(
    path: str, external: str, register: Any, members: MemberCheck, faults: FaultCollector
) -> Iterator[RegisterRead]:
    if not isinstance(register, dict) or not isinstance(register.get("ReadingList"), list):
        faults.refuse("structure", f"{path} has no list of readings.", metering_point=external)
        return
    word = str(register.get("MRID"))
    match = _REGISTER.fullmatch(word)
    if match is None:
        faults.refuse(
            "register",
            f"{path}: register {shorten(word)} is neither consumption (1.8.x) nor feed-in (2.8.x).",
            metering_point=external,
            value=shorten(word),
        )
        return
    meter = register.get("Meter")
    if isinstance(meter, dict) and not members.check(f"{path}.Meter", meter, _METER):
        return
    serial = str(meter.get("MRID") or "") if isinstance(meter, dict) else ""
    series = SeriesName(external, _DIRECTIONS[match.group(1)], word)
    for index, reading in enumerate(register["ReadingList"]):
        place = f"{path}.ReadingList[{index}]"
        if isinstance(reading, dict) and not (
            members.check(place, reading, _READING) and members.check_parts(place, reading, _PARTS)
        ):
            continue
        read = _read_one(place, reading, series, serial)
        if isinstance(read, RegisterRead):
            yield read
        elif read[0] == "commodity":
            faults.warn(*read, metering_point=external)
            return
        else:
            faults.refuse(*read, metering_point=external)


def _read_one(place: str, reading: Any, series: SeriesName, serial: str) -> RegisterRead | tuple[str, str]:
    """The read, or the rule and the reason why it is none."""
    if not isinstance(reading, dict):
        return "structure", f"{place} is no reading."
    kind = reading.get("ReadingType")
    unit = str(kind.get("Unit")) if isinstance(kind, dict) else ""
    multiplier = str(kind.get("Multiplier") or "") if isinstance(kind, dict) else ""
    if unit == "m3":
        return "commodity", f"{place} is in m3: this is a gas meter; only electricity is shared."
    decades = _DECADES.get(multiplier) if unit == "Wh" else None
    if decades is None:
        return "unit", f"{place}: {shorten(multiplier)}{shorten(unit)} is no unit of energy that is read."
    moment = reading.get("DateAndOrTime")
    stamp = read_stamp(moment.get("DateTime") if isinstance(moment, dict) else None)
    if isinstance(stamp, str) or stamp.naive:
        return (
            "instant",
            f"{place}: {stamp if isinstance(stamp, str) else 'the stamp has no offset from UTC.'}",
        )
    value = read_energy(reading.get("Value"), decades)
    if isinstance(value, str):
        return "energy", f"{place}.Value: {value}."
    return RegisterRead(series, stamp.seconds, value, serial, str(reading.get("Quality") or ""))


FORMAT = MeterFormat(
    name="mijn-aansluiting",
    title="Register reads of Mijn Aansluiting (grid operators of the Netherlands)",
    recognise=_recognise,
    read=_read,
)
