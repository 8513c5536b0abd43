"""Keys from the parameters of an allocation case, which are those of the rule book."""

from __future__ import annotations

import numpy as np

from backend.allocation.dynamic import DynamicKey
from backend.allocation.equal import EqualKey
from backend.allocation.hybrid import HybridKey
from backend.allocation.incentive import IncentiveKey
from backend.allocation.pairwise import PairwiseKey
from backend.allocation.priority import PriorityKey
from backend.allocation.scheduled import ScheduledKey
from backend.allocation.static import StaticKey
from backend.allocation.static_cascade import StaticCascadeKey
from tests.vectors.allocation_cases import METHODS

POOL_KEYS = {
    key.method: key for key in (DynamicKey, StaticKey, EqualKey, StaticCascadeKey, HybridKey, IncentiveKey)
}


def parameters_of(case):
    """What the file holds of a case's key."""
    return {
        "method": case.method,
        "slots": case.slots,
        "surplus_owner": case.surplus_owner,
        "coefficients_ppm": case.coefficients_ppm,
        "producers": case.producers,
        "pairs_ppm": case.pairs_ppm,
        "tier_methods": [METHODS.index(method) + 1 for method in case.tier_methods],
        "tiers": case.tiers,
        "producer_ppm": case.producer_ppm,
    }


def key_of_case(case):
    """The key of a case that was read from the file."""
    coefficients, producer_ppm = tuple(case["coefficients_ppm"]), tuple(case["producer_ppm"])
    credits_consumers = bool(case["surplus_owner"])
    if case["method"] == "pairwise":
        return PairwiseKey(tuple(case["producers"]), tuple(case["pairs_ppm"]))
    if case["method"] == "priority":
        return PriorityKey(
            coefficients,
            producer_ppm=producer_ppm,
            tier_methods=tuple(case["tier_methods"]),
            tiers=tuple(case["tiers"]),
        )
    if case["method"] == "scheduled":
        column = np.zeros((case["slots"], 1), dtype=np.int64)
        column[: len(coefficients), 0] = coefficients
        return ScheduledKey.of(column, producer_ppm=producer_ppm, credits_consumers=credits_consumers)
    return POOL_KEYS[case["method"]](
        coefficients, producer_ppm=producer_ppm, credits_consumers=credits_consumers
    )
