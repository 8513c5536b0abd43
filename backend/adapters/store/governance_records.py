"""Rehearsals, drafts, proposals and votes: what was proposed and signed never changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlmodel import col, select

from backend.adapters.store.governance_tables import DraftRow, ProposalRow, RehearsalRow, VoteRow
from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.ports.governance_records import DraftRecord, ProposalRecord, RehearsalRecord, VoteRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["GovernanceRecords"]

_VOTED = frozenset({"support", "account", "signature"})


class GovernanceRecords(RecordSet):
    """How a community decides."""

    def put_rehearsal(self, record: RehearsalRecord) -> None:
        """Keep a rehearsal, or how far it has come."""
        self._put(row_of(RehearsalRow, record))

    def rehearsal(self, rehearsal_id: str) -> RehearsalRecord | None:
        """A rehearsal, None where there is none."""
        row = self._session.get(RehearsalRow, rehearsal_id)
        return None if row is None else record_of(RehearsalRecord, row)

    def rehearsals(self, community: str | None = None) -> list[RehearsalRecord]:
        """Of a community, or all, the oldest first."""
        statement = select(RehearsalRow)
        if community is not None:
            statement = statement.where(RehearsalRow.community == community)
        ordered = statement.order_by(col(RehearsalRow.created_utc), col(RehearsalRow.id))
        return [record_of(RehearsalRecord, row) for row in self._session.exec(ordered)]

    def remove_rehearsal(self, rehearsal_id: str) -> None:
        """Forget a rehearsal."""
        session = self._writer()
        session.execute(delete(RehearsalRow).where(col(RehearsalRow.id) == rehearsal_id))
        session.expire_all()

    def erase_rehearsed(self, community: str, participant: str) -> int:
        """Destroy a participant's lines in all rehearsals of a community; returns how many."""
        held = [one for one in self.rehearsals(community) if participant in one.result.get("lines", {})]
        for one in held:
            lines = {name: line for name, line in one.result["lines"].items() if name != participant}
            self.put_rehearsal(replace(one, result={**one.result, "lines": lines}))
        self.erased = self.erased or bool(held)
        return len(held)

    def put_draft(self, record: DraftRecord) -> None:
        """Keep a draft; the same again changes nothing.

        Raises:
            ConflictError: If it is kept with another content.
        """
        self._keep_once(row_of(DraftRow, record), f"Draft {record.id}")

    def draft(self, draft_id: str) -> DraftRecord | None:
        """A draft, None where there is none."""
        row = self._session.get(DraftRow, draft_id)
        return None if row is None else record_of(DraftRecord, row)

    def draft_of_text(self, community: str, text_hash: str) -> DraftRecord | None:
        """The draft whose words have a hash, None where there is none."""
        statement = select(DraftRow).where(DraftRow.community == community, DraftRow.text_hash == text_hash)
        row = self._session.exec(statement).first()
        return None if row is None else record_of(DraftRecord, row)

    def add_proposal(self, record: ProposalRecord) -> None:
        """Keep a proposal; the same again changes nothing.

        Raises:
            ConflictError: If it is kept with another content.
        """
        self._keep_once(row_of(ProposalRow, record), f"Proposal {record.id} of {record.community}")

    def proposal(self, community: str, proposal: str) -> ProposalRecord | None:
        """A proposal, None where there is none."""
        row = self._session.get(ProposalRow, (community, proposal))
        return None if row is None else record_of(ProposalRecord, row)

    def proposals(self, community: str) -> list[ProposalRecord]:
        """A community's, the oldest first."""
        statement = select(ProposalRow).where(ProposalRow.community == community)
        ordered = statement.order_by(col(ProposalRow.proposed_utc), col(ProposalRow.id))
        return [record_of(ProposalRecord, row) for row in self._session.exec(ordered)]

    def add_vote(self, record: VoteRecord) -> None:
        """Keep a vote; the same again changes nothing.

        Raises:
            ConflictError: If the seat has voted otherwise.
        """
        row = row_of(VoteRow, record)
        kept = self._kept(row)
        if kept is None:
            self._writer().add(row)
            self._writer().flush()
        else:
            self._require_same(kept, row, f"The vote of seat {record.seat}", only=_VOTED)

    def send_votes(self, community: str, proposal: str, seats: Sequence[int], batch: str) -> None:
        """Note which outbox entry carries the votes of some seats."""
        for seat in seats:
            kept = self._writer().get(VoteRow, (community, proposal, seat))
            assert kept is not None, seat
            self._replace(kept, row_of(VoteRow, replace(record_of(VoteRecord, kept), batch=batch)))

    def votes(self, community: str, proposal: str) -> list[VoteRecord]:
        """Of a proposal, in the order in which they arrived."""
        statement = select(VoteRow).where(VoteRow.community == community, VoteRow.proposal == proposal)
        ordered = statement.order_by(col(VoteRow.signed_utc), col(VoteRow.seat))
        return [record_of(VoteRecord, row) for row in self._session.exec(ordered)]
