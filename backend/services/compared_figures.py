"""Both sides' figures of a period, from the stores: a grid operator's allocation, and what ours comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.allocation import allocate_period, sharing_key
from backend.allocation.operator_figures import (
    UNTOLD,
    KnownKey,
    KnownReadings,
    OperatorFigures,
    OurFigures,
)
from backend.billing import ValueTerms, value_period
from backend.community import AllocationSource
from backend.errors import NotFoundError, SharingKeyError
from backend.metering import PeriodReadings, Quality
from backend.metering.estimation import scale_by_participation
from backend.services.anchor_batch import assemble
from backend.services.commit import active_days, directions_of
from backend.services.flow_costs import FLOW
from backend.services.gap_methods import known_loads
from backend.services.open_period import band_codes
from backend.services.operator_allocation import series_of
from backend.services.run_basis import SCHEDULED, RunBasis, basis_named
from backend.services.run_frame import key_of
from backend.services.treatments import treatments_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backend.community import Rule
    from backend.ports import IntervalStore, PeriodRecord, ReadingLoad, RunRecord
    from backend.quantities import PeriodCalendar
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["ComparedPeriod", "operator_figures", "our_figures", "worth_of"]

_STATES_MAX = 8  # earlier or later states of the readings that are tried
_VERSIONS_MAX = 4  # other rule versions, or schedules
_LOADS_APART_MAX = 60  # so many files are looked at one by one for the step of their figures
_FIGURES_LEAST = 8  # so many figures have to be multiples of a step for it to be the file's
_UNITS = (1_000_000, 100_000, 10_000, 1_000, 100, 10)  # [mWh]


@dataclass(frozen=True)
class ComparedPeriod:
    """A period whose allocations are held against each other.

    Attributes:
        view: The community.
        record: As opened.
        calendar: Its intervals.
        rule: In force in it.
        run: In force, None where it is not settled.
        loads: The operator's files that reach into it, in order of arrival.
    """

    view: CommunityView
    record: PeriodRecord
    calendar: PeriodCalendar
    rule: Rule
    run: RunRecord | None
    loads: tuple[ReadingLoad, ...]

    def value_terms(self) -> ValueTerms:
        """What prices its energy."""
        bands = np.array(band_codes(self.rule, self.calendar), dtype=np.uint8)
        return ValueTerms.of(self.rule, self.record.terms, self.view.slots, bands, self.record.slots)


# The operator's side


def operator_figures(context: SettlementContext, period: ComparedPeriod) -> OperatorFigures:
    """What the operator told of a period, the latest file first."""
    record, calendar, store = period.record, period.calendar, context.operator_allocations
    shape = (record.slots, calendar.interval_count)
    allocated, energy, offered = (np.full(shape, UNTOLD, dtype=np.int64) for _ in range(3))
    unit = np.ones(shape, dtype=np.int64)
    names = [series_of(str(term["point"])) for term in record.terms]
    slots = np.array([term["slot"] for term in record.terms], dtype=np.int64)
    for loads in _groups(period.loads):
        for place, kept in enumerate((allocated, energy, offered)):
            series = [name[place] for name in names]
            slot, interval, values = _placed(store, period, series, slots, loads)
            kept[slot, interval] = values
            if place == 0:
                unit[slot, interval] = _unit_of(values)
    return OperatorFigures(allocated, energy, offered, unit)


def _groups(loads: Sequence[ReadingLoad]) -> Iterator[list[str]]:
    """Files one by one, that each may have its own step; all at once where there are very many."""
    if len(loads) > _LOADS_APART_MAX:
        yield [load.id for load in loads]
    else:
        for load in loads:
            yield [load.id]


def _placed(
    store: IntervalStore,
    period: ComparedPeriod,
    series: Sequence[str],
    slots: NDArray[np.int64],
    loads: Sequence[str] | None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Slot, interval and energy of each row of a series; rows off the grid are left out. Shapes (n,)."""
    calendar = period.calendar
    table = store.readings(period.record.community, series, calendar.start_utc, calendar.end_utc, loads)
    interval, odd = np.divmod(table.start_utc - calendar.start_utc, calendar.step_seconds)
    fits = (odd == 0) & (table.quality != Quality.MISSING)
    return slots[table.point[fits]], interval[fits], table.energy[fits]


def _unit_of(values: NDArray[np.int64]) -> int:
    """The power of ten that all figures of a file are multiples of; 1 where too few tell. [mWh]"""
    told = values[values > 0]
    if len(told) < _FIGURES_LEAST:
        return 1
    common = int(np.gcd.reduce(told))
    return next((unit for unit in _UNITS if common % unit == 0), 1)


# Our side


