"""The embedded chain: an EVM on disk without a node, one durable block for each transaction.

    chain = EmbeddedChain.open(home / "chain.sqlite", funded=[operator_address])
    with chain.writing(timeout_seconds=30) as writer:
        transaction_hash = writer.mine(raw_transaction)
    with chain.reader.view() as view:
        found = view.locate(transaction_hash)

Several processes may have it open. Whoever writes holds the lock for a batch of transactions and sees what others mined
before; whoever reads needs no lock and sees every new block. When ``mine`` returns, the block is on the disk; when the
process is killed before, the block is there whole or not at all, and sending the transaction again is harmless, because
its nonce fits only once.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from eth.abc import BlockAPI, ReceiptAPI, SignedTransactionAPI, VirtualMachineAPI
from eth.chains.base import Chain
from eth.constants import SECPK1_N
from eth.exceptions import TransactionNotFound, UnrecognizedTransactionType
from eth_keys.exceptions import BadSignature
from eth_typing import Address, BlockNumber
from eth_utils.exceptions import ValidationError
from rlp.exceptions import RLPException

from backend.adapters.chain.embedded_evm import Clock, create_chain, next_header, open_chain
from backend.adapters.chain.embedded_reader import (
    ChainReader,
    LocatedTransaction,
    file_identity,
)
from backend.adapters.chain.embedded_store import SqliteStore
from backend.adapters.chain.rpc_formats import receipt_logs
from backend.adapters.chain.writer_lock import WriterLock
from backend.errors import ChainUnavailableError, TransactionRefusedError

__all__ = ["BlockWriter", "EmbeddedChain"]

WAIT_SECONDS = 30.0
# As nodes have it: what does not fit into 128 KiB is not relayed.
TRANSACTION_BYTES_MAX = 128 * 1024
BLOB_TRANSACTION = 3
# EIP-7623: what a transaction pays at least for its data.
GAS_TRANSACTION = 21_000
GAS_FLOOR_ZERO_BYTE = 10
GAS_FLOOR_OTHER_BYTE = 40
SECP256K1_HALF_ORDER = SECPK1_N // 2


class EmbeddedChain:
    """An embedded chain that this process may write to; made with ``open``.

    Attributes:
        path: The chain file.
        reader: Reads the chain, from any thread.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.reader = ChainReader(path, clock)
        self._clock = clock
        self._lock = WriterLock(_lock_path(path))
        self._store: SqliteStore | None = None
        self._file = file_identity(path)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        funded: Iterable[bytes | str] = (),
        clock: Clock = time.time,
        timeout_seconds: float = WAIT_SECONDS,
    ) -> Self:
        """Open the chain in a file; where there is none yet, or a birth was cut short, one is born.

        Args:
            path: The chain file; its folder is made too, and ``.lock`` beside it says who writes.
            funded: Addresses that may pay for gas from birth on; a chain that is there already keeps its own.
            clock: Seconds since 1970; a test that travels in time passes its own.
            timeout_seconds: How long to wait while another process gives birth to it. [s]

        Raises:
            ChainBusyError: If it still does then.
            ChainUnavailableError: If the file cannot be used.
        """
        addresses = [_address_of(one) for one in funded]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not _is_born(path):
                with WriterLock(_lock_path(path)).hold(timeout_seconds):
                    _give_birth(path, addresses, clock)
        except (sqlite3.Error, OSError) as error:
            raise ChainUnavailableError(f"the chain {path} cannot be made: {error}") from error
        return cls(path, clock)

    def _open_store(self) -> SqliteStore:
        """Open the file for writing, once, and keep it; whoever calls holds the lock."""
        if self._store is None:
            self._store = SqliteStore(self.path, "rw")
        return self._store

    @contextlib.contextmanager
    def writing(self, timeout_seconds: float = WAIT_SECONDS) -> Iterator[BlockWriter]:
        """Hold the lock for a batch of transactions.

        The same thread may enter again within; a second thread or process waits.

        Args:
            timeout_seconds: How long to wait for another writer. [s]

        Raises:
            ChainBusyError: If it still writes then; names its process.
            ChainUnavailableError: If the file was removed or replaced since it was opened, or the disk fails.
        """
        with self._lock.hold(timeout_seconds):
            if file_identity(self.path) != self._file:
                raise ChainUnavailableError(
                    f"the chain {self.path} was removed or replaced while it was open; start this program again"
                )
            writer = BlockWriter(self._open_store(), self._clock)
            try:
                yield writer
            except sqlite3.Error as error:
                raise ChainUnavailableError(f"the chain {self.path} cannot be written: {error}") from error
            finally:
                writer.end()

    def close(self) -> None:
        """Let go of the file; opening it again is the only way back."""
        self.reader.close()
        if self._store is not None:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


