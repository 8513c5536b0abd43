"""Reads XML from bytes, and samples of formats."""

import io
from pathlib import Path

import pytest

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.formats import HEAD_BYTES, ReadOptions, SourceFile

SAMPLES = Path(__file__).parents[3] / "golden" / "meter_files"


class Reading:
    """What a reader made of a file."""

    def __init__(self, items, faults):
        self.blocks = [item for item in items if hasattr(item, "start_utc")]
        self.registers = [item for item in items if not hasattr(item, "start_utc")]
        self.findings = faults.told()
        self.refused = faults.refused

    @property
    def rules(self):
        return [finding.rule for finding in self.findings]

    def rows(self):
        """(series, start, seconds, energy, quality, code, line) of each reading."""
        return [
            (block.series, *numbers[:-2], block.codes[numbers[-2]], numbers[-1])
            for block in self.blocks
            for numbers in zip(
                block.start_utc.tolist(),
                block.seconds.tolist(),
                block.energy.tolist(),
                block.quality.tolist(),
                block.code.tolist(),
                block.line.tolist(),
                strict=True,
            )
        ]


def source_of(data, name="sample.xml"):
    return SourceFile(name, data[:HEAD_BYTES], lambda: io.BytesIO(data), len(data))


@pytest.fixture(scope="session")
def read():
    """Read bytes in a format."""

    def read(form, data, **options):
        if isinstance(data, str):
            data = data.encode()
        faults = FaultCollector("sample.xml")
        items = list(form.read(source_of(data), ReadOptions(**options), faults))
        return Reading(items, faults)

    return read


@pytest.fixture(scope="session")
def source():
    return source_of


@pytest.fixture(scope="session")
def sample():
    """The bytes of a bundled sample."""
    return lambda name: (SAMPLES / name).read_bytes()
