"""Meters of feeders in a community file: read, written, and refused where they could be taken for another."""

import pytest

from backend.community import Feeder, is_feeder_series, read_definition, write_definition
from backend.errors import CommunityDefinitionError
from backend.metering.known_points import KnownPoints
from backend.metering.points import CONSUMPTION, FEED_IN
from tests.unit.community.test_definition import TEXT

POINTS = [point.id for point in read_definition(TEXT, "COMMUNITY.toml").metering_points]


def read(*lines: str):
    return read_definition(TEXT + "\n[[feeders]]\n" + "\n".join(lines) + "\n", "COMMUNITY.toml")


def test_feeders_are_read_and_written_and_have_no_slot() -> None:
    community = read(
        'id = "trafo"',
        'external_id = "FR 7"',
        "[[feeders]]",
        'id = "lane"',
        f"metering_points = {POINTS[:2]}",
    )
    assert community.feeders == (Feeder("trafo", "FR 7"), Feeder("lane", None, tuple(POINTS[:2])))
    assert [point.id for point in community.metering_points] == POINTS
    text = write_definition(community)
    assert read_definition(text, "COMMUNITY.toml") == community
    assert "[[feeders]]" not in write_definition(read_definition(TEXT, "COMMUNITY.toml"))


def test_both_directions_of_a_feeders_meter_are_found_by_number_and_by_name() -> None:
    community = read('id = "trafo"', 'external_id = "FR 7"')
    series = community.metered_series
    assert [one.id for one in series] == [*POINTS, "trafo~drawn", "trafo~given"]
    assert [is_feeder_series(one.id) for one in series[-3:]] == [False, True, True]
    known = KnownPoints(series, "Europe/Paris")
    for direction, name in ((CONSUMPTION, "trafo~drawn"), (FEED_IN, "trafo~given")):
        assert [tenure.point for tenure in known.match("FR 7", direction)] == [name]
    assert (known.own_id("FR 7-feed-in"), known.own_id("trafo~drawn")) == ("trafo~given", "trafo~drawn")
    assert not known.match("trafo", CONSUMPTION)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['id = "Trafo"'], r"line \d+: \[feeders\] Trafo.*ids are"),
        (['id = "trafo"', 'meter = "7"'], r"line 71: .feeders. trafo meter is not known; did you mean"),
        (
            ['id = "trafo"', 'metering_points = ["home-01-lod"]'],
            r'names "home-01-lod".*did you mean "home-01-load"',
        ),
        (['id = "trafo"', "metering_points = []"], r"metering_points is empty"),
        (['id = "trafo"', 'metering_points = "home-01-load"'], r"is a list of ids"),
        (['id = "trafo"', f'metering_points = ["{POINTS[0]}", "{POINTS[0]}"]'], r"twice"),
        ([f'id = "{POINTS[0]}"'], rf"feeder {POINTS[0]}: '{POINTS[0]}' is what metering point"),
        (['id = "trafo"', f'external_id = "{POINTS[0]}"'], r"give each meter its own"),
        (['id = "trafo"', "[[feeders]]", 'id = "trafo"'], r"what feeder trafo is called too"),
        (['id = "trafo"', 'external_id = ""'], r"external_id is empty"),
        (['id = "trafo"', 'external_id = "a\\u0007"'], r"feeder trafo: external_id"),
    ],
)
def test_a_feeder_that_could_be_taken_for_another_is_refused(lines: list[str], said: str) -> None:
    with pytest.raises(CommunityDefinitionError, match=said) as refused:
        read(*lines)
    assert str(refused.value).startswith("COMMUNITY.toml")


def test_no_list_of_feeders_is_told_with_its_place() -> None:
    with pytest.raises(CommunityDefinitionError, match=r"COMMUNITY.toml.*write \[\[feeders\]\]"):
        read_definition(TEXT + '\n[feeders]\nid = "trafo"\n', "COMMUNITY.toml")
