"""NEM12: days of market time, qualities of ranges, and what makes a file unfit."""

import logging
import zipfile
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import numpy as np
import pytest
from nemreader import NEMFile

from backend.adapters.meter_files.formats.nem12 import FORMAT
from backend.metering import Quality
from tests.unit.meter_files.text.reading import read, read_endless, sample_files

MIDNIGHT = 1_677_247_200  # 2023-02-25T00:00+10:00
HEAD = "100,NEM12,202302241702,MDP,RET\n"
POINT = "200,NMI1234567,E1B1,1,E1,N1,METER1,kWh,30,\n"


def day(values, quality="A,,,20230226000000,", date="20230225"):
    return f"300,{date},{','.join(str(value) for value in values)},{quality}\n"


def whole(*records, head=HEAD, end="900\n"):
    return head + "".join(records) + end


def flat(value="0.5", count=48):
    return [value] * count


def test_a_day_starts_at_midnight_of_market_time_and_has_every_interval():
    found = read(FORMAT, whole(POINT, day([f"0.{number:03}" for number in range(48)])))
    start, seconds, energy, quality, words = found.series("NMI1234567", 0, "E1")
    assert found.findings == []
    assert start == [MIDNIGHT + 1800 * number for number in range(48)]
    assert set(seconds) == {1800}
    assert energy == [1000 * number for number in range(48)]
    assert set(quality) == {Quality.MEASURED}
    assert set(words) == {"A"}


@pytest.mark.parametrize(("minutes", "count"), [(5, 288), (15, 96), (30, 48), (60, 24)])
def test_each_interval_length_has_its_number_of_values(minutes, count):
    point = POINT.replace(",30,", f",{minutes},")
    assert len(read(FORMAT, whole(point, day(flat(count=count)))).series()[0]) == count
    for wrong in (count - 1, count + 1):
        found = read(FORMAT, whole(point, day(flat(count=wrong))))
        assert found.refusals == ["record-length"]
        assert f"{wrong} values, {count} are due" in found.findings[0].message
        assert found.findings[0].line == 3


@pytest.mark.parametrize(
    ("unit", "energy"),
    [("kWh", 1_234_568), ("KWH", 1_234_568), ("Wh", 1235), ("MWh", 1_234_567_500), ("wh", 1235)],
)
def test_units_of_any_case_come_to_the_milliwatt_hour_half_away_from_zero(unit, energy):
    found = read(FORMAT, whole(POINT.replace("kWh", unit), day(flat("1.2345675"))))
    assert set(found.series()[2]) == {energy}


def test_exponents_and_missing_zeros_are_numbers():
    values = [".048", "4.8E-2", "48e-3", "+0.048", "0.0480000000", *flat("0", 43)]
    assert read(FORMAT, whole(POINT, day(values))).series()[2][:5] == [48_000] * 5


def test_channels_of_import_feed_in_and_a_second_export_channel_keeps_its_name():
    second, feed = POINT.replace(",E1,N1", ",E2,N1"), POINT.replace(",E1,N1", ",B1,N1")
    found = read(FORMAT, whole(POINT, day(flat("1")), second, day(flat("2")), feed, day(flat("3"))))
    assert set(found.series(channel="E1")[2]) == {1_000_000}
    assert set(found.series(channel="E2")[2]) == {2_000_000}
    assert set(found.series(direction=1, channel="B1")[2]) == {3_000_000}


@pytest.mark.parametrize(
    ("suffix", "unit"), [("Q1", "kVArh"), ("K1", "KVARH"), ("V1", ""), ("N1", "kWh"), ("E1", "kW")]
)
def test_channels_of_no_energy_are_left_aside_and_told_once(suffix, unit):
    aside = POINT.replace(",E1,N1", f",{suffix},N1").replace("kWh", unit)
    found = read(FORMAT, whole(POINT, day(flat()), aside, day(["x"]), aside, day(flat())))
    assert found.rules == ["left-aside"]
    assert len(found.series()[0]) == 48
    assert suffix in found.findings[0].message


