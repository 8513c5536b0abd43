"""A community file of the vectors, as the arrays that the builders take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from backend.allocation.flow_network import FlowNetwork, FlowPoint
from backend.commitments import (
    Activity,
    BatchTree,
    BillFigures,
    BillTree,
    BundlePoint,
    BundleSubject,
    ChainFacts,
    ClassesTree,
    CoefficientsTree,
    CostsTree,
    FlowScale,
    IntervalFlows,
    LinkCosts,
    PeriodTrees,
    Readings,
    RunTree,
    SaltKeys,
    SettledIntervals,
    TreeShape,
    build_batch_tree,
    build_bill_tree,
    build_classes_tree,
    build_coefficients_tree,
    build_costs_tree,
    build_run_tree,
    form_batch_id,
    form_run_id,
    form_schedule_id,
    form_terms_id,
    stack_keys,
)
from backend.community import Direction, LinkTerms

Json = dict[str, Any]
VECTORS = Path(__file__).parents[2] / "vectors"
COMMUNITIES = tuple(sorted(path.stem for path in VECTORS.glob("communities/*.json")))


def read_vectors(name: str) -> Json:
    content: Json = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    assert content["format"] == "partage-vectors"
    assert content["version"] == 1
    return content


def from_hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def to_hex(value: bytes) -> str:
    return "0x" + value.hex()


class PeriodArrays:
    """Inputs of a period and, on request, the trees that the room builds over them."""

    def __init__(self, file: Json) -> None:
        self.inputs = inputs = file["inputs"]
        self.expected = expected = file["expected"]
        points = inputs["points"]
        self.shape = TreeShape(len(points), tuple(inputs["intervals"]))
        active = np.zeros((self.shape.slots, self.shape.days), dtype=np.bool_)
        direction, vat, network = (np.zeros(self.shape.slots, dtype=np.uint8) for _ in range(3))
        for slot, point in enumerate(points):
            if point is not None:
                active[slot, point["from_day"] : point["until_day"]] = True
                direction[slot] = point["direction"] == "feed_in"
                vat[slot], network[slot] = point["vat_class"], point["network_class"]
        self.activity = Activity(self.shape, active, direction)
        self.vat_class, self.network_class = vat, network
        known = {slot: from_hex(point["key"]) for slot, point in enumerate(points) if point}
        community = from_hex(inputs["community"])
        self.keys = SaltKeys(community, stack_keys(known, self.shape.slots), from_hex(inputs["auditors_key"]))
        self.terms_id = form_terms_id(community, inputs["period"])
        self.run_id = form_run_id(community, inputs["period"], inputs["run_version"])
        signer = from_hex(inputs["signer"])
        self.batch_id = form_batch_id(community, inputs["period"], inputs["batch_version"], signer)
        energy = np.array(inputs["energy"], dtype=np.int64)
        quality = np.array(inputs["quality"], dtype=np.uint8)
        self.readings = Readings(energy, quality, np.array(inputs["source"], dtype=np.uint8))
        self.settled = settled_of(expected, inputs, energy, quality)

    def batch_tree(self) -> BatchTree:
        return build_batch_tree(self.activity, self.keys, self.batch_id, self.readings)

    def run_tree(self) -> RunTree:
        return build_run_tree(self.activity, self.keys, self.run_id, self.settled)

    def classes_tree(self) -> ClassesTree:
        return build_classes_tree(self.activity, self.keys, self.terms_id, self.vat_class, self.network_class)

    def bill_tree(self, bills: list[Json]) -> BillTree:
        return build_bill_tree(self.activity, self.keys, self.run_id, [bill_figures(bill) for bill in bills])

    def trees(self, bills: list[Json]) -> PeriodTrees:
        return PeriodTrees(
            self.classes_tree(),
            self.batch_tree(),
            self.run_tree(),
            self.bill_tree(bills),
            self.coefficients_tree(),
            credits=self.inputs["rule"]["key"]["surplusOwner"] == 1
            or self.inputs["rule"]["key"]["method"] == 10,
            costs=self.costs_tree(),
        )

    def costs_tree(self) -> CostsTree | None:
        text = self.inputs.get("link_terms")
        if text is None:
            return None
        told = json.loads(text)
        assert {*told["caps"], *told["costs"], *told["preferences"]} == set(), (
            "the reference knows none of them"
        )
        terms = LinkTerms(
            donations=tuple((str(producer), str(consumer)) for producer, consumer in told["donations"]),
            fairness_steps=told["fairness_steps"],
            own_first=told["own_first"],
        )
        points = {
            slot: FlowPoint(Direction[point["direction"].upper()], self.inputs["seats"][slot])
            for slot, point in enumerate(self.inputs["points"])
            if point
        }
        slots = {str(slot): slot for slot in range(self.shape.slots)}
        network = FlowNetwork.of(terms, slots, points, self.inputs["resolution_minutes"])
        weights = network.weights
        scale = FlowScale(weights.shared, weights.consumer_step, weights.producer_step, network.steps)
        sides = network.producer_slots, network.consumer_slots
        costs = LinkCosts.of(*sides, weights.costs, network.caps, scale)
        return build_costs_tree(self.keys, self.terms_id, self.shape.slots, costs)

    def coefficients_tree(self) -> CoefficientsTree | None:
        schedule = self.inputs["schedule"]
        if schedule is None:
            return None
        schedule_id = form_schedule_id(self.keys.community, self.inputs["period"], schedule["version"])
        given = np.array(schedule["coefficients"], dtype=np.int64)
        return build_coefficients_tree(self.activity, self.keys, schedule_id, given)

    def subject(self, seat: int, *, shows_headers: bool) -> BundleSubject:
        chosen = [
            BundlePoint(
                slot, p["number"], from_hex(p["nonce"]), p["factor_ppm"], p["from_day"], p["until_day"]
            )
            for slot, p in enumerate(self.inputs["points"])
            if p and self.inputs["seats"][slot] == seat
        ]
        return BundleSubject(self.inputs["period"], self.inputs["run_version"], chosen, shows_headers)


def settled_of(expected: Json, inputs: Json, energy: Any, quality: Any) -> SettledIntervals:
    headers = expected["headers"]
    slots, intervals = energy.shape
    rounds = np.array([header[6:] for header in headers], dtype=np.int64).reshape(intervals, -1, 2)
    consumes = [bool(point) and point["direction"] == "consumption" for point in inputs["points"]]
    links = [
        [link[0], slot, *link[1:]]
        for slot, own in enumerate(expected["links"])
        if consumes[slot]
        for link in own
    ]
    flows = None
    if expected["potentials"] is not None:
        told = np.array(expected["flows"], dtype=np.int64).reshape(-1, 4)
        flows = IntervalFlows(told, np.array(expected["potentials"], dtype=np.int64))
    return SettledIntervals(
        energy=energy,
        allocated=np.array(expected["allocated"], dtype=np.int64),
        quality=quality,
        tau=np.array([header[4] for header in headers], dtype=np.uint32),
        bands=np.array(inputs["bands"], dtype=np.uint8),
        value=np.array([header[3] for header in headers], dtype=np.int64),
        row_value=np.array(expected["value"], dtype=np.int64),
        credited=np.array(expected["credited"], dtype=np.int64),
        links=np.array(links, dtype=np.int64).reshape(-1, 5),
        rounds=rounds,
        parts=parts_of(expected["parts"], (slots, *rounds.shape)) if rounds.size and not flows else None,
        flows=flows,
        producers_sell=inputs["rule"]["tariff"]["seller"] == 1,
        producers_price=inputs["rule"]["tariff"]["pricing"] == 3 and inputs["rule"]["key"]["method"] != 9,
    )


def parts_of(told: list[Any], shape: tuple[int, ...]) -> Any:
    """What rows contribute; an interval on which a slot is not active tells nothing."""
    parts = np.zeros(shape, dtype=np.int64)
    for slot, own in enumerate(told):
        for interval, figures in enumerate(own):
            if figures:
                parts[slot, interval] = np.array(figures).reshape(-1, 2)
    return parts


def bill_figures(bill: Json) -> BillFigures:
    amounts = [bill[name] for name in ("vat_debit", "vat_credit", "debit", "credit")]
    return BillFigures(bill["seat"], tuple(bill["lines"]), *amounts)


def chain_facts(chain: Json) -> ChainFacts:
    contracts = {name: from_hex(address) for name, address in chain["contracts"].items()}
    return ChainFacts(chain["chain_id"], from_hex(chain["genesis_hash"]), contracts)
