"""Lists of who is connected where."""

from pathlib import Path

import pytest

from backend.adapters.networks.joins import read_joins
from backend.errors import NetworkError, NotFoundError
from backend.ports.network_files import NetworkJoin


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "joins.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_rows_name_a_connection_and_a_point_and_may_say_more(tmp_path: Path) -> None:
    text = "connection;metering_point;is_critical;switch_cost\nload1; p1 ;yes;\nload1;p2;;2.5\n;;;\nload2;;false;\n"
    assert read_joins(write(tmp_path, text)) == [
        NetworkJoin("load1", "p1", is_critical=True, where="joins.csv:2"),
        NetworkJoin("load1", "p2", switch_cost=2.5, where="joins.csv:3"),
        NetworkJoin("load2", "", is_critical=False, where="joins.csv:5"),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",p1", "names no connection"),
        ("load1,", "says nothing of load1"),
        ("load1,p1,maybe", "is_critical"),
        ("load1,p1,,-1", "switch_cost"),
        ("load1,p1,,nan", "switch_cost"),
        ("load1,p1,,,more", "more cells"),
    ],
)
def test_rows_that_make_no_sense_are_named_with_their_line(row: str, says: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"connection,metering_point,is_critical,switch_cost\nload0,p0\n{row}\n")
    with pytest.raises(NetworkError, match=rf"joins\.csv:3.*{says}"):
        read_joins(path)


def test_a_list_without_its_columns_or_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="no column metering_point"):
        read_joins(write(tmp_path, "connection,point\nload1,p1\n"))
    with pytest.raises(NetworkError, match="no column connection"):
        read_joins(write(tmp_path, ""))
    with pytest.raises(NotFoundError):
        read_joins(tmp_path / "none.csv")
