import json

from backend.ports import ContractCall
from backend.ports.identity_records import AccountRecord
from backend.services.users import add_user
from backend.verifier import verify
from tests.integration.settlement.small_community import load_and_settle, readings_csv

ME = "/api/v1/me"
# Ada's account: one of those that can pay for gas on the embedded chain.
HOLDER = "importer"


def test_a_bill_in_the_list_says_what_the_bill_itself_says(shared_place):
    client = shared_place.log_in("ben@toits")
    page = client.get(f"{ME}/bills").json()
    assert page["next_cursor"] is None
    (item,) = page["items"]
    bill = client.get(f"{ME}/bills/2024-03").json()
    assert item["label"] == bill["period"]["label"] == "2024-03"
    assert (item["state"], item["bill_state"]) == (bill["state"], bill["bill_state"]) == ("final", "final")
    assert item["number"] == bill["number"] != ""
    assert item["debit_cents"] - item["credit_cents"] == item["balance_cents"] == bill["amounts"]["payable"]
    energy = item["energy"]
    assert energy["used_milliwatt_hours"] == sum(
        energy[f"{part}_milliwatt_hours"] for part in ("own", "from_neighbours", "from_grid")
    )
    assert energy["produced_milliwatt_hours"] == (
        energy["sold_to_neighbours_milliwatt_hours"] + energy["surplus_milliwatt_hours"]
    )
    assert energy["own_milliwatt_hours"] > 0
    assert bill["participant"]["name"] == "Ben"
    assert bill["rule"]["method"] == "dynamic"
    assert "0.12 €/kWh" in " ".join(bill["rule"]["words"]["en"])
    assert "0,12 €/kWh" in " ".join(bill["rule"]["words"]["fr"])


def test_a_bundle_proves_the_bill_against_the_chain_that_the_service_shows(shared_place):
    client = shared_place.log_in("ada@toits")
    bundle = client.get(f"{ME}/bills/2024-03/bundle")

    def read_chain(method, params):
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return shared_place.visit().post("/rpc", json=body).json()["result"]

    verdict = verify(bundle.json(), read_chain)
    assert verdict.ok, verdict.failures
    assert bundle.headers["content-encoding"] == "gzip"
    amounts = client.get(f"{ME}/bills/2024-03").json()["amounts"]
    assert bundle.json()["bill"]["debit"] == amounts["debit"]


def test_a_bundle_holds_nothing_of_a_neighbour(shared_place):
    bundle = shared_place.log_in("ada@toits").get(f"{ME}/bills/2024-03/bundle").json()
    assert [point["number"] for point in bundle["points"]] == ["ada-load"]
    assert "ben" not in json.dumps(bundle)


def test_a_bill_is_printed_in_both_languages(shared_place):
    client = shared_place.log_in("cleo@toits")
    for locale in ("en", "fr"):
        answer = client.get(f"{ME}/bills/2024-03.pdf", params={"locale": locale})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")


def test_a_curve_adds_up_to_the_bill(shared_place):
    client = shared_place.log_in("ben@toits")
    curve, bill = client.get(f"{ME}/energy/2024-03").json(), client.get(f"{ME}/bills/2024-03").json()
    series = curve["series"]
    assert curve["start"] == "2024-02-29T23:00:00Z"
    assert {len(values) for values in series.values()} == {31 * 24 - 1}
    assert len(curve["estimated"]) == len(curve["missing"]) == 31 * 24 - 1
    assert sum(series["used"]) == bill["energy"]["used"]
    assert sum(series["from_neighbours"]) == bill["energy"]["own"] + bill["energy"]["from_neighbours"]
    assert sum(series["from_grid"]) == bill["energy"]["from_grid"]
    assert sum(series["sold_to_neighbours"]) == bill["energy"]["shared"]
    assert sum(series["surplus"]) == bill["energy"]["surplus"]
    assert {point["id"]: point["direction"] for point in curve["points"]} == {
        "ben-load": "consumption",
        "ben-solar": "feed_in",
    }


def test_findings_are_of_ones_own_points_only(shared_place):
    member = shared_place.log_in("ada@toits").get(f"{ME}/findings/2024-03").json()["items"]
    operator = shared_place.log_in("operator@toits")
    everything = operator.get("/api/v1/operator/communities/toits/findings/2024-03").json()["items"]
    own = [finding for finding in everything if finding["metering_point"] == "ada-load"]
    assert member == own


def test_what_is_personal_is_kept_in_no_cache(shared_place):
    client = shared_place.log_in("ada@toits")
    for page in ("", "/bills", "/bills/2024-03", "/bills/2024-03/bundle", "/energy/2024-03"):
        assert client.get(f"{ME}{page}").headers["cache-control"] == "no-store", page


