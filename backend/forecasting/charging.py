"""Charging sessions of electric cars, and what they are hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["Sessions", "cars_present", "energy_charged", "spread_over"]

POWER_LEAST, POWER_MOST = 2.3, 22.0
"""Single-phase 10 A, three-phase 32 A. [kW]"""
_HOURS_MIN = 0.25
_QUICK_SHARE = 0.95
_SESSIONS_FOR_POWER = 3


@dataclass(frozen=True)
class Sessions:
    """Sessions in order of arrival.

    Attributes:
        arrived_utc: When the car was plugged in. Shape (S,). [s since 1970, UTC]
        left_utc: When it was unplugged, -1 while it has not been. Shape (S,). [s since 1970, UTC]
        energy: Charged in all, NaN while unknown. Shape (S,). [kWh]
        user: A number per user. Shape (S,).

    Raises:
        InputError: If the columns differ in length, are out of order, or a session ends before it begins.
    """

    arrived_utc: Whole
    left_utc: Whole
    energy: Values
    user: Whole

    def __post_init__(self) -> None:
        lengths = {len(column) for column in (self.arrived_utc, self.left_utc, self.energy, self.user)}
        if len(lengths) != 1:
            raise InputError(f"the columns of sessions differ in length: {sorted(lengths)}.")
        if (np.diff(self.arrived_utc) < 0).any():
            raise InputError("sessions must come in order of arrival; sort them.")
        wrong = np.flatnonzero((self.left_utc >= 0) & (self.left_utc < self.arrived_utc))
        if len(wrong):
            raise InputError(f"session {int(wrong[0])} ends before it begins; leave it out or mend it.")
        if (self.energy < 0).any() or np.isinf(self.energy).any():
            raise InputError("a session's energy is at least zero, or NaN while it is unknown. [kWh]")

    def __len__(self) -> int:
        return len(self.arrived_utc)

    def rows(self, chosen: Whole) -> Sessions:
        """Some of them, in order."""
        return Sessions(
            self.arrived_utc[chosen], self.left_utc[chosen], self.energy[chosen], self.user[chosen]
        )

    def known_at(self, instant_utc: int) -> Sessions:
        """What was known at an instant: sessions begun by then; of those not over, neither end nor energy."""
        begun = self.rows(np.flatnonzero(self.arrived_utc < instant_utc))
        over = (begun.left_utc >= 0) & (begun.left_utc <= instant_utc)
        return Sessions(
            begun.arrived_utc,
            np.where(over, begun.left_utc, -1),
            np.where(over, begun.energy, np.nan),
            begun.user,
        )

    def powers(self) -> Values:
        """Charging power of each session's user, as far as sessions tell. Shape (S,). [kW]

        A car that leaves early has charged all the time, so that a user's largest mean powers tell what their car and
        their socket can do: the 95 % quantile over their sessions, within what sockets give. Users with fewer than
        three sessions get the median user's.
        """
        hours = (self.left_utc - self.arrived_utc) / 3600
        usable = (self.left_utc >= 0) & np.isfinite(self.energy) & (hours >= _HOURS_MIN) & (self.energy > 0)
        found: dict[int, float] = {}
        means = np.where(usable, self.energy / np.where(usable, hours, 1.0), np.nan)
        for one in np.unique(self.user).tolist():
            own = means[(self.user == one) & usable]
            if len(own) >= _SESSIONS_FOR_POWER:
                found[one] = float(np.clip(np.quantile(own, _QUICK_SHARE), POWER_LEAST, POWER_MOST))
        middle = float(np.median(list(found.values()))) if found else POWER_LEAST
        return np.array([found.get(one, middle) for one in self.user.tolist()])


def spread_over(
    begins: Values, ends: Values, weights: Values, length: int, rows: Whole | None = None, count: int = 1
) -> Values:
    """Spread weights per step evenly over spans, in steps of a grid; what is off the grid is left out.

    Args:
        begins: Of the spans. Shape (S,). [steps]
        ends: Not before their beginnings. Shape (S,). [steps]
        weights: Per whole step. Shape (S,).
        length: Of the grid.
        rows: Which grid each span is of, of ``count`` grids; all of the first where it is None. Shape (S,).
        count: Grids.

    Returns:
        Shape (count, length).
    """
    row = np.zeros(len(begins), dtype=np.int64) if rows is None else rows
    # A span is a ramp up from its beginning on, and one down from its end on: add ramps, then sum them up.
    width = length + 2
    edges, slope = np.zeros(count * width), np.zeros(count * width)
    for places, sign in ((np.clip(begins, 0, length), 1.0), (np.clip(ends, 0, length), -1.0)):
        whole = np.floor(places).astype(np.int64)
        edges += np.bincount(row * width + whole, sign * weights * (whole + 1 - places), count * width)
        slope += np.bincount(row * width + whole + 1, sign * weights, count * width)
    found = edges.reshape(count, width) + np.cumsum(slope.reshape(count, width), axis=1)
    return np.asarray(np.maximum(found[:, :length], 0.0))


def energy_charged(
    sessions: Sessions, powers: Values, start_utc: int, step_seconds: int, length: int
) -> Values:
    """Energy per interval if each car charges at its power from arrival on until it has its energy. [kWh]

    Sessions tell only the sum; that charging begins at once and is even is an assumption, true of sockets without
    control. A car that leaves sooner than its power allows has charged evenly until it left.

    Args:
        sessions: Those whose energy is unknown count as nothing.
        powers: Of each session. Shape (S,). [kW]
        start_utc: Of the grid. [s since 1970, UTC]
        step_seconds: [s]
        length: Intervals.

    Returns:
        Shape (length,). [kWh]
    """
    known = np.isfinite(sessions.energy) & (sessions.energy > 0)
    energy = np.where(known, sessions.energy, 0.0)
    hours = energy / powers
    stay = np.where(sessions.left_utc >= 0, (sessions.left_utc - sessions.arrived_utc) / 3600, hours)
    hours = np.clip(hours, 1e-6, np.maximum(stay, 1e-3))
    begins = (sessions.arrived_utc - start_utc) / step_seconds
    return np.asarray(
        spread_over(
            begins, begins + hours * 3600 / step_seconds, energy / hours * step_seconds / 3600, length
        )[0]
    )


def cars_present(sessions: Sessions, start_utc: int, step_seconds: int, length: int) -> Values:
    """Cars that are plugged in, on average over each interval; those without an end stay. Shape (length,). [1]"""
    begins = (sessions.arrived_utc - start_utc) / step_seconds
    ends = np.where(sessions.left_utc >= 0, (sessions.left_utc - start_utc) / step_seconds, length + 1.0)
    return np.asarray(spread_over(begins, np.maximum(ends, begins), np.ones(len(sessions)), length)[0])
