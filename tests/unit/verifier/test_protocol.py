"""The verifier's own leaves, trees, shares and bills are those of the vectors."""

from __future__ import annotations

from typing import Any

import pytest

from backend.commitments.keccak import keccak256
from backend.verifier import leaves
from backend.verifier.bill import PointTotals, TradedLink, compute_bill
from backend.verifier.bounds import DayPoints, bound_totals, sum_contributions
from backend.verifier.bundle import Cost, Detail, Header, Link, Scale
from backend.verifier.chain_records import Rule, SharingKey, Tariff
from backend.verifier.links import divide_value
from backend.verifier.methods import METHODS, PAIRWISE, SCHEDULED, count_rounds
from backend.verifier.shares import Due, allocate_consumer, share_producer
from backend.verifier.trees import PADDING, climb, depth_for, join, padding_root, root_of
from backend.verifier.value import bound_row, price_interval, price_row
from tests.unit.verifier.vector_chain import COMMUNITIES, camel, load_vectors

KEY = SharingKey(1, 0, 0, (), (), (), (), (), bytes(32))


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def test_terms_runs_batches_and_tags_are_named_as_in_the_vectors():
    name = {
        "terms": lambda case: leaves.terms_id(raw(case["community"]), case["period"]),
        "run": lambda case: leaves.run_id(raw(case["community"]), case["period"], case["version"]),
        "batch": lambda case: leaves.batch_id(
            raw(case["community"]), case["period"], case["version"], raw(case["signer"])
        ),
        "schedule": lambda case: leaves.schedule_id(raw(case["community"]), case["period"], case["version"]),
        "tag": lambda case: leaves.tag(raw(case["nonce"]), case["number"]),
    }
    cases = [case for case in load_vectors("identifiers")["cases"] if case["kind"] != "source"]
    assert {case["kind"] for case in cases} == set(name)
    for case in cases:
        assert name[case["kind"]](case) == raw(case["id"])


def test_salts_are_those_of_the_vectors():
    for case in load_vectors("salts")["cases"]:
        salter = leaves.Salter(
            raw(case["key"]), raw(case["community"]), raw(case["id"]), case["kind"], case["slot"]
        )
        assert salter.salt(case["day"], case["t"]) == raw(case["salt"])


def numbers(value: Any) -> Any:
    return [numbers(entry) for entry in value] if isinstance(value, list) else int(value)


def leaf_of(kind: int, fields: dict[str, Any]) -> bytes | None:
    """Form a leaf by the verifier's code; None for those that no bundle holds."""
    salt = raw(fields.get("salt", "0x"))
    plain = {name: numbers(value) for name, value in fields.items() if not str(value).startswith("0x")}
    totals = [*(total for band in plain.get("bands", []) for total in band)]
    totals += [plain.get("value", 0), plain.get("credited", 0)]
    given: bytes | None
    match kind:
        case 0x01:
            rounds = tuple((pool, weight) for pool, weight in plain["rounds"])
            pool, wanted, total, value = (plain[name] for name in ("P", "C", "A", "V"))
            header = Header(pool, wanted, total, value, plain["tau"], plain["band"], rounds)
            given = leaves.header_leaf(header)
        case 0x03:
            energy, allocated, quality = (plain[name] for name in ("energy", "allocated", "quality"))
            detail = raw(fields.get("detail", "0x"))
            given = leaves.row_leaf(salt, energy, allocated, quality, totals, detail)
        case 0x04:
            given = leaves.period_leaf(salt, totals, raw(fields["links"]))
        case 0x06:
            sums = [plain[name] for name in ("vat_debit", "vat_credit", "debit", "credit")]
            given = leaves.bill_leaf(salt, [*plain["lines"], *sums])
        case 0x08:
            given = leaves.reading_leaf(salt, plain["energy"], plain["quality"], plain["source"])
        case 0x0A:
            given = leaves.class_leaf(salt, plain["vat_class"], plain["network_class"])
        case 0x0B:
            given = leaves.coefficient_leaf(salt, plain["coefficient_ppm"])
        case 0x0C:
            given = leaves.links_leaf(salt, [Link(*link) for link in plain["links"]])
        case 0x0D:
            flows = tuple((slot, energy) for slot, energy in plain["links"])
            given = leaves.detail_leaf(salt, Detail(plain["potential"], flows))
        case 0x0E:
            given = leaves.cost_leaf(Cost(0, plain["weight"], plain["cap"], salt, ()))
        case 0x0F:
            shared, steps = plain["shared"], plain["steps"]
            scale = Scale(shared, plain["consumer_step"], plain["producer_step"], steps, salt, b"")
            given = leaves.scale_leaf(scale)
        case _:
            given = None
    return given


