"""A settlement as people read it: energy, money, proofs, cost; one column per way it was settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.cli.output import print_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["print_energy", "print_proofs", "print_savings", "print_summary", "print_time"]

_STAGES = ("open", "readings", "allocation", "finality", "bills", "issue")
_LABEL_WIDTH = 38
_ROOT_START, _ROOT_END = 10, 8
_SAVINGS_PER_LINE = 3
_MILLIWATT_HOURS_PLACES = 6


def print_summary(report: Mapping[str, Any]) -> None:
    """One settled period, whole."""
    print(f"{report['community']} · {report['period']} · run {report['run']}")
    print()
    print_energy([("", report)])
    print()
    print_savings([("", report)])
    print()
    print_proofs(report)
    print_time(report)


def print_energy(columns: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Who used whose energy, with the parts of what was used and fed in.

    Args:
        columns: Heading and report of each; one heading may be empty.
    """
    if any(heading for heading, _ in columns):
        print(" " * (_LABEL_WIDTH + 2) + "".join(f"{heading:>16}{'':8}" for heading, _ in columns).rstrip())
    for label, name, whole in (
        ("used by the homes", "consumption_kwh", ""),
        ("  from neighbours (shared)", "shared_kwh", "consumption_kwh"),
        ("  from the grid (residual supply)", "residual_kwh", "consumption_kwh"),
        ("fed in", "feed_in_kwh", ""),
        ("  used by neighbours (shared)", "shared_kwh", "feed_in_kwh"),
        ("  to the grid (surplus)", "surplus_kwh", "feed_in_kwh"),
        ("counted as shared for the incentive", "counted_kwh", "consumption_kwh"),
    ):
        cells = []
        for _, report in columns:
            if name not in report:
                continue
            energy, of = _milliwatt_hours(report[name]), _milliwatt_hours(report[whole]) if whole else 0
            part = f"{_percent(energy, of):>4} %" if of else " " * 6
            cells.append(f"{_kilowatt_hours(energy):>12} kWh {part:>6} ")
        if cells:
            print(f"  {label:<{_LABEL_WIDTH}}" + "".join(cells).rstrip())


def print_savings(columns: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """What each home saved: what its energy would have cost and earned without sharing, minus what it does."""
    from backend.quantities import format_cents

    savings = [_savings_of(report) for _, report in columns]
    homes = sorted({home for column in savings for home in column})
    if not homes:
        return
    print("  Saved by sharing [EUR]: what energy would have cost and earned without it, less what it does")
    if len(columns) > 1:
        rows = [[home, *(format_cents(column.get(home, 0)) for column in savings)] for home in homes]
        rows.append(["together", *(format_cents(sum(column.values())) for column in savings)])
        print_table(["home", *(heading for heading, _ in columns)], rows)
        return
    (saved,) = savings
    width = max(len(home) for home in homes)
    cells = [f"{home:<{width}} {format_cents(saved[home]):>8}" for home in homes]
    for start in range(0, len(cells), _SAVINGS_PER_LINE):
        print("    " + "     ".join(cells[start : start + _SAVINGS_PER_LINE]))
    print(f"    together {format_cents(sum(saved.values()))}")


def print_proofs(report: Mapping[str, Any]) -> None:
    """What stands on chain: the roots of one period, or of each."""
    if report.get("state"):
        print(f"  On chain: run {report['run']} {report['state']}, bills {report['bill_state']}")
    else:
        print("  On chain")
    periods = report.get("periods_told")
    if periods:
        print_table(
            ["month", "readings root", "run root", "bill root"],
            [
                [
                    period["period"],
                    *(
                        _shorten(root)
                        for root in (*period["batch_roots"], period["allocation_root"], period["bill_root"])
                    ),
                ]
                for period in periods
            ],
            text_columns=4,
        )
    else:
        for label, root in (
            ("readings root", report["batch_roots"][0]),
            ("run root", report["allocation_root"]),
            ("bill root", report["bill_root"]),
        ):
            print(f"    {label:<14}{root}")
    print(f"    {report['transactions']:,} transactions, {report['gas']:,} gas")


def print_time(report: Mapping[str, Any]) -> None:
    """Where the time went, when the work was done."""
    seconds = report["seconds"]
    stages = ", ".join(
        f"{stage} {seconds[stage]:.2f}"
        for stage in (*_STAGES, *(seconds.keys() - _STAGES))
        if stage in seconds
    )
    print(f"  Time [s]: {stages}; together {sum(seconds.values()):.2f}")


def _savings_of(report: Mapping[str, Any]) -> dict[str, int]:
    if "savings_cents" in report:
        return dict(report["savings_cents"])
    return {bill["participant"]: bill["saving_cents"] for bill in report.get("bills", [])}


def _milliwatt_hours(text: str) -> int:
    """A decimal string of the report, exact. [mWh]"""
    whole, _, places = text.partition(".")
    return int(whole + places.ljust(_MILLIWATT_HOURS_PLACES, "0"))


def _kilowatt_hours(energy: int) -> str:
    """For people: whole, rounded half up."""
    return f"{(energy + 500_000) // 1_000_000:,}"


def _percent(energy: int, of: int) -> int:
    return (200 * energy + of) // (2 * of)


def _shorten(root: str | None) -> str:
    return f"{root[:_ROOT_START]}...{root[-_ROOT_END:]}" if root else "-"
