"""A case with all that proves it: what was said, signed, settled, ruled, voted and carried out."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from backend.commitments.keccak import keccak256
from backend.commitments.leaves import LeafKind
from backend.commitments.openings import Place
from backend.errors import NotFoundError
from backend.ports import RunState
from backend.services.arbitration.cases import calendar_of, view_case
from backend.services.arbitration.claims import claimed_readings, form_claim_tree
from backend.services.replay import kept_trees, rebuild_run

if TYPE_CHECKING:
    from backend.commitments.openings import Openings
    from backend.ports import ChainEvent, PeriodRecord, RunRecord
    from backend.ports.case_records import CaseRecord, ClaimRecord
    from backend.services.arbitration.cases import CaseDesk, CaseView
    from backend.services.context import SettlementContext

__all__ = ["make_dossier", "name_case"]

_CONTRACTS = ("registry", "period_book", "meter_data_ledger", "settlement_ledger", "arbitration")
_NO_HASH = "0x" + "00" * 32
_STANDING = {RunState.CONTESTABLE, RunState.FINAL, RunState.SUPERSEDED}


def make_dossier(desk: CaseDesk, case_id: str, *, embed: bool = True) -> dict[str, Any]:
    """The dossier of a case as it stands.

    Args:
        desk: Ports.
        case_id: Of the case.
        embed: Put the files of evidence in; without, their hashes alone.

    Raises:
        NotFoundError: If there is none, or what proves it is no longer here.
    """
    context, view = desk.context, view_case(desk, case_id)
    case = view.record
    members = context.community(case.community)
    with context.store.reading() as records:
        period = records.period(case.community, case.period)
    assert period is not None, "a case stands on an open period"
    kept = context.chain.read("arbitration", "caseOf", case.number)
    head = context.chain.rpc("eth_getBlockByNumber", ["latest", False])
    facts = context.chain.facts()
    term = next(term for term in period.terms if term["slot"] == case.slot)
    disputed, carried = _runs(context, view, period, int(kept["openedAt"]))
    return {
        "format": "partage-dossier",
        "version": 1,
        "chain": {
            "chain_id": facts.chain_id,
            "genesis_hash": facts.genesis_hash,
            "contracts": {name: facts.contracts[name] for name in _CONTRACTS},
            "block_number": int(head["number"], 16),
            "block_hash": head["hash"],
        },
        "community": members.record.anchor,
        "period": case.period,
        "case_id": case.number,
        "slot": case.slot,
        "factor_ppm": term["factor_ppm"],
        "first": case.first,
        "until": case.until,
        "slots": period.slots,
        "intervals": list(calendar_of(members, period).intervals_per_day),
        "opening": _opening(context, case, int(kept["openedAt"])),
        "claims": [_claim(desk, case, claim, embed=embed) for claim in view.claims],
        "ruling": _ruling(context, view),
        "appeals": _appeals(context, members.record.anchor, view),
        "outcome": {
            "state": kept["state"],
            "prevailing": kept["prevailing"],
            "batch_id": view.batch or None,
        },
        "disputed": None if disputed is None else _settled(context, view, disputed),
        "carried_out": None if carried is None else _settled(context, view, carried),
    }


def name_case(desk: CaseDesk, case: CaseRecord) -> dict[str, Any]:
    """What the numbers of a case are called, for people: the dossier itself names nobody."""
    members = desk.context.community(case.community)
    with desk.context.store.reading() as records:
        period = records.period(case.community, case.period)
    assert period is not None, "a case stands on an open period"
    calendar = calendar_of(members, period)
    starts = [*calendar.starts_utc(), calendar.end_utc]
    return {
        "community": members.community.name,
        "metering_point": case.metering_point,
        "label": period.label,
        "starts_utc": starts[case.first : case.until],
        "end_utc": starts[case.until],
        "time_zone": members.community.time_zone,
    }


def _opening(context: SettlementContext, case: CaseRecord, opened_at: int) -> dict[str, Any]:
    with context.store.reading() as records:
        entry = records.outbox_entry(f"{case.community}/case/{case.id}/opening")
    return {
        "opener": case.opener,
        "opened_at": opened_at,
        "text": case.text,
        "salt": case.salt,
        "paper": case.paper,
        "signature": None if entry is None else entry.call.arguments[2],
    }


def _claim(desk: CaseDesk, case: CaseRecord, claim: ClaimRecord, *, embed: bool) -> dict[str, Any]:
    readings = claimed_readings(desk, case, claim)
    salts = form_claim_tree(desk, case, readings).salts
    kept = desk.context.chain.read("arbitration", "claimOf", case.number, claim.party)
    content = desk.files.read(case.community, case.id, claim.evidence_file)
    figures = zip(readings.energy, readings.quality, readings.source, salts, strict=True)
    return {
        "party": claim.party,
        "signer": claim.signer,
        "filed_at": kept["filedAt"],
        "signature": claim.signature,
        "readings": [
            {"energy": energy, "quality": quality, "source": source, "salt": "0x" + salt.hex()}
            for energy, quality, source, salt in figures
        ],
        "root": claim.readings_root,
        "evidence": {
            "name": claim.evidence_name,
            "salt": claim.evidence_salt,
            "file_hash": "0x" + keccak256(content).hex(),
            "hash": claim.evidence,
            "content": base64.b64encode(content).decode() if embed else None,
        },
    }


def _ruling(context: SettlementContext, view: CaseView) -> dict[str, Any] | None:
    """What was ruled first, as the chain told it; what a vote made of it is the outcome."""
    told = _event(context, "CaseRuled", view)
    if told is None:
        return None
    block = context.chain.rpc("eth_getBlockByNumber", [hex(told.block_number), False])
    by_arbiter = told.values["reasons"] != _NO_HASH
    ruling = view.ruling
    if by_arbiter and (ruling is None or ruling.reasons != told.values["reasons"]):
        raise NotFoundError(
            f"The reasons of case {view.record.number} are not here; whoever ruled keeps them."
        )
    return {
        "at": int(block["timestamp"], 16),
        "prevailing": told.values["prevailing"],
        "by": "arbiter" if by_arbiter else "precedence",
        "text": ruling.text if by_arbiter and ruling else None,
        "salt": ruling.salt if by_arbiter and ruling else None,
        "reasons": told.values["reasons"],
    }


def _event(context: SettlementContext, name: str, view: CaseView) -> ChainEvent | None:
    told = context.chain.events("arbitration", name, where={"caseId": view.record.number})
    return told[0] if told else None


def _appeals(context: SettlementContext, anchor: str, view: CaseView) -> list[dict[str, Any]]:
    """Every vote on another outcome, in the order in which they were proposed."""
    if not view.proposal:
        return []
    read = context.chain.read
    governor = read("registry", "governorOf", anchor)
    told = context.chain.events("arbitration", "AppealNoted", where={"caseId": view.record.number})
    tallies = [
        (
            event.values["proposalId"],
            read(f"community_governor@{governor}", "tallyOf", event.values["proposalId"]),
        )
        for event in told
    ]
    return [
        {
            "proposal": str(proposal),
            "against": tally["against"],
            "in_favour": tally["inFavour"],
            "abstain": tally["abstain"],
        }
        for proposal, tally in tallies
    ]


def _runs(
    context: SettlementContext, view: CaseView, period: PeriodRecord, opened_at: int
) -> tuple[RunRecord | None, RunRecord | None]:
    """The run that was in dispute, and the one that carried the outcome out; each None where there is none."""
    with context.store.reading() as records:
        runs = [run for run in records.runs(period.community, period.period) if run.state in _STANDING]
        batches = {
            batch.version: batch.batch_id for batch in records.batches(period.community, period.period)
        }
    read = context.chain.read
    before = [run for run in runs if read("settlement_ledger", "run", run.run_id)["proposedAt"] <= opened_at]
    after = [run for run in runs if view.batch and batches[run.batch_version] == view.batch]
    return (before[-1] if before else None), (after[-1] if after else None)


def _settled(context: SettlementContext, view: CaseView, run: RunRecord) -> dict[str, Any]:
    """What a run and its batch hold for the intervals in question, with the ways to their roots."""
    rebuilt = rebuild_run(context, run)
    trees = kept_trees(context, rebuilt)
    places = [
        _place(view.record, rebuilt.calendar.day_offsets, t)
        for t in range(view.record.first, view.record.until)
    ]
    return {
        "run_version": run.version,
        "batch_id": rebuilt.batch.batch_id,
        "batch_root": rebuilt.batch.root,
        "run_root": run.root,
        "readings": [_proved(trees.batch, place._replace(kind=LeafKind.READING)) for place in places],
        "rows": [_proved(trees.run, place) for place in places],
    }


def _place(case: CaseRecord, offsets: Any, interval: int) -> Place:
    day = next(day for day in range(len(offsets) - 1) if interval < offsets[day + 1])
    return Place(LeafKind.ROW, case.slot, day, interval - int(offsets[day]))


def _proved(tree: Openings, place: Place) -> dict[str, Any]:
    opening = tree.open(place)
    return {"leaf": "0x" + opening.leaf.hex(), "path": ["0x" + sibling.hex() for sibling in opening.path]}
