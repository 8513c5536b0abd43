"""A year rehearsed; one of its months beside settling's own path, and beside what somebody with pandas would write."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.allocation import warm_kernels
from backend.billing import bands_of, bill_period
from backend.community import Direction, read_rule_form
from backend.errors import BalanceError
from backend.metering import PeriodReadings
from backend.services.benchmarks.measurement import Benchmark, Measurement, time_best
from backend.services.commit import active_days
from backend.services.open_period import band_codes
from backend.services.rehearsal_periods import PeriodReadingsSource, rehearsed_periods
from backend.services.rehearse import rehearse, rule_in_force
from backend.services.run_basis import RunBasis
from backend.services.run_frame import settle_frame, shared_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.community import Rule
    from backend.governance.rehearsal import MemberFigures
    from backend.ports.readings_cache import ReadingsCache
    from backend.services.context import CommunityView, SettlementContext
    from backend.services.rehearsal_periods import RehearsedPeriod

__all__ = ["bench_rehearsal"]

PROPOSED = {"sharing_key": {"method": "equal"}}
_RUNS = 3
_MICRO_EUR = 1_000_000
_MILLIWATT_HOURS = 1_000_000


@dataclass(frozen=True)
class _Month:
    """One month, read, as the rivals take it."""

    view: CommunityView
    period: RehearsedPeriod
    readings: PeriodReadings
    rules: tuple[Rule, Rule]


def bench_rehearsal(
    context: SettlementContext, community: str, cache: ReadingsCache, work: str, months: int = 12
) -> Benchmark:
    """Rehearse an equal split over months that are loaded and not settled.

    Args:
        context: Ports.
        community: Its id; its rule shares by ``dynamic``.
        cache: Empty.
        work: What is rehearsed, in words.
        months: How many.

    Raises:
        BalanceError: If a rival that claims to be exact is not.
    """
    warm_kernels()
    begin = time.perf_counter()
    rehearse(context, community, PROPOSED, months, cache=cache)
    first = time.perf_counter() - begin
    year, _ = time_best(lambda: rehearse(context, community, PROPOSED, months, cache=cache), _RUNS)
    ours, found = time_best(lambda: rehearse(context, community, PROPOSED, 1, cache=cache), _RUNS)
    read = _read_months(context, community, cache, months)
    settled, bills = time_best(lambda: [_settle(read[-1], rule) for rule in read[-1].rules], 1)
    sides = (found.periods[0].before, found.periods[0].after)
    _hold(sides, bills)
    frames, amounts = time_best(
        lambda: [[_by_pandas(month, rule) for rule in month.rules] for month in read], _RUNS
    )
    off = max(
        abs(amount - side[name].bill)
        for side, told in zip(sides, amounts[-1], strict=True)
        for name, amount in told.items()
    )
    inexact = f"bills alone, in floats: up to {off:.2f} cents off"
    rows = (
        Measurement(f"{months} months, both rules", year, _RUNS, 1.0, "to the cent; readings at hand"),
        Measurement("the first time", first, 1, first / year, "readings assembled from the store"),
        Measurement(f"pandas, {months} months", frames, _RUNS, frames / year, inexact),
        Measurement("one month", ours, _RUNS, ours / year, "to the cent"),
        Measurement(
            "as settling does, one month",
            settled,
            1,
            settled / ours,
            "the same to the cent; by ours of one month",
        ),
    )
    return Benchmark("rehearse", work, rows)


def _read_months(
    context: SettlementContext, community: str, cache: ReadingsCache, months: int
) -> list[_Month]:
    view = context.community(community)
    version = rule_in_force(context, community)
    today = view.rule_of(version)
    rules = today, read_rule_form(PROPOSED, "the proposed rule", view.community)
    source, read = PeriodReadingsSource(context, view, cache), []
    for period in rehearsed_periods(context, view, months, version.version):
        energy = np.ascontiguousarray(source.of(period, today.limits).energy.T, dtype=np.int64)
        nothing = np.zeros(energy.shape, dtype=np.uint8)
        readings = PeriodReadings(period.calendar, energy, nothing, nothing, active_days(period.record))
        read.append(_Month(view, period, readings, rules))
    return read


def _settle(month: _Month, rule: Rule) -> dict[str, int]:
    """What is to pay by participant, by the path that settles and prints bills. [cents]"""
    record, calendar = month.period.record, month.period.calendar
    frame = settle_frame(month.view, record, rule, month.readings, band_codes(rule, calendar), RunBasis())
    run = bill_period(
        month.view.community, record.terms, month.readings, shared_of(frame), rule=rule, rule_version=1
    )
    return {bill.participant.id: due.payable for bill, due in zip(run.bills, run.amounts, strict=True)}


def _hold(sides: Sequence[Mapping[str, MemberFigures]], bills: Sequence[Mapping[str, int]]) -> None:
    for side, told in zip(sides, bills, strict=True):
        if {name: found.bill for name, found in side.items()} != told:
            raise BalanceError("what was rehearsed is not what settling bills. This is a fault of Partage.")


def _by_pandas(month: _Month, rule: Rule) -> dict[str, float]:
    """What is to pay by participant, as one would write it with data frames. [cents]"""
    import pandas as pd

    terms = {term["slot"]: term for term in month.period.record.terms}
    frame = pd.DataFrame(month.readings.energy.T) / _MILLIWATT_HOURS
    used = frame[[slot for slot, term in terms.items() if term["direction"] == Direction.CONSUMPTION]]
    fed = frame[[slot for slot, term in terms.items() if term["direction"] == Direction.FEED_IN]]
    pool, wanted = fed.sum(axis=1), used.sum(axis=1)
    if rule.sharing_key.method == "dynamic":
        given = used.mul((pool / wanted).clip(upper=1).fillna(0), axis=0)
    else:
        given = used.clip(upper=pool / used.shape[1], axis=0)
    shared = fed.mul((given.sum(axis=1) / pool).fillna(0), axis=0)
    tariff = rule.tariff
    bands = pd.Series(bands_of(month.period.calendar, tariff))
    rest = (used - given).groupby(bands).sum()  # shown on bills, billed by the supplier
    lines = pd.DataFrame(
        {
            "residual": rest.mul([tariff.residual_prices[band] for band in rest.index], axis=0).sum(),
            "bought": given.sum() * tariff.shared_price,
            "sold": -(shared.sum() * tariff.shared_price),
        }
    )
    owners = pd.Series({slot: term["participant"] for slot, term in terms.items()})
    due = lines[["bought", "sold"]].sum(axis=1).groupby(owners).sum() * 100 / _MICRO_EUR
    return {str(name): float(amount) + tariff.monthly_fee for name, amount in due.items()}
