"""Who served whom, as each who asks may know it: nobody is told of a neighbour who did not consent."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.adapters.key_vault import draw_password
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.settle_period import settle_period
from backend.services.users import ensure_demo_users
from tests.integration.api import conftest
from tests.integration.settlement.small_community import MONTH, open_home

API = "/api/v1"
HEAD = """
[community]
id = "{id}"
name = "Village"
country = "FR"
time_zone = "Europe/Paris"
currency = "EUR"
resolution_minutes = 60
vat_status = "exempt"

[sharing_key]
{key}

[tariff]
shared_price = "0.12"
residual_price = [{{ from = "00:00", to = "24:00", price = "0.25" }}]
surplus_price = "0.06"
network_price = "0.045"
monthly_fee = "0.00"
vat_ppm = 200000
"""
# Without consent: ada, and as many neighbours as the community's name says. With: the roof's owner, and ben.
NEIGHBOURS = {"many": 5, "few": 4}
# In the smaller one consumers own what they leave of their part.
KEYS = {"many": 'method = "dynamic"', "few": 'method = "equal"\nsurplus_owner = "consumer"'}


def people(community):
    return ["roof", "ada", "ben", *(f"n{place}" for place in range(NEIGHBOURS[community]))]


def definition(community):
    tables = [HEAD.format(id=community, key=KEYS[community])]
    for person in people(community):
        consent = str(person in {"roof", "ben"}).lower()
        direction = "feed_in" if person == "roof" else "consumption"
        tables += [
            f'[[participants]]\nid = "{person}"\nname = "{person.title()}"\nheaders_consent = {consent}',
            f'[[metering_points]]\nid = "{person}-p"\nparticipant = "{person}"\ndirection = "{direction}"',
        ]
    return "\n".join(tables)


def readings(community):
    hour = datetime(MONTH.first.year, MONTH.first.month, 1, tzinfo=UTC) - timedelta(hours=1)
    rows = ["metering_point,start,resolution_minutes,energy_kwh,quality"]
    for step in range(743):
        start = (hour + timedelta(hours=step)).isoformat()
        rows += [
            f"{person}-p,{start},60,{1.5 if person == 'roof' else 0.2 + place / 100:.3f},measured"
            for place, person in enumerate(people(community))
        ]
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    wiring = open_home(tmp_path_factory.mktemp("village") / "home")
    passwords: dict[str, str] = {}
    for community in NEIGHBOURS:
        file = wiring.home.files / f"{community}.csv"
        load_community(wiring.context, definition(community), f"{community}.toml")
        file.write_text(readings(community))
        load_readings(wiring.context, wiring.reader_for(), [file], community=community)
        settle_period(wiring.context, community, MONTH)
        view = wiring.context.community(community)
        rows = ensure_demo_users(wiring.store, view, wiring.home.keys, draw_password)
        passwords |= {row["login"]: row["password"] for row in rows}
    wiring.store.close()
    opened = conftest.open_place(wiring.home.root, passwords)
    yield opened
    conftest.close_place(opened)


def flows(village, login):
    community = login.partition("@")[2]
    return village.log_in(login).get(f"{API}/communities/{community}/flows/2024-03")


def ids(nodes):
    return {node["id"] for node in nodes}


@pytest.mark.parametrize(
    ("login", "named", "unnamed"),
    [
        ("ada@many", {"ada", "ben"}, 5),
        ("ben@many", {"ben"}, 6),
        ("roof@many", {"ben"}, 6),
        ("provider@many", {"ben"}, 6),
        ("auditor@few", {"ben"}, 5),
    ],
)
def test_one_sees_oneself_and_who_consented_and_the_others_as_one(village, login, named, unnamed):
    told = flows(village, login).json()
    assert ids(told["producers"]) == {"roof"}
    assert ids(told["consumers"]) == named | {""}
    (others,) = [node for node in told["consumers"] if not node["id"]]
    assert (others["metering_points"], others["label"]) == (unnamed, "")
    assert {(link["producer"], link["consumer"]) for link in told["links"]} == {
        ("roof", consumer) for consumer in named | {""}
    }


def test_an_operator_sees_everyone_and_all_that_was_shared(village):
    told = flows(village, "operator@many").json()
    assert ids(told["consumers"]) == set(people("many")) - {"roof"}
    assert [node["label"] for node in told["producers"]] == ["Roof"]
    (producer,) = told["producers"]
    linked = sum(link["energy_milliwatt_hours"] for link in told["links"])
    assert linked == producer["shared_milliwatt_hours"] > 0
    for node in told["consumers"]:
        given = sum(
            link["energy_milliwatt_hours"] for link in told["links"] if link["consumer"] == node["id"]
        )
        assert given == node["shared_milliwatt_hours"]
        assert node["energy_milliwatt_hours"] - given == node["residual_milliwatt_hours"]


@pytest.mark.parametrize("login", ["ada@few", "n0@few"])
def test_fewer_than_five_who_did_not_consent_are_not_told_even_as_one(village, login):
    answer = flows(village, login)
    assert answer.status_code == 404
    assert "fewer than 5" in answer.json()["detail"]
    assert not any(person in answer.json()["detail"] for person in ("n1", "ben", "ada"))


def explanation(village, login):
    person, _, _ = login.partition("@")
    asked = {"metering_point": f"{person}-p", "start": "2024-03-05T11:00:00+00:00"}
    return village.log_in(login).get(f"{API}/me/explanations/2024-03", params=asked)


def test_who_one_served_in_an_interval_is_told_of_who_consented_alone_and_of_the_others_as_one(village):
    told = explanation(village, "roof@many").json()
    assert [link["metering_point"] for link in told["links"]] == ["", "ben-p"]
    assert sum(link["energy_milliwatt_hours"] for link in told["links"]) == told["allocated_milliwatt_hours"]
    served = explanation(village, "ada@many").json()
    assert [link["metering_point"] for link in served["links"]] == ["roof-p"]


def test_whom_one_served_in_an_interval_is_not_told_where_fewer_than_five_did_not_consent(village):
    answer = explanation(village, "roof@few")
    # Ada and four neighbours are five: one more consent, and the rest would be known.
    assert answer.status_code == 200
    assert [link["metering_point"] for link in answer.json()["links"]] == ["", "ben-p"]


def test_an_operator_is_told_each_link_and_the_look_is_logged(village):
    asked = {"metering_point": "roof-p", "start": "2024-03-05T11:00:00+00:00"}
    client = village.log_in("operator@many")
    told = client.get(f"{API}/operator/communities/many/explanations/2024-03", params=asked).json()
    assert len(told["links"]) == len(people("many")) - 1
    assert "" not in {link["metering_point"] for link in told["links"]}


def test_a_member_who_is_named_in_anothers_explanation_sees_who_looked(village):
    explanation(village, "roof@many")
    admin = village.log_in("admin@many")

    def whats(participant):
        found = admin.get(f"{API}/admin/accesses", params={"subject": f"many/{participant}"}).json()["items"]
        return {(line["by"], line["what"]) for line in found}

    assert ("roof@many", "explanation 2024-03") in whats("ben")
    assert ("roof@many", "explanation 2024-03") not in whats("n0")


def test_another_communitys_flows_are_not_there(village):
    client = village.log_in("operator@many")
    assert client.get(f"{API}/communities/few/flows/2024-03").status_code == 404


def test_a_look_at_the_flows_is_logged_for_who_was_named_and_for_no_other(village):
    flows(village, "ada@many")
    admin = village.log_in("admin@many")

    def lookers(participant):
        path = f"{API}/admin/accesses"
        lines = admin.get(path, params={"subject": f"many/{participant}"}).json()["items"]
        return {line["by"] for line in lines}

    assert "ada@many" in lookers("ben")
    assert "ada@many" not in lookers("ada") | lookers("n0")


def test_surplus_that_consumers_own_is_in_their_rows_of_the_portfolio(village):
    client = village.log_in("provider@few")
    lines = client.get(f"{API}/provider/communities/few/lines/2024-03").json()["items"]
    rows = client.get(f"{API}/provider/communities/few/portfolio/2024-03").json()["items"]
    sold = {row["participant"]: row["surplus_milliwatt_hours"] for row in rows}
    for person in people("few"):
        quantities = [
            line["quantity_milliwatt_hours"]
            for line in lines
            if (line["participant"], line["kind"]) == (person, "surplus")
        ]
        assert sold[person] == sum(quantities), person
    assert sold["roof"] == 0
    assert sum(sold.values()) > 0
