"""The measurement of incoming readings is itself a test: killed at random, nothing acknowledged is lost or doubled."""

import pytest

from backend.adapters.intervals import ParquetIntervals
from backend.benches import bench_readings
from backend.errors import BalanceError
from backend.services.benchmarks import reading_service
from backend.services.benchmarks.load_generator import energy_of, start_of


@pytest.mark.slow
def test_a_service_killed_under_load_loses_no_acknowledged_reading_and_doubles_none(monkeypatch):
    monkeypatch.setattr(reading_service, "_STEADY_SECONDS", (0.3, 0.8))
    measured = bench_readings(1000, kill=True).measurements[0]
    assert "none lost, none twice" in measured.note
    assert int(measured.note.split()[0].replace(",", "")) > 10


def test_a_reading_that_is_not_stored_as_it_was_sent_is_found(tmp_path):
    class Store(ParquetIntervals):
        def span(self, community):
            return 0, 1

        def readings(self, community, points, start, end, loads=None):
            return table

        def loads(self, community):
            return []

    from tests.integration.journal.incoming import reading

    table = reading(0, energy=energy_of(0, 0) + 1)
    table.start_utc[:] = start_of(0)
    store = Store(tmp_path)
    served = reading_service.ServedHome(tmp_path, "toits", ("m",), "")
    with pytest.raises(BalanceError, match="batch 0 was acknowledged"):
        reading_service._stored(served, store, [0])  # noqa: SLF001
    table.energy[:] = energy_of(0, 0)
    assert reading_service._stored(served, store, [0]) == (1, 0)  # noqa: SLF001
    with pytest.raises(BalanceError, match="batch 1 was acknowledged"):
        reading_service._stored(served, store, [0, 1])  # noqa: SLF001
