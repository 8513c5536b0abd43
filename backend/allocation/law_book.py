"""The law book: which method's name stands for which sharing key."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from backend.allocation.dynamic import DynamicKey
from backend.allocation.static import StaticKey
from backend.errors import SharingKeyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.allocation.sharing_key import SharingKey
    from backend.community import SharingKeyChoice

__all__ = ["METHODS", "sharing_key"]

METHODS = (DynamicKey.method, StaticKey.method)


def sharing_key(choice: SharingKeyChoice, slots: Mapping[str, int]) -> SharingKey:
    """The key that a community chose.

    Args:
        choice: Method and parameters.
        slots: Slot by metering point id, of all points that ever had one.

    Raises:
        SharingKeyError: If the method is unknown, lacks coefficients or has needless ones, or one names a point without
            slot; or if the surplus is not the producer's.
    """
    if choice.surplus_owner != "producer":
        raise SharingKeyError(
            f'surplus_owner is {choice.surplus_owner!r}; only "producer" can be settled: '
            "what the key leaves is sold by who fed it in."
        )
    if choice.method == DynamicKey.method:
        if choice.coefficients_ppm:
            raise SharingKeyError(
                'coefficients_ppm has no meaning for the method "dynamic", which shares by consumption; '
                'remove it or choose "static".'
            )
        return DynamicKey()
    if choice.method == StaticKey.method:
        return _static_key(choice.coefficients_ppm, slots)
    near = difflib.get_close_matches(choice.method, METHODS, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise SharingKeyError(f"There is no sharing key {choice.method!r}; there are {', '.join(METHODS)}.{hint}")


def _static_key(coefficients_ppm: Mapping[str, int], slots: Mapping[str, int]) -> StaticKey:
    if not any(coefficients_ppm.values()):
        raise SharingKeyError(
            'the method "static" needs coefficients_ppm, at least one above zero; without, nothing would be shared.'
        )
    weights = [0] * (max(slots.values(), default=-1) + 1)
    for point, coefficient in coefficients_ppm.items():
        if point not in slots:
            raise SharingKeyError(
                f"coefficients_ppm names metering point {point!r}, which has no slot in the community."
            )
        weights[slots[point]] = coefficient
    return StaticKey(tuple(weights))
