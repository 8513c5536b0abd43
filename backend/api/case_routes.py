"""Cases on a measure: opened, claimed with evidence, ruled, carried out. Only parties and the arbiter see them."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fastapi import Request, Response

from backend.api.access import guarded_router
from backend.api.case_schemas import (
    CaseCard,
    CaseDraft,
    CaseFigures,
    CaseId,
    CaseToDraft,
    ClaimDraft,
    ClaimToDraft,
    FileName,
    KeptEvidence,
    KeptReadings,
    PartyName,
    RawBytes,
    RulingToMake,
    SignedPaper,
)
from backend.api.dependencies import AsksAs, ServicesOf, address_of
from backend.api.idempotency import IdempotencyKey
from backend.api.schemas import Page, instant
from backend.errors import InputError
from backend.ports.case_records import CaseRecord, CaseState, ClaimRecord, Party
from backend.services.arbitration import (
    Evidence,
    carry_out,
    case_figures,
    case_seen,
    cases_seen,
    claim_of,
    claim_seen,
    claimed_readings,
    close_case,
    draft_case,
    draft_claim,
    file_claim,
    keep_evidence,
    open_case,
    opening_of,
    party_account,
    party_at,
    read_claim_file,
    readings_of,
    require_party,
    rule_case,
    settle_appeal,
)
from backend.services.dossiers import make_dossier, name_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.api.dependencies import Services
    from backend.services.arbitration import CaseDesk, SeenCase
    from backend.services.sessions import OpenSession

__all__ = ["router"]

router = guarded_router("", "cases")

_PARTIES: dict[str, Party] = {
    "consumer": Party.CONSUMER,
    "provider": Party.PROVIDER,
    "operator": Party.GRID_OPERATOR,
    "nobody": Party.NONE,
}
_NAMES = {party: name for name, party in _PARTIES.items()}
_READINGS_BYTES_MAX = 2_000_000
#: What a file begins with, and what a browser may call it; anything else is bytes.
_TYPES = (
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"%PDF-", "application/pdf", ".pdf"),
)


def _seen(services: Services, opened: OpenSession, case: str) -> tuple[CaseDesk, SeenCase]:
    """A case of the caller's; a look at another's point is noted."""
    desk = services.arbitration
    seen = case_seen(desk, opened.user, case)
    services.note_access(opened, seen.view.record.community, [seen.participant], f"case {seen.label}")
    return desk, seen


def _card(desk: CaseDesk, seen: SeenCase) -> dict[str, Any]:
    view, case = seen.view, seen.view.record
    return {
        "id": case.id,
        "number": case.number,
        "community": case.community,
        "label": seen.label,
        "metering_point": case.metering_point,
        "slot": case.slot,
        "participant": seen.participant,
        "start": instant(seen.start_utc),
        "end": instant(seen.end_utc),
        "intervals": case.until - case.first,
        "text": case.text,
        "opened_at": instant(case.opened_utc),
        "opened_by": _NAMES[Party(case.party)],
        "state": view.state.name.lower(),
        "you": None if seen.party is Party.NONE else _NAMES[seen.party],
        "may": list(seen.may),
        "claims_until": instant(view.claims_until),
        "ruling_until": instant(view.ruling_until),
        "appeal_until": instant(view.appeal_until or None),
        "claims": [_claim(desk, case, claim) for claim in view.claims],
        "ruling": _ruling(seen),
        "proposal": view.proposal or None,
        "batch": view.batch or None,
    }


def _claim(desk: CaseDesk, case: CaseRecord, claim: ClaimRecord) -> dict[str, Any]:
    return {
        "party": _NAMES[Party(claim.party)],
        "signer": claim.signer,
        "filed_at": instant(claim.filed_utc),
        "readings_root": claim.readings_root,
        "evidence_hash": claim.evidence,
        "evidence_name": claim.evidence_name,
        "energy": sum(claimed_readings(desk, case, claim).energy),
    }


def _ruling(seen: SeenCase) -> dict[str, Any] | None:
    view = seen.view
    if not view.ruled_utc:
        return None
    ruled = view.ruling
    return {
        "prevailing": _NAMES[view.prevailing],
        "by": "vote" if seen.overturned else "precedence" if ruled is None else "arbiter",
        "at": instant(view.ruled_utc),
        "reasons": ruled.text if ruled else None,
    }


@router.get("/me/cases", response_model=Page[CaseCard])
def my_cases(opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Cases that one is a party of, or the arbiter, the latest first."""
    desk = services.arbitration
    found = cases_seen(desk, opened.user)
    owners = sorted({seen.participant for seen in found})
    services.note_access(opened, opened.user.community, owners, "cases")
    return {"items": [_card(desk, seen) for seen in found], "next_cursor": None}


