"""Network files are told by their content, and what is none is refused in words."""

from pathlib import Path

import pytest

from backend.adapters.networks.reading import NETWORK_FORMATS, find_network_format, read_network_file
from backend.errors import NetworkError, NotFoundError
from backend.grid.network_form import write_network
from backend.ports.network_files import NetworkReading


def test_our_own_form_is_read_as_it_was_written(european: NetworkReading, tmp_path: Path) -> None:
    path = tmp_path / "network.json"
    path.write_text(write_network(european.network), encoding="utf-8")
    reading = read_network_file(path)
    assert reading.source_format == "partage"
    assert write_network(reading.network) == write_network(european.network)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("metering_point,start\n", "no network that is known"),
        ("<html></html>", "no network that is known"),
        ('{"a": ', "is none"),
        ('{"a": 1}', "neither pandapower's"),
        ('{"form": "partage-network-9"}', "has the form"),
        ('{"form": "partage-network-1"}', "damaged"),
        ('{"form": "partage-network-1", "frequency": NaN}', "it has NaN"),
        ("[" * 100_000, "no network that is known"),
        ('{"a":' * 100_000, "is none"),
    ],
)
def test_what_is_no_network_is_refused(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(NetworkError, match=says):
        read_network_file(path)


def test_a_missing_file_an_unknown_format_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_network_file(tmp_path / "none.dss")
    (tmp_path / "x.dss").write_text("clear\n")
    with pytest.raises(NetworkError, match="no format of networks"):
        read_network_file(tmp_path / "x.dss", "visio")
    with pytest.raises(NetworkError, match="is a folder"):
        read_network_file(tmp_path, "opendss")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NetworkError, match="no files that end in"):
        read_network_file(tmp_path / "empty")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.adapters.networks.reading._LIMIT_BYTES", 3)
    path = tmp_path / "x.dss"
    path.write_text("clear\n")
    with pytest.raises(NetworkError, match="no network's file is as large"):
        read_network_file(path)


def test_a_format_may_be_named_where_content_says_another(tmp_path: Path) -> None:
    path = tmp_path / "odd.dss"
    path.write_text("// a comment\n// and no more\n")
    with pytest.raises(NetworkError, match="no network that is known"):
        find_network_format(path)
    with pytest.raises(NetworkError, match="builds no circuit"):
        read_network_file(path, "opendss")
    assert set(NETWORK_FORMATS) == {"opendss", "pandapower", "cim", "geojson", "partage"}
