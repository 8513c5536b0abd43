"""The main job on real households: load, check, settle, and, where meters are faulty, settle again without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import NotFoundError
from backend.metering import Severity
from backend.quantities import SettlementPeriod
from backend.services.check_readings import check_readings, return_point
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.parties import load_parties
from backend.services.report import report_period, report_total
from backend.services.settle_period import settle_period

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from backend.metering import Finding
    from backend.ports import MeterFileLoader, RunRecord
    from backend.services.context import SettlementContext

__all__ = ["YEAR", "DemoInput", "run_demo"]

YEAR = tuple(f"2016-{month:02d}" for month in range(8, 13)) + tuple(
    f"2017-{month:02d}" for month in range(1, 8)
)


@dataclass(frozen=True, slots=True)
class DemoInput:
    """A community and its readings, as files that anyone could load.

    Attributes:
        community: Its id.
        definition: The community file's text.
        readings: The readings file.
        carbon_source: Name of the grid's carbon intensity series.
        parties: Text of a file of parties, invented; empty where there are none.
    """

    community: str
    definition: str
    readings: Path
    carbon_source: str
    parties: str = ""


def run_demo(
    context: SettlementContext,
    read_file: MeterFileLoader,
    demo: DemoInput,
    months: Sequence[str],
    on_stage: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Do the main job for some months; what is settled already is told from the store.

    Returns:
        JSON-ready: the report of the month under its own names, or ``periods`` and ``total``; where points were
        returned to
        the operator, the same again without them as ``screened``/``periods_screened`` and ``total_screened``;
        ``findings``.
    """
    on_stage("community")
    load_community(context, demo.definition, f"{demo.community}.toml", demo.carbon_source)
    _introduce(context, demo)
    on_stage("readings")
    load_readings(context, read_file, [demo.readings], community=demo.community)
    on_stage("conformity")
    findings = check_readings(context, demo.community)
    faults = [finding for finding in findings if finding.severity is Severity.FAULT]
    delivered = [
        _settle_delivered(context, demo.community, month, issue=not faults, on_stage=on_stage)
        for month in months
    ]
    returned: list[str] = []
    screened: list[RunRecord] = []
    if faults:
        returned = _return_faulty(context, demo.community, faults)
        screened = [
            settle_period(context, demo.community, SettlementPeriod.from_month(month), on_stage=on_stage)
            for month in months
        ]
    # Told last, as a repeat finds it: a later run supersedes the one of the readings as delivered.
    told = _tell(context, delivered)
    told["findings"] = [finding.as_dict() for finding in findings]
    if faults:
        again = _tell(context, screened)
        told["returned_points"] = returned
        told["periods_screened"] = again["periods"]
        told["total_screened"] = again["total"]
    return told


def _introduce(context: SettlementContext, demo: DemoInput) -> None:
    """Load the invented parties, unless somebody is known already."""
    with context.store.reading() as records:
        is_known = bool(records.parties(demo.community))
    if demo.parties and not is_known:
        load_parties(context, demo.community, demo.parties, f"{demo.community}-parties.toml")


def _settle_delivered(
    context: SettlementContext, community: str, month: str, *, issue: bool, on_stage: Callable[[str], None]
) -> RunRecord:
    """The first run of a month, of the readings as the operator delivered them."""
    period = SettlementPeriod.from_month(month)
    with context.store.reading() as records:
        runs = records.runs(community, period.id)
    finished = [run for run in runs if run.version == 1 and run.bill_root]
    if finished and len(runs) > 1:
        return finished[0]
    return settle_period(context, community, period, issue=issue, as_delivered=True, on_stage=on_stage)


def _return_faulty(context: SettlementContext, community: str, faults: Sequence[Finding]) -> list[str]:
    """Return every point of a participant whose meter is faulty: import and export come from the same installation."""
    view = context.community(community)
    reasons: dict[str, Finding] = {}
    for fault in faults:
        reasons.setdefault(fault.metering_point, fault)
    returned: list[str] = []
    for point_id, fault in reasons.items():
        if point_id in returned:  # with another fault of the same installation
            continue
        point = view.community.metering_point(point_id)
        if point is None:
            raise NotFoundError(
                f"a finding names metering point {point_id!r}, which {community} does not have."
            )
        for owned in view.community.points_of(point.participant):
            return_point(context, community, owned.id, f"{fault.rule}: {fault.value or fault.message}")
            returned.append(owned.id)
    return returned


def _tell(context: SettlementContext, runs: Sequence[RunRecord]) -> dict[str, Any]:
    with context.store.reading() as records:
        stored = {(run.period, run.version): run for run in records.runs(runs[0].community)}
    runs = [stored[run.period, run.version] for run in runs]
    periods = [report_period(context, run) for run in runs]
    return {"periods": periods, "total": report_total(runs, periods)}
