"""Plans for networks in the store, on both engines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from backend.errors import ConflictError, NotFoundError
from backend.ports.grid_plan_records import PlanKind, PlanRecord, PlanState
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from backend.adapters.store import DatabaseStore

PLAN = PlanRecord(
    "p1", "rue", PlanKind.SWITCHING, "T", PlanState.PROPOSED, 1_500_000_000, "ann", {"switches": []}
)


@pytest.fixture
def kept(store: DatabaseStore) -> DatabaseStore:
    with store.transaction() as records:
        records.put_network(network_record(small_network(), "toits"))
        records.add_plan(PLAN)
        records.add_plan(replace(PLAN, id="p2", made_utc=PLAN.made_utc + 60))
        records.add_plan(replace(PLAN, id="p3", kind=PlanKind.RELIEF))
    return store


def test_plans_come_back_by_kind_the_newest_first(kept: DatabaseStore) -> None:
    with kept.reading() as records:
        assert [plan.id for plan in records.plans("rue", PlanKind.SWITCHING)] == ["p2", "p1"]
        assert [plan.id for plan in records.plans("rue", PlanKind.RELIEF)] == ["p3"]
        assert records.plans("lac", PlanKind.SWITCHING) == []
        assert records.plan("rue", "p1") == PLAN


def test_another_network_s_plan_is_as_if_it_were_not_there(kept: DatabaseStore) -> None:
    with kept.reading() as records, pytest.raises(NotFoundError, match="no plan 'p1'"):
        records.plan("lac", "p1")


def test_a_plan_is_kept_once_and_never_overwritten(kept: DatabaseStore) -> None:
    with kept.transaction() as records:
        records.add_plan(PLAN)
        with pytest.raises(ConflictError, match="another document"):
            records.add_plan(replace(PLAN, document={"switches": [1]}))


def test_what_is_decided_about_a_plan_is_noted_once(kept: DatabaseStore) -> None:
    decided = replace(PLAN, state=PlanState.APPROVED, document={"switches": [], "approved_by": "bob"})
    with kept.transaction() as records:
        records.change_plan(decided, was=PlanState.PROPOSED)
        assert records.plan("rue", "p1") == decided
        with pytest.raises(ConflictError, match="approved already"):
            records.change_plan(replace(decided, state=PlanState.REFUSED), was=PlanState.PROPOSED)


def test_a_decision_does_not_change_who_made_a_plan_and_when(kept: DatabaseStore) -> None:
    with kept.transaction() as records:
        records.change_plan(replace(PLAN, made_by="eve", made_utc=0), was=PlanState.PROPOSED)
        assert records.plan("rue", "p1") == PLAN


def test_what_plans_tell_of_a_connection_can_be_taken_out_and_the_rest_stays(kept: DatabaseStore) -> None:
    documents = {
        PlanKind.SWITCHING: {
            "asked": {"critical": ["ada", "ben"], "costs": {"ada": 2.0, "ben": 1.0}},
            "switches": [{"connection": "ada", "moved_kw": 1.7}, {"connection": "ben", "moved_kw": 2.9}],
            "ada": 3,
        },
        PlanKind.RELIEF: {
            "actions": [
                {"load": "her-car", "connection": "ada", "kw": 5},
                {"load": "b", "connection": "ben"},
            ],
            "without_consent": ["her-car", "b"],
            "loads": [{"id": "her-car", "connection": "ada"}, {"id": "b", "connection": "ben"}],
        },
        PlanKind.PHASES: {"suggestions": [{"connection": "ada"}, {"connection": "ben"}], "known": ["ada"]},
    }
    with kept.transaction() as records:
        for kind, document in documents.items():
            records.add_plan(replace(PLAN, id=f"e-{kind}", kind=kind, document=document))
        records.begin_erasing()
        records.erase_connection_plans("rue", ["ada"])
        left = {kind: records.plan("rue", f"e-{kind}").document for kind in documents}
        assert records.plan("rue", "p1") == PLAN
    assert left == {
        PlanKind.SWITCHING: {
            "asked": {"critical": ["ben"], "costs": {"ben": 1.0}},
            "switches": [{"connection": "ben", "moved_kw": 2.9}],
            "ada": 3,
        },
        PlanKind.RELIEF: {
            "actions": [{"load": "b", "connection": "ben"}],
            "without_consent": ["b"],
            "loads": [{"id": "b", "connection": "ben"}],
        },
        PlanKind.PHASES: {"suggestions": [{"connection": "ben"}], "known": []},
    }


def test_a_former_user_is_called_by_their_alias(kept: DatabaseStore) -> None:
    with kept.transaction() as records:
        records.rename_grid_actors("ann", "former-1")
        assert records.plan("rue", "p1").made_by == "former-1"
