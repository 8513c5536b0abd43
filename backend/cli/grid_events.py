"""``partage grid`` alarms, events, work orders and settings: what happens on a network, and what is done about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.instants import read_instant, write_instant
from backend.cli.output import print_json, print_table, write_file

if TYPE_CHECKING:
    from backend.ports.grid_event_records import EventChange, SettingKind
    from backend.services.grid.watching import Watched
    from backend.services.grid.workflows import OrderProgress

__all__ = ["alarms", "events", "setting", "webhook_key", "work_orders"]

Name = Annotated[str, typer.Argument(help="Of the network.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_FILE_BYTES_MAX = 4 * 1024 * 1024
_STATES = ("noted", "open", "acknowledged", "silenced", "resolved")
_SEVERITIES = ("info", "warning", "critical")
_SETTINGS = ("alarm-rules", "routes", "workflows")


def alarms(
    name: Name,
    begin: Annotated[
        str | None,
        typer.Option(
            "--from", help="Look again from here on, ISO 8601 with an offset; else where it ended last."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Hold the network's rules against what is new, and send the messages that are due."""
    from backend.bootstrap import open_existing
    from backend.bootstrap.grid_watching import open_watch

    wiring = open_existing()
    watched = open_watch(wiring).look(name, read_instant(begin) if begin else None)
    if as_json:
        print_json(_as_dict(name, watched))
        return
    found, sent = watched.alarms, watched.messages
    for measure, (first, until) in found.looked_at.items():
        print(f"    {measure:<18} {write_instant(first)} to {write_instant(until)}")
    if not found.looked_at:
        print("Nothing is new since it was looked at last.")
    print(
        f"{len(found.begun)} alarms began, {len(found.ended)} ended, {len(found.withdrawn)} were taken back."
    )
    if watched.overdue:
        print(f"{len(watched.overdue)} work orders are overdue since.")
    if sent.sent or sent.postponed or sent.given_up:
        print(f"{sent.sent} messages sent, {sent.postponed} to be tried again, {sent.given_up} given up.")
    if found.begun:
        print(f"See them with: partage grid events {name} --state open")


def _as_dict(name: str, watched: Watched) -> dict[str, Any]:
    found, sent = watched.alarms, watched.messages
    return {
        "network": name,
        "begun": found.begun,
        "ended": found.ended,
        "withdrawn": found.withdrawn,
        "reopened": list(watched.reopened),
        "overdue": list(watched.overdue),
        "looked_at": {
            measure: {"from": write_instant(first), "to": write_instant(until)}
            for measure, (first, until) in found.looked_at.items()
        },
        "messages": {"sent": sent.sent, "postponed": sent.postponed, "given_up": sent.given_up},
    }


def events(
    name: Name,
    state: Annotated[str, typer.Option(help=f"One of {', '.join(_STATES)}; all without.")] = "",
    severity: Annotated[str, typer.Option(help=f"One of {', '.join(_SEVERITIES)}; all without.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest first.")] = 30,
    as_json: Json = False,
) -> None:
    """Tell what happened on a network: alarms, plans, work, messages, changes of records."""
    from backend.bootstrap import open_existing
    from backend.errors import InputError
    from backend.grid.alarms import AlarmSeverity
    from backend.ports.grid_event_records import EventQuery, EventState
    from backend.services.grid.events import entry_as_dict

    for value, known, what in ((state, _STATES, "--state"), (severity, _SEVERITIES, "--severity")):
        if value and value not in known:
            raise InputError(f"{what} is {value[:40]!r}; choose one of {', '.join(known)}.")
    query = EventQuery(
        states=(EventState(state),) if state else (),
        severities=(AlarmSeverity(severity),) if severity else (),
        limit=limit,
    )
    with open_existing().store.reading() as records:
        records.network(name)
        found = records.timeline(name, query)
        changes = records.event_changes([entry.event.id for entry in found])
    by_event: dict[str, list[EventChange]] = {}
    for change in changes:
        by_event.setdefault(change.event, []).append(change)
    if as_json:
        items = [entry_as_dict(entry, by_event.get(entry.event.id, [])) for entry in found]
        print_json({"network": name, "events": items})
        return
    if not found:
        print(f"Nothing is on the timeline of {name}; look for alarms with: partage grid alarms {name}")
        return
    rows = [
        [
            write_instant(entry.event.at_utc),
            entry.event.severity.value,
            entry.standing.state.value,
            entry.event.kind.value,
            entry.event.title,
        ]
        for entry in found
    ]
    print_table(["at", "severity", "state", "kind", "what"], rows, text_columns=5)


