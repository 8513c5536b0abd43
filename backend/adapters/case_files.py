"""``CaseFiles`` in the home: ``cases/<community>/<case>/<name>``, readable by its owner alone."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from backend.adapters.durable_files import create_durably, flush_folder, make_folder
from backend.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["HomeCaseFiles"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")


class HomeCaseFiles:
    """Implements ``backend.ports.case_files.CaseFiles``.

    Args:
        folder: Made where it is absent.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, community: str, case_id: str, name: str, content: bytes) -> None:
        """See ``CaseFiles.keep``."""
        path = self._path(community, case_id, name)
        make_folder(path.parent, 0o700)
        if not create_durably(path, content, mode=0o600) and path.read_bytes() != content:
            raise ConflictError(
                f"Case {case_id} has another file under the name {name}; nothing is overwritten."
            )

    def read(self, community: str, case_id: str, name: str) -> bytes:
        """See ``CaseFiles.read``."""
        path = self._path(community, case_id, name)
        if not path.is_file():
            raise NotFoundError(f"Case {case_id} has no file {name}; restore it from a backup.")
        return path.read_bytes()

    def sizes(self, community: str, case_id: str) -> dict[str, int]:
        """See ``CaseFiles.sizes``."""
        folder = self._path(community, case_id, "any").parent
        if not folder.is_dir():
            return {}
        return {path.name: path.stat().st_size for path in folder.iterdir() if _NAME.fullmatch(path.name)}

    def erase(self, community: str, case_id: str) -> None:
        """See ``CaseFiles.erase``."""
        folder = self._path(community, case_id, "any").parent
        if folder.is_dir():
            shutil.rmtree(folder)
            flush_folder(folder.parent)

    def _path(self, community: str, case_id: str, name: str) -> Path:
        for part in (community, case_id, name):
            assert _NAME.fullmatch(part), f"{part!r} is no name of ours"
        return self._folder / community / case_id / name