@router.post("/me/cases/drafts", response_model=CaseDraft)
def draft_opening(
    request: Request, body: CaseToDraft, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Write down what a case will be about; sign the document that comes back, and hand it in."""
    services.rate.admit(address_of(request))
    desk, user = services.arbitration, opened.user
    party = party_at(desk, user, body.metering_point)
    account = party_account(desk, desk.context.community(user.community), party, user.participant)
    span = int(body.start.timestamp()), int(body.end.timestamp())
    case = draft_case(
        desk, user.community, body.metering_point, span, text=body.text, party=party, account=account
    )
    sealed = services.drafts.seal(user.id, {"type": "case", "case": asdict(case)})
    document = desk.document("OpenCase", opening_of(desk, case))
    return {**_draft(party, account, sealed, document), "salt": case.salt}


def _draft(party: Party, account: str, sealed: str, document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "draft": sealed,
        "signer": account,
        "signed_here": party is not Party.CONSUMER,
        "typed_data": document,
    }


def _drafted(services: Services, opened: OpenSession, draft: str, kind: str) -> dict[str, Any]:
    """What a draft of this kind holds.

    Raises:
        InputError: If it is another's, over, or of another kind.
    """
    content = services.drafts.open(opened.user.id, draft)
    if content.get("type") != kind:
        raise InputError(f"This is no draft of a {kind}; begin again.")
    return content


@router.post("/me/cases", response_model=CaseCard, status_code=201)
def open_one(
    request: Request,
    body: SignedPaper,
    opened: AsksAs,
    services: ServicesOf,
    key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Open the case that was drafted; handing it in again tells the same case."""
    services.rate.admit(address_of(request))
    case = CaseRecord(**_drafted(services, opened, body.draft, "case")["case"])
    desk = services.arbitration
    party_at(desk, opened.user, case.metering_point)

    def work() -> Mapping[str, Any]:
        with services.relaying("case"):
            signature = body.signature or desk.sign_as_role(
                Party(case.party), desk.document("OpenCase", opening_of(desk, case))
            )
            open_case(desk, case, signature)
        return _card(*_seen(services, opened, case.id))

    return services.once.perform(
        key, opened.user.id, f"POST {request.url.path} {body.model_dump_json()}", work
    )


@router.get("/cases/{case}", response_model=CaseCard)
def one_case(case: CaseId, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """A case: who claims what, until when, what was ruled and why."""
    return _card(*_seen(services, opened, case))


@router.get("/cases/{case}/figures", response_model=CaseFigures)
def figures(case: CaseId, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Interval by interval, what was settled and what each party says was measured."""
    desk, seen = _seen(services, opened, case)
    told = case_figures(desk, services.settled, seen)
    claims = [{**claim, "party": _NAMES[Party(claim["party"])]} for claim in told["claims"]]
    return {**told, "start": instant(told.pop("start_utc")), "claims": claims}


@router.post("/cases/{case}/evidence", response_model=KeptEvidence, status_code=201)
def hand_in_evidence(
    request: Request, case: CaseId, content: RawBytes, name: FileName, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Hand in a file that shows something, as its plain bytes; only the parties and the arbiter will see it."""
    services.rate.admit(address_of(request))
    desk, seen = _seen(services, opened, case)
    party = require_party(seen)
    kept = keep_evidence(desk, seen.view.record, party, content, name)
    sealed = services.drafts.seal(opened.user.id, {"type": "evidence", "case": case, "file": asdict(kept)})
    return {"evidence": sealed, "name": kept.name, "bytes": len(content)}


@router.post("/cases/{case}/readings", response_model=KeptReadings, status_code=201)
def hand_in_readings(
    request: Request, case: CaseId, content: RawBytes, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Hand in a meter file with every interval in question; it is checked like any load."""
    services.rate.admit(address_of(request))
    desk, seen = _seen(services, opened, case)
    require_party(seen)
    if len(content) > _READINGS_BYTES_MAX:
        raise InputError(f"Readings of a case have at most {_READINGS_BYTES_MAX:,} bytes.")
    with services.heavy(), tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "readings.csv"
        file.write_bytes(content)
        energy = read_claim_file(desk, seen.view.record, file, services.wiring.reader_for()).energy
    sealed = services.drafts.seal(opened.user.id, {"type": "readings", "case": case, "energy": energy})
    return {"readings": sealed, "energy": list(energy)}


@router.post("/cases/{case}/claims/drafts", response_model=ClaimDraft)
def draft_one_claim(
    request: Request, case: CaseId, body: ClaimToDraft, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Write down a claim of what was handed in; sign the document that comes back, and hand it in."""
    services.rate.admit(address_of(request))
    desk, seen = _seen(services, opened, case)
    party, record = require_party(seen), seen.view.record
    if (body.readings is None) == (body.energy is None):
        raise InputError(
            "A claim has readings of a file that was handed in, or energy as figures: one of both."
        )
    energy = body.energy
    if body.readings is not None:
        energy = _handed_in(services, opened, body.readings, "readings", case)["energy"]
    assert energy is not None, "one of both is given"
    file = _handed_in(services, opened, body.evidence, "evidence", case)["file"]
    account = party_account(desk, desk.context.community(record.community), party, seen.participant)
    claim = draft_claim(desk, record, party, account, readings_of(record, energy), Evidence(**file))
    sealed = services.drafts.seal(opened.user.id, {"type": "claim", "case": case, "claim": asdict(claim)})
    document = desk.document("Claim", claim_of(desk, record, claim))
    told = {"energy": energy, "salt": claim.evidence_salt, "claim_key": record.claim_key}
    return {**_draft(party, account, sealed, document), **told}


def _handed_in(services: Services, opened: OpenSession, draft: str, kind: str, case: str) -> dict[str, Any]:
    content = _drafted(services, opened, draft, kind)
    if content["case"] != case:
        raise InputError("This was handed in for another case; begin again.")
    return content


@router.post("/cases/{case}/claims", response_model=CaseCard, status_code=201)
def claim_in_case(
    request: Request, case: CaseId, body: SignedPaper, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """File the claim that was drafted; it takes the place of one's former claim. The same again changes nothing."""
    services.rate.admit(address_of(request))
    desk, seen = _seen(services, opened, case)
    require_party(seen)
    claim = ClaimRecord(**_handed_in(services, opened, body.draft, "claim", case)["claim"])
    with services.relaying("case"):
        document = desk.document("Claim", claim_of(desk, seen.view.record, claim))
        signature = body.signature or desk.sign_as_role(Party(claim.party), document)
        file_claim(desk, seen.view.record, claim, signature)
    return _card(*_seen(services, opened, case))


@router.get(
    "/cases/{case}/claims/{party}/evidence",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def evidence(case: CaseId, party: PartyName, opened: AsksAs, services: ServicesOf) -> Response:
    """The file that a party shows, to be kept by the browser and opened by nobody but its user."""
    desk, seen = _seen(services, opened, case)
    claim = claim_seen(seen, _PARTIES[party])
    content = desk.files.read(seen.view.record.community, case, claim.evidence_file)
    media_type, ending = "application/octet-stream", ".bin"
    for begins, known, its_ending in _TYPES:
        if content.startswith(begins):
            media_type, ending = known, its_ending
    name = f"case-{seen.view.record.number}-{party}{ending}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(content, media_type=media_type, headers=headers)


@router.get(
    "/cases/{case}/dossier.json",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}},
)
def dossier(case: CaseId, opened: AsksAs, services: ServicesOf) -> Response:
    """Everything that was said and settled, with every proof: ``partage verify`` checks it, offline too."""
    desk, seen = _seen(services, opened, case)
    with services.heavy():
        made = make_dossier(desk, case)
    headers = {"Content-Disposition": f'attachment; filename="case-{seen.view.record.number}.json"'}
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    return Response(text, media_type="application/json", headers=headers)


@router.get(
    "/cases/{case}/dossier.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
def dossier_as_pdf(
    case: CaseId, opened: AsksAs, services: ServicesOf, locale: Literal["en", "fr"] | None = None
) -> Response:
    """The dossier to read and print."""
    desk, seen = _seen(services, opened, case)
    with services.heavy():
        made, about = make_dossier(desk, case, embed=False), name_case(desk, seen.view.record)
        written = services.wiring.render_dossier(made, about, locale or opened.user.locale)
    headers = {"Content-Disposition": f'attachment; filename="case-{seen.view.record.number}.pdf"'}
    return Response(written, media_type="application/pdf", headers=headers)


@router.post("/cases/{case}/ruling", response_model=CaseCard)
def rule(
    request: Request, case: CaseId, body: RulingToMake, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Rule, with reasons. The same again changes nothing."""
    services.rate.admit(address_of(request))
    desk, seen = _seen(services, opened, case)
    with services.relaying("case"):
        rule_case(desk, seen.view.record, _PARTIES[body.party], body.reasons)
    return _card(*_seen(services, opened, case))


@router.post("/cases/{case}/close", response_model=CaseCard)
def close(request: Request, case: CaseId, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Let time do its work: precedence where no arbiter ruled, the ruling where an appeal failed."""
    services.rate.admit(address_of(request))
    desk, seen = _seen(services, opened, case)
    with services.relaying("case"):
        if seen.view.state is CaseState.APPEALED:
            settle_appeal(desk, seen.view.record)
        else:
            close_case(desk, seen.view.record)
    return _card(*_seen(services, opened, case))


@router.post("/cases/{case}/fulfilment", response_model=CaseCard)
def fulfil(request: Request, case: CaseId, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Carry a final outcome out: the prevailing readings stand, the period is settled anew."""
    services.rate.admit(address_of(request))
    desk, _ = _seen(services, opened, case)
    with services.heavy(), services.relaying("case"):
        carry_out(desk, case)
    return _card(*_seen(services, opened, case))
