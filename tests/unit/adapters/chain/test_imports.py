"""What it costs to import the chain room."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"eth", "eth_tester", "web3", "eth_account"}


@pytest.mark.parametrize("module", ["json_rpc", "writer_lock", "rpc_params"])
def test_a_module_that_a_server_starts_with_loads_no_evm(module: str):
    program = f"import sys, backend.adapters.chain.{module}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(run.stdout.split())


def test_the_evm_hashes_in_c():
    program = (
        "from backend.adapters.chain import embedded_evm; from eth_hash.auto import keccak; keccak(b'');"
        "print(keccak.hasher.__module__)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "eth_hash.backends.pysha3"
