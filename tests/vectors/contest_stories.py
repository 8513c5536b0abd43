"""What is told in each world: an honest settlement that no contest voids, and lies, each of which a contest voids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend.commitments.leaves import LeafKind
from backend.commitments.openings import Place
from tests.vectors import reference as ref
from tests.vectors.contest_cases import Story
from tests.vectors.contest_scenes import SHAPES, Scene, at, in_rounds, more
from tests.vectors.contest_twists import twists_of
from tests.vectors.contest_worlds import world
from tests.vectors.reference_settlement import CONSUMPTION, FEED_IN

__all__ = ["stories_of"]

HEADER, STAIR, ROW = LeafKind.HEADER, LeafKind.STAIR, LeafKind.ROW
PERIOD, PERIOD_STAIR = LeafKind.PERIOD, LeafKind.PERIOD_STAIR
BILL, BILL_STAIR = LeafKind.BILL, LeafKind.BILL_STAIR
READING, READING_STAIR = LeafKind.READING, LeafKind.READING_STAIR
_EQUAL, _PAIRWISE, _PRIORITY, _FLOW = 3, 7, 8, 9
_BY_PRODUCER = 3


def stories_of(name: str) -> Iterator[Story]:
    """All that is told in a world."""
    scene = Scene(world(name))
    yield honest(scene)
    yield lying_rows(scene)
    yield lying_sums(scene)
    yield lying_forms(scene)
    yield lying_bills(scene)
    if scene.is_shape:
        yield lying_claims(scene)
        yield gaps(scene)
        yield surplus(scene)
    yield from twists_of(scene)


# ---- nothing is wrong ----


def honest(s: Scene) -> Story:
    story = Story(s.world, "honest")
    moment = s.busy[0]
    for side in s.sides:
        row = s.row(side, moment)
        story.holds("input", row)
        story.holds(s.rows, row, "" if s.computed else "RowsFollowOperator")
        story.holds("sum", row)
        if s.method != _FLOW:
            story.holds("value", row)
        story.holds("totals", row)
        for empty in s.empty_rows(side)[:1]:
            story.holds(
                s.rows, empty, "" if s.computed else "RowsFollowOperator", "without energy is refused"
            )
    story.holds("header", Place(HEADER, 0, *moment))
    story.holds("last_stair", Place(HEADER, 0, *moment))
    honest_stairs(s, story, moment)
    if s.is_shape:
        honest_steps(s, story)
        honest_sums(s, story)
        honest_places(s, story, moment)
    return story


def honest_steps(s: Scene, story: Story) -> None:
    """First rows of the period, of a day, of a slot that comes later."""
    slot = s.p.active_slots(0)[0]
    story.holds("sum", Place(ROW, slot, 0, 0))
    if s.p.days > 1:
        story.holds("sum", Place(ROW, slot, 1, 0), words="across midnight is refused")
    if s.late is not None:
        story.holds("sum", Place(ROW, s.late, s.first_day(s.late), 0), words="of who comes late is refused")


def honest_stairs(s: Scene, story: Story, moment: tuple[int, int]) -> None:
    for block in range(s.p.blocks):
        story.holds("stair", Place(STAIR, block, *moment))
        story.holds("period_stair", Place(PERIOD_STAIR, block))
    for bill in s.p.bills if s.sells or s.is_shape else s.p.bills[1:3]:
        story.holds("bill", Place(BILL, bill["seat"]))


def honest_sums(s: Scene, story: Story) -> None:
    """What the key has no part in."""
    for block in range(s.p.blocks):
        story.holds("bill_stair", Place(BILL_STAIR, block))
    story.holds("period_totals", Place(PERIOD_STAIR, s.p.blocks - 1))
    story.holds("bill_totals", Place(BILL_STAIR, s.p.blocks - 1))
    story.holds("reading_counts", Place(READING_STAIR, s.p.slots - 1, s.p.days - 1))
    for slot, day in dict.fromkeys([(0, 0), (s.p.slots - 1, s.p.days - 1), (s.p.slots - 1, 0)]):
        story.holds("reading_stair", Place(READING_STAIR, slot, day))


def honest_places(s: Scene, story: Story, moment: tuple[int, int]) -> None:
    """Each tree where a leaf is, and where none must be."""
    row = s.row(CONSUMPTION, moment)
    for kind in (HEADER, STAIR, ROW, PERIOD, PERIOD_STAIR, BILL, BILL_STAIR, READING, READING_STAIR):
        at_day = moment if kind in {HEADER, STAIR, ROW, READING} else (moment[0] * (kind == READING_STAIR), 0)
        slot = row.slot if kind in {ROW, PERIOD, READING, READING_STAIR} else 0
        if kind == BILL:
            slot = s.p.bills[0]["seat"]
        story.holds("slot", Place(kind, slot, *at_day))
    for place in empty_places(s):
        story.holds("slot", place, words="where none must be is refused")


def empty_places(s: Scene) -> list[Place]:
    """Places within the trees at which no leaf must be."""
    p, places = s.p, []
    if p.slots < 2**p.slot_depth:
        places += [Place(PERIOD, p.slots), Place(ROW, p.slots, 0, 1), Place(BILL, p.slots)]
        places += [Place(READING, p.slots, 0, 1), Place(READING_STAIR, p.slots, 0)]
    if p.intervals[0] < 2**p.interval_depth:
        places += [Place(HEADER, 0, 0, p.intervals[0]), Place(ROW, p.active_slots(0)[0], 0, p.intervals[0])]
        places += [Place(STAIR, 0, 0, p.intervals[0])]
    if s.late is not None:
        places += [Place(ROW, s.late, 0, 1), Place(READING, s.late, 0, 1)]
    seats = {bill["seat"] for bill in p.bills}
    places += [Place(BILL, slot) for slot in p.settled_slots if slot not in seats][:1]
    places += [Place(PERIOD, slot) for slot in range(p.slots) if slot not in p.settled_slots][:1]
    if p.blocks < 2**p.stair_depth:
        places += [Place(STAIR, p.blocks, 0, 1), Place(PERIOD_STAIR, p.blocks), Place(BILL_STAIR, p.blocks)]
    return places


# ---- rows that lie ----


def lying_rows(s: Scene) -> Story:
    story = Story(s.world, "rows that lie")
    moments = iter(s.busy)
    row = story.alter(s.row(CONSUMPTION, next(moments)), energy=more())
    quality = story.alter(s.row(CONSUMPTION, next(moments)), quality=lambda q: (q + 2) % 4)
    given = {side: story.alter(s.row(side, next(moments)), allocated=more()) for side in s.sides}
    sums = [
        story.alter(s.row(side, next(moments)), totals=at(i))
        for side, i in zip(s.sides, s.turn(range(8)), strict=False)
    ]
    values = [story.alter(s.row(side, next(moments)), totals=at(8)) for side in s.sides]
    credited = story.alter(s.row(CONSUMPTION, next(moments)), totals=at(9))
    slot = s.p.active_slots(0)[-1]
    first = story.alter(Place(ROW, slot, 0, 0), totals=at(1))
    midnight = story.alter(Place(ROW, slot, 1, 0), totals=at(2)) if s.p.days > 1 else None

    story.voided("input", row)
    story.voided("input", quality)
    for place in given.values():
        story.voided(s.rows if s.computed else "sum", place)
        story.voided("stair", place._replace(kind=STAIR, slot=place.slot // 4))
    for place in sums:
        story.voided("sum", place)
    if s.method != _FLOW:
        for place in (*values, credited):
            story.voided("value", place)
    if s.is_shape:
        beside_lying_rows(s, story, [quality, given[CONSUMPTION], values[0], sums[0]])
        story.voided("sum", first)
        story.voided("sum", row)
    if midnight:
        story.voided("sum", midnight, "across midnight voids")
    return story


def beside_lying_rows(s: Scene, story: Story, places: list[Place]) -> None:
    """What a lie does not touch stays as it is; the row that follows one shows it too."""
    quality, given, value, total = places
    story.holds("sum", quality, words="of another quality is refused")
    story.holds("input", given, words="of another allocation is refused")
    story.holds("sum", value, words="of another worth is refused")
    if total.t + 1 < s.p.intervals[total.day]:
        story.voided("sum", total._replace(t=total.t + 1), "that follows voids")


# ---- headers, stairs and period leaves that lie ----


def lying_sums(s: Scene) -> Story:
    story = Story(s.world, "sums that lie")
    moments = iter(s.busy)
    header = {}
    for name, change in (
        ("feed_in", more()),
        ("consumption", more()),
        ("allocated", more()),
        ("value", more()),
    ):
        header[name] = story.alter(Place(HEADER, 0, *next(moments)), **{name: change})
    band = story.alter(Place(HEADER, 0, *next(moments)), band=lambda b: (b + 1) % 4)
    tau = story.alter(Place(HEADER, 0, *next(moments)), tau=s.p.slots + 1)
    rounds = []
    for index in range(s.rounds):
        for pool, weight in ((1, 0), (0, 1)):
            rounds.append(
                story.alter(Place(HEADER, 0, *next(moments)), rounds=in_rounds(index, pool, weight))
            )
    names = s.turn(("feed_in", "consumption", "allocated", "shared"))
    first = story.alter(Place(STAIR, 0, *next(moments)), **{names[0]: more()})
    last = story.alter(Place(STAIR, s.p.blocks - 1, *next(moments)), **{names[1]: more()})
    stair_rounds = [
        story.alter(Place(STAIR, 0, *next(moments)), rounds=in_rounds(index, 1, 0))
        for index in range(s.rounds)
    ]
    periods = story.alter(Place(PERIOD, s.p.settled_slots[0]), totals=at(0, 10**7))
    stairs = story.alter(Place(PERIOD_STAIR, s.p.blocks - 1), **{names[2]: more()})
    sums = s.turn(("debits", "credits", "fees", "vat_debits", "vat_credits"))
    for block, name in {s.p.blocks - 1: sums[0], 0: sums[1]}.items():
        story.alter(Place(BILL_STAIR, block), **{name: more()})
    sold = Place(PERIOD, s.row(FEED_IN, s.busy[0]).slot) if s.has_producers else None
    if sold and sold != periods:
        story.alter(sold, totals=at(8))

    contest_headers(s, story, header, (band, tau))
    contest_rounds(s, story, rounds)
    story.voided("stair", first)
    story.voided("last_stair" if s.p.blocks > 1 else "stair", last)
    for place in stair_rounds:
        story.voided("stair", place)
    story.voided("bill_stair", Place(BILL_STAIR, 0))
    story.voided("bill_totals", Place(BILL_STAIR, s.p.blocks - 1))
    story.voided("totals", periods)
    if sold and sold != periods and s.sells:
        story.holds("totals", sold, words="that is the sum of its sales is refused")
    elif sold and sold != periods:
        story.voided("totals", sold, "of another worth voids")
    story.voided("period_stair", periods._replace(kind=PERIOD_STAIR, slot=0))
    story.voided("period_totals", stairs)
    if s.p.blocks > 1:
        story.voided("period_stair", stairs)
    story.voided("bill", Place(BILL, s.p.seats[periods.slot]), "over another period voids")
    return story


def contest_headers(s: Scene, story: Story, header: dict[str, Place], form: tuple[Place, Place]) -> None:
    for name in ("feed_in", "consumption", "allocated"):
        story.voided("last_stair", header[name])
    valued = s.pricing == _BY_PRODUCER or s.method == _FLOW
    if not valued:
        story.voided("header", header["value"])
    elif s.method != _FLOW:
        story.voided("last_stair", header["value"])
    for place in form:
        story.voided("header", place)
        story.holds("last_stair", place, words="beside a band or tau is refused")


def contest_rounds(s: Scene, story: Story, rounds: list[Place]) -> None:
    """Of each round the pool, then the weight."""
    for place, is_pool in zip(rounds, (True, False) * s.rounds, strict=True):
        if is_pool and s.method == _PAIRWISE:  # the producer's own row says what it fed in
            producer = s.p.rule["key"]["producers"][rounds.index(place) // 2]
            story.voided("row", place._replace(kind=ROW, slot=producer))
        elif is_pool and s.method == _FLOW:  # a potential, which links contradict
            story.holds("last_stair", place, words="beside a potential is refused")
        else:
            story.voided("last_stair", place)


def lying_forms(s: Scene) -> Story:
    """Headers that no rows could have."""
    story = Story(s.world, "headers that cannot be")
    moments, faults, rounds = iter(s.busy), [], None
    faults.append(story.alter(Place(HEADER, 0, *next(moments)), allocated=10**12))
    if s.method != _FLOW:
        rounds = story.alter(Place(HEADER, 0, *next(moments)), rounds=lambda listed: [*listed, (1, 1)])
        faults.append(rounds)
    if s.computed and s.method in {_EQUAL, _PRIORITY}:
        faults.append(story.alter(Place(HEADER, 0, *next(moments)), rounds=in_rounds(0, 1, 0)))
    idle = s.idle()
    if idle:
        faults.append(story.alter(Place(HEADER, 0, *idle), tau=1))
    if s.p.rule["key"]["producerPpm"]:
        faults.append(
            story.alter(Place(HEADER, 0, *next(moments)), rounds=in_rounds(-1 % s.rounds, 10**12, 0))
        )
        filled = s.filled()
        assert filled
        faults.append(story.alter(Place(HEADER, 0, *filled), rounds=in_rounds(-1 % s.rounds, 0, 1)))
    for place in faults:
        story.voided("header", place)
    if rounds and s.computed:
        story.voided("row", s.row(CONSUMPTION, (rounds.day, rounds.t)), "by a header of more rounds voids")
        story.voided("last_stair", rounds, "of more rounds voids")
        if s.rounds:
            story.holds("stair", rounds._replace(kind=STAIR), "RoundsMalformed", "of more rounds is refused")
    return story


# ---- bills that lie ----


def lying_bills(s: Scene) -> Story:
    story = Story(s.world, "bills that lie")
    one, another = s.turn(range(ref.LINES))[:2]
    changes: list[dict[str, Any]] = [
        {"lines": at(one)},
        {"lines": at(another)},
        {"vat_debit": more()},
        {"debit": more()},
        {"vat_credit": more()},
        {"credit": more()},
    ]
    places = [
        story.alter(Place(BILL, bill["seat"]), **change)
        for bill, change in zip(s.p.bills, s.turn(changes), strict=False)
    ]
    for place in places:
        story.voided("bill", place)
    return story


# ---- claims that are not the sums, and stairs of readings ----


def lying_claims(s: Scene) -> Story:
    story = Story(s.world, "claims that lie")
    shape = list(SHAPES).index(s.world.name)
    less, run, batch = shape // 2, s.p.totals["run"], s.p.totals["batch"]
    claimed = (("consumption",), ("feedIn",), ("allocated", "shared"), ("consumption",))[shape]
    story.claims = {name: run[name] + 1 - 2 * less for name in claimed}
    counted = ("estimated", "missing", "estimated", "missing")[shape]
    story.counts = {"measured": batch["measured"] - 1, counted: batch[counted] + 1}
    billed = (("debits", "fees"), ("debits", "credits"), ("debits", "vatDebits"), ("vatDebits", "vatCredits"))
    story.bill_claims = {name: s.p.totals["bills"][name] + 1 for name in billed[shape]}
    stair = Place(READING_STAIR, s.p.slots - 1, 0)
    if s.p.days > 1:
        story.alter(stair, missing=more())
    reading = story.alter(Place(READING, 0, 0, 1), quality=3, energy=0)
    story.voided("period_totals", Place(PERIOD_STAIR, s.p.blocks - 1))
    story.voided("bill_totals", Place(BILL_STAIR, s.p.blocks - 1))
    story.voided("reading_counts", Place(READING_STAIR, s.p.slots - 1, s.p.days - 1))
    if s.p.days > 1:
        story.voided("reading_stair", stair)
        story.voided("reading_stair", stair._replace(day=1), "that follows voids")
    story.voided("input", reading)
    story.voided("reading_stair", Place(READING_STAIR, 0, 0), "over another reading voids")
    story.holds("period_stair", Place(PERIOD_STAIR, 0), words="beside a claim is refused")
    return story


# ---- leaves that lack, and leaves too many ----


def gaps(s: Scene) -> Story:
    story = Story(s.world, "leaves that lack")
    moments = iter(s.busy)
    seat = s.p.bills[-1]["seat"]
    places = [
        Place(HEADER, 0, *next(moments)),
        Place(STAIR, s.p.blocks - 1, *next(moments)),
        s.row(CONSUMPTION, next(moments)),
        Place(PERIOD, s.p.settled_slots[-1]),
        Place(PERIOD_STAIR, 0),
        Place(BILL, seat),
        Place(BILL_STAIR, s.p.blocks - 1),
        s.row(CONSUMPTION, next(moments))._replace(kind=READING),
        Place(READING_STAIR, s.p.slots - 1, s.p.days - 1),
    ]
    for place in places:
        story.drop(place)
    for place in places:
        story.voided("slot", place)
    return story


def surplus(s: Scene) -> Story:
    story = Story(s.world, "leaves too many")
    likes = {
        HEADER: Place(HEADER, 0, 0, 1),
        STAIR: Place(STAIR, 0, 0, 1),
        ROW: Place(ROW, s.p.active_slots(0)[0], 0, 1),
        PERIOD: Place(PERIOD, s.p.settled_slots[0]),
        PERIOD_STAIR: Place(PERIOD_STAIR, 0),
        BILL: Place(BILL, s.p.bills[0]["seat"]),
        BILL_STAIR: Place(BILL_STAIR, 0),
        READING: Place(READING, s.p.active_slots(0)[0], 0, 1),
        READING_STAIR: Place(READING_STAIR, 0, 0),
    }
    places = empty_places(s)
    for place in places:
        story.add(place, likes[place.kind])
    for place in places:
        story.voided("slot", place)
    return story
