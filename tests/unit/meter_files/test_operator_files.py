"""What an operator allocated is read from our form and from every meter format that says it."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.adapters.meter_files.operator_files import read_operator_file
from backend.errors import ReadingsError
from backend.metering.known_points import KnownPoints
from tests.unit.meter_files.national import workbook_files
from tests.unit.meter_files.national.test_eda_report import rows as report_rows

START = datetime(2026, 5, 1, tzinfo=UTC)
CONSUMER, PRODUCER = "AT0010000000000000001000000000001", "AT0010000000000000001000000000002"


class _Point:
    valid_from = None

    def __init__(self, id_, direction, external_id):
        self.id, self.direction, self.external_id = id_, direction, external_id


KNOWN = KnownPoints([_Point("home-load", 0, CONSUMER), _Point("roof-solar", 1, PRODUCER)], "Europe/Vienna")


def eda(point, **codes):
    """A ConsumptionRecord of four quarter-hours; ``codes`` are energies in kWh by meter code."""
    ends = [START + timedelta(minutes=15 * (place + 1)) for place in range(4)]
    rows = "".join(
        f"<Energy><MeteringReason>00</MeteringReason><MeteringPeriodStart>{START:%Y-%m-%dT%H:%M:%S}+00:00"
        f"</MeteringPeriodStart><MeteringPeriodEnd>{ends[-1]:%Y-%m-%dT%H:%M:%S}+00:00</MeteringPeriodEnd>"
        f'<MeteringIntervall>QH</MeteringIntervall><EnergyData UOM="KWH" MeterCode="{code}">'
        + "".join(
            f"<EP><DTF>{end - timedelta(minutes=15):%Y-%m-%dT%H:%M:%S}+00:00</DTF>"
            f"<DTT>{end:%Y-%m-%dT%H:%M:%S}+00:00</DTT><MM>L1</MM><BQ>{value}</BQ></EP>"
            for end, value in zip(ends, values, strict=True)
        )
        + "</EnergyData></Energy>"
        for code, values in codes.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ConsumptionRecord xmlns="'
        'http://www.ebutilities.at/schemata/customerprocesses/consumptionrecord/01p40">'
        "<MarketParticipantDirectory/><ProcessDirectory>"
        f"<MeteringPoint>{point}</MeteringPoint>{rows}</ProcessDirectory></ConsumptionRecord>"
    )


def read(tmp_path, text, name="file"):
    file = tmp_path / name
    file.write_text(text)
    return read_operator_file(file, known_points=KNOWN, resolution_minutes=15)


def columns(rows):
    return {name: values.tolist() for name, values in rows.values.items()}


def test_an_austrian_record_tells_offered_covered_and_measured_side_by_side(tmp_path):
    text = eda(
        CONSUMER,
        **{
            "1-1:1.9.0 G.01": ("0.5", "0.25", "0.1", "0.1"),
            "1-1:2.9.0 G.02": ("0.3", "0.3", "0.05", "0"),
            "1-1:2.9.0 G.03": ("0.3", "0.25", "0.05", "0"),
        },
    )
    rows = read(tmp_path, text)
    assert rows.points == ("home-load",)
    assert rows.start_utc.tolist() == [int(START.timestamp()) + 900 * place for place in range(4)]
    found = columns(rows)
    assert found["metered_kwh"] == [500_000, 250_000, 100_000, 100_000]
    assert found["offered_kwh"] == [300_000, 300_000, 50_000, 0]
    assert found["allocated_kwh"] == [300_000, 250_000, 50_000, 0]
    assert found["shared_kwh"] == [-1] * 4


def test_what_was_shared_of_a_feed_in_is_measured_less_surplus(tmp_path):
    text = eda(
        PRODUCER,
        **{"1-1:2.9.0 G.01": ("1", "2", "0.5", "0.25"), "1-1:2.9.0 P.01": ("0.4", "2", "0", "0.25")},
    )
    rows = read(tmp_path, text)
    assert rows.points == ("roof-solar",)
    assert columns(rows)["shared_kwh"] == [600_000, 0, 500_000, 0]


def test_the_austrian_report_tells_all_members_in_one_workbook(tmp_path):
    file = tmp_path / "report.xlsx"
    file.write_bytes(workbook_files.report(report_rows(), workbook_files.columns()))
    points = [
        _Point("home-load", 0, workbook_files.CONSUMER),
        _Point("roof-solar", 1, workbook_files.PRODUCER),
    ]
    rows = read_operator_file(file, known_points=KnownPoints(points, "Europe/Vienna"), resolution_minutes=15)
    assert rows.points == ("home-load", "roof-solar")
    found = columns(rows)
    assert found["allocated_kwh"] == [30_000] * 4 + [-1] * 4
    assert found["offered_kwh"] == [40_000] * 4 + [-1] * 4
    assert found["shared_kwh"] == [-1] * 4 + [1_000_001 - 900_000] * 4


def test_an_enedis_table_is_brought_to_the_communitys_step(tmp_path):
    prm = "14512345678901"
    text = "PRM;Horodate;Pas;Consommation totale (Wh);Autoproduit (Wh);Alloproduit (Wh)\n" + "".join(
        f"{prm};2024-06-01 {stamp}:00;PT30M;100;40;60\n" for stamp in ("00:30", "01:00", "01:30", "02:00")
    )
    file = tmp_path / "enedis.csv"
    file.write_text(text)
    known = KnownPoints([_Point("home-load", 0, prm)], "Europe/Paris")
    rows = read_operator_file(file, known_points=known, resolution_minutes=60)
    found = columns(rows)
    assert rows.start_utc.tolist() == [1_717_192_800, 1_717_196_400]
    assert (found["allocated_kwh"], found["metered_kwh"]) == ([80_000] * 2, [200_000] * 2)


def test_our_own_form_is_known_by_its_header_whatever_its_name(tmp_path):
    header = (
        "metering_point,start,resolution_minutes,consumption_kwh,allocated_kwh,residual_kwh,feed_in_kwh,"
        "shared_kwh,surplus_kwh"
    )
    rows = read(tmp_path, f"{header}\nhome-load,2026-05-01T00:00:00Z,15,0.5,0.2,0.3,,,\n", "strange.xml")
    assert columns(rows)["allocated_kwh"] == [200_000]
    assert rows.line.tolist() == [2]


def test_a_file_of_readings_alone_is_refused_and_told_where_it_belongs(tmp_path):
    with pytest.raises(ReadingsError, match="partage readings load") as refusal:
        read(tmp_path, eda(CONSUMER, **{"1-1:1.9.0 G.01": ("0.5", "0.25", "0.1", "0.1")}))
    assert [finding.rule for finding in refusal.value.findings] == ["no-allocation"]


def test_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(ReadingsError):
        read(tmp_path, "\x00\x01 nothing")
