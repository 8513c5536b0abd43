"""What the chain says about a run and its bills, read through JSON-RPC at one block."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from backend.errors import ChainUnavailableError
from backend.verifier.abi import Array, Struct, Type, decode_return, encode_call
from backend.verifier.bundle import Bundle
from backend.verifier.contract_code import CONTESTS, find_contests, is_published
from backend.verifier.leaves import run_id

__all__ = [
    "FUNCTIONS",
    "BatchRecord",
    "BillsRecord",
    "Call",
    "ChainFacts",
    "PeriodFacts",
    "PointRecord",
    "Rule",
    "RunRecord",
    "Tariff",
    "Terms",
    "read_chain",
]

Call = Callable[[str, list[Any]], Any]
"""A JSON-RPC request: method, parameters -> result."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The frozen terms of a period; ``opened_at`` is zero where it is not open."""

    rule_version: int
    slots: int
    day_count: int
    max_intervals: int
    resolution_minutes: int
    start_utc: int
    expected_readings: int
    opened_at: int
    classes_root: bytes


@dataclass(frozen=True, slots=True)
class PointRecord:
    """A confirmed point; zeros where the slot has none."""

    direction: int
    factor_ppm: int
    from_day: int
    until_day: int
    tag: bytes


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices [micro-euro per kWh], the fee [cents], VAT, who bills what, and the windows of the bands."""

    residual_price: tuple[int, ...]
    shared_price: int
    surplus_price: int
    network_price: int
    monthly_fee: int
    vat_ppm: int
    community_vat_class: int
    billed_by: int
    windows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule version in force: the sharing key and the tariff."""

    method: int
    tariff: Tariff
    coefficients_ppm: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """An anchored batch of readings; ``submitted_at`` is zero where there is none."""

    community: bytes
    period: int
    version: int
    label: int
    signer: bytes
    measured: int
    estimated: int
    missing: int
    submitted_at: int
    root: bytes
    source: bytes


@dataclass(frozen=True, slots=True)
class RunRecord:
    """An anchored run; ``state`` is zero where there is none."""

    community: bytes
    period: int
    version: int
    rule_version: int
    batch_id: bytes
    root: bytes
    feed_in: int
    consumption: int
    allocated: int
    shared: int
    proposer: bytes
    proposed_at: int
    contestable_until: int
    state: int


@dataclass(frozen=True, slots=True)
class BillsRecord:
    """The anchored bills of a run; ``state`` is zero where there are none."""

    community: bytes
    run_id: bytes
    root: bytes
    debits: int
    credits: int
    fees: int
    vat_debits: int
    vat_credits: int
    pass_through: int
    rounding: int
    proposer: bytes
    proposed_at: int
    contestable_until: int
    state: int


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """What the contracts hold for the bundle's period; ``points`` has an entry per slot."""

    terms: Terms
    intervals: tuple[int, ...]
    bands: tuple[int, ...]
    seats: tuple[int, ...]
    points: tuple[PointRecord, ...]
    rule: Rule
    batch: BatchRecord
    run: RunRecord
    bills: BillsRecord


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """Which chain answered, at which block, and what it holds.

    Attributes:
        codes: What stands at each contract's address, by name: of the bundle's, and of the contests that they name.
        published: Names of those whose code is the published one, byte by byte.
        period: None where chain, code or open period are missing, so that nothing more can be read.
    """

    chain_id: int
    genesis_hash: bytes
    block_number: int
    block_hash: bytes
    codes: Mapping[str, bytes]
    published: frozenset[str]
    opened: bool
    period: PeriodFacts | None


_R = TypeVar("_R", Terms, PointRecord, Tariff, BatchRecord, RunRecord, BillsRecord)


def _struct(text: str) -> Struct:
    """Read fields as Solidity writes them: ``uint32 slots; bytes32 root``; names become ours."""
    pairs = (field.split() for field in text.split(";"))
    return Struct({re.sub(r"[A-Z]", lambda m: f"_{m[0].lower()}", name): kind for kind, name in pairs})


