from __future__ import annotations

import numpy as np
import pytest

from backend.adapters.meter_files import allocation_csv
from backend.adapters.meter_files.allocation_csv import write_allocation_csv
from backend.community import Direction
from backend.ports.allocation_files import AllocatedTable


def table(energy, allocated):
    return AllocatedTable(
        metering_points=("a-load", "roof"),
        directions=(Direction.CONSUMPTION, Direction.FEED_IN),
        resolution_minutes=15,
        point=np.arange(len(energy), dtype=np.int32) % 2,
        start_utc=np.full(len(energy), 1_496_311_200, dtype=np.int64),
        energy=np.array(energy, dtype=np.int64),
        allocated=np.array(allocated, dtype=np.int64),
    )


def test_each_direction_fills_its_own_three_columns_with_six_decimals(tmp_path):
    out = tmp_path / "out.csv"
    write_allocation_csv(table([1_500_000, 2**53 - 1], [1, 0]), out)
    assert out.read_text().splitlines() == [
        "metering_point,start,resolution_minutes,consumption_kwh,allocated_kwh,residual_kwh,feed_in_kwh,shared_kwh,surplus_kwh",
        "a-load,2017-06-01T10:00:00Z,15,1.500000,0.000001,1.499999,,,",
        "roof,2017-06-01T10:00:00Z,15,,,,9007199254.740991,0.000000,9007199254.740991",
    ]


def test_pieces_join_without_seam(tmp_path, monkeypatch):
    energy, allocated = list(range(10, 17)), list(range(7))
    write_allocation_csv(table(energy, allocated), tmp_path / "whole.csv")
    monkeypatch.setattr(allocation_csv, "_ROWS_AT_ONCE", 3)
    write_allocation_csv(table(energy, allocated), tmp_path / "pieces.csv")
    assert (tmp_path / "pieces.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_nothing_allocated_is_a_header_alone(tmp_path):
    write_allocation_csv(table([], []), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().count("\n") == 1


def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch):
    out = tmp_path / "out.csv"
    out.write_text("old")
    monkeypatch.setattr(allocation_csv, "format_energy_column", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_allocation_csv(table([1], [1]), out)
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert out.read_text() == "old"
