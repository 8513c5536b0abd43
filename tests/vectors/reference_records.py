"""What a reference period looks like from outside: expected values, proofs, the chain's answers, bundles."""

from __future__ import annotations

from typing import Any

from tests.vectors import reference as ref
from tests.vectors.reference_period import ReferencePeriod, from_hex, to_hex

Json = dict[str, Any]
CHAIN_ID = 4_242_424_242
GENESIS = to_hex(ref.keccak(b"genesis of the vectors"))
CONTRACTS = (
    "registry",
    "rule_book",
    "period_book",
    "meter_data_ledger",
    "settlement_ledger",
    "billing_ledger",
)
SETTLER = to_hex(ref.keccak(b"settler")[:20])
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
        "allocated": period.shares[0],
        "headers": period.shares[1],
        "days": [{name: to_hex(root) for name, root in roots.items()} for roots in period.day_roots],
        **{name: to_hex(root) for name, root in period.roots.items()},
        "bills": period.bills,
        "totals": period.totals,
        "proofs": proofs_of(period),
    }


def points_hash(period: ReferencePeriod) -> bytes:
    return ref.keccak(b"".join(ref.join((slot, 4), tag) for slot, tag in enumerate(period.tags) if tag))


# ---- one leaf of each kind, climbed to its root ------------------------------------------------------------


def proofs_of(period: ReferencePeriod) -> list[Json]:
    """Prove the last leaf of each kind: the last active day, its last interval, its last slot."""
    day = max(d for d in range(period.days) if period.active_slots(d))
    slot, t = period.active_slots(day)[-1], period.intervals[day] - 1
    index, block = sum(period.intervals[:day]) + t, period.blocks - 1
    seat, trees, roots = period.bills[-1]["seat"], period.day_trees[day], period.roots
    ds, dd, dt, db = period.slot_depth, period.day_depth, period.interval_depth, period.stair_depth
    run, batch, bills = roots["run_root"], roots["batch_root"], roots["bill_root"]
    headers, stairs = (period.day_roots[day][name] for name in ("headers_root", "stairs_root"))
    rows = period.day_roots[day]["rows_root"]
    above = ref.path_of(period.days_tree, dd, day)
    end = ref.keccak(roots["periods_root"] + roots["period_stairs_root"])
    row_index, stair_index = (slot << dt) + t, (t << db) + block
    reading_index, day_index = (((slot << dd) + day) << dt) + t, (slot << dd) + day
    header = ref.header_leaf(period.shares[1][index])
    day_above = (rows, *above, end)

    def prove(what: str, leaf: bytes, tree: dict[int, bytes], place: tuple[int, int], rest: Json) -> Json:
        depth, position = place
        path = [*ref.path_of(tree, depth, position), *(node for _, node in rest["steps"])]
        for side, _ in rest["steps"]:
            position, depth = position + (side << depth), depth + 1
        assert ref.climb(ref.keccak(leaf), position, path) == rest["root"], what
        return {
            "what": what,
            "leaf": to_hex(leaf),
            "index": position,
            "path": hexes(path),
            "root": to_hex(rest["root"]),
        }

    def day_steps(*sides: tuple[int, bytes]) -> Json:
        bits = [day >> bit & 1 for bit in range(dd)]
        nodes = day_above[1:-1]
        return {"steps": [*sides, *zip(bits, nodes, strict=True), (0, end)], "root": run}

    return [
        prove("header", header, trees["headers"], (dt, t), day_steps((0, stairs), (0, rows))),
        prove(
            "stair",
            period.stair_bytes(day, t, index, block),
            trees["stairs"],
            (dt + db, stair_index),
            day_steps((1, headers), (0, rows)),
        ),
        prove(
            "row",
            period.row_bytes(slot, day, t, index),
            trees["rows"],
            (ds + dt, row_index),
            day_steps((1, ref.keccak(headers + stairs))),
        ),
        prove(
            "period",
            period.period_bytes(slot),
            period.periods_tree,
            (ds, slot),
            {"steps": [(0, roots["period_stairs_root"]), (1, roots["days_root"])], "root": run},
        ),
        prove(
            "period_stair",
            period.period_stair_bytes(block),
            period.period_stairs_tree,
            (db, block),
            {"steps": [(1, roots["periods_root"]), (1, roots["days_root"])], "root": run},
        ),
        prove(
            "bill",
            period.bill_bytes(period.bills[-1]),
            period.bills_tree,
            (ds, seat),
            {"steps": [(0, roots["bill_stairs_root"])], "root": bills},
        ),
        prove(
            "bill_stair",
            period.bill_stair_bytes(block),
            period.bill_stairs_tree,
            (db, block),
            {"steps": [(1, roots["bills_root"])], "root": bills},
        ),
        prove(
            "reading",
            period.reading_bytes(slot, day, t, index),
            period.readings_tree,
            (ds + dd + dt, reading_index),
            {"steps": [(0, roots["reading_stairs_root"])], "root": batch},
        ),
        prove(
            "reading_stair",
            period.reading_stair_bytes(slot, day),
            period.reading_stairs_tree,
            (ds + dd, day_index),
            {"steps": [(1, roots["readings_root"])], "root": batch},
        ),
        prove(
            "class",
            period.class_bytes(slot),
            period.classes_tree,
            (ds, slot),
            {"steps": [], "root": roots["classes_root"]},
        ),
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
            "root": expected["run_root"],
            **period.totals["run"],
            **times,
        },
        "bills": {
            "community": inputs["community"],
            "runId": to_hex(period.run_id),
            "root": expected["bill_root"],
            **period.totals["bills"],
            **times,
        },
    }


