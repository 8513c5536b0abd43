"""A community file of the vectors, as the arrays that the builders take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from backend.commitments import (
    Activity,
    BatchTree,
    BillFigures,
    BillTree,
    BundlePoint,
    BundleSubject,
    ChainFacts,
    ClassesTree,
    PeriodTrees,
    Readings,
    RunTree,
    SaltKeys,
    SettledIntervals,
    TreeShape,
    build_batch_tree,
    build_bill_tree,
    build_classes_tree,
    build_run_tree,
    form_batch_id,
    form_run_id,
    form_terms_id,
    stack_keys,
)

Json = dict[str, Any]
VECTORS = Path(__file__).parents[2] / "vectors"
COMMUNITIES = ("single", "street", "roof", "large")


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

    def __init__(self, inputs: Json, allocated: list[list[int]], headers: list[list[int]]) -> None:
        self.inputs = inputs
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
        tau = np.array([header[3] for header in headers], dtype=np.uint32)
        bands = np.array(inputs["bands"], dtype=np.uint8)
        self.settled = SettledIntervals(energy, np.array(allocated, dtype=np.int64), quality, tau, bands)

    def batch_tree(self) -> BatchTree:
        return build_batch_tree(self.activity, self.keys, self.batch_id, self.readings)

    def run_tree(self) -> RunTree:
        return build_run_tree(self.activity, self.keys, self.run_id, self.settled)

    def classes_tree(self) -> ClassesTree:
        return build_classes_tree(self.activity, self.keys, self.terms_id, self.vat_class, self.network_class)

    def bill_tree(self, bills: list[Json]) -> BillTree:
        return build_bill_tree(self.activity, self.keys, self.run_id, [bill_figures(bill) for bill in bills])

    def trees(self, bills: list[Json]) -> PeriodTrees:
        return PeriodTrees(self.classes_tree(), self.batch_tree(), self.run_tree(), self.bill_tree(bills))

    def subject(self, seat: int, *, shows_headers: bool) -> BundleSubject:
        chosen = [
            BundlePoint(
                slot, p["number"], from_hex(p["nonce"]), p["factor_ppm"], p["from_day"], p["until_day"]
            )
            for slot, p in enumerate(self.inputs["points"])
            if p and self.inputs["seats"][slot] == seat
        ]
        return BundleSubject(self.inputs["period"], self.inputs["run_version"], chosen, shows_headers)


def bill_figures(bill: Json) -> BillFigures:
    amounts = [bill[name] for name in ("vat_debit", "vat_credit", "debit", "credit")]
    return BillFigures(bill["seat"], tuple(bill["lines"]), *amounts)


def chain_facts(chain: Json) -> ChainFacts:
    contracts = {name: from_hex(address) for name, address in chain["contracts"].items()}
    return ChainFacts(chain["chain_id"], from_hex(chain["genesis_hash"]), contracts)
