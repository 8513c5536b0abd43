"""pandapower networks, held against what power-grid-model-io makes of the same tables."""

import json
import logging
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.adapters.networks.pandapower import read_pandapower
from backend.adapters.networks.reading import find_network_format, read_network_file
from backend.errors import NetworkError
from backend.grid import Phases
from backend.grid.faults import find_faults
from backend.ports.network_files import NetworkReading
from tests.unit.networks.pandapower_files import Table, street, write_net


def read(tmp_path: Path, tables: dict[str, Table], **said: Any) -> NetworkReading:
    return read_pandapower(write_net(tmp_path / "net.json", tables, **said))


def converted(tables: dict[str, Table]) -> dict[str, np.ndarray[Any, Any]]:
    """What power-grid-model-io makes of them."""
    import pandas as pd
    from power_grid_model_io.converters.pandapower_converter import PandaPowerConverter

    kept = ("bus", "ext_grid", "trafo", "line", "switch", "shunt")
    frames = {name: pd.DataFrame.from_dict(tables[name], orient="index") for name in kept}
    for frame in frames.values():  # it wants texts as objects
        texts = [column for column in frame.columns if isinstance(frame[column].dtype, pd.StringDtype)]
        frame[texts] = frame[texts].astype(object)
    frames["trafo"]["vector_group"] = pd.Series(["Dyn"], dtype=object)
    wanted = "load asymmetric_load sgen asymmetric_sgen gen trafo3w impedance ward xward motor dcline storage"
    frames |= {name: pd.DataFrame() for name in wanted.split()}
    converter = PandaPowerConverter(system_frequency=50.0, log_level=logging.ERROR)
    arrays, _ = converter.load_input_data(frames, make_extra_info=False)
    return {str(getattr(name, "value", name)): array for name, array in arrays.items()}


def test_it_is_recognised_and_has_the_elements_of_its_tables(tmp_path: Path) -> None:
    path = write_net(tmp_path / "net.json", street())
    assert find_network_format(path) == "pandapower"
    reading = read_network_file(path)
    network = reading.network
    assert (reading.source_format, network.name, network.frequency) == ("pandapower", "street", 50.0)
    # Names that two buses have are told by table and index; a cable with a switch has a bus of its own behind it.
    assert [bus.id for bus in network.buses] == ["MV", "LV", "bus-2", "bus-3", "cable 2@bus-2"]
    assert [(one.id, one.from_bus, one.to_bus, one.is_closed) for one in network.switches] == [
        ("box", "bus-2", "cable 2@bus-2", True),
        ("tie", "LV", "bus-3", False),
    ]
    assert reading.faults == ()
    assert find_faults(network) == []


# Their converter, not ours, still says copy=False to pandas.
@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")
def test_lines_transformers_and_sources_are_those_of_power_grid_model_io(tmp_path: Path) -> None:
    tables = street()
    network = read(tmp_path, tables).network
    theirs = converted(tables)
    for segment, line in zip(network.segments, theirs["line"], strict=True):
        own, between = segment.resistance[0, 0], segment.resistance[0, 1]
        assert (own - between, own + 2 * between) == pytest.approx((line["r1"], line["r0"]))
        own, between = segment.reactance[0, 0], segment.reactance[0, 1]
        assert (own - between, own + 2 * between) == pytest.approx((line["x1"], line["x0"]))
        assert segment.capacitance is not None
        own, between = segment.capacitance[0, 0], segment.capacitance[0, 1]
        assert (own - between, own + 2 * between) == pytest.approx((line["c1"], line["c0"]))
        assert segment.rated_amperes == pytest.approx(line["i_n"])
    ours, their = network.transformers[0], theirs["transformer"][0]
    assert (
        ours.rated_volt_amperes,
        ours.short_circuit_pu,
        ours.copper_loss_watts,
        ours.iron_loss_watts,
    ) == pytest.approx((their["sn"], their["uk"], their["pk"], their["p0"]))
    assert (ours.clock, ours.no_load_current_pu) == pytest.approx((their["clock"], their["i0"]))
    steps = int(their["tap_pos"]) - int(their["tap_nom"])
    assert ours.from_volts == pytest.approx(their["u1"] + steps * their["tap_size"])
    assert ours.to_volts == pytest.approx(their["u2"])
    source, their = network.sources[0], theirs["source"][0]
    assert (source.voltage_pu, source.short_circuit_volt_amperes, source.resistance_ratio) == pytest.approx(
        (their["u_ref"], their["sk"], their["rx_ratio"])
    )
    shunt, their = network.shunts[0], theirs["shunt"][0]
    assert (shunt.conductance, shunt.susceptance) == pytest.approx((their["g1"], their["b1"]))


