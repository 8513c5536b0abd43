"""What a proposed rule would change: a list of single differences, each with what holds today and what would.

Pages and services phrase them; here they are data. A difference of a table (coefficients, prices of producers, wishes)
is one difference per entry, so that a member sees the own line.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Any

from backend.community import Biller, LinkTerms
from backend.governance.conformity_terms import treatments_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from backend.community import ConformityLimits, Rule, SharingKeyChoice, Tariff
    from backend.metering.conformity import ConformityTerms

__all__ = ["Difference", "Unit", "differences_of"]

_MINUTES_PER_HOUR = 60


class Unit(Enum):
    """What a difference's values are."""

    CHOICE = "choice"  # one of the words of a community file
    CHOICES = "choices"  # several of them, in order
    FLAG = "flag"
    COUNT = "count"
    PPM = "ppm"
    PRICE = "micro_eur_per_kwh"
    CENTS = "cents"
    SECONDS = "s"
    HOURS = "h"
    DAYS = "d"
    MINUTES = "min"
    WATTS = "W"
    WATT_HOURS = "Wh"
    DEGREES = "degrees"
    POINTS = "metering_points"  # in order of preference
    TIERS = "tiers"  # {method, points}, in order of service


_UNITS = {
    "ppm": Unit.PPM,
    "watt_hours": Unit.WATT_HOURS,  # before the hours, which it ends like
    "hours": Unit.HOURS,
    "days": Unit.DAYS,
    "minutes": Unit.MINUTES,
    "watts": Unit.WATTS,
    "degrees": Unit.DEGREES,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a rule would change.

    Attributes:
        field: Table and key as a community file has them, such as ``tariff.shared_price``.
        place: What it is about within the field: a metering point, two of them, a time of day; empty for the whole.
        before: Value of today; None where there is none.
        after: Value proposed; None where there would be none.
        unit: Of both.
    """

    field: str
    place: tuple[str, ...]
    before: Any
    after: Any
    unit: Unit


def differences_of(before: Rule, after: Rule) -> list[Difference]:
    """All that differs between two rules, in the order of a community file.

    Args:
        before: In force.
        after: Proposed.

    Returns:
        Empty where both say the same.

    Invariants:
        - Rules that differ in any part have at least one difference.
    """
    found = [
        _one(
            "settlement.contest_window",
            before.contest_window_seconds,
            after.contest_window_seconds,
            Unit.SECONDS,
        ),
        _one("allocation.source", before.source.name.lower(), after.source.name.lower(), Unit.CHOICE),
        *_of_keys(before.sharing_key, after.sharing_key),
        *_of_limits(before.limits, after.limits),
        *_of_tariffs(before.tariff, after.tariff),
    ]
    return [difference for difference in found if difference.before != difference.after]


def _one(field: str, before: Any, after: Any, unit: Unit, *place: str) -> Difference:
    return Difference(field, place, before, after, unit)


def _each(
    field: str, before: Mapping[str, Any], after: Mapping[str, Any], unit: Unit, *place: str
) -> Iterator[Difference]:
    """A difference per entry of two tables, in the order of the names."""
    for name in sorted({*before, *after}):
        yield Difference(field, (*place, name), before.get(name), after.get(name), unit)


def _of_keys(before: SharingKeyChoice, after: SharingKeyChoice) -> Iterator[Difference]:
    yield _one("sharing_key.method", before.method, after.method, Unit.CHOICE)
    yield _one("sharing_key.surplus_owner", before.surplus_owner, after.surplus_owner, Unit.CHOICE)
    yield _one("sharing_key.schedule", before.schedule or None, after.schedule or None, Unit.CHOICE)
    yield from _each(
        "sharing_key.coefficients_ppm", before.coefficients_ppm, after.coefficients_ppm, Unit.PPM
    )
    for producer in sorted({*before.pairs_ppm, *after.pairs_ppm}):
        parts = (before.pairs_ppm.get(producer, {}), after.pairs_ppm.get(producer, {}))
        yield from _each("sharing_key.pairs_ppm", *parts, Unit.PPM, producer)
    yield _one("sharing_key.tiers", _tiers(before), _tiers(after), Unit.TIERS)
    yield from _each(
        "sharing_key.producer_coefficients_ppm",
        before.producer_coefficients_ppm,
        after.producer_coefficients_ppm,
        Unit.PPM,
    )
    yield from _of_links(before.links, after.links)


def _tiers(key: SharingKeyChoice) -> list[dict[str, Any]] | None:
    return [{"method": tier.method, "points": list(tier.points)} for tier in key.tiers] or None


def _of_links(before: LinkTerms | None, after: LinkTerms | None) -> Iterator[Difference]:
    for name, unit in (("own_first", Unit.FLAG), ("fairness_steps", Unit.COUNT), ("costs", Unit.CHOICES)):
        was_said, is_said = (_plain(getattr(terms, name, None)) for terms in (before, after))
        yield _one(f"sharing_key.links.{name}", was_said, is_said, unit)
    was, will = (terms or LinkTerms() for terms in (before, after))
    yield from _each("sharing_key.links.preferences", _wishes(was), _wishes(will), Unit.POINTS)
    for pair in sorted({*was.donations, *will.donations}):
        gave, gives = (pair in terms.donations for terms in (was, will))
        yield _one("sharing_key.links.donations", gave, gives, Unit.FLAG, *pair)
    caps = [
        {(cap.producer, cap.consumer): cap.max_power_watts for cap in terms.caps} for terms in (was, will)
    ]
    for link in sorted({*caps[0], *caps[1]}):
        yield _one("sharing_key.links.caps", caps[0].get(link), caps[1].get(link), Unit.WATTS, *link)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _wishes(terms: LinkTerms) -> dict[str, list[str]]:
    """Producers by the consumer who wants them first, in the consumer's order."""
    wishes: dict[str, list[str]] = {}
    for consumer, producer in terms.preferences:
        wishes.setdefault(consumer, []).append(producer)
    return wishes


def _of_limits(before: ConformityLimits, after: ConformityLimits) -> Iterator[Difference]:
    for name in ("max_estimated_ppm", "max_missing_ppm"):
        yield _one(f"conformity.{name}", getattr(before, name), getattr(after, name), Unit.PPM)
    yield _one("conformity.gaps", before.gaps.value, after.gaps.value, Unit.CHOICE)
    yield from _of_terms(before.terms, after.terms)


def _of_terms(before: ConformityTerms, after: ConformityTerms) -> Iterator[Difference]:
    """Each parameter by itself, then which rules are left out, then what becomes of what a rule finds."""
    for table in fields(before):
        if table.name in {"left_out", "treatments"}:
            continue
        was, will = (getattr(terms, table.name) for terms in (before, after))
        for one in fields(was):
            values = (getattr(was, one.name), getattr(will, one.name))
            unit = Unit.CHOICE if "choices" in one.metadata else _unit_of(one.name)
            yield _one(f"conformity.rules.{table.name}.{one.name}", *values, unit)
    for rule in sorted(before.left_out ^ after.left_out):
        yield _one(
            "conformity.rules.left_out", rule in before.left_out, rule in after.left_out, Unit.FLAG, rule
        )
    was_done, is_done = (
        {rule: way.value for rule, way in treatments_of(terms).items()} for terms in (before, after)
    )
    yield from _each("conformity.rules.treatments", was_done, is_done, Unit.CHOICE)


def _unit_of(parameter: str) -> Unit:
    """Units stand last in the names of parameters."""
    return next((unit for end, unit in _UNITS.items() if f"_{parameter}".endswith(f"_{end}")), Unit.COUNT)


def _of_tariffs(before: Tariff, after: Tariff) -> Iterator[Difference]:
    yield _one("tariff.pricing", before.pricing.name.lower(), after.pricing.name.lower(), Unit.CHOICE)
    yield _one("tariff.shared_price", before.shared_price, after.shared_price, Unit.PRICE)
    yield from _each("tariff.producer_prices", before.producer_prices, after.producer_prices, Unit.PRICE)
    yield from _of_days(before, after)
    for name in ("surplus_price", "network_price"):
        yield _one(f"tariff.{name}", getattr(before, name), getattr(after, name), Unit.PRICE)
    if before.parts_network or after.parts_network:
        yield _one("tariff.network_shared_price", _shared_network(before), _shared_network(after), Unit.PRICE)
    for name in (
        *("excise_price", "excise_shared_price"),
        *("premium_consumption_price", "premium_feed_in_price"),
    ):
        yield _one(f"tariff.{name}", getattr(before, name), getattr(after, name), Unit.PRICE)
    yield _one("tariff.monthly_fee", before.monthly_fee, after.monthly_fee, Unit.CENTS)
    yield _one("tariff.vat_ppm", before.vat_ppm, after.vat_ppm, Unit.PPM)
    yield _one(
        "community.vat_status", before.vat_status.name.lower(), after.vat_status.name.lower(), Unit.CHOICE
    )
    yield _one("tariff.seller", before.seller.name.lower(), after.seller.name.lower(), Unit.CHOICE)
    for biller in (Biller.SHARED, Biller.RESIDUAL, Biller.NETWORK, Biller.SURPLUS):
        billed, bills = (biller in tariff.billed_by_community for tariff in (before, after))
        yield _one("tariff.billed_by", billed, bills, Unit.FLAG, str(biller.name).lower())


def _shared_network(tariff: Tariff) -> int:
    """What the network costs for shared energy, be it the same as for all. [µEUR/kWh]"""
    return tariff.network_price if tariff.network_shared_price is None else tariff.network_shared_price


def _of_days(before: Tariff, after: Tariff) -> Iterator[Difference]:
    """Residual prices by time of day, neighbouring times with the same change as one."""
    starts = sorted({window.start_minute for tariff in (before, after) for window in tariff.windows})
    ends = [*starts[1:], max(window.end_minute for window in before.windows)]
    stretch: list[tuple[int, int, int, int]] = []
    for start, end in zip(starts, ends, strict=True):
        was, will = (tariff.residual_prices[tariff.band_at(start)] for tariff in (before, after))
        if stretch and stretch[-1][2:] == (was, will):
            start = stretch.pop()[0]  # noqa: PLW2901 -- the stretch goes on
        stretch.append((start, end, was, will))
    for start, end, was, will in stretch:
        yield _one("tariff.residual_price", was, will, Unit.PRICE, f"{_time(start)}-{_time(end)}")


def _time(minute: int) -> str:
    return f"{minute // _MINUTES_PER_HOUR:02d}:{minute % _MINUTES_PER_HOUR:02d}"
