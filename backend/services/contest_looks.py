"""A member's way to a contest: look, ask the arbiter in confidence, agree to what would be shown, send.

A member publishes figures of their own, and the community's totals, never a neighbour's: a contest that would show
others' figures is the arbiter's to bring. What was agreed to is kept as the words that were shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from backend.commitments.keccak import keccak256
from backend.commitments.leaves import LeafKind
from backend.commitments.openings import Place
from backend.errors import ConflictError, InputError, NotFoundError
from backend.ports import RunState
from backend.ports.contest_records import LookRecord
from backend.services.contest_words import look_words
from backend.services.contests import (
    anchored_run,
    candidates,
    is_profiled,
    place_of,
    send_contest,
    try_contest,
)
from backend.services.replay import rebuild_run, replay_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backend.ports import RunRecord, UserRecord
    from backend.services.contests import AnchoredRun, Proof
    from backend.services.context import SettlementContext
    from backend.services.replay import Rebuilt
    from backend.services.settled_periods import SettledPeriod, SettledPeriods

__all__ = [
    "ADVICE",
    "answer_question",
    "ask_arbiter",
    "look_for_contest",
    "look_of",
    "send_look",
    "standing_run",
    "told_contests",
]

ADVICE = ("contest", "leave")
_WATCHER = "watcher"
_ID_BYTES = 12
_QUESTION_LENGTH_MAX = 4000
_VOIDED = 4
_STANDING = (RunState.CONTESTABLE, RunState.FINAL)
#: Leaves with figures of one metering point; of a bill, of one seat.
_OF_A_POINT = frozenset(
    {LeafKind.ROW, LeafKind.PERIOD, LeafKind.READING, LeafKind.LINKS, LeafKind.DETAIL, LeafKind.COST}
)
_BILL_TREES = frozenset({int(LeafKind.BILL), int(LeafKind.BILL_STAIR)})
_EVENTS = {
    "contests": ("RowRefuted", "HeaderRefuted"),
    "input_contests": ("InputRefuted", "SlotRefuted", "EstimateRefuted", "ReplacementRefuted"),
    "sum_contests": ("SumRefuted", "TotalRefuted", "HeaderPartRefuted"),
    "stair_contests": (
        "StairRefuted",
        "LastStairRefuted",
        "PeriodStairRefuted",
        "PeriodTotalsRefuted",
        "ReadingStairRefuted",
        "ReadingCountsRefuted",
    ),
    "bill_contests": ("BillRefuted", "BillStairRefuted", "BillTotalsRefuted"),
    "link_contests": ("LinkRefuted", "PotentialRefuted"),
}


@dataclass(frozen=True, slots=True)
class _Found:
    """A contest that the contract would take, at a leaf."""

    proof: Proof
    place: Place


def standing_run(settled: SettledPeriods, community: str, label: str) -> SettledPeriod:
    """A period with its newest run that stands, billed or not yet.

    Raises:
        NotFoundError: If there is none.
    """
    with settled.store.reading() as records:
        period = next((known for known in records.periods(community) if known.label == label), None)
        runs = records.runs(community, period.period) if period else []
    standing = [run.version for run in runs if run.state in _STANDING]
    if not standing:
        raise NotFoundError(f"Period {label} of {community} is not settled yet.")
    return settled.find(community, label, max(standing))


def look_for_contest(
    context: SettlementContext, user: UserRecord, period: SettledPeriod, metering_point: str, start_utc: int
) -> LookRecord:
    """Look whether a member's interval, or anything that concerns it, can be contested; nothing is sent.

    Args:
        context: Ports.
        user: The member.
        period: The period, with the run in force.
        metering_point: One of the member's.
        start_utc: Start of the interval. [s since 1970, UTC]

    Returns:
        What was seen, kept.

    Raises:
        NotFoundError: If the point is not the member's, or the period has no such interval.
    """
    if not any(term["point"] == metering_point for term in period.terms_of(user.participant)):
        raise NotFoundError(
            f"There is no metering point {metering_point!r} in {period.record.label} that is yours."
        )
    interval = period.calendar.index_of(start_utc)
    if interval is None:
        raise InputError(f"{period.record.label} has no interval that starts then; give the start of one.")
    run = period.run
    asked = place_of(context, run, interval, metering_point)
    replay = replay_run(context, run)
    anchored = anchored_run(context, replay.rebuilt)
    differing = [known.place for known in replay.differences if known.place is not None]
    found = _find(context, anchored, replay.rebuilt, user, [asked, *_concerning(anchored, asked)], differing)
    own = frozenset() if found is None else _own(found.proof, replay.rebuilt, user)
    profiled = is_profiled(anchored, asked)
    words = look_words(found.proof if found else None, replay.rebuilt, own, profiled=profiled)
    record = LookRecord(
        id=context.random_bytes(_ID_BYTES).hex(),
        community=run.community,
        participant=user.participant,
        user=user.id,
        period=run.period,
        version=run.version,
        run_id=run.run_id,
        metering_point=metering_point,
        start_utc=start_utc,
        contest=found.proof.name if found else "",
        place="/".join(str(int(part)) for part in found.place) if found else "",
        shows_others=found is not None and own != frozenset(found.proof.shown),
        words=words,
        words_hash=_hash(words),
        looked_utc=context.clock.now_utc(),
    )
    _keep(context, record)
    return record


def _concerning(anchored: AnchoredRun, asked: Place) -> Iterator[Place]:
    """Other leaves of a member that the interval flows into: the period's totals, and the bill."""
    yield Place(LeafKind.PERIOD, asked.slot)
    if anchored.bills is not None:
        yield Place(LeafKind.BILL, anchored.seats[asked.slot])


