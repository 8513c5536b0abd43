"""P1 telegrams: checksums, registers, and the intervals between telegrams that lie on a grid."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dsmr_parser.parsers import TelegramParser
from dsmr_parser.telegram_specifications import V3, V5
from hypothesis import given
from hypothesis import strategies as st

from backend.adapters.meter_files.formats.dsmr import FORMAT
from backend.adapters.meter_files.formats.p1_telegrams import crc16
from tests.unit.meter_files.text.reading import read, read_endless, sample_files

EQUIPMENT = "4530303334303036383234393130313137"
START = datetime(2024, 6, 1, 10, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def stamp(moment, zone=AMSTERDAM):
    local = moment.astimezone(zone)
    return f"{local:%y%m%d%H%M%S}{'S' if local.dst() else 'W'}"


def telegram(moment=START, consumption=("000100.000", "000050.000"), feed_in=(), checksum="right", **changes):
    lines = [
        "/ISK5\\2M550T-1011",
        "",
        "1-3:0.2.8(50)",
        f"0-0:1.0.0({changes.get('stamp', stamp(moment))})",
        f"0-0:96.1.1({changes.get('equipment', EQUIPMENT)})",
        *(f"1-0:1.8.{tariff}({text}*kWh)" for tariff, text in enumerate(consumption, 1)),
        *(f"1-0:2.8.{tariff}({text}*kWh)" for tariff, text in enumerate(feed_in, 1)),
        "1-0:1.7.0(00.532*kW)",
        "0-0:96.13.0()",
        "!",
    ]
    body = "\r\n".join(line for line in lines if not line.startswith(changes.get("without", "?")))
    if checksum == "right":
        return f"{body}{crc16(body.encode()):04X}\r\n"
    return f"{body}{checksum}\r\n"


def log(*steps, minutes=15, **changes):
    """Telegrams a step apart whose first tariff's register moves on by so many watt-hours each."""
    text, shown = "", 100_000
    for place, step in enumerate((0, *steps)):
        shown += step
        text += telegram(
            START + timedelta(minutes=minutes * place), (f"{shown // 1000:06}.{shown % 1000:03}",), **changes
        )
    return text


@given(st.binary(max_size=400))
def test_the_checksum_is_that_of_the_reference(data):
    assert crc16(data) == TelegramParser.crc16(data.decode("latin-1"))


def test_differences_of_telegrams_on_a_grid_are_the_energy_of_intervals():
    found = read(FORMAT, log(125, 250, 1))
    start, seconds, energy, quality, words = found.series(EQUIPMENT)
    assert found.findings == []
    assert start == [int(START.timestamp()) + 900 * place for place in range(3)]
    assert (seconds, energy, quality, words) == ([900] * 3, [125_000, 250_000, 1000], [0] * 3, [""] * 3)
    assert [register.value for register in found.registers] == [100_000_000, 100_376_000]
    assert found.registers[0].meter == "E0034006824910117"


@pytest.mark.parametrize("minutes", [5, 10, 15, 30, 60])
def test_the_step_is_found_in_the_stamps(minutes):
    assert set(read(FORMAT, log(1, 2, 3, minutes=minutes)).series()[1]) == {minutes * 60}


def test_a_step_that_is_asked_for_takes_the_telegrams_on_its_grid():
    found = read(FORMAT, log(1, 2, 3, 4, 5, 6, minutes=5), resolution_minutes=15)
    assert found.series()[2] == [6000, 15_000]


def test_tariffs_are_added_and_feed_in_is_a_series_of_its_own():
    text = telegram(START, ("1.000", "2.000"), ("5.000", "6.000"))
    text += telegram(START + timedelta(minutes=15), ("1.100", "2.020"), ("5.000", "6.500"))
    found = read(FORMAT, text)
    assert found.series(direction=0)[2] == [120_000]
    assert found.series(direction=1)[2] == [500_000]


