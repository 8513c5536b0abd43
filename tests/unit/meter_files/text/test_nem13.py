"""NEM13: what a register showed at two reads, and no intervals."""

import pytest

from backend.adapters.meter_files.formats.nem13 import FORMAT
from tests.unit.meter_files.text.reading import read, read_endless
from tests.unit.meter_files.text.test_nem12 import texts_of_samples

HEAD = "100,NEM13,200401101030,MDA1,Ret1\n"
PAIR = (
    "250,VABC005890,11,1,11,11,METSER123,E,006342.8,20031005093055,A,,,007654.9,20040107100333,E64,7,late,"
    "1312.1,kWh,20040407,20040108100333,20040108091133\n"
)


def whole(*records):
    return HEAD + "".join(records) + "900\n"


def test_a_pair_of_reads_comes_out_with_meter_moments_and_words():
    found = read(FORMAT, whole(PAIR, "550,N,,A,\n"))
    first, second = found.registers
    assert (first.value, second.value) == (6_342_800_000, 7_654_900_000)
    assert (first.instant_utc, second.instant_utc) == (1_065_310_255, 1_073_433_813)
    assert (first.meter, first.code, second.code) == ("METSER123", "A", "E64 7 late")
    assert first.series.external_id == "VABC005890"
    assert first.series.direction == 0
    assert found.blocks == []
    assert found.rules == ["no-intervals"]


def test_reads_of_imported_energy_are_feed_in_whose_quantity_has_a_minus():
    found = read(FORMAT, whole(PAIR.replace(",E,006", ",I,006").replace("1312.1", "-1312.1")))
    assert [register.series.direction for register in found.registers] == [1, 1]


def test_a_quantity_that_is_not_the_difference_is_left_aside_and_told():
    found = read(FORMAT, whole(PAIR, PAIR.replace("1312.1", "131.21")))
    assert len(found.registers) == 2
    assert "register-quantity" in found.rules
    assert found.finding("register-quantity").line == 3


OVER = PAIR.replace("006342.8", "999342.8").replace("007654.9", "000654.9")


def test_a_register_that_went_over_its_last_digit_keeps_its_reads_and_is_told():
    found = read(FORMAT, whole(OVER))
    assert [register.value for register in found.registers] == [999_342_800_000, 654_900_000]
    assert sorted(found.rules) == ["no-intervals", "register-rolled-over"]
    assert found.finding("register-rolled-over").line == 2


@pytest.mark.parametrize(
    "record",
    [
        OVER.replace("1312.1", "1312.2"),  # not what the turn leaves
        OVER.replace("000654.9", "0000654.9"),  # another register: it has a digit more
        PAIR.replace("1312.1", "1001312.1"),  # a turn that the reads do not show
    ],
)
def test_what_is_no_turn_of_the_register_is_left_aside(record):
    found = read(FORMAT, whole(PAIR, record))
    assert len(found.registers) == 2
    assert "register-quantity" in found.rules
    assert "register-rolled-over" not in found.rules


def test_reactive_reads_are_left_aside():
    found = read(FORMAT, whole(PAIR.replace("kWh", "kVArh")))
    assert found.registers == []
    assert found.rules == ["left-aside"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("kWh", "m3", "unit"),
        (",E,006", ",X,006", "direction"),
        ("20031005093055", "20031305093055", "instant"),
        ("20031005093055", "20051005093055", "instant"),
        ("006342.8", "-6342.8", "energy"),
        ("006342.8", "six", "energy"),
        ("055,A,", "055,Q,", "quality"),
        ("VABC005890", "", "metering-point"),
        (",kWh,20040407,20040108100333,20040108091133", "", "record-length"),
        ("250,", "251,", "record-kind"),
    ],
)
def test_each_fault_is_refused(old, new, rule):
    found = read(FORMAT, whole(PAIR.replace(old, new)))
    assert found.refusals == [rule]
    assert found.finding(rule).line == 2
    assert found.registers == []


def test_a_file_without_its_end_is_refused():
    assert read(FORMAT, HEAD + PAIR).refusals == ["truncated"]


def test_every_sample_is_recognised_and_none_refused():
    count = 0
    for file, text in texts_of_samples():
        if not FORMAT.recognise(text):
            continue
        found = read(FORMAT, text)
        assert found.refusals == [], file.name
        assert found.registers or "register-quantity" in found.rules, file.name
        count += 1
    assert count >= 20


def test_nonsense_without_end_stops_at_the_bound_of_findings():
    findings, read_bytes, _ = read_endless(FORMAT, b"250,x\n", 60_000_000, HEAD.encode())
    assert len(findings) <= 1001
    assert read_bytes < 20_000_000
