"""The objects of CIM files: RDF/XML read by rdflib, profiles joined by their ids.

A CGMES model is several files (EQ, SSH, TP, GL ...) that say more and more of the same objects; they are given as a
folder, a ZIP, a ZIP of ZIPs, or one file that has all. Units differ: CGMES has kV, MW and km, plain CIM has V, W and m.

Source: IEC 61970-552 (CIM XML), IEC TS 61970-600-2 (CGMES), IEC 61970-301 and 61968-11 (the classes).
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING

from backend.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LIMIT_BYTES", "LIMIT_STATEMENTS", "CimModel", "CimObject", "read_cim_objects"]

# Some 600 bytes of memory by statement, and at most five by byte of text: both bounds together stay below.
LIMIT_BYTES = 128 * 1024 * 1024
LIMIT_STATEMENTS = 2_000_000
_MEMORY_GIB = 2
_COMPARED = 64  # values of one attribute; so many are no longer said twice by mistake
_LIMIT_FILES = 200
_SNIFFED_BYTES = 200
_SUFFIXES = (".xml", ".rdf", ".cim")
_HIGHEST_KV = 2000.0
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


@dataclass(slots=True)
class CimObject:
    """An object with all that the files say of it.

    Attributes:
        key: Its id, without prefix.
        kind: Its class, such as ``ACLineSegment``.
        said: Values by attribute, such as ``Conductor.length``; those of references are ids.
    """

    key: str
    kind: str = ""
    said: dict[str, list[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A value, empty where it is not said."""
        values = self.said.get(name)
        return values[0] if values else ""

    def number(self, *names: str) -> float | None:
        """The first of several attributes that is said, None where none is.

        Raises:
            NetworkError: If what is said is no number.
        """
        for name in names:
            text = self.text(name)
            if text:
                try:
                    value = float(text)
                except ValueError:
                    value = float("nan")
                if not isfinite(value):
                    raise NetworkError(
                        f"{self.kind} {self.name} has {name} {text[:40]!r}, which is no number."
                    )
                return value
        return None

    def mark(self, *names: str) -> bool | None:
        """Yes or no, None where none of several attributes is said."""
        for name in names:
            text = self.text(name)
            if text:
                return text.lower() == "true"
        return None

    def word(self, name: str) -> str:
        """The last part of an enumeration's value: ``D`` of ``WindingConnection.D``."""
        return self.text(name).rsplit(".", 1)[-1]

    @property
    def name(self) -> str:
        """As people call it, else its id."""
        return self.text("IdentifiedObject.name").strip() or self.key


@dataclass(slots=True)
class CimModel:
    """All objects of a model.

    Attributes:
        objects: By id.
        is_si: Units are V, W, VA and m; else kV, MW, MVA and km.
    """

    objects: dict[str, CimObject]
    is_si: bool
    _by_kind: dict[str, list[CimObject]] = field(default_factory=dict)
    _behind: dict[str, dict[str, list[CimObject]]] = field(default_factory=dict)

    @property
    def mega(self) -> float:
        """What powers are multiplied with. [W]"""
        return 1.0 if self.is_si else 1e6

    @property
    def kilo(self) -> float:
        """What voltages and lengths are multiplied with. [V, m]"""
        return 1.0 if self.is_si else 1e3

    def of(self, *kinds: str) -> list[CimObject]:
        """Objects of some classes, in the files' order."""
        if not self._by_kind:
            for one in self.objects.values():
                self._by_kind.setdefault(one.kind, []).append(one)
        return [one for kind in kinds for one in self._by_kind.get(kind, [])]

    def target(self, one: CimObject | None, name: str) -> CimObject | None:
        """The object that another refers to."""
        return self.objects.get(_key(one.text(name))) if one is not None and one.text(name) else None

    def behind(self, one: CimObject, name: str) -> list[CimObject]:
        """Objects that refer to one by an attribute."""
        if name not in self._behind:
            found: dict[str, list[CimObject]] = defaultdict(list)
            for other in self.objects.values():
                for value in other.said.get(name, ()):
                    found[_key(value)].append(other)
            self._behind[name] = dict(found)
        return self._behind[name].get(one.key, [])


