"""The cases of values and bills: each pricing at its corners, each combination of classes, sellers and billers."""

from __future__ import annotations

import random
from typing import Any

from tests.vectors import reference_keys as keys
from tests.vectors import reference_money as money
from tests.vectors.reference_cases import sharing_key, tariff

Json = dict[str, Any]
PRICES = {
    "networkSharedPrice": 15_000,
    "excisePrice": 33_000,
    "exciseSharedPrice": 4_000,
    "premiumConsumption": 110_000,
    "premiumFeedIn": 60_001,
}


def value_cases() -> Json:
    """Price intervals that are empty, short, ample, even and large; divide values over links."""
    draw = random.Random(14)
    tariffs = [
        tariff(),
        tariff(pricing=1, surplusPrice=59_999),
        tariff(pricing=2),
        tariff(pricing=2, surplusPrice=0),
        tariff(pricing=2, residualPrice=[60_000] * 4),
        tariff(pricing=3, producerPrice=[0, 0, 0, 2**32 - 1]),
        tariff(sharedPrice=0),
    ]
    scale = 2**31
    shapes = [
        ({0: 7, 1: 8}, {3: 10, 4: 5}),
        ({0: 7, 1: 8}, {3: 9, 4: 0}),
        ({0: 7, 1: 8}, {3: 20, 4: 11}),
        ({0: 0, 1: 8}, {3: 0, 4: 0}),
        ({}, {4: 5}),
        ({0: scale, 1: scale - 3}, {3: scale // 3, 4: scale // 2 + 1}),
    ]
    shapes += [
        ({s: draw.randrange(10**6) for s in (0, 1, 2)}, {s: draw.randrange(2 * 10**6) for s in (3, 4)})
        for _ in range(3)
    ]
    intervals: list[Json] = []
    for number, prices in enumerate(tariffs):
        for wanted, feed_in in shapes:
            outcome = keys.share(sharing_key(keys.DYNAMIC), 5, number, wanted, feed_in)
            totals = [sum(figures.values()) for figures in (feed_in, wanted, outcome.given)]
            band = (number + len(intervals)) % 4
            priced = money.Priced(prices, band, *totals)
            value, rows = money.row_values(priced, outcome.given, outcome.shared, None)
            intervals.append(
                {
                    "tariff": prices,
                    "band": band,
                    **dict(zip(("P", "C", "A"), map(str, totals), strict=True)),
                    "given": [[slot, str(part)] for slot, part in outcome.given.items()],
                    "shared": [[slot, str(part)] for slot, part in outcome.shared.items()],
                    "V": str(value),
                    "rows": [[slot, str(worth)] for slot, worth in rows.items()],
                }
            )
    links = []
    by_producer = tariff(pricing=3, producerPrice=[0, 100_000, 0, 37])
    for prices, value, listed in (
        (tariff(), 10, [(1, 1), (2, 1), (3, 1)]),
        (tariff(), 2**62, [(0, 2**40), (5, 1), (7, 2**40 - 1)]),
        (tariff(), 0, [(4, 9)]),
        (tariff(), 5, []),
        (by_producer, 1_000_001, [(0, 50), (1, 10), (3, 90)]),
        (by_producer, 3, [(0, 1), (2, 1)]),
        (by_producer, 2, [(0, 7), (1, 1), (3, 1)]),
    ):
        parts = money.link_values(prices, value, listed)
        told = [[slot, str(energy), str(part)] for (slot, energy), part in zip(listed, parts, strict=True)]
        links.append({"tariff": prices, "value": str(value), "links": told})
    what = "what shared energy is worth, and values divided over links, section 8"
    return {"what": what, "intervals": intervals, "links": links}


def bill_cases() -> Json:
    """Bill each combination of classes, sellers, owners of the surplus and who bills what."""
    draw = random.Random(9)
    pairs = [
        (0, 250_000),
        (39_999, 125_000),
        (40_000, 125_000),
        (40_001, 125_000),
        (1, 2**32 - 1),
        (2**53, 2**32 - 1),
    ]
    cents = [{"energy": str(e), "price": p, "cents": str(money.cents(e, p))} for e, p in pairs]
    both = ["consumption", "feed_in"]
    plain, owned = sharing_key(keys.DYNAMIC), sharing_key(keys.STATIC, surplusOwner=1)
    incentive = sharing_key(keys.INCENTIVE)
    bills = [
        bill_case(
            draw, key, vat_class, directions, communityVatClass=community_class, billedBy=billed_by, **more
        )
        for key, community_class, vat_class, billed_by, directions, more in (
            (plain, 0, 0, 1, ["consumption"], {}),
            (plain, 1, 2, 15, both, {}),
            (plain, 2, 2, 15, ["feed_in", "consumption", "consumption"], {}),
            (plain, 2, 1, 0, both, {}),
            (plain, 2, 2, 8, ["feed_in"], {}),
            (plain, 2, 2, 6, ["consumption"], {}),
            (plain, 2, 2, 15, both, PRICES),
            (plain, 2, 0, 1, both, PRICES),
            (owned, 2, 2, 15, both, PRICES),
            (owned, 1, 2, 9, ["consumption", "consumption"], {}),
            (incentive, 2, 2, 15, both, PRICES),
            (incentive, 1, 1, 1, ["feed_in", "feed_in"], PRICES),
            (plain, 2, 2, 15, both, {"seller": 1, "pricing": 3}),
            (plain, 1, 2, 1, ["feed_in", "feed_in", "consumption"], {"seller": 1, **PRICES}),
            (plain, 2, 0, 15, ["consumption", "consumption"], {"seller": 1, **PRICES}),
            (plain, 2, 2, 14, both, {"seller": 1, **PRICES}),
        )
    ]
    return {"what": "bills, section 9", "cents": cents, "bills": bills}


def bill_case(draw: random.Random, key: Json, vat_class: int, directions: list[str], **changes: Any) -> Json:
    """Bill a participant of seat 3 with drawn figures; its links lead to seats 0 to 4, its own among them."""
    prices = tariff(vatPpm=55_000 + 145_000 * (changes["billedBy"] > 1), **changes)
    nothing_shared = key["method"] == keys.INCENTIVE
    figures = []
    for direction in directions:
        energies = [draw.randrange(3 * 10**8) for _ in range(4)]
        bands = [[energy, 0 if nothing_shared else draw.randrange(energy)] for energy in energies]
        worth = [] if nothing_shared else [draw.randrange(10**13) for _ in range(6)]
        links = [
            (seat % 5, value, vat_class if direction == "feed_in" or seat == 3 else seat % 3)
            for seat, value in enumerate(worth)
        ]
        credited = draw.randrange(10**8) if key["surplusOwner"] or nothing_shared else 0
        if key["surplusOwner"] and direction == "feed_in":
            credited = 0
        figures.append(money.SlotFigures(direction, bands, sum(worth), credited, links))
    bill = money.bill(key, prices, 3, vat_class, figures)
    points = [
        {
            "direction": point.direction,
            "bands": [[str(e), str(a)] for e, a in point.bands],
            "value": str(point.value),
            "credited": str(point.credited),
            "links": [[seat, str(value), vat] for seat, value, vat in point.links],
        }
        for point in figures
    ]
    return {
        "method": key["method"],
        "surplus_owner": key["surplusOwner"],
        "tariff": prices,
        "seat": 3,
        "participant_vat_class": vat_class,
        "points": points,
        "lines": [str(line) for line in bill.pop("lines")],
        **{name: str(value) for name, value in bill.items()},
    }
