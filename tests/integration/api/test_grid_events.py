"""A network's timeline, settings and work orders as its community's grid operator sees and changes them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from backend.api.access import API
from backend.bootstrap.grid_watching import webhook_key
from backend.grid.alarms import AlarmSeverity, Channel, Route, write_routes
from backend.ports.grid_event_records import (
    EventKind,
    EventRecord,
    EventStanding,
    EventState,
    MessageRecord,
    MessageState,
)
from backend.ports.grid_plan_records import PlanKind, PlanRecord, PlanState

if TYPE_CHECKING:
    from starlette.testclient import TestClient

RUE = f"{API}/operator/communities/toits/networks/rue"
QUAI = f"{API}/operator/communities/toits/networks/quai"
T0 = 1_711_000_000
SWITCHES = [
    {
        "connection": "ben",
        "from": "L1",
        "to": "L3",
        "gain_kw": 0.75,
        "place": "w2",
        "metering_points": ["ben-load"],
    },
    {
        "connection": "ada",
        "from": "L1",
        "to": "L2",
        "gain_kw": 0.25,
        "place": "",
        "metering_points": ["ada-load"],
    },
]


@pytest.fixture
def operator(place: Any) -> TestClient:
    client: TestClient = place.log_in("operator@toits")
    return client


def put_alarm(place: Any, name: str, at_utc: int, element: str = "T1", **more: Any) -> None:
    event = EventRecord(
        name,
        more.get("network", "rue"),
        more.get("kind", EventKind.ALARM),
        element,
        more.get("severity", AlarmSeverity.WARNING),
        "loaded",
        at_utc,
        at_utc + 60,
        "",
        f"{element}: loading 120 %, above 100 %",
        {"measure": "loading", "limit": 100.0, "unit": "%"},
    )
    with place.wiring.store.transaction() as records:
        records.add_event(
            event, EventStanding(name, more.get("state", EventState.OPEN), worst=120.0, worst_utc=at_utc)
        )


def ask(client: TestClient, path: str, **query: Any) -> Any:
    answer = client.get(f"{RUE}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def tell(client: TestClient, path: str, body: Any, status: int = 200, **headers: Any) -> Any:
    answer = client.post(f"{RUE}/{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def looks_at(place: Any, who: str) -> list[str]:
    with place.wiring.store.reading() as records:
        return [what for _, what, _ in records.accesses(f"toits/{who}")]


def test_the_timeline_comes_page_by_page_the_newest_first(place: Any, operator: TestClient) -> None:
    for number in range(5):
        put_alarm(place, f"a{number}", T0 + number // 2)
    pages, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = ask(operator, "events", **query)
        pages.append([item["id"] for item in page["items"]])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == [["a4", "a3"], ["a2", "a1"], ["a0"]]


def test_the_timeline_is_narrowed_by_state_weight_kind_element_and_time(
    place: Any, operator: TestClient
) -> None:
    put_alarm(place, "a", T0)
    put_alarm(place, "b", T0 + 60, "west", severity=AlarmSeverity.CRITICAL, state=EventState.RESOLVED)
    put_alarm(place, "c", T0 + 120, kind=EventKind.PLAN, state=EventState.NOTED)

    def found(**query: Any) -> list[str]:
        return [item["id"] for item in ask(operator, "events", **query)["items"]]

    assert found(state="open") == ["a"]
    assert found(state=["open", "resolved"]) == ["b", "a"]
    assert found(state="", severity="") == ["c", "b", "a"]
    assert found(severity="critical") == ["b"]
    assert found(kind="plan") == ["c"]
    assert found(element="west") == ["b"]
    assert found(**{"from": "2024-03-21T05:47:40Z", "to": "2024-03-21T05:48:00Z"}) == ["b"]


def test_another_networks_entries_are_not_there(place: Any, operator: TestClient) -> None:
    put_alarm(place, "a", T0)
    put_alarm(place, "q", T0, network="quai")
    assert [item["id"] for item in ask(operator, "events")["items"]] == ["a"]
    assert operator.post(f"{RUE}/events/q/acknowledge", json={}).status_code == 404
    for path in ("events", "alarm-rules", "routes", "workflows", "messages", "work-orders"):
        assert operator.get(f"{QUAI}/{path}").status_code == 404


def test_whose_connection_an_entry_shows_is_told_that_it_was_looked_at(
    place: Any, operator: TestClient
) -> None:
    put_alarm(place, "a", T0)
    ask(operator, "events")
    assert looks_at(place, "ada") == looks_at(place, "ben") == []
    put_alarm(place, "b", T0, "ben")
    ask(operator, "events")
    ask(operator, "events")
    assert (looks_at(place, "ada"), looks_at(place, "ben")) == ([], ["meter data: network rue: events"])


@pytest.mark.parametrize("element", ["ben", "w2", "west-end"])
def test_an_entry_of_what_feeds_one_home_alone_tells_of_that_home(
    place: Any, operator: TestClient, element: str
) -> None:
    put_alarm(place, "a", T0, element)
    ask(operator, "events")
    assert (looks_at(place, "ada"), looks_at(place, "ben")) == ([], ["meter data: network rue: events"])


@pytest.mark.parametrize(
    ("action", "body"), [("acknowledge", {}), ("resolve", {}), ("comment", {"text": "at night"})]
)
def test_who_does_something_about_an_entry_is_shown_it_and_that_is_logged(
    place: Any, operator: TestClient, action: str, body: dict[str, Any]
) -> None:
    put_alarm(place, "a", T0, "west-end")
    for _ in range(2):
        assert tell(operator, f"events/a/{action}", body, 200, **{"Idempotency-Key": "action-001"})["worst"]
    assert (looks_at(place, "ada"), looks_at(place, "ben")) == ([], ["meter data: network rue: events"])


def test_an_alarm_is_acknowledged_silenced_commented_and_resolved_by_somebody(
    place: Any, operator: TestClient
) -> None:
    put_alarm(place, "a", T0)
    now = place.clock.now_utc()
    assert tell(operator, "events/a/acknowledge", {})["state"] == "acknowledged"
    silenced = tell(operator, "events/a/silence", {"until_utc": now + 3600, "text": "the fair"})
    assert (silenced["state"], silenced["silenced_until_utc"]) == ("silenced", now + 3600)
    assert tell(operator, "events/a/comment", {"text": "a fuse"})["state"] == "silenced"
    resolved = tell(operator, "events/a/resolve", {})
    assert resolved["state"] == "resolved"
    assert [(one["action"], one["text"]) for one in resolved["changes"]] == [
        ("acknowledged", ""),
        ("silenced", "the fair"),
        ("commented", "a fuse"),
        ("resolved", ""),
    ]
    assert {one["by"] for one in resolved["changes"]} == {operator.get(f"{API}/me").json()["id"]}
    assert {one["by_name"] for one in resolved["changes"]} == {"operator@toits"}


@pytest.mark.parametrize(
    ("action", "more", "words"),
    [
        ("acknowledge", {}, "is resolved; there is nothing left to acknowledge"),
        ("acknowledge", {"text": "seen"}, "is resolved; there is nothing left to acknowledge"),
        ("silence", {"until_utc": 3600}, "is resolved; a silence would hold back nothing"),
    ],
)
def test_an_alarm_that_is_resolved_is_neither_acknowledged_nor_silenced(
    place: Any, operator: TestClient, action: str, more: dict[str, Any], words: str
) -> None:
    put_alarm(place, "a", T0)
    before = tell(operator, "events/a/resolve", {})
    body = {
        key: place.clock.now_utc() + value if key == "until_utc" else value for key, value in more.items()
    }
    assert words in tell(operator, f"events/a/{action}", body, 409)["detail"]
    assert tell(operator, "events/a/comment", {"text": "a fuse"})["changes"][:-1] == before["changes"]


def test_a_comment_that_is_sent_twice_with_one_key_is_kept_once(place: Any, operator: TestClient) -> None:
    put_alarm(place, "a", T0)
    key: dict[str, Any] = {"Idempotency-Key": "comment-1"}
    first, again = (tell(operator, "events/a/comment", {"text": "a fuse"}, **key) for _ in range(2))
    assert first == again
    assert len(ask(operator, "events")["items"][0]["changes"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("events/a/silence", {"until_utc": 5}, 422),
        ("events/a/comment", {"text": ""}, 422),
        ("events/a/comment", {"text": "x" * 2001}, 422),
        ("events/a/comment", {"words": "x"}, 422),
        ("events/a/paint", {}, 422),
        ("events/b/resolve", {}, 404),
    ],
)
def test_what_cannot_be_done_to_an_entry_is_refused(
    place: Any, operator: TestClient, path: str, body: Any, status: int
) -> None:
    put_alarm(place, "a", T0)
    tell(operator, path, body, status)


@pytest.mark.parametrize("cursor", ["x", "MTIz", "OmE", "4pyTOmE"])
def test_a_cursor_that_was_never_given_out_is_refused(operator: TestClient, cursor: str) -> None:
    assert operator.get(f"{RUE}/events", params={"cursor": cursor}).status_code == 422


# what is set


@pytest.mark.parametrize("name", ["alarm-rules", "workflows"])
def test_a_network_begins_with_settings_and_each_change_is_a_version(operator: TestClient, name: str) -> None:
    begun = ask(operator, name)
    assert (begun["version"], begun["at_utc"], bool(begun["content"])) == (0, None, True)
    less = begun["content"][:1]
    answer = operator.put(f"{RUE}/{name}", json={"content": less, "based_on": 0})
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert ask(operator, name)["content"] == less
    assert operator.put(f"{RUE}/{name}", json={"content": less, "based_on": 1}).json()["version"] == 1
    assert operator.put(f"{RUE}/{name}", json={"content": [], "based_on": 0}).status_code == 409
    (entry,) = ask(operator, "events", kind="rules")["items"]
    assert entry["data"] == {"setting": name, "version": 1}


def test_routes_are_set_and_a_bad_one_is_refused_by_name(operator: TestClient) -> None:
    assert ask(operator, "routes")["content"] == []
    good = {"id": "scada", "channel": "webhook", "url": "https://hook.example/"}
    assert operator.put(f"{RUE}/routes", json={"content": [good]}).status_code == 200
    answer = operator.put(f"{RUE}/routes", json={"content": [good | {"url": "file:///etc/passwd"}]})
    assert (answer.status_code, "route 'scada': url is" in answer.json()["detail"]) == (422, True)


def test_the_key_of_a_webhook_is_told_and_the_timeline_says_who_asked(
    place: Any, operator: TestClient
) -> None:
    crew = {"id": "crew", "channel": "email", "addresses": ["crew@example.org"]}
    scada = {"id": "scada", "channel": "webhook", "url": "https://hook.example/"}
    assert operator.put(f"{RUE}/routes", json={"content": [crew, scada]}).status_code == 200
    told = tell(operator, "routes/scada/key", {})
    assert told == {"route": "scada", "key": webhook_key(place.wiring, "rue", "scada")}
    shown = ask(operator, "events", kind="rules")["items"]
    assert [one["by_name"] for one in shown if one["data"].get("route") == "scada"] == ["operator@toits"]
    answer = operator.post(f"{RUE}/routes/crew/key", json={})
    assert (answer.status_code, "no webhook 'crew'" in answer.json()["detail"]) == (404, True)


def test_a_number_beyond_all_numbers_is_refused_in_words(operator: TestClient, plan: str) -> None:
    order = tell(operator, f"switching/{plan}/work-orders", {})["items"][0]["id"]
    body = {"outcome": "planned", "fields": {"crew": "north", "day": "2024-04-02", "note": 10**400}}
    tell(operator, f"work-orders/{order}/steps/plan", body, 422)
    for name in ("alarm-rules", "workflows"):
        content = ask(operator, name)["content"]
        entry = content[0] if name == "alarm-rules" else content[0]["steps"][0]
        entry["limit" if name == "alarm-rules" else "limit_hours"] = 10**400
        answer = operator.put(f"{RUE}/{name}", json={"content": content})
        assert (answer.status_code, "401 digits" in answer.json()["detail"]) == (422, True)


def test_a_rule_for_an_element_that_is_not_there_is_refused(operator: TestClient) -> None:
    rule = {"id": "hot", "measure": "hot_spot", "kind": "transformer", "limit": 98, "elements": ["T9"]}
    answer = operator.put(f"{RUE}/alarm-rules", json={"content": [rule]})
    assert (answer.status_code, "no transformer 'T9'" in answer.json()["detail"]) == (422, True)


def test_messages_are_told_with_how_far_they_have_come(place: Any, operator: TestClient) -> None:
    with place.wiring.store.transaction() as records:
        records.put_message(
            MessageRecord("m", "rue", "crew", MessageState.SEALED, ("a",), "{}", T0, T0 + 30, 1, "down")
        )
        sent = MessageRecord(
            "n", "rue", "crew", MessageState.SENT, ("a", "b"), "{}", T0 + 1, T0, 1, "", T0 + 2
        )
        records.put_message(sent)
    first, second = ask(operator, "messages")["items"]
    assert (first["id"], first["state"], first["due_utc"], first["done_utc"]) == ("n", "sent", None, T0 + 2)
    assert (second["error"], second["attempts"], second["due_utc"]) == ("down", 1, T0 + 30)


# work


@pytest.fixture
def plan(place: Any) -> str:
    record = PlanRecord(
        "plan-1", "rue", PlanKind.SWITCHING, "T1", PlanState.PROPOSED, T0, "", {"switches": SWITCHES}
    )
    with place.wiring.store.transaction() as records:
        records.add_plan(record)
    return record.id


def test_a_plan_becomes_work_orders_once(place: Any, operator: TestClient, plan: str) -> None:
    made = tell(operator, f"switching/{plan}/work-orders", {})["items"]
    assert [(one["element"], one["details"]["expected_gain_kw"], one["state"]) for one in made] == [
        ("ben", 0.75, "open"),
        ("ada", 0.25, "open"),
    ]
    assert made[0]["due"]["id"] == "plan"
    assert tell(operator, f"switching/{plan}/work-orders", {})["items"] == made
    assert ask(operator, "work-orders", plan=plan)["items"] == made
    assert ask(operator, "work-orders", plan="other")["items"] == []
    assert looks_at(place, "ben") == ["meter data: network rue: work orders"]
    tell(operator, "switching/nowhere/work-orders", {}, 404)


def test_only_a_plan_that_moves_connections_becomes_work_orders(place: Any, operator: TestClient) -> None:
    with place.wiring.store.transaction() as records:
        records.add_plan(PlanRecord("r", "rue", PlanKind.RELIEF, "T1", PlanState.PROPOSED, T0, "", {}))
    assert "moves no connection" in tell(operator, "switching/r/work-orders", {}, 422)["detail"]


def test_steps_are_done_one_after_the_other_and_refused_otherwise(
    place: Any, operator: TestClient, plan: str
) -> None:
    order = tell(operator, f"switching/{plan}/work-orders", {})["items"][0]["id"]
    fields = {"crew": "north", "day": "2024-04-02"}
    told = tell(operator, f"work-orders/{order}/steps/switch", {"outcome": "switched"}, 409)
    assert "the step that is due is 'plan'" in told["detail"]
    told = tell(operator, f"work-orders/{order}/steps/plan", {"outcome": "planned"}, 422)
    assert "'Crew' must be filled in" in told["detail"]
    done = tell(operator, f"work-orders/{order}/steps/plan", {"outcome": "planned", "fields": fields})
    assert (done["due"]["id"], done["steps"][0]["title"]) == (
        "announce",
        "Plan the switch: crew, day, access",
    )
    assert done["steps"][0]["fields"] == fields
    tell(operator, "work-orders/wo-0000000000000000/steps/plan", {"outcome": "planned"}, 404)
    provider = place.log_in("provider@toits")
    answer = provider.post(f"{RUE}/work-orders/{order}/steps/announce", json={"outcome": "announced"})
    assert answer.status_code == 403


def test_who_begins_work_or_does_a_step_at_a_home_is_logged(place: Any, operator: TestClient) -> None:
    body = {"workflow": "residual", "element": "ada", "title": "Look at ada"}
    tell(operator, "work-orders", body, 201)
    order = tell(operator, "work-orders", body | {"element": "w2"}, 201)["id"]
    seen = ["meter data: network rue: work orders"]
    assert (looks_at(place, "ada"), looks_at(place, "ben")) == (seen, seen)
    place.clock.advance(7_200)
    done = {"outcome": "visit-needed", "fields": {"finding": "seal"}}
    later = place.log_in("operator@toits")
    assert tell(later, f"work-orders/{order}/steps/look", done)["element"] == "w2"
    assert (looks_at(place, "ada"), looks_at(place, "ben")) == (seen, seen * 2)


def test_a_provider_sees_the_orders_whose_step_is_theirs(place: Any, operator: TestClient, plan: str) -> None:
    tell(operator, f"switching/{plan}/work-orders", {})
    body = {"workflow": "residual", "element": "T1", "title": "Look at T1"}
    order = tell(operator, "work-orders", body, 201)["id"]
    provider = place.log_in("provider@toits")
    assert ask(provider, "work-orders")["items"] == []
    tell(
        operator,
        f"work-orders/{order}/steps/look",
        {"outcome": "visit-needed", "fields": {"finding": "seal"}},
    )
    fields = {"visited_on": "2024-04-02", "finding": "stopped"}
    tell(operator, f"work-orders/{order}/steps/visit", {"outcome": "meter-faulty", "fields": fields})
    assert [one["id"] for one in ask(provider, "work-orders")["items"]] == [order]
    fields = {"replaced_on": "2024-04-03"}
    tell(provider, f"work-orders/{order}/steps/replace", {"outcome": "replaced", "fields": fields})
    assert ask(provider, "work-orders")["items"] == []


def test_an_order_by_hand_is_for_an_element_and_a_workflow_that_are_there(operator: TestClient) -> None:
    body = {"workflow": "residual", "element": "T1", "title": "Look at T1"}
    for _ in range(2):
        tell(operator, "work-orders", body, 201, **{"Idempotency-Key": "order-001"})
    assert len(ask(operator, "work-orders")["items"]) == 1
    tell(operator, "work-orders", body | {"element": "T9"}, 422)
    tell(operator, "work-orders", body | {"workflow": "paint"}, 404)


def test_orders_go_out_and_come_back_as_csv(operator: TestClient, plan: str) -> None:
    orders = [one["id"] for one in tell(operator, f"switching/{plan}/work-orders", {})["items"]]
    answer = operator.get(f"{RUE}/work-orders", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert [row["work_order"] for row in csv.DictReader(io.StringIO(answer.text, newline=""))] == orders
    created = ask(operator, "work-orders")["items"][0]["created_utc"]
    at = datetime.fromtimestamp(created, UTC).isoformat()
    text = "work_order,step,outcome,done_at,field:crew,field:day\n" + "".join(
        f"{order},plan,planned,{at},north,2024-04-02\n" for order in orders
    )

    def hand_in(content: bytes, kind: str = "text/csv") -> Any:
        return operator.post(f"{RUE}/work-orders/status", content=content, headers={"Content-Type": kind})

    assert hand_in(text.encode()).json() == {"taken": 2, "known": 0}
    assert hand_in(text.encode()).json() == {"taken": 0, "known": 2}
    refused = hand_in(text.replace("planned", "exploded").encode())
    assert (refused.status_code, "line 2" in refused.json()["detail"]) == (422, True)
    assert hand_in(b"\xff\xfe").status_code == 422
    assert hand_in(b"{}", "application/json").status_code == 415
    assert hand_in(b"x" * (4 * 1024 * 1024 + 1)).status_code == 413


def test_what_is_done_stands_on_the_timeline_and_goes_where_the_routes_say(
    place: Any, operator: TestClient, plan: str
) -> None:
    route = Route(
        "sap", Channel.WEBHOOK, url="https://hook.example/", least=AlarmSeverity.INFO, kinds=("work_order",)
    )
    assert operator.put(f"{RUE}/routes", json={"content": write_routes([route])}).status_code == 200
    tell(operator, f"switching/{plan}/work-orders", {})
    entries = ask(operator, "events", kind="work_order")["items"]
    assert {entry["element"] for entry in entries} == {"ada", "ben"}
    (message,) = ask(operator, "messages")["items"]
    assert (message["route"], message["state"], message["entries"]) == ("sap", "gathering", 2)
