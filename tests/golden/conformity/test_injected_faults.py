"""A small seeded part of ``partage bench conformity``, with floors under recall and precision."""

import dataclasses
from collections import Counter

import pytest

from backend.benches import conformity_samples
from backend.metering.conformity import RULES, ConformityTerms, check_readings
from backend.services.benchmarks import conformity
from backend.services.benchmarks.conformity import Score, false_alarms, make_world, score_worlds
from backend.services.benchmarks.conformity_kinds import KINDS
from backend.services.benchmarks.conformity_report import bench_conformity
from backend.services.benchmarks.estimation_errors import measure_errors

WORLDS = 12
GROSS = {name for name, kind in KINDS.items() if kind.gross}
UNSURE = {"clock-drift", "high", "low"}  # notes, not accusations


@pytest.fixture(scope="module")
def samples():
    return conformity_samples(None, parity=0)


@pytest.fixture(scope="module")
def scored(samples):
    total = Score.empty()
    for sample, _ in samples:
        false_alarms(sample, total)
        score_worlds([make_world(sample, seed) for seed in range(WORLDS)], total)
    return total


def test_nineteen_gross_faults_of_twenty_are_found(scored):
    put = sum(scored.put[kind] for kind in GROSS)
    assert put >= 100
    assert sum(scored.found[kind] for kind in GROSS) >= 0.95 * put
    poor = {
        kind: scored.recall(kind) for kind in GROSS if scored.put[kind] >= 3 and scored.recall(kind) < 0.8
    }
    assert poor == {}


def test_nineteen_accusations_of_twenty_lie_on_a_fault(scored):
    accusing = [rule for rule in RULES if rule not in UNSURE | {"gap"}]
    right, wrong = (sum(counts[rule] for rule in accusing) for counts in (scored.right, scored.wrong))
    assert right >= 100
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


def test_worlds_are_the_same_for_the_same_seed(samples):
    sample = samples[0][0]
    assert make_world(sample, 3).faults == make_world(sample, 3).faults
    assert make_world(sample, 3).faults != make_world(sample, 4).faults


def test_a_rule_that_is_blunted_is_noticed(samples, monkeypatch):
    blunt = dataclasses.replace(RULES["spike"], find=lambda *_: iter(()))
    monkeypatch.setitem(RULES, "spike", blunt)
    score = Score.empty()
    worlds = [make_world(sample, seed) for sample, _ in samples for seed in range(WORLDS)]
    score_worlds([world for world in worlds if any(fault.kind == "spike" for fault in world.faults)], score)
    assert score.put["spike"]
    assert score.recall("spike") == 0


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
    report = bench_conformity(samples[:1], worlds=1, gaps=2, seed=1)
    data = report.as_dict()
    assert Counter(data["samples"].keys()) == Counter([samples[0][0].name])
    assert set(data["total"]["rules"]) == set(RULES)
    text = "\n".join(report.lines())
    assert "load-follows-sun" in text
    assert "last week" in text
