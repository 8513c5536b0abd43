"""MSCONS: segments as the standard cuts them, counts that are checked, values with their words and clocks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydifact import Parser

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.formats.edifact_segments import read_segments
from backend.adapters.meter_files.formats.mscons import FORMAT
from backend.metering import Quality
from tests.unit.meter_files.text.reading import read, read_endless, sample_files, source

POINT = "DE0001234567890123456789012345678"
START = datetime(2024, 3, 1, 23, tzinfo=UTC)


def value(place, quantity, qualifier="220", unit=":KWH", minutes=15, form="303", zone="?+00", extra=()):
    start = START + timedelta(minutes=minutes * place)
    stamps = [f"{moment:%Y%m%d%H%M}{zone}" for moment in (start, start + timedelta(minutes=minutes))]
    return [
        f"QTY+{qualifier}:{quantity}{unit}",
        f"DTM+163:{stamps[0]}:{form}",
        f"DTM+164:{stamps[1]}:{form}",
        *extra,
    ]


def message(
    *values, obis="1-1?:1.29.0", place=f"LOC+172+{POINT}", before=(), kind="MSCONS", bgm="BGM+7+M1+9"
):
    body = [
        f"UNH+1+{kind}:D:04B:UN:2.4c",
        bgm,
        *before,
        "NAD+MS+9900000000001::293",
        "UNS+D",
        "NAD+DP",
        place,
    ]
    body += ["LIN+1", f"PIA+5+{obis}:SRW", *(segment for one in values for segment in one)]
    return [*body, f"UNT+{len(body) + 1}+1"]


def interchange(*messages, una="UNA:+.? '", end="\n"):
    segments = ["UNB+UNOC:3+A:500+B:500+240302:0100+REF1", *(segment for one in messages for segment in one)]
    return una + end.join(f"{segment}'" for segment in [*segments, f"UNZ+{len(messages)}+REF1"]) + "\n"


def test_a_load_profile_comes_out_with_starts_steps_and_words():
    text = interchange(
        message(value(0, "1.5"), value(1, "0,25", "67", extra=["STS+Z32++Z88", "STS+Z40+Z74"]))
    )
    found = read(FORMAT, text)
    start, seconds, energy, quality, words = found.series(POINT, 0, "1-1:1.29.0")
    assert found.findings == []
    assert start == [int(START.timestamp()), int(START.timestamp()) + 900]
    assert seconds == [900, 900]
    assert energy == [1_500_000, 250_000]
    assert quality == [Quality.MEASURED, Quality.EDITED]
    assert words == ["220", "67 Z32:Z88 Z40:Z74"]


@pytest.mark.parametrize(
    ("qualifier", "quality"),
    [
        ("220", Quality.MEASURED),
        ("79", Quality.MEASURED),
        ("67", Quality.EDITED),
        ("201", Quality.ESTIMATED),
        ("187", Quality.ESTIMATED),
        ("Z18", Quality.ESTIMATED),
        ("20", Quality.MISSING),
        ("Z30", Quality.MISSING),
    ],
)
def test_each_qualifier_is_kept_and_normalised(qualifier, quality):
    _, _, energy, qualities, words = read(FORMAT, interchange(message(value(0, "1", qualifier)))).series()
    assert (qualities, words) == ([quality], [qualifier])
    assert energy == [0 if quality is Quality.MISSING else 1_000_000]


@pytest.mark.parametrize("quantity", ["", "0", "1.5"])
def test_a_missing_value_is_missing_whatever_stands_in_its_place(quantity):
    found = read(FORMAT, interchange(message(value(0, quantity, "Z30"), value(1, "2"))))
    assert found.findings == []
    assert found.series()[2:4] == ([0, 2_000_000], [Quality.MISSING, Quality.MEASURED])


@pytest.mark.parametrize("qualifier", ["Z31", "Z47"])
def test_values_for_delivery_notes_and_demands_are_no_readings_and_told(qualifier):
    found = read(FORMAT, interchange(message(value(0, "1"), value(0, "9", qualifier))))
    assert found.series()[2] == [1_000_000]
    assert [(finding.rule, qualifier in finding.message) for finding in found.findings] == [
        ("left-aside", True)
    ]


def test_the_register_decides_the_direction():
    found = read(FORMAT, interchange(message(value(0, "2"), obis="1-1?:2.29.0")))
    assert found.series(direction=1)[2] == [2_000_000]
    assert found.series(direction=0)[2] == []


@pytest.mark.parametrize(
    ("unit", "energy"),
    [("", 3_000_000), (":KWH", 3_000_000), (":WHR", 3000), (":KWT", 750_000), (":MWH", 3_000_000_000)],
)
def test_energy_and_mean_power_are_told_apart_by_their_unit(unit, energy):
    assert read(FORMAT, interchange(message(value(0, "3", unit=unit)))).series()[2] == [energy]


def test_meter_readings_come_out_as_register_reads_with_their_device():
    segments = ["QTY+220:1234.5:KWH", "DTM+7:202403012300?+00:303"]
    text = interchange(message(["RFF+MG:1EMH0012345678"], segments, obis="1-1?:1.8.0"))
    (found,) = read(FORMAT, text).registers
    assert (found.value, found.instant_utc) == (1_234_500_000, int(START.timestamp()))
    assert (found.meter, found.code, found.series.channel) == ("1EMH0012345678", "220", "1-1:1.8.0")


def test_offsets_of_stamps_are_heeded():
    shifted = value(0, "1", zone="?+01")
    assert read(FORMAT, interchange(message(shifted))).series()[0] == [int(START.timestamp()) - 3600]


def local_values(first, last):
    """Quarter-hours as a clock in Berlin shows them, an hour of autumn twice."""
    moment, steps = first, []
    while moment < last:
        steps.append(moment)
        moment += timedelta(minutes=15)
    return steps


@pytest.mark.parametrize("last_end", ["202410270300", "202410270200"], ids=["before the change", "after it"])
def test_stamps_without_offset_need_a_zone_and_then_resolve_the_doubled_hour(last_end):
    walls = local_values(datetime(2024, 10, 27, 1, tzinfo=UTC), datetime(2024, 10, 27, 3, tzinfo=UTC))
    walls += local_values(datetime(2024, 10, 27, 2, tzinfo=UTC), datetime(2024, 10, 27, 4, tzinfo=UTC))
    values = [
        [
            "QTY+220:1:KWH",
            f"DTM+163:{wall:%Y%m%d%H%M}:203",
            f"DTM+164:{wall + timedelta(minutes=15):%Y%m%d%H%M}:203",
        ]
        for wall in walls
    ]
    values[7][2] = f"DTM+164:{last_end}:203"  # what the clock shows as it is set back
    text = interchange(message(*values))
    first = int(datetime(2024, 10, 26, 23, tzinfo=UTC).timestamp())
    start, seconds, _, _, _ = read(FORMAT, text, time_zone="Europe/Berlin").series()
    assert start == [first + 900 * place for place in range(16)]
    assert set(seconds) == {900}
    assert "time-zone" in read(FORMAT, text).refusals


def test_the_hour_that_spring_leaves_out_lengthens_no_interval_and_is_refused_as_a_start():
    text = interchange(message(["QTY+220:1:KWH", "DTM+163:202403310145:203", "DTM+164:202403310300:203"]))
    start, seconds, _, _, _ = read(FORMAT, text, time_zone="Europe/Berlin").series()
    assert (start, seconds) == ([int(datetime(2024, 3, 31, 0, 45, tzinfo=UTC).timestamp())], [900])
    absent = text.replace("310145", "310215").replace("310300", "310230")
    assert read(FORMAT, absent, time_zone="Europe/Berlin").refusals == ["absent-hour"]


def test_a_message_may_state_the_offset_of_all_its_stamps():
    text = interchange(message(value(0, "1", form="203", zone=""), before=["DTM+735:?+0100:406"]))
    assert read(FORMAT, text).series()[0] == [int(START.timestamp()) - 3600]


def test_the_end_of_a_day_may_be_written_as_its_24th_hour():
    stamps = ["DTM+163:202403012345?+00:303", "DTM+164:202403012400?+00:303"]
    assert read(FORMAT, interchange(message(["QTY+220:1", *stamps]))).series()[1] == [900]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_segments_may_stand_on_one_line_or_on_many(end):
    text = interchange(message(value(0, "1"), value(1, "2")), end=end)
    assert read(FORMAT, text).series()[2] == [1_000_000, 2_000_000]


def test_other_service_characters_are_taken_from_the_head():
    plain = interchange(message(value(0, "1")))
    other = "UNA|*,! ~" + plain[9:].replace("?:", "!:").replace("?+", "!+")
    other = (
        other.replace("!:", "\0").replace("!+", "\1").replace(":", "|").replace("+", "*").replace("'", "~")
    )
    other = other.replace("\0", ":").replace("\1", "+")
    assert read(FORMAT, other).series()[2] == [1_000_000]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("UNT+12", "UNT+13", "segment-count"),
        ("UNT+12+1", "UNT+12+2", "envelope"),
        ("UNZ+1", "UNZ+2", "message-count"),
        ("UNZ+1+REF1", "UNZ+1+REF2", "envelope"),
        ("UNZ+1+REF1'", "", "truncated"),
        ("UNT+12+1'", "", "truncated"),
        ("UNS+D'", "", "segment-count"),
        ("QTY+220:", "QTY+999:", "quality"),
        (":KWH", ":D54", "unit"),
        ("1.5:", "-1.5:", "energy"),
        ("1.5:", "NaN:", "energy"),
        ("1.5:", "1E30:", "energy"),
        ("LOC+172", "LOC+237", "metering-point"),
        ("1-1?:1.29.0", "garbage", "obis"),
        ("1-1?:1.29.0", "7-0?:3.0.0", "gas"),
        ("::293", "::332", "gas"),
        ("DTM+164", "DTM+165", "interval"),
        ("202403012300", "202413012300", "instant"),
        (":303", ":718", "instant"),
    ],
)
def test_each_fault_is_refused(old, new, rule):
    text = interchange(message(value(0, "1.5")))
    assert old in text
    assert rule in read(FORMAT, text.replace(old, new)).refusals


def test_a_file_that_ends_within_a_segment_is_refused():
    assert "truncated" in read(FORMAT, interchange(message(value(0, "1")))[:-20]).refusals


def test_what_is_no_load_profile_of_energy_is_left_aside_and_told():
    monthly = value(0, "800", minutes=60 * 24 * 30)
    reactive = message(value(0, "1"), obis="1-1?:3.29.0")
    found = read(
        FORMAT, interchange(message(monthly), reactive, message(kind="UTILMD"), message(bgm="BGM+7+M1+1"))
    )
    assert found.blocks == []
    assert found.refusals == []
    assert sorted(found.rules) == ["cancellation", "left-aside", "left-aside", "left-aside"]


def test_a_control_character_or_a_segment_too_long_stops_the_reading():
    text = interchange(message(value(0, "1")))
    assert "not-text" in read(FORMAT, text.replace("LIN+1", "LIN+\x00")).refusals
    assert "long-line" in read(FORMAT, text.replace("LIN+1", "LIN+" + "1" * 70_000)).refusals
    for unit in (b"1", b"?'"):
        findings, read_bytes, _ = read_endless(FORMAT, unit, 2**30, b"UNA:+.? 'UNH+1+MSCONS:D:04B'")
        assert findings[-1].rule == "long-line"
        assert read_bytes < 2**22


def test_nonsense_without_end_stops_at_the_bound_of_findings():
    findings, read_bytes, _ = read_endless(FORMAT, b"QTY+1:2'", 80_000_000, b"UNA:+.? '")
    assert len(findings) <= 1001
    assert read_bytes < 10_000_000


WORDS = st.text(st.sampled_from("AZ09:+?', ."), min_size=1, max_size=8)


@given(
    st.lists(
        st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=4), min_size=1, max_size=6
    )
)
def test_segments_are_those_of_the_reference_tokenizer(wanted):
    def escape(word):
        return "".join(f"?{character}" if character in "?:+'" else character for character in word)

    text = "".join(
        "+".join(["TAG", *(":".join(escape(word) for word in element) for element in elements)]) + "'\n"
        for elements in wanted
    )
    faults = FaultCollector("file")
    ours = [segment.elements for segment in read_segments(source(text).open(), faults)]
    reference = [
        [element if isinstance(element, list) else [element] for element in segment.elements]
        for segment in Parser().parse(text)
    ]
    assert ours == wanted == reference
    assert faults.told() == []


def test_samples_say_what_they_are():
    outcomes = {file.name: read(FORMAT, file.read_bytes()) for file in sample_files("mscons", "*.edi")}
    assert outcomes["mscons_13027.edi"].refusals == []
    assert outcomes["mscons_13027.edi"].rules == ["left-aside"]  # one value of seven months
    assert "segment-count" in outcomes["mscons_gas_allocation_sample.edi"].refusals
    assert all(FORMAT.recognise(file.read_bytes()) for file in sample_files("mscons", "*.edi"))
    assert not FORMAT.recognise(b"UNA:+.? 'UNB+UNOC:3'UNH+1+UTILMD:D'")