_TARIFF = Struct(
    {
        "residual_price": Array("uint32", 4),
        **_struct(
            "uint32 sharedPrice; uint32 surplusPrice; uint32 networkPrice; uint32 monthlyFee; uint32 vatPpm;"
            " uint8 communityVatClass; uint8 billedBy"
        ).fields,
        "windows": Array("uint24"),
    }
)
_RULE = Struct(
    {
        **_struct(
            "uint32 effectiveFrom; uint8 method; uint8 surplusOwner; uint32 contestWindowSeconds"
        ).fields,
        "limits": _struct("uint32 maxEstimatedPpm; uint32 maxMissingPpm"),
        "tariff": _TARIFF,
        "coefficients_ppm": Array("uint32"),
    }
)
_TERMS = _struct(
    "uint32 ruleVersion; uint32 slots; uint16 dayCount; uint16 maxIntervals; uint16 resolutionMinutes; uint64 startUtc;"
    " uint64 expectedReadings; uint64 openedAt; bytes32 classesRoot"
)
_POINT = _struct("uint8 direction; uint32 factorPpm; uint16 fromDay; uint16 untilDay; bytes32 tag")
_NO_POINT = PointRecord(0, 0, 0, 0, bytes(32))
_BATCH = _struct(
    "bytes32 community; uint32 period; uint32 version; uint8 label; address signer; uint64 measured; uint64 estimated;"
    " uint64 missing; uint64 submittedAt; bytes32 root; bytes32 source"
)
_FOLLOWED = "address proposer; uint64 proposedAt; uint64 contestableUntil; uint8 state"
_RUN = _struct(
    "bytes32 community; uint32 period; uint32 version; uint32 ruleVersion; bytes32 batchId; bytes32 root;"
    f" uint64 feedIn; uint64 consumption; uint64 allocated; uint64 shared; {_FOLLOWED}"
)
_BILLS = _struct(
    "bytes32 community; bytes32 runId; bytes32 root; uint64 debits; uint64 credits; uint64 fees; uint64 vatDebits;"
    f" uint64 vatCredits; int64 passThrough; int64 rounding; {_FOLLOWED}"
)

FUNCTIONS: dict[str, tuple[str, str, Type]] = {
    "allPoints": ("registry", "allPoints(bytes32,uint32)", Array(_POINT)),
    "rule": ("rule_book", "rule(bytes32,uint32)", _RULE),
    "terms": ("period_book", "terms(bytes32,uint32)", _TERMS),
    "allIntervals": ("period_book", "allIntervals(bytes32,uint32)", Array("uint16")),
    "allBands": ("period_book", "allBands(bytes32,uint32)", Array("uint256")),
    "allSeats": ("period_book", "allSeats(bytes32,uint32)", Array("uint32")),
    "batch": ("meter_data_ledger", "batch(bytes32)", _BATCH),
    "run": ("settlement_ledger", "run(bytes32)", _RUN),
    "bills": ("billing_ledger", "bills(bytes32)", _BILLS),
}
"""The functions that are read: contract, signature, type of what they return."""


def read_chain(bundle: Bundle, call: Call) -> ChainFacts:
    """Read all that the bundle is held against, at the newest block.

    Raises:
        ChainUnavailableError: If the node does not answer as a node does, or its chain changed while it was read.
    """
    chain_id = _quantity(call("eth_chainId", []), "eth_chainId")
    genesis_hash = _block(call, "0x0")[1]
    block_number, block_hash = _block(call, "latest")
    at = hex(block_number)
    codes, published = _read_codes(bundle, call, chain_id, at)
    meant = chain_id == bundle.chain_id and genesis_hash == bundle.genesis_hash and published == codes.keys()
    opened, period = False, None
    if meant:

        def ask(function: str, *arguments: int | bytes) -> Any:
            contract, signature, kind = FUNCTIONS[function]
            transaction = {
                "from": _hex(bytes(20)),
                "to": _hex(getattr(bundle.contracts, contract)),
                "data": encode_call(signature, arguments),
            }
            return decode_return(kind, call("eth_call", [transaction, at]), function)

        terms = _record(Terms, ask("terms", bundle.community, bundle.period))
        opened = terms.opened_at > 0
        period = _read_period(bundle, terms, ask) if opened else None
        if _block(call, at)[1] != block_hash:
            raise ChainUnavailableError(f"block {block_number} was replaced while it was read; verify again")
    return ChainFacts(chain_id, genesis_hash, block_number, block_hash, codes, published, opened, period)


