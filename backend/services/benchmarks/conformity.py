"""How well conformity rules find faults: put into real readings by lot, and held against what the rules report.

A *world* is a sample of sound readings in which every other participant got one fault, of a kind by lot among those
that fit. *Recall* of a kind is the part of its faults that a rule made for it reports, at the same point and an
overlapping span. *Precision* of a rule is the part of its findings that lie on a fault that it may witness. *False
alarms* are findings in the untouched readings that are not among the faults known to be in them; by meter-year.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.metering import Finding, Quality, ReadingTable
from backend.metering.conformity import RULES, ConformityTerms, check_readings
from backend.metering.conformity.sun import sun_elevation
from backend.metering.inspection import ABSENT, FeederMeter, is_solar
from backend.metering.points import CONSUMPTION
from backend.services.benchmarks.conformity_faults import Fault, Target
from backend.services.benchmarks.conformity_kinds import FEEDER_KIND, KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.community import Community
    from backend.metering.source_series import RegisterRead
    from backend.quantities import PeriodCalendar

__all__ = [
    "Score",
    "SoundSample",
    "World",
    "aim_at",
    "false_alarms",
    "locate",
    "make_feeder_world",
    "make_world",
    "overlap",
    "score_sample",
    "score_worlds",
    "tabulate",
]

_NIGHT_DEGREES = 15
_FEEDER_LOSS_PERCENT = 3
_YEAR_SECONDS = 365 * 86_400
_FEEDER_ALONE = ConformityTerms(left_out=frozenset(RULES) - {"feeder"})


@dataclass(frozen=True)
class SoundSample:
    """Real readings, sound but for what is named.

    Attributes:
        name: In reports.
        community: The points; each participant has at most one of each direction.
        calendar: Of the readings.
        energy: Shape (points, T), ``ABSENT`` where there is none. [mWh]
        sun: A roof's full production. Shape (T,). [mWh]
        site: Latitude and longitude of the roofs, whether or not the rules know them. [degrees]
        faulty: Points whose readings are known to be wrong throughout: no fault is put there, and all that is found
            there is known.
        known: (point, rule) of what else is truly wrong with them.
    """

    name: str
    community: Community
    calendar: PeriodCalendar
    energy: NDArray[np.int64]
    sun: NDArray[np.int64]
    site: tuple[float, float] | None = None
    faulty: frozenset[str] = frozenset()
    known: frozenset[tuple[str, str]] = frozenset()

    def is_known(self, finding: Finding) -> bool:
        """Is it about what is known to be wrong?"""
        return finding.metering_point in self.faulty or (finding.metering_point, finding.rule) in self.known

    @property
    def meter_years(self) -> float:
        """[a]"""
        known = int(np.count_nonzero(self.energy != ABSENT))
        return known * self.calendar.step_seconds / _YEAR_SECONDS


@dataclass(frozen=True)
class World:
    """A sample with faults put in."""

    sample: SoundSample
    table: ReadingTable
    registers: Mapping[str, Sequence[RegisterRead]]
    faults: tuple[Fault, ...]
    feeders: tuple[FeederMeter, ...] = ()

    def findings(self) -> list[Finding]:
        """What the rules report."""
        return check_readings(
            self.table,
            self.sample.community,
            terms=_FEEDER_ALONE if self.feeders else None,
            registers=self.registers,
            feeders=self.feeders,
        )


@dataclass
class Score:
    """Counts over worlds.

    Attributes:
        put: Faults by kind.
        found: Those of them that a rule made for the kind reports.
        right: Findings by rule that lie on a fault that the rule may witness.
        wrong: The others.
        alarms: Findings by rule in untouched readings that are not known to be true.
        known: Those that are, by rule.
        meter_years: Of the untouched readings. [a]
        seconds: Of checking them. [s]
    """

    put: Counter[str]
    found: Counter[str]
    right: Counter[str]
    wrong: Counter[str]
    alarms: Counter[str]
    known: Counter[str]
    meter_years: float = 0.0
    seconds: float = 0.0

    @classmethod
    def empty(cls) -> Score:
        """Nothing counted."""
        return cls(Counter(), Counter(), Counter(), Counter(), Counter(), Counter())

    def recall(self, kind: str) -> float:
        """Of a kind of fault; 1 where none was put. [1]"""
        return self.found[kind] / self.put[kind] if self.put[kind] else 1.0

    def precision(self, rule: str) -> float:
        """Of a rule; 1 where it reported nothing. [1]"""
        told = self.right[rule] + self.wrong[rule]
        return self.right[rule] / told if told else 1.0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kinds": {
                kind: {
                    "put": self.put[kind],
                    "found": self.found[kind],
                    "recall": self.recall(kind),
                    "gross": KINDS[kind].gross,
                }
                for kind in KINDS
                if self.put[kind]
            },
            "rules": {
                rule: {
                    "right": self.right[rule],
                    "wrong": self.wrong[rule],
                    "precision": self.precision(rule),
                    "false_alarms": self.alarms[rule],
                    "false_alarms_per_meter_year": self.alarms[rule] / self.meter_years
                    if self.meter_years
                    else 0.0,
                    "known_true": self.known[rule],
                }
                for rule in RULES
            },
            "meter_years": self.meter_years,
            "seconds_per_meter_year": self.seconds / self.meter_years if self.meter_years else 0.0,
        }


def make_world(sample: SoundSample, seed: int) -> World:
    """Put one fault into every other participant's points, by lot."""
    draw = np.random.default_rng(seed)
    energy = sample.energy.copy()
    points = sample.community.metering_points
    by_owner = defaultdict(list)
    for place, point in enumerate(points):
        if (energy[place] != ABSENT).any() and point.id not in sample.faulty:
            by_owner[point.participant].append(place)
    faults: list[Fault] = []
    twice: dict[int, list[int]] = {}
    moved: dict[int, list[int]] = {}
    registers: dict[str, Sequence[RegisterRead]] = {}
    kinds = list(KINDS.values())
    owners = list(by_owner.values())
    draw.shuffle(owners)
    for places in owners[: (len(owners) + 1) // 2]:
        place = int(draw.choice(places))
        partner = next(
            (other for other in places if points[other].direction != points[place].direction), None
        )
        target = aim_at(sample, energy, place, partner)
        for number in draw.permutation(len(kinds)).tolist():
            kind = kinds[number]
            kept = energy.copy()
            span = kind.put(target, draw) if kind.fits(target) else None
            if span is not None:
                break
            energy[:] = kept
            target.reads.clear()
        else:
            continue
        touched = [place] if kind.name != "swapped" or partner is None else [place, partner]
        faults += [locate(sample, kind.name, points[other].id, span) for other in touched]
        twice[place], moved[place] = target.twice, target.moved
        if target.reads:
            registers[points[place].id] = target.reads
    return World(sample, tabulate(sample, energy, twice, moved), registers, tuple(faults))


def make_feeder_world(sample: SoundSample, seed: int) -> World | None:
    """Put a loss behind a feeder that all points of a sample are downstream of; None where it was too small to see.

    The feeder loses 3 % of what flows.
    """
    draw = np.random.default_rng(seed)
    points = sample.community.metering_points
    known = [place for place in range(len(points)) if (sample.energy[place] != ABSENT).any()]
    whole = np.where((sample.energy[known] != ABSENT).all(axis=0))[0]
    net = np.zeros(sample.energy.shape[1], dtype=np.int64)
    for place in known:
        sign = 1 if points[place].direction == CONSUMPTION else -1
        net += sign * np.maximum(sample.energy[place], 0)
    flow = net + np.abs(net) * _FEEDER_LOSS_PERCENT // 100
    starts = np.array(sample.calendar.starts_utc())[whole]
    feeder = FeederMeter(
        "feeder",
        tuple(points[place].id for place in known),
        starts,
        np.maximum(flow[whole], 0),
        np.maximum(-flow[whole], 0),
    )
    energy = sample.energy.copy()
    loads = [place for place in known if points[place].direction == CONSUMPTION]
    place = int(draw.choice(loads))
    span = KINDS[FEEDER_KIND].put(aim_at(sample, energy, place, None), draw)
    if span is None:
        return None
    fault = locate(sample, FEEDER_KIND, feeder.id, span)
    return World(sample, tabulate(sample, energy, {}, {}), {}, (fault,), (feeder,))


def aim_at(sample: SoundSample, energy: NDArray[np.int64], place: int, partner: int | None) -> Target:
    """What a fault may change at a place of the community's points, in ``energy``."""
    point = sample.community.metering_points[place]
    middles = np.array(sample.calendar.starts_utc()) + sample.calendar.step_seconds // 2
    dark = np.zeros(len(middles), dtype=np.bool_)
    if sample.site is not None:
        dark = sun_elevation(middles, *sample.site) < -_NIGHT_DEGREES
    return Target(
        calendar=sample.calendar,
        energy=energy[place],
        direction=point.direction,
        is_solar=is_solar(point),
        dark=dark,
        is_located=point.latitude is not None,
        partner=None if partner is None else energy[partner],
        sun=sample.sun,
        connection_watts=point.max_power_watts,
    )


def locate(sample: SoundSample, kind: str, point: str, span: tuple[int, int]) -> Fault:
    """A fault by the instants of its intervals [first, until)."""
    start, step = sample.calendar.start_utc, sample.calendar.step_seconds
    return Fault(kind, point, start + span[0] * step, start + span[1] * step)


def tabulate(
    sample: SoundSample,
    energy: NDArray[np.int64],
    twice: Mapping[int, list[int]],
    moved: Mapping[int, list[int]],
) -> ReadingTable:
    """Energies as readings; by place intervals whose reading is there twice, and half a step late."""
    grid = np.array(sample.calendar.starts_utc())
    points, starts, values = [], [], []
    for place, series in enumerate(energy):
        index = np.flatnonzero(series != ABSENT)
        index = np.sort(np.concatenate([index, np.array(twice.get(place, []), dtype=np.int64)]))
        start = grid[index].copy()
        late = np.isin(index, moved.get(place, []))
        start[late] += sample.calendar.step_seconds // 2
        points.append(np.full(len(index), place, dtype=np.int32))
        starts.append(start)
        values.append(series[index])
    count = sum(map(len, points))
    return ReadingTable(
        metering_points=tuple(point.id for point in sample.community.metering_points),
        point=np.concatenate(points),
        start_utc=np.concatenate(starts),
        energy=np.concatenate(values),
        quality=np.full(count, Quality.MEASURED, dtype=np.uint8),
        resolution_minutes=sample.calendar.resolution_minutes,
    )


def false_alarms(sample: SoundSample, score: Score) -> list[Finding]:
    """Check the untouched readings, count into ``score``, and give what is not known to be true."""
    begin = time.perf_counter()
    findings = check_readings(tabulate(sample, sample.energy, {}, {}), sample.community)
    score.seconds += time.perf_counter() - begin
    score.meter_years += sample.meter_years
    alarms = [one for one in findings if not sample.is_known(one)]
    score.alarms.update(one.rule for one in alarms)
    score.known.update(one.rule for one in findings if sample.is_known(one))
    return alarms


def score_worlds(worlds: Sequence[World], score: Score) -> tuple[list[Fault], list[Finding]]:
    """Hold findings against faults, count into ``score``, and give what was missed and what is wrong."""
    missed: list[Fault] = []
    wrong: list[Finding] = []
    for world in worlds:
        findings = world.findings()
        by_point = defaultdict(list)
        for finding in findings:
            by_point[finding.metering_point].append(finding)
        for fault in world.faults:
            score.put[fault.kind] += 1
            if any(
                one.rule in KINDS[fault.kind].rules and overlap(one, fault)
                for one in by_point[fault.metering_point]
            ):
                score.found[fault.kind] += 1
            else:
                missed.append(fault)
        for finding in findings:
            right = any(
                fault.metering_point == finding.metering_point
                and finding.rule in KINDS[fault.kind].witnesses
                and overlap(finding, fault)
                for fault in world.faults
            )
            if not right and world.sample.is_known(finding):
                continue
            (score.right if right else score.wrong)[finding.rule] += 1
            if not right:
                wrong.append(finding)
    return missed, wrong


def overlap(finding: Finding, fault: Fault) -> bool:
    """Have they an interval in common?"""
    assert finding.start_utc is not None
    assert finding.end_utc is not None
    return finding.start_utc < fault.end_utc and finding.end_utc > fault.start_utc


def score_sample(sample: SoundSample, worlds: int, seed: int) -> Score:
    """Check an untouched sample, worlds made of it, and as many with a feeder."""
    score = Score.empty()
    false_alarms(sample, score)
    for number in range(worlds):
        score_worlds([make_world(sample, seed + number)], score)
        behind_feeder = make_feeder_world(sample, seed + number)
        if behind_feeder is not None:
            score_worlds([behind_feeder], score)
    return score
