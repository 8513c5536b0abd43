"""Which measure holds: cases on a metering point's intervals, from opening to the batch that carries the outcome out.

Consumer, provider and grid operator each file a signed claim with evidence; an arbiter rules with reasons; members may
appeal by vote. The chain holds states, signatures and salted hashes; readings, evidence and words stay in the home.
"""

from backend.services.arbitration.cases import (
    CaseDesk,
    CaseView,
    draft_case,
    find_intervals,
    open_case,
    opening_of,
    party_account,
    view_case,
    view_cases,
)
from backend.services.arbitration.claims import (
    EVIDENCE_BYTES_MAX,
    ClaimedReadings,
    Evidence,
    claim_of,
    claimed_readings,
    draft_claim,
    file_claim,
    keep_evidence,
    read_claim_file,
    readings_of,
)
from backend.services.arbitration.outcomes import CarriedOut, carry_out
from backend.services.arbitration.parties import (
    SeenCase,
    case_figures,
    case_seen,
    cases_seen,
    claim_seen,
    party_at,
    require_party,
)
from backend.services.arbitration.rulings import close_case, rule_case, settle_appeal

__all__ = [
    "EVIDENCE_BYTES_MAX",
    "CarriedOut",
    "CaseDesk",
    "CaseView",
    "ClaimedReadings",
    "Evidence",
    "SeenCase",
    "carry_out",
    "case_figures",
    "case_seen",
    "cases_seen",
    "claim_of",
    "claim_seen",
    "claimed_readings",
    "close_case",
    "draft_case",
    "draft_claim",
    "file_claim",
    "find_intervals",
    "keep_evidence",
    "open_case",
    "opening_of",
    "party_account",
    "party_at",
    "read_claim_file",
    "readings_of",
    "require_party",
    "rule_case",
    "settle_appeal",
    "view_case",
    "view_cases",
]
