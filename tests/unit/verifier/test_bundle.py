"""A bundle is read strictly: a fault is named by its field, and nothing unchecked is let in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.errors import VerificationError
from backend.verifier import load_bundle, parse_bundle
from tests.unit.verifier.vector_chain import load_vectors


@pytest.fixture
def bundle() -> dict[str, Any]:
    first: dict[str, Any] = load_vectors("communities/street")["bundles"][0]
    return first


def objects_of(value: Any, name: str = "") -> list[tuple[str, dict[str, Any]]]:
    if isinstance(value, list):
        return [found for i, entry in enumerate(value) for found in objects_of(entry, f"{name}[{i}]")]
    if not isinstance(value, dict):
        return []
    inner = [
        found
        for key, entry in value.items()
        for found in objects_of(entry, f"{name}.{key}".removeprefix("."))
    ]
    return [(name, value), *inner]


def test_a_missing_field_of_any_object_is_named(bundle):
    for name, entry in objects_of(bundle):
        for field in list(entry):
            value = entry.pop(field)
            with pytest.raises(VerificationError) as refusal:
                parse_bundle(bundle)
            assert str(refusal.value) == f"bundle field {f'{name}.{field}'.removeprefix('.')} is missing"
            entry[field] = value
    parse_bundle(bundle)


def test_an_unknown_field_of_any_object_is_refused(bundle):
    for name, entry in objects_of(bundle):
        entry["neighbour"] = 1
        with pytest.raises(VerificationError, match="neighbour is unknown") as refusal:
            parse_bundle(bundle)
        assert f"{name}.neighbour".removeprefix(".") in str(refusal.value)
        del entry["neighbour"]


@pytest.mark.parametrize("wrong", [None, "1", 1.0, -1, 2**64, True, [], {}], ids=repr)
def test_an_energy_that_is_no_u64_is_named(bundle, wrong):
    bundle["points"][0]["energy"][2][5] = wrong
    with pytest.raises(
        VerificationError, match=r"points\[0\]\.energy\[2\]\[5\] is .*: expected a whole number"
    ):
        parse_bundle(bundle)


@pytest.mark.parametrize(
    "wrong", [None, 1, "0x", "0x12", "12" * 32, "0x" + "AB" * 32, "0x" + "g0" * 32], ids=repr
)
def test_a_key_that_is_no_hash_is_named(bundle, wrong):
    bundle["points"][0]["key"] = wrong
    with pytest.raises(VerificationError, match=r"points\[0\]\.key is .*: expected 0x and 64 lower-case"):
        parse_bundle(bundle)


@pytest.mark.parametrize(
    ("field", "wrong", "message"),
    [
        ("format", "bundle", "format is 'bundle'"),
        ("version", 1, "version is 1: expected 2"),
        ("version", True, "version is True"),
        ("points", [], "points is empty"),
        ("points", {}, "points is {}: expected a list"),
        ("days", [1], r"days\[0\] is 1: expected an object"),
        ("period", 2**32, "period is 4294967296"),
        ("chain", "x" * 200, r"chain is 'x{76}\.\.\.: expected an object"),
    ],
)
def test_a_field_of_the_wrong_form_is_named(bundle, field, wrong, message):
    bundle[field] = wrong
    with pytest.raises(VerificationError, match=message):
        parse_bundle(bundle)


def test_headers_with_half_a_round_points_out_of_order_and_odd_numbers_are_named(bundle):
    bundle["points"].reverse()
    with pytest.raises(VerificationError, match=r"points has slots .* ascending"):
        parse_bundle(bundle)
    bundle["points"].reverse()
    bundle["days"][0]["headers"][0].append(1)
    with pytest.raises(
        VerificationError, match=r"days\[0\]\.headers\[0\] is .*: expected \[P, C, A, V, tau, band, then"
    ):
        parse_bundle(bundle)
    bundle["days"][0]["headers"][0].pop()
    for wrong in ("", 7, "1" * 129, "\ud800", "145\u202e12", "145\u200b12", "145\n", "\x1b[2J"):
        bundle["points"][0]["number"] = wrong
        with pytest.raises(VerificationError, match=r"points\[0\]\.number is "):
            parse_bundle(bundle)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (b"\xff", "not JSON"),
        ('{"seat": 0}'.encode("utf-16"), "not JSON in UTF-8"),
        ('{"seat": 0, "s\\u0065at": 1}', "bundle field seat stands twice"),
        ("[" * 100_000, "not JSON"),
        ("[1]", r"bundle field \(whole\) is \[1\]: expected an object"),
        ('{"format": NaN}', "the bundle holds NaN"),
        ('{"seat": 0, "seat": 1}', "bundle field seat stands twice"),
        ("9" * 5000, "not JSON"),
    ],
    ids=["empty", "cut", "bytes", "UTF-16", "escaped", "deep", "list", "NaN", "twice", "long number"],
)
def test_text_that_is_no_bundle_is_refused_without_a_traceback(text, message):
    with pytest.raises(VerificationError, match=message):
        load_bundle(text)


def test_text_and_object_give_the_same_bundle(bundle):
    assert load_bundle(json.dumps(bundle)) == parse_bundle(bundle)
