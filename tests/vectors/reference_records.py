"""What a reference period looks like from outside: expected values, proofs, the chain's answers, bundles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.vectors import reference as ref
from tests.vectors.reference_keys import INCENTIVE
from tests.vectors.reference_period import ReferencePeriod, from_hex, to_hex

Json = dict[str, Any]
CHAIN_ID = 4_242_424_242
GENESIS = to_hex(ref.keccak(b"genesis of the vectors"))
CONTRACTS = (
    "registry",
    "rule_book",
    "period_book",
    "meter_data_ledger",
    "schedule_book",
    "settlement_ledger",
    "billing_ledger",
)
SETTLER = to_hex(ref.keccak(b"settler")[:20])
AUDITOR = to_hex(ref.keccak(b"auditor")[:20])
NOBODY = "0x" + "00" * 20
DIRECTIONS = {"consumption": 0, "feed_in": 1}
NO_POINT = {"direction": 0, "factorPpm": 0, "fromDay": 0, "untilDay": 0, "tag": to_hex(ref.ZERO)}


def hexes(path: list[bytes]) -> list[str]:
    return [to_hex(node) for node in path]


def expected_of(period: ReferencePeriod) -> Json:
    return {
        "shape": {
            "slot_depth": period.slot_depth,
            "day_depth": period.day_depth,
            "interval_depth": period.interval_depth,
            "stair_depth": period.stair_depth,
        },
        "terms_id": to_hex(period.terms_id),
        "run_id": to_hex(period.run_id),
        "batch_id": to_hex(period.batch_id),
        "tags": [tag and to_hex(tag) for tag in period.tags],
        "points_hash": to_hex(points_hash(period)),
        "schedule_id": to_hex(period.schedule_id) if period.inputs["schedule"] else None,
        "basis": to_hex(period.basis),
        "allocated": period.allocated,
        "value": period.worth[1],
        "credited": period.credited,
        "headers": period.headers,
        "parts": [
            [ref.flat(outcome.parts.get(slot, [])) for outcome in period.outcomes]
            for slot in range(period.slots)
        ]
        if any(outcome.rounds for outcome in period.outcomes)
        else None,
        "links": period.links,
        "flows": [
            [index, producer, consumer, energy]
            for index, outcome in enumerate(period.outcomes)
            for (producer, consumer), energy in sorted(
                (outcome.flows or {}).items(), key=lambda x: x[0][::-1]
            )
            if energy
        ],
        "potentials": [
            [(outcome.potentials or {}).get(slot, 0) for outcome in period.outcomes]
            for slot in range(period.slots)
        ]
        if period.network is not None
        else None,
        "days": [{name: to_hex(root) for name, root in roots.items()} for roots in period.day_roots],
        **{name: to_hex(root) for name, root in period.roots.items()},
        "bills": period.bills,
        "totals": period.totals,
        "proofs": proofs_of(period),
    }


def points_hash(period: ReferencePeriod) -> bytes:
    return ref.keccak(b"".join(ref.join((slot, 4), tag) for slot, tag in enumerate(period.tags) if tag))


# ---- one leaf of each kind, climbed to its root ------------------------------------------------------------


Step = tuple[int, bytes]  # the side of the running hash (0 left, 1 right), and its sibling
Place = tuple[int, int]  # depth of a tree, index in it


def prove(
    what: str, leaf: bytes, tree: Mapping[int, bytes], place: Place, steps: Sequence[Step], root: bytes
) -> Json:
    """Climb a leaf through its tree and the steps above it, and see that it arrives."""
    depth, index = place
    path = [*ref.path_of(tree, depth, index), *(sibling for _, sibling in steps)]
    for above, (side, _) in enumerate(steps):
        index += side << depth + above
    assert ref.climb(ref.keccak(leaf), index, path) == root, what
    return {"what": what, "leaf": to_hex(leaf), "index": index, "path": hexes(path), "root": to_hex(root)}


def proofs_of(period: ReferencePeriod) -> list[Json]:
    """Prove the last leaf of each kind: the last active day, its last interval, its last slot."""
    day = max(d for d in range(period.days) if period.active_slots(d))
    slot, t = period.active_slots(day)[-1], period.intervals[day] - 1
    return [
        *day_proofs(period, slot, day, t),
        *period_proofs(period, slot),
        *batch_proofs(period, slot, day, t),
        *schedule_proofs(period),
        *cost_proofs(period),
    ]


def day_proofs(period: ReferencePeriod, slot: int, day: int, t: int) -> list[Json]:
    index, block, trees = sum(period.intervals[:day]) + t, period.blocks - 1, period.day_trees[day]
    headers, stairs, rows = (period.day_roots[day][f"{name}_root"] for name in ("headers", "stairs", "rows"))
    depth, stair_depth = period.interval_depth, period.stair_depth
    sides = [day >> bit & 1 for bit in range(period.day_depth)]
    above: list[Step] = list(zip(sides, ref.path_of(period.days_tree, period.day_depth, day), strict=True))
    above.append((0, ref.keccak(period.roots["periods_root"] + period.roots["period_stairs_root"])))
    header, stair = ref.header_leaf(period.headers[index]), period.stair_bytes(day, t, index, block)
    row = period.row_bytes(slot, day, t, index)
    stair_place = (depth + stair_depth, (t << stair_depth) + block)
    row_place = (period.slot_depth + depth, (slot << depth) + t)
    both, root = ref.keccak(headers + stairs), period.roots["run_root"]
    return [
        prove("header", header, trees["headers"], (depth, t), [(0, stairs), (0, rows), *above], root),
        prove("stair", stair, trees["stairs"], stair_place, [(1, headers), (0, rows), *above], root),
        prove("row", row, trees["rows"], row_place, [(1, both), *above], root),
    ]


def period_proofs(period: ReferencePeriod, slot: int) -> list[Json]:
    roots, block, bill = period.roots, period.blocks - 1, period.bills[-1]
    periods, stairs = period.periods_tree, period.period_stairs_tree
    days: Step = (1, roots["days_root"])
    slot_place, stair_place = (period.slot_depth, slot), (period.stair_depth, block)
    seat_place = (period.slot_depth, bill["seat"])
    run, bills = roots["run_root"], roots["bill_root"]
    to_run, beside = [(0, roots["period_stairs_root"]), days], [(1, roots["periods_root"]), days]
    to_bills, bill_beside = [(0, roots["bill_stairs_root"])], [(1, roots["bills_root"])]
    period_stair, bill_stair = period.period_stair_bytes(block), period.bill_stair_bytes(block)
    return [
        prove("period", period.period_bytes(slot), periods, slot_place, to_run, run),
        prove("period_stair", period_stair, stairs, stair_place, beside, run),
        prove("bill", period.bill_bytes(bill), period.bills_tree, seat_place, to_bills, bills),
        prove("bill_stair", bill_stair, period.bill_stairs_tree, stair_place, bill_beside, bills),
    ]


def batch_proofs(period: ReferencePeriod, slot: int, day: int, t: int) -> list[Json]:
    roots, depth = period.roots, period.slot_depth + period.day_depth
    at_day = (slot << period.day_depth) + day
    place = (depth + period.interval_depth, (at_day << period.interval_depth) + t)
    reading = period.reading_bytes(slot, day, t, sum(period.intervals[:day]) + t)
    stair, stairs = period.reading_stair_bytes(slot, day), period.reading_stairs_tree
    above, beside = [(0, roots["reading_stairs_root"])], [(1, roots["readings_root"])]
    classes, classes_root = period.classes_tree, roots["classes_root"]
    return [
        prove("reading", reading, period.readings_tree, place, above, roots["batch_root"]),
        prove("reading_stair", stair, stairs, (depth, at_day), beside, roots["batch_root"]),
        prove("class", period.class_bytes(slot), classes, (period.slot_depth, slot), [], classes_root),
    ]


def schedule_proofs(period: ReferencePeriod) -> list[Json]:
    if not period.inputs["schedule"]:
        return []
    index, leaves = max(period.coefficients_tree), period.coefficients_tree
    depth = period.schedule_depth + period.day_depth + period.interval_depth
    t = index % 2**period.interval_depth
    slot, day = divmod(index >> period.interval_depth, 2**period.day_depth)
    leaf = period.coefficient_bytes(slot, day, t, sum(period.intervals[:day]) + t)
    return [prove("coefficient", leaf, leaves, (depth, index), [], period.roots["schedule_root"])]


def cost_proofs(period: ReferencePeriod) -> list[Json]:
    if period.network is None:
        return []
    pair, depth = max(period.network.costs), 2 * period.slot_depth
    index, scale = (pair[0] << period.slot_depth) + pair[1], period.scale_bytes()
    above, beside = [(1, ref.keccak(scale))], [(0, period.costs_root)]
    alone = {0: ref.keccak(scale)}
    return [
        prove("cost", period.cost_bytes(*pair), period.costs_tree, (depth, index), above, period.basis),
        prove("scale", scale, alone, (0, 0), beside, period.basis),
    ]


# ---- what the chain answers --------------------------------------------------------------------------------


def chain_facts() -> Json:
    contracts = {name: to_hex(ref.keccak(name.encode())[:20]) for name in CONTRACTS}
    return {"chain_id": CHAIN_ID, "genesis_hash": GENESIS, "contracts": contracts}


def pack_bands(bands: list[int]) -> list[str]:
    """Pack two bits an interval, 128 to a word, the first in the lowest bits."""
    chunks = [bands[start : start + 128] for start in range(0, len(bands), 128)]
    packed = [sum(band << 2 * place for place, band in enumerate(chunk)) for chunk in chunks]
    return [to_hex(word.to_bytes(32, "big")) for word in packed]


def point_record(period: ReferencePeriod, slot: int) -> Json:
    point, tag = period.points[slot], period.tags[slot]
    if point is None or tag is None:
        return dict(NO_POINT)
    return {
        "direction": DIRECTIONS[point["direction"]],
        "factorPpm": point["factor_ppm"],
        "fromDay": point["from_day"],
        "untilDay": point["until_day"],
        "tag": to_hex(tag),
    }


def chain_of(period: ReferencePeriod, state: int = 2) -> Json:
    """Give what a verifier reads; the run and its bills are in ``state`` (2 is final)."""
    inputs, expected = period.inputs, {name: to_hex(root) for name, root in period.roots.items()}
    opened = inputs["start_utc"] + 86_400 * period.days
    whole = {"community": inputs["community"], "period": period.number}
    times = {
        "proposer": SETTLER,
        "proposedAt": opened + 7_200,
        "contestableUntil": opened + 10_800,
        "state": state,
    }
    return {
        **chain_facts(),
        "terms": {
            "ruleVersion": 1,
            "slots": period.slots,
            "dayCount": period.days,
            "maxIntervals": max(period.intervals),
            "resolutionMinutes": inputs["resolution_minutes"],
            "startUtc": inputs["start_utc"],
            "expectedReadings": sum(period.totals["batch"].values()),
            "openedAt": opened,
            "classesRoot": expected["classes_root"],
        },
        "points": [point_record(period, slot) for slot in range(period.slots)],
        "intervals": period.intervals,
        "bands": pack_bands(inputs["bands"]),
        "seats": inputs["seats"],
        "rule": period.rule,
        "batch": {
            **whole,
            "version": inputs["batch_version"],
            "label": 0,
            "signer": inputs["signer"],
            **period.totals["batch"],
            "submittedAt": opened + 3_600,
            "root": expected["batch_root"],
            "source": to_hex(ref.ZERO),
        },
        "run": {
            **whole,
            "version": inputs["run_version"],
            "ruleVersion": 1,
            "batchId": to_hex(period.batch_id),
            "basis": to_hex(period.basis),
            "root": expected["run_root"],
            **period.totals["run"],
            **times,
            "attestedBy": AUDITOR,
            "voidedBy": NOBODY,
        },
        "schedule": schedule_record(period, whole),
        "bills": {
            "community": inputs["community"],
            "runId": to_hex(period.run_id),
            "root": expected["bill_root"],
            **period.totals["bills"],
            **times,
            "voidedBy": NOBODY,
        },
    }


def schedule_record(period: ReferencePeriod, whole: Json) -> Json | None:
    schedule = period.inputs["schedule"]
    return schedule and {
        **whole,
        "version": schedule["version"],
        "root": to_hex(period.roots["schedule_root"]),
        "slots": period.schedule_slots,
        "dayCount": period.days,
        "maxIntervals": max(period.intervals),
        "handedInAt": period.inputs["start_utc"] - 3_600,
    }


# ---- bundles -----------------------------------------------------------------------------------------------


def bundle_scale(period: ReferencePeriod) -> Json | None:
    if period.network is None:
        return None
    salt = period.salt(period.auditors_key, period.terms_id, 15, 0, 0, 0)
    return {"numbers": period.scale, "salt": to_hex(salt), "costs_root": to_hex(period.costs_root)}


def bundle_costs(period: ReferencePeriod, slot: int) -> list[Json] | None:
    if period.network is None or period.direction(slot) != "consumption":
        return None
    depth = 2 * period.slot_depth
    return [
        {
            "producer": producer,
            "weight": period.network.costs[producer, slot],
            "cap": None,  # no link has one here
            "salt": to_hex(period.cost_salt(producer, slot)),
            "path": hexes(ref.path_of(period.costs_tree, depth, (producer << period.slot_depth) + slot)),
        }
        for producer in period.network.producers
    ]


def bundle_point(period: ReferencePeriod, slot: int, *, with_headers: bool) -> Json:
    point = period.point(slot)
    starts = [sum(period.intervals[:day]) for day in range(period.days)]

    def by_day(figures: list[Any]) -> list[list[Any]]:
        return [
            figures[start : start + count] if period.is_active(slot, day) else []
            for day, (start, count) in enumerate(zip(starts, period.intervals, strict=True))
        ]

    level = period.interval_depth
    reading_level = level + period.day_depth
    told = (
        "direction",
        "number",
        "nonce",
        "key",
        "factor_ppm",
        "from_day",
        "until_day",
        "vat_class",
        "network_class",
    )
    return {
        "slot": slot,
        **{name: point[name] for name in told},
        "class_path": hexes(ref.path_of(period.classes_tree, period.slot_depth, slot)),
        "energy": by_day(period.inputs["energy"][slot]),
        "allocated": by_day(period.allocated[slot]),
        "quality": by_day(period.inputs["quality"][slot]),
        "source": by_day(period.inputs["source"][slot]),
        "value": by_day(period.worth[1][slot]),
        "credited": by_day(period.credited[slot]) if credits_any(period.rule) else None,
        "row_paths": [
            hexes(ref.path_of(tree["rows"], period.slot_depth + level, slot, level))
            for tree in period.day_trees
        ],
        "reading_path": hexes(
            ref.path_of(period.readings_tree, period.slot_depth + reading_level, slot, reading_level)
        ),
        "period_path": hexes(ref.path_of(period.periods_tree, period.slot_depth, slot)),
        "links": period.links[slot],
        **bundle_coefficients(period, slot, by_day),
        "details": by_day([list(period.detail_of(slot, index)) for _, _, index in period.moments()])
        if period.network is not None
        else None,
        "costs": bundle_costs(period, slot) if with_headers else None,
    }


def credits_any(rule: Json) -> bool:
    return bool(
        rule["source"] == 0 and (rule["key"]["surplusOwner"] == 1 or rule["key"]["method"] == INCENTIVE)
    )


def bundle_coefficients(
    period: ReferencePeriod, slot: int, by_day: Callable[[list[int]], list[list[int]]]
) -> Json:
    if not period.inputs["schedule"] or period.direction(slot) != "consumption":
        return {"coefficients": None, "coefficient_path": None}
    level, path = period.day_depth + period.interval_depth, []
    if slot < period.schedule_slots:
        path = hexes(ref.path_of(period.coefficients_tree, period.schedule_depth + level, slot, level))
    figures = [period.coefficient(slot, index) for index in range(sum(period.intervals))]
    return {"coefficients": by_day(figures), "coefficient_path": path}


def bundle_of(period: ReferencePeriod, seat: int, *, with_headers: bool = True) -> Json:
    """Give the bundle of the participant at ``seat`` (section 11)."""
    slots = [slot for slot in period.settled_slots if period.inputs["seats"][slot] == seat]
    bill = next(bill for bill in period.bills if bill["seat"] == seat)
    days = []
    for day, roots in enumerate(period.day_roots):
        headers = [period.headers[index] for d, _, index in period.moments() if d == day]
        days.append(
            {
                "headers": headers if with_headers else None,
                "headers_root": to_hex(roots["headers_root"]),
                "stairs_root": to_hex(roots["stairs_root"]),
            }
        )
    return {
        "format": "partage-bundle",
        "version": 2,
        "chain": chain_facts(),
        "community": to_hex(from_hex(period.inputs["community"])),
        "period": period.number,
        "run_version": period.inputs["run_version"],
        "batch_id": to_hex(period.batch_id),
        "seat": seat,
        "points": [bundle_point(period, slot, with_headers=with_headers) for slot in slots],
        "reading_stairs_root": to_hex(period.roots["reading_stairs_root"]),
        "scale": bundle_scale(period) if with_headers else None,
        "days": days,
        "period_stairs_root": to_hex(period.roots["period_stairs_root"]),
        "bill": {
            **{name: value for name, value in bill.items() if name != "seat"},
            "path": hexes(ref.path_of(period.bills_tree, period.slot_depth, seat)),
        },
        "bill_stairs_root": to_hex(period.roots["bill_stairs_root"]),
    }
