"""Hold a dossier against the chain: the case, its claims, the roots and the vote, at one block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.errors import ChainUnavailableError
from backend.verifier.abi import Array, Struct, Type, decode_return, encode_call
from backend.verifier.chain import Call
from backend.verifier.chain_records import FUNCTIONS
from backend.verifier.contract_code import SOURCES, find_references, is_published
from backend.verifier.dossier import Dossier, Settled, load_dossier
from backend.verifier.dossier_checks import APPEALED, DISMISSED, FULFILLED, PARTIES, RULED, check_dossier
from backend.verifier.leaves import run_id
from backend.verifier.pins import Pins
from backend.verifier.verdict import STATES, Check, Findings, Place

__all__ = ["CASE_STATES", "DossierVerdict", "verify_dossier"]

CASE_STATES = ("none", "claims", "hearing", "ruled", "appealed", "final", "dismissed", "fulfilled")
"""States of a case, by their number on chain."""

_STANDING = ("contestable", "final", "superseded")
_ENDED = {DISMISSED, FULFILLED}
_CASE = Struct(
    {
        "community": "bytes32",
        **dict.fromkeys(("period", "slot", "first", "until"), "uint32"),
        "opener": "address",
        **dict.fromkeys(("opened_at", "ruled_at"), "uint64"),
        **dict.fromkeys(("state", "prevailing"), "uint8"),
        **dict.fromkeys(("paper", "reasons"), "bytes32"),
        "proposal_id": "uint256",
        "batch_id": "bytes32",
    }
)
_CLAIM = Struct({"signer": "address", "filed_at": "uint64", "readings": "bytes32", "evidence": "bytes32"})
_TALLY = Struct(dict.fromkeys(("against", "in_favour", "abstain"), "uint64"))
_FUNCTIONS: dict[str, tuple[str, str, Type]] = {
    **FUNCTIONS,
    "caseOf": ("arbitration", "caseOf(uint256)", _CASE),
    "claimOf": ("arbitration", "claimOf(uint256,uint8)", _CLAIM),
    "governorOf": ("registry", "governorOf(bytes32)", "address"),
    "allIntervals": ("period_book", "allIntervals(bytes32,uint32)", Array("uint16")),
    "tallyOf": ("governor", "tallyOf(uint256)", _TALLY),
}
Ask = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class DossierVerdict:
    """The outcome.

    Attributes:
        ok: Whether every check holds.
        case: Number and state of the case, in words.
        prevailing: Whose claim prevails.
        block_number: At which the chain was read; None where it was not.
        checks: As of a bundle's verdict.
        unchecked: What was left unchecked and why; not a fault.
    """

    ok: bool
    case: str
    prevailing: str
    block_number: int | None
    checks: tuple[Check, ...]
    unchecked: tuple[str, ...]

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that do not hold."""
        return tuple(check for check in self.checks if not check.ok)


def verify_dossier(
    dossier: Dossier | str | bytes, call: Call | None = None, pins: Pins | None = None
) -> DossierVerdict:
    """Verify a dossier: against itself, and against a chain where one is given.

    Args:
        dossier: JSON text, or what was read of it.
        call: Sends a JSON-RPC request; None to stay offline.
        pins: What is known of contracts and community.

    Raises:
        VerificationError: If the dossier cannot be read as one.
        ChainUnavailableError: If the chain cannot be read.
    """
    if not isinstance(dossier, Dossier):
        dossier = load_dossier(dossier)
    findings, block = Findings(), None
    _check_pins(dossier, pins or Pins(), findings)
    check_dossier(dossier, findings)
    if call is None:
        findings.unchecked.append(
            "that the chain holds these roots, claims and votes: no chain was asked; give a node to hold them against"
        )
    else:
        block = _check_chain(dossier, call, findings)
    return DossierVerdict(
        ok=findings.ok,
        case=f"case {dossier.case_id}, {CASE_STATES[dossier.outcome.state]}",
        prevailing=PARTIES[dossier.outcome.prevailing],
        block_number=block,
        checks=findings.checks(),
        unchecked=tuple(findings.unchecked),
    )


