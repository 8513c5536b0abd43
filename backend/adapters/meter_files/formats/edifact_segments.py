"""UN/EDIFACT as a stream of segments, in bounded memory, with the counts of its envelopes checked (ISO 9735).

Segments may stand on lines of their own or all on one. pydifact's tokenizer takes a whole message as one string and
goes through it character by character; here a segment is cut out at a time. The tests hold both to the same segments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.adapters.meter_files.formats.line_records import is_hopeless, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["SEGMENT_BYTES_MAX", "Segment", "ServiceCharacters", "read_messages", "read_segments"]

SEGMENT_BYTES_MAX = 64 * 1024
_CHUNK_BYTES = 256 * 1024
_BOM = "\xef\xbb\xbf"  # UTF-8's, read as Latin-1
_BLANK = "\r\n\t "
_CONTROL = {chr(code) for code in range(32)} - {"\t", "\n", "\r"}
_RELEASED = "\x01\x02\x03\x04"  # stand for released characters while a segment is split


@dataclass(frozen=True, slots=True)
class ServiceCharacters:
    """What separates what, as UNA says it (ISO 9735-1, section 8)."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    terminator: str = "'"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: its tag, and its data elements as lists of components."""

    line: int
    tag: str
    elements: list[list[str]]

    def word(self, element: int, component: int = 0) -> str:
        """A component, empty where it is absent. Both count from 0."""
        if element >= len(self.elements) or component >= len(self.elements[element]):
            return ""
        return self.elements[element][component]


def read_segments(stream: BinaryIO, faults: FaultCollector) -> Iterator[Segment]:
    """Cut a stream into segments, UNA taken up and not among them.

    A segment above 64 kB, a control character and an end within a segment are refused, and reading stops there.
    """
    text, characters = _begin(stream)
    line = 1
    is_last = False
    while not is_last:
        more = stream.read(_CHUNK_BYTES).decode("latin-1")
        is_last = not more
        pieces = (text + more).split(characters.terminator)
        text = ""
        held = pieces.pop()
        for piece in pieces:
            text += piece
            if _is_released(text, characters.release) and len(text) <= SEGMENT_BYTES_MAX:
                text += characters.terminator
                continue
            body = text.lstrip(_BLANK)
            line += text.count("\n", 0, len(text) - len(body))
            if not _is_sound(body, line, faults):
                return
            yield _split(body, line, characters)
            line += body.count("\n")
            text = ""
        text += held
        if len(text) > SEGMENT_BYTES_MAX:
            _is_sound(text, line, faults)
            return
    if text.strip(_BLANK + "\x1a"):
        faults.refuse(
            "truncated", "the file ends within this segment: it was cut off; fetch it again.", line=line
        )


def _begin(stream: BinaryIO) -> tuple[str, ServiceCharacters]:
    """What was read of the stream to see whether it begins with UNA, and what that says."""
    head = stream.read(_CHUNK_BYTES).decode("latin-1").removeprefix(_BOM).lstrip(_BLANK)
    if head.startswith("UNA") and len(head) >= 9:  # noqa: PLR2004 -- UNA and six characters
        said = ServiceCharacters(head[3], head[4], head[5], head[6], head[8])
        if len({said.component, said.element, said.release, said.terminator}) == len(_RELEASED):
            return head[9:], said
    return head, ServiceCharacters()


def _is_released(text: str, release: str) -> bool:
    """Does the text end with a release character that is not itself released?"""
    bare = text.rstrip(release)
    return (len(text) - len(bare)) % 2 == 1


def _is_sound(body: str, line: int, faults: FaultCollector) -> bool:
    if len(body) > SEGMENT_BYTES_MAX:
        faults.refuse(
            "long-line",
            f"the segment is longer than {SEGMENT_BYTES_MAX // 1024} kB; this is no sound EDIFACT.",
            line=line,
        )
        return False
    if not body.isprintable() and not _CONTROL.isdisjoint(body):
        faults.refuse(
            "not-text", "there is a control character in the segment: the file is damaged.", line=line
        )
        return False
    return True


