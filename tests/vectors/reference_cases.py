"""The inputs of the vectors: small, chosen for their corners, drawn from a fixed seed where many figures are needed."""

from __future__ import annotations

import random
from typing import Any

from tests.vectors import reference as ref
from tests.vectors.reference_period import to_hex

Json = dict[str, Any]
QUALITY = {"measured": 0, "estimated": 1, "edited": 2, "missing": 3}
SOURCES = {0: [0], 1: [1, 2, 3], 2: [0], 3: [4]}


def bytes_named(name: str, width: int = 32) -> str:
    """Give bytes that stand for random ones, from a name."""
    return to_hex(ref.keccak(name.encode())[:width])


def tariff(**changes: Any) -> Json:
    return {
        "residualPrice": [250_000, 160_000, 310_000, 199_999],
        "sharedPrice": 120_000,
        "surplusPrice": 60_000,
        "networkPrice": 45_000,
        "networkSharedPrice": 45_000,
        "excisePrice": 0,
        "exciseSharedPrice": 0,
        "premiumConsumption": 0,
        "premiumFeedIn": 0,
        "pricing": 0,
        "seller": 0,
        "monthlyFee": 200,
        "vatPpm": 200_000,
        "communityVatClass": 1,
        "billedBy": 1,
        "windows": [minute << 8 | band for minute, band in ((0, 1), (360, 0), (1080, 2), (1320, 3))],
        "producerPrice": [],
        **changes,
    }


def sharing_key(method: int, coefficients: list[int] | None = None, **changes: Any) -> Json:
    return {
        "method": method,
        "surplusOwner": 0,
        "schedule": 0,
        "coefficientsPpm": coefficients or [],
        "producers": [],
        "tierMethods": [],
        "tiers": [],
        "producerPpm": [],
        "linkTerms": to_hex(ref.ZERO),
        **changes,
    }


def rule(key: Json, source: int = 0, **prices: Any) -> Json:
    return {
        "effectiveFrom": 17_300,
        "contestWindowSeconds": 3_600,
        "source": source,
        "limits": {
            "maxEstimatedPpm": 200_000,
            "maxMissingPpm": 200_000,
            "gaps": 0,
            "terms": bytes_named("terms of conformity"),
        },
        "key": key,
        "tariff": tariff(**prices),
    }


def point(name: str, direction: str, days: tuple[int, int], **changes: Any) -> Json:
    return {
        "direction": direction,
        "number": name,
        "nonce": bytes_named(f"nonce of {name}"),
        "key": bytes_named(f"key of {name}"),
        "factor_ppm": 1_000_000,
        "from_day": days[0],
        "until_day": days[1],
        "vat_class": 0,
        "network_class": 0,
        **changes,
    }


def bands_of(intervals: list[int], resolution_minutes: int) -> list[int]:
    """Give the band of each interval by the tariff's windows, in local minutes; clocks turn at two, or at three."""
    minutes = [
        minute if minute < (120 if turn >= 0 else 180) else minute + turn
        for count in intervals
        for turn in (1_440 - count * resolution_minutes,)
        for minute in range(0, count * resolution_minutes, resolution_minutes)
    ]
    return [1 if m < 360 else 0 if m < 1_080 else 2 if m < 1_320 else 3 for m in minutes]


def draw_readings(
    points: list[Json | None], intervals: list[int], scale: int, seed: int, yields: int
) -> Json:
    """Draw readings: the sun for feed-in, all day for consumption, some of every quality, zeros where not active."""
    draw = random.Random(seed)
    figures: Json = {"energy": [], "quality": [], "source": []}
    for known in points:
        rows: dict[str, list[int]] = {name: [] for name in figures}
        for day, count in enumerate(intervals):
            active = known is not None and known["from_day"] <= day < known["until_day"]
            for t in range(count):
                quality = draw.choices([0, 1, 2, 3], [85, 7, 5, 3])[0] if active else 0
                sun = known is not None and known["direction"] == "feed_in"
                dark = sun and not count // 4 <= t < count - count // 4
                gone = not active or quality == QUALITY["missing"] or (dark and count > 1)
                rows["energy"].append(0 if gone else draw.randrange(scale * (yields if sun else 1)))
                rows["quality"].append(quality)
                rows["source"].append(draw.choice(SOURCES[quality]))
        for name, row in rows.items():
            figures[name].append(row)
    return figures


def community(
    name: str, points: list[Json | None], intervals: list[int], shared: Json, **changes: Any
) -> Json:
    scale = changes.pop("scale", 900_000)
    return {
        "community": bytes_named(name),
        "period": 17_318,
        "auditors_key": bytes_named(f"auditors of {name}"),
        "signer": bytes_named(f"operator of {name}", 20),
        "batch_version": 1,
        "run_version": 1,
        "start_utc": 1_496_268_000,
        "resolution_minutes": 60,
        "intervals": intervals,
        "bands": bands_of(intervals, changes.get("resolution_minutes", 60)),
        "seats": list(range(len(points))),
        "rule": shared,
        "points": points,
        "schedule": None,
        "operator": None,
        "link_terms": None,
        **draw_readings(points, intervals, scale, changes.pop("seed", len(points)), changes.pop("yields", 4)),
        **changes,
    }


def single() -> Json:
    """Give one consumer in one interval, so that every depth is zero and nothing is shared."""
    points: list[Json | None] = [point("14512345678901", "consumption", (0, 1))]
    return community("single", points, [1], rule(sharing_key(1)))


def street() -> Json:
    """Give two points of one participant, a slot without a point, points that come and go, every class."""
    points = [
        point("home-01-load", "consumption", (0, 3)),
        point("home-02-load", "consumption", (0, 3), vat_class=2, factor_ppm=500_000),
        point("home-01-pv", "feed_in", (0, 3)),
        None,
        point("home-03-load", "consumption", (1, 3), vat_class=1),
        point("home-02-pv", "feed_in", (0, 2), vat_class=2),
        point("école-toit", "feed_in", (1, 2)),
    ]
    shared = rule(sharing_key(1), communityVatClass=2, billedBy=15)
    seats = [0, 1, 0, 3, 4, 1, 6]
    return community("street", points, [23, 25, 24], shared, seats=seats, run_version=2, batch_version=3)


def roof() -> Json:
    """Give one roof and four flats by fixed parts, on a short day of quarter-hours."""
    points: list[Json | None] = [
        point("roof", "feed_in", (0, 1), vat_class=1),
        *(point(f"flat-{number}", "consumption", (0, 1)) for number in range(1, 5)),
    ]
    shared = rule(sharing_key(2, [0, 333_333, 250_000, 250_000, 100_000]), billedBy=1)
    return community("roof", points, [92], shared, resolution_minutes=15, scale=250_000)


def large() -> Json:
    """Give values up to 2^52, whose products pass 2^64: intervals with less, more and about as much feed-in."""
    points: list[Json | None] = [
        point("works", "consumption", (0, 2), vat_class=2),
        point("mill", "consumption", (0, 2)),
        point("dam", "feed_in", (0, 2), vat_class=2),
        point("wind", "feed_in", (0, 2), vat_class=2),
    ]
    shared = rule(sharing_key(1), communityVatClass=2, billedBy=7, sharedPrice=251)
    energy = [
        [2**42 + 1, 2**43 - 3, 2**41],
        [2**41 + 12_345, 2**42, 2**32],
        [2**42 - 7, 3, 2**41],
        [2**40 + 1, 2**44, 1],
    ]
    measured = {"quality": [[0] * 3 for _ in energy], "source": [[0] * 3 for _ in energy]}
    return community("large", points, [2, 1], shared, energy=energy, **measured)
