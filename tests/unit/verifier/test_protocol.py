"""The verifier's own leaves, trees, shares and bills are those of the vectors."""

from __future__ import annotations

import pytest

from backend.commitments.keccak import keccak256
from backend.verifier import leaves
from backend.verifier.bill import PointTotals, compute_bill
from backend.verifier.bundle import Header
from backend.verifier.chain import Tariff
from backend.verifier.shares import DYNAMIC, STATIC, allocate_consumer, share_producer
from backend.verifier.trees import PADDING, climb, depth_for, join, padding_root, root_of
from tests.unit.verifier.vector_chain import COMMUNITIES, load_vectors


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def test_terms_runs_batches_and_tags_are_named_as_in_the_vectors():
    name = {
        "terms": lambda case: leaves.terms_id(raw(case["community"]), case["period"]),
        "run": lambda case: leaves.run_id(raw(case["community"]), case["period"], case["version"]),
        "batch": lambda case: leaves.batch_id(
            raw(case["community"]), case["period"], case["version"], raw(case["signer"])
        ),
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


def test_the_leaves_of_a_bundle_have_the_hashes_of_the_vectors():
    seen = set()
    for case in load_vectors("leaves")["cases"]:
        fields = case["fields"]
        salt = raw(fields.get("salt", "0x"))
        numbers = {
            key: int(value) for key, value in fields.items() if isinstance(value, str) and key != "salt"
        }
        running = [int(value) for band in fields.get("bands", []) for value in band]
        match case["kind"]:
            case 0x01 if not fields["rounds"]:
                given = leaves.header_leaf(
                    numbers["P"], numbers["C"], numbers["A"], fields["tau"], fields["band"]
                )
            case 0x03:
                given = leaves.row_leaf(
                    salt, numbers["energy"], numbers["allocated"], fields["quality"], running
                )
            case 0x04:
                given = leaves.period_leaf(salt, running)
            case 0x06:
                sums = [numbers[key] for key in ("vat_debit", "vat_credit", "debit", "credit")]
                given = leaves.bill_leaf(salt, [*map(int, fields["lines"]), *sums])
            case 0x08:
                given = leaves.reading_leaf(salt, numbers["energy"], fields["quality"], fields["source"])
            case 0x0A:
                given = leaves.class_leaf(salt, fields["vat_class"], fields["network_class"])
            case _:
                continue
        seen.add(case["kind"])
        assert given == raw(case["hash"]), case["name"]
    assert seen == {0x01, 0x03, 0x04, 0x06, 0x08, 0x0A}


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


def test_intervals_are_shared_as_in_the_vectors():
    methods = {"dynamic": DYNAMIC, "static": STATIC}
    seen = set()
    for case in load_vectors("allocation")["cases"]:
        if case["method"] not in methods:
            continue
        seen.add(case["method"])
        header = Header(int(case["P"]), int(case["C"]), int(case["A"]), case["tau"], 0)
        for i, (slot, direction) in enumerate(zip(case["slot"], case["direction"], strict=True)):
            energy, coefficient = (
                int(case["energy"][i]),
                (case["coefficients_ppm"] or [0] * len(case["slot"]))[i],
            )
            if direction:
                given = share_producer(header, energy, slot, case["slots"], case["t"])
            else:
                given = allocate_consumer(methods[case["method"]], header, energy, coefficient)
            assert given == int(case["allocated"][i]), case["name"]
    assert seen == set(methods)


def test_bills_are_those_of_the_vectors_to_the_cent():
    for case in load_vectors("bills")["bills"]:
        tariff = Tariff(
            residual_price=tuple(case["tariff"]["residualPrice"]),
            shared_price=case["tariff"]["sharedPrice"],
            surplus_price=case["tariff"]["surplusPrice"],
            network_price=case["tariff"]["networkPrice"],
            monthly_fee=case["tariff"]["monthlyFee"],
            vat_ppm=case["tariff"]["vatPpm"],
            community_vat_class=case["tariff"]["communityVatClass"],
            billed_by=case["tariff"]["billedBy"],
            windows=tuple(case["tariff"]["windows"]),
        )
        points = [
            PointTotals(
                point["direction"] == "feed_in",
                tuple(int(energy) for energy, _ in point["bands"]),
                tuple(int(allocated) for _, allocated in point["bands"]),
            )
            for point in case["points"]
        ]
        bill = compute_bill(points, tariff, case["participant_vat_class"])
        assert list(bill.lines) == [int(line) for line in case["lines"]]
        sums = (bill.vat_debit, bill.vat_credit, bill.debit, bill.credit)
        assert sums == tuple(int(case[key]) for key in ("vat_debit", "vat_credit", "debit", "credit"))
