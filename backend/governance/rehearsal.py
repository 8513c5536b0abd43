"""What another rule would have done: each member's figures under both, and what they come to.

A member *gains* what its power costs less: all lines of its bills, whoever bills them, net of VAT, less what it earns.
That is the difference of its savings, unless the rules differ in what power costs where nothing is shared.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from backend.governance.distribution import (
    FEWEST,
    count_by_class,
    gini_of,
    quantiles_of,
    shown_groups,
    sum_gains,
    worst_off,
)
from backend.quantities import PARTS_PER_MILLION, format_cents, format_kilowatt_hours, multiply_divide_down

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["MemberFigures", "MemberLine", "compare_members", "total_members"]

_GROUPS = ("consumer", "producer", "prosumer")


@dataclass(frozen=True, slots=True)
class MemberFigures:
    """A participant's figures over one period or more, under one rule.

    Attributes:
        consumption: [mWh]
        feed_in: [mWh]
        allocated: To its consumption. [mWh]
        shared: Of its feed-in. [mWh]
        counted: Of its consumption, what an incentive counts as shared though nothing is allocated. [mWh]
        debit: Owed by it on the bills, VAT included. [cents]
        credit: Owed to it on the bills, VAT included. [cents]
        fees: [cents]
        cost: All lines less what is earned, whoever bills them, net of VAT. [cents]
        saving: What the same would have cost without sharing, less the cost. [cents]
    """

    consumption: int = 0
    feed_in: int = 0
    allocated: int = 0
    shared: int = 0
    counted: int = 0
    debit: int = 0
    credit: int = 0
    fees: int = 0
    cost: int = 0
    saving: int = 0

    @property
    def bill(self) -> int:
        """What is to pay in the end, negative where the participant receives. [cents]"""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A participant under today's rule and under the proposed one.

    Attributes:
        participant: Id.
        consumes: Has a consumption point.
        produces: Has a feed-in point.
        energy_poor: As the community file says.
        before: Today.
        after: Proposed.
    """

    participant: str
    consumes: bool
    produces: bool
    energy_poor: bool
    before: MemberFigures
    after: MemberFigures

    @property
    def group(self) -> str:
        """Consumer, producer or prosumer."""
        return "consumer" if not self.produces else "prosumer" if self.consumes else "producer"

    @property
    def gain(self) -> int:
        """What its power costs less. [cents]"""
        return self.before.cost - self.after.cost

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: energies as decimal strings [kWh], bills as decimal strings [EUR], the rest in whole cents."""
        sides = (("before", self.before), ("after", self.after))
        line: dict[str, Any] = {"participant": self.participant, "group": self.group}
        for name in ("energy", "consumption", "feed_in", "allocated", "shared", "counted"):
            for side, figures in sides:
                value = self._energy(figures) if name == "energy" else getattr(figures, name)
                line[f"{name}_{side}_kwh"] = format_kilowatt_hours(value)
        for side, figures in sides:
            line[f"bill_{side}"] = format_cents(figures.bill)
        line["bill_difference_cents"] = self.after.bill - self.before.bill
        for name in ("cost", "saving"):
            for side, figures in sides:
                line[f"{name}_{side}_cents"] = getattr(figures, name)
        return line | {"gain_cents": self.gain}

    def _energy(self, figures: MemberFigures) -> int:
        """What it was allocated, or, of who only produces, what was shared. [mWh]"""
        return figures.allocated if self.consumes else figures.shared


_AMOUNTS = attrgetter(*(field.name for field in fields(MemberFigures)))


def total_members(figures: Iterable[MemberFigures]) -> MemberFigures:
    """All of them together."""
    columns = zip(*map(_AMOUNTS, figures), strict=True)
    return MemberFigures(*map(sum, columns))


def compare_members(lines: Sequence[MemberLine]) -> dict[str, Any]:
    """What all members may see of a comparison: no line, no name, nothing behind which fewer than five stand.

    Args:
        lines: At least one; their order changes nothing.

    Returns:
        ``community``, ``distribution``, ``groups`` and ``energy_poor``, JSON-ready.
    """
    gains = [line.gain for line in lines]
    before, after = ([getattr(line, side).saving for line in lines] for side in ("before", "after"))
    ginis = [gini_of(savings) for savings in (before, after)]
    members = {group: [line for line in lines if line.group == group] for group in _GROUPS}
    shown = shown_groups({group: len(found) for group, found in members.items()})
    poor = [line for line in lines if line.energy_poor]
    return {
        "community": _summary(lines) | _rates(lines),
        "distribution": {
            **sum_gains(gains),
            "gain_quantiles_cents": quantiles_of(gains),
            "gain_classes": count_by_class(gains),
            "saving_gini_before": ginis[0].as_dict() if ginis[0] else None,
            "saving_gini_after": ginis[1].as_dict() if ginis[1] else None,
            "worst_off": worst_off(before, after),
        },
        "groups": {group: _summary(found) for group, found in members.items() if group in shown},
        "energy_poor": _summary(poor) if _may_show(len(poor), len(lines)) else None,
    }


def _may_show(count: int, whole: int) -> bool:
    """Do five or more stand behind a part, and nobody or five or more behind what is left of the whole?"""
    return count >= FEWEST and not 0 < whole - count < FEWEST


def _summary(lines: Sequence[MemberLine]) -> dict[str, Any]:
    """Sums, JSON-ready as those of a line."""
    summary: dict[str, Any] = {"members": len(lines)}
    sides = [(side, total_members(getattr(line, side) for line in lines)) for side in ("before", "after")]
    for side, total in sides:
        summary[f"energy_{side}_kwh"] = format_kilowatt_hours(total.allocated)
    for name in ("consumption", "feed_in", "allocated", "shared", "counted"):
        for side, total in sides:
            summary[f"{name}_{side}_kwh"] = format_kilowatt_hours(getattr(total, name))
    for side, total in sides:
        summary[f"bill_{side}"] = format_cents(total.bill)
    summary["bill_difference_cents"] = sides[1][1].bill - sides[0][1].bill
    for name in ("debit", "credit", "fees", "cost", "saving"):
        for side, total in sides:
            summary[f"{name}_{side}_cents"] = getattr(total, name)
    return summary | {"gain_cents": sides[0][1].cost - sides[1][1].cost}


def _rates(lines: Sequence[MemberLine]) -> dict[str, Any]:
    """How much of the feed-in is used, and of the consumption covered, within the community; rounded down. [ppm]"""
    rates: dict[str, Any] = {}
    for side in ("before", "after"):
        total = total_members(getattr(line, side) for line in lines)
        used = total.shared or total.counted  # an incentive counts what it does not allocate
        for name, whole in (("self_consumption", total.feed_in), ("self_sufficiency", total.consumption)):
            rates[f"{name}_{side}_ppm"] = (
                multiply_divide_down(used, PARTS_PER_MILLION, whole) if whole else None
            )
    return rates
