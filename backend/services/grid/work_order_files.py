"""Work orders as CSV, for an existing work-order system, and what it tells back, as CSV.

A row per order goes out, spreadsheet-safe; a row per step that was done comes back: ``work_order, step, outcome,
done_at`` (ISO 8601 with an offset) and a column ``field:NAME`` per field. All of a file's rows are taken, or none.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backend.errors import InputError, PartageError
from backend.grid.workflows import FieldKind
from backend.quantities.cells import harmless_cell
from backend.services.grid.work_orders import moved_by
from backend.services.grid.workflows import OrderProgress, StepReport, progress_of, report_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from backend.ports import Records

__all__ = ["COLUMNS", "import_steps", "write_orders_csv"]

COLUMNS = (
    *(
        "work_order",
        "network",
        "plan",
        "place",
        "workflow",
        "title",
        "element",
        "crew_place",
        "spur",
        "moves_with_it",
        "metering_points",
        "from",
        "to",
        "expected_gain_kw",
    ),
    *("step", "step_title", "role", "since", "due", "overdue", "created"),
)
_NEEDED = ("work_order", "step", "outcome", "done_at")
_FIELD = "field:"
_ROWS_MAX = 10_000
_BYTES_MAX = 4 * 1024 * 1024
_FAULTS_TOLD = 20
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def write_orders_csv(
    orders: Iterable[OrderProgress], now_utc: int, points: Mapping[str, Sequence[str]] | None = None
) -> str:
    """Orders as CSV (RFC 4180), a header first; what a spreadsheet would run is shown instead.

    Args:
        orders: To write.
        now_utc: [s since 1970, UTC]
        points: Ids of the metering points that are at each connection today. Several in a cell are parted by spaces.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for progress in orders:
        writer.writerow([harmless_cell(cell) for cell in _cells(progress, now_utc, points or {})])
    return out.getvalue()


def _cells(progress: OrderProgress, now_utc: int, points: Mapping[str, Sequence[str]]) -> list[str]:
    order, step, due = progress.order, progress.due_step, progress.due_utc
    details = order.details
    title = step.title if step else progress.workflow.endings[progress.at]
    return [
        *(order.id, order.network, order.plan, str(details.get("place", "")), order.workflow, order.title),
        *(order.element, str(details.get("crew_place", "")), str(details.get("spur", ""))),
        " ".join(details.get("others", [])),
        " ".join(point for name in moved_by(order) for point in points.get(name, ())),
        *(str(details.get("from", "")), str(details.get("to", ""))),
        str(details.get("expected_gain_kw", "")),
        *(progress.at, title, step.role if step else ""),
        *(_instant(progress.entered_utc), _instant(due) if due else ""),
        *("yes" if due and now_utc > due else "no", _instant(order.created_utc)),
    ]


def _instant(seconds_utc: int) -> str:
    return datetime.fromtimestamp(seconds_utc, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def import_steps(
    records: Records, network: str, text: str, *, by: str, roles: Sequence[str], now_utc: int
) -> tuple[int, int]:
    """Take what a work-order system tells of orders, row by row in the file's order; all of it or nothing.

    Args:
        records: Of a transaction, which is undone where this raises.
        network: Name.
        text: The file.
        by: Id of the user, empty for a command.
        roles: Of whoever hands it in.
        now_utc: [s since 1970, UTC]

    Returns:
        How many steps were taken, and how many rows told what was known.

    Raises:
        InputError: If the file is none of the kind, or rows do not fit: each is named by its line, and why.
    """
    rows, fields = _rows(text)
    taken, faults = 0, []
    for line, row in rows:
        try:
            progress = progress_of(records, [records.work_order(network, row["work_order"])])[0]
            report = _report(progress, row, fields)
            after = report_step(
                records, network, report, by=by, roles=roles, source="import", now_utc=now_utc
            )
        except PartageError as error:
            faults.append(f"line {line}: {error}")
        else:
            taken += len(after.steps) - len(progress.steps)
    if faults:
        left = len(faults) - _FAULTS_TOLD
        told = "\n".join(
            ["nothing was taken:", *faults[:_FAULTS_TOLD], *([f"and {left} more"] if left > 0 else [])]
        )
        raise InputError(told)
    return taken, len(rows) - taken


def _rows(text: str) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    if len(text) > _BYTES_MAX:
        raise InputError(f"the file has {len(text)} characters; at most {_BYTES_MAX} are taken.")
    if "\0" in text:
        raise InputError("the file holds zero bytes; it is no CSV.")
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), restkey="", strict=True)
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        _require_header(header)
        reader.fieldnames = header
        rows = []
        for row in reader:
            if "" in row or None in row.values():
                raise InputError(f"line {reader.line_num} has another number of cells than the header.")
            rows.append((reader.line_num, {name: _plain(cell) for name, cell in row.items()}))
            if len(rows) > _ROWS_MAX:
                raise InputError(f"the file has more than {_ROWS_MAX} rows; hand it in in parts.")
    except csv.Error as error:
        raise InputError(f"line {reader.line_num}: the file is no CSV ({error}).") from None
    return rows, [name for name in header if name.startswith(_FIELD)]


def _require_header(header: Sequence[str]) -> None:
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise InputError(
            f"the file has no column {missing[0]!r}; it has {', '.join(_NEEDED)} and {_FIELD}NAME columns."
        )
    strange = [name for name in header if name not in (*_NEEDED, *COLUMNS) and not name.startswith(_FIELD)]
    if strange or len(set(header)) != len(header):
        told = f"the column {strange[0][:40]!r}" if strange else "a column twice"
        raise InputError(f"the file has {told}; it has {', '.join(_NEEDED)} and {_FIELD}NAME columns.")


def _plain(cell: str) -> str:
    """A cell without the apostrophe that kept a spreadsheet from running it."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and harmless_cell(cell[1:]) == cell else cell


def _report(progress: OrderProgress, row: dict[str, str], fields: Sequence[str]) -> StepReport:
    step = progress.workflow.step(row["step"])
    kinds = {one.id: one.kind for one in step.fields} if step else {}
    values: dict[str, Any] = {}
    for column in fields:
        name, cell = column.removeprefix(_FIELD), row[column]
        if cell:
            values[name] = _value(cell, kinds.get(name, FieldKind.TEXT), column)
    return StepReport(progress.order.id, row["step"], row["outcome"], values, _epoch(row["done_at"]))


def _value(cell: str, kind: FieldKind, column: str) -> Any:
    if kind is FieldKind.NUMBER:
        try:
            return float(cell)
        except ValueError:
            raise InputError(f"{column} is {cell[:40]!r}; write a number with a decimal point.") from None
    if kind is FieldKind.FLAG:
        if cell.lower() not in _FLAGS:
            raise InputError(f"{column} is {cell[:40]!r}; write yes or no.")
        return _FLAGS[cell.lower()]
    return cell


def _epoch(text: str) -> int:
    moment: datetime | None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError(
            f"done_at is {text[:40]!r}; write ISO 8601 with an offset, such as 2026-05-01T14:30:00+02:00."
        )
    return int(moment.timestamp())
