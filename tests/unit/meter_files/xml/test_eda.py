"""The Austrian ConsumptionRecord."""

import pytest

from backend.adapters.meter_files.formats.eda import FORMAT, NAMESPACE, read_meter_code
from backend.metering import Quality, Severity
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import SeriesName, SeriesRole

POINT = "AT0030000000000000000000000000001"
START = 1711839600  # 2024-03-31T00:00:00+01:00, the day of 23 hours


def position(
    start="2024-03-31T00:00:00+01:00", end="2024-03-31T00:15:00+01:00", method="L1", quantity="0.123456"
):
    texts = {"DTF": start, "DTT": end, "MM": method, "BQ": quantity}
    return (
        "<EP>"
        + "".join(f"<{name}>{text}</{name}>" for name, text in texts.items() if text is not None)
        + "</EP>"
    )


def record(*series, point=POINT, version="01p41", mode="PROD", step="QH", number="", sector="01"):
    """A record with (code, positions) series."""
    data = "".join(
        f'<EnergyData MeterCode="{code}" UOM="KWH">{positions}</EnergyData>' for code, positions in series
    )
    return (
        f'<ConsumptionRecord xmlns="{NAMESPACE}{version}"><MarketParticipantDirectory DocumentMode="{mode}">'
        f"<Sector>{sector}</Sector></MarketParticipantDirectory><ProcessDirectory>"
        f"<MeteringPoint>{point}</MeteringPoint><Energy><MeteringIntervall>{step}</MeteringIntervall>"
        f"<NumberOfMeteringIntervall>{number}</NumberOfMeteringIntervall>{data}</Energy></ProcessDirectory>"
        "</ConsumptionRecord>"
    )


def test_a_day_of_an_operator_reads_to_its_quarter_hours(read, sample):
    data = sample("eda_quarter_hours/input.xml")
    assert FORMAT.recognise(data[:65536])
    found = read(FORMAT, data)
    rows = found.rows()
    assert len(rows) == 96
    name = SeriesName("ATXXXXXX00000000000000000XXXXXXXX", FEED_IN, "1-1:2.9.0 P.01")
    assert rows[0] == (name, 1711922400, 900, 1000, Quality.MEASURED, "L1", 29)
    assert [row[1] for row in rows] == list(range(1711922400, 1711922400 + 96 * 900, 900))
    assert not found.findings


def test_a_day_total_keeps_its_length(read, sample):
    found = read(FORMAT, sample("eda_quarter_hours/daily.xml"))
    assert [row[1:4] for row in found.rows()] == [(1711753200, 86_400, 36_770_000)]


@pytest.mark.parametrize("version", ["01p30", "01p31", "01p40", "01p41"])
def test_each_version_of_the_schema_is_recognised(version):
    assert FORMAT.recognise(record(version=version).encode())


def test_other_messages_of_the_same_house_are_not_records():
    other = record().replace("ConsumptionRecord", "MasterData").replace("consumptionrecord", "masterdata")
    assert not FORMAT.recognise(other.encode())


@pytest.mark.parametrize(
    ("code", "others", "direction", "role"),
    [
        ("1-1:1.9.0 G.01", (), CONSUMPTION, SeriesRole.MEASURED),
        ("1-1:1.9.0", (), CONSUMPTION, SeriesRole.MEASURED),
        ("1-1:2.9.0 G.01", (), FEED_IN, SeriesRole.MEASURED),
        ("1-1:2.9.0 G.02", ("1-1:1.9.0 G.01",), CONSUMPTION, SeriesRole.OFFERED),
        ("1-1:2.9.0 G.03", ("1-1:1.9.0 G.01",), CONSUMPTION, SeriesRole.ALLOCATED),
        ("1-1:2.9.0 G.03", ("1-1:2.9.0 G.01",), FEED_IN, SeriesRole.SHARED),
        ("1-1:1.9.0 P.01", (), CONSUMPTION, SeriesRole.MEASURED),
        ("1-1:1.9.0 P.01", ("1-1:1.9.0 G.01",), CONSUMPTION, SeriesRole.RESIDUAL),
        ("1-1:1.9.0 P.01", ("1-1:2.9.0 G.03",), CONSUMPTION, SeriesRole.RESIDUAL),
        ("1-1:2.9.0 P.01", (), FEED_IN, SeriesRole.MEASURED),
        ("1-1:2.9.0 P.01", ("1-1:2.9.0 G.01",), FEED_IN, SeriesRole.SURPLUS),
        ("1-1:2.9.0 P.01T", (), FEED_IN, SeriesRole.SURPLUS),
    ],
)
def test_a_meter_code_says_direction_and_role(code, others, direction, role):
    assert read_meter_code(code, {code, *others}) == (direction, role)


