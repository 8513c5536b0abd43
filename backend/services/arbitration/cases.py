"""Opening cases and looking at them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import ConflictError, InputError, NotFoundError
from backend.governance.case_papers import claim_document, opening_document, words_hash
from backend.ports import NOBODY, ContractCall
from backend.ports.case_records import CaseRecord, CaseState, ClaimRecord, Party, RulingRecord
from backend.quantities import PeriodCalendar
from backend.services.lanes import announce_apart
from backend.services.seats import seat_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.ports import PeriodRecord
    from backend.ports.case_files import CaseFiles
    from backend.ports.signatures import DocumentSigner, SignatureReader
    from backend.services.context import CommunityView, SettlementContext

__all__ = [
    "CaseDesk",
    "CaseView",
    "calendar_of",
    "draft_case",
    "find_intervals",
    "open_case",
    "opening_of",
    "party_account",
    "view_case",
    "view_cases",
]

_SALT_BYTES = 32
_ID_BYTES = 12
_TEXT_LENGTH_MAX = 4000
_RELAYER = "watcher"
#: Keys of the home that speak for those who have a role.
_ROLE_KEYS = {Party.PROVIDER: "provider", Party.GRID_OPERATOR: "operator"}


@dataclass(frozen=True)
class CaseDesk:
    """What arbitration needs of the world.

    Attributes:
        context: Store, chain, time.
        files: Claimed readings and evidence.
        signatures: Says who signed.
        signer: Signs with the keys of roles that are kept here.
    """

    context: SettlementContext
    files: CaseFiles
    signatures: SignatureReader
    signer: DocumentSigner

    def send(self, case: CaseRecord, step: str, sender: str, function: str, *arguments: Any) -> None:
        """Send a call of the arbitration, once for its step; each case has a lane of the outbox of its own.

        Raises:
            ContractRefusal: In words; nothing is kept.
        """
        lane = f"case/{case.id}"
        call = ContractCall(sender, "arbitration", function, arguments)
        announce_apart(self.context, case.community, f"{case.community}/{lane}/{step}", call, lane=lane)

    def relay(self, case: CaseRecord, step: str, function: str, *arguments: Any) -> None:
        """Send what anyone may send."""
        self.send(case, step, _RELAYER, function, *arguments)

    def random_hex(self, count: int) -> str:
        """Random bytes, 0x-hex."""
        return "0x" + self.context.random_bytes(count).hex()

    def require(self, case_id: str) -> CaseRecord:
        """A case.

        Raises:
            NotFoundError: If there is none.
        """
        with self.context.store.reading() as records:
            case = records.case(case_id)
        if case is None:
            raise NotFoundError(
                f"There is no case {case_id!r}; `partage case list COMMUNITY` names those there are."
            )
        return case

    def document(self, primary_type: str, message: Mapping[str, Any]) -> dict[str, Any]:
        """What a party signs."""
        facts = self.context.chain.facts()
        form = {"OpenCase": opening_document, "Claim": claim_document}[primary_type]
        return form(facts.chain_id, facts.contracts["arbitration"], message)

    def sign_as_role(self, party: Party, document: Mapping[str, Any]) -> str:
        """The signature of a provider or grid operator whose key is kept here.

        Raises:
            InputError: If it is the consumer's to sign.
        """
        if party not in _ROLE_KEYS:
            raise InputError("A signature lacks; sign the document with the account of your seat.")
        return self.signer.sign(_ROLE_KEYS[party], document)

    def require_signer(self, document: Mapping[str, Any], signature: str, account: str) -> None:
        """See that it was this account that signed.

        Raises:
            InputError: If it was another, or it is no signature.
        """
        signer = self.signatures.signer_of(document, signature)
        if signer.lower() != account.lower():
            raise InputError(f"This was signed by {signer}, not by {account}; sign it with that account.")


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as it stands now.

    Attributes:
        record: As opened.
        state: As the chain has it.
        prevailing: Whose claim prevails, so far.
        claims_until: Claims are taken before. [s since 1970, UTC]
        ruling_until: Precedence may decide from then on. [s since 1970, UTC]
        appeal_until: Appeals are taken before; 0 where nothing is ruled. [s since 1970, UTC]
        ruled_utc: 0 before. [s since 1970, UTC]
        proposal: Number of the appeal's proposal, decimal; empty where there is none.
        batch: Id of the batch that carried it out, 0x-hex; empty before.
        claims: The last of each party.
        ruling: The arbiter's, None where none ruled.
    """

    record: CaseRecord
    state: CaseState
    prevailing: Party
    claims_until: int
    ruling_until: int
    appeal_until: int
    ruled_utc: int
    proposal: str
    batch: str
    claims: tuple[ClaimRecord, ...]
    ruling: RulingRecord | None


