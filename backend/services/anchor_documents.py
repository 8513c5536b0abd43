"""Anchor what was written of a run: the hash of the manifest that names every document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.commitments import keccak256
from backend.errors import NotFoundError
from backend.ports import ContractCall, OutboxEntry
from backend.services.commit import bytes_of, hex_of

if TYPE_CHECKING:
    from backend.ports import RunRecord
    from backend.services.context import SettlementContext

__all__ = ["anchor_documents", "salt_of_documents"]

_SALT_KIND = b"\x26"


def salt_of_documents(context: SettlementContext, run: RunRecord) -> str:
    """What keeps a manifest from being guessed; it opens to nobody once the period's auditors' key is erased. 0x-hex"""
    with context.store.reading() as records:
        record = records.period(run.community, run.period)
    if record is None:
        raise NotFoundError(f"period {run.period} of {run.community} was never opened.")
    return hex_of(keccak256(_SALT_KIND + bytes_of(record.auditors_key) + bytes_of(run.run_id)))


def anchor_documents(context: SettlementContext, run: RunRecord, manifest_hash: str) -> bool:
    """Put the manifest of a run's documents on chain.

    Args:
        context: Ports.
        run: Whose bills are final.
        manifest_hash: keccak-256 of the manifest, 0x-hex.

    Returns:
        False where it was there already: nothing was sent.

    Raises:
        ContractRefusal: If the bills are not final, or superseded meanwhile.
    """
    context.outbox.drain(run.community)
    anchored = context.chain.read("billing_ledger", "documentsOf", run.run_id)
    if anchored and anchored[-1] == manifest_hash:
        return False
    call = ContractCall("settler", "billing_ledger", "anchorDocuments", (run.run_id, manifest_hash))
    purpose = f"{run.community}/{run.period}/documents/{run.version}/{len(anchored) + 1}"
    context.announce(lambda _: None, OutboxEntry(purpose, run.community, run.period, call))
    return True