def _find(
    context: SettlementContext,
    anchored: AnchoredRun,
    rebuilt: Rebuilt,
    user: UserRecord,
    asked: list[Place],
    differing: list[Place],
) -> _Found | None:
    """The first contest that shows the member's own figures alone, else the first there is."""
    others: _Found | None = None
    for name, place in candidates(anchored, [*asked, *differing]):
        proof = try_contest(context.chain, anchored, name, place, _WATCHER)
        if proof is None:
            continue
        if _own(proof, rebuilt, user) == frozenset(proof.shown):
            return _Found(proof, place)
        others = others or _Found(proof, place)
    return others


def _own(proof: Proof, rebuilt: Rebuilt, user: UserRecord) -> frozenset[Place]:
    """Of the leaves that a proof shows, those that are the member's, or an interval's totals of all."""
    terms = [term for term in rebuilt.record.terms if term["participant"] == user.participant]
    slots, seats = {term["slot"] for term in terms}, {term["seat"] for term in terms}
    return frozenset(
        place
        for place in proof.shown
        if place.kind is LeafKind.HEADER
        or (place.kind in _OF_A_POINT and place.slot in slots)
        or (place.kind is LeafKind.BILL and place.slot in seats)
    )


def look_of(context: SettlementContext, user: UserRecord, look_id: str) -> LookRecord:
    """A member's look.

    Raises:
        NotFoundError: If there is none, or it is another's.
    """
    with context.store.reading() as records:
        record = records.look(look_id)
    if record is None or (record.community, record.participant) != (user.community, user.participant):
        raise NotFoundError(f"There is no look {look_id!r} here that is yours.")
    return record


def ask_arbiter(context: SettlementContext, record: LookRecord, text: str) -> LookRecord:
    """Ask the arbiter in confidence, before anything is shown to anyone else; asking the same again changes nothing.

    Raises:
        InputError: If there are no words, or too many.
        ConflictError: If something else was asked.
    """
    words = text.strip()
    if not 0 < len(words) <= _QUESTION_LENGTH_MAX:
        raise InputError(f"Ask in 1 to {_QUESTION_LENGTH_MAX:,} characters.")
    if record.asked_utc:
        if record.question != words:
            raise ConflictError(
                "The arbiter was asked about this look already; look again to ask something else."
            )
        return record
    return _keep(context, replace(record, question=words, asked_utc=context.clock.now_utc()))


def answer_question(
    context: SettlementContext, user: UserRecord, look_id: str, advice: str, text: str
) -> LookRecord:
    """Answer as the arbiter; answering the same again changes nothing.

    Raises:
        NotFoundError: If nothing was asked.
        InputError: If it is no advice, or has no words.
        ConflictError: If it was answered otherwise.
    """
    with context.store.reading() as records:
        record = records.look(look_id)
    if record is None or record.community != user.community or not record.asked_utc:
        raise NotFoundError(f"Nothing was asked about a look {look_id!r} here.")
    words = text.strip()
    if advice not in ADVICE or not 0 < len(words) <= _QUESTION_LENGTH_MAX:
        raise InputError(
            f"Advise {' or '.join(ADVICE)}, with 1 to {_QUESTION_LENGTH_MAX:,} characters of reasons."
        )
    if record.answered_utc:
        if (record.advice, record.answer) != (advice, words):
            raise ConflictError("This question was answered already.")
        return record
    now = context.clock.now_utc()
    return _keep(context, replace(record, advice=advice, answer=words, answered_by=user.id, answered_utc=now))


