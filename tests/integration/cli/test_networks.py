"""``partage grid``: networks are loaded, refused with their faults, replaced, listed, shown and written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Command, contents_of

GOLDEN = Path(__file__).parents[2] / "golden" / "networks"
FEEDER = GOLDEN / "ieee13" / "IEEE13Nodeckt.dss"


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """A transformer, a cable and three customers, as GeoJSON."""
    line = {
        "length_metres": 100,
        "r_ohm_per_km": 0.2,
        "x_ohm_per_km": 0.08,
        "r0_ohm_per_km": 0.8,
        "x0_ohm_per_km": 0.3,
    }
    transformer = {"rated_volt_amperes": 250_000, "from_volts": 20_000, "to_volts": 400}
    told: list[tuple[str, dict[str, object]]] = [
        ("bus", {"id": "mv", "nominal_volts": 20_000, "x": 0.0, "y": 0.0}),
        ("bus", {"id": "lv", "nominal_volts": 400, "x": 1.0, "y": 0.0}),
        ("bus", {"id": "end", "nominal_volts": 400, "x": 2.0, "y": 0.0}),
        ("source", {"id": "grid", "bus": "mv"}),
        ("transformer", {"id": "T", "from_bus": "mv", "to_bus": "lv", **transformer}),
        ("segment", {"id": "cable", "from_bus": "lv", "to_bus": "end", "phases": "L12", **line}),
        ("connection", {"id": "one", "bus": "lv", "phases": "L1"}),
        ("connection", {"id": "two", "bus": "end", "phases": "L2"}),
    ]  # fmt: skip
    features = [
        {"type": "Feature", "geometry": None, "properties": {"kind": kind, **said}} for kind, said in told
    ]
    file = tmp_path / "street.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return file


def last(text: str) -> dict[str, object]:
    told: dict[str, object] = json.loads(text.splitlines()[-1])
    return told


def test_a_network_is_loaded_shown_replaced_and_written(
    partage: Command, street: Path, tmp_path: Path
) -> None:
    loaded = last(partage("grid", "load", street, "--name", "street", "--json").out)
    assert (loaded["changed"], loaded["connections"], loaded["source_format"]) == (True, 2, "geojson")
    again = partage("grid", "load", street, "--name", "street")
    assert "known already, nothing changed" in again.out
    replaced = last(partage("grid", "load", FEEDER, "--name", "street", "--json").out)
    assert (replaced["buses"], replaced["profiles"], replaced["findings"]) == (16, 15, [])
    assert "street" in partage("grid", "list").out
    listed = last(partage("grid", "list", "--json").out)["networks"]
    assert isinstance(listed, list)
    assert [(one["network"], one["source_format"]) for one in listed] == [("street", "opendss")]
    shown = partage("grid", "show", "street")
    assert "transformer xfm1: 500 kVA, 4160 to 480 V, YNyn0" in shown.out
    assert "note, regulator reg1: tap held at 1.05625" in shown.out
    for out in (tmp_path / "out.geojson", tmp_path / "out.json"):
        assert partage("grid", "export", "street", "--out", out).code == 0
        copied = last(partage("grid", "load", out, "--name", "copy", "--json").out)
        assert copied["buses"] == 16
    listed = last(partage("grid", "list", "--json").out)["networks"]
    assert isinstance(listed, list)
    assert [one["network"] for one in listed] == ["copy", "street"]


def test_faults_keep_a_network_out_unless_their_rule_is_accepted(
    partage: Command, street: Path, tmp_path: Path
) -> None:
    street.write_text(street.read_text().replace('"phases": "L2"', '"phases": "L3"'))
    before = contents_of(Path(".partage"))
    found = tmp_path / "found.json"
    refused = partage("grid", "load", street, "--name", "street", "--findings", found)
    assert refused.code == 1
    assert "missing_phase" in refused.sentence
    assert "cable has L12" in refused.sentence
    assert [one["rule"] for one in json.loads(found.read_text())] == ["missing_phase"]
    assert contents_of(Path(".partage")) == before == {}
    taken = partage("grid", "load", street, "--name", "street", "--accept", "missing_phase")
    assert taken.code == 0
    assert "fault    two" in taken.out


def test_points_are_joined_by_a_list_and_wrong_ones_are_named(
    partage: Command, home: Path, street: Path, tmp_path: Path
) -> None:
    joins = tmp_path / "joins.csv"
    joins.write_text("connection,metering_point,is_critical\none,ada-load,yes\ntwo,nobody,\n")
    words = ("grid", "load", street, "--name", "street", "--community", "toits", "--points", joins)
    before = contents_of(home)
    refused = partage(*words)
    assert refused.code == 1
    assert '"nobody"' in refused.sentence
    assert contents_of(home) == before
    joins.write_text("connection,metering_point,is_critical\none,ada-load,yes\ntwo,ben-load,\n")
    loaded = last(partage(*words, "--json").out)
    assert (loaded["metering_points"], loaded["community"]) == (2, "toits")
    other = partage("grid", "load", street, "--name", "street")
    assert other.code == 1
    assert "is loaded for community toits" in other.sentence


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("load", "none.dss", "--name", "street"), "there is no file none.dss"),
        (("load", "none.dss", "--name", "Main Street"), "no name of a network"),
        (("load", "none.dss", "--name", "street", "--points", "none.csv"), "there is no file none.csv"),
        (("load", str(FEEDER), "--name", "street", "--community", "nowhere"), "nowhere"),
        (("show", "street"), "street"),
        (("export", "street", "--out", "x.json"), "street"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(
    partage: Command, home: Path, words: tuple[str, ...], said: str
) -> None:
    before = contents_of(home)
    outcome = partage("grid", *words)
    assert (outcome.code, outcome.out) == (1, "")
    assert said in outcome.sentence
    assert contents_of(home) == before


def test_an_export_needs_a_form_and_a_folder(partage: Command, street: Path, tmp_path: Path) -> None:
    assert partage("grid", "load", street, "--name", "street").code == 0
    assert (
        "end its name in .geojson or .json" in partage("grid", "export", "street", "--out", "x.xml").sentence
    )
    assert (
        "cannot be written"
        in partage("grid", "export", "street", "--out", tmp_path / "no" / "x.json").sentence
    )


@pytest.mark.parametrize("forms", [(".geojson", ".csv"), (".json", ".parquet")])
def test_what_is_written_flows_as_what_was_loaded_once_it_is_loaded_again(
    partage: Command, tmp_path: Path, forms: tuple[str, str]
) -> None:
    network, profiles = tmp_path / f"out{forms[0]}", tmp_path / f"out{forms[1]}"
    assert partage("grid", "load", FEEDER, "--name", "feeder").code == 0
    before = last(partage("grid", "flow", "feeder", "--json").out)
    assert partage("grid", "export", "feeder", "--out", network, "--profiles", profiles).code == 0
    again = partage("grid", "load", network, "--name", "feeder", "--profiles", profiles)
    assert "known already, nothing changed" in again.out
    assert partage("grid", "load", network, "--name", "copy", "--profiles", profiles).code == 0
    after = last(partage("grid", "flow", "copy", "--json").out)
    assert {**after, "network": "feeder"} == before


def test_profiles_that_do_not_fit_keep_everything_as_it_was(
    partage: Command, street: Path, tmp_path: Path
) -> None:
    profiles = tmp_path / "p.csv"
    profiles.write_text("connection,start,watts\nnobody,2026-01-01T00:00Z,1\n")
    before = contents_of(Path(".partage"))
    refused = partage("grid", "load", street, "--name", "street", "--profiles", profiles)
    assert refused.code == 1
    assert '"nobody"' in refused.sentence
    assert contents_of(Path(".partage")) == before == {}
    assert partage("grid", "load", street, "--name", "street").code == 0
    none = partage("grid", "export", "street", "--out", tmp_path / "o.json", "--profiles", tmp_path / "o.csv")
    assert none.code == 1
    assert "came with no profiles" in none.sentence
    assert not (tmp_path / "o.json").exists()


def test_formats_are_listed(partage: Command) -> None:
    assert "opendss" in partage("grid", "formats").out
    assert set(last(partage("grid", "formats", "--json").out)["read"]) == {  # type: ignore[call-overload]
        "opendss", "pandapower", "cim", "geojson", "partage",
    }  # fmt: skip
