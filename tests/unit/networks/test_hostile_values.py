"""Files whose values make no sense are refused in words, whatever stands where."""

from __future__ import annotations

import json
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from backend.adapters.networks.geojson import write_geojson
from backend.adapters.networks.reading import read_network_file
from backend.errors import NetworkError, PartageError
from backend.grid.faults import find_faults
from backend.grid.network_form import write_network
from tests.small_network import small_network
from tests.unit.networks.pandapower_files import street, write_net

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ODD: tuple[Any, ...] = (
    None,
    True,
    "",
    [],
    {},
    -1,
    0,
    1e308,
    10**400,
    "x" * 300,
    [[[[]]]],
    {"a": 1},
    [1, 2],
    "NaN",
)
ODD = (*ODD, "\u202e<script>", [None], 2**63, "L999", "../../x")
TRIES = 400


def ways(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield way
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from ways(part, (*way, key))


def changed(value: Any, way: tuple[Any, ...], odd: Any) -> Any:
    if not way:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[way[0]] = changed(value[way[0]], way[1:], odd)
    return copy


def read(path: Path, file_format: str) -> None:
    with suppress(PartageError):
        list(find_faults(read_network_file(path, file_format).network))


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@pytest.mark.parametrize("file_format", ["geojson", "partage"])
def test_an_odd_value_anywhere_is_a_network_or_a_refusal(tmp_path: Path, file_format: str) -> None:
    write = write_geojson if file_format == "geojson" else write_network
    told, random = json.loads(write(small_network())), Random(1)
    every = list(ways(told))
    for _ in range(TRIES):
        path = tmp_path / "network.json"
        path.write_text(json.dumps(changed(told, random.choice(every), random.choice(ODD))))
        read(path, file_format)


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_an_odd_cell_anywhere_in_pandapower_s_tables_is_a_network_or_a_refusal(tmp_path: Path) -> None:
    told, random = json.loads(write_net(tmp_path / "net.json", street()).read_text()), Random(1)
    tables = [
        name for name, frame in told["_object"].items() if isinstance(frame, dict) and "_object" in frame
    ]
    for _ in range(TRIES):
        name = random.choice(tables)
        frame = json.loads(told["_object"][name]["_object"])
        frame = changed(frame, random.choice(list(ways(frame))), random.choice(ODD))
        path = tmp_path / "net.json"
        path.write_text(json.dumps(changed(told, ("_object", name, "_object"), json.dumps(frame))))
        read(path, "pandapower")


def test_a_text_for_a_number_is_named_with_its_field(tmp_path: Path) -> None:
    told = json.loads(write_network(small_network()))
    told["connections"][0]["switch_cost"] = "cheap"
    path = tmp_path / "network.json"
    path.write_text(json.dumps(told))
    with pytest.raises(NetworkError, match="switch_cost is 'cheap'; it is a number"):
        read_network_file(path, "partage")
