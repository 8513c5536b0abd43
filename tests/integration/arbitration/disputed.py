"""A small community with a settled month, seats, and a dispute, on an embedded chain whose clock a test moves."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.adapters.chain.signatures import VaultSigner
from backend.ports.case_records import Party
from backend.services.arbitration import (
    claim_of,
    draft_case,
    draft_claim,
    file_claim,
    keep_evidence,
    open_case,
    opening_of,
    party_account,
    read_claim_file,
    view_case,
)
from tests.integration.governance.governed import Governed, make_governed
from tests.integration.settlement.small_community import ZONE

DAY = 86_400
POINT = "cleo-load"
START = datetime(2024, 3, 20, 10, tzinfo=ZONE)
HOURS = 6
KEYS = {Party.CONSUMER: "member-cleo", Party.PROVIDER: "provider", Party.GRID_OPERATOR: "operator"}


@dataclass
class Disputed:
    """A governed home with a case in it."""

    governed: Governed
    case: Any = None

    @property
    def wiring(self):
        return self.governed.wiring

    @property
    def desk(self):
        return self.wiring.arbitration

    def sign(self, key, document):
        return VaultSigner(self.wiring.vault).sign(key, document)

    def account(self, party):
        view = self.wiring.context.community("toits")
        return party_account(self.desk, view, party, "cleo")

    def draft(self, party=Party.CONSUMER, point=POINT, hours=HOURS, account=None):
        start = int(START.timestamp())
        return draft_case(
            self.desk,
            "toits",
            point,
            (start, start + hours * 3600),
            text="I was away that day.",
            party=party,
            account=account or self.account(party),
        )

    def open(self, party=Party.CONSUMER):
        draft = self.draft(party)
        signature = self.sign(KEYS[party], self.desk.document("OpenCase", opening_of(self.desk, draft)))
        self.case = open_case(self.desk, draft, signature)
        return self.case

    def readings(self, kwh, hours=HOURS):
        path = self.wiring.home.files / f"claim-{kwh}.csv"
        rows = ["metering_point,start,resolution_minutes,energy_kwh,quality"]
        rows += [
            f"{POINT},{(START + timedelta(hours=hour)).astimezone(UTC).isoformat()},60,{kwh},measured"
            for hour in range(hours)
        ]
        path.write_text("\n".join(rows) + "\n")
        return read_claim_file(self.desk, self.case, path, self.wiring.reader_for())

    def claim(self, party, kwh, evidence=b"a photograph of the register"):
        account = self.account(party)
        shown = keep_evidence(self.desk, self.case, party, evidence, "register.jpg")
        draft = draft_claim(self.desk, self.case, party, account, self.readings(kwh), shown)
        document = self.desk.document("Claim", claim_of(self.desk, self.case, draft))
        return file_claim(self.desk, self.case, draft, self.sign(KEYS[party], document))

    def view(self):
        return view_case(self.desk, self.case.id)

    def pass_days(self, days):
        self.governed.clock.advance(days * DAY + 120)  # the chain runs ahead of the clock


def make_disputed(folder):
    return Disputed(make_governed(folder))
