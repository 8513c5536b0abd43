"""Reads text as a file of one format, and finds the samples that are not part of this tree."""

import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.formats import HEAD_BYTES, ReadOptions, SourceFile
from backend.metering import Severity
from backend.metering.source_series import RegisterRead, SourceBlock

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(os.environ.get("PARTAGE_SHARED_DATA", ROOT.parent / "shared" / "data")) / "formats"


def sample_files(folder, pattern="**/*"):
    """Sample files below a folder of the shared data; the test is skipped where they are absent."""
    files = sorted(file for file in (SAMPLES / folder).glob(pattern) if file.is_file())
    if not files:
        pytest.skip(
            f"the samples of {folder} are not here; set PARTAGE_SHARED_DATA to the folder that has them"
        )
    return files


@dataclass
class Read:
    blocks: list[SourceBlock]
    registers: list[RegisterRead]
    findings: list

    @property
    def refusals(self):
        return [finding.rule for finding in self.findings if finding.severity is Severity.REFUSED]

    @property
    def rules(self):
        return [finding.rule for finding in self.findings]

    def finding(self, rule):
        return next(finding for finding in self.findings if finding.rule == rule)

    def series(self, external_id=None, direction=0, channel=None):
        """All of one series, joined: start, seconds, energy, quality, words."""
        blocks = [
            block
            for block in self.blocks
            if external_id in (None, block.series.external_id)
            and block.series.direction == direction
            and channel in (None, block.series.channel)
        ]
        words = [block.codes[code] for block in blocks for code in block.code.tolist()]
        columns = [
            np.concatenate([getattr(block, name) for block in blocks]).tolist() if blocks else []
            for name in ("start_utc", "seconds", "energy", "quality")
        ]
        return (*columns, words)


def source(content, name="file"):
    data = content.encode() if isinstance(content, str) else content
    return SourceFile(name, data[:HEAD_BYTES], lambda: io.BytesIO(data), len(data))


def read(form, content, **options):
    faults = FaultCollector("file")
    found = list(form.read(source(content), ReadOptions(**options), faults))
    blocks = [item for item in found if isinstance(item, SourceBlock)]
    registers = [item for item in found if isinstance(item, RegisterRead)]
    return Read(blocks, registers, faults.told())


class Endless(io.RawIOBase):
    """A stream of one unit again and again, so many bytes in all, never held whole."""

    def __init__(self, unit, size, head=b""):
        self._unit = unit * max(1, 65536 // len(unit))
        self._left = size
        self._head = head
        self.read_bytes = 0

    def readable(self):
        return True

    def read(self, size=-1):
        if self._head:
            piece, self._head = self._head, b""
            return piece
        if self._left <= 0:
            return b""
        wanted = self._left if size < 0 else min(size, self._left)
        piece = (self._unit * (wanted // len(self._unit) + 1))[:wanted]
        self._left -= len(piece)
        self.read_bytes += len(piece)
        return piece


def read_endless(form, unit, size, head=b"", **options):
    """Read a file that is too large to hold; gives findings and how much was read of it."""
    streams = []

    def opened():
        streams.append(Endless(unit, size, head))
        return streams[-1]

    faults = FaultCollector("file")
    file = SourceFile("file", (head + unit)[:HEAD_BYTES], opened, size)
    count = sum(1 for _ in form.read(file, ReadOptions(**options), faults))
    return faults.told(), sum(stream.read_bytes for stream in streams), count
