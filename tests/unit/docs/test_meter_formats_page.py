"""docs/meter-formats.md tells every format's words as they are taken."""

import re
from pathlib import Path

import pytest

from backend.adapters.meter_files.formats import (
    all_formats,
    cim_vhd,
    datadis,
    eda,
    enedis_words,
    energinet,
    espi,
    fingrid,
    fluvius,
    fluvius_csv,
    mscons,
    nem_records,
)
from backend.adapters.meter_files.formats.meter_readings_61968 import normalise_quality
from backend.metering import Quality

PAGE = (Path(__file__).parents[3] / "docs" / "meter-formats.md").read_text(encoding="utf-8")
OUR_OWN = {"arrow", "csv", "mapped-csv", "mapped-excel", "mapped-parquet", "parquet"}
COLUMNS = (Quality.MEASURED, Quality.EDITED, Quality.ESTIMATED, Quality.MISSING)
TABLES = {
    "`nem12`, `nem13`": nem_records.QUALITIES,
    "`green-button`": espi.QUALITIES,
    "`eda`, `eda-report`": eda.METERING_METHODS,
    "`mscons`": mscons.QUALITIES,
    "`enedis` (points)": enedis_words.NATURES,
    "`datadis`": datadis.QUALITIES,
    "`energinet`": energinet.QUALITIES,
    "`cim-vhd`": cim_vhd.QUALITIES,
    "`fingrid`": fingrid.QUALITIES,
    "`fluvius` (JSON)": fluvius.QUALITIES,
    "`fluvius` (CSV)": fluvius_csv.STATUSES,
}


def row_of(name):
    (line,) = re.findall(rf"^\| {re.escape(name)} \|(.*)\|$", PAGE.split("## What is read")[0], re.MULTILINE)
    return [[word.strip() for word in cell.split(",") if word.strip()] for cell in line.split("|")[:4]]


@pytest.mark.parametrize("name", TABLES)
def test_the_page_has_each_word_of_a_format_under_its_quality(name):
    told = {
        "" if word == "none" else word: quality
        for quality, cell in zip(COLUMNS, row_of(name), strict=True)
        for word in cell
    }
    assert told == dict(TABLES[name])


def test_the_page_has_the_categories_of_iec_61968_9_under_their_qualities():
    for quality, cell in zip(COLUMNS, row_of("`iec-61968-9`"), strict=True):
        for word in " ".join(cell).replace("x.0 to x.4", "x.0 x.1 x.2 x.3 x.4").split():
            code = word.replace("x", "3", 1)
            assert normalise_quality(code if code.count(".") > 1 else f"{code}.999") is quality, word


def test_the_page_names_every_format_that_is_not_our_own():
    assert {form.name for form in all_formats()} - OUR_OWN <= set(re.findall(r"`([a-z0-9-]+)`", PAGE))
