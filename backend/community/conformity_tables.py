"""``[conformity]`` of a community file: what a batch may hold, and the terms by which readings are checked."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from backend.community.rule import ConformityLimits, GapTreatment
from backend.community.tables import name_nearest
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from collections.abc import Collection

    from backend.community.tables import Table
    from backend.metering.conformity import ConformityTerms

__all__ = ["LIMIT_KEYS", "changed_terms", "read_limits"]

LIMIT_KEYS = ("max_estimated_ppm", "max_missing_ppm", "gaps", "rules")
_LISTS = ("left_out", "treatments")


def read_limits(table: Table, kept: ConformityLimits) -> ConformityLimits:
    """The limits that a table states.

    Args:
        table: ``[conformity]``.
        kept: What holds where the table is silent. ``[conformity.rules]`` is one thing: where it is there, what it
            leaves out is the software's own.

    Raises:
        CommunityDefinitionError: Naming the place of the first thing that does not fit, and the nearest known word.
    """
    gaps = table.choice("gaps", [treatment.value for treatment in GapTreatment], kept.gaps.value)
    return ConformityLimits(
        max_estimated_ppm=table.integer("max_estimated_ppm", 0, PARTS_PER_MILLION, kept.max_estimated_ppm),
        max_missing_ppm=table.integer("max_missing_ppm", 0, PARTS_PER_MILLION, kept.max_missing_ppm),
        gaps=GapTreatment(gaps),
        terms=_read_terms(table) if table.has("rules") else kept.terms,
    )


def changed_terms(terms: ConformityTerms) -> dict[str, Any]:
    """The table ``[conformity.rules]`` that says these terms: only what is not the software's own."""
    own: dict[str, Any] = type(terms)().as_dict()
    changed: dict[str, Any] = {}
    for name, value in terms.as_dict().items():
        if value == own[name]:
            continue
        if name in _LISTS:
            changed[name] = value
        else:
            changed[name] = {key: number for key, number in value.items() if number != own[name][key]}
    return changed


def _read_terms(limits: Table) -> ConformityTerms:
    # Here, not above: the rules bring NumPy, which only those who name terms should wait for.
    from backend.metering.conformity import RULES, ConformityTerms

    names = [one.name for one in dataclasses.fields(ConformityTerms)]
    table = limits.inner("rules", names)
    assert table is not None  # the key is there
    read: dict[str, Any] = {
        name: _read_parameters(table, name) for name in names if name not in _LISTS and table.has(name)
    }
    if table.has("left_out"):
        read["left_out"] = _read_left_out(table, RULES)
    treatments = table.inner("treatments", RULES)
    if treatments is not None:
        words = [treatment.value for treatment in _treatments()]
        read["treatments"] = {rule: treatments.choice(rule, words) for rule in RULES if treatments.has(rule)}
    return ConformityTerms.from_dict(read)


def _treatments() -> Any:
    from backend.metering.findings import Treatment

    return Treatment


def _read_parameters(table: Table, name: str) -> dict[str, int | str]:
    from backend.metering.conformity import ConformityTerms

    bounds = {one.name: one.metadata for one in dataclasses.fields(getattr(ConformityTerms(), name))}
    inner = table.inner(name, bounds)
    assert inner is not None  # the caller looked
    return {
        key: inner.choice(key, said["choices"])
        if "choices" in said
        else inner.integer(key, said["least"], said["most"])
        for key, said in bounds.items()
        if inner.has(key)
    }


def _read_left_out(table: Table, rules: Collection[str]) -> list[str]:
    value = table.raw("left_out")
    if not isinstance(value, list):
        raise table.error("left_out", 'is no list; write the ids of rules, such as ["spike", "zero-run"]')
    for rule in value:
        if not isinstance(rule, str) or rule not in rules:
            told = name_nearest(rule, rules) if isinstance(rule, str) else f"known are {', '.join(rules)}"
            raise table.error("left_out", f"names {rule!r}, which is no rule; {told.removesuffix('.')}")
    return value
