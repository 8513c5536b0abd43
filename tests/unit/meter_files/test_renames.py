"""Whatever column or member of a form is renamed: it is refused with both names, or told and nothing is misread."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backend.adapters.meter_files.formats import datadis, enedis, energinet, fingrid, fluvius, mapped_csv
from backend.adapters.meter_files.formats import mijn_aansluiting as mijn
from backend.adapters.meter_files.formats.column_words import fold_word, split_fields
from backend.adapters.meter_files.formats.generic import FORMAT as GENERIC
from backend.adapters.meter_files.reading import MeterFiles
from backend.errors import ReadingsError
from backend.metering import Severity
from tests.unit.meter_files.national.test_datadis import CUPS
from tests.unit.meter_files.national.test_enedis import BLOCK, PRM, SHARES, TABLE, curve, reading, table_row
from tests.unit.meter_files.national.test_fluvius_csv import NOON, history, row
from tests.unit.meter_files.national.test_portals import DANISH, DUTCH, FINNISH, FLEMISH
from tests.unit.meter_files.text.reading import read

MAPPING = {
    "columns": {"metering_point": "MP", "start": "Zeit", "energy": "Wert", "quality": "Status"},
    "form": {"unit": "kWh", "resolution_minutes": 15},
    "quality": {"W": "measured", "E": "estimated"},
}
GENERIC_CSV = (
    "metering_point,start,resolution_minutes,energy_kwh,quality\n"
    "home,2024-06-01T00:00:00Z,15,0.5,measured\nhome,2024-06-01T00:15:00Z,15,0.25,estimated\n"
)
MAPPED_CSV = "MP,Zeit,Wert,Status\nAT1,2024-06-01T00:00:00Z,0.5,W\nAT1,2024-06-01T00:15:00Z,0.25,E\n"
DATADIS_CSV = (
    "cups;fecha;hora;consumo_kWh;metodoObtencion;energiaVertida_kWh\n"
    f"{CUPS};2023/12/01;01:00;0,143;Real;0,5\n{CUPS};2023/12/01;02:00;1;Estimada;0,25\n"
)
ENEDIS_SHARES = SHARES + f"{PRM};2024-06-01 00:30:00;PT30M;100;40;60\n"
ENEDIS_TABLE = (
    TABLE + table_row("2023-03-13 00:30:00", "2") + table_row("2023-03-13 01:00:00", "2", nature="E")
)
TABLES: dict[str, tuple[Any, str, int, dict[str, Any]]] = {  # format, text, line of the header, options
    "csv": (GENERIC, GENERIC_CSV, 0, {}),
    "mapped-csv": (mapped_csv.FORMAT, MAPPED_CSV, 0, {"mapping": MAPPING}),
    "datadis": (datadis.FORMAT, DATADIS_CSV, 0, {}),
    "enedis table": (enedis.FORMAT, ENEDIS_TABLE, 0, {}),
    "enedis block": (
        enedis.FORMAT,
        BLOCK + "2023-10-28T00:30:00+02:00;1000\n2023-10-28T01:00:00+02:00;1\n",
        0,
        {},
    ),
    "enedis curve": (
        enedis.FORMAT,
        BLOCK + "2023-10-28T00:30:00+02:00;1000\n2023-10-28T01:00:00+02:00;1\n",
        2,
        {},
    ),
    "enedis shares": (enedis.FORMAT, ENEDIS_SHARES, 0, {}),
    "fluvius": (fluvius.FORMAT, history(row(NOON), row(NOON, "Injectie Dag", status="Geschat")), 0, {}),
}
SGE = {
    "mesures": [
        {
            "idPrm": PRM,
            "etapeMetier": "BRUT",
            "grandeur": [
                {
                    "grandeurMetier": "CONS",
                    "grandeurPhysique": "PA",
                    "unite": "W",
                    "points": [{"v": "120", "d": "2024-01-01 00:05:00", "p": "PT5M", "n": "E"}],
                }
            ],
        }
    ]
}
HOUR = {
    "cups": CUPS,
    "date": "2023/12/01",
    "time": "01:00",
    "consumptionKWh": 0.5,
    "obtainMethod": "Estimada",
    "surplusEnergyKWh": 0.25,
}
OBJECTS: dict[str, tuple[Any, Any]] = {
    "datadis": (datadis.FORMAT, [HOUR]),
    "enedis curve": (enedis.FORMAT, json.loads(curve([reading("2024-02-26 00:30:00", "5", kind="E")]))),
    "enedis measures": (enedis.FORMAT, SGE),
    "energinet": (energinet.FORMAT, DANISH),
    "fingrid": (fingrid.FORMAT, FINNISH),
    "fluvius": (fluvius.FORMAT, FLEMISH),
    "mijn-aansluiting": (mijn.FORMAT, DUTCH),
}
UNREAD = {"success", "errorText"}  # above what is read, where no form says what may stand
CONTAINERS = {
    "data",
    "result",
    "Transaction",
    "TimeSeries",
    "mesures",
    "meter_reading",
}  # of all that is read
NAMES = st.from_regex(r"[A-Za-z]{3,12}", fullmatch=True)


@dataclass(frozen=True)
class Outcome:
    """Readings by series and start, and what was told."""

    readings: dict[tuple[Any, int], tuple[int, int]]
    refused: bool
    told: str


def outcome_of(form, content, folder, **options):
    if form is GENERIC:
        (folder / "file").write_text(content)
        try:
            table, findings = MeterFiles("csv")(folder / "file", known_points=None, resolution_minutes=None)
        except ReadingsError as error:
            return Outcome({}, refused=True, told=" ".join(finding.message for finding in error.findings))
        columns = (table.start_utc.tolist(), table.energy.tolist(), table.quality.tolist())
        rows = {("home", start): (energy, quality) for start, energy, quality in zip(*columns, strict=True)}
        return Outcome(rows, refused=False, told=" ".join(finding.message for finding in findings))
    found = read(form, content, **options)
    rows = {}
    for block in found.blocks:
        columns = (block.start_utc.tolist(), block.energy.tolist(), block.quality.tolist())
        for start, energy, quality in zip(*columns, strict=True):
            rows[block.series, start] = (energy, quality)
    for one in found.registers:
        rows[one.series, one.instant_utc] = (one.value, 0)
    refused = any(finding.severity is Severity.REFUSED for finding in found.findings)
    return Outcome(rows, refused=refused, told=" ".join(finding.message for finding in found.findings))


def judge(before, after, old, new):
    """Refused with both names; or the new name is told, and what is read is what was read before."""
    told = fold_word(after.told)
    assert fold_word(new) in told, after.told
    if after.refused:
        assert fold_word(old) in told, after.told
    else:
        assert after.readings.items() <= before.readings.items(), (old, new, after.told)


def spots(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every member of a document, by its path."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield (*path, key)
            yield from spots(value, (*path, key))
    elif isinstance(tree, list):
        for place, value in enumerate(tree):
            yield from spots(value, (*path, place))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("renames")


@pytest.mark.parametrize("case", TABLES)
@settings(max_examples=3, deadline=None)
@given(new=NAMES)
def test_a_renamed_column_is_refused_with_both_names_or_told_and_nothing_misread(case, folder, new):
    form, text, line, options = TABLES[case]
    lines = text.lstrip("\ufeff").replace("\r", "").split("\n")
    delimiter = "," if "," in lines[line] and ";" not in lines[line] else ";"
    names = split_fields(lines[line], delimiter)
    assume(fold_word(new) not in {fold_word(name) for name in names})
    before = outcome_of(form, text, folder, **options)
    assert before.readings
    assert not before.refused
    for place, old in enumerate(names):
        renamed = delimiter.join([*names[:place], new, *names[place + 1 :]])
        changed = "\n".join([*lines[:line], renamed, *lines[line + 1 :]])
        judge(before, outcome_of(form, changed, folder, **options), old, new)


@pytest.mark.parametrize("case", TABLES)
def test_a_new_column_is_told_and_changes_nothing(case, folder):
    form, text, line, options = TABLES[case]
    lines = text.lstrip("\ufeff").replace("\r", "").rstrip("\n").split("\n")
    delimiter = "," if "," in lines[line] and ";" not in lines[line] else ";"
    if case == "enedis block":  # whose two lines of heads are a table of their own
        changed = [
            one + delimiter + ("Ankunft" if at == 0 else "7") if at < 2 else one
            for at, one in enumerate(lines)
        ]
    else:
        changed = [
            one + (delimiter + ("Ankunft" if at == line else "7") if at >= line else "")
            for at, one in enumerate(lines)
        ]
    before = outcome_of(form, text, folder, **options)
    after = outcome_of(form, "\n".join(changed) + "\n", folder, **options)
    assert "ankunft" in after.told.lower()
    assert after.readings == ({} if case == "csv" else before.readings)
    assert after.refused == (case == "csv"), "only our own form has no other columns"


@pytest.mark.parametrize("case", OBJECTS)
@settings(max_examples=3, deadline=None)
@given(new=NAMES)
def test_a_renamed_member_is_refused_with_both_names_or_told_and_nothing_misread(case, folder, new):
    form, sound = OBJECTS[case]
    before = outcome_of(form, json.dumps(sound), folder)
    assert before.readings
    for path in spots(sound):
        document = copy.deepcopy(sound)
        inner, old = document, path[-1]
        for step in path[:-1]:
            inner = inner[step]
        assume(new not in inner)
        changed = {new if key == old else key: value for key, value in inner.items()}
        inner.clear()
        inner.update(changed)
        text = json.dumps(document)
        if not form.recognise(text.encode()) or old in UNREAD:
            continue  # what makes the form is gone, and the file is told by its first keys
        after = outcome_of(form, text, folder)
        if old in CONTAINERS:
            assert after.refused
            assert not after.readings
        else:
            judge(before, after, old, new)
