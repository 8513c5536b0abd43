"""Every planted lie is found where it is and voided by the contest that proves it; what is honest survives them all."""

from dataclasses import replace
from datetime import date

import pytest

from backend.commitments.amended import Amended
from backend.commitments.leaves import LeafKind
from backend.commitments.openings import Place
from backend.quantities import SettlementPeriod
from backend.services.contests import CONTESTS, find_contest, send_contest, try_contest
from backend.services.contests.finding import call_of
from tests.integration.contests.lying import HOLDS, VOIDED, LyingSettler, changed, found
from tests.integration.settlement.shared_street import KEYS, street, street_csv
from tests.integration.settlement.small_community import open_home

# Five days; the clock turns on the last, and Cleo comes on the third.
SPAN = SettlementPeriod(date(2024, 3, 27), date(2024, 4, 1))
NOON = 12
ADA, BEN_SOLAR, CLEO, DORA = 0, 2, 3, 4
HEADER, STAIR, ROW = LeafKind.HEADER, LeafKind.STAIR, LeafKind.ROW
PERIOD, PERIOD_STAIR = LeafKind.PERIOD, LeafKind.PERIOD_STAIR
WINDOW = "\n[settlement]\ncontest_window_hours = 168\n"
TARIFFS = {
    "incentive": 'shared_price = "0"\npremium_consumption_price = "0.08"\npremium_feed_in_price = "0.03"',
    "pairwise": 'pricing = "producer"\nproducer_prices = { "ben-solar" = "0.11", "dora-solar" = "0.087" }',
    "hybrid": 'pricing = "supply_demand"',
    "equal": 'billed_by = { shared = "producer" }\npricing = "producer"\n'
    'producer_prices = { "ben-solar" = "0.11", "dora-solar" = "0.05" }',
}


def more(by=1):
    return lambda value: value + by


def at(index, by=1):
    return lambda values: [value + by * (place == index) for place, value in enumerate(values)]


def altered(kind, slot=0, day=0, t=0, **changes):
    """A lie in one leaf."""
    place = Place(kind, slot, day, t)
    return lambda tree: {place: changed(tree.open(place).leaf, **changes)}


def emptied(kind, slot=0, day=0, t=0):
    return lambda _: {Place(kind, slot, day, t): b""}


def added(kind, slot, day=0, t=0, *, like):
    """A leaf where none must be, like one that is there."""
    return lambda tree: {Place(kind, slot, day, t): tree.open(Place(kind, *like)).leaf}


# Name: the lie, and the contests of which one must be found.
LIES = {
    "an energy": (altered(ROW, ADA, 2, NOON, energy=more()), {"input"}),
    "a quality": (altered(ROW, ADA, 2, NOON, quality=2), {"input"}),
    "an allocation": (altered(ROW, ADA, 2, NOON, allocated=more()), {"row", "flow"}),
    "a shared part": (altered(ROW, BEN_SOLAR, 2, NOON, allocated=more()), {"row", "flow"}),
    "a band total": (altered(ROW, CLEO, 3, 5, totals=at(0)), {"sum"}),
    "a total of another band": (altered(ROW, CLEO, 3, 5, totals=at(4)), {"sum"}),
    "a total across midnight": (altered(ROW, CLEO, 3, 0, totals=at(1)), {"sum"}),
    "the first total": (altered(ROW, CLEO, 2, 0, totals=at(1)), {"sum"}),
    "a value": (altered(ROW, ADA, 2, NOON, totals=at(8)), {"value"}),
    "a credited energy": (altered(ROW, ADA, 2, NOON, totals=at(9)), {"value"}),
    "a feed-in total": (altered(HEADER, 0, 2, NOON, feed_in=more()), {"last_stair", "header", "row"}),
    "an allocated total": (altered(HEADER, 0, 2, NOON, allocated=more()), {"last_stair", "header", "row"}),
    "a band": (altered(HEADER, 0, 2, NOON, band=3), {"header"}),
    "a worth": (altered(HEADER, 0, 2, NOON, value=more()), {"header", "value", "last_stair"}),
    "a tau": (altered(HEADER, 0, 2, NOON, tau=77), {"header", "row"}),
    "a first stair": (altered(STAIR, 0, 2, NOON, consumption=more()), {"stair"}),
    "a last stair": (altered(STAIR, 1, 2, NOON, feed_in=more()), {"last_stair"}),
    "a period total": (altered(PERIOD, ADA, totals=at(0)), {"totals"}),
    "a period total of shared energy": (altered(PERIOD, DORA, totals=at(3)), {"totals"}),
    "a first period stair": (altered(PERIOD_STAIR, 0, shared=more()), {"period_stair"}),
    "a last period stair": (altered(PERIOD_STAIR, 1, shared=more()), {"period_totals"}),
    "a row that lacks": (emptied(ROW, ADA, 1, 3), {"slot"}),
    "a header that lacks": (emptied(HEADER, 0, 3, 3), {"slot"}),
    "a stair that lacks": (emptied(STAIR, 1, 3, 3), {"slot"}),
    "a period that lacks": (emptied(PERIOD, ADA), {"slot"}),
    "a period stair that lacks": (emptied(PERIOD_STAIR, 0), {"slot"}),
    "a row too many": (added(ROW, CLEO, 1, 3, like=(ADA, 1, 3)), {"slot"}),
    "an hour too many": (added(ROW, ADA, 4, 23, like=(ADA, 3, 23)), {"slot"}),
    "a slot too many": (added(ROW, 6, 2, 3, like=(ADA, 2, 3)), {"slot"}),
    "a header too many": (added(HEADER, 0, 4, 25, like=(0, 3, 23)), {"slot"}),
    "a period too many": (added(PERIOD, 7, like=(ADA, 0, 0)), {"slot"}),
}
BILL, BILL_STAIR = LeafKind.BILL, LeafKind.BILL_STAIR
BILL_LIES = {
    "a line": (altered(BILL, ADA, lines=at(4)), {"bill"}),
    "a fee": (altered(BILL, 1, lines=at(6)), {"bill"}),
    "a tax": (altered(BILL, ADA, vat_debit=more()), {"bill"}),
    "a credit": (altered(BILL, DORA, credit=more()), {"bill"}),
    "a first bill stair": (altered(BILL_STAIR, 0, debits=more()), {"bill_stair"}),
    "a last bill stair": (altered(BILL_STAIR, 1, fees=more()), {"bill_totals"}),
    "a bill that lacks": (emptied(BILL, ADA), {"slot"}),
    "a bill too many": (added(BILL, BEN_SOLAR, like=(ADA, 0, 0)), {"slot"}),
    "a bill stair that lacks": (emptied(BILL_STAIR, 1), {"slot"}),
}
FLOW_KEEPS = {
    "a value",
    "a credited energy",
    "a worth",
    "a tau",
}  # what links cost, and which are gifts, is on no chain


