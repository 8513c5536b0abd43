"""The chain as services see it: calls that are signed, sent, followed, and read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

__all__ = [
    "NOBODY",
    "ChainEvent",
    "ChainFacts",
    "ChainGateway",
    "ContractCall",
    "GovernanceContracts",
    "GovernanceSettings",
    "Receipt",
    "SignedTransaction",
]


NOBODY = "0x" + "00" * 20
"""The address that no key has: who holds a vacant seat, say."""


@dataclass(frozen=True, slots=True)
class ContractCall:
    """A state-changing call, as plain data that JSON can keep.

    Attributes:
        sender: Name of the key that signs the transaction, such as ``steward``, ``operator``, ``settler``.
        contract: A name of the deployment, such as ``rule_book``, or what stands for each community by itself, with its
            address: ``community_governor@0x...``, ``timelock@0x...``.
        function: Its name in the contract.
        arguments: In order; integers, strings, lists, objects by field name; bytes as 0x-hex.
        value_wei: What is paid with the call: bonds and deposits. [wei]
    """

    sender: str
    contract: str
    function: str
    arguments: tuple[Any, ...]
    value_wei: int = 0


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
class ChainEvent:
    """What a contract told in a transaction.

    Attributes:
        values: By parameter; bytes as 0x-hex. Of an indexed one that takes more than a word, its hash.
        block_number: Its block.
        transaction_hash: Its transaction, 0x-hex.
    """

    values: Mapping[str, Any]
    block_number: int
    transaction_hash: str


@dataclass(frozen=True, slots=True)
class GovernanceSettings:
    """How a community votes.

    Attributes:
        voting_delay_seconds: From a proposal until votes are taken, when seats are counted. [s]
        voting_period_seconds: For how long votes are taken. [s]
        timelock_seconds: From the end of the votes until what they decided can be done. [s]
        late_quorum_seconds: For how long votes are taken at least once the quorum is there. [s]
        quorum_ppm: Part of all seats' weight that has to take part. [ppm]
    """

    voting_delay_seconds: int
    voting_period_seconds: int
    timelock_seconds: int
    late_quorum_seconds: int
    quorum_ppm: int


@dataclass(frozen=True, slots=True)
class GovernanceContracts:
    """What a community has of its own on chain: addresses, as ``community_governor@`` and ``timelock@`` take them."""

    governor: str
    timelock: str


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

    def events(
        self, contract: str, event: str, *, since_block: int = 0, where: Mapping[str, Any] | None = None
    ) -> list[ChainEvent]:
        """What a contract told, in order.

        Args:
            contract: As in ``ContractCall``.
            event: Its name.
            since_block: The first block that counts.
            where: Values of indexed parameters; others are not asked for.
        """
        ...

    def deploy_governance(
        self, community: str, anchor: str, settings: GovernanceSettings
    ) -> GovernanceContracts:
        """Create a community's governor and timelock, or find those that were created; safe to repeat after a crash.

        Args:
            community: Its id here.
            anchor: Its id on chain, 0x-hex.
            settings: How it votes; what stands already keeps its own.

        Raises:
            ChainUnavailableError: If the chain does not answer or does not take a creation.
        """
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
