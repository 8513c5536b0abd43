"""Work orders: made of a plan, walked step by step, exported and told back, and escalated when they take too long."""

from __future__ import annotations

import csv
import io
import json
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from backend.errors import ConflictError, InputError, NotFoundError, PermissionDeniedError
from backend.grid.alarms import AlarmSeverity, Channel, Route
from backend.grid.workflows import DEFAULT_WORKFLOWS, write_workflows
from backend.ports.grid_event_records import EventKind, SettingKind
from backend.services.grid.work_order_files import COLUMNS, import_steps, write_orders_csv
from backend.services.grid.work_orders import (
    PlannedSwitch,
    list_orders,
    make_order,
    make_switch_orders,
    order_as_dict,
)
from backend.services.grid.workflows import OrderProgress, StepReport, escalate_overdue, report_step
from tests.integration.grid.watched import T0, Watched

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = 3_600
SWITCHES = [PlannedSwitch("ben", "L1", "L3", 1.25, "w2"), PlannedSwitch("ada", "L1", "L2", 0.5)]
PLAN_FIELDS = {"crew": "north", "day": "2024-07-10"}


def order(world: Watched, plan: str = "p1") -> list[OrderProgress]:
    with world.store.transaction() as records:
        return make_switch_orders(
            records, records.network("rue"), plan, SWITCHES, by="ann", now_utc=world.clock.now
        )


def do(
    world: Watched, name: str, step: str, outcome: str, at: int | None = None, **told: Any
) -> OrderProgress:
    report = StepReport(name, step, outcome, told.get("fields", {}), world.clock.now if at is None else at)
    with world.store.transaction() as records:
        return report_step(
            records,
            "rue",
            report,
            by="ann",
            roles=told.get("roles", ("operator",)),
            source="page",
            now_utc=world.clock.now,
        )


@pytest.mark.parametrize(
    "switch", [PlannedSwitch("ada", "L2", "L3", 1.0), PlannedSwitch("nobody", "L1", "L2", 1.0)]
)
def test_nobody_is_sent_to_a_connection_that_is_not_where_the_plan_says(
    watched: Watched, switch: PlannedSwitch
) -> None:
    with watched.store.transaction() as records, pytest.raises(ConflictError, match="make a plan anew"):
        make_switch_orders(
            records, records.network("rue"), "p1", [switch], by="ann", now_utc=watched.clock.now
        )
    assert titles(watched) == []


def test_an_order_of_a_spur_names_the_connections_that_move_with_it(watched: Watched) -> None:
    along = PlannedSwitch.of(
        {"connection": "ada", "from": "L1", "to": "L2", "gain_kw": 0.5, "spur": "drop-7", "others": ["ben"]}
    )
    with watched.store.transaction() as records:
        (made,) = make_switch_orders(
            records, records.network("rue"), "p1", [along], by="ann", now_utc=watched.clock.now
        )
    assert made.order.title == "Move ada and 1 more on drop-7 from L1 to L2"
    assert made.order.details["others"] == ["ben"]
    far = replace(along, others=("cleo",))  # who is on another phase than the spur by now
    with watched.store.transaction() as records, pytest.raises(ConflictError, match="moves cleo from L1"):
        make_switch_orders(records, records.network("rue"), "p2", [far], by="ann", now_utc=watched.clock.now)


def titles(world: Watched) -> list[str]:
    entries = world.timeline(kinds=(EventKind.WORK_ORDER,))
    return [entry.event.title for entry in reversed(entries)]


def test_a_plan_becomes_an_order_per_switch_with_its_own_gain_once(watched: Watched) -> None:
    first = order(watched)
    assert [(one.order.element, one.order.details["expected_gain_kw"], one.at) for one in first] == [
        ("ben", 1.25, "plan"),
        ("ada", 0.5, "plan"),
    ]
    watched.clock.now += HOUR
    assert [one.order for one in order(watched)] == [one.order for one in first]
    assert len({one.order.id for one in order(watched, "p2")} & {one.order.id for one in first}) == 0
    assert len(watched.timeline(kinds=(EventKind.WORK_ORDER,))) == 4


