"""Assembled readings kept ready for the next rehearsal: a copy that can be made again, and is gone when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["AssembledReadings", "ReadingsCache"]


@dataclass(frozen=True)
class AssembledReadings:
    """A period's energies as they would be settled, interval by interval.

    Attributes:
        energy: Shape (T, slots), whole numbers of some width, not to be written. [mWh]
        measured: Readings that were measured or edited. [1]
        estimated: [1]
        missing: [1]
        energy_max: The largest energy. [mWh]
        digest: SHA-256 over the energies, each as u64 with its lowest byte first, in order: the same whoever assembles.
    """

    energy: NDArray[np.int64] | NDArray[np.uint32]
    measured: int
    estimated: int
    missing: int
    energy_max: int
    digest: bytes


class ReadingsCache(Protocol):
    """Keeps assembled readings by what they were made of."""

    def find(self, community: str, content: str) -> AssembledReadings | None:
        """What is kept under that name, None where it is not there or damaged.

        Args:
            community: Its id.
            content: Names everything that the readings are a function of; hexadecimal.
        """
        ...

    def keep(self, community: str, content: str, readings: AssembledReadings) -> AssembledReadings:
        """Keep readings; the oldest make room. Returns them as they are kept."""
        ...

    def erase(self, community: str) -> None:
        """Forget all of a community, so that nothing of a member who is erased stays."""
        ...