def find_intervals(calendar: PeriodCalendar, start_utc: int, end_utc: int) -> tuple[int, int]:
    """Intervals [first, until) of a period that lie in [start, end).

    Raises:
        InputError: If the span is empty, off the grid, or leaves the period.
    """
    if not start_utc < end_utc:
        raise InputError("A case is about a time that ends after it begins; check start and end.")
    starts = np.array([*calendar.starts_utc(), calendar.end_utc], dtype=np.int64)
    places = np.searchsorted(starts, (start_utc, end_utc))
    for place, instant in zip(places.tolist(), (start_utc, end_utc), strict=True):
        if place == len(starts) or int(starts[place]) != instant:
            raise InputError(
                f"{calendar.period.label} has no interval that begins or ends {instant} s after 1970-01-01 UTC; "
                f"its step is {calendar.resolution_minutes} minutes."
            )
    return int(places[0]), int(places[1])


def party_account(desk: CaseDesk, view: CommunityView, party: Party, participant: str = "") -> str:
    """The account that speaks for a party: the participant's seat, or the home's key of a role.

    Raises:
        ConflictError: If the participant has no seat.
    """
    if party is not Party.CONSUMER:
        return desk.context.chain.address_of(_ROLE_KEYS[party])
    seat = seat_number(view, participant)
    holder = str(desk.context.chain.read("registry", "holderOf", view.record.anchor, seat))
    if holder == NOBODY:
        raise ConflictError(f"{participant} holds no seat of {view.record.id} yet; link an account first.")
    return holder


def draft_case(
    desk: CaseDesk,
    community: str,
    metering_point: str,
    span: tuple[int, int],
    *,
    text: str,
    party: Party,
    account: str,
) -> CaseRecord:
    """Write down what a case is about, for its opener to sign.

    Args:
        desk: Ports.
        community: Its id.
        metering_point: Its id.
        span: Start and end of the time in question. [s since 1970, UTC]
        text: What it is about.
        party: Who opens it.
        account: Theirs.

    Raises:
        InputError: If words lack or are too many, or the span fits no settled period.
        NotFoundError: If there is no such point, or its period was never opened.
    """
    words = text.strip()
    if not words or len(words) > _TEXT_LENGTH_MAX:
        raise InputError(
            f"Say in 1 to {_TEXT_LENGTH_MAX:,} characters what the case is about; it has {len(words):,}."
        )
    view = desk.context.community(community)
    if metering_point not in view.slots:
        raise NotFoundError(f"{community} has no metering point {metering_point!r}.")
    period = _period_at(desk, view, span[0])
    slot = view.slots[metering_point]
    if not any(term["slot"] == slot for term in period.terms):
        raise NotFoundError(f"{metering_point} was no member in {period.label}.")
    first, until = find_intervals(calendar_of(view, period), *span)
    salt = desk.random_hex(_SALT_BYTES)
    return CaseRecord(
        id=desk.context.random_bytes(_ID_BYTES).hex(),
        community=community,
        period=period.period,
        metering_point=metering_point,
        slot=slot,
        first=first,
        until=until,
        party=int(party),
        opener=account,
        text=words,
        salt=salt,
        paper=words_hash(salt, words),
        claim_key=desk.random_hex(_SALT_BYTES),
        opened_utc=desk.context.clock.now_utc(),
    )


def opening_of(desk: CaseDesk, case: CaseRecord) -> dict[str, Any]:
    """``CaseOpening``'s fields."""
    with desk.context.store.reading() as records:
        anchor = records.community(case.community).anchor
    return {
        "community": anchor,
        "period": case.period,
        "slot": case.slot,
        "first": case.first,
        "until": case.until,
        "paper": case.paper,
    }


