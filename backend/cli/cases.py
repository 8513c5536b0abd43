"""``partage case``: which measure holds. Members sign in the pages; here sign the keys of this home's vault."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from backend.cli.dossiers import export_case
from backend.cli.instants import read_instant
from backend.cli.output import print_json, print_table, print_wrapped

if TYPE_CHECKING:
    from backend.bootstrap import Wiring
    from backend.ports.case_records import CaseRecord, Party
    from backend.services.arbitration import CaseView

__all__ = ["app", "find_case"]

app = typer.Typer(help="Which measure holds: cases, claims, rulings.", no_args_is_help=True)

PartyName = Literal["consumer", "provider", "operator"]
Community = Annotated[str, typer.Argument(help="Id of the community.")]
Case = Annotated[str, typer.Argument(help="Id of the case, or its number.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_KEYS = {"provider": "provider", "operator": "operator"}


@app.callback()
def group() -> None:
    """Which measure holds."""


@app.command("open")
def open_command(
    community: Community,
    point: Annotated[str, typer.Option(help="Metering point in question.")],
    start: Annotated[str, typer.Option(help="From when, such as 2024-03-20T10:00:00+01:00.")],
    end: Annotated[str, typer.Option(help="Until when.")],
    text: Annotated[str, typer.Option(help="What it is about; kept here, the chain holds its salted hash.")],
    party: Annotated[PartyName, typer.Option("--as", help="Who opens it.")] = "consumer",
    as_json: Json = False,
) -> None:
    """Open a case on a metering point's intervals."""
    from backend.bootstrap import open_existing
    from backend.services.arbitration import draft_case, open_case, opening_of, party_account, view_case

    wiring = open_existing()
    with wiring.writing(f"case open {community}"):
        desk = wiring.arbitration
        view = wiring.context.community(community)
        owner = _owner(wiring, community, point)
        who = _party(party)
        draft = draft_case(
            desk,
            community,
            point,
            (read_instant(start), read_instant(end)),
            text=text,
            party=who,
            account=party_account(desk, view, who, owner),
        )
        document = desk.document("OpenCase", opening_of(desk, draft))
        case = open_case(desk, draft, _sign(wiring, party, owner, document))
        _print_case(view_case(desk, case.id), as_json=as_json)


@app.command("claim")
def claim_command(
    community: Community,
    case: Case,
    readings: Annotated[Path, typer.Option(help="Meter file with every interval in question.")],
    evidence: Annotated[Path, typer.Option(help="What shows it: a photograph, a report.")],
    party: Annotated[PartyName, typer.Option("--as", help="Whose claim.")] = "consumer",
    as_json: Json = False,
) -> None:
    """File a claim, or replace one's former claim."""
    from backend.bootstrap import open_existing
    from backend.errors import NotFoundError
    from backend.services.arbitration import (
        claim_of,
        draft_claim,
        file_claim,
        keep_evidence,
        party_account,
        read_claim_file,
        view_case,
    )

    for file in (readings, evidence):
        if not file.is_file():
            raise NotFoundError(f"{file} is not a file; give the path of one.")
    wiring = open_existing()
    with wiring.writing(f"case claim {community}"):
        desk = wiring.arbitration
        found = find_case(wiring, community, case)
        owner = _owner(wiring, community, found.metering_point)
        who = _party(party)
        account = party_account(desk, wiring.context.community(community), who, owner)
        claimed = read_claim_file(desk, found, readings, wiring.reader_for())
        shown = keep_evidence(desk, found, who, evidence.read_bytes(), evidence.name)
        draft = draft_claim(desk, found, who, account, claimed, shown)
        document = desk.document("Claim", claim_of(desk, found, draft))
        file_claim(desk, found, draft, _sign(wiring, party, owner, document))
        _print_case(view_case(desk, found.id), as_json=as_json)


@app.command("rule")
def rule_command(
    community: Community,
    case: Case,
    prevails: Annotated[
        Literal["consumer", "provider", "operator", "none"],
        typer.Option("--for", help="Whose claim prevails."),
    ],
    reasons: Annotated[str, typer.Option(help="Why; kept here, the chain holds their salted hash.")],
    as_json: Json = False,
) -> None:
    """Rule on a case, as the arbiter of this home."""
    from backend.bootstrap import open_existing
    from backend.services.arbitration import rule_case, view_case

    wiring = open_existing()
    with wiring.writing(f"case rule {community}"):
        found = find_case(wiring, community, case)
        rule_case(wiring.arbitration, found, _party(prevails), reasons)
        _print_case(view_case(wiring.arbitration, found.id), as_json=as_json)


@app.command("close")
def close_command(community: Community, case: Case, as_json: Json = False) -> None:
    """Let time do its work: precedence where no arbiter ruled, the ruling where an appeal failed."""
    from backend.bootstrap import open_existing
    from backend.ports.case_records import CaseState
    from backend.services.arbitration import close_case, settle_appeal, view_case

    wiring = open_existing()
    with wiring.writing(f"case close {community}"):
        desk = wiring.arbitration
        view = view_case(desk, find_case(wiring, community, case).id)
        if view.state is CaseState.APPEALED:
            settle_appeal(desk, view.record)
        else:
            close_case(desk, view.record)
        _print_case(view_case(desk, view.record.id), as_json=as_json)


