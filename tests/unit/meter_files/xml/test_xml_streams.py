"""XML from outside: read in flat memory, and refused with a reason where it is hostile or broken."""

import io
import time

import pytest

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.formats import HEAD_BYTES, SourceFile
from backend.adapters.meter_files.formats.xml_streams import (
    ATTRIBUTES_MAX,
    DEPTH_MAX,
    RECORD_ELEMENTS_MAX,
    child_texts,
    read_prolog,
    stream_elements,
    text_of,
)
from backend.adapters.meter_files.reading import MeterFiles
from backend.errors import ReadingsError


def walk(data, records=("r",), opener=None):
    """(events as told, with the texts of records) and the findings."""
    if isinstance(data, str):
        data = data.encode()
    faults = FaultCollector("x.xml")
    file = SourceFile("x.xml", data[:HEAD_BYTES], opener or (lambda: io.BytesIO(data)), None)
    events = [
        (begins, name, child_texts(element) or text_of(element))
        for begins, name, element in stream_elements(file, faults, records)
    ]
    return events, faults.told()


class Endless(io.BytesIO):
    """A head, a filling repeated up to a size, and nothing after it."""

    def __init__(self, head, filling, size):
        super().__init__()
        self._head, self._filling, self.left, self.taken = head, filling, size, 0

    def read(self, size=-1):
        piece = self._head or self._filling[: min(len(self._filling), self.left)]
        self._head = b""
        self.left -= len(piece)
        self.taken += len(piece)
        return piece


def stream_endless(head, filling, size):
    stream = Endless(head, filling, size)
    events, findings = walk(head, opener=lambda: stream)
    return events, findings, stream.taken


def test_elements_are_told_in_order_and_records_whole():
    events, findings = walk('<a xmlns="urn:x"><b k="1"> hello </b><r><c>1</c><d>2</d></r></a>')
    assert [(begins, name) for begins, name, _ in events] == [
        (True, "a"),
        (True, "b"),
        (False, "b"),
        (False, "r"),
        (False, "a"),
    ]
    assert events[2][2] == "hello"
    assert events[3][2] == {"c": "1", "d": "2"}
    assert not findings


def test_a_billion_laughs_are_refused_unheard():
    bomb = '<!DOCTYPE a [<!ENTITY l0 "lol">'
    bomb += "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    events, findings = walk(f'<?xml version="1.0"?>\n{bomb}]><a>&l9;</a>')
    assert not events
    assert [finding.rule for finding in findings] == ["document-type"]


