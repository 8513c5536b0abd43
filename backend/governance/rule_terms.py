"""A rule as ``RuleBook.Rule`` (docs/protocol.md section 10), and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.community import (
    AllocationSource,
    Biller,
    ConformityLimits,
    GapTreatment,
    PriceWindow,
    Pricing,
    Rule,
    Seller,
    SharingKeyChoice,
    Tariff,
    Tier,
    VatStatus,
)
from backend.errors import SharingKeyError
from backend.governance.conformity_terms import (
    conformity_terms_text,
    hash_conformity_terms,
    read_conformity_terms,
)
from backend.governance.link_terms import hash_link_terms, link_terms_text, read_link_terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["METHOD_CODES", "OFF_CHAIN", "decode_rule", "encode_rule", "on_chain"]

METHOD_CODES = {
    "dynamic": 1,
    "static": 2,
    "equal": 3,
    "static_cascade": 4,
    "hybrid": 5,
    "scheduled": 6,
    "pairwise": 7,
    "priority": 8,
    "flow": 9,
    "incentive": 10,
}
#: What is kept beside the struct and never sent: texts whose hashes are sent.
OFF_CHAIN = ("linkTermsText", "conformityTermsText")
_GAPS = {GapTreatment.ESTIMATE: 0, GapTreatment.RESIDUAL: 1, GapTreatment.RETURN: 2}
_SURPLUS_OWNERS = {"producer": 0, "consumer": 1}
_SCHEDULES = {"": 0, "ahead": 1, "after": 2}
_BANDS = 4
_DAY_MINUTES = 24 * 60
_NO_LINK_TERMS = "0x" + "00" * 32


def on_chain(struct: Mapping[str, Any]) -> dict[str, Any]:
    """The part of ``encode_rule``'s answer that the contract takes."""
    return {name: value for name, value in struct.items() if name not in OFF_CHAIN}


def encode_rule(
    rule: Rule, slots: Mapping[str, int], *, effective_from: int, contest_window_seconds: int
) -> dict[str, Any]:
    """A rule as the struct that the contract takes.

    Args:
        rule: What was decided.
        slots: Slot by metering point id.
        effective_from: Period id from which it holds. [days since 1970-01-01]
        contest_window_seconds: Where the rule leaves it to the deployment. [s]

    Returns:
        The struct by field name, and beside it ``OFF_CHAIN``, which is ours alone.

    Raises:
        SharingKeyError: If the method is not one that the contracts know.
    """
    key, window = rule.sharing_key, rule.contest_window_seconds
    if key.method not in METHOD_CODES:
        raise SharingKeyError(
            f"sharing key {key.method!r} is not in the law book; use one of {', '.join(METHOD_CODES)}."
        )
    text = link_terms_text(key.links, slots) if key.links else ""
    terms_text = conformity_terms_text(rule.limits.terms)
    return {
        "effectiveFrom": effective_from,
        "contestWindowSeconds": contest_window_seconds if window is None else window,
        "source": int(rule.source),
        "limits": {
            "maxEstimatedPpm": rule.limits.max_estimated_ppm,
            "maxMissingPpm": rule.limits.max_missing_ppm,
            "gaps": _GAPS[rule.limits.gaps],
            "terms": hash_conformity_terms(terms_text),
        },
        "key": _encode_key(key, slots, hash_link_terms(text) if text else _NO_LINK_TERMS),
        "tariff": _encode_tariff(rule.tariff, slots),
        "linkTermsText": text,
        "conformityTermsText": terms_text,
    }


def _encode_key(key: SharingKeyChoice, slots: Mapping[str, int], link_terms: str) -> dict[str, Any]:
    producers = sorted(slots[producer] for producer in key.pairs_ppm)
    coefficients = (
        _encode_pairs(key, slots, producers) if producers else _by_slot(key.coefficients_ppm, slots)
    )
    return {
        "method": METHOD_CODES[key.method],
        "surplusOwner": _SURPLUS_OWNERS[key.surplus_owner],
        "schedule": _SCHEDULES[key.schedule],
        "coefficientsPpm": coefficients,
        "producers": producers,
        "tierMethods": [METHOD_CODES[tier.method] for tier in key.tiers],
        "tiers": _encode_tiers(key.tiers, slots),
        "producerPpm": _by_slot(key.producer_coefficients_ppm, slots),
        "linkTerms": link_terms,
    }


def _by_slot(values: Mapping[str, int], slots: Mapping[str, int], otherwise: int = 0) -> list[int]:
    """Values by slot up to the last that has one."""
    placed = {slots[point]: value for point, value in values.items()}
    return [placed.get(slot, otherwise) for slot in range(max(placed, default=-1) + 1)]


def _encode_pairs(key: SharingKeyChoice, slots: Mapping[str, int], producers: Sequence[int]) -> list[int]:
    """``k[slot · R + r]``: a row per slot up to the last that has a part, a column per producer in slot order."""
    place = {producer: r for r, producer in enumerate(producers)}
    cells = {
        slots[consumer] * len(producers) + place[slots[producer]]: part
        for producer, parts in key.pairs_ppm.items()
        for consumer, part in parts.items()
    }
    rows = max(cells, default=0) // len(producers) + 1
    return [cells.get(cell, 0) for cell in range(rows * len(producers))]


def _encode_tiers(tiers: Sequence[Tier], slots: Mapping[str, int]) -> list[int]:
    named = {point: place for place, tier in enumerate(tiers) for point in tier.points}
    return _by_slot(named, slots, otherwise=len(tiers) - 1)


