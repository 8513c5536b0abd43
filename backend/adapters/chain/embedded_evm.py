"""The rules of the embedded chain: Prague, a chain id of its own, time that never goes back.

Blocks follow Ethereum's rules to the letter, so that any client could replay them: the base fee moves by EIP-1559,
and a block is at least one second later than its parent. A burst of more than one transaction a second therefore dates
its last blocks ahead of the clock, by a second each; the clock catches up once the burst is over.
"""

from __future__ import annotations

import functools
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from eth.abc import BlockHeaderAPI
from eth.chains.base import Chain
from eth.constants import (
    BLANK_ROOT_HASH,
    POST_MERGE_DIFFICULTY,
    POST_MERGE_MIX_HASH,
    POST_MERGE_NONCE,
    ZERO_ADDRESS,
)
from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB
from eth.typing import AccountDetails
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.prague.state import PragueState
from eth_typing import Address

from backend.adapters.chain.embedded_store import SqliteStore

__all__ = [
    "BLOCK_GAS_LIMIT",
    "Clock",
    "ExecutionTooLongError",
    "TimedState",
    "create_chain",
    "next_header",
    "open_chain",
]

Clock = Callable[[], float]

BLOCK_GAS_LIMIT = 30_000_000
FUNDS_WEI = 10**6 * 10**18

# Above every chain id in public use, below 2**52 so that a browser's numbers and wallets hold it exactly.
CHAIN_ID_MIN = 1 << 40
CHAIN_ID_BITS = 40
CHAIN_ID_KEY = b"partage:chain-id"

# Pairings and BLAKE2 are written in Python here: one call of theirs may take minutes and cannot be interrupted.
SLOW_PRECOMPILES = frozenset(
    number.to_bytes(20, "big") for number in (0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x11)
)
STEPS_BETWEEN_CHECKS = 512


@functools.cache
def _chain_class(chain_id: int) -> type[Chain]:
    """py-evm wants the chain id on the class."""
    return type("EmbeddedPrague", (Chain,), {"chain_id": chain_id, "vm_configuration": ((0, PragueVM),)})


def create_chain(store: SqliteStore, funded: Iterable[bytes], clock: Clock) -> None:
    """Give birth to a chain in an empty store, and commit it.

    Two chains never share an id or a genesis hash, even if they are born in the same second with the same accounts:
    what is signed for one means nothing on the other.

    Args:
        store: A store that is not born yet.
        funded: Addresses that may pay for gas from the start. [20 bytes each]
        clock: Seconds since 1970.
    """
    assert not store.is_born, "a chain is born once"
    chain_id = CHAIN_ID_MIN | secrets.randbits(CHAIN_ID_BITS)
    parameters: Mapping[str, Any] = {
        "coinbase": ZERO_ADDRESS,
        "difficulty": POST_MERGE_DIFFICULTY,
        "extra_data": secrets.token_bytes(32),
        "gas_limit": BLOCK_GAS_LIMIT,
        "mix_hash": POST_MERGE_MIX_HASH,
        "nonce": POST_MERGE_NONCE,
        "receipt_root": BLANK_ROOT_HASH,
        "timestamp": int(clock()),
        "transaction_root": BLANK_ROOT_HASH,
    }
    account: AccountDetails = {"balance": FUNDS_WEI, "nonce": 0, "code": b"", "storage": {}}
    state = {Address(one): account for one in funded}
    genesis = MemoryDB()  # the store has no table yet to look into
    _chain_class(chain_id).from_genesis(AtomicDB(genesis), dict(parameters), state)
    store[CHAIN_ID_KEY] = chain_id.to_bytes(8, "big")
    for key, value in genesis.kv_store.items():
        store[key] = value
    store.commit()


def open_chain(store: SqliteStore) -> Chain:
    """Open the chain that a store holds.

    Raises:
        KeyError: If it holds none.
    """
    chain: Chain = _chain_class(int.from_bytes(store[CHAIN_ID_KEY], "big"))(AtomicDB(store))
    return chain


def next_header(chain: Chain, parent: BlockHeaderAPI, clock: Clock) -> BlockHeaderAPI:
    """Begin the block after a parent: dated now, or a second after the parent if the clock is not that far."""
    timestamp = max(parent.timestamp + 1, int(clock()))
    return chain.create_header_from_parent(parent, gas_limit=parent.gas_limit, timestamp=timestamp)


class ExecutionTooLongError(Exception):
    """An execution that a stranger asked for took too long, or would."""


class TimedComputation(PragueComputation):
    """Executes like Prague, but gives up when its state's time is over."""

    def consume_gas(self, amount: int, reason: str) -> None:
        """Pay for the next step, which every loop does, and look at the clock now and then."""
        state = cast("TimedState", self.state)
        state.steps += 1
        if state.steps % STEPS_BETWEEN_CHECKS == 0 and time.monotonic() > state.deadline:
            raise ExecutionTooLongError(
                f"the execution was stopped after {state.steps} steps: it takes too long"
            )
        super().consume_gas(amount, reason)

    @classmethod
    def apply_computation(cls, state: Any, message: Any, *arguments: Any, **keywords: Any) -> Any:
        """Execute a message, unless its code is a precompile that nothing can stop."""
        if message.code_address in SLOW_PRECOMPILES:
            number = message.code_address.lstrip(b"\0").hex()
            raise ExecutionTooLongError(
                f"the precompile 0x{number} runs in transactions only: here it is too slow"
            )
        return super().apply_computation(state, message, *arguments, **keywords)


class TimedState(PragueState):
    """The state for executions that strangers ask for.

    Attributes:
        deadline: When to give up. [s of ``time.monotonic``]
        steps: How many steps were taken.
    """

    computation_class = TimedComputation
    deadline: float = float("inf")
    steps: int = 0
