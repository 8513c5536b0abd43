"""What grid operators send and ask that they should not, and what must be logged before it is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from backend.api import grid_desk
from backend.api.access import API
from backend.errors import StoreError
from backend.ports.grid_plan_records import PlanKind, PlanRecord, PlanState
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from starlette.testclient import TestClient

RUE = f"{API}/operator/communities/toits/networks/rue"
DAY = {"from": "2024-03-01T00:00:00+01:00", "to": "2024-03-02T00:00:00+01:00"}


@pytest.fixture
def operator(place: Any) -> TestClient:
    client: TestClient = place.log_in("operator@toits")
    return client


def looks_at(place: Any, who: str) -> list[str]:
    with place.wiring.store.reading() as records:
        return [what.removeprefix("meter data: ") for _, what, _ in records.accesses(f"toits/{who}")]


def test_a_look_that_could_not_be_logged_is_neither_told_nor_taken_as_logged(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = place.log_in("operator@toits", raise_server_exceptions=False)

    def fail(*_: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(grid_desk, "note_look", fail)
        assert operator.get(RUE).status_code >= 500
    assert looks_at(place, "ada") == []
    assert operator.get(RUE).status_code == 200
    assert looks_at(place, "ada") == ["network rue: structure"]


@pytest.mark.parametrize("kind", [kind for kind in PlanKind if kind is not PlanKind.SWITCHING])
def test_a_plan_that_moves_nobody_draws_no_network(place: Any, operator: TestClient, kind: PlanKind) -> None:
    with place.wiring.store.transaction() as records:
        records.add_plan(PlanRecord("r1", "rue", kind, "T1", PlanState.PROPOSED, 1, "", {"actions": []}))
    answer = operator.get(f"{RUE}/frames", params={**DAY, "plan": "r1"})
    assert answer.status_code == 404, answer.text


def test_a_plan_of_another_network_is_not_there(place: Any, operator: TestClient) -> None:
    with place.wiring.store.transaction() as records:
        plan = PlanRecord("q1", "quai", PlanKind.SWITCHING, "T1", PlanState.PROPOSED, 1, "", {"switches": []})
        records.add_plan(plan)
    for path in (f"{RUE}/frames?plan=q1", f"{RUE}/elements/west/series?plan=q1", f"{RUE}/switching/q1"):
        assert operator.get(path).status_code == 404


def test_ids_with_slashes_and_markup_are_found_and_told_as_they_are(place: Any, operator: TestClient) -> None:
    network = small_network()
    name = "<img src=x>/a b?.#"
    home = replace(network.connections[0], id=name)
    changed = replace(network, connections=(home, *network.connections[1:]))
    with place.wiring.store.transaction() as records:
        records.put_network(network_record(changed, "toits"))
    answer = operator.get(f"{RUE}/elements/{quote(name, safe='')}/series", params=DAY)
    assert answer.status_code == 200, answer.text
    assert answer.json()["element"] == name
    accepted = operator.post(f"{RUE}/phases/{quote(name, safe='')}", json={"phases": "L2", "why": "seen"})
    assert accepted.status_code == 200, accepted.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "alarm-rules", '{"content": [{"id": "a", "threshold": NaN}]}'),
        ("PUT", "workflows", '{"content": [{"id": "a", "limit_hours": NaN}]}'),
        ("PUT", "routes", '{"content": [{"id": "a", "channel": NaN}]}'),
        ("POST", "relief-plans", '{"transformer": "T1", "loads": [], "hours": 5, "limit_pct": NaN}'),
        ("POST", "switching", '{"seconds": NaN}'),
        ("POST", "switching", '{"budget": Infinity}'),
        ("POST", "switching", '{"switches": -1}'),
        ("POST", "switching", '{"weights": {"mean": -1}}'),
        ("POST", "work-orders", '{"workflow": "residual", "element": "nobody", "title": "x"}'),
        ("POST", "events/x/comment", '{"text": 5}'),
        ("POST", "events/x/silence", '{"until_utc": 1e300}'),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    operator: TestClient, method: str, path: str, body: str
) -> None:
    answer = operator.request(
        method, f"{RUE}/{path}", content=body, headers={"Content-Type": "application/json"}
    )
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize("who", ["ada@toits", "operator@lac", "provider@lac"])
def test_no_other_role_sees_anything_of_a_network(place: Any, who: str) -> None:
    client = place.log_in(who)
    for path in ("", "/frames", "/elements/west/series", "/ranking", "/course", "/summary", "/switching",
                 "/transformers", "/transformers/T1", "/hosting", "/relief-plans", "/outage?element=west",
                 "/outages", "/phases", "/events", "/alarm-rules", "/routes", "/workflows", "/messages",
                 "/work-orders"):  # fmt: skip
        assert client.get(f"{RUE}{path}").status_code in {403, 404}, path
    for path in ("/summary", "/switching", "/relief-plans", "/phases", "/phases/ada", "/events/x/comment",
                 "/work-orders", "/work-orders/status", "/switching/x/work-orders"):  # fmt: skip
        assert client.post(f"{RUE}{path}", json={}).status_code in {403, 404, 415, 422}, path


@pytest.mark.parametrize(
    "query",
    ["from=0001-01-01T00:00:00Z", "to=9999-12-31T23:59:59-23:59", "from=1971-01-01T00:00:00Z",
     "from=2190-01-01T00:00:00Z", "from=2024-03-02T00:00:00Z&to=2024-03-01T00:00:00Z", "from=NaN"],
)  # fmt: skip
@pytest.mark.parametrize(
    "path", ["frames", "elements/west/series", "transformers", "hosting", "outage?element=west"]
)
def test_spans_beyond_all_reason_are_refused_in_words(operator: TestClient, path: str, query: str) -> None:
    joint = "&" if "?" in path else "?"
    answer = operator.get(f"{RUE}/{path}{joint}{query}")
    assert answer.status_code in {200, 404, 422}, answer.text
