"""Tables for spreadsheets: nothing that a person or a file wrote into a cell is run when somebody opens them."""

import csv
import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backend.adapters.documents.journal_files import _csv as journal_csv
from backend.adapters.meter_files.allocation_csv import write_allocation_csv
from backend.adapters.meter_files.generic_csv import write_generic_csv
from backend.api.operator_routes import _as_csv as operator_csv
from backend.cli.allocations import _as_csv as reconciliation_csv
from backend.cli.restatements import _as_csv as restatement_csv
from backend.community import Direction
from backend.errors import InputError
from backend.grid.workflows import PHASE_SWITCH
from backend.metering import ReadingTable
from backend.ports.grid_event_records import WorkOrderRecord
from backend.quantities.cells import harmless_cell, is_formula
from backend.services.grid.work_order_files import write_orders_csv
from backend.services.grid.workflows import OrderProgress
from backend.services.privacy_export import _table as export_csv

BACKEND = Path(__file__).parents[3] / "backend"
# What makes CSV text: a writer of the library, or a line of joined columns. Readers and our own trials are none.
WRITES = re.compile(r'csv\.writer\(|(?<!\{)","\.join\((?:COLUMNS|columns)\)')
FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "\uff1d1", '=HYPERLINK("http://x")')
DANGEROUS = "=cmd|calc"


def of_journal(_folder):
    return journal_csv(("name",), [(DANGEROUS,)])


def of_export(_folder):
    return export_csv(("name",), [(DANGEROUS, 1)])


def of_reconciliation(_folder):
    row = {"metering_point": DANGEROUS, "start_utc": 0, "cost_micro_eur": -1, "cause": "rounding"}
    energies = {f"{name}_milliwatt_hours": 1 for name in ("operator", "computed", "difference")}
    return reconciliation_csv([row | energies | {"evidence": {"message": DANGEROUS}}]).encode()


def of_restatement(_folder):
    names = ("energy_before", "energy_after", "allocated_before", "allocated_after")
    energies = {f"{name}_milliwatt_hours": 1 for name in names}
    return restatement_csv([{"metering_point": DANGEROUS, "start_utc": 0} | energies]).encode()


def of_operator(_folder):
    row = {"metering_point": DANGEROUS, "start": 0, "resolution_minutes": 15, "quality": "measured"}
    row |= {"energy_milliwatt_hours": 1, "allocated_milliwatt_hours": 1}
    rows: Any = SimpleNamespace(rows=lambda: iter([row]))
    return "".join(operator_csv(rows)).encode()


class Allocated:
    metering_points = (DANGEROUS,)
    directions = (Direction.CONSUMPTION,)
    point = np.zeros(1, np.int32)
    start_utc = np.zeros(1, np.int64)
    energy = np.ones(1, np.int64)
    allocated = np.ones(1, np.int64)
    resolution_minutes = 15

    def __len__(self):
        return 1


def of_allocation(folder):
    table: Any = Allocated()
    write_allocation_csv(table, folder / "out.csv")
    return (folder / "out.csv").read_bytes()


def of_work_orders(_folder):
    order = WorkOrderRecord(
        id="wo-1",
        network="rue",
        workflow=PHASE_SWITCH.id,
        workflow_version=1,
        plan="p1",
        element=DANGEROUS,
        title=DANGEROUS,
        details={"from": DANGEROUS, "to": "L2", "place": 1},
        created_by="",
        created_utc=0,
    )
    return write_orders_csv([OrderProgress(order, PHASE_SWITCH, (), "plan", 0)], 0).encode()


# Who writes tables, and a table of each that has a formula for a name. None: it refuses such names.
WRITERS = {
    "adapters/documents/journal_files.py": of_journal,
    "adapters/meter_files/allocation_csv.py": of_allocation,
    "adapters/meter_files/generic_csv.py": None,
    "api/operator_routes.py": of_operator,
    "cli/allocations.py": of_reconciliation,
    "cli/restatements.py": of_restatement,
    "services/grid/work_order_files.py": of_work_orders,
    "services/privacy_export.py": of_export,
}


def test_every_writer_of_tables_is_listed_here():
    found = {
        path.relative_to(BACKEND).as_posix()
        for path in BACKEND.rglob("*.py")
        if WRITES.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(WRITERS)


@pytest.mark.parametrize(("name", "write"), [one for one in WRITERS.items() if one[1]])
def test_no_cell_of_a_table_is_run(name, write, tmp_path):
    written = write(tmp_path)
    cells = [cell for row in csv.reader(io.StringIO(written.decode("utf-8-sig"))) for cell in row]
    assert f"'{DANGEROUS}" in cells
    assert not [cell for cell in cells if is_formula(cell)]


@pytest.mark.parametrize("point", FORMULAS)
def test_readings_of_a_point_that_a_spreadsheet_would_run_are_refused_in_the_generic_form(point):
    whole, quality = np.zeros(1, np.int64), np.zeros(1, np.uint8)
    table = ReadingTable((point,), np.zeros(1, np.int32), whole, whole, quality, 15)
    with pytest.raises(InputError, match="formula"):
        write_generic_csv(table)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_run_is_shown_as_text(text):
    assert is_formula(text)
    assert harmless_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-1.5", "-3", "home-01", "", "1e3", "a=b"])
def test_figures_and_names_stay_as_they_are(text):
    assert harmless_cell(text) == text
