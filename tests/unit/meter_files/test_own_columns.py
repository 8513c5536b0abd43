"""Dictionaries in our Arrow files: columns that are none, and values that are left empty in them."""

from typing import Any

import pyarrow as pa
import pytest

from backend.adapters.meter_files.arrow_tables import COLUMNS
from backend.bootstrap.meter_files import meter_files
from backend.errors import ReadingsError

ROWS: dict[str, list[Any]] = {
    "metering_point": ["m", "m"],
    "start": [1_714_521_600, 1_714_525_200],
    "resolution_minutes": [60, 60],
    "energy_milliwatt_hours": [1, 2],
    "quality": ["measured", "measured"],
}


def written(path, **columns):
    made = {name: pa.array(values, COLUMNS[name]) for name, values in ROWS.items()} | columns
    table = pa.table(made)
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)
    return path


def coded(*values, kind=None):
    return pa.DictionaryArray.from_arrays(pa.array([*range(len(values))], pa.int32()), pa.array(values, kind))


def read(path):
    return meter_files()(path, known_points=None, resolution_minutes=60)[0]


def test_the_file_as_it_should_be_is_read(tmp_path):
    assert read(written(tmp_path / "m.arrow")).energy.tolist() == [1, 2]


def test_instants_in_a_dictionary_are_refused_in_words(tmp_path):
    column = coded(*ROWS["start"], kind=COLUMNS["start"])
    with pytest.raises(ReadingsError, match="make it a timestamp with a time zone"):
        read(written(tmp_path / "m.arrow", start=column))


def test_a_point_that_a_dictionary_leaves_empty_is_not_a_point(tmp_path):
    with pytest.raises(ReadingsError, match='column "metering_point" has empty values'):
        read(written(tmp_path / "m.arrow", metering_point=coded("m", None)))
