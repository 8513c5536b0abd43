"""A community written as a community file, so that reading it gives the same community."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import date

from backend.community.conformity_tables import changed_terms
from backend.community.feeders import Feeder
from backend.community.governance_terms import GovernanceTerms
from backend.community.legal import LegalTerms
from backend.community.members import Community, MeteringPoint, Participant
from backend.community.rule import (
    AllocationSource,
    Biller,
    ConformityLimits,
    LinkTerms,
    Pricing,
    Rule,
    Seller,
    SharingKeyChoice,
    Tariff,
)
from backend.community.vat import VatStatus
from backend.quantities import PARTS_PER_MILLION, format_cents, format_price

__all__ = ["rule_tables", "write_definition"]

_LAST_OF_POINT = (
    *("valid_from", "valid_to", "latitude", "longitude"),
    *("tilt_degrees", "azimuth_degrees", "peak_kw"),
)
_OTHERWISE = {Biller.RESIDUAL: "supplier", Biller.NETWORK: "supplier", Biller.SURPLUS: "offtaker"}


def write_definition(community: Community) -> str:
    """Write a community file.

    Returns:
        TOML such that ``read_definition`` of it equals ``community``.

    Invariants:
        - The same community gives the same text.
    """
    head: list[tuple[str, object]] = [
        ("id", community.id),
        ("name", community.name),
        ("country", community.country),
        ("time_zone", community.time_zone),
        ("currency", community.currency),
        ("resolution_minutes", community.resolution_minutes),
        ("vat_status", community.rule.tariff.vat_status.name.lower()),
    ]
    if community.note:
        head.append(("note", community.note))
    blocks = [_block("[community]", head)]
    if community.site is not None:
        pairs = [(field.name, getattr(community.site, field.name)) for field in fields(community.site)]
        blocks.append(_block("[site]", [(key, value) for key, value in pairs if value != ""]))
    if community.legal != LegalTerms():
        blocks.append(_block("[legal]", _legal(community.legal)))
    if community.governance != GovernanceTerms():
        pairs = [(field.name, getattr(community.governance, field.name)) for field in fields(GovernanceTerms)]
        blocks.append(_block("[governance]", pairs))
    blocks += [_block(f"[{name}]", pairs) for name, pairs in rule_tables(community.rule)]
    blocks += [
        _block("[[participants]]", _participant(participant)) for participant in community.participants
    ]
    blocks += [_block("[[metering_points]]", _point(point)) for point in community.metering_points]
    blocks += [_block("[[feeders]]", _feeder(feeder)) for feeder in community.feeders]
    return "\n".join(blocks)


def rule_tables(rule: Rule) -> Iterable[tuple[str, list[tuple[str, object]]]]:
    """The tables that say a rule: name, then keys and values, in the order of a file."""
    if rule.contest_window_seconds is not None:
        hours, rest = divmod(rule.contest_window_seconds, 3600)
        assert rest == 0, rule.contest_window_seconds
        yield "settlement", [("contest_window_hours", hours)]
    if rule.source is not AllocationSource.COMPUTED:
        yield "allocation", [("source", rule.source.name.lower())]
    yield "sharing_key", _sharing_key(rule.sharing_key)
    if rule.sharing_key.links is not None:
        yield "sharing_key.links", _links(rule.sharing_key.links)
    yield "conformity", _limits(rule.limits)
    changed = changed_terms(rule.limits.terms)
    if changed:
        yield "conformity.rules", list(changed.items())
    yield "tariff", _tariff(rule.tariff)


def _legal(legal: LegalTerms) -> list[tuple[str, object]]:
    pairs = [(field.name, getattr(legal, field.name)) for field in fields(legal)]
    return [(key, value) for key, value in pairs if value not in {None, ""}]


def _sharing_key(key: SharingKeyChoice) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = [("method", key.method)]
    if key.coefficients_ppm:
        pairs.append(("coefficients_ppm", dict(key.coefficients_ppm)))
    if key.pairs_ppm:
        parts = {producer: dict(parts) for producer, parts in key.pairs_ppm.items()}
        pairs.append(("pairs_ppm", parts))
    if key.tiers:
        tiers = [
            {"method": tier.method} | ({"points": list(tier.points)} if tier.points else {})
            for tier in key.tiers
        ]
        pairs.append(("tiers", tiers))
    if key.producer_coefficients_ppm:
        pairs.append(("producer_coefficients_ppm", dict(key.producer_coefficients_ppm)))
    if key.schedule:
        pairs.append(("schedule", key.schedule))
    return [*pairs, ("surplus_owner", key.surplus_owner)]


def _links(links: LinkTerms) -> list[tuple[str, object]]:
    caps = [
        {"producer": cap.producer, "consumer": cap.consumer, "max_power_watts": cap.max_power_watts}
        for cap in links.caps
    ]
    return [
        ("own_first", links.own_first),
        ("preferences", [list(pair) for pair in links.preferences]),
        ("donations", [list(pair) for pair in links.donations]),
        ("caps", caps),
        ("fairness_steps", links.fairness_steps),
        ("costs", list(links.costs)),
    ]


def _limits(limits: ConformityLimits) -> list[tuple[str, object]]:
    return [
        ("max_estimated_ppm", limits.max_estimated_ppm),
        ("max_missing_ppm", limits.max_missing_ppm),
        ("gaps", limits.gaps.value),
    ]


def _tariff(tariff: Tariff) -> list[tuple[str, object]]:
    whole_day = len(tariff.windows) == 1
    windows = [
        {
            "from": _time(window.start_minute),
            "to": _time(window.end_minute),
            "price": format_price(tariff.residual_prices[window.band]),
        }
        for window in tariff.windows
    ]
    billed_by = {"shared": "producer" if tariff.seller is Seller.PRODUCER else "community"} | {
        biller.name.lower(): "community" if biller in tariff.billed_by_community else otherwise
        for biller, otherwise in _OTHERWISE.items()
        if biller.name
    }
    return [
        ("shared_price", format_price(tariff.shared_price)),
        ("residual_price", windows[0]["price"] if whole_day else windows),
        ("surplus_price", format_price(tariff.surplus_price)),
        ("network_price", format_price(tariff.network_price)),
        *_special_prices(tariff),
        ("monthly_fee", format_cents(tariff.monthly_fee)),
        ("vat_ppm", tariff.vat_ppm),
        ("billed_by", billed_by),
    ]


def _special_prices(tariff: Tariff) -> Iterable[tuple[str, object]]:
    """Prices that most tariffs do not have."""
    if tariff.network_shared_price is not None:
        yield "network_shared_price", format_price(tariff.network_shared_price)
    for name in ("excise_price", "excise_shared_price", "premium_consumption_price", "premium_feed_in_price"):
        if getattr(tariff, name):
            yield name, format_price(getattr(tariff, name))
    if tariff.pricing is not Pricing.UNIFORM:
        yield "pricing", tariff.pricing.name.lower()
    if tariff.producer_prices:
        yield (
            "producer_prices",
            {point: format_price(price) for point, price in tariff.producer_prices.items()},
        )


def _participant(participant: Participant) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = [("id", participant.id), ("name", participant.name)]
    if participant.vat_status is not VatStatus.PRIVATE:
        pairs.append(("vat_status", participant.vat_status.name.lower()))
    if participant.headers_consent:
        pairs.append(("headers_consent", True))
    if participant.energy_poor:
        pairs.append(("energy_poor", True))
    return pairs


def _point(point: MeteringPoint) -> list[tuple[str, object]]:
    optional = ("external_id", "source", "phase", "max_power_watts")
    pairs: list[tuple[str, object]] = [
        ("id", point.id),
        ("participant", point.participant),
        ("direction", point.direction.name.lower()),
    ]
    pairs += [(key, getattr(point, key)) for key in optional]
    if point.participation_ppm != PARTS_PER_MILLION:
        pairs.append(("participation_ppm", point.participation_ppm))
    pairs += [(key, getattr(point, key)) for key in _LAST_OF_POINT]
    return [(key, value) for key, value in pairs if value is not None]


def _feeder(feeder: Feeder) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = [("id", feeder.id), ("external_id", feeder.external_id)]
    pairs.append(("metering_points", list(feeder.metering_points) or None))
    return [(key, value) for key, value in pairs if value is not None]


def _block(header: str, pairs: Iterable[tuple[str, object]]) -> str:
    return "".join([header + "\n", *(f"{key} = {_value(value)}\n" for key, value in pairs)])


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return _quoted(value.isoformat())
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return _quoted(value) if isinstance(value, str) else repr(value)


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "a").isalnum() else _quoted(key)


def _quoted(text: str) -> str:
    """A TOML basic string; JSON escapes the same way, but for DEL, which TOML wants escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
