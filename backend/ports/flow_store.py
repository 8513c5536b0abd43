"""Keeping what was computed of a network's flows: it can be computed again, and is forgotten with any person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FlowStore"]


class FlowStore(Protocol):
    """Tables by network, with a note of what they were computed of."""

    def put(
        self, network: str, about: Mapping[str, Any], tables: Mapping[str, Mapping[str, NDArray[np.generic]]]
    ) -> None:
        """Keep tables in the place of those that were there; readers see the old ones or the new ones, never both.

        Args:
            network: Its name.
            about: JSON-ready.
            tables: Columns of one length by name, by the table's name.
        """
        ...

    def about(self, network: str) -> dict[str, Any] | None:
        """The note, None where nothing is kept."""
        ...

    def rows(self, network: str, table: str, **equal: str) -> dict[str, NDArray[Any]]:
        """The rows of a table whose columns have these values.

        Raises:
            NotFoundError: If it is not kept.
        """
        ...

    def file(self, network: str, table: str) -> Path | None:
        """Where a table lies as Parquet, None where it is not kept."""
        ...