def _check_pins(dossier: Dossier, pins: Pins, findings: Findings) -> None:
    if pins.community is not None:
        findings.compare("pin.community", Place("community", "community"), pins.community, dossier.community)
    if pins.contracts is None:
        findings.unchecked.append(
            "whose contracts these are: their addresses are the dossier's own word; give the deployment that you know"
        )
        return
    known = (pins.chain_id, pins.genesis_hash)
    findings.compare(
        "pin.deployment", Place("chain", "chain"), known, (dossier.chain_id, dossier.genesis_hash)
    )
    for name, address in dossier.contracts.items():
        place = Place("contract", f"chain.contracts.{name}")
        findings.compare("pin.deployment", place, pins.contracts.get(name, b""), address)


def _check_chain(dossier: Dossier, call: Call, findings: Findings) -> int:
    """Read the chain at its newest block and hold the dossier against it; returns that block's number."""
    head = _block(call, "latest")
    number, at = int(head["number"], 16), head["number"]
    chain = (int(str(call("eth_chainId", [])), 16), _block(call, "0x0")["hash"])
    told = (dossier.chain_id, "0x" + dossier.genesis_hash.hex())
    place = Place("chain", "chain")
    if not findings.compare("chain.identity", place, chain, told):
        findings.unchecked.append("everything that the contracts hold: this is not the chain of the dossier")
        return number
    pinned = call("eth_getBlockByNumber", [hex(dossier.block_number), False])
    there = pinned.get("hash") if isinstance(pinned, dict) else None
    block = Place("block", "chain.block_hash")
    findings.compare("chain.block", block, there, "0x" + dossier.block_hash.hex())
    if not _check_codes(dossier, call, at, findings):
        return number
    addresses = dict(dossier.contracts)

    def ask(function: str, *arguments: int | bytes) -> Any:
        contract, signature, kind = _FUNCTIONS[function]
        to = "0x" + addresses[contract].hex()
        transaction = {"from": "0x" + "00" * 20, "to": to, "data": encode_call(signature, arguments)}
        return decode_return(kind, call("eth_call", [transaction, at]), function)

    _check_case(dossier, ask, findings)
    _check_claims(dossier, ask, findings)
    _check_period(dossier, ask, findings)
    for name, settled in (("disputed", dossier.disputed), ("carried_out", dossier.carried_out)):
        if settled is not None:
            _check_roots(dossier, settled, name, ask, findings)
    if dossier.appeals:
        addresses["governor"] = ask("governorOf", dossier.community)
    for i, appeal in enumerate(dossier.appeals):
        tally = ask("tallyOf", appeal.proposal)
        votes = {"against": appeal.against, "in_favour": appeal.in_favour, "abstain": appeal.abstain}
        findings.compare("appeal.tally", Place("appeal", f"appeals[{i}]"), tally, votes)
    if _block(call, at)["hash"] != head["hash"]:
        raise ChainUnavailableError(f"block {number} was replaced while it was read; verify again")
    return number


def _block(call: Call, tag: str) -> dict[str, Any]:
    block = call("eth_getBlockByNumber", [tag, False])
    if not isinstance(block, dict) or not {"number", "hash"} <= block.keys():
        raise ChainUnavailableError(f"the node has no block {tag}: is it a whole node of this chain?")
    return block


def _check_codes(dossier: Dossier, call: Call, at: str, findings: Findings) -> bool:
    """Are all contracts the published ones, referring to each other?"""
    addresses, codes = dict(dossier.contracts), dict[str, bytes]()
    while unread := [name for name in addresses if name not in codes]:
        for name in unread:
            answer = call("eth_getCode", ["0x" + addresses[name].hex(), at])
            codes[name] = bytes.fromhex(str(answer).removeprefix("0x"))
            if name in SOURCES:
                addresses = {**find_references(name, codes[name]), **addresses}
    sources = {"arbitration": "Arbitration"}
    good = True
    for name, code in codes.items():
        holds = is_published(name, code, addresses, dossier.chain_id, sources.get(name, ""))
        place = Place("contract", f"chain.contracts.{name}" if name in dossier.contracts else "")
        good &= findings.hold("contract.code", place, holds, f"the published code of {name}", "another")
    return good


