import pytest

from backend.commitments import (
    form_batch_id,
    form_points_hash,
    form_run_id,
    form_schedule_id,
    form_source_hash,
    form_tag,
    form_terms_id,
    keccak256,
)
from tests.unit.commitments.period_arrays import COMMUNITIES, from_hex, read_vectors, to_hex


def form(case):
    if "community" in case:
        community, period = from_hex(case["community"]), case["period"]
        if case["kind"] == "terms":
            return form_terms_id(community, period)
        if case["kind"] == "run":
            return form_run_id(community, period, case["version"])
        if case["kind"] == "schedule":
            return form_schedule_id(community, period, case["version"])
        assert case["kind"] == "batch"
        return form_batch_id(community, period, case["version"], from_hex(case["signer"]))
    if case["kind"] == "tag":
        return form_tag(from_hex(case["nonce"]), case["number"])
    assert case["kind"] == "source"
    return form_source_hash(from_hex(case["salt"]), [keccak256(from_hex(file)) for file in case["files"]])


@pytest.mark.parametrize("case", read_vectors("identifiers")["cases"])
def test_an_identifier_is_that_of_the_vectors(case):
    assert to_hex(form(case)) == case["id"]


@pytest.mark.parametrize("name", COMMUNITIES)
def test_the_points_hash_takes_confirmed_points_in_slot_order(name):
    expected = read_vectors(f"communities/{name}")["expected"]
    tags = {slot: from_hex(tag) for slot, tag in reversed(list(enumerate(expected["tags"]))) if tag}
    assert to_hex(form_points_hash(tags)) == expected["points_hash"]


def test_a_version_changes_the_identifier():
    assert form_run_id(bytes(32), 17_318, 1) != form_run_id(bytes(32), 17_318, 2)


def test_an_address_of_the_wrong_width_is_our_mistake():
    with pytest.raises(AssertionError, match="20 bytes, not 32"):
        form_batch_id(bytes(32), 17_318, 1, bytes(32))
