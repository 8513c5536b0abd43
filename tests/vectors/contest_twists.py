"""What one key or one world alone has: schedules, sellers, estimates, withheld days, and bent proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from backend.commitments.leaves import LeafKind, decode_leaf
from backend.commitments.openings import Place
from tests.vectors import reference as ref
from tests.vectors.contest_bends import flipped, placed, shortened, told, without, without_last_point
from tests.vectors.contest_cases import WATCHER, Story, changed
from tests.vectors.contest_flows import honest_flow, lying_flow
from tests.vectors.contest_scenes import Scene, more
from tests.vectors.contest_worlds import AUDITOR, OPERATOR, SETTLER, Step, account, step_of
from tests.vectors.reference_settlement import CONSUMPTION, FEED_IN, to_hex

__all__ = ["twists_of"]

HEADER, STAIR, ROW, PERIOD = LeafKind.HEADER, LeafKind.STAIR, LeafKind.ROW, LeafKind.PERIOD
PERIOD_STAIR, BILL, BILL_STAIR = LeafKind.PERIOD_STAIR, LeafKind.BILL, LeafKind.BILL_STAIR
READING, READING_STAIR = LeafKind.READING, LeafKind.READING_STAIR
_DEPOSIT_WEI = 2 * 10**15
_STEP_SECONDS = 72 * 3_600
_INTERPOLATED, _SIMILAR, _PROFILED, _NO_METHOD = 2, 3, 5, 6


def twists_of(scene: Scene) -> Iterator[Story]:
    """Stories of this world alone."""
    told: dict[str, tuple[Callable[[Scene], Story], ...]] = {
        "street": (bent_proofs, voided_already, profiled_by_vote, asked, unanswered, unnamed),
        "scheduled": (bent_coefficients,),
        "sellers": (bent_bills, lying_links),
        "flow": (honest_flow, lying_flow, asked),
        "month": (honest_estimates, lying_estimates, lying_methods, replaced_readings),
    }
    for tell in told.get(scene.world.name, ()):
        yield tell(scene)


# ---- proofs that are bent ----


def bent_proofs(s: Scene) -> Story:
    """Nothing is shown that is not anchored, and no leaf has two names."""
    story = Story(s.world, "honest, and bent")
    moment = s.busy[0]
    row, block = s.row(CONSUMPTION, moment), s.p.blocks - 1
    sibling, short = "with another sibling is refused", "with a short path is refused"
    in_run, length = "LeavesNotInRun", "TreePathLength"
    for contest, place, name, error in (
        ("input", row, "0.path", in_run),
        ("input", row, "0.readingPath", in_run),
        ("slot", row, "0.path", in_run),
        ("row", row, "0.rowPath", in_run),
        ("row", row, "0.headerPath", in_run),
        ("sum", row, "0.formerPath", in_run),
        ("value", row, "0.headerPath", in_run),
        ("totals", row, "0.periodPath", in_run),
        ("header", Place(HEADER, 0, *moment), "0.path", in_run),
        ("stair", Place(STAIR, block, *moment), "0.path", "StairNotAnchored"),
        ("stair", Place(STAIR, block, *moment), "0.formerPath", "PartsDoNotMeet"),
        ("last_stair", row, "0.headerPath", "PartsDoNotMeet"),
        ("period_stair", Place(PERIOD_STAIR, block), "0.path", "StairNotAnchored"),
        ("period_totals", Place(PERIOD_STAIR, block), "2", "StairNotAnchored"),
        ("reading_stair", Place(READING_STAIR, row.slot, moment[0]), "0.upper", "PartsDoNotMeet"),
        ("reading_counts", Place(READING_STAIR, 0, 0), "2", "StairNotAnchored"),
        ("bill", Place(BILL, row.slot), "0.billPath", "BillNotAnchored"),
        ("bill", Place(BILL, row.slot), "0.points.0.periodPath", "PeriodNotInRun"),
        ("bill", Place(BILL, row.slot), "0.classPath", "ClassNotFrozen"),
        ("bill_stair", Place(BILL_STAIR, block), "0.path", "BillNotAnchored"),
        ("bill_stair", Place(BILL_STAIR, block), "0.upper", "BillPartsDoNotMeet"),
        ("bill_totals", Place(BILL_STAIR, block), "2", "BillNotAnchored"),
    ):
        story.bent(contest, place, f"{name}: {sibling}", error, flipped(name))
        story.bent(contest, place, f"{name}: {short}", length, shortened(name))
    names_of_places(s, story, row)
    return story


def names_of_places(s: Scene, story: Story, row: Place) -> None:
    """Slots, days and intervals that the period does not have."""
    late = s.late
    assert late is not None
    nobody = told("0.runId", to_hex(ref.keccak(b"nobody's run")))
    outside = "outside the period is refused"
    for contest, place in (("input", row), ("row", row), ("sum", row), ("header", row), ("stair", row)):
        story.bent(contest, place, "of no run is refused", "RunNotContestable", nobody)
    for contest in ("input", "sum", "header", "last_stair"):
        story.bent(contest, row, f"with an interval {outside}", "OutsideShape", told("0.t", 31))
        story.bent(contest, row, f"with a day {outside}", "OutsideShape", told("0.day", 3))
    story.bent("input", row, f"with a slot {outside}", "OutsideShape", told("0.slot", 7))
    story.bent("row", row, f"with an interval {outside}", "IntervalOutsideDay", told("0.t", 31))
    for contest in ("row", "sum"):
        story.bent(contest, row, "of a slot before its time is refused", "SlotNotActive", placed(late, 0))
    story.bent("bill", row, "that leaves a point out is refused", "PointsLeftOut", without_last_point)
    story.bent("bill", row, "with another class is refused", "ClassNotFrozen", told("0.vatClass", 2))
    story.bent("stair", row, "that lacks a row is refused", "StairLeavesMissing", without("0.rows"))
    story.bent(
        "slot", Place(READING_STAIR, row.slot), "of no tree is refused", "TreeUnknown", told("0.tree", 10)
    )


def voided_already(s: Scene) -> Story:
    """A run falls once, and its bills with it."""
    story = Story(s.world, "a run that fell")
    row = story.alter(s.row(CONSUMPTION, s.busy[0]), allocated=more())
    bill = story.alter(Place(BILL, s.p.bills[0]["seat"]), credit=more())
    story.later.append(story.sent(story.proof("row", row)))
    places = {"last_stair": row, "slot": row, "header": row, "bill": bill, "bill_stair": bill}
    for contest in ("row", "input", "sum", "header", "last_stair", "slot", "bill", "bill_stair"):
        error = "BillsNotContestable" if contest.startswith("bill") else "RunNotContestable"
        story.holds(contest, places.get(contest, row), error, "of what fell is refused")
    return story


# ---- schedules and sellers ----


def bent_coefficients(s: Scene) -> Story:
    """A row is held against what was handed in for its interval, and nothing else."""
    story = Story(s.world, "honest, and bent")
    late = s.p.schedule_slots + 2
    moment = next((day, t) for day, t in s.busy if s.p.is_active(late, day))
    row = Place(ROW, 0, *moment)
    beyond = Place(ROW, late, *moment)
    assert s.p.direction(beyond.slot) == CONSUMPTION
    for contest in ("row", "value"):
        coefficient = "0.coefficient.coefficientPpm"
        story.bent(
            contest, row, "by another coefficient", "CoefficientNotInSchedule", told(coefficient, more())
        )
        path = "0.coefficient.path"
        story.bent(contest, row, "by another path", "CoefficientNotInSchedule", flipped(path))
        story.bent(contest, row, "by a short path", "TreePathLength", shortened(path))
        story.bent(contest, beyond, "beyond the schedule", "CoefficientBeyondSchedule", told(coefficient, 1))
        story.holds(contest, beyond, words="beyond the schedule is refused")
    return story


def bent_bills(s: Scene) -> Story:
    """Links are those of the period leaf, and points follow each other."""
    story = Story(s.world, "honest, and bent")
    for bill in s.p.bills:
        place = Place(BILL, bill["seat"])
        links = "0.points.0.links"
        if s.p.links[bill["seat"]]:
            name = f"{links}.0.value"
            story.bent("bill", place, "with another link is refused", "LinksDiffer", told(name, more()))
            story.bent("bill", place, "that lacks a link is refused", "LinksDiffer", without(links))
    twice = Place(BILL, 1)
    story.bent(
        "bill", twice, "in another order is refused", "PointNotNext", told("0.points", lambda x: x[::-1])
    )
    return story


def lying_links(s: Scene) -> Story:
    """A link of another worth is another bill; the hash of the links is all that the period leaf says of it."""
    story = Story(s.world, "links that lie")
    slots = [s.row(side, s.busy[0]).slot for side in (CONSUMPTION, FEED_IN)]
    for slot in slots:
        links = decode_leaf(s.p.links_bytes(slot))["links"]
        dearer = [(other, energy, value + 10**10, vat) for other, energy, value, vat in links]
        story.shown.append(changed(s.p.links_bytes(slot), links=dearer))
        story.alter(Place(PERIOD, slot), links=ref.keccak(story.shown[-1]))
    for slot in slots:
        story.voided("bill", Place(BILL, s.p.seats[slot]), f"with dearer links of {slot} voids")
        story.holds("totals", Place(ROW, slot), words="beside links is refused")
    return story


# ---- estimates ----


def estimates_of(s: Scene, source: int) -> list[Place]:
    """Where readings are of a source."""
    moments = {index: (day, t) for day, t, index in s.p.moments()}
    return [
        Place(READING, slot, *moments[index])
        for slot in s.p.settled_slots
        for index, held in enumerate(s.p.inputs["source"][slot])
        if held == source
    ]


def honest_estimates(s: Scene) -> Story:
    story = Story(s.world, "honest estimates")
    for place in estimates_of(s, _INTERPOLATED):
        story.holds("linear", place)
    for place in estimates_of(s, _SIMILAR)[:3]:
        story.holds("similar", place)
    line, mean = estimates_of(s, _INTERPOLATED)[0], estimates_of(s, _SIMILAR)[0]
    story.bent("linear", line, "without an end is refused", "GapNotShown", without("0.others"))
    story.bent("linear", line, "with another path is refused", "LeavesNotInRun", flipped("0.estimate.path"))
    story.bent("similar", mean, "without a day is refused", "ReadingsIncomplete", without("0.others"))
    story.holds("method", line)
    story.holds("method", mean)
    story.bent("method", mean, "with another path is refused", "LeavesNotInRun", flipped("0.estimate.path"))
    last = "0.others.0.t"
    story.bent("similar", mean, "of another hour is refused", "ReadingElsewhere", told(last, more()))
    return story


def lying_estimates(s: Scene) -> Story:
    story = Story(s.world, "estimates that lie")
    lines, means = estimates_of(s, _INTERPOLATED), estimates_of(s, _SIMILAR)
    for place in (lines[0], lines[-1], means[0], means[-1]):
        story.alter(place, energy=more())
    roof = story.alter(Place(READING, 1, 15, 12), quality=1, source=_INTERPOLATED)
    mean_roof = story.alter(Place(READING, 1, 16, 12), quality=1, source=_SIMILAR)
    for t in (3, 4, 5):  # of three hours nothing is on a line
        story.alter(Place(READING, 0, 21, t), quality=1, source=_INTERPOLATED)
    for place in (lines[0], lines[-1]):
        story.voided("linear", place)
    for place in (means[0], means[-1]):
        story.voided("similar", place)
    story.voided("linear", roof, "of feed-in voids")
    story.voided("similar", mean_roof, "of feed-in voids")
    story.voided("linear", Place(READING, 0, 21, 4), "of three hours voids")
    story.holds("linear", lines[1], words="beside another estimate is refused")
    return story


def lying_methods(s: Scene) -> Story:
    """By terms that are the software's own nothing is profiled, and feed-in is never estimated."""
    story = Story(s.world, "methods that the rule does not have")
    places = [
        story.alter(Place(READING, slot, 16, hour), quality=1, source=source)
        for slot in (0, 1)
        for hour, source in ((12, _PROFILED), (13, _NO_METHOD))
    ]
    for place in places:
        story.voided("method", place)
    return story


