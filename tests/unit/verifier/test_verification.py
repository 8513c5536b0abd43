"""Every value of a bundle and of the chain is held against the others; what differs is refused and placed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from backend.errors import ChainUnavailableError, VerificationError
from backend.verifier import Verdict, load_pins, verify
from tests.unit.verifier.vector_chain import COMMUNITIES, VectorNode, load_vectors

Path = tuple[str | int, ...]
ALTERED = [
    *((community, 1) for community in COMMUNITIES if community not in {"single", "street", "roof", "large"}),
    ("single", 0),
    ("street", 0),
    ("roof", 2),
    ("scheduled", 0),
    ("sellers", 3),
]


def load(community: str, number: int) -> tuple[dict[str, Any], VectorNode]:
    vectors = load_vectors(f"communities/{community}")
    return vectors["bundles"][number], VectorNode(vectors)


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from walk(entry, (*path, name))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from walk(entry, (*path, number))
    else:
        yield path, value


def walk_lists(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, list):
        yield path
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, entry in entries:
        yield from walk_lists(entry, (*path, name))


def name_field(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def parent_of(bundle: Any, path: Path) -> Any:
    for step in path[:-1]:
        bundle = bundle[step]
    return bundle


def alter(value: Any) -> Any:
    """Give a well-formed value that it is not."""
    if isinstance(value, int):
        return value + 1
    if value in {"consumption", "feed_in"}:
        return "feed_in" if value == "consumption" else "consumption"
    if value.startswith("0x"):
        return value[:-1] + f"{int(value[-1], 16) ^ 1:x}"
    return value + "0"


def judge(bundle: Any, node: VectorNode) -> Verdict | VerificationError:
    try:
        return verify(bundle, node.call)
    except VerificationError as error:
        return error


def failed(verdict: Verdict) -> set[str]:
    return {check.id for check in verdict.failures}


@pytest.mark.parametrize("community", COMMUNITIES)
def test_every_bundle_of_the_vectors_is_verified(community):
    vectors = load_vectors(f"communities/{community}")
    for bundle in vectors["bundles"]:
        known = load_pins(json.dumps(vectors["chain"]), bundle["community"])
        verdict = verify(json.dumps(bundle), VectorNode(vectors).call, pins=known)
        assert verdict.failures == ()
        assert verdict.ok
        assert (verdict.run_state, verdict.bills_state) == ("final", "final")
        withheld = any(day["headers"] is None for day in bundle["days"])
        turned = community == "street"  # whose clock turns on two of three days
        assert bool(verdict.unchecked) is (withheld or turned or community in {"operator", "flow"})
        shown = not withheld and community != "operator"
        assert ("row.allocation" in {check.id for check in verdict.checks}) is shown


@pytest.mark.parametrize(("community", "number"), ALTERED)
def test_each_altered_value_of_a_bundle_is_refused_and_placed(community, number):
    bundle, node = load(community, number)
    values = [(path, value) for path, value in walk(bundle) if value is not None]
    assert len(values) > 50
    for path, value in values:
        parent, at = parent_of(bundle, path), f"{name_field(path)}: {value} -> {alter(value)}"
        parent[path[-1]] = alter(value)
        outcome = judge(bundle, node)
        parent[path[-1]] = value
        if isinstance(outcome, VerificationError):
            assert "bundle field" in str(outcome), at
            continue
        assert not outcome.ok, f"{at} was not noticed"
        places = [check.place for check in outcome.failures]
        assert all(place.what for place in places), at
        if path[0] == "points" and path[2] != "vat_class" and outcome.failures[0].id != "terms.open":
            assert any(place.field.startswith(name_field(path[:2])) for place in places), f"{at}: {places}"
        if path[:2] == ("bill", "lines"):
            assert name_field(path) in {place.field for place in places}, at


@pytest.mark.parametrize(("community", "number"), ALTERED)
def test_lists_that_are_cut_lengthened_or_emptied_are_refused(community, number):
    bundle, node = load(community, number)
    for path in list(walk_lists(bundle)):
        parent = parent_of(bundle, path)
        before: list[Any] = parent[path[-1]]
        others: list[list[Any]] = (
            [before[:-1], [*before, before[-1]], []] if before else [[0], ["0x" + "00" * 32]]
        )
        for other in others:
            parent[path[-1]] = other
            outcome = judge(bundle, node)
            parent[path[-1]] = before
            assert isinstance(outcome, VerificationError) or not outcome.ok, (
                f"{name_field(path)}: {len(other)} entries"
            )


def test_an_altered_allocation_is_placed_at_its_row_with_the_local_start_of_its_interval():
    bundle, node = load("street", 0)
    day = 2
    interval = next(t for t, energy in enumerate(bundle["points"][0]["energy"][day]) if energy)
    bundle["points"][0]["allocated"][day][interval] += 1
    failure = next(check for check in verify(bundle, node.call).failures if check.id == "row.allocation")
    assert failure.place.field == f"points[0].allocated[{day}][{interval}]"
    assert failure.place.slot == bundle["points"][0]["slot"]
    assert int(failure.found) == int(failure.expected) + 1
    assert failure.place.start is not None
    start = datetime.fromisoformat(failure.place.start)
    before = sum(node.chain["intervals"][:day]) + interval
    assert (
        start.timestamp()
        == node.chain["terms"]["startUtc"] + before * 60 * node.chain["terms"]["resolutionMinutes"]
    )
    assert (start.toordinal(), start.hour) == (
        date(1970, 1, 1).toordinal() + bundle["period"] + day,
        interval,
    )
    assert str(failure.place).startswith(f"row, slot {failure.place.slot}, {failure.place.start}")


def test_an_altered_header_or_total_is_placed():
    bundle, node = load("street", 0)
    altered = copy.deepcopy(bundle)
    altered["days"][1]["headers"][3][5] = 3
    fields = {check.place.field for check in verify(altered, node.call).failures if check.id == "header.band"}
    assert fields == {"days[1].headers[3]"}
    altered = copy.deepcopy(bundle)
    altered["days"][1]["headers"][3][0] += 5
    failure = next(check for check in verify(altered, node.call).failures if check.id == "total.feed_in")
    anchored = node.chain["run"]["feedIn"]
    assert (failure.expected, failure.found) == (str(anchored), str(anchored + 5))


@pytest.mark.parametrize(
    ("path", "check"),
    [
        (("run", "root"), "run.root"),
        (("run", "feedIn"), "total.feed_in"),
        (("run", "consumption"), "total.consumption"),
        (("run", "allocated"), "run.conserves"),
        (("run", "shared"), "run.conserves"),
        (("run", "ruleVersion"), "run.rule"),
        (("run", "batchId"), "run.batch"),
        (("run", "version"), "run.of"),
        (("run", "period"), "run.of"),
        (("batch", "root"), "batch.root"),
        (("batch", "measured"), "batch.complete"),
        (("batch", "signer"), "batch.id"),
        (("batch", "version"), "batch.id"),
        (("batch", "community"), "batch.of"),
        (("bills", "root"), "bill.root"),
        (("bills", "debits"), "bills.balance"),
        (("bills", "rounding"), "bills.balance"),
        (("bills", "runId"), "bills.of"),
        (("terms", "classesRoot"), "class.root"),
        (("terms", "dayCount"), "period.days"),
        (("terms", "slots"), "period.book"),
        (("terms", "expectedReadings"), "batch.complete"),
        (("intervals", 0), "period.intervals"),
        (("points", 0, "direction"), "point.direction"),
        (("points", 0, "factorPpm"), "point.factor_ppm"),
        (("points", 0, "fromDay"), "point.from_day"),
        (("points", 0, "untilDay"), "point.until_day"),
        (("points", 0, "tag"), "point.tag"),
        (("bands", 0), "header.band"),
        (("rule", "key", "method"), "row.allocation"),
        (("rule", "key", "surplusOwner"), "point.form"),
        (("rule", "tariff", "sharedPrice"), "header.value"),
        (("rule", "tariff", "pricing"), "header.value"),
        (("rule", "tariff", "seller"), "bill.line"),
        (("rule", "source"), "run.basis"),
        (("run", "basis"), "run.basis"),
        (("rule", "tariff", "monthlyFee"), "bill.line"),
    ],
)
def test_each_record_on_chain_that_differs_is_noticed(path, check):
    bundle, node = load("street", 0)
    parent = parent_of(node.chain, path)
    parent[path[-1]] = alter(parent[path[-1]])
    assert check in failed(verify(bundle, node.call))


@pytest.mark.parametrize(
    ("path", "value", "check"),
    [
        (("days", 1, "headers", 3, 2), 2**50, "header.allocated"),
        (("days", 1, "headers", 3, 2), 2**50, "total.allocated"),
        (("days", 1, "headers", 3, 4), 8, "header.tau"),
        (("days", 1, "headers", 12, 0), 0, "header.own"),
        (("days", 1, "headers", 12, 1), 0, "header.own"),
        (("points", 0, "allocated", 1, 3), 2**50, "row.bound"),
        (("points", 0, "quality", 1, 3), 4, "reading.quality"),
        (("points", 0, "source", 1, 3), 6, "reading.source"),
        (("points", 1, "row_paths", 1, 0), "0x" + "11" * 32, "row.neighbour"),
        (("points", 0, "class_path"), [], "path.length"),
        (("points", 0, "reading_path"), [], "path.length"),
        (("points", 0, "period_path"), [], "path.length"),
        (("points", 0, "row_paths", 1), [], "path.length"),
        (("bill", "path"), [], "path.length"),
        (("points", 1, "slot"), 7, "point.slot"),
        (("seat",), 2, "seat.first"),
        (("bill", "vat_debit"), 1, "bill.vat_debit"),
        (("bill", "vat_credit"), 1, "bill.vat_credit"),
        (("bill", "debit"), 1, "bill.debit"),
        (("bill", "credit"), 1, "bill.credit"),
    ],
)
def test_a_value_that_contradicts_its_neighbours_is_found_where_it_stands(path, value, check):
    bundle, node = load("street", 0)
    parent_of(bundle, path)[path[-1]] = value
    assert check in failed(verify(bundle, node.call))


def test_a_reading_that_is_missing_has_no_energy():
    bundle, node = load("street", 0)
    bundle["points"][0]["energy"][1][3], bundle["points"][0]["quality"][1][3] = 1, 3
    assert "reading.missing" in failed(verify(bundle, node.call))


@pytest.mark.parametrize(
    ("record", "field", "check"),
    [
        ("run", "state", "run.found"),
        ("batch", "submittedAt", "batch.found"),
        ("bills", "state", "bills.found"),
    ],
)
def test_what_is_not_anchored_is_said(record, field, check):
    bundle, node = load("street", 0)
    node.chain[record][field] = 0
    assert check in failed(verify(bundle, node.call))


def test_a_point_of_the_participant_that_the_bundle_leaves_out_is_noticed():
    bundle, node = load("street", 0)
    assert len(bundle["points"]) > 1
    bundle["points"].pop()
    assert "seat.points" in failed(verify(bundle, node.call))


@pytest.mark.parametrize("record", ["run", "bills"])
@pytest.mark.parametrize(
    ("number", "state", "ok"),
    [
        (0, "none", False),
        (1, "contestable", True),
        (2, "final", True),
        (3, "superseded", False),
        (4, "voided", False),
    ],
)
def test_contestable_runs_verify_superseded_and_voided_ones_do_not_and_the_state_is_said(
    record, number, state, ok
):
    bundle, node = load("single", 0)
    node.chain[record]["state"] = number
    verdict = verify(bundle, node.call)
    assert verdict.ok is ok
    assert (verdict.run_state if record == "run" else verdict.bills_state) == state


def test_a_key_that_this_program_does_not_know_is_refused():
    bundle, node = load("single", 0)
    node.chain["rule"]["key"]["method"] = 11
    assert "rule.method" in failed(verify(bundle, node.call))


@pytest.mark.parametrize(
    ("path", "value", "check"),
    [
        (("chain_id",), 1, "chain.id"),
        (("genesis_hash",), "0x" + "11" * 32, "chain.genesis"),
        (("terms", "openedAt"), 0, "terms.open"),
    ],
)
def test_another_chain_or_a_period_that_is_not_open_ends_the_verification(path, value, check):
    bundle, node = load("single", 0)
    parent_of(node.chain, path)[path[-1]] = value
    verdict = verify(bundle, node.call)
    assert not verdict.ok
    assert verdict.failures[0].id == check
    assert verdict.unchecked


@pytest.mark.parametrize(
    "name",
    [
        "registry",
        "rule_book",
        "period_book",
        "meter_data_ledger",
        "schedule_book",
        "settlement_ledger",
        "billing_ledger",
    ],
)
def test_an_address_without_code_ends_the_verification(name):
    bundle, node = load("single", 0)
    bundle["chain"]["contracts"][name] = "0x" + "11" * 20
    failures = verify(bundle, node.call).failures
    found = {failure.place.field: failure.found for failure in failures if failure.id == "chain.code"}
    assert found[f"chain.contracts.{name}"] == "nothing"


def test_a_block_that_is_replaced_while_it_is_read_is_refused():
    bundle, node = load("single", 0)

    def call(method: str, params: list[Any]) -> Any:
        if node.calls > 12:
            node.block_hash = "0x" + "cd" * 32
        return node.call(method, params)

    with pytest.raises(ChainUnavailableError, match="block 42 was replaced while it was read"):
        verify(bundle, call)


def test_totals_that_no_leaf_can_hold_are_refused_without_a_traceback():
    bundle, node = load("street", 0)
    bundle["points"][0]["energy"][2][0] = bundle["points"][0]["energy"][2][1] = 2**64 - 1
    assert "point.total" in failed(verify(bundle, node.call))


def test_progress_is_told():
    bundle, node = load("street", 0)
    told: list[tuple[int, int]] = []
    verify(bundle, node.call, lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
