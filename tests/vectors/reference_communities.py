"""The communities of the vectors: four of every depth and gap, and a small one for each other rule of the law book."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.vectors import reference_keys as keys
from tests.vectors.reference_cases import (
    Json,
    bytes_named,
    community,
    large,
    point,
    roof,
    rule,
    sharing_key,
    single,
    street,
)
from tests.vectors.reference_flow import terms_hash, terms_text
from tests.vectors.reference_settlement import FEED_IN, ReferenceSettlement, to_hex

DAYS = [6, 5]
FIXED = [300_000, 0, 250_000, 0, 0, 200_000]


def court(name: str, key: Json, seed: int, *, yields: int = 2, **prices: Any) -> Json:
    """Six points on two short days: two roofs, one of a liable household; a flat that comes on the second day."""
    points: list[Json | None] = [
        point("flat-1", "consumption", (0, 2)),
        point("house-load", "consumption", (0, 2), vat_class=2),
        point("flat-2", "consumption", (0, 2)),
        point("house-pv", "feed_in", (0, 2), vat_class=2),
        point("barn", "feed_in", (0, 2), vat_class=1),
        point("flat-3", "consumption", (1, 2)),
    ]
    drawn = {"seed": seed, "yields": yields, "scale": prices.pop("scale", 900_000)}
    return community(name, points, DAYS, rule(key, **prices), seats=[0, 1, 2, 1, 4, 5], **drawn)


def equal() -> Json:
    """Equal parts; shared energy costs the middle of the residual and the surplus price."""
    return court("equal", sharing_key(keys.EQUAL), 31, pricing=1, billedBy=9)


def cascade() -> Json:
    """Fixed parts, the rest by them again until used up; shared energy pays less for the network and for excise."""
    prices = {
        "networkSharedPrice": 15_000,
        "excisePrice": 33_000,
        "exciseSharedPrice": 7_000,
        "communityVatClass": 2,
    }
    return court("cascade", sharing_key(keys.CASCADE, FIXED), 41, billedBy=7, **prices)


def hybrid() -> Json:
    """Fixed parts, then the rest by consumption; who wants more feed-in than there is pays more."""
    return court("hybrid", sharing_key(keys.HYBRID, FIXED), 51, pricing=2)


def scheduled() -> Json:
    """Parts by the interval, handed in before the period for the first three slots alone; consumers own the rest."""
    key = sharing_key(keys.SCHEDULED, surplusOwner=1, schedule=1)
    inputs = court("scheduled", key, 61, billedBy=15)
    draw = random.Random(61)
    listed = [[draw.randrange(333_334) for _ in range(sum(DAYS))] for _ in range(3)]
    inputs["schedule"] = {"version": 2, "coefficients": listed}
    return inputs


def pairwise() -> Json:
    """Parts by pair of producer and consumer, each producer at its own price."""
    pairs = [0] * 12
    for slot, (barn, house) in {
        0: (400_000, 300_000),
        1: (0, 500_000),
        2: (350_000, 0),
        5: (250_000, 200_000),
    }.items():
        pairs[2 * slot : 2 * slot + 2] = [house, barn]
    key = sharing_key(keys.PAIRWISE, pairs, producers=[3, 4])
    return court("pairwise", key, 71, pricing=3, producerPrice=[0, 0, 0, 110_001, 90_000])


def priority() -> Json:
    """Three tiers: one by a cascade, one in equal parts, the last by what each wants."""
    key = sharing_key(
        keys.PRIORITY,
        FIXED,
        tierMethods=[keys.CASCADE, keys.EQUAL, keys.DYNAMIC],
        tiers=[0, 1, 0, 0, 0],
    )
    return court("priority", key, 81)


def incentive() -> Json:
    """Nothing is netted; what coincides earns a premium."""
    key = sharing_key(keys.INCENTIVE)
    return court("incentive", key, 101, premiumConsumption=60_000, premiumFeedIn=50_001, billedBy=9)


def producers() -> Json:
    """A producer key says whose feed-in is shared first; the consumers' part is a hybrid, so that two rounds stand."""
    return court(
        "producers", sharing_key(keys.HYBRID, FIXED, producerPpm=[0, 0, 0, 300_000, 700_000]), 92, yields=4
    )


def owners() -> Json:
    """Consumers own what they were entitled to and did not use."""
    return court("owners", sharing_key(keys.STATIC, FIXED, surplusOwner=1), 21, billedBy=9)


def market() -> Json:
    """Supply and demand make the price; suppliers, network and excise are on the community's bill."""
    return court("market", sharing_key(keys.DYNAMIC), 11, pricing=2, billedBy=15, excisePrice=33_000)


def sellers() -> Json:
    """Each producer sells at its own price and owes its own VAT; the house buys from itself for nothing."""
    prices: Json = {
        "pricing": 3,
        "producerPrice": [0, 0, 0, 99_999, 130_000],
        "seller": 1,
        "communityVatClass": 2,
    }
    inputs = court("sellers", sharing_key(keys.DYNAMIC), 12, billedBy=15, **prices)
    inputs["points"][4]["vat_class"] = 2
    return inputs


def operator() -> Json:
    """The grid operator's allocation binds: it follows no formula of ours, but it conserves."""
    inputs = court("operator", sharing_key(keys.DYNAMIC), 13)
    computed = ReferenceSettlement(inputs)
    told = [[energy - energy // 7 for energy in row] for row in computed.allocated]
    for _, _, index in computed.moments():
        wanted = sum(row[index] for slot, row in enumerate(told) if computed.direction(slot) != FEED_IN)
        for slot in (slot for slot in range(len(told)) if computed.direction(slot) == FEED_IN):
            told[slot][index] = min(wanted, inputs["energy"][slot][index])
            wanted -= told[slot][index]
        assert wanted == 0
    inputs["operator"] = {"allocated": told, "basis": bytes_named("files of the operator")}
    inputs["rule"]["source"] = 1
    return inputs


def flow() -> Json:
    """Give the best flow over links: own use, then what the barn gives away, then all alike; few milliwatt-hours."""
    text = terms_text(donations=[[4, 2]], steps=4)
    key = sharing_key(keys.FLOW, linkTerms=to_hex(terms_hash(text)))
    inputs = court("flow", key, 15, scale=40, pricing=3, producerPrice=[0, 0, 0, 110_000, 90_001])
    return {**inputs, "link_terms": text}


MADE: tuple[Callable[[], Json], ...] = (
    single,
    street,
    roof,
    large,
    equal,
    cascade,
    hybrid,
    scheduled,
    pairwise,
    priority,
    incentive,
    producers,
    owners,
    market,
    sellers,
    operator,
    flow,
)
COMMUNITIES = {made.__name__: made for made in MADE}
