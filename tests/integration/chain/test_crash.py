"""A process that dies while it writes: nothing acknowledged is lost, nothing is there twice or by half."""

from __future__ import annotations

import itertools
import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from backend.adapters.chain.embedded_chain import EmbeddedChain
from backend.adapters.chain.embedded_rpc import EmbeddedRpc
from backend.errors import ChainUnavailableError
from tests.integration.chain.conftest import TurnedClock, Writer
from tests.integration.chain.notebook import account_number, word
from tests.integration.chain.processes import (
    FUNDED,
    RECIPIENT,
    Touches,
    context,
    die_at_touch,
    mine_without_end,
    send_next,
)

KILLS = 10


def assert_sound(path: Path, acknowledged: list[str]) -> int:
    """Check that a chain is whole and holds what was acknowledged, once; returns its height."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    with EmbeddedChain.open(path, funded=FUNDED) as chain:  # born again where the birth was cut short
        rpc = EmbeddedRpc(chain)
        height = int(rpc.request("eth_blockNumber", []), 16)
        blocks = [rpc.request("eth_getBlockByNumber", [hex(number), True]) for number in range(height + 1)]
        for parent, block in itertools.pairwise(blocks):
            assert block["parentHash"] == parent["hash"]
        mined = [transaction for block in blocks for transaction in block["transactions"]]
        # The account's transactions stand in the order of their nonces, none is missing, none is there twice.
        assert [int(transaction["nonce"], 16) for transaction in mined] == list(range(height))
        hashes = {transaction["hash"] for transaction in mined}
        assert set(acknowledged) <= hashes
        for one in hashes:
            assert rpc.request("eth_getTransactionReceipt", [one])["status"] == "0x1"
        # The state is that of the last block.
        assert int(rpc.request("eth_getTransactionCount", [account_number(1).address]), 16) == height
        assert int(rpc.request("eth_getBalance", [RECIPIENT]), 16) == height
    return height


def test_a_writer_killed_at_random_moments_loses_and_doubles_nothing(path: Path, tmp_path: Path):
    randomness = random.Random(20170603)
    notes = tmp_path / "acknowledged"
    notes.touch()
    height = 0
    for kill in range(KILLS):
        process = context().Process(target=mine_without_end, args=(path, notes))
        process.start()
        if kill % 2:  # somewhere within or between the next few transactions
            enough = len(acknowledged_in(notes)) + randomness.randint(1, 5)
            while len(acknowledged_in(notes)) < enough:
                time.sleep(0.001)
            time.sleep(randomness.uniform(0, 0.03))
        else:  # perhaps before the chain is born or opened
            time.sleep(randomness.uniform(0.01, 0.2))
        process.kill()
        process.join()
        assert process.exitcode == -9
        process.close()
        if path.exists():
            grown = assert_sound(path, acknowledged_in(notes))
            assert grown >= height
            height = grown
    assert height >= len(acknowledged_in(notes)) >= KILLS // 2


def acknowledged_in(notes: Path) -> list[str]:
    """Read the hashes that a process noted; the last line may be cut short where it was killed."""
    return [line for line in notes.read_text().split() if len(line) == 66]


def test_a_birth_and_a_first_block_killed_at_any_touch_recover(path: Path, tmp_path: Path):
    """Kills at every fifth touch of a life that opens a chain, gives birth to it and mines a block."""
    number, exit_code = 1, -9
    heights = []
    while exit_code == -9:
        shutil.rmtree(path.parent, ignore_errors=True)
        process = context().Process(target=die_at_touch, args=(path, number))
        process.start()
        process.join()
        exit_code = process.exitcode
        process.close()
        with EmbeddedChain.open(path, funded=FUNDED) as chain:  # born again where the birth was cut short
            rpc = EmbeddedRpc(chain)
            heights.append(int(rpc.request("eth_blockNumber", []), 16))
            send_next(rpc)
        assert assert_sound(path, []) == heights[-1] + 1
        number += 5
    assert exit_code == 0
    # The last life ended well; before, there was a moment from which on the block was there, and none in between.
    assert heights == sorted(heights)
    assert heights[0] == 0
    assert heights[-1] == 1
    assert len(heights) > 20


class DiskError(OSError):
    """Stands for a disk that fails."""


def test_a_transaction_that_fails_at_any_touch_is_there_whole_or_not_at_all(
    writer: Writer, clock: TurnedClock, path: Path, tmp_path: Path
):
    writer.send(writer.notebook, word(1))
    raw = writer.sign(writer.notebook, word(2))
    writer.chain.close()
    heights: list[int] = []
    is_through = False
    while not is_through:
        copy = tmp_path / f"copy-{len(heights)}.sqlite"
        shutil.copy(path, copy)
        touches = Touches(fail_at(len(heights) + 1))
        with touches.installed(), EmbeddedChain.open(copy, clock=clock) as chain:
            try:
                with chain.writing() as mining:
                    touches.count, touches.is_armed = 0, True
                    mining.mine(raw)
                is_through = True
            except (DiskError, ChainUnavailableError):
                pass
            touches.is_armed = False
            # The same process goes on, whether the block was written or not.
            rpc = EmbeddedRpc(chain)
            heights.append(int(rpc.request("eth_blockNumber", []), 16))
            if heights[-1] == 2:
                rpc.request("eth_sendRawTransaction", [raw])
        assert_whole(copy, writer.notebook)
        copy.unlink()
    assert len(heights) > 100
    assert set(heights) == {2, 3}
    assert heights == sorted(heights)


def fail_at(number: int) -> Callable[[int], None]:
    """Let the disk fail at a touch, or SQLite complain about it."""

    def fail(touch: int) -> None:
        if touch == number:
            raise (
                DiskError("the disk fails")
                if number // 2 % 2
                else sqlite3.OperationalError("the disk is full")
            )

    return fail


def assert_whole(path: Path, notebook: str) -> None:
    """Check that the third block is there with all that belongs to it."""
    with EmbeddedChain.open(path) as chain:
        rpc = EmbeddedRpc(chain)
        assert rpc.request("eth_blockNumber", []) == "0x3"
        assert rpc.request("eth_call", [{"to": notebook}]) == "0x" + word(2).hex()
        logs = rpc.request("eth_getLogs", [{"fromBlock": "0x0"}])
        assert [(log["blockNumber"], log["data"]) for log in logs] == [
            ("0x2", "0x" + word(1).hex()),
            ("0x3", "0x" + word(2).hex()),
        ]
        block = rpc.request("eth_getBlockByNumber", ["0x3", False])
        (transaction,) = block["transactions"]
        assert rpc.request("eth_getTransactionReceipt", [transaction])["logs"] == logs[1:]
