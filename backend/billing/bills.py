"""A settlement run's bills, one per participant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.billing.amounts import (
    BillAmounts,
    BillTotals,
    PointBands,
    bill_amounts,
    total_bills,
)
from backend.billing.bill import (
    Amounts,
    Bill,
    BilledParticipant,
    BilledPeriod,
    Message,
    PointSummary,
    QualityCounts,
)
from backend.billing.bill import Seller as BillSeller
from backend.billing.bill_lines import lines_of
from backend.billing.carbon import GridCarbon, carbon_of
from backend.billing.energy_use import SharedFlows, energy_use, neighbours_of
from backend.billing.invoice import Trade, check_en16931, documents_of
from backend.billing.period_sums import SlotSums, form_leaves
from backend.billing.saving import saving_of
from backend.billing.tariff import bands_of
from backend.billing.terms import BilledPoint, BilledSeat, billed_seats
from backend.community import Community, Direction, Rule, Tariff
from backend.errors import BalanceError, NotFoundError
from backend.metering import Quality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.billing.links import PeriodLink
    from backend.billing.value import PeriodValues
    from backend.community import Participant
    from backend.metering import PeriodReadings
    from backend.quantities import PeriodCalendar

__all__ = ["BillRun", "SharedPeriod", "bill_period"]

_DUE_DAYS = 30


@dataclass(frozen=True, slots=True)
class BillRun:
    """All bills of a run, in seat order, and what they add up to.

    Invariants:
        - The totals balance (``BillTotals``); each bill keeps the rules of EN 16931.
    """

    bills: tuple[Bill, ...]
    amounts: tuple[BillAmounts, ...]
    totals: BillTotals

    def bill_of(self, participant: str) -> Bill:
        """A participant's bill.

        Raises:
            NotFoundError: If it had no point in the period.
        """
        for bill in self.bills:
            if bill.participant.id == participant:
                return bill
        raise NotFoundError(
            f"participant {participant} has no bill in this period: none of its points was active."
        )


@dataclass(frozen=True, slots=True)
class SharedPeriod:
    """What a run shared, and what that was worth.

    Attributes:
        allocated: Shape (slots, T): allocated to consumption, shared of feed-in. [mWh]
        credited: Shape (slots, T): unused entitlement of consumers that own it, or energy that earns the incentive.
            [mWh]
        values: What rows are worth.
        links: Who served whom over the period.
    """

    allocated: NDArray[np.int64]
    credited: NDArray[np.int64]
    values: PeriodValues
    links: Sequence[PeriodLink]


@dataclass(frozen=True, slots=True)
class _Run:
    """What all bills of a run have in common."""

    community: Community
    rule: Rule
    rule_version: int
    due: date
    readings: PeriodReadings
    allocated: NDArray[np.int64]
    counts: NDArray[np.int64]
    bands: Mapping[int, PointBands]
    people: Mapping[int, Participant]
    sources: Mapping[int, str]
    flows: SharedFlows
    grid: GridCarbon | None


def bill_period(
    community: Community,
    terms: Sequence[Mapping[str, Any]],
    readings: PeriodReadings,
    shared: SharedPeriod,
    *,
    rule: Rule,
    rule_version: int,
    due: date | None = None,
    grid: GridCarbon | None = None,
) -> BillRun:
    """Bill a settled period.

    Args:
        community: Members and names.
        terms: What the period froze per slot, as ``PeriodRecord.terms``.
        readings: Of all slots, as they were allocated.
        shared: As it was settled.
        rule: In force; its tariff prices.
        rule_version: Its number.
        due: Last date of payment, 30 days after the period where not given.
        grid: The grid's carbon intensity, if there is a series.

    Raises:
        BalanceError: If the allocation does not conserve energy, links do not add up to it, or the bills do not
            balance.
        NotFoundError: If a frozen point is no longer in the community file.
    """
    seats = billed_seats(community, terms)
    points = [point for seat in seats for point in seat.points]
    _check_conservation(points, readings.energy, shared.allocated)
    run = _Run(
        community=community,
        rule=rule,
        rule_version=rule_version,
        due=due or readings.calendar.period.until + timedelta(days=_DUE_DAYS),
        readings=readings,
        allocated=shared.allocated,
        counts=_count_qualities(readings),
        bands=form_leaves(
            seats,
            SlotSums.of(readings.energy, shared, bands_of(readings.calendar, rule.tariff)),
            shared.links,
            rule,
        ),
        people={seat.seat: seat.participant for seat in seats},
        sources={point.slot: point.source for point in points},
        flows=SharedFlows.collect(points, shared.allocated),
        grid=grid,
    )
    amounts = tuple(
        bill_amounts([run.bands[point.slot] for point in seat.points], rule, seat.vat_status)
        for seat in seats
    )
    totals = total_bills(amounts, rule.tariff.billed_by_community, len(readings.energy))
    bills = tuple(_bill(run, seat, due) for seat, due in zip(seats, amounts, strict=True))
    return BillRun(bills, amounts, totals)


def _check_conservation(
    points: Sequence[BilledPoint], energy: NDArray[np.int64], allocated: NDArray[np.int64]
) -> None:
    assert energy.shape == allocated.shape, (energy.shape, allocated.shape)
    consumption = [point.slot for point in points if point.direction is Direction.CONSUMPTION]
    feed_in = [point.slot for point in points if point.direction is Direction.FEED_IN]
    wrong = np.flatnonzero(allocated[consumption].sum(axis=0) != allocated[feed_in].sum(axis=0))
    if wrong.size:
        raise BalanceError(
            f"interval {wrong[0]}: what consumers were allocated is not what producers shared; nothing is billed."
        )
    if (allocated > energy).any() or (allocated < 0).any():
        slot, interval = np.argwhere((allocated > energy) | (allocated < 0))[0]
        raise BalanceError(
            f"slot {slot}, interval {interval}: {allocated[slot, interval]} mWh allocated of "
            f"{energy[slot, interval]} mWh; nothing is billed."
        )


def _count_qualities(readings: PeriodReadings) -> NDArray[np.int64]:
    """Active readings by quality. Shape (slots, 4)."""
    active = readings.active_intervals()
    columns = [((readings.quality == quality) & active).sum(axis=1) for quality in Quality]
    return np.stack(columns, axis=1).astype(np.int64)


def _bill(run: _Run, seat: BilledSeat, due: BillAmounts) -> Bill:
    rule, tariff = run.rule, run.rule.tariff
    own = [run.bands[point.slot] for point in seat.points]
    lines = lines_of(seat.points, run.bands, rule, seat.seat, run.people)
    used = energy_use(own, seat.seat, run.sources)
    bill = Bill(
        community=_seller(run.community, tariff),
        participant=BilledParticipant(
            seat.participant.id, seat.participant.name, seat.vat_status.name.lower()
        ),
        period=_period(run.readings.calendar),
        seat=seat.seat,
        rule_version=run.rule_version,
        sharing_key=rule.sharing_key.method,
        surplus_owner=rule.sharing_key.surplus_owner,
        pricing=tariff.pricing.name.lower(),
        sold_by=tariff.seller.name.lower(),
        due=run.due.isoformat(),
        amounts=_amounts(due),
        energy=used,
        neighbours=neighbours_of(own, seat.seat, run.people),
        points=tuple(
            _summary(point, run.bands[point.slot], run.counts[point.slot].tolist()) for point in seat.points
        ),
        lines=lines,
        documents=documents_of(lines, _trade(run, seat, own)),
        saving=saving_of(own, due.lines, rule),
        carbon=carbon_of(seat.points, run.readings.energy, run.allocated, run.flows, used, run.grid)
        if run.grid
        else None,
        quality=_quality(run.counts[[point.slot for point in seat.points]].sum(axis=0).tolist()),
    )
    check_en16931(bill)
    return bill


def _trade(run: _Run, seat: BilledSeat, own: Sequence[PointBands]) -> Trade:
    """Who sells what to whom on this bill, and with which VAT."""
    sellers = {
        run.people[link.seat].id: link.vat_status
        for point in own
        if point.direction is Direction.CONSUMPTION
        for link in point.links
        if link.seat != seat.seat
    }
    tariff = run.rule.tariff
    return Trade(
        participant=seat.participant.id,
        community_status=tariff.vat_status,
        participant_status=seat.vat_status,
        sellers=sellers,
        vat_ppm=tariff.vat_ppm,
        country=run.community.country,
    )


def _summary(point: BilledPoint, sums: PointBands, counts: Sequence[int]) -> PointSummary:
    return PointSummary(
        slot=point.slot,
        point=point.point,
        number=point.number,
        direction=point.direction.name.lower(),
        source=point.source,
        energy=sum(sums.energy),
        allocated=sum(sums.allocated),
        band_energy=sums.energy,
        band_allocated=sums.allocated,
        value=sums.value,
        credited=sums.credited,
        readings=sum(counts),
        estimated=counts[Quality.ESTIMATED],
        missing=counts[Quality.MISSING],
    )


def _quality(counts: Sequence[int]) -> QualityCounts:
    readings = sum(counts)
    found = (("estimated", Quality.ESTIMATED), ("edited", Quality.EDITED), ("missing", Quality.MISSING))
    notes = tuple(
        Message(f"quality.{name}", {"count": counts[quality], "of": readings})
        for name, quality in found
        if counts[quality]
    )
    return QualityCounts(
        readings=readings,
        estimated=counts[Quality.ESTIMATED],
        edited=counts[Quality.EDITED],
        missing=counts[Quality.MISSING],
        notes=notes or (Message("quality.measured", {"of": readings}),),
    )


def _seller(community: Community, tariff: Tariff) -> BillSeller:
    return BillSeller(
        community.id,
        community.name,
        community.country,
        community.currency,
        tariff.vat_status.name.lower(),
        community.note,
    )


def _period(calendar: PeriodCalendar) -> BilledPeriod:
    period = calendar.period
    return BilledPeriod(
        id=period.id,
        label=period.label,
        first=period.first.isoformat(),
        last=(period.until - timedelta(days=1)).isoformat(),
        intervals=calendar.interval_count,
        resolution_minutes=calendar.resolution_minutes,
        time_zone=calendar.time_zone,
    )


def _amounts(due: BillAmounts) -> Amounts:
    return Amounts(
        lines=due.lines,
        debit_net=due.debit_net,
        vat_debit=due.vat_debit,
        debit=due.debit,
        credit_net=due.credit_net,
        vat_credit=due.vat_credit,
        credit=due.credit,
        payable=due.payable,
        vat_bought=due.vat_bought,
        vat_sold=due.vat_sold,
    )
