"""How a community votes: the ``[governance]`` table of its file, fixed when its governance is opened."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from backend.community.tables import Table

__all__ = ["GOVERNANCE_KEYS", "GovernanceTerms", "read_governance"]

_HOUR_SECONDS = 3600
_HOURS_MAX = 24 * 92
_VOTE_HOURS_MAX = 24 * 60  # weights are known for that long


@dataclass(frozen=True, slots=True)
class GovernanceTerms:
    """Time and quorum of a vote.

    Attributes:
        voting_delay_hours: From a proposal to its vote; who is a member at its end may vote. [h]
        voting_period_hours: How long the vote is open. [h]
        timelock_hours: From a vote that was won to its effect at the earliest. [h]
        quorum_ppm: Least weight of votes for and abstentions, of all weight. [ppm]
        late_quorum_hours: How long a vote stays open at least once its quorum is reached. [h]
    """

    voting_delay_hours: int = 24
    voting_period_hours: int = 168
    timelock_hours: int = 48
    quorum_ppm: int = 200_000
    late_quorum_hours: int = 24

    @property
    def voting_delay_seconds(self) -> int:
        """[s]"""
        return self.voting_delay_hours * _HOUR_SECONDS

    @property
    def voting_period_seconds(self) -> int:
        """[s]"""
        return self.voting_period_hours * _HOUR_SECONDS

    @property
    def timelock_seconds(self) -> int:
        """[s]"""
        return self.timelock_hours * _HOUR_SECONDS

    @property
    def late_quorum_seconds(self) -> int:
        """[s]"""
        return self.late_quorum_hours * _HOUR_SECONDS


GOVERNANCE_KEYS = tuple(field.name for field in fields(GovernanceTerms))


def read_governance(table: Table | None) -> GovernanceTerms:
    """Read the table; what is absent is as the law of every community has it.

    Raises:
        CommunityDefinitionError: Naming what does not fit, where, and what to write.
    """
    default = GovernanceTerms()
    if table is None:
        return default
    terms = GovernanceTerms(
        voting_delay_hours=table.integer("voting_delay_hours", 0, _HOURS_MAX, default.voting_delay_hours),
        voting_period_hours=table.integer("voting_period_hours", 1, _HOURS_MAX, default.voting_period_hours),
        timelock_hours=table.integer("timelock_hours", 0, _HOURS_MAX, default.timelock_hours),
        quorum_ppm=table.integer("quorum_ppm", 1, PARTS_PER_MILLION, default.quorum_ppm),
        late_quorum_hours=table.integer("late_quorum_hours", 0, _HOURS_MAX, default.late_quorum_hours),
    )
    if terms.voting_period_hours + terms.late_quorum_hours > _VOTE_HOURS_MAX:
        raise table.error(
            "voting_period_hours",
            f"is {terms.voting_period_hours}, with late_quorum_hours more than {_VOTE_HOURS_MAX}; shorten one of them",
        )
    return terms
