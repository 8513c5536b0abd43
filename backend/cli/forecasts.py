"""``partage forecasts``: learn, forecast, look and judge what is stored of a community."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, print_table, print_wrapped, progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.forecasts.retrain import Done
    from backend.services.forecasts.subjects import Asked

__all__ = ["app"]

app = typer.Typer(
    help="Forecasts of what is stored: learn, forecast, look, judge, anchor.", no_args_is_help=True
)

Community = Annotated[str, typer.Argument(help="Id of a community.")]
SubjectOption = Annotated[
    str, typer.Option(help="community, home:ID, point:ID, feeder:ID or network:NAME/TRANSFORMER.")
]
TargetOption = Annotated[
    str, typer.Option(help="load, solar, wind, net or shareable; of the community carbon and price too.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_SHOWN_HOURS = 48


@app.command("run")
def run(community: Community, as_json: Json = False) -> None:
    """Do what is due: score what has become known, learn anew once a week or on drift, forecast; safe to repeat."""
    _run(community, None, again=False, as_json=as_json)


@app.command("train")
def train(
    community: Community,
    subject: SubjectOption = "community",
    target: TargetOption = "load",
    as_json: Json = False,
) -> None:
    """Learn one subject anew, judged by the last four weeks, and forecast it."""
    from backend.services.forecasts.subjects import parse_subject, parse_target

    _run(community, [(parse_subject(subject), parse_target(target))], again=True, as_json=as_json)


def _run(community: str, only: Sequence[Asked] | None, *, again: bool, as_json: bool) -> None:
    from backend.bootstrap import open_existing
    from backend.errors import InputError
    from backend.services.forecasts.anchor import anchor_models, can_anchor
    from backend.services.forecasts.retrain import due_subjects, run_due

    wiring = open_existing()
    desk = wiring.forecasts
    with wiring.writing(f"forecasts {community}"):
        asked = due_subjects(desk, desk.members(community)) if only is None else only
        with progress(shown=not as_json, total=len(asked) + 1, what=f"{community}: forecasts") as on_step:
            done = run_due(desk, community, only=only, again=again, on_step=on_step)
        anchored = anchor_models(wiring.context, community) if can_anchor(wiring.store, community) else []
    if only is not None and done.failed:
        raise InputError("; ".join(done.failed.values()))
    told = {
        "community": community,
        "trained": done.trained,
        "forecasts": done.forecasts,
        "scored": done.scored,
        "drifting": done.drifting,
        "fallbacks": done.fallbacks,
        "failed": done.failed,
        "anchored": [one.model for one in anchored],
    }
    if as_json:
        print_json(told)
        return
    _print_done(done)


def _print_done(done: Done) -> None:
    print(f"{len(done.trained)} trained, {len(done.forecasts)} forecasts made, {done.scored} scored")
    for name in done.drifting:
        print_wrapped(f"{name} drifted: it learned anew.", "  ")
    for name, reason in {**done.fallbacks, **done.failed}.items():
        print_wrapped(f"{name}: {reason}", "  ")


@app.command("show")
def show(
    community: Community,
    subject: SubjectOption = "community",
    target: TargetOption = "load",
    origin: Annotated[str, typer.Option(help="The forecast that begins here; without, the newest.")] = "",
    known: Annotated[str, typer.Option(help="What had been forecast by then.")] = "",
    limit: Annotated[
        float | None,
        typer.Option(help="Hold it against this; without, what the connection or the transformer may carry."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a kept forecast beside what came."""
    from backend.cli.instants import read_instant, write_instant
    from backend.services.forecasts.subjects import parse_subject, parse_target
    from backend.services.forecasts.views import tell_forecast

    desk = _desk()
    told = tell_forecast(
        desk,
        desk.members(community),
        parse_subject(subject),
        parse_target(target),
        origin_utc=read_instant(origin) if origin else None,
        known_utc=read_instant(known) if known else None,
        limit=limit,
    )
    if as_json:
        _print_as_told("ForecastAnswer", told)
        return
    when = f"made {write_instant(told['made'])} from readings until {write_instant(told['readings_until'])}"
    weather = told["weather"]["source"] + (" (ex post)" if told["weather"]["ex_post"] else "")
    print_wrapped(
        f"{told['label']}, {target} [{told['unit']}]: {when}; weather: {weather}; model: {told['model']['name']}"
    )
    if told["fallback"]:
        print_wrapped(told["fallback"], "  ")
    _print_days(told)
    for one in told["ramps"]:
        print_wrapped(
            f"{one['day']}: a rise of {one['size_watts']:,.0f} W within {one['window_seconds'] // 60} min has a "
            f"probability of {100 * one['up']:.0f} %, a fall of {100 * one['down']:.0f} %.",
            "  ",
        )
    if told["retail"]:
        _print_retail(told["retail"])
    low, high = told["levels"].index(0.1), told["levels"].index(0.9)
    rows = [
        (
            write_instant(start),
            f"{mean:,.0f}",
            f"{p10:,.0f}",
            f"{p90:,.0f}",
            "" if came is None else f"{came:,.0f}",
        )
        for start, mean, p10, p90, came in zip(
            told["start"],
            told["mean"],
            told["quantiles"][low],
            told["quantiles"][high],
            told["actual"],
            strict=True,
        )
    ]
    print_table(("start", "mean", "p10", "p90", "came"), rows[:_SHOWN_HOURS])
    if len(rows) > _SHOWN_HOURS:
        print(f"  ... and {len(rows) - _SHOWN_HOURS} more; --json shows all.")


