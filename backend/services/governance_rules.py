"""What members voted becomes what periods are settled by: the store's rule versions follow the chain's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, NotFoundError
from backend.governance import hash_conformity_terms, hash_link_terms
from backend.governance.typed_data import NO_HASH
from backend.ports import RuleVersionRecord
from backend.services.governance import find_governance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from backend.community import Rule
    from backend.ports import Records
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["refuse_unvoted_rule", "sync_rules"]

#: Of what is kept beside a rule: what it is, and how it is hashed.
_TEXTS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "linkTermsText": ("link terms of a flow key", hash_link_terms),
    "conformityTermsText": ("terms of conformity", hash_conformity_terms),
}


def sync_rules(context: SettlementContext, community: str) -> list[RuleVersionRecord]:
    """Keep every rule version that the chain has beyond those that are kept; asks the chain once where there is none.

    Returns:
        Those that are new here.

    Raises:
        NotFoundError: If there is no such community, or what a voted rule holds a hash of is kept nowhere.
    """
    with context.store.reading() as records:
        record = records.community(community)
        kept = len(records.rule_versions(community))
    latest = int(context.chain.read("rule_book", "latestVersion", record.anchor))
    found = [_version(context, community, record.anchor, version) for version in range(kept + 1, latest + 1)]
    if found:
        with context.store.transaction() as records:
            for version in found:
                records.add_rule_version(version)
    return found


def _version(context: SettlementContext, community: str, anchor: str, version: int) -> RuleVersionRecord:
    told: dict[str, Any] = context.chain.read("rule_book", "rule", anchor, version)
    hashes = {"linkTermsText": told["key"]["linkTerms"], "conformityTermsText": told["limits"]["terms"]}
    with context.store.reading() as records:
        texts = {
            name: "" if expected == NO_HASH else _text(records, community, name, expected)
            for name, expected in hashes.items()
        }
    return RuleVersionRecord(community, version, told["effectiveFrom"], {**told, **texts})


def _text(records: Records, community: str, name: str, expected: str) -> str:
    """The text that a voted rule holds the hash of, as its proposal kept it.

    Raises:
        NotFoundError: If no proposal or earlier version here has it.
    """
    what, hash_text = _TEXTS[name]
    rules = [proposal.content.get("rule") or {} for proposal in records.proposals(community)]
    rules += [version.definition for version in records.rule_versions(community)]
    for rule in rules:
        text = str(rule.get(name, ""))
        if text and hash_text(text) == expected:
            return text
    raise NotFoundError(
        f"members of {community} voted {what} (hash {expected[:10]}...) that are kept nowhere here; "
        "ask who proposed them for the text, or restore it from a backup."
    )


def refuse_unvoted_rule(context: SettlementContext, view: CommunityView, former: Rule | None) -> bool:
    """Whether members rule here, so that a community file sets no rule any more.

    Args:
        context: Ports.
        view: The community as its file says now.
        former: Rule of the file that was loaded before; None where none was.

    Raises:
        ConflictError: If they rule, and the file asks for another rule than the file before it.
    """
    if find_governance(context, view) is None:
        return False
    if view.community.rule != former:
        raise ConflictError(
            f"the rules of {view.record.id} are voted: partage propose {view.record.id} --rules RULES.toml "
            '--text "..." --as PARTICIPANT; put the former rule tables back into the community file to load the rest '
            "of it."
        )
    return True