def test_an_order_walks_from_plan_to_close(watched: Watched) -> None:
    name = order(watched)[0].order.id
    assert do(watched, name, "plan", "planned", fields=PLAN_FIELDS).at == "announce"
    do(watched, name, "announce", "announced", fields={"channel": "letter", "announced_on": "2024-07-04"})
    do(watched, name, "switch", "switched", fields={"phase_found": "L1", "switched_on": "2024-07-10"})
    do(watched, name, "measure", "measured", fields={"measured_until": "2024-07-25"})
    closed = do(watched, name, "verify", "gained", fields={"gain_kw": 1.1})
    told = order_as_dict(closed, watched.clock.now)
    assert (told["state"], told["ending"], told["due"], told["due_utc"]) == (
        "closed",
        "Switched, gain shown",
        None,
        None,
    )
    assert [step["step"] for step in told["steps"]] == ["plan", "announce", "switch", "measure", "verify"]
    with pytest.raises(ConflictError, match=r"the work is over \(Switched, gain shown\)"):
        do(watched, name, "verify", "given-up", fields={"gain_kw": 0.0})


def test_the_same_report_twice_is_one_step(watched: Watched) -> None:
    name = order(watched)[0].order.id
    at = watched.clock.now
    do(watched, name, "plan", "planned", at, fields=PLAN_FIELDS)
    watched.clock.now += HOUR
    again = do(watched, name, "plan", "planned", at, fields=PLAN_FIELDS | {"note": ""})
    assert (len(again.steps), again.at) == (1, "announce")
    assert len([title for title in titles(watched) if "planned" in title]) == 1


@pytest.mark.parametrize(
    ("error", "said", "told"),
    [
        (ConflictError, "the step that is due is 'plan'", {"step": "switch", "outcome": "switched"}),
        (PermissionDeniedError, "is for the role operator", {"roles": ("provider",), "fields": PLAN_FIELDS}),
        (InputError, "'Crew' must be filled in; 'Day of the switch' must be filled in", {}),
        (
            InputError,
            "has the outcomes planned, refused, not 'done'",
            {"outcome": "done", "fields": PLAN_FIELDS},
        ),
        (InputError, "an instant after it was due", {"fields": PLAN_FIELDS, "at": T0 - 1}),
        (InputError, "not after now", {"fields": PLAN_FIELDS, "at": T0 + 301}),
    ],
)
def test_a_step_that_cannot_be_done_so_is_refused_with_every_reason(
    watched: Watched, error: type[Exception], said: str, told: dict[str, Any]
) -> None:
    name = order(watched)[0].order.id
    with pytest.raises(error, match=said):
        do(watched, name, **{"step": "plan", "outcome": "planned"} | told)
    assert len(titles(watched)) == 2


def test_an_order_that_is_not_there_is_named(watched: Watched) -> None:
    with pytest.raises(NotFoundError, match="no work order 'wo-0'"):
        do(watched, "wo-0", "plan", "planned")


def test_an_order_keeps_the_workflow_that_it_began_with(watched: Watched) -> None:
    name = order(watched)[0].order.id
    shorter = replace(
        DEFAULT_WORKFLOWS[0],
        steps=(replace(DEFAULT_WORKFLOWS[0].steps[0], outcomes={"planned": "closed"}, fields=()),),
        endings={"closed": "Done"},
    )
    watched.set(SettingKind.WORKFLOWS, write_workflows([shorter]))
    assert do(watched, name, "plan", "planned", fields=PLAN_FIELDS).at == "announce"
    (newer, _) = order(watched, "p2")
    assert (newer.order.workflow_version, newer.workflow) == (2, shorter)
    assert do(watched, newer.order.id, "plan", "planned").due_step is None


def test_an_order_by_hand_needs_a_workflow_that_is_there(watched: Watched) -> None:
    with watched.store.transaction() as records:
        told: dict[str, Any] = {"by": "ann", "now_utc": T0}
        record = records.network("rue")
        made = make_order(records, record, "residual", "T1", "Look at T1", {"residual_kw": 2.5}, **told)
        assert (made.at, made.order.details) == ("look", {"residual_kw": 2.5})
        with pytest.raises(NotFoundError, match="no workflow 'paint'; it has phase-switch, residual"):
            make_order(records, record, "paint", "T1", "Paint", {}, **told)


