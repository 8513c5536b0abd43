"""Transformers of a stored network: loads, temperatures, residuals, forecasts, hosting, and plans to relieve them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from backend.adapters.ambient import YearlyCourse
from backend.errors import ConflictError, InputError, NotFoundError
from backend.grid.hosting import HostingLimits, Technology
from backend.grid.relief import FlexibilityKind, FlexibleLoad
from backend.ports.grid_event_records import EventQuery
from backend.ports.grid_plan_records import PlanState
from backend.services.grid import transformers as module
from backend.services.grid.known_networks import KnownNetwork, KnownNetworks
from backend.services.grid.network_series import GridSources
from backend.services.grid.relief_plans import (
    ReliefOrder,
    decide_plan,
    find_plan,
    list_plans,
    make_plan,
    relief_consents,
)
from backend.services.grid.transformer_views import tell_hosting, tell_transformer, tell_transformers
from backend.services.grid.transformers import TransformerDesk
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from tests.integration.settlement.small_community import DEFINITION, copy_settled
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from pathlib import Path

    from backend.bootstrap import Wiring
    from backend.grid import Network

HOUR = 3_600
FIRST = 1_709_247_600  # midnight of 1 March 2024 in Paris
DAYS = 28
METERED = f'{DEFINITION}\n[[feeders]]\nid = "trafo"\nexternal_id = "50012345678909"\n'


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    wiring: Wiring = copy_settled(tmp_path / "home")
    return wiring


def keep(wiring: Wiring, network: Network) -> tuple[TransformerDesk, KnownNetwork]:
    """A network without the workshop, of which nothing is known."""
    with wiring.store.transaction() as records:
        records.put_network(network_record(network, "toits"))
    sources = GridSources(wiring.store, wiring.intervals, wiring.profiles)
    desk = TransformerDesk(KnownNetworks(sources), YearlyCourse())
    return desk, desk.networks.find("toits", "rue")


def rue(rated: float = 100e3, points: dict[str, tuple[str, ...]] | None = None) -> Network:
    network = small_network()
    return replace(
        network,
        transformers=(replace(network.transformers[0], rated_volt_amperes=rated),),
        connections=tuple(
            replace(one, metering_points=(points or {}).get(one.id, one.metering_points))
            for one in network.connections[:3]
        ),
    )


def load_meter(wiring: Wiring, desk: TransformerDesk, known: KnownNetwork) -> None:
    """Let the transformer's own meter count what all homes draw, and a hundredth for losses."""
    load_community(wiring.context, METERED, "toits.toml")
    series = desk.span(known).series
    total = np.nan_to_num(series.watts).sum(axis=0) * 1.01 / 1000
    rows = ["metering_point,start,resolution_minutes,energy_kwh,quality"]
    for hour, power in enumerate(total.tolist()):
        for way, energy in (("drawn", max(power, 0.0)), ("given", max(-power, 0.0))):
            start = np.datetime64(series.start_utc + hour * HOUR, "s")
            rows.append(f"trafo~{way},{start}Z,60,{energy:.6f},measured")
    file = wiring.home.files / "trafo.csv"
    file.write_text("\n".join(rows) + "\n")
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")


def test_a_card_has_load_temperature_room_and_risk(wiring: Wiring) -> None:
    desk, known = keep(wiring, rue(3e3))
    told = tell_transformers(desk, known)
    (card,) = told["items"]
    assert (card["rank"], card["id"], card["rated_kva"], card["origin"]) == (1, "T1", 3.0, "flow")
    assert 90 < card["coverage_pct"] < 95  # Cleo joined later
    assert card["is_overloaded"]
    assert card["hours_over"] > 0
    assert card["free_feed_in_kw"] < 0 < card["free_kw"]  # it is full of sun
    assert card["free_kva"] < 0
    assert card["hot_spot_c"]["peak"] > card["top_oil_c"]["peak"] > 20
    assert card["residual"] is None
    assert card["risk"]["courses"] == 8
    assert card["risk"]["overload_pct"] > 50
    assert "not measured" in told["ambient_source"]
    assert told["end"] - told["start"] == DAYS * 24 * HOUR


