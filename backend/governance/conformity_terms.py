"""The terms by which readings are checked as canonical text, whose hash the rule holds on chain.

The text stays with the community. It is JSON without blanks, keys in alphabetical order, and states every parameter,
the software's own too, so that a later release checks by what was voted. A treatment that a rule has anyhow is left
out, and so is ``estimation`` where gaps are filled by similar days: silence means that in every release. Terms that are
the software's own have no text, and zero for a hash.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from backend.commitments.keccak import keccak256
from backend.errors import ConformityError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.metering.conformity import ConformityTerms
    from backend.metering.findings import Treatment

__all__ = ["conformity_terms_text", "hash_conformity_terms", "read_conformity_terms", "treatments_of"]

_SOFTWARES_OWN = "0x" + "00" * 32


def treatments_of(terms: ConformityTerms) -> Mapping[str, Treatment]:
    """What becomes of the readings that each rule finds, by the rule's id: the terms' word, or the rule's own."""
    # Here and below, not above: the rules bring NumPy, which only those who ask for them should wait for.
    from backend.metering.conformity import RULES

    return {rule.id: terms.treatments.get(rule.id, rule.treatment) for rule in RULES.values()}


def conformity_terms_text(terms: ConformityTerms) -> str:
    """Terms as text, the same for everyone who writes them; empty where they are the software's own."""
    from backend.metering.conformity import RULES, ConformityTerms

    content, own = terms.as_dict(), ConformityTerms().as_dict()
    content["treatments"] = {
        rule: word for rule, word in content["treatments"].items() if word != RULES[rule].treatment.value
    }
    if content == own:
        return ""
    if content["estimation"] == own["estimation"]:
        del content["estimation"]
    return json.dumps(content, separators=(",", ":"), sort_keys=True)


def hash_conformity_terms(text: str) -> str:
    """Keccak of the text, 0x-hex: ``limits.terms`` of the rule; zero of an empty text."""
    return "0x" + keccak256(text.encode()).hex() if text else _SOFTWARES_OWN


def read_conformity_terms(text: str, expected: str) -> ConformityTerms:
    """The terms that a text states.

    Args:
        text: As ``conformity_terms_text`` wrote it.
        expected: Hash that the rule holds, 0x-hex.

    Raises:
        ConformityError: If it is not the text of the rule, or names what this release does not know.
    """
    from backend.metering.conformity import ConformityTerms

    found = hash_conformity_terms(text)
    if found != expected:
        raise ConformityError(
            f"the terms of conformity that are kept hash to {found}, the rule holds {expected}; "
            "restore them from a backup."
        )
    return ConformityTerms.from_dict(json.loads(text)) if text else ConformityTerms()
