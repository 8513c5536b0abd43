"""A real Ethereum node on this machine: Foundry's anvil, from npm or from the path."""

from __future__ import annotations

import json
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[3]
PATIENCE_SECONDS = 60
# The first account of the mnemonic that every anvil starts with: known to all, and worth nothing anywhere else.
FUNDING_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"


def find_anvil() -> str | None:
    """The platform's anvil, None where it has none."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    package = f"@foundry-rs/anvil-{sys.platform}-{machine}"
    bundled = REPOSITORY / "node_modules" / package / "bin" / "anvil"
    return str(bundled) if bundled.exists() else shutil.which("anvil")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Anvil:
    """One node, that can be stopped, started and told what to do.

    Args:
        *options: For the command.
    """

    def __init__(self, *options: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start it and wait until it answers."""
        command = find_anvil()
        assert command is not None
        self._process = subprocess.Popen(
            [
                command,
                *("--port", str(self.port), "--hardfork", "prague", "--accounts", "1", "--silent"),
                *self._options,
                *options,
            ],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.rpc("eth_chainId")
                return
            except OSError:
                assert time.monotonic() < deadline, "anvil does not answer"
                assert self._process.poll() is None, "anvil ended"
                time.sleep(0.05)

    def stop(self) -> None:
        """End it as its operator would: it writes its state, if it has a file for it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    def rpc(self, method: str, *params: Any) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:  # noqa: S310
            answer = json.load(response)
        assert "error" not in answer, answer
        return answer["result"]

    @property
    def height(self) -> int:
        return int(self.rpc("eth_blockNumber"), 16)

    def mined_since(self, height: int) -> int:
        """How many transactions the blocks after a height hold."""
        return sum(
            int(self.rpc("eth_getBlockTransactionCountByNumber", hex(number)), 16)
            for number in range(height + 1, self.height + 1)
        )

    def mine(self, blocks: int = 1) -> None:
        self.rpc("anvil_mine", hex(blocks))

    def pass_seconds(self, seconds: int) -> None:
        """Let time pass, and a block see it."""
        self.rpc("evm_increaseTime", seconds)
        self.mine()

    def waiting(self) -> int:
        """How many transactions wait for a block."""
        status = self.rpc("txpool_status")
        return int(status["pending"], 16) + int(status["queued"], 16)
