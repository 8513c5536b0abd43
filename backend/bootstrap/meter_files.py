"""Meter files in any format, and readings written in any form."""

from __future__ import annotations

import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

from backend.errors import InputError
from backend.metering.points import CONSUMPTION, FEED_IN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from backend.adapters.meter_files.reading import MeterFiles
    from backend.services.convert_readings import ConvertedReadings

__all__ = ["convert_files", "how_read", "list_formats", "meter_files"]

_DIRECTIONS = {"consumption": CONSUMPTION, "feed-in": FEED_IN}


def meter_files(
    file_format: str = "auto",
    *,
    time_zone: str = "",
    resolution_minutes: int | None = None,
    metering_point: str = "",
    direction: str = "",
    mapping: Path | str | None = None,
) -> MeterFiles:
    """What reads meter files.

    Args:
        file_format: A format's name, or ``auto``: by content.
        time_zone: Of stamps without offset, IANA name; empty where nobody said.
        resolution_minutes: Step of readings whose file does not say it. [min]
        metering_point: Whose readings a file is that names nobody.
        direction: ``consumption`` or ``feed-in``, of a file that does not say it; empty where nobody said.
        mapping: How a table's columns map to ours, TOML or JSON: a file, or the text itself.

    Raises:
        InputError: If there is no such format, time zone or direction, or the mapping cannot be used.
        NotFoundError: If the mapping is not there.
    """
    from backend.adapters.meter_files.detection import find_format
    from backend.adapters.meter_files.formats import ReadOptions
    from backend.adapters.meter_files.reading import AUTO, MeterFiles

    if file_format != AUTO:
        find_format(file_format)
    if resolution_minutes is not None and (not 1 <= resolution_minutes <= 60 or 60 % resolution_minutes):  # noqa: PLR2004 -- minutes of an hour
        raise InputError(
            f"a step of {resolution_minutes} minutes does not divide the hour; use 5, 15, 30 or 60."
        )
    if direction and direction not in _DIRECTIONS:
        raise InputError(f'direction "{direction}" is neither "consumption" nor "feed-in".')
    options = ReadOptions(
        direction=_DIRECTIONS[direction] if direction else None,
        time_zone=_known_zone(time_zone) if time_zone else None,
        resolution_minutes=resolution_minutes,
        metering_point=metering_point,
        mapping=_read_mapping(mapping) if mapping else None,
    )
    return MeterFiles(file_format, options)


def how_read(reader: MeterFiles) -> bytes:
    """What distinguishes a reading of files from that with no options at all, which is empty."""
    options = reader.options
    told: dict[str, Any] = {
        "format": "" if reader.file_format == "auto" else reader.file_format,
        "time_zone": options.time_zone or "",
        "resolution": options.resolution_minutes or 0,
        "metering_point": options.metering_point,
        "direction": "" if options.direction is None else f"{options.direction}",
        "mapping": options.mapping or {},
    }
    if not any(told.values()):
        return b""
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).digest()


def convert_files(
    files: Sequence[Path],
    out: Path,
    reader: MeterFiles | None = None,
    *,
    form: str = "",
    source_quality: bool = False,
    resolution_minutes: int | None = None,
) -> ConvertedReadings:
    """Convert meter files to one file of readings, written whole or not at all.

    Args:
        files: At least one.
        out: The file; its suffix says the form where ``form`` does not.
        reader: Reads one; any format by its content without.
        form: ``csv``, ``parquet``, ``arrow``, ... as ``list_formats`` names them.
        source_quality: Write the sources' own words for qualities where the form leaves that open.
        resolution_minutes: Step that readings are brought to; None for the files' own. [min]

    Raises:
        ReadingsError: With a finding per fault.
        InputError: If there is no such form, or it cannot carry these readings.
    """
    from backend.adapters.clock import SystemClock
    from backend.adapters.durable_files import write_durably
    from backend.adapters.meter_files.writers import WriteOptions, find_writer
    from backend.services.convert_readings import convert_readings

    writer = find_writer(form, out.name)
    reader = reader or meter_files()
    options = WriteOptions(
        time_zone=reader.options.time_zone or "UTC",
        source_quality=source_quality,
        created_utc=SystemClock().now_utc(),
    )

    def write(path: Path, table: Any) -> None:
        buffer = io.BytesIO()
        writer.write(table, buffer, options)
        write_durably(path, buffer.getbuffer())

    return convert_readings(
        files, out, read_file=reader, write_file=write, resolution_minutes=resolution_minutes
    )


def list_formats() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Names and titles of the formats that are read, and of the forms that are written."""
    from backend.adapters.meter_files.formats import all_formats
    from backend.adapters.meter_files.writers import all_writers

    return (
        sorted((one.name, one.title) for one in all_formats()),
        sorted((one.name, one.title) for one in all_writers()),
    )


def _known_zone(name: str) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f'there is no time zone "{name[:60]}"; write it like Europe/Paris.') from None
    return name


def _read_mapping(mapping: Path | str) -> dict[str, object]:
    """What a mapping says; what is wrong with it is said before any file is opened."""
    from backend.adapters.meter_files.mapping import read_mapping

    if isinstance(mapping, str):
        name, text = "the mapping", mapping
    else:
        from backend.bootstrap.files import read_text

        name, text = mapping.name, read_text(mapping, what="mapping")
    content = _parse_mapping(text, name)
    read_mapping(content, name)
    return content


def _parse_mapping(text: str, name: str) -> dict[str, object]:
    if not text.lstrip().startswith("{"):
        import tomllib

        try:
            return tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise InputError(f"{name} is not TOML: {str(error)[:200]}.") from None
    try:
        return dict(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is not JSON: {str(error)[:200]}.") from None