def _print_days(told: dict[str, Any]) -> None:
    """The peak of each local day, and how probably the limit is passed."""
    from backend.cli.instants import write_instant

    unit, limit = told["unit"], told["limit"]
    if limit is not None:
        print_wrapped(f"Held against {limit['value']:,.6g} {unit}, {limit['words']}.", "  ")
    for day in told["days"]:
        said = (
            f"{day['day']} ({day['hours']:g} h of it): highest about {day['p50']:,.6g} {unit} "
            f"(8 in 10: {day['p10']:,.6g} to {day['p90']:,.6g}), most probably from {write_instant(day['start'])} "
            f"(8 in 10: begun from {write_instant(day['start_p10'])} to {write_instant(day['start_p90'])})"
        )
        if day["above"] is not None:
            said += f"; above the limit at any time: {100 * day['above']:.1f} %"
        print_wrapped(said, "  ")


def _print_retail(told: dict[str, Any]) -> None:
    """The range of a member's price; hour by hour it is in the JSON."""
    supply, feed_in = told["supply"]["mean"], told["feed_in"]["mean"]
    print_wrapped(
        f"A kilowatt-hour from the grid would cost {min(supply):.4f} to {max(supply):.4f} EUR with VAT of "
        f"{100 * told['vat']:g} %, network and excise of {told['network_and_excise']:.4f} EUR/kWh in it, and one fed "
        f"in bring {min(feed_in):.4f} to {max(feed_in):.4f} EUR, where a contract passes the market's price "
        "on; --json tells every interval.",
        "  ",
    )


@app.command("accuracy")
def accuracy(
    community: Community,
    subject: SubjectOption = "community",
    target: TargetOption = "load",
    as_json: Json = False,
) -> None:
    """How good kept forecasts were, beside the seasonal naive from the same origins."""
    from backend.services.forecasts.subjects import parse_subject, parse_target
    from backend.services.forecasts.views import tell_accuracy

    desk = _desk()
    told = tell_accuracy(desk, desk.members(community), parse_subject(subject), parse_target(target))
    if as_json:
        _print_as_told("Accuracy", told)
        return
    weather = told["weather"]["source"] + (" (ex post)" if told["weather"]["ex_post"] else "")
    print_wrapped(
        f"{subject}, {target} [{told['unit']}]: {told['origins']} origins, {told['hindcasts']} of them forecast "
        f"afterwards; weather: {weather}"
    )
    rows = [(f"{one['from_hours']}-{one['to_hours']} h", *_figures(one)) for one in told["leads"]]
    rows += [(one["group"], *_figures(one)) for one in told["groups"]]
    rows.append(("all", *_figures(told["overall"])))
    print_table(("", "MAE", "naive", "pinball", "naive", "skill %", "in 80 % band"), rows)
    if told["drift"]["alarm"]:
        print_wrapped(f"The model drifts since {told['drift']['since']}; it learns anew at the next run.")


def _figures(one: dict[str, Any]) -> tuple[str, ...]:
    skill = "-" if one["skill"] is None else f"{100 * one['skill']:.1f}"
    return (
        f"{one['mae']:,.1f}",
        f"{one['naive_mae']:,.1f}",
        f"{one['pinball']:,.1f}",
        f"{one['naive_pinball']:,.1f}",
        skill,
        f"{100 * one['coverage_80']:.1f} %",
    )


@app.command("models")
def models(
    community: Community,
    model: Annotated[str, typer.Option(help="Show this one's card.")] = "",
    as_json: Json = False,
) -> None:
    """Models that were trained, or one's card."""
    from backend.cli.instants import write_instant
    from backend.services.forecasts.viewers import Viewer
    from backend.services.forecasts.views import tell_model, tell_models

    desk = _desk()
    members, viewer = desk.members(community), Viewer(everything=True)
    if model:
        _print_as_told("ModelAnswer", tell_model(desk, members, viewer, model))
        return
    items = tell_models(desk, members, viewer)
    if as_json:
        print_json({"items": [_as_told("ModelItem", one) for one in items]})
        return
    rows = [
        (
            one["subject"],
            one["target"],
            one["name"],
            one["id"][:10],
            write_instant(one["trained_until"]),
            "yes" if one["in_use"] else "",
            "yes" if one["anchored"] else "",
        )
        for one in items
    ]
    print_table(("subject", "target", "model", "hash", "until", "in use", "anchored"), rows, text_columns=7)


@app.command("anchor")
def anchor(community: Community, as_json: Json = False) -> None:
    """Put the hashes of models that made forecasts on chain, as one root; safe to repeat."""
    from backend.bootstrap import open_existing
    from backend.services.forecasts.anchor import anchor_models

    wiring = open_existing()
    with wiring.writing(f"forecasts anchor {community}"):
        anchors = anchor_models(wiring.context, community)
    told = [
        {"model": one.model, "root": one.root, "run": one.run, "place": one.place, "path": list(one.path)}
        for one in anchors
    ]
    if as_json:
        print_json({"community": community, "anchored": told})
        return
    if not anchors:
        print("Every model that made a forecast is anchored already.")
    for one in anchors:
        print(f"  {one.model}  place {one.place} below {one.root}")


def _as_told(schema: str, told: dict[str, Any]) -> dict[str, Any]:
    """As the API tells it: one form for programs, instants as ISO 8601."""
    from backend.api import forecast_schemas

    shaped: dict[str, Any] = (
        getattr(forecast_schemas, schema).model_validate(told).model_dump(mode="json", by_alias=True)
    )
    return shaped


def _print_as_told(schema: str, told: dict[str, Any]) -> None:
    print_json(_as_told(schema, told))


def _desk() -> ForecastDesk:
    from backend.bootstrap import open_existing

    return open_existing().forecasts
