"""Files of sharing coefficients in and out, as the commands ask for them."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from backend.errors import InputError
from backend.quantities import PeriodCalendar

if TYPE_CHECKING:
    from collections.abc import Collection

    from backend.bootstrap.wiring import Wiring
    from backend.ports.point_files import PointFileReader, PointRows
    from backend.quantities import SettlementPeriod

__all__ = ["COEFFICIENT_FORMATS", "coefficients_reader", "write_coefficients"]

COEFFICIENT_FORMATS = ("auto", "csv", "cau")
_HEAD_BYTES = 4096
_GZIP = b"\x1f\x8b"


def coefficients_reader(
    wiring: Wiring, community: str, period: SettlementPeriod, file_format: str = "auto"
) -> PointFileReader:
    """Reads files of a period's coefficients.

    Args:
        wiring: Of the home.
        community: Its id.
        period: What a year's file is cut to.
        file_format: ``csv``, ``cau``, or ``auto`` to tell them apart by their first line.

    Raises:
        InputError: If there is no such format.
    """
    if file_format not in COEFFICIENT_FORMATS:
        known = ", ".join(COEFFICIENT_FORMATS)
        raise InputError(f"there is no format {file_format!r} of coefficients; use one of {known}.")

    def read(path: Path, *, known_points: Collection[str]) -> PointRows:
        from backend.adapters.meter_files.cau_files import is_cau, read_cau_coefficients

        if file_format == "csv" or (file_format == "auto" and not is_cau(_head(path))):
            return wiring.read_coefficients(path, known_points=known_points)
        members = wiring.context.community(community).community
        calendar = PeriodCalendar(period, members.time_zone, members.resolution_minutes)
        return read_cau_coefficients(path, points=members.metering_points, calendar=calendar)

    return read


def write_coefficients(wiring: Wiring, community: str, year: int, out: Path, code: str = "CAU") -> Path:
    """Write the coefficients in force in a year as a CAU text file, whole or not at all.

    Args:
        wiring: Of the home.
        community: Its id.
        year: Civil year.
        out: The file, or a folder for a file of the name that the annex asks for.
        code: Of the installation, for that name.

    Returns:
        The file.

    Raises:
        SharingKeyError: If there are no such coefficients.
        PeriodError: If no rule covers a month of the year, or its coefficients were not handed in.
    """
    from backend.adapters.durable_files import write_durably
    from backend.adapters.meter_files.cau_files import write_cau_coefficients
    from backend.services.coefficients_in_force import coefficients_in_force

    if not (code.isascii() and code.isalnum()):
        raise InputError(f"{code!r} is no code of an installation (CAU); it has letters and digits only.")
    coefficients = coefficients_in_force(wiring.context, community, year)
    file = out / f"{code}_{year}.txt" if out.is_dir() else out
    write_durably(file, write_cau_coefficients(coefficients))
    return file


def _head(path: Path) -> bytes:
    """The first bytes, decompressed; nothing where they cannot be read, which the reader then tells."""
    try:
        with path.open("rb") as raw:
            head = raw.read(_HEAD_BYTES)
            if not head.startswith(_GZIP):
                return head
            raw.seek(0)
            with gzip.open(raw) as unpacked:
                return unpacked.read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""