def profiled_by_vote(s: Scene) -> Story:
    """Where the rule holds terms nobody on chain knows whether they have gaps profiled."""
    story = Story(s.world, "profiled by voted terms")
    own = story.alter(s.row(CONSUMPTION, s.busy[0])._replace(kind=READING), quality=1, source=_PROFILED)
    roof = story.alter(s.row(FEED_IN, s.busy[0])._replace(kind=READING), quality=1, source=_PROFILED)
    story.holds("method", own)
    story.voided("method", roof, "of feed-in voids")
    return story


def replaced_readings(s: Scene) -> Story:
    """What an earlier batch measured is not estimated in a later one."""
    story = Story(s.world, "a measured reading replaced")
    own = estimates_of(s, _SIMILAR)[0]
    profiled = story.alter(Place(READING, 0, 17, 12), quality=1, source=_PROFILED)
    story.former_lies = {own: changed(story.honest(own), quality=0, source=0, energy=more(5))}
    story.voided("replaced", own)
    story.voided("replaced", profiled, "by a profiled estimate voids")
    story.bent("replaced", own, "by an estimate", "ReadingNotMeasured", told("0.measured.quality", 1))
    story.bent(
        "replaced", own, "of no earlier batch", "BatchNotEarlier", told("0.batchId", s.world.batch_id(2))
    )
    story.bent("replaced", own, "not in that batch", "LeavesNotInRun", flipped("0.measuredPath"))
    return story


