"""``partage readings decide`` and ``decisions``: what becomes of a span of a point's readings, and what was decided."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.instants import read_instant, write_instant
from backend.cli.output import print_json, print_wrapped

if TYPE_CHECKING:
    from backend.ports.treatment_records import ReadingDecision

__all__ = ["Choice", "decide", "decisions"]

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


class Choice(StrEnum):
    """What can be done with readings, as the command calls it."""

    ACCEPT = "accept"
    ESTIMATE = "estimate"
    RETURN = "return"


_TREATMENTS = {Choice.ACCEPT: "accepted", Choice.ESTIMATE: "estimated", Choice.RETURN: "returned"}


def decide(  # noqa: PLR0917 -- one per option
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    point: Annotated[str, typer.Argument(help="Metering point whose readings are decided about.")],
    treatment: Annotated[
        Choice,
        typer.Argument(
            help="accept: take them as they are, which takes a former decision back. estimate: set them aside and "
            "estimate by the rule in force. return: they count as missing until the operator sends others."
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why, in a sentence; it is kept for good.")],
    begin: Annotated[
        str, typer.Option("--from", help="First interval, such as 2024-03-14T10:00+01:00.")
    ] = "",
    end: Annotated[str, typer.Option("--to", help="End of the last interval, not included.")] = "",
    day: Annotated[str, typer.Option(help="A whole civil day instead, such as 2024-03-14.")] = "",
    rule: Annotated[str, typer.Option(help="Of the finding that is answered, such as spike.")] = "",
    as_json: Json = False,
) -> None:
    """Accept, estimate or return a span of readings; the next settle restates what it touched."""
    from backend.bootstrap import open_existing
    from backend.metering.decisions import SpanTreatment
    from backend.services.decide_readings import decide_readings

    _require_rule(rule)
    wiring = open_existing()
    span = _span(begin, end, day, wiring.context.community(community).community.time_zone)
    with wiring.writing("readings decide"):
        decision = decide_readings(
            wiring.context,
            community,
            point,
            span,
            SpanTreatment(_TREATMENTS[treatment]),
            reason=reason,
            rule=rule,
        )
    if as_json:
        print_json(_told(decision))
        return
    print_wrapped(f"{community}: {_words(decision)}; settle again to restate the periods that it touches.")


def decisions(
    community: Annotated[str, typer.Argument(help="Id of the community.")], as_json: Json = False
) -> None:
    """List what was decided about spans of readings, the newest first."""
    from backend.bootstrap import open_existing

    wiring = open_existing()
    wiring.context.community(community)
    with wiring.context.store.reading() as records:
        made = list(reversed(records.decisions(community)))
        names = {user.id: user.login for user in records.users()}
    if as_json:
        print_json({"community": community, "decisions": [_told(decision, names) for decision in made]})
        return
    print(f"{community}: {len(made)} decision{'s' * (len(made) != 1)} about readings")
    for decision in made:
        who = names.get(decision.decided_by, decision.decided_by) or "the command line"
        when = write_instant(decision.decided_utc)
        print_wrapped(
            f"{decision.number}. {_words(decision)}: {decision.reason} ({who}, {when})", indent="  "
        )


def _require_rule(rule: str) -> None:
    from backend.community.tables import name_nearest
    from backend.errors import InputError
    from backend.metering.conformity import RULES

    if rule and rule not in RULES:
        raise InputError(f"There is no rule {rule[:60]!r}; {name_nearest(rule, list(RULES))}")


def _span(begin: str, end: str, day: str, time_zone: str) -> tuple[int, int]:
    """The span [start, end) that is meant. [s since 1970, UTC]"""
    from backend.errors import InputError
    from backend.quantities import PeriodCalendar, SettlementPeriod

    if bool(day) == bool(begin or end) or bool(begin) != bool(end):
        raise InputError("Say which readings: either --from and --to, or --day.")
    if not day:
        return read_instant(begin), read_instant(end)
    try:
        first = date.fromisoformat(day)
    except ValueError:
        raise InputError(f"{day!r} is no day; write it like 2024-03-14.") from None
    calendar = PeriodCalendar(SettlementPeriod(first, first + timedelta(days=1)), time_zone, 60)
    return calendar.start_utc, calendar.end_utc


def _words(decision: ReadingDecision) -> str:
    span = f"{write_instant(decision.start_utc)} to {write_instant(decision.end_utc)}"
    answer = f", answering {decision.rule}" if decision.rule else ""
    return f"readings of {decision.metering_point} from {span} are {decision.treatment.value}{answer}"


def _told(decision: ReadingDecision, names: dict[str, str] | None = None) -> dict[str, str | int]:
    return {
        "community": decision.community,
        "number": decision.number,
        "metering_point": decision.metering_point,
        "start": write_instant(decision.start_utc),
        "end": write_instant(decision.end_utc),
        "treatment": decision.treatment.value,
        "rule": decision.rule,
        "reason": decision.reason,
        "decided_by": (names or {}).get(decision.decided_by, decision.decided_by),
        "decided_at": write_instant(decision.decided_utc),
    }
