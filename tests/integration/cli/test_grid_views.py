"""``partage grid views`` as a person meets it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from backend.adapters.home import Home
from backend.bootstrap import Wiring
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def network(home: Path) -> None:
    wiring = Wiring(Home(home))
    with wiring.store.transaction() as records:
        records.put_network(network_record(small_network(), "toits"))
    wiring.store.close()


@pytest.mark.usefixtures("network")
def test_a_network_is_written_for_notebooks_with_its_flows(partage: Any, tmp_path: Path) -> None:
    out = tmp_path / "rue.duckdb"
    told = json.loads(partage("grid", "views", "rue", "--out", out, "--json").out)
    assert told["rows"]["grid_power"] == 743 * 2 + 503
    assert told["rows"]["grid_head_flow"] == 743 * 3
    assert told["bytes"] == out.stat().st_size
    assert "grid_feeder_imbalance" in told["views"]
    again = partage("grid", "views", "rue", "--out", out, "--no-flows")
    assert again.code == 0
    assert "Views: grid_structure" in again.out
    with duckdb.connect(str(out), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM grid_branch").fetchall() == [(5,)]


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nowhere",), "There is no network 'nowhere'; those that are here: rue."),
        (("rue", "--from", "yesterday"), "'yesterday' is no instant with an offset"),
        (
            ("rue", "--from", "2024-03-02T00:00:00Z", "--to", "2024-03-01T00:00:00Z"),
            "--from 2024-03-02T00:00:00Z is not before --to 2024-03-01T00:00:00Z",
        ),
    ],
)
def test_what_cannot_be_written_is_refused_in_words(
    partage: Any, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    outcome = partage("grid", "views", *words, "--out", tmp_path / "out.duckdb")
    assert outcome.code != 0
    assert sentence in outcome.sentence
    assert not (tmp_path / "out.duckdb").exists()
    assert not list(tmp_path.glob("*.partial*"))
