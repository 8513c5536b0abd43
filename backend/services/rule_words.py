"""A rule in numbers and in words, in the languages of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.community import Biller, VatStatus
from backend.quantities import format_cents, format_kilowatt_hours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.community import PriceWindow, Rule, Tariff

__all__ = ["describe_rule"]

_PPM_PER_PERCENT = 10_000
_MINUTES_PER_HOUR = 60
_HOUR_SECONDS = 3600

_KEYS: Mapping[str, Mapping[str, str]] = {
    "dynamic": {
        "en": "In every interval, what the roofs feed in is shared in proportion to what each member uses at that "
        "moment, and never more than they use.",
        "fr": "À chaque intervalle, la production injectée est partagée au prorata de ce que chaque membre consomme "
        "à ce moment-là, sans jamais dépasser sa consommation.",
    },
    "static": {
        "en": "In every interval, each member has a fixed part of what the roofs feed in, and takes of it what they "
        "use; what is left over is sold as surplus.",
        "fr": "À chaque intervalle, chaque membre a une part fixe de la production injectée et en prend ce qu'il "
        "consomme ; le reste est vendu comme surplus.",
    },
}
_OTHER_KEY = {
    "en": "What the roofs feed in is shared by the key “{method}”.",
    "fr": "La production injectée est partagée selon la clé « {method} ».",
}
_TARIFF = {
    "en": "Shared energy costs {shared} €/kWh; what is not covered costs {residual} €/kWh at the supplier; the network "
    "costs {network} €/kWh; surplus earns {surplus} €/kWh. The fee is {fee} € per month.",
    "fr": "L'énergie partagée coûte {shared} €/kWh ; ce qui n'est pas couvert coûte {residual} €/kWh chez le "
    "fournisseur ; le réseau coûte {network} €/kWh ; le surplus rapporte {surplus} €/kWh. La cotisation est de "
    "{fee} € par mois.",
}
_LIMITS = {
    "en": "A period is refused if more than {estimated} % of its readings are estimated or {missing} % are missing. "
    "Results can be contested for {hours} h.",
    "fr": "Une période est refusée si plus de {estimated} % de ses relevés sont estimés ou {missing} % manquent. "
    "Les résultats peuvent être contestés pendant {hours} h.",
}


def describe_rule(version: int, rule: Rule, effective_from: int) -> dict[str, Any]:
    """A rule as pages show it.

    Args:
        version: Its version.
        rule: What was decided.
        effective_from: Period id from which it holds. [days since 1970-01-01]

    Returns:
        JSON-ready: method and prices as whole numbers (µEUR/kWh, cents, ppm, s), and ``words`` by language. No
        coefficient of a member is in it.
    """
    tariff = rule.tariff
    return {
        "version": version,
        "effective_from": effective_from,
        "method": rule.sharing_key.method,
        "surplus_owner": rule.sharing_key.surplus_owner,
        "contest_window_seconds": rule.contest_window_seconds,
        "limits": {
            "max_estimated_ppm": rule.limits.max_estimated_ppm,
            "max_missing_ppm": rule.limits.max_missing_ppm,
            "gaps": rule.limits.gaps.value,
        },
        "tariff": {
            "shared_price_micro_eur_per_kwh": tariff.shared_price,
            "residual_prices": [
                {
                    "band": band,
                    "price_micro_eur_per_kwh": price,
                    "windows": [_name_window(window) for window in tariff.windows if window.band == band],
                }
                for band, price in enumerate(tariff.residual_prices)
            ],
            "surplus_price_micro_eur_per_kwh": tariff.surplus_price,
            "network_price_micro_eur_per_kwh": tariff.network_price,
            "monthly_fee_cents": tariff.monthly_fee,
            "vat_ppm": tariff.vat_ppm,
            "vat_status": VatStatus(tariff.vat_status).name.lower(),
            "billed_by_community": [
                str(bit.name).lower() for bit in Biller if bit in tariff.billed_by_community and bit
            ],
        },
        "words": {locale: _words(rule, locale) for locale in ("en", "fr")},
    }


def _name_window(window: PriceWindow) -> str:
    return "-".join(
        f"{minute // _MINUTES_PER_HOUR:02d}:{minute % _MINUTES_PER_HOUR:02d}"
        for minute in (window.start_minute, window.end_minute)
    )


def _words(rule: Rule, locale: str) -> list[str]:
    tariff, method = rule.tariff, rule.sharing_key.method
    key = _KEYS.get(method, {}).get(locale) or _OTHER_KEY[locale].format(method=method)
    prices = {
        "shared": _price(tariff.shared_price, locale),
        "residual": _residual(tariff, locale),
        "network": _price(tariff.network_price, locale),
        "surplus": _price(tariff.surplus_price, locale),
        "fee": _number(format_cents(tariff.monthly_fee), locale),
    }
    limits = {
        "estimated": _percent(rule.limits.max_estimated_ppm, locale),
        "missing": _percent(rule.limits.max_missing_ppm, locale),
        "hours": (rule.contest_window_seconds or 0) // _HOUR_SECONDS,
    }
    return [key, _TARIFF[locale].format(**prices), _LIMITS[locale].format(**limits)]


def _residual(tariff: Tariff, locale: str) -> str:
    lowest, highest = min(tariff.residual_prices), max(tariff.residual_prices)
    if lowest == highest:
        return _price(lowest, locale)
    return f"{_price(lowest, locale)} {'to' if locale == 'en' else 'à'} {_price(highest, locale)}"


def _price(micro_eur: int, locale: str) -> str:
    """An exact price with at least two decimals. [EUR/kWh]"""
    whole, decimals = format_kilowatt_hours(micro_eur).split(".")
    return _number(f"{whole}.{decimals.rstrip('0').ljust(2, '0')}", locale)


def _percent(ppm: int, locale: str) -> str:
    whole, rest = divmod(ppm, _PPM_PER_PERCENT)
    return _number(f"{whole}.{rest:04d}".rstrip("0").rstrip("."), locale)


def _number(text: str, locale: str) -> str:
    return text.replace(".", ",") if locale == "fr" else text