def test_the_leaves_of_a_bundle_have_the_hashes_of_the_vectors():
    seen = set()
    for case in load_vectors("leaves")["cases"]:
        given = leaf_of(case["kind"], case["fields"])
        if given is None:
            continue
        seen.add(case["kind"])
        assert given == raw(case["hash"]), case["name"]
    assert seen == {0x01, 0x03, 0x04, 0x06, 0x08, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F}


def test_depths_are_those_of_the_vectors():
    for case in load_vectors("shapes")["cases"]:
        assert depth_for(case["slots"]) == case["slot_depth"]
        assert depth_for(len(case["intervals"])) == case["day_depth"]
        assert depth_for(max(case["intervals"])) == case["interval_depth"]


def test_trees_have_the_roots_and_paths_of_the_vectors():
    for case in load_vectors("trees")["cases"]:
        nodes = [raw(leaf) if leaf else PADDING for leaf in case["leaves"]]
        assert root_of(nodes, case["depth"]) == raw(case["root"])
        for path in case["paths"]:
            leaf = raw(path["leaf"]) if path["leaf"] else PADDING
            assert climb(leaf, path["index"], [raw(node) for node in path["path"]]) == raw(case["root"])


def test_a_tree_over_subtrees_pads_with_empty_subtrees():
    leaf = keccak256(b"leaf")
    subtree = root_of([leaf], 2)
    assert root_of([subtree], 1, 2) == root_of([leaf], 3) == join(subtree, padding_root(2))
    with pytest.raises(AssertionError, match="3 nodes do not fit below depth 1"):
        root_of([leaf] * 3, 1)


def test_anchored_leaves_of_each_kind_climb_to_their_roots():
    for name in COMMUNITIES:
        for proof in load_vectors(f"communities/{name}")["expected"]["proofs"]:
            path = [raw(node) for node in proof["path"]]
            assert climb(keccak256(raw(proof["leaf"])), proof["index"], path) == raw(proof["root"]), proof[
                "what"
            ]


def key_of(case: dict[str, Any]) -> SharingKey:
    return SharingKey(
        case["code"],
        case["surplus_owner"],
        1 if case["code"] == SCHEDULED else 0,
        tuple(case["pairs_ppm"] if case["code"] == PAIRWISE else case["coefficients_ppm"]),
        tuple(case["producers"]),
        tuple(case["tier_methods"]),
        tuple(case["tiers"]),
        tuple(case["producer_ppm"]),
        bytes(32),
    )


def header_of(case: dict[str, Any]) -> Header:
    rounds = tuple((int(pool), int(weight)) for pool, weight in case["rounds"])
    return Header(int(case["P"]), int(case["C"]), int(case["A"]), 0, case["tau"], 0, rounds)


ALLOCATIONS = load_vectors("allocation")["cases"]


def test_the_cases_of_intervals_hold_every_method_but_flow():
    assert {case["code"] for case in ALLOCATIONS} == set(METHODS) - {9}


@pytest.mark.parametrize("case", ALLOCATIONS, ids=lambda case: case["name"])
def test_an_interval_is_shared_as_in_the_vectors(case):
    key, header = key_of(case), header_of(case)
    tariff = tariff_of({**load_vectors("bills")["bills"][0]["tariff"], "pricing": 0})
    slots = {
        way: [s for s, d in zip(case["slot"], case["direction"], strict=True) if d == way] for way in (0, 1)
    }
    assert count_rounds(Rule(0, key, tariff), len(slots[1])) == len(header.rounds)
    sums = [[0, 0] for _ in header.rounds]
    for i, (slot, direction) in enumerate(zip(case["slot"], case["direction"], strict=True)):
        energy, listed = int(case["energy"][i]), case["coefficients_ppm"]
        if direction:
            due = share_producer(key, header, energy, slot, (case["t"], case["slots"]))
        else:
            due = allocate_consumer(key, header, slot, energy, listed[slot] if slot < len(listed) else 0)
        assert (due.allocated, due.credited) == (int(case["allocated"][i]), int(case["credited"][i]))
        parts = due.parts or tuple((0, 0) for _ in header.rounds)
        assert [list(map(str, part)) for part in parts] == case["parts"][i]
        sums = [
            [sum(pair) for pair in zip(part, both, strict=True)]
            for part, both in zip(parts, sums, strict=True)
        ]
    assert sum_contributions(Rule(0, key, tariff), header) == [tuple(both) for both in sums]
    day = DayPoints(key, tuple(slots[0]), tuple(slots[1]), tuple(slots[1]))
    impossible = [finding for finding in bound_totals(Rule(0, key, tariff), day, header) if not finding[1]]
    assert impossible == []


