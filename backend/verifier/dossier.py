"""A case's dossier read strictly: every field of protocol section 15, each with its width, and none besides."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from backend.errors import VerificationError
from backend.verifier.strict_json import (
    MOST_DAYS,
    MOST_INTERVALS,
    decode_json,
    malformed,
    read_address,
    read_fields,
    read_hash,
    read_list,
    read_path,
    read_salt,
    read_whole,
)

__all__ = [
    "CONTRACTS",
    "Appeal",
    "Claim",
    "Dossier",
    "Evidence",
    "Opening",
    "Outcome",
    "Proved",
    "Reading",
    "Ruling",
    "Settled",
    "is_dossier",
    "load_dossier",
]

_T = TypeVar("_T")

CONTRACTS = ("registry", "period_book", "meter_data_ledger", "settlement_ledger", "arbitration")
"""Contracts that a dossier names."""

_FORMAT, _VERSION = "partage-dossier", 1
_MOST_PARTIES = 3
_MOST_APPEALS = 1_000
_LONGEST_TEXT = 20_000
_LONGEST_NAME = 200
_LONGEST_FILE = 10_000_000
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")
_LEAF = re.compile(r"0x(?:[0-9a-f]{2}){27,146}")
_DECIMAL = re.compile(r"[1-9][0-9]{0,77}")
_BY = ("arbiter", "precedence")


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case was opened with; without a signature its opener sent it."""

    opener: bytes
    opened_at: int
    text: str
    salt: bytes
    paper: bytes
    signature: bytes | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A claimed reading, as measured: not scaled. [mWh]"""

    energy: int
    quality: int
    source: int
    salt: bytes


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that a party shows: its hash, and where it is handed on its bytes."""

    name: str
    salt: bytes
    file_hash: bytes
    hash: bytes
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A party's claim: 0 consumer, 1 provider, 2 grid operator."""

    party: int
    signer: bytes
    filed_at: int
    signature: bytes
    readings: tuple[Reading, ...]
    root: bytes
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Ruling:
    """An arbiter's ruling with its reasons, or what precedence decided; ``prevailing`` 3 is nobody's claim."""

    at: int
    prevailing: int
    by: str
    text: str | None
    salt: bytes | None
    reasons: bytes


