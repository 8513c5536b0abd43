"""``partage governance``, ``propose``, ``vote``: members decide the rules.

Members sign with their own keys in the pages. On the embedded chain the vault of this home may hold keys for them
(``member-<participant>``), which these commands sign with.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from backend.cli.output import print_json, print_table, print_wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.bootstrap import Wiring

__all__ = ["app", "propose", "vote"]

app = typer.Typer(help="How members decide: seats, proposals, votes.", no_args_is_help=True)

Community = Annotated[str, typer.Argument(help="Id of the community.")]
Proposal = Annotated[str, typer.Argument(help="Id of the proposal, or how it ends.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Member = Annotated[str, typer.Option("--as", help="Participant whose key is in this home's vault.")]
_SHOWN = 8


@app.callback()
def group() -> None:
    """How members decide."""


@app.command("seat")
def seat(
    community: Community,
    participants: Annotated[
        list[str] | None, typer.Argument(help="Who; without, everyone who has no seat yet.")
    ] = None,
    account: Annotated[
        str, typer.Option(help="Account that takes the seat; without, a key of this home's vault.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Have the steward seat members, who vote from then on."""
    from backend.bootstrap import open_existing
    from backend.errors import InputError
    from backend.services.seats import seat_account, seats_of

    wiring = open_existing()
    if account and len(participants or ()) != 1:
        raise InputError("--account is of one participant; name just one.")
    with wiring.writing(f"governance seat {community}"):
        view = wiring.context.community(community)
        chosen = participants or [one.participant for one in seats_of(wiring.context, view) if not one.holder]
        for participant in chosen:
            seat_account(
                wiring.context,
                community,
                participant,
                account or _signer(wiring).account_of(_key(participant)),
            )
        seats = [one for one in seats_of(wiring.context, view) if one.participant in chosen]
    if as_json:
        print_json({"community": community, "seats": [_seat_row(one) for one in seats]})
        return
    for one in seats:
        print(f"seat {one.number}: {one.participant}, {one.holder}")


def _seat_row(one: Any) -> dict[str, Any]:
    return {
        "seat": one.number,
        "participant": one.participant,
        "holder": one.holder or None,
        "weight": one.weight,
    }


