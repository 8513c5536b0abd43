"""``partage rehearse``: what another rule would have changed, before anyone votes on it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import by_share, print_json, print_table, print_wrapped, progress, write_file

if TYPE_CHECKING:
    from backend.services.rehearse import Rehearsal

__all__ = ["rehearse"]

_STEPS = 100
_LINES_SHOWN = 20


def rehearse(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    rules: Annotated[
        Path, typer.Option(help="TOML file with rule tables; tables that it lacks keep today's.")
    ],
    months: Annotated[int, typer.Option(help="How many of the last months with readings.")] = 12,
    out: Annotated[
        Path | None, typer.Option(help="Write all of the result here, each member's line too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Replay the last months under today's rule and a proposed one: who would gain, who would lose, is it lawful."""
    from backend.bootstrap import open_existing, read_text
    from backend.errors import CommunityDefinitionError
    from backend.services.rehearse import rehearse as run

    text = read_text(rules, what="rules file")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CommunityDefinitionError(f"{rules.name}: this is not valid TOML: {error}.") from None
    wiring = open_existing()
    context = wiring.context
    with progress(shown=not as_json, total=_STEPS, what=f"rehearse {community}") as move:
        on_progress = by_share(move, _STEPS)
        found = run(context, community, tables, months, on_progress=on_progress, cache=wiring.readings_cache)
    if out is not None:
        write_file(out, json.dumps(found.as_dict(), ensure_ascii=False, indent=1) + "\n", private=True)
    if as_json:
        print_json(found.as_dict())
        return
    _print(found)
    if out is not None:
        print(f"{out}: every member's line; it is personal, keep it so")


def _print(found: Rehearsal) -> None:
    """The whole for people, the greatest losses first."""
    result = found.as_dict()
    whole, spread, law = result["community"], result["distribution"], result["law"]
    periods = [period["period"] for period in result["periods"]]
    span = periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"
    print(
        f"{whole['id']} · {span} · {whole['members']} members · rule {result['rule_version']} against the proposed"
    )
    print(f"  shared        {whole['allocated_before_kwh']} -> {whole['allocated_after_kwh']} kWh")
    print(
        f"  saved by all  {_euro(whole, 'saving_before_cents')} -> {_euro(whole, 'saving_after_cents')} EUR"
    )
    print(f"  {spread['gaining']} gain, {spread['losing']} lose, {spread['unchanged']} unchanged")
    members = sorted(result["members"], key=lambda line: (line["gain_cents"], line["participant"]))
    rows = [
        [
            line["participant"],
            line["energy_before_kwh"],
            line["energy_after_kwh"],
            line["bill_before"],
            line["bill_after"],
            _euro(line, "gain_cents"),
        ]
        for line in members[:_LINES_SHOWN]
    ]
    print_table(["participant", "kWh", "then kWh", "bill EUR", "then EUR", "gain EUR"], rows)
    if len(members) > _LINES_SHOWN:
        print(f"    ... and {len(members) - _LINES_SHOWN} more; --json or --out shows all")
    for period in result["periods"]:
        if not period["within_limits"]:
            print_wrapped(
                f"{period['period']}: more readings are missing or estimated than the rule allows", "  "
            )
    if not law["allowed"]:
        print_wrapped(f"the law of {law['country']} forbids the proposed rule:", "  ")
    for finding in law["after"]:
        print_wrapped(f"{finding['severity']}: {finding['message']} ({finding['article']})", "  ")
    print(f"  result {result['result_hash']}")


def _euro(figures: dict[str, Any], name: str) -> str:
    from backend.quantities import format_cents

    return format_cents(figures[name])
