"""CIM models, held against the files that OpenDSS makes of networks that are read otherwise too."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from backend.adapters.networks import cim_objects
from backend.adapters.networks.cim import read_cim
from backend.adapters.networks.cim_objects import read_cim_objects
from backend.adapters.networks.reading import find_network_format, read_network_file
from backend.errors import NetworkError
from backend.grid import Phases
from backend.grid.faults import find_faults
from backend.ports.network_files import NetworkReading
from tests.unit.networks.cim_files import (
    equipment,
    export_from_opendss,
    hypothesis,
    tell,
    wrap,
    write_profiles,
)
from tests.unit.networks.conftest import GOLDEN


@pytest.fixture
def small(tmp_path: Path) -> NetworkReading:
    return read_network_file(write_profiles(tmp_path / "model"))


def test_a_folder_of_profiles_is_one_model(small: NetworkReading) -> None:
    network = small.network
    assert small.source_format == "cim"
    assert small.faults == ()
    assert find_faults(network) == []
    assert {bus.id: bus.nominal_volts for bus in network.buses} == pytest.approx(
        {"mv": 20_000, "lv": 400, "box": 400, "far": 400}
    )
    assert {bus.substation for bus in network.buses} == {"North"}


def test_units_of_cgmes_are_kilovolts_megawatts_and_kilometres(small: NetworkReading) -> None:
    segment, source = small.network.segments[0], small.network.sources[0]
    own, between = segment.resistance[0, 0], segment.resistance[0, 1]
    assert (segment.length_metres, own - between, own + 2 * between) == pytest.approx((100, 0.02, 0.08))
    assert segment.capacitance is not None
    own, between = segment.capacitance[0, 0], segment.capacitance[0, 1]
    assert own - between == pytest.approx(8e-6 / (2 * np.pi * 50))
    assert segment.rated_amperes == 270  # the permanent limit, not the temporary one below it
    assert source.voltage_pu == pytest.approx(20.4 / 20)
    assert source.short_circuit_volt_amperes == pytest.approx(np.sqrt(3) * 20e3 * 5000)
    assert (source.resistance_ratio, source.zero_sequence_ratio) == pytest.approx((0.2, 3))


def test_a_transformers_impedance_tap_and_losses_come_from_its_ends(small: NetworkReading) -> None:
    one = small.network.transformers[0]
    base = 20e3**2 / 0.4e6
    assert (one.from_bus, one.to_bus, one.from_winding, one.to_winding, one.clock) == (
        "mv",
        "lv",
        "D",
        "yn",
        5,
    )
    assert one.short_circuit_pu == pytest.approx(np.hypot(14.25, 58.28) / base)
    assert one.copper_loss_watts == pytest.approx(14.25 / base * 0.4e6)
    assert one.iron_loss_watts == pytest.approx(3.375e-6 * 20e3**2)
    assert (one.from_volts, one.to_volts) == pytest.approx((20e3 * 1.05, 400))  # two steps of 2.5 %, by SSH


def test_what_is_drawn_and_given_is_that_of_the_hypothesis(small: NetworkReading) -> None:
    assert small.profiles is not None
    told = dict(zip([one.id for one in small.network.connections], small.profiles.watts[:, 0], strict=True))
    assert told == pytest.approx({"home": 3000, "shop": 10_000, "roof": -5000})
    shop = next(one for one in small.network.connections if one.id == "shop")
    assert shop.power_factor < 0  # leading
    assert small.network.switches[0].is_closed


def test_geographic_locations_place_the_ends_of_lines(small: NetworkReading) -> None:
    places = {bus.id: (bus.x, bus.y) for bus in small.network.buses}
    assert small.network.is_geographic
    assert (places["lv"], places["box"], places["mv"]) == ((4.88, 45.77), (4.881, 45.771), (None, None))


def test_zips_and_zips_in_zips_are_read_alike(tmp_path: Path, small: NetworkReading) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("EQ.xml", equipment())
    outer = tmp_path / "model.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("EQ.zip", inner.getvalue())
        archive.writestr("deep/SSH.xml", hypothesis())
        archive.writestr("readme.txt", "not CIM")
    assert find_network_format(outer) == "cim"
    assert [bus.id for bus in read_network_file(outer).network.buses] == [
        bus.id for bus in small.network.buses
    ]


def test_open_and_disconnected_equipment_stays_out_of_the_flow(tmp_path: Path) -> None:
    folder = write_profiles(tmp_path / "model")
    changed = wrap(
        tell("LoadBreakSwitch", "s1", about=True, Switch_open="true"),
        tell("Terminal", "x-shop-1", about=True, ACDCTerminal_connected="false"),
        profile="SteadyStateHypothesis",
    )
    (folder / "small_SSH.xml").write_text(changed)
    network = read_cim(folder).network
    assert not network.switches[0].is_closed
    assert {one.id for one in network.connections} == {"home", "roof"}
    assert "disconnected" in network.notes


def test_what_cannot_be_carried_is_named(tmp_path: Path) -> None:
    folder = write_profiles(tmp_path / "model")
    more = wrap(
        tell("StaticVarCompensator", "svc", IdentifiedObject_name="svc"),
        tell("Terminal", "x-svc", Terminal_ConductingEquipment="#svc", Terminal_ConnectivityNode="#n-lv"),
        tell("PowerTransformer", "t3", IdentifiedObject_name="three"),
        tell("PowerTransformerEnd", "a", PowerTransformerEnd_PowerTransformer="#t3"),
        tell("PowerTransformerEnd", "b", PowerTransformerEnd_PowerTransformer="#t3"),
        tell("PowerTransformerEnd", "c", PowerTransformerEnd_PowerTransformer="#t3"),
        tell("Disconnector", "half", IdentifiedObject_name="half"),
        tell("Terminal", "x-half", Terminal_ConductingEquipment="#half", Terminal_ConnectivityNode="#n-lv"),
        tell("EnergyConsumer", "lost", IdentifiedObject_name="lost"),
        tell(
            "Terminal", "x-lost", Terminal_ConductingEquipment="#lost", Terminal_ConnectivityNode="#nowhere"
        ),
    )
    (folder / "small_more.xml").write_text(more)
    faults = {(fault.rule, fault.element) for fault in read_cim(folder).faults}
    assert faults == {
        ("not_carried", "svc"),
        ("windings", "three"),
        ("terminals", "half"),
        ("unknown_bus", "lost"),
    }


def test_a_model_of_positive_sequence_alone_is_named(tmp_path: Path) -> None:
    folder = write_profiles(tmp_path / "model")
    text = equipment()
    for part in ("r0", "x0"):
        text = "\n".join(line for line in text.splitlines() if f"ACLineSegment.{part}>" not in line)
    (folder / "small_EQ.xml").write_text(text)
    assert [fault.rule for fault in read_cim(folder).faults] == ["no_zero_sequence"]


def test_what_opendss_exports_of_the_european_feeder_is_the_same_network(
    european_master: Path, european: NetworkReading, tmp_path: Path
) -> None:
    reading = read_network_file(export_from_opendss(european_master, tmp_path))
    ours, theirs = european.network, reading.network
    assert reading.source_format == "cim"
    assert find_faults(theirs) == []
    assert {bus.id: round(bus.nominal_volts) for bus in theirs.buses} == {
        bus.id: round(bus.nominal_volts) for bus in ours.buses
    }
    assert {(one.id, one.bus, one.phases) for one in theirs.connections} == {
        (one.id, one.bus, one.phases) for one in ours.connections
    }
    segments = {one.id: one for one in theirs.segments}
    assert segments.keys() == {one.id for one in ours.segments}
    for one in ours.segments:
        other = segments[one.id]
        assert {other.from_bus, other.to_bus} == {one.from_bus, one.to_bus}
        np.testing.assert_allclose(other.resistance, one.resistance, rtol=1e-5, atol=1e-12)
        np.testing.assert_allclose(other.reactance, one.reactance, rtol=1e-5, atol=1e-12)
    mine, yours = ours.transformers[0], theirs.transformers[0]
    assert (yours.clock, yours.from_winding, yours.to_winding) == (
        mine.clock,
        mine.from_winding,
        mine.to_winding,
    )
    assert yours.short_circuit_pu == pytest.approx(mine.short_circuit_pu)
    assert theirs.sources[0].short_circuit_volt_amperes == pytest.approx(
        ours.sources[0].short_circuit_volt_amperes, rel=1e-6
    )


def test_what_opendss_exports_of_the_13_node_feeder_has_its_phases_and_matrices(tmp_path: Path) -> None:
    master = GOLDEN / "ieee13" / "IEEE13Nodeckt.dss"
    ours = {one.id: one for one in read_network_file(master).network.segments}
    reading = read_network_file(export_from_opendss(master, tmp_path))
    theirs = {one.id: one for one in reading.network.segments}
    assert theirs.keys() == ours.keys()
    for name, one in ours.items():
        assert theirs[name].phases is one.phases
        np.testing.assert_allclose(theirs[name].resistance, one.resistance, rtol=1e-4, atol=1e-9)
        np.testing.assert_allclose(theirs[name].reactance, one.reactance, rtol=1e-4, atol=1e-9)
    assert {one.id: one.phases for one in reading.network.connections}[
        "684652".replace("684", "")
    ] is Phases.L1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><rdf:RDF/>', "document type or entities"),
        ("<rdf:RDF", "no RDF/XML"),
        (wrap(), "no CIM network"),
    ],
)
def test_what_is_no_model_is_refused(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    path.write_text(text)
    with pytest.raises(NetworkError, match=says):
        read_cim(path)


def test_a_zip_that_unpacks_without_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.adapters.networks.cim_objects.LIMIT_BYTES", 10_000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("EQ.xml", " " * 20_000)
    with pytest.raises(NetworkError, match="unpacked"):
        read_cim(path)


def test_a_model_of_more_statements_than_memory_holds_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.xml"
    path.write_text(wrap(*(tell("ConnectivityNode", f"n{number}") for number in range(100))))
    monkeypatch.setattr("backend.adapters.networks.cim_objects.LIMIT_STATEMENTS", 90)
    with pytest.raises(NetworkError, match="more than 90 statements of CIM, which may take 2 GiB of memory"):
        read_cim(path)


def test_a_statement_takes_so_little_that_all_that_are_taken_stay_below_two_gibibytes(tmp_path: Path) -> None:
    said = [{f"A_x{number}": str(number), f"A_y{number}": "#n0"} for number in range(2_000)]
    objects = [tell("ConnectivityNode", f"n{number}", about=True, **one) for number, one in enumerate(said)]
    path = tmp_path / "model.xml"
    path.write_text(wrap(*objects))
    read_cim_objects(path)  # what is imported and compiled once does not count
    tracemalloc.start()
    try:
        read_cim_objects(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    by_text = 5 * cim_objects.LIMIT_BYTES
    assert peak / 6_000 * cim_objects.LIMIT_STATEMENTS + by_text < 2 * 2**30


def test_what_two_files_say_alike_is_said_once(tmp_path: Path) -> None:
    for name in ("a.xml", "b.xml"):
        text = wrap(tell("Terminal", "t", about=True, Terminal_ConnectivityNode="#n", A_x=1))
        tmp_path.joinpath(name).write_text(text)
    said = read_cim_objects(tmp_path).objects["t"].said
    assert said == {"Terminal.ConnectivityNode": ["n"], "A.x": ["1"]}
