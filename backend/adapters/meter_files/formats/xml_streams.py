"""Meter files in XML, read as they stream by: elements are handed over and freed, so memory stays flat.

XML from outside is hostile until read. A document type is refused before the parser sees it, so that there are no
entities, internal or external; nothing is fetched; only encodings in which that check is certain are read; depth,
attributes and the size of a record are bounded here, a single text at 10 MB by libxml2. What breaks a bound or the
grammar is a finding with its line, and reading stops there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.formats import SourceFile

__all__ = ["Prolog", "XmlEvent", "child_texts", "name_of", "read_prolog", "stream_elements", "text_of"]

DEPTH_MAX = 48
ATTRIBUTES_MAX = 64
RECORD_ELEMENTS_MAX = 1000
RECORD_BYTES_MAX = 1024 * 1024
TEXT_MAX = 4096

_CHUNK_BYTES = 64 * 1024
_ENCODINGS = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"}
    | {"utf-16", "utf-16le", "utf-16be"}
)
_DECLARED = re.compile(r"""encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_SPACE = " \t\r\n"
_ROOT = re.compile(r"<([^\s/>!?<&\"'=]{1,200})(?=[\s/>])((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)>")
_NAMESPACE = re.compile(r"""\sxmlns(?::([^\s=]+))?\s*=\s*("[^"<]*"|'[^'<]*')""")
_SUBSET_END = re.compile(r"\]\s*>")
_SHOWN = 120

XmlEvent = tuple[bool, str, Any]  # does an element begin (else it ends)? its local name; the element


@dataclass(frozen=True, slots=True)
class Prolog:
    """What stands before a document's content.

    Attributes:
        encoding: By byte order mark or declaration, lower case.
        doctype: Is there a document type?
        namespace: Of the root element; empty without, and where the root is not within the bytes looked at.
        name: Local name of the root element; empty where it is not within the bytes looked at.
    """

    encoding: str
    doctype: bool
    namespace: str
    name: str


def read_prolog(head: bytes) -> Prolog | None:
    """Read what stands before a document's content, without a parser.

    Args:
        head: The first bytes of a file.

    Returns:
        The prolog, None where the bytes are no XML.
    """
    text, encoding = _decode(head)
    if text is None:
        return None
    place = _skip_space(text, 0)
    if not text.startswith("<", place):
        return None
    if text.startswith("<?xml", place):
        declared = _DECLARED.search(text, place, max(text.find("?>", place), place))
        if declared and not encoding.startswith("utf-16"):
            encoding = declared.group(1).lower()
    doctype, place = _skip_misc(text, place)
    root = _ROOT.match(text, place) if place >= 0 else None
    if root is None:
        return Prolog(encoding, doctype, "", "") if doctype or place < 0 or place + 1 < len(text) else None
    prefix, _, local = root.group(1).rpartition(":")
    spaces = {found.group(1) or "": found.group(2)[1:-1] for found in _NAMESPACE.finditer(root.group(2))}
    return Prolog(encoding, doctype, spaces.get(prefix, ""), local)


