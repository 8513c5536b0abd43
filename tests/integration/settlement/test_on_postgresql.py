import pytest

from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.ports import RunState
from backend.services.bundles import bills_of, make_bundle
from backend.verifier import verify
from tests.integration.settlement.small_community import MONTH, load_and_settle

pytestmark = pytest.mark.postgres


def test_a_month_is_settled_and_proved_with_the_records_in_postgresql(tmp_path, postgres_url, monkeypatch):
    monkeypatch.setenv("PARTAGE_DATABASE_URL", postgres_url)
    wiring = Wiring(Home(tmp_path / "home"))
    wiring.home.create()
    run = load_and_settle(wiring)
    assert (run.state, run.bill_state) == (RunState.FINAL, RunState.FINAL)
    assert not wiring.home.database.exists()
    block = wiring.node.rpc("eth_blockNumber", [])
    assert load_and_settle(wiring) == run
    assert wiring.node.rpc("eth_blockNumber", []) == block
    _, bills = bills_of(wiring.context, "toits", MONTH)
    assert [int(bill.number.rsplit("-", 1)[1]) for bill in bills] == [1, 2, 3]
    verdict = verify(make_bundle(wiring.context, "toits", MONTH, "ben"), wiring.node.rpc)
    assert verdict.ok, verdict.failures
    wiring.store.close()