def test_loads_are_told_by_phase_as_one_hour(tmp_path: Path) -> None:
    reading = read(tmp_path, street())
    assert reading.profiles is not None
    told = {
        one.id: (str(one.phases), watts)
        for one, watts in zip(reading.network.connections, reading.profiles.watts[:, 0], strict=True)
    }
    assert told == {
        "load-0": ("L123", pytest.approx(6000)),
        "roof": ("L123", pytest.approx(-4000)),
        "single": ("L1", pytest.approx(2000)),
        "uneven.L1": ("L1", pytest.approx(2000)),
        "uneven.L2": ("L2", pytest.approx(1000)),
    }
    assert (reading.profiles.step_seconds, reading.profiles.length) == (3600, 1)


def test_an_asymmetric_load_between_phases_is_told_by_pair(tmp_path: Path) -> None:
    tables = street()
    tables["asymmetric_load"][1]["type"] = "delta"
    pairs = [one for one in read(tmp_path, tables).network.connections if one.is_delta]
    assert [one.phases for one in pairs] == [Phases.L1 | Phases.L2, Phases.L2 | Phases.L3]


def test_missing_zero_sequence_is_named_and_taken_as_a_cable_of_equal_cores_has_it(tmp_path: Path) -> None:
    tables = street()
    for row in tables["line"].values():
        for name in ("r0_ohm_per_km", "x0_ohm_per_km", "c0_nf_per_km"):
            del row[name]
    reading = read(tmp_path, tables)
    assert [fault.rule for fault in reading.faults] == ["no_zero_sequence"]
    segment = reading.network.segments[0]
    r1 = segment.resistance[0, 0] - segment.resistance[0, 1]
    assert segment.resistance[0, 0] + 2 * segment.resistance[0, 1] == pytest.approx(4 * r1)


def test_version_3_has_coordinates_in_the_buses_and_version_2_beside_them(tmp_path: Path) -> None:
    tables = street()
    for index, row in tables["bus"].items():
        row["geo"] = json.dumps({"coordinates": [4.88 + index / 1000, 45.77], "type": "Point"})
    modern = read(tmp_path, tables, version="3.1.2").network
    assert modern.is_geographic
    assert (modern.buses[1].x, modern.buses[1].y) == pytest.approx((4.881, 45.77))
    tables = street()
    tables["bus_geodata"] = {index: {"x": 100.0 * index, "y": 5.0, "coords": None} for index in tables["bus"]}
    older = read(tmp_path, tables).network
    assert not older.is_geographic
    assert (older.buses[2].x, older.buses[2].y) == (200.0, 5.0)


def test_what_is_out_of_service_is_left_out_with_what_stands_there(tmp_path: Path) -> None:
    tables = street()
    tables["bus"][3]["in_service"] = False
    network = read(tmp_path, tables).network
    assert [one.id for one in network.segments] == ["cable 1"]
    assert {one.id for one in network.connections} == {"load-0", "single"}
    assert "out of service" in network.notes


def test_an_open_switch_at_a_cables_end_leaves_the_cable_in_place(tmp_path: Path) -> None:
    tables = street()
    tables["switch"][0]["closed"] = False
    network = read(tmp_path, tables).network
    assert [one.id for one in network.segments] == ["cable 1", "cable 2"]
    assert [fault.rule for fault in find_faults(network) if fault.rule == "island"] == ["island"]


