"""The trees of a kept run, ready to be contested; and sending a proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.commitments.openings import BatchOpenings, Openings
from backend.community import AllocationSource, Seller
from backend.governance import METHOD_CODES
from backend.ports import OutboxEntry
from backend.services.bonds import release_bonds
from backend.services.commit import bytes_of, hex_of
from backend.services.contests.anchored import AnchoredRun
from backend.services.contests.finding import call_of
from backend.services.flow_costs import kept_costs
from backend.services.replay import batch_trees, kept_trees
from backend.services.run_basis import SCHEDULED, basis_named

if TYPE_CHECKING:
    from backend.commitments import CostsTree
    from backend.ports import RunRecord
    from backend.services.contests.proofs import Proof
    from backend.services.context import SettlementContext
    from backend.services.replay import KeptTrees, Rebuilt

__all__ = ["WATCHER", "anchored_run", "send_contest"]

WATCHER = "watcher"


def anchored_run(context: SettlementContext, rebuilt: Rebuilt, kept: KeptTrees | None = None) -> AnchoredRun:
    """The trees of a run as they are kept here.

    Args:
        context: Ports.
        rebuilt: The run, rebuilt from its readings.
        kept: What is kept of it; read where it is not given.
    """
    kept = kept or kept_trees(context, rebuilt)
    rule, record = rebuilt.rule, rebuilt.record
    seats = list(range(record.slots))
    for term in record.terms:
        seats[term["slot"]] = term["seat"]
    coefficients = None
    if rule.sharing_key.method == SCHEDULED and rule.source is not AllocationSource.OPERATOR:
        basis = basis_named(context, record, rebuilt.calendar, rule, rebuilt.run.basis)
        if basis.coefficients is not None:
            coefficients = rebuilt.commitments.coefficients(bytes_of(basis.id), basis.coefficients)
    earlier: list[tuple[str, Openings]] = [
        (batch_id, BatchOpenings(tree)) for batch_id, tree in batch_trees(context, rebuilt)
    ]
    return AnchoredRun(
        run_id=rebuilt.run.run_id,
        method=METHOD_CODES[rule.sharing_key.method],
        binds_operator=rule.source is AllocationSource.OPERATOR,
        has_rounds=kept.frame.rounds.shape[1] > 0,
        producers_sell=rule.tariff.seller is Seller.PRODUCER,
        step_seconds=rebuilt.calendar.step_seconds,
        seats=seats,
        keys=rebuilt.run_tree.keys,
        run=kept.run,
        batch=kept.batch,
        bills=kept.bills,
        frame=kept.frame,
        classes=rebuilt.commitments.classes(),
        coefficients=coefficients,
        costs=_costs(rebuilt, kept),
        earlier=earlier,
    )


def _costs(rebuilt: Rebuilt, kept: KeptTrees) -> CostsTree | None:
    """What links cost by the run's basis: as it was kept with the run, or as it is today."""
    for costs in (kept_costs(kept.frame), kept_costs(rebuilt.frame)):
        tree = None if costs is None else rebuilt.commitments.costs(costs)
        if tree is not None and hex_of(tree.root) == rebuilt.run.basis:
            return tree
    return None


def send_contest(context: SettlementContext, run: RunRecord, proof: Proof, by: str = WATCHER) -> None:
    """Send a proof, and take the bond of what it voided.

    Args:
        context: Ports.
        run: What is contested.
        proof: That the contract would take.
        by: Name of the key that sends it: the bond is its own.

    Raises:
        ContractRefusal: If the contract no longer takes it.
    """
    purpose = f"{run.community}/{run.period}/run/{run.version}/contest/{proof.name}"
    attempt = 1
    with context.store.reading() as records:
        while records.outbox_entry(f"{purpose}/{attempt}") is not None:
            attempt += 1
    entry = OutboxEntry(f"{purpose}/{attempt}", run.community, run.period, call_of(proof, by))
    context.announce(lambda _: None, entry)
    release_bonds(context, run, by)