# ---- withheld data ----


class _Asking:
    """A demand of a slot's day, step by step."""

    def __init__(self, s: Scene, story: Story) -> None:
        self.story, self.row = story, s.row(CONSUMPTION, s.busy[0])
        p, slot, day = s.p, self.row.slot, self.row.day
        self.run_id, self.begins, self.depth = s.world.run_id, s.world.ends_at + 60, p.interval_depth
        words = [int(x, 16).to_bytes(32) for x in (s.world.run_id, f"{slot:x}", f"{day:x}", AUDITOR)]
        self.id = to_hex(ref.keccak(b"".join(words)))
        shown = [story.anchored.run.open(self.row._replace(t=t)) for t in range(p.intervals[day])]
        self.hashes = [to_hex(found.hash) for found in shown]
        self.path = [to_hex(node) for node in shown[0].path[self.depth :]]

    def ask(self, by: str = AUDITOR, after: int = 0) -> Step:
        at = self.begins + after
        arguments = (self.run_id, self.row.slot, self.row.day)
        return step_of(at, by, "demands", "demand", *arguments, value=_DEPOSIT_WEI)

    def answer(self, hashes: list[str] | None = None, by: str = SETTLER, after: int = 60) -> Step:
        told_hashes = self.hashes if hashes is None else hashes
        return step_of(self.begins + after, by, "demands", "answer", self.id, told_hashes, self.path)

    def name(self, t: int | None = None, by: str = AUDITOR, after: int = 120) -> Step:
        return step_of(self.begins + after, by, "demands", "name", self.id, self.row.t if t is None else t)

    def open(self, by: str = SETTLER, after: int = 180, **changes: Any) -> Step:
        proof = self.story.proof("sum", self.row).arguments[0]
        row = {**proof["row"], **changes}
        arguments = (self.id, row, proof["detail"], proof["path"])
        return step_of(self.begins + after, by, "demands", "open", *arguments)

    def lapse(self, after: int) -> Step:
        return step_of(self.begins + after, WATCHER, "demands", "lapse", self.id)


