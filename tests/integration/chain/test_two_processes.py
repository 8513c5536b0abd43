"""Several processes on one chain file: writers take turns, readers see every block."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from backend.adapters.chain.embedded_chain import EmbeddedChain
from backend.adapters.chain.embedded_rpc import EmbeddedRpc
from backend.adapters.chain.json_rpc import ReadOnlyRpc
from backend.errors import ChainBusyError
from tests.integration.chain.conftest import Stranger, Writer
from tests.integration.chain.notebook import account_number
from tests.integration.chain.processes import FUNDED, context, hold_the_lock, mine_some, send_next

EACH = 20


def test_two_processes_that_write_at_once_never_harm_each_other(path: Path, tmp_path: Path):
    """Both send with the same account, so that only the lock keeps their nonces apart; one of them gives birth."""
    notes = [tmp_path / "singly", tmp_path / "in batches"]
    processes = [
        context().Process(target=mine_some, args=(path, EACH, batch, note))
        for batch, note in zip((1, 5), notes, strict=True)
    ]
    for process in processes:
        process.start()
    rpc = ReadOnlyRpc(path)
    heads = [0]
    while any(process.is_alive() for process in processes):
        answer = Stranger(rpc).ask("eth_getBlockByNumber", "latest", True)
        if "result" in answer:
            heads.append(int(answer["result"]["number"], 16))
            assert len(answer["result"]["transactions"]) == (heads[-1] > 0)
        time.sleep(0.005)
    for process in processes:
        process.join()
        assert process.exitcode == 0
        process.close()
    # Whoever only reads saw blocks come while others wrote, and none go.
    assert heads == sorted(heads)
    assert len(set(heads)) > 5
    blocks = [
        Stranger(rpc).get("eth_getBlockByNumber", hex(number), True) for number in range(1, 2 * EACH + 1)
    ]
    rpc.close()
    mined = [transaction for block in blocks for transaction in block["transactions"]]
    assert [int(transaction["nonce"], 16) for transaction in mined] == list(range(2 * EACH))
    assert {transaction["hash"] for transaction in mined} == {
        acknowledged for note in notes for acknowledged in note.read_text().split()
    }
    times = [int(block["timestamp"], 16) for block in blocks]
    assert times == sorted(set(times))


def test_who_waits_too_long_is_told_which_process_writes_and_reads_meanwhile(
    writer: Writer, path: Path, tmp_path: Path
):
    alive = tmp_path / "alive"
    process = context().Process(target=hold_the_lock, args=(path, alive))
    process.start()
    while not alive.exists():
        time.sleep(0.005)
    with (
        pytest.raises(ChainBusyError, match=rf"process {process.pid} has been writing .* more than 0.1 s"),
        writer.chain.writing(timeout_seconds=0.1),
    ):
        pass
    with pytest.raises(ChainBusyError, match=f"process {process.pid} "):
        EmbeddedRpc(writer.chain, timeout_seconds=0).request("eth_sendRawTransaction", [writer.sign()])
    assert writer.height == 1
    with EmbeddedChain.open(path, timeout_seconds=0) as another:
        assert Writer(another).height == 1
    # A writer that is killed leaves no lock behind.
    process.kill()
    process.join()
    process.close()
    assert writer.send(writer.notebook, b"\1" * 32)["status"] == "0x1"


def test_a_writer_sees_what_another_process_mined_before(path: Path, tmp_path: Path):
    with EmbeddedChain.open(path, funded=FUNDED) as chain:
        rpc = EmbeddedRpc(chain)
        send_next(rpc)
        process = context().Process(target=mine_some, args=(path, 3, 3, tmp_path / "notes"))
        process.start()
        process.join()
        assert process.exitcode == 0
        process.close()
        send_next(rpc)
        assert int(rpc.request("eth_blockNumber", []), 16) == 5
        assert int(rpc.request("eth_getTransactionCount", [account_number(1).address]), 16) == 5


def test_the_threads_of_a_process_take_turns(writer: Writer):
    errors: list[Exception] = []

    def send_some():
        try:
            for _ in range(5):
                send_next(writer.rpc)
        except Exception as error:  # noqa: BLE001 -- a thread's error would be lost
            errors.append(error)

    threads = [threading.Thread(target=send_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert writer.height == 21

    refused: list[str] = []

    def try_to_write():
        try:
            with writer.chain.writing(timeout_seconds=0.05):
                pass
        except ChainBusyError as error:
            refused.append(str(error))

    with writer.chain.writing():
        thread = threading.Thread(target=try_to_write)
        thread.start()
        thread.join()
    assert f"process {os.getpid()} " in refused[0]