def _encode_tariff(tariff: Tariff, slots: Mapping[str, int]) -> dict[str, Any]:
    network_shared = tariff.network_shared_price
    return {
        "residualPrice": [*tariff.residual_prices, *[0] * (_BANDS - len(tariff.residual_prices))],
        "sharedPrice": tariff.shared_price,
        "surplusPrice": tariff.surplus_price,
        "networkPrice": tariff.network_price,
        "networkSharedPrice": tariff.network_price if network_shared is None else network_shared,
        "excisePrice": tariff.excise_price,
        "exciseSharedPrice": tariff.excise_shared_price,
        "premiumConsumption": tariff.premium_consumption_price,
        "premiumFeedIn": tariff.premium_feed_in_price,
        "pricing": int(tariff.pricing),
        "seller": int(tariff.seller),
        "monthlyFee": tariff.monthly_fee,
        "vatPpm": tariff.vat_ppm,
        "communityVatClass": int(tariff.vat_status),
        "billedBy": int(tariff.billed_by_community),
        "windows": [window.start_minute << 8 | window.band for window in tariff.windows],
        "producerPrice": _by_slot(tariff.producer_prices, slots),
    }


def decode_rule(struct: Mapping[str, Any], points: Mapping[int, str]) -> Rule:
    """The rule that a struct states; a coefficient or producer's price of zero is as if it had not been named.

    Args:
        struct: As ``encode_rule`` made it.
        points: Metering point id by slot.

    Raises:
        SharingKeyError: If the link terms beside the struct are not those that it holds the hash of.
        ConformityError: If the terms of conformity are not.
    """
    return Rule(
        sharing_key=_decode_key(struct["key"], struct["linkTermsText"], points),
        tariff=_decode_tariff(struct["tariff"], points),
        limits=ConformityLimits(
            max_estimated_ppm=struct["limits"]["maxEstimatedPpm"],
            max_missing_ppm=struct["limits"]["maxMissingPpm"],
            gaps={code: treatment for treatment, code in _GAPS.items()}[struct["limits"]["gaps"]],
            terms=read_conformity_terms(struct["conformityTermsText"], struct["limits"]["terms"]),
        ),
        contest_window_seconds=struct["contestWindowSeconds"],
        source=AllocationSource(struct["source"]),
    )


def _decode_key(key: Mapping[str, Any], text: str, points: Mapping[int, str]) -> SharingKeyChoice:
    methods = {code: name for name, code in METHOD_CODES.items()}
    producers: list[int] = key["producers"]
    return SharingKeyChoice(
        method=methods[key["method"]],
        coefficients_ppm={} if producers else _by_point(key["coefficientsPpm"], points),
        surplus_owner={code: name for name, code in _SURPLUS_OWNERS.items()}[key["surplusOwner"]],
        pairs_ppm={
            points[producer]: _by_point(key["coefficientsPpm"][place :: len(producers)], points)
            for place, producer in enumerate(producers)
        },
        tiers=_decode_tiers(key["tierMethods"], key["tiers"], points),
        producer_coefficients_ppm=_by_point(key["producerPpm"], points),
        schedule={code: name for name, code in _SCHEDULES.items()}[key["schedule"]],
        links=read_link_terms(text, key["linkTerms"], points) if text else None,
    )


def _by_point(values: Sequence[int], points: Mapping[int, str]) -> dict[str, int]:
    return {points[slot]: value for slot, value in enumerate(values) if value and slot in points}


def _decode_tiers(
    methods: Sequence[int], tiers: Sequence[int], points: Mapping[int, str]
) -> tuple[Tier, ...]:
    """Tiers with the points of all but the last, which takes everyone else."""
    names = {code: name for name, code in METHOD_CODES.items()}
    last = len(methods) - 1
    return tuple(
        Tier(
            names[method],
            tuple(points[slot] for slot, found in enumerate(tiers) if found == place and slot in points)
            if place < last
            else (),
        )
        for place, method in enumerate(methods)
    )


def _decode_tariff(tariff: Mapping[str, Any], points: Mapping[int, str]) -> Tariff:
    starts = [(packed >> 8, packed & 0xFF) for packed in tariff["windows"]]
    ends = [start for start, _ in starts[1:]] + [_DAY_MINUTES]
    bands = max(band for _, band in starts) + 1
    network, network_shared = tariff["networkPrice"], tariff["networkSharedPrice"]
    return Tariff(
        shared_price=tariff["sharedPrice"],
        residual_prices=tuple(tariff["residualPrice"][:bands]),
        windows=tuple(PriceWindow(start, end, band) for (start, band), end in zip(starts, ends, strict=True)),
        surplus_price=tariff["surplusPrice"],
        network_price=network,
        monthly_fee=tariff["monthlyFee"],
        vat_ppm=tariff["vatPpm"],
        vat_status=VatStatus(tariff["communityVatClass"]),
        billed_by_community=Biller(tariff["billedBy"]),
        network_shared_price=None if network_shared == network else network_shared,
        excise_price=tariff["excisePrice"],
        excise_shared_price=tariff["exciseSharedPrice"],
        premium_consumption_price=tariff["premiumConsumption"],
        premium_feed_in_price=tariff["premiumFeedIn"],
        pricing=Pricing(tariff["pricing"]),
        producer_prices=_by_point(tariff["producerPrice"], points),
        seller=Seller(tariff["seller"]),
    )