def work_orders(
    name: Name,
    of_plan: Annotated[
        str, typer.Option(help="Make orders of this plan of switches; those there stay.")
    ] = "",
    csv: Annotated[Path | None, typer.Option(help="Write the orders to this file.")] = None,
    status: Annotated[
        Path | None, typer.Option(help="Take what a work-order system tells, from this CSV.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the network's work orders; make them of a plan, hand them over, and take their status back."""
    from backend.bootstrap import open_existing
    from backend.grid.network_form import read_network
    from backend.ports.grid_plan_records import PlanKind
    from backend.services.grid.work_order_files import import_steps, write_orders_csv
    from backend.services.grid.work_orders import (
        PlannedSwitch,
        list_orders,
        make_switch_orders,
        order_as_dict,
    )

    wiring = open_existing()
    told = read_text_file(status) if status else ""
    taken = known = 0
    now = wiring.clock.now_utc()
    if of_plan or status:
        from backend.errors import InputError

        with wiring.writing("grid work-orders"), wiring.store.transaction() as records:
            record = records.network(name)
            if of_plan:
                plan = records.plan(name, of_plan)
                if plan.kind is not PlanKind.SWITCHING:
                    raise InputError(
                        f"Plan {of_plan} moves no connection; only such plans become work orders."
                    )
                switches = [PlannedSwitch.of(table) for table in plan.document["switches"]]
                make_switch_orders(records, record, plan.id, switches, by="", now_utc=now)
            if status:
                roles = ("operator", "provider")
                taken, known = import_steps(records, name, told, by="", roles=roles, now_utc=now)
    with wiring.store.reading() as records:
        network = read_network(records.network(name).document) if csv else None
        found = list_orders(records, name, roles=("operator",))
    if csv and network:
        points = {one.id: one.metering_points for one in network.connections}
        write_file(csv, write_orders_csv(found, now, points))
    if as_json:
        orders = [order_as_dict(one, now) for one in found]
        print_json({"network": name, "work_orders": orders, "steps_taken": taken, "steps_known": known})
        return
    if status:
        print(f"{taken} steps were taken, {known} were known.")
    _print_orders(name, found)


def _print_orders(name: str, found: list[OrderProgress]) -> None:
    if not found:
        print(
            f"There is no work order on {name}; make some with: partage grid work-orders {name} --of-plan PLAN"
        )
        return
    rows = [
        [
            one.order.id,
            one.order.title,
            one.due_step.title if one.due_step else one.workflow.endings[one.at],
            write_instant(one.due_utc) if one.due_utc else "-",
            str(one.order.details.get("expected_gain_kw", "-")),
        ]
        for one in found
    ]
    print_table(["work order", "what", "next", "until", "gain [kW]"], rows, text_columns=4)


def setting(
    name: Name,
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(_SETTINGS)}.")],
    file: Annotated[
        Path | None, typer.Argument(help="TOML or JSON to set it to; without, it is printed as JSON.")
    ] = None,
) -> None:
    """Print, or set anew, the network's alarm rules, routes of messages or workflows."""
    from backend.bootstrap import open_existing
    from backend.errors import InputError
    from backend.ports.grid_event_records import SettingKind
    from backend.services.grid.event_settings import put_setting, read_setting

    if kind not in _SETTINGS:
        raise InputError(f"there is no setting {kind[:40]!r}; choose one of {', '.join(_SETTINGS)}.")
    of_kind = SettingKind(kind)
    wiring = open_existing()
    if file is None:
        with wiring.store.reading() as records:
            records.network(name)
            kept = read_setting(records, name, of_kind)
        print_json({"network": name, "setting": kind, "version": kept.version, "content": kept.content})
        return
    tables = _read_tables(file, of_kind)
    with wiring.writing(f"grid set {kind}"), wiring.store.transaction() as records:
        record = records.network(name)
        after = put_setting(records, record, of_kind, tables, by="", now_utc=wiring.clock.now_utc())
    print(f"The {kind} of {name} are at version {after.version}.")


def webhook_key(name: Name, route: Annotated[str, typer.Argument(help="Id of the route.")]) -> None:
    """Print the key that a webhook's receiver checks signatures with; give it to nobody else."""
    from backend.bootstrap import open_existing
    from backend.bootstrap.grid_watching import webhook_key as key_of
    from backend.errors import NotFoundError
    from backend.grid.alarms import Channel
    from backend.services.grid.event_settings import routes_in_force

    wiring = open_existing()
    with wiring.store.reading() as records:
        records.network(name)
        known = [one.id for one in routes_in_force(records, name) if one.channel is Channel.WEBHOOK]
    if route not in known:
        here = ", ".join(known) or "none is set"
        raise NotFoundError(f"Network {name} has no webhook {route!r}; its webhooks: {here}.")
    print(key_of(wiring, name, route))


def _read_tables(file: Path, kind: SettingKind) -> object:
    """The list of tables in a TOML or JSON file: under the setting's name, or, in JSON, by itself."""
    import json
    import tomllib

    from backend.errors import InputError

    text = read_text_file(file)
    try:
        content: Any = tomllib.loads(text) if file.suffix.lower() == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file} cannot be read as TOML or JSON ({error}).") from None
    if isinstance(content, dict):
        keys = {kind.value, "content", kind.value.removeprefix("alarm-")} & content.keys()
        if not keys:
            raise InputError(f"{file} has no list of {kind.value}; write [[{kind.value}]] tables.")
        return content[min(keys)]
    return content


def read_text_file(file: Path) -> str:
    """A text file's content.

    Raises:
        InputError: If it is too large or no UTF-8.
    """
    from backend.errors import InputError

    with file.open("rb") as opened:
        content = opened.read(_FILE_BYTES_MAX + 1)
    if len(content) > _FILE_BYTES_MAX:
        raise InputError(f"{file} is larger than {_FILE_BYTES_MAX} bytes; hand it in in parts.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is no UTF-8 (byte {error.start}); save it in UTF-8.") from None
