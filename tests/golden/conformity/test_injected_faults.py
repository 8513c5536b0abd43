"""A small seeded part of ``partage bench conformity``, with floors under recall and precision."""

import dataclasses
from collections import Counter

import pytest

from backend.benches import conformity_samples
from backend.bootstrap.meter_files import meter_files
from backend.metering.conformity import RULES, ConformityTerms, check_readings, steps
from backend.services.benchmarks import conformity
from backend.services.benchmarks.conformity import Score, false_alarms, make_world, score_worlds
from backend.services.benchmarks.conformity_factors import FACTORS, FactorScore, measure_factors
from backend.services.benchmarks.conformity_files import FILE_KINDS, FileScore, measure_files
from backend.services.benchmarks.conformity_kinds import KINDS
from backend.services.benchmarks.conformity_report import bench_conformity
from backend.services.benchmarks.estimation_errors import measure_errors

WORLDS = 7
GROSS = {name for name, kind in KINDS.items() if kind.gross}
UNSURE = {"clock-drift", "high", "low"}  # notes, not accusations


@pytest.fixture(scope="module")
def samples():
    return conformity_samples(None, parity=0)


@pytest.fixture(scope="module")
def worlds(samples):
    return [make_world(sample, seed) for sample, _ in samples for seed in range(WORLDS)]


@pytest.fixture(scope="module")
def scored(samples, worlds):
    total = Score.empty()
    for sample, _ in samples:
        false_alarms(sample, total)
    score_worlds(worlds, total)
    return total


@pytest.fixture(scope="module")
def factors(samples):
    score = FactorScore()
    for sample, _ in (samples[0], samples[2]):
        measure_factors(sample, 5, 11, score)
    return score


def test_nineteen_gross_faults_of_twenty_are_found(scored):
    put = sum(scored.put[kind] for kind in GROSS)
    assert put >= 50
    assert sum(scored.found[kind] for kind in GROSS) >= 0.95 * put
    poor = {
        kind: scored.recall(kind) for kind in GROSS if scored.put[kind] >= 3 and scored.recall(kind) < 0.8
    }
    assert poor == {}


def test_nineteen_accusations_of_twenty_lie_on_a_fault(scored):
    accusing = [rule for rule in RULES if rule not in UNSURE | {"gap"}]
    right, wrong = (sum(counts[rule] for rule in accusing) for counts in (scored.right, scored.wrong))
    assert right >= 60
    assert wrong <= 0.05 * (right + wrong)
    for rule in accusing:
        assert scored.precision(rule) >= 0.85, (rule, scored.right[rule], scored.wrong[rule])


def test_sound_readings_of_forty_meter_years_raise_no_false_alarm_but_notes(scored):
    assert scored.meter_years > 40
    assert {rule: count for rule, count in scored.alarms.items() if rule not in UNSURE and count} == {}
    assert sum(scored.alarms[rule] for rule in UNSURE) <= 6


def test_the_faults_that_are_in_the_data_are_found_and_not_counted_as_false(scored):
    assert scored.known["load-follows-sun"] == 3  # home 12, once in each sample
    assert scored.known["feed-in-at-night"] >= 2  # homes 10 and 16, from 22 January 2017 on


def test_every_rule_has_a_fault_that_calls_for_it():
    called = set().union(*(kind.rules for kind in KINDS.values()))
    assert called == set(RULES)


def test_worlds_are_the_same_for_the_same_seed(samples):
    sample = samples[0][0]
    assert make_world(sample, 3).faults == make_world(sample, 3).faults
    assert make_world(sample, 3).faults != make_world(sample, 4).faults


def test_a_rule_that_is_blunted_is_noticed(worlds, monkeypatch):
    blunt = dataclasses.replace(RULES["negative"], find=lambda *_: iter(()))
    monkeypatch.setitem(RULES, "negative", blunt)
    score = Score.empty()
    worlds_of_it = [world for world in worlds if any(fault.kind == "negative" for fault in world.faults)]
    score_worlds(worlds_of_it[:2], score)
    assert score.put["negative"]
    assert score.recall("negative") == 0


def test_nineteen_factors_of_twenty_from_five_on_are_found_and_half_of_those_by_two_or_three(factors):
    large = [factor for factor in FACTORS if factor >= 5]
    assert sum(factors.put[factor] for factor in large) >= 40
    assert factors.recall(large) >= 0.95
    assert factors.recall([2, 3]) >= 0.5
    assert factors.precision >= 0.95


def test_a_choice_of_the_wrong_side_of_a_change_is_noticed(samples, monkeypatch):
    score = FactorScore()
    monkeypatch.setattr(steps, "_right", lambda levels, _: len(levels) - 1)
    measure_factors(samples[0][0], 2, 11, score)
    assert score.precision < 0.8


def test_every_fault_of_structure_in_a_file_is_named_by_point_and_place_and_nothing_beside_it(samples):
    score = FileScore()
    measure_files(samples[0][0], 3, 5, meter_files("auto"), score)
    put = {kind: count for kind, count in score.put.items() if kind != "nothing"}
    assert {kind: score.told[kind] for kind in put} == put
    assert set(put) == set(FILE_KINDS) - {"nothing", "long day as a short one"}  # the homes lack that hour
    assert not score.wrong


def test_a_rule_that_accuses_the_sound_is_noticed(samples, monkeypatch):
    terms = ConformityTerms.from_dict({"spike": {"day_ppm": 1_100_000, "history_ppm": 1_100_000, "watts": 0}})
    monkeypatch.setattr(
        conformity, "check_readings", lambda *args, **more: check_readings(*args, **more, terms=terms)
    )
    score = Score.empty()
    false_alarms(samples[0][0], score)
    assert score.alarms["spike"] > 3


def test_estimates_of_a_day_beat_last_week_and_the_line_and_the_register_takes_the_bias(samples):
    sample, holidays = samples[2]
    errors = {(one.method, one.hours): one for one in measure_errors(sample, 40, 5, holidays)}
    for method in ("similar days (today's rule)", "profiled: three similar days"):
        for hours in (24, 168):
            assert errors[method, hours].error < errors["last week", hours].error
            assert errors[method, hours].error < errors["line between neighbours", hours].error
    assert all(errors["profiled, with the register", hours].bias == 0 for hours in (1, 3, 24, 168))
    assert (
        errors["profiled, with the register", 3].error < 0.8 * errors["profiled: three similar days", 3].error
    )


def test_the_report_tells_kinds_rules_and_estimates(samples):
    report = bench_conformity(samples[:1], worlds=1, gaps=2, seed=1, read_file=meter_files("auto"))
    data = report.as_dict()
    assert Counter(data["samples"].keys()) == Counter([samples[0][0].name])
    assert set(data["total"]["rules"]) == set(RULES)
    text = "\n".join(report.lines())
    assert "load-follows-sun" in text
    assert "last week" in text
    assert set(data["files"]) == set(FILE_KINDS) - {"long day as a short one"}
    assert data["factors"]["put"] > 0
