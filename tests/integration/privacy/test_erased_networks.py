"""Erasure in the network: what joins a person to a place in it, and what was noted, planned and done there."""

import gc
import weakref

import numpy as np
import pytest

from backend.api.application import create_app
from backend.api.daily_erasure import DailyErasure
from backend.api.settings import ApiSettings
from backend.grid.imbalance import Measure
from backend.grid.network_form import read_network
from backend.ports.grid_event_records import EventKind, EventQuery
from backend.ports.grid_plan_records import PlanKind, PlanRecord, PlanState
from backend.services.grid import looks
from backend.services.grid.events import note_event
from backend.services.grid.work_orders import PlannedSwitch, make_order, make_switch_orders
from backend.services.grid.workflows import StepReport, report_step
from backend.services.privacy import ask_erasure
from tests.integration.privacy.leaver import NUMBER, PERSON, POINT, erase, join


def test_nothing_joins_the_erased_to_a_place_in_the_network_and_their_profile_goes(wiring):
    join(wiring)
    ask_erasure(wiring.context, "toits", PERSON)
    erase(wiring)
    with wiring.store.reading() as records:
        document = records.network("rue").document
        assert records.network_points("toits", [POINT, NUMBER]) == []
        assert [one.connection for one in records.network_points("toits", ["ben-load"])] == ["ben"]
    assert [one.metering_points for one in read_network(document).connections[:2]] == [
        (),
        ("ben-load", "ben-solar"),
    ]
    profiles = wiring.profiles.profiles("rue")
    assert np.isnan(profiles.watts[0]).all()
    assert (profiles.watts[1:] == 777).all()


def test_what_was_noted_of_their_connection_goes_and_what_they_noted_has_an_alias(wiring):
    user, _ = join(wiring)
    now = wiring.clock.now_utc()
    with wiring.store.transaction() as records:
        for element, by in (("ada", ""), ("ben", user.id)):
            note_event(
                records,
                network="rue",
                kind=EventKind.ALARM,
                element=element,
                by=by,
                title=f"Voltage at {element}",
                at_utc=now,
                noted_utc=now,
            )
    ask_erasure(wiring.context, "toits", PERSON)
    (erased,) = erase(wiring)
    with wiring.store.reading() as records:
        entries = records.timeline("rue", EventQuery())
    assert [(entry.event.element, entry.event.by) for entry in entries] == [("ben", erased.alias)]


def test_what_plans_for_the_network_tell_of_their_connection_goes(wiring):
    join(wiring)
    switches = [{"connection": name, "from": "L1", "to": "L2", "moved_kw": 1.7} for name in ("ada", "ben")]
    plan = PlanRecord(
        "p1", "rue", PlanKind.SWITCHING, "T1", PlanState.PROPOSED, 1, "", {"switches": switches}
    )
    with wiring.store.transaction() as records:
        records.add_plan(plan)
    ask_erasure(wiring.context, "toits", PERSON)
    erase(wiring)
    with wiring.store.reading() as records:
        assert [one["connection"] for one in records.plan("rue", "p1").document["switches"]] == ["ben"]


def test_what_they_decided_about_a_plan_was_decided_by_an_alias(wiring):
    user, _ = join(wiring)
    decided = {"loads": [], "actions": [], "decision": {"by": user.id, "at": 1, "words": "agreed"}}
    record = PlanRecord("r1", "rue", PlanKind.RELIEF, "T1", PlanState.APPROVED, 1, user.id, decided)
    with wiring.store.transaction() as records:
        records.add_plan(record)
    ask_erasure(wiring.context, "toits", PERSON)
    (erased,) = erase(wiring)
    with wiring.store.reading() as records:
        kept = records.plan("rue", "r1")
    assert kept.made_by == erased.alias
    assert kept.document["decision"] == {"by": erased.alias, "at": 1, "words": "agreed"}


def test_what_a_work_order_tells_of_their_home_goes_and_that_it_was_done_stays(wiring):
    user, _ = join(wiring)
    now = wiring.clock.now_utc()
    gains = {"ada": 1.7, "ben": 0.4}
    switches = [PlannedSwitch(name, "L1", "L2", gain, "w1") for name, gain in gains.items()]
    with wiring.store.transaction() as records:
        network = records.network("rue")
        made = make_switch_orders(records, network, "p1", switches, by="", now_utc=now)
        asked = ("residual", "ada", "Ask Quint about the heater", {"seen": "at night"})
        by_hand = make_order(records, network, *asked, by="", now_utc=now)
        fields = {"crew": "north", "day": "2024-04-02"}
        report = StepReport(made[0].order.id, "plan", "planned", fields, now)
        report_step(records, "rue", report, by=user.id, roles=["operator"], source="page", now_utc=now)
    ask_erasure(wiring.context, "toits", PERSON)
    erase(wiring)
    with wiring.store.reading() as records:
        orders = {one.id: one for one in records.work_orders("rue")}
        (step,) = records.work_steps([made[0].order.id])
    ada, ben, other = (orders[one.order.id] for one in (*made, by_hand))
    assert ada.title == other.title == "Work at ada"
    assert ada.details == {"number": 1, "place": 1, "crew_place": "w1", "from": "L1", "to": "L2"}
    assert other.details == {}
    assert (ben.title, ben.details["expected_gain_kw"]) == ("Move ben from L1 to L2", 0.4)
    assert (step.step, step.outcome, step.fields) == ("plan", "planned", {})


def test_the_service_holds_no_network_in_memory_as_it_was_before_somebody_was_forgotten(wiring):
    join(wiring)
    services = create_app(wiring, ApiSettings()).state.services
    days = []
    held = weakref.ref(services.grid.networks.find("toits", "rue"))
    assert services.grid.looks.frames(held(), None, None, Measure.LOADING)["values"]

    def watch(flow, _measure):
        days.append(weakref.ref(flow))
        return np.ones((5, flow.length))

    with pytest.MonkeyPatch.context() as seen:
        seen.setattr(looks, "measure_flow", watch)
        services.grid.looks.frames(held(), None, None, Measure.LOADING)
    ask_erasure(wiring.context, "toits", PERSON)
    assert DailyErasure(services).erase()
    gc.collect()
    assert held() is None
    assert [day() for day in days] == [None]
