"""JSON of portals read piece by piece: hostile texts bounded, numbers exact, what is wrong told with its path.

RFC 8259 leaves open how deep, how long and how large; a portal's file needs little of either. Paths are written as in
RFC 9535 (``$.data[3].value``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from backend.adapters.meter_files.faults import FaultCollector

if TYPE_CHECKING:
    from backend.adapters.meter_files.formats import SourceFile

__all__ = ["DEPTH_MAX", "JsonNode", "JsonValue", "head_has_keys", "looks_like_json", "stream_values"]

JsonValue = Any
"""``dict``, ``list``, ``str``, ``int``, ``Decimal``, ``bool`` or ``None``; never a binary fraction."""

DEPTH_MAX = 32
_TEXT_MAX = 4096
_EXPONENT_MAX = 40
_DIGITS_MAX = 60
_VALUES_MAX = 2_000_000  # of one value that is built: fifteen years of quarter-hours
_PIECE_BYTES = 64 * 1024
_SILENT_BYTES_MAX = 1024 * 1024  # without a token: a text or a blank that never ends
_BUILT_BYTES_MAX = 256 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# The parser in C falls over whole numbers that Python refuses to read (4300 digits), so they never reach it.
_ENDLESS_NUMBER = re.compile(rb"[0-9]{1000}")


@dataclass(frozen=True, slots=True)
class JsonNode:
    """A value found where it was looked for.

    Attributes:
        path: Where it stands, ``$.result[0].TimeSeries[1]``.
        pattern: The one that found it.
        value: It, whole.
    """

    path: str
    pattern: str
    value: JsonValue


def looks_like_json(head: bytes) -> bool:
    """Does a file that begins so hold a JSON object or array?"""
    return head.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[")


def head_has_keys(head: bytes, *keys: str) -> bool:
    """Is it JSON, with all of these names of members in its beginning?"""
    return looks_like_json(head) and all(f'"{key}"'.encode() in head for key in keys)


def stream_values(file: SourceFile, faults: FaultCollector, patterns: Collection[str]) -> Iterator[JsonNode]:
    """The values of a file that stand where patterns say, each whole, in the file's order.

    Args:
        file: The file; it is read once, 64 kB at a time.
        faults: Takes what is found; reading stops at the first thing that makes the file no JSON.
        patterns: Paths in which ``[*]`` stands for any place of an array; none may lie inside another.

    Yields:
        The values. Memory holds one of them at a time, 2 million parts or 256 MB of text at most.
    """
    reader = _Reader(faults, frozenset(patterns))
    with file.open() as stream:
        yield from reader.read(stream)


class _Stop(Exception):  # noqa: N818 -- ends the reading, the fault is noted already
    """Going on is senseless."""


class _Reader:
    """Follows the tokens of one file: where it stands, what it builds, what it has to refuse."""

    def __init__(self, faults: FaultCollector, patterns: frozenset[str]) -> None:
        self._faults = faults
        self._patterns = patterns
        self._places: list[str | int | None] = []  # key or index within each open container
        self._keys: list[set[str] | None] = []  # of each open object the keys seen; None of an array
        self._built: list[Any] = []  # open containers of the value that is built
        self._root = ""  # pattern of the value that is built
        self._root_path = ""
        self._root_depth = 0
        self._parts = 0
        self._done: list[JsonNode] = []

    def read(self, stream: Any) -> Iterator[JsonNode]:
        import ijson

        tokens = ijson.sendable_list()
        parser = ijson.basic_parse_coro(tokens)
        first = True
        tail = b""
        silent = built = 0
        try:
            while piece := stream.read(_PIECE_BYTES):
                if first:
                    piece = self._strip_mark(piece)
                    first = False
                if _ENDLESS_NUMBER.search(tail + piece):
                    self._refuse(
                        "json-limits", f"after {self._path()}: a number of 1000 digits is no reading."
                    )
                tail = (tail + piece)[-1000:]
                self._send(parser, piece, tokens)
                silent = 0 if tokens else silent + len(piece)
                built = 0 if self._done or not self._root else built + len(piece)
                tokens.clear()
                yield from self._hand_over()
                self._check_sizes(silent, built)
            self._send(parser, b"", tokens)
            yield from self._hand_over()
        except _Stop:
            yield from self._hand_over()

    def _strip_mark(self, piece: bytes) -> bytes:
        if piece.startswith(_UTF16):
            self._refuse("not-utf-8", "this is UTF-16 text; save it as UTF-8.")
        return piece.removeprefix(_BOM)

    def _send(self, parser: Any, piece: bytes, tokens: Any) -> None:
        """Give the parser a piece, or the end of the text where it is empty, and take what it made of it."""
        import ijson

        problem = ""
        try:
            if piece:
                parser.send(piece)
            else:
                parser.close()
        except (ijson.JSONError, StopIteration) as error:
            problem = _explain(str(error), at_end=not piece)
        except (ArithmeticError, ValueError, SystemError):
            problem = f"a number has more than {_DIGITS_MAX} digits, which no meter has"
        for kind, value in tokens:
            self._take(kind, value)
        if problem:
            self._refuse("not-json", f"after {self._path()}: {problem}; fetch the file again.")

    def _hand_over(self) -> Iterator[JsonNode]:
        done, self._done = self._done, []
        yield from done

    def _check_sizes(self, silent: int, built: int) -> None:
        if silent > _SILENT_BYTES_MAX:
            self._refuse(
                "json-limits",
                f"after {self._path()}: one text is longer than {_SILENT_BYTES_MAX // 1024} kB; "
                "this is no readings file.",
            )
        if built > _BUILT_BYTES_MAX:
            self._refuse(
                "json-limits",
                f"{self._root_path} is longer than {_BUILT_BYTES_MAX // 1024 // 1024} MB; split the export.",
            )

    def _take(self, kind: str, value: Any) -> None:
        if kind == "map_key":
            self._take_key(value)
        elif kind in ("start_map", "start_array"):
            self._open(is_map=kind == "start_map")
        elif kind in ("end_map", "end_array"):
            self._close()
        else:
            self._step()
            self._check_scalar(kind, value)
            self._put(value)

    def _take_key(self, key: str) -> None:
        seen = self._keys[-1]
        assert seen is not None, key
        self._places[-1] = key
        if len(key) > _TEXT_MAX:
            self._refuse(
                "json-limits", f"a name of {len(key)} characters is no column; see {self._path()[:200]}."
            )
        if key in seen:
            self._refuse(
                "duplicate-key", f"{self._path()} is there twice; nothing says which of them holds.", key
            )
        seen.add(key)

    def _open(self, *, is_map: bool) -> None:
        self._step()
        container: Any = {} if is_map else []
        pattern = "" if self._built else self._pattern()
        if pattern in self._patterns and not self._root:
            self._root, self._root_path, self._root_depth = pattern, self._path(), len(self._places)
            self._built.append(container)
            self._parts = 0
        elif self._built:
            self._put(container)
            self._built.append(container)
        self._places.append(None if is_map else -1)
        self._keys.append(set() if is_map else None)
        if len(self._places) > DEPTH_MAX:
            self._refuse(
                "json-limits",
                f"{self._path()} is nested more than {DEPTH_MAX} deep; this is no readings file.",
            )

    def _close(self) -> None:
        self._places.pop()
        self._keys.pop()
        if not self._built:
            return
        value = self._built.pop()
        if not self._built:
            self._done.append(JsonNode(self._root_path, self._root, value))
            self._root = ""

    def _step(self) -> None:
        """Move on within an array."""
        if self._places and self._keys[-1] is None:
            place = self._places[-1]
            assert isinstance(place, int)
            self._places[-1] = place + 1

    def _put(self, value: Any) -> None:
        """Add a value to the container that is built, or hand it over where it was looked for itself."""
        if not self._built:
            pattern = self._pattern()
            if pattern in self._patterns:
                self._done.append(JsonNode(self._path(), pattern, value))
            return
        self._parts += 1
        if self._parts > _VALUES_MAX:
            self._refuse(
                "json-limits", f"{self._root_path} has more than {_VALUES_MAX} parts; split the export."
            )
        container = self._built[-1]
        if isinstance(container, list):
            container.append(value)
        else:
            container[self._places[-1]] = value

    def _check_scalar(self, kind: str, value: Any) -> None:
        if kind == "string" and len(value) > _TEXT_MAX:
            self._refuse(
                "json-limits", f"{self._path()} is a text of {len(value)} characters, which no field is."
            )
        if kind == "number":
            number = Decimal(value)
            if len(number.as_tuple().digits) > _DIGITS_MAX or abs(number.adjusted()) > _EXPONENT_MAX:
                self._refuse("json-limits", f"{self._path()} is beyond any meter; check the unit.")

    def _path(self) -> str:
        return "$" + "".join(
            f"[{place}]" if isinstance(place, int) else f".{place}"
            for place in self._places
            if place is not None and place != -1
        )

    def _pattern(self) -> str:
        return "$" + "".join("[*]" if isinstance(place, int) else f".{place}" for place in self._places)

    def _refuse(self, rule: str, message: str, value: str = "") -> None:
        self._faults.refuse(rule, message, value=value[:60])
        raise _Stop


def _explain(error: str, *, at_end: bool) -> str:
    """What the parser means, in words."""
    first = error.removeprefix("b'").split("\n")[0].split("\\n")[0].strip()
    for word in ("NaN", "Infinity"):
        if word in error:
            return f"{word} is no number of JSON; leave the value out where a reading is missing"
    if "UTF8" in first:
        return "the text is not UTF-8"
    if at_end or "premature EOF" in first:
        return "the text is cut off"
    return f"this is not JSON ({first[:80]})"