def test_a_step_that_takes_too_long_is_escalated_once_by_its_weight(watched: Watched) -> None:
    name = order(watched)[0].order.id
    do(watched, name, "plan", "planned", fields=PLAN_FIELDS)
    do(watched, name, "announce", "announced", fields={"channel": "letter", "announced_on": "2024-07-04"})

    def escalate() -> list[str]:
        with watched.store.transaction() as records:
            return escalate_overdue(records, "rue", watched.clock.now)

    due = T0 + 14 * 86_400
    watched.clock.now = due
    assert escalate() == []
    watched.clock.now = due + 1
    assert escalate() == [name]
    assert escalate() == []
    entry = next(one for one in watched.timeline() if one.event.data.get("overdue"))
    assert (entry.event.severity, entry.event.at_utc) == (AlarmSeverity.CRITICAL, due)
    assert entry.event.title.startswith("Move ben from L1 to L3: overdue, Switch the phase")


def test_who_is_no_operator_sees_the_orders_whose_step_is_theirs(watched: Watched) -> None:
    order(watched)
    with watched.store.transaction() as records:
        told: dict[str, Any] = {"by": "ann", "now_utc": T0}
        made = make_order(records, records.network("rue"), "residual", "T1", "Look at T1", {}, **told)
    name = made.order.id
    do(watched, name, "look", "visit-needed", fields={"finding": "seal"})
    with watched.store.reading() as records:
        assert list_orders(records, "rue", roles=("provider",)) == []
    do(watched, name, "visit", "meter-faulty", fields={"visited_on": "2024-07-04", "finding": "stopped"})
    with watched.store.reading() as records:
        assert [one.order.id for one in list_orders(records, "rue", roles=("provider",))] == [name]
        assert len(list_orders(records, "rue", roles=("operator",))) == 3
        assert len(list_orders(records, "rue", plan="p1", roles=("operator",))) == 2


def test_an_existing_system_is_posted_every_order_with_its_figures(watched: Watched) -> None:
    route = Route(
        "sap",
        Channel.WEBHOOK,
        url="https://hook.example/",
        least=AlarmSeverity.INFO,
        kinds=("work_order",),
        gather_seconds=0,
    )
    watched.routes(route)
    order(watched)
    assert watched.send().sent == 1
    assert '"expected_gain_kw":1.25,"from":"L1"' in watched.receiver.taken[0][2]
    assert "ben-load" not in watched.receiver.taken[0][2]


# files


@contextmanager
def handed_in(world: Watched, text: str) -> Iterator[tuple[int, int]]:
    with world.store.transaction() as records:
        yield import_steps(records, "rue", text, by="ann", roles=("operator",), now_utc=world.clock.now)


def test_orders_go_out_as_csv_that_no_spreadsheet_runs(watched: Watched) -> None:
    with watched.store.transaction() as records:
        name, kept = "=cmd|' /C calc'!A1", records.network("rue")
        kept = replace(kept, document=kept.document.replace('"cleo"', json.dumps(name)))
        evil = PlannedSwitch(name, "L2", "L3", 1.25)
        along = replace(SWITCHES[1], spur="drop-7", others=("ben",))
        orders = make_switch_orders(records, kept, "+p1", [evil, SWITCHES[0], along], by="", now_utc=T0)
    points = {"ben": ["ben-load"], "ada": ["=ada", "ada-sun"]}
    text = write_orders_csv(orders, T0 + 40 * 86_400, points)
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["element"], rows[0]["plan"]) == ("'=cmd|' /C calc'!A1", "'+p1")
    assert (rows[1]["element"], rows[1]["expected_gain_kw"], rows[1]["step"]) == ("ben", "1.25", "plan")
    assert (rows[1]["crew_place"], rows[1]["spur"]) == ("w2", "")
    assert (rows[2]["crew_place"], rows[2]["spur"]) == ("", "drop-7")
    assert [row["moves_with_it"] for row in rows] == ["", "", "ben"]
    assert [row["metering_points"] for row in rows] == ["", "ben-load", "'=ada ada-sun ben-load"]
    assert (rows[1]["created"], rows[1]["overdue"], rows[1]["due"]) == (
        "2024-07-03T10:00:00Z",
        "yes",
        "2024-07-31T10:00:00Z",
    )