def test_a_period_that_is_not_there_is_not_found_and_a_malformed_one_is_refused(shared_place):
    client = shared_place.log_in("ada@toits")
    for what in ("bills/{}", "bills/{}/bundle", "bills/{}.pdf", "energy/{}", "findings/{}"):
        assert client.get(f"{ME}/{what.format('2024-04')}").status_code == 404, what
        assert client.get(f"{ME}/{what.format('2024-3')}").status_code == 422, what
    assert client.get(f"{ME}/bills/2024-03", params={"version": 2}).status_code == 404


def test_after_a_correction_the_new_run_is_shown_and_the_old_one_by_its_version(place):
    client = place.log_in("ada@toits")
    before = client.get(f"{ME}/bills/2024-03").json()
    load_and_settle(place.wiring, readings_csv(scale=2))
    after = client.get(f"{ME}/bills/2024-03").json()
    assert (before["run"]["version"], after["run"]["version"]) == (1, 2)
    assert after["energy"]["used"] == 2 * before["energy"]["used"]
    old = client.get(f"{ME}/bills/2024-03", params={"version": 1}).json()
    assert old["amounts"] == before["amounts"]
    assert old["state"] == "superseded"


def test_a_consent_on_chain_opens_a_bill_to_one_person_while_it_lasts_and_each_look_is_logged(place):
    wiring, path = place.wiring, "/api/v1/communities/toits/participants/ada/bills/2024-03"
    provider, operator = place.log_in("provider@toits"), place.log_in("operator@toits")
    advisor = place.log_in("auditor@lac")
    grantee = _link_wallet(wiring, "auditor@lac", "advisor")
    _link_wallet(wiring, "operator@toits", "somebody")
    assert advisor.get(path).status_code == 404
    anchor = wiring.context.community("toits").record.anchor
    until = wiring.chain.block_time_utc() + 3600
    _send(wiring, "steward", "registry", "grantSeat", anchor, 0, _account(wiring, HOLDER))
    _send(wiring, HOLDER, "registry", "giveConsent", anchor, grantee, 1, 0, until)
    assert advisor.get(path).json()["participant"]["name"] == "Ada"
    assert advisor.get(path.replace("bills", "energy")).status_code == 404
    assert advisor.get(path.replace("ada", "ben")).status_code == 404
    assert provider.get(path).status_code == operator.get(path).status_code == 404
    log = place.log_in("ada@toits").get(f"{ME}/accesses").json()["items"]
    assert [(line["by"], line["what"]) for line in log] == [("auditor@lac", "bill 2024-03")]
    _send(wiring, HOLDER, "registry", "withdrawConsent", anchor, grantee, 1)
    assert advisor.get(path).status_code == 404


def _account(wiring, key):
    return wiring.vault.account(key).address


def _link_wallet(wiring, login, key):
    with wiring.store.transaction() as records:
        user = records.user_by_login(login).id
        records.put_account(AccountRecord(user, _account(wiring, key), "wallet", 1))
    return _account(wiring, key)


def _send(wiring, key, contract, function, *arguments):
    call = ContractCall(key, contract, function, arguments)
    with wiring.chain.writing():
        transaction = wiring.chain.sign(call)
        wiring.chain.send(transaction)
    assert wiring.chain.receipt(transaction.hash).succeeded


def test_who_looked_is_told_newest_first_and_page_by_page(place):
    operator, provider = place.log_in("operator@toits"), place.log_in("provider@toits")
    for _ in range(3):
        operator.get("/api/v1/operator/communities/toits/allocations/2024-03", params={"limit": 1})
        place.clock.advance(60)
    provider.get("/api/v1/provider/communities/toits/portfolio/2024-03")
    ada = place.log_in("ada@toits")
    first = ada.get(f"{ME}/accesses", params={"limit": 3}).json()
    second = ada.get(f"{ME}/accesses", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [line["what"] for line in first["items"]] == ["portfolio 2024-03", *["allocations 2024-03"] * 2]
    assert [line["by"] for line in second["items"]] == ["operator@toits"]
    assert second["next_cursor"] is None


def test_a_participant_who_had_no_point_yet_has_no_bill(place):
    _, password = add_user(
        place.wiring.store,
        "dora",
        ["member"],
        community="lac",
        participant="ada",
        draw_password=place.app.state.services.draw_password,
    )
    place.passwords["dora"] = password
    client = place.log_in("dora")
    assert client.get(f"{ME}/bills").json() == {"items": [], "next_cursor": None}
    assert client.get(f"{ME}/bills/2024-03").status_code == 404