@pytest.mark.parametrize(
    "form", ["eda_quarter_hours", "green_button_batch", "iec_61968_9_day", "cim_vhd_v082", "cim_vhd_v104"]
)
def test_a_file_of_a_known_format_with_a_document_type_is_refused_for_that(form, sample, tmp_path):
    head, mark, body = sample(f"{form}/input.xml").partition(b"?>")
    bomb = b'\n<!DOCTYPE a [<!ENTITY x "y"> <!ELEMENT a ANY>\n] >\n'
    (tmp_path / "in.xml").write_bytes(head + mark + bomb + body)
    with pytest.raises(ReadingsError) as refusal:
        MeterFiles()(tmp_path / "in.xml", known_points=None, resolution_minutes=None)
    assert [finding.rule for finding in refusal.value.findings] == ["document-type"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_an_external_entity_is_refused_in_any_encoding(encoding, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    text = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><a>&x;</a>'
    events, findings = walk(text.encode(encoding))
    assert "the secret" not in str(events)
    assert not events
    assert [finding.rule for finding in findings] == ["document-type"]


def test_a_document_type_cannot_hide_in_an_encoding_that_is_not_read():
    text = '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a [+ADwAIQ-ENTITY x "y">]><a>&x;</a>'
    events, findings = walk(text)
    assert not events
    assert [finding.rule for finding in findings] == ["encoding"]


def test_an_entity_that_nobody_declared_is_no_xml():
    events, findings = walk("<a><b>&x;</b></a>")
    assert [finding.rule for finding in findings] == ["xml"]
    assert (False, "b", "") not in events


def test_a_root_beyond_the_head_is_refused_however_long_the_comment():
    events, findings = walk(b"<!-- " + b"x" * (2 * HEAD_BYTES) + b" --><a/>")
    assert not events
    assert [finding.rule for finding in findings] == ["xml"]


@pytest.mark.parametrize(
    ("filling", "rule"),
    [
        (b"x" * 65536, "xml"),  # one text
        (b" " * 65536, "xml"),  # one white space
        (b"<c>" * 20_000, "xml-bounds"),  # ever deeper
    ],
)
def test_a_gigabyte_on_one_line_is_not_read_far_let_alone_held(filling, rule):
    events, findings, taken = stream_endless(b"<a><b>", filling, 2**30)
    assert [finding.rule for finding in findings] == [rule]
    assert taken < 24 * 2**20
    assert len(events) < 3 * DEPTH_MAX


def test_a_record_without_end_stops_early_whether_of_many_elements_or_of_much_text():
    for filling in (b"<c/>" * 10_000, b"<c>" + b"x" * 60_000 + b"</c>"):
        _, findings, taken = stream_endless(b"<a><r>", filling, 2**30)
        assert [finding.rule for finding in findings] == ["xml-bounds"]
        assert taken < 4 * 2**20


def test_what_was_read_is_let_go_however_long_the_file():
    head, filling = b"<a>\n", b"<r><c>1</c></r><x>y</x><!-- z --><?p q?>\n" * 500
    stream = Endless(head, filling, 2 * 2**20)
    faults = FaultCollector("x.xml")
    count = held = 0
    for _, _, element in stream_elements(SourceFile("x.xml", head, lambda: stream, None), faults, {"r"}):
        count += 1
        parent = element.getparent()
        held = max(held, len(parent) if parent is not None else 0)
    assert count > 90_000
    assert held < 5000  # what one read of the stream brings, never what came before
    assert [finding.rule for finding in faults.told()] == ["xml"]  # it never ends


def test_nesting_of_a_hundred_thousand_is_refused_with_its_line():
    _, findings = walk("<a>\n" + "<b>" * 100_000 + "</b>" * 100_000 + "</a>")
    assert [(finding.rule, finding.line) for finding in findings] == [("xml-bounds", 2)]


def test_more_attributes_than_any_meter_file_has_are_refused():
    attributes = " ".join(f'a{n}="1"' for n in range(ATTRIBUTES_MAX + 1))
    _, findings = walk(f"<a><b {attributes}/></a>")
    assert [finding.rule for finding in findings] == ["xml-bounds"]


def test_the_bounds_let_through_what_they_allow():
    attributes = " ".join(f'a{n}="1"' for n in range(ATTRIBUTES_MAX))
    inner = "<c/>" * (RECORD_ELEMENTS_MAX - 1)
    deep = "<d>" * (DEPTH_MAX - 1) + "</d>" * (DEPTH_MAX - 1)
    _, findings = walk(f"<a><b {attributes}/><r>{inner}</r>{deep}</a>")
    assert not findings


def test_a_file_that_is_cut_off_tells_what_came_before_and_where_it_ends():
    whole = "<a>\n<r><c>1</c></r>\n<r><c>2</c></r>\n</a>"
    events, findings = walk(whole[:-12])
    assert (False, "r", {"c": "1"}) in events
    assert [(finding.rule, finding.line) for finding in findings] == [("xml", 3)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_texts_are_read_in_the_encoding_that_the_file_has(encoding):
    declared = "" if encoding.startswith("utf-8") else f' encoding="{encoding}"'
    text = f'<?xml version="1.0"{declared}?><a><r><c>Zähler</c></r></a>'
    events, findings = walk(text.encode(encoding))
    assert (False, "r", {"c": "Zähler"}) in events
    assert not findings


def test_text_in_another_encoding_than_declared_is_refused():
    events, findings = walk(
        '<?xml version="1.0" encoding="utf-8"?><a><r><c>Zähler</c></r></a>'.encode("latin-1")
    )
    assert not any(name == "r" for _, name, _ in events)
    assert findings[0].rule == "xml"


@pytest.mark.parametrize(
    "data", [b"", b"a,b\n1,2\n", b'{"a": 1}', b"\x00\x01\x02\x03", b"PK\x03\x04", b"  \n "]
)
def test_what_is_no_xml_has_no_prolog(data):
    assert read_prolog(data) is None


def test_the_prolog_names_the_root_with_its_namespace_past_comments_and_instructions():
    head = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<!-- <b> --><?p?>\n'
    head += b'<n:a xmlns:n="urn:n" xmlns="urn:m" k="&gt;">'
    prolog = read_prolog(head)
    assert prolog is not None
    assert (prolog.namespace, prolog.name, prolog.encoding, prolog.doctype) == (
        "urn:n",
        "a",
        "iso-8859-1",
        False,
    )


@pytest.mark.parametrize(
    "head",
    [
        b"<" + b"a" * HEAD_BYTES,
        b"<!a>" * 20_000,
        b"<a" + b' x="y"' * 10_000,
        b"<a" + b" xmlns" * 10_000 + b">",
        b"<!D [>" + b" ]" * 30_000,
        b"<a " + b"'" * HEAD_BYTES,
        b"<?p?>" * 13_000,
    ],
    ids=lambda head: head[:8].decode(),
)
def test_a_prolog_is_read_at_once_however_it_is_built(head):
    began = time.process_time()
    read_prolog(head[:HEAD_BYTES])
    assert time.process_time() - began < 0.5
