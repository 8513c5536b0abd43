"""Kinds of proposals: what is asked for, what the governor is told, and how it reads."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from backend.community import form_of_rule, read_rule, read_rule_form
from backend.community.law import require_lawful
from backend.errors import InputError, NotFoundError
from backend.governance import decode_rule, differences_of, encode_rule, on_chain
from backend.ports import NOBODY, ContractCall
from backend.services.ethereum_login import checksummed
from backend.services.governance_words import describe_change, describe_differences
from backend.services.seats import seat_number, seats_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from backend.community import Rule
    from backend.ports import RuleVersionRecord
    from backend.services.context import CommunityView, SettlementContext

__all__ = [
    "KINDS",
    "ProposalKind",
    "content_of",
    "describe_content",
    "kind_of_number",
    "last_version",
    "rule_today",
    "rules_of_file",
    "todays_form",
]

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_EPOCH = date(1970, 1, 1)
_DAY_SECONDS = 86_400
_WEIGHT_MAX = 2**16 - 1
_PARTIES = ("consumer", "provider", "operator", "nobody")
_GUARDIANS = 3


@dataclass(frozen=True, slots=True)
class ProposalKind:
    """What a kind calls.

    Attributes:
        function: Of the governor.
        contract: That the one call goes to.
        target: Function of that contract.
    """

    function: str
    contract: str
    target: str


#: In the order of their numbers on chain, from 1.
KINDS: Mapping[str, ProposalKind] = {
    "rule": ProposalKind("proposeRule", "rule_book", "scheduleRule"),
    "weights": ProposalKind("proposeWeights", "registry", "setWeights"),
    "revocation": ProposalKind("proposeRevocation", "registry", "revokeSeat"),
    "guardians": ProposalKind("proposeGuardians", "pause_book", "nameGuardians"),
    "steward": ProposalKind("proposeSteward", "registry", "replaceSteward"),
    "appeal": ProposalKind("proposeAppeal", "arbitration", "overturn"),
}


def kind_of_number(number: int) -> str:
    """A kind by its number on chain."""
    return list(KINDS)[number - 1]


def content_of(
    context: SettlementContext, view: CommunityView, kind: str, asked: Mapping[str, Any]
) -> dict[str, Any]:
    """What a proposal of a kind would do.

    Returns:
        JSON-ready: ``arguments`` for the governor, before the paper, and what its words need.

    Raises:
        InputError: If what is asked is malformed, or would change nothing.
        CommunityDefinitionError: If the law forbids the rule, or its tables do not fit.
        NotFoundError: If it names somebody who is not there.
    """
    if kind not in KINDS:
        raise InputError(f"there is no kind of proposal {kind!r}; use one of {', '.join(KINDS)}.")
    return _CONTENTS[kind](context, view, asked)


def last_version(context: SettlementContext, community: str) -> RuleVersionRecord:
    """The rule version that was scheduled last, which a proposal would follow.

    Raises:
        NotFoundError: If there is none.
    """
    with context.store.reading() as records:
        versions = records.rule_versions(community)
    if not versions:
        raise NotFoundError(f"{community} has no rule yet; load its file first.")
    return versions[-1]


def rule_today(context: SettlementContext, view: CommunityView) -> Rule:
    """The rule that was scheduled last."""
    return view.rule_of(last_version(context, view.record.id))


def todays_form(context: SettlementContext, community: str) -> dict[str, Any]:
    """The rule that was scheduled last, in the tables that a proposal of a rule takes; JSON-ready."""
    view = context.community(community)
    last = last_version(context, community)
    return {
        "version": last.version,
        "effective_from": last.effective_from,
        "rules": form_of_rule(view.rule_of(last)),
        "points": [
            {
                "id": point.id,
                "participant": point.participant,
                "direction": point.direction.name.lower(),
                "slot": view.slots[point.id],
            }
            for point in view.community.metering_points
        ],
    }


def rules_of_file(context: SettlementContext, community: str, text: str, file: str) -> dict[str, Any]:
    """The rule tables of a file, as a proposal of a rule asks for them.

    Raises:
        CommunityDefinitionError: Naming file, line, table and key of what does not fit.
    """
    view = context.community(community)
    read_rule(text, file, replace(view.community, rule=rule_today(context, view)))
    return tomllib.loads(text)


def _rule_content(
    context: SettlementContext, view: CommunityView, asked: Mapping[str, Any]
) -> dict[str, Any]:
    today = last_version(context, view.record.id)
    before = view.rule_of(today)
    community = replace(view.community, rule=before)
    after = read_rule_form(asked["rules"], "rules", community)
    if not differences_of(before, after):
        raise InputError("The rules are those of today; change something before you propose them.")
    effective_from = max(_earliest_month(context, view), today.effective_from + 1)
    starts = _EPOCH + timedelta(days=effective_from)
    require_lawful(replace(community, rule=after), starts)
    struct = encode_rule(
        after,
        view.slots,
        effective_from=_first_of_month(effective_from),
        contest_window_seconds=context.default_window_seconds,
    )
    # What a rule must be, the rule book says; a proposal that it would refuse is not shown for signing.
    form = ContractCall("settler", "rule_book", "requireWellFormed", (on_chain(struct),))
    context.chain.preflight(form)
    return {"arguments": [on_chain(struct)], "rule": struct, "version": today.version}


def _earliest_month(context: SettlementContext, view: CommunityView) -> int:
    """Days since 1970-01-01 of the day after which a vote that begins now can have its effect."""
    terms = view.community.governance
    seconds = terms.voting_delay_seconds + terms.voting_period_seconds + terms.timelock_seconds
    now = max(context.clock.now_utc(), context.chain_time_utc())
    return _first_of_month((now + seconds) // _DAY_SECONDS + 1)


def _first_of_month(period: int) -> int:
    """The first of a month on or after a date. [days since 1970-01-01]"""
    day = _EPOCH + timedelta(days=period)
    if day.day == 1:
        return period
    following = datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=UTC).date()
    return (following - _EPOCH).days


def _weights_content(
    context: SettlementContext, view: CommunityView, asked: Mapping[str, Any]
) -> dict[str, Any]:
    weights = asked["weights"]
    present = {seat.participant: seat for seat in seats_of(context, view) if seat.holder}
    for participant, weight in weights.items():
        if participant not in present:
            raise NotFoundError(f"{participant!r} holds no seat of {view.record.id}.")
        if not 1 <= weight <= _WEIGHT_MAX:
            raise InputError(f"the weight of {participant} is {weight}; it lies in 1 to {_WEIGHT_MAX}.")
    changed = [name for name, weight in sorted(weights.items()) if present[name].weight != weight]
    if not changed:
        raise InputError("These are the weights of today; change one before you propose them.")
    return {
        "arguments": [[present[name].number for name in changed], [weights[name] for name in changed]],
        "before": {name: present[name].weight for name in changed},
        "after": {name: weights[name] for name in changed},
    }


def _revocation_content(
    context: SettlementContext, view: CommunityView, asked: Mapping[str, Any]
) -> dict[str, Any]:
    participant = asked["participant"]
    number = seat_number(view, participant)
    holder = next(seat.holder for seat in seats_of(context, view) if seat.number == number)
    if not holder:
        raise NotFoundError(f"{participant!r} holds no seat of {view.record.id}.")
    return {"arguments": [number], "participant": participant, "holder": holder}


def _guardians_content(
    context: SettlementContext, view: CommunityView, asked: Mapping[str, Any]
) -> dict[str, Any]:
    named = [_address(address) for address in asked["guardians"]]
    if len(named) != _GUARDIANS or len({address.lower() for address in named}) != _GUARDIANS:
        raise InputError("A community has three guardians, each another account.")
    told = context.chain.read("pause_book", "guardiansOf", view.record.anchor)
    before = [checksummed(one) for one in told]
    if {one.lower() for one in before} == {one.lower() for one in named}:
        raise InputError("These are the guardians of today; change one before you propose them.")
    return {"arguments": [named], "before": before, "after": named}


def _steward_content(
    context: SettlementContext, view: CommunityView, asked: Mapping[str, Any]
) -> dict[str, Any]:
    steward = _address(asked["steward"])
    before = checksummed(context.chain.read("registry", "stewardOf", view.record.anchor))
    if before.lower() == steward.lower():
        raise InputError(f"{steward} is the steward already.")
    return {"arguments": [steward], "before": before, "after": steward}


def _appeal_content(_: SettlementContext, __: CommunityView, asked: Mapping[str, Any]) -> dict[str, Any]:
    case, party = int(asked["case"]), asked["party"]
    if party not in _PARTIES:
        raise InputError(f"there is no party {party!r}; use one of {', '.join(_PARTIES)}.")
    return {"arguments": [case, _PARTIES.index(party)], "case": case, "party": party}


def _address(text: object) -> str:
    if not isinstance(text, str) or not _ADDRESS.fullmatch(text) or text == NOBODY:
        raise InputError(f"{text!r} is no account; write 0x and 40 hexadecimal digits.")
    return checksummed(text)


_CONTENTS: Mapping[str, Callable[[SettlementContext, CommunityView, Mapping[str, Any]], dict[str, Any]]] = {
    "rule": _rule_content,
    "weights": _weights_content,
    "revocation": _revocation_content,
    "guardians": _guardians_content,
    "steward": _steward_content,
    "appeal": _appeal_content,
}


def describe_content(
    context: SettlementContext, view: CommunityView, kind: str, content: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What a proposal would change, as data and in words, a line per change."""
    if not content:
        return []  # sent without us: its call is on chain, its words are not here
    if kind == "rule":
        with context.store.reading() as records:
            versions = {version.version: version for version in records.rule_versions(view.record.id)}
        before = view.rule_of(versions[content["version"]])
        return describe_differences(differences_of(before, decode_rule(content["rule"], view.points)))
    if kind == "weights":
        return [
            describe_change("governance.weight", content["before"][name], weight, "votes", name)
            for name, weight in sorted(content["after"].items())
        ]
    if kind == "revocation":
        return [
            describe_change("governance.seat", content["holder"], None, "account", content["participant"])
        ]
    if kind == "guardians":
        return [
            describe_change("governance.guardian", before, after, "account", str(place))
            for place, (before, after) in enumerate(zip(content["before"], content["after"], strict=True), 1)
            if before.lower() != after.lower()
        ]
    if kind == "steward":
        return [describe_change("governance.steward", content["before"], content["after"], "account")]
    return [describe_change("arbitration.outcome", None, content["party"], "party", str(content["case"]))]
