"""Files come plain, compressed or in archives; what is harmful is refused."""

import gzip
import io
import stat
import zipfile

import pytest

from backend.adapters.meter_files.archives import Bounds, open_files
from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.generic_csv import write_generic_csv
from backend.adapters.meter_files.reading import MeterFiles
from backend.errors import ReadingsError

HEADER = "metering_point,start,resolution_minutes,energy_kwh,quality\n"
ROW = "a,2024-06-01T0{}:00Z,60,1,measured\n"
SMALL = Bounds(bytes_max=200_000, ratio_max=20, ratio_from=10_000, members_max=5)


def archive(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


def refusals(path, bounds=SMALL):
    faults = FaultCollector(path.name)
    sources = open_files(path, faults, bounds)
    assert not sources
    with pytest.raises(ReadingsError) as refusal:
        faults.stop_if_refused()
    return [(finding.rule, finding.message) for finding in refusal.value.findings]


def test_files_of_an_archive_become_one_table(tmp_path):
    path = archive(
        tmp_path / "a.zip",
        ("one/may.csv", HEADER + ROW.format(0)),
        ("one/june.csv", HEADER + ROW.format(1) + ROW.format(0).replace(",1,", ",2,")),
    )
    table, _ = MeterFiles()(path, known_points=None, resolution_minutes=None)
    assert table.energy.tolist() == [2_000_000, 1_000_000]


def test_findings_name_the_archives_member(tmp_path):
    path = archive(tmp_path / "a.zip", ("x/one.csv", HEADER + ROW.format("x")), ("two.csv", "nothing"))
    with pytest.raises(ReadingsError) as refusal:
        MeterFiles()(path, known_points=None, resolution_minutes=None)
    assert {(finding.file, finding.rule) for finding in refusal.value.findings} >= {
        ("a.zip/one.csv", "instant"),
        ("a.zip/two.csv", "unknown-format"),
    }


def test_a_compressed_file_is_read_as_the_plain_one(tmp_path):
    (tmp_path / "a.csv").write_text(HEADER + ROW.format(0))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress((HEADER + ROW.format(0)).encode()))
    plain, packed = (
        write_generic_csv(MeterFiles()(tmp_path / name, known_points=None, resolution_minutes=None)[0])
        for name in ("a.csv", "a.csv.gz")
    )
    assert plain == packed


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../../etc/passwd", "leaves the archive"),
        ("a/../../b.csv", "leaves the archive"),
        ("/etc/passwd", "absolute name"),
        ("C:\\readings.csv", "absolute name"),
        ("..\\b.csv", "leaves the archive"),
        ("a\x01.csv", "control character"),
    ],
)
def test_a_name_that_is_a_trick_is_refused(tmp_path, name, words):
    [(rule, message)] = refusals(archive(tmp_path / "a.zip", (name, HEADER)))
    assert rule == "archive-member"
    assert words in message


def test_a_link_is_refused(tmp_path):
    member = zipfile.ZipInfo("readings.csv")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(member, "/etc/passwd")
    [(rule, message)] = refusals(path)
    assert (rule, "link" in message) == ("archive-member", True)


def test_an_archive_within_an_archive_is_refused(tmp_path):
    inner = io.BytesIO()
    archive(inner, ("a.csv", HEADER))
    assert refusals(archive(tmp_path / "a.zip", ("inner.zip", inner.getvalue())))[0][0] == "archive-member"
    assert refusals(archive(tmp_path / "b.zip", ("a.gz", gzip.compress(b"x"))))[0][0] == "archive-member"


def test_bombs_are_refused_by_ratio_by_bytes_and_by_count(tmp_path):
    zeros = bytes(150_000)
    assert "bomb" in refusals(archive(tmp_path / "ratio.zip", ("a.csv", zeros)))[0][1]
    assert (
        "holds 300,000 bytes" in refusals(archive(tmp_path / "bytes.zip", ("a", zeros), ("b", zeros)))[0][1]
    )
    many = [(f"{number}.csv", HEADER) for number in range(6)]
    assert "6 members" in refusals(archive(tmp_path / "many.zip", *many))[0][1]


@pytest.mark.parametrize("bounds", [SMALL, Bounds(bytes_max=100_000)])
def test_a_compressed_bomb_is_stopped_while_it_is_read(tmp_path, bounds):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress((HEADER + ROW.format(0) * 20_000).encode()))
    with pytest.raises(ReadingsError) as refusal:
        MeterFiles(bounds=bounds)(path, known_points=None, resolution_minutes=None)
    assert "too-large" in {finding.rule for finding in refusal.value.findings}


def test_a_member_that_lies_about_its_size_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", ("a.csv", HEADER + ROW.format(0) * 50))
    content = bytearray(path.read_bytes())
    place = content.rindex(b"PK\x01\x02") + 24
    content[place : place + 4] = (100).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(ReadingsError, match="damaged"):
        MeterFiles()(path, known_points=None, resolution_minutes=None)


@pytest.mark.parametrize("cut", [10, 40, -10])
def test_a_damaged_archive_is_refused(tmp_path, cut):
    whole = archive(tmp_path / "a.zip", ("a.csv", HEADER + ROW.format(0))).read_bytes()
    (tmp_path / "a.zip").write_bytes(whole[:cut])
    assert refusals(tmp_path / "a.zip")[0][0] == "truncated"