def open_case(desk: CaseDesk, case: CaseRecord, signature: str) -> CaseRecord:
    """Open a case that its opener signed; doing it again changes nothing.

    Raises:
        InputError: If another signed.
        ContractRefusal: If the opener is no party, or the point has a case that has not ended; nothing is kept.
    """
    opening = opening_of(desk, case)
    desk.require_signer(desk.document("OpenCase", opening), signature, case.opener)
    lane = f"case/{case.id}"
    call = ContractCall(_RELAYER, "arbitration", "openCase", (opening, case.opener, signature))
    announce_apart(
        desk.context,
        case.community,
        f"{case.community}/{lane}/opening",
        call,
        lane=lane,
        keep=lambda records: records.put_case(case),
    )
    return _numbered(desk, case)


def view_case(desk: CaseDesk, case_id: str) -> CaseView:
    """A case as it stands now.

    Raises:
        NotFoundError: If there is none.
    """
    case = _numbered(desk, desk.require(case_id))
    read = desk.context.chain.read
    kept = read("arbitration", "caseOf", case.number)
    claims_until, ruling_until, appeal_until = read("arbitration", "deadlinesOf", case.number)
    with desk.context.store.reading() as records:
        filed = records.claims(case.id)
        ruling = records.ruling(case.id)
    last = {claim.party: claim for claim in filed if _is_filed(desk, case, claim)}
    return CaseView(
        record=case,
        state=_state_at(
            desk.context.chain_time_utc(),
            CaseState(kept["state"]),
            Party(kept["prevailing"]),
            claims_until,
            appeal_until,
        ),
        prevailing=Party(kept["prevailing"]),
        claims_until=claims_until,
        ruling_until=ruling_until,
        appeal_until=appeal_until,
        ruled_utc=kept["ruledAt"],
        proposal=str(kept["proposalId"]) if kept["proposalId"] else "",
        batch=kept["batchId"] if int(kept["batchId"], 16) else "",
        claims=tuple(last[party] for party in sorted(last)),
        ruling=ruling,
    )


def view_cases(desk: CaseDesk, community: str) -> list[CaseView]:
    """All cases of a community, the latest first."""
    with desk.context.store.reading() as records:
        cases: Sequence[CaseRecord] = records.cases(community)
    return [view_case(desk, case.id) for case in reversed(cases)]


def _state_at(
    now: int, state: CaseState, prevailing: Party, claims_until: int, appeal_until: int
) -> CaseState:
    """The state that the contract would act on now: a view sees the time of the last block, which may be long ago."""
    if state is CaseState.CLAIMS and now >= claims_until:
        return CaseState.HEARING
    if state is CaseState.RULED and now >= appeal_until:
        return CaseState.DISMISSED if prevailing is Party.NONE else CaseState.FINAL
    return state


def _numbered(desk: CaseDesk, case: CaseRecord) -> CaseRecord:
    """The case with its number, which the chain gave when it was mined."""
    if case.number:
        return case
    with desk.context.store.reading() as records:
        anchor = records.community(case.community).anchor
    number = _number_on_chain(desk, anchor, case)
    numbered = replace(case, number=number)
    with desk.context.store.transaction() as records:
        records.put_case(numbered)
    return numbered


def _number_on_chain(desk: CaseDesk, anchor: str, case: CaseRecord) -> int:
    told = desk.context.chain.events("arbitration", "CaseOpened", where={"community": anchor})
    for event in told:
        if event.values["paper"] == case.paper:
            return int(event.values["caseId"])
    raise NotFoundError(f"Case {case.id} is not on chain yet; try again once its transaction is mined.")


def _is_filed(desk: CaseDesk, case: CaseRecord, claim: ClaimRecord) -> bool:
    """Is it the claim that the chain has? One that is still under way, or was replaced, is not."""
    kept = desk.context.chain.read("arbitration", "claimOf", case.number, claim.party)
    return bool(kept["readings"] == claim.readings_root and kept["evidence"] == claim.evidence)


def _period_at(desk: CaseDesk, view: CommunityView, instant: int) -> PeriodRecord:
    with desk.context.store.reading() as records:
        periods = records.periods(view.record.id)
    for period in periods:
        calendar = calendar_of(view, period)
        if calendar.start_utc <= instant < calendar.end_utc:
            return period
    raise NotFoundError(
        f"No period of {view.record.id} that was opened holds that time; a case is about readings that were settled."
    )


def calendar_of(view: CommunityView, period: PeriodRecord) -> PeriodCalendar:
    """A period's intervals."""
    return PeriodCalendar(period.span, view.community.time_zone, view.community.resolution_minutes)
