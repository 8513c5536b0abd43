"""A network's file as text, or as JSON, with words for what cannot be read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from backend.errors import NetworkError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_network_json", "read_network_text"]


def read_network_text(path: Path) -> str:
    """The text of a file.

    Raises:
        NetworkError: If it cannot be read, or is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise NetworkError(f"{path} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        raise NetworkError(f"{path.name} is no UTF-8 text (byte {error.start}).") from None


def read_network_json(path: Path) -> Any:
    """What a JSON file says.

    Raises:
        NetworkError: If it is none.
    """
    try:
        return json.loads(read_network_text(path), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise NetworkError(f"{path.name} is no JSON: {str(error)[:200]}.") from None


def _refuse_constant(word: str) -> float:
    raise ValueError(f"it has {word}, which JSON does not")
