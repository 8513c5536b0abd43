"""Dictionaries of an Arrow stream: what they leave empty and what they repeat is looked at before it is believed."""

import pyarrow as pa
import pytest

from backend.adapters.meter_files.bodies import ROWS_MAX, read_body
from backend.errors import InputError, ReadingsError

STARTS = ["2024-05-01T00:00:00Z", "2024-05-01T01:00:00Z"]
PLAIN = {"metering_point": ["m", "m"], "start": STARTS, "energy_kwh": ["1", "2"]}


def stream(*tables):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, tables[0].schema) as writer:
        for table in tables:
            writer.write_table(table)
    return sink.getvalue().to_pybytes()


def read(*tables):
    return read_body(
        stream(*tables),
        "application/vnd.apache.arrow.stream",
        known_points=frozenset({"m", "n"}),
        resolution_minutes=60,
    )[0]


def coded(*values):
    return pa.array([*range(len(values))], pa.int8()), pa.array(values)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("metering_point", "m"),
        ("start", STARTS[0]),
        ("resolution_minutes", 60),
        ("quality", "measured"),
        ("source_quality", "L1"),
    ],
)
def test_an_empty_value_in_a_dictionary_is_an_empty_value(name, value):
    column = pa.DictionaryArray.from_arrays(*coded(value, None))
    with pytest.raises(ReadingsError, match=f'column "{name}" has empty values'):
        read(pa.table({**PLAIN, name: column}))


def test_an_energy_that_a_dictionary_leaves_empty_is_empty():
    column = pa.DictionaryArray.from_arrays(*coded("1", None))
    with pytest.raises(ReadingsError, match="line 2: the energy is empty"):
        read(pa.table({**PLAIN, "energy_kwh": column}))


def test_a_long_text_that_a_dictionary_repeats_is_refused_before_it_is_written_out():
    rows = 50_000  # a gigabyte, out of a fifth of a megabyte
    codes = pa.array([0] * rows, pa.int8())
    texts = {name: pa.DictionaryArray.from_arrays(codes, pa.array(["x" * 20_000])) for name in PLAIN}
    with pytest.raises(ReadingsError, match="longer than 200 bytes"):
        read(pa.table(texts))


def test_more_rows_than_are_taken_are_refused_before_they_are_written_out():
    codes = pa.array([0] * (ROWS_MAX + 2), pa.int8())
    texts = {
        name: pa.DictionaryArray.from_arrays(codes, pa.array(values[:1])) for name, values in PLAIN.items()
    }
    with pytest.raises(InputError, match="send them in parts"):
        read(pa.table(texts))


def test_batches_with_dictionaries_of_their_own_are_read():
    tables = [
        pa.table({**PLAIN, "metering_point": pa.DictionaryArray.from_arrays(*coded(*names))})
        for names in (("m", "n"), ("n", "m"))
    ]
    tables[1] = tables[1].set_column(
        1, "start", pa.array([start.replace("-01T", "-02T") for start in STARTS])
    )
    table = read(*tables)
    assert [table.metering_points[place] for place in table.point.tolist()] == ["m", "m", "n", "n"]
