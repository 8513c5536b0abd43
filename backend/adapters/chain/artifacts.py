"""Compiled contracts as they lie in the repository: loading them needs no compiler."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from backend.errors import MissingToolError

__all__ = ["ARTIFACTS_FOLDER", "Artifact", "load_artifact"]

ARTIFACTS_FOLDER = Path(__file__).resolve().parents[3] / "contracts" / "artifacts"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One compiled contract.

    Attributes:
        name: The contract's name in Solidity, such as ``RuleBook``.
        abi: Functions, events, custom errors and constructor, as the compiler gives them.
        bytecode: Creation code, to which the constructor's arguments are appended.
        deployed_bytecode: Code on chain, with zeros where immutables stand.
        immutables: For each immutable by name, where it stands in the deployed code. [(start, length) in bytes]
        source_hash: SHA-256 over the sources that the contract is made of. [0x-hex]
    """

    name: str
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    deployed_bytecode: bytes
    immutables: Mapping[str, tuple[tuple[int, int], ...]]
    source_hash: str

    def matches(self, code: bytes) -> bool:
        """Is this the contract's code, whatever its immutables hold?

        Args:
            code: What stands on chain.
        """
        if len(code) != len(self.deployed_bytecode):
            return False
        blank = bytearray(code)
        for places in self.immutables.values():
            for start, length in places:
                blank[start : start + length] = bytes(length)
        return bytes(blank) == self.deployed_bytecode


@cache
def load_artifact(name: str, folder: Path = ARTIFACTS_FOLDER) -> Artifact:
    """Read a compiled contract.

    Args:
        name: The contract's name in Solidity.
        folder: Where the artifacts are.

    Raises:
        MissingToolError: If it was never compiled.
    """
    path = folder / f"{name}.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingToolError(
            f"There is no compiled contract {name} at {path}; "
            "restore contracts/artifacts, or run `python -m backend.adapters.chain.compile`."
        ) from None
    deployed = kept["deployedBytecode"]
    return Artifact(
        name=name,
        abi=tuple(kept["abi"]),
        bytecode=_bytes(kept["bytecode"]),
        deployed_bytecode=_bytes(deployed["object"]),
        immutables={
            immutable: tuple((place["start"], place["length"]) for place in places)
            for immutable, places in deployed["immutables"].items()
        },
        source_hash=kept["sourceHash"],
    )


def _bytes(hexadecimal: str) -> bytes:
    return bytes.fromhex(hexadecimal.removeprefix("0x"))
