import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Series, Site
from backend.forecasting.anomalies import AnomalyKind
from ml.anomalies.budget import (
    DAYS_PER_YEAR,
    conformal,
    count_episodes,
    discoveries,
    safe_threshold,
    surprise,
    threshold,
)
from ml.anomalies.days import day_table, expect_days
from ml.anomalies.detectors import score_days
from ml.anomalies.features import day_figures
from ml.anomalies.meters import find_in_meters
from ml.evaluation.faults import FaultKind, PlantedFault, deal_faults, plant

SITE = Site("Etc/GMT+8", "US")
DAY = 86400
HOME = "home 3"
BUDGET = 2.0


def planted(homes, kind, first_day, days):
    start = next(iter(homes.values())).start_utc
    return plant(homes, [PlantedFault(kind, HOME, start + first_day * DAY, start + (first_day + days) * DAY)])


def look(meters, span, budget):
    return find_in_meters(meters, SITE, span[0], span[1], budget)


def of(found, first_day=0, last_day=175):
    """Findings about the home that begin on some days: it has odd days of its own later."""
    begin, end = (1_470_038_400 + day * DAY for day in (first_day, last_day))
    return [one for one in found if one.element == HOME and begin <= one.start_utc < end]


def test_untouched_homes_alarm_no_more_than_twice_their_budget(homes, span):
    found = look(homes, span, BUDGET)
    years = len(homes) * 40 / DAYS_PER_YEAR
    assert len(found) / years <= 2 * BUDGET


def test_a_dead_meter_is_named_with_its_hours_and_the_days_it_was_dead(homes, span):
    faulty = planted(homes, FaultKind.DEAD, 160, 3)
    found = of(look(faulty, span, BUDGET))
    assert [one.kind for one in found] == [AnomalyKind.DEAD_METER]
    assert found[0].start_utc == span[0] + 10 * DAY
    assert found[0].end_utc == span[0] + 13 * DAY
    assert found[0].figures["zero_hours"] == 72
    assert found[0].p_value < 0.001
    assert found[0].discovered
    assert "exactly zero for 72 h" in found[0].reason