def read_cim_objects(path: Path) -> CimModel:
    """Read a model.

    Args:
        path: A file, a ZIP or a folder.

    Raises:
        NetworkError: If there is no CIM in it, a file is no RDF/XML, declares entities, or all are too large.
    """
    from rdflib.exceptions import ParserError

    from backend.adapters.networks.cim_statements import parse_statements

    objects: dict[str, CimObject] = {}
    total = statements = 0

    def say(subject: str, predicate: str, value: str, *, is_reference: bool) -> None:
        nonlocal statements
        statements += 1
        if statements > LIMIT_STATEMENTS:
            raise NetworkError(
                f"{path.name} has more than {LIMIT_STATEMENTS:,} statements of CIM, which may take "
                f"{_MEMORY_GIB} GiB of memory; read a part of it."
            )
        key = _key(subject)
        one = objects.get(key)
        if one is None:
            one = objects[key] = CimObject(key)
        if predicate == _TYPE:
            one.kind = sys.intern(value.rsplit("#", 1)[-1])
            return
        word = _key(value) if is_reference else value
        words = one.said.setdefault(sys.intern(predicate.rsplit("#", 1)[-1]), [])
        if len(words) >= _COMPARED or word not in words:
            words.append(word)

    for name, content in _files(path):
        total += len(content)
        if total > LIMIT_BYTES:
            raise NetworkError(
                f"{path.name} has more than {LIMIT_BYTES // 2**20} MiB of CIM, which may take {_MEMORY_GIB} GiB of "
                "memory; read a part of it."
            )
        _refuse_entities(name, content)
        try:
            parse_statements(content, say)
        except (ParserError, ValueError, SyntaxError) as error:
            raise NetworkError(f"{name} is no RDF/XML: {str(error)[:200]}.") from None
        except Exception as error:  # the parser's own errors have no common root
            if type(error).__module__.startswith(("xml.", "rdflib")):
                raise NetworkError(f"{name} is no RDF/XML: {str(error)[:200]}.") from None
            raise
    if not any(one.kind in {"Terminal", "ConnectivityNode", "TopologicalNode"} for one in objects.values()):
        raise NetworkError(f"{path.name} has no CIM network: no terminals and no nodes.")
    ordered = dict(sorted(objects.items()))
    model = CimModel(ordered, is_si=False)
    highest = max(
        (one.number("BaseVoltage.nominalVoltage") or 0.0 for one in model.of("BaseVoltage")), default=0.0
    )
    model.is_si = highest > _HIGHEST_KV or not model.of("FullModel")
    return model


def _key(uri: str) -> str:
    """An id however it is written: ``#_x``, ``urn:uuid:x``, ``base#_x``."""
    return uri.rsplit("#", 1)[-1].removeprefix("urn:uuid:").removeprefix("_")


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        files = sorted(
            one for one in path.iterdir() if one.suffix.lower() in {*_SUFFIXES, ".zip"} and one.is_file()
        )
        if not files:
            raise NetworkError(f"{path} has no files that end in {', '.join(_SUFFIXES)} or .zip.")
        if sum(one.stat().st_size for one in files) > LIMIT_BYTES or len(files) > _LIMIT_FILES:
            raise NetworkError(f"{path} has more than {_LIMIT_FILES} files or {LIMIT_BYTES // 2**20} MiB.")
    else:
        files = [path]
    for one in files:
        try:
            content = one.read_bytes()
        except OSError as error:
            raise NetworkError(f"{one} cannot be read ({error.strerror}).") from None
        if zipfile.is_zipfile(io.BytesIO(content)):
            yield from _unzip(one.name, content, is_nested=False)
        else:
            yield one.name, content


def _unzip(name: str, content: bytes, *, is_nested: bool) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > _LIMIT_FILES or sum(entry.file_size for entry in entries) > LIMIT_BYTES:
                raise NetworkError(
                    f"{name} has more than {_LIMIT_FILES} files or {LIMIT_BYTES // 2**20} MiB unpacked."
                )
            for entry in sorted(entries, key=lambda one: one.filename):
                suffix = "." + entry.filename.lower().rsplit(".", 1)[-1]
                if suffix not in {*_SUFFIXES, ".zip"}:
                    continue
                with archive.open(entry) as file:
                    inner = file.read(LIMIT_BYTES + 1)
                if len(inner) > LIMIT_BYTES:
                    raise NetworkError(f"{name}: {entry.filename[:80]} unpacks to more than it says.")
                if suffix == ".zip" and not is_nested:
                    yield from _unzip(f"{name}/{entry.filename}", inner, is_nested=True)
                elif suffix != ".zip":
                    yield f"{name}/{entry.filename}", inner
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise NetworkError(f"{name} is a damaged or encrypted ZIP: {str(error)[:120]}.") from None


def _refuse_entities(name: str, content: bytes) -> None:
    """No CIM file declares a document type; one that does can grow without bound when read."""
    if b"\x00" in content[:_SNIFFED_BYTES]:
        raise NetworkError(f"{name} is no UTF-8; CIM files are.")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise NetworkError(
            f"{name} declares a document type or entities, which no CIM file does; it is not read."
        )
