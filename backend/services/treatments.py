"""What is done with readings that cannot be taken as delivered: of whole points, of spans; today, or as known then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.commitments import keccak256
from backend.metering.decisions import binding_decisions, found_in, set_aside, without_rows
from backend.services.commit import hex_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend.metering import ReadingTable
    from backend.ports import BatchRecord, IntervalStore, PeriodRecord, PointTreatment
    from backend.ports.treatment_records import ReadingDecision
    from backend.services.context import SettlementContext

__all__ = ["NO_TREATMENTS", "Treatments", "inputs_hash", "known_then", "take_away", "treatments_of"]

_DAY_SECONDS = 86_400
# Estimates look fifteen days back and ahead, and a civil day begins within a day of the UTC one.
_REACH_SECONDS = 17 * _DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Treatments:
    """What was decided.

    Attributes:
        points: About whole points, in the order of decision.
        decisions: About spans that change what is settled, in the order of decision.
    """

    points: tuple[PointTreatment, ...] = ()
    decisions: tuple[ReadingDecision, ...] = ()

    @property
    def returned(self) -> tuple[str, ...]:
        """Points all of whose readings were returned to the operator, sorted."""
        return tuple(sorted({one.metering_point for one in self.points if one.treatment == "returned"}))

    def around(self, record: PeriodRecord) -> Treatments:
        """Those that a period's readings may depend on."""
        start = (record.period * _DAY_SECONDS) - _REACH_SECONDS
        end = ((record.period + record.days) * _DAY_SECONDS) + _REACH_SECONDS
        near = tuple(one for one in self.decisions if one.start_utc < end and start < one.end_utc)
        return replace(self, decisions=near)

    def as_words(self) -> list[str]:
        """A line each, which names it; who decided and why changes no reading."""
        return [
            *(f"returned {point}" for point in self.returned),
            *(
                f"{one.treatment.value} {one.metering_point} {one.start_utc} {one.end_utc} of {one.loads} loads"
                for one in self.decisions
            ),
        ]


NO_TREATMENTS = Treatments()


def treatments_of(context: SettlementContext, community: str) -> Treatments:
    """All that is decided about a community's readings and changes what is settled."""
    with context.store.reading() as records:
        points, decisions = records.treatments(community), records.decisions(community)
    binding = tuple(decisions[place] for place in binding_decisions(decisions))
    return Treatments(tuple(points), binding)


def inputs_hash(
    record: PeriodRecord, loads: Sequence[str], treatments: Treatments, estimation: Sequence[str] = ()
) -> str:
    """Names everything that a batch is a function of.

    Args:
        record: The period as opened.
        loads: Ids of the loads that were known.
        treatments: What was decided about readings.
        estimation: What estimates rest on beside readings, a line each (``gap_methods.estimation_words``).
    """
    parts = [
        f"rule {record.rule_version}",
        *(f"load {load}" for load in loads),
        *treatments.around(record).as_words(),
        *estimation,
    ]
    return hex_of(keccak256("\n".join(parts).encode()))


def known_then(
    record: PeriodRecord, batch: BatchRecord, treatments: Treatments, estimation: Sequence[str] = ()
) -> Treatments | None:
    """The treatments that a batch was made with, told by the hash of its inputs; None where they are known no more.

    Args:
        record: The period as opened.
        batch: As anchored.
        treatments: All of today, or of a later batch.
        estimation: As for ``inputs_hash``, of the batch's loads.
    """
    for candidate in _earlier(treatments.around(record)):
        if inputs_hash(record, batch.loads, candidate, estimation) == batch.inputs_hash:
            return candidate
    return None


def _earlier(treatments: Treatments) -> Iterator[Treatments]:
    """The treatments as they stood at any time, the latest first."""
    points, decisions = treatments.points, treatments.decisions
    for spans in range(len(decisions), -1, -1):
        for whole in range(len(points), -1, -1):
            yield Treatments(points[:whole], decisions[:spans])


def take_away(
    intervals: IntervalStore,
    community: str,
    table: ReadingTable,
    loads: Sequence[str] | None,
    decisions: Sequence[ReadingDecision],
) -> ReadingTable:
    """The readings in force without those that decisions set aside.

    Args:
        intervals: Where readings are.
        community: Its id.
        table: The readings in force of some loads.
        loads: Those loads, None for all.
        decisions: In the order in which they were made.
    """
    here = set(table.metering_points)
    decisions = [one for one in decisions if one.metering_point in here]
    if not decisions or not len(table):
        return table
    every = [load.id for load in intervals.loads(community)]
    read = set(every if loads is None else loads)
    span = (min(one.start_utc for one in decisions), max(one.end_utc for one in decisions))
    tables: dict[int, ReadingTable] = {}
    known = []
    for one in decisions:
        if one.loads not in tables:
            then = [load for load in every[: one.loads] if load in read]
            tables[one.loads] = (
                table
                if len(then) == len(read)
                else intervals.readings(community, table.metering_points, *span, then)
            )
        known.append(tables[one.loads])
    aside = set_aside(table, decisions, known)
    binding = [load.id for load in intervals.loads(community) if load.binding and load.id in read]
    if binding and aside.any():  # what an arbiter ruled stands, whatever anybody decided
        rows = np.flatnonzero(aside)
        ruled = intervals.readings(community, table.metering_points, *span, binding)
        aside[rows] &= ~found_in(ruled, table, rows)
    return without_rows(table, aside)
