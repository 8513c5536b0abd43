"""Prepared homes lie on their shelf and nowhere else."""

import os
from pathlib import Path

import pytest

from tests.prepared import SHELF, copy_prepared, shelf


def make(folder: Path) -> None:
    folder.mkdir()
    (folder / "kept").write_text("once")


@pytest.mark.parametrize("told", ["", ".", "homes"])
def test_without_a_shelf_from_the_root_on_nothing_is_prepared(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(SHELF, told)
    with pytest.raises(RuntimeError, match="names no folder from the root on"):
        copy_prepared(tmp_path / "copy", make)
    assert list(tmp_path.iterdir()) == []


def test_a_shelf_that_is_told_empty_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(SHELF, "")
    with shelf():
        folder = Path(os.environ[SHELF])
        copy_prepared(tmp_path / "copy", make)
        assert len(list(folder.glob("*.lock"))) == 1
    assert not folder.exists()
    assert [one.name for one in tmp_path.iterdir()] == ["copy"]
