"""Small batches to append: each one reading, whose energy tells which it is."""

import hashlib

import numpy as np

from backend.metering import ReadingTable
from backend.ports.reading_journal import IncomingBatch

STEP = 900
FIRST = 1_496_268_000  # 2017-06-01 in Paris


def reading(number, energy=None, point="m"):
    return ReadingTable(
        metering_points=(point,),
        point=np.zeros(1, np.int32),
        start_utc=np.array([FIRST + number * STEP]),
        energy=np.array([number if energy is None else energy]),
        quality=np.zeros(1, np.uint8),
        resolution_minutes=15,
    )


def batch(number, energy=None, name=None):
    table = reading(number, energy)
    digest = hashlib.sha256(table.energy.tobytes() + table.start_utc.tobytes()).digest()[:16]
    return IncomingBatch((name or f"batch {number}").encode().ljust(16)[:16], digest, FIRST + number, table)


def kept(journal, community="toits"):
    """Energies of all batches that wait, in order of arrival."""
    return [
        int(found.table.energy[0])
        for segment in journal.seal(community)
        for found in journal.batches(community, segment)
    ]
