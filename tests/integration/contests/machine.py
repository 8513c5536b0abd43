"""An Ethereum machine in memory on which recorded transactions are run and taken back, without blocks or fees."""

from eth.constants import BLANK_ROOT_HASH, POST_MERGE_DIFFICULTY
from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.state import PragueState
from eth.vm.spoof import SpoofTransaction
from eth_abi.abi import encode
from eth_typing import Address, BlockNumber, Hash32

from backend.adapters.chain.artifacts import load_artifact
from backend.adapters.chain.creation import arguments_of, predict_address
from backend.adapters.chain.deployment import CONTRACT_NAMES
from backend.adapters.chain.embedded_evm import BLOCK_GAS_LIMIT

_COINBASE = Address(b"\xc0" * 20)
_ANYBODY = "0x" + "a1" * 20
_PRECOMPILES = [Address(number.to_bytes(20)) for number in range(1, 0x12)]


def _plain(text):
    return bytes.fromhex(text.removeprefix("0x"))


class Machine:
    """All contracts, created by one account from a nonce on.

    Args:
        chain_id: What signatures name.
        deployer: Address that creates the contracts, in order.
        nonce: Of the first creation.
    """

    def __init__(self, chain_id, deployer, nonce):
        self.chain_id = chain_id
        self.state = PragueState(AtomicDB(MemoryDB()), self._context(0), BLANK_ROOT_HASH)
        for touched in (_COINBASE, *_PRECOMPILES):  # not empty: what a transaction cleared is not taken back
            self.state.set_balance(touched, 1)
        self.contracts = {name: predict_address(deployer, nonce + i) for i, name in enumerate(CONTRACT_NAMES)}
        self.state.set_nonce(_plain(deployer), nonce)
        for solidity in CONTRACT_NAMES.values():
            self._create(deployer, load_artifact(solidity))

    def _context(self, at):
        return ExecutionContext(
            coinbase=_COINBASE,
            timestamp=at,
            block_number=BlockNumber(1),
            difficulty=POST_MERGE_DIFFICULTY,
            mix_hash=Hash32(bytes(32)),
            gas_limit=BLOCK_GAS_LIMIT,
            prev_hashes=(),
            chain_id=self.chain_id,
            base_fee_per_gas=0,
            excess_blob_gas=0,
        )

    def _create(self, deployer, artifact):
        addresses = {name: _plain(address) for name, address in self.contracts.items()}
        types: list[dict[str, str]] = next(
            (entry["inputs"] for entry in artifact.abi if entry["type"] == "constructor"), []
        )
        written = [
            "(address,address,address,address,address,address)" if x["type"] == "tuple" else "address"
            for x in types
        ]
        data = artifact.bytecode + encode(written, arguments_of(artifact, addresses))
        assert not self.execute(deployer, b"", data).is_error

    def execute(self, sender, to, data, value=0):
        """Run a transaction whose gas costs nothing."""
        who = _plain(sender)
        unsigned = PragueVM.create_unsigned_transaction(
            nonce=self.state.get_nonce(who),
            gas_price=0,
            gas=BLOCK_GAS_LIMIT,
            to=to,
            value=value,
            data=data,
        )
        return self.state.apply_transaction(SpoofTransaction(unsigned, from_=who))  # type: ignore[arg-type] # it runs them too

    def take(self, told):
        """Run a transaction of the vectors; what it answered."""
        self.state.execution_context = self._context(told["at"])
        self.state.set_balance(_plain(told["from"]), told["value"])
        return self.execute(
            told["from"], _plain(self.contracts[told["contract"]]), data_of(told), told["value"]
        )

    def ask(self, contract, data):
        """What a view answers."""
        before = self.state.snapshot()
        answer = self.execute(_ANYBODY, _plain(self.contracts[contract]), data)
        self.state.revert(before)
        assert answer.is_success
        return bytes(answer.output)


def data_of(told):
    """The call of a transaction of the vectors: its selector, and words without their leading zeros."""
    return _plain(told["selector"]) + b"".join(int(word, 16).to_bytes(32) for word in told["words"])
