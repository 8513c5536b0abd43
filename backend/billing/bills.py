"""A settlement run's bills, one per participant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.billing.amounts import (
    BANDS,
    BillAmounts,
    BillTotals,
    Line,
    PointBands,
    bill_amounts,
    total_bills,
)
from backend.billing.bill import (
    Amounts,
    Bill,
    BilledParticipant,
    BilledPeriod,
    BillLine,
    Message,
    PointSummary,
    QualityCounts,
    Seller,
)
from backend.billing.carbon import GridCarbon, carbon_of
from backend.billing.energy_use import SharedFlows, energy_use
from backend.billing.invoice import check_en16931, documents_of
from backend.billing.saving import saving_of
from backend.billing.tariff import KINDS, bands_of, biller_of, sum_by_band
from backend.billing.terms import BilledPoint, BilledSeat, billed_seats
from backend.community import Community, Direction, Rule, Tariff
from backend.errors import BalanceError, NotFoundError
from backend.metering import Quality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.metering import PeriodReadings
    from backend.quantities import PeriodCalendar

__all__ = ["BillRun", "bill_period"]

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
    flows: SharedFlows
    grid: GridCarbon | None


def bill_period(
    community: Community,
    terms: Sequence[Mapping[str, Any]],
    readings: PeriodReadings,
    allocated: NDArray[np.int64],
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
        allocated: Shape (slots, T): allocated to consumption, shared of feed-in. [mWh]
        rule: In force; its tariff prices.
        rule_version: Its number.
        due: Last date of payment, 30 days after the period where not given.
        grid: The grid's carbon intensity, if there is a series.

    Raises:
        BalanceError: If the allocation does not conserve energy or the bills do not balance.
        NotFoundError: If a frozen point is no longer in the community file.
    """
    seats = billed_seats(community, terms)
    points = [point for seat in seats for point in seat.points]
    _check_conservation(points, readings.energy, allocated)
    bands = bands_of(readings.calendar, rule.tariff)
    energy_sums, allocated_sums = sum_by_band(readings.energy, bands), sum_by_band(allocated, bands)
    run = _Run(
        community=community,
        rule=rule,
        rule_version=rule_version,
        due=due or readings.calendar.period.until + timedelta(days=_DUE_DAYS),
        readings=readings,
        allocated=allocated,
        counts=_count_qualities(readings),
        bands={
            point.slot: PointBands(
                point.slot, point.direction, energy_sums[point.slot], allocated_sums[point.slot]
            )
            for point in points
        },
        flows=SharedFlows.collect(points, allocated),
        grid=grid,
    )
    amounts = tuple(
        bill_amounts([run.bands[point.slot] for point in seat.points], rule.tariff, seat.vat_status)
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
    tariff = run.rule.tariff
    own = [run.bands[point.slot] for point in seat.points]
    lines = _lines(seat.points, run.bands, tariff)
    flows, energy, allocated = run.flows, run.readings.energy, run.allocated
    bill = Bill(
        community=_seller(run.community, tariff),
        participant=BilledParticipant(
            seat.participant.id, seat.participant.name, seat.vat_status.name.lower()
        ),
        period=_period(run.readings.calendar),
        seat=seat.seat,
        rule_version=run.rule_version,
        sharing_key=run.rule.sharing_key.method,
        due=run.due.isoformat(),
        amounts=_amounts(due),
        energy=energy_use(seat.points, energy, allocated, flows),
        points=tuple(
            _summary(point, run.bands[point.slot], run.counts[point.slot].tolist()) for point in seat.points
        ),
        lines=lines,
        documents=documents_of(
            lines,
            vat_ppm=tariff.vat_ppm,
            community=tariff.vat_status,
            participant=seat.vat_status,
            country=run.community.country,
        ),
        saving=saving_of(own, due.lines, tariff),
        carbon=carbon_of(seat.points, energy, allocated, flows, run.grid) if run.grid else None,
        quality=_quality(run.counts[[point.slot for point in seat.points]].sum(axis=0).tolist()),
    )
    check_en16931(bill)
    return bill


def _lines(
    points: Sequence[BilledPoint], bands: Mapping[int, PointBands], tariff: Tariff
) -> tuple[BillLine, ...]:
    lines = [line for point in points for line in _point_lines(point, bands[point.slot], tariff)]
    if tariff.monthly_fee:
        fee = tariff.monthly_fee
        lines.append(BillLine(Line.FEE.value, "fee", -1, "", -1, (), 1, fee, fee, "community"))
    return tuple(lines)


def _point_lines(point: BilledPoint, sums: PointBands, tariff: Tariff) -> list[BillLine]:
    amounts, energy, allocated = sums.lines(tariff), sum(sums.energy), sum(sums.allocated)
    if point.direction is Direction.FEED_IN:
        parts = [
            (Line.SOLD.value, allocated, tariff.shared_price),
            (Line.SURPLUS.value, energy - allocated, tariff.surplus_price),
        ]
    else:
        parts = [
            (band, sums.energy[band] - sums.allocated[band], price)
            for band, price in enumerate(tariff.residual_prices)
        ]
        parts += [
            (Line.BOUGHT.value, allocated, tariff.shared_price),
            (Line.NETWORK.value, energy, tariff.network_price),
        ]
    return [
        BillLine(
            line=line,
            kind=KINDS[line],
            slot=point.slot,
            point=point.point,
            band=line if line < BANDS else -1,
            windows=_windows(tariff, line) if line < BANDS else (),
            quantity=quantity,
            unit_price=price,
            amount=amounts[line],
            biller=biller_of(line, tariff.billed_by_community),
        )
        for line, quantity, price in parts
    ]


def _windows(tariff: Tariff, band: int) -> tuple[str, ...]:
    def clock(minute: int) -> str:
        return f"{minute // 60:02d}:{minute % 60:02d}"

    return tuple(
        f"{clock(window.start_minute)}-{clock(window.end_minute)}"
        for window in tariff.windows
        if window.band == band
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


def _seller(community: Community, tariff: Tariff) -> Seller:
    return Seller(
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
    )
