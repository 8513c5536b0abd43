"""A bill of La Ruelle, and what a run proves of it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_PLACE = Path(__file__).resolve().parents[1] / "billing" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("ruelle_fixtures", _PLACE)
assert _SPEC is not None
assert _SPEC.loader is not None
_MODULE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_MODULE)

ruelle = _MODULE.ruelle
make_ruelle = _MODULE.make_ruelle


@pytest.fixture
def proof():
    return {
        "run_version": 2,
        "bill_root": "0x9f3ac1" + "00" * 27 + "7be2",
        "billing_ledger": "0x5FbDB2315678afecb367f032d93F642f64180aa3",
        "chain_id": 4242424242,
        "bill_state": "final",
    }