@app.command("open")
def open_command(
    community: Community,
    guardian: Annotated[
        list[str] | None, typer.Option(help="Account of a guardian, three times; without, keys of this home.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Create the community's governor and timelock; from then on its members rule."""
    from backend.bootstrap import open_existing
    from backend.errors import InputError
    from backend.services.governance import GUARDIANS, governance_status, open_governance

    if guardian and len(guardian) != GUARDIANS:
        raise InputError(
            f"There are {GUARDIANS} guardians; give --guardian {GUARDIANS} times, or not at all."
        )
    wiring = open_existing()
    with wiring.writing(f"governance open {community}"):
        open_governance(wiring.context, community, guardian)
        told = governance_status(wiring.context, community)
    _print_status(told, as_json=as_json)


@app.command("status")
def status(community: Community, as_json: Json = False) -> None:
    """Who votes, how, and who may pause."""
    from backend.bootstrap import open_existing
    from backend.services.governance import governance_status

    wiring = open_existing()
    _print_status(governance_status(wiring.context, community), as_json=as_json)


def _print_status(told: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    if told["open"]:
        print(f"{told['community']}: members rule; governor {told['governor']}, timelock {told['timelock']}")
    else:
        print(f"{told['community']}: the steward sets the rules; partage governance open {told['community']}")
    settings = told["settings"]
    print(
        f"  a vote begins {_span(settings['voting_delay_seconds'])} after its proposal, lasts "
        f"{_span(settings['voting_period_seconds'])}, needs {settings['quorum_ppm'] / 10_000:g} % of "
        f"{told['total_weight']} votes, and takes effect {_span(settings['timelock_seconds'])} after it was queued"
    )
    if told["paused_until"]:
        print(f"  paused until {_instant(told['paused_until'])}")
    rows = [
        [str(one["seat"]), one["participant"], one["holder"] or "-", str(one["weight"])]
        for one in told["seats"]
    ]
    print_table(["seat", "participant", "holder", "votes"], rows, text_columns=3)


def _span(seconds: int) -> str:
    return f"{seconds // 3600} h" if seconds % 3600 == 0 else f"{seconds} s"


def _instant(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M UTC")


@app.command("list")
def list_command(community: Community, as_json: Json = False) -> None:
    """All proposals, the newest first."""
    from backend.bootstrap import open_existing
    from backend.services.governance_views import list_proposals

    wiring = open_existing()
    told = list_proposals(wiring.governance, community)
    if as_json:
        print_json({"community": community, "proposals": told})
        return
    rows = [
        [
            f"...{one['id'][-_SHOWN:]}",
            one["kind"],
            one["state"],
            one["participant"] or one["member"],
            *(str(one["tally"][side]) for side in ("for", "against", "abstain")),
            _instant(one["closes"]),
        ]
        for one in told
    ]
    headings = ["proposal", "kind", "state", "by", "for", "against", "abstain", "closes"]
    print_table(headings, rows, text_columns=4)


@app.command("show")
def show(community: Community, proposal: Proposal, as_json: Json = False) -> None:
    """One proposal: what it would change, why, and how the vote stands."""
    from backend.bootstrap import open_existing
    from backend.services.governance_views import proposal_view
    from backend.services.proposals import sync_proposals

    wiring = open_existing()
    sync_proposals(wiring.governance, community)
    told = proposal_view(wiring.governance, community, proposal)
    if as_json:
        print_json(told)
        return
    _print_proposal(told)


def _print_proposal(told: Mapping[str, Any]) -> None:
    print(f"proposal {told['id']}: {told['state']}")
    print_wrapped(told["text"] or "(its words are not kept here)", indent="  ")
    if told["text_holds"] is False:
        print("  THESE WORDS ARE NOT THOSE THAT WERE PROPOSED: their hash is not the one on chain.")
    for one in told["differences"]:
        print_wrapped(one["words"]["en"], indent="  - ")
    tally = told["tally"]
    print(
        f"  for {tally['for']}, against {tally['against']}, abstain {tally['abstain']} of {told['total']}; "
        f"{told['quorum']} needed for or abstaining; {told['waiting']} not handed in yet"
    )
    print(f"  vote from {_instant(told['opens'])} to {_instant(told['closes'])}")
    if told["due"]:
        print(f"  due now: {told['due']} (partage governance advance)")


@app.command("advance")
def advance(community: Community, proposal: Proposal, as_json: Json = False) -> None:
    """Queue a proposal that was won, or execute one that has waited."""
    from backend.bootstrap import open_existing
    from backend.services.proposals import advance_proposal, require_proposal, sync_proposals
    from backend.services.votes import drain_lanes

    wiring = open_existing()
    with wiring.writing(f"governance advance {community}"):
        desk = wiring.governance
        drain_lanes(desk, community)
        sync_proposals(desk, community)
        state = advance_proposal(desk, community, proposal)
        found = require_proposal(desk, community, proposal)
    _print_state(found.id, state.value, as_json=as_json)


def _print_state(proposal: str, state: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"proposal": proposal, "state": state})
    else:
        print(f"proposal {proposal}: {state}")


@app.command("withdraw")
def withdraw(community: Community, proposal: Proposal, member: Member, as_json: Json = False) -> None:
    """Take one's proposal back before its vote begins."""
    from backend.bootstrap import open_existing
    from backend.services.proposals import require_proposal, withdraw_proposal, withdrawal_document

    wiring = open_existing()
    with wiring.writing(f"governance withdraw {community}"):
        desk = wiring.governance
        found = require_proposal(desk, community, proposal)
        signature = _signer(wiring).sign(_known_key(wiring, member), withdrawal_document(desk, found))
        state = withdraw_proposal(desk, community, found.id, signature)
    _print_state(found.id, state.value, as_json=as_json)


@app.command("relay")
def relay(community: Community, as_json: Json = False) -> None:
    """Hand in the votes that members signed."""
    from backend.bootstrap import open_existing
    from backend.services.votes import relay_votes

    wiring = open_existing()
    with wiring.writing(f"governance relay {community}"):
        sent = relay_votes(wiring.governance, community)
    if as_json:
        print_json({"community": community, "sent": sent})
    else:
        print(f"{sent} votes handed in")


@app.command("pause")
def pause(
    community: Community,
    guardian: Annotated[int, typer.Option(min=1, max=3, help="Which guardian's key of this home.")],
    as_json: Json = False,
) -> None:
    """Ask as a guardian for a pause of the ledgers; the second one within a day brings it about."""
    from backend.bootstrap import open_existing
    from backend.services.governance import pause_community

    wiring = open_existing()
    with wiring.writing(f"governance pause {community}"):
        until = pause_community(wiring.context, community, guardian)
    if as_json:
        print_json({"community": community, "paused_until": until or None})
    elif until:
        print(f"{community}: paused until {_instant(until)}; contests and votes go on")
    else:
        print(f"{community}: one more guardian is needed within 24 h")


def propose(
    community: Community,
    rules: Annotated[Path, typer.Option(help="RULES.toml: rule tables of a community file.", exists=False)],
    text: Annotated[str, typer.Option(help="Why, in a sentence or more.")],
    member: Member,
    as_json: Json = False,
) -> None:
    """Propose rules to the members."""
    from backend.bootstrap import open_existing, read_text
    from backend.services.governance_views import proposal_view
    from backend.services.proposal_kinds import rules_of_file
    from backend.services.proposals import draft_document, draft_proposal, submit_proposal

    tables = read_text(rules, what="file of rule tables")
    wiring = open_existing()
    with wiring.writing(f"propose {community}"):
        desk, key = wiring.governance, _known_key(wiring, member)
        asked = {"rules": rules_of_file(wiring.context, community, tables, rules.name)}
        account = _signer(wiring).account_of(key)
        draft = draft_proposal(desk, community, member=account, kind="rule", asked=asked, text=text)
        signature = _signer(wiring).sign(key, draft_document(desk, draft))
        made = submit_proposal(desk, community, draft.id, account, signature)
        told = proposal_view(desk, community, made.id)
    if as_json:
        print_json(told)
    else:
        _print_proposal(told)


def vote(
    community: Community,
    proposal: Proposal,
    choice: Annotated[Literal["yes", "no", "abstain"], typer.Argument(help="Your vote.")],
    member: Member,
    as_json: Json = False,
) -> None:
    """Vote on a proposal and hand the vote in."""
    from backend.bootstrap import open_existing
    from backend.services.governance_views import proposal_view
    from backend.services.proposals import require_proposal, sync_proposals
    from backend.services.votes import cast_vote, relay_votes, voting_document

    support = ("no", "yes", "abstain").index(choice)
    wiring = open_existing()
    with wiring.writing(f"vote {community}"):
        desk, key = wiring.governance, _known_key(wiring, member)
        sync_proposals(desk, community)
        found = require_proposal(desk, community, proposal)
        document = voting_document(desk.governance(community), found.id, support)
        signer = _signer(wiring)
        cast_vote(desk, community, found.id, signer.account_of(key), support, signer.sign(key, document))
        relay_votes(desk, community)
        told = proposal_view(desk, community, found.id)
    if as_json:
        print_json(told)
    else:
        _print_proposal(told)


def _key(participant: str) -> str:
    return f"member-{participant}"


def _known_key(wiring: Wiring, participant: str) -> str:
    """The name of a member's key that must be here already: signing never makes one.

    Raises:
        NotFoundError: If this home has none for them.
    """
    wiring.vault.require(_key(participant))
    return _key(participant)


def _signer(wiring: Wiring) -> Any:
    from backend.adapters.chain.signatures import VaultSigner

    return VaultSigner(wiring.vault)
