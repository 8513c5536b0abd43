"""Files made to do harm, of every format: refused or read with findings, in bounded time and memory, never a crash."""

import gzip
import io
import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.adapters.meter_files.formats import all_formats
from tests.unit.meter_files.hostile.boxed import Box
from tests.unit.meter_files.hostile.sound_files import KINDS, SOUND

EXAMPLES = int(os.environ.get("PARTAGE_FUZZ_EXAMPLES", "6"))
SAMPLES = (
    Path(os.environ.get("PARTAGE_SHARED_DATA", Path(__file__).parents[5] / "shared" / "data")) / "formats"
)
BINARY = {"parquet", "arrow", "eda-report", "mapped-excel", "mapped-parquet", "mapped-arrow"}
TEXT = sorted(set(SOUND) - BINARY)
XML = ("cim-vhd", "eda", "green-button", "iec-61968-9")
JSON = ("datadis", "enedis", "energinet", "fingrid", "fluvius", "mijn-aansluiting")
# An empty compressed member costs a thousandth of what it unpacks to; so many make a gigabyte.
PIECE = 16 * 1024**2
PIECES = 64
NO_RATIO = {"ratio_max": 10**9}
EASY_BOMB = 2 * 1024**2


@pytest.fixture(scope="module")
def box():
    box = Box()
    yield box
    box.close()


@pytest.fixture
def judge(box, tmp_path):
    """Reads bytes in the box, by content and by name; what comes must be readings or findings that say something."""

    def judge_bytes(content, options, name="given.bin", forms=("auto",)):
        path = tmp_path / name
        path.write_bytes(content)
        told = {}
        for form in forms:
            told[form] = box.ask(path, format=KINDS.get(form, form), **options)
            assert told[form]["outcome"] in {"read", "refused"}, told[form]["outcome"]
            if told[form]["outcome"] == "refused":
                assert any(found["severity"] == "refused" for found in told[form]["findings"])
                assert told[form]["message"].startswith(name)
            for found in told[form]["findings"]:
                shown = found["message"] + found["value"] + found["metering_point"]
                assert shown.isprintable(), found
                assert len(shown) < 1500, found
                # A reader that met the box's walls, and called it the file's fault.
                assert not re.search("memory|malloc|alloc of", found["message"], re.IGNORECASE), found
        return told[forms[0]]

    return judge_bytes


def rules_of(told):
    return {found["rule"] for found in told["findings"]}


def test_every_format_has_a_sound_file_here(judge):
    names = {form.name for form in all_formats()}
    assert names <= set(SOUND)
    for name, (content, options) in SOUND.items():
        told = judge(
            content, options, forms=("auto", name) if name in names - {"mapped-arrow"} else ("auto",)
        )
        assert told["outcome"] == "read" or name == "cau", (name, told["message"])