@pytest.mark.parametrize(
    ("flag", "quality"),
    [("A", Quality.MEASURED), ("E52", Quality.ESTIMATED), ("F14", Quality.EDITED), ("S56", Quality.EDITED)],
)
def test_qualities_are_normalised_and_their_words_kept_with_reason(flag, quality):
    found = read(FORMAT, whole(POINT, day(flat(), f"{flag},76,Faulty meter,20230226000000,")))
    _, _, _, qualities, words = found.series()
    assert set(qualities) == {quality}
    assert set(words) == {f"{flag} 76 Faulty meter"}


def test_null_data_is_missing_whatever_stands_there():
    found = read(FORMAT, whole(POINT, day(flat("7"), "N,,,,")))
    assert set(found.series()[2]) == {0}
    assert set(found.series()[3]) == {Quality.MISSING}
    assert found.findings == []


def test_an_empty_value_that_is_not_flagged_null_is_missing_and_told():
    found = read(FORMAT, whole(POINT, day(["", *flat(count=47)])))
    assert found.series()[3][:2] == [Quality.MISSING, Quality.MEASURED]
    assert found.rules == ["empty-value"]


def test_ranges_of_a_variable_day_have_their_own_quality():
    ranges = "400,1,20,F14,76,\n400,21,24,A,,\n400,25,48,N,,\n"
    found = read(FORMAT, whole(POINT, day(flat(), "V,,,20230226000000,"), ranges))
    _, _, energy, quality, words = found.series()
    assert found.findings == []
    assert quality == [Quality.EDITED] * 20 + [Quality.MEASURED] * 4 + [Quality.MISSING] * 24
    assert words == ["F14 76"] * 20 + ["A"] * 4 + ["N"] * 24
    assert energy == [500_000] * 24 + [0] * 24


def test_ranges_below_an_actual_day_change_only_what_they_cover():
    found = read(FORMAT, whole(POINT, day(flat()), "400,3,4,A,79,Power outage\n"))
    assert found.series()[4] == ["A"] * 2 + ["A 79 Power outage"] * 2 + ["A"] * 44


@pytest.mark.parametrize(
    ("ranges", "rule"),
    [
        ("400,1,47,A,,\n", "event-hole"),
        ("", "event-hole"),
        ("400,1,30,A,,\n400,25,48,S14,,\n", "event-overlap"),
        ("400,1,49,A,,\n", "event-range"),
        ("400,0,48,A,,\n", "event-range"),
        ("400,9,2,A,,\n", "event-range"),
        ("400,1,x,A,,\n", "event-range"),
        ("400,1\n", "event-range"),
        ("400,1,48,V,,\n", "quality"),
        ("400,1,48,Z9,,\n", "quality"),
    ],
)
def test_ranges_that_do_not_fit_the_day_are_refused(ranges, rule):
    found = read(FORMAT, whole(POINT, day(flat(), "V,,,20230226000000,"), ranges))
    assert rule in found.refusals


def test_overlapping_ranges_of_the_same_quality_are_no_contradiction():
    ranges = "400,1,30,A,,\n400,25,48,A,,\n"
    assert read(FORMAT, whole(POINT, day(flat(), "V,,,,"), ranges)).findings == []


def test_a_day_that_comes_again_supersedes_even_below_another_channel():
    other = POINT.replace(",E1,N1", ",B1,N1")
    found = read(FORMAT, whole(POINT, day(flat("1")), other, day(flat("9")), POINT, day(flat("2"))))
    assert set(found.series(channel="E1")[2]) == {2_000_000}
    assert len(found.series(channel="E1")[0]) == 48
    assert found.rules == ["superseded"]


def test_many_days_come_out_in_blocks_in_the_order_of_the_file():
    days = [str(np.datetime64("2023-02-25") + number).replace("-", "") for number in range(200)]
    found = read(FORMAT, whole(POINT, *(day(flat(str(at)), date=date) for at, date in enumerate(days))))
    start, _, energy, _, _ = found.series()
    assert len(found.blocks) > 1
    assert {late - early for early, late in pairwise(start)} == {1800}
    assert energy[::48] == [1_000_000 * at for at in range(200)]


