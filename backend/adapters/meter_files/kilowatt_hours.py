"""Columns of decimal kilowatt-hours read to whole milliwatt-hours and written back, all rows at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backend.errors import InputError
from backend.quantities import MILLIWATT_HOURS_PER_KILOWATT_HOUR, parse_kilowatt_hours
from backend.quantities.energy import MILLIWATT_HOURS_MAX

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["explain_energy", "format_energy_column", "parse_energy_column"]

_FAST_LENGTH_MAX = 18  # so many digits fit 64 bits
_DECIMALS = 6
_POWERS = 10 ** np.arange(_FAST_LENGTH_MAX + 1, dtype=np.int64)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


def parse_energy_column(column: Any) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Read energies, rounding half away from zero to a milliwatt-hour.

    Args:
        column: A pyarrow string array without nulls. [kWh]

    Returns:
        Energies [mWh], which texts are empty, and which are no energy (0 in both cases).
    """
    offsets, data = _buffers_of(column)
    length = np.diff(offsets)
    mantissa, decimals, plain = _read_digits(offsets[:-1], data, length)
    energy, fits = _scale(mantissa, decimals)
    done = plain & fits
    energy[~done] = 0
    empty = length == 0
    bad = np.zeros(len(length), dtype=np.bool_)
    for row in np.flatnonzero(~done & ~empty).tolist():
        try:
            energy[row] = _parse_exactly(column[row].as_py())
        except InputError:
            bad[row] = True
    return energy, empty, bad


def format_energy_column(energy: NDArray[np.int64]) -> Any:
    """Energies as kilowatt-hours with six decimals.

    Args:
        energy: At least zero. [mWh]

    Returns:
        A pyarrow string array. [kWh]
    """
    whole, rest = np.divmod(energy, MILLIWATT_HOURS_PER_KILOWATT_HOUR)
    fraction = pc.utf8_lpad(pa.array(rest).cast(pa.string()), width=_DECIMALS, padding="0")
    return pc.binary_join_element_wise(pa.array(whole).cast(pa.string()), fraction, ".")


def explain_energy(text: str) -> str:
    """Why a text is no energy."""
    try:
        _parse_exactly(text)
    except InputError as error:
        return str(error)
    raise AssertionError(text)


def _parse_exactly(text: str) -> int:
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        if stripped.lower().lstrip("+-") in ("nan", "inf", "infinity"):
            raise InputError(
                f"{text} is not a finite energy; leave the field empty where a reading is missing."
            )
        hint = " Write decimals with a point." if "," in text else ""
        raise InputError(f"{text[:40]!r} is not a number of kilowatt-hours; write it like 0.125.{hint}")
    return parse_kilowatt_hours(stripped)


def _buffers_of(column: Any) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    _, offset_buffer, data_buffer = column.buffers()
    offsets = np.frombuffer(offset_buffer, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    data = np.frombuffer(data_buffer, dtype=np.uint8) if data_buffer else np.zeros(0, dtype=np.uint8)
    return offsets.astype(np.int64), data


def _read_digits(
    start: NDArray[np.int64], data: NDArray[np.uint8], length: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Digits as one whole number, how many stand behind the point, and which texts are plain decimals at all."""
    rows = len(start)
    mantissa = np.zeros(rows, dtype=np.int64)
    decimals = np.zeros(rows, dtype=np.int64)
    digits = np.zeros(rows, dtype=np.int64)
    pointed = np.zeros(rows, dtype=np.bool_)
    plain = (length > 0) & (length <= _FAST_LENGTH_MAX)
    longest = int(length[plain].max()) if plain.any() else 0
    for place in range(longest):
        inside = plain & (length > place)
        character = data[np.where(inside, start + place, 0)]
        digit = character - np.uint8(ord("0"))  # wraps for anything below "0"
        is_digit = inside & (digit <= 9)  # noqa: PLR2004 -- decimal digits
        is_point = inside & (character == ord(".")) & ~pointed
        plain &= ~inside | is_digit | is_point
        mantissa = np.where(is_digit, mantissa * 10 + digit, mantissa)
        digits += is_digit
        decimals += is_digit & pointed
        pointed |= is_point
    return mantissa, decimals, plain & (digits > 0)


def _scale(
    mantissa: NDArray[np.int64], decimals: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Milliwatt-hours, and which of them are in range; the rest is left to the exact path."""
    up = _POWERS[np.maximum(_DECIMALS - decimals, 0)]
    down = _POWERS[np.maximum(decimals - _DECIMALS, 0)]
    limit = MILLIWATT_HOURS_MAX // MILLIWATT_HOURS_PER_KILOWATT_HOUR * MILLIWATT_HOURS_PER_KILOWATT_HOUR
    fits = mantissa <= np.where(decimals <= _DECIMALS, limit // up, limit)
    whole, rest = np.divmod(np.where(fits, mantissa, 0) * up, down)
    return whole + ((2 * rest >= down) & (down > 1)), fits
