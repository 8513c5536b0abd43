"""What forecasts are about, who may see them, and how hashes of models climb to a root."""

from __future__ import annotations

import pytest

from backend.commitments import keccak256
from backend.commitments.merkle import climb
from backend.community import read_definition
from backend.errors import InputError, NotFoundError
from backend.services.forecasts.anchor import root_and_paths
from backend.services.forecasts.histories import step_of
from backend.services.forecasts.subjects import (
    Subject,
    SubjectKind,
    owners_of,
    parse_subject,
    parse_target,
    points_of,
    subjects_of,
    targets_of,
)
from backend.services.forecasts.viewers import Viewer
from tests.integration.settlement.small_community import DEFINITION

MEMBERS = read_definition(DEFINITION, "toits.toml")


@pytest.mark.parametrize("text", ["community", "home:ada", "point:ada-load", "feeder:f", "network:rue/T1/2"])
def test_a_subject_is_read_as_it_is_written(text: str) -> None:
    assert str(parse_subject(text)) == text


@pytest.mark.parametrize(
    "text", ["", "homes", "home:", "community:x", "network:rue", "network:/T", "Home:ada"]
)
def test_what_is_no_subject_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no subject of forecasts"):
        parse_subject(text)


def test_a_target_that_is_mistyped_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="load"):
        parse_target("laod")


def test_a_strangers_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="ada"):
        points_of(MEMBERS, parse_subject("home:adda"))


def test_the_community_and_every_home_with_a_meter_are_forecast() -> None:
    found = [str(one) for one in subjects_of(MEMBERS)]
    assert found[0] == "community"
    assert {"home:ada", "home:ben"} <= set(found)
    assert targets_of(MEMBERS, Subject(SubjectKind.COMMUNITY))[0] == "load"


def test_a_sum_of_one_participant_s_alone_is_theirs() -> None:
    community = Subject(SubjectKind.COMMUNITY)
    assert owners_of(MEMBERS, community, "load") == ()
    assert owners_of(MEMBERS, community, "solar") == ("ben",)
    assert owners_of(MEMBERS, community, "shareable") == ()


def test_a_home_belongs_to_its_participant_and_a_sum_to_nobody() -> None:
    assert owners_of(MEMBERS, parse_subject("home:ada")) == ("ada",)
    assert owners_of(MEMBERS, parse_subject("community")) == ()


@pytest.mark.parametrize(
    ("subject", "sees"),
    [
        ("community", True),
        ("home:ada", True),
        ("home:ben", False),
        ("home:nobody", False),
        ("feeder:f", False),
        ("network:rue/T1", False),
    ],
)
def test_a_member_sees_their_own_and_the_sum(subject: str, *, sees: bool) -> None:
    viewer = Viewer("ada")
    assert viewer.may_see(MEMBERS, parse_subject(subject)) is sees
    if not sees:
        with pytest.raises(NotFoundError):
            viewer.require(MEMBERS, parse_subject(subject))


def test_a_log_in_of_nobody_sees_the_sum_alone() -> None:
    assert Viewer().may_see(MEMBERS, parse_subject("community"))
    assert not Viewer().may_see(MEMBERS, parse_subject("home:ada"))


@pytest.mark.parametrize(
    ("minutes", "step"), [(1, 900), (5, 900), (15, 900), (10, 1800), (30, 1800), (20, 3600), (60, 3600)]
)
def test_the_step_is_the_shortest_that_the_resolution_divides(minutes: int, step: int) -> None:
    assert step_of(minutes) == step


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_every_model_climbs_to_the_root(count: int) -> None:
    leaves = [keccak256(bytes([number])) for number in range(count)]
    root, paths = root_and_paths(leaves)
    for place, (leaf, path) in enumerate(zip(leaves, paths, strict=True)):
        assert climb(leaf, place, path) == root
        assert climb(keccak256(b"another"), place, path) != root
