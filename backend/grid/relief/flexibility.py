"""What a connection could do without, or do at another time, and whether its owner lets it be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from math import isfinite
from typing import Any

from backend.errors import InputError

__all__ = ["FlexibilityKind", "FlexibleLoad", "read_flexible_loads"]

_HOURS = 24.0
_LOADS_MAX = 5000


class FlexibilityKind(Enum):
    """How a load gives way."""

    SHED = "shed"  # draws less, and not later
    SHIFT = "shift"  # draws less, and as much more at another time of the plan
    CURTAIL = "curtail"  # feeds in less


@dataclass(frozen=True, slots=True)
class FlexibleLoad:
    """A load that may give way.

    Attributes:
        id: Name.
        connection: Where it is.
        kind: How it gives way.
        watts: By how much at most. [W]
        from_hour: Local hour of the day from which it may; with ``to_hour`` it may go over midnight. [h]
        to_hour: Until which. [h]
        most_hours: Of its full power, in any 24 hours of the plan. [h]
        cost_per_kwh: What giving way is to be paid. [currency/kWh]
        is_whole: It gives way entirely or not at all.
        has_consented: Its owner lets it be asked.
    """

    id: str
    connection: str
    kind: FlexibilityKind
    watts: float
    from_hour: float = 0.0
    to_hour: float = _HOURS
    most_hours: float = _HOURS
    cost_per_kwh: float = 0.0
    is_whole: bool = False
    has_consented: bool = False

    def __post_init__(self) -> None:
        if not (isfinite(self.watts) and self.watts > 0):
            raise InputError(
                f'flexible load "{self.id}" could give way by {self.watts:g} W; give a power above zero.'
            )
        if not (0 <= self.from_hour < _HOURS and 0 < self.to_hour <= _HOURS):
            raise InputError(
                f'flexible load "{self.id}" may give way from {self.from_hour:g} to {self.to_hour:g}; hours of the day '
                "are from 0 to 24."
            )
        if not 0 < self.most_hours <= _HOURS:
            raise InputError(
                f'flexible load "{self.id}" may give way {self.most_hours:g} hours a day; above 0, at most 24.'
            )
        if not (isfinite(self.cost_per_kwh) and self.cost_per_kwh >= 0):
            raise InputError(
                f'flexible load "{self.id}" costs {self.cost_per_kwh:g} a kWh; give zero or more.'
            )

    def may_at(self, hour: float) -> bool:
        """May it give way at a local hour of the day?"""
        if self.from_hour < self.to_hour:
            return self.from_hour <= hour < self.to_hour
        return hour >= self.from_hour or hour < self.to_hour


_NUMBERS = {"watts", "from_hour", "to_hour", "most_hours", "cost_per_kwh"}
_TRUTHS = {"is_whole", "has_consented"}
_FIELDS = tuple(field.name for field in fields(FlexibleLoad))


def read_flexible_loads(told: Sequence[Mapping[str, Any]], where: str = "loads") -> tuple[FlexibleLoad, ...]:
    """Read loads as JSON tells them, by the names of ``FlexibleLoad``'s fields.

    Args:
        told: One mapping each.
        where: What messages call the list.

    Raises:
        InputError: If one lacks a field, has an unknown one or a value of another kind, or an id is there twice.
    """
    if len(told) > _LOADS_MAX:
        raise InputError(f"{where} has {len(told)} loads; at most {_LOADS_MAX} are planned with.")
    found: dict[str, FlexibleLoad] = {}
    for place, one in enumerate(told):
        load = _read(one, f"{where}[{place}]")
        if load.id in found:
            raise InputError(f'{where}[{place}]: the load "{load.id}" is there twice.')
        found[load.id] = load
    return tuple(found.values())


def _read(told: Mapping[str, Any], where: str) -> FlexibleLoad:
    if not isinstance(told, Mapping):
        raise InputError(f"{where} is {told!r}; a load is an object.")
    unknown = sorted(set(told) - set(_FIELDS))
    if unknown:
        raise InputError(f'{where} has "{unknown[0]}"; known are {", ".join(_FIELDS)}.')
    lacking = [name for name in ("id", "connection", "kind", "watts") if name not in told]
    if lacking:
        raise InputError(f'{where} lacks "{lacking[0]}".')
    values: dict[str, Any] = {}
    for name, value in told.items():
        if name in _NUMBERS:
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        elif name in _TRUTHS:
            fits = isinstance(value, bool)
        else:
            fits = isinstance(value, str) and 0 < len(value) <= 200  # noqa: PLR2004 -- an id fits a line
        if not fits:
            raise InputError(f"{where}.{name} is {str(value)[:60]!r}, which it cannot be.")
        values[name] = float(value) if name in _NUMBERS else value
    try:
        values["kind"] = FlexibilityKind(values["kind"])
    except ValueError:
        kinds = ", ".join(one.value for one in FlexibilityKind)
        raise InputError(f'{where}.kind is "{values["kind"]}"; known are {kinds}.') from None
    return FlexibleLoad(**values)