def settler_of(tmp_path, method="dynamic", tariff=None, csv=None):
    wiring = open_home(tmp_path / "home")
    parameters = KEYS[method]
    definition = street(method, parameters, TARIFFS.get(method, "") if tariff is None else tariff) + WINDOW
    definition = definition.replace('valid_from = "2024-03-11"', 'valid_from = "2024-03-29"')
    return LyingSettler(wiring, definition, csv or street_csv(), SPAN)


@pytest.mark.parametrize("method", KEYS)
def test_every_lie_in_a_run_is_found_and_voids_it(tmp_path, method):
    settler = settler_of(tmp_path, method)
    chain = settler.context.chain
    for name, (lies, contests) in LIES.items():
        if method == "flow" and name in FLOW_KEEPS:
            continue
        rebuilt, honest, anchored = settler.propose(lies)
        proof = find_contest(chain, anchored, found(honest, anchored), "watcher")
        assert proof is not None, name
        assert proof.name in contests, (name, proof.name)
        send_contest(settler.context, rebuilt.run, proof)
        assert settler.state(anchored) == VOIDED, name
    free = chain.read("bonds", "freeOf", chain.address_of("watcher"))
    assert free == 0, "what a watcher wins it takes out"


def places_of(tree, every=7):
    """Places of all kinds, thinned out; the first and the last of days among them, and the day the clock turns."""
    listed = [
        Place(kind, slot, day, t)
        for kind, day, slots, leaves in tree.leaves()
        for slot in slots
        for t in {0, 1, NOON, leaves.shape[1] - 1}
        if t < leaves.shape[1] and day in {0, 2, 3, 4}
    ]
    return listed[::every] + listed[-3:]


@pytest.mark.parametrize("method", KEYS)
def test_an_honest_run_survives_every_contest_at_every_place(tmp_path, method):
    settler = settler_of(tmp_path, method)
    _, honest, anchored = settler.propose(bill_lies=lambda _: {})
    assert found(honest, anchored) == []
    said = set()
    for tree in (anchored.run, anchored.batch, anchored.bills):
        for place in places_of(tree):
            for name in CONTESTS:
                if name in {"stair", "period_stair", "bill_stair"} and place.slot > 1:
                    continue
                if place.kind in {HEADER, STAIR, LeafKind.PERIOD_STAIR, LeafKind.BILL_STAIR} and name not in {
                    "header",
                    "slot",
                    "last_stair",
                    "stair",
                    "period_stair",
                    "bill_stair",
                }:
                    continue
                answer = settler.answer(anchored, name, place)
                assert answer is None or answer in HOLDS | {"ValueOfLinks", "SlotNotActive"}, (
                    name,
                    place,
                    answer,
                )
                said.add((name, answer))
    tried = {name for name, answer in said if answer}
    assert tried >= set(CONTESTS) - {
        "linear",
        "similar",
        "method",
        "replaced",
        "flow" if method != "flow" else "row",
        "value",
        *(set() if method == "flow" else {"link", "step"}),
    }


