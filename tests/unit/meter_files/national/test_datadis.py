"""Reads hours of Datadis: ends of hours, days of 23 and 25 hours, surplus, words of methods and columns."""

import json
from datetime import UTC, datetime

import pytest

from backend.adapters.meter_files.formats.datadis import FORMAT
from backend.metering import Quality
from tests.unit.meter_files.text.reading import read, read_endless

CUPS = "ES0021000000000001AB"


def csv(rows, header="cups;fecha;hora;consumo_kWh;metodoObtencion"):
    return header + "\n" + "\n".join(rows) + "\n"


def day(date, hours, energy="0,001"):
    return csv([f"{CUPS};{date};{hour:02}:00;{energy};Real" for hour in hours])


def starts(found):
    return [datetime.fromtimestamp(start, UTC).strftime("%d %H:%M") for start in found.series(CUPS)[0]]


def utc_hours(first_day, first_hour, count):
    return [
        f"{first_day + (first_hour + hour) // 24:02} {(first_hour + hour) % 24:02}:00"
        for hour in range(count)
    ]


def test_an_hour_is_named_by_its_end():
    found = read(FORMAT, csv([f"{CUPS};2023/12/01;01:00;0,143;Real", f"{CUPS};2023/12/01;24:00;1;Estimada"]))
    start, seconds, energy, quality, words = found.series(CUPS)
    assert start == [1701385200, 1701385200 + 23 * 3600]  # 2023-12-01T00:00+01:00
    assert seconds == [3600, 3600]
    assert energy == [143_000, 1_000_000]
    assert quality == [Quality.MEASURED, Quality.ESTIMATED]
    assert words == ["Real", "Estimada"]


@pytest.mark.parametrize(
    "hours",
    [
        [*range(1, 26)],  # counted on
        [1, 2, 3, 3, *range(4, 25)],  # the wall hour that comes twice
        [1, 2, 2, *range(3, 25)],  # a clock that is read at the end of the hour
    ],
)
def test_the_25_hours_of_an_autumn_day_stand_one_after_another_in_each_habit(hours):
    found = read(FORMAT, day("2023/10/29", hours))
    assert starts(found) == utc_hours(28, 22, 25)
    assert not found.refusals
    assert "doubled-hour" not in found.rules


def test_an_autumn_day_of_24_rows_says_that_its_doubled_hour_is_in_doubt():
    found = read(FORMAT, day("2023/10/29", range(1, 25)))
    assert starts(found) == utc_hours(28, 22, 3) + utc_hours(29, 2, 21)
    assert "the file has hour 3 once" in found.finding("doubled-hour").message


@pytest.mark.parametrize("hours", [[*range(1, 24)], [1, 2, *range(4, 25)]])
def test_the_23_hours_of_a_spring_day_stand_one_after_another_in_each_habit(hours):
    found = read(FORMAT, day("2024/03/31", hours))
    assert starts(found) == utc_hours(30, 23, 23)
    assert not found.refusals


def test_an_hour_that_never_was_is_left_out_where_it_is_empty_and_refused_where_it_has_energy():
    found = read(FORMAT, day("2024/03/31", range(1, 25), energy="0"))
    assert starts(found) == utc_hours(30, 23, 23)
    assert not found.refusals
    found = read(FORMAT, day("2024/03/31", range(1, 25)))
    assert found.refusals == ["absent-hour"]


def test_the_islands_change_their_clocks_an_hour_of_the_wall_earlier():
    found = read(FORMAT, day("2023/10/29", [1, 2, 2, *range(3, 25)]), time_zone="Atlantic/Canary")
    assert starts(found) == utc_hours(28, 23, 25)
    assert not found.findings
    assert "time-zone" in read(FORMAT, day("2023/10/29", [1])).rules


def test_surplus_is_a_series_of_feed_in_and_what_stays_behind_the_meter_is_told():
    header = (
        "cups;fecha;hora;consumo_kWh;metodoObtencion;energiaVertida_kWh;energiaGenerada_kWh;"
        "energiaAutoconsumida_kWh"
    )
    found = read(FORMAT, csv([f"{CUPS};2023/12/01;13:00;0,1;Real;2,5;3;0,4"], header))
    assert found.series(CUPS, direction=0)[2] == [100_000]
    assert found.series(CUPS, direction=1)[2] == [2_500_000]
    messages = [finding.message for finding in found.findings]
    assert any("generated behind the meter" in message for message in messages)


