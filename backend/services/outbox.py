"""The outbox: chain writes are announced with what they announce, sent idempotently, followed to finality.

The way of an entry: PENDING -> SIGNED (the raw transaction is kept *before* it is sent) -> MINED -> FINAL. A crash
between any two steps is healed by running ``drain`` again: a kept transaction is sent as it is, a known one is no
error, one that a reorganisation dropped is sent again, one that is stuck or offers too little is replaced with the same
nonce and a higher fee, and one whose nonce another of the same key has taken is signed anew. Where the contract refuses
a call because a stranger had it mined first, that is no failure.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from backend.errors import ChainUnavailableError, ContractRefusal
from backend.ports import OutboxState
from backend.ports.failpoints import reach
from backend.services.standing import stands

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from backend.ports import ChainGateway, OutboxEntry, Receipt, RecordStore

__all__ = ["Outbox"]

_OPEN_STATES = (OutboxState.PENDING, OutboxState.SIGNED, OutboxState.MINED, OutboxState.REFUSED)
_POLL_SECONDS = 0.2
_STUCK_SECONDS = 30.0
_FEE_BUMPS_MAX = 8
_PASSED_LOOKS = 5


class Outbox:
    """Sends what is announced, in order, and follows it until it is final.

    Args:
        store: Where entries are kept.
        chain: Where they go.
        patience_seconds: How long to wait for one entry's finality before saying so. [s]
        sleep: Injected for tests.
    """

    def __init__(
        self,
        store: RecordStore,
        chain: ChainGateway,
        *,
        patience_seconds: float = 180.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._chain = chain
        self._patience_seconds = patience_seconds
        self._sleep = sleep

    def drain(self, community: str, asked: Collection[str] = ()) -> list[OutboxEntry]:
        """Bring every open entry of a community to finality, in the order of announcement.

        Args:
            community: Whose entries.
            asked: Ids of entries of which the contract said just now that it takes them.

        Returns:
            The entries that became final now.

        Raises:
            ContractRefusal: In words, at the first entry that a contract refuses; those after it stay pending.
            ChainUnavailableError: If the chain does not answer, or an entry does not become final in time.
        """
        with self._store.reading() as records:
            entries = records.outbox(community, _OPEN_STATES)
        if not entries:
            return []
        with self._chain.writing():
            mined = [self._mine_or_find(entry, is_asked=entry.id in asked) for entry in entries]
        followed = [self._follow(entry) for entry in mined if entry is not None]
        return [entry for entry in followed if entry is not None]

    def _mine_or_find(self, entry: OutboxEntry, *, is_asked: bool = False) -> OutboxEntry | None:
        """The entry as mined; None where a stranger had the same call mined first.

        Such an entry stays refused and is looked at again by each drain: should the stranger's transaction be
        dropped by a reorganisation, ours is sent after all.
        """
        try:
            return self._mine(entry, is_asked=is_asked)
        except ContractRefusal:
            if stands(self._chain, entry.call):
                return None
            raise

    def _mine(self, entry: OutboxEntry, *, is_asked: bool = False) -> OutboxEntry:
        if entry.transaction is None or entry.state is OutboxState.REFUSED:
            entry = self._sign(entry, is_asked=is_asked)
        receipt = self._receipt(entry)
        if receipt is None:
            reach("outbox.before_send")
            entry = self._send(entry)
            reach("outbox.after_send")
            entry, receipt = self._await_receipt(entry)
        if not receipt.succeeded:
            self._refuse(entry, receipt)
        if entry.state is not OutboxState.MINED or entry.receipt != receipt:
            entry = self._keep(replace(entry, state=OutboxState.MINED, receipt=receipt, refusal=""))
            reach("outbox.after_mined")
        return entry

    def _sign(self, entry: OutboxEntry, *, is_asked: bool = False) -> OutboxEntry:
        try:
            if not is_asked:
                self._chain.preflight(entry.call)
            reach("outbox.before_sign")
            signed = self._chain.sign(entry.call)
        except ContractRefusal as refusal:
            self._keep(replace(entry, state=OutboxState.REFUSED, refusal=str(refusal)))
            raise
        entry = self._keep(
            replace(entry, state=OutboxState.SIGNED, transaction=signed, receipt=None, refusal="")
        )
        reach("outbox.after_sign")
        return entry

    def _send(self, entry: OutboxEntry) -> OutboxEntry:
        """Send the entry's transaction, dearer where the chain asks for more than was offered when it was signed."""
        for _ in range(_FEE_BUMPS_MAX + 1):
            assert entry.transaction is not None
            if self._chain.send(entry.transaction):
                return entry
            entry = self._sign_dearer(entry)
        raise ChainUnavailableError(
            f"{entry.id}: the chain asks for a higher fee, also after {_FEE_BUMPS_MAX} raises; run the same command "
            "again when it is less busy."
        )

    def _receipt(self, entry: OutboxEntry) -> Receipt | None:
        """The receipt of the entry's transaction, or of a cheaper one with the same nonce that was mined instead."""
        assert entry.transaction is not None
        hashes = (entry.transaction.hash, *entry.transaction.replaces)
        return next((receipt for receipt in map(self._chain.receipt, hashes) if receipt is not None), None)

    def _await_receipt(self, entry: OutboxEntry) -> tuple[OutboxEntry, Receipt]:
        """Wait until the entry's call is mined; the entry comes back as it was replaced on the way."""
        waited, bumps, passed = 0.0, 0, 0
        while True:
            assert entry.transaction is not None
            receipt = self._receipt(entry)
            if receipt is not None:
                return entry, receipt
            if waited >= self._patience_seconds:
                raise ChainUnavailableError(
                    f"{entry.id}: transaction {entry.transaction.hash} was sent but is not mined after {waited:.0f} s; "
                    "run the same command again, it goes on from there."
                )
            if waited >= _STUCK_SECONDS * (bumps + 1) and bumps < _FEE_BUMPS_MAX:
                bumps += 1
                entry = self._send(self._sign_dearer(entry))
            # A node may tell of a nonce a moment before it tells of the receipt, so it is asked more than once.
            assert entry.transaction is not None
            passed = passed + 1 if self._chain.is_passed(entry.transaction) else 0
            if passed >= _PASSED_LOOKS:
                entry, passed = self._send(self._sign(entry)), 0
                continue
            self._sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS

    def _sign_dearer(self, entry: OutboxEntry) -> OutboxEntry:
        """Sign the same call with the same nonce and a higher fee.

        Whichever of the two is mined, the call happens once.
        """
        assert entry.transaction is not None
        dearer = self._chain.sign(entry.call, replacing=entry.transaction)
        return self._keep(replace(entry, transaction=dearer))

    def _refuse(self, entry: OutboxEntry, receipt: Receipt) -> None:
        """A mined transaction that reverted: say the contract's reason, as it answers now."""
        reason = (
            f"transaction {receipt.transaction_hash} was mined in block {receipt.block_number} but reverted"
        )
        try:
            self._chain.preflight(entry.call)
        except ContractRefusal as refusal:
            self._keep(
                replace(
                    entry, state=OutboxState.REFUSED, transaction=None, receipt=None, refusal=str(refusal)
                )
            )
            raise
        self._keep(replace(entry, state=OutboxState.REFUSED, transaction=None, receipt=None, refusal=reason))
        raise ContractRefusal(f"{entry.id}: {reason}; run the same command again.")

    def _follow(self, entry: OutboxEntry) -> OutboxEntry | None:
        """Wait until the entry's block is deep enough; None where a reorganisation put a stranger's call first."""
        waited = 0.0
        while True:
            receipt = entry.receipt
            assert receipt is not None
            confirmations = self._chain.confirmations(receipt)
            if confirmations is None:
                with self._chain.writing():
                    again = self._mine_or_find(replace(entry, state=OutboxState.SIGNED, receipt=None))
                if again is None:
                    return None
                entry = again
                continue
            if confirmations >= self._chain.confirmations_needed():
                return self._keep(replace(entry, state=OutboxState.FINAL))
            if waited >= self._patience_seconds:
                raise ChainUnavailableError(
                    f"{entry.id}: mined in block {receipt.block_number} with {confirmations} of "
                    f"{self._chain.confirmations_needed()} confirmations after {waited:.0f} s; run the "
                    "same command again."
                )
            self._sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS

    def _keep(self, entry: OutboxEntry) -> OutboxEntry:
        with self._store.transaction() as records:
            records.put_outbox(entry)
        return entry
