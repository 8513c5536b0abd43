"""``partage grid transformers``, ``hosting``, ``relief``, ``relief-plans``, ``decide``: what transformers can carry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from backend.cli.output import print_json, print_table, print_wrapped, write_file
from backend.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from backend.services.grid.known_networks import KnownNetwork
    from backend.services.grid.transformers import TransformerDesk

__all__ = ["decide", "hosting", "relief", "relief_plans", "transformers"]

Name = Annotated[str, typer.Argument(help="Of the network.")]
Begin = Annotated[
    str | None,
    typer.Option("--from", help="First instant, ISO 8601 with an offset; the last four weeks without."),
]
End = Annotated[str | None, typer.Option("--to", help="Instant before which to end.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_BYTES_MAX = 4 << 20
_SHOWN = 20


def transformers(
    name: Name,
    transformer: Annotated[
        str, typer.Option(help="One, with its courses, residual and forecast (JSON only).")
    ] = "",
    begin: Begin = None,
    end: End = None,
    as_json: Json = False,
) -> None:
    """Rank a network's transformers: load, temperature, room, risk of the next two days, what meters leave open."""
    from backend.services.grid.transformer_views import tell_transformer, tell_transformers

    _, desk, known = _open(name)
    span = _span(begin, end)
    if transformer:
        print_json(tell_transformer(desk, known, transformer, *span))
        return
    told = tell_transformers(desk, known, *span)
    if as_json:
        print_json(told)
        return
    _print_transformers(name, told)


def hosting(
    name: Name,
    connection: Annotated[list[str] | None, typer.Option(help="Of this one alone; may be repeated.")] = None,
    technology: Annotated[
        Literal["solar", "charger"] | None, typer.Option(help="Of this alone; both without.")
    ] = None,
    begin: Begin = None,
    end: End = None,
    as_json: Json = False,
) -> None:
    """Tell how much sun and charging each connection could take, on one phase and on three."""
    from backend.grid.hosting import HostingLimits, Technology
    from backend.services.grid.transformer_views import tell_hosting

    _, desk, known = _open(name)
    chosen = [Technology(technology)] if technology else list(Technology)
    told = tell_hosting(desk, known, connection or None, chosen, HostingLimits(), *_span(begin, end))
    if as_json:
        print_json(told)
        return
    print(f"{name} · means of {told['step_seconds']:,} s; within one, shorter peaks may be beyond a limit")
    print_table(
        ("connection", "what", "phases", "kW", "limit", "where"),
        [
            (
                one["connection"],
                one["technology"],
                one["phases"],
                f"{one['kw']:,.2f}",
                one["limit"].replace("_", " "),
                one["place"],
            )
            for one in told["items"]
        ],
        text_columns=3,
    )