def test_what_a_work_order_system_tells_back_is_taken_once(watched: Watched) -> None:
    ben, ada = (one.order.id for one in order(watched))
    text = (
        "\ufeffwork_order,step,outcome,done_at,field:crew,field:day,field:channel,field:announced_on\r\n"
        f"{ben},plan,planned,2024-07-03T12:00:00+02:00,'=north,2024-07-10,,\r\n"
        f"{ben},announce,announced,2024-07-03T10:00:30Z,,,letter,2024-07-04\r\n"
        f"{ada},plan,refused,2024-07-03T10:00:00Z,south,2024-07-11,,\r\n"
    )
    watched.clock.now += HOUR
    with handed_in(watched, text) as counts:
        assert counts == (3, 0)
    with watched.store.reading() as records:
        steps = records.work_steps([ben])
        assert [(step.source, step.leads_to) for step in steps] == [
            ("import", "announce"),
            ("import", "switch"),
        ]
        assert steps[0].fields == {"crew": "=north", "day": "2024-07-10"}
    watched.clock.now += HOUR
    with handed_in(watched, text) as counts:
        assert counts == (0, 3)


def test_numbers_and_flags_come_as_such(watched: Watched) -> None:
    name = order(watched)[0].order.id
    do(watched, name, "plan", "planned", fields=PLAN_FIELDS)
    do(watched, name, "announce", "announced", fields={"channel": "letter", "announced_on": "2024-07-04"})
    text = (
        "work_order,step,outcome,done_at,field:phase_found,field:switched_on,field:rotation_checked,"
        "field:measured_until,field:gain_kw\n"
        f"{name},switch,switched,2024-07-03T10:00:00Z,L1,2024-07-10,yes,,\n"
        f"{name},measure,measured,2024-07-03T10:00:00Z,,,,2024-07-25,\n"
        f"{name},verify,gained,2024-07-03T10:00:00Z,,,,,-0.25\n"
    )
    with handed_in(watched, text) as counts:
        assert counts == (3, 0)
    with watched.store.reading() as records:
        steps = records.work_steps([name])
    assert (steps[2].fields["rotation_checked"], steps[4].fields["gain_kw"]) == (True, -0.25)


HEADER = "work_order,step,outcome,done_at,field:crew,field:day\n"


def test_a_file_with_a_fault_changes_nothing_and_each_fault_is_named_by_its_line(watched: Watched) -> None:
    ben, ada = (one.order.id for one in order(watched))
    text = (
        f"{HEADER}{ben},plan,planned,2024-07-03T10:00:00Z,north,2024-07-10\n"
        f"{ada},switch,switched,2024-07-03T10:00:00Z,,\n"
        "wo-0,plan,planned,2024-07-03T10:00:00Z,north,2024-07-10\n"
        f"{ada},plan,planned,2024-07-03T10:00:00,north,2024-07-10\n"
    )
    with pytest.raises(InputError) as refused, handed_in(watched, text):
        pass
    lines = str(refused.value).splitlines()
    assert lines[0] == "nothing was taken:"
    assert [line.partition(":")[0] for line in lines[1:]] == ["line 3", "line 4", "line 5"]
    assert "the step that is due is 'plan'" in lines[1]
    assert "has no work order 'wo-0'" in lines[2]
    assert "done_at is '2024-07-03T10:00:00'; write ISO 8601 with an offset" in lines[3]
    with watched.store.reading() as records:
        assert records.work_steps([ben, ada]) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column 'work_order'"),
        ("work_order,step,outcome\n", "no column 'done_at'"),
        (HEADER.replace("field:crew", "crew"), "has the column 'crew'"),
        (HEADER.replace("field:crew", "field:day"), "has a column twice"),
        (f"{HEADER}a,b\n", "line 2 has another number of cells"),
        (f"{HEADER}a,b,c,d,e,f,g\n", "line 2 has another number of cells"),
        (f'{HEADER}"a\n', "the file is no CSV"),
        (f"{HEADER}a\0b,c,d,e,f,g\n", "zero bytes"),
        (HEADER + "a,b,c,d,e,f\n" * 10_001, "more than 10000 rows"),
        ("x" * (4 * 1024 * 1024 + 1), "at most 4194304"),
    ],
)
def test_what_is_no_such_file_is_refused(watched: Watched, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said), handed_in(watched, text):
        pass