def test_a_meter_that_never_fed_in_has_no_feed_in():
    text = "".join(
        telegram(START + timedelta(minutes=15 * at), feed_in=("0.000", "0.000")) for at in range(3)
    )
    assert read(FORMAT, text).series(direction=1)[0] == []


def test_summer_and_winter_marks_tell_the_doubled_hour_apart():
    first = datetime(2024, 10, 26, 23, tzinfo=UTC)
    moments = [first + timedelta(minutes=15 * place) for place in range(17)]
    text = "".join(telegram(moment, (f"{place}.000",)) for place, moment in enumerate(moments))
    start, _, energy, _, _ = read(FORMAT, text).series()
    assert start == [int(moment.timestamp()) for moment in moments[:-1]]
    assert energy == [1_000_000] * 16


def test_stamps_without_a_mark_need_a_zone():
    text = "".join(telegram(START, (f"{at}.000",), stamp=f"240601{10 + at}0000") for at in range(3))
    assert read(FORMAT, text).refusals == ["time-zone"] * 3
    start = read(FORMAT, text, time_zone="Europe/Helsinki").series()[0]
    assert start[0] == int(datetime(2024, 6, 1, 10, tzinfo=ZoneInfo("Europe/Helsinki")).timestamp())


def test_a_wrong_checksum_leaves_out_that_telegram_only():
    damaged = log(125, 250, 1).split("/ISK5")
    damaged[3] = damaged[3].replace("000100.375", "000900.375")
    found = read(FORMAT, "/ISK5".join(damaged))
    assert found.rules == ["checksum"]
    assert found.refusals == []
    assert found.series()[2] == [125_000]
    assert len(found.registers) == 3  # around the gap, so that it can be scaled to their difference


def test_a_missing_checksum_is_told_once():
    found = read(FORMAT, log(125, 250, checksum=""))
    assert found.rules == ["no-checksum"]
    assert found.series()[2] == [125_000, 250_000]


def test_a_checksum_over_bare_line_feeds_holds_too():
    body = telegram(checksum="").replace("\r\n", "\n").rstrip("\n")
    text = f"{body}{crc16(body.encode()):04X}\n"
    assert "checksum" not in read(FORMAT, text).rules


def test_a_register_that_goes_back_is_told_and_its_interval_left_out():
    found = read(FORMAT, log(125, -90_000, 250))
    assert found.rules == ["register-back"]
    assert found.series()[2] == [125_000, 250_000]


def test_a_gap_is_left_out_and_its_edges_are_register_reads():
    parts = log(1, 2, 3, 4, 5).split("/ISK5")
    del parts[3:5]
    found = read(FORMAT, "/ISK5".join(parts))
    assert found.series()[2] == [1000, 5000]
    assert [register.value for register in found.registers] == [
        100_000_000,
        100_001_000,
        100_010_000,
        100_015_000,
    ]


def test_telegrams_on_no_grid_are_register_reads():
    moments = [START + timedelta(seconds=10 * place + 3) for place in range(200)]
    text = "".join(telegram(moment, (f"{place}.000",)) for place, moment in enumerate(moments))
    found = read(FORMAT, text)
    assert found.blocks == []
    assert found.rules == ["no-intervals"]
    assert [register.value for register in found.registers] == [0, 90_000_000, 180_000_000, 198_000_000]


def test_telegrams_of_every_ten_seconds_that_meet_the_quarter_hours_give_intervals():
    moments = [START + timedelta(seconds=10 * place) for place in range(200)]
    text = "".join(telegram(moment, (f"{place}.000",)) for place, moment in enumerate(moments))
    assert read(FORMAT, text).series()[2] == [90_000_000, 90_000_000]


def test_the_order_of_telegrams_and_their_repetition_do_not_matter():
    parts = ["/ISK5" + part for part in log(1, 2, 3).split("/ISK5")[1:]]
    found = read(FORMAT, "".join([parts[2], parts[0], parts[3], parts[1], parts[0]]))
    assert found.findings == []
    assert found.series()[2] == [1000, 2000, 3000]


