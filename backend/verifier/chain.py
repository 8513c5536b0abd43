"""What the chain says about a run and its bills, read through JSON-RPC at one block."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from backend.errors import ChainUnavailableError
from backend.verifier.abi import decode_return, encode_call
from backend.verifier.bundle import Bundle
from backend.verifier.chain_records import (
    FUNCTIONS,
    BatchRecord,
    BillsRecord,
    PointRecord,
    Rule,
    RunRecord,
    ScheduleRecord,
    SharingKey,
    Tariff,
    Terms,
)
from backend.verifier.contract_code import find_references, is_published
from backend.verifier.leaves import run_id
from backend.verifier.methods import is_scheduled

__all__ = ["Call", "ChainFacts", "PeriodFacts", "read_chain"]

Call = Callable[[str, list[Any]], Any]
"""A JSON-RPC request: method, parameters -> result."""


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """What the contracts hold for the bundle's period.

    Attributes:
        terms: The frozen terms.
        intervals: Count by day.
        bands: By interval of the period.
        seats: By slot.
        points: By slot.
        rule: The version in force.
        batch: The readings that the bundle names.
        run: The run that it names.
        schedule: What the run's basis names, where the key is scheduled; else None.
        bills: Those of the run.
    """

    terms: Terms
    intervals: tuple[int, ...]
    bands: tuple[int, ...]
    seats: tuple[int, ...]
    points: tuple[PointRecord, ...]
    rule: Rule
    batch: BatchRecord
    run: RunRecord
    schedule: ScheduleRecord | None
    bills: BillsRecord

    def active_slots(self, day: int, *, feeds_in: bool) -> tuple[int, ...]:
        """Give the slots of a direction that have rows on a day, in order."""
        return tuple(
            slot
            for slot, point in enumerate(self.points)
            if point.direction == int(feeds_in) and point.from_day <= day < point.until_day
        )


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """Which chain answered, at which block, and what it holds.

    Attributes:
        codes: What stands at each contract's address, by name: of the bundle's, and of all that their code names.
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


_R = TypeVar(
    "_R", Terms, PointRecord, SharingKey, Tariff, BatchRecord, RunRecord, ScheduleRecord, BillsRecord
)
_NO_POINT = PointRecord(0, 0, 0, 0, bytes(32))


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
    """Read the code of the bundle's contracts and of those that it names, and say whose is the published one."""
    addresses: dict[str, bytes] = {
        field.name: getattr(bundle.contracts, field.name) for field in fields(bundle.contracts)
    }
    codes: dict[str, bytes] = {}
    while unread := [name for name in addresses if name not in codes]:
        for name in unread:
            codes[name] = _code(call("eth_getCode", [_hex(addresses[name]), at]))
            addresses = {**find_references(name, codes[name]), **addresses}
    published = (name for name in codes if is_published(name, codes[name], addresses, chain_id))
    return codes, frozenset(published)


def _read_period(bundle: Bundle, terms: Terms, ask: Callable[..., Any]) -> PeriodFacts:
    where = (bundle.community, bundle.period)
    named = run_id(bundle.community, bundle.period, bundle.run_version)
    run = _record(RunRecord, ask("run", named))
    seats: tuple[int, ...] = ask("allSeats", *where)
    points = [_record(PointRecord, point) for point in ask("allPoints", *where)]
    points += [_NO_POINT] * (len(seats) - len(points))
    told = ask("rule", bundle.community, terms.rule_version)
    rule = Rule(
        told["source"],
        _record(SharingKey, told["key"]),
        _record(Tariff, told["tariff"]),
        told["limits"]["terms"],
    )
    return PeriodFacts(
        terms=terms,
        intervals=ask("allIntervals", *where),
        bands=_unpack_bands(ask("allBands", *where)),
        seats=seats,
        points=tuple(points),
        rule=rule,
        batch=_record(BatchRecord, ask("batch", bundle.batch_id)),
        run=run,
        schedule=_record(ScheduleRecord, ask("schedule", run.basis)) if is_scheduled(rule) else None,
        bills=_record(BillsRecord, ask("bills", named)),
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
