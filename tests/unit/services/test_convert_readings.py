import pytest

from backend.adapters.meter_files import read_generic_csv, write_generic_csv
from backend.errors import ReadingsError
from backend.services.convert_readings import convert_readings

HEADER = "metering_point,start,resolution_minutes,energy_kwh,quality\n"


def write(path, table):
    path.write_bytes(write_generic_csv(table))


@pytest.fixture
def convert(tmp_path):
    def run(*contents):
        files = []
        for number, content in enumerate(contents):
            files.append(tmp_path / f"in-{number}.csv")
            files[-1].write_text(HEADER + content)
        out = tmp_path / "out.csv"
        done = convert_readings(files, out, read_file=read_generic_csv, write_file=write)
        return done, out.read_text().removeprefix(HEADER)

    return run


def test_a_later_file_supersedes_and_points_come_together(convert):
    done, text = convert(
        "b,2017-06-01T00:00Z,60,1,measured\nb,2017-06-01T01:00Z,60,2,measured\n",
        "a,2017-06-01T00:00Z,60,7,measured\nb,2017-06-01T01:00Z,60,2.5,edited\n",
    )
    assert (done.rows, done.findings) == (3, ())
    assert text.splitlines() == [
        "b,2017-06-01T00:00:00Z,60,1.000000,measured",
        "b,2017-06-01T01:00:00Z,60,2.500000,edited",
        "a,2017-06-01T00:00:00Z,60,7.000000,measured",
    ]


def test_the_findings_of_all_files_come_back(convert):
    twice = "a,2017-06-01T00:00Z,60,7,measured\n" * 2
    done, _ = convert(twice, twice)
    assert [(finding.rule, finding.file) for finding in done.findings] == [
        ("duplicate", "in-0.csv"),
        ("duplicate", "in-1.csv"),
    ]


def test_one_refused_file_refuses_all_and_nothing_is_written(convert, tmp_path):
    with pytest.raises(ReadingsError, match=r"in-1\.csv.*2 of 3 files") as error:
        convert(
            "a,2017-06-01T00:00Z,60,7,measured\n",
            "a,2017-06-01T00:00Z,60,x,measured\n",
            "a,2017-06-01T00:00Z,60,-1,measured\n",
        )
    assert [(finding.file, finding.line) for finding in error.value.findings] == [
        ("in-1.csv", 2),
        ("in-2.csv", 2),
    ]
    assert not (tmp_path / "out.csv").exists()


def test_files_of_different_steps_are_refused(convert):
    with pytest.raises(ReadingsError, match="15 and 60 minutes"):
        convert("a,2017-06-01T00:00Z,60,7,measured\n", "a,2017-06-01T00:00Z,15,7,measured\n")