def test_a_surplus_that_is_empty_throughout_is_no_series():
    header = "cups;fecha;hora;consumo_kWh;metodoObtencion;energiaVertida_kWh"
    found = read(
        FORMAT, csv([f"{CUPS};2023/12/01;13:00;0,1;Real;", f"{CUPS};2023/12/01;14:00;0,1;Real;NULL"], header)
    )
    assert [block.series.direction for block in found.blocks] == [0]


def test_an_empty_consumption_is_missing():
    found = read(FORMAT, csv([f"{CUPS};2023/12/01;13:00;;Real"]))
    assert found.series(CUPS)[2:] == ([0], [Quality.MISSING], ["Real"])


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("CUPS;Fecha;Hora;AE_kWh;REAL/ESTIMADO", f"{CUPS};01/12/2023;1;0,168;R"),
        ("CUPS;Fecha;Hora;Consumo;Metodo_obtencion", f"{CUPS};01/12/2023;1;0,168;R"),
        ("cups,date,time,consumptionKWh,obtainMethod", f"{CUPS},2023/12/01,01:00,0.168,Real"),
        (
            '"cups","fecha","hora","consumo_kWh","metodoObtencion"',
            f'"{CUPS}","2023/12/01","01:00","0.168","Real"',
        ),
    ],
)
def test_columns_of_every_year_are_recognised(header, row):
    content = csv([row], header)
    assert FORMAT.recognise(content.encode())
    found = read(FORMAT, content, time_zone="Europe/Madrid")
    assert found.series(CUPS)[0] == [1701385200]
    assert found.series(CUPS)[2] == [168_000]
    assert not found.findings


def test_a_new_column_is_told_and_a_renamed_one_refused():
    content = csv(
        [f"{CUPS};2023/12/01;13:00;0,1;Real;7"], "cups;fecha;hora;consumo_kWh;metodoObtencion;reactiva"
    )
    found = read(FORMAT, content)
    assert 'column "reactiva" is not known' in found.finding("unknown-column").message
    assert not found.refusals
    found = read(
        FORMAT, csv([f"{CUPS};2023/12/01;13:00;0,1;Real"], "cups;fecha;hora;consumos_kWh;metodoObtencion")
    )
    assert found.refusals == ["columns"]
    assert 'did you mean "consumo_kwh"?' in found.finding("unknown-column").message
    assert not found.blocks


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (f"{CUPS};2023/12/01;25:00;0,1;Real", "instant"),
        (f"{CUPS};2023/12/01;0:00;0,1;Real", "instant"),
        (f"{CUPS};2023/02/30;01:00;0,1;Real", "instant"),
        (f"{CUPS};ayer;01:00;0,1;Real", "instant"),
        (f"{CUPS};1066/10/14;01:00;0,1;Real", "instant"),
        (f"{CUPS};2023/12/01;01:00;NaN;Real", "energy"),
        (f"{CUPS};2023/12/01;01:00;-1;Real", "energy"),
        (f"{CUPS};2023/12/01;01:00;1.234,5;Real", "energy"),
        (f"{CUPS};2023/12/01;01:00;1e30;Real", "energy"),
        (f"{CUPS};2023/12/01;01:00;1;Quizás", "quality"),
        (";2023/12/01;01:00;1;Real", "metering-point"),
        (f"{CUPS};2023/12/01;01:00;1", "columns"),
    ],
)
def test_a_wrong_row_is_refused_by_line(row, rule):
    found = read(FORMAT, csv([f"{CUPS};2023/12/01;02:00;0,1;Real", row]))
    assert found.refusals == [rule]
    assert found.finding(rule).line == 3


def test_json_rows_name_what_is_wrong_by_path():
    rows = [
        {"cups": CUPS, "date": "2023/12/01", "time": "01:00", "consumptionKWh": 0.5, "obtainMethod": "Real"},
        {"cups": CUPS, "date": "2023/12/01", "time": "02:00", "consumptionKWh": "x", "obtainMethod": "Real"},
        {"cups": CUPS, "date": "2023/12/01", "time": "03:00", "obtainMethod": "Real"},
    ]
    found = read(FORMAT, json.dumps({"timeCurve": rows}), time_zone="Europe/Madrid")
    assert [finding.message.split(":")[0] for finding in found.findings if "[" in finding.message] == [
        "$.timeCurve[1]",
        '$.timeCurve[2] has no "consumptionKWh" of a row.',
    ]
    assert found.series(CUPS)[2] == [500_000]


def test_a_line_without_end_is_given_up_early():
    head = b"cups;fecha;hora;consumo_kWh;metodoObtencion\n"
    findings, amount, count = read_endless(FORMAT, b"9", 1024**3, head)
    assert "long-line" in [finding.rule for finding in findings]
    assert amount < 32 * 1024**2
    assert count == 0
