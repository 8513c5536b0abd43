"""What commands print: JSON for programs, tables and progress for people."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.quantities import format_cents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["print_findings", "print_json", "print_period", "print_table", "progress", "say"]

_LABELS = {
    "consumption_kwh": "used",
    "feed_in_kwh": "produced",
    "shared_kwh": "shared among neighbours",
    "residual_kwh": "bought from the grid (residual)",
    "surplus_kwh": "sold to the grid (surplus)",
}


def print_json(value: Any) -> None:
    """One object on one line, last on stdout."""
    print(json.dumps(value, ensure_ascii=False, sort_keys=False))


def say(text: str = "") -> None:
    """A line for people; on stderr, so that stdout stays for what was asked."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def progress(*, shown: bool, total: int, what: str) -> Iterator[Callable[[str], None]]:
    """A bar of ``total`` steps on a terminal; each call moves it on and names the step.

    Args:
        shown: False for silence.
        total: Steps expected. [1]
        what: What is going on.
    """
    if not shown or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[step]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, step="")

        def move(step: str) -> None:
            bar.update(task, advance=1, step=step)

        yield move


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: int = 1) -> None:
    """Columns padded to their widest cell; the first ``text_columns`` to the left, figures to the right."""
    widths = [max(len(str(row[column])) for row in [headings, *rows]) for column in range(len(headings))]
    for row in [headings, *rows]:
        cells = (
            str(cell).ljust(width) if column < text_columns else str(cell).rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  " + "  ".join(cells).rstrip())


def print_period(report: Mapping[str, Any]) -> None:
    """A settled period or a total, for people."""
    print(f"{report['community']} · {report['period']} · run {report['run']}")
    for name, label in _LABELS.items():
        whole = round(float(report[name]))
        print(f"  {label:<34}{whole:>12,} kWh")
    if report.get("state"):
        print(f"  {'state':<34}{report['state']:>12} (bills {report['bill_state']})")
    for label, name in (
        ("readings root", "batch_roots"),
        ("run root", "allocation_root"),
        ("bill root", "bill_root"),
    ):
        value = report.get(name)
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(value, str):
            print(f"  {label:<34}{value}")
    print(f"  {'transactions, gas':<34}{report['transactions']:>12,}   {report['gas']:,}")
    seconds = ", ".join(f"{stage} {value:.2f}" for stage, value in report["seconds"].items())
    print(f"  {'seconds per stage':<34}{seconds}")
    savings = _savings_of(report)
    if savings:
        print("  saved by sharing, per home [EUR]")
        print_table(
            ["home", "saving"], [[name, format_cents(cents)] for name, cents in sorted(savings.items())]
        )


def _savings_of(report: Mapping[str, Any]) -> dict[str, int]:
    if "savings_cents" in report:
        return dict(report["savings_cents"])
    return {bill["participant"]: bill["saving_cents"] for bill in report.get("bills", [])}


def print_findings(findings: Sequence[Any], limit: int = 30) -> None:
    """Findings for people, a line each."""
    for finding in findings[:limit]:
        point = finding.metering_point or finding.file or "-"
        print(f"  {finding.severity.value:<8} {point:<16} {finding.rule:<20} {finding.message}")
    if len(findings) > limit:
        print(f"  ... and {len(findings) - limit} more; --json shows all.")
