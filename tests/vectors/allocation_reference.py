"""The reference of ``allocation.json``: docs/protocol.md section 8 word by word, slow on purpose.

Plain integers and fractions, sharing no line with ``backend/allocation``: levels are found by trying one set of
satisfied slots after the other, thresholds by trying every number.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Any

from tests.vectors.allocation_cases import PPM, Case

WITH_OWNER = ("static", "equal", "scheduled")
WITHOUT_SPLIT = ("pairwise", "flow", "incentive")

Round = tuple[int, int]
Shares = dict[int, int]


def allocate(case: Case) -> dict[str, Any]:
    """One interval by the protocol's words."""
    pool, used = sum(case.fed.values()), sum(case.used.values())
    shares, rounds, parts = consumers_of(case, pool)
    total = sum(shares.values())
    credited = dict.fromkeys(case.energy, 0) | credits_of(case, pool, used, shares)
    if case.method == "pairwise":
        split = {slot: served_by(rounds, case.producers, slot) for slot in case.fed}
        tau = 0
    elif case.method == "incentive":
        split, tau = dict.fromkeys(case.fed, 0), 0
    elif case.producer_ppm:
        split, tau, level, given = split_by_key(case, total, pool)
        rounds = [*rounds, level]
        parts = {slot: [*row, (0, 0)] for slot, row in parts.items()}
        for slot, part in given.items():
            parts[slot] = [(0, 0)] * (len(rounds) - 1) + [part]
    else:
        split, tau = split_plainly(case, total, pool)
    nothing: list[Round] = [(0, 0)] * len(rounds)
    return {
        "P": pool,
        "C": used,
        "A": total,
        "tau": tau,
        "rounds": rounds,
        "allocated": [(shares | split)[slot] for slot in case.energy],
        "parts": [parts.get(slot, nothing) for slot in case.energy],
        "credited": [credited[slot] for slot in case.energy],
    }


def consumers_of(case: Case, pool: int) -> tuple[Shares, list[Round], dict[int, list[Round]]]:
    """Each consumption slot's allocation, the rounds of the header, and what each slot contributes to them."""
    if case.method == "priority":
        return by_tiers(case, pool)
    if case.method == "pairwise":
        return by_pairs(case)
    if case.method == "incentive":
        return dict.fromkeys(case.used, 0), [], {}
    method = "static" if case.method == "scheduled" else case.method
    shares, level, parts = by_pool(method, case.used, case.coefficient, pool)
    if method == "equal":
        return shares, [(pool, len(case.used))], {slot: [(0, 1)] for slot in case.used}
    if level is None:
        return shares, [], {}
    return shares, [level], {slot: [part] for slot, part in parts.items()}


def by_pool(method: str, used: Shares, k: Shares, pool: int) -> tuple[Shares, Round | None, dict[int, Round]]:
    """One pool shared by one of the methods 1 to 5; the level and its contributions for 4 and 5."""
    entitled = {slot: floor(Fraction(pool * k[slot], PPM)) for slot in used}
    if method == "dynamic":
        return {slot: in_proportion(pool, c, sum(used.values())) for slot, c in used.items()}, None, {}
    if method == "static":
        return {slot: min(c, entitled[slot]) for slot, c in used.items()}, None, {}
    if method == "equal":
        part = floor(Fraction(pool, len(used))) if used else 0
        return {slot: min(c, part) for slot, c in used.items()}, None, {}
    if method == "hybrid":
        first = {slot: min(c, entitled[slot]) for slot, c in used.items()}
        still = {slot: c - first[slot] for slot, c in used.items()}
        left, wanted = pool - sum(first.values()), sum(still.values())
        shares = {slot: first[slot] + in_proportion(left, still[slot], wanted) for slot in used}
        return shares, (left, wanted), {slot: (first[slot], still[slot]) for slot in used}
    assert method == "static_cascade", method
    satisfied, level, weight = find_level({s: c for s, c in used.items() if k[s]}, k, pool)
    shares = {
        slot: c if slot in satisfied else floor(Fraction(level * k[slot], weight)) if weight else 0
        for slot, c in used.items()
    }
    parts = {slot: (c, 0) if slot in satisfied else (0, k[slot]) for slot, c in used.items()}
    return shares, (level, weight), parts


def in_proportion(pool: int, part: int, whole: int) -> int:
    """A part of the whole is served in full where the pool suffices for the whole, else in proportion."""
    return part if pool >= whole else floor(Fraction(pool * part, whole))


def find_level(limits: Shares, weights: Mapping[int, int], pool: int) -> tuple[set[int], int, int]:
    """Who is satisfied, the pool left for the others and their weight: the first set that bears itself out.

    Sets are tried in the order of limit per weight, for whoever has more of it is satisfied later.
    """
    if sum(limits.values()) <= pool:
        return set(limits), pool - sum(limits.values()), 0
    order = sorted(limits, key=lambda slot: Fraction(limits[slot], weights[slot]))
    for count in range(len(order) + 1):
        satisfied = set(order[:count])
        level = pool - sum(limits[slot] for slot in satisfied)
        weight = sum(weights[slot] for slot in order[count:])
        if satisfied == {slot for slot in limits if limits[slot] * weight <= weights[slot] * level}:
            return satisfied, level, weight
    raise AssertionError((limits, weights, pool))


