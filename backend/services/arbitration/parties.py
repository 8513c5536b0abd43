"""Who somebody is in a case, which cases they see, and what they may do there at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import NotFoundError, PermissionDeniedError
from backend.ports.case_records import CaseState, Party
from backend.services.arbitration.cases import calendar_of, view_case
from backend.services.arbitration.claims import claimed_readings

if TYPE_CHECKING:
    from backend.ports import UserRecord
    from backend.ports.case_records import CaseRecord, ClaimRecord
    from backend.services.arbitration.cases import CaseDesk, CaseView
    from backend.services.settled_periods import SettledPeriods

__all__ = [
    "ARBITER",
    "SeenCase",
    "case_figures",
    "case_seen",
    "cases_seen",
    "claim_seen",
    "party_at",
    "require_party",
]

ARBITER = "arbiter"
_ROLES = {"operator": Party.GRID_OPERATOR, "provider": Party.PROVIDER}
_CLAIMS_TAKEN = (CaseState.CLAIMS, CaseState.HEARING)


@dataclass(frozen=True, slots=True)
class SeenCase:
    """A case as somebody sees it.

    Attributes:
        view: The case.
        party: Who they are in it; nobody's for the arbiter.
        participant: Whose metering point it is about.
        overturned: Did members vote another outcome than was ruled?
        label: Of the period.
        start_utc: Of the time in question. [s since 1970, UTC]
        end_utc: Of the time in question. [s since 1970, UTC]
        may: What they may do at this moment: ``claim``, ``rule``, ``close``, ``appeal``, ``fulfil``.
    """

    view: CaseView
    party: Party
    participant: str
    overturned: bool
    label: str
    start_utc: int
    end_utc: int
    may: tuple[str, ...]


def party_at(desk: CaseDesk, user: UserRecord, metering_point: str) -> Party:
    """Who a user is in cases on a metering point: its owner, or the grid operator or provider of its community.

    Raises:
        NotFoundError: If they are no party, as if the point were not there.
    """
    point = desk.context.community(user.community).community.metering_point(metering_point)
    if point is not None:
        if user.participant and point.participant == user.participant:
            return Party.CONSUMER
        for role, party in _ROLES.items():
            if role in user.roles:
                return party
    raise NotFoundError(f"There is no metering point {metering_point!r} here that is yours.")


def require_party(seen: SeenCase) -> Party:
    """The party that a user is.

    Raises:
        PermissionDeniedError: If they are the arbiter, who has no side.
    """
    if seen.party is Party.NONE:
        raise PermissionDeniedError("An arbiter files no claim; only the parties of the case do.")
    return seen.party


def case_seen(desk: CaseDesk, user: UserRecord, case_id: str) -> SeenCase:
    """A case that a user is a party of, or the arbiter.

    Raises:
        NotFoundError: If there is none, or it is not theirs to see.
    """
    with desk.context.store.reading() as records:
        case = records.case(case_id)
    party = None if case is None else _party_of(desk, user, case)
    if party is None:
        raise NotFoundError(f"There is no case {case_id!r} here that you are a party of.")
    return _seen(desk, view_case(desk, case_id), party)


def cases_seen(desk: CaseDesk, user: UserRecord) -> list[SeenCase]:
    """All cases that a user is a party of, or the arbiter, the latest first; not those that no block has taken yet."""
    with desk.context.store.reading() as records:
        cases = list(records.cases(user.community))
    found = []
    for case in reversed(cases):
        party = _party_of(desk, user, case)
        if party is None:
            continue
        try:
            found.append(_seen(desk, view_case(desk, case.id), party))
        except NotFoundError:
            continue
    return found


def _party_of(desk: CaseDesk, user: UserRecord, case: CaseRecord) -> Party | None:
    if user.community != case.community:
        return None
    try:
        return party_at(desk, user, case.metering_point)
    except NotFoundError:
        return Party.NONE if ARBITER in user.roles else None


def _seen(desk: CaseDesk, view: CaseView, party: Party) -> SeenCase:
    case = view.record
    members = desk.context.community(case.community)
    with desk.context.store.reading() as records:
        period = records.period(case.community, case.period)
    assert period is not None, "a case stands on an open period"
    starts = [*calendar_of(members, period).starts_utc(), calendar_of(members, period).end_utc]
    owner = next(term["participant"] for term in period.terms if term["slot"] == case.slot)
    return SeenCase(
        view=view,
        party=party,
        participant=str(owner),
        overturned=_was_overturned(desk, view),
        label=period.label,
        start_utc=int(starts[case.first]),
        end_utc=int(starts[case.until]),
        may=tuple(_steps(view, party, desk.context.chain_time_utc())),
    )


def _was_overturned(desk: CaseDesk, view: CaseView) -> bool:
    where = {"caseId": view.record.number}
    return bool(view.proposal and desk.context.chain.events("arbitration", "RulingOverturned", where=where))


def _steps(view: CaseView, party: Party, now: int) -> list[str]:
    """Steps that the contract would take now."""
    due = {
        "claim": party is not Party.NONE and view.state in _CLAIMS_TAKEN and now < view.claims_until,
        "rule": party is Party.NONE and view.state is CaseState.HEARING,
        "close": (view.state is CaseState.HEARING and now >= view.ruling_until)
        or view.state is CaseState.APPEALED,
        "appeal": party is not Party.NONE
        and view.state in {CaseState.RULED, CaseState.APPEALED}
        and now < view.appeal_until,
        "fulfil": view.state is CaseState.FINAL,
    }
    return [step for step, is_due in due.items() if is_due]


def claim_seen(seen: SeenCase, party: Party) -> ClaimRecord:
    """The claim of a party.

    Raises:
        NotFoundError: If it filed none.
    """
    found = next((claim for claim in seen.view.claims if claim.party == party), None)
    if found is None:
        raise NotFoundError(f"Case {seen.view.record.number} has no claim of the {party.name.lower()}.")
    return found


def case_figures(desk: CaseDesk, settled: SettledPeriods, seen: SeenCase) -> dict[str, Any]:
    """Interval by interval: what was settled, and what each party says was measured. [mWh]

    Args:
        desk: Ports.
        settled: Settled periods.
        seen: The case.
    """
    case = seen.view.record
    try:
        frame = settled.frame(settled.find(case.community, seen.label))
        in_force = frame.energy[case.slot, case.first : case.until].tolist()
    except NotFoundError:
        in_force = None
    return {
        "start_utc": seen.start_utc,
        "resolution_minutes": desk.context.community(case.community).community.resolution_minutes,
        "settled": in_force,
        "claims": [
            {"party": claim.party, "energy": list(claimed_readings(desk, case, claim).energy)}
            for claim in seen.view.claims
        ],
    }