def test_a_vector_group_that_there_is_not_is_named(tmp_path: Path) -> None:
    tables = street()
    tables["trafo"][0] |= {"shift_degree": 0.0, "vector_group": "Dyn"}
    reading = read(tmp_path, tables)
    assert [fault.rule for fault in reading.faults] == ["vector_group"]
    assert reading.network.transformers[0].clock == 5


@pytest.mark.parametrize("table", ["trafo3w", "gen", "dcline"])
def test_elements_that_cannot_be_carried_are_named(table: str, tmp_path: Path) -> None:
    tables = {**street(), table: {0: {"name": "strange", "in_service": True}}}
    faults = read(tmp_path, tables).faults
    assert [fault.rule for fault in faults] == ["windings" if table == "trafo3w" else "not_carried"]


def test_a_load_of_constant_impedance_keeps_it_and_a_mixture_is_named(tmp_path: Path) -> None:
    tables = street()
    tables["load"][0]["const_z_percent"] = 100.0
    tables["load"][1] = {**tables["load"][0], "const_z_p_percent": 30.0, "const_i_p_percent": 20.0}
    reading = read(tmp_path, tables)
    model = reading.network.connections[0].model
    assert model is not None
    assert (model.least_pu, model.most_pu) == (1.0, 1.0)
    assert [fault.rule for fault in reading.faults] == ["load_model"]


def test_a_motor_draws_what_its_mechanical_power_needs(tmp_path: Path) -> None:
    motor = {
        "name": "pump",
        "bus": 2,
        "pn_mech_mw": 0.01,
        "loading_percent": 80.0,
        "efficiency_percent": 90.0,
    }
    reading = read(
        tmp_path, {**street(), "motor": {0: {**motor, "cos_phi": 0.8, "scaling": 1.0, "in_service": True}}}
    )
    row = [one.id for one in reading.network.connections].index("pump")
    assert reading.profiles is not None
    assert reading.profiles.watts[row, 0] == pytest.approx(10_000 * 0.8 / 0.9)
    assert reading.profiles.vars[row, 0] == pytest.approx(10_000 * 0.8 / 0.9 * math.tan(math.acos(0.8)))


@pytest.mark.parametrize(
    ("table", "index", "column", "value", "says"),
    [
        ("bus", 1, "vn_kv", None, "bus 1 has no vn_kv"),
        ("line", 0, "length_km", "long", "no number"),
        ("trafo", 0, "sn_mva", True, "no number"),
        ("load", 0, "bus", 1.5, "no index"),
    ],
)
def test_cells_that_make_no_sense_are_named(
    table: str, index: int, column: str, value: object, says: str, tmp_path: Path
) -> None:
    tables = street()
    tables[table][index][column] = value
    with pytest.raises(NetworkError, match=says):
        read(tmp_path, tables)


def test_a_table_that_is_nested_without_end_or_has_an_index_twice_is_refused(tmp_path: Path) -> None:
    path = write_net(tmp_path / "net.json", street())
    told = json.loads(path.read_text())
    told["_object"]["line"]["_object"] = "[" * 100_000
    path.write_text(json.dumps(told))
    with pytest.raises(NetworkError, match="table line is damaged"):
        read_pandapower(path)
    told["_object"]["line"]["_object"] = '{"columns": ["name"], "index": [1, 1], "data": [["a"], ["b"]]}'
    path.write_text(json.dumps(told))
    with pytest.raises(NetworkError, match="an index twice"):
        read_pandapower(path)


def test_a_line_to_a_bus_that_is_not_there_is_named(tmp_path: Path) -> None:
    tables = street()
    tables["line"][1]["to_bus"] = 99
    faults = read(tmp_path, tables).faults
    assert [(fault.rule, fault.element) for fault in faults] == [("unknown_bus", "cable 2")]


@pytest.mark.parametrize(
    "text", ["{}", '{"_class": "pandapowerNet", "_object": {"bus": 3}}', '{"_object": "no"}', "[1"]
)
def test_what_is_no_network_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text(text)
    with pytest.raises(NetworkError):
        read_pandapower(path)