@pytest.mark.parametrize("name", SOUND)
def test_a_file_cut_at_every_twentieth_is_read_or_refused(judge, name):
    content, options = SOUND[name]
    for part in range(20):
        judge(content[: len(content) * part // 20], options)
    if name in BINARY:
        for cut in (1, 2, 4, 8, 16):
            assert judge(content[:-cut], options)["outcome"] == "refused"


@pytest.mark.parametrize("name", SOUND)
def test_a_file_with_bits_flipped_is_read_or_refused(judge, name):
    content, options = SOUND[name]
    flips = st.tuples(st.integers(0, len(content) - 1), st.integers(0, 7))

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(st.lists(flips, min_size=1, max_size=6))
    def read_or_refused(places):
        bent = bytearray(content)
        for place, bit in places:
            bent[place] ^= 1 << bit
        judge(bytes(bent), options, forms=("auto", name.replace("mapped-arrow", "mapped-parquet")))

    read_or_refused()


FIGURES = (
    b"NaN",
    b"Infinity",
    b"-inf",
    b"1e999",
    b"1E-999",
    b"9" * 5000,
    b"-1",
    b"0x1F",
    b"1_000",
    "٣".encode(),
    b"",
)


@pytest.mark.parametrize("figure", FIGURES, ids=repr)
@pytest.mark.parametrize("name", TEXT)
def test_figures_that_are_none_become_no_reading(judge, name, figure):
    content, options = SOUND[name]
    found = list(re.finditer(rb"(?<![\d.])\d+[.,]\d+(?![\d.])", content)) or list(
        re.finditer(rb"\d+", content)
    )
    for match in (found[0], found[len(found) // 2], found[-1]):
        judge(content[: match.start()] + figure + content[match.end() :], options, forms=("auto", name))
    every = re.sub(rb"(?<![\d.])\d+[.,]\d+(?![\d.])", lambda _: figure, content)
    judge(every, options, forms=("auto", name))


@pytest.mark.parametrize(
    "trick", [b"\0", b"\xed\xa0\x80", b"\xff", b"\x1b[2J", "\u202e".encode(), b"\r", b"=1+1"], ids=repr
)
@pytest.mark.parametrize("name", TEXT)
def test_bytes_that_no_text_has_are_told_and_not_repeated(judge, name, trick):
    content, options = SOUND[name]
    words = list(re.finditer(rb"\w{4,}", content))
    for match in (words[0], words[len(words) // 2], words[-1]):
        judge(
            content[: match.start() + 2] + trick + content[match.start() + 2 :], options, forms=("auto", name)
        )


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp500", "utf-7"]
)
@pytest.mark.parametrize("name", TEXT)
def test_another_encoding_is_read_or_refused(judge, name, encoding):
    content, options = SOUND[name]
    judge(content.decode("utf-8-sig").encode(encoding), options, forms=("auto", name))


@pytest.mark.parametrize("name", XML)
def test_entities_and_nesting_in_xml_are_refused(judge, name):
    content, options = SOUND[name]
    prolog, root = re.split(rb"(?=<[\w:]+[\s>])", content, maxsplit=1)
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
    for document in (
        b'<!DOCTYPE r [<!ENTITY l0 "lol">' + laughs + b"]>",
        b'<!DOCTYPE r [<!ENTITY l0 "' + b"a" * 100_000 + b'">]>',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE r SYSTEM "http://localhost:9/x.dtd">',
        b'<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>',
    ):
        told = judge(prolog + document + root.replace(b">", b">&l11;", 1), options, forms=("auto", name))
        assert told["outcome"] == "refused"
        assert "root:" not in str(told)
    tag = root[: root.index(b">") + 1]
    for depth in (1_000, 300_000):
        nested = prolog + tag + b"<a>" * depth + b"</a>" * depth + root.removeprefix(tag)
        assert judge(nested, options, forms=("auto", name))["outcome"] == "refused"


@pytest.mark.parametrize("name", JSON)
def test_nesting_in_json_is_refused(judge, name):
    content, options = SOUND[name]
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        for depth in (1_000, 500_000):
            deep = opening * depth + b"1" + closing * depth
            told = judge(re.sub(rb"(?<=[{,])\s*(?=\")", b'"deep":' + deep + b",", content, count=1), options)
            assert told["outcome"] == "refused"
            judge(content[: len(content) // 2] + deep, options, forms=("auto", name))
            judge(deep, options, forms=("auto", name))


@pytest.mark.parametrize("filling", [b"1", b",", b" ", b'"'], ids=repr)
@pytest.mark.parametrize("name", TEXT)
def test_a_gigabyte_on_one_line_is_refused_before_it_is_read(judge, name, filling):
    content, options = SOUND[name]
    piece = gzip.compress(filling * PIECE, 1)
    start = gzip.compress(content[: content.rfind(b"\n", 0, len(content) - 2) + 3])
    assert judge(start + piece * PIECES, {**options, "bounds": NO_RATIO})["outcome"] == "refused"


def packed(*members, kind=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("name", TEXT)
def test_a_format_that_unpacks_without_end_is_refused(judge, name):
    content, options = SOUND[name]
    line = content.splitlines(keepends=True)[-1]
    bomb = packed(("a", content + line * (EASY_BOMB // len(line))))
    assert judge(bomb, {**options, "bounds": {"ratio_from": EASY_BOMB // 2}})["outcome"] == "refused"


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_no_kind_of_compression_unpacks_without_end(judge, kind):
    content, options = SOUND["csv"]
    line = content.splitlines(keepends=True)[-1]
    told = judge(packed(("a", content + line * (80 * 1024**2 // len(line))), kind=kind), options)
    assert rules_of(told) == {"too-large"}


def test_archives_within_archives_and_doubled_names_are_refused_or_read_once(judge):
    content, options = SOUND["csv"]
    inner = packed(("a.csv", content))
    for _ in range(5):
        inner = packed(("inner.zip", inner))
        assert judge(inner, options)["outcome"] == "refused"
    assert judge(gzip.compress(inner), options)["outcome"] == "refused"
    assert judge(gzip.compress(gzip.compress(content)), options)["outcome"] == "refused"
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = packed(("a.csv", content), ("a.csv", content.replace(b"0.", b"1.")))
    assert judge(twice, options)["outcome"] == "refused"


@pytest.mark.parametrize(
    "member",
    [
        "../a.csv", "a/../../b.csv", "..\\a.csv", "/etc/passwd", "\\\\host\\a.csv", "C:\\a.csv", "c:a.csv",
        "a\0.csv", "a\n.csv", "\x1b[2J.csv", "a/..",
    ],
    ids=repr,
)  # fmt: skip
def test_members_with_names_that_are_tricks_are_refused(judge, member):
    content, options = SOUND["csv"]
    # The library that writes archives cuts names at a zero byte: put in by hand.
    told = judge(packed((member.replace("\0", "~"), content)).replace(b"a~.csv", b"a\0.csv"), options)
    assert told["outcome"] == "refused"
    assert rules_of(told) == {"archive-member"}


def arrow_bytes(form, columns, **options):
    buffer = io.BytesIO()
    table = pa.table(columns)
    if form == "parquet":
        pq.write_table(table, buffer, **options)
    else:
        with pa.ipc.new_file(buffer, table.schema, **options) as file:
            file.write_table(table)
    return buffer.getvalue()


def own_columns(count, word, quality="measured"):
    zeros = np.zeros(count, np.int32)
    return {
        "metering_point": pa.DictionaryArray.from_arrays(pa.array(zeros), pa.array([word])),
        "start": pa.array(900 * np.arange(count, dtype=np.int64)).cast(pa.timestamp("s", "UTC")),
        "resolution_minutes": pa.array(np.full(count, 15, np.int16)),
        "energy_milliwatt_hours": pa.array(np.ones(count, np.int64)),
        "quality": pa.DictionaryArray.from_arrays(pa.array(zeros), pa.array([quality])),
    }


@pytest.mark.parametrize("where", ["metering_point", "quality"])
@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_word_that_is_long_and_said_often_is_not_unfolded(judge, form, where):
    columns = own_columns(100_000, "home-01")
    columns[where] = own_columns(100_000, "x" * 100_000, "x" * 100_000)[where]
    content = arrow_bytes(form, columns)
    assert len(content) < 5 * 1024**2
    assert judge(content, {})["outcome"] == "refused"
    judge(content, SOUND["mapped-parquet"][1])


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_columns_of_nothing_but_zeros_do_not_unpack_without_end(judge, form):
    count = 20_000_000
    columns = own_columns(count, "home-01")
    columns["energy_milliwatt_hours"] = pa.array(np.zeros(count, np.int64))
    columns["start"] = pa.array(np.zeros(count, np.int64)).cast(pa.timestamp("s", "UTC"))
    options = (
        {"compression": "zstd", "use_dictionary": False, "row_group_size": count, "data_page_size": 2**30}
        if form == "parquet"
        else {"options": pa.ipc.IpcWriteOptions(compression="zstd")}
    )
    content = arrow_bytes(form, columns, **options)
    assert len(content) < 5 * 1024**2
    for way in ({}, SOUND["mapped-parquet"][1]):
        told = judge(content, way)
        assert told["outcome"] == "refused"
        assert re.search("unpacks to [\\d,]+ (times|bytes)", told["message"])


def test_an_arrow_file_may_be_compressed_and_none_of_its_batches_is_lost(judge):
    columns = own_columns(1_000, "home-01")
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    assert judge(arrow_bytes("arrow", columns, options=options), {})["rows"] == 1_000
    content = arrow_bytes("arrow", columns)
    end = content.rindex(b"\xff\xff\xff\xff\0\0\0\0")
    schema_only = arrow_bytes("arrow", {name: column[:0] for name, column in columns.items()})
    footer = schema_only[schema_only.rindex(b"\xff\xff\xff\xff\0\0\0\0") :]
    assert judge(content[:end] + footer, {})["outcome"] == "refused"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no samples of formats below {SAMPLES}")
def test_every_sample_cut_at_every_twentieth_is_read_or_refused(judge):
    for path in sorted(SAMPLES.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            for part in range(1, 20):
                judge(content[: len(content) * part // 20], {"time_zone": "Europe/Paris"})
