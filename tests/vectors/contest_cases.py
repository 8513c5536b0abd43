"""Contests of the small communities: every kind against what is honest, and each kind of lie against what proves it.

What a contract must say is written here; which transaction says it comes from the product's own provers, over trees
that the reference grew.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import cached_property
from types import SimpleNamespace
from typing import Any, cast

from backend.adapters.chain.artifacts import load_artifact
from backend.adapters.chain.deployment import CONTRACT_NAMES
from backend.commitments.leaves import LeafKind, decode_leaf, encode_leaf
from backend.commitments.openings import Place
from backend.services.contests import AnchoredRun, Proof
from backend.services.contests.finding import CONTESTS
from tests.vectors import reference as ref
from tests.vectors.contest_trees import BatchTrees, BillTrees, RunTrees
from tests.vectors.contest_worlds import Step, World, account, step_of

__all__ = ["WATCHER", "CaseError", "Story", "anchored_run", "changed", "error_of"]

Json = dict[str, Any]
WATCHER = account("watcher")


class CaseError(AssertionError):
    """A case that cannot be made."""


BATCH, BILLS = 1, 2
_TREE_OF = {
    LeafKind.READING: BATCH,
    LeafKind.READING_STAIR: BATCH,
    LeafKind.BILL: BILLS,
    LeafKind.BILL_STAIR: BILLS,
}
# What a contract says to a proof that shows nothing wrong.
_HOLDS = {
    "link": "LinkHolds",
    "step": "PotentialHolds",
    "input": "InputHolds",
    "slot": "SlotHolds",
    "row": "RowHolds",
    "flow": "RowHolds",
    "sum": "SumHolds",
    "value": "ValueHolds",
    "totals": "TotalsHold",
    "header": "HeaderMayHold",
    "stair": "StairHolds",
    "last_stair": "StairHolds",
    "period_stair": "StairHolds",
    "period_totals": "StairHolds",
    "reading_stair": "StairHolds",
    "reading_counts": "StairHolds",
    "linear": "EstimateHolds",
    "similar": "EstimateHolds",
    "method": "MethodHolds",
    "bill": "BillHolds",
    "bill_stair": "BillHolds",
    "bill_totals": "BillHolds",
}


class _VectorRun(AnchoredRun):
    """Details and links as the reference has them."""

    def detail(self, place: Place) -> bytes:
        row = self.run.open(place._replace(kind=LeafKind.ROW)).leaf
        return self.shown_elsewhere.get(decode_leaf(row)["detail"], b"") if row else b""

    def links(self, slot: int) -> bytes:
        period = self.run.open(Place(LeafKind.PERIOD, slot)).leaf
        return self.shown_elsewhere.get(decode_leaf(period)["links"], b"") if period else b""


class _Classes:
    """Stands in for the tree of classes."""

    def __init__(self, world: World) -> None:
        self.period = world.period

    def prove_class(self, slot: int) -> SimpleNamespace:
        p = self.period
        path = ref.path_of(p.classes_tree, p.slot_depth, slot)
        return SimpleNamespace(leaf=p.class_bytes(slot), path=tuple(path))


class _Costs:
    """Stands in for the tree of what links cost."""

    def __init__(self, world: World) -> None:
        assert world.period.network is not None
        self.period = world.period
        self.producers, self.consumers = world.period.network.producers, world.period.network.consumers

    def prove_cost(self, producer: int, consumer: int) -> SimpleNamespace:
        """The cost of a link, up to the basis."""
        p = self.period
        path = ref.path_of(p.costs_tree, 2 * p.slot_depth, (producer << p.slot_depth) + consumer)
        path.append(ref.keccak(p.scale_bytes()))
        return SimpleNamespace(leaf=p.cost_bytes(producer, consumer), path=tuple(path))

    def prove_scale(self) -> SimpleNamespace:
        """What all links have in common."""
        return SimpleNamespace(leaf=self.period.scale_bytes(), path=(self.period.costs_root,))


class _Coefficients:
    """Stands in for the tree of a schedule."""

    def __init__(self, world: World) -> None:
        self.period = world.period
        shape = SimpleNamespace(
            slots=self.period.schedule_slots, days=self.period.days, intervals=self.period.intervals
        )
        self.activity = SimpleNamespace(shape=shape)

    def prove_coefficient(self, slot: int, day: int, t: int) -> SimpleNamespace:
        p = self.period
        depth = p.schedule_depth + p.day_depth + p.interval_depth
        index = (((slot << p.day_depth) + day) << p.interval_depth) + t
        leaf = p.coefficient_bytes(slot, day, t, sum(p.intervals[:day]) + t)
        return SimpleNamespace(leaf=leaf, path=tuple(ref.path_of(p.coefficients_tree, depth, index)))


def anchored_run(
    world: World,
    run: RunTrees,
    batch: BatchTrees,
    bills: BillTrees,
    earlier: Sequence[tuple[str, BatchTrees]] = (),
    shown: Sequence[bytes] = (),
) -> AnchoredRun:
    """The trees as a prover takes them; ``shown`` are details or links that lie."""
    p = world.period
    elsewhere = {ref.keccak(p.links_bytes(slot)): p.links_bytes(slot) for slot in p.settled_slots}
    if p.network is not None:
        details = [
            p.detail_bytes(slot, day, t, index)
            for day, t, index in p.moments()
            for slot in p.active_slots(day)
        ]
        elsewhere |= {ref.keccak(detail): detail for detail in details}
    elsewhere |= {ref.keccak(leaf): leaf for leaf in shown}
    binds = p.rule["source"] == 1
    return _VectorRun(
        run_id=world.run_id,
        method=world.method,
        binds_operator=binds,
        has_rounds=len(p.headers[0]) > 6,
        producers_sell=p.rule["tariff"]["seller"] == 1,
        step_seconds=p.inputs["resolution_minutes"] * 60,
        seats=p.seats,
        keys=cast("Any", None),
        run=run,
        batch=batch,
        bills=bills,
        frame=cast("Any", None),
        classes=cast("Any", _Classes(world)),
        coefficients=cast("Any", _Coefficients(world)) if p.inputs["schedule"] else None,
        costs=cast("Any", _Costs(world)) if p.network is not None else None,
        earlier=earlier,
        shown_elsewhere=elsewhere,
    )


def changed(leaf: bytes, **changes: Any) -> bytes:
    """A leaf with other fields; a change is a new value or made of the old one."""
    fields = decode_leaf(leaf)
    kind, salt = fields.pop("kind"), fields.pop("salt", b"")
    for name, change in changes.items():
        fields[name] = change(fields[name]) if callable(change) else change
    if fields.get("detail") == b"":
        del fields["detail"]
    return encode_leaf(LeafKind(kind), salt, **fields)


def error_of(contract: str, name: str) -> str:
    """A custom error as it is hashed."""
    for entry in load_artifact(CONTRACT_NAMES[contract]).abi:
        if entry["type"] == "error" and entry["name"] == name:
            return f"{name}({','.join(given['type'] for given in entry['inputs'])})"
    raise CaseError(f"{contract} has no error {name}")


class Story:
    """What one settler anchored in a world, and what is said to it: first the lies are told, then the cases.

    Args:
        world: Where.
        name: In words; it is unique in its world.
    """

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.lies: dict[Place, bytes] = {}
        self.claims: dict[str, int] = {}
        self.counts: dict[str, int] = {}
        self.bill_claims: dict[str, int] = {}
        self.former_lies: dict[Place, bytes] | None = None
        self.shown: list[bytes] = []
        self.later: list[Step] = []
        self.cases: list[Json] = []
        self.anchored_as: AnchoredRun | None = None

    # ---- what is anchored ----

    def honest(self, place: Place) -> bytes:
        """The leaf that should be there."""
        return self._honest_trees[_TREE_OF.get(place.kind, 0)].honest(place)

    @property
    def _honest_trees(self) -> tuple[RunTrees, BatchTrees, BillTrees]:
        return self.world.honest_run, self.world.honest_batch, self.world.honest_bills

    def alter(self, place: Place, **changes: Any) -> Place:
        """Lie in a leaf."""
        leaf = self.lies.get(place) or self.honest(place)
        if not leaf:
            raise CaseError(f"{self.world.name} has no {place}")
        return self._lie(place, changed(leaf, **changes))

    def drop(self, place: Place) -> Place:
        """Leave a leaf out."""
        if not self.honest(place):
            raise CaseError(f"{self.world.name} has no {place}")
        return self._lie(place, b"")

    def add(self, place: Place, like: Place) -> Place:
        """Put a leaf where none must be."""
        if self.honest(place):
            raise CaseError(f"{self.world.name} has {place}")
        return self._lie(place, self.honest(like))

    def _lie(self, place: Place, leaf: bytes) -> Place:
        if "trees" in self.__dict__:
            raise CaseError(f"{self.world.name}: {self.name}: a lie after the first case")
        self.lies[place] = leaf
        return place

    @cached_property
    def trees(self) -> tuple[RunTrees, BatchTrees, BillTrees]:
        """As anchored: no lie is told any more."""
        p = self.world.period
        kinds: tuple[Any, ...] = (RunTrees, BatchTrees, BillTrees)
        grown = []
        for number, (kind, honest) in enumerate(zip(kinds, self._honest_trees, strict=True)):
            own = {x: leaf for x, leaf in self.lies.items() if _TREE_OF.get(x.kind, 0) == number}
            grown.append(kind(p, own) if own else honest)
        return cast("tuple[RunTrees, BatchTrees, BillTrees]", tuple(grown))

    @cached_property
    def former(self) -> BatchTrees | None:
        """The batch before the run's."""
        return None if self.former_lies is None else BatchTrees(self.world.period, self.former_lies)

    @cached_property
    def anchored(self) -> AnchoredRun:
        """As provers take it."""
        earlier = [] if self.former is None else [(self.world.batch_id(1), self.former)]
        return anchored_run(self.world, *self.trees, earlier, self.shown)

    def steps(self) -> list[Step]:
        """Calls from an open period to what is contested."""
        w, version = self.world, 1
        run, batch, bills = self.trees
        steps = []
        if self.former is not None:
            steps.append(w.batch(self.former.root, 1))
            version = 2
        steps.append(w.batch(batch.root, version, self.counts))
        steps.append(w.run(run.root, version, self.claims))
        steps.append(w.bills(bills.root, self.bill_claims))
        return [*steps, *self.later]

    # ---- what is said ----

    def say(self, words: str, step: Step, outcome: str, error: str = "", by: str = "") -> None:
        """Add a case: ``outcome`` is ``run`` or ``bills`` where these are voided, ``refused``, or ``taken``."""
        signature = error_of(step["contract"], error) if error else ""
        name = f"{self.world.name}: {self.name}: {words}"
        told = {"case": name, **step, "outcome": outcome, "error": signature, "run": self.world.run_id}
        if outcome != "refused":
            told["voided_by"] = by or step["from"]
        self.cases.append(told)

    def voided(self, contest: str, place: Place, words: str = "") -> None:
        """The contest voids the run, or the bills."""
        proof = self.proof(contest, place)
        what = "bills" if proof.contract == "bill_contests" or _TREE_OF.get(place.kind) == BILLS else "run"
        self.say(_words(contest, place, words or "voids"), self.sent(proof), what)

    def holds(self, contest: str, place: Place, error: str = "", words: str = "") -> None:
        """The contest is refused: what it shows is honest."""
        proof = self.proof(contest, place)
        step = self.sent(proof)
        self.say(_words(contest, place, words or "is refused"), step, "refused", error or _HOLDS[contest])

    def bent(
        self, contest: str, place: Place, words: str, error: str, bend: Callable[[list[Any]], None]
    ) -> None:
        """A proof that was altered is refused."""
        proof = self.proof(contest, place)
        arguments = copy.deepcopy(list(proof.arguments))
        bend(arguments)
        altered = Proof(proof.name, proof.contract, proof.function, tuple(arguments), ())
        self.say(_words(contest, place, words), self.sent(altered), "refused", error)

    def proof(self, contest: str, place: Place) -> Proof:
        """The proof of a contest, which must be possible."""
        proof = CONTESTS[contest](self.anchored_as or self.anchored, place)
        if proof is None:
            raise CaseError(f"{self.world.name}: {self.name}: {contest} at {place} cannot be shown")
        return proof

    def sent(self, proof: Proof) -> Step:
        """As a transaction of a stranger, an hour later."""
        at = self.world.ends_at + 3_600
        return step_of(at, WATCHER, proof.contract, proof.function, *proof.arguments)


def _words(contest: str, place: Place, words: str) -> str:
    return f"{contest} of {place.kind.name.lower()} {place.slot}.{place.day}.{place.t} {words}"
