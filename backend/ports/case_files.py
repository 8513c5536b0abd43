"""The files of cases: readings that were claimed, and evidence. Personal: only the parties ever see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CaseFiles"]


class CaseFiles(Protocol):
    """Files by community, case and name: written once, erased with the case."""

    def keep(self, community: str, case_id: str, name: str, content: bytes) -> None:
        """Keep a file. Durable when it returns; the same again changes nothing.

        Raises:
            ConflictError: If another content is kept under the name.
        """
        ...

    def read(self, community: str, case_id: str, name: str) -> bytes:
        """A file's bytes.

        Raises:
            NotFoundError: If there is none.
        """
        ...

    def sizes(self, community: str, case_id: str) -> Mapping[str, int]:
        """Bytes of each file of a case, by name."""
        ...

    def erase(self, community: str, case_id: str) -> None:
        """Destroy all files of a case."""
        ...