def test_a_larger_transformer_is_cooler_and_has_the_room_that_is_left(wiring: Wiring) -> None:
    desk, known = keep(wiring, rue(100e3))
    (card,) = tell_transformers(desk, known)["items"]
    assert not card["is_overloaded"]
    assert card["hours_over"] == 0
    assert card["free_kva"] == pytest.approx(100 * (1 - card["loading_pct"]["peak"] / 100), rel=1e-3)
    assert card["growth"] > 5


def test_one_in_detail_has_its_courses_interval_by_interval(wiring: Wiring) -> None:
    desk, known = keep(wiring, rue(10e3))
    told = tell_transformer(desk, known, "T1", FIRST, FIRST + 48 * HOUR)
    assert (told["start"], told["step_seconds"]) == (FIRST, HOUR)
    assert {len(told["course"][name]) for name in ("loading_pct", "load_kw", "hot_spot_c", "ambient_c")} == {
        48
    }
    assert max(told["course"]["loading_pct"]) == pytest.approx(told["loading_pct"]["peak"])
    assert told["duration_pct"] == sorted(told["duration_pct"], reverse=True)
    assert told["limits"] == {"loading_pct": 150.0, "hot_spot_c": 120.0, "top_oil_c": 105.0}
    forecast = told["forecast"]
    assert forecast["start"] == FIRST + 743 * HOUR
    assert len(forecast["mean_pct"]) == 48
    assert forecast["method"] == "similar days"
    with pytest.raises(NotFoundError, match="There is no transformer 'T2'"):
        tell_transformer(desk, known, "T2")


def test_a_home_that_no_connection_names_is_suspected_where_its_course_is_missing(wiring: Wiring) -> None:
    desk, known = keep(wiring, rue())
    load_meter(wiring, desk, known)
    (card,) = tell_transformers(desk, known)["items"]
    assert card["origin"] == "meter"
    assert card["residual"]["suspicions"] == []
    assert not card["residual"]["is_notable"]
    desk, known = keep(wiring, rue(points={"ben": ()}))
    told = tell_transformer(desk, known, "T1")
    (suspicion,) = told["residual"]["suspicions"]
    assert (suspicion["kind"], suspicion["place"]) == ("missing", "ben-load+ben-solar")
    assert suspicion["confidence_pct"] > 95
    assert told["residual"]["is_notable"]
    course = told["residual_course"]
    assert course["residual_kw"][-12] == pytest.approx(
        course["measured_kw"][-12] - course["modelled_kw"][-12], abs=1e-4
    )
    assert course["modelled_kw"][12] is None  # Cleo's meter is not the community's before she joins


def test_what_is_kept_is_looked_at_anew_once_a_reading_changed(wiring: Wiring) -> None:
    desk, known = keep(wiring, rue())
    first = desk.span(known)
    assert desk.span(known) is first
    file = wiring.home.files / "more.csv"
    file.write_text(
        "metering_point,start,resolution_minutes,energy_kwh,quality\n"
        "ada-load,2024-03-30T12:00:00Z,60,9.5,measured\n"
    )
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")
    assert desk.span(known).loads["T1"].fullest.max() > first.loads["T1"].fullest.max()


