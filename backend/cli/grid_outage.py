"""``partage grid outage`` and ``partage grid phases``: what a loss costs and what comes back; whose phase is wrong."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.instants import read_instant, write_instant
from backend.cli.output import print_json, print_table, print_wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.bootstrap import Wiring
    from backend.services.grid.known_networks import KnownNetwork

__all__ = ["outage", "phases"]

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_SHOWN = 40
_REASONS = {
    "faulty_section": "in what is cut off with the fault",
    "no_tie": "no open switch leads there from what is live",
    "limits": "ratings or voltages would not hold",
    "undecided": "a switch leads there, but time was too short to tell whether limits would hold",
    "phase": "its bus is live, but a phase of it is not",
}


class Ranking(StrEnum):
    """What the list is ranked by."""

    LOAD = "load"
    CUSTOMERS = "customers"
    CRITICAL = "critical"
    WORST = "worst"


def outage(
    name: Annotated[str, typer.Argument(help="Of the network.")],
    element: Annotated[
        str,
        typer.Argument(
            help="Segment, switch, transformer, bus or substation; without one, the list of what costs most."
        ),
    ] = "",
    *,
    at_ends: Annotated[
        bool,
        typer.Option(
            "--at-ends", help="A crew disconnects the element itself; else the nearest switches do."
        ),
    ] = False,
    begin: Annotated[
        str, typer.Option("--from", help="First instant of loads; the last four weeks without.")
    ] = "",
    end: Annotated[str, typer.Option("--to", help="Instant after the last.")] = "",
    by: Annotated[Ranking, typer.Option(help="What the list is ranked by.")] = Ranking.LOAD,
    limit: Annotated[int, typer.Option(min=1, help="Length of the list.")] = 20,
    hours: Annotated[float, typer.Option(help="How long it lasts, for the load that comes back. [h]")] = 2.0,
    temperature: Annotated[
        float | None, typer.Option(help="Outdoors, likewise; without, what runs in any weather counts. [°C]")
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell what the loss of an element costs, what comes back before its repair, and how much returns with it."""
    from backend.bootstrap import open_existing
    from backend.grid.restoration import Isolation
    from backend.services.grid.known_networks import KnownNetworks
    from backend.services.grid.outages import OutageQuestion, rank_outages, tell_outage

    question = OutageQuestion(
        read_instant(begin) if begin else None,
        read_instant(end) if end else None,
        Isolation.ENDS if at_ends else Isolation.SWITCHES,
        hours=hours,
        temperature=float("nan") if temperature is None else temperature,
    )
    sources = open_existing().grid_sources
    known = KnownNetworks(sources).named(name)
    if not element:
        told = rank_outages(sources, known, question, by.value, limit=limit)
        print_json(told) if as_json else _print_list(told)
        return
    told = tell_outage(sources, known, element, question)
    print_json(told) if as_json else _print_outage(told)


