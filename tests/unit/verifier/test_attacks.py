"""What a dishonest settler, operator or server could try: each is carried out whole, and refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from backend.errors import VerificationError
from backend.verifier import Verdict, load_pins, verify
from tests.unit.verifier.vector_chain import CONTESTS, FURTHER, VectorNode, load_vectors, published_code


def load(community: str, number: int) -> tuple[dict[str, Any], VectorNode]:
    vectors = load_vectors(f"communities/{community}")
    return vectors["bundles"][number], VectorNode(vectors)


def failed(verdict: Verdict) -> set[str]:
    return {check.id for check in verdict.failures}


# Whose contracts, whose community.


@pytest.mark.parametrize("name", ["registry", "settlement_ledger", "billing_ledger", *FURTHER])
def test_a_contract_of_another_code_is_refused_even_where_it_answers_alike(name):
    bundle, node = load("single", 0)
    address = {**node.chain["contracts"], **FURTHER}[name]
    node.codes[address] = node.codes[address].replace(b"\x60\x80", b"\x60\x81", 1)
    verdict = verify(bundle, node.call)
    assert [(check.id, check.found) for check in verdict.failures] == [("chain.code", "other code")]
    assert verdict.failures[0].place.field.endswith(name)


@pytest.mark.parametrize("chain_id", [1, 31337])
def test_a_contract_made_for_another_chain_is_refused(chain_id):
    bundle, node = load("single", 0)
    address = node.chain["contracts"]["meter_data_ledger"]
    node.codes[address] = published_code("meter_data_ledger", node.chain["contracts"], chain_id)
    assert failed(verify(bundle, node.call)) == {"chain.code"}


def test_published_code_that_refers_to_a_registry_of_their_own_is_refused():
    bundle, node = load("single", 0)
    contracts = node.chain["contracts"]
    others = {**contracts, "registry": "0x" + "ee" * 20}
    node.codes[contracts["settlement_ledger"]] = published_code("settlement_ledger", others, 1337)
    assert "chain.code" in failed(verify(bundle, node.call))


def test_a_settlement_ledger_that_nobody_can_contest_is_refused():
    bundle, node = load("single", 0)
    del node.codes[CONTESTS]
    failures = verify(bundle, node.call).failures
    assert [(check.place.field, check.found) for check in failures] == [("contests", "nothing")]


def test_a_whole_second_deployment_is_refused_by_who_knows_the_first():
    bundle, node = load("single", 0)
    known = load_pins(json.dumps(node.chain), bundle["community"])
    assert verify(bundle, node.call, pins=known).ok
    shadow = copy.deepcopy(load_vectors("communities/single"))
    for name, address in shadow["chain"]["contracts"].items():
        shadow["chain"]["contracts"][name] = "0x" + bytes(b ^ 1 for b in bytes.fromhex(address[2:])).hex()
    bundle["chain"]["contracts"] = shadow["chain"]["contracts"]
    assert verify(bundle, VectorNode(shadow).call).ok, "without a pin nobody can tell"
    assert failed(verify(bundle, VectorNode(shadow).call, pins=known)) == {"pin.deployment"}


def test_another_chain_or_community_than_the_known_one_is_refused():
    bundle, node = load("single", 0)
    other = {**node.chain, "genesis_hash": "0x" + "22" * 32}
    assert failed(verify(bundle, node.call, pins=load_pins(json.dumps(other)))) == {"pin.deployment"}
    known = load_pins(community="0x" + "33" * 32)
    assert failed(verify(bundle, node.call, pins=known)) == {"pin.community"}


def test_it_is_said_where_the_deployment_is_the_bundles_own_word():
    bundle, node = load("single", 0)
    assert any("whose contracts" in sentence for sentence in verify(bundle, node.call).unchecked)
    known = load_pins(json.dumps(node.chain))
    assert verify(bundle, node.call, pins=known).unchecked == ()


@pytest.mark.parametrize(
    "deployment", ["", "[]", "{}", '{"chain_id": true, "genesis_hash": "0x", "contracts": {}}']
)
def test_a_deployment_that_is_none_is_refused_in_words(deployment):
    with pytest.raises(VerificationError, match="deployment"):
        load_pins(deployment)


# What is shown, and what is hidden.


def test_totals_that_are_withheld_on_the_day_of_the_lie_are_refused():
    bundle, node = load("street", 0)
    bundle["days"][1]["headers"] = None
    assert failed(verify(bundle, node.call)) == {"header.withheld"}


def test_totals_that_are_withheld_where_each_direction_has_five_participants_are_refused():
    bundle, node = load("roof", 2)
    assert bundle["days"][0]["headers"] is None
    assert verify(bundle, node.call).ok, "one producer: the rule of privacy asks for it"
    street, crowd = load("street", 0)
    many = [*crowd.chain["points"], *copy.deepcopy(crowd.chain["points"])]
    assert len(many) > 10  # the counts are what matters here: the roots of so many slots are not at hand
    for slot, point in enumerate(many):
        point.update(direction=slot % 2, fromDay=0, untilDay=3)
    crowd.chain["points"], crowd.chain["seats"] = many, list(range(len(many)))
    crowd.chain["terms"]["slots"] = len(many)
    street["days"] = [{**day, "headers": None} for day in street["days"]]
    assert "header.withheld" in failed(verify(street, crowd.call))


# Totals that no settlement can have.


def test_totals_that_give_less_than_the_key_gives_are_refused():
    bundle, node = load("street", 0)
    for day, entries in enumerate(bundle["days"]):
        for interval, header in enumerate(entries["headers"]):
            feed_in, consumption, allocated = header[:3]
            if min(feed_in, consumption) < 10:
                continue
            header[2] = allocated - 8  # seven slots: flooring cannot lose as much
            failures = verify(bundle, node.call).failures
            header[2] = allocated
            assert ("header.allocated", f"days[{day}].headers[{interval}]") in {
                (check.id, check.place.field) for check in failures
            }


def test_one_cannot_have_given_more_than_all_gave():
    bundle, node = load("roof", 0)
    assert [point["direction"] for point in bundle["points"]] == ["feed_in"]
    interval = next(t for t, share in enumerate(bundle["points"][0]["allocated"][0]) if share > 9)
    bundle["points"][0]["allocated"][0][interval] -= 5  # the only producer's part is all of it
    assert "header.rest" in failed(verify(bundle, node.call))


# Prices by the choice of bands.


@pytest.mark.parametrize("day", [0, 1, 2])
def test_bands_that_the_voted_windows_do_not_give_are_refused(day):
    bundle, node = load("street", 0)
    interval = sum(node.chain["intervals"][:day]) + 12
    word, shift = divmod(interval, 128)
    bands = int(node.chain["bands"][word], 16)
    dearer = bands & ~(3 << 2 * shift) | 2 << 2 * shift
    node.chain["bands"][word] = f"0x{dearer:064x}"
    bundle["days"][day]["headers"][12][5] = 2
    verdict = verify(bundle, node.call)
    (place,) = [check.place for check in verdict.failures if check.id == "band.window"]
    assert place.what == "tariff bands"
    assert place.start is not None
    assert place.start.startswith(f"2017-06-{day + 1:02}T12:00")


def test_one_band_for_all_hours_is_refused():
    bundle, node = load("street", 0)
    node.chain["bands"] = ["0x" + "aa" * 18 + "00" * 14]
    assert "band.window" in failed(verify(bundle, node.call))


# Points.


@pytest.mark.parametrize("write", [str, str.upper, " ".join, "{}-".format])
def test_a_meter_that_was_confirmed_twice_under_two_tags_is_refused(write):
    bundle, node = load("street", 0)
    first, second = bundle["points"]
    second.update(number=write(first["number"]), direction=first["direction"])
    assert "point.once" in failed(verify(bundle, node.call))
    second["from_day"] = first["until_day"]
    assert "point.once" not in failed(verify(bundle, node.call))


def test_a_point_on_another_participants_seat_is_missing_among_those_that_the_bill_covers():
    bundle, node = load("street", 0)
    covers = verify(bundle, node.call).covers
    numbers = [point["number"] for point in bundle["points"]]
    assert [words.split(", ")[0] for words in covers] == numbers
    assert covers[0] == f"{numbers[0]}, consumption, 3 of 3 days, 100 %"
