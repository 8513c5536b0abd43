"""Rulings: an arbiter's, precedence where none ruled in time, and what a failed appeal leaves standing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.errors import ConflictError, InputError
from backend.governance.case_papers import words_hash
from backend.ports.case_records import CaseRecord, Party, RulingRecord

if TYPE_CHECKING:
    from backend.services.arbitration.cases import CaseDesk

__all__ = ["close_case", "rule_case", "settle_appeal"]

_ARBITER = "arbiter"
_SALT_BYTES = 32
_TEXT_LENGTH_MAX = 20_000


def rule_case(desk: CaseDesk, case: CaseRecord, party: Party, text: str) -> RulingRecord:
    """Rule on a case, with reasons, by the home's arbiter; doing it again changes nothing.

    Raises:
        InputError: If there are no reasons, or too many.
        ConflictError: If it was ruled otherwise.
        ContractRefusal: If claims are still taken, or that party filed none; nothing is kept.
    """
    words = text.strip()
    if not words or len(words) > _TEXT_LENGTH_MAX:
        raise InputError(
            f"A ruling has reasons, of 1 to {_TEXT_LENGTH_MAX:,} characters; these are {len(words):,}."
        )
    with desk.context.store.reading() as records:
        known = records.ruling(case.id)
    if known is not None and (known.party, known.text) != (int(party), words):
        raise ConflictError(
            f"Case {case.number} was ruled for {Party(known.party).name.lower()} already; members may appeal."
        )
    ruling = known
    if ruling is None:
        salt = desk.random_hex(_SALT_BYTES)
        ruling = RulingRecord(
            case.id, int(party), words, salt, words_hash(salt, words), desk.context.clock.now_utc()
        )
    desk.send(case, "ruling", _ARBITER, "ruleCase", case.number, ruling.party, ruling.reasons)
    if known is None:
        with desk.context.store.transaction() as records:
            records.put_ruling(ruling)
    return ruling


def close_case(desk: CaseDesk, case: CaseRecord) -> None:
    """Let precedence decide where no arbiter ruled in time.

    Raises:
        ContractRefusal: If the arbiter still has time.
    """
    desk.relay(case, "precedence", "closeByPrecedence", case.number)


def settle_appeal(desk: CaseDesk, case: CaseRecord) -> None:
    """Let the ruling hold once the vote on the appeal has failed.

    Raises:
        ContractRefusal: If it is not appealed, or not decided.
    """
    # While there is time it may be appealed again, and that is another appeal to settle.
    proposal = desk.context.chain.read("arbitration", "caseOf", case.number)["proposalId"]
    desk.relay(case, f"appeal-settled-{proposal}", "settleAppeal", case.number)
