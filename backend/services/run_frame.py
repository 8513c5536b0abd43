"""A run's rows: shared by the rule's key, valued by its prices, linked from producer to consumer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.allocation import PeriodAllocation, allocate_period, sharing_key
from backend.billing import PeriodValues, SharedPeriod, ValueTerms, link_period, read_links, value_period
from backend.ports import AllocationFrame
from backend.services.commit import directions_of
from backend.services.flow_costs import flow_key_of
from backend.services.operator_allocation import check_allocation, sums_of
from backend.services.run_basis import SCHEDULED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.allocation import SharingKey
    from backend.community import Rule
    from backend.metering import PeriodReadings
    from backend.ports import PeriodRecord
    from backend.services.context import CommunityView
    from backend.services.operator_allocation import OperatorRows
    from backend.services.run_basis import RunBasis

__all__ = ["key_of", "settle_frame", "shared_of"]

_LINK_COLUMNS = 5


def settle_frame(
    view: CommunityView,
    record: PeriodRecord,
    rule: Rule,
    readings: PeriodReadings,
    bands: Sequence[int],
    basis: RunBasis,
) -> AllocationFrame:
    """Share a period's energy and say what it is worth, row by row and link by link.

    Args:
        view: The community.
        record: The period as opened.
        rule: In force.
        readings: Of all its slots.
        bands: Tariff band of each interval.
        basis: What the run rests on beside its readings.

    Raises:
        PartageError: Of the key, the tariff or the balance; nothing is kept.
    """
    computed: NDArray[np.int64] | None = None
    if basis.operator is None:
        allocation = allocate_period(readings, directions_of(record), key_of(view, record, rule, basis))
    else:
        check_allocation(basis.operator, readings, record)
        allocation = _given(basis.operator, readings, record)
        if rule.sharing_key.method != SCHEDULED:  # nobody hands in coefficients that bind nothing
            key = key_of(view, record, rule, basis)
            computed = allocate_period(readings, directions_of(record), key).allocated
    terms = ValueTerms.of(rule, record.terms, view.slots, np.array(bands, dtype=np.uint8), record.slots)
    values = value_period(allocation, terms)
    links = link_period(allocation, values, terms)
    return AllocationFrame(
        energy=readings.energy,
        allocated=allocation.allocated,
        quality=readings.quality,
        source=readings.source,
        tau=allocation.tau,
        value=values.total,
        row_value=values.rows,
        credited=allocation.credited,
        rounds=allocation.rounds,
        links=np.array(links, dtype=np.int64).reshape(-1, _LINK_COLUMNS),
        parts=allocation.parts if allocation.potentials is None else None,  # flows say what rows contribute
        link_flows=_flows_of(allocation),
        potentials=allocation.potentials,
        computed=computed,
        link_costs=None if basis.costs is None else basis.costs.table,
        flow_scale=None if basis.costs is None else basis.costs.scale_numbers,
    )


def _given(rows: OperatorRows, readings: PeriodReadings, record: PeriodRecord) -> PeriodAllocation:
    """The operator's allocation in the form of ours: no rounds, no thresholds, nothing credited."""
    count = rows.allocated.shape[1]
    consumption, feed_in = sums_of(readings.energy, record)
    total, _ = sums_of(rows.allocated, record)
    return PeriodAllocation(
        allocated=rows.allocated,
        tau=np.zeros(count, dtype=np.int64),
        feed_in=feed_in,
        consumption=consumption,
        total=total,
        rounds=np.zeros((count, 0, 2), dtype=np.int64),
        credited=np.zeros(rows.allocated.shape, dtype=np.int64),
    )


def key_of(view: CommunityView, record: PeriodRecord, rule: Rule, basis: RunBasis) -> SharingKey:
    """The key in force, told what it needs of the period: its members, or what was handed in."""
    choice = rule.sharing_key
    if choice.links is None:
        return sharing_key(choice, view.slots, schedule=basis.coefficients, directions=directions_of(record))
    return flow_key_of(view, record, rule)


def _flows_of(allocation: PeriodAllocation) -> NDArray[np.int64] | None:
    """The flows of ``flow``, whose rows tell them; other keys that link need no detail."""
    links = allocation.links
    if links is None or allocation.potentials is None:
        return None
    return np.stack([links.interval, links.producer_slot, links.consumer_slot, links.energy], axis=1)


def shared_of(frame: AllocationFrame) -> SharedPeriod:
    """What bills are made of."""
    return SharedPeriod(
        allocated=frame.allocated,
        credited=frame.credited,
        values=PeriodValues(frame.value, frame.row_value),
        links=read_links(frame.links),
    )
