"""Reads JSON in bounds: what is found where, what hostile texts are told, and how little of them is read."""

import io
import json
import tracemalloc
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.formats import SourceFile, json_streams
from backend.adapters.meter_files.formats.json_streams import DEPTH_MAX, head_has_keys, stream_values
from tests.unit.meter_files.text.reading import Endless


def values(content, *patterns):
    data = content if isinstance(content, bytes) else content.encode()
    faults = FaultCollector("file")
    nodes = list(stream_values(SourceFile("file", data[:64], lambda: io.BytesIO(data)), faults, patterns))
    return [(node.path, node.value) for node in nodes], faults.told()


def refusal(content, *patterns):
    _, findings = values(content, *patterns)
    assert len(findings) == 1, findings
    return findings[0].rule, findings[0].message


def test_values_come_whole_with_the_path_where_they_stand():
    found, findings = values('{"a":{"rows":[{"b":1.50},{"b":[2,null,true]}]},"c":"x"}', "$.a.rows[*]", "$.c")
    assert found == [
        ("$.a.rows[0]", {"b": Decimal("1.50")}),
        ("$.a.rows[1]", {"b": [2, None, True]}),
        ("$.c", "x"),
    ]
    assert not findings


def test_decimals_keep_every_digit_that_is_written():
    found, _ = values('{"v":0.1000000000000000055511151231257827}', "$.v")
    assert str(found[0][1]) == "0.1000000000000000055511151231257827"


def test_nothing_outside_the_patterns_is_kept():
    found, findings = values('{"rows":[1,2],"other":[{"rows":[3]}]}', "$.rows[*]")
    assert found == [("$.rows[0]", 1), ("$.rows[1]", 2)]
    assert not findings


def test_a_byte_order_mark_is_taken_away_and_utf_16_refused():
    assert values(b'\xef\xbb\xbf{"v":1}', "$.v")[0] == [("$.v", 1)]
    assert refusal('{"v":1}'.encode("utf-16"))[0] == "not-utf-8"


def test_a_doubled_member_is_refused_with_its_path_inside_and_outside_of_what_is_looked_for():
    assert refusal('{"a":{"b":1,"b":2}}', "$.a") == (
        "duplicate-key",
        "$.a.b is there twice; nothing says which of them holds.",
    )
    assert refusal('{"x":{"y":1,"y":2},"a":1}', "$.a")[0] == "duplicate-key"
    found, findings = values('[{"b":1},{"b":2}]', "$[*]")
    assert len(found) == 2
    assert not findings


@pytest.mark.parametrize(
    ("content", "rule", "words"),
    [
        ('{"v":NaN}', "not-json", "$.v: NaN is no number"),
        ('{"v":[1,Infinity]}', "not-json", "Infinity is no number"),
        ('{"v":-Infinity}', "not-json", "Infinity is no number"),
        ('{"v":1', "not-json", "cut off"),
        ("", "not-json", "cut off"),
        ('{"v":1}{"v":2}', "not-json", "trailing"),
        ("{'v':1}", "not-json", "not JSON"),
        ('{"v":1e999}', "json-limits", "$.v is beyond any meter"),
        ('{"v":1e-999}', "json-limits", "$.v is beyond any meter"),
        ('{"v":1e99999999999999999999}', "not-json", "no meter"),
        ('{"v":1' + "0" * 100 + "}", "json-limits", "$.v is beyond any meter"),
        ('{"v":1' + "0" * 5000 + "}", "json-limits", "1000 digits"),
        ('{"v":"' + "x" * 5000 + '"}', "json-limits", "$.v is a text of 5000 characters"),
        ('{"' + "k" * 5000 + '":1}', "json-limits", "no column"),
        ('{"v":' + "[" * 40 + "]" * 40 + "}", "json-limits", "deep"),
        ("[" * 100_000, "json-limits", "deep"),
        ('{"a":' * 100_000, "json-limits", "deep"),
        (b'{"v":"\xff"}', "not-json", "UTF-8"),
    ],
)
def test_what_no_portal_writes_is_refused_with_reason_and_place(content, rule, words):
    found_rule, message = refusal(content, "$.v")
    assert found_rule == rule
    assert words in message


def test_nesting_up_to_the_bound_is_read():
    content = "[" * (DEPTH_MAX - 1) + "1" + "]" * (DEPTH_MAX - 1)
    assert values('{"v":' + content + "}", "$.v")[1] == []
    assert refusal('{"v":[' + content + "]}", "$.v")[0] == "json-limits"


def test_a_number_of_thousands_of_digits_across_two_pieces_never_reaches_the_parser():
    head = '{"v":"' + "x" * 4000 + '","w":['
    padding = "1," * ((65536 - len(head) - 400) // 2)
    assert refusal(head + padding + "9" * 4800 + "]}", "$.v")[0] == "json-limits"


@pytest.mark.parametrize("unit", [b"x", b" ", b"\\n"])
def test_a_gigabyte_of_one_text_or_of_blanks_is_given_up_after_a_megabyte(unit):
    stream = Endless(unit, 1024**3, head=b'{"v":' + (b"" if unit == b" " else b'"'))
    faults = FaultCollector("file")
    tracemalloc.start()
    assert list(stream_values(SourceFile("file", b"{", lambda: cast("Any", stream)), faults, ("$.v",))) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [finding.rule for finding in faults.told()] == ["json-limits"]
    assert stream.read_bytes < 2 * 1024**2
    assert peak < 16 * 1024**2


def test_one_value_of_endless_parts_is_given_up(monkeypatch):
    monkeypatch.setattr(json_streams, "_VALUES_MAX", 1000)
    assert "more than 1000 parts" in refusal('{"v":[' + "1," * 2000 + "1]}", "$.v")[1]
    monkeypatch.setattr(json_streams, "_BUILT_BYTES_MAX", 100_000)
    monkeypatch.setattr(json_streams, "_VALUES_MAX", 10**9)
    assert "longer than" in refusal('{"v":[' + "1," * 200_000 + "1]}", "$.v")[1]


def test_names_in_the_beginning_tell_a_form_from_others():
    assert head_has_keys(b'\xef\xbb\xbf \n{"cups":"", "time":', "cups", "time")
    assert not head_has_keys(b'{"cups":""}', "cups", "time")
    assert not head_has_keys(b'cups "cups" "time"', "cups", "time")


SCALARS = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(max_size=20)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


@settings(deadline=None)
@given(TREES)
def test_any_json_is_read_as_it_was_written(tree):
    found, findings = values(json.dumps({"v": tree}), "$.v")
    assert found == [("$.v", tree)]
    assert not findings


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything(content):
    values(b'{"v":[' + content, "$.v[*]")
    values(content, "$.v", "$[*]")
