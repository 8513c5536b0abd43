"""Reads Austrian energy reports: meter codes, methods, stamps of every year's form, days of 92 and 100 quarters."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from backend.adapters.meter_files.formats import HEAD_BYTES
from backend.adapters.meter_files.formats.eda_report import FORMAT
from backend.metering import Quality
from backend.metering.source_series import SeriesRole
from tests.unit.meter_files.national.workbook_files import (
    CONSUMED,
    CONSUMER,
    FIRST,
    PRODUCED,
    PRODUCER,
    RESIDUE,
    columns,
    quarter_hours,
    report,
    saved,
    written,
)
from tests.unit.meter_files.text.reading import read

FIGURES = (0.125, 0.04, 0.03, 1.000001, 0.9)
VIENNA = ZoneInfo("Europe/Vienna")


def rows(count=4, figures=FIGURES, words="L1", show=written):
    return [(show(stamp), figures, words) for stamp in quarter_hours(FIRST, count)]


def test_meter_codes_in_words_are_measured_and_community_series():
    content = report(rows(), columns())
    assert FORMAT.recognise(content[:HEAD_BYTES])
    found = read(FORMAT, content)
    assert not found.findings
    held = {
        (block.series.external_id, block.series.direction, block.series.role): block.energy.tolist()
        for block in found.blocks
    }
    assert held == {
        (CONSUMER, 0, SeriesRole.MEASURED): [125_000] * 4,
        (CONSUMER, 0, SeriesRole.OFFERED): [40_000] * 4,
        (CONSUMER, 0, SeriesRole.ALLOCATED): [30_000] * 4,
        (PRODUCER, 1, SeriesRole.MEASURED): [1_000_001] * 4,
        (PRODUCER, 1, SeriesRole.SURPLUS): [900_000] * 4,
    }
    block = found.blocks[0]
    assert block.start_utc.tolist() == [1782856800 + 900 * number for number in range(4)]  # 2026-06-30T22:00Z
    assert block.seconds.tolist() == [900] * 4
    assert block.line.tolist() == [5, 6, 7, 8]


def test_methods_are_kept_and_translated_and_empty_cells_are_missing():
    found = read(
        FORMAT,
        report(
            [
                (written(stamp), (figure,), word)
                for stamp, figure, word in zip(
                    quarter_hours(FIRST, 4), (1, 2, 3, None), ("L1", "L2", "L3", ""), strict=True
                )
            ],
            columns(CONSUMED[:1], ()),
        ),
    )
    _, _, energy, quality, words = found.series(CONSUMER)
    assert energy == [1_000_000, 2_000_000, 3_000_000, 0]
    assert quality == [Quality.MEASURED, Quality.EDITED, Quality.ESTIMATED, Quality.MISSING]
    assert words == ["L1", "L2", "L3", ""]


@pytest.mark.parametrize(
    ("labels", "methods", "show"),
    [
        (("MeteringpointID", "Energy direction", "Metercode"), False, written),
        (
            ("MeteringPointId", "Energydirection", "MeterCode"),
            True,
            lambda stamp: stamp.strftime("%d.%m.%Y %H:%M"),
        ),
        (
            ("MeteringPointId", "Energydirection", "MeterCode"),
            True,
            lambda stamp: stamp.strftime("%Y-%m-%d %H:%M:%S"),
        ),
        (("MeteringPointId", "Energydirection", "MeterCode"), True, lambda stamp: stamp),
    ],
)
def test_reports_of_every_year_are_read_alike(labels, methods, show):
    found = read(FORMAT, report(rows(show=show), columns(), labels=labels, methods=methods))
    assert not found.findings
    assert len(found.blocks) == 5
    assert found.blocks[0].start_utc.tolist() == [1782856800 + 900 * number for number in range(4)]


def test_of_two_surpluses_the_one_of_this_community_is_taken_in_any_order():
    for codes, figure in (((PRODUCED[1], RESIDUE), 0.2), ((RESIDUE, PRODUCED[1]), 0.1)):
        found = read(FORMAT, report(rows(figures=(0.1, 0.2)), columns((), codes)))
        assert [block.energy.tolist() for block in found.blocks] == [[int(figure * 10**6)] * 4]


def test_columns_and_header_rows_that_are_new_are_told_and_totals_left_out():
    wanted = [
        *columns(CONSUMED[:1], ()),
        (CONSUMER, "CONSUMPTION", "Neuer Wert [KWH]"),
        ("TOTAL", "CONSUMPTION", CONSUMED[0]),
    ]
    found = read(FORMAT, report(rows(figures=(1, 2, 3)), wanted, extra=[["Neue Zeile", "x"]]))
    assert len(found.blocks) == 1
    assert '"Neue Zeile"' in found.finding("unknown-row").message
    assert '"neuer wert", which is not known' in found.finding("unknown-column").message


@pytest.mark.parametrize(
    ("day", "count"),
    [(datetime(2026, 10, 25), 100), (datetime(2026, 3, 29), 92), (datetime(2026, 7, 1), 96)],  # noqa: DTZ001
)
def test_every_quarter_hour_of_a_long_or_short_day_finds_its_instant(day, count):
    begin = day.replace(tzinfo=VIENNA).astimezone(UTC)
    instants = [begin + timedelta(minutes=15 * number) for number in range(count)]
    walls = [written(instant.astimezone(VIENNA)) for instant in instants]
    found = read(FORMAT, report([(wall, (1,), "L1") for wall in walls], columns(CONSUMED[:1], ())))
    assert found.series(CONSUMER)[0] == [int(instant.timestamp()) for instant in instants]
    assert not found.findings


def test_stamps_that_name_ends_are_refused():
    moved = [(written(stamp + timedelta(minutes=15)), FIGURES, "L1") for stamp in quarter_hours(FIRST, 4)]
    begin = [["Report Filter Start", written(FIRST)]]
    assert read(FORMAT, report(moved, columns(), extra=begin)).refusals == ["instant"]
    assert not read(FORMAT, report(rows(), columns(), extra=begin)).refusals


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (lambda: report(rows(words="L9"), columns()), "quality"),
        (lambda: report(rows(figures=("x",) * 5), columns()), "energy"),
        (lambda: report(rows(figures=(-1,) * 5), columns()), "energy"),
        (lambda: report(rows(), [(PRODUCER, "GENERATION", CONSUMED[0])]), "columns"),
        (lambda: report(rows(), [("", "CONSUMPTION", CONSUMED[0])]), "columns"),
        (lambda: report(rows(), [(CONSUMER, "CONSUMPTION", CONSUMED[0].replace("KWH", "KVA"))]), "columns"),
        (lambda: report(rows(), columns(CONSUMED[:1] * 2, ())), "columns"),
        (lambda: report(rows(), [(CONSUMER, "CONSUMPTION", "Unbekannt [KWH]")]), "no-readings"),
        (lambda: report(rows(1), columns()), "resolution"),
        (lambda: report([*rows(), ("gestern", FIGURES, "L1")], columns()), "instant"),
        (lambda: report(rows(), columns(), sheet="Tabelle1"), "structure"),
        (lambda: saved(openpyxl.Workbook()), "structure"),
    ],
)
def test_a_report_that_cannot_be_read_says_why(content, rule):
    found = read(FORMAT, content())
    assert set(found.refusals) == {rule}


def test_figures_are_exact_to_the_milliwatt_hour():
    figures = [0.1 + 0.2, 1e-06, 4e-07, 5e-07, 123456.789012]
    found = read(
        FORMAT,
        report(
            [
                (written(stamp), (figure,), "L1")
                for stamp, figure in zip(quarter_hours(FIRST, 5), figures, strict=True)
            ],
            columns(CONSUMED[:1], ()),
        ),
    )
    assert found.series(CONSUMER)[2] == [300_000, 1, 0, 1, 123_456_789_012]
