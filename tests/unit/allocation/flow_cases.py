"""Small communities for the flow key, and its levels worked out by hand-sized loops that share nothing with it."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import strategies as st

from backend.allocation.flow import FlowKey
from backend.allocation.flow_network import FlowPoint
from backend.community import Direction, LinkCap, LinkTerms

NOTHING = LinkTerms(own_first=False, costs=())


def community(n_p, n_c, terms=NOTHING, *, seats=None, places=None, phases=None, feeders=None):
    """A key over producers p0, p1, ... in the first slots and consumers c0, c1, ... in the next."""
    directions = [Direction.FEED_IN] * n_p + [Direction.CONSUMPTION] * n_c
    names = [f"p{row}" for row in range(n_p)] + [f"c{column}" for column in range(n_c)]
    points = {
        slot: FlowPoint(
            direction,
            seats[slot] if seats else slot,
            places[slot] if places else None,
            phases[slot] if phases else None,
            feeders[slot] if feeders else None,
        )
        for slot, direction in enumerate(directions)
    }
    return FlowKey.of(terms, {name: slot for slot, name in enumerate(names)}, points, 15)


def solve(key, feed_in, consumption):
    return key.solve(np.array(consumption, dtype=np.int64), np.array(feed_in, dtype=np.int64))


def allocate(key, feed_in, consumption):
    """Several intervals at once: rows are intervals."""
    n_p, n_c = len(feed_in[0]), len(consumption[0])
    return key.allocate(
        np.array(consumption, dtype=np.int64),
        np.array(feed_in, dtype=np.int64),
        consumer_slots=range(n_p, n_p + n_c),
        producer_slots=range(n_p),
        slots=n_p + n_c,
        t_in_day=np.arange(len(feed_in)),
    )


def climb(taken, energy, even, steps):
    """What the units below ``taken`` cost, step by step."""
    return sum((steps * (unit + 1) - 1) // energy + (unit >= even) for unit in range(taken))


def score(case, flows):
    """The levels of a solution, the highest first; less is better."""
    terms, n_p, n_c = case["terms"], len(case["feed_in"]), len(case["consumption"])
    links = [(p, i) for p in range(n_p) for i in range(n_c) if flows[p][i]]

    def count(holds):
        return sum(flows[p][i] for p, i in links if holds(p, i))

    pool, demand = sum(case["feed_in"]), sum(case["consumption"])
    shareable = min(pool, demand)
    seats, phases, feeders = case["seats"], case["phases"], case["feeders"]
    choosy = {consumer for consumer, _ in terms.preferences}
    levels = [-sum(map(sum, flows))]
    levels.append(-count(lambda p, i: seats[p] == seats[n_p + i]) if terms.own_first else 0)
    levels.append(-count(lambda p, i: (f"p{p}", f"c{i}") in terms.donations))
    levels.append(count(lambda p, i: f"c{i}" in choosy and (f"c{i}", f"p{p}") not in terms.preferences))
    levels.append(
        sum(
            climb(
                sum(flows[p][i] for p in range(n_p)), used, used * shareable // demand, terms.fairness_steps
            )
            for i, used in enumerate(case["consumption"])
            if used
        )
    )
    for cost in terms.costs:
        if cost == "distance":
            metres = [
                [abs(case["north"][p] - case["north"][n_p + i]) * 111_195 // 10**6 for i in range(n_c)]
                for p in range(n_p)
            ]
            levels.append(sum(metres[p][i] // 10 * flows[p][i] for p, i in links))
        elif cost == "phase":
            levels.append(
                count(
                    lambda p, i: phases[p] != phases[n_p + i] and "L123" not in {phases[p], phases[n_p + i]}
                )
            )
        else:
            levels.append(count(lambda p, i: feeders[p] is None or feeders[p] != feeders[n_p + i]))
    levels.append(
        sum(
            climb(sum(flows[p]), fed, fed * shareable // pool, terms.fairness_steps)
            for p, fed in enumerate(case["feed_in"])
            if fed
        )
    )
    return levels


def every_flow(case):
    """All flows within energies and caps."""
    n_p, n_c = len(case["feed_in"]), len(case["consumption"])
    caps = {(cap.producer, cap.consumer): cap.max_power_watts * 250 for cap in case["terms"].caps}
    ranges = [
        range(min(case["feed_in"][p], case["consumption"][i], caps.get((f"p{p}", f"c{i}"), 99)) + 1)
        for p in range(n_p)
        for i in range(n_c)
    ]
    for values in itertools.product(*ranges):
        flows = [list(values[p * n_c : (p + 1) * n_c]) for p in range(n_p)]
        if all(sum(row) <= fed for row, fed in zip(flows, case["feed_in"], strict=True)) and all(
            sum(column) <= used
            for column, used in zip(zip(*flows, strict=True), case["consumption"], strict=True)
        ):
            yield flows


def key_of(case):
    n_p, n_c = len(case["feed_in"]), len(case["consumption"])
    places = [(north, 0) for north in case["north"]]
    return community(
        n_p,
        n_c,
        case["terms"],
        seats=case["seats"],
        places=places,
        phases=case["phases"],
        feeders=case["feeders"],
    )


@st.composite
def cases(draw, largest=4, most=3):
    """A few points with all kinds of terms."""
    n_p, n_c = draw(st.integers(1, 2)), draw(st.integers(1, most))
    count = n_p + n_c
    seats = draw(st.lists(st.integers(0, count - 1), min_size=count, max_size=count))
    pairs = [(f"p{p}", f"c{i}") for p in range(n_p) for i in range(n_c)]
    gifts = [(f"p{p}", f"c{i}") for p in range(n_p) for i in range(n_c) if seats[p] != seats[n_p + i]]
    subset = st.lists(st.sampled_from(pairs), unique=True, max_size=3)
    terms = LinkTerms(
        own_first=draw(st.booleans()),
        preferences=tuple((consumer, producer) for producer, consumer in draw(subset)),
        donations=tuple(draw(st.lists(st.sampled_from(gifts), unique=True, max_size=2))) if gifts else (),
        caps=tuple(LinkCap(producer, consumer, 0) for producer, consumer in draw(subset)),
        fairness_steps=draw(st.sampled_from([1, 2, 3, 8])),
        costs=tuple(draw(st.lists(st.sampled_from(["distance", "phase", "feeder"]), unique=True))),
    )
    energies = st.integers(0, largest)
    return {
        "terms": terms,
        "seats": seats,
        "feed_in": draw(st.lists(energies, min_size=n_p, max_size=n_p)),
        "consumption": draw(st.lists(energies, min_size=n_c, max_size=n_c)),
        "north": draw(st.lists(st.integers(0, 2000), min_size=count, max_size=count)),
        "phases": draw(st.lists(st.sampled_from(["L1", "L2", "L123"]), min_size=count, max_size=count)),
        "feeders": draw(st.lists(st.sampled_from(["east", "west", None]), min_size=count, max_size=count)),
    }
