"""A network as JSON: the form that it is stored and handed on in, of which its digest is taken."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import Any

import numpy as np

from backend.errors import NetworkError
from backend.grid.network import (
    Bus,
    Connection,
    LoadModel,
    Network,
    Segment,
    Shunt,
    Source,
    Switch,
    Transformer,
)
from backend.grid.phases import Phases

__all__ = [
    "ELEMENT_KINDS",
    "NETWORK_FORM",
    "digest_network",
    "hear_element",
    "read_network",
    "tell_element",
    "write_network",
]

NETWORK_FORM = "partage-network-1"
ELEMENT_KINDS: dict[str, type] = {
    "buses": Bus,
    "sources": Source,
    "segments": Segment,
    "switches": Switch,
    "transformers": Transformer,
    "connections": Connection,
    "shunts": Shunt,
}
_MATRICES = frozenset({"resistance", "reactance", "capacitance"})
_PLANE = 2
_MOST = 2**63  # a whole number beyond is none that a machine computes with
# What stands in JSON for a field, by its type: whether it does, and in words.
_JSON_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "str": ((str,), "text"),
    "bool": ((bool,), "true or false"),
    "int": ((int,), "a whole number"),
    "float": ((float, int), "a number"),
    "float | None": ((float, int, type(None)), "a number"),
    "Phases": ((str,), "text such as L1"),
    "tuple[str, ...]": ((list, tuple), "a list of texts"),
}


def write_network(network: Network) -> str:
    """A network as JSON, the same text for the same network; what has its default is left out."""
    told: dict[str, Any] = {
        "form": NETWORK_FORM,
        "name": network.name,
        "frequency": network.frequency,
        "is_geographic": network.is_geographic,
        "notes": dict(sorted(network.notes.items())),
    }
    for kind in ELEMENT_KINDS:
        told[kind] = [tell_element(item) for item in getattr(network, kind)]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest_network(network: Network) -> str:
    """SHA-256 of what ``write_network`` writes, hexadecimal."""
    return hashlib.sha256(write_network(network).encode()).hexdigest()


def read_network(text: str) -> Network:
    """Read what ``write_network`` wrote.

    Raises:
        NetworkError: If it is another form, or lacks what the form has.
    """
    try:
        told = json.loads(text)
        if told["form"] != NETWORK_FORM:
            raise NetworkError(
                f"a network has the form {str(told['form'])[:60]!r}; this reads {NETWORK_FORM!r}."
            )
        _require(told["name"], "str", "name")
        _require(told["frequency"], "float", "frequency")
        _require(told["is_geographic"], "bool", "is_geographic")
        for key, note in told["notes"].items():
            _require(note, "str", key)
        parts = {
            kind: tuple(hear_element(one, item) for item in told[kind]) for kind, one in ELEMENT_KINDS.items()
        }
        return Network(
            name=told["name"],
            frequency=told["frequency"],
            is_geographic=told["is_geographic"],
            notes=told["notes"],
            **parts,
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise NetworkError(
            f"a network's JSON is damaged ({str(repr(error))[:200]}); load it from its file again."
        ) from error


def tell_element(item: Any) -> dict[str, Any]:
    """An element of a network as JSON-ready data; what has its default is left out."""
    told: dict[str, Any] = {}
    for field in fields(item):
        value = getattr(item, field.name)
        if field.name in _MATRICES:
            if value is not None:
                told[field.name] = value.tolist()
        elif value == field.default:
            continue
        elif isinstance(value, Phases):
            told[field.name] = str(value)
        elif isinstance(value, LoadModel):
            told[field.name] = tell_element(value)
        else:
            told[field.name] = list(value) if isinstance(value, tuple) else value
    return told


def hear_element(kind: type, told: dict[str, Any]) -> Any:
    """An element of a kind, from what ``tell_element`` told.

    Raises:
        TypeError: If it lacks what the kind has, has what it lacks, or has text for a number and the like.
        ValueError: If a matrix is none.
        OverflowError: If a number is beyond all that is computed with.
        InputError: If its phases are none.
    """
    values = dict(told)
    _require_kinds(kind, values)
    if "phases" in values:
        values["phases"] = Phases.parse(values["phases"])
    for name in _MATRICES & values.keys():
        values[name] = np.array(values[name], dtype=np.float64)
        if values[name].ndim != _PLANE:
            raise ValueError(f"{name} is no matrix")
    if "model" in values:
        _require_kinds(LoadModel, values["model"])
        values["model"] = LoadModel(**values["model"])
    if "metering_points" in values:
        values["metering_points"] = tuple(values["metering_points"])
    return kind(**values)


def _require_kinds(kind: type, values: dict[str, Any]) -> None:
    for field in fields(kind):
        if field.name in values:
            _require(values[field.name], str(field.type), field.name)


def _require(value: Any, kind: str, name: str) -> None:
    known = _JSON_KINDS.get(kind)
    if known is None:
        return
    kinds, words = known
    is_one = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    if not is_one or (isinstance(value, list | tuple) and not all(isinstance(one, str) for one in value)):
        raise TypeError(f"{name} is {str(value)[:40]!r}; it is {words}")
    if isinstance(value, int) and abs(value) > _MOST:
        raise OverflowError(f"{name} is a number of {len(str(value))} digits")