@pytest.mark.parametrize(
    "text",
    [
        whole(POINT, day(flat())).replace("\n", "\r\n"),
        whole(POINT, day(flat())).replace("\n", ",,,,\n"),
        whole(POINT, day(flat())).replace("NMI1234567", '"NMI1234567"'),
        whole(POINT, "\n\n", day(flat())),
        "\ufeff" + whole(POINT, day(flat())),
        whole(POINT, day(flat()), "500,O,S01009,20230226120000,\n"),
    ],
    ids=["crlf", "trailing commas", "quotes", "empty lines", "byte order mark", "500 record"],
)
def test_what_harmless_writers_do_changes_nothing(text):
    found = read(FORMAT, text)
    assert found.findings == []
    assert found.series("NMI1234567")[2] == [500_000] * 48


def test_register_reads_of_transactions_are_told_and_left_aside_as_nobody_says_their_unit():
    found = read(
        FORMAT,
        whole(POINT, day(flat()), "500,N,,20230226120000,001234.5\n", "500,N,,20230226120000,001234.5\n"),
    )
    assert found.rules == ["left-aside"]
    assert found.finding("left-aside").message.startswith("2 register reads of transactions (500 records)")
    assert found.finding("left-aside").line == 4
    assert found.registers == []


def test_a_missing_header_is_told_and_the_rest_read():
    found = read(FORMAT, "\n" + whole(POINT, day(flat()), head=""))
    assert found.rules == ["header"]
    assert len(found.series()[0]) == 48


def test_files_that_were_joined_are_read_on_behind_the_end_record():
    found = read(FORMAT, whole(POINT, day(flat())) + whole(POINT, day(flat(), date="20230226")))
    assert found.findings == []
    assert len(found.series()[0]) == 96


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        (whole(POINT, day(flat()), end=""), "truncated", 3),
        (whole(POINT, "300,20230225,1,2,3\n"), "record-length", 3),
        (whole(POINT, day(flat(), "Q,,,,")), "record-length", 3),
        (whole(POINT, day(flat(), date="20230230")), "date", 3),
        (whole(POINT, day(["-0.1", *flat(count=47)])), "energy", 3),
        (whole(POINT, day(["NaN", *flat(count=47)])), "energy", 3),
        (whole(POINT, day(["1E99", *flat(count=47)])), "energy", 3),
        (whole(POINT, day(["1 000", *flat(count=47)])), "energy", 3),
        (whole(POINT.replace(",30,", ",7,"), day(flat())), "resolution", 2),
        (whole(POINT.replace("kWh", "kJ"), day(flat())), "unit", 2),
        (whole(POINT.replace("NMI1234567", ""), day(flat())), "metering-point", 2),
        (whole("200,NMI1234567,E1\n", day(flat())), "record-length", 2),
        (whole(day(flat())), "record-order", 2),
        (whole("400,1,2,A,,\n"), "record-order", 2),
        (whole("777,x\n"), "record-kind", 2),
        (whole(POINT, day(flat()), head="100,NEM13,2023\n"), "header", 1),
    ],
)
def test_each_fault_is_refused_with_its_line(text, rule, line):
    found = read(FORMAT, text)
    assert found.refusals == [rule]
    assert found.finding(rule).line == line


def test_a_wrong_value_is_named_with_its_interval_and_point():
    found = read(
        FORMAT, whole(POINT, day(flat()), day([*flat(count=9), "x", *flat(count=38)], date="20230226"))
    )
    finding = found.finding("energy")
    assert (finding.line, finding.metering_point) == (4, "NMI1234567")
    assert finding.start_utc == MIDNIGHT + 86_400 + 9 * 1800
    assert "value 10" in finding.message


def test_western_australia_has_its_own_time_and_other_zones_do_not_change_market_time():
    text = whole(POINT, day(flat()))
    assert read(FORMAT, text, time_zone="Australia/Perth").series()[0][0] == MIDNIGHT + 7200
    assert read(FORMAT, text, time_zone="Australia/Adelaide").series()[0][0] == MIDNIGHT


