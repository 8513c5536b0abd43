"""A settlement from file to bill and proof, stage by stage: what grows with the number of members."""

from __future__ import annotations

import gzip
import json
import resource
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from backend.errors import VerificationError
from backend.services.benchmarks.measurement import Benchmark, Measurement
from backend.services.bundles import bills_of, make_bundle
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.settle_period import settle_period

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from backend.ports import MeterFileLoader
    from backend.quantities import SettlementPeriod
    from backend.services.context import SettlementContext

__all__ = ["LargeInput", "bench_settlement"]

_Result = TypeVar("_Result")
_BYTES_PER_MEGABYTE = 10**6
_RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class LargeInput:
    """What is settled.

    Attributes:
        definition: Text of the community file.
        readings: Readings of the period.
        period: Which.
        work: What it is, in words.
    """

    definition: str
    readings: Path
    period: SettlementPeriod
    work: str


class _Stages:
    """Times stages; notes the most memory that the process had by their end."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, str]] = []

    def time(self, what: str, work: Callable[[], _Result]) -> _Result:
        begin = time.perf_counter()
        result = work()
        self.add(what, time.perf_counter() - begin, f"memory up to {_peak_megabytes():,} MB")
        return result

    def add(self, what: str, seconds: float, note: str) -> None:
        self.rows.append((what, seconds, note))


def bench_settlement(
    context: SettlementContext,
    read_file: MeterFileLoader,
    made: LargeInput,
    verify: Callable[[dict[str, Any]], bool],
) -> Benchmark:
    """Settle a month of a community that is not loaded yet, then prove one member's bill.

    Args:
        context: Ports of an empty home.
        read_file: Reads the readings.
        made: What is settled.
        verify: Holds a bundle against the chain.

    Returns:
        The whole first; of each stage the part that it takes.

    Raises:
        VerificationError: If the proof does not hold.
    """
    stages = _Stages()
    community = stages.time(
        "load the community", lambda: load_community(context, made.definition, "COMMUNITY.toml")
    )
    name = community.community.id
    stages.time(
        "load the readings", lambda: load_readings(context, read_file, [made.readings], community=name)
    )
    run = settle_period(context, name, made.period)
    gas = _gas_by_stage(context, name)
    for stage, seconds in run.seconds.items():
        stages.add(f"settle: {stage}", seconds, gas.get(stage, ""))
    _, bills = bills_of(context, name, made.period)
    settled = sum(seconds for _, seconds, _ in stages.rows)
    bundle = stages.time(
        "bundle of one member", lambda: make_bundle(context, name, made.period, bills[0].participant)
    )
    content = json.dumps(bundle, separators=(",", ":")).encode()
    size = f"{len(content) / 1000:,.0f} kB, {len(gzip.compress(content)) / 1000:,.0f} kB compressed"
    if not stages.time(f"verify it ({size})", lambda: verify(bundle)):
        raise VerificationError(f"the bundle of {bills[0].participant} does not hold against the chain.")
    rows = [Measurement(what, seconds, 1, seconds / settled, note) for what, seconds, note in stages.rows]
    whole = Measurement("from files to bills", settled, 1, 1.0, f"memory up to {_peak_megabytes():,} MB")
    return Benchmark("settlement", made.work, (whole, *rows))


def _peak_megabytes() -> int:
    """The most memory that this process had so far. [MB]"""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT_BYTES // _BYTES_PER_MEGABYTE


def _gas_by_stage(context: SettlementContext, community: str) -> dict[str, str]:
    """What the chain took in the stages that send most."""
    with context.store.reading() as records:
        entries = records.outbox(community)
    used: dict[str, list[int]] = {}
    for entry in entries:
        if entry.receipt is not None:
            stage = _STAGE_OF.get(entry.call.function, "")
            used.setdefault(stage, []).append(entry.receipt.gas_used)
    return {
        stage: f"{len(gas)} transactions, {sum(gas):,} gas, at most {max(gas):,} in one"
        for stage, gas in used.items()
        if stage
    }


_STAGE_OF = {
    "confirmPoints": "open",
    "openPeriod": "open",
    "submitBatch": "readings",
    "proposeRun": "allocation",
    "proposeBills": "bills",
}
