from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pytest

from backend.allocation import allocate_period, sharing_key
from backend.community import LinkCap, LinkTerms, SharingKeyChoice, Tier, read_definition
from backend.errors import ReadingsError, SharingKeyError
from backend.metering import PeriodReadings, ReadingTable
from backend.ports.point_files import PointRows
from backend.quantities import PeriodCalendar, SettlementPeriod
from backend.services.allocate_file import allocate_file, allocate_readings

COMMUNITY = """
[community]
id = "ruelle"
name = "La Ruelle"
country = "none"
time_zone = "Europe/Paris"
currency = "EUR"
resolution_minutes = 30
[sharing_key]
method = "dynamic"
[tariff]
shared_price = "0.12"
residual_price = "0.20"
surplus_price = "0.06"
network_price = "0.04"
[[participants]]
id = "anna"
name = "Anna"
[[metering_points]]
id = "a"
participant = "anna"
direction = "consumption"
[[metering_points]]
id = "b"
participant = "anna"
direction = "consumption"
participation_ppm = 333333
valid_from = "2017-03-26"
[[metering_points]]
id = "p"
participant = "anna"
direction = "feed_in"
[[metering_points]]
id = "q"
participant = "anna"
direction = "feed_in"
"""


@pytest.fixture
def community():
    return read_definition(COMMUNITY, "COMMUNITY.toml")


def table_of(rows, step=30):
    """Rows of (point, start, energy), sorted as readers give them."""
    points = tuple(dict.fromkeys(point for point, *_ in rows))
    rows = sorted(
        (points.index(point), int(datetime.fromisoformat(start).timestamp()), energy)
        for point, start, energy in rows
    )
    point, start, energy = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return ReadingTable(
        points, point.astype(np.int32), start, energy, np.zeros(len(rows), dtype=np.uint8), step
    )


def shares(result):
    return {
        (result.metering_points[point], start): (energy, allocated)
        for point, start, energy, allocated in zip(
            result.point,
            result.start_utc.tolist(),
            result.energy.tolist(),
            result.allocated.tolist(),
            strict=True,
        )
    }


def test_points_come_in_the_communitys_order_then_by_time(community):
    noon, half_past = "2017-06-01T12:00:00Z", "2017-06-01T12:30:00Z"
    result = allocate_readings(
        community, table_of([("q", half_past, 5), ("q", noon, 9), ("a", half_past, 3), ("a", noon, 4)])
    )
    names = [result.metering_points[point] for point in result.point]
    assert (names, np.diff(result.start_utc).tolist()) == (["a", "a", "q", "q"], [1800, -1800, 1800])
    assert (result.energy.tolist(), result.allocated.tolist()) == ([4, 3, 9, 5], [4, 3, 4, 3])


def test_an_interval_that_a_point_lacks_counts_as_nothing_there(community):
    result = allocate_readings(
        community, table_of([("a", "2017-06-01T12:00:00Z", 7), ("p", "2017-06-01T12:30:00Z", 5)])
    )
    assert result.allocated.tolist() == [0, 0]


def test_a_flow_keeps_to_its_caps_in_a_file_too(community):
    noon = "2017-06-01T12:00:00Z"
    terms = LinkTerms(caps=(LinkCap("p", "a", 0), LinkCap("q", "a", 2)), costs=())
    choice = SharingKeyChoice("flow", links=terms)
    capped = replace(community, rule=replace(community.rule, sharing_key=choice))
    result = allocate_readings(capped, table_of([("a", noon, 5_000), ("p", noon, 4_000), ("q", noon, 3_000)]))
    assert shares(result)[("a", result.start_utc[0])] == (5_000, 1_000)  # 2 W over half an hour
    assert result.allocated.tolist() == [1_000, 0, 1_000]


def test_participation_is_floored_and_membership_starts_on_its_day(community):
    before, after = "2017-03-25T22:30:00Z", "2017-03-25T23:00:00Z"  # midnight in Paris
    rows = [(point, start, 1_000_000) for point in ("b", "p") for start in (before, after)]
    result = allocate_readings(community, table_of(rows))
    assert result.energy.tolist() == [333_333, 1_000_000, 1_000_000]
    assert result.allocated.tolist() == [333_333, 0, 333_333]


def test_a_whole_period_is_allocated_as_settlement_does_down_to_the_producers_rounding(community):
    community = replace(
        community,
        metering_points=tuple(
            replace(p, participation_ppm=10**6, valid_from=None) for p in community.metering_points
        ),
    )
    calendar = PeriodCalendar(SettlementPeriod(date(2017, 3, 25), date(2017, 3, 28)), "Europe/Paris", 30)
    energy = np.random.default_rng(5).integers(0, 10**6, (4, calendar.interval_count))
    quality = np.zeros(energy.shape, dtype=np.uint8)
    readings = PeriodReadings(calendar, energy, quality, quality, np.ones((4, 3), dtype=bool))
    slots = {point.id: slot for slot, point in enumerate(community.metering_points)}
    key = sharing_key(community.rule.sharing_key, slots)
    settled = allocate_period(readings, [point.direction for point in community.metering_points], key)
    assert settled.tau.any()
    starts = np.array(calendar.starts_utc())
    count = calendar.interval_count
    table = ReadingTable(
        tuple(slots),
        np.repeat(np.arange(4, dtype=np.int32), count),
        np.tile(starts, 4),
        energy.ravel(),
        quality.ravel(),
        30,
    )
    assert np.array_equal(allocate_readings(community, table).allocated.reshape(4, count), settled.allocated)