def asked(s: Scene) -> Story:
    """Asked, answered and named; the row is still to be opened."""
    story = Story(s.world, "a day that was asked for")
    demand = _Asking(s, story)
    story.later += [demand.ask(), demand.answer(), demand.name()]
    story.say("the row is opened", demand.open(), "taken")
    story.say("another row is refused", demand.open(energy=1), "refused", "AnswerNotInRun")
    story.say("a stranger does not open", demand.open(by=WATCHER), "refused", "NotProposer")
    story.say("opened too late", demand.open(after=120 + _STEP_SECONDS), "refused", "DemandExpired")
    story.say("asked for once more", demand.ask(after=240), "refused", "DemandedAlready")
    story.say("asked for by another", demand.ask(OPERATOR, 240), "taken")
    story.say("lapsed too early", demand.lapse(119 + _STEP_SECONDS), "refused", "DemandRunning")
    story.say("not opened, it lapses", demand.lapse(120 + _STEP_SECONDS), "run", by=AUDITOR)
    return story


def unanswered(s: Scene) -> Story:
    story = Story(s.world, "a day that is withheld")
    demand = _Asking(s, story)
    story.later.append(demand.ask())
    wrong = [to_hex(ref.keccak(b"another")), *demand.hashes[1:]]
    story.say("the answer is the run's", demand.answer(), "taken")
    story.say("another answer is refused", demand.answer(wrong), "refused", "AnswerNotInRun")
    story.say("half an answer is refused", demand.answer(demand.hashes[:-1]), "refused", "AnswerIncomplete")
    story.say("a stranger does not answer", demand.answer(by=WATCHER), "refused", "NotProposer")
    story.say("named too early", demand.name(), "refused", "DemandNotAt")
    story.say("answered too late", demand.answer(after=_STEP_SECONDS), "refused", "DemandExpired")
    story.say("not answered, it lapses", demand.lapse(_STEP_SECONDS), "run", by=AUDITOR)
    return story


def unnamed(s: Scene) -> Story:
    story = Story(s.world, "a day that was answered")
    demand = _Asking(s, story)
    story.later += [demand.ask(), demand.answer()]
    story.say("an interval is named", demand.name(), "taken")
    story.say("no interval of the day is named", demand.name(99), "refused", "IntervalOutsideDay")
    story.say("a stranger does not name", demand.name(by=WATCHER), "refused", "NotDemander")
    story.say("not named, it lapses and the run stands", demand.lapse(60 + _STEP_SECONDS), "taken")
    nobody = step_of(
        demand.begins, account("nobody"), "demands", "demand", demand.run_id, 0, 1, value=_DEPOSIT_WEI
    )
    story.say("nobody's business", nobody, "refused", "DemanderMissing")
    return story