# ---- bundles -----------------------------------------------------------------------------------------------


def bundle_point(period: ReferencePeriod, slot: int) -> Json:
    point = period.points[slot]
    assert point is not None
    starts = [sum(period.intervals[:day]) for day in range(period.days)]

    def by_day(figures: list[int]) -> list[list[int]]:
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
        "allocated": by_day(period.shares[0][slot]),
        "quality": by_day(period.inputs["quality"][slot]),
        "source": by_day(period.inputs["source"][slot]),
        "row_paths": [
            hexes(ref.path_of(tree["rows"], period.slot_depth + level, slot, level))
            for tree in period.day_trees
        ],
        "reading_path": hexes(
            ref.path_of(period.readings_tree, period.slot_depth + reading_level, slot, reading_level)
        ),
        "period_path": hexes(ref.path_of(period.periods_tree, period.slot_depth, slot)),
    }


def bundle_of(period: ReferencePeriod, seat: int, *, with_headers: bool = True) -> Json:
    """Give the bundle of the participant at ``seat`` (section 11)."""
    slots = [slot for slot in period.settled_slots if period.inputs["seats"][slot] == seat]
    bill = next(bill for bill in period.bills if bill["seat"] == seat)
    days = []
    for day, roots in enumerate(period.day_roots):
        headers = [period.shares[1][index] for d, _, index in period.moments() if d == day]
        days.append(
            {
                "headers": headers if with_headers else None,
                "headers_root": to_hex(roots["headers_root"]),
                "stairs_root": to_hex(roots["stairs_root"]),
            }
        )
    return {
        "format": "partage-bundle",
        "version": 1,
        "chain": chain_facts(),
        "community": to_hex(from_hex(period.inputs["community"])),
        "period": period.number,
        "run_version": period.inputs["run_version"],
        "batch_id": to_hex(period.batch_id),
        "seat": seat,
        "points": [bundle_point(period, slot) for slot in slots],
        "reading_stairs_root": to_hex(period.roots["reading_stairs_root"]),
        "days": days,
        "period_stairs_root": to_hex(period.roots["period_stairs_root"]),
        "bill": {
            **{name: value for name, value in bill.items() if name != "seat"},
            "path": hexes(ref.path_of(period.bills_tree, period.slot_depth, seat)),
        },
        "bill_stairs_root": to_hex(period.roots["bill_stairs_root"]),
    }