def send_look(
    context: SettlementContext, user: UserRecord, record: LookRecord, words_hash: str
) -> LookRecord:
    """Record that a member agrees to what they were shown, and send the contest; the same again changes nothing.

    Args:
        context: Ports, held for writing.
        user: The member.
        record: Their look.
        words_hash: Of the words that they agreed to.

    Raises:
        InputError: If they agreed to other words.
        ConflictError: If there is nothing to contest, others' figures would be shown, or it no longer holds.
        ContractRefusal: If the contract does not take it.
    """
    if record.sent_utc:
        return record
    if words_hash != record.words_hash:
        raise InputError("These are not the words that were shown with this look; look again.")
    if not record.contest:
        raise ConflictError(
            "There is nothing to contest here: everything is what the readings and the rule give."
        )
    if record.shows_others:
        raise ConflictError(
            "This would show figures of other members, which are not yours to show; ask the arbiter."
        )
    if not record.consented_utc:
        now = context.clock.now_utc()
        record = _keep(context, replace(record, consented_by=user.id, consented_utc=now))
    run = _run_of(context, record)
    if not _is_voided(context, record):
        rebuilt = rebuild_run(context, run)
        proof = _proof_of(context, rebuilt, record)
        if (
            proof is None
            or _hash(look_words(proof, rebuilt, _own(proof, rebuilt, user))) != record.words_hash
        ):
            raise ConflictError("The contract would no longer take this contest; look again.")
        send_contest(context, run, proof, _WATCHER)
    return _keep(context, replace(record, sent_utc=context.clock.now_utc()))


def _proof_of(context: SettlementContext, rebuilt: Rebuilt, record: LookRecord) -> Proof | None:
    kind, *where = (int(part) for part in record.place.split("/"))
    place = Place(LeafKind(kind), *where)
    return try_contest(context.chain, anchored_run(context, rebuilt), record.contest, place, _WATCHER)


def _run_of(context: SettlementContext, record: LookRecord) -> RunRecord:
    with context.store.reading() as records:
        return next(
            run for run in records.runs(record.community, record.period) if run.version == record.version
        )


def _is_voided(context: SettlementContext, record: LookRecord) -> bool:
    """Did a contest succeed meanwhile? Of this look, where a crash came between sending and noting it."""
    read = context.chain.read
    states = (
        read("settlement_ledger", "run", record.run_id)["state"],
        read("billing_ledger", "bills", record.run_id)["state"],
    )
    return _VOIDED in states


def _hash(words: dict[str, Any]) -> str:
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return "0x" + keccak256(text.encode()).hex()


def _keep(context: SettlementContext, record: LookRecord) -> LookRecord:
    with context.store.transaction() as records:
        records.put_look(record)
    return record


def told_contests(context: SettlementContext, community: str) -> list[dict[str, Any]]:
    """Contests that succeeded against runs of a community, as the chain tells them, the latest first."""
    with context.store.reading() as records:
        runs = {run.run_id: run for run in records.runs(community)}
        periods = {period.period: period.label for period in records.periods(community)}
    found = [
        {
            "label": periods[runs[run_id].period],
            "version": runs[run_id].version,
            "run_id": run_id,
            "event": name,
            "by": str(values["by"]),
            "voids": "bills" if contract == "bill_contests" or values.get("tree") in _BILL_TREES else "run",
            "transaction": transaction,
            "block": block,
        }
        for contract, name, run_id, values, transaction, block in _events(context)
        if run_id in runs
    ]
    return sorted(found, key=lambda told: told["block"], reverse=True)


def _events(context: SettlementContext) -> Iterable[tuple[str, str, str, Any, str, int]]:
    for contract, names in _EVENTS.items():
        for name in names:
            for event in context.chain.events(contract, name):
                run_id = str(event.values.get("runId", ""))
                yield contract, name, run_id, event.values, event.transaction_hash, event.block_number