def relief(
    *,
    name: Name,
    transformer: Annotated[str, typer.Option(help="Which is to be kept within its rating.")],
    loads: Annotated[
        Path, typer.Option(help="JSON list of flexible loads: id, connection, kind, watts, ...")
    ],
    hours: Annotated[int, typer.Option(help="Ahead of what is known.")] = 48,
    limit: Annotated[float, typer.Option(help="Loading that each phase is to keep. [%]")] = 100.0,
    certainty: Annotated[
        float, typer.Option(help="Of the forecast's courses, how many's peak it covers. [%]")
    ] = 90.0,
    user: Annotated[
        str, typer.Option(help="Login of the operator to whom members gave their consents.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Write the plan as JSON.")] = None,
    as_json: Json = False,
) -> None:
    """Propose which consenting loads give way, when and by how much; a person approves it, nothing carries it out."""
    import json

    from backend.grid.relief import read_flexible_loads
    from backend.services.grid.relief_plans import ReliefOrder, make_plan, relief_consents

    wiring, desk, known = _open(name)
    asked = read_flexible_loads(_read_list(loads), str(loads))
    who, holds = _consents(wiring, known, user)
    with wiring.writing(f"grid relief {name}"):
        order = ReliefOrder(
            transformer=transformer,
            loads=relief_consents(desk, known, asked, holds),
            hours=hours,
            limit=limit / 100,
            certainty=certainty / 100,
            asked_by=who,
        )
        made = make_plan(desk, wiring.clock, known, order)
    told = {"id": made.id, "state": made.state.value, **made.document}
    if out:
        write_file(out, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    if as_json:
        print_json(told)
        return
    _print_plan(told)


def relief_plans(name: Name, as_json: Json = False) -> None:
    """List a network's relief plans, the newest first."""
    from backend.cli.instants import write_instant
    from backend.services.grid.relief_plans import list_plans

    wiring, _, known = _open(name)
    plans = list_plans(wiring.store, known.record.name)
    if as_json:
        print_json({"plans": [{"id": one.id, "state": one.state.value, **one.document} for one in plans]})
        return
    if not plans:
        print("No relief plan was made; begin with: partage grid relief NAME --transformer ID --loads FILE")
        return
    print_table(
        ("plan", "state", "transformer", "from", "too much kW", "left kW", "actions"),
        [
            (
                one.id,
                one.state.value,
                one.element,
                write_instant(one.document["start"]),
                f"{one.document['needed_kw']:g}",
                f"{one.document['left_kw']:g}",
                str(len(one.document["actions"])),
            )
            for one in plans
        ],
        text_columns=4,
    )


def decide(
    name: Name,
    plan: Annotated[str, typer.Argument(help="Id of the relief plan.")],
    decision: Annotated[Literal["approved", "refused"], typer.Argument(help="What was decided.")],
    by: Annotated[str, typer.Option(help="Login of who decides.")],
    words: Annotated[str, typer.Option(help="Why.")] = "",
    as_json: Json = False,
) -> None:
    """Write down that a person approved or refused a relief plan."""
    from backend.ports.grid_plan_records import PlanState
    from backend.services.grid.relief_plans import decide_plan

    wiring, _, known = _open(name)
    who = _user(wiring, by)
    with wiring.writing(f"grid decide {name}"):
        decided = decide_plan(
            wiring.store, wiring.clock, known.record.name, plan, PlanState(decision), who, words
        )
    if as_json:
        print_json({"id": decided.id, "state": decided.state.value, **decided.document})
        return
    print(f"{decided.id}: {decided.state.value} by {by}")


def _open(name: str) -> tuple[Any, TransformerDesk, KnownNetwork]:
    from backend.bootstrap import open_existing
    from backend.grid.network_form import read_network
    from backend.services.grid.known_networks import KnownNetwork, KnownNetworks
    from backend.services.grid.transformers import TransformerDesk

    wiring = open_existing()
    with wiring.store.reading() as records:
        record = records.network(name)
    known = KnownNetwork(record, read_network(record.document))
    return (
        wiring,
        TransformerDesk(KnownNetworks(wiring.grid_sources), wiring.ambient, wiring.load_forecaster),
        known,
    )


def _span(begin: str | None, end: str | None) -> tuple[int | None, int | None]:
    from backend.cli.instants import read_instant

    return (read_instant(begin) if begin else None, read_instant(end) if end else None)


def _read_list(file: Path) -> Any:
    import json

    try:
        if file.stat().st_size > _BYTES_MAX:
            raise InputError(f"{file} is larger than {_BYTES_MAX:,} bytes; a list of flexible loads is not.")
        told = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InputError(f"{file} is no JSON: {error}.") from error
    if not isinstance(told, list):
        raise InputError(f"{file} holds no list; write [{{...}}, ...].")
    return told


def _user(wiring: Any, login: str) -> str:
    with wiring.store.reading() as records:
        found = records.user_by_login(login)
    if found is None:
        raise NotFoundError(f"There is no user with the login {login!r}.")
    return str(found.id)


def _consents(wiring: Any, known: KnownNetwork, login: str) -> tuple[str, Callable[[str], bool]]:
    """Who asks, and whether members' consents to that user last; to nobody, none does."""
    if not login:
        return "", lambda _: False
    from backend.adapters.chain.consents import ChainConsents
    from backend.ports.consents import ConsentScope

    who = _user(wiring, login)
    book = ChainConsents(wiring.store, lambda: wiring.chain)

    def holds(participant: str) -> bool:
        return bool(book.holds(known.record.community, participant, who, ConsentScope.FLEXIBILITY))

    return who, holds


def _print_transformers(name: str, told: dict[str, Any]) -> None:
    from backend.cli.instants import write_instant

    print(f"{name}: {write_instant(told['start'])} to {write_instant(told['end'])}")
    print_table(
        ("transformer", "kVA", "now %", "peak %", "hot spot °C", "free kW", "free sun kW", "risk 48 h %"),
        [
            (
                one["id"],
                f"{one['rated_kva']:g}",
                f"{one['loading_pct']['now']:.1f}",
                f"{one['loading_pct']['peak']:.1f}",
                f"{one['hot_spot_c']['peak']:.1f}",
                f"{one['free_kw']:,.1f}",
                f"{one['free_feed_in_kw']:,.1f}",
                _risk(one["risk"]),
            )
            for one in told["items"][:_SHOWN]
        ],
        text_columns=1,
    )
    if len(told["items"]) > _SHOWN:
        print(f"  ... and {len(told['items']) - _SHOWN} more; --json shows all.")
    methods = sorted({one["risk"]["method"] for one in told["items"] if one["risk"]})
    print_wrapped(f"Air: {told['ambient_source']}. Risk: by {' and '.join(methods) or 'nothing yet'}.", "  ")
    for one in told["items"]:
        for suspicion in (one["residual"] or {}).get("suspicions", []):
            print_wrapped(f"{suspicion['reason']} Confidence {suspicion['confidence_pct']:.0f} %.", "  ")


def _risk(risk: dict[str, Any] | None) -> str:
    if risk is None or risk["overload_pct"] is None:
        return "-"
    return f"{risk['overload_pct']:.1f}"


def _print_plan(told: dict[str, Any]) -> None:
    from backend.cli.instants import write_instant

    print(f"{told['id']}: {told['state']}, transformer {told['transformer']}, {told['hours']} hours ahead")
    effect = told["effect"]
    print(
        f"  too much by {told['needed_kw']:g} kW on a phase; peak {effect['peak_before_pct']:.1f} % before and "
        f"{effect['peak_after_pct']:.1f} % after, by power flow"
    )
    if told["actions"]:
        print_table(
            ("load", "connection", "how", "from", "to", "kW"),
            [
                (
                    one["load"],
                    one["connection"],
                    one["kind"],
                    write_instant(one["start"]),
                    write_instant(one["end"]),
                    f"{one['kw']:+g}",
                )
                for one in told["actions"]
            ],
            text_columns=5,
        )
    if not told["holds"]:
        print_wrapped(
            f"The limit is not kept: {told['left_kw']:g} kW are left. Could help and did not consent: "
            f"{', '.join(told['without_consent']) or 'nobody'}.",
            "  ",
        )
