"""What a network's operators set: alarm rules, routes of messages, workflows; every change is a version of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.community import read_definition
from backend.errors import ConflictError, InputError, NotFoundError
from backend.grid.alarms import (
    DEFAULT_RULES,
    AlarmRule,
    ElementKind,
    Route,
    read_routes,
    read_rules,
    write_routes,
    write_rules,
)
from backend.grid.network_form import read_network
from backend.grid.workflows import DEFAULT_WORKFLOWS, Workflow, read_workflows, write_workflows
from backend.ports.grid_event_records import EventKind, SettingKind, SettingRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backend.ports import Records
    from backend.ports.grid_records import NetworkRecord

__all__ = [
    "Setting",
    "find_workflow",
    "put_setting",
    "read_setting",
    "routes_in_force",
    "rules_in_force",
    "time_zone_of",
    "workflows_in_force",
]


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting in force.

    Attributes:
        kind: Which.
        version: 0 for what a network begins with.
        content: JSON-ready, in full.
        by: Who set it, empty for a command or the beginning.
        at_utc: Since when, 0 for the beginning. [s since 1970, UTC]
    """

    kind: SettingKind
    version: int
    content: list[dict[str, Any]]
    by: str = ""
    at_utc: int = 0


_READERS: dict[SettingKind, Callable[[object], Sequence[Any]]] = {
    SettingKind.RULES: read_rules,
    SettingKind.ROUTES: read_routes,
    SettingKind.WORKFLOWS: read_workflows,
}
_WRITERS: dict[SettingKind, Callable[[Any], list[dict[str, Any]]]] = {
    SettingKind.RULES: write_rules,
    SettingKind.ROUTES: write_routes,
    SettingKind.WORKFLOWS: write_workflows,
}
_TITLES = {
    SettingKind.RULES: "Alarm rules",
    SettingKind.ROUTES: "Routes of messages",
    SettingKind.WORKFLOWS: "Workflows",
}
_BEGINNING: dict[SettingKind, Sequence[Any]] = {
    SettingKind.RULES: DEFAULT_RULES,
    SettingKind.ROUTES: (),
    SettingKind.WORKFLOWS: DEFAULT_WORKFLOWS,
}


def read_setting(records: Records, network: str, kind: SettingKind) -> Setting:
    """What is set of a network, or what it begins with."""
    kept = records.grid_setting(network, kind)
    if kept is None:
        return Setting(kind, 0, _WRITERS[kind](_BEGINNING[kind]))
    return Setting(kind, kept.version, kept.content, kept.by, kept.at_utc)


def put_setting(
    records: Records,
    record: NetworkRecord,
    kind: SettingKind,
    tables: object,
    *,
    by: str,
    now_utc: int,
    based_on: int | None = None,
) -> Setting:
    """Set something; the same again makes no new version.

    Args:
        records: Of a transaction.
        record: The network.
        kind: What is set.
        tables: JSON-ready.
        by: Id of the user, empty for a command.
        now_utc: [s since 1970, UTC]
        based_on: The version that was looked at when this was written; None to take no notice.

    Raises:
        InputError: If it does not fit, or names an element that the network has not.
        ConflictError: If somebody set another version in between.
    """
    from backend.services.grid.events import note_event  # it tells routes, which are set here

    read = _READERS[kind](tables)
    if kind is SettingKind.RULES:
        _require_elements(record, read)
    known = read_setting(records, record.name, kind)
    if based_on is not None and based_on != known.version:
        raise ConflictError(
            f"The {kind.value} of network {record.name} are at version {known.version} by now, not {based_on}; look at "
            "them again."
        )
    content = _WRITERS[kind](read)
    if content == known.content:
        return known
    version = known.version + 1
    records.add_grid_setting(SettingRecord(record.name, kind, version, content, by, now_utc))
    note_event(
        records,
        network=record.name,
        kind=EventKind.RULES,
        title=f"{_TITLES[kind]} set anew, version {version}",
        at_utc=now_utc,
        noted_utc=now_utc,
        by=by,
        data={"setting": kind.value, "version": version},
    )
    return Setting(kind, version, content, by, now_utc)


def _require_elements(record: NetworkRecord, rules: Sequence[AlarmRule]) -> None:
    """Refuse a rule for an element that is not there: it would never alarm."""
    if not any(rule.elements for rule in rules):
        return
    network = read_network(record.document)
    known = {
        ElementKind.BUS: {one.id for one in network.buses},
        ElementKind.SEGMENT: {one.id for one in network.segments},
        ElementKind.SWITCH: {one.id for one in network.switches},
        ElementKind.TRANSFORMER: {one.id for one in network.transformers},
        ElementKind.CONNECTION: {one.id for one in network.connections},
        ElementKind.SOURCE: {one.id for one in network.sources},
        ElementKind.NETWORK: {record.name},
    }
    for rule in rules:
        strange = [element for element in rule.elements if element not in known[rule.kind]]
        if strange:
            raise InputError(
                f"alarm rule {rule.id!r}: network {record.name} has no {rule.kind} {strange[0][:63]!r}; name one that "
                "it has, or none for all."
            )


def rules_in_force(records: Records, network: str) -> tuple[AlarmRule, ...]:
    """A network's alarm rules."""
    return read_rules(read_setting(records, network, SettingKind.RULES).content)


def routes_in_force(records: Records, network: str) -> tuple[Route, ...]:
    """A network's routes of messages."""
    return read_routes(read_setting(records, network, SettingKind.ROUTES).content)


def workflows_in_force(records: Records, network: str) -> tuple[int, tuple[Workflow, ...]]:
    """A network's workflows and their version; what it begins with is kept as the first, once work begins by it."""
    setting = read_setting(records, network, SettingKind.WORKFLOWS)
    return setting.version, read_workflows(setting.content)


def find_workflow(records: Records, network: str, workflow: str, version: int) -> Workflow:
    """The workflow of a version, as it was then.

    Raises:
        NotFoundError: If the version has none of that id.
    """
    kept = records.grid_setting(network, SettingKind.WORKFLOWS, version)
    content = write_workflows(DEFAULT_WORKFLOWS) if kept is None else kept.content
    found = next((one for one in read_workflows(content) if one.id == workflow), None)
    if found is None:
        raise NotFoundError(f"Network {network!r} has no workflow {workflow!r} in version {version}.")
    return found


def time_zone_of(records: Records, record: NetworkRecord) -> str:
    """Where hours and days of a network are told: its community's zone, or UTC."""
    if not record.community:
        return "UTC"
    kept = records.community(record.community)
    return read_definition(kept.definition, f"{record.community}.toml").time_zone
