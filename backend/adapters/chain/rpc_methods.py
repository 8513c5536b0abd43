"""The methods of Ethereum's JSON-RPC that read the embedded chain, and nothing that writes.

``READING_METHODS`` maps each name to a function of a view and the parameters as they came, unchecked.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from eth.abc import BlockHeaderAPI, StateAPI

from backend.adapters.chain import embedded_calls
from backend.adapters.chain.embedded_reader import ChainView
from backend.adapters.chain.embedded_store import LogQuery
from backend.adapters.chain.rpc_errors import (
    INVALID_PARAMS,
    LIMIT_EXCEEDED,
    METHOD_NOT_FOUND,
    SERVER_ERROR,
    RpcError,
)
from backend.adapters.chain.rpc_formats import (
    block_json,
    hex_data,
    hex_quantity,
    log_json,
    pending_block_json,
    receipt_json,
    transaction_json,
)
from backend.adapters.chain.rpc_params import (
    parse_address,
    parse_block,
    parse_call,
    parse_hash,
    parse_log_filter,
    parse_quantity,
)

__all__ = ["READING_METHODS", "execute"]

LOGS_MAX = 10_000
TIP_WEI = 10**9
CLIENT_VERSION = "partage/embedded"

Method = Callable[..., Any]


def execute(view: ChainView, name: str, params: Sequence[object]) -> Any:
    """Answer one call.

    Args:
        view: The chain to answer from.
        name: Method.
        params: Its parameters, from anywhere.

    Returns:
        The result as JSON.

    Raises:
        RpcError: If the method is not served, a parameter does not fit, or the contract refuses.
    """
    found = READING_METHODS.get(name)
    if found is None:
        raise RpcError(METHOD_NOT_FOUND, f"the method {name[:80]} is not served here: this node is read-only")
    method, least, most = found
    if not least <= len(params) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise RpcError(INVALID_PARAMS, f"invalid params: {name} takes {wanted} parameters, got {len(params)}")
    try:
        return method(view, *params)
    except TimeoutError as error:
        raise RpcError(LIMIT_EXCEEDED, str(error)) from error


def _header(view: ChainView, block: object) -> BlockHeaderAPI:
    """Find the block whose state is asked for."""
    header = view.header_at(parse_block(block))
    if header is None:
        raise RpcError(SERVER_ERROR, f"header not found: the chain ends at block {view.head.block_number}")
    return header


def _state(view: ChainView, block: object) -> StateAPI:
    return view.chain.get_vm(_header(view, block)).state


def chain_id(view: ChainView) -> str:
    """Serve ``eth_chainId``."""
    return hex_quantity(view.chain_id)


def network_version(view: ChainView) -> str:
    """Serve ``net_version``."""
    return str(view.chain_id)


def client_version(_view: ChainView) -> str:
    """Serve ``web3_clientVersion``."""
    return CLIENT_VERSION


def syncing(_view: ChainView) -> bool:
    """Serve ``eth_syncing``: the file is all there is."""
    return False


def listening(_view: ChainView) -> bool:
    """Serve ``net_listening``."""
    return True


def accounts(_view: ChainView) -> list[str]:
    """Serve ``eth_accounts``: keys stay with the caller."""
    return []


def block_number(view: ChainView) -> str:
    """Serve ``eth_blockNumber``."""
    return hex_quantity(view.head.block_number)


def gas_price(view: ChainView) -> str:
    """Serve ``eth_gasPrice``: the base fee of the next block, with a tip."""
    return hex_quantity((view.next_header().base_fee_per_gas or 0) + TIP_WEI)


def priority_fee(_view: ChainView) -> str:
    """Serve ``eth_maxPriorityFeePerGas``."""
    return hex_quantity(TIP_WEI)


def call(view: ChainView, request: object, block: object = None, overrides: object = None) -> str:
    """Serve ``eth_call``; on ``pending`` the execution sees the time that a transaction sent now would see."""
    _refuse_overrides(overrides)
    header = view.next_header() if block == "pending" else _header(view, block)
    return hex_data(embedded_calls.call(view, parse_call(request), header))


def estimate_gas(view: ChainView, request: object, block: object = None, overrides: object = None) -> str:
    """Serve ``eth_estimateGas``, always for the next block."""
    _refuse_overrides(overrides)
    _header(view, block)
    return hex_quantity(embedded_calls.estimate_gas(view, parse_call(request)))


def _refuse_overrides(overrides: object) -> None:
    if overrides:
        raise RpcError(INVALID_PARAMS, "invalid params: this node takes no state overrides")


def balance(view: ChainView, address: object, block: object = None) -> str:
    """Serve ``eth_getBalance``."""
    return hex_quantity(_state(view, block).get_balance(_as_address(address)))


def transaction_count(view: ChainView, address: object, block: object = None) -> str:
    """Serve ``eth_getTransactionCount``; ``pending`` is ``latest``, for no transaction ever waits."""
    return hex_quantity(_state(view, block).get_nonce(_as_address(address)))


def code(view: ChainView, address: object, block: object = None) -> str:
    """Serve ``eth_getCode``."""
    return hex_data(_state(view, block).get_code(_as_address(address)))


def storage_at(view: ChainView, address: object, slot: object, block: object = None) -> str:
    """Serve ``eth_getStorageAt``."""
    number = parse_quantity(slot, "slot")
    return hex_data(_state(view, block).get_storage(_as_address(address), number).to_bytes(32, "big"))


def _as_address(value: object) -> Any:
    return parse_address(value)


def block_by_number(view: ChainView, block: object, full: object = False) -> dict[str, Any] | None:  # noqa: FBT002 -- theirs
    """Serve ``eth_getBlockByNumber``; ``pending`` is the empty block that would follow now, which has no hash yet."""
    if block == "pending":
        return pending_block_json(view.next_header())
    return _block(view, parse_block(block), full)


def block_by_hash(view: ChainView, block_hash: object, full: object = False) -> dict[str, Any] | None:  # noqa: FBT002
    """Serve ``eth_getBlockByHash``."""
    return _block(view, parse_hash(block_hash), full)


def _block(view: ChainView, reference: int | bytes | str, full: object) -> dict[str, Any] | None:
    if not isinstance(full, bool):
        raise RpcError(INVALID_PARAMS, "invalid params: whether to show whole transactions is true or false")
    header = view.header_at(reference)
    return None if header is None else block_json(view, header, with_transactions=full)


def transaction_by_hash(view: ChainView, transaction_hash: object) -> dict[str, Any] | None:
    """Serve ``eth_getTransactionByHash``."""
    found = view.locate(parse_hash(transaction_hash))
    return None if found is None else transaction_json(view, found.header, found.index, found.transaction)


def transaction_receipt(view: ChainView, transaction_hash: object) -> dict[str, Any] | None:
    """Serve ``eth_getTransactionReceipt``."""
    found = view.locate(parse_hash(transaction_hash))
    return None if found is None else receipt_json(found)


def logs(view: ChainView, wanted: object) -> list[dict[str, Any]]:
    """Serve ``eth_getLogs``."""
    parsed = parse_log_filter(wanted)
    if parsed.last is None:
        header = view.header_at(parsed.first)
        if header is None:
            raise RpcError(SERVER_ERROR, "unknown block")
        first = last = int(header.block_number)
    else:
        first, last = (_number(view, block) for block in (parsed.first, parsed.last))
        if isinstance(parsed.first, int) and isinstance(parsed.last, int) and first > last:
            raise RpcError(INVALID_PARAMS, f"invalid params: fromBlock {first} is after toBlock {last}")
    rows = view.find_logs(LogQuery(first, last, parsed.addresses, parsed.topics), limit=LOGS_MAX + 1)
    if len(rows) > LOGS_MAX:
        raise RpcError(
            LIMIT_EXCEEDED,
            f"more than {LOGS_MAX} logs fit between blocks {first} and {last}; the first {LOGS_MAX} end in block "
            f"{rows[LOGS_MAX].block}: ask for fewer blocks",
        )
    return [log_json(row) for row in rows]


def _number(view: ChainView, block: int | bytes | str) -> int:
    """Number of a block at an end of a range; it may be beyond the head."""
    if isinstance(block, bytes):
        raise RpcError(INVALID_PARAMS, "invalid params: a range of blocks has numbers, not hashes")
    if isinstance(block, int):
        return block
    return 0 if block == "earliest" else view.head.block_number


def _with_arity(method: Method) -> tuple[Method, int, int]:
    """Note how many parameters a method takes at least and at most, besides the view."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    return method, sum(one.default is inspect.Parameter.empty for one in parameters), len(parameters)


_METHODS: dict[str, Method] = {
    "eth_accounts": accounts,
    "eth_blockNumber": block_number,
    "eth_call": call,
    "eth_chainId": chain_id,
    "eth_estimateGas": estimate_gas,
    "eth_gasPrice": gas_price,
    "eth_getBalance": balance,
    "eth_getBlockByHash": block_by_hash,
    "eth_getBlockByNumber": block_by_number,
    "eth_getCode": code,
    "eth_getLogs": logs,
    "eth_getStorageAt": storage_at,
    "eth_getTransactionByHash": transaction_by_hash,
    "eth_getTransactionCount": transaction_count,
    "eth_getTransactionReceipt": transaction_receipt,
    "eth_maxPriorityFeePerGas": priority_fee,
    "eth_syncing": syncing,
    "net_listening": listening,
    "net_version": network_version,
    "web3_clientVersion": client_version,
}
READING_METHODS = {name: _with_arity(method) for name, method in _METHODS.items()}