@pytest.mark.parametrize("home", ["home 5", "home 8"])
def test_a_family_that_leaves_for_twelve_days_and_comes_back_is_no_alarm(homes, span, changed, home):
    base = float(np.quantile(homes[home].values[: 150 * 24], 0.15))

    def leave(values):
        values[160 * 24 : 172 * 24] = base * (1 + 0.1 * np.sin(np.arange(12 * 24)))

    found = look(changed(home, leave), span, BUDGET)
    start = homes[home].start_utc
    told = [(one.start_utc - start) // DAY for one in found if one.element == home]
    assert not [day for day in told if 160 <= day < 176]


def test_an_outage_that_all_have_is_nobody_s_dead_meter(homes, span):
    out = {}
    for name, series in homes.items():
        values = series.values.copy()
        values[165 * 24 + 8 : 165 * 24 + 20] = 0.0
        out[name] = Series(series.start_utc, 3600, values)
    found = look(out, span, BUDGET)
    assert not [one for one in found if one.kind is AnomalyKind.DEAD_METER]


def test_a_stuck_meter_is_told_by_its_one_value(homes, span):
    found = of(look(planted(homes, FaultKind.STUCK, 170, 2), span, BUDGET))
    assert found[0].kind is AnomalyKind.STUCK_METER
    assert found[0].figures["still_hours"] >= 30
    assert "one and the same value" in found[0].reason


def test_a_spike_is_told_with_its_hour(homes, span):
    found = of(look(planted(homes, FaultKind.SPIKE, 170, 1), span, BUDGET))
    assert found[0].start_utc == span[0] + 20 * DAY
    assert (found[0].figures["first_hour"], found[0].figures["last_hour"]) == (18, 19)
    assert "from 18 to 19 h it drew" in found[0].reason


def test_a_meter_that_stays_dead_is_told_though_no_day_is_left_to_compare_with(homes, span, changed):
    def die(values):
        values[60 * 24 :] = 0.0

    found = of(look(changed(HOME, die), span, BUDGET))
    assert found[0].kind is AnomalyKind.DEAD_METER
    assert "still does" in found[0].reason


def test_what_comes_after_the_span_changes_nothing(homes, span, changed):
    def shout(values):
        values[190 * 24 :] = 99_999.0

    before = look(homes, span, 6.0)
    assert look(changed(HOME, shout), span, 6.0) == before


def test_a_later_day_changes_nothing_about_how_odd_a_day_was(homes, changed):
    def scores(meters):
        table = day_table(meters, SITE)
        history = np.arange(len(table.dates)) < 150
        return score_days(day_figures(table, expect_days(table), history), history).joined[:, :175]

    def shout(values):
        values[175 * 24 :] *= 7

    np.testing.assert_array_equal(scores(homes), scores(changed(HOME, shout)))


def test_the_same_look_gives_the_same_bits(homes, span):
    assert look(homes, span, 6.0) == look(homes, span, 6.0)


def test_unknown_hours_are_no_alarm(homes, span, changed):
    def lose(values):
        values[160 * 24 : 175 * 24] = np.nan

    usual = of(look(homes, span, BUDGET))
    assert of(look(changed(HOME, lose), span, BUDGET)) == usual


def test_a_higher_budget_never_tells_less(homes, span):
    counts = [
        sum(one.end_utc - one.start_utc for one in look(homes, span, budget))
        for budget in (0.5, 2.0, 12.0, 50.0)
    ]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


@pytest.mark.parametrize(
    ("days", "budget", "words"),
    [(30, 2.0, "30 days are known"), (150, 0.0, "budget of 0"), (150, float("nan"), "budget of nan")],
)
def test_too_short_a_history_or_no_budget_is_refused(homes, days, budget, words):
    start = next(iter(homes.values())).start_utc
    with pytest.raises(InputError, match=words):
        find_in_meters(homes, SITE, start + days * DAY, start + 190 * DAY, budget)


def test_meters_off_one_grid_are_refused(homes):
    other = homes | {HOME: Series(homes[HOME].start_utc + 3600, 3600, homes[HOME].values[1:])}
    with pytest.raises(InputError, match="lay them on one grid"):
        day_table(other, SITE)


def test_a_day_is_civil_and_the_hour_that_summer_time_skips_is_bridged():
    start = 1_490_313_600  # 24 March 2017, 00:00 UTC
    values = np.arange(5 * 24, dtype=np.float64)
    table = day_table({"m": Series(start, 3600, values)}, Site("Europe/Vienna"))
    assert [str(day) for day in table.dates] == ["2017-03-25", "2017-03-26", "2017-03-27", "2017-03-28"]
    assert np.diff(table.starts_utc).tolist() == [86400, 82800, 86400, 86400]
    assert np.isfinite(table.hours).all()
    assert table.hours[0, 1, 1] < table.hours[0, 1, 2] < table.hours[0, 1, 3]


def test_runs_of_zero_and_of_one_value_are_counted_across_midnight():
    values = np.arange(1.0, 97.0)
    values[20:30] = 0.0
    values[60:75] = 7.0
    table = day_table({"m": Series(1_490_313_600, 3600, values)}, Site("UTC"))
    assert table.zero_hours[0].tolist() == [4, 10, 0, 0]
    assert table.still_hours[0].tolist() == [0, 0, 12, 15]


def test_days_in_a_row_are_one_alarm():
    alarms = np.zeros((2, 30), dtype=bool)
    alarms[0, [3, 4, 6, 20]] = True
    alarms[1, 29] = True
    assert count_episodes(alarms) == 3


def test_the_threshold_keeps_to_the_budget_on_the_days_that_it_is_set_by():
    scores = np.random.default_rng(1).exponential(size=(20, 400))
    for budget in (0.5, 2.0, 10.0):
        alarms = scores > threshold(scores, budget)
        rate = count_episodes(alarms) / (scores.size / DAYS_PER_YEAR)
        assert 0.8 * budget <= rate <= budget


def seasonal_scores(dice: np.random.Generator, blocks: int) -> np.ndarray:
    """Days of ten meters whose odd days are twice as many in some four weeks as in others, for all of them at once."""
    season = np.repeat(dice.normal(0, 0.7, blocks), 28)
    return dice.exponential(size=(10, 28 * blocks)) + season


def test_a_safe_threshold_keeps_to_the_budget_in_weeks_to_come_where_seasons_differ():
    dice = np.random.default_rng(4)
    to_come = seasonal_scores(np.random.default_rng(5), 600)
    years = to_come.size / DAYS_PER_YEAR
    kept = {threshold: 0, safe_threshold: 0}
    for _ in range(60):
        before = seasonal_scores(dice, 8)
        for rule in kept:
            kept[rule] += count_episodes(to_come > rule(before, 4.0)) / years <= 4.0
    assert kept[safe_threshold] >= 0.7 * 60
    assert kept[threshold] <= 0.6 * 60


def test_a_safe_threshold_is_a_little_higher_where_all_weeks_are_alike():
    scores = np.random.default_rng(1).exponential(size=(20, 400))
    for budget in (2.0, 10.0):
        alarms = count_episodes(scores > safe_threshold(scores, budget))
        allowed = budget * scores.size / DAYS_PER_YEAR
        assert allowed - 3 * np.sqrt(allowed) <= alarms <= allowed - 0.8 * np.sqrt(alarms)


def test_conformal_shares_are_exact_for_exchangeable_days():
    dice = np.random.default_rng(2)
    shares = [conformal(dice.normal(size=1), dice.normal(size=99))[0] for _ in range(4000)]
    for level in (0.01, 0.1, 0.5):
        assert np.mean(np.array(shares) <= level) == pytest.approx(level, abs=0.015)


def test_surprise_goes_on_beyond_all_that_was_seen():
    seen = np.random.default_rng(3).exponential(size=2000)
    told = surprise(np.array([2.0, 8.0, 12.0, np.nan]), seen)
    assert told[:3] == pytest.approx([2.0, 8.0, 12.0], rel=0.25)
    assert np.isnan(told[3])


def test_discoveries_keep_the_share_of_false_ones():
    dice = np.random.default_rng(4)
    false = []
    for _ in range(300):
        p_values = np.concatenate([dice.uniform(size=200), dice.uniform(size=20) * 1e-4])
        kept = discoveries(p_values)
        false.append(kept[:200].sum() / max(kept.sum(), 1))
    assert 0.05 < np.mean(false) <= 0.1


def test_faults_are_dealt_by_their_seed_and_change_nothing_else(homes, span):
    faults = deal_faults(homes, span[0], span[1], tuple(FaultKind), 7)
    assert faults == deal_faults(homes, span[0], span[1], tuple(FaultKind), 7)
    assert {fault.kind for fault in faults} == set(FaultKind)
    told = plant(homes, faults)
    for fault in faults:
        series = homes[fault.meter]
        differs = np.flatnonzero(told[fault.meter].values != series.values)
        assert differs.size
        assert series.place(fault.start_utc) <= differs.min()
        assert differs.max() < series.place(fault.end_utc)