def test_totals_that_say_less_than_the_rounds_give_are_found_impossible():
    tariff, seen = tariff_of(load_vectors("bills")["bills"][0]["tariff"]), set()
    for case in ALLOCATIONS:
        key, header, short = key_of(case), header_of(case), len(case["slot"])
        if header.allocated < short or key.method not in {1, 4, 5, 7, 8}:
            continue  # nothing to take away, or only the rows can tell
        if key.method == 8 and key.tier_methods[-1] in {2, 3}:
            continue
        less = Header(header.feed_in, header.consumption, header.allocated - short, 0, 0, 0, header.rounds)
        slots = [[s for s, d in zip(case["slot"], case["direction"], strict=True) if d == w] for w in (0, 1)]
        day = DayPoints(key, tuple(slots[0]), tuple(slots[1]), tuple(slots[1]))
        found = {check for check, ok, _, _ in bound_totals(Rule(0, key, tariff), day, less) if not ok}
        assert "header.allocated" in found, case["name"]
        seen.add(key.method)
    assert seen == {1, 4, 5, 7, 8}


def tariff_of(told: dict[str, Any]) -> Tariff:
    def value(name: str) -> Any:
        entry = told[camel(name)]
        return tuple(entry) if isinstance(entry, list) else entry

    return Tariff(**{name: value(name) for name in Tariff.__slots__})


def test_intervals_and_their_rows_are_worth_what_the_vectors_say():
    for case in load_vectors("values")["intervals"]:
        rule = Rule(0, KEY, tariff_of(case["tariff"]))
        pool, wanted, total, value = (int(case[name]) for name in ("P", "C", "A", "V"))
        header = Header(pool, wanted, total, value, 0, case["band"])
        producers = [slot for slot, _ in case["shared"]]
        assert header.value in price_interval(rule, header, case["band"], producers, {})
        if rule.tariff.pricing != 3:
            assert header.value + 1 not in price_interval(rule, header, case["band"], producers, {})
        worth = dict(case["rows"])
        for way, listed in (("given", case["given"]), ("shared", case["shared"])):
            for slot, energy in listed:
                feeds_in = way == "shared"
                exact = price_row(rule, header, slot, Due(int(energy)), feeds_in=feeds_in)
                assert (exact.least, exact.most) == (int(worth[slot]),) * 2
                alone = bound_row(rule, case["band"], slot if feeds_in else -1, int(energy), producers)
                assert int(worth[slot]) in alone


def test_a_consumers_value_is_divided_over_its_links_as_in_the_vectors():
    for case in load_vectors("values")["links"]:
        links = [Link(slot, int(energy), int(value), 0) for slot, energy, value in case["links"]]
        given = divide_value(tariff_of(case["tariff"]), int(case["value"]), links)
        assert given == [link.value for link in links]


def test_bills_are_those_of_the_vectors_to_the_cent():
    for case in load_vectors("bills")["bills"]:
        key = SharingKey(case["method"], case["surplus_owner"], 0, (), (), (), (), (), bytes(32))
        points = [
            PointTotals(
                point["direction"] == "feed_in",
                tuple(int(energy) for energy, _ in point["bands"]),
                tuple(int(allocated) for _, allocated in point["bands"]),
                int(point["value"]),
                int(point["credited"]),
                tuple(TradedLink(seat, int(value), vat_class) for seat, value, vat_class in point["links"]),
            )
            for point in case["points"]
        ]
        rule = Rule(0, key, tariff_of(case["tariff"]))
        bill = compute_bill(points, rule, case["seat"], case["participant_vat_class"])
        assert list(bill.lines) == [int(line) for line in case["lines"]]
        sums = (bill.vat_debit, bill.vat_credit, bill.debit, bill.credit)
        assert sums == tuple(int(case[name]) for name in ("vat_debit", "vat_credit", "debit", "credit"))
