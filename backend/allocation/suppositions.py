"""What a grid operator may have reckoned with instead: its own readings, other members, other keys.

Each supposition is the period with one thing changed. Shared again by the key, it gives rows that the operator's can be
held against: whether it was so is decided by whether they agree, not by how likely it looks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.allocation.coefficient_fit import SharingRows, fit_coefficients, fit_proportions
from backend.allocation.dynamic import DynamicKey
from backend.allocation.equal import EqualKey
from backend.allocation.operator_figures import UNTOLD, Account, Cause
from backend.allocation.period import allocate_period
from backend.allocation.static import StaticKey
from backend.allocation.static_cascade import StaticCascadeKey
from backend.community import Direction
from backend.metering import Quality
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backend.allocation.operator_figures import OperatorFigures, OurFigures
    from backend.allocation.sharing_key import SharingKey

__all__ = ["Supposition", "suppose_keys", "suppose_members", "suppose_readings"]

_DOUBTFUL = (Quality.ESTIMATED, Quality.MISSING)
_PLAIN_KEYS: tuple[type[DynamicKey | EqualKey], ...] = (DynamicKey, EqualKey)


@dataclass(frozen=True, slots=True)
class Supposition:
    """The period as it may have been reckoned with.

    Attributes:
        account: What is told of it where it proves true.
        energy: Shape (slots, T). [mWh]
        active: Shape (slots, T): is the point a member?
        key: That shares.
    """

    account: Account
    energy: NDArray[np.int64]
    active: NDArray[np.bool_]
    key: SharingKey

    def allocate(self, ours: OurFigures) -> NDArray[np.int64]:
        """What it gives. Shape (slots, T). [mWh]

        Raises:
            BalanceError: As ``SharingKey.allocate``.
        """
        readings = replace(ours.readings, energy=self.energy)
        return allocate_period(readings, ours.directions, self.key, self.active).allocated

    def joined(self, *others: Supposition | None) -> Supposition:
        """This one with what others suppose: the readings, members and key of whichever names them first."""
        found = self
        for other in others:
            if other is None:
                continue
            if other.account.cause is Cause.OTHER_COEFFICIENTS:
                found = replace(found, key=other.key)
            elif other.account.cause is Cause.PARTICIPATION:
                moved = found.active != other.active
                found = replace(
                    found, active=other.active, energy=np.where(moved, other.energy, found.energy)
                )
        return found


def _plain(ours: OurFigures) -> Supposition:
    active = ours.readings.active_intervals()
    return Supposition(Account(Cause.NONE), ours.readings.energy, active, ours.key)


def suppose_readings(
    operator: OperatorFigures, ours: OurFigures, members: NDArray[np.bool_]
) -> Iterator[Supposition]:
    """Other readings: where one of both had none, as we knew them before or after, as the operator tells them.

    Args:
        operator: Its figures.
        ours: Ours.
        members: Shape (slots, T): who is a member by both; that rows of others lack says nothing of readings.
    """
    plain, readings = _plain(ours), ours.readings
    told = (operator.energy != UNTOLD) & plain.active
    rows = operator.allocated != UNTOLD
    absent = plain.active & members & ~rows & rows.any(axis=0) & rows.any(axis=1, keepdims=True)
    differs = told & (
        np.abs(operator.energy - readings.energy) > np.where(operator.unit > 1, operator.unit, 0)
    )
    lacking = told & differs & (np.isin(readings.quality, _DOUBTFUL) | (operator.energy == 0))
    theirs = np.where(absent, 0, np.where(lacking, operator.energy, readings.energy))
    if lacking.any() or absent.any():
        yield _of_readings(plain, Cause.MISSING_READING, theirs, {"kind": "reading-lacks"})
    for state in ours.former:
        if not np.array_equal(state.energy, readings.energy):
            facts = {
                "kind": "later-readings" if state.is_later else "earlier-readings",
                "received_utc": state.received_utc,
            }
            yield _of_readings(plain, Cause.LATE_CORRECTION, state.energy, facts)
    corrected = differs & ~lacking
    if corrected.any():
        facts = {"kind": "other-reading"}
        energy = np.where(corrected, operator.energy, readings.energy)
        yield _of_readings(plain, Cause.LATE_CORRECTION, energy, facts)
        if lacking.any() or absent.any():
            energy = np.where(corrected, operator.energy, theirs)
            yield _of_readings(plain, Cause.LATE_CORRECTION, energy, {**facts, "kind": "other-readings"})


def _of_readings(
    plain: Supposition, cause: Cause, energy: NDArray[np.int64], facts: dict[str, Any]
) -> Supposition:
    return replace(plain, account=Account(cause, facts, energy), energy=energy)


def suppose_members(operator: OperatorFigures, ours: OurFigures) -> Supposition | None:
    """Points that joined or left on another day: where the operator gives nothing at an end, or something beyond it."""
    plain, day_of = _plain(ours), ours.day_of
    active, energy = plain.active.copy(), plain.energy.copy()
    known = np.where(operator.energy != UNTOLD, operator.energy, ours.stored)
    days = len(ours.readings.calendar.intervals_per_day)
    moved = []
    for slot, direction in enumerate(ours.directions):
        span = np.flatnonzero(ours.readings.active[slot])
        if direction is None or not len(span):
            continue
        here = (int(span[0]), int(span[-1]) + 1)
        there = _span_of(
            _days_with(ours.computed[slot] > 0, day_of, days),
            _days_with(operator.allocated[slot] > 0, day_of, days),
            here,
        )
        if there == here:
            continue
        member = (day_of >= there[0]) & (day_of < there[1])
        gone = active[slot] & ~member
        if gone.any() and (operator.energy[slot, gone] == 0).all():
            continue  # it counts as a member whose readings the operator did not have
        joined = member & ~active[slot]
        energy[slot] = np.where(joined, np.maximum(known[slot], 0), np.where(member, energy[slot], 0))
        active[slot] = member
        moved.append({"slot": slot, "ours": list(here), "theirs": list(there)})
    if not moved:
        return None
    return Supposition(
        Account(Cause.PARTICIPATION, {"kind": "members", "moved": moved}), energy, active, ours.key
    )


def _days_with(found: NDArray[np.bool_], day_of: NDArray[np.int64], days: int) -> NDArray[np.int64]:
    return np.flatnonzero(np.bincount(day_of, weights=found, minlength=days))


def _span_of(ours: NDArray[np.int64], theirs: NDArray[np.int64], here: tuple[int, int]) -> tuple[int, int]:
    """Days [from, until) on which the operator counts a point as a member, so far as its figures show it.

    Args:
        ours: Days on which our key gave it something.
        theirs: Days on which the operator did.
        here: Days on which it is a member here.
    """
    if not len(theirs):
        return (here[0], here[0]) if len(ours) else here
    first, last = int(theirs[0]), int(theirs[-1])
    begins = first if first < here[0] or (ours < first).any() else here[0]
    ends = last + 1 if last >= here[1] or (ours > last).any() else here[1]
    return begins, ends


def suppose_keys(
    operator: OperatorFigures, ours: OurFigures, intervals: NDArray[np.bool_], bound: NDArray[np.int64]
) -> Iterator[Supposition]:
    """Other keys: those that held or were handed in at other times, plain methods, coefficients that rows speak for.

    Args:
        operator: Its figures.
        ours: Ours.
        intervals: Shape (T,): those that nothing else explains; coefficients are found from them.
        bound: Shape (slots, T). [mWh]
    """
    plain = _plain(ours)
    for known in ours.keys:
        facts = {
            "kind": f"{known.source}-version",
            "version": known.version,
            "method": known.key.method,
            "coefficients": _by_slot(ours, known.key.coefficients_ppm),
        }
        yield replace(plain, account=Account(Cause.OTHER_COEFFICIENTS, facts), key=known.key)
    for kind in _PLAIN_KEYS:
        if kind.method != ours.key.method:
            facts = {"kind": "other-method", "method": kind.method}
            key: SharingKey = kind(producer_ppm=getattr(ours.key, "producer_ppm", ()))
            yield replace(plain, account=Account(Cause.OTHER_COEFFICIENTS, facts), key=key)
    found = _fitted(operator, ours, intervals, bound)
    if found is not None:
        yield replace(plain, account=found[0], key=found[1])


def _by_slot(ours: OurFigures, coefficients: tuple[int, ...]) -> dict[int, int]:
    consumers = ours.slots_of(Direction.CONSUMPTION)
    return {slot: coefficients[slot] for slot in consumers if slot < len(coefficients)}


def _fitted(
    operator: OperatorFigures, ours: OurFigures, intervals: NDArray[np.bool_], bound: NDArray[np.int64]
) -> tuple[Account, SharingKey] | None:
    """The coefficients that rows speak for, where they are sure and are not those in force."""
    energy = np.where(operator.energy != UNTOLD, operator.energy, ours.readings.energy)[:, intervals]
    rows = SharingRows(
        consumption=energy,
        allocated=operator.allocated[:, intervals],
        offered=operator.offered[:, intervals],
        bound=bound[:, intervals],
        told=operator.allocated[:, intervals] != UNTOLD,
        pool=energy[ours.slots_of(Direction.FEED_IN)].sum(axis=0),
    )
    in_force = {
        slot: (_by_slot(ours, ours.key.coefficients_ppm)).get(slot, 0)
        for slot in ours.slots_of(Direction.CONSUMPTION)
    }
    in_turn = ours.key.method == StaticCascadeKey.method
    fits = fit_proportions(rows, in_force) if in_turn else fit_coefficients(rows, in_force)
    # Where no coefficient is in force, a part that repeats with the same pool is none.
    known = bool(ours.key.coefficients_ppm)
    sure = {slot: fit for slot, fit in fits.items() if fit.is_sure and (known or fit.is_varied)}
    # One that lies where the one in force does is that one.
    found = {
        slot: in_force[slot] if fit.low_ppm <= in_force[slot] <= fit.high_ppm else fit.coefficient_ppm
        for slot, fit in sure.items()
    }
    coefficients = {**in_force, **found}
    if not found or coefficients == in_force or sum(coefficients.values()) > PARTS_PER_MILLION:
        return None
    method = StaticCascadeKey if in_turn else StaticKey
    key = method(
        tuple(coefficients.get(slot, 0) for slot in range(len(ours.directions))),
        producer_ppm=getattr(ours.key, "producer_ppm", ()),
    )
    facts = {
        "kind": "fitted",
        "method": key.method,
        "coefficients": found,
        "in_force": {slot: in_force[slot] for slot in found} if ours.key.coefficients_ppm else {},
        "rows": sum(fit.rows for fit in sure.values()),
        "seen": sum(fit.seen for fit in sure.values()),
    }
    return Account(Cause.OTHER_COEFFICIENTS, facts), key