def _read_codes(
    bundle: Bundle, call: Call, chain_id: int, at: str
) -> tuple[dict[str, bytes], frozenset[str]]:
    """Read the code of the bundle's contracts and of the contests, and say whose is the published one."""
    addresses: dict[str, bytes] = {
        field.name: getattr(bundle.contracts, field.name) for field in fields(bundle.contracts)
    }
    codes = {name: _code(call("eth_getCode", [_hex(address), at])) for name, address in addresses.items()}
    contests = find_contests(codes["settlement_ledger"])
    addresses[CONTESTS] = contests or bytes(20)
    codes[CONTESTS] = _code(call("eth_getCode", [_hex(contests), at])) if contests else b""
    published = (name for name in codes if is_published(name, codes[name], addresses, chain_id))
    return codes, frozenset(published)


def _read_period(bundle: Bundle, terms: Terms, ask: Callable[..., Any]) -> PeriodFacts:
    where = (bundle.community, bundle.period)
    run = run_id(bundle.community, bundle.period, bundle.run_version)
    seats: tuple[int, ...] = ask("allSeats", *where)
    points = [_record(PointRecord, point) for point in ask("allPoints", *where)]
    points += [_NO_POINT] * (len(seats) - len(points))
    rule = ask("rule", bundle.community, terms.rule_version)
    return PeriodFacts(
        terms=terms,
        intervals=ask("allIntervals", *where),
        bands=_unpack_bands(ask("allBands", *where)),
        seats=seats,
        points=tuple(points),
        rule=Rule(rule["method"], _record(Tariff, rule["tariff"]), rule["coefficients_ppm"]),
        batch=_record(BatchRecord, ask("batch", bundle.batch_id)),
        run=_record(RunRecord, ask("run", run)),
        bills=_record(BillsRecord, ask("bills", run)),
    )


def _unpack_bands(words: Sequence[int]) -> tuple[int, ...]:
    """Take two bits per interval out of 256-bit words, the first interval in the lowest bits."""
    return tuple(word >> 2 * i & 3 for word in words for i in range(128))


def _record(kind: type[_R], values: dict[str, Any]) -> _R:
    names = kind.__slots__
    return kind(**{name: value for name, value in values.items() if name in names})


def _block(call: Call, tag: str) -> tuple[int, bytes]:
    block = call("eth_getBlockByNumber", [tag, False])
    if not isinstance(block, dict):
        raise ChainUnavailableError(f"the node has no block {tag}: is it a whole node of this chain?")
    return _quantity(block.get("number"), "a block's number"), _hash(block.get("hash"))


def _code(answer: object) -> bytes:
    if not isinstance(answer, str) or not re.fullmatch(r"0x(?:[0-9a-fA-F]{2})*", answer):
        raise ChainUnavailableError(f"the node gives {answer!r:.60} as code: expected bytes in 0x-hex")
    return bytes.fromhex(answer[2:])


def _quantity(answer: object, what: str) -> int:
    if not isinstance(answer, str) or not re.fullmatch(r"0x[0-9a-fA-F]{1,64}", answer):
        raise ChainUnavailableError(f"the node gives {answer!r:.60} as {what}: expected a 0x-hex number")
    return int(answer, 16)


def _hash(answer: object) -> bytes:
    if not isinstance(answer, str) or not re.fullmatch(r"0x[0-9a-fA-F]{64}", answer):
        raise ChainUnavailableError(
            f"the node gives {answer!r:.80} as a block's hash: expected 32 bytes in 0x-hex"
        )
    return bytes.fromhex(answer[2:])


def _hex(data: bytes) -> str:
    return "0x" + data.hex()
