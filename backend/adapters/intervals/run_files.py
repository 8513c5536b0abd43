"""Files of a run and of a schedule: a frame to the bytes of its Parquet files and back.

A run has up to five files: ``rows`` (slot-major), ``intervals`` (what its headers say), ``links`` (of the period) and,
where the key decides in every interval who serves whom, ``flows``; of ``flow``, ``costs``: what its links cost.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.intervals.parquet_files import decode_table, encode_table
from backend.ports import AllocationFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "RUN_KINDS",
    "SCHEDULE",
    "PartSet",
    "decode_run",
    "decode_schedule",
    "encode_run",
    "encode_schedule",
    "hash_arrays",
    "hash_run",
]

ROWS, INTERVALS, LINKS, FLOWS, COSTS = RUN_KINDS = ("rows", "intervals", "links", "flows", "costs")
SCHEDULE = "schedule"
_LINK_COLUMNS = ("producer_slot", "consumer_slot", "energy_milliwatt_hours", "value_pico_euro", "vat_class")
_FLOW_COLUMNS = ("interval", "producer_slot", "consumer_slot", "energy_milliwatt_hours")
_COST_COLUMNS = ("producer_slot", "consumer_slot", "weight", "cap_milliwatt_hours")
_SCALE = ("shared", "consumer_step", "producer_step", "steps")
_ROW_COLUMNS = {
    "energy": "energy_milliwatt_hours",
    "allocated": "allocated_milliwatt_hours",
    "quality": "quality",
    "source": "source",
    "row_value": "value_pico_euro",
    "credited": "credited_milliwatt_hours",
}
_COMPUTED = "computed_milliwatt_hours"
_SMALL = ("quality", "source")


@dataclass(frozen=True, slots=True)
class PartSet:
    """The files of a run or schedule that are to be kept.

    Attributes:
        kinds: What it may consist of.
        content: Hash of what it holds.
        name: In messages.
        encode: Gives the files by kind.
    """

    kinds: Sequence[str]
    content: str
    name: str
    encode: Callable[[], Mapping[str, memoryview]]


def encode_run(frame: AllocationFrame) -> dict[str, memoryview]:
    """The files of a run, by kind."""
    slots, intervals = frame.energy.shape
    rounds = frame.rounds.shape[1]
    shape = {"slots": slots, "intervals": intervals, "rounds": rounds}
    rows: dict[str, NDArray[Any]] = {
        "slot": np.repeat(np.arange(slots, dtype=np.int32), intervals),
        "interval": np.tile(np.arange(intervals, dtype=np.int32), slots),
    }
    for name, column in _ROW_COLUMNS.items():
        rows[column] = getattr(frame, name).astype(np.uint8 if name in _SMALL else np.int64, copy=False)
    if frame.parts is not None:
        rows |= _round_columns(frame.parts, ("given", "weight"))
    if frame.potentials is not None:
        rows["potential"] = frame.potentials.astype(np.int64, copy=False)
    if frame.computed is not None:
        rows[_COMPUTED] = frame.computed.astype(np.int64, copy=False)
    headers: dict[str, NDArray[Any]] = {
        "interval": np.arange(intervals, dtype=np.int32),
        "tau": frame.tau,
        "value_pico_euro": frame.value,
    }
    headers |= _round_columns(frame.rounds, ("pool", "weight"))
    dictionaries = ["slot", "interval", "quality", "source", _ROW_COLUMNS["credited"]]
    files = {
        ROWS: encode_table(rows, shape, dictionaries),
        INTERVALS: encode_table(headers, shape),
        LINKS: encode_table(dict(zip(_LINK_COLUMNS, frame.links.T, strict=True)), {}, _LINK_COLUMNS[:2]),
    }
    if frame.link_flows is not None:
        files[FLOWS] = encode_table(
            dict(zip(_FLOW_COLUMNS, frame.link_flows.T, strict=True)), {}, _FLOW_COLUMNS[:3]
        )
    if frame.link_costs is not None:
        assert frame.flow_scale is not None, "costs are weighed"
        scale = dict(zip(_SCALE, frame.flow_scale.tolist(), strict=True))
        columns = dict(zip(_COST_COLUMNS, frame.link_costs.T, strict=True))
        files[COSTS] = encode_table(columns, scale, _COST_COLUMNS[:2])
    return files


def _round_columns(figures: NDArray[np.int64], names: tuple[str, str]) -> dict[str, NDArray[Any]]:
    return {
        f"{name}_{place}": figures[..., place, side]
        for place in range(figures.shape[-2])
        for side, name in enumerate(names)
    }


def decode_run(files: Mapping[str, bytes]) -> AllocationFrame:
    """A run, from its files by kind."""
    rows, shape = decode_table(files[ROWS])
    headers, _ = decode_table(files[INTERVALS])
    links, _ = decode_table(files[LINKS])
    whole, rounds = (shape["slots"], shape["intervals"]), shape["rounds"]
    parts = None
    if "given_0" in rows:
        columns = [rows[f"{name}_{place}"] for place in range(rounds) for name in ("given", "weight")]
        parts = np.stack(columns, axis=-1).reshape(*whole, rounds, 2)
    pools = [headers[f"{name}_{place}"] for place in range(rounds) for name in ("pool", "weight")]
    flows = None
    if FLOWS in files:
        columns_of_flows, _ = decode_table(files[FLOWS])
        flows = np.stack([columns_of_flows[name] for name in _FLOW_COLUMNS], axis=1)
    costs = scale = None
    if COSTS in files:
        columns_of_costs, told = decode_table(files[COSTS])
        costs = np.stack([columns_of_costs[name] for name in _COST_COLUMNS], axis=1).astype(np.int64)
        scale = np.array([told[name] for name in _SCALE], dtype=np.int64)
    return AllocationFrame(
        **{name: rows[column].reshape(whole) for name, column in _ROW_COLUMNS.items()},
        tau=headers["tau"],
        value=headers["value_pico_euro"],
        rounds=np.array(pools, dtype=np.int64).T.reshape(whole[1], rounds, 2),
        links=np.stack([links[name] for name in _LINK_COLUMNS], axis=1),
        parts=parts,
        link_flows=flows,
        potentials=rows["potential"].reshape(whole) if "potential" in rows else None,
        computed=rows[_COMPUTED].reshape(whole) if _COMPUTED in rows else None,
        link_costs=costs,
        flow_scale=scale,
    )


def hash_run(frame: AllocationFrame) -> str:
    """Hash of what a frame holds, whatever its files' encoding. Hexadecimal."""
    return hash_arrays(**vars(frame))


def encode_schedule(coefficients: NDArray[np.int64]) -> memoryview:
    """The file of a schedule."""
    slots, intervals = coefficients.shape
    columns: dict[str, NDArray[Any]] = {
        "slot": np.repeat(np.arange(slots, dtype=np.int32), intervals),
        "interval": np.tile(np.arange(intervals, dtype=np.int32), slots),
        "coefficient_ppm": coefficients,
    }
    return encode_table(columns, {"slots": slots, "intervals": intervals}, list(columns))


def decode_schedule(content: bytes) -> NDArray[np.int64]:
    """Coefficients. Shape (slots, T). [ppm]"""
    columns, shape = decode_table(content)
    return columns["coefficient_ppm"].reshape(shape["slots"], shape["intervals"])


def hash_arrays(**arrays: NDArray[Any] | None) -> str:
    """Hash of arrays by name, with their shapes. Hexadecimal."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        if array is not None:
            kind = "u1" if array.dtype == np.uint8 else "<i8"
            digest.update(f"{name}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array, kind).data)
    return digest.hexdigest()
