"""Reads the consumption history of Mijn Fluvius: two languages, two registers of one series, the clock of Brussels."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.adapters.meter_files.formats.fluvius import FORMAT
from backend.adapters.meter_files.formats.fluvius_csv import COLUMNS, STATUSES
from backend.metering import Quality, Severity
from tests.unit.meter_files.text.reading import read, source

EAN = "541440000000000001"
DUTCH = (
    "Van (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN-code;Meter;Metertype;Register;Volume;Eenheid;"
    "Validatiestatus;Omschrijving"
)
ENGLISH = (
    "From (date);From (time);Until (date);Until (time);EAN code;Meter;Meter type;Register;Volume;Unit;"
    "Validation status;Caloric upper value;Description"
)
BRUSSELS = ZoneInfo("Europe/Brussels")


def row(
    start, register="Afname Dag", volume="0,250", status="Uitgelezen", minutes=15, unit="kWh", meter="1SAG1"
):
    """A row by its start in UTC, stamped as the clock of Brussels shows it."""
    ends = [moment.astimezone(BRUSSELS) for moment in (start, start + timedelta(minutes=minutes))]
    stamps = [f"{end:%d-%m-%Y};{end:%H:%M:%S}" for end in ends]
    return f'{stamps[0]};{stamps[1]};="{EAN}";{meter};Digitale meter;{register};{volume};{unit};{status};'


def history(*rows, head=DUTCH):
    return "\ufeff" + "\r\n".join((head, *rows)) + "\r\n"


NOON = datetime(2024, 6, 1, 10, tzinfo=UTC)


def test_a_quarter_hour_has_start_energy_word_and_direction():
    found = read(FORMAT, history(row(NOON), row(NOON, "Injectie Dag", "1,5", "Geschat")))
    assert found.series(EAN, 0) == (
        [int(NOON.timestamp())],
        [900],
        [250_000],
        [Quality.MEASURED],
        ["Uitgelezen"],
    )
    assert found.series(EAN, 1)[2:] == ([1_500_000], [Quality.ESTIMATED], ["Geschat"])
    assert not found.findings


def test_the_english_export_is_the_same():
    line = (
        f'22/10/2023;06:00:00;22/10/2023;06:15:00;="{EAN}";1SAG1;Digital meter;Offtake Night;0,065;kWh;Read;;'
    )
    found = read(
        FORMAT,
        history(
            line,
            line.replace("Offtake Night;0,065;kWh;Read", "Injection Day;;kWh;No consumption"),
            head=ENGLISH,
        ),
    )
    assert found.series(EAN, 0)[2:] == ([65_000], [Quality.MEASURED], ["Read"])
    assert found.series(EAN, 1)[2:] == ([0], [Quality.MISSING], ["No consumption"])
    assert not found.findings


@pytest.mark.parametrize("by_register", [False, True])
@pytest.mark.parametrize(
    "day", [datetime(2024, 3, 31, tzinfo=BRUSSELS), datetime(2024, 10, 27, tzinfo=BRUSSELS)]
)
def test_days_on_which_clocks_are_set_are_whole_in_either_order(day, by_register):
    begin, end = day.astimezone(UTC), (day + timedelta(days=1)).astimezone(UTC)
    starts = [begin + timedelta(minutes=15 * at) for at in range((end - begin) // timedelta(minutes=15))]
    rows = []
    for at, start in enumerate(starts):
        night = start.astimezone(BRUSSELS).hour < 7
        rows.append((night, row(start, "Afname Nacht" if night else "Afname Dag", f"{at},000")))
    if by_register:
        rows.sort(key=lambda one: one[0])
    found = read(FORMAT, history(*(line for _, line in rows)))
    start, seconds, energy, _, _ = found.series(EAN)
    assert dict(zip(start, energy, strict=True)) == {
        int(moment.timestamp()): at * 1_000_000 for at, moment in enumerate(starts)
    }
    assert set(seconds) == {900}
    assert not found.findings


@pytest.mark.parametrize("order", [1, -1])
def test_a_register_that_did_not_count_takes_nothing_from_the_one_that_did(order):
    rows = [row(NOON, "Afname Dag", "0,25"), row(NOON, "Afname Nacht", "", "Geen verbruik")][::order]
    found = read(FORMAT, history(*rows))
    assert found.series(EAN)[2:] == ([250_000], [Quality.MEASURED], ["Uitgelezen"])


def test_registers_that_both_count_are_added_with_the_worse_word():
    found = read(FORMAT, history(row(NOON), row(NOON, "Afname Nacht", "0,75", "Geschat")))
    assert found.series(EAN)[2:] == ([1_000_000], [Quality.ESTIMATED], ["Uitgelezen + Geschat"])


def test_a_second_meter_that_misses_a_reading_leaves_the_sum_missing():
    found = read(FORMAT, history(row(NOON), row(NOON, volume="", status="Geen verbruik", meter="1SAG2")))
    assert found.series(EAN)[2:4] == ([0], [Quality.MISSING])


def test_reactive_registers_are_told_and_left():
    found = read(FORMAT, history(row(NOON), row(NOON, "Afname Inductief", unit="kVArh")))
    assert found.series(EAN)[2] == [250_000]
    assert [(one.rule, one.severity) for one in found.findings] == [("not-read", Severity.NOTE)]
    assert "Afname Inductief" in found.findings[0].message


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_is_known_in_any_case(status):
    found = read(FORMAT, history(row(NOON, status=status.capitalize())))
    assert found.series(EAN)[3:] == ([STATUSES[status]], [status.capitalize()])


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (row(NOON, unit="m³"), "commodity"),
        (row(NOON, unit="kW"), "unit"),
        (row(NOON, status="Onbekend"), "quality"),
        (row(NOON, volume="veel"), "energy"),
        (row(NOON, volume="-1"), "energy"),
        (row(NOON, minutes=24 * 60), "resolution"),
        (row(NOON).replace(EAN, ""), "metering-point"),
        (row(NOON).replace("01-06-2024;12", "31-06-2024;12"), "instant"),
        (row(NOON) + ";", "columns"),
    ],
)
def test_each_fault_is_refused_with_its_line(line, rule):
    found = read(FORMAT, history(row(NOON - timedelta(hours=1)), line))
    assert found.refusals == [rule]
    assert found.finding(rule).line == 3


def test_the_hour_that_spring_leaves_out_is_refused():
    line = row(NOON).replace(
        "01-06-2024;12:00:00;01-06-2024;12:15:00", "31-03-2024;02:00:00;31-03-2024;02:15:00"
    )
    assert read(FORMAT, history(line)).refusals == ["absent-hour"]


def test_sums_of_days_are_recognised_and_refused_with_the_columns_that_they_lack():
    head = "Van (datum);Tot (datum);EAN-code;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus;Omschrijving"
    assert FORMAT.recognise(head.encode())
    found = read(FORMAT, history(head=head))
    assert found.refusals == ["columns", "columns"]
    assert '"van (tijdstip)" or "from (time)"' in found.finding("columns").message


def test_each_column_is_known_in_both_languages():
    for head in (DUTCH, ENGLISH):
        assert FORMAT.recognise(source(history(head=head)).head)
        assert {name.lower() for name in head.split(";")} <= COLUMNS.keys()
