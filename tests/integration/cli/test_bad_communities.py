"""A community file that cannot be taken: the line, the value, the nearest word that is known, and nothing changed."""

import pytest

from tests.integration.settlement.small_community import DEFINITION

CASES = {
    "a mistyped key": ("shared_price", "shard_price", ["line 15", 'did you mean "shared_price"?']),
    "a mistyped table": ("[sharing_key]", "[sharing_kee]", ["line 11", 'did you mean "sharing_key"?']),
    "a mistyped value": ('"dynamic"', '"dynamik"', ["line 12", '"dynamik"', 'did you mean "dynamic"?']),
    "broken TOML": ("[tariff]", "[tariff", ["not valid TOML", "line 14"]),
    "a price in floating point": ('shared_price = "0.12"', "shared_price = 0.12", ["line 15", "0.12"]),
    "an owner that is not there": (
        'participant = "cleo"',
        'participant = "cleoo"',
        ['"cleoo"', 'did you mean "cleo"?', "line"],
    ),
    "a zone that does not exist": ("Europe/Paris", "Europe/Lyon", ["line 6", "Europe/Lyon"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_typo_is_refused_with_its_line_and_the_nearest_word(case, refuses, home, tmp_path):
    old, new, said = CASES[case]
    assert old in DEFINITION
    file = tmp_path / "toits.toml"
    file.write_text(DEFINITION.replace(old, new, 1))
    refuses("community", "load", file, said=["toits.toml", *said])


def test_a_file_with_a_typo_makes_no_home(refuses, tmp_path):
    file = tmp_path / "toits.toml"
    file.write_text(DEFINITION.replace("shared_price", "shard_price"))
    refuses("community", "load", file, said=["did you mean"])
    assert not (tmp_path / ".partage").exists()


def test_a_key_that_the_country_forbids_is_refused_with_its_article_and_makes_no_home(refuses, tmp_path):
    file = tmp_path / "toits.toml"
    file.write_text(DEFINITION.replace('"FR"', '"ES"'))
    refuses(
        "community",
        "load",
        file,
        said=["dynamic", "Real Decreto 244/2019", "allowed are equal, scheduled, static"],
    )
    assert not (tmp_path / ".partage").exists()


def test_members_too_far_apart_are_refused_with_the_distance(refuses, home, tmp_path):
    file = tmp_path / "toits.toml"
    places = [("ada-load", 45.76), ("ben-solar", 45.80)]
    text = DEFINITION
    for point, latitude in places:
        text = text.replace(f'id = "{point}"', f'id = "{point}"\nlatitude = {latitude}\nlongitude = 4.85')
    file.write_text(text)
    refuses(
        "community", "load", file, said=["ada-load and ben-solar are 4.4", "2.000 km", "21 novembre 2019"]
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00\x01", "is not UTF-8 text"),
        (b"PAR1" + bytes(500), "not valid TOML"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"", "[community] is missing"),
    ],
)
def test_what_is_no_community_file_is_refused(content, said, refuses, home, tmp_path):
    file = tmp_path / "toits.toml"
    file.write_bytes(content)
    refuses("community", "load", file, said=["toits.toml", said])


def test_a_file_of_a_gigabyte_is_refused_unread(refuses, home, tmp_path):
    file = tmp_path / "toits.toml"
    with file.open("wb") as stream:
        stream.truncate(1 << 30)
    refuses("community", "load", file, said=["1,073,741,824 bytes", "is it the right file?"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Europe/Paris", "Europe/Berlin", ["'Europe/Paris'", "'Europe/Berlin'", "another id"]),
        (DEFINITION[DEFINITION.index('[[metering_points]]\nid = "cleo') :], "", ["cleo-load", "valid_to"]),
        (
            'id = "ada-load"\nparticipant = "ada"',
            'id = "ada-load"\nparticipant = "ben"',
            ["ada-load", "owner"],
        ),
    ],
)
def test_what_would_change_settled_periods_is_refused(old, new, said, refuses, home, tmp_path):
    file = tmp_path / "toits.toml"
    file.write_text(DEFINITION.replace(old, new, 1))
    refuses("community", "load", file, said=said)
