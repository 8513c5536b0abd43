"""The chain as services see it: calls that are signed, sent, followed, and read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

__all__ = ["ChainFacts", "ChainGateway", "ContractCall", "Receipt", "SignedTransaction"]


@dataclass(frozen=True, slots=True)
class ContractCall:
    """A state-changing call, as plain data that JSON can keep.

    Attributes:
        sender: Name of the key that signs the transaction: ``steward``, ``operator``, ``importer``, ``settler``.
        contract: ``registry``, ``rule_book``, ``period_book``, ``meter_data_ledger``, ``schedule_book``,
            ``settlement_ledger``, ``billing_ledger``.
        function: Its name in the contract.
        arguments: In order; integers, strings, lists, objects by field name; bytes as 0x-hex.
    """

    sender: str
    contract: str
    function: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """A transaction ready to send, kept before it is sent so that a retry is harmless.

    Attributes:
        raw: Its bytes.
        hash: 0x-hex.
        nonce: Of the sender.
        sender_address: Whose it is.
        replaces: Hashes of cheaper ones with the same nonce that were sent before: one of them may be mined instead.
    """

    raw: bytes
    hash: str
    nonce: int
    sender_address: str
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a transaction was mined."""

    transaction_hash: str
    block_number: int
    block_hash: str
    gas_used: int
    succeeded: bool


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """Which chain and which contracts: what ``deployment.json`` names.

    Attributes:
        chain_id: EIP-155.
        genesis_hash: Hash of block 0.
        contracts: Address by contract name.
        code_hashes: keccak of the deployed code by contract name.
        embedded: Is it the embedded chain?
    """

    chain_id: int
    genesis_hash: str
    contracts: Mapping[str, str]
    code_hashes: Mapping[str, str]
    embedded: bool


class ChainGateway(Protocol):
    """The chain, through its contracts."""

    def facts(self) -> ChainFacts:
        """Which chain, which contracts.

        Raises:
            ChainUnavailableError: If it does not answer or is not the one of the deployment.
        """
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Hold the writer's place for a batch of transactions, never longer.

        Raises:
            ChainBusyError: If another process keeps it too long.
        """
        ...

    def preflight(self, call: ContractCall) -> None:
        """Ask the contract by ``eth_call``, at the head, whether it would take the call.

        Raises:
            ContractRefusal: In words, where it would not.
        """
        ...

    def sign(self, call: ContractCall, replacing: SignedTransaction | None = None) -> SignedTransaction:
        """Sign a call with the sender's next nonce, or in place of a transaction that is stuck.

        Args:
            call: What to sign.
            replacing: The same call as signed before: it keeps its nonce and gas, and pays an eighth more at least.

        Raises:
            ContractRefusal: In words, where the contract would not take a new one.
        """
        ...

    def send(self, transaction: SignedTransaction) -> bool:
        """Hand a signed transaction to the chain; one that is known already is no error.

        Returns:
            False where the chain takes it for a higher fee only.
        """
        ...

    def is_passed(self, transaction: SignedTransaction) -> bool:
        """Has the sender a mined transaction of that nonce, be it this one or another?"""
        ...

    def receipt(self, transaction_hash: str) -> Receipt | None:
        """Its receipt, or None while it is not mined in the canonical chain."""
        ...

    def confirmations(self, receipt: Receipt) -> int | None:
        """Blocks on top of the receipt's block plus one; None if that block is no longer canonical."""
        ...

    def confirmations_needed(self) -> int:
        """How many make it final here: 1 on the embedded chain."""
        ...

    def read(self, contract: str, function: str, *arguments: Any) -> Any:
        """A view call at the head; structs come as dictionaries by field name, bytes as 0x-hex."""
        ...

    def address_of(self, key: str) -> str:
        """Address of a named key."""
        ...

    def sign_typed_data(
        self, key: str, contract: str, primary_type: str, types: Mapping[str, Any], message: Mapping[str, Any]
    ) -> str:
        """EIP-712 signature by a named key for a contract's domain, as 0x-hex."""
        ...

    def rpc(self, method: str, params: list[Any]) -> Any:
        """One read-only JSON-RPC call, for verification."""
        ...

    def block_time_utc(self) -> int:
        """Time that a transaction sent now would see; of the head, where the node does not say. [s since 1970, UTC]"""
        ...
