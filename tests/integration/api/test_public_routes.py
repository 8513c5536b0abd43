import json

import pytest

API = "/api/v1"
PUBLIC = f"{API}/public"


def test_a_period_shows_what_the_chain_holds(shared_place):
    client, wiring = shared_place.visit(), shared_place.wiring
    (period,) = client.get(f"{PUBLIC}/communities/toits/periods").json()["items"]
    (run,) = period["runs"]
    told = wiring.chain.read("settlement_ledger", "run", run["run_id"])
    assert run["root"] == told["root"]
    assert run["allocated_milliwatt_hours"] == told["allocated"]
    assert run["feed_in_milliwatt_hours"] == told["feedIn"]
    assert (period["state"], period["bill_state"]) == ("final", "final")
    assert period["gas"] > 0
    assert period["transactions"] > 0
    assert period["contestable_until"].endswith("Z")
    bills = wiring.chain.read("billing_ledger", "bills", run["run_id"])
    assert run["bill_root"] == bills["root"]
    assert run["bill_totals_cents"]["debits"] == bills["debits"]


def test_deployment_says_where_and_which_chain(shared_place):
    told = shared_place.visit().get(f"{PUBLIC}/deployment").json()
    facts = shared_place.wiring.chain.facts()
    assert (told["chain_id"], told["genesis_hash"]) == (facts.chain_id, facts.genesis_hash)
    assert told["contracts"] == dict(facts.contracts)
    assert (told["rpc"], told["embedded"]) == ("/rpc", True)


def test_communities_come_page_by_page(shared_place):
    client = shared_place.visit()
    first = client.get(f"{PUBLIC}/communities", params={"limit": 1}).json()
    second = client.get(f"{PUBLIC}/communities", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [item["id"] for item in first["items"] + second["items"]] == ["lac", "toits"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("cursor", ["***", "a", "AAAA", "x" * 200, "7v_-"])
def test_a_cursor_of_ones_own_making_is_refused(shared_place, cursor):
    answer = shared_place.visit().get(f"{PUBLIC}/communities/toits/periods", params={"cursor": cursor})
    assert answer.status_code == 422, answer.text


def test_a_profile_is_hidden_where_too_few_stand_behind_it_and_did_not_consent(place):
    client, path = place.log_in("ada@toits"), f"{PUBLIC}/communities/toits/periods/2024-03/profile"
    profile = client.get(path).json()
    (period,) = client.get(f"{PUBLIC}/communities/toits/periods").json()["items"]
    assert (
        sum(profile["by_hour_of_day"]["used_milliwatt_hours"])
        == (period["runs"][0]["consumption_milliwatt_hours"])
    )
    store = place.wiring.store
    with store.transaction() as records:
        record = records.community("toits")
        asked = record.definition.replace("headers_consent = true", "headers_consent = false", 1)
        records.put_community(_with_definition(record, asked))
    assert client.get(path).status_code == 404


def test_a_consent_to_be_seen_by_members_does_not_hold_for_strangers(shared_place):
    path = f"{PUBLIC}/communities/toits/periods/2024-03/profile"
    assert shared_place.log_in("ada@toits").get(path).status_code == 200
    for client, shown in ((shared_place.log_in("ada@toits"), True), (shared_place.visit(), False)):
        (period,) = client.get(f"{PUBLIC}/communities/toits/periods").json()["items"]
        assert period["shows_profile"] is shown
    answer = shared_place.visit().get(path)
    assert answer.status_code == 404
    assert "log in" in answer.json()["detail"]


def _with_definition(record, definition):
    import dataclasses

    return dataclasses.replace(record, definition=definition)


def test_the_rule_in_force_is_told_in_words_and_numbers(shared_place):
    rule = shared_place.visit().get(f"{PUBLIC}/communities/toits").json()["rule"]
    assert rule["tariff"]["shared_price_micro_eur_per_kwh"] == 120_000
    assert rule["tariff"]["residual_prices"][0]["windows"] == ["00:00-06:00"]
    assert rule["tariff"]["billed_by_community"] == ["shared"]
    assert any(word.startswith("L'énergie partagée coûte 0,12 €/kWh") for word in rule["words"]["fr"])
    assert rule["coefficients_ppm"] is None


def test_an_empty_home_is_served_and_says_so(tmp_path):
    from starlette.testclient import TestClient

    from backend.api.application import create_app
    from backend.api.settings import ApiSettings
    from tests.integration.settlement.small_community import open_home

    wiring = open_home(tmp_path / "home")
    with TestClient(create_app(wiring, ApiSettings())) as client:
        assert client.get(f"{PUBLIC}/communities").json()["items"] == []
        assert client.get(f"{PUBLIC}/deployment").status_code == 404
        assert client.get(f"{API}/health").json()["status"] == "degraded"
    assert not wiring.home.deployment.exists()
    assert not wiring.home.chain.exists()
    wiring.store.close()


def test_health_tells_the_block_and_a_store_that_fails(place):
    client = place.visit()
    healthy = client.get(f"{API}/health").json()
    assert healthy["status"] == "ok"
    assert healthy["chain"]["block"] == int(place.wiring.node.rpc("eth_blockNumber", []), 16)
    place.wiring.store.close()
    for file in place.wiring.home.root.glob("partage.db*"):
        file.unlink()
    (place.wiring.home.root / "partage.db").mkdir()
    answer = client.get(f"{API}/health")
    assert (answer.status_code, answer.json()["store"]["ok"]) == (503, False)


def rpc(client, method, params=()):
    return client.post(
        "/rpc", content=json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)})
    ).json()


def test_the_chain_can_be_read_by_anyone_from_anywhere_and_written_by_nobody(shared_place):
    client = shared_place.visit()
    assert rpc(client, "eth_chainId")["result"] == hex(shared_place.wiring.chain.facts().chain_id)
    for method in ("eth_sendRawTransaction", "evm_mine", "debug_traceTransaction", "personal_sign"):
        assert rpc(client, method)["error"]["code"] == -32601
    preflight = client.options("/rpc", headers={"Origin": "https://wallet.example"})
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in client.get(f"{API}/me").headers


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 3000, b'{"id":{}}', b"null"])
def test_the_chain_answers_nonsense_with_an_error_of_its_protocol(shared_place, body):
    answer = shared_place.visit().post("/rpc", content=body)
    assert answer.status_code == 200
    assert "error" in answer.json()
