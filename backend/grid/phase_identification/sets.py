"""The sets of phases that a connection may be joined to, and what its record makes of them beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.grid.phases import Phases

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from backend.grid.network import Connection

__all__ = ["PHASE_SETS", "SET_WEIGHTS", "record_prior"]

#: One, two or three phases; place in this tuple is the number of a set in arrays.
PHASE_SETS: tuple[Phases, ...] = tuple(
    sorted((Phases(one) for one in range(1, 8)), key=lambda one: (len(one.indices), one.indices))
)
#: Share of a connection's power on each phase, by set: even over its phases. Shape (7, 3). [1]
SET_WEIGHTS = np.array(
    [[bool(one & Phases.of_index(p)) / len(one.indices) for p in range(3)] for one in PHASE_SETS]
)
_OTHER_KIND = 0.05  # of what a record may be wrong in, that it is wrong in the number of phases


def record_prior(
    connections: Sequence[Connection],
    trust: float,
    known: Collection[str] = (),
    unrecorded: Collection[str] = (),
) -> NDArray[np.float64]:
    """Probability of each set of phases before anything was measured.

    Args:
        connections: With the phases of their record.
        trust: Probability that a record is right, in (0, 1). [1]
        known: Ids of those whose record was looked at on site: it is right.
        unrecorded: Ids of those whose record says nothing, but how many phases there are.

    Returns:
        Shape (connections, 7); rows sum to one. [1]

    Raises:
        InputError: If ``trust`` is not between 0 and 1, or an id is in both collections.
    """
    if not 0 < trust < 1:
        raise InputError(f"trust in the records is {trust}; give a probability between 0 and 1, such as 0.9.")
    if both := sorted(set(known) & set(unrecorded)):
        raise InputError(f'connection "{both[0]}" is told as known and as not recorded; it is one of them.')
    sure, open_ = frozenset(known), frozenset(unrecorded)
    return np.array([_prior_of(one, trust, one.id in sure, one.id in open_) for one in connections])


def _prior_of(connection: Connection, trust: float, is_known: bool, is_open: bool) -> NDArray[np.float64]:  # noqa: FBT001 -- two marks of one row
    recorded = connection.phases
    count = len(recorded.indices)
    if is_known:
        return np.array([float(one == recorded) for one in PHASE_SETS])
    alike = [one for one in PHASE_SETS if len(one.indices) == count and (is_open or one != recorded)]
    others = [one for one in PHASE_SETS if len(one.indices) != count and len(one.indices) != 2]  # noqa: PLR2004
    wrong = 1.0 if is_open else 1.0 - trust
    strange = wrong * (_OTHER_KIND if alike else 1.0)
    chance = {one: (wrong - strange) / len(alike) for one in alike}
    chance |= {one: strange / len(others) for one in others}
    if not is_open:
        chance[recorded] = trust
    return np.array([chance.get(one, 0.0) for one in PHASE_SETS])