def our_figures(context: SettlementContext, period: ComparedPeriod) -> OurFigures:
    """What we have of the same period, and what we had at other times.

    Raises:
        NotFoundError: If our own key's result cannot be told: nobody handed in what it shares by.
    """
    view, record, rule = period.view, period.record, period.rule
    binding = rule.source is AllocationSource.OPERATOR
    if binding and rule.sharing_key.method == SCHEDULED:
        raise NotFoundError(
            f"the operator's allocation binds in {record.label}, and no coefficients are handed in for the scheduled "
            "key that it could be held against."
        )
    run = period.run
    basis = (
        RunBasis()
        if binding or run is None
        else basis_named(context, record, period.calendar, rule, run.basis)
    )
    if run is None and rule.sharing_key.method == SCHEDULED:
        raise NotFoundError(f"{record.label} is not settled yet; what its coefficients give is known then.")
    key = key_of(view, record, rule, basis)
    readings, known = _settled_readings(context, period)
    directions = tuple(directions_of(record))
    frame = (
        None if run is None else context.intervals.allocation(record.community, record.period, run.version)
    )
    computed = None if frame is None else frame.computed if binding else frame.allocated
    if computed is None:
        computed = allocate_period(readings, directions, key).allocated
    return OurFigures(
        readings=readings,
        directions=directions,
        key=key,
        computed=computed,
        stored=_stored(context, period, known),
        former=_other_states(context, period, known),
        keys=_other_keys(context, period),
    )


def _settled_readings(
    context: SettlementContext, period: ComparedPeriod
) -> tuple[PeriodReadings, tuple[str, ...]]:
    """The readings that the run stands on, and the loads that they are from; all of today where there is no run."""
    record, calendar, run = period.record, period.calendar, period.run
    if run is not None:
        frame = context.intervals.allocation(record.community, record.period, run.version)
        with context.store.reading() as records:
            batch = records.batches(record.community, record.period)[run.batch_version - 1]
        active = active_days(record)
        return PeriodReadings(calendar, frame.energy, frame.quality, frame.source, active), batch.loads
    loads = tuple(_loads_around(context, period))
    readings, _ = assemble(
        context, period.view, calendar, record, loads, treatments_of(context, record.community)
    )
    return readings, loads


def _loads_around(context: SettlementContext, period: ComparedPeriod) -> list[str]:
    return known_loads(context, period.view, period.calendar, period.record)


def _stored(context: SettlementContext, period: ComparedPeriod, loads: Sequence[str]) -> NDArray[np.int64]:
    """Energies as they are stored, on days without membership too; ``UNTOLD`` where there is none."""
    record = period.record
    stored = np.full((record.slots, period.calendar.interval_count), UNTOLD, dtype=np.int64)
    slots = np.array([term["slot"] for term in record.terms], dtype=np.int64)
    factors = np.zeros(record.slots, dtype=np.int64)
    factors[slots] = [term["factor_ppm"] for term in record.terms]
    series = [str(term["point"]) for term in record.terms]
    slot, interval, energy = _placed(context.intervals, period, series, slots, loads)
    stored[slot, interval] = scale_by_participation(energy, factors[slot])
    return stored


def _other_states(
    context: SettlementContext, period: ComparedPeriod, known: Sequence[str]
) -> list[KnownReadings]:
    """The readings as they were known when each file had arrived that reaches into the period, the nearest first."""
    record, calendar = period.record, period.calendar
    around = _loads_around(context, period)
    within = set(context.intervals.loads_within(record.community, calendar.start_utc, calendar.end_utc))
    arrived = {load.id: load.received_utc for load in context.intervals.loads(record.community)}
    own = max((place for place, load in enumerate(around) if load in set(known)), default=-1)
    places = [place for place, load in enumerate(around) if load in within and place != own]
    treatments = treatments_of(context, record.community)
    states = []
    for place in sorted(places, key=lambda place: abs(place - own))[:_STATES_MAX]:
        readings, _ = assemble(context, period.view, calendar, record, around[: place + 1], treatments)
        states.append(KnownReadings(arrived[around[place]], place > own, readings.energy))
    return states


def _other_keys(context: SettlementContext, period: ComparedPeriod) -> list[KnownKey]:
    """Keys of other rule versions or schedules, the nearest first: what an operator may not have changed yet."""
    record, rule, view = period.record, period.rule, period.view
    with context.store.reading() as records:
        versions = records.rule_versions(record.community)
        schedules = records.schedules(record.community, record.period)
    keys: list[KnownKey] = []
    directions = directions_of(record)
    near = sorted(versions, key=lambda version: abs(version.version - record.rule_version))
    for version in near:
        choice = view.rule_of(version).sharing_key
        if choice == rule.sharing_key or choice.method in {FLOW, SCHEDULED}:
            continue
        try:
            key = sharing_key(choice, view.slots, directions=directions)
        except SharingKeyError:
            continue  # it names points that are no longer there, or of another side
        keys.append(KnownKey("rule", version.version, key))
    if rule.sharing_key.method == SCHEDULED:
        for schedule in reversed(schedules):
            figures = context.intervals.schedule(record.community, record.period, schedule.version)
            if schedule.schedule_id != (period.run.basis if period.run else ""):
                basis = RunBasis(schedule.schedule_id, figures)
                keys.append(KnownKey("schedule", schedule.version, key_of(view, record, rule, basis)))
    return keys[:_VERSIONS_MAX]


def worth_of(
    context: SettlementContext, period: ComparedPeriod, ours: OurFigures
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What the allocation in force is worth and shared, by interval. Shapes (T,). [pico-euro, mWh]"""
    record, run = period.record, period.run
    if run is None:
        allocation = allocate_period(ours.readings, ours.directions, ours.key)
        return value_period(allocation, period.value_terms()).total, allocation.total
    frame = context.intervals.allocation(record.community, record.period, run.version)
    consumers = [term["slot"] for term in record.terms if term["direction"] == 0]
    return frame.value, frame.allocated[consumers].sum(axis=0)
