"""A meter file that cannot be taken: one sentence with file, line, value and remedy, and nothing changed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HEADER = "metering_point,start,resolution_minutes,energy_kwh,quality\n"
GOOD = "ada-load,2024-03-01T00:00:00Z,60,1.0,measured\n"
A_GIGABYTE = 1 << 30
MEMORY_BOUND_KIB = 448 * 1024  # most of it are libraries

CASES: dict[str, tuple[str | bytes, list[str]]] = {
    "wrong columns": (
        "meter,when,kwh\nada-load,2024-03-01T00:00:00Z,1\n",
        ["line 1", "columns meter, when, kwh", "--mapping"],
    ),
    "an unknown metering point": (
        HEADER + GOOD + "ada-laod,2024-03-01T01:00:00Z,60,1.0,measured\n",
        ["line 3", '"ada-laod"', 'did you mean "ada-load"?'],
    ),
    "overlapping readings": (
        HEADER + GOOD + "ada-load,2024-03-01T00:30:00Z,60,1.0,measured\n",
        ["line 3", "2024-03-01T00:30:00Z", "not on the grid of 60 minutes"],
    ),
    "two values for one interval": (
        HEADER + GOOD + "ada-load,2024-03-01T01:00:00+01:00,60,2.0,measured\n",
        ["line 3", "1.000000 kWh", "2.000000 kWh", "keep one"],
    ),
    "a negative reading": (
        HEADER + "ada-load,2024-03-01T00:00:00Z,60,-1.5,measured\n",
        ["line 2", "-1.5 kWh is negative", "give each direction its own metering point"],
    ),
    "a reading that is no number": (
        HEADER + GOOD + "ada-load,2024-03-01T01:00:00Z,60,nan,measured\n",
        ["line 3", "nan"],
    ),
    "mixed steps": (
        HEADER + GOOD + "ada-load,2024-03-01T01:00:00Z,15,1.0,measured\n",
        ["line 3", "15 minutes", "one file has one step"],
    ),
    "another step than the community's": (
        HEADER + GOOD.replace(",60,", ",30,"),
        ["line 2", "30 minutes", "settles 60"],
    ),
    "a naive time stamp": (
        HEADER + GOOD.replace("00Z", "00"),
        ["line 2", '"2024-03-01T00:00:00" has no offset', "write it like"],
    ),
    "another quality": (HEADER + GOOD.replace("measured", "guessed"), ["line 2", "guessed"]),
    "a binary file": (b"\x7fELF\x02\x01\x01" + bytes(2000), ["line 1", "binary file"]),
    "a spreadsheet": (b"PK\x03\x04" + bytes(100), ["damaged", "fetch it again"]),
    "a compressed file that is cut off": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03abc", ["fetch it again"]),
    "text in another encoding": (
        HEADER.encode() + b"ada-load\xe9\n",
        ["line 2", "0xe9", "save the file as UTF-8"],
    ),
    "an empty file": (b"", ["the file is empty"]),
    "a header alone": (HEADER, ["line 1", "no reading below"]),
}


@pytest.mark.parametrize("case", CASES)
def test_readings_that_cannot_be_taken_are_refused_with_line_value_and_remedy(case, refuses, home, tmp_path):
    content, said = CASES[case]
    file = tmp_path / "meter.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    refuses("readings", "load", file, said=["nothing was loaded into toits", "meter.csv", *said])


def test_one_bad_file_among_several_keeps_all_of_them_out(refuses, home, tmp_path, readings_file):
    bad = tmp_path / "bad.csv"
    bad.write_text(HEADER + GOOD.replace("1.0", "-1.0"))
    refuses("readings", "load", readings_file, bad, said=["bad.csv, line 2", "negative"])


def test_several_faults_are_listed_below_the_sentence_and_all_of_them_written_on_demand(
    refuses, home, tmp_path
):
    file, findings = tmp_path / "meter.csv", tmp_path / "findings.json"
    file.write_text(
        HEADER + "".join(f"ada-load,2024-03-01T{hour:02}:00:00Z,60,-1,measured\n" for hour in range(24))
    )
    outcome = refuses("readings", "load", file, "--findings", findings, said=["line 2", "23 more faults"])
    assert "  meter.csv:3  [energy]  -1 kWh is negative" in outcome.err
    assert "... and 4 more; --findings FILE writes them all." in outcome.err
    listed = json.loads(findings.read_text())
    assert [finding["line"] for finding in listed] == list(range(2, 26))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["load", "nowhere.csv"], ["nowhere.csv is not a file"]),
        (["load", "."], ["is not a file"]),
        (["load", "meter.csv", "--format", "xml"], ['no meter file format "xml"', "green-button"]),
        (["load", "meter.csv", "--community", "toit"], ["no community 'toit'", "there are: toits"]),
        (["return", "toits", "ada-laod", "--reason", "x"], ["'ada-laod'", 'did you mean "ada-load"?']),
        (["check", "toits", "--period", "2031-01"], ["2031-01", "from 2024-03-01 to 2024-03-31"]),
        (["check", "nobody"], ["no community 'nobody'"]),
    ],
)
def test_what_is_not_there_is_named_with_what_is(words, said, refuses, home, tmp_path):
    (tmp_path / "meter.csv").write_text(HEADER + GOOD)
    refuses("readings", *words, said=said)


def test_conversion_and_allocation_write_nothing_where_a_file_is_refused(refuses, tmp_path, community_file):
    file, out = tmp_path / "meter.csv", tmp_path / "out.csv"
    file.write_text(HEADER + GOOD.replace("00Z", "00"))
    refuses("readings", "convert", file, "--out", out, said=["meter.csv, line 2", "no offset"])
    refuses(
        *("allocate", "--community", community_file, "--readings", file, "--out", out),
        said=["meter.csv, line 2", "no offset"],
    )
    assert not out.exists()
    assert not (tmp_path / ".partage").exists()


def test_a_line_of_a_gigabyte_is_refused_without_being_held(home, tmp_path):
    file = tmp_path / "meter.csv"
    with file.open("wb") as stream:
        stream.write(HEADER.encode() + GOOD.encode() + b"a" * (16 << 20))
        stream.truncate(A_GIGABYTE)  # what follows is a hole, which takes no room on the disk
    assert peak_of(["readings", "load", str(file)]) < MEMORY_BOUND_KIB


PEAK = """
import resource, sys
sys.path.insert(0, sys.argv.pop(1))
from backend.cli import main
try:
    main()
finally:
    # The kernel counts for a child what its parent held, too; the high-water mark of its own memory begins anew.
    if sys.platform == "linux":
        with open("/proc/self/status") as status:
            peak = next(line.split()[1] for line in status if line.startswith("VmHWM:"))
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(peak)
"""


def peak_of(words: list[str]) -> int:
    """Most memory that a command ever holds. [KiB]"""
    command = [sys.executable, "-c", PEAK, str(ROOT), *words]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert "meter.csv, line 3: the line is longer than 64 kB" in finished.stderr
    return int(finished.stdout.splitlines()[-1])