@pytest.mark.parametrize(
    "code",
    [
        "1-1:1.9.0 G.01T",
        "1-1:2.9.0 G.03R",
        "1-1:3.9.0 P.01",
        "7-1:1.9.0 G.01",
        "1-1:1.9.0 X.09",
        "1-1:1.9.0 G.09",
        "",
    ],
)
def test_a_code_that_is_no_series_of_its_own_says_why(code):
    assert isinstance(read_meter_code(code, {code}), str)


def test_surplus_by_participation_factor_goes_before_that_of_all_communities():
    codes = {"1-1:2.9.0 G.01", "1-1:2.9.0 P.01", "1-1:2.9.0 P.01T"}
    assert read_meter_code("1-1:2.9.0 P.01T", codes) == (FEED_IN, SeriesRole.SURPLUS)
    assert isinstance(read_meter_code("1-1:2.9.0 P.01", codes), str)


def test_a_remainder_is_known_as_such_although_what_it_remains_of_comes_later(read):
    found = read(FORMAT, record(("1-1:1.9.0 P.01", position()), ("1-1:1.9.0 G.01", position(quantity="0.5"))))
    assert [(row[0].role, row[3]) for row in found.rows()] == [
        (SeriesRole.RESIDUAL, 123_456),
        (SeriesRole.MEASURED, 500_000),
    ]


@pytest.mark.parametrize(
    ("whole", "part"), [("1-1:1.9.0 G.01", "1-1:1.9.0 G.01T"), ("1-1:2.9.0 G.03", "1-1:2.9.0 G.03R")]
)
def test_a_part_of_what_is_read_beside_it_is_noted_and_left_out(read, whole, part):
    found = read(FORMAT, record((whole, position()), (part, position(quantity="0.5"))))
    assert [row[3] for row in found.rows()] == [123_456]
    [finding] = found.findings
    assert (finding.rule, finding.severity) == ("series-left-out", Severity.NOTE)
    assert f"{whole} is read" in finding.message


def test_a_part_that_stands_alone_is_no_reading_and_says_what_to_ask_for(read):
    found = read(FORMAT, record(("1-1:1.9.0 G.01T", position())))
    assert not found.rows()
    told = {finding.rule: finding for finding in found.findings}
    assert told["series-left-out"].severity is Severity.WARNING
    assert "ask for 1-1:1.9.0 G.01." in told["series-left-out"].message
    assert told["no-readings"].severity is Severity.REFUSED


@pytest.mark.parametrize(
    ("method", "quality"),
    [("L1", Quality.MEASURED), ("L2", Quality.EDITED), ("L3", Quality.ESTIMATED), (None, Quality.MEASURED)],
)
def test_the_metering_method_is_kept_verbatim_beside_the_quality(read, method, quality):
    rows = read(FORMAT, record(("1-1:1.9.0 G.01", position(method=method)))).rows()
    assert [row[4:6] for row in rows] == [(quality, method or "")]


@pytest.mark.parametrize("name", ["MM", "BQ"])
def test_a_renamed_element_of_a_position_is_refused_with_both_names(read, name):
    text = record(("1-1:1.9.0 G.01", position()))
    text = text if isinstance(text, str) else text.decode()
    assert f"{name}>" in text
    found = read(FORMAT, text.replace(f"{name}>", "New>"))
    assert not found.rows()
    message = next(one.message for one in found.findings if one.rule == "structure")
    assert f"has no {name}, but New" in message


