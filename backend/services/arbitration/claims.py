"""Claims: the readings that a party says were measured, with evidence, signed and filed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.commitments.claim_tree import ClaimTree, build_claim_tree
from backend.commitments.keccak import keccak256
from backend.errors import InputError, NotFoundError
from backend.governance.case_papers import evidence_hash
from backend.metering import Quality, ReadingSource
from backend.metering.known_points import KnownPoints
from backend.ports.case_records import CaseRecord, ClaimRecord, Party
from backend.quantities import PeriodCalendar
from backend.quantities.energy import MILLIWATT_HOURS_MAX
from backend.services.commit import bytes_of, hex_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from backend.ports import MeterFileReader
    from backend.services.arbitration.cases import CaseDesk

__all__ = [
    "EVIDENCE_BYTES_MAX",
    "ClaimedReadings",
    "Evidence",
    "claim_of",
    "claimed_readings",
    "draft_claim",
    "file_claim",
    "form_claim_tree",
    "keep_evidence",
    "read_claim_file",
    "readings_of",
]

EVIDENCE_BYTES_MAX = 10_000_000
_PARTY_BYTES_MAX = 50_000_000  # of a party's evidence in a case, replaced claims' too
_NAME_DIGITS = 40
_SALT_BYTES = 32
_NAME_LENGTH_MAX = 120
_UNSAFE = re.compile(r"[^\w .()+-]", re.ASCII)


@dataclass(frozen=True, slots=True)
class ClaimedReadings:
    """What a party says was measured, interval by interval, as measured: not scaled.

    Attributes:
        energy: [mWh]
        quality: ``Quality`` of each.
        source: ``ReadingSource`` of each.
    """

    energy: tuple[int, ...]
    quality: tuple[int, ...]
    source: tuple[int, ...]

    def as_bytes(self) -> bytes:
        """As kept: JSON, the same for the same readings."""
        columns = {"energy": self.energy, "quality": self.quality, "source": self.source}
        return json.dumps(columns, separators=(",", ":"), sort_keys=True).encode()

    @classmethod
    def of_bytes(cls, content: bytes) -> ClaimedReadings:
        """As kept."""
        columns = json.loads(content)
        return cls(tuple(columns["energy"]), tuple(columns["quality"]), tuple(columns["source"]))


def read_claim_file(
    desk: CaseDesk, case: CaseRecord, path: Path, read_file: MeterFileReader
) -> ClaimedReadings:
    """Readings of the case's point from a meter file: every interval in question, each of them known.

    Args:
        desk: Ports.
        case: The case.
        path: The file; rows outside the case are left aside.
        read_file: Reads one file.

    Raises:
        ReadingsError: With a finding per fault.
        InputError: If an interval in question lacks.
    """
    view = desk.context.community(case.community)
    members = view.community
    own = [point for point in members.metering_points if point.id == case.metering_point]
    known = KnownPoints(own, members.time_zone) if own else KnownPoints.of_ids({case.metering_point})
    table, _ = read_file(path, known_points=known, resolution_minutes=members.resolution_minutes)
    with desk.context.store.reading() as records:
        record = records.period(case.community, case.period)
    assert record is not None, "a case stands on an open period"
    calendar = PeriodCalendar(record.span, members.time_zone, members.resolution_minutes)
    starts = np.array(calendar.starts_utc()[case.first : case.until], dtype=np.int64)
    places = np.searchsorted(starts, table.start_utc)
    inside = (places < len(starts)) & (starts[np.minimum(places, len(starts) - 1)] == table.start_utc)
    energy = np.full(len(starts), -1, dtype=np.int64)
    known = inside & (table.quality != Quality.MISSING)
    energy[places[known]] = table.energy[known]
    if (energy < 0).any():
        lacking = int(starts[np.flatnonzero(energy < 0)[0]])
        raise InputError(
            f"{path.name} says nothing of {case.metering_point} at {lacking} s after 1970-01-01 UTC, and of "
            f"{int((energy < 0).sum())} intervals in all; a claim names every interval in question."
        )
    return readings_of(case, energy.tolist())


def readings_of(case: CaseRecord, energy: Sequence[int]) -> ClaimedReadings:
    """Readings from plain figures: one for each interval in question, in order.

    Raises:
        InputError: If there are more or fewer, or one is none that a meter could have.
    """
    count = case.until - case.first
    if len(energy) != count:
        raise InputError(f"The case is about {count:,} intervals, and these are {len(energy):,} readings.")
    if min(energy) < 0 or max(energy) > MILLIWATT_HOURS_MAX:
        raise InputError(f"A reading is 0 to {MILLIWATT_HOURS_MAX:,} mWh; correct those that are not.")
    quality, source = int(Quality.EDITED), int(ReadingSource.OPERATOR)
    return ClaimedReadings(tuple(energy), (quality,) * count, (source,) * count)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that a party shows, as it is kept.

    Attributes:
        file: Name that it is kept under, by its content.
        name: What the party calls it, without what no file should be called.
    """

    file: str
    name: str


