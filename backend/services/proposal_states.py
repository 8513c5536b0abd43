"""Where a proposal stands, as the governor tells it and as of now.

A contract that is asked answers as of the last block, whose time stands still where nothing is sent. So what the clock
alone changes (a vote that begins or ends) is worked out here from what does not change with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.services.context import SettlementContext
    from backend.services.governance import Governance

__all__ = ["ProposalState", "State", "read_state", "state_at"]


class State(Enum):
    """States of a proposal; in the order of their numbers on chain."""

    PENDING = "pending"
    ACTIVE = "active"
    CANCELED = "canceled"
    DEFEATED = "defeated"
    SUCCEEDED = "succeeded"
    QUEUED = "queued"
    EXPIRED = "expired"
    EXECUTED = "executed"


_BY_NUMBER = tuple(State)


@dataclass(frozen=True, slots=True)
class ProposalState:
    """A proposal as of now.

    Attributes:
        state: As a transaction sent now would see it.
        snapshot_utc: Who is a member then may vote; the vote begins after it. [s since 1970, UTC]
        deadline_utc: Last second of the vote. [s since 1970, UTC]
        eta_utc: From when it can be executed, 0 before it is queued. [s since 1970, UTC]
        against: Weight of votes on chain.
        in_favour: The same.
        abstain: The same.
        quorum: Weight in favour and abstaining that is needed; by the members of now while the snapshot is to come.
        total: Weight of all members at the snapshot; of now while it is to come.
    """

    state: State
    snapshot_utc: int
    deadline_utc: int
    eta_utc: int
    against: int
    in_favour: int
    abstain: int
    quorum: int
    total: int


def state_at(told: State, now: int, snapshot: int, deadline: int, *, is_won: bool) -> State:
    """The state at a time, from the one that the last block told.

    Args:
        told: Of the last block.
        now: At or after that block. [s since 1970, UTC]
        snapshot: [s since 1970, UTC]
        deadline: [s since 1970, UTC]
        is_won: Are quorum and majority reached?
    """
    if told not in {State.PENDING, State.ACTIVE}:
        return told
    if now <= snapshot:
        return State.PENDING
    if now <= deadline:
        return State.ACTIVE
    return State.SUCCEEDED if is_won else State.DEFEATED


def read_state(context: SettlementContext, governance: Governance, proposal: int) -> ProposalState:
    """Ask the governor, and work out what the clock alone has changed since the last block."""
    chain, contract = context.chain, governance.contract
    told = _BY_NUMBER[int(chain.read(contract, "state", proposal))]
    snapshot = int(chain.read(contract, "proposalSnapshot", proposal))
    deadline = int(chain.read(contract, "proposalDeadline", proposal))
    tally = chain.read(contract, "tallyOf", proposal)
    head = int(chain.read("registry", "clock"))
    quorum = int(chain.read(contract, "quorum", min(snapshot, head)))
    total = int(chain.read("registry", "totalVotesAt", governance.anchor, min(snapshot, head)))
    is_won = tally["inFavour"] + tally["abstain"] >= quorum and tally["inFavour"] > tally["against"]
    now = max(context.chain_time_utc(), head)
    return ProposalState(
        state=state_at(told, now, snapshot, deadline, is_won=is_won),
        snapshot_utc=snapshot,
        deadline_utc=deadline,
        eta_utc=int(chain.read(contract, "proposalEta", proposal)),
        against=tally["against"],
        in_favour=tally["inFavour"],
        abstain=tally["abstain"],
        quorum=quorum,
        total=total,
    )
