"""OpenDSS networks, built by its engine and told as networks."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from backend.adapters.networks.opendss import read_opendss
from backend.adapters.networks.reading import read_network_file
from backend.errors import NetworkError
from backend.grid import Connection, Network, Phases
from backend.grid.faults import find_faults
from backend.metering import Severity
from backend.ports.network_files import NetworkReading
from tests.unit.networks.conftest import GOLDEN, WriteMaster, shared

LINE = "new line.l1 bus1=lv bus2=a linecode=cable length=100 units=m"
HOME = "new load.home bus1=a.2 phases=1 kv=0.23 kw=2 pf=0.95"


def rules(reading: NetworkReading) -> list[str]:
    return [fault.rule for fault in reading.faults]


def connection(network: Network, name: str) -> Connection:
    return next(one for one in network.connections if one.id == name)


def test_the_european_feeder_has_the_customers_of_its_publication(european: NetworkReading) -> None:
    network = european.network
    assert (len(network.buses), len(network.segments), len(network.transformers)) == (907, 905, 1)
    assert Counter(str(one.phases) for one in network.connections) == {"L1": 21, "L2": 19, "L3": 15}
    assert (network.name, network.frequency, european.source_format) == ("lvtest", 50.0, "opendss")
    assert european.faults == ()
    assert find_faults(network) == []
    assert all(bus.x is not None for bus in network.buses if bus.id != "sourcebus")


def test_the_european_feeders_transformer_and_source_are_those_of_the_file(european: NetworkReading) -> None:
    transformer, source = european.network.transformers[0], european.network.sources[0]
    assert (transformer.from_winding, transformer.to_winding, transformer.clock) == ("D", "yn", 1)
    assert (transformer.from_volts, transformer.to_volts) == pytest.approx((11_000, 416))
    # XHL = 4 %, and 0.2 % of resistance in each winding.
    assert transformer.short_circuit_pu == pytest.approx(np.hypot(0.04, 0.004))
    assert transformer.copper_loss_watts == pytest.approx(0.004 * 800e3)
    assert source.voltage_pu == pytest.approx(1.05)
    assert source.short_circuit_volt_amperes == pytest.approx(np.sqrt(3) * 11e3 * 3000, rel=1e-6)


def test_the_european_feeders_day_is_told_by_the_minute(european: NetworkReading) -> None:
    profiles = european.profiles
    assert profiles is not None
    assert (profiles.watts.shape, profiles.step_seconds) == ((55, 1440), 60)
    assert profiles.watts.sum() / 60_000 == pytest.approx(483.91, abs=0.01)
    np.testing.assert_allclose(profiles.vars, profiles.watts * np.tan(np.arccos(0.95)))
    model = european.network.connections[0].model
    assert model is not None
    assert (model.nominal_volts, model.least_pu, model.most_pu) == pytest.approx((230, 0.95, 1.05))


def test_matrices_are_of_the_whole_length(write_master: WriteMaster) -> None:
    segment = read_opendss(write_master(LINE, HOME)).network.segments[0]
    # (Z0 + 2 Z1) / 3 and (Z0 - Z1) / 3 of 0.1 km.
    np.testing.assert_allclose(np.diag(segment.resistance), (1.28 + 2 * 0.32) / 30)
    np.testing.assert_allclose(segment.resistance[0, 1], (1.28 - 0.32) / 30)
    np.testing.assert_allclose(segment.reactance[0, 1], (0.3 - 0.08) / 30)
    assert (segment.length_metres, segment.rated_amperes) == pytest.approx((100, 200))


def test_phases_that_a_file_names_in_another_order_get_their_own_rows(write_master: WriteMaster) -> None:
    lines = (
        "new linecode.two nphases=2 rmatrix=[1 | 0.2 3] xmatrix=[0.5 | 0.1 0.7] units=km",
        "new line.l1 bus1=lv.3.1 bus2=a.3.1 linecode=two length=1 units=km",
        "new load.home bus1=a.1 phases=1 kv=0.23 kw=1",
    )
    segment = read_opendss(write_master(*lines)).network.segments[0]
    assert segment.phases is Phases.L1 | Phases.L3
    np.testing.assert_allclose(segment.resistance, [[3, 0.2], [0.2, 1]], atol=1e-12)


def test_a_line_that_swaps_phases_is_named(write_master: WriteMaster) -> None:
    reading = read_opendss(
        write_master("new line.l1 bus1=lv.1.2.3 bus2=a.2.1.3 linecode=cable length=1", HOME)
    )
    assert "phase_swap" in rules(reading)
    assert not reading.network.segments


def test_an_explicit_neutral_is_part_of_the_matrices(write_master: WriteMaster) -> None:
    code = (
        "new linecode.four nphases=4 rmatrix=[1 | 0 1 | 0 0 1 | 0 0 0 2] xmatrix=[1 | .5 1 | .5 .5 1 | .4 .4 .4 1] "
        "units=km"
    )
    lines = (
        code,
        "new line.l1 bus1=lv.1.2.3.4 bus2=a.1.2.3.4 phases=4 linecode=four length=1 units=km",
        "new load.home bus1=a.2.4 phases=1 kv=0.23 kw=1",
        "new reactor.e1 phases=1 bus1=lv.4 bus2=lv.0 r={earth} x=0",
        "new reactor.e2 phases=1 bus1=a.4 bus2=a.0 r={earth} x=0",
    )
    weak = read_opendss(write_master(*(line.format(earth=10) for line in lines)))
    segment = weak.network.segments[0]
    # Between phase and neutral: Zii - 2 Zin + Znn, and Zij - Zin - Znj + Znn.
    np.testing.assert_allclose(segment.resistance[0], [3, 2, 2], atol=1e-12)
    np.testing.assert_allclose(segment.reactance[0], [1.2, 0.7, 0.7], atol=1e-12)
    assert "neutral" in weak.network.notes
    assert connection(weak.network, "home").phases is Phases.L2
    solid = read_opendss(write_master(*(line.format(earth=0.0001) for line in lines))).network.segments[0]
    # Kron: Zij - Zin Znj / Znn.
    kron = 1 + 1j - (0.4j) ** 2 / (2 + 1j)
    np.testing.assert_allclose(solid.resistance[0, 0] + 1j * solid.reactance[0, 0], kron)


def test_switches_stand_as_the_file_leaves_them(write_master: WriteMaster) -> None:
    lines = (
        LINE,
        HOME,
        "new line.s1 bus1=a bus2=b switch=y",
        "new line.s2 bus1=b bus2=lv switch=y",
        "new line.s3 bus1=a bus2=lv switch=y enabled=no",
        "new load.far bus1=b phases=3 kv=0.4 kw=3",
        "open line.s2 1",
    )
    switches = {one.id: one for one in read_opendss(write_master(*lines)).network.switches}
    assert switches["s1"].is_closed
    assert not switches["s2"].is_closed
    assert not switches["s3"].is_closed
    assert switches["s3"].is_normally_open


def test_loads_follow_the_voltage_as_their_model_says(write_master: WriteMaster) -> None:
    lines = (
        LINE,
        "new load.power bus1=a.1 phases=1 kv=0.23 kw=1 model=1 vminpu=0.9 vmaxpu=1.1",
        "new load.impedance bus1=a.1 phases=1 kv=0.23 kw=1 model=2",
        "new load.cvr bus1=a.1 phases=1 kv=0.23 kw=1 model=4 cvrwatts=0.8 cvrvars=3",
        "new load.current bus1=a.1 phases=1 kv=0.23 kw=1 model=5",
        "new load.zip bus1=a.1 phases=1 kv=0.23 kw=1 model=8 zipv=[.3 .3 .4 .3 .3 .4 .8]",
        "new load.between bus1=a.1.2 phases=1 conn=delta kv=0.4 kw=1",
        "new load.leading bus1=a.1.2.3 phases=3 kv=0.4 kw=3 pf=-0.9",
        "new generator.roof bus1=a.3 phases=1 kv=0.23 kw=4 pf=1",
    )
    reading = read_opendss(write_master(*lines))
    network, profiles = reading.network, reading.profiles
    models = {one.id: one.model for one in network.connections}
    assert [getattr(models["power"], name) for name in ("least_pu", "most_pu")] == [0.9, 1.1]
    assert [getattr(models["impedance"], name) for name in ("least_pu", "most_pu")] == [1.0, 1.0]
    assert [getattr(models["cvr"], name) for name in ("watts_exponent", "vars_exponent")] == [0.8, 3.0]
    assert [getattr(models["current"], name) for name in ("watts_exponent", "vars_exponent")] == [1.0, 1.0]
    assert rules(reading) == ["load_model"]
    assert connection(network, "between").is_delta
    assert connection(network, "between").phases is Phases.L1 | Phases.L2
    assert connection(network, "leading").power_factor == pytest.approx(-0.9)
    assert profiles is not None
    assert profiles.watts[[one.id for one in network.connections].index("roof"), 0] == pytest.approx(-4000)
    assert profiles.step_seconds == 3600


def test_shapes_of_actual_kilowatts_and_shorter_ones_are_laid_beside_the_others(
    write_master: WriteMaster,
) -> None:
    lines = (
        LINE,
        "new loadshape.factor npts=4 minterval=30 mult=[0.5 1 1.5 2]",
        "new loadshape.actual npts=2 minterval=30 mult=[3 4] useactual=yes",
        "new loadshape.hours npts=2 interval=1 mult=[1 2]",
        "new load.a bus1=a.1 phases=1 kv=0.23 kw=2 pf=1 daily=factor",
        "new load.b bus1=a.2 phases=1 kv=0.23 kw=2 pf=1 daily=actual",
        "new load.c bus1=a.3 phases=1 kv=0.23 kw=2 pf=1 daily=hours",
    )
    reading = read_opendss(write_master(*lines))
    assert reading.profiles is not None
    assert reading.profiles.step_seconds == 1800
    np.testing.assert_allclose(
        reading.profiles.watts, [[1000, 2000, 3000, 4000], [3000, 4000, 3000, 4000], [2000] * 4]
    )
    assert rules(reading) == ["load_shape"]


def test_capacitors_between_phases_and_earth_are_shunts(write_master: WriteMaster) -> None:
    lines = (
        LINE,
        HOME,
        "new capacitor.star bus1=a kvar=30 kv=0.4",
        "new capacitor.delta bus1=a kvar=30 kv=0.4 conn=delta",
    )
    star, delta = read_opendss(write_master(*lines)).network.shunts
    assert star.susceptance == pytest.approx(30e3 / 0.4e3**2)
    assert delta.susceptance == pytest.approx(star.susceptance)
    assert (star.is_grounded, delta.is_grounded) == (True, False)


def test_transformers_that_cannot_be_carried_are_named(write_master: WriteMaster) -> None:
    lines = (
        LINE,
        HOME,
        "new transformer.tap windings=3 phases=1 buses=[lv.1 x.1.0 x.0.2] kvs=[.23 .12 .12] kvas=[10 10 10]",
        "new transformer.across phases=1 buses=[lv.1.2 y.1] kvs=[.4 .23] kvas=[10 10]",
    )
    reading = read_opendss(write_master(*lines))
    assert Counter(rules(reading)) == {"centre_tapped": 1, "between_phases": 1}
    assert [one.id for one in reading.network.transformers] == ["t1"]
    assert any(fault.rule == "island" for fault in find_faults(reading.network))


def test_elements_of_other_classes_are_named(write_master: WriteMaster) -> None:
    battery = "new storage.battery bus1=a.1 phases=1 kv=0.23 kwrated=5 kwhrated=10"
    reading = read_opendss(write_master(LINE, HOME, battery))
    fault = next(fault for fault in reading.faults if fault.rule == "not_carried")
    assert fault.severity is Severity.FAULT
    assert "Storage" in fault.message


def test_a_source_of_another_frequency_that_gives_no_voltage_is_named_and_mended(tmp_path: Path) -> None:
    master = tmp_path / "Master.dss"
    master.write_text(
        "clear\nset defaultbasefrequency=60\nnew circuit.c basekv=11\nset defaultbasefrequency=50\n"
        "new line.l bus1=sourcebus bus2=a length=1\nnew load.x bus1=a kv=11 kw=10\n"
        "set voltagebases=[0.4 11]\ncalcvoltagebases\n",
        encoding="utf-8",
    )
    reading = read_opendss(master)
    assert rules(reading) == ["zero_voltage"]
    assert "60 Hz in a network of 50 Hz" in reading.faults[0].message
    assert reading.faults[0].severity is Severity.WARNING
    assert [bus.nominal_volts for bus in reading.network.buses] == pytest.approx([11_000, 11_000])


def test_a_network_that_converges_without_any_voltage_is_a_fault(write_master: WriteMaster) -> None:
    reading = read_opendss(write_master(LINE, HOME, tail="edit vsource.source enabled=no"))
    assert "zero_voltage" in rules(reading)
    assert next(fault for fault in reading.faults if fault.rule == "zero_voltage").severity is Severity.FAULT


def test_without_voltage_bases_nominal_voltages_are_walked_from_the_source(
    tmp_path: Path, write_master: WriteMaster
) -> None:
    master = write_master(LINE, HOME)
    kept = [line for line in master.read_text().splitlines() if "voltagebases" not in line]
    master.write_text("\n".join(kept))
    reading = read_opendss(master)
    assert {bus.id: bus.nominal_volts for bus in reading.network.buses} == pytest.approx(
        {"sourcebus": 11_000, "lv": 400, "a": 400}
    )
    assert "no_voltage_base" in rules(reading)


def test_what_the_engine_refuses_is_told_with_file_and_line(write_master: WriteMaster) -> None:
    with pytest.raises(NetworkError, match=r"Master\.dss:7") as refused:
        read_opendss(write_master("new line.l1 bus1=lv bus2=a linecode=none length=x units=m", HOME))
    assert refused.value.faults[0].where == "Master.dss:7"


def test_a_script_that_builds_nothing_is_refused(tmp_path: Path) -> None:
    master = tmp_path / "empty.dss"
    master.write_text("clear\n! nothing\n", encoding="utf-8")
    with pytest.raises(NetworkError, match="builds no circuit"):
        read_opendss(master)


def test_the_13_node_feeder_keeps_its_regulators_taps_and_its_loads_between_phases() -> None:
    reading = read_network_file(GOLDEN / "ieee13" / "IEEE13Nodeckt.dss")
    network = reading.network
    assert reading.faults == ()
    assert find_faults(network) == []
    assert (len(network.buses), len(network.segments), len(network.switches), len(network.shunts)) == (
        16,
        11,
        1,
        2,
    )
    regulators = [one for one in network.transformers if one.id.startswith("reg")]
    assert [one.phases for one in regulators] == [Phases.L1, Phases.L2, Phases.L3]
    assert [one.to_volts / one.from_volts for one in regulators] == pytest.approx([1.05625, 1.0375, 1.05625])
    assert {one.id for one in network.connections if one.is_delta} == {"671", "646", "692"}
    assert network.frequency == 60


def test_ckt5_keeps_its_one_phase_transformers_and_its_customers() -> None:
    network = read_network_file(shared("epri", "ckt5", "Master_ckt5.dss")).network
    assert (len(network.buses), len(network.connections), len(network.transformers)) == (2998, 1379, 592)
    single = [one for one in network.transformers if len(one.phases.indices) == 1]
    assert len(single) == 591
    assert single[0].from_volts / single[0].to_volts == pytest.approx(7199.55785679463 / 240)
    assert find_faults(network) == []


@pytest.mark.parametrize(
    ("folder", "customers"), [((), 63), (("network N",), 67), (("network_B",), 93), (("Network V",), 8)]
)
def test_the_australian_masters_are_named_for_what_they_are_and_read(
    folder: tuple[str, ...], customers: int
) -> None:
    reading = read_network_file(shared("australia", *folder, "Master.dss"))
    # Network B has no transformer: its neutral hangs on a rod of 1 Ω at the source's bus.
    assert rules(reading) == ["loose_neutral", "zero_voltage"][folder != ("network_B",) :]
    assert len(reading.network.connections) == customers
    assert all(fault.severity is Severity.NOTE for fault in find_faults(reading.network))


def test_the_37_node_feeders_open_delta_regulators_are_named() -> None:
    reading = read_network_file(shared("ieee", "37Bus", "ieee37.dss"))
    assert rules(reading) == ["between_phases", "between_phases"]