def test_a_file_of_another_step_is_refused(community):
    with pytest.raises(ReadingsError, match="readings are of 60 minutes, ruelle settles 30"):
        allocate_readings(community, table_of([("a", "2017-06-01T12:00:00Z", 7)], step=60))


def test_the_reader_is_told_which_points_and_step_to_expect(community, tmp_path):
    asked: dict[str, object] = {}

    def read(path, **expected):
        asked.update(expected, path=path)
        return table_of([("a", "2017-06-01T12:00:00Z", 7)]), []

    written = []

    def write(table, out):
        written.append((len(table), out))

    rows = allocate_file(
        community,
        tmp_path / "in.csv",
        tmp_path / "out.csv",
        read_file=read,
        write_file=write,
    )
    assert (rows, written) == (1, [(1, tmp_path / "out.csv")])
    assert asked == {
        "path": tmp_path / "in.csv",
        "known_points": {"a", "b", "p", "q"},
        "resolution_minutes": 30,
    }


def with_key(community, **parameters):
    return replace(community, rule=replace(community.rule, sharing_key=SharingKeyChoice(**parameters)))


def test_equal_parts_count_only_members_of_the_day(community):
    before, after = (
        "2017-03-25T22:30:00Z",
        "2017-03-25T23:00:00Z",
    )  # midnight in Paris, from which b is a member
    rows = [(point, start, 1_000_000) for point in ("a", "p") for start in (before, after)]
    result = allocate_readings(with_key(community, method="equal"), table_of(rows))
    assert result.allocated.tolist() == [1_000_000, 500_000, 1_000_000, 500_000]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"method": "static", "coefficients_ppm": {"a": 600_000, "b": 400_000}}, [600, 300, 450, 450]),
        (
            {"method": "static_cascade", "coefficients_ppm": {"a": 600_000, "b": 400_000}},
            [700, 300, 500, 500],
        ),
        ({"method": "hybrid", "coefficients_ppm": {"a": 100_000}}, [700, 300, 500, 500]),
        ({"method": "priority", "tiers": (Tier("equal", ("a",)), Tier("dynamic"))}, [700, 300, 500, 500]),
        ({"method": "pairwise", "pairs_ppm": {"p": {"a": 10**6}, "q": {"b": 10**6}}}, [500, 300, 500, 300]),
        ({"method": "dynamic", "producer_coefficients_ppm": {"q": 10**6}}, [700, 300, 500, 500]),
        ({"method": "incentive"}, [0, 0, 0, 0]),
    ],
)
def test_a_file_is_allocated_by_any_key_that_needs_no_store(community, parameters, expected):
    noon = "2017-06-01T12:00:00Z"
    rows = [("a", noon, 700), ("b", noon, 901), ("p", noon, 500), ("q", noon, 500)]
    result = allocate_readings(with_key(community, **parameters), table_of(rows))
    assert result.energy.tolist() == [700, 300, 500, 500]
    assert result.allocated.tolist() == expected


def test_a_key_whose_coefficients_are_handed_in_is_not_guessed_at(community):
    chosen = with_key(community, method="scheduled", schedule="after")
    with pytest.raises(SharingKeyError, match="none were handed in"):
        allocate_readings(chosen, table_of([("a", "2017-06-01T12:00:00Z", 7)]))


def test_coefficients_that_are_handed_in_hold_for_their_interval_alone(community):
    chosen = with_key(community, method="scheduled", schedule="after")
    noon, later, other = "2017-06-01T12:00:00Z", "2017-06-01T12:30:00Z", "2017-06-01T13:00:00Z"
    rows = [(point, start, energy) for start in (noon, later) for point, energy in (("a", 700), ("p", 500))]
    given = {("a", noon): 400_000, ("a", later): 1_000_000, ("a", other): 123}
    coefficients = PointRows(
        points=("a",),
        line=np.arange(2, 5),
        point=np.zeros(3, dtype=np.int32),
        start_utc=np.array([int(datetime.fromisoformat(start).timestamp()) for _, start in given]),
        values={"coefficient_ppm": np.array(list(given.values()))},
    )
    found = shares(allocate_readings(chosen, table_of(rows), coefficients))
    parts = {place: allocated for place, (_, allocated) in found.items() if place[0] == "a"}
    assert sorted(parts.values()) == [200, 500]