def _check_case(dossier: Dossier, ask: Ask, findings: Findings) -> None:
    kept, opening, outcome = ask("caseOf", dossier.case_id), dossier.opening, dossier.outcome
    told = {
        "community": dossier.community,
        "period": dossier.period,
        "slot": dossier.slot,
        "first": dossier.first,
        "until": dossier.until,
        "opener": opening.opener,
        "opened_at": opening.opened_at,
        "paper": opening.paper,
    }
    for name, value in told.items():
        findings.compare("case.record", Place(f"case, {name}"), kept[name], value)
    moved_on = kept["state"] > outcome.state or (outcome.state, kept["state"]) == (APPEALED, RULED)
    if outcome.state not in _ENDED and moved_on:
        findings.unchecked.append(
            f"how the case went on: it was {CASE_STATES[outcome.state]} when the dossier was made, and is "
            f"{CASE_STATES[kept['state']]} now"
        )
        return
    told = {
        "state": outcome.state,
        "prevailing": outcome.prevailing,
        "batch_id": outcome.batch_id or bytes(32),
    }
    told["proposal_id"] = dossier.appeals[-1].proposal if dossier.appeals else 0
    told["reasons"] = dossier.ruling.reasons if dossier.ruling else bytes(32)
    ruling = dossier.ruling
    if ruling is None or ruling.prevailing == outcome.prevailing:
        told["ruled_at"] = ruling.at if ruling else 0  # a vote that was won is a ruling of a later time
    for name, value in told.items():
        findings.compare("case.outcome", Place(f"case, {name}"), kept[name], value)


def _check_claims(dossier: Dossier, ask: Ask, findings: Findings) -> None:
    filed = {claim.party: claim for claim in dossier.claims}
    nothing = {"signer": bytes(20), "filed_at": 0, "readings": bytes(32), "evidence": bytes(32)}
    for party in range(len(PARTIES) - 1):
        claim, told = filed.get(party), nothing
        if claim is not None:
            told = {"signer": claim.signer, "filed_at": claim.filed_at}
            told |= {"readings": claim.root, "evidence": claim.evidence.hash}
        place = Place(f"claim of the {PARTIES[party]}", "claims")
        findings.compare("claim.record", place, ask("claimOf", dossier.case_id, party), told)


def _check_period(dossier: Dossier, ask: Ask, findings: Findings) -> None:
    where = (dossier.community, dossier.period)
    terms, intervals = ask("terms", *where), ask("allIntervals", *where)
    shape = (terms["slots"], terms["max_intervals"], tuple(intervals))
    told = (dossier.slots, max(dossier.intervals), dossier.intervals)
    findings.compare("period.shape", Place("period", "intervals"), shape, told)
    points = ask("allPoints", *where)
    factor = points[dossier.slot]["factor_ppm"] if dossier.slot < len(points) else None
    findings.compare("period.factor", Place("metering point", "factor_ppm"), factor, dossier.factor_ppm)


def _check_roots(dossier: Dossier, settled: Settled, name: str, ask: Ask, findings: Findings) -> None:
    named = run_id(dossier.community, dossier.period, settled.run_version)
    run, batch = ask("run", named), ask("batch", settled.batch_id)
    findings.compare(f"{name}.run", Place("run", f"{name}.run_root"), run["root"], settled.run_root)
    state = STATES[run["state"]] if run["state"] < len(STATES) else str(run["state"])
    place = Place("run", f"{name}.run_version")
    findings.hold(f"{name}.state", place, state in _STANDING, f"one of {', '.join(_STANDING)}", state)
    findings.compare(f"{name}.batch", Place("run", f"{name}.batch_id"), run["batch_id"], settled.batch_id)
    findings.compare(f"{name}.batch", Place("batch", f"{name}.batch_root"), batch["root"], settled.batch_root)