def test_recognises_its_own_files_and_no_others():
    assert FORMAT.recognise(whole(POINT).encode())
    assert FORMAT.recognise(("\r\n" + POINT + day(flat())).encode())
    for other in (
        b"",
        b"100,NEM13,2004\n",
        b"200,1,2,3\n",
        b"metering_point,start\n",
        b"100\n",
        b'"',
        b"\xff\xfe\0",
    ):
        assert not FORMAT.recognise(other)


def test_a_line_of_a_gigabyte_is_refused_without_reading_it():
    findings, read_bytes, _ = read_endless(FORMAT, b"1.0,", 2**30, HEAD.encode() + POINT.encode() + b"300,")
    assert findings[0].rule == "long-line"
    assert read_bytes < 2**26


def test_nonsense_without_end_stops_at_the_bound_of_findings():
    findings, read_bytes, _ = read_endless(FORMAT, b"999,nonsense\n", 10_000_000 * 13, HEAD.encode())
    assert len(findings) <= 1001
    assert read_bytes < 2 * 10_000_000 * 13


def texts_of_samples():
    for file in sample_files("nem12/examples"):
        if file.suffix.lower() == ".zip":
            with zipfile.ZipFile(file) as archive:
                for name in archive.namelist():
                    yield file, archive.read(name)
        elif file.suffix == ".csv":
            yield file, file.read_bytes()


def sums_by_oracle(text):
    """Channel by channel what nemreader reads, days that come again once, as the file has them last."""
    scale = {"kwh": 6, "wh": 3}
    readings = NEMFile("file").parse_nem_file(text.decode().splitlines(), "file").readings
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for point, channels in readings.items():
        for suffix, values in channels.items():
            last = {value.t_start: value for value in values}
            for value in last.values():
                is_energy = suffix[0] in "EB" and value.uom.lower() in scale
                if is_energy and value.quality_method != "N":
                    exact = Decimal(repr(value.read_value)).scaleb(scale[value.uom.lower()])
                    sums[point, suffix] += int(exact.to_integral_value(ROUND_HALF_UP))
    return dict(sums)


def test_every_sample_has_the_sums_of_the_reference_reader():
    logging.getLogger("nemreader").setLevel(logging.CRITICAL)
    compared = 0
    for file, text in texts_of_samples():
        found = read(FORMAT, text) if FORMAT.recognise(text) else None
        if found is None or file.parent.name == "invalid":
            continue
        sums: defaultdict[tuple[str, str], int] = defaultdict(int)
        for block in found.blocks:
            sums[block.series.external_id, block.series.channel] += int(block.energy.sum())
        assert {key: value for key, value in sums.items() if value} == {
            key: value for key, value in sums_by_oracle(text).items() if value
        }, file.name
        assert found.refusals == [], file.name
        compared += 1
    assert compared >= 30


def test_samples_meant_to_fail_are_refused_and_joined_ones_are_not():
    outcomes = {}
    for file, text in texts_of_samples():
        if file.parent.name == "invalid" and text.strip():
            outcomes[file.name] = read(FORMAT, text).refusals
    assert outcomes == {
        "Example_NEM12_15min_200_30min_300.csv": ["record-length"],
        "Example_NEM12_15min_200_30min_400.csv": ["event-hole"],  # the reference leaves such values as V
        "Example_NEM12_30min_200_15min_300.csv": ["record-length"],  # the reference takes the first half
        "Example_NEM12_30min_200_15min_400.csv": ["record-length"],
        "Example_NEM12_empty.csv": [],
        "Example_NEM12_incomplete_interval.csv": ["record-length"],  # the reference skips the day
        "Example_NEM12_missing_header.csv": [],
        "Example_NEM12_powercor.csv": [],
        "Example_NEM12_powercor.csv.zip": [],
        "Example_NEM12_powercor_missing_fields.csv": [],
    }