def by_tiers(case: Case, pool: int) -> tuple[Shares, list[Round], dict[int, list[Round]]]:
    """Tier by tier; a tier of method 4 or 5 has its level right after its own round."""
    shares: Shares = {}
    rounds: list[Round] = []
    mine: dict[int, dict[int, Round]] = {slot: {} for slot in case.used}
    left = pool
    for tier, method in enumerate(case.tier_methods):
        used = {slot: c for slot, c in case.used.items() if case.tier_of(slot) == tier}
        got, level, parts = by_pool(method, used, case.coefficient, left)
        weights = (
            used
            if method == "dynamic"
            else dict.fromkeys(used, 1)
            if method == "equal"
            else {slot: case.coefficient[slot] for slot in used}
        )
        for slot in used:
            mine[slot][len(rounds)] = (got[slot], weights[slot])
        rounds.append((left, sum(weights.values())))
        if level is not None:
            for slot in used:
                mine[slot][len(rounds)] = parts[slot]
            rounds.append(level)
        shares |= got
        left -= sum(got.values())
    return (
        shares,
        rounds,
        {slot: [own.get(place, (0, 0)) for place in range(len(rounds))] for slot, own in mine.items()},
    )


def by_pairs(case: Case) -> tuple[Shares, list[Round], dict[int, list[Round]]]:
    """What each producer gives each consumer, scaled where it is more than is used."""
    count = len(case.producers)
    gifts: dict[int, list[int]] = {}
    for slot, c in case.used.items():
        offers = [
            floor(Fraction(case.fed.get(producer, 0) * case.pair(slot, r), PPM))
            for r, producer in enumerate(case.producers)
        ]
        offered = sum(offers)
        gifts[slot] = [offer if offered <= c else floor(Fraction(offer * c, offered)) for offer in offers]
    rounds = [
        (case.fed.get(producer, 0), sum(row[r] for row in gifts.values()))
        for r, producer in enumerate(case.producers)
    ]
    parts = {slot: [(row[r], 0) for r in range(count)] for slot, row in gifts.items()}
    return {slot: sum(row) for slot, row in gifts.items()}, rounds, parts


def served_by(rounds: list[Round], producers: tuple[int, ...], slot: int) -> int:
    """What a producer gave by a pairwise key: the weight of its round."""
    return rounds[producers.index(slot)][1] if slot in producers else 0


def credits_of(case: Case, pool: int, used: int, shares: Shares) -> Shares:
    """What consumers were entitled to and did not use; what an incentive counts as shared."""
    if case.method == "incentive":
        both = min(pool, used)
        consumers = {slot: floor(Fraction(both * c, used)) if used else 0 for slot, c in case.used.items()}
        producers = {slot: floor(Fraction(both * g, pool)) if pool else 0 for slot, g in case.fed.items()}
        return consumers | producers
    if not case.surplus_owner or case.method not in WITH_OWNER:
        return {}
    if case.method == "equal":
        return {slot: floor(Fraction(pool, len(case.used))) - shares[slot] for slot in case.used}
    return {slot: floor(Fraction(pool * case.coefficient[slot], PPM)) - shares[slot] for slot in case.used}


def split_plainly(case: Case, total: int, pool: int) -> tuple[Shares, int]:
    """The producers' parts in proportion to feed-in, and tau."""
    if pool == 0:
        return dict.fromkeys(case.fed, 0), 0
    return lift(case, total, {slot: Fraction(total * g, pool) for slot, g in case.fed.items()})


def split_by_key(case: Case, total: int, pool: int) -> tuple[Shares, int, Round, dict[int, Round]]:
    """The producers' parts by a producer key, tau, the level, and what each producer contributes to it."""
    q = {slot: max(1, at(case.producer_ppm, slot)) for slot in case.fed}
    if total == pool:
        return dict(case.fed), 0, (0, 0), {slot: (g, 0) for slot, g in case.fed.items()}
    satisfied, level, weight = find_level(case.fed, q, total)
    exact = {
        slot: Fraction(g) if slot in satisfied else Fraction(level * q[slot], weight)
        for slot, g in case.fed.items()
    }
    given = {slot: (g, 0) if slot in satisfied else (0, q[slot]) for slot, g in case.fed.items()}
    shares, tau = lift(case, total, exact)
    return shares, tau, (level, weight), given


def lift(case: Case, total: int, exact: dict[int, Fraction]) -> tuple[Shares, int]:
    """Whole parts that sum to the total: fractions are lifted for turns below tau, the least that does."""
    for tau in range(case.slots + 1):
        parts = {
            slot: floor(part) + (part.denominator != 1 and (slot + case.t) % case.slots < tau)
            for slot, part in exact.items()
        }
        if sum(parts.values()) == total:
            return parts, tau
    raise AssertionError((case, total))


def at(values: tuple[int, ...], slot: int) -> int:
    """The slot's value, zero beyond the end."""
    return values[slot] if slot < len(values) else 0
