"""The link terms of a ``flow`` key as canonical text, whose hash the rule holds on chain.

The text itself stays with the community: who prefers or gives energy to whom is personal. It speaks of slots, is JSON
without blanks, its keys in alphabetical order, its lists as the rule has them but for caps and donations, which are
sets and stand in slot order. Preferences keep their order, which is an order of wishes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from backend.commitments.keccak import keccak256
from backend.community import LinkCap, LinkTerms
from backend.errors import SharingKeyError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["hash_link_terms", "link_terms_text", "read_link_terms"]

_FIELDS = ("caps", "costs", "donations", "fairness_steps", "own_first", "preferences")


def link_terms_text(terms: LinkTerms, slots: Mapping[str, int]) -> str:
    """Link terms by slot, the same for everyone who writes them.

    Args:
        terms: Of the rule.
        slots: Slot by metering point id.
    """
    content = {
        "caps": sorted([slots[cap.producer], slots[cap.consumer], cap.max_power_watts] for cap in terms.caps),
        "costs": list(terms.costs),
        "donations": sorted([slots[producer], slots[consumer]] for producer, consumer in terms.donations),
        "fairness_steps": terms.fairness_steps,
        "own_first": terms.own_first,
        "preferences": [[slots[consumer], slots[producer]] for consumer, producer in terms.preferences],
    }
    return json.dumps(content, separators=(",", ":"), sort_keys=True)


def hash_link_terms(text: str) -> str:
    """Keccak of the text, 0x-hex: ``linkTerms`` of the rule."""
    return "0x" + keccak256(text.encode()).hex()


def read_link_terms(text: str, expected: str, points: Mapping[int, str]) -> LinkTerms:
    """The link terms that a text states.

    Args:
        text: As ``link_terms_text`` wrote it.
        expected: Hash that the rule holds, 0x-hex.
        points: Metering point id by slot.

    Raises:
        SharingKeyError: If it is not the text of the rule.
    """
    found = hash_link_terms(text)
    if found != expected:
        raise SharingKeyError(
            f"the link terms that are kept hash to {found}, the rule holds {expected}; restore them from a backup."
        )
    content: dict[str, Any] = json.loads(text)
    assert sorted(content) == list(_FIELDS), sorted(content)
    return LinkTerms(
        own_first=content["own_first"],
        preferences=tuple(
            (points[consumer], points[producer]) for consumer, producer in content["preferences"]
        ),
        donations=tuple((points[producer], points[consumer]) for producer, consumer in content["donations"]),
        caps=tuple(
            LinkCap(points[producer], points[consumer], watts)
            for producer, consumer, watts in content["caps"]
        ),
        fairness_steps=content["fairness_steps"],
        costs=tuple(content["costs"]),
    )
