"""What the compiled loops take and write, as named arrays.

``kernels.py`` lists the types of these fields in their order: change both at once, for its cache looks at that file
only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.int64]

__all__ = ["Given", "Interval"]


class Interval(NamedTuple):
    """What goes in.

    Attributes:
        method: Code of the key.
        slots: Highest slot plus one.
        consumption: Shape (T, n_c). [mWh]
        feed_in: Shape (T, n_p). [mWh]
        t_in_day: Shape (T,).
        weights: Shape (n_c,), coefficients in the order of ``columns``; of methods without, zeros. [ppm]
        schedule: Shape (T, n_c), coefficients of ``SCHEDULED``; (0, 0) of others. [ppm]
        columns: Shape (n_c,), the columns by tier.
        tier_ends: Shape (m,), where each tier ends among ``columns``; one tier of all but for ``PRIORITY``.
        tier_methods: Shape (m,).
        tier_weights: Shape (1, m) or (T, m): active slots of an ``EQUAL`` tier, else Σ coefficients of active ones.
        active: Shape (T, n_c), bool: whom to credit; (0, 0) where nobody is, or nobody is away.
        producer_slots: Shape (n_p,), ascending.
        producer_weights: Shape (n_p,), or (0,) without a producer key. [ppm]
    """

    method: int
    slots: int
    consumption: Values
    feed_in: Values
    t_in_day: Values
    weights: Values
    schedule: NDArray[np.int32]
    columns: Values
    tier_ends: Values
    tier_methods: Values
    tier_weights: Values
    active: NDArray[np.bool_]
    producer_slots: Values
    producer_weights: Values


class Given(NamedTuple):
    """What comes out, written.

    Attributes:
        allocated: Shape (T, n_c); of ``INCENTIVE`` what is credited. [mWh]
        shared: Shape (T, n_p); of ``INCENTIVE`` what is credited. [mWh]
        credited: Shape (T, n_c), or (0, 0) where nothing is. [mWh]
        rounds: Shape (T, r, 2).
        totals: Shape (T, 4): P, C, A [mWh], tau.
        codes: Shape (T,): ``FINE``, ``HUGE``, ``REFUSED`` or ``BROKEN``.
    """

    allocated: Values
    shared: Values
    credited: Values
    rounds: Values
    totals: Values
    codes: NDArray[np.uint8]
