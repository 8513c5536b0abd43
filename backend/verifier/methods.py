"""The law book's methods by their number on chain, and the form that each gives to a header (protocol, section 8)."""

from __future__ import annotations

from backend.verifier.chain_records import Rule, SharingKey

__all__ = [
    "CASCADE",
    "DYNAMIC",
    "EQUAL",
    "FLOW",
    "HYBRID",
    "INCENTIVE",
    "METHODS",
    "OPERATOR",
    "PAIRWISE",
    "PARTS_PER_MILLION",
    "PRIORITY",
    "SCHEDULED",
    "STATIC",
    "binds_operator",
    "count_rounds",
    "credits_any",
    "has_level",
    "is_scheduled",
]

DYNAMIC, STATIC, EQUAL, CASCADE, HYBRID, SCHEDULED, PAIRWISE, PRIORITY, FLOW, INCENTIVE = range(1, 11)
METHODS = range(DYNAMIC, INCENTIVE + 1)
"""All that this program knows."""

OPERATOR = 1
"""The source of a rule that lets the grid operator's allocation bind."""

PARTS_PER_MILLION = 1_000_000
_CONSUMER = 1


def binds_operator(rule: Rule) -> bool:
    """Say whether the grid operator's allocation binds, whatever the key would give."""
    return rule.source == OPERATOR


def is_scheduled(rule: Rule) -> bool:
    """Say whether coefficients come from a schedule."""
    return rule.key.method == SCHEDULED and not binds_operator(rule)


def credits_any(rule: Rule) -> bool:
    """Say whether rows may be credited energy that was not allocated to them."""
    rewarded = rule.key.method == INCENTIVE or rule.key.surplus_owner == _CONSUMER
    return rewarded and not binds_operator(rule)


def has_level(method: int) -> bool:
    """Say whether a method's header carries the level to which its pool is filled."""
    return method in {CASCADE, HYBRID}


def count_rounds(rule: Rule, producers: int) -> int:
    """Count the rounds of a header; ``producers`` are the feed-in slots of the period."""
    key: SharingKey = rule.key
    if binds_operator(rule):
        return 0
    of_method = {
        EQUAL: 1,
        CASCADE: 1,
        HYBRID: 1,
        PAIRWISE: len(key.producers),
        PRIORITY: len(key.tier_methods) + sum(has_level(method) for method in key.tier_methods),
        FLOW: producers,
    }
    return of_method.get(key.method, 0) + bool(key.producer_ppm)
