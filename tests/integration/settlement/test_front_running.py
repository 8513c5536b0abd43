"""Some calls anyone may send: who sends ours before us must not stop us."""

from dataclasses import replace

import pytest

from backend.ports import RunState
from backend.services.settle_period import settle_period
from tests.integration.settlement.small_community import MONTH, load_and_settle, open_home

_OPEN_TO_ALL = ["confirmPoints", "submitBatch", "finalise"]


@pytest.fixture
def wiring(tmp_path):
    return open_home(tmp_path / "home")


def race(monkeypatch, chain, function):
    """Let a stranger copy each such call out of the air and have it mined first."""
    sign, raced = chain.sign, []

    def overtaken(call, replacing=None):
        if call.function == function:
            theirs = replace(call, sender="steward")  # who has money for it here, and no say in these calls
            chain.send(sign(theirs))
            raced.append(call.contract)
        return sign(call, replacing)

    monkeypatch.setattr(chain, "sign", overtaken)
    return raced


@pytest.mark.parametrize("function", _OPEN_TO_ALL)
def test_a_stranger_who_sends_our_call_first_does_not_stop_the_settlement(wiring, monkeypatch, function):
    raced = race(monkeypatch, wiring.context.chain, function)
    run = load_and_settle(wiring)
    assert raced
    assert run.state is RunState.FINAL
    assert run.bill_state is RunState.FINAL
    assert settle_period(wiring.context, "toits", MONTH).version == run.version
