"""A bill of La Ruelle, and what a run proves of it."""

from __future__ import annotations

import pytest


@pytest.fixture
def proof():
    return {
        "run_version": 2,
        "bill_root": "0x9f3ac1" + "00" * 27 + "7be2",
        "billing_ledger": "0x5FbDB2315678afecb367f032d93F642f64180aa3",
        "chain_id": 4242424242,
        "bill_state": "final",
    }