@dataclass(frozen=True, slots=True)
class Appeal:
    """How members voted on another outcome."""

    proposal: int
    against: int
    in_favour: int
    abstain: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the case stands on chain."""

    state: int
    prevailing: int
    batch_id: bytes | None


@dataclass(frozen=True, slots=True)
class Proved:
    """A leaf, and its way to the root."""

    leaf: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What a run and its batch hold for the intervals in question."""

    run_version: int
    batch_id: bytes
    batch_root: bytes
    run_root: bytes
    readings: tuple[Proved, ...]
    rows: tuple[Proved, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case with all that proves it; ``intervals`` is the count of each day of the period."""

    chain_id: int
    genesis_hash: bytes
    contracts: dict[str, bytes]
    block_number: int
    block_hash: bytes
    community: bytes
    period: int
    case_id: int
    slot: int
    factor_ppm: int
    first: int
    until: int
    slots: int
    intervals: tuple[int, ...]
    opening: Opening
    claims: tuple[Claim, ...]
    ruling: Ruling | None
    appeals: tuple[Appeal, ...]
    outcome: Outcome
    disputed: Settled | None
    carried_out: Settled | None


def is_dossier(text: str | bytes) -> bool:
    """Does a file say that it is a dossier? What is no JSON says nothing."""
    try:
        value = decode_json(text)
    except VerificationError:
        return False
    return isinstance(value, dict) and value.get("format") == _FORMAT


def load_dossier(text: str | bytes) -> Dossier:
    """Read a dossier from its JSON text.

    Raises:
        VerificationError: If the text is no JSON, or a field is missing, malformed, unknown or named twice.
    """
    try:
        return _parse(decode_json(text))
    except VerificationError as error:
        raise VerificationError(str(error).replace("bundle", "dossier")) from None


def _parse(value: object) -> Dossier:
    names = (
        "format version chain community period case_id slot factor_ppm first until slots intervals opening claims"
        " ruling appeals outcome disputed carried_out"
    )
    fields = read_fields(value, "", names)
    if fields["format"] != _FORMAT:
        raise malformed("format", '"partage-dossier"', fields["format"])
    if fields["version"] != _VERSION or isinstance(fields["version"], bool):
        raise malformed("version", f"{_VERSION}, the version that this program knows", fields["version"])
    chain = read_fields(fields["chain"], "chain", "chain_id genesis_hash contracts block_number block_hash")
    contracts = read_fields(chain["contracts"], "chain.contracts", " ".join(CONTRACTS))
    return Dossier(
        chain_id=read_whole(chain["chain_id"], "chain.chain_id", 256),
        genesis_hash=read_hash(chain["genesis_hash"], "chain.genesis_hash"),
        contracts={name: read_address(contracts[name], f"chain.contracts.{name}") for name in CONTRACTS},
        block_number=read_whole(chain["block_number"], "chain.block_number", 64),
        block_hash=read_hash(chain["block_hash"], "chain.block_hash"),
        community=read_hash(fields["community"], "community"),
        period=read_whole(fields["period"], "period", 32),
        case_id=read_whole(fields["case_id"], "case_id", 256),
        slot=read_whole(fields["slot"], "slot", 32),
        factor_ppm=read_whole(fields["factor_ppm"], "factor_ppm", 20),
        first=read_whole(fields["first"], "first", 32),
        until=read_whole(fields["until"], "until", 32),
        slots=read_whole(fields["slots"], "slots", 32),
        intervals=read_list(
            fields["intervals"], "intervals", lambda entry, at: read_whole(entry, at, 16), most=MOST_DAYS
        ),
        opening=_opening(fields["opening"]),
        claims=read_list(fields["claims"], "claims", _claim, most=_MOST_PARTIES),
        ruling=_unless_null(fields["ruling"], "ruling", _ruling),
        appeals=read_list(fields["appeals"], "appeals", _appeal, most=_MOST_APPEALS),
        outcome=_outcome(fields["outcome"]),
        disputed=_unless_null(fields["disputed"], "disputed", _settled),
        carried_out=_unless_null(fields["carried_out"], "carried_out", _settled),
    )


def _unless_null(value: object, place: str, read: Callable[[object, str], _T]) -> _T | None:
    return None if value is None else read(value, place)


def _words(value: object, place: str, most: int = _LONGEST_TEXT) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= most or "\0" in value:
        raise malformed(place, f"text of 1 to {most} characters", value)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise malformed(place, "text in Unicode", value) from None
    return value


def _signature(value: object, place: str) -> bytes:
    if not isinstance(value, str) or not _SIGNATURE.fullmatch(value):
        raise malformed(place, "0x and 130 hex digits", value)
    return bytes.fromhex(value[2:])


def _opening(value: object) -> Opening:
    fields = read_fields(value, "opening", "opener opened_at text salt paper signature")
    return Opening(
        opener=read_address(fields["opener"], "opening.opener"),
        opened_at=read_whole(fields["opened_at"], "opening.opened_at", 64),
        text=_words(fields["text"], "opening.text"),
        salt=read_hash(fields["salt"], "opening.salt"),
        paper=read_hash(fields["paper"], "opening.paper"),
        signature=_unless_null(fields["signature"], "opening.signature", _signature),
    )


def _claim(value: object, place: str) -> Claim:
    fields = read_fields(value, place, "party signer filed_at signature readings root evidence")
    return Claim(
        party=read_whole(fields["party"], f"{place}.party", 8),
        signer=read_address(fields["signer"], f"{place}.signer"),
        filed_at=read_whole(fields["filed_at"], f"{place}.filed_at", 64),
        signature=_signature(fields["signature"], f"{place}.signature"),
        readings=read_list(fields["readings"], f"{place}.readings", _reading, most=MOST_INTERVALS),
        root=read_hash(fields["root"], f"{place}.root"),
        evidence=_evidence(fields["evidence"], f"{place}.evidence"),
    )


def _reading(value: object, place: str) -> Reading:
    fields = read_fields(value, place, "energy quality source salt")
    return Reading(
        energy=read_whole(fields["energy"], f"{place}.energy", 64),
        quality=read_whole(fields["quality"], f"{place}.quality", 8),
        source=read_whole(fields["source"], f"{place}.source", 8),
        salt=read_salt(fields["salt"], f"{place}.salt"),
    )


def _evidence(value: object, place: str) -> Evidence:
    fields = read_fields(value, place, "name salt file_hash hash content")
    return Evidence(
        name=_words(fields["name"], f"{place}.name", _LONGEST_NAME),
        salt=read_hash(fields["salt"], f"{place}.salt"),
        file_hash=read_hash(fields["file_hash"], f"{place}.file_hash"),
        hash=read_hash(fields["hash"], f"{place}.hash"),
        content=_unless_null(fields["content"], f"{place}.content", _file),
    )


def _file(value: object, place: str) -> bytes:
    try:
        content = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        content = b""
    if not 0 < len(content) <= _LONGEST_FILE:
        raise malformed(place, f"a file of 1 to {_LONGEST_FILE} bytes in base64", value)
    return content


def _ruling(value: object, place: str) -> Ruling:
    fields = read_fields(value, place, "at prevailing by text salt reasons")
    if fields["by"] not in _BY:
        raise malformed(f"{place}.by", " or ".join(_BY), fields["by"])
    return Ruling(
        at=read_whole(fields["at"], f"{place}.at", 64),
        prevailing=read_whole(fields["prevailing"], f"{place}.prevailing", 2),
        by=fields["by"],
        text=_unless_null(fields["text"], f"{place}.text", _words),
        salt=_unless_null(fields["salt"], f"{place}.salt", read_hash),
        reasons=read_hash(fields["reasons"], f"{place}.reasons"),
    )


def _appeal(value: object, place: str) -> Appeal:
    fields = read_fields(value, place, "proposal against in_favour abstain")
    if not isinstance(fields["proposal"], str) or not _DECIMAL.fullmatch(fields["proposal"]):
        raise malformed(f"{place}.proposal", "a whole number as text", fields["proposal"])
    votes = {
        name: read_whole(fields[name], f"{place}.{name}", 64) for name in ("against", "in_favour", "abstain")
    }
    return Appeal(int(fields["proposal"]), **votes)


def _outcome(value: object) -> Outcome:
    fields = read_fields(value, "outcome", "state prevailing batch_id")
    return Outcome(
        state=read_whole(fields["state"], "outcome.state", 3),
        prevailing=read_whole(fields["prevailing"], "outcome.prevailing", 2),
        batch_id=_unless_null(fields["batch_id"], "outcome.batch_id", read_hash),
    )


def _settled(value: object, place: str) -> Settled:
    fields = read_fields(value, place, "run_version batch_id batch_root run_root readings rows")
    return Settled(
        run_version=read_whole(fields["run_version"], f"{place}.run_version", 32),
        batch_id=read_hash(fields["batch_id"], f"{place}.batch_id"),
        batch_root=read_hash(fields["batch_root"], f"{place}.batch_root"),
        run_root=read_hash(fields["run_root"], f"{place}.run_root"),
        readings=read_list(fields["readings"], f"{place}.readings", _proved, most=MOST_INTERVALS),
        rows=read_list(fields["rows"], f"{place}.rows", _proved, most=MOST_INTERVALS),
    )


def _proved(value: object, place: str) -> Proved:
    fields = read_fields(value, place, "leaf path")
    if not isinstance(fields["leaf"], str) or not _LEAF.fullmatch(fields["leaf"]):
        raise malformed(f"{place}.leaf", "the bytes of a leaf in 0x-hex", fields["leaf"])
    return Proved(bytes.fromhex(fields["leaf"][2:]), read_path(fields["path"], f"{place}.path"))
