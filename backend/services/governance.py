"""A community's governance: opened once, then members rule; and what the chain tells of it.

Until it is opened the steward schedules rules from the community's file. Opening creates a timelock and a governor,
names guardians and appoints the timelock as the executive: from then on a rule is voted, or it is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, NotFoundError
from backend.governance.typed_data import contract_domain
from backend.ports import ContractCall, GovernanceSettings
from backend.services.ethereum_login import checksummed
from backend.services.lanes import announce_apart
from backend.services.seats import seats_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community import GovernanceTerms
    from backend.services.context import CommunityView, SettlementContext

__all__ = [
    "GUARDIANS",
    "Governance",
    "find_governance",
    "governance_status",
    "open_governance",
    "pause_community",
    "require_governance",
]

GUARDIANS = 3


@dataclass(frozen=True, slots=True)
class Governance:
    """Where a community's governance stands.

    Attributes:
        community: Its id.
        anchor: Its id on chain, 0x-hex.
        governor: Address of its governor.
        executive: Address of its timelock.
        chain_id: EIP-155.
    """

    community: str
    anchor: str
    governor: str
    executive: str
    chain_id: int

    @property
    def contract(self) -> str:
        """The governor as ``ChainGateway`` names it."""
        return f"community_governor@{self.governor}"

    @property
    def domain(self) -> dict[str, Any]:
        """Of what members sign for the governor."""
        return contract_domain(self.chain_id, self.governor)


def find_governance(context: SettlementContext, view: CommunityView) -> Governance | None:
    """A community's governance, None where it was not opened."""
    chain, anchor = context.chain, view.record.anchor
    governor = str(chain.read("registry", "governorOf", anchor))
    if int(governor, 16) == 0:
        return None
    executive = str(chain.read("registry", "executiveOf", anchor))
    return Governance(
        view.record.id, anchor, checksummed(governor), checksummed(executive), chain.facts().chain_id
    )


def require_governance(context: SettlementContext, view: CommunityView) -> Governance:
    """A community's governance.

    Raises:
        NotFoundError: If it was not opened.
    """
    found = find_governance(context, view)
    if found is None:
        raise NotFoundError(
            f"The governance of {view.record.id} is not open; once members have seats: "
            f"partage governance open {view.record.id}"
        )
    return found


def open_governance(
    context: SettlementContext, community: str, guardians: Sequence[str] | None = None
) -> Governance:
    """Open a community's governance; doing it again changes nothing.

    Args:
        context: Ports.
        community: Its id.
        guardians: Addresses of the three who may pause it; keys of this home where none are given.

    Raises:
        NotFoundError: If there is no such community.
        ConflictError: If no member has a seat yet: nobody could ever change a rule again.
        ContractRefusal: If a contract refuses.
    """
    view = context.community(community)
    found = find_governance(context, view)
    if found is not None:
        return found
    if not any(seat.holder for seat in seats_of(context, view)):
        raise ConflictError(
            f"no member of {community} has a seat, so nobody could vote; seat them first: "
            f"partage governance seat {community} PARTICIPANT"
        )
    anchor, chain = view.record.anchor, context.chain
    created = chain.deploy_governance(community, anchor, _settings(view.community.governance))
    named = list(guardians or (chain.address_of(f"guardian-{number}") for number in range(1, GUARDIANS + 1)))
    if not _guardians(context, anchor):
        _announce(context, community, "guardians", "pause_book", "nameGuardians", anchor, named)
    _announce(
        *(context, community, "executive", "registry", "appointExecutive"),
        *(anchor, created.timelock, created.governor),
    )
    return require_governance(context, view)


def _guardians(context: SettlementContext, anchor: str) -> list[str]:
    """Accounts that may pause; none before they are named."""
    told = context.chain.read("pause_book", "guardiansOf", anchor)
    return [checksummed(account) for account in told if int(account, 16)]


def _announce(
    context: SettlementContext, community: str, step: str, contract: str, function: str, *arguments: Any
) -> None:
    purpose = f"{community}/governance/{step}"
    announce_apart(context, community, purpose, ContractCall("steward", contract, function, arguments))


def _settings(terms: GovernanceTerms) -> GovernanceSettings:
    return GovernanceSettings(
        voting_delay_seconds=terms.voting_delay_seconds,
        voting_period_seconds=terms.voting_period_seconds,
        timelock_seconds=terms.timelock_seconds,
        late_quorum_seconds=terms.late_quorum_seconds,
        quorum_ppm=terms.quorum_ppm,
    )


def pause_community(context: SettlementContext, community: str, guardian: int) -> int:
    """Vote as a guardian of this home to pause the ledgers; the second guardian within a day pauses them.

    Args:
        context: Ports.
        community: Its id.
        guardian: 1 to 3.

    Returns:
        Until when the community is paused, 0 while one more guardian is needed. [s since 1970, UTC]

    Raises:
        ContractRefusal: If that key is no guardian's, or the last pause ended too short a time ago.
    """
    view = context.community(community)
    call = ContractCall(f"guardian-{guardian}", "pause_book", "pause", (view.record.anchor,))
    purpose = f"{community}/pause/{guardian}/{context.chain_time_utc()}"
    announce_apart(context, community, purpose, call)
    return _paused_until(context, view)


def _paused_until(context: SettlementContext, view: CommunityView) -> int:
    until = int(context.chain.read("pause_book", "pausedUntil", view.record.anchor))
    return until if until > context.chain_time_utc() else 0


def governance_status(context: SettlementContext, community: str) -> dict[str, Any]:
    """What the chain tells of a community's governance; JSON-ready, instants in seconds since 1970.

    Returns:
        ``open``; chain id, addresses and domains; how it votes; guardians and pause; seats with their holders.
    """
    view = context.community(community)
    chain, anchor = context.chain, view.record.anchor
    facts = chain.facts()
    found = find_governance(context, view)
    told = chain.read(found.contract, "settings") if found else None
    terms = view.community.governance
    now = int(chain.read("registry", "clock"))
    return {
        "community": community,
        "anchor": anchor,
        "open": found is not None,
        "chain_id": facts.chain_id,
        "governor": found.governor if found else None,
        "timelock": found.executive if found else None,
        "governor_domain": found.domain if found else None,
        "registry_domain": contract_domain(facts.chain_id, facts.contracts["registry"]),
        "steward": checksummed(chain.read("registry", "stewardOf", anchor)),
        "settings": {
            "voting_delay_seconds": told["votingDelay"] if told else terms.voting_delay_seconds,
            "voting_period_seconds": told["votingPeriod"] if told else terms.voting_period_seconds,
            "late_quorum_seconds": told["lateQuorumExtension"] if told else terms.late_quorum_seconds,
            "quorum_ppm": told["quorumPpm"] if told else terms.quorum_ppm,
            "timelock_seconds": int(chain.read(f"timelock@{found.executive}", "getMinDelay"))
            if found
            else terms.timelock_seconds,
        },
        "guardians": _guardians(context, anchor),
        "paused_until": _paused_until(context, view) or None,
        "total_weight": int(chain.read("registry", "totalVotesAt", anchor, now)),
        "seats": [
            {
                "seat": seat.number,
                "participant": seat.participant,
                "holder": seat.holder or None,
                "weight": seat.weight,
            }
            for seat in seats_of(context, view)
        ],
        "time": context.chain_time_utc(),
    }
