"""A network as a database for notebooks: the same structure as the store's, and series that add up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from sqlalchemy import text

from backend.adapters.grid_views import GRID_VIEWS, DuckDbViews
from backend.errors import InputError, NotFoundError
from backend.services.grid.export_views import export_views
from backend.services.grid.known_networks import KnownNetworks
from backend.services.grid.summaries import summarise_network
from tests.integration.settlement.small_community import copy_settled
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from backend.bootstrap import Wiring

IN_BOTH = ("grid_structure", "grid_connections", "grid_connections_by_feeder", "grid_metering_points")
GUIDE = Path(__file__).parents[3] / "docs" / "grid.md"


@pytest.fixture(scope="module")
def wiring(tmp_path_factory: pytest.TempPathFactory) -> Wiring:
    wiring: Wiring = copy_settled(tmp_path_factory.mktemp("views") / "home")
    with wiring.store.transaction() as records:
        records.put_network(network_record(small_network(), "toits"))
    return wiring


@pytest.fixture(scope="module")
def written(wiring: Wiring, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("out") / "rue.duckdb"
    networks = KnownNetworks(wiring.grid_sources)
    known = networks.named("rue")
    summarise_network(networks, wiring.flows, known, 0)
    with DuckDbViews(file) as opened:
        rows = export_views(wiring.grid_sources, wiring.flows, known, opened)
        assert opened.finish() == file.stat().st_size
    assert rows["grid_power"] == 743 * 2 + 503
    return file


def ask(file: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("view", IN_BOTH)
def test_a_view_tells_the_same_as_the_one_of_the_store(wiring: Wiring, written: Path, view: str) -> None:
    with duckdb.connect(str(written), read_only=True) as connection:
        columns = [row[0] for row in connection.execute(f"DESCRIBE {view}").fetchall()]
        here = connection.execute(f"SELECT * FROM {view} ORDER BY ALL").fetchall()
    with wiring.store.reading() as records:
        told = records._session.connection().execute(text(f"SELECT {', '.join(columns)} FROM {view}"))  # type: ignore[attr-defined]  # noqa: SLF001
        there = [tuple(row) for row in told]
    assert sorted(map(repr, plain(here))) == sorted(map(repr, plain(there)))
    assert here


def plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """SQLite has no truth values, DuckDB sums are wider."""
    return [tuple(int(cell) if isinstance(cell, bool) else cell for cell in row) for row in rows]


def test_powers_have_the_energy_of_the_readings(written: Path) -> None:
    ((powers, readings),) = ask(
        written,
        "SELECT (SELECT SUM(watts * step_seconds) / 3.6 FROM grid_power), "
        "(SELECT SUM(CASE direction WHEN 'consumption' THEN 1 ELSE -1 END * energy_milliwatt_hours) FROM grid_reading "
        " WHERE NOT (metering_point = 'cleo-load' AND start_at < TIMESTAMP '2024-03-10 23:00:00'))",
    )
    assert powers == pytest.approx(float(readings))


def test_local_hours_are_those_of_the_clock_on_the_wall(written: Path) -> None:
    (first,) = ask(written, "SELECT MIN(start_at)::VARCHAR, MIN(start_local)::VARCHAR FROM grid_power")
    assert first == ("2024-02-29 23:00:00", "2024-03-01 00:00:00")
    (last,) = ask(written, "SELECT MAX(start_at)::VARCHAR, MAX(start_local)::VARCHAR FROM grid_power")
    assert last == ("2024-03-31 21:00:00", "2024-03-31 23:00:00")


def test_what_meters_say_of_a_feeders_imbalance_is_near_what_flows(written: Path) -> None:
    rows = ask(
        written,
        "SELECT m.deviation_kw, f.deviation_kw FROM grid_feeder_imbalance m "
        "JOIN grid_head_flow f ON f.element = m.feeder AND f.start_at = m.start_at WHERE m.feeder = 'west'",
    )
    assert len(rows) == 743
    for metered, flowing in rows:
        assert flowing == pytest.approx(metered, rel=0.03, abs=0.002)


def test_the_summary_is_there_to_be_ranked(written: Path) -> None:
    rows = ask(
        written,
        "SELECT element FROM grid_summary WHERE measure = 'deviation' AND grouped_by = 'element' AND element <> '' "
        "ORDER BY mean DESC LIMIT 1",
    )
    assert rows in ([("west",)], [("T1",)])


def test_a_summarised_measure_says_its_unit(written: Path) -> None:
    told = dict(ask(written, "SELECT DISTINCT measure, unit FROM grid_summary"))
    assert told == {
        "deviation": "kW", "neutral": "A", "current": "%", "loading": "%", "nema": "%", "vuf": "%", "voltage": "pu",
    }  # fmt: skip


def test_the_queries_of_the_guide_run(written: Path) -> None:
    page = GUIDE.read_text(encoding="utf-8")
    queries = [block for block in re.findall(r"```sql\n(.*?)```", page, re.DOTALL) if "grid_" in block]
    assert queries, "docs/grid.md shows queries on the views"
    for query in queries:
        for statement in filter(str.strip, query.split(";")):
            assert ask(written, statement), f"{statement} finds nothing"


def test_a_span_cuts_powers_and_readings(wiring: Wiring, tmp_path: Path) -> None:
    known = KnownNetworks(wiring.grid_sources).named("rue")
    first = 1_709_247_600
    with DuckDbViews(tmp_path / "day.duckdb") as opened:
        rows = export_views(wiring.grid_sources, wiring.flows, known, opened, (first, first + 86_400))
        opened.finish()
    assert (rows["grid_power"], rows["grid_reading"]) == (48, 96)


def test_a_file_that_is_no_duckdb_is_not_replaced_and_a_duckdb_is(wiring: Wiring, tmp_path: Path) -> None:
    file = tmp_path / "notes.duckdb"
    file.write_text("my notes of the year")
    with pytest.raises(InputError, match="another kind of file and is not replaced"):
        DuckDbViews(file)
    assert file.read_text() == "my notes of the year"
    file.unlink()
    known = KnownNetworks(wiring.grid_sources).named("rue")
    for _ in range(2):
        with DuckDbViews(file) as opened:
            export_views(wiring.grid_sources, wiring.flows, known, opened)
            opened.finish()
    assert ask(file, "SELECT count(*) FROM grid_network") == [(1,)]
    assert file.stat().st_mode & 0o777 == 0o600


def begin_and_fail(file: Path) -> None:
    with DuckDbViews(file) as opened:
        opened.add("grid_network", {"name": ["rue"]})
        raise NotFoundError("gone")


def test_what_fails_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="gone"):
        begin_and_fail(tmp_path / "new.duckdb")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="There is no folder"):
        DuckDbViews(tmp_path / "nowhere" / "new.duckdb")


def test_every_view_has_rows_to_show(written: Path) -> None:
    for view in GRID_VIEWS:
        assert ask(written, f"SELECT count(*) > 0 FROM {view}") == [(True,)], view
