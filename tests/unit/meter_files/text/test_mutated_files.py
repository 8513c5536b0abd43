"""Sound files with bytes changed, lost, doubled or moved: whatever comes of it, findings and sound blocks, no crash."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.adapters.meter_files.faults import FINDINGS_MAX
from backend.adapters.meter_files.formats import all_formats
from backend.metering import Quality
from tests.unit.meter_files.text import test_dsmr, test_mscons, test_nem12, test_nem13
from tests.unit.meter_files.text.reading import read

SOUND = {
    "nem12": test_nem12.whole(
        test_nem12.POINT,
        test_nem12.day(test_nem12.flat(), "V,,,,"),
        "400,1,20,F14,76,\n400,21,48,A,,\n",
        test_nem12.day(test_nem12.flat(), date="20230226"),
    ),
    "nem13": test_nem13.whole(test_nem13.PAIR, "550,N,,A,\n"),
    "mscons": test_mscons.interchange(
        test_mscons.message(*(test_mscons.value(place, "1.5") for place in range(4))),
        test_mscons.message(["QTY+220:1234.5:KWH", "DTM+7:202403012300?+00:303"], obis="1-1?:1.8.0"),
    ),
    "dsmr": test_dsmr.log(125, 250, 1),
    "cau": "ES0031300000000001AA0F;0,5\nES0031300000000002BB0F;0,5\n",
}
FORMATS = {form.name: form for form in all_formats()}
PIECES = st.sampled_from(
    [
        *(mark.encode() for mark in ",;'?+:\n\r\0\"(*/!\x1a²"),
        *(
            b"",
            b"-1",
            b"NaN",
            b"1e9999",
            b"inf",
            b"900\n",
            b"300,",
            b"\xff\xfe",
            b"9" * 50,
            b"20240230",
            b"UNT+1+1'",
        ),
    ]
)


@st.composite
def mutations(draw, sound):
    """A few cuts of a sound file, with something else in between."""
    data = sound.encode()
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 0, 1, 2, 7, 60])))
        kept = data[start:end] if draw(st.booleans()) else b""
        data = data[:start] + draw(PIECES) + kept * draw(st.integers(0, 2)) + data[end:]
    return data


def check(found):
    assert len(found.findings) <= FINDINGS_MAX + 1
    for finding in found.findings:
        assert finding.message.endswith((".", "?")), finding
        assert finding.message.isprintable(), finding
    for block in found.blocks:
        columns = (block.start_utc, block.seconds, block.energy, block.quality, block.code, block.line)
        assert len({len(column) for column in columns}) == 1
        assert len(block) > 0
        assert (block.energy >= 0).all()
        assert (block.seconds > 0).all()
        assert (block.energy[block.quality == Quality.MISSING] == 0).all()
        assert ((block.code >= 0) & (block.code < len(block.codes))).all()
        assert [column.dtype for column in columns] == [
            np.int64,
            np.int64,
            np.int64,
            np.uint8,
            np.int32,
            np.int64,
        ]
    for register in found.registers:
        assert register.value >= 0


@pytest.mark.parametrize("name", sorted(SOUND))
def test_mutations_of_sound_files_give_findings_and_sound_blocks(name):
    @given(mutations(SOUND[name]), st.sampled_from([None, "Europe/Berlin"]))
    @settings(max_examples=150)
    def mutate(data, time_zone):
        check(read(FORMATS[name], data, time_zone=time_zone))

    mutate()


@pytest.mark.parametrize(("name", "other"), list(itertools.permutations(sorted(SOUND), 2)))
def test_no_format_claims_the_files_of_another(name, other):
    assert FORMATS[name].recognise(SOUND[name].encode())
    assert not FORMATS[name].recognise(SOUND[other].encode())


@given(st.binary(max_size=300))
def test_recognition_never_fails(data):
    for name in SOUND:
        FORMATS[name].recognise(data)
        FORMATS[name].recognise(b"100,NEM12" + data)
        FORMATS[name].recognise(b"UNA" + data)
