"""A chain with a contract on it, and a clock that a test can turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from backend.adapters.chain.embedded_chain import EmbeddedChain
from backend.adapters.chain.embedded_rpc import EmbeddedRpc
from backend.adapters.chain.json_rpc import ReadOnlyRpc
from tests.integration.chain.notebook import NOTEBOOK, account_number, assemble, creation_of, sign

BIRTH = 1_700_000_000


@dataclass
class TurnedClock:
    """Tells the time that a test has set."""

    seconds: float = BIRTH

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Writer:
    """Sends transactions of one account, one after the other.

    Attributes:
        chain: Where to.
        account: Whose.
        rpc: Answers questions.
        notebook: Address of the notebook.
    """

    chain: EmbeddedChain
    account: LocalAccount = field(default_factory=lambda: account_number(1))
    notebook: str = ""

    def __post_init__(self) -> None:
        self.rpc = EmbeddedRpc(self.chain)

    @property
    def chain_id(self) -> int:
        return int(self.rpc.request("eth_chainId", []), 16)

    @property
    def nonce(self) -> int:
        return int(self.rpc.request("eth_getTransactionCount", [self.account.address]), 16)

    @property
    def height(self) -> int:
        return int(self.rpc.request("eth_blockNumber", []), 16)

    def sign(self, to: str | None = None, data: bytes = b"", **more: Any) -> bytes:
        return sign(self.account, self.chain_id, more.pop("nonce", self.nonce), to, data, **more)

    def send(self, to: str | None = None, data: bytes = b"", **more: Any) -> dict[str, Any]:
        """Send a transaction and return its receipt."""
        sent = self.rpc.request("eth_sendRawTransaction", [self.sign(to, data, **more)])
        receipt: dict[str, Any] = self.rpc.request("eth_getTransactionReceipt", [sent])
        return receipt

    def deploy(self, runtime: bytes) -> str:
        return str(self.send(data=creation_of(runtime))["contractAddress"])


class Stranger:
    """Asks the read-only JSON-RPC, over bytes as a web server would."""

    def __init__(self, rpc: ReadOnlyRpc) -> None:
        self.rpc = rpc

    def ask(self, method: str, *params: Any) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer: dict[str, Any] = json.loads(self.rpc.dispatch(json.dumps(body).encode()))
        return answer

    def get(self, method: str, *params: Any) -> Any:
        answer = self.ask(method, *params)
        assert "error" not in answer, answer
        return answer["result"]


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "chain.sqlite"


@pytest.fixture
def chain(path: Path, clock: TurnedClock) -> Iterator[EmbeddedChain]:
    with EmbeddedChain.open(path, funded=[account_number(1).address], clock=clock) as opened:
        yield opened


@pytest.fixture
def writer(chain: EmbeddedChain) -> Writer:
    made = Writer(chain)
    made.notebook = made.deploy(assemble(NOTEBOOK))
    return made


@pytest.fixture
def stranger(path: Path, clock: TurnedClock) -> Iterator[Stranger]:
    rpc = ReadOnlyRpc(path, clock=clock)
    yield Stranger(rpc)
    rpc.close()
