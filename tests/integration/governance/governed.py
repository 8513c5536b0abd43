"""A small community whose members have seats and rule, on an embedded chain whose clock a test moves."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from backend.adapters.chain.signatures import VaultSigner
from backend.adapters.clock import FixedClock
from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.services.governance import open_governance
from backend.services.governance_views import proposal_view
from backend.services.proposals import draft_document, draft_proposal, submit_proposal
from backend.services.seats import seat_account
from backend.services.votes import cast_vote, relay_votes, voting_document
from tests.integration.settlement.small_community import DEFINITION, load_and_settle
from tests.prepared import copy_prepared

HOUR = 3600
MEMBERS = ("ada", "ben", "cleo")
TERMS = """
[governance]
voting_delay_hours = 1
voting_period_hours = 24
timelock_hours = 2
quorum_ppm = 500000
late_quorum_hours = 6
"""
GOVERNED = DEFINITION + TERMS
CHEAPER = {"tariff": None, "sharing_key": {"method": "equal"}}


@dataclass
class Governed:
    """A home, its clock, and what members do."""

    wiring: Wiring
    clock: FixedClock
    community: str = "toits"

    @property
    def desk(self) -> Any:
        return self.wiring.governance

    @property
    def signer(self) -> VaultSigner:
        return VaultSigner(self.wiring.vault)

    def account(self, member: str) -> str:
        return self.signer.account_of(f"member-{member}")

    def draft(self, member="ada", kind="rule", text="Equal parts are fairer.", **asked):
        asked = asked or {"rules": {"sharing_key": {"method": "equal"}}}
        return draft_proposal(
            self.desk, self.community, member=self.account(member), kind=kind, asked=asked, text=text
        )

    def sign(self, member: str, document: Any) -> str:
        return self.signer.sign(f"member-{member}", document)

    def propose(self, member="ada", **options):
        draft = self.draft(member, **options)
        signature = self.sign(member, draft_document(self.desk, draft))
        return submit_proposal(self.desk, self.community, draft.id, self.account(member), signature)

    def vote(self, member: str, proposal: str, support: int):
        governance = self.desk.governance(self.community)
        signature = self.sign(member, voting_document(governance, proposal, support))
        return cast_vote(self.desk, self.community, proposal, self.account(member), support, signature)

    def relay(self) -> int:
        return relay_votes(self.desk, self.community)

    def show(self, proposal: str, member: str = "ada"):
        return proposal_view(self.desk, self.community, proposal, [self.account(member)])


SETTLED = int(datetime(2026, 1, 10, 12, tzinfo=UTC).timestamp())
OPENED = SETTLED + 60


def _wired(folder, now):
    clock = FixedClock(now)
    wiring = Wiring(Home(folder), clock)
    wiring.home.create()
    return wiring, clock


def _make_governed(folder, members, definition):
    wiring, clock = _wired(folder, SETTLED)
    load_and_settle(wiring, definition=definition)
    made = Governed(wiring, clock)
    for member in members:
        seat_account(wiring.context, made.community, member, made.account(member))
    clock.advance(OPENED - SETTLED)
    open_governance(wiring.context, made.community)
    wiring.store.close()


def make_governed(folder, members=MEMBERS, definition=GOVERNED):
    """Settled once, so that slots are confirmed; members seated; governance open."""
    copy_prepared(folder, _make_governed, members, definition)
    return Governed(*_wired(folder, OPENED))
