"""Kinds of faults: where each can be put, which rules ought to see it, and which are right to report where it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from backend.metering.inspection import ABSENT
from backend.metering.points import CONSUMPTION
from backend.services.benchmarks import conformity_faults as faults
from backend.services.benchmarks.conformity_faults import Target

__all__ = ["FEEDER_KIND", "KINDS", "FaultKind"]

FEEDER_KIND = "loss behind the feeder"


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault.

    Attributes:
        name: In reports.
        rules: Those that ought to find it, any of them.
        witnesses: Further rules that are right to report where it is.
        gross: Is it one that nobody may overlook?
        fits: Can it be put there?
        put: Changes the target, and gives the intervals [first, until) that it changed; None where it could not.
    """

    name: str
    rules: frozenset[str]
    witnesses: frozenset[str]
    gross: bool
    fits: Callable[[Target], bool]
    put: Callable[[Target, np.random.Generator], tuple[int, int] | None]


def _nowhere(_: Target) -> bool:
    """Kinds that have worlds of their own."""
    return False


def _anywhere(_: Target) -> bool:
    return True


def _loads(target: Target) -> bool:
    return target.direction == CONSUMPTION


def _steady_loads(target: Target) -> bool:
    """Consumption that is seldom zero: a load without a roof behind the same meter."""
    known = target.energy[target.energy != ABSENT]
    return _loads(target) and int(np.count_nonzero(known == 0)) * 100 < len(known)


def _loads_alone(target: Target) -> bool:
    return _loads(target) and target.partner is None


def _roofs(target: Target) -> bool:
    return target.is_solar


def _located_roofs(target: Target) -> bool:
    return target.is_solar and target.is_located


def _loads_beside_roofs(target: Target) -> bool:
    return _loads(target) and target.partner is not None


def _pairs(target: Target) -> bool:
    return target.is_solar and target.partner is not None


def _kind(
    name: str,
    put: Callable[[Target, np.random.Generator], tuple[int, int] | None],
    rules: str,
    witnesses: str = "",
    *,
    fits: Callable[[Target], bool] = _anywhere,
    gross: bool = True,
) -> tuple[str, FaultKind]:
    primary = frozenset(rules.split())
    return name, FaultKind(name, primary, primary | frozenset(witnesses.split()), gross, fits, put)


_SIZE = "unit multiplier spike high low range clear-sky feed-in-at-night register"
KINDS: Mapping[str, FaultKind] = dict(
    [
        _kind("missing days", faults.put_missing_days, "gap"),
        _kind("wrong step", faults.put_wrong_step, "interval-count", "gap clock-change"),
        _kind("negative", faults.put_negative, "negative", "gap interval-count clock-change"),
        _kind("duplicate", faults.put_duplicates, "duplicate"),
        _kind("half a step late", faults.put_moved, "off-grid overlap", "gap interval-count clock-change"),
        _kind("clock change", faults.put_clock_change, "clock-change", "gap"),
        _kind("unit", faults.put_unit, "unit", _SIZE),
        _kind("multiplier, 5 to 100", faults.put_multiplier, "multiplier unit", _SIZE),
        _kind("multiplier, 2 to 4", faults.put_small_multiplier, "multiplier", _SIZE, gross=False),
        _kind("factor to the register", faults.put_register_factor, "register", _SIZE),
        _kind("loss against the register", faults.put_register_loss, "register", "low multiplier"),
        _kind("multiplier, with register", faults.put_registered_multiplier, "register multiplier", _SIZE),
        _kind("beyond the connection", faults.put_beyond_connection, "range", _SIZE),
        _kind(FEEDER_KIND, faults.put_theft, "feeder", fits=_nowhere, gross=False),
        _kind("spike", faults.put_spike, "spike", _SIZE),
        _kind("stuck", faults.put_stuck, "stuck", "feed-in-at-night high low swapped clear-sky clock-drift"),
        _kind("zeros", faults.put_zeros, "zero-run silent", "low", fits=_steady_loads, gross=False),
        _kind("high", faults.put_high, "high", _SIZE, fits=_loads, gross=False),
        _kind("low", faults.put_low, "low", _SIZE, fits=_steady_loads, gross=False),
        _kind(
            "clock of a roof",
            faults.put_drift,
            "clock-drift",
            "feed-in-at-night clear-sky",
            fits=_roofs,
            gross=False,
        ),
        _kind("clock of a load", faults.put_drift, "clock-drift", fits=_loads_alone, gross=False),
        _kind("solar at night", faults.put_at_night, "feed-in-at-night", "swapped clear-sky", fits=_roofs),
        _kind("above clear sky", faults.put_above_sky, "clear-sky", _SIZE, fits=_located_roofs, gross=False),
        _kind(
            "swapped",
            faults.put_swap,
            "swapped",
            f"load-follows-sun silent zero-run {_SIZE} clock-drift",
            fits=_pairs,
        ),
        _kind(
            "solar as load",
            faults.put_sun,
            "load-follows-sun",
            f"swapped silent clock-drift {_SIZE}",
            fits=_loads_beside_roofs,
        ),
    ]
)
