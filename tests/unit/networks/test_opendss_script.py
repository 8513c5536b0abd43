"""OpenDSS scripts never reach out of their folder, their engine or their bounds."""

import json
import subprocess
import sys
import time
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
        "new loadshape.s npts=2 interval=1 c={folder}/numbers.txt",
        "new loadshape.s npts=2 interval=1 stddev=1 {folder}/numbers.txt",
        "new loadshape.s npts=2 interval=1 mult=[d={folder}/numbers.txt]",
        "new loadshape.s npts=2 interval=1 c=parts/../../../numbers.txt",
        "var @p={folder}/numbers.txt",
        "var @p=..",
        "set d={folder}",
        "new generator.g bus1=a us={folder}/evil.so",
        'new generator.g bus1=a "usermodel"={folder}/evil.so',
        "batchedit load..* us={folder}/evil.so",
        "load.home.us={folder}/evil.so",
        "new loadshape.s npts=2 interval=1 csvfile=evil.so",
    ],
)
def test_what_reaches_out_is_refused_with_its_line(
    command: str, tmp_path: Path, write_master: WriteMaster
) -> None:
    out = tmp_path.parent / "out"
    (tmp_path.parent.parent / "numbers.txt").write_text("1\n2\n")
    (tmp_path / "numbers.txt").write_text("1\n2\n")
    (tmp_path / "evil.so").write_bytes(b"\x7fELF" + bytes(60))
    with pytest.raises(NetworkError, match=r"Master\.dss:7"):
        read_script(write_master(command.format(out=out, folder=tmp_path), LINE, HOME))
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
    job = {
        "commands": commands,
        "memory_bytes": 4 * 2**30,
        "seconds": 60,
        "most_errors": 5,
        "answer_bytes": 10**8,
    }
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


def test_the_engine_opens_no_file_but_for_a_command_that_names_one_of_its_own(
    tmp_path: Path, write_master: WriteMaster
) -> None:
    (tmp_path / "numbers.txt").write_text("1\n2\n")
    script = read_script(write_master(LINE, HOME, "new loadshape.own npts=2 interval=1 csvfile=numbers.txt"))
    other = "new loadshape.other npts=2 interval=1 c=numbers.txt"
    read = opendss._run_engine(script.commands, script.files, "m")  # noqa: SLF001 -- behind the walk
    assert [shape["PMult"] for shape in read["LoadShape"] if shape["Name"] == "own"] == [[1.0, 2.0]]
    files = script.files | {"numbers.txt": tmp_path / "numbers.txt"}
    refused = opendss._run_engine([*script.commands, ("x:1", other)], files, "m")  # noqa: SLF001 -- likewise
    assert [where for where, _ in refused["errors"]] == ["x:1"]
    assert "opening file" in refused["errors"][0][1]


def test_an_answer_that_would_not_fit_is_refused_in_words(
    write_master: WriteMaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opendss, "_ANSWER_BYTES", 1000)
    with pytest.raises(NetworkError, match="read a part of it"):
        read_opendss(write_master(LINE, HOME))


def test_divisions_are_no_ways_out(write_master: WriteMaster) -> None:
    commands = [
        text for _, text in read_script(write_master("new line.a bus1=lv bus2=b length=(8 1000 /)")).commands
    ]
    assert "new line.a bus1=lv bus2=b length=(8 1000 /)" in commands


def test_a_script_that_redirects_without_end_or_never_closes_its_brackets_takes_seconds(
    tmp_path: Path, write_master: WriteMaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "part.dss").write_text("! nothing\n")
    monkeypatch.setattr("backend.adapters.networks.opendss_script._LIMIT_REDIRECTS", 50)
    with pytest.raises(NetworkError, match="after 50 others"):
        read_script(write_master(*["redirect part.dss"] * 60))
    began = time.process_time()
    with pytest.raises(NetworkError):
        read_script(write_master("new loadshape.s mult=" + "file=(" * 20_000))
    assert time.process_time() - began < 5


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