def _split(body: str, line: int, characters: ServiceCharacters) -> Segment:
    release = characters.release
    special = (release, characters.component, characters.element, characters.terminator)
    is_released = release in body
    if is_released:
        for place, character in zip(_RELEASED, special, strict=True):
            body = body.replace(release + character, place)
        body = body.replace(release, "")
    elements = [part.split(characters.component) for part in body.split(characters.element)]
    if is_released:
        back = str.maketrans(dict(zip(_RELEASED, special, strict=True)))
        for element in elements:
            if not all(map(str.isprintable, element)):
                element[:] = [word.translate(back) for word in element]
    return Segment(line, elements[0][0].strip(), elements[1:])


def read_messages(stream: BinaryIO, kind: str, faults: FaultCollector) -> Iterator[Segment]:
    """The segments of an interchange's messages of one type, UNH to UNT, with every count and reference checked.

    Args:
        stream: Of the file.
        kind: Message type, such as ``MSCONS``; others are told and left aside.
        faults: Takes what is wrong with the envelopes: counts, references, an end that is missing.
    """
    envelope = _Envelope(kind, faults)
    line = 1
    for segment in read_segments(stream, faults):
        line = segment.line
        if envelope.take(segment):
            yield segment
        if is_hopeless(faults):
            return
    envelope.finish(line)


class _Envelope:
    """UNB to UNZ and UNH to UNT: what is open, how much was counted."""

    def __init__(self, kind: str, faults: FaultCollector) -> None:
        self._kind = kind
        self._faults = faults
        self._interchange: str | None = None
        self._message: str | None = None
        self._is_wanted = False
        self._messages = 0
        self._segments = 0

    def take(self, segment: Segment) -> bool:
        """Is the segment of a message that is wanted?"""
        self._segments += 1
        if segment.tag == "UNB":
            self._interchange, self._messages = segment.word(4), 0
        elif segment.tag == "UNH":
            self._open(segment)
        elif segment.tag == "UNT":
            wanted, self._is_wanted = self._is_wanted, False
            self._close(segment)
            return wanted
        elif segment.tag == "UNZ":
            self._end(segment)
        elif self._message is None and segment.tag not in {"UNG", "UNE"}:
            self._refuse("envelope", f"{shorten(segment.tag)} stands outside any message (UNH).", segment)
        return self._is_wanted

    def _open(self, segment: Segment) -> None:
        if self._message is not None:
            self._refuse("truncated", f"message {shorten(self._message)} has no end (UNT).", segment)
        self._message, self._segments = segment.word(0), 1
        self._messages += 1
        kind = segment.word(1)
        self._is_wanted = kind == self._kind
        if not self._is_wanted:
            self._faults.note(
                "left-aside",
                f"message {shorten(self._message)} is {shorten(kind)}, not {self._kind}; it was left aside.",
                line=segment.line,
            )

    def _close(self, segment: Segment) -> None:
        stated, reference = segment.word(0), segment.word(1)
        if self._message is None:
            self._refuse("envelope", "a message ends (UNT) that did not begin.", segment)
        elif reference != self._message:
            self._refuse(
                "envelope",
                f"message {shorten(self._message)} ends with the reference {shorten(reference)}.",
                segment,
            )
        elif stated.strip().lstrip("0") != str(self._segments):
            self._refuse(
                "segment-count",
                f"message {shorten(reference)} has {self._segments} segments, its end (UNT) states {shorten(stated)}; "
                "segments were lost or added, fetch it again.",
                segment,
            )
        self._message = None

    def _end(self, segment: Segment) -> None:
        stated, reference = segment.word(0), segment.word(1)
        if self._message is not None:
            self._refuse("truncated", f"message {shorten(self._message)} has no end (UNT).", segment)
        if self._interchange is None or reference != self._interchange:
            self._refuse(
                "envelope",
                f"the interchange ends with the reference {shorten(reference)}, it began with "
                f"{shorten(self._interchange or 'none')}.",
                segment,
            )
        elif stated.strip().lstrip("0") != str(self._messages):
            self._refuse(
                "message-count",
                f"the interchange has {self._messages} messages, its end (UNZ) states {shorten(stated)}; "
                "fetch it again.",
                segment,
            )
        self._interchange, self._message, self._is_wanted = None, None, False

    def finish(self, line: int) -> None:
        """Refuse what is still open at the end of the file."""
        if (self._message is not None or self._interchange is not None) and not self._faults.refused:
            self._faults.refuse(
                "truncated",
                "the interchange has no end (UNZ): the file was cut off; fetch it again.",
                line=line,
            )

    def _refuse(self, rule: str, message: str, segment: Segment) -> None:
        self._faults.refuse(rule, message, line=segment.line)
