"""What meters and a head measured by phase, made up with a truth that is known; and as the CSV that people hand in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["measured_powers"]


def measured_powers(
    truth: Mapping[str, tuple[int, ...]], start_utc: int, step_seconds: int, length: int = 96, seed: int = 3
) -> str:
    """CSV of powers of meters and of the head, which has the sum on each phase and what nobody measures.

    Args:
        truth: By place, the phases that it is on.
        start_utc: Of the first interval. [s since 1970, UTC]
        step_seconds: [s]
        length: Intervals.
        seed: Of what is drawn.
    """
    draw = np.random.default_rng(seed)
    watts = {place: draw.gamma(1.0, 800.0, length).round() for place in truth}
    head = draw.normal(150.0, 5.0, (3, length))
    for place, phases in truth.items():
        head[list(phases)] += watts[place] / len(phases)
    lines = ["start,place,terminal,watts"]
    for interval in range(length):
        start = datetime.fromtimestamp(start_utc + interval * step_seconds, UTC).isoformat()
        lines += [f"{start},{place},1,{values[interval]:.0f}" for place, values in watts.items()]
        lines += [f"{start},head,{phase + 1},{head[phase, interval]:.1f}" for phase in range(3)]
    return "\n".join(lines) + "\n"
