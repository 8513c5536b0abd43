"""Plans under way are of the network that they began with, or none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from backend.errors import ConflictError
from backend.ports.grid_plan_records import PlanKind
from backend.services.grid.keep_network import keep_network
from backend.services.grid.phase_records import keep_suggestions
from backend.services.grid.switching import keep_plan
from tests.integration.settlement.small_community import open_home
from tests.small_network import small_network

if TYPE_CHECKING:
    from pathlib import Path

    from backend.bootstrap import Wiring
    from backend.grid import Network


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    opened: Wiring = open_home(tmp_path / "home")
    return opened


def keep(wiring: Wiring, network: Network, community: str = "toits") -> str:
    sources, clock = wiring.grid_sources, wiring.clock
    keep_network(sources, clock, network, None, community=community, source_format="partage")
    with wiring.store.reading() as records:
        return records.network(network.name).digest


def test_what_was_planned_of_a_network_that_changed_meanwhile_is_not_kept(wiring: Wiring) -> None:
    whole = small_network()
    before = keep(wiring, whole)
    plan: dict[str, Any] = {
        "network": "rue",
        "digest": before,
        "element": "T1",
        "head": "T1",
        "switches": [],
        "imbalance_before_kw": 2.0,
        "imbalance_after_kw": 1.0,
    }
    keep(wiring, replace(whole, connections=whole.connections[1:]))
    with pytest.raises(ConflictError, match="was changed while"):
        keep_plan(wiring.grid_sources, wiring.clock, "p1", "", plan)
    with pytest.raises(ConflictError, match="was changed while"):
        keep_suggestions(wiring.store, wiring.clock, "p2", "", plan)
    keep(wiring, whole)
    assert keep_plan(wiring.grid_sources, wiring.clock, "p1", "", plan).id == "p1"
    with wiring.store.reading() as records:
        assert [one.id for kind in PlanKind for one in records.plans("rue", kind)] == ["p1"]


def test_of_two_communities_that_take_a_name_at_once_one_has_it(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = wiring.clock.now_utc

    def another_is_faster() -> int:
        monkeypatch.setattr(wiring.clock, "now_utc", now)
        keep(wiring, small_network(), "lac")
        return now()

    monkeypatch.setattr(wiring.clock, "now_utc", another_is_faster)
    with pytest.raises(ConflictError, match="community 'lac''s"):
        keep(wiring, small_network(), "toits")
    with wiring.store.reading() as records:
        assert records.network("rue").community == "lac"
