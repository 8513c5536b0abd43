"""The cases of ``tests/vectors/allocation.json``: named corners first, then drawn ones of every method and scale."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

CONSUMPTION, FEED_IN = 0, 1
LARGEST = 2**53 - 1
PPM = 1_000_000
DRAWN = 360
METHODS = (
    "dynamic",
    "static",
    "equal",
    "static_cascade",
    "hybrid",
    "scheduled",
    "pairwise",
    "priority",
    "flow",
    "incentive",
)
SETTLED_HERE = tuple(method for method in METHODS if method != "flow")
WITH_COEFFICIENTS = ("static", "static_cascade", "hybrid", "scheduled", "priority")
SCALES = (1, 3, 50, 10**6, 10**9, 2**40, 2**50 - 1, 2**50, LARGEST)

Point = tuple[int, int, int]  # slot, direction, energy


@dataclass(frozen=True)
class Case:
    """One interval of one community, and the parameters of its key by slot, as the rule book keeps them."""

    name: str
    method: str
    slots: int
    t: int
    points: tuple[Point, ...]
    coefficients_ppm: tuple[int, ...] = ()
    surplus_owner: int = 0
    producers: tuple[int, ...] = ()
    pairs_ppm: tuple[int, ...] = ()
    tier_methods: tuple[str, ...] = ()
    tiers: tuple[int, ...] = ()
    producer_ppm: tuple[int, ...] = ()

    @property
    def energy(self) -> dict[int, int]:
        """By active slot."""
        return {slot: energy for slot, _, energy in self.points}

    @property
    def used(self) -> dict[int, int]:
        """By active consumption slot."""
        return {slot: energy for slot, direction, energy in self.points if direction == CONSUMPTION}

    @property
    def fed(self) -> dict[int, int]:
        """By active feed-in slot."""
        return {slot: energy for slot, direction, energy in self.points if direction == FEED_IN}

    @property
    def coefficient(self) -> dict[int, int]:
        """By active slot, zero where the rule has none."""
        k = self.coefficients_ppm
        return {slot: k[slot] if slot < len(k) else 0 for slot in self.energy}

    def tier_of(self, slot: int) -> int:
        """The last where the rule names none."""
        return self.tiers[slot] if slot < len(self.tiers) else len(self.tier_methods) - 1

    def pair(self, slot: int, r: int) -> int:
        """Part of producer r that is meant for a consumption slot."""
        place = slot * len(self.producers) + r
        return self.pairs_ppm[place] if place < len(self.pairs_ppm) else 0


def make_cases() -> list[Case]:
    """All of them, the same every time."""
    draw = random.Random(20170601)
    return [*_corners(), *(_draw_case(draw, number) for number in range(DRAWN))]


def _draw_case(draw: random.Random, number: int) -> Case:
    method = SETTLED_HERE[number % len(SETTLED_HERE)]
    scale = SCALES[number // len(SETTLED_HERE) % len(SCALES)]
    slots = draw.randint(2, 9)
    points = _draw_points(draw, scale, slots)
    case = Case(f"drawn {number}, {method} to {scale} mWh", method, slots, draw.randrange(100), points)
    if method in WITH_COEFFICIENTS:
        case = replace(case, coefficients_ppm=_draw_coefficients(draw, case))
    if method in {"static", "equal", "scheduled"}:
        case = replace(case, surplus_owner=draw.randrange(2))
    if method == "pairwise":
        case = _with_pairs(draw, case)
    if method == "priority":
        methods = tuple(draw.choice(METHODS[:5]) for _ in range(draw.randint(1, 4)))
        tiers = tuple(draw.randrange(len(methods)) for _ in range(draw.randint(0, slots)))
        case = replace(case, tier_methods=methods, tiers=tiers)
    if method not in {"pairwise", "incentive"} and draw.randrange(3) == 0:
        ppm = tuple(draw.choice([0, 1, PPM, draw.randint(1, PPM)]) for _ in range(draw.randint(1, slots)))
        case = replace(case, producer_ppm=ppm)
    return case


def _draw_points(draw: random.Random, scale: int, slots: int) -> tuple[Point, ...]:
    """Random slots of a community, some left out, energies up to a scale, zeros among them."""
    active = sorted(draw.sample(range(slots), draw.randint(min(2, slots), slots)))
    most_fed = draw.choice([scale, scale // 4 + 1])  # so that the pool is often short
    points = []
    directions = [draw.choice([CONSUMPTION, CONSUMPTION, FEED_IN]) for _ in active]
    if draw.randrange(8):
        directions[:2] = [CONSUMPTION, FEED_IN]
    draw.shuffle(directions)
    for slot, direction in zip(active, directions, strict=True):
        most = scale if direction == CONSUMPTION else most_fed
        energy = draw.choice([0, most, *(draw.randint(0, m) for m in (most, most, most, most // 3 + 1))])
        points.append((slot, direction, energy))
    return tuple(points)


def _draw_coefficients(draw: random.Random, case: Case) -> tuple[int, ...]:
    """By slot, zero for feed-in, summing to at most a million; sometimes shorter than the slots."""
    left = PPM
    coefficients = [0] * case.slots
    consumers = list(case.used)
    draw.shuffle(consumers)
    for slot in consumers:
        coefficients[slot] = draw.choice([0, left, *(draw.randint(0, left) for _ in range(4))])
        left -= coefficients[slot]
    return tuple(coefficients[: draw.choice([case.slots, case.slots, draw.randint(0, case.slots)])])


def _with_pairs(draw: random.Random, case: Case) -> Case:
    """Up to five producers, some of them not active or fed in by others than the rule knows."""
    others = [slot for slot in range(case.slots) if slot not in case.used]
    if not others:
        return replace(case, producers=(), pairs_ppm=())
    producers = tuple(sorted(draw.sample(others, draw.randint(1, min(5, len(others))))))
    pairs = [0] * (case.slots * len(producers))
    for r in range(len(producers)):
        left = PPM
        consumers = list(case.used)
        draw.shuffle(consumers)
        for slot in consumers:
            part = draw.choice([0, left, *(draw.randint(0, left) for _ in range(4))])
            pairs[slot * len(producers) + r] = part
            left -= part
    return replace(case, producers=producers, pairs_ppm=tuple(pairs))


def _corners() -> list[Case]:
    return [
        *_corners_of_pools(),
        *_corners_of_coefficients(),
        *_corners_of_levels(),
        *_corners_of_pairs_and_tiers(),
        *_corners_of_producer_keys(),
    ]


def _corners_of_pools() -> list[Case]:
    return [
        Case("nothing at all", "dynamic", 2, 0, ((0, 0, 0), (1, 1, 0))),
        Case("consumption without feed-in", "dynamic", 3, 5, ((0, 0, 7), (1, 0, 9), (2, 1, 0))),
        Case("feed-in without consumption", "dynamic", 3, 5, ((0, 0, 0), (1, 1, 7), (2, 1, 9))),
        Case("pool equals consumption", "dynamic", 3, 1, ((0, 0, 10), (1, 0, 5), (2, 1, 15))),
        Case("pool one short", "dynamic", 3, 1, ((0, 0, 10), (1, 0, 5), (2, 1, 14))),
        Case("one unit for three", "dynamic", 4, 95, ((0, 0, 1), (1, 0, 1), (2, 0, 1), (3, 1, 1))),
        Case("only consumers", "dynamic", 2, 0, ((0, 0, 3), (1, 0, 4))),
        Case("only producers", "static", 2, 0, ((0, 1, 3), (1, 1, 4))),
        Case(
            "largest energies",
            "dynamic",
            4,
            9,
            ((0, 0, LARGEST), (1, 0, LARGEST - 1), (2, 1, LARGEST), (3, 1, 1)),
        ),
        Case(
            "equal parts, one uses less",
            "equal",
            5,
            3,
            ((0, 0, 10), (2, 0, 50), (3, 0, 50), (4, 1, 100)),
            surplus_owner=1,
        ),
        Case("equal parts of nobody", "equal", 2, 3, ((0, 1, 5), (1, 1, 6))),
        Case("incentive of a short pool", "incentive", 4, 1, ((0, 0, 7), (1, 0, 8), (2, 1, 3), (3, 1, 7))),
        Case("incentive of a long pool", "incentive", 4, 1, ((0, 0, 7), (1, 0, 3), (2, 1, 8), (3, 1, 7))),
        Case("incentive of nothing", "incentive", 2, 1, ((0, 0, 0), (1, 1, 0))),
    ]


def _corners_of_coefficients() -> list[Case]:
    return [
        Case(
            "largest pool by coefficients",
            "static",
            3,
            9,
            ((0, 0, LARGEST), (1, 0, LARGEST), (2, 1, LARGEST)),
            (333_333, 666_667),
        ),
        Case(
            "capped by consumption",
            "static",
            3,
            2,
            ((0, 0, 5), (1, 0, 1_000), (2, 1, 1_000)),
            (900_000, 100_000),
        ),
        Case(
            "what is not used is the consumer's",
            "static",
            3,
            2,
            ((0, 0, 5), (1, 0, 1_000), (2, 1, 1_000)),
            (900_000, 100_000, 0),
            surplus_owner=1,
        ),
        Case(
            "coefficients below one",
            "static",
            3,
            2,
            ((0, 0, 999_999), (1, 0, 999_999), (2, 1, 999_999)),
            (1,),
        ),
        Case(
            "the turn wraps past the last slot",
            "static",
            5,
            98,
            ((0, 1, 1), (1, 1, 1), (2, 0, 4), (3, 1, 1), (4, 1, 1)),
            (0, 0, 500_000),
        ),
        Case(
            "coefficients of this interval",
            "scheduled",
            3,
            40,
            ((0, 0, 600), (1, 0, 50), (2, 1, 1_000)),
            (700_000, 300_000, 0),
            surplus_owner=1,
        ),
    ]


def _corners_of_levels() -> list[Case]:
    half = (500_000, 500_000)
    many = tuple((slot, 0, (slot + 1) ** 3) for slot in range(24))
    return [
        Case(
            "what one leaves goes to the other",
            "static_cascade",
            3,
            0,
            ((0, 0, 10), (1, 0, 90), (2, 1, 80)),
            half,
        ),
        Case("all are satisfied", "static_cascade", 3, 0, ((0, 0, 10), (1, 0, 90), (2, 1, 120)), half),
        Case(
            "all are satisfied to the last unit",
            "static_cascade",
            3,
            0,
            ((0, 0, 10), (1, 0, 90), (2, 1, 100)),
            half,
        ),
        Case(
            "exactly at the level",
            "static_cascade",
            4,
            0,
            ((0, 0, 21), (1, 0, 21), (2, 0, 90), (3, 1, 70)),
            (300_000, 300_000, 400_000),
        ),
        Case("nobody has a coefficient", "static_cascade", 3, 0, ((0, 0, 10), (1, 0, 90), (2, 1, 80)), ()),
        Case("nothing to cascade", "static_cascade", 3, 0, ((0, 0, 0), (1, 0, 90), (2, 1, 0)), half),
        Case(
            "one satisfied after the other",
            "static_cascade",
            25,
            7,
            (*many, (24, 1, 20_000)),
            tuple(40_000 for _ in range(24)),
        ),
        Case(
            "largest energies at a level",
            "static_cascade",
            4,
            9,
            ((0, 0, LARGEST), (1, 0, LARGEST - 1), (2, 0, LARGEST), (3, 1, LARGEST)),
            (1, 333_333, 666_666),
        ),
        Case(
            "static first, then dynamic",
            "hybrid",
            4,
            0,
            ((0, 0, 10), (1, 0, 90), (2, 0, 70), (3, 1, 100)),
            half,
        ),
        Case(
            "the second round serves all",
            "hybrid",
            4,
            0,
            ((0, 0, 10), (1, 0, 30), (2, 0, 40), (3, 1, 100)),
            half,
        ),
        Case("no second round is due", "hybrid", 3, 0, ((0, 0, 10), (1, 0, 30), (2, 1, 100)), half),
    ]


def _corners_of_pairs_and_tiers() -> list[Case]:
    points = ((0, 0, 100), (1, 0, 100), (2, 0, 40), (3, 1, 90), (4, 1, 60))
    halves = (500_000, 300_000, 500_000, 700_000, 0, 0)
    return [
        Case("each pair its part", "pairwise", 5, 0, points, producers=(3, 4), pairs_ppm=halves),
        Case(
            "offers above what is used are scaled",
            "pairwise",
            5,
            0,
            ((0, 0, 10), (1, 0, 100), (2, 0, 40), (3, 1, 91), (4, 1, 60)),
            producers=(3, 4),
            pairs_ppm=halves,
        ),
        Case(
            "a producer without pairs shares nothing",
            "pairwise",
            5,
            0,
            points,
            producers=(4,),
            pairs_ppm=(PPM,),
        ),
        Case(
            "a producer that is not active",
            "pairwise",
            6,
            0,
            points,
            producers=(3, 5),
            pairs_ppm=(PPM, 0, 0, PPM),
        ),
        Case(
            "the house first, then the street",
            "priority",
            5,
            0,
            points,
            tier_methods=("equal", "dynamic"),
            tiers=(0, 1, 0, 1, 1),
        ),
        Case(
            "the first tier takes all",
            "priority",
            5,
            0,
            ((0, 0, 100), (1, 0, 100), (2, 0, 140), (3, 1, 90), (4, 1, 60)),
            tier_methods=("dynamic", "equal", "static"),
            tiers=(0, 1, 0),
        ),
        Case(
            "a tier for each method",
            "priority",
            9,
            4,
            (*((slot, 0, 20 + slot) for slot in range(8)), (8, 1, 100)),
            (0, 200_000, 0, 150_000, 250_000, 100_000, 300_000),
            tier_methods=("equal", "static", "static_cascade", "hybrid", "dynamic"),
            tiers=(0, 1, 4, 2, 2, 3, 3),
        ),
        Case("an empty tier", "priority", 5, 0, points, tier_methods=("static_cascade", "equal"), tiers=()),
    ]


def _corners_of_producer_keys() -> list[Case]:
    return [
        Case(
            "one roof first",
            "dynamic",
            3,
            0,
            ((0, 0, 50), (1, 1, 40), (2, 1, 40)),
            producer_ppm=(0, PPM, 0),
        ),
        Case(
            "producers by their key, fractions by turns",
            "dynamic",
            5,
            3,
            ((0, 0, 50), (1, 1, 40), (2, 1, 40), (3, 1, 40), (4, 1, 2)),
            producer_ppm=(0, 300_000, 300_000, 400_000),
        ),
        Case(
            "a producer key where all is shared",
            "dynamic",
            3,
            0,
            ((0, 0, 80), (1, 1, 40), (2, 1, 40)),
            producer_ppm=(0, 500_000, 500_000),
        ),
        Case(
            "a producer key where nothing is shared",
            "static",
            3,
            0,
            ((0, 0, 80), (1, 1, 40), (2, 1, 0)),
            producer_ppm=(0, 500_000, 500_000),
        ),
        Case(
            "a producer key over largest energies",
            "dynamic",
            4,
            11,
            ((0, 0, LARGEST), (1, 1, LARGEST), (2, 1, LARGEST - 1), (3, 1, LARGEST)),
            producer_ppm=(0, 333_333, 333_333, 333_334),
        ),
    ]
