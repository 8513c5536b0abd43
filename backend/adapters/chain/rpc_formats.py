"""Blocks, transactions, receipts and logs in the shapes of Ethereum's JSON-RPC.

A block has every field of its header, so that whoever reads it can compute its hash.
"""

from __future__ import annotations

from typing import Any

import rlp
from eth.abc import BlockHeaderAPI, SignedTransactionAPI
from eth_hash.auto import keccak

from backend.adapters.chain.embedded_reader import ChainView, LocatedTransaction
from backend.adapters.chain.embedded_store import LogRow

__all__ = [
    "block_json",
    "hex_data",
    "hex_quantity",
    "log_json",
    "pending_block_json",
    "receipt_json",
    "receipt_logs",
    "transaction_json",
]

EIP155_V_MIN = 35
TYPE_ACCESS_LIST = 1
TYPE_DYNAMIC_FEE = 2
TYPE_SET_CODE = 4

Json = dict[str, Any]


def hex_data(data: bytes) -> str:
    """Write bytes."""
    return "0x" + data.hex()


def hex_quantity(number: int) -> str:
    """Write a number, without leading zeros."""
    return hex(number)


def _hex_bloom(bloom: int) -> str:
    return hex_data(bloom.to_bytes(256, "big"))


def header_json(header: Any) -> Json:
    """Shape all fields of a Prague header."""
    return {
        "number": hex_quantity(header.block_number),
        "hash": hex_data(header.hash),
        "parentHash": hex_data(header.parent_hash),
        "sha3Uncles": hex_data(header.uncles_hash),
        "miner": hex_data(header.coinbase),
        "stateRoot": hex_data(header.state_root),
        "transactionsRoot": hex_data(header.transaction_root),
        "receiptsRoot": hex_data(header.receipt_root),
        "logsBloom": _hex_bloom(header.bloom),
        "difficulty": hex_quantity(header.difficulty),
        "gasLimit": hex_quantity(header.gas_limit),
        "gasUsed": hex_quantity(header.gas_used),
        "timestamp": hex_quantity(header.timestamp),
        "extraData": hex_data(header.extra_data),
        "mixHash": hex_data(header.mix_hash),
        "nonce": hex_data(header.nonce),
        "baseFeePerGas": hex_quantity(header.base_fee_per_gas),
        "withdrawalsRoot": hex_data(header.withdrawals_root),
        "blobGasUsed": hex_quantity(header.blob_gas_used),
        "excessBlobGas": hex_quantity(header.excess_blob_gas),
        "parentBeaconBlockRoot": hex_data(header.parent_beacon_block_root),
        "requestsHash": hex_data(header.requests_hash),
    }


def block_json(view: ChainView, header: BlockHeaderAPI, *, with_transactions: bool) -> Json:
    """Shape a block, with its transactions or only their hashes."""
    block = view.block_of(header)
    transactions: list[Any] = [
        transaction_json(view, header, index, transaction)
        if with_transactions
        else hex_data(transaction.hash)
        for index, transaction in enumerate(block.transactions)
    ]
    return header_json(header) | {
        "totalDifficulty": "0x0",
        "size": hex_quantity(len(rlp.encode(block))),
        "uncles": [],
        "withdrawals": [],
        "transactions": transactions,
    }


def pending_block_json(header: BlockHeaderAPI) -> Json:
    """Shape the block that would be mined now, were there a transaction for it."""
    unknown = {"hash": None, "nonce": None, "miner": None, "logsBloom": None}
    rest: Json = {"totalDifficulty": None, "size": "0x0", "uncles": [], "withdrawals": [], "transactions": []}
    return header_json(header) | unknown | rest


def transaction_json(
    view: ChainView, header: BlockHeaderAPI, index: int, transaction: SignedTransactionAPI
) -> Json:
    """Shape a mined transaction of any type."""
    shape: Json = {
        "hash": hex_data(transaction.hash),
        "blockHash": hex_data(header.hash),
        "blockNumber": hex_quantity(header.block_number),
        "transactionIndex": hex_quantity(index),
        "type": hex_quantity(_type_of(transaction)),
        "nonce": hex_quantity(transaction.nonce),
        "from": hex_data(transaction.sender),
        "to": hex_data(transaction.to) if transaction.to else None,
        "value": hex_quantity(transaction.value),
        "gas": hex_quantity(transaction.gas),
        "gasPrice": hex_quantity(_price_of(header, transaction)),
        "input": hex_data(transaction.data),
        "r": hex_quantity(transaction.r),
        "s": hex_quantity(transaction.s),
    }
    return shape | _signature_fields(transaction) | _typed_fields(view, transaction)


