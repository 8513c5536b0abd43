"""Outages of published feeders: the European low-voltage one, which has no switch, and EPRI's circuit 5."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from backend.adapters.demo_data.networks import read_feeder
from backend.adapters.networks.reading import read_network_file
from backend.grid import trace_network
from backend.grid.outage import ElementKind, Outages, find_element
from backend.grid.restoration import Isolation, Reason, plan_restoration

ROOT = Path(__file__).resolve().parents[4]
GRIDS = Path(os.environ.get("PARTAGE_SHARED_DATA", ROOT.parent / "shared" / "data")) / "lv_grids"


def test_the_european_feeder_has_no_other_way_to_feed_anyone() -> None:
    feeder = read_feeder()
    outages = Outages(feeder.network, feeder.profiles)
    transformer = feeder.network.transformers[0].id
    found = outages.impact(find_element(feeder.network, transformer))
    assert len(found.connections) == 55
    assert feeder.profiles is not None
    assert found.mean_watts == pytest.approx(float(feeder.profiles.watts.sum(axis=0).mean()))
    assert sum(value or 0.0 for value in found.not_served_watt_hours) == pytest.approx(
        float(feeder.profiles.watts.sum()) / 60
    )
    plan = plan_restoration(
        feeder.network, found.element, feeder.profiles, isolation=Isolation.ENDS, intervals=24
    )
    assert set(plan.waiting.values()) == {Reason.NO_TIE}
    assert plan.backups == ()


def test_a_cut_in_the_european_feeder_darkens_what_hangs_behind_it_and_nothing_else() -> None:
    feeder = read_feeder()
    topology = trace_network(feeder.network)
    outages = Outages(feeder.network, feeder.profiles)
    for index in range(0, len(feeder.network.segments), 40):
        behind = {feeder.network.connections[row].id for row in topology.connections_behind(index)}
        found = outages.impact(find_element(feeder.network, feeder.network.segments[index].id))
        assert set(found.connections) == behind
    ranked = outages.rank("customers", [ElementKind.SEGMENT])
    counts = [len(one.connections) for one in ranked]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 55
    assert counts[-1] == 1


def test_a_circuit_of_thousands_of_elements_is_ranked_phase_by_phase() -> None:
    file = GRIDS / "epri" / "ckt5" / "Master_ckt5.dss"
    if not file.is_file():
        pytest.skip(f"the circuit is not at {file}; set PARTAGE_SHARED_DATA to the folder that has lv_grids")
    reading = read_network_file(file)
    network = reading.network
    series = reading.profiles.window(0, 168) if reading.profiles is not None else None
    outages = Outages(network, series)
    ranked = outages.rank("customers", [ElementKind.SWITCH])
    assert len(ranked[0].connections) == len(network.connections) == 1379
    assert outages.rank("load", limit=1)[0].worst_watts == pytest.approx(
        float(np.nan_to_num(series.watts).clip(0).sum(axis=0).max()) if series is not None else 0.0
    )
    # A switch of one phase takes customers of that phase alone.
    single = next(one for one in network.switches if one.is_closed and str(one.phases) == "L2")
    lost = outages.impact(find_element(network, single.id)).connections
    phases = Counter(str(one.phases) for one in network.connections if one.id in set(lost))
    assert phases.keys() == {"L2"}
    # A segment on one arm of its only ring: two switches cut it off, an open one of the other arm feeds all beyond.
    plan = plan_restoration(network, find_element(network, "mdv201_c_1p034_a1160492"), series, intervals=4)
    done = [(step.kind.value, step.element, len(step.restores)) for step in plan.steps]
    assert done[:2] == [("open", "c_1p034_sw", 0), ("open", "mdv201_1160495elb-1_sw", 0)]
    assert [len(one.connections) for one in plan.backups] == [12, 12]
    assert done[2:] in ([("close", one.switch, 12)] for one in plan.backups)
    assert plan.waiting == {}
    assert plan.is_proven
    # Nothing leads around the head of both arms.
    whole = plan_restoration(network, find_element(network, "mdv201_c_1_267_abc8074"), series, intervals=4)
    assert (len(whole.lost), whole.restored) == (462, ())
    assert set(whole.waiting.values()) == {Reason.FAULTY, Reason.NO_TIE}
