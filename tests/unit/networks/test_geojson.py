"""GeoJSON out and in: the same network, or one that another program wrote."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.adapters.networks.geojson import read_geojson, write_geojson
from backend.adapters.networks.reading import find_network_format, read_network_file
from backend.errors import NetworkError
from backend.grid import Network, Phases
from backend.grid.network_form import write_network
from backend.ports.network_files import NetworkReading
from tests.unit.networks.conftest import GOLDEN


def again(network: Network, tmp_path: Path) -> Network:
    path = tmp_path / "network.geojson"
    path.write_text(write_geojson(network), encoding="utf-8")
    assert find_network_format(path) == "geojson"
    return read_network_file(path).network


def feature(kind: str, shape: Any = None, **said: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": shape, "properties": {"kind": kind, **said}}


def point(x: float, y: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}


def write(tmp_path: Path, *features: dict[str, Any], **said: Any) -> Path:
    path = tmp_path / "other.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": list(features), **said}), encoding="utf-8"
    )
    return path


def test_the_european_feeder_goes_out_and_in_unchanged(european: NetworkReading, tmp_path: Path) -> None:
    assert write_network(again(european.network, tmp_path)) == write_network(european.network)


def test_every_kind_of_element_goes_out_and_in_unchanged(tmp_path: Path) -> None:
    network = read_network_file(GOLDEN / "ieee13" / "IEEE13Nodeckt.dss").network
    connections = (
        replace(network.connections[0], metering_points=("p1", "p2"), is_critical=True),
        *network.connections[1:],
    )
    changed = replace(network, connections=connections, is_geographic=True)
    assert write_network(again(changed, tmp_path)) == write_network(changed)


def test_shapes_are_points_and_lines_that_a_map_draws(european: NetworkReading) -> None:
    told = json.loads(write_geojson(european.network))
    by_id = {one["id"]: one for one in told["features"]}
    assert by_id["bus:1"]["geometry"] == {"type": "Point", "coordinates": [390872.663, 392887.379]}
    assert [len(by_id["segment:line1"]["geometry"]["coordinates"])] == [2]
    assert by_id["connection:load1"]["geometry"]["type"] == "Point"
    assert by_id["transformer:tr1"]["geometry"] is None  # the source's bus is not on the map


def test_another_programs_file_may_say_less(tmp_path: Path) -> None:
    a, b = [4.88, 45.77], [4.88, 45.78]
    path = write(
        tmp_path,
        feature("bus", point(*a), id="a", nominal_volts=400),
        feature("bus", point(*b), id="b", nominal_volts=400),
        feature("source", id="grid", bus="a"),
        feature(
            "segment", {"type": "LineString", "coordinates": [a, b]}, id="cable", from_bus="a", to_bus="b",
            r_ohm_per_km=0.2, x_ohm_per_km=0.08, r0_ohm_per_km=0.8, x0_ohm_per_km=0.3, owner="city",
        ),
        feature("connection", id="home", bus="b", phases="L2"),
        {"type": "Feature", "geometry": None, "properties": {"name": "a lamp post"}},
    )  # fmt: skip
    reading = read_geojson(path)
    segment = reading.network.segments[0]
    # A hundredth of a degree of latitude on the mean sphere.
    assert segment.length_metres == pytest.approx(1111.95, abs=0.01)
    own, between = segment.resistance[0, 0], segment.resistance[0, 1]
    assert own - between == pytest.approx(0.2 * 1.11195, rel=1e-5)
    assert reading.network.is_geographic
    assert reading.network.connections[0].phases is Phases.L2
    assert "other features" in reading.network.notes
    assert reading.faults == ()


def test_a_segment_without_zero_sequence_is_named(tmp_path: Path) -> None:
    ends = [feature("bus", point(0, 0), id=name, nominal_volts=400) for name in "ab"]
    line = feature(
        "segment",
        id="l",
        from_bus="a",
        to_bus="b",
        length_metres=10,
        r_ohm_per_km=1,
        x_ohm_per_km=1,
        phases="L1",
    )
    reading = read_geojson(write(tmp_path, *ends, line))
    assert [fault.rule for fault in reading.faults] == ["no_zero_sequence"]
    np.testing.assert_allclose(reading.network.segments[0].resistance, [[(4 + 2) / 3 * 0.01]])


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (feature("pole", id="p"), 'kind "pole" is none of bus'),
        (feature("bus", nominal_volts=400), "it has no 'id'"),
        (feature("bus", id=7, nominal_volts=400), "it is text"),
        (feature("bus", id="a", nominal_volts="400"), "it is a number"),
        (feature("connection", id="c", bus="a", phases="L4"), "no set of phases"),
        (feature("segment", id="s", from_bus="a", to_bus="b"), "neither length_metres nor a line"),
        (feature("segment", id="s", from_bus="a", to_bus="b", length_metres=1), "neither matrices nor"),
        (feature("segment", id="s", from_bus="a", to_bus="b", length_metres=1, resistance=[[1], [2, 3]]), "a matrix"),
        ("feature", "no feature with properties"),
        ({"type": "Feature", "properties": 3}, "no feature with properties"),
    ],
)  # fmt: skip
def test_a_feature_that_makes_no_sense_is_named_with_its_place(one: Any, says: str, tmp_path: Path) -> None:
    path = write(tmp_path, feature("bus", id="z", nominal_volts=400), one)
    with pytest.raises(NetworkError, match=says) as refused:
        read_geojson(path)
    assert refused.value.faults[0].where == "other.geojson, feature 1"


def test_an_element_at_a_bus_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        feature("bus", id="a", nominal_volts=400),
        feature("connection", id="c", bus="b", phases="L1"),
    )
    faults = read_geojson(path).faults
    assert [(fault.rule, fault.element) for fault in faults] == [("unknown_bus", "c")]
