"""What sharing changed for a participant, in cents, over all lines whoever bills them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.billing.amounts import BANDS, Line, PointBands
from backend.billing.bill import Saving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community import Tariff

__all__ = ["saving_of"]

_NOTHING = (0,) * BANDS


def saving_of(points: Sequence[PointBands], lines: Sequence[int], tariff: Tariff) -> Saving:
    """Compare the bill with one where nothing had been shared.

    Without sharing everything consumed is residual supply at its band's price, plus network; all feed-in is surplus;
    there is no fee. Both sides are net of VAT and rounded per point and line, as bills are.

    Args:
        points: The participant's points.
        lines: Its nine amounts. [cents]
        tariff: In force.
    """
    cost_without = earned_without = 0
    for point in points:
        alone = PointBands(point.slot, point.direction, point.energy, _NOTHING).lines(tariff)
        cost_without += sum(alone[: Line.FEE])
        earned_without += alone[Line.SURPLUS]
    cost_with = sum(lines[: Line.FEE + 1])
    earned_with = lines[Line.SOLD] + lines[Line.SURPLUS]
    return Saving(
        cost_without=cost_without,
        earned_without=earned_without,
        cost_with=cost_with,
        earned_with=earned_with,
        saving=(cost_without - earned_without) - (cost_with - earned_with),
    )
