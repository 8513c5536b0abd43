"""Meter files that somebody handed in to be looked at before they are loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Upload", "UploadedFiles"]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits to be loaded, or to be thrown away.

    Attributes:
        id: Random.
        community: Its id.
        name: What it is called, made harmless: no folder, no mark that leads anywhere.
        bytes: How long it is. [B]
        sha256: Of its content, hexadecimal.
        user: Id of who handed it in.
        received_utc: [s since 1970, UTC]
        options: How it is to be read, JSON-ready; empty for by its content alone.
        look: What a look at it gave, JSON-ready; empty before.
    """

    id: str
    community: str
    name: str
    bytes: int
    sha256: str
    user: str
    received_utc: int
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    look: Mapping[str, Any] = field(default_factory=dict, hash=False)


class UploadedFiles(Protocol):
    """Files that wait; they can be handed in again, so none is in a backup."""

    def all(self, community: str) -> Sequence[Upload]:
        """Of a community, the oldest first."""
        ...

    def find(self, community: str, upload: str) -> tuple[Upload, Path]:
        """One of them, and where its content lies.

        Raises:
            NotFoundError: If there is none.
        """
        ...

    def keep_options(self, upload: Upload, options: Mapping[str, Any]) -> Upload:
        """Keep how it is to be read; what a look gave before is forgotten."""
        ...

    def keep_look(self, upload: Upload, look: Mapping[str, Any]) -> Upload:
        """Keep what a look gave."""
        ...

    def remove(self, community: str, upload: str) -> None:
        """Throw one away; one that is not there is thrown away already."""
        ...