def test_bills_that_lie_are_voided_and_others_take_their_place(tmp_path):
    for method in ("dynamic", "equal"):
        settler = settler_of(tmp_path / method, method)
        chain = settler.context.chain
        rebuilt, honest, anchored = settler.propose(bill_lies=BILL_LIES["a line"][0])
        for name, (lies, contests) in BILL_LIES.items():
            if name != "a line":
                bills = Amended(honest.bills, lies(honest.bills))
                settler.send_bills(rebuilt, bills, {})
                anchored = replace(anchored, bills=bills)
            proof = find_contest(chain, anchored, found(honest, anchored), "watcher")
            assert proof is not None, (method, name)
            assert proof.name in contests, (method, name, proof.name)
            send_contest(settler.context, rebuilt.run, proof)
            assert settler.state(anchored, "billing_ledger", "bills") == VOIDED, name
        assert settler.state(anchored) == 1, "the run stands"
        settler.send_bills(rebuilt, honest.bills, {})
        assert settler.state(anchored, "billing_ledger", "bills") == 1


@pytest.mark.parametrize("seller", ["dynamic", "equal"])
def test_claims_that_are_not_the_last_stairs_are_voided(tmp_path, seller):
    settler = settler_of(tmp_path, seller)
    chain = settler.context.chain
    _, honest, anchored = settler.propose(claims={"feedIn": 2**50})
    assert found(honest, anchored) == []
    proof = find_contest(chain, anchored, [], "watcher")
    assert proof is not None
    assert proof.name == "period_totals"
    settler.send(call_of(proof, "watcher"))
    totals = settler.honest().bill_totals
    more_debits = {"debits": totals["debits"] + 1, "fees": totals["fees"] + 1}
    _, honest, anchored = settler.propose(bill_lies=lambda _: {}, bill_claims=more_debits)
    proof = find_contest(chain, anchored, [], "watcher")
    assert proof is not None
    assert proof.name == "bill_totals"


READING_LIES = {
    "an interpolation": (altered(LeafKind.READING, ADA, 1, 5, energy=more()), {"linear"}),
    "a reading stair": (altered(LeafKind.READING_STAIR, ADA, 1, measured=more()), {"reading_stair"}),
    "the counts": (altered(LeafKind.READING_STAIR, DORA, 4, missing=more()), {"reading_counts"}),
    "a reading that lacks": (emptied(LeafKind.READING, ADA, 2, 2), {"slot"}),
    "a reading too many": (added(LeafKind.READING, CLEO, 0, 2, like=(ADA, 0, 2)), {"slot"}),
    "an estimated feed-in": (altered(LeafKind.READING, BEN_SOLAR, 2, 2, quality=1, source=2), {"linear"}),
    "an estimate of what was measured": (
        altered(LeafKind.READING, ADA, 2, 9, quality=1, source=2, energy=5),
        {"linear", "replaced"},
    ),
}


def test_lies_in_the_readings_are_found_and_void_the_run(tmp_path):
    settler = settler_of(tmp_path, csv=without_hours(street_csv(), "ada-load", "2024-03-28", range(4, 6)))
    chain = settler.context.chain
    for name, (lies, contests) in READING_LIES.items():
        batch = settler.rebatch(lies)
        _, honest, anchored = settler.propose(batch=batch)
        proof = find_contest(chain, anchored, found(honest, anchored), "watcher")
        assert proof is not None, name
        assert proof.name in contests, (name, proof.name)
        settler.send(call_of(proof, "watcher"))
        assert settler.state(anchored) == VOIDED, name


def test_an_honest_estimate_survives(tmp_path):
    settler = settler_of(tmp_path, csv=without_hours(street_csv(), "ada-load", "2024-03-28", range(4, 6)))
    _, _, anchored = settler.propose()
    assert settler.answer(anchored, "linear", Place(LeafKind.READING, ADA, 1, 5)) == "EstimateHolds"
    assert settler.answer(anchored, "linear", Place(LeafKind.READING, ADA, 1, 6)) == "EstimateHolds"
    assert settler.answer(anchored, "method", Place(LeafKind.READING, ADA, 1, 5)) == "MethodHolds"
    assert settler.answer(anchored, "reading_stair", Place(LeafKind.READING_STAIR, ADA, 1)) == "StairHolds"


def test_a_replaced_measurement_voids_the_run(tmp_path):
    settler = settler_of(tmp_path)
    settler.rebatch(lambda _: {})
    place = Place(LeafKind.READING, ADA, 2, 9)
    batch = settler.rebatch(altered(LeafKind.READING, ADA, 2, 9, quality=1, source=3, energy=more(7)))
    _, _, anchored = settler.propose(batch=batch)
    proof = try_contest(settler.context.chain, anchored, "replaced", place, "watcher")
    assert proof is not None
    settler.send(call_of(proof, "watcher"))
    assert settler.state(anchored) == VOIDED


def without_hours(csv, point, day, hours):
    """The readings but some hours of a day in UTC."""
    gone = {f"{point},{day}T{hour:02d}" for hour in hours}
    return "\n".join(line for line in csv.splitlines() if line[: len(point) + 14] not in gone) + "\n"
