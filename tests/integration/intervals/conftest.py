"""An interval store, and a load of a few points over several months."""

from pathlib import Path

import pytest

from backend.adapters.intervals import ParquetIntervals


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "intervals"


@pytest.fixture
def intervals(folder: Path) -> ParquetIntervals:
    return ParquetIntervals(folder)
