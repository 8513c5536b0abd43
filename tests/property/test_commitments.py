"""The compiled, vectorised room against the plain reference, on communities that nobody chose."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.commitments import build_bundle
from tests.unit.commitments.period_arrays import PeriodArrays, bill_figures, chain_facts
from tests.vectors.reference_cases import community, point, rule, sharing_key
from tests.vectors.reference_period import ReferencePeriod
from tests.vectors.reference_records import bundle_of, chain_of, expected_of

DYNAMIC, STATIC, EQUAL, CASCADE, HYBRID = range(1, 6)
WITH_COEFFICIENTS = (STATIC, CASCADE, HYBRID)


@st.composite
def periods(draw: st.DrawFn) -> ReferencePeriod:
    """Draw a period of odd sizes: points that come and go, slots without one, days of any length."""
    intervals = draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
    points: list[dict[str, Any] | None] = []
    for slot in range(draw(st.integers(1, 11))):
        first = draw(st.integers(0, len(intervals) - 1))
        last = draw(st.integers(first + 1, len(intervals)))
        direction = draw(st.sampled_from(["consumption", "feed_in", "none"]))
        vat = draw(st.integers(0, 2))
        present = direction != "none" or slot == 0
        known = point(
            f"point-{slot}", direction if direction != "none" else "feed_in", (first, last), vat_class=vat
        )
        points.append(known if present else None)
    if points[-1] is None:
        points[-1] = point("last", "consumption", (0, 1))
    slots = [slot for slot, known in enumerate(points) if known]
    owners = {slot: draw(st.sampled_from([s for s in slots if s <= slot])) for slot in slots}
    seats = [owners.get(slot, slot) for slot in range(len(points))]
    seats = [seat if seats[seat] == seat else slot for slot, seat in enumerate(seats)]
    method = draw(st.sampled_from([DYNAMIC, STATIC, EQUAL, CASCADE, HYBRID]))
    coefficients = [1_000_000 // len(points)] * len(points) if method in WITH_COEFFICIENTS else []
    pricing = draw(st.integers(0, 2))
    scale = draw(st.sampled_from([2, 1_000, 900_000, 2**40]))
    voted = rule(
        sharing_key(method, coefficients),
        communityVatClass=draw(st.integers(0, 2)),
        billedBy=15,
        pricing=pricing,
        seller=draw(st.integers(0, 1)),
    )
    return ReferencePeriod(community("drawn", points, intervals, voted, seats=seats, scale=scale))


def arrays_of(period: ReferencePeriod) -> PeriodArrays:
    return PeriodArrays({"inputs": period.inputs, "expected": expected_of(period)})


@settings(max_examples=40)
@given(periods())
def test_any_period_has_the_roots_of_the_reference(period):
    trees = arrays_of(period).trees(period.bills)
    roots = period.roots
    assert trees.batch.root == roots["batch_root"]
    assert trees.run.root == roots["run_root"]
    assert trees.bills.root == roots["bill_root"]
    assert trees.classes.root == roots["classes_root"]


@settings(max_examples=20)
@given(periods(), st.data())
def test_any_bundle_is_that_of_the_reference(period, data):
    arrays = arrays_of(period)
    seat = data.draw(st.sampled_from([bill_figures(bill).seat for bill in period.bills]))
    shows_headers = data.draw(st.booleans())
    bundle = build_bundle(
        chain_facts(chain_of(period)),
        arrays.subject(seat, shows_headers=shows_headers),
        arrays.trees(period.bills),
    )
    assert bundle == bundle_of(period, seat, with_headers=shows_headers)


@settings(max_examples=20)
@given(periods())
def test_every_leaf_of_any_period_climbs_to_its_root(period):
    arrays = arrays_of(period)
    batch, run = arrays.batch_tree(), arrays.run_tree()
    for day, count in enumerate(period.intervals):
        for t in range(count):
            assert run.prove_header(day, t).root == run.root
            assert all(run.prove_stair(day, t, block).root == run.root for block in range(period.blocks))
            for slot in period.active_slots(day):
                assert run.prove_row(slot, day, t).root == run.root
                assert batch.prove_reading(slot, day, t).root == batch.root


@settings(max_examples=20)
@given(periods(), st.data())
def test_any_changed_reading_changes_the_roots(period, data):
    arrays = arrays_of(period)
    batch, run = arrays.batch_tree(), arrays.run_tree()
    day = data.draw(st.sampled_from([day for day in range(period.days) if period.active_slots(day)]))
    slot = data.draw(st.sampled_from(period.active_slots(day)))
    interval = data.draw(st.integers(*(arrays.shape.span(day).start, arrays.shape.span(day).stop - 1)))
    arrays.readings.energy[slot, interval] += 1
    arrays.readings.quality[slot, interval] = 0
    arrays.readings.source[slot, interval] = 0
    assert arrays.batch_tree().root != batch.root
    assert arrays.run_tree().root != run.root
