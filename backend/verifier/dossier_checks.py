"""Hold a dossier against itself: every hash, root, path and signature, offline."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from backend.commitments.keccak import keccak256
from backend.verifier.dossier import Claim, Dossier, Proved, Settled
from backend.verifier.leaves import reading_leaf
from backend.verifier.signatures import CLAIM, OPEN_CASE, digest_of, recover
from backend.verifier.trees import climb, depth_for, root_of
from backend.verifier.verdict import Findings, Place

__all__ = ["APPEALED", "DISMISSED", "FULFILLED", "PARTIES", "RULED", "check_dossier"]

PARTIES = ("consumer", "provider", "grid operator", "nobody")
NOBODY = 3
RULED, APPEALED, FINAL, DISMISSED, FULFILLED = 3, 4, 5, 6, 7
_DAY = 86_400
_CLAIMS_SECONDS = _RULING_SECONDS = 14 * _DAY
_PPM = 1_000_000
_ZERO = bytes(32)
_READING = struct.Struct(">B16sQBB")
_ROW = struct.Struct(">B16sQQB")
_ROW_BYTES = {_ROW.size + 80, _ROW.size + 112}
_READING_KIND, _ROW_KIND = 8, 3


def check_dossier(dossier: Dossier, findings: Findings) -> None:
    """Check all that needs no chain.

    Args:
        dossier: As read.
        findings: Collects what holds and what does not.
    """
    if not _check_shape(dossier, findings):
        findings.unchecked.append("everything else: the intervals in question are none of the period")
        return
    _check_opening(dossier, findings)
    for i, claim in enumerate(dossier.claims):
        _check_claim(dossier, claim, f"claims[{i}]", findings)
    parties = [claim.party for claim in dossier.claims]
    place = Place("claims", "claims")
    findings.hold(
        "claim.parties", place, parties == sorted({*parties} & {0, 1, 2}), "each party once", parties
    )
    _check_ruling(dossier, findings)
    _check_outcome(dossier, findings)
    for name, settled in (("disputed", dossier.disputed), ("carried_out", dossier.carried_out)):
        if settled is not None:
            _check_settled(dossier, settled, name, findings)
    if dossier.disputed is None:
        findings.unchecked.append("what was settled before: the dossier shows no run in dispute")
    if dossier.carried_out is not None:
        _check_carried_out(dossier, dossier.carried_out, findings)


def _check_shape(dossier: Dossier, findings: Findings) -> bool:
    count, place = sum(dossier.intervals), Place("intervals in question", "first")
    fits = (
        dossier.first < dossier.until <= count and dossier.slot < dossier.slots and min(dossier.intervals) > 0
    )
    found = f"[{dossier.first}, {dossier.until}) of slot {dossier.slot}"
    return findings.hold(
        "case.intervals", place, fits, f"within {count} intervals and {dossier.slots} slots", found
    )


def _check_opening(dossier: Dossier, findings: Findings) -> None:
    opening = dossier.opening
    paper = keccak256(b"\x28" + opening.salt + opening.text.encode())
    findings.compare("opening.paper", Place("opening", "opening.text"), opening.paper, paper)
    if opening.signature is None:
        findings.unchecked.append("who opened the case: its opener sent it, and the chain alone tells so")
        return
    words: list[int | bytes] = [
        *(dossier.community, dossier.period, dossier.slot, dossier.first, dossier.until, opening.paper)
    ]
    digest = digest_of(OPEN_CASE, words, dossier.chain_id, dossier.contracts["arbitration"])
    signer = recover(digest, opening.signature)
    findings.compare("opening.signature", Place("opening", "opening.signature"), opening.opener, signer)


def _check_claim(dossier: Dossier, claim: Claim, field: str, findings: Findings) -> None:
    who = PARTIES[claim.party] if claim.party < len(PARTIES) else str(claim.party)
    place = Place(f"claim of the {who}", f"{field}.readings")
    count = dossier.until - dossier.first
    if findings.compare("claim.readings", place, count, len(claim.readings)):
        leaves = [reading_leaf(r.salt, r.energy, r.quality, r.source) for r in claim.readings]
        findings.compare("claim.root", place, claim.root, root_of(leaves, depth_for(count)))
    evidence = claim.evidence
    told = keccak256(b"\x27" + evidence.salt + evidence.file_hash)
    findings.compare("claim.evidence", Place(place.what, f"{field}.evidence"), evidence.hash, told)
    if evidence.content is None:
        findings.unchecked.append(f"the file {evidence.name!a} of the {who}: hold it against the hash here")
    else:
        content = Place(place.what, f"{field}.evidence.content")
        findings.compare("claim.file", content, evidence.file_hash, keccak256(evidence.content))
    words: list[int | bytes] = [*(dossier.community, dossier.case_id, claim.party, claim.root, evidence.hash)]
    digest = digest_of(CLAIM, words, dossier.chain_id, dossier.contracts["arbitration"])
    signer = recover(digest, claim.signature)
    findings.compare("claim.signature", Place(place.what, f"{field}.signature"), claim.signer, signer)
    closes = dossier.opening.opened_at + _CLAIMS_SECONDS
    fits = dossier.opening.opened_at <= claim.filed_at < closes
    findings.hold(
        "claim.time", Place(place.what, f"{field}.filed_at"), fits, f"before {closes}", claim.filed_at
    )


def _check_ruling(dossier: Dossier, findings: Findings) -> None:
    ruling, place = dossier.ruling, Place("ruling", "ruling")
    findings.compare("ruling.state", place, dossier.outcome.state >= RULED, ruling is not None)
    if ruling is None:
        return
    filed = {claim.party for claim in dossier.claims}
    fits = ruling.prevailing == NOBODY or ruling.prevailing in filed
    findings.hold(
        "ruling.claim", Place("ruling", "ruling.prevailing"), fits, "a claim, or nobody's", ruling.prevailing
    )
    due = dossier.opening.opened_at
    if ruling.by == "precedence":
        due += _CLAIMS_SECONDS + _RULING_SECONDS
        foremost = max(filed, default=NOBODY)
        findings.compare("ruling.precedence", place, foremost, ruling.prevailing)
        findings.compare(
            "ruling.reasons", place, (_ZERO, None, None), (ruling.reasons, ruling.text, ruling.salt)
        )
    else:
        due += 0 if len(filed) == NOBODY else _CLAIMS_SECONDS
        told = keccak256(b"\x28" + (ruling.salt or b"") + (ruling.text or "").encode())
        findings.compare("ruling.reasons", Place("ruling", "ruling.text"), ruling.reasons, told)
    findings.hold(
        "ruling.time", Place("ruling", "ruling.at"), ruling.at >= due, f"not before {due}", ruling.at
    )


def _check_outcome(dossier: Dossier, findings: Findings) -> None:
    outcome, ruling = dossier.outcome, dossier.ruling
    place = Place("outcome", "outcome.prevailing")
    if ruling is None:
        findings.compare("outcome.prevailing", place, NOBODY, outcome.prevailing)
    elif ruling.prevailing != outcome.prevailing:
        won = any(appeal.in_favour > appeal.against for appeal in dossier.appeals)
        findings.hold(
            "outcome.appeal", place, won, "a vote that was won, or the ruling", PARTIES[outcome.prevailing]
        )
        filed = {claim.party for claim in dossier.claims} | {NOBODY}
        findings.hold(
            "outcome.claim", place, outcome.prevailing in filed, "a claim, or nobody's", outcome.prevailing
        )
    if outcome.state in {FINAL, FULFILLED}:
        findings.hold("outcome.final", place, outcome.prevailing != NOBODY, "a claim", "nobody's")
    if outcome.state == DISMISSED:
        findings.compare("outcome.dismissed", place, NOBODY, outcome.prevailing)
    if outcome.state == APPEALED:
        findings.hold("outcome.appealed", place, bool(dossier.appeals), "an appeal", "none")
    fulfilled = outcome.state == FULFILLED
    there = (outcome.batch_id is not None, dossier.carried_out is not None)
    findings.compare("outcome.fulfilled", Place("outcome", "outcome.batch_id"), (fulfilled, fulfilled), there)


def _check_settled(dossier: Dossier, settled: Settled, name: str, findings: Findings) -> None:
    """Climb from each reading and row to the roots."""
    count = dossier.until - dossier.first
    slots, days = depth_for(dossier.slots), depth_for(len(dossier.intervals))
    width = depth_for(max(dossier.intervals))
    lists: Mapping[str, tuple[Sequence[Proved], int, bytes]] = {
        "readings": (settled.readings, width + days + slots + 1, settled.batch_root),
        "rows": (settled.rows, width + slots + 1 + days + 1, settled.run_root),
    }
    for what, (proofs, depth, root) in lists.items():
        field = f"{name}.{what}"
        if not findings.compare(f"settled.{what}", Place(what, field), count, len(proofs)):
            return
        for i, proof in enumerate(proofs):
            day, t = _place_of(dossier, dossier.first + i)
            place = Place(what, f"{field}[{i}]", dossier.slot)
            if not findings.compare("path.length", place, depth, len(proof.path)):
                continue
            # Rows lie right of a day's headers and stairs, and days left of the period's leaves.
            above = (
                dossier.slot << days | day if what == "readings" else dossier.slot | (2 * day + 1) << slots
            )
            index = above << width | t
            found = climb(keccak256(proof.leaf), index, proof.path)
            findings.compare(f"{name}.{what}", place, root, found)
    for i, (reading, row) in enumerate(zip(settled.readings, settled.rows, strict=True)):
        place = Place("row", f"{name}.rows[{i}]", dossier.slot)
        findings.compare("row.input", place, _read(reading.leaf), _row(row.leaf))


def _place_of(dossier: Dossier, interval: int) -> tuple[int, int]:
    for day, count in enumerate(dossier.intervals):
        if interval < count:
            return day, interval
        interval -= count
    raise AssertionError("the intervals in question are within the period")


def _read(leaf: bytes) -> tuple[int, int] | None:
    """Energy and quality of a reading's leaf, None where it is none."""
    if len(leaf) != _READING.size or leaf[0] != _READING_KIND:
        return None
    _, _, energy, quality, _ = _READING.unpack(leaf)
    return energy, quality


def _row(leaf: bytes) -> tuple[int, int] | str:
    """Energy and quality of a row's leaf."""
    if len(leaf) not in _ROW_BYTES or leaf[0] != _ROW_KIND:
        return "no row"
    _, _, energy, _, quality = _ROW.unpack(leaf[: _ROW.size])
    return energy, quality


def _check_carried_out(dossier: Dossier, carried: Settled, findings: Findings) -> None:
    """The prevailing readings, scaled by the point's participation, stand in the batch that carried the case out."""
    findings.compare(
        "fulfilment.batch", Place("batch", "carried_out.batch_id"), dossier.outcome.batch_id, carried.batch_id
    )
    claim = next((claim for claim in dossier.claims if claim.party == dossier.outcome.prevailing), None)
    if claim is None:
        findings.hold("fulfilment.claim", Place("outcome", "outcome.prevailing"), False, "a claim", "none")  # noqa: FBT003
        return
    for i, (claimed, settled) in enumerate(zip(claim.readings, carried.readings, strict=False)):
        place = Place("reading", f"carried_out.readings[{i}]", dossier.slot)
        due = claimed.energy * dossier.factor_ppm // _PPM, claimed.quality
        findings.compare("fulfilment.reading", place, due, _read(settled.leaf))
