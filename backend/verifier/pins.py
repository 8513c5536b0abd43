"""What a person knows beforehand of their contracts and community: a bundle must not choose them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from backend.errors import VerificationError
from backend.verifier.bundle import Bundle
from backend.verifier.verdict import Findings, Place

__all__ = ["Pins", "check_pins", "load_pins"]


@dataclass(frozen=True, slots=True)
class Pins:
    """Known beforehand; None where it is not.

    Attributes:
        chain_id: Of the deployment.
        genesis_hash: Hash of its chain's first block, 32 bytes.
        contracts: Addresses by name, 20 bytes each.
        community: The community's 32 bytes.
    """

    chain_id: int | None = None
    genesis_hash: bytes | None = None
    contracts: Mapping[str, bytes] | None = None
    community: bytes | None = None


def load_pins(deployment: str | bytes | None = None, community: str | None = None) -> Pins:
    """Read what is known: the text of a ``deployment.json``, a community's id.

    Raises:
        VerificationError: If either is malformed.
    """
    anchor = None if community is None else _hex(community, 32, "the community's id")
    if deployment is None:
        return Pins(community=anchor)
    try:
        known: Any = json.loads(deployment)
        chain_id, genesis, contracts = known["chain_id"], known["genesis_hash"], dict(known["contracts"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise VerificationError(
            f"the deployment is not one ({type(error).__name__}: {error}); give the file deployment.json of the service"
        ) from None
    if not isinstance(chain_id, int) or isinstance(chain_id, bool):
        raise VerificationError(f"the deployment's chain_id is {chain_id!r:.40}: expected a whole number")
    return Pins(
        chain_id,
        _hex(genesis, 32, "the deployment's genesis_hash"),
        {name: _hex(address, 20, f"the deployment's {name}") for name, address in contracts.items()},
        anchor,
    )


def check_pins(bundle: Bundle, pins: Pins, findings: Findings) -> None:
    """Hold the bundle against what is known; say what is not known."""
    if pins.contracts is None:
        findings.unchecked.append(
            "whose contracts these are: their code is the published one, their addresses are the bundle's own word; "
            "give the deployment that you know"
        )
    else:
        place = Place("chain", "chain")
        found: tuple[object, object] = (bundle.chain_id, "0x" + bundle.genesis_hash.hex())
        expected = (pins.chain_id, "0x" + (pins.genesis_hash or b"").hex())
        findings.compare("pin.deployment", place, expected, found)
        for field in fields(bundle.contracts):
            known = pins.contracts.get(field.name, b"")
            place = Place("contract", f"chain.contracts.{field.name}")
            findings.compare("pin.deployment", place, known, getattr(bundle.contracts, field.name))
    if pins.community is not None:
        findings.compare("pin.community", Place("community", "community"), pins.community, bundle.community)


def _hex(value: object, width: int, what: str) -> bytes:
    if not isinstance(value, str) or not re.fullmatch(f"0x[0-9a-fA-F]{{{2 * width}}}", value):
        raise VerificationError(f"{what} is {value!r:.80}: expected 0x and {2 * width} hex digits")
    return bytes.fromhex(value[2:])
