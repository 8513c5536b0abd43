import json
from dataclasses import replace

import numpy as np
import pytest

from backend.commitments import ChainFacts, PeriodTrees, build_bundle, pack_bands, unpack_bands
from backend.errors import InputError
from tests.unit.commitments.period_arrays import COMMUNITIES, PeriodArrays, chain_facts, read_vectors

FILES = {name: read_vectors(f"communities/{name}") for name in COMMUNITIES}
BUNDLES = [(name, index) for name, file in FILES.items() for index in range(len(file["bundles"]))]


def parts_of(name):
    arrays = PeriodArrays(FILES[name])
    return chain_facts(FILES[name]["chain"]), arrays, arrays.trees(FILES[name]["expected"]["bills"])


@pytest.mark.parametrize(("name", "index"), BUNDLES)
def test_a_bundle_is_that_of_the_vectors(name, index):
    chain, arrays, trees = parts_of(name)
    told = FILES[name]["bundles"][index]
    subject = arrays.subject(told["seat"], shows_headers=told["days"][0]["headers"] is not None)
    bundle = build_bundle(chain, subject, trees)
    assert json.loads(json.dumps(bundle)) == told
    assert list(bundle) == list(told)


def test_the_vectors_hold_a_bundle_with_headers_and_one_without():
    shown = {
        file["days"][0]["headers"] is not None for name in COMMUNITIES for file in FILES[name]["bundles"]
    }
    assert shown == {True, False}


def test_a_bundle_holds_nothing_of_a_neighbours():
    told = FILES["street"]["bundles"]
    inputs = FILES["street"]["inputs"]
    for bundle in told:
        text = json.dumps(bundle)
        for slot, point in enumerate(inputs["points"]):
            own = point is None or inputs["seats"][slot] == bundle["seat"]
            assert own or not any(point[secret] in text for secret in ("key", "nonce", "number"))
        assert inputs["auditors_key"] not in text


def test_days_that_differ_from_the_settled_ones_are_refused():
    chain, arrays, trees = parts_of("street")
    subject = arrays.subject(4, shows_headers=True)
    wrong = replace(subject, points=[replace(subject.points[0], from_day=0)])
    with pytest.raises(
        InputError, match=r"Slot 4 is confirmed for days 0 to 3 \(excluded\), but settled on 2 days"
    ):
        build_bundle(chain, wrong, trees)


def test_a_seat_without_a_bill_is_refused():
    chain, arrays, trees = parts_of("street")
    subject = arrays.subject(1, shows_headers=True)
    with pytest.raises(InputError, match="Seat 5 has no bill"):
        build_bundle(chain, replace(subject, points=subject.points[1:]), trees)


def test_a_participant_has_points_and_each_once():
    _, arrays, _ = parts_of("street")
    subject = arrays.subject(1, shows_headers=True)
    for points in ([], [*subject.points, subject.points[0]]):
        with pytest.raises(InputError, match="each point of a participant once"):
            replace(subject, points=points)


def test_trees_of_different_periods_runs_or_readings_do_not_make_a_bundle():
    _, arrays, trees = parts_of("street")
    _, _, other = parts_of("large")
    with pytest.raises(InputError, match="trees of a bundle are of one period"):
        PeriodTrees(other.classes, trees.batch, trees.run, trees.bills)
    with pytest.raises(InputError, match="The bills are of run 0x"):
        PeriodTrees(trees.classes, trees.batch, trees.run, other.bills)
    energy = arrays.readings.energy.copy()
    energy[0, 0] += 1
    arrays.readings = replace(arrays.readings, energy=energy)
    with pytest.raises(InputError, match="settles other energies than the batch holds"):
        PeriodTrees(trees.classes, arrays.batch_tree(), trees.run, trees.bills)


def test_a_chain_without_one_of_its_contracts_is_refused():
    chain, _, _ = parts_of("single")
    contracts = {name: address for name, address in chain.contracts.items() if name != "rule_book"}
    with pytest.raises(InputError, match="missing or unknown: rule_book"):
        ChainFacts(chain.chain_id, chain.genesis_hash, contracts)


@pytest.mark.parametrize("name", COMMUNITIES)
def test_bands_travel_packed_as_in_the_vectors(name):
    bands = FILES[name]["inputs"]["bands"]
    words = pack_bands(np.array(bands, dtype=np.uint8))
    assert [f"0x{word:064x}" for word in words] == FILES[name]["chain"]["bands"]
    assert unpack_bands(words, len(bands)) == bands


def test_bands_fill_words_from_the_lowest_bits():
    bands = [place % 4 for place in range(129)]
    words = pack_bands(bands)
    assert len(words) == 2
    assert words[0] & 0xFF == 0b11_10_01_00
    assert words[1] == 0
    assert unpack_bands(words, 129) == bands


def test_bands_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="Interval 1 has tariff band 4"):
        pack_bands([0, 4])
    with pytest.raises(InputError, match="2 words of bands do not belong to 128 intervals"):
        unpack_bands([0, 0], 128)
    with pytest.raises(InputError, match="something behind the last of 2 intervals"):
        unpack_bands([1 << 4], 2)
