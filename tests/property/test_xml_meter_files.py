"""However an XML meter file is bent, its reader answers with blocks and findings, and never with anything else."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.formats import HEAD_BYTES, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.cim_vhd import FORMAT as CIM_VHD
from backend.adapters.meter_files.formats.eda import FORMAT as EDA
from backend.adapters.meter_files.formats.green_button import FORMAT as GREEN_BUTTON
from backend.adapters.meter_files.formats.measured_values import parse_energy, parse_mean_power
from backend.adapters.meter_files.formats.meter_readings_61968 import FORMAT as IEC_61968
from backend.adapters.meter_files.formats.xml_streams import read_prolog
from backend.metering import Quality

SAMPLES = Path(__file__).parents[1] / "golden" / "meter_files"
CASES = {
    EDA: "eda_quarter_hours/input.xml",
    GREEN_BUTTON: "green_button_batch/input.xml",
    IEC_61968: "iec_61968_9_day/input.xml",
    CIM_VHD: "cim_vhd_v082/input.xml",
}
PIECES = [
    b"",
    b"<",
    b">",
    b"&x;",
    b"&#0;",
    b"<!--",
    b"]]>",
    b"<!DOCTYPE a>",
    b"\x00",
    b"\xff\xfe",
    b"-1",
    b"NaN",
    b"1e99",
]
PIECES += [
    b"9" * 60,
    b"A99",
    b"2024-13-45T99:99:99+99:99",
    b"<EP>",
    b"</EP>",
    b"<value/>",
    b'xmlns="urn:x"',
    b" " * 99,
]
PIECES += [
    "²٣".encode(),
    b"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",
    b"<entry>",
    b"</content>",
    b"99999999999999999999",
]
AROUND = 16 * 1024  # of a sample's end is left away, so that a bend is met often


@st.composite
def bends(draw, size):
    """Cuts, swaps and insertions at places of a file."""
    place = draw(st.integers(0, size - 1))
    length = draw(st.sampled_from([0, 1, 2, 5, 20, 300]))
    return place, length, draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)))


def assert_sound(form, data):
    faults = FaultCollector("bent.xml")
    file = SourceFile("bent.xml", data[:HEAD_BYTES], lambda: io.BytesIO(data), len(data))
    assert form.recognise(file.head) in (True, False)
    for item in form.read(file, ReadOptions(), faults):
        if hasattr(item, "start_utc"):
            assert len(item)
            assert (item.energy >= 0).all()
            assert (item.energy[item.quality == Quality.MISSING] == 0).all()
            assert (item.seconds > 0).all()
            assert item.code.max() < len(item.codes)
            assert item.series.external_id
        else:
            assert item.value >= 0
    for finding in faults.told():
        assert finding.message
        assert len(finding.message) < 600
        assert finding.line >= 0


@pytest.mark.parametrize("form", CASES, ids=lambda form: form.name)
@given(data=st.data())
@settings(max_examples=150)
def test_a_bent_file_gives_findings_and_sound_readings(form, data):
    sample = (SAMPLES / CASES[form]).read_bytes()[:AROUND]
    for place, length, piece in data.draw(st.lists(bends(len(sample)), min_size=1, max_size=4)):
        sample = sample[:place] + piece + sample[place + length :]
    assert_sound(form, sample)


@pytest.mark.parametrize("form", CASES, ids=lambda form: form.name)
@given(data=st.data())
@settings(max_examples=100)
def test_texts_of_any_words_give_findings_and_sound_readings(form, data):
    """Well-formed, so that the words get past the parser to what reads them."""
    from lxml import etree

    tree = etree.fromstring((SAMPLES / CASES[form]).read_bytes())
    leaves = [element for element in tree.iter("{*}*") if not len(element)]
    words = st.one_of(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30),
        st.sampled_from(
            [piece.decode("latin-1") for piece in PIECES if piece.isascii() and b"\0" not in piece]
        ),
        st.integers(-(10**20), 10**20).map(str),
        st.floats().map(str),
        st.datetimes().map(str),
        st.integers(1_680_000_000, 1_740_000_000).map(lambda at: datetime.fromtimestamp(at, UTC).isoformat()),
    )
    for index in data.draw(st.lists(st.integers(0, len(leaves) - 1), min_size=1, max_size=6)):
        leaf = leaves[index]
        if leaf.attrib and data.draw(st.booleans()):
            leaf.set(data.draw(st.sampled_from(sorted(leaf.attrib))), data.draw(words))
        else:
            leaf.text = data.draw(words)
    assert_sound(form, etree.tostring(tree))


@given(st.binary(max_size=200))
def test_any_bytes_have_a_prolog_or_none(head):
    read_prolog(head)
    for form in CASES:
        assert form.recognise(head) in (True, False)


@given(st.decimals(0, 10**9, places=9), st.integers(0, 9))
def test_an_energy_is_the_decimals_own_value_rounded_half_away_from_zero(value, power):
    from decimal import ROUND_HALF_UP, Decimal

    exact = (value * Decimal(10) ** power).to_integral_value(rounding=ROUND_HALF_UP)
    found = parse_energy(f"{value:f}", power)
    assert found == exact or (exact >= 2**53 and isinstance(found, str))


@given(st.integers(0, 10**9), st.integers(1, 86_400))
def test_a_mean_power_is_its_watt_seconds_in_whole_milliwatt_hours(watts, seconds):
    found = parse_mean_power(str(watts), 0, seconds)
    assert abs(2 * (found * 3600 - watts * seconds * 1000)) <= 3600