def phases(
    name: Annotated[str, typer.Argument(help="Of the network.")],
    measured: Annotated[
        Path | None,
        typer.Option(help="CSV of start,place,terminal,volts,watts; place is a connection, a point or head."),
    ] = None,
    head: Annotated[
        str, typer.Option(help="Branch or bus that the rows of place head are of; all without.")
    ] = "",
    known_ids: Annotated[
        list[str] | None,
        typer.Option("--known", help="Connection that was looked at on site; may be repeated."),
    ] = None,
    unrecorded: Annotated[
        list[str] | None, typer.Option(help="Connection whose phases nobody wrote down; may be repeated.")
    ] = None,
    accept: Annotated[str, typer.Option(help="CONNECTION=PHASES: record it so, such as load12=L2.")] = "",
    why: Annotated[
        str, typer.Option(help="Why it is accepted; not needed where it was suggested last.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Suggest the true phases of connections whose record is wrong or missing; accept them one by one."""
    from backend.bootstrap import open_existing
    from backend.errors import InputError
    from backend.services.grid.known_networks import KnownNetworks
    from backend.services.grid.phase_records import tell_suggestions

    if measured is not None and accept:
        raise InputError("--measured suggests and --accept decides; give one of them.")
    wiring = open_existing()
    networks = KnownNetworks(wiring.grid_sources)
    known = networks.named(name)
    if measured is not None:
        _suggest(wiring, known, measured, (head, tuple(known_ids or ()), tuple(unrecorded or ())))
    elif accept:
        _accept(wiring, known, accept, why)
        known = networks.named(name)
    told = tell_suggestions(wiring.store, known)
    if as_json:
        print_json({**told, "digest": known.record.digest})
        return
    _print_suggestions(told)


def _suggest(
    wiring: Wiring, known: KnownNetwork, file: Path, asked: tuple[str, tuple[str, ...], tuple[str, ...]]
) -> None:
    import secrets

    from backend.bootstrap.networks import read_phases
    from backend.services.grid.phase_records import PhaseQuestion, keep_suggestions, suggest_for

    document = suggest_for(wiring.grid_sources, known, read_phases(file), PhaseQuestion(*asked))
    with wiring.writing(f"grid phases {known.record.name}"):
        keep_suggestions(wiring.store, wiring.clock, secrets.token_hex(12), "", document)


def _accept(wiring: Wiring, known: KnownNetwork, asked: str, why: str) -> None:
    from backend.errors import InputError
    from backend.grid import Phases
    from backend.services.grid.phase_records import accept_phases, suggested_why

    connection, mark, text = asked.rpartition("=")
    if not mark or not connection:
        raise InputError(f"--accept {asked} names no phases; write it like load12=L2.")
    chosen = Phases.parse(text)
    why = why or suggested_why(wiring.store, known, connection, chosen)
    with wiring.writing(f"grid phases {known.record.name}"):
        accept_phases(wiring.store, wiring.clock, known.record, connection, chosen, by="", why=why)


def _print_list(told: Mapping[str, Any]) -> None:
    _print_span(told)
    rows = [
        (
            item["element"],
            item["kind"],
            str(item["customers"]),
            str(len(item["critical"])),
            _kilowatts(item["mean_kw"]),
            _kilowatts(item["worst_kw"]),
            item["worst_start"] or "-",
        )
        for item in told["items"]
    ]
    heads = ("element", "kind", "customers", "critical", "mean kW", "worst kW", "when")
    print_table(heads, rows, text_columns=2)


def _print_outage(told: Mapping[str, Any]) -> None:
    impact, plan = told["impact"], told["restoration"]
    _print_span(told)
    print(
        f"Without {impact['kind']} {impact['element']}: {impact['customers']} customers dark, of them "
        f"{len(impact['critical'])} critical; {_kilowatts(impact['mean_kw'])} kW on average, "
        f"{_kilowatts(impact['worst_kw'])} kW at worst ({impact['worst_start'] or '-'})"
    )
    if impact["unknown"]:
        print(f"  nothing is known of the load of {impact['unknown']} of them")
    hours = impact["not_served_kwh_by_hour"]
    if any(value is not None for value in hours):
        told_hours = "  ".join("-" if value is None else f"{value:.1f}" for value in hours)
        print_wrapped(f"kWh not served in each hour of the day: {told_hours}", indent="  ")
    print(f"With the fault cut off ({plan['isolation']}): {len(plan['lost'])} customers dark")
    if plan["note"]:
        print_wrapped(plan["note"], indent="  ")
    rows = [
        (str(step["number"]), step["action"], step["element"], step["purpose"], str(len(step["restores"])))
        for step in plan["steps"]
    ]
    if rows:
        print_table(("step", "do", "element", "to", "customers back"), rows, text_columns=4)
    print(
        f"Restored: {len(plan['restored'])} customers, {_kilowatts(plan['restored_kw'])} of "
        f"{_kilowatts(plan['lost_kw'])} kW" + ("" if plan["proven"] else " (a better plan is not excluded)")
    )
    if plan["voltage_min_pu"] is not None:
        loading = (
            "-" if plan["loading_pct"] is None else f"{plan['loading_pct']:.0f} % at {plan['loaded_branch']}"
        )
        print(
            f"  checked over {plan['checked_intervals']} intervals: {plan['voltage_min_pu']:.3f} to "
            f"{plan['voltage_max_pu']:.3f} pu, greatest loading {loading}"
        )
    for words in plan["refused"]:
        print(f"  stood in the way: {words}")
    for reason, words in _REASONS.items():
        names = [one["connection"] for one in plan["waiting"] if one["reason"] == reason]
        if names:
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            print_wrapped(f"Wait for the repair ({words}): {', '.join(names[:_SHOWN])}{more}", indent="  ")
    _print_pick_up(told["pick_up"])


def _print_pick_up(told: Mapping[str, Any]) -> None:
    print(
        f"Back after {told['outage_hours']:g} h: {told['extra_pct']:.0f} % more than usual "
        f"({told['extra_low_pct']:.0f} to {told['extra_high_pct']:.0f} %), {_kilowatts(told['mean_extra_kw'])} kW on "
        f"average and {_kilowatts(told['worst_extra_kw'])} kW at worst; most of it is gone after "
        f"{told['lasts_minutes']} min"
    )
    for sentence in (*(one["sentence"] for one in told["transformers"]), told["note"]):
        if sentence:
            print_wrapped(sentence, indent="  ")


def _print_span(told: Mapping[str, Any]) -> None:
    if told["from"] is None:
        print(f"{told['network']}: no series is known; customers alone are counted")
        return
    print(
        f"{told['network']}: loads of {told['intervals']:,} intervals, {write_instant(told['from'])} to "
        f"{write_instant(told['to'])}"
    )


def _print_suggestions(told: Mapping[str, Any]) -> None:
    if told["made_utc"] is None:
        print(
            f"{told['network']}: no phases were suggested yet; measure, then: partage grid phases {told['network']} "
            "--measured FILE.csv"
        )
        return
    changes = [item for item in told["items"] if item["is_change"]]
    print(
        f"{told['network']}: of {len(told['items'])} connections {len(changes)} are suggested to be on other phases "
        f"than recorded ({write_instant(told['made_utc'])})"
    )
    rows = [
        (
            item["connection"],
            item["record"],
            item["suggested"],
            item["evidence"],
            "accepted" if item["is_accepted"] else "",
            f"{item['confidence']:.3f}",
        )
        for item in changes
    ]
    if rows:
        heads = ("connection", "recorded", "suggested", "from", "", "confidence")
        print_table(heads, rows, text_columns=5)


def _kilowatts(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}"
