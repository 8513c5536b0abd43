"""The rule tables of a community file as plain data: what pages send and show, and commands read from files.

The same readers take both, so that a form can say nothing that a file could not.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from backend.community.definition import read_rule_document
from backend.community.tables import Document
from backend.community.writing import rule_tables
from backend.errors import CommunityDefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.community.members import Community
    from backend.community.rule import Rule

__all__ = ["form_of_rule", "read_rule_form"]

_DEPTH_MAX = 6


def form_of_rule(rule: Rule) -> dict[str, Any]:
    """The tables that say a rule, by name; JSON-ready, prices as exact decimals in quotes."""
    form: dict[str, Any] = {}
    for name, pairs in rule_tables(rule):
        outer, _, inner = name.partition(".")
        if inner:
            form[outer][inner] = dict(pairs)
        else:
            form[name] = dict(pairs)
    form["conformity"].setdefault("rules", {})  # where it is absent, today's terms would stay
    told: dict[str, Any] = json.loads(json.dumps(form))  # what JSON makes of it, nobody else's to change
    return told


def read_rule_form(form: Mapping[str, Any], name: str, community: Community) -> Rule:
    """The rule that tables state.

    Args:
        form: Any of the tables ``settlement``, ``allocation``, ``sharing_key``, ``conformity``, ``tariff``.
        name: What messages call it.
        community: Tables that are absent keep its rule; coefficients must name its points.

    Raises:
        CommunityDefinitionError: Naming table, key and value of the first thing that does not fit.
    """
    if _depth(form) > _DEPTH_MAX:
        raise CommunityDefinitionError(f"{name}: the tables are nested too deeply to be a rule.")
    return read_rule_document(Document.of_tables(form, name), community)


def _depth(value: object) -> int:
    """How deeply lists and tables are nested, counted no further than is refused."""
    level, depth = [value], 0
    while level and depth <= _DEPTH_MAX:
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list):
                inner += item
        level, depth = inner, depth + 1
    return depth
