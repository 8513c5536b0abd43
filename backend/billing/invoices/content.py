"""An invoice as JSON-ready data, and back: what a store keeps of it."""

from __future__ import annotations

import types
import typing
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any

from backend.billing.invoices.model import Invoice
from backend.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["invoice_content", "read_invoice"]

FORMAT = "partage-invoice"
VERSION = 1


def invoice_content(invoice: Invoice) -> dict[str, Any]:
    """Integers, strings, lists and objects."""
    return {"format": FORMAT, "version": VERSION, **_plain(invoice)}


def read_invoice(content: Mapping[str, Any]) -> Invoice:
    """The invoice that ``invoice_content`` gave.

    Raises:
        InputError: If it is not one, naming the field.
        BalanceError: If it breaks a rule of EN 16931.
    """
    if content.get("format") != FORMAT or content.get("version") != VERSION:
        raise InputError(f"This is not an invoice of version {VERSION}: {content.get('format')!r}.")
    own = {name: value for name, value in content.items() if name not in {"format", "version"}}
    invoice = _build(Invoice, own, "invoice")
    assert isinstance(invoice, Invoice)
    return invoice


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _build(cls: Any, content: Any, place: str) -> Any:
    hints = typing.get_type_hints(cls)
    if not isinstance(content, dict) or set(content) != set(hints):
        found = sorted(content) if isinstance(content, dict) else content
        raise InputError(f"{place} should have the fields {sorted(hints)}, it has {found}.")
    return cls(**{name: _read(hint, content[name], f"{place}.{name}") for name, hint in hints.items()})


def _read(hint: Any, value: Any, place: str) -> Any:
    if isinstance(hint, types.UnionType):
        return None if value is None else _read(typing.get_args(hint)[0], value, place)
    if typing.get_origin(hint) is tuple:
        parts = typing.get_args(hint)
        kinds = [parts[0]] * len(value) if parts[-1] is Ellipsis else list(parts)
        return tuple(_read(kind, item, place) for kind, item in zip(kinds, value, strict=True))
    if is_dataclass(hint):
        return _build(hint, value, place)
    if issubclass(hint, Enum):
        return hint(value)
    if hint is date:
        return date.fromisoformat(value)
    if type(value) is not hint:
        raise InputError(f"{place} should be {hint.__name__}, it is {value!r}.")
    return value
