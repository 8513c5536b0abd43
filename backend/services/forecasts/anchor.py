"""Anchoring models: the hashes of those whose forecasts or advice somebody could act on, as one root on chain.

The root is among the documents of the newest run whose bills are final, as a manifest of invoices is
(docs/protocol.md, ``anchorDocuments``): the leaf is the model's id, which is the hash of its content, and the id tells
nothing of what is in it. Whoever has the model computes its id and climbs to the root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.commitments.merkle import depth_of, join_nodes, padding_node
from backend.errors import NotFoundError
from backend.ports import ContractCall, OutboxEntry, RunState
from backend.ports.forecast_records import ForecastAnchor
from backend.services.commit import bytes_of, hex_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.ports import Records, RecordStore, RunRecord
    from backend.services.context import SettlementContext

__all__ = ["anchor_models", "anchors_models", "can_anchor", "root_and_paths"]

_PURPOSE = "forecasts"


def anchors_models(entry: OutboxEntry) -> bool:
    """Whether a transaction is one of these: it stands beside a period's documents, and settles nothing of it."""
    return entry.id.split("/")[2:3] == [_PURPOSE]


def can_anchor(store: RecordStore, community: str) -> bool:
    """Whether a model made a forecast that is not anchored yet, and there is a run to anchor it beside."""
    with store.reading() as records:
        made = records.forecasting_models(community, newest=False)
        there = {one.model for one in records.forecast_anchors(community)}
        return bool(made - there) and bool(_settled(records, community))


def anchor_models(context: SettlementContext, community: str) -> list[ForecastAnchor]:
    """Anchor all models that made a kept forecast and are not anchored yet; the same again sends nothing.

    Returns:
        What was anchored now.

    Raises:
        NotFoundError: If no run of the community has final bills: there is nothing to anchor beside.
        ContractRefusal: In words; nothing is kept.
    """
    with context.store.reading() as records:
        made = records.forecasting_models(community, newest=False)
        there = {one.model for one in records.forecast_anchors(community)}
        runs = _settled(records, community)
    models = sorted(made - there)
    if not models:
        return []
    if not runs:
        raise NotFoundError(
            f"Community {community} has no run whose bills are final; settle a period first: models are anchored "
            "beside its documents."
        )
    run = max(runs, key=lambda one: (one.period, one.version))
    root, paths = root_and_paths([bytes_of(model) for model in models])
    anchors = [
        ForecastAnchor(
            community,
            model,
            run.run_id,
            hex_of(root),
            place,
            tuple(map(hex_of, path)),
            context.clock.now_utc(),
        )
        for place, (model, path) in enumerate(zip(models, paths, strict=True))
    ]
    _send(context, run, hex_of(root), anchors)
    return anchors


def _settled(records: Records, community: str) -> list[RunRecord]:
    """Runs whose bills are final."""
    return [
        run
        for run in records.runs(community)
        if run.state is RunState.FINAL and run.bill_state is RunState.FINAL and run.bill_root
    ]


def _send(context: SettlementContext, run: RunRecord, root: str, anchors: Sequence[ForecastAnchor]) -> None:
    """Keep the anchors and announce the root in one transaction."""
    context.outbox.drain(run.community)
    there = context.chain.read("billing_ledger", "documentsOf", run.run_id)
    with context.store.transaction() as records:
        if root in there:  # sent by an attempt that broke off
            for anchor in anchors:
                records.add_forecast_anchor(anchor)
            return
    call = ContractCall("settler", "billing_ledger", "anchorDocuments", (run.run_id, root))
    purpose = f"{run.community}/{run.period}/{_PURPOSE}/{run.version}/{root[2:18]}"

    def keep(records: Records) -> None:
        for anchor in anchors:
            records.add_forecast_anchor(anchor)

    context.announce(keep, OutboxEntry(purpose, run.community, run.period, call))


def root_and_paths(leaves: Sequence[bytes]) -> tuple[bytes, list[list[bytes]]]:
    """The root of a tree whose leaves are hashes already, and each one's siblings from the bottom.

    The tree is as deep as the number of leaves asks for, the rest of it padding (docs/protocol.md, section 3).
    """
    depth = depth_of(len(leaves))
    level = list(leaves)
    paths: list[list[bytes]] = [[] for _ in leaves]
    for height in range(depth):
        if len(level) % 2:
            level.append(padding_node(height))
        for place, path in enumerate(paths):
            path.append(level[(place >> height) ^ 1])
        level = [join_nodes(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0], paths
