"""Writing what flows in a network to a file, piece by piece."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from backend.grid.power_flow import FlowResult

__all__ = ["FlowWriter"]


class FlowWriter(Protocol):
    """A file that is being written: it is there whole after the ``with`` block, or not at all."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the file in its place, or take away what was written where something failed."""
        ...

    def add(self, result: FlowResult) -> None:
        """Write the intervals of a piece."""
        ...
