"""An Arrow IPC stream that a stranger sent: its shape is looked at before anything of it is believed."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from backend.adapters.meter_files.arrow_messages import names_compression
from backend.adapters.meter_files.bodies import require_count

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["read_arrow_columns"]

_ENERGY = "energy_kwh"
_WHOLE_ENERGY = "energy_milliwatt_hours"
_MESSAGES_MAX = 10_000
_TEXT_BYTES_MAX = 200  # in a dictionary


def read_arrow_columns(body: bytes, faults: FaultCollector, step: int) -> dict[str, Any] | None:
    """Columns of texts, as the generic form has them; None after noting what is wrong.

    Args:
        body: The stream.
        faults: Takes what is found.
        step: Of readings that do not say theirs. [min]
    """
    try:
        if _is_compressed(body):
            faults.refuse(
                "arrow", "buffers are compressed; send them as they are, the transport may compress."
            )
            return None
        with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
            if not _fits(stream.schema, faults):
                return None
            table = stream.read_all()
        table.validate(full=True)
        require_count(table.num_rows)
        if not _is_short(table, faults):
            return None
        plain = pa.table({name: _plain(table[name]) for name in table.column_names})
        return None if not _has_rows(plain, faults) else _texts_of(plain, step)
    except (pa.ArrowException, ValueError, OSError, struct.error) as error:
        first = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        faults.refuse("arrow", f"the Arrow stream cannot be read: {first}.")
        return None


def _has_rows(table: Any, faults: FaultCollector) -> bool:
    if not table.num_rows:
        faults.refuse("no-readings", "there is no reading in it.")
        return False
    energy = _ENERGY if _ENERGY in table.column_names else _WHOLE_ENERGY
    for name in table.column_names:
        if table[name].null_count and name != energy:
            faults.refuse("columns", f'column "{name}" has empty values; fill them in.', value=name)
            return False
    return True


def _is_short(table: Any, faults: FaultCollector) -> bool:
    """Can dictionaries be written out? One text that many rows point to would fill the memory."""
    for name in table.column_names:
        for chunk in table[name].chunks:
            if not pa.types.is_dictionary(chunk.type) or not _is_text(chunk.type.value_type):
                continue
            if (pc.max(pc.binary_length(chunk.dictionary)).as_py() or 0) > _TEXT_BYTES_MAX:
                told = f'column "{name}" has a text that is longer than {_TEXT_BYTES_MAX} bytes.'
                faults.refuse("columns", told, value=name)
                return False
    return True


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_compressed(body: bytes) -> bool:
    """Does any batch of the stream have compressed buffers? Their sizes are the sender's word.

    Raises:
        ValueError: If there are more messages than a body can sensibly have.
    """
    messages = pa.ipc.MessageReader.open_stream(pa.BufferReader(body))
    for _ in range(_MESSAGES_MAX):
        try:
            message = messages.read_next_message()
        except StopIteration:
            return False
        if message.type in {"record batch", "dictionary"} and names_compression(message):
            return True
    raise ValueError(f"more than {_MESSAGES_MAX} messages")


def _fits(schema: Any, faults: FaultCollector) -> bool:
    """Are these the columns, of types that can be read exactly?"""
    sound = True
    energies = {_ENERGY, _WHOLE_ENERGY}
    known = {"metering_point", "direction", "start", "resolution_minutes", "quality", "source_quality"}
    known |= energies
    names = schema.names
    for name in dict.fromkeys(names):
        if name not in known or names.count(name) > 1:
            why = "is there more than once" if name in known else "is none of this form"
            faults.refuse("columns", f'column "{name[:60]}" {why}.', value=name[:60])
            sound = False
    for name in ("metering_point", "start"):
        if name not in names:
            faults.refuse("columns", f'column "{name}" is missing.', value=name)
            sound = False
    if len(energies & set(names)) != 1:
        faults.refuse("columns", f"give either {_ENERGY} or {_WHOLE_ENERGY}.")
        sound = False
    return sound and _are_readable(schema, faults)


def _are_readable(schema: Any, faults: FaultCollector) -> bool:
    readable = [_is_readable(field, faults) for field in schema]  # each is told, not the first alone
    return all(readable)


def _is_readable(field: Any, faults: FaultCollector) -> bool:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    text = _is_text(kind)
    zoned = pa.types.is_timestamp(kind) and kind.tz is not None
    whole = pa.types.is_integer(kind)
    exact = text or pa.types.is_decimal128(kind)
    due, good = {
        "start": ("text or a timestamp with a time zone", text or zoned),
        "resolution_minutes": ("a whole number", whole or text),
        _ENERGY: ("text or a decimal, for floats do not hold it exactly", exact),
        _WHOLE_ENERGY: ("a whole number", whole),
    }.get(field.name, ("text", text))
    if not good:
        faults.refuse(
            "columns", f'column "{field.name}" is {str(field.type)[:60]}; make it {due}.', value=field.name
        )
    return bool(good)


def _texts_of(table: Any, step: int) -> dict[str, Any]:
    rows = table.num_rows
    start = _plain(table["start"])
    if pa.types.is_timestamp(start.type):
        if not pc.all(
            pc.equal(pc.cast(pc.cast(start, pa.timestamp("s", "UTC"), safe=False), start.type), start)
        ).as_py():
            raise ValueError("start has fractions of a second; intervals start on whole minutes")
        start = pc.strftime(pc.cast(start, pa.timestamp("s", "UTC"), safe=False), format="%Y-%m-%dT%H:%M:%SZ")
    names = table.column_names
    minutes = _plain(table["resolution_minutes"]) if "resolution_minutes" in names else None
    quality = _plain(table["quality"]) if "quality" in names else None
    energy = _plain(table[_ENERGY if _ENERGY in names else _WHOLE_ENERGY])
    if _WHOLE_ENERGY in names:
        energy = _as_kilowatt_hours(energy.cast(pa.int64()))
    return {
        "metering_point": _plain(table["metering_point"]).cast(pa.string()),
        "start": start.cast(pa.string()),
        "step": _repeat(str(step), rows) if minutes is None else minutes.cast(pa.string()),
        "quality": _repeat("measured", rows) if quality is None else quality.cast(pa.string()),
        "energy": pc.fill_null(energy.cast(pa.string()), ""),
        "source": _plain(table["source_quality"]).cast(pa.string()) if "source_quality" in names else None,
        "direction": _plain(table["direction"]).cast(pa.string()) if "direction" in names else None,
    }


def _as_kilowatt_hours(energy: Any) -> Any:
    """Whole milliwatt-hours as text of kilowatt-hours."""
    whole = pc.divide(energy, 1_000_000)
    rest = pc.abs_checked(pc.subtract(energy, pc.multiply(whole, 1_000_000)))
    sign = pc.if_else(pc.less(energy, 0), "-", "")
    return pc.binary_join_element_wise(
        pc.binary_join_element_wise(sign, pc.abs_checked(whole).cast(pa.string()), ""),
        pc.utf8_lpad(rest.cast(pa.string()), width=6, padding="0"),
        ".",
    )


def _repeat(word: str, rows: int) -> Any:
    return pa.array([word], pa.string()).take(pa.array([0] * rows, pa.int64()))


def _plain(column: Any) -> Any:
    """A column in one piece, dictionaries resolved."""
    combined = column.combine_chunks()
    array = combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
