"""One whole period by the reference: inputs of a community file in, roots, proofs and bundles out.

Plain and slow like ``reference``; the order of the code is the order of ``docs/protocol.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from tests.vectors import reference as ref

Json = dict[str, Any]
FEED_IN = "feed_in"


def to_hex(data: bytes) -> str:
    return "0x" + data.hex()


def from_hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


class ReferencePeriod:
    """Everything that a period's inputs determine."""

    def __init__(self, inputs: Json) -> None:
        self.inputs = inputs
        self.community = from_hex(inputs["community"])
        self.auditors_key = from_hex(inputs["auditors_key"])
        self.number: int = inputs["period"]
        self.points: list[Json | None] = inputs["points"]
        self.rule: Json = inputs["rule"]
        self.slots = len(self.points)
        self.intervals: list[int] = inputs["intervals"]
        self.days = len(self.intervals)
        self.slot_depth = ref.depth_of(self.slots)
        self.day_depth = ref.depth_of(self.days)
        self.interval_depth = ref.depth_of(max(self.intervals))
        self.blocks = ref.blocks_of(self.slots)
        self.stair_depth = ref.depth_of(self.blocks)
        signer = from_hex(inputs["signer"])
        self.terms_id = ref.keccak(ref.terms_bytes(self.community, self.number))
        self.run_id = ref.keccak(ref.run_bytes(self.community, self.number, inputs["run_version"]))
        self.batch_id = ref.keccak(
            ref.batch_bytes(self.community, self.number, inputs["batch_version"], signer)
        )

    # ---- who and when ----

    def key(self, slot: int) -> bytes:
        point = self.points[slot]
        assert point is not None
        return from_hex(point["key"])

    def salt(self, key: bytes, scope: bytes, kind: int, *place: int) -> bytes:
        slot, day, t = place
        return ref.salt_of(key, self.community, scope, kind, (slot, day, t))

    def moments(self) -> list[tuple[int, int, int]]:
        """Give (day, t, index of the interval in the period), in order."""
        pairs = [(day, t) for day in range(self.days) for t in range(self.intervals[day])]
        return [(day, t, index) for index, (day, t) in enumerate(pairs)]

    def is_active(self, slot: int, day: int) -> bool:
        point = self.points[slot]
        return point is not None and point["from_day"] <= day < point["until_day"]

    def direction(self, slot: int) -> str:
        point = self.points[slot]
        return point["direction"] if point else ""

    def active_slots(self, day: int, direction: str = "") -> list[int]:
        chosen = [slot for slot in range(self.slots) if self.is_active(slot, day)]
        return [slot for slot in chosen if direction in ("", self.direction(slot))]

    @cached_property
    def tags(self) -> list[bytes | None]:
        return [
            None if point is None else ref.keccak(ref.tag_bytes(from_hex(point["nonce"]), point["number"]))
            for point in self.points
        ]

    # ---- what the sharing key gives ----

    @cached_property
    def shares(self) -> tuple[list[list[int]], list[list[int]]]:
        """Allocated or shared energy per slot and interval, and the header [P, C, A, tau, band] of each interval."""
        allocated = [[0] * sum(self.intervals) for _ in range(self.slots)]
        headers = []
        for day, t, index in self.moments():
            energy = [row[index] for row in self.inputs["energy"]]
            feed_in = {slot: energy[slot] for slot in self.active_slots(day, FEED_IN)}
            wanted = {slot: energy[slot] for slot in self.active_slots(day, "consumption")}
            pool = sum(feed_in.values())
            given = ref.allocate(self.rule, pool, wanted)
            total = sum(given.values())
            tau, shared = ref.split(self.slots, t, feed_in, total)
            for slot, part in [*given.items(), *shared.items()]:
                allocated[slot][index] = part
            headers.append([pool, sum(wanted.values()), total, tau, self.inputs["bands"][index]])
        return allocated, headers

    def running(self, slot: int, until: int) -> list[list[int]]:
        """Sum a slot's (energy, allocated) per band over the intervals before ``until``."""
        sums = [[0, 0] for _ in range(4)]
        for index in range(until):
            band = self.inputs["bands"][index]
            sums[band][0] += self.inputs["energy"][slot][index]
            sums[band][1] += self.shares[0][slot][index]
        return sums

    # ---- the run's trees ----

    def header_leaves(self, day: int) -> dict[int, bytes]:
        return {t: ref.keccak(ref.header_leaf(self.shares[1][i])) for d, t, i in self.moments() if d == day}

    def sums_up_to(self, block: int, figures: Mapping[int, tuple[int, int]]) -> list[int]:
        """Give P, C, A, S over the slots of the first blocks, from (energy, allocated) per slot."""
        sums = [0, 0, 0, 0]
        for slot in range(min(ref.STRIDE * (block + 1), self.slots)):
            energy, allocated = figures.get(slot, (0, 0))
            if self.direction(slot) == FEED_IN:
                sums[0], sums[3] = sums[0] + energy, sums[3] + allocated
            else:
                sums[1], sums[2] = sums[1] + energy, sums[2] + allocated
        return sums

    def stair_bytes(self, day: int, t: int, index: int, block: int) -> bytes:
        figures = {
            s: (self.inputs["energy"][s][index], self.shares[0][s][index]) for s in self.active_slots(day)
        }
        salt = self.salt(self.auditors_key, self.run_id, 2, block, day, t)
        return ref.stair_leaf(salt, self.sums_up_to(block, figures))

    def stair_leaves(self, day: int) -> dict[int, bytes]:
        return {
            (t << self.stair_depth) + block: ref.keccak(self.stair_bytes(day, t, index, block))
            for d, t, index in self.moments()
            if d == day
            for block in range(self.blocks)
        }

    def row_bytes(self, slot: int, day: int, t: int, index: int) -> bytes:
        energy, quality = self.inputs["energy"][slot][index], self.inputs["quality"][slot][index]
        salt = self.salt(self.key(slot), self.run_id, 3, slot, day, t)
        return ref.row_leaf(salt, energy, self.shares[0][slot][index], quality, self.running(slot, index + 1))

    def row_leaves(self, day: int) -> dict[int, bytes]:
        return {
            (slot << self.interval_depth) + t: ref.keccak(self.row_bytes(slot, day, t, index))
            for d, t, index in self.moments()
            if d == day
            for slot in self.active_slots(day)
        }

    @cached_property
    def day_trees(self) -> list[dict[str, dict[int, bytes]]]:
        return [
            {
                "headers": self.header_leaves(day),
                "stairs": self.stair_leaves(day),
                "rows": self.row_leaves(day),
            }
            for day in range(self.days)
        ]

    @cached_property
    def day_roots(self) -> list[dict[str, bytes]]:
        roots = []
        for tree in self.day_trees:
            headers = ref.subtree(tree["headers"], self.interval_depth, 0)
            stairs = ref.subtree(tree["stairs"], self.interval_depth + self.stair_depth, 0)
            rows = ref.subtree(tree["rows"], self.slot_depth + self.interval_depth, 0)
            day = ref.keccak(ref.keccak(headers + stairs) + rows)
            roots.append({"headers_root": headers, "stairs_root": stairs, "rows_root": rows, "day_root": day})
        return roots

    @cached_property
    def days_tree(self) -> dict[int, bytes]:
        return {day: roots["day_root"] for day, roots in enumerate(self.day_roots)}

    def period_bytes(self, slot: int) -> bytes:
        salt = self.salt(self.key(slot), self.run_id, 4, slot, 0, 0)
        return ref.period_leaf(salt, self.running(slot, sum(self.intervals)))

    @cached_property
    def settled_slots(self) -> list[int]:
        return [
            slot for slot in range(self.slots) if any(self.is_active(slot, day) for day in range(self.days))
        ]

    @cached_property
    def periods_tree(self) -> dict[int, bytes]:
        return {slot: ref.keccak(self.period_bytes(slot)) for slot in self.settled_slots}

    def period_sums(self, block: int) -> list[int]:
        totals = {slot: self.running(slot, sum(self.intervals)) for slot in self.settled_slots}
        figures = {
            slot: (sum(e for e, _ in bands), sum(a for _, a in bands)) for slot, bands in totals.items()
        }
        return self.sums_up_to(block, figures)

    def period_stair_bytes(self, block: int) -> bytes:
        salt = self.salt(self.auditors_key, self.run_id, 5, block, 0, 0)
        return ref.period_stair_leaf(salt, self.period_sums(block))

    @cached_property
    def period_stairs_tree(self) -> dict[int, bytes]:
        return {block: ref.keccak(self.period_stair_bytes(block)) for block in range(self.blocks)}

    # ---- the batch's trees ----

    def reading_bytes(self, slot: int, day: int, t: int, index: int) -> bytes:
        salt = self.salt(self.key(slot), self.batch_id, 8, slot, day, t)
        figures = [self.inputs[name][slot][index] for name in ("energy", "quality", "source")]
        return ref.reading_leaf(salt, *figures)

    @cached_property
    def readings_tree(self) -> dict[int, bytes]:
        return {
            (((slot << self.day_depth) + day) << self.interval_depth) + t: ref.keccak(
                self.reading_bytes(slot, day, t, index)
            )
            for day, t, index in self.moments()
            for slot in self.active_slots(day)
        }

    def counts_up_to(self, slot: int, day: int) -> list[int]:
        """Count measured, estimated and missing readings up to and including (slot, day)."""
        counts = [0, 0, 0]
        for d, _, index in self.moments():
            for s in self.active_slots(d):
                if (s, d) <= (slot, day):
                    counts[{0: 0, 2: 0, 1: 1, 3: 2}[self.inputs["quality"][s][index]]] += 1
        return counts

    def reading_stair_bytes(self, slot: int, day: int) -> bytes:
        salt = self.salt(self.auditors_key, self.batch_id, 9, slot, day, 0)
        return ref.reading_stair_leaf(salt, self.counts_up_to(slot, day))

    @cached_property
    def reading_stairs_tree(self) -> dict[int, bytes]:
        return {
            (slot << self.day_depth) + day: ref.keccak(self.reading_stair_bytes(slot, day))
            for slot in range(self.slots)
            for day in range(self.days)
        }

    # ---- the bills' trees, and the classes ----

    @cached_property
    def bills(self) -> list[Json]:
        bills = []
        for seat in sorted({self.inputs["seats"][slot] for slot in self.settled_slots}):
            slots = [slot for slot in self.settled_slots if self.inputs["seats"][slot] == seat]
            points = [(self.direction(slot), self.running(slot, sum(self.intervals))) for slot in slots]
            seat_point = self.points[seat]
            assert seat_point is not None
            bills.append({"seat": seat, **ref.bill(self.rule["tariff"], seat_point["vat_class"], points)})
        return bills

    def bill_bytes(self, bill: Json) -> bytes:
        seat = bill["seat"]
        totals = [bill[name] for name in ("vat_debit", "vat_credit", "debit", "credit")]
        return ref.bill_leaf(self.salt(self.key(seat), self.run_id, 6, seat, 0, 0), bill["lines"], totals)

    @cached_property
    def bills_tree(self) -> dict[int, bytes]:
        return {bill["seat"]: ref.keccak(self.bill_bytes(bill)) for bill in self.bills}

    def bill_sums(self, block: int) -> list[int]:
        chosen = [bill for bill in self.bills if bill["seat"] < ref.STRIDE * (block + 1)]
        columns = [(b["debit"], b["credit"], b["lines"][6], b["vat_debit"], b["vat_credit"]) for b in chosen]
        return [sum(column[i] for column in columns) for i in range(5)]

    def bill_stair_bytes(self, block: int) -> bytes:
        return ref.bill_stair_leaf(
            self.salt(self.auditors_key, self.run_id, 7, block, 0, 0), self.bill_sums(block)
        )

    @cached_property
    def bill_stairs_tree(self) -> dict[int, bytes]:
        return {block: ref.keccak(self.bill_stair_bytes(block)) for block in range(self.blocks)}

    def class_bytes(self, slot: int) -> bytes:
        point = self.points[slot]
        assert point is not None
        salt = self.salt(self.key(slot), self.terms_id, 10, slot, 0, 0)
        return ref.class_leaf(salt, point["vat_class"], point["network_class"])

    @cached_property
    def classes_tree(self) -> dict[int, bytes]:
        return {slot: ref.keccak(self.class_bytes(slot)) for slot in self.settled_slots}

    # ---- roots and totals ----

    @cached_property
    def roots(self) -> dict[str, bytes]:
        reading_depth = self.slot_depth + self.day_depth + self.interval_depth
        roots = {
            "classes_root": ref.subtree(self.classes_tree, self.slot_depth, 0),
            "readings_root": ref.subtree(self.readings_tree, reading_depth, 0),
            "reading_stairs_root": ref.subtree(self.reading_stairs_tree, self.slot_depth + self.day_depth, 0),
            "days_root": ref.subtree(self.days_tree, self.day_depth, 0),
            "periods_root": ref.subtree(self.periods_tree, self.slot_depth, 0),
            "period_stairs_root": ref.subtree(self.period_stairs_tree, self.stair_depth, 0),
            "bills_root": ref.subtree(self.bills_tree, self.slot_depth, 0),
            "bill_stairs_root": ref.subtree(self.bill_stairs_tree, self.stair_depth, 0),
        }
        periods = ref.keccak(roots["periods_root"] + roots["period_stairs_root"])
        roots["run_root"] = ref.keccak(roots["days_root"] + periods)
        roots["batch_root"] = ref.keccak(roots["readings_root"] + roots["reading_stairs_root"])
        roots["bill_root"] = ref.keccak(roots["bills_root"] + roots["bill_stairs_root"])
        return roots

    @cached_property
    def totals(self) -> Json:
        counts = self.counts_up_to(self.slots, self.days)
        p, c, a, s = self.period_sums(self.blocks - 1)
        debits, credits_, fees, vat_debits, vat_credits = self.bill_sums(self.blocks - 1)
        shared, residual, network, surplus = (self.rule["tariff"]["billedBy"] >> bit & 1 for bit in range(4))
        line = [sum(bill["lines"][i] for bill in self.bills) for i in range(9)]
        return {
            "batch": dict(zip(("measured", "estimated", "missing"), counts, strict=True)),
            "run": {"feedIn": p, "consumption": c, "allocated": a, "shared": s},
            "bills": {
                "debits": debits,
                "credits": credits_,
                "fees": fees,
                "vatDebits": vat_debits,
                "vatCredits": vat_credits,
                "passThrough": residual * sum(line[:4]) + network * line[5] - surplus * line[8],
                "rounding": shared * (line[4] - line[7]),
            },
        }
