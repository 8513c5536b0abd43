"""What erasing a person asks of the stores beside the records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["FilesEraser", "IntervalEraser", "UploadEraser"]


class IntervalEraser(Protocol):
    """Takes points out of readings and allocations; doing it again changes nothing."""

    def erase_points(
        self, community: str, points: Sequence[str], slots: Mapping[int, Collection[int]]
    ) -> None:
        """Destroy what is kept of points. When it returns, no file that is listed or left holds any of it.

        Of the runs of a period with such a slot, what sums up all slots of an interval goes too: less the others it
        would give the erased.

        Args:
            community: Its id.
            points: Ids, as readings have them; of feeders too.
            slots: Of the points, by period.
        """
        ...


class FilesEraser(Protocol):
    """Takes people out of files that lie in the home."""

    def erase_words(self, words: Collection[str], logins: Collection[str]) -> None:
        """Destroy what files say of somebody: lines of meter files that name them, other files that do, passwords.

        Args:
            words: Ids and numbers of their points, their id and name.
            logins: Their names to log in with.
        """
        ...


class UploadEraser(Protocol):
    """Takes people out of files that wait to be loaded."""

    def erase(self, community: str, words: Collection[str]) -> None:
        """Throw away a community's files that name somebody, and those of which nobody could tell.

        Args:
            community: Its id.
            words: Ids and numbers of their points, their id and name.
        """
        ...