def test_a_method_that_is_not_known_is_told_and_never_passes_for_measured(read):
    found = read(FORMAT, record(("1-1:1.9.0 G.01", position(method="L9"))))
    assert [row[4:6] for row in found.rows()] == [(Quality.ESTIMATED, "L9")]
    assert found.rules == ["quality-code"]


def test_a_position_without_quantity_is_missing(read):
    found = read(FORMAT, record(("1-1:1.9.0 G.01", position(quantity=None))))
    assert [row[3:5] for row in found.rows()] == [(0, Quality.MISSING)]


def test_a_position_without_end_is_as_long_as_the_record_says(read):
    found = read(FORMAT, record(("1-1:1.9.0 G.01", position(end=None)), step="H"))
    assert [row[1:3] for row in found.rows()] == [(START, 3600)]
    assert "end" in read(FORMAT, record(("1-1:1.9.0 G.01", position(end=None)), step="D")).rules


def test_the_days_of_92_and_100_quarter_hours_are_followed_by_their_offsets(read):
    late = position("2024-10-27T02:45:00+02:00", "2024-10-27T02:00:00+01:00")
    spring = position("2024-03-31T01:45:00+01:00", "2024-03-31T03:00:00+02:00")
    rows = read(FORMAT, record(("1-1:1.9.0 G.01", late + spring))).rows()
    assert [row[2] for row in rows] == [900, 900]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"quantity": "-0.1"}, "energy"),
        ({"quantity": "NaN"}, "energy"),
        ({"quantity": "INF"}, "energy"),
        ({"quantity": "1e30"}, "energy"),
        ({"quantity": "0,5"}, "energy"),
        ({"start": "2024-03-31T00:00:00"}, "start"),
        ({"start": "yesterday"}, "start"),
        ({"end": "2024-03-30T00:00:00+01:00"}, "end"),
        ({"end": "soon"}, "end"),
    ],
)
def test_what_is_no_reading_is_refused_with_its_place(read, change, rule):
    found = read(FORMAT, record(("1-1:1.9.0 G.01", "\n" + position(**change))))
    assert [(finding.rule, finding.line, finding.metering_point) for finding in found.findings] == [
        (rule, 2, POINT)
    ]
    assert found.refused == 1


def test_other_units_are_scaled_or_refused(read):
    wh = record(("1-1:1.9.0 G.01", position(quantity="123.4565"))).replace("KWH", "WH")
    assert [row[3] for row in read(FORMAT, wh).rows()] == [123_457]
    assert "unit" in read(FORMAT, wh.replace('"WH"', '"KVARH"')).rules


def test_gas_is_refused(read):
    assert "commodity" in read(FORMAT, record(("1-1:1.9.0 G.01", position()), sector="02")).rules


def test_a_simulation_is_told(read):
    assert read(FORMAT, record(("1-1:1.9.0 G.01", position()), mode="SIMU")).rules == ["simulated"]


def test_a_count_that_does_not_fit_is_told(read):
    series = ("1-1:1.9.0 G.01", position())
    assert read(FORMAT, record(series, number="92")).rules == ["interval-count"]
    assert read(FORMAT, record(series, number="1")).rules == []


def test_a_record_of_nobody_takes_the_point_that_was_named(read):
    nobody = record(("1-1:1.9.0 G.01", position())).replace(f"<MeteringPoint>{POINT}</MeteringPoint>", "")
    assert "metering-point" in read(FORMAT, nobody).rules
    assert read(FORMAT, nobody, metering_point="AT7").rows()[0][0].external_id == "AT7"


def test_a_record_without_anything_to_read_is_refused(read):
    assert read(FORMAT, record()).rules == ["no-readings"]
    assert "no-readings" in read(FORMAT, record(("1-1:3.9.0 P.01", position()))).rules
