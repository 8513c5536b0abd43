"""Where a community is and how its panels stand, as its file says it."""

from __future__ import annotations

import pytest

from backend.community import CommunitySite, read_definition, write_definition
from backend.errors import CommunityDefinitionError

HEAD = """[community]
id = "toits"
name = "Toits"
country = "DE"
time_zone = "Europe/Berlin"
resolution_minutes = 15
"""
REST = """
[sharing_key]
method = "dynamic"

[tariff]
shared_price = "0.12"
residual_price = "0.25"
surplus_price = "0.06"
network_price = "0.045"

[[participants]]
id = "ada"
name = "Ada"

[[metering_points]]
id = "ada-load"
participant = "ada"
direction = "consumption"

[[metering_points]]
id = "ada-sun"
participant = "ada"
direction = "feed_in"
source = "solar"
"""
SITE = '\n[site]\nlatitude = 48.14\nlongitude = 11.58\naltitude = 519\nsubdivision = "BY"\n'
PANELS = "tilt_degrees = 30\nazimuth_degrees = 170.5\npeak_kw = 9.9\n"


def test_the_place_and_the_panels_arrive_and_are_written_again() -> None:
    community = read_definition(HEAD + SITE + REST + PANELS, "toits.toml")
    assert community.site == CommunitySite(48.14, 11.58, 519.0, "BY")
    roof = community.metering_points[1]
    assert (roof.tilt_degrees, roof.azimuth_degrees, roof.peak_kw) == (30.0, 170.5, 9.9)
    assert read_definition(write_definition(community), "again.toml") == community


def test_a_place_on_the_equator_at_the_sea_is_a_place() -> None:
    community = read_definition(HEAD + "\n[site]\nlatitude = 0\nlongitude = 0\n" + REST, "toits.toml")
    assert community.site == CommunitySite(0.0, 0.0)
    assert read_definition(write_definition(community), "again.toml") == community


def test_a_file_without_a_place_is_written_without_one() -> None:
    community = read_definition(HEAD + REST, "toits.toml")
    assert community.site is None
    assert "[site]" not in write_definition(community)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + SITE.replace("48.14", "148.14") + REST, "48.14; it lies in -90 to 90"),
        (HEAD + SITE.replace('"BY"', '"DE-BY"') + REST, 'subdivision is "DE-BY"'),
        (HEAD + SITE.replace("altitude", "height") + REST, "altitude"),
        (HEAD + REST + PANELS.replace("30", "95"), "is 95; it lies in 0 to 90"),
        (
            HEAD + REST.replace('direction = "consumption"\n', 'direction = "consumption"\npeak_kw = 3\n'),
            "is of feed-in points only",
        ),
    ],
)
def test_what_is_no_place_and_no_panel_is_refused(text: str, message: str) -> None:
    with pytest.raises(CommunityDefinitionError, match=r"toits\.toml") as refused:
        read_definition(text, "toits.toml")
    assert message in str(refused.value)
