"""Contract calls as plain data: encoding by field name, decoding to dictionaries, refusals to names and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eth_abi.abi import decode, encode
from eth_utils.abi import abi_to_signature

from backend.commitments.keccak import keccak256

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["ContractAbi", "Refusal", "RefusalDecoder"]

AbiEntry = dict[str, Any]


def _type_of(parameter: Mapping[str, Any]) -> str:
    """Canonical type, with tuples written out."""
    kind = str(parameter["type"])
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(_type_of(component) for component in parameter["components"])
    return f"({inner}){kind[5:]}"


def _to_abi(value: Any, parameter: Mapping[str, Any]) -> Any:
    """From plain data (objects by field name, bytes as 0x-hex) to what the encoder takes."""
    kind = str(parameter["type"])
    if kind.endswith("]"):
        element = {**parameter, "type": kind[: kind.rindex("[")]}
        return [_to_abi(item, element) for item in value]
    if kind == "tuple":
        return tuple(_to_abi(value[component["name"]], component) for component in parameter["components"])
    if kind.startswith("bytes"):
        return bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else value
    return value


def _from_abi(value: Any, parameter: Mapping[str, Any]) -> Any:
    """The way back: structs as dictionaries, bytes as 0x-hex."""
    kind = str(parameter["type"])
    if kind.endswith("]"):
        element = {**parameter, "type": kind[: kind.rindex("[")]}
        return [_from_abi(item, element) for item in value]
    if kind == "tuple":
        return {
            component["name"]: _from_abi(item, component)
            for component, item in zip(parameter["components"], value, strict=True)
        }
    if kind.startswith("bytes"):
        return "0x" + bytes(value).hex()
    return value


class ContractAbi:
    """The functions and events of one contract.

    Args:
        abi: As the compiler gives it. Of functions that share a name, the first counts.
    """

    def __init__(self, abi: Sequence[AbiEntry]) -> None:
        self._functions = {entry["name"]: entry for entry in reversed(abi) if entry["type"] == "function"}
        self._events = {entry["name"]: entry for entry in abi if entry["type"] == "event"}

    def encode_call(self, function: str, arguments: Sequence[Any]) -> bytes:
        """Selector and arguments of a call."""
        entry = self._functions[function]
        return keccak256(abi_to_signature(entry).encode())[:4] + _encode(entry["inputs"], arguments)  # type: ignore[arg-type]

    def decode_result(self, function: str, data: bytes) -> Any:
        """What a view returned: one value, or a list of several."""
        outputs = self._functions[function]["outputs"]
        values = decode([_type_of(output) for output in outputs], data)
        results = [_from_abi(value, output) for value, output in zip(values, outputs, strict=True)]
        return results[0] if len(results) == 1 else results

    def event_topics(self, event: str, where: Mapping[str, Any]) -> list[str | None]:
        """Topics that ask for an event with these values of indexed parameters, 0x-hex; None where any will do."""
        entry = self._events[event]
        indexed = [parameter for parameter in entry["inputs"] if parameter["indexed"]]
        strange = where.keys() - {parameter["name"] for parameter in indexed}
        assert not strange, f"{event} has no indexed {', '.join(sorted(strange))}"
        topics: list[str | None] = [_hex(keccak256(abi_to_signature(entry).encode()))]  # type: ignore[arg-type]
        for parameter in indexed:
            value = where.get(parameter["name"])
            topics.append(None if value is None else _hex(_encode([parameter], [value])))
        return topics

    def decode_event(self, event: str, topics: Sequence[str], data: bytes) -> dict[str, Any]:
        """Values of an event by parameter."""
        inputs = self._events[event]["inputs"]
        plain = [parameter for parameter in inputs if not parameter["indexed"]]
        told = iter(decode([_type_of(parameter) for parameter in plain], data))
        marked = iter(topics[1:])
        values = {}
        for parameter in inputs:
            if not parameter["indexed"]:
                values[parameter["name"]] = _from_abi(next(told), parameter)
                continue
            word = bytes.fromhex(next(marked).removeprefix("0x"))
            is_word = not (
                _type_of(parameter).endswith((")", "]")) or parameter["type"] in {"string", "bytes"}
            )
            kind = parameter if is_word else {"type": "bytes32"}
            values[parameter["name"]] = _from_abi(decode([_type_of(kind)], word)[0], kind)
        return values


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _encode(inputs: Sequence[AbiEntry], arguments: Sequence[Any]) -> bytes:
    values = [_to_abi(value, parameter) for value, parameter in zip(arguments, inputs, strict=True)]
    return encode([_type_of(parameter) for parameter in inputs], values)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A custom error that a contract answered with."""

    name: str
    values: Mapping[str, Any]


class RefusalDecoder:
    """Knows the custom errors of all contracts by their selectors."""

    def __init__(self, abis: Iterable[Sequence[AbiEntry]]) -> None:
        self._errors = {
            keccak256(abi_to_signature(entry).encode())[:4]: entry  # type: ignore[arg-type]
            for abi in abis
            for entry in abi
            if entry["type"] == "error"
        }

    def decode(self, data: bytes) -> Refusal | None:
        """The custom error in revert data, or None where it is none of ours."""
        entry = self._errors.get(data[:4])
        if entry is None:
            return None
        values = decode([_type_of(parameter) for parameter in entry["inputs"]], data[4:])
        return Refusal(
            entry["name"],
            {
                parameter["name"]: _from_abi(value, parameter)
                for parameter, value in zip(entry["inputs"], values, strict=True)
            },
        )