def test_of_a_large_network_less_is_looked_at_and_its_forecast_is_of_sums(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, known = keep(wiring, rue())
    by_flow = desk.ahead(known)
    monkeypatch.setattr(module, "_SOLVED_FREELY", 5 * 24 * 3)
    monkeypatch.setattr(module, "_SOLVED_MOST", 5 * 24 * 6)
    fresh = TransformerDesk(KnownNetworks(desk.networks.sources), YearlyCourse())
    assert fresh.span(known).series.length == 3 * 24
    with pytest.raises(InputError, match="of a network of 5 buses at most 144 are solved at once"):
        fresh.span(known, FIRST)
    by_sum = fresh.ahead(known)
    assert {load.origin for load in by_sum.loads["T1"]} == {"sum"}
    np.testing.assert_allclose(by_sum.risks["T1"].mean, by_flow.risks["T1"].mean, rtol=0.05, atol=1e-3)


def test_hosting_capacities_are_told_by_connection(wiring: Wiring) -> None:
    desk, known = keep(wiring, rue())
    told = tell_hosting(desk, known, ["ben"], [Technology.SOLAR], HostingLimits())
    assert [(one["connection"], one["technology"], one["phases"]) for one in told["items"]] == [
        ("ben", "solar", "L1"),
        ("ben", "solar", "L123"),
    ]
    assert all(one["kw"] > 5 for one in told["items"])
    with pytest.raises(InputError, match="of 201 connections were asked for; name at most 200"):
        tell_hosting(desk, known, ["ben"] * 201, [Technology.SOLAR], HostingLimits())


def load_of(name: str, **more: Any) -> FlexibleLoad:
    settings: dict[str, Any] = {"kind": FlexibilityKind.SHED, "watts": 2e3, "has_consented": True, **more}
    return FlexibleLoad(name, name, **settings)


def order(*loads: FlexibleLoad, **more: Any) -> ReliefOrder:
    return ReliefOrder("T1", loads, **more)


def overloaded(wiring: Wiring) -> tuple[TransformerDesk, KnownNetwork]:
    """A transformer that is too small for Ben's roof, and for Ada in some hours."""
    return keep(wiring, rue(3e3))


def test_a_plan_is_made_verified_and_kept_and_the_same_order_is_the_same_plan(wiring: Wiring) -> None:
    desk, known = overloaded(wiring)
    asked = order(load_of("ben", kind=FlexibilityKind.CURTAIL))
    made = make_plan(desk, wiring.clock, known, asked)
    told = made.document
    assert made.state is PlanState.PROPOSED
    assert told["needed_kw"] > 0
    assert told["actions"]
    assert told["holds"]
    assert told["effect"]["peak_after_pct"] < told["effect"]["peak_before_pct"]
    assert told["decision"] is None
    assert make_plan(desk, wiring.clock, known, asked) == made
    assert [one.id for one in list_plans(wiring.store, "rue")] == [made.id]
    with wiring.store.reading() as records:
        entries = records.timeline("rue", EventQuery())
    assert [entry.event.data["plan"] for entry in entries] == [made.id]


def test_a_person_approves_a_plan_once_and_who_and_when_is_kept(wiring: Wiring) -> None:
    desk, known = overloaded(wiring)
    made = make_plan(desk, wiring.clock, known, order(load_of("ben", kind=FlexibilityKind.CURTAIL)))
    approved = decide_plan(
        wiring.store, wiring.clock, "rue", made.id, PlanState.APPROVED, "operator@toits", "Ben was called."
    )
    assert approved.state is PlanState.APPROVED
    assert approved.document["decision"]["by"] == "operator@toits"
    assert approved.document["decision"]["words"] == "Ben was called."
    again = decide_plan(wiring.store, wiring.clock, "rue", made.id, PlanState.APPROVED, "other")
    assert again.document["decision"]["by"] == "operator@toits"
    with pytest.raises(ConflictError, match="was approved already"):
        decide_plan(wiring.store, wiring.clock, "rue", made.id, PlanState.REFUSED, "other")
    with wiring.store.reading() as records:
        assert find_plan(records, "rue", made.id) == approved
        with pytest.raises(NotFoundError):
            find_plan(records, "rue", "relief-none")


def test_where_a_load_is_a_members_their_consent_decides_and_not_the_list(wiring: Wiring) -> None:
    desk, known = overloaded(wiring)
    told = relief_consents(
        desk, known, [load_of("ada"), load_of("ben"), load_of("nobody")], lambda who: who == "ben"
    )
    assert [one.has_consented for one in told] == [False, True, True]
    known_paper = keep(wiring, rue(points={"ada": ("14500000000001",)}))[1]
    (paper,) = relief_consents(desk, known_paper, [load_of("ada")], lambda _: False)
    assert paper.has_consented


def test_an_order_that_cannot_be_is_named(wiring: Wiring) -> None:
    desk, known = overloaded(wiring)
    with pytest.raises(InputError, match="A plan for 500 hours ahead is not made"):
        order(hours=500)
    with pytest.raises(InputError, match="A certainty of 0 is none"):
        order(certainty=0)
    with pytest.raises(InputError, match="A limit of 3 of the rating is none"):
        order(limit=3)
    with pytest.raises(NotFoundError, match="There is no transformer 'T9'"):
        make_plan(desk, wiring.clock, known, ReliefOrder("T9", ()))
    with pytest.raises(InputError, match='flexible load "zoe" is at "zoe", which is not behind'):
        make_plan(desk, wiring.clock, known, order(load_of("zoe")))