class BlockWriter:
    """Mines while its ``with`` block lasts.

    Args:
        store: The file, as nobody else can change it now.
        clock: Seconds since 1970.

    Invariants:
        - A block holds one transaction.
        - What ``mine`` refuses leaves no trace; what it returns the hash of is durable.
    """

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._chain = open_chain(store)
        self._is_open = True

    def end(self) -> None:
        """Mine no more: the lock is about to go."""
        self._is_open = False

    def mine(self, raw: bytes) -> bytes:
        """Put a signed transaction into a block of its own, on the disk.

        A transaction that reverts is mined as well, with a receipt that says so.

        Args:
            raw: The transaction as it was signed, in the encoding of EIP-2718.

        Returns:
            Its hash. [32 bytes]

        Raises:
            TransactionRefusedError: If no block can take it; says why.
        """
        assert self._is_open, "mine within the with block of writing()"
        transaction = _decode(self._chain, raw)
        try:
            block, receipts = self._execute(transaction)
            self._chain.chaindb.persist_block(block)
            self._add_logs(block, receipts)
            self._store.commit()
        finally:
            self._store.discard()
        return bytes(transaction.hash)

    def _execute(self, transaction: SignedTransactionAPI) -> tuple[BlockAPI, tuple[ReceiptAPI, ...]]:
        """Build the block after the head, which is read again: another process may have mined before."""
        head = self._chain.get_canonical_head()
        header = next_header(self._chain, head, self._clock)
        vm = self._chain.get_vm(header)
        self._check(transaction, vm)
        try:
            header, receipts, _ = vm.apply_all_transactions([transaction], header)
        except ValidationError as error:
            raise TransactionRefusedError(f"the transaction is refused: {error}") from error
        except RecursionError as error:
            # Before Python's own limit lie some hundred calls into each other, or all 1,024 that the EVM allows.
            raise TransactionRefusedError(
                "the contracts call each other deeper than this machine follows"
            ) from error
        block = vm.set_block_transactions_and_withdrawals(vm.get_block(), header, [transaction], receipts)
        return vm.finalize_block(block).block, receipts

    def _check(self, transaction: SignedTransactionAPI, vm: VirtualMachineAPI) -> None:
        """Refuse what py-evm takes though the protocol does not, and say plainly what goes wrong most often."""
        chain_id = self._chain.chain_id
        if transaction.chain_id != chain_id:
            raise TransactionRefusedError(
                f"invalid chain id: the transaction is for chain {transaction.chain_id}, this is chain {chain_id}"
            )
        if transaction.type_id == BLOB_TRANSACTION:
            raise TransactionRefusedError("transaction type not supported: blobs are for networks")
        if transaction.max_priority_fee_per_gas > transaction.max_fee_per_gas:
            raise TransactionRefusedError("max priority fee per gas higher than max fee per gas")
        least = _least_gas(transaction)
        if transaction.gas < least:
            raise TransactionRefusedError(f"intrinsic gas too low: have {transaction.gas}, want {least}")
        sender = _sender_of(transaction)
        if self._is_mined(transaction):
            raise TransactionRefusedError(f"already known: 0x{transaction.hash.hex()} is mined")
        expected = vm.state.get_nonce(sender)
        if transaction.nonce != expected:
            word = "low" if transaction.nonce < expected else "high"
            raise TransactionRefusedError(
                f"nonce too {word}: next nonce of 0x{sender.hex()}: {expected}, of the transaction: {transaction.nonce}"
            )

    def _is_mined(self, transaction: SignedTransactionAPI) -> bool:
        try:
            self._chain.get_canonical_transaction_index(transaction.hash)
        except TransactionNotFound:
            return False
        return True

    def _add_logs(self, block: BlockAPI, receipts: tuple[ReceiptAPI, ...]) -> None:
        """Let the logs of the block go to their table with it."""
        (transaction,), (receipt,) = block.transactions, receipts
        mined = LocatedTransaction(block.header, 0, transaction, receipt, receipt.gas_used, 0)
        for row in receipt_logs(mined):
            self._store.add_log(row)


def _decode(chain: Chain, raw: bytes) -> SignedTransactionAPI:
    """Read a signed transaction."""
    if len(raw) > TRANSACTION_BYTES_MAX:
        raise TransactionRefusedError(
            f"oversized data: the transaction has {len(raw)} bytes, {TRANSACTION_BYTES_MAX} are allowed"
        )
    try:
        decoded = chain.get_vm_class_for_block_number(BlockNumber(0)).get_transaction_builder().decode(raw)
    except (
        RLPException,
        ValidationError,
        UnrecognizedTransactionType,
        TypeError,
        ValueError,
        IndexError,
    ) as error:
        raise TransactionRefusedError(f"the transaction cannot be decoded: {error}") from error
    return decoded


def _least_gas(transaction: SignedTransactionAPI) -> int:
    """Gas without which a transaction cannot even start: what it costs to be read, or the floor for its data."""
    zeros = transaction.data.count(0)
    floor = GAS_FLOOR_ZERO_BYTE * zeros + GAS_FLOOR_OTHER_BYTE * (len(transaction.data) - zeros)
    return max(transaction.intrinsic_gas, GAS_TRANSACTION + floor)


def _sender_of(transaction: SignedTransactionAPI) -> Address:
    """Recover who signed.

    A key that is recovered from a signature verifies it; doing that as well, as py-evm's own check does, doubles the
    time. What remains to be refused is the second signature that everybody can make of one (EIP-2).
    """
    if transaction.s > SECP256K1_HALF_ORDER:
        raise TransactionRefusedError(
            "invalid sender: the signature's s is in the upper half of the curve's order"
        )
    try:
        return transaction.sender
    except (ValidationError, BadSignature) as error:
        raise TransactionRefusedError(f"invalid sender: {error}") from error


def _lock_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _give_birth(path: Path, funded: list[bytes], clock: Clock) -> None:
    """Make the chain, unless another process did while this one waited for the lock."""
    store = SqliteStore(path, "rwc")
    try:
        if not store.is_born:
            create_chain(store, funded, clock)
    finally:
        store.close()


def _is_born(path: Path) -> bool:
    """Look whether a file holds a chain, without a lock and without touching it."""
    if not path.exists() or not path.stat().st_size:
        return False
    store = SqliteStore(path, "ro")
    try:
        return store.is_born
    finally:
        store.close()


def _address_of(value: bytes | str) -> bytes:
    """Take an address as bytes or as 0x-hexadecimal."""
    address = bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else bytes(value)
    assert len(address) == 20, f"an address has 20 bytes, not {len(address)}"  # noqa: PLR2004
    return address