def keep_evidence(desk: CaseDesk, case: CaseRecord, party: Party, content: bytes, name: str) -> Evidence:
    """Keep a file that a party will show; the same again changes nothing.

    Args:
        desk: Ports.
        case: The case.
        party: Who.
        content: A register's photograph, a technician's report.
        name: What the party calls it.

    Raises:
        InputError: If it is empty, or too much, or the party has kept too much in this case.
    """
    if not 0 < len(content) <= EVIDENCE_BYTES_MAX:
        raise InputError(
            f"Evidence is a file of 1 to {EVIDENCE_BYTES_MAX:,} bytes; this one has {len(content):,}. "
            "Hand in a smaller copy."
        )
    prefix = f"evidence-{int(party)}-"
    kept = Evidence(
        f"{prefix}{keccak256(content).hex()[:_NAME_DIGITS]}.bin",
        _UNSAFE.sub("_", name).strip(" .")[:_NAME_LENGTH_MAX] or "evidence",
    )
    sizes = desk.files.sizes(case.community, case.id)
    others = sum(size for known, size in sizes.items() if known.startswith(prefix) and known != kept.file)
    if others + len(content) > _PARTY_BYTES_MAX:
        raise InputError(
            f"A party shows at most {_PARTY_BYTES_MAX:,} bytes in a case, and {others:,} are kept already."
        )
    desk.files.keep(case.community, case.id, kept.file, content)
    return kept


def draft_claim(
    desk: CaseDesk,
    case: CaseRecord,
    party: Party,
    account: str,
    readings: ClaimedReadings,
    evidence: Evidence,
) -> ClaimRecord:
    """Keep what a party claims and write down the claim, for the party to sign.

    Args:
        desk: Ports.
        case: The case.
        party: Who.
        account: Theirs.
        readings: What was measured.
        evidence: What shows it, as kept.

    Returns:
        The claim without its signature.
    """
    with desk.context.store.reading() as records:
        former = [claim for claim in records.claims(case.id) if claim.party == party]
    content = readings.as_bytes()
    readings_file = f"claim-{int(party)}-{keccak256(content).hex()[:_NAME_DIGITS]}.json"
    desk.files.keep(case.community, case.id, readings_file, content)
    salt = desk.random_hex(_SALT_BYTES)
    shown = keccak256(desk.files.read(case.community, case.id, evidence.file))
    return ClaimRecord(
        case=case.id,
        party=int(party),
        number=len(former) + 1,
        signer=account,
        signature="",
        readings_root=hex_of(form_claim_tree(desk, case, readings).root),
        readings_file=readings_file,
        evidence=evidence_hash(salt, shown),
        evidence_salt=salt,
        evidence_file=evidence.file,
        evidence_name=evidence.name,
        filed_utc=0,
    )


def claim_of(desk: CaseDesk, case: CaseRecord, claim: ClaimRecord) -> dict[str, Any]:
    """``Claim``'s fields."""
    with desk.context.store.reading() as records:
        anchor = records.community(case.community).anchor
    return {
        "community": anchor,
        "caseId": case.number,
        "party": claim.party,
        "readings": claim.readings_root,
        "evidence": claim.evidence,
    }


def file_claim(desk: CaseDesk, case: CaseRecord, claim: ClaimRecord, signature: str) -> ClaimRecord:
    """File a claim that its party signed; doing it again changes nothing.

    Raises:
        InputError: If another signed.
        ContractRefusal: If claims are closed, or the signer is not that party; nothing is kept.
    """
    message = claim_of(desk, case, claim)
    desk.require_signer(desk.document("Claim", message), signature, claim.signer)
    signed = replace(claim, signature=signature, filed_utc=desk.context.clock.now_utc())
    with desk.context.store.reading() as records:
        kept = {(each.party, each.number): each for each in records.claims(case.id)}
    known = kept.get((claim.party, claim.number))
    if known is not None and replace(known, filed_utc=0) != replace(signed, filed_utc=0):
        raise InputError("Another claim was filed meanwhile; look at it and write yours down again.")
    desk.relay(case, f"claim/{claim.party}/{claim.number}", "fileClaim", message, signature)
    if known is None:
        with desk.context.store.transaction() as records:
            records.add_claim(signed)
    return known or signed


def claimed_readings(desk: CaseDesk, case: CaseRecord, claim: ClaimRecord) -> ClaimedReadings:
    """What a claim says, held against the root that was signed.

    Raises:
        NotFoundError: If the file is lacking or altered.
    """
    readings = ClaimedReadings.of_bytes(desk.files.read(case.community, case.id, claim.readings_file))
    if hex_of(form_claim_tree(desk, case, readings).root) != claim.readings_root:
        raise NotFoundError(
            f"{claim.readings_file} of case {case.id} was altered: its root is not the one that was signed; restore it "
            "from a backup."
        )
    return readings


def form_claim_tree(desk: CaseDesk, case: CaseRecord, readings: ClaimedReadings) -> ClaimTree:
    """The tree of a claim's readings."""
    with desk.context.store.reading() as records:
        anchor = records.community(case.community).anchor
    return build_claim_tree(
        bytes_of(anchor),
        case.number,
        case.slot,
        bytes_of(case.claim_key),
        readings.energy,
        readings.quality,
        readings.source,
    )
