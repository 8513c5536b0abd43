"""Executing on the embedded chain without a transaction: what a call returns, why it is refused, what gas it takes."""

from __future__ import annotations

from eth.abc import BlockHeaderAPI, ComputationAPI
from eth.exceptions import Revert
from eth.vm.chain_context import ChainContext
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.state import PragueState
from eth.vm.spoof import SpoofTransaction
from eth_typing import Address
from eth_utils.exceptions import ValidationError

from backend.adapters.chain.embedded_evm import BLOCK_GAS_LIMIT, ExecutionTooLongError, TimedState
from backend.adapters.chain.embedded_reader import ChainView
from backend.adapters.chain.rpc_errors import EXECUTION_REVERTED, LIMIT_EXCEEDED, SERVER_ERROR, RpcError
from backend.adapters.chain.rpc_params import CallRequest

__all__ = ["call", "estimate_gas"]

# An estimate is at most a hundredth above what is needed.
ESTIMATE_PRECISION_PPM = 10_000


class _TimedVM(PragueVM):
    """Prague with a time limit on executions."""

    _state_class = TimedState


def call(view: ChainView, request: CallRequest, header: BlockHeaderAPI) -> bytes:
    """Execute on the state after a block, and forget it.

    Args:
        view: The chain.
        request: What is executed; without a fee, so that its sender needs no funds but for its value.
        header: Block whose number and time the execution sees.

    Returns:
        What it returned; for a creation the contract's code.

    Raises:
        RpcError: If it reverts (with its data), fails, or takes too long.
    """
    gas = min(request.gas or BLOCK_GAS_LIMIT, BLOCK_GAS_LIMIT)
    computation = _execute(_state_after(view, header), request, gas)
    _raise_if_failed(computation)
    return bytes(computation.output)


def estimate_gas(view: ChainView, request: CallRequest) -> int:
    """Find how much gas a transaction would need in the next block.

    Raises:
        RpcError: If it would fail with all the gas of a block.

    Invariants:
        - A transaction with this much gas succeeds on this state, and with a hundredth less it would not.
    """
    state = _state_after(view, view.next_header())
    most = min(request.gas or BLOCK_GAS_LIMIT, BLOCK_GAS_LIMIT)
    computation = _execute(state, request, most)
    _raise_if_failed(computation)
    # What was used is too little where gas is handed back later, or where a caller must keep a 64th for itself.
    used = most - computation.get_gas_remaining()
    least = max(used, used + computation.data_floor_gas - _refund(computation, used))
    if _succeeds(state, request, least):
        return least
    while most - least > least * ESTIMATE_PRECISION_PPM // 10**6:
        middle = (least + most) // 2
        if _succeeds(state, request, middle):
            most = middle
        else:
            least = middle
    return most


def _state_after(view: ChainView, header: BlockHeaderAPI) -> PragueState:
    """Build the state after a block, in which gas costs nothing."""
    free = header.copy(base_fee_per_gas=0)
    vm_class = PragueVM if view.deadline is None else _TimedVM
    ancestors = vm_class.get_prev_hashes(header.parent_hash, view.chain.chaindb) or ()
    state = vm_class.build_state(view.chain.chaindb.db, free, ChainContext(view.chain_id), ancestors)
    assert isinstance(state, PragueState)
    if isinstance(state, TimedState) and view.deadline is not None:
        state.deadline = view.deadline
    return state


def _execute(state: PragueState, request: CallRequest, gas: int) -> ComputationAPI:
    """Execute on a state and roll it back."""
    unsigned = PragueVM.create_unsigned_transaction(
        nonce=state.get_nonce(Address(request.sender)),
        gas_price=0,
        gas=gas,
        to=Address(request.to),
        value=request.value,
        data=request.data,
    )
    before = state.snapshot()
    try:
        return state.apply_transaction(SpoofTransaction(unsigned, from_=request.sender))  # type: ignore[arg-type]
    except ValidationError as error:
        raise RpcError(SERVER_ERROR, f"the transaction cannot be executed: {error}") from error
    except RecursionError as error:
        raise RpcError(
            LIMIT_EXCEEDED, "the contracts call each other deeper than this machine follows"
        ) from error
    except ExecutionTooLongError as error:
        raise RpcError(LIMIT_EXCEEDED, str(error)) from error
    finally:
        state.revert(before)


def _succeeds(state: PragueState, request: CallRequest, gas: int) -> bool:
    return bool(_execute(state, request, gas).is_success)


def _refund(computation: ComputationAPI, used: int) -> int:
    """Gas that is handed back after the execution, at most a fifth (EIP-3529)."""
    return min(computation.get_gas_refund(), used // 5)


def _raise_if_failed(computation: ComputationAPI) -> None:
    """Turn a failure into JSON-RPC's answer; a contract's custom error is in its data."""
    if computation.is_success:
        return
    if isinstance(computation.error, Revert):
        raise RpcError(EXECUTION_REVERTED, "execution reverted", "0x" + bytes(computation.output).hex())
    raise RpcError(SERVER_ERROR, f"execution failed: {type(computation.error).__name__}: {computation.error}")