def stream_elements(file: SourceFile, faults: FaultCollector, records: Collection[str]) -> Iterator[XmlEvent]:
    """Read a file's elements in order.

    An element outside of records is told when it begins, with its attributes, and when it ends, with its text; a
    record is told when it ends, with everything in it. An element must not be kept: it is emptied afterwards.

    Args:
        file: The file.
        faults: Takes what is found; reading stops at the first thing that is no sound XML.
        records: Local names of the elements that are handed over whole.

    Yields:
        Whether it begins, its local name, the lxml element.
    """
    from lxml import etree

    if not _check_prolog(read_prolog(file.head), faults):
        return
    with file.open() as raw:
        source = _Counted(raw)
        events = etree.iterparse(
            source,
            events=("start", "end"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            yield from _walk(events, source, faults, frozenset(records))
        except etree.XMLSyntaxError as error:
            words = str(error.msg or "it cannot be parsed")[:_SHOWN]
            line = error.lineno or 0
            faults.refuse("xml", f"this is not well-formed XML: {words}; ask for the file again.", line=line)
        except (LookupError, UnicodeError) as error:
            faults.refuse("encoding", f"the text cannot be decoded: {str(error)[:_SHOWN]}; save it as UTF-8.")


def name_of(element: Any) -> str:
    """Local name of an element."""
    tag: str = element.tag
    return tag[tag.rfind("}") + 1 :]


def text_of(element: Any) -> str:
    """Text of an element without the space around it, ``TEXT_MAX`` characters at most."""
    text: str | None = element.text
    return "" if text is None else text[:TEXT_MAX].strip()


def child_texts(element: Any) -> dict[str, str]:
    """Texts of an element's children by local name; of several of one name, the last."""
    return {name_of(child): text_of(child) for child in element}


def _walk(
    events: Any, source: _Counted, faults: FaultCollector, records: frozenset[str]
) -> Iterator[XmlEvent]:
    depth = inside = count = began = 0
    for event, element in events:
        if event == "start":
            depth += 1
            if depth > DEPTH_MAX or len(element.attrib) > ATTRIBUTES_MAX:
                _refuse_bound(faults, element, depth)
                return
            if inside:
                inside += 1
                count += 1
                if count > RECORD_ELEMENTS_MAX or source.taken - began > RECORD_BYTES_MAX:
                    _refuse_record(faults, element)
                    return
            elif (name := name_of(element)) in records:
                inside, count, began = 1, 1, source.taken
            else:
                if depth == 1 and element.getroottree().docinfo.internalDTD is not None:
                    _refuse_doctype(faults)
                    return
                yield True, name, element
            continue
        depth -= 1
        if inside:
            inside -= 1
            if inside:
                continue
        yield False, name_of(element), element
        _free(element)


def _free(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while (before := element.getprevious()) is not None:
            parent.remove(before)


class _Counted:
    """A stream that counts what was taken from it."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, and never more than a chunk."""
        data = self._raw.read(_CHUNK_BYTES if size < 0 else min(size, _CHUNK_BYTES))
        self.taken += len(data)
        return data


def _check_prolog(prolog: Prolog | None, faults: FaultCollector) -> bool:
    if prolog is None:
        faults.refuse("xml", "this is not XML; check that the file is the one that was meant.", line=1)
    elif prolog.encoding not in _ENCODINGS:
        shown = prolog.encoding
        faults.refuse(
            "encoding", f'encoding "{shown}" is not read; save the file as UTF-8.', line=1, value=shown
        )
    elif prolog.doctype:
        _refuse_doctype(faults)
    elif not prolog.name:
        faults.refuse("xml", "no element begins within the first 64 KiB; ask for the file again.", line=1)
    else:
        return True
    return False


def _refuse_doctype(faults: FaultCollector) -> None:
    message = "the file declares a document type, which can hide entities; meter data need none: remove it."
    faults.refuse("document-type", message, line=1)


def _refuse_bound(faults: FaultCollector, element: Any, depth: int) -> None:
    line = element.sourceline or 0
    if depth > DEPTH_MAX:
        message = f"elements are nested deeper than {DEPTH_MAX}; no meter file is: ask for the file again."
    else:
        message = (
            f"an element has {len(element.attrib)} attributes, above {ATTRIBUTES_MAX}; no meter file has."
        )
    faults.refuse("xml-bounds", message, line=line)


def _refuse_record(faults: FaultCollector, element: Any) -> None:
    message = (
        f"one record has more than {RECORD_ELEMENTS_MAX} elements or {RECORD_BYTES_MAX // 1024} KiB; "
        "no meter file has: ask for the file again."
    )
    faults.refuse("xml-bounds", message, line=element.sourceline or 0)


def _decode(head: bytes) -> tuple[str | None, str]:
    """The bytes as text in which the prolog can be read, and the encoding as far as the bytes show it."""
    if head.startswith(b"\xef\xbb\xbf"):
        return head[3:].decode("latin-1"), "utf-8"
    for mark, encoding in ((b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be")):
        if head.startswith(mark):
            return head[2:].decode(encoding, errors="replace"), encoding
    for mark, encoding in ((b"<\x00", "utf-16le"), (b"\x00<", "utf-16be")):
        if head.startswith(mark):
            return head.decode(encoding, errors="replace"), encoding
    if b"\x00" in head[:4]:
        return None, ""
    return head.decode("latin-1"), "utf-8"


def _skip_space(text: str, place: int) -> int:
    while place < len(text) and text[place] in _SPACE:
        place += 1
    return place


def _skip_misc(text: str, place: int) -> tuple[bool, int]:
    """Go past declarations, comments and the like; is there a document type, and where does the root begin, or -1?

    A document type is gone past only to name the root in messages: a file that has one is never parsed.
    """
    doctype = False
    while True:
        if text.startswith("<?", place):
            end, length = text.find("?>", place), 2
        elif text.startswith("<!--", place):
            end, length = text.find("-->", place), 3
        elif text.startswith("<!", place):
            doctype = True
            end = text.find(">", place)
            subset = text.find("[", place, max(end, place))
            if subset >= 0:
                found = _SUBSET_END.search(text, subset)
                end = found.end() - 1 if found else -1
            length = 1
        else:
            return doctype, place
        if end < 0:
            return doctype, -1
        place = _skip_space(text, end + length)
