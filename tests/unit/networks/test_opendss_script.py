"""OpenDSS scripts never reach out of their folder, their engine or their bounds."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from backend.adapters.networks import opendss, opendss_engine
from backend.adapters.networks.opendss import read_opendss
from backend.adapters.networks.opendss_script import read_script
from backend.errors import NetworkError
from tests.unit.networks.conftest import WriteMaster

LINE = "new line.l1 bus1=lv bus2=a linecode=cable length=100 units=m"
HOME = "new load.home bus1=a.2 phases=1 kv=0.23 kw=2 pf=0.95"


@pytest.mark.parametrize(
    "command",
    [
        "DOScmd touch {out}",
        "dosc touch {out}",
        "fileedit {out}",
        "cd {folder}",
        "new generator.g bus1=a usermodel={folder}/evil.so",
        "new storage.s bus1=a dynadll={folder}/evil.so",
        "redirect /etc/hostname",
        "redirect ../../secret.dss",
        "new loadshape.s npts=2 interval=1 csvfile=/etc/hostname",
        "new loadshape.s npts=2 interval=1 mult=(file=../../numbers.txt)",
        "buscoords /etc/hostname",
    ],
)
def test_what_reaches_out_is_refused_with_its_line(
    command: str, tmp_path: Path, write_master: WriteMaster
) -> None:
    out = tmp_path.parent / "out"
    (tmp_path.parent.parent / "numbers.txt").write_text("1\n2\n")
    with pytest.raises(NetworkError, match=r"Master\.dss:7"):
        read_opendss(write_master(command.format(out=out, folder=tmp_path), LINE, HOME))
    assert not out.exists()


@pytest.mark.parametrize(
    "command", ["export voltages {out}", "save circuit dir={out}", "show voltages", "set datapath={out}"]
)
def test_what_would_write_or_show_is_left_out(
    command: str, tmp_path: Path, write_master: WriteMaster
) -> None:
    out = tmp_path / "out"
    master = write_master(LINE, HOME, tail=command.format(out=out))
    before = sorted(tmp_path.iterdir())
    assert len(read_opendss(master).network.connections) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_the_engine_itself_can_write_no_file(tmp_path: Path, write_master: WriteMaster) -> None:
    script = read_script(write_master(LINE, HOME))
    commands = [*script.commands, ("x:1", "solve"), ("x:2", f"export voltages {tmp_path}/volts.csv")]
    job = {"commands": commands, "memory_bytes": 4 * 2**30, "seconds": 60, "most_errors": 5}
    subprocess.run(
        [sys.executable, opendss_engine.__file__],
        input=json.dumps(job).encode(),
        capture_output=True,
        cwd=tmp_path,
        check=False,
        timeout=60,
    )
    left = [one for one in tmp_path.rglob("*.csv") if one.stat().st_size]
    assert left == []


def test_an_engine_that_crashes_or_hangs_is_an_error_in_words(
    tmp_path: Path, write_master: WriteMaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = write_master(LINE, HOME)
    broken = tmp_path / "engine.py"
    broken.write_text("import os\nos.abort()\n")
    monkeypatch.setattr(opendss_engine, "__file__", str(broken))
    with pytest.raises(NetworkError, match=r"ended on Master\.dss without an answer"):
        opendss.read_opendss(master)
    broken.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(opendss, "_SECONDS", -9)
    with pytest.raises(NetworkError, match="did not end"):
        opendss.read_opendss(master)


def test_redirects_are_followed_whatever_the_case_and_the_slash(
    tmp_path: Path, write_master: WriteMaster
) -> None:
    (tmp_path / "Parts").mkdir()
    (tmp_path / "Parts" / "Lines.DSS").write_text(f"{LINE}\nredirect loads.txt\n")
    (tmp_path / "Parts" / "Loads.txt").write_text(f"/* {HOME}\n*/\n{HOME} ! a home\n")
    commands = read_script(write_master("Redirect parts\\lines.dss")).commands
    assert ("Parts/Lines.DSS:1", LINE) in commands
    assert ("Parts/Loads.txt:3", HOME) in commands


def test_a_script_that_redirects_to_itself_ends(tmp_path: Path) -> None:
    master = tmp_path / "loop.dss"
    master.write_text("redirect loop.dss\n")
    with pytest.raises(NetworkError, match="does it redirect to itself"):
        read_script(master)


def test_commands_may_be_shortened_and_unknown_ones_are_named(
    tmp_path: Path, write_master: WriteMaster
) -> None:
    master = write_master(LINE, HOME, tail="calcv\nsolv\nreduce")
    script = read_script(master)
    assert script.commands[-1][1] == "calcv"
    assert [fault.rule for fault in script.faults] == ["command_left_out"]
    with pytest.raises(NetworkError, match='"frobnicate" is no command'):
        read_script(write_master("frobnicate all"))


def test_lines_that_go_on_belong_to_the_command_before(write_master: WriteMaster) -> None:
    commands = [
        text
        for _, text in read_script(
            write_master("solve", "~ mode=daily", "new load.x bus1=lv", "~ kw=3")
        ).commands
    ]
    assert "~ mode=daily" not in commands
    assert commands[commands.index("new load.x bus1=lv") + 1] == "~ kw=3"


def test_only_options_that_make_a_network_are_set(write_master: WriteMaster) -> None:
    commands = [
        text for _, text in read_script(write_master(head="set mode=yearly loadmult=0.5 editor=vi")).commands
    ]
    assert "set loadmult=0.5" in commands
    assert not any("editor" in text or "yearly" in text for text in commands)
    with pytest.raises(NetworkError, match="positive-sequence"):
        read_script(write_master(head="set cktmodel=positive"))
