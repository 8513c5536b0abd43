from backend.ports import RunRecord, RunState
from backend.services.settled_periods import run_in_force


def run(version, state, bill_root="0x01"):
    return RunRecord(
        "toits",
        19783,
        version,
        f"0x{version:02x}",
        1,
        1,
        "0x00",
        feed_in=0,
        consumption=0,
        allocated=0,
        shared=0,
        state=state,
        bill_root=bill_root,
    )


def version_in_force(*runs):
    found = run_in_force(runs)
    return found.version if found else None


def test_a_final_run_stands_while_its_correction_can_be_contested():
    assert version_in_force(run(1, RunState.FINAL), run(2, RunState.CONTESTABLE)) == 1


def test_where_none_is_final_the_newest_contestable_run_stands():
    runs = [run(1, RunState.SUPERSEDED), run(2, RunState.CONTESTABLE), run(3, RunState.CONTESTABLE)]
    assert version_in_force(*runs) == 3


def test_a_run_that_was_voided_superseded_or_not_billed_never_stands():
    runs = [run(1, RunState.VOIDED), run(2, RunState.SUPERSEDED), run(3, RunState.PREPARED)]
    assert version_in_force(*runs, run(4, RunState.FINAL, bill_root="")) is None
