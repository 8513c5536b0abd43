"""Each folder of meter_files is a file as it comes, and what becomes of it."""

import io
import tomllib
from pathlib import Path

import pytest

from backend.adapters.meter_files.formats import ReadOptions
from backend.adapters.meter_files.generic_csv import write_generic_csv
from backend.adapters.meter_files.reading import MeterFiles
from backend.adapters.meter_files.writers import WriteOptions, all_writers
from backend.errors import ReadingsError

FOLDERS = (Path(__file__).parent / "meter_files").iterdir()
CASES = sorted(
    path for path in FOLDERS if (path / "expected.csv").is_file() or (path / "case.toml").is_file()
)
KNOWN_KEYS = {"format", "time_zone", "resolution_minutes", "metering_point", "mapping", "demand_minutes"}
KNOWN_KEYS |= {"findings", "refused", "registers"}


def case_of(folder):
    file = folder / "case.toml"
    case = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    assert set(case) <= KNOWN_KEYS, f"{folder.name}: unknown keys {set(case) - KNOWN_KEYS}"
    return case


def reader_of(case):
    options = ReadOptions(
        time_zone=case.get("time_zone"),
        resolution_minutes=case.get("resolution_minutes"),
        metering_point=case.get("metering_point", ""),
        mapping=case.get("mapping"),
    )
    return MeterFiles(case.get("format", "auto"), options)


def inputs_of(folder):
    files = sorted(path for path in folder.glob("input*") if path.is_file())
    assert files, f"{folder.name} has no input file"
    return files


def test_there_are_cases():
    assert CASES


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_file_becomes_the_readings_that_are_written_beside_it(folder):
    case = case_of(folder)
    assert (folder / "README.md").is_file(), "every case says where it is from"
    for file in inputs_of(folder):
        stem = file.stem.replace("input", "expected", 1)
        reader, demand = reader_of(case), case.get("demand_minutes")
        if "refused" in case:
            with pytest.raises(ReadingsError) as refusal:
                reader(file, known_points=None, resolution_minutes=demand)
            assert case["refused"] in {finding.rule for finding in refusal.value.findings}
            continue
        found = reader.contents(file, known_points=None, resolution_minutes=demand)
        written = write_generic_csv(found.table, source_quality=True).decode()
        assert written == (folder / f"{stem}.csv").read_text(encoding="utf-8")
        for role, table in found.shares.items():
            expected = (folder / f"{stem}-{role.value}.csv").read_text(encoding="utf-8")
            assert write_generic_csv(table, source_quality=True).decode() == expected, role
        assert sorted({finding.rule for finding in found.findings}) == sorted(case.get("findings", []))
        assert len(found.registers) == case.get("registers", 0)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
@pytest.mark.parametrize("form", ["csv", "parquet", "arrow"])
def test_readings_come_back_from_each_of_our_own_forms_as_they_were(folder, form, tmp_path):
    case = case_of(folder)
    if "refused" in case:
        pytest.skip("refused, so that there is nothing to write")
    writer = {writer.name: writer for writer in all_writers()}[form]
    for file in inputs_of(folder):
        table = reader_of(case).contents(file, known_points=None, resolution_minutes=None).table
        if not len(table):
            continue
        stream = io.BytesIO()
        writer.write(table, stream, WriteOptions(source_quality=True))
        (tmp_path / "out").write_bytes(stream.getvalue())
        back, findings = MeterFiles()(tmp_path / "out", known_points=None, resolution_minutes=None)
        assert not findings
        assert write_generic_csv(back, source_quality=True) == write_generic_csv(table, source_quality=True)
