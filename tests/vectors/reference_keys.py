"""The law book of sharing keys in the plainest Python (protocol, section 8): one interval at a time, whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.vectors.reference_flow import BIAS, Network, solve

Json = dict[str, Any]
BySlot = dict[int, int]
MILLION = 1_000_000
DYNAMIC, STATIC, EQUAL, CASCADE, HYBRID, SCHEDULED, PAIRWISE, PRIORITY, FLOW, INCENTIVE = range(1, 11)


@dataclass
class Outcome:
    """What a key makes of an interval.

    Attributes:
        given: Allocated energy by consumption slot.
        rounds: Of the header, [pool, weight] each.
        parts: By slot what its row gives to the stairs, [given, weight] per round.
        shared: What was taken of each feed-in slot.
        tau: Who gets the odd milliwatt-hours of the producers.
        credited: By slot.
        flows: Energy by (producer's slot, consumer's slot), where the key says it.
        potentials: By slot, of ``flow``.
    """

    given: BySlot
    rounds: list[list[int]] = field(default_factory=list)
    parts: dict[int, list[list[int]]] = field(default_factory=dict)
    shared: BySlot = field(default_factory=dict)
    tau: int = 0
    credited: BySlot = field(default_factory=dict)
    flows: dict[tuple[int, int], int] | None = None
    potentials: BySlot | None = None


def share(
    key: Json, slots: int, t: int, wanted: BySlot, feed_in: BySlot, scheduled: BySlot | None = None
) -> Outcome:
    """Share an interval: ``wanted`` and ``feed_in`` hold the slots that are active on its day.

    ``scheduled`` are the interval's coefficients by slot, of a scheduled key.
    """
    pool, method = sum(feed_in.values()), key["method"]
    coefficients = scheduled if scheduled is not None else by_place(key["coefficientsPpm"])
    if method == PAIRWISE:
        return share_pairwise(key, wanted, feed_in)
    if method == INCENTIVE:
        return share_incentive(pool, wanted, feed_in)
    if method == PRIORITY:
        outcome = share_priority(key, pool, wanted, coefficients)
    else:
        outcome = share_pool(method, pool, wanted, coefficients)
        if method == EQUAL:
            outcome.rounds, outcome.parts = [[pool, len(wanted)]], {slot: [[0, 1]] for slot in wanted}
    if key["surplusOwner"] == 1:
        entitled = (
            dict.fromkeys(wanted, pool // len(wanted) if wanted else 0)
            if method == EQUAL
            else {slot: pool * coefficients.get(slot, 0) // MILLION for slot in wanted}
        )
        outcome.credited = {slot: entitled[slot] - outcome.given[slot] for slot in wanted}
    total = sum(outcome.given.values())
    if key["producerPpm"]:
        split_by_key(key["producerPpm"], slots, t, feed_in, total, outcome)
    else:
        outcome.tau, outcome.shared = split(slots, t, feed_in, total)
    for slot in (*wanted, *feed_in):
        outcome.parts.setdefault(slot, [[0, 0] for _ in outcome.rounds])
    return outcome


def by_place(listed: list[int]) -> BySlot:
    return dict(enumerate(listed))


def share_pool(method: int, pool: int, wanted: BySlot, coefficients: Mapping[int, int]) -> Outcome:
    """Share a pool by one of the methods 1 to 6; the rounds are those of ``static_cascade`` and ``hybrid``."""
    k = {slot: coefficients.get(slot, 0) for slot in wanted}
    fixed = {slot: min(wanted[slot], pool * k[slot] // MILLION) for slot in wanted}
    if method == DYNAMIC:
        return Outcome(proportional(pool, wanted))
    if method in (STATIC, SCHEDULED):
        return Outcome(fixed)
    if method == EQUAL:
        return Outcome({slot: min(energy, pool // len(wanted)) for slot, energy in wanted.items()})
    if method == CASCADE:
        left, weight, satisfied = find_level(pool, wanted, k)
        given = {
            slot: energy if slot in satisfied else left * k[slot] // weight if weight else 0
            for slot, energy in wanted.items()
        }
        parts = {
            slot: [[energy, 0] if slot in satisfied else [0, k[slot]]] for slot, energy in wanted.items()
        }
        return Outcome(given, [[left, weight]], parts)
    assert method == HYBRID
    rest = {slot: energy - fixed[slot] for slot, energy in wanted.items()}
    left = pool - sum(fixed.values())
    more = proportional(left, rest)
    return Outcome(
        {slot: fixed[slot] + more[slot] for slot in wanted},
        [[left, sum(rest.values())]],
        {slot: [[fixed[slot], rest[slot]]] for slot in wanted},
    )


def proportional(pool: int, wanted: BySlot) -> BySlot:
    total = sum(wanted.values())
    return {slot: energy if pool >= total else pool * energy // total for slot, energy in wanted.items()}


def find_level(pool: int, wanted: BySlot, weights: Mapping[int, int]) -> tuple[int, int, set[int]]:
    """Fill all in proportion to their weights until each is full or the pool is empty.

    Returns:
        What is left for those who are not full, their weights together, and who is full.
    """
    full: set[int] = set()
    while True:
        left = pool - sum(wanted[slot] for slot in full)
        weight = sum(weights[slot] for slot in wanted if slot not in full)
        now = {s for s, w in wanted.items() if weights[s] > 0 and w * weight <= weights[s] * left}
        if now == full:
            return left, weight, full
        full = now


def share_priority(key: Json, pool: int, wanted: BySlot, coefficients: Mapping[int, int]) -> Outcome:
    tiers: list[int] = key["tierMethods"]
    of_slot = {s: key["tiers"][s] if s < len(key["tiers"]) else len(tiers) - 1 for s in wanted}
    outcome = Outcome({})
    shown: list[
        tuple[int, dict[int, list[list[int]]]]
    ] = []  # per tier: how many rounds, and who gives what to them
    for tier, method in enumerate(tiers):
        served = {slot: energy for slot, energy in wanted.items() if of_slot[slot] == tier}
        inner = share_pool(method, pool, served, coefficients)
        weights = {
            slot: energy if method == DYNAMIC else 1 if method == EQUAL else coefficients.get(slot, 0)
            for slot, energy in served.items()
        }
        outcome.rounds += [[pool, sum(weights.values())], *inner.rounds]
        parts = {s: [[inner.given[s], weights[s]], *inner.parts.get(s, [])] for s in served}
        shown.append((1 + len(inner.rounds), parts))
        outcome.given |= inner.given
        pool -= sum(inner.given.values())
    outcome.parts = {
        slot: [pair for count, parts in shown for pair in parts.get(slot, [[0, 0]] * count)]
        for slot in wanted
    }
    return outcome


def share_pairwise(key: Json, wanted: BySlot, feed_in: BySlot) -> Outcome:
    producers: list[int] = key["producers"]
    pairs = by_place(key["coefficientsPpm"])
    flows: dict[tuple[int, int], int] = {}
    for slot, energy in wanted.items():
        entitled = [
            feed_in.get(producer, 0) * pairs.get(slot * len(producers) + r, 0) // MILLION
            for r, producer in enumerate(producers)
        ]
        total = sum(entitled)
        for producer, part in zip(producers, entitled, strict=True):
            flows[producer, slot] = part if total <= energy else part * energy // total
    shared = {
        slot: sum(flows[slot, other] for other in wanted) if slot in producers else 0 for slot in feed_in
    }
    parts = {slot: [[flows[producer, slot], 0] for producer in producers] for slot in wanted}
    parts |= {slot: [[0, 0] for _ in producers] for slot in feed_in}
    return Outcome(
        given={slot: sum(flows[producer, slot] for producer in producers) for slot in wanted},
        rounds=[[feed_in.get(producer, 0), shared.get(producer, 0)] for producer in producers],
        parts=parts,
        shared=shared,
        flows=flows,
    )


def share_flow(network: Network, wanted: BySlot, feed_in: BySlot) -> Outcome:
    """Share by ``flow``: the rounds are those of all producers of the period, the parts what each gave."""
    solution = solve(network, wanted, feed_in)
    flows, potentials = solution.flows, solution.potentials
    shared = {slot: sum(flows[slot, other] for other in network.consumers) for slot in network.producers}
    parts = {slot: [[flows[producer, slot], 0] for producer in network.producers] for slot in wanted}
    parts |= {slot: [[0, 0] for _ in network.producers] for slot in feed_in}
    return Outcome(
        given={slot: sum(flows[producer, slot] for producer in network.producers) for slot in wanted},
        rounds=[[potentials[slot] + BIAS, shared[slot]] for slot in network.producers],
        parts=parts,
        shared={slot: shared[slot] for slot in feed_in},
        flows=flows,
        potentials=potentials,
    )


def share_incentive(pool: int, wanted: BySlot, feed_in: BySlot) -> Outcome:
    total = sum(wanted.values())
    met = min(pool, total)
    credited = {slot: met * energy // total if total else 0 for slot, energy in wanted.items()}
    credited |= {slot: met * energy // pool if pool else 0 for slot, energy in feed_in.items()}
    parts: dict[int, list[list[int]]] = {slot: [] for slot in (*wanted, *feed_in)}
    return Outcome(dict.fromkeys(wanted, 0), parts=parts, shared=dict.fromkeys(feed_in, 0), credited=credited)


# ---- producers ---------------------------------------------------------------------------------------------


def hand_out_rest(slots: int, t: int, rest: int, odd: list[int], parts: BySlot) -> int:
    """Give one more to those with a remainder whose turn it is; gives tau."""
    keys = sorted((slot + t) % slots for slot in odd)
    tau = keys[rest - 1] + 1 if rest else 0
    for slot in odd:
        parts[slot] += (slot + t) % slots < tau
    return tau


def split(slots: int, t: int, feed_in: BySlot, total: int) -> tuple[int, BySlot]:
    """Split the shared total among the feed-in slots by their feed-in; gives tau and the parts."""
    produced = sum(feed_in.values())
    if produced == 0:
        return 0, dict.fromkeys(feed_in, 0)
    parts = {slot: total * energy // produced for slot, energy in feed_in.items()}
    odd = [slot for slot, energy in feed_in.items() if total * energy % produced > 0]
    return hand_out_rest(slots, t, total - sum(parts.values()), odd, parts), parts


def split_by_key(
    listed: list[int], slots: int, t: int, feed_in: BySlot, total: int, outcome: Outcome
) -> None:
    """Split the shared total by a producer key, and add its round to the outcome."""
    weights = {slot: max(1, listed[slot] if slot < len(listed) else 1) for slot in feed_in}
    left, weight, full = find_level(total, feed_in, weights)
    parts = {
        slot: energy if slot in full else left * weights[slot] // weight for slot, energy in feed_in.items()
    }
    odd = [slot for slot in feed_in if slot not in full and left * weights[slot] % weight > 0]
    earlier = len(outcome.rounds)
    outcome.tau = hand_out_rest(slots, t, total - sum(parts.values()), odd, parts)
    outcome.shared = parts
    outcome.rounds.append([left, weight])
    for slot in outcome.given:
        outcome.parts.setdefault(slot, [[0, 0] for _ in range(earlier)]).append([0, 0])
    for slot, energy in feed_in.items():
        own = [energy, 0] if slot in full else [0, weights[slot]]
        outcome.parts[slot] = [*([0, 0] for _ in range(earlier)), own]