def test_two_registers_of_one_instant_are_a_contradiction():
    assert read(FORMAT, telegram() + telegram(consumption=("7.000", "8.000"))).refusals == ["contradiction"]


def test_a_telegram_that_lacks_a_tariff_is_not_taken_for_a_smaller_sum():
    text = telegram() + telegram(START + timedelta(minutes=15), ("000100.500",))
    found = read(FORMAT, text)
    assert "registers" in found.rules
    assert found.blocks == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (telegram(consumption=("-1.0", "2.0")), "energy"),
        (telegram(consumption=("1,0", "2.0")), "energy"),
        (telegram(checksum="").replace("*kWh", "*MJ"), "energy"),
        (telegram(checksum="").replace("000100.000*kWh)", "000100.000"), "energy"),
        (telegram(stamp="240631100000S"), "instant"),
        (telegram(without="0-0:1.0.0"), "instant"),
        (telegram(without="0-0:96.1.1"), "metering-point"),
    ],
)
def test_each_fault_is_refused(text, rule):
    assert read(FORMAT, text).refusals == [rule]


def test_whose_telegrams_they_are_may_be_said():
    text = telegram(without="0-0:96.1.1") + telegram(START + timedelta(minutes=15), without="0-0:96.1.1")
    assert len(read(FORMAT, text, metering_point="home-01").series("home-01")[0]) == 1


def test_telegrams_that_are_cut_off_are_told_and_left_out():
    whole = log(1, 2)
    found = read(FORMAT, "1-0:1.7.0(1*kW)\r\n" + whole + telegram()[:90])
    assert found.rules == ["cut-off", "cut-off"]
    assert found.series()[2] == [1000, 2000]
    within = read(FORMAT, telegram()[:90] + "\r\n" + whole)
    assert within.rules == ["cut-off"]


def test_registers_of_samples_are_those_of_the_reference():
    compared = 0
    for file in sample_files("dsmr", "*.txt"):
        text = file.read_bytes()
        if not FORMAT.recognise(text):
            assert file.name == "LICENSE.txt"
            continue
        found = read(FORMAT, text, metering_point="somebody")
        version = V3 if file.name.startswith("dsmr3") else V5
        reference = TelegramParser(version, apply_checksum_validation=False).parse(text.decode())
        if file.name.startswith("dsmr3"):
            assert found.refusals == ["instant"]
            continue
        assert found.refusals == []
        for direction, names in enumerate((("USED",), ("DELIVERED",))):
            values = [
                getattr(reference, f"ELECTRICITY_{names[0]}_TARIFF_{tariff}", None) for tariff in (1, 2)
            ]
            known = sum(int(value.value.scaleb(6)) for value in values if value is not None)
            ours = sum(
                register.value for register in found.registers if register.series.direction == direction
            )
            assert ours == known or all(value is None for value in values), file.name
            compared += bool(known)
    assert compared >= 3


def test_recognises_no_other_text():
    assert FORMAT.recognise(telegram().encode())
    for other in (b"", b"/ISk5\\2MT382\n", b"1-0:1.8.1(1*kWh)\n", b"UNA:+.? '"):
        assert not FORMAT.recognise(other)


def test_a_telegram_without_end_is_bounded():
    findings, read_bytes, _ = read_endless(FORMAT, b"1-0:1.7.0(1*kW)\n", 30_000_000, b"/ISK5\n")
    assert [finding.rule for finding in findings] == ["long-telegram"]
    findings, read_bytes, _ = read_endless(FORMAT, b"x", 2**30, b"/ISK5\n")
    assert "long-line" in [finding.rule for finding in findings]
    assert read_bytes < 2**26


def test_nonsense_without_end_stops_at_the_bound_of_findings():
    unit = b"/ISK5\n0-0:1.0.0(x)\n1-0:1.8.1(1*kWh)\n!\n"
    findings, read_bytes, _ = read_endless(FORMAT, unit, 80_000_000)
    assert len(findings) <= 1001
    assert read_bytes < 20_000_000
