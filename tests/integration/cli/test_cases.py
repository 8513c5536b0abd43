"""``partage case``, as a treasurer types it."""

import json
from datetime import UTC, timedelta
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from backend.bootstrap import Wiring
from tests.integration.arbitration.disputed import HOURS, POINT, START, make_disputed


@pytest.fixture
def run(tmp_path, monkeypatch):
    made = make_disputed(tmp_path / "home")
    clock = made.governed.clock
    monkeypatch.setenv("PARTAGE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("backend.bootstrap.wiring.SystemClock", lambda: clock)
    monkeypatch.setattr("backend.bootstrap.open_existing", lambda: Wiring(made.wiring.home, clock))

    def call(*words):
        from backend.cli.app import app

        result = CliRunner().invoke(app, list(words), catch_exceptions=True)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return SimpleNamespace(call=call, clock=clock)


def claim(tmp_path, run, party, kwh):
    readings = tmp_path / f"{party}.csv"
    rows = ["metering_point,start,resolution_minutes,energy_kwh,quality"]
    rows += [
        f"{POINT},{(START + timedelta(hours=hour)).astimezone(UTC).isoformat()},60,{kwh},measured"
        for hour in range(HOURS)
    ]
    readings.write_text("\n".join(rows) + "\n")
    evidence = tmp_path / f"{party}.txt"
    evidence.write_text(f"what the {party} has seen")
    return run.call(
        *("case", "claim", "toits", "1", "--as", party),
        *("--readings", str(readings), "--evidence", str(evidence)),
    )


def test_a_case_goes_from_its_opening_to_its_end(tmp_path, run):
    told = run.call(
        *("case", "open", "toits", "--point", POINT, "--text", "I was away."),
        *("--start", START.isoformat(), "--end", (START + timedelta(hours=HOURS)).isoformat(), "--json"),
    )
    assert json.loads(told)["state"] == "claims"
    claim(tmp_path, run, "consumer", "0.010000")
    assert "grid_operator" in claim(tmp_path, run, "operator", "0.250000")
    run.clock.advance(15 * 86_400)
    run.call("case", "rule", "toits", "1", "--for", "consumer", "--reasons", "The register stood still.")
    run.clock.advance(15 * 86_400)
    assert "settled anew: run 2, final" in run.call("case", "fulfil", "toits", "1")
    listed = json.loads(run.call("case", "list", "toits", "--json"))["cases"]
    assert [(one["number"], one["state"], one["prevailing"]) for one in listed] == [
        (1, "fulfilled", "consumer")
    ]
    assert "The register stood still." in run.call("case", "show", "toits", "1")
    out, pdf = tmp_path / "case.json", tmp_path / "case.pdf"
    run.call("case", "export", "toits", "1", "--out", str(out), "--pdf", str(pdf))
    assert out.stat().st_mode & 0o077 == 0
    assert pdf.read_bytes()[:5] == b"%PDF-"
    assert "offline" in run.call("verify", str(out), "--offline")
    assert "all of it holds" in run.call("verify", str(out))
    out.write_text(out.read_text().replace("stood still", "stood well"))
    with pytest.raises(AssertionError, match=r"ruling\.reasons"):
        run.call("verify", str(out), "--offline")


def test_an_instant_without_offset_is_refused(run):
    from backend.errors import InputError

    with pytest.raises(InputError, match="no instant with an offset"):
        run.call(
            *("case", "open", "toits", "--point", POINT, "--text", "x"),
            *("--start", "2024-03-20T10:00:00", "--end", "2024-03-20T16:00:00"),
        )


def test_a_case_that_is_not_there_is_named(run):
    from backend.errors import NotFoundError

    with pytest.raises(NotFoundError, match="has no case '7'"):
        run.call("case", "show", "toits", "7")
