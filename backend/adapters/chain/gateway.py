"""``ChainGateway`` over a node: the embedded chain or any JSON-RPC node, with the same contract code."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from backend.adapters.chain.abi import ContractAbi, RefusalDecoder
from backend.adapters.chain.compile import load_artifact
from backend.adapters.chain.deployment import CONTRACT_NAMES, GOVERNANCE_NAMES, INNER_CONTRACTS, Deployment
from backend.adapters.chain.node import CallRevertedError
from backend.adapters.chain.refusals import say_refusal
from backend.errors import ChainUnavailableError, ContractRefusal
from backend.ports import ChainEvent, ChainFacts, Receipt, SignedTransaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from backend.adapters.chain.node import Node
    from backend.adapters.key_vault import KeyVault
    from backend.ports import ContractCall, GovernanceContracts, GovernanceSettings

__all__ = ["NodeGateway"]

_Answer = TypeVar("_Answer")
_FEE_BUMP_NUMERATOR, _FEE_BUMP_DENOMINATOR = 9, 8  # nodes replace a transaction only for a tenth more


class NodeGateway:
    """The contracts of one deployment on one node.

    Args:
        node: Where calls go.
        vault: Named keys that sign.
        deployment: Which contracts.
    """

    def __init__(self, node: Node, vault: KeyVault, deployment: Deployment) -> None:
        self._node = node
        self._vault = vault
        self._deployment = deployment
        names = {**CONTRACT_NAMES, **GOVERNANCE_NAMES}
        artifacts = {name: load_artifact(solidity) for name, solidity in names.items()}
        self._abis = {name: ContractAbi(artifact.abi) for name, artifact in artifacts.items()}
        inner = [load_artifact(solidity) for solidity in INNER_CONTRACTS]
        self._refusals = RefusalDecoder(artifact.abi for artifact in (*artifacts.values(), *inner))

    def facts(self) -> ChainFacts:
        """See ``ChainGateway.facts``."""
        return self._deployment.facts(embedded=self._node.embedded)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """See ``ChainGateway.writing``."""
        with self._node.writing():
            yield

    def preflight(self, call: ContractCall) -> None:
        """See ``ChainGateway.preflight``; on the pending block, for the head's time stands still."""
        self._call(self._transaction(call), "pending")

    def sign(self, call: ContractCall, replacing: SignedTransaction | None = None) -> SignedTransaction:
        """See ``ChainGateway.sign``."""
        request = self._transaction(call)
        fee, tip = self._node.fees(request["from"])
        if replacing is None:
            nonce = int(self._node.rpc("eth_getTransactionCount", [request["from"], "pending"]), 16)
            gas = self._asked(lambda: self._node.gas_limit(request))
            replaced: tuple[str, ...] = ()
        else:
            nonce = replacing.nonce
            former_fee, former_tip, gas = _terms_of(replacing.raw)
            fee, tip = max(fee, _raised(former_fee)), max(tip, _raised(former_tip))
            replaced = (replacing.hash, *replacing.replaces)
        account = self._vault.account(call.sender)
        signed = account.sign_transaction(
            {
                "type": 2,
                "chainId": self._deployment.chain_id,
                "nonce": nonce,
                "to": request["to"],
                "value": call.value_wei,
                "data": request["data"],
                "gas": gas,
                "maxFeePerGas": fee,
                "maxPriorityFeePerGas": tip,
            }
        )
        return SignedTransaction(
            bytes(signed.raw_transaction), "0x" + bytes(signed.hash).hex(), nonce, account.address, replaced
        )

    def send(self, transaction: SignedTransaction) -> bool:
        """See ``ChainGateway.send``."""
        return self._node.send_raw(transaction.raw)

    def is_passed(self, transaction: SignedTransaction) -> bool:
        """See ``ChainGateway.is_passed``."""
        mined = self._node.rpc("eth_getTransactionCount", [transaction.sender_address, "latest"])
        return int(mined, 16) > transaction.nonce

    def receipt(self, transaction_hash: str) -> Receipt | None:
        """See ``ChainGateway.receipt``."""
        found = self._node.rpc("eth_getTransactionReceipt", [transaction_hash])
        if found is None or found.get("blockHash") is None:
            return None
        return Receipt(
            transaction_hash=transaction_hash,
            block_number=int(found["blockNumber"], 16),
            block_hash=found["blockHash"],
            gas_used=int(found["gasUsed"], 16),
            succeeded=int(found["status"], 16) == 1,
        )

    def confirmations(self, receipt: Receipt) -> int | None:
        """See ``ChainGateway.confirmations``."""
        block = self._node.rpc("eth_getBlockByNumber", [hex(receipt.block_number), False])
        if block is None or block["hash"] != receipt.block_hash:
            return None
        return int(self._node.rpc("eth_blockNumber", []), 16) - receipt.block_number + 1

    def confirmations_needed(self) -> int:
        """See ``ChainGateway.confirmations_needed``."""
        return self._node.confirmations_needed

    def read(self, contract: str, function: str, *arguments: Any) -> Any:
        """See ``ChainGateway.read``."""
        abi, address = self._place(contract)
        data = abi.encode_call(function, arguments)
        answer = self._call({"to": address, "data": "0x" + data.hex()})
        if not answer:
            raise ChainUnavailableError(
                f"There is no {contract} at {address} on chain "
                f"{self._deployment.chain_id}; "
                "the address is of another chain. Point PARTAGE_CHAIN_URL at the chain of deployment.json."
            )
        return abi.decode_result(function, answer)

    def events(
        self, contract: str, event: str, *, since_block: int = 0, where: Mapping[str, Any] | None = None
    ) -> list[ChainEvent]:
        """See ``ChainGateway.events``."""
        abi, address = self._place(contract)
        asked = {
            "address": address,
            "fromBlock": hex(since_block),
            "toBlock": "latest",
            "topics": abi.event_topics(event, where or {}),
        }
        return [
            ChainEvent(
                abi.decode_event(event, log["topics"], bytes.fromhex(log["data"].removeprefix("0x"))),
                int(log["blockNumber"], 16),
                log["transactionHash"],
            )
            for log in self._node.rpc("eth_getLogs", [asked])
        ]

    def deploy_governance(
        self, community: str, anchor: str, settings: GovernanceSettings
    ) -> GovernanceContracts:
        """See ``ChainGateway.deploy_governance``."""
        from backend.adapters.chain.governance import create_governance

        return create_governance(self._node, self._vault, self._deployment, community, anchor, settings)

    def address_of(self, key: str) -> str:
        """See ``ChainGateway.address_of``."""
        return str(self._vault.account(key).address)

    def sign_typed_data(
        self, key: str, contract: str, primary_type: str, types: Mapping[str, Any], message: Mapping[str, Any]
    ) -> str:
        """See ``ChainGateway.sign_typed_data``."""
        domain = [
            ("name", "string"),
            ("version", "string"),
            ("chainId", "uint256"),
            ("verifyingContract", "address"),
        ]
        full = {
            "types": {"EIP712Domain": [{"name": name, "type": kind} for name, kind in domain], **types},
            "primaryType": primary_type,
            "domain": {
                "name": "Partage",
                "version": "1",
                "chainId": self._deployment.chain_id,
                "verifyingContract": self._place(contract)[1],
            },
            "message": message,
        }
        signed = self._vault.account(key).sign_typed_data(full_message=full)
        return "0x" + bytes(signed.signature).hex()

    def rpc(self, method: str, params: list[Any]) -> Any:
        """See ``ChainGateway.rpc``."""
        return self._node.rpc(method, params)

    def block_time_utc(self) -> int:
        """See ``ChainGateway.block_time_utc``."""
        return self._node.next_block_time_utc()

    def _transaction(self, call: ContractCall) -> dict[str, Any]:
        abi, address = self._place(call.contract)
        request = {
            "from": self.address_of(call.sender),
            "to": address,
            "data": "0x" + abi.encode_call(call.function, call.arguments).hex(),
        }
        return {**request, "value": hex(call.value_wei)} if call.value_wei else request

    def _place(self, contract: str) -> tuple[ContractAbi, str]:
        """Functions and address of a contract of the deployment, or of one that is named with its address."""
        name, _, address = contract.partition("@")
        if name in GOVERNANCE_NAMES:
            assert address, f"{name} stands for each community by itself; name it with its address"
            return self._abis[name], address
        return self._abis[name], self._deployment.contracts[name]

    def _call(self, request: dict[str, str], block: str = "latest") -> bytes:
        """``eth_call``; a revert becomes a refusal in words."""
        answer: str = self._asked(lambda: self._node.rpc("eth_call", [request, block]))
        return bytes.fromhex(answer.removeprefix("0x"))

    def _asked(self, ask: Callable[[], _Answer]) -> _Answer:
        """What the node answers; a contract's revert becomes a refusal in words."""
        try:
            return ask()
        except CallRevertedError as error:
            refusal = self._refusals.decode(error.revert_data)
            if refusal is None:
                raise
            raise ContractRefusal(say_refusal(refusal), refusal.name, refusal.values) from None


def _terms_of(raw: bytes) -> tuple[int, int, int]:
    """Highest fee, tip and gas of a signed transaction. [wei, wei, gas]"""
    from eth_account.typed_transactions.typed_transaction import TypedTransaction
    from hexbytes import HexBytes

    fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
    return int(fields["maxFeePerGas"]), int(fields["maxPriorityFeePerGas"]), int(fields["gas"])


def _raised(fee: int) -> int:
    """A fee that nodes take for a replacement. [wei]"""
    return -(-fee * _FEE_BUMP_NUMERATOR // _FEE_BUMP_DENOMINATOR)
