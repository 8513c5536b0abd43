"""What shared energy is worth, in pico-euro (protocol, section 8, *Value*)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.verifier.bundle import Header
from backend.verifier.chain_records import Rule, Tariff
from backend.verifier.methods import FLOW, PAIRWISE, binds_operator
from backend.verifier.shares import Due

__all__ = ["Range", "bound_row", "link_price", "price_interval", "price_range", "price_row"]

_UNIFORM, _SUPPLY_DEMAND, _PRODUCER = 0, 2, 3


@dataclass(frozen=True, slots=True)
class Range:
    """A whole number from ``least`` to ``most``, often one and the same: a value [pico-euro], a price, an energy."""

    least: int
    most: int

    def __contains__(self, value: int) -> bool:
        return self.least <= value <= self.most

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"from {self.least} to {self.most}"


def price_interval(
    rule: Rule, header: Header, band: int, producers: Iterable[int], own: Mapping[int, int]
) -> Range:
    """Give what an interval's V can be.

    Args:
        rule: The key and the tariff.
        header: The interval's totals.
        band: The interval's, as the chain has it.
        producers: Feed-in slots that are active on the day; of ``flow`` those of the period, as rounds name them.
        own: Energy that was shared of one's own, by slot; other slots beside them say nothing. [mWh]
    """
    tariff, total = rule.tariff, header.allocated
    if total == 0:
        return Range(0, 0)
    if tariff.pricing == _PRODUCER:
        if rule.key.method in {PAIRWISE, FLOW} and not binds_operator(rule):
            named = rule.key.producers if rule.key.method == PAIRWISE else producers
            pairs = zip(named, header.rounds, strict=True)
            exact = sum(shared * tariff.price_of(slot) for slot, (_, shared) in pairs)
            return Range(0 if _is_flow(rule) else exact, exact)
        known = {slot: own[slot] for slot in producers if slot in own}
        worth = sum(shared * tariff.price_of(slot) for slot, shared in known.items())
        rest = max(0, total - sum(known.values()))
        prices = [tariff.price_of(slot) for slot in producers if slot not in own] or [0]
        return Range(worth + rest * min(prices), worth + rest * max(prices))
    if tariff.pricing != _SUPPLY_DEMAND:
        exact = total * _fixed_price(tariff, band)
        return Range(0 if _is_flow(rule) else exact, exact)
    surplus, residual = tariff.surplus_price, tariff.residual_price[band]
    if header.feed_in >= header.consumption:
        exact = total * surplus
    elif surplus == 0:
        exact = 0
    else:
        weight = (residual - surplus) * header.feed_in + surplus * header.consumption
        exact = total * surplus * residual * header.consumption // weight if weight > 0 else 0
    return Range(exact, exact)


def price_row(rule: Rule, header: Header, slot: int, due: Due, *, feeds_in: bool) -> Range:
    """Give what a row is worth, of any method but ``flow``."""
    tariff = rule.tariff
    if tariff.pricing == _PRODUCER and feeds_in:
        exact = due.allocated * tariff.price_of(slot)
    elif tariff.pricing == _PRODUCER and due.flows:
        pairs = zip(rule.key.producers, due.flows, strict=True)
        exact = sum(flow * tariff.price_of(producer) for producer, flow in pairs)
    else:
        exact = header.value * due.allocated // header.allocated if header.allocated else 0
    return Range(exact, exact)


def bound_row(rule: Rule, band: int, slot: int, allocated: int, producers: Iterable[int]) -> Range:
    """Give what a row can be worth where the interval's totals are not at hand, or the key is ``flow``.

    Args:
        rule: The key and the tariff.
        band: The interval's.
        slot: Whose own price counts where each producer names one; -1 of a consumption row.
        allocated: The row's. [mWh]
        producers: Feed-in slots that are active on the day.
    """
    tariff = rule.tariff
    if tariff.pricing == _PRODUCER:
        prices = [tariff.price_of(slot)] if slot >= 0 else [tariff.price_of(p) for p in producers] or [0]
        price = Range(min(prices), max(prices))
    else:
        price = price_range(rule, band)
    return Range(0 if _is_flow(rule) else allocated * price.least, allocated * price.most)


def price_range(rule: Rule, band: int) -> Range:
    """Give what shared energy can cost in a band where one price holds for all producers. [micro-euro per kWh]"""
    tariff = rule.tariff
    if tariff.pricing != _SUPPLY_DEMAND:
        price = _fixed_price(tariff, band)
        return Range(price, price)
    if tariff.surplus_price == 0:
        return Range(0, 0)
    return Range(tariff.surplus_price, max(tariff.residual_price[band], tariff.surplus_price))


def link_price(tariff: Tariff, band: int, producer: int) -> int:
    """Give the price of a link of ``flow`` where it is sold. [micro-euro per kWh]"""
    return tariff.price_of(producer) if tariff.pricing == _PRODUCER else _fixed_price(tariff, band)


def _fixed_price(tariff: Tariff, band: int) -> int:
    if tariff.pricing == _UNIFORM:
        return tariff.shared_price
    return (tariff.residual_price[band] + tariff.surplus_price) // 2


def _is_flow(rule: Rule) -> bool:
    """Say whether links within a household or given away cost nothing, so that a row is worth less than its energy."""
    return rule.key.method == FLOW and not binds_operator(rule)
