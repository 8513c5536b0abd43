"""What sharing changed for a participant, in cents, over all lines whoever bills them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend.billing.amounts import BANDS, Line, PointBands
from backend.billing.bill import Saving
from backend.community import SharingKeyChoice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community import Rule

__all__ = ["saving_of"]

_NOTHING = (0,) * BANDS
_UNSHARED = SharingKeyChoice("dynamic")  # what is fed in is its producer's

_EARNED = (Line.SOLD, Line.SURPLUS, Line.INCENTIVE)


def saving_of(points: Sequence[PointBands], lines: Sequence[int], rule: Rule) -> Saving:
    """Compare the bill with one where nothing had been shared.

    Without sharing everything consumed is residual supply at its band's price, plus network and excise; all feed-in is
    surplus of its producer; there is neither fee nor incentive. Both sides are net of VAT and rounded per point and
    line, as bills are.

    Args:
        points: The participant's points.
        lines: Its thirteen amounts. [cents]
        rule: In force.
    """
    unshared = replace(rule, sharing_key=_UNSHARED)
    cost_without = earned_without = 0
    for point in points:
        alone = PointBands(point.slot, point.direction, point.energy, _NOTHING).lines(unshared, point.slot)
        cost_without += sum(alone) - alone[Line.SURPLUS]
        earned_without += alone[Line.SURPLUS]
    earned_with = sum(lines[line] for line in _EARNED)
    cost_with = sum(lines) - earned_with
    return Saving(
        cost_without=cost_without,
        earned_without=earned_without,
        cost_with=cost_with,
        earned_with=earned_with,
        saving=(cost_without - earned_without) - (cost_with - earned_with),
    )
