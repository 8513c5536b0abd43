"""Market documents of validated historical data."""

import pytest

from backend.adapters.meter_files.formats.cim_vhd import FORMAT
from backend.metering import Quality
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import SeriesName

EAN = "541440010000000001"


def document(
    *points, resolution="PT15M", end="2024-12-01T00:30Z", flow="A02", unit="KWH", commodity="2", point=EAN
):
    texts = "".join(
        f"<Point><position>{position}</position><energy_Quantity.quantity>{quantity}</energy_Quantity.quantity>"
        f"<energy_Quantity.quality>{quality}</energy_Quantity.quality></Point>"
        for position, quantity, quality in points
    )
    return (
        '<VHD_Envelope xmlns="https//eddie.energy/CIM/VHD_v1.04"><MarketDocument>\n<TimeSeries>'
        f"<energy_Measurement_Unit.name>{unit}</energy_Measurement_Unit.name>"
        f"<flowDirection.direction>{flow}</flowDirection.direction><Period><resolution>{resolution}</resolution>"
        f"<timeInterval><start>2024-12-01T00:00Z</start><end>{end}</end></timeInterval>{texts}</Period>"
        f"<marketEvaluationPoint.mRID>{point}</marketEvaluationPoint.mRID>"
        f"<marketEvaluationPoint.meterReadings.readings.readingType.commodity>{commodity}"
        "</marketEvaluationPoint.meterReadings.readings.readingType.commodity></TimeSeries></MarketDocument>"
        "</VHD_Envelope>"
    )


@pytest.mark.parametrize("name", ["cim_vhd_v082/input.xml", "cim_vhd_v104/headpoints.xml"])
def test_both_versions_of_one_head_point_read_alike(read, sample, name):
    data = sample(name)
    assert FORMAT.recognise(data[:65536])
    found = read(FORMAT, data)
    assert [row[:6] for row in found.rows()] == [
        (SeriesName(EAN, CONSUMPTION), 1733011200, 900, 9000, Quality.ESTIMATED, "A03"),
        (SeriesName(EAN, CONSUMPTION), 1733012100, 900, 10_000, Quality.ESTIMATED, "A03"),
        (SeriesName(EAN, FEED_IN), 1733011200, 900, 10_000, Quality.MEASURED, "A04"),
    ]
    assert not found.findings


def test_gas_is_left_out_with_its_reason(read, sample):
    found = read(FORMAT, sample("cim_vhd_v082/gas.xml"))
    assert found.rules == ["no-readings", "series-left-out"]
    assert "commodity 7" in found.findings[1].message


def test_positions_count_from_the_start_of_their_period(read):
    rows = read(FORMAT, document((2, "0.2", "A04"), (1, "0.1", "A04"))).rows()
    assert [row[1:4] for row in rows] == [(1733012100, 900, 200_000), (1733011200, 900, 100_000)]


@pytest.mark.parametrize(
    ("code", "quality"),
    [
        ("A01", Quality.EDITED),
        ("A02", Quality.MISSING),
        ("A03", Quality.ESTIMATED),
        ("A04", Quality.MEASURED),
        ("A05", Quality.ESTIMATED),
        ("A06", Quality.ESTIMATED),
    ],
)
def test_a_quality_is_kept_verbatim_beside_ours(read, code, quality):
    found = read(FORMAT, document((1, "0.1", code)))
    assert [row[4:6] for row in found.rows()] == [(quality, code)]
    assert [row[3] for row in found.rows()] == [0 if quality is Quality.MISSING else 100_000]
    assert not found.findings


def test_a_quality_that_the_list_does_not_have_is_told(read):
    assert read(FORMAT, document((1, "0.1", "B99"))).rules == ["quality-code"]


def test_a_day_is_as_long_as_its_period(read):
    rows = read(FORMAT, document((1, "9", "A04"), resolution="P1D", end="2024-12-01T23:00Z")).rows()
    assert [row[2] for row in rows] == [82_800]


@pytest.mark.parametrize(
    ("changes", "points", "rule"),
    [
        ({}, (3, "1", "A04"), "position"),
        ({}, (0, "1", "A04"), "position"),
        ({}, ("x", "1", "A04"), "position"),
        ({}, (1, "-1", "A04"), "energy"),
        ({}, (1, "inf", "A04"), "energy"),
        ({"resolution": "PT0S"}, (1, "1", "A04"), "resolution"),
        ({"resolution": "often"}, (1, "1", "A04"), "resolution"),
        ({"end": "2024-11-30T00:00Z"}, (1, "1", "A04"), "resolution"),
        ({"end": "2024-12-01T00:30"}, (1, "1", "A04"), "start"),
        ({"flow": "A03"}, (1, "1", "A04"), "direction"),
        ({"point": ""}, (1, "1", "A04"), "metering-point"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(read, changes, points, rule):
    found = read(FORMAT, document(points, **changes))
    assert (rule, 2) in [(finding.rule, finding.line) for finding in found.findings]
    assert found.refused


def test_other_documents_are_not_recognised():
    assert not FORMAT.recognise(document().replace("eddie.energy", "example.org").encode())
    assert not FORMAT.recognise(document().replace("VHD_Envelope", "AccountingPoint_Envelope").encode())
