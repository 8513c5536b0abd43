import pytest

from backend import verifier
from backend.benches import bench_settlement
from backend.errors import VerificationError


def test_the_benchmark_of_a_settlement_times_every_stage_of_a_real_one(monkeypatch):
    monkeypatch.setenv(
        "PARTAGE_CHAIN_URL", "http://127.0.0.1:1"
    )  # no measurement goes to a chain that is in use
    result = bench_settlement(5)
    assert result.work.startswith("a month of 5 made members, 6 metering points")
    whole, *stages = result.measurements
    names = [stage.what for stage in stages]
    assert names[:4] == ["load the community", "load the readings", "settle: open", "settle: readings"]
    assert names[-2] == "bundle of one member"
    assert names[-1].startswith("verify it (")
    assert sum(stage.ratio for stage in stages[:-2]) == pytest.approx(1)
    assert whole.seconds == pytest.approx(sum(stage.seconds for stage in stages[:-2]))


def test_a_settlement_whose_proof_does_not_hold_has_no_time(monkeypatch):
    verify = verifier.verify

    def verify_altered(bundle, call):
        bundle["bill"]["debit"] += 1
        return verify(bundle, call)

    monkeypatch.setattr(verifier, "verify", verify_altered)
    with pytest.raises(VerificationError, match="home-0001 does not hold against the chain"):
        bench_settlement(3)
