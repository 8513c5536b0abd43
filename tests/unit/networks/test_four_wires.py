"""Networks with a neutral of their own, held against OpenDSS, which solves all four wires."""

from pathlib import Path

import numpy as np
import pytest

from backend.adapters.networks.opendss import read_opendss
from backend.grid.power_flow import PowerFlow
from tests.unit.grid.power_flow.opendss_oracle import ask
from tests.unit.networks.conftest import WriteMaster, shared

FOUR = (
    "new linecode.four nphases=4 rmatrix=[.6 | .05 .6 | .05 .05 .6 | .05 .05 .05 .7] "
    "xmatrix=[.8 | .45 .8 | .40 .45 .8 | .38 .40 .45 .8] cmatrix=[0 | 0 0 | 0 0 0 | 0 0 0 0] units=km"
)
STREET = (
    FOUR,
    "edit transformer.t1 buses=[sourcebus lv.1.2.3.4]",
    "new reactor.station phases=1 bus1=lv.4 bus2=lv.0 r=1 x=0",
    "new line.l1 bus1=lv.1.2.3.4 bus2=a.1.2.3.4 phases=4 linecode=four length=0.2 units=km",
    "new line.l2 bus1=a.1.2.3.4 bus2=b.1.2.3.4 phases=4 linecode=four length=0.2 units=km",
    "new load.one bus1=a.1.4 phases=1 kv=0.23 kw=6 pf=0.95 vminpu=0.5 vmaxpu=1.5",
    "new load.two bus1=b.2.4 phases=1 kv=0.23 kw=4 pf=0.95 vminpu=0.5 vmaxpu=1.5",
    "new load.three bus1=b.1.4 phases=1 kv=0.23 kw=3 pf=0.98 vminpu=0.5 vmaxpu=1.5",
)


def farthest(master: Path) -> tuple[float, float]:
    """How far our voltages between phase and neutral are from OpenDSS's [pu], and our losses over its [1]."""
    reading = read_opendss(master)
    assert reading.profiles is not None
    flow = PowerFlow(reading.network).solve(reading.profiles.window(0, 1))
    frequency = f"basefreq={reading.network.frequency} frequency={reading.network.frequency}"
    told = ask(
        [
            f'compile "{master}"',
            f"edit vsource.source {frequency}",
            "calcvoltagebases",
            "set mode=snap",
            "solve",
        ],
        [{}],
    )
    volts = dict(zip(told.nodes, told.volts[0], strict=True))
    off = []
    for place, bus in enumerate(reading.network.buses):
        for phase in bus.phases.indices:
            across = volts[f"{bus.id}.{phase + 1}"] - volts.get(f"{bus.id}.4", 0)
            off.append(abs(abs(across) / bus.nominal_volts * 3**0.5 - abs(flow.voltages[place, phase, 0])))
    return max(off), float(flow.losses[0] / told.losses[0])


def test_a_neutral_that_is_earthed_at_the_station_alone_carries_the_whole_return(
    write_master: WriteMaster,
) -> None:
    off, losses = farthest(write_master(*STREET))
    assert off < 2e-5
    assert losses == pytest.approx(1, abs=1e-4)


def test_a_neutral_that_leads_to_no_star_point_is_named(write_master: WriteMaster) -> None:
    loose = [line for line in STREET if not line.startswith("edit")]
    faults = read_opendss(write_master(*loose)).faults
    assert [(fault.rule, fault.element) for fault in faults] == [("loose_neutral", "a")]
    assert read_opendss(write_master(*STREET)).faults == ()


def test_rods_that_take_a_little_of_the_return_change_little(write_master: WriteMaster) -> None:
    rods = [f"new reactor.rod{bus} phases=1 bus1={bus}.4 bus2={bus}.0 r=10 x=0" for bus in "ab"]
    off, losses = farthest(write_master(*STREET, *rods))
    assert 2e-5 < off < 2e-3
    assert losses == pytest.approx(1, abs=0.02)


def test_a_neutral_that_is_solidly_earthed_everywhere_is_eliminated_exactly(
    write_master: WriteMaster,
) -> None:
    solid = [
        f"new reactor.earth{bus} phases=1 bus1={bus}.4 bus2={bus}.0 r=1e-6 x=0" for bus in ("lv", "a", "b")
    ]
    off, losses = farthest(write_master(*STREET, *solid))
    assert off < 2e-5
    assert losses == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("folder", "within"), [("network N", 3e-3), ("network_B", 1e-3), ("Network V", 1e-5)]
)
def test_the_australian_feeders_with_a_rod_at_every_customer_agree(folder: str, within: float) -> None:
    off, losses = farthest(shared("australia", folder, "Master.dss"))
    assert off < within
    assert losses == pytest.approx(1, abs=0.03)
    assert np.isfinite(off)
