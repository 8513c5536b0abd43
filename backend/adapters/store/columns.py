"""Column types that keep a record's value exactly and give it back as the record has it.

Lists, objects and calls are kept as canonical JSON in text columns: sorted keys, no spaces, whole numbers of any size.
The same value is always the same bytes, on SQLite and on PostgreSQL, so that two of them can be compared as text.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import fields
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator

from backend.ports import ContractCall, Receipt, SignedTransaction

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlmodel import SQLModel

__all__ = [
    "CanonicalJson",
    "CanonicalTuple",
    "ChoiceText",
    "KeptCall",
    "KeptReceipt",
    "KeptTransaction",
    "stored_form",
    "to_canonical_json",
]


def to_canonical_json(value: Any) -> str:
    """The one text of a JSON-ready value.

    Raises:
        TypeError: If it holds what JSON does not know.
        ValueError: If it holds a number that is not finite.
    """
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        default=_as_dictionary,
    )


def _as_dictionary(value: Any) -> dict[str, Any]:
    """A mapping that is no dictionary, such as a frozen one; JSON knows only dictionaries."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{type(value).__name__} is no JSON: {value!r}.")
    return dict(value)


class KeptText(TypeDecorator[Any]):
    """A value kept as text; its kinds say how it is written and read."""

    impl = Text
    cache_ok = True

    def write(self, value: Any) -> str:
        """To text."""
        raise NotImplementedError

    def read(self, text: str) -> Any:
        """From text."""
        raise NotImplementedError

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """To text, where there is a value."""
        return None if value is None else self.write(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 -- SQLAlchemy's signature
        """From text, where there is any."""
        return None if value is None else self.read(value)


class ChoiceText(KeptText):
    """A member of an enumeration, as its value."""

    cache_ok = True

    def __init__(self, choices: type[Enum]) -> None:
        super().__init__()
        self.choices = choices

    def write(self, value: Any) -> str:
        """Its value."""
        return str(self.choices(value).value)

    def read(self, text: str) -> Enum:
        """The member of that value."""
        return self.choices(text)


class CanonicalJson(KeptText):
    """JSON-ready data; mappings come back as dictionaries, sequences as lists."""

    cache_ok = True

    def write(self, value: Any) -> str:
        """Canonical JSON."""
        return to_canonical_json(value)

    def read(self, text: str) -> Any:
        """What it says."""
        return json.loads(text)


class CanonicalTuple(CanonicalJson):
    """A tuple, of tuples if it is nested."""

    cache_ok = True

    def read(self, text: str) -> Any:
        """Tuples all the way down."""
        return _tuples(json.loads(text))


class KeptCall(KeptText):
    """A ``ContractCall``."""

    cache_ok = True

    def write(self, value: Any) -> str:
        """Its fields; a call that pays nothing is written as before calls could pay."""
        kept = _by_field(value)
        if not kept["value_wei"]:
            del kept["value_wei"]
        return to_canonical_json(kept)

    def read(self, text: str) -> ContractCall:
        """From its fields; of the arguments, the outermost sequence is a tuple."""
        content = json.loads(text)
        return ContractCall(**{**content, "arguments": tuple(content["arguments"])})


class KeptTransaction(KeptText):
    """A ``SignedTransaction``; its bytes as hexadecimal digits."""

    cache_ok = True

    def write(self, value: Any) -> str:
        """Its fields."""
        return to_canonical_json({**_by_field(value), "raw": value.raw.hex()})

    def read(self, text: str) -> SignedTransaction:
        """From its fields."""
        content = _tuples(json.loads(text))
        return SignedTransaction(**{**content, "raw": bytes.fromhex(content["raw"])})


class KeptReceipt(KeptText):
    """A ``Receipt``."""

    cache_ok = True

    def write(self, value: Any) -> str:
        """Its fields."""
        return to_canonical_json(_by_field(value))

    def read(self, text: str) -> Receipt:
        """From its fields."""
        return Receipt(**json.loads(text))


def _tuples(value: Any) -> Any:
    """Lists as tuples: in a list all the way down, in an object at its fields."""
    if isinstance(value, dict):
        return {name: _tuples(part) for name, part in value.items()}
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def _by_field(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def stored_form(row: SQLModel, only: Collection[str] | None = None) -> dict[str, Any]:
    """What the database keeps of a row, by column or some of them: two rows are the same when these are."""
    form = {}
    for column in row.__table__.columns:  # type: ignore[attr-defined]
        if only is not None and column.name not in only:
            continue
        value = getattr(row, column.name)
        if isinstance(column.type, KeptText) and value is not None:
            value = column.type.write(value)
        form[column.name] = value
    return form