def _type_of(transaction: SignedTransactionAPI) -> int:
    """Type of EIP-2718; 0 for those from before it."""
    return transaction.type_id or 0


def _price_of(header: Any, transaction: SignedTransactionAPI) -> int:
    """What a unit of gas cost, base fee and tip. [wei]"""
    with_tip = header.base_fee_per_gas + transaction.max_priority_fee_per_gas
    return int(min(transaction.max_fee_per_gas, with_tip))


def _signature_fields(transaction: Any) -> Json:
    if _type_of(transaction):
        parity = hex_quantity(transaction.y_parity)
        return {"v": parity, "yParity": parity}
    fields = {"v": hex_quantity(transaction.v)}
    if transaction.v >= EIP155_V_MIN:
        fields["chainId"] = hex_quantity((transaction.v - EIP155_V_MIN) // 2)
    return fields


def _typed_fields(view: ChainView, transaction: SignedTransactionAPI) -> Json:
    """Shape what came with the types of EIP-2930, EIP-1559 and EIP-7702."""
    type_ = _type_of(transaction)
    fields: Json = {}
    if type_ >= TYPE_ACCESS_LIST:
        fields["chainId"] = hex_quantity(view.chain_id)
        fields["accessList"] = [
            {
                "address": hex_data(address),
                "storageKeys": [hex_data(slot.to_bytes(32, "big")) for slot in slots],
            }
            for address, slots in transaction.access_list
        ]
    if type_ >= TYPE_DYNAMIC_FEE:
        fields["maxFeePerGas"] = hex_quantity(transaction.max_fee_per_gas)
        fields["maxPriorityFeePerGas"] = hex_quantity(transaction.max_priority_fee_per_gas)
    if type_ == TYPE_SET_CODE:
        fields["authorizationList"] = [
            {
                "chainId": hex_quantity(one.chain_id),
                "address": hex_data(one.address),
                "nonce": hex_quantity(one.nonce),
                "yParity": hex_quantity(one.y_parity),
                "r": hex_quantity(one.r),
                "s": hex_quantity(one.s),
            }
            for one in transaction.authorization_list
        ]
    return fields


def receipt_json(found: LocatedTransaction) -> Json:
    """Shape what became of a transaction."""
    transaction, receipt, header = found.transaction, found.receipt, found.header
    is_creation = not transaction.to
    created = keccak(rlp.encode([transaction.sender, transaction.nonce]))[12:] if is_creation else b""
    return {
        "transactionHash": hex_data(transaction.hash),
        "transactionIndex": hex_quantity(found.index),
        "blockHash": hex_data(header.hash),
        "blockNumber": hex_quantity(header.block_number),
        "type": hex_quantity(_type_of(transaction)),
        "from": hex_data(transaction.sender),
        "to": None if is_creation else hex_data(transaction.to),
        "contractAddress": hex_data(created) if is_creation else None,
        "status": "0x1" if receipt.state_root == b"\x01" else "0x0",
        "gasUsed": hex_quantity(found.gas_used),
        "cumulativeGasUsed": hex_quantity(receipt.gas_used),
        "effectiveGasPrice": hex_quantity(_price_of(header, transaction)),
        "logsBloom": _hex_bloom(receipt.bloom),
        "logs": [log_json(row) for row in receipt_logs(found)],
    }


def receipt_logs(found: LocatedTransaction) -> list[LogRow]:
    """Place the logs of a transaction in the chain."""
    return [
        LogRow(
            block=found.header.block_number,
            position=found.first_log + place,
            address=log.address,
            topics=tuple(topic.to_bytes(32, "big") for topic in log.topics),
            data=log.data,
            block_hash=found.header.hash,
            transaction_hash=found.transaction.hash,
            transaction_index=found.index,
        )
        for place, log in enumerate(found.receipt.logs)
    ]


def log_json(row: LogRow) -> Json:
    """Shape a log; none is ever removed, for this chain has no forks."""
    return {
        "address": hex_data(row.address),
        "topics": [hex_data(topic) for topic in row.topics],
        "data": hex_data(row.data),
        "blockNumber": hex_quantity(row.block),
        "blockHash": hex_data(row.block_hash),
        "transactionHash": hex_data(row.transaction_hash),
        "transactionIndex": hex_quantity(row.transaction_index),
        "logIndex": hex_quantity(row.position),
        "removed": False,
    }
