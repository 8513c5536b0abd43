"""A bundle names its own contracts and community; who knows theirs says so."""

import json

import pytest

PERIOD = ("--period", "2024-03")


@pytest.fixture
def bundle(partage, home, tmp_path):
    out = tmp_path / "ada.json"
    assert partage("bundle", "toits", *PERIOD, "--participant", "ada", "--out", out).code == 0
    return out


def test_a_bundle_is_for_its_owners_eyes_only(bundle):
    assert bundle.stat().st_mode & 0o077 == 0


def test_the_points_that_a_bill_covers_are_listed(partage, bundle):
    assert "covers: ada-load, consumption, 31 of 31 days, 100 %" in partage("verify", bundle).out


def test_the_homes_own_deployment_is_known_and_another_is_refused(partage, bundle, home, tmp_path):
    said = partage("verify", bundle).out
    assert "pin.deployment" in said
    assert "whose contracts" not in said
    known = json.loads((home / "deployment.json").read_text())
    known["contracts"]["registry"] = "0x" + "11" * 20
    other = tmp_path / "deployment.json"
    other.write_text(json.dumps(known))
    outcome = partage("verify", bundle, "--deployment", other)
    assert outcome.code == 1
    assert "FAILS  pin.deployment at contract (chain.contracts.registry)" in outcome.out


def test_another_community_than_the_known_one_is_refused(partage, bundle):
    own = json.loads(bundle.read_text())["community"]
    assert partage("verify", bundle, "--community", own).code == 0
    outcome = partage("verify", bundle, "--community", "0x" + "22" * 32)
    assert outcome.code == 1
    assert "FAILS  pin.community" in outcome.out


@pytest.mark.parametrize("community", ["toits", "0x12"])
def test_a_community_that_is_no_id_is_refused_in_words(partage, bundle, community):
    outcome = partage("verify", bundle, "--community", community)
    assert outcome.code != 0
    assert "expected 0x and 64 hex digits" in outcome.out + outcome.err