@app.command("fulfil")
def fulfil_command(community: Community, case: Case, as_json: Json = False) -> None:
    """Carry a final outcome out: the prevailing readings stand, the period is settled anew."""
    from backend.bootstrap import open_existing
    from backend.services.arbitration import carry_out, view_case

    wiring = open_existing()
    with wiring.writing(f"case fulfil {community}"):
        found = find_case(wiring, community, case)
        done = carry_out(wiring.arbitration, found.id)
        if not as_json:
            what = "settled anew" if done.changed else "settled like that already"
            print(f"{what}: run {done.run.version}, {done.run.state.value}")
        _print_case(view_case(wiring.arbitration, found.id), as_json=as_json)


@app.command("show")
def show_command(community: Community, case: Case, as_json: Json = False) -> None:
    """Show a case: who claims what, until when."""
    from backend.bootstrap import open_existing
    from backend.services.arbitration import view_case

    wiring = open_existing()
    _print_case(view_case(wiring.arbitration, find_case(wiring, community, case).id), as_json=as_json)


@app.command("list")
def list_command(community: Community, as_json: Json = False) -> None:
    """List a community's cases, the latest first."""
    from backend.bootstrap import open_existing
    from backend.services.arbitration import view_cases

    wiring = open_existing()
    wiring.context.community(community)
    views = view_cases(wiring.arbitration, community)
    if as_json:
        print_json({"community": community, "cases": [_told(view) for view in views]})
        return
    rows = [
        [str(view.record.number), view.record.metering_point, view.state.name.lower(), view.record.id]
        for view in views
    ]
    print_table(["case", "metering point", "state", "id"], rows, text_columns=4)


app.command("export")(export_case)


def _party(name: str) -> Party:
    from backend.ports.case_records import Party

    return {
        "consumer": Party.CONSUMER,
        "provider": Party.PROVIDER,
        "operator": Party.GRID_OPERATOR,
        "none": Party.NONE,
    }[name]


def _owner(wiring: Wiring, community: str, point: str) -> str:
    from backend.errors import NotFoundError

    found = wiring.context.community(community).community.metering_point(point)
    if found is None:
        raise NotFoundError(f"{community} has no metering point {point!r}.")
    return found.participant


def _sign(wiring: Wiring, party: str, owner: str, document: dict[str, Any]) -> str:
    from backend.adapters.chain.signatures import VaultSigner

    return VaultSigner(wiring.vault).sign(_KEYS.get(party, f"member-{owner}"), document)


def find_case(wiring: Wiring, community: str, case: str) -> CaseRecord:
    """A case by its id or number.

    Raises:
        NotFoundError: If there is none.
    """
    from backend.errors import NotFoundError

    with wiring.store.reading() as records:
        known = records.cases(community)
    found = [one for one in known if case in {one.id, str(one.number)}]
    if not found:
        raise NotFoundError(
            f"{community} has no case {case!r}; `partage case list {community}` names those there are."
        )
    return found[0]


def _told(view: CaseView) -> dict[str, Any]:
    record = view.record
    return {
        "id": record.id,
        "number": record.number,
        "community": record.community,
        "metering_point": record.metering_point,
        "period": record.period,
        "first": record.first,
        "until": record.until,
        "text": record.text,
        "state": view.state.name.lower(),
        "prevailing": view.prevailing.name.lower(),
        "claims_until": view.claims_until,
        "ruling_until": view.ruling_until,
        "appeal_until": view.appeal_until or None,
        "claims": [
            {"party": _name(claim.party), "filed_utc": claim.filed_utc, "evidence": claim.evidence_name}
            for claim in view.claims
        ],
        "reasons": view.ruling.text if view.ruling else None,
        "proposal": view.proposal or None,
        "batch": view.batch or None,
    }


def _name(party: int) -> str:
    from backend.ports.case_records import Party

    return Party(party).name.lower()


def _print_case(view: CaseView, *, as_json: bool) -> None:
    if as_json:
        print_json(_told(view))
        return
    record = view.record
    print(f"case {record.number} of {record.community}: {record.metering_point}, {view.state.name.lower()}")
    print_wrapped(record.text)
    print(
        f"  claims until {_told_instant(view.claims_until)}, ruling until {_told_instant(view.ruling_until)}"
    )
    if view.appeal_until:
        print(
            f"  {view.prevailing.name.lower()}'s claim prevails; appeals until {_told_instant(view.appeal_until)}"
        )
    if view.ruling:
        print_wrapped(view.ruling.text)
    rows = [
        [_name(claim.party), _told_instant(claim.filed_utc), claim.evidence_name] for claim in view.claims
    ]
    print_table(["party", "filed", "evidence"], rows, text_columns=3)


def _told_instant(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M UTC")
