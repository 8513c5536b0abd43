"""One whole period by the reference: inputs of a community file in, roots, proofs and bundles out.

Plain and slow like ``reference``; the order of the code is the order of ``docs/protocol.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from tests.vectors import reference as ref
from tests.vectors.reference_money import BY_PRODUCER, FLOW
from tests.vectors.reference_settlement import CONSUMPTION, FEED_IN, ReferenceSettlement, from_hex, to_hex

NO_CAP = 2**64 - 1

__all__ = ["ReferencePeriod", "from_hex", "to_hex"]

Json = dict[str, Any]


class ReferencePeriod(ReferenceSettlement):
    """Everything that a period's inputs determine: leaves, trees and roots over what was settled."""

    def __init__(self, inputs: Json) -> None:
        super().__init__(inputs)
        self.community = from_hex(inputs["community"])
        self.auditors_key = from_hex(inputs["auditors_key"])
        self.number: int = inputs["period"]
        self.slot_depth = ref.depth_of(self.slots)
        self.day_depth = ref.depth_of(self.days)
        self.interval_depth = ref.depth_of(max(self.intervals))
        self.stair_depth = ref.depth_of(self.blocks)
        signer = from_hex(inputs["signer"])
        self.terms_id = ref.keccak(ref.terms_bytes(self.community, self.number))
        self.run_id = ref.keccak(ref.run_bytes(self.community, self.number, inputs["run_version"]))
        self.batch_id = ref.keccak(
            ref.batch_bytes(self.community, self.number, inputs["batch_version"], signer)
        )
        version = inputs["schedule"]["version"] if inputs["schedule"] else 0
        self.schedule_id = ref.keccak(ref.schedule_bytes(self.community, self.number, version))

    # ---- keys and tags ----

    def key(self, slot: int) -> bytes:
        return from_hex(self.point(slot)["key"])

    def salt(self, key: bytes, scope: bytes, kind: int, *place: int) -> bytes:
        slot, day, t = place
        return ref.salt_of(key, self.community, scope, kind, (slot, day, t))

    @cached_property
    def tags(self) -> list[bytes | None]:
        return [
            None if point is None else ref.keccak(ref.tag_bytes(from_hex(point["nonce"]), point["number"]))
            for point in self.points
        ]

    # ---- the run's trees ----

    def header_leaves(self, day: int) -> dict[int, bytes]:
        return {t: ref.keccak(ref.header_leaf(self.headers[i])) for d, t, i in self.moments() if d == day}

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
            s: (self.inputs["energy"][s][index], self.allocated[s][index]) for s in self.active_slots(day)
        }
        parts = [p for s, p in self.outcomes[index].parts.items() if s < ref.STRIDE * (block + 1)]
        sums = [
            [sum(part[r][side] for part in parts) for side in (0, 1)]
            for r in range(len(self.outcomes[index].rounds))
        ]
        tariff = self.rule["tariff"]
        if tariff["pricing"] == BY_PRODUCER and self.rule["key"]["method"] != FLOW:
            prices = [*tariff["producerPrice"], *[0] * self.slots]
            given = {s: allocated for s, (_, allocated) in figures.items() if self.direction(s) == FEED_IN}
            last = ref.STRIDE * (block + 1)
            sums.append([sum(a * prices[s] for s, a in given.items() if s < last), 0])
        salt = self.salt(self.auditors_key, self.run_id, 2, block, day, t)
        return ref.stair_leaf(salt, self.sums_up_to(block, figures), sums)

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
        detail = b"" if self.network is None else ref.keccak(self.detail_bytes(slot, day, t, index))
        totals = self.running(slot, index + 1)
        return ref.row_leaf(salt, energy, self.allocated[slot][index], quality, totals, detail)

    def detail_of(self, slot: int, index: int) -> tuple[int, list[list[int]]]:
        """Give the potential and the links of a row of flow."""
        outcome = self.outcomes[index]
        ends = {pair: energy for pair, energy in (outcome.flows or {}).items() if energy and slot in pair}
        links = [[p if c == slot else c, energy] for (p, c), energy in ends.items()]
        return (outcome.potentials or {})[slot], sorted(links)

    def detail_bytes(self, slot: int, day: int, t: int, index: int) -> bytes:
        return ref.detail_leaf(
            self.salt(self.key(slot), self.run_id, 13, slot, day, t), *self.detail_of(slot, index)
        )

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

    def links_bytes(self, slot: int) -> bytes:
        return ref.links_leaf(self.salt(self.key(slot), self.run_id, 12, slot, 0, 0), self.links[slot])

    def period_bytes(self, slot: int) -> bytes:
        salt = self.salt(self.key(slot), self.run_id, 4, slot, 0, 0)
        return ref.period_leaf(salt, self.period_totals(slot), ref.keccak(self.links_bytes(slot)))

    @cached_property
    def periods_tree(self) -> dict[int, bytes]:
        return {slot: ref.keccak(self.period_bytes(slot)) for slot in self.settled_slots}

    def period_sums(self, block: int) -> list[int]:
        totals = {slot: self.period_totals(slot) for slot in self.settled_slots}
        figures = {slot: (sum(sums[0:8:2]), sum(sums[1:8:2])) for slot, sums in totals.items()}
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

    def bill_bytes(self, bill: Json) -> bytes:
        seat = bill["seat"]
        totals = [bill[name] for name in ("vat_debit", "vat_credit", "debit", "credit")]
        return ref.bill_leaf(self.salt(self.key(seat), self.run_id, 6, seat, 0, 0), bill["lines"], totals)

    @cached_property
    def bills_tree(self) -> dict[int, bytes]:
        return {bill["seat"]: ref.keccak(self.bill_bytes(bill)) for bill in self.bills}

    def bill_stair_bytes(self, block: int) -> bytes:
        return ref.bill_stair_leaf(
            self.salt(self.auditors_key, self.run_id, 7, block, 0, 0), self.bill_sums(block)
        )

    @cached_property
    def bill_stairs_tree(self) -> dict[int, bytes]:
        return {block: ref.keccak(self.bill_stair_bytes(block)) for block in range(self.blocks)}

    def class_bytes(self, slot: int) -> bytes:
        point = self.point(slot)
        salt = self.salt(self.key(slot), self.terms_id, 10, slot, 0, 0)
        return ref.class_leaf(salt, point["vat_class"], point["network_class"])

    @cached_property
    def classes_tree(self) -> dict[int, bytes]:
        return {slot: ref.keccak(self.class_bytes(slot)) for slot in self.settled_slots}

    # ---- the schedule's tree ----

    def coefficient_bytes(self, slot: int, day: int, t: int, index: int) -> bytes:
        salt = self.salt(self.key(slot), self.schedule_id, 11, slot, day, t)
        return ref.coefficient_leaf(salt, self.coefficient(slot, index))

    @cached_property
    def schedule_slots(self) -> int:
        return len(self.inputs["schedule"]["coefficients"])

    @cached_property
    def schedule_depth(self) -> int:
        return ref.depth_of(self.schedule_slots)

    @cached_property
    def coefficients_tree(self) -> dict[int, bytes]:
        return {
            (((slot << self.day_depth) + day) << self.interval_depth) + t: ref.keccak(
                self.coefficient_bytes(slot, day, t, index)
            )
            for day, t, index in self.moments()
            for slot in self.active_slots(day, CONSUMPTION)
            if slot < self.schedule_slots
        }

    # ---- what links cost ----

    def cost_salt(self, producer: int, consumer: int) -> bytes:
        return self.salt(self.auditors_key, self.terms_id, 14, producer, consumer, 0)

    def cost_bytes(self, producer: int, consumer: int) -> bytes:
        assert self.network is not None
        weight = self.network.costs[producer, consumer]
        return ref.cost_leaf(self.cost_salt(producer, consumer), weight, NO_CAP)

    @property
    def scale(self) -> list[int]:
        """Give [B, W_f, W_h, K]."""
        assert self.network is not None
        return [self.network.shared, self.network.fair, self.network.sold, self.network.steps]

    def scale_bytes(self) -> bytes:
        return ref.scale_leaf(self.salt(self.auditors_key, self.terms_id, 15, 0, 0, 0), self.scale)

    @cached_property
    def costs_tree(self) -> dict[int, bytes]:
        assert self.network is not None
        return {(p << self.slot_depth) + c: ref.keccak(self.cost_bytes(p, c)) for p, c in self.network.costs}

    @cached_property
    def costs_root(self) -> bytes:
        return ref.subtree(self.costs_tree, 2 * self.slot_depth, 0)

    @property
    def basis(self) -> bytes:
        """Give what the run rests on besides its batch: a schedule, costs of links, the operator's files."""
        if self.network is not None:
            return ref.keccak(ref.keccak(self.scale_bytes()) + self.costs_root)
        if self.inputs["schedule"]:
            return self.schedule_id
        return from_hex(self.inputs["operator"]["basis"]) if self.inputs["operator"] else ref.ZERO

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
        if self.network is not None:
            roots["costs_root"] = self.costs_root
        if self.inputs["schedule"]:
            depth = self.schedule_depth + self.day_depth + self.interval_depth
            roots["schedule_root"] = ref.subtree(self.coefficients_tree, depth, 0)
        return roots

    @cached_property
    def totals(self) -> Json:
        counts = self.counts_up_to(self.slots, self.days)
        p, c, a, s = self.period_sums(self.blocks - 1)
        debits, credits_, fees, vat_debits, vat_credits = self.bill_sums(self.blocks - 1)
        shared, residual, network, surplus = (self.rule["tariff"]["billedBy"] >> bit & 1 for bit in range(4))
        line = [sum(bill["lines"][i] for bill in self.bills) for i in range(ref.LINES)]
        return {
            "batch": dict(zip(("measured", "estimated", "missing"), counts, strict=True)),
            "run": {"feedIn": p, "consumption": c, "allocated": a, "shared": s},
            "bills": {
                "debits": debits,
                "credits": credits_,
                "fees": fees,
                "vatDebits": vat_debits,
                "vatCredits": vat_credits,
                "passThrough": residual * (sum(line[:4]) + line[10])
                + network * (line[5] + line[9])
                + shared * line[11]
                - surplus * line[8]
                - line[12],
                "rounding": shared * (line[4] - line[7]),
            },
        }
