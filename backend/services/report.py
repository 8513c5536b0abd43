"""What a settlement tells: one object per period, and their sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.errors import NotFoundError
from backend.quantities import format_kilowatt_hours

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from backend.ports import BillRecord, OutboxEntry, RunRecord
from backend.services.context import SettlementContext
from backend.services.forecasts.anchor import anchors_models

__all__ = ["report_period", "report_total"]

_ENERGIES = ("consumption", "feed_in", "shared", "residual", "surplus")


def report_period(context: SettlementContext, run: RunRecord) -> dict[str, Any]:
    """A settled period as DESIGN says ``settle --json`` prints it.

    Returns:
        JSON-ready; energies as decimal strings [kWh], money as whole cents; transactions and gas of this run: the
        opening of its period, its batch, itself, its bills.
    """
    with context.store.reading() as records:
        period = records.period(run.community, run.period)
        batches = {batch.version: batch for batch in records.batches(run.community, run.period)}
        bills = records.bills(run.community, run.period, run.version)
        entries = [entry for entry in records.outbox(run.community) if _belongs_to(entry, run)]
    if period is None:
        raise NotFoundError(f"period {run.period} of {run.community} was never opened.")
    frame = context.intervals.allocation(run.community, run.period, run.version)
    batch = batches[run.batch_version]
    receipts = {entry.receipt.transaction_hash: entry.receipt for entry in entries if entry.receipt}
    return {
        "community": run.community,
        "period": period.label,
        "run": run.version,
        "run_id": run.run_id,
        "state": run.state.value,
        "bill_state": run.bill_state.value,
        "metering_points": len(period.terms),
        "intervals": int(frame.energy.shape[1]),
        "readings": {"measured": batch.measured, "estimated": batch.estimated, "missing": batch.missing},
        **_energies(run.consumption, run.feed_in, run.allocated),
        **_counted(bills),
        "batch_roots": [batch.root],
        "allocation_root": run.root,
        "bill_root": run.bill_root,
        "bills": [_bill(bill.participant, bill.number, bill.content) for bill in bills],
        "transactions": len(receipts),
        "gas": sum(receipt.gas_used for receipt in receipts.values()),
        "seconds": dict(run.seconds),
    }


def _belongs_to(entry: OutboxEntry, run: RunRecord) -> bool:
    """Was it sent for this run? What opened the period serves all its runs; batches and bills are of one."""
    prefix = f"{run.community}/{run.period}/"
    if not entry.id.startswith(prefix) or anchors_models(entry):
        return False
    kind, *rest = entry.id.removeprefix(prefix).split("/")
    version = {"batch": run.batch_version, "run": run.version, "bills": run.version}.get(kind)
    return version is None or rest[0] == str(version)


def _energies(consumption: int, feed_in: int, shared: int) -> dict[str, str]:
    values = (consumption, feed_in, shared, consumption - shared, feed_in - shared)
    return {
        f"{name}_kwh": format_kilowatt_hours(value) for name, value in zip(_ENERGIES, values, strict=True)
    }


def _counted(bills: Iterable[BillRecord]) -> dict[str, str]:
    """What an incentive counts as shared: nothing is allocated then, and consumers' bills say what was counted."""
    contents = [bill.content for bill in bills]
    if not any(content["sharing_key"] == "incentive" for content in contents):
        return {}
    counted = sum(
        point["credited"]
        for content in contents
        for point in content["points"]
        if point["direction"] == "consumption"
    )
    return {"counted_kwh": format_kilowatt_hours(counted)}


def _bill(participant: str, number: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "participant": participant,
        "number": number,
        "debit_cents": content["amounts"]["debit"],
        "credit_cents": content["amounts"]["credit"],
        "saving_cents": content["saving"]["saving"],
    }


def report_total(runs: Sequence[RunRecord], reports: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Sums over several periods' reports, exact."""
    listed = list(reports)
    first = listed[0]
    stages = {stage for report in listed for stage in report["seconds"]}
    return {
        "community": first["community"],
        "period": f"{first['period']}..{listed[-1]['period']}" if len(listed) > 1 else first["period"],
        "run": max(report["run"] for report in listed),
        "metering_points": max(report["metering_points"] for report in listed),
        "intervals": sum(report["intervals"] for report in listed),
        **_energies(
            sum(run.consumption for run in runs),
            sum(run.feed_in for run in runs),
            sum(run.allocated for run in runs),
        ),
        "batch_roots": [root for report in listed for root in report["batch_roots"]],
        "allocation_root": first["allocation_root"] if len(listed) == 1 else None,
        "allocation_roots": [report["allocation_root"] for report in listed],
        "bill_root": first["bill_root"] if len(listed) == 1 else None,
        "bill_roots": [report["bill_root"] for report in listed],
        "transactions": sum(report["transactions"] for report in listed),
        "gas": sum(report["gas"] for report in listed),
        "savings_cents": _savings(listed),
        "seconds": {
            stage: round(sum(report["seconds"].get(stage, 0) for report in listed), 3)
            for stage in sorted(stages)
        },
    }


def _savings(reports: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """What each participant saved by sharing. [cents]"""
    savings: dict[str, int] = {}
    for report in reports:
        for bill in report["bills"]:
            savings[bill["participant"]] = savings.get(bill["participant"], 0) + bill["saving_cents"]
    return savings
