"""A rule in numbers and in words, in the languages of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.community import AllocationSource, Biller, VatStatus, changed_terms
from backend.quantities import format_cents, format_kilowatt_hours
from backend.services.conformity_words import name_rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.community import PriceWindow, Rule, Tariff

__all__ = ["describe_rule", "say_euros", "say_percent", "say_price"]

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
        "use.",
        "fr": "À chaque intervalle, chaque membre a une part fixe de la production injectée et en prend ce qu'il "
        "consomme.",
    },
    "equal": {
        "en": "In every interval, what the roofs feed in is cut into as many equal parts as there are members, and "
        "each takes of theirs what they use.",
        "fr": "À chaque intervalle, la production injectée est divisée en autant de parts égales qu'il y a de membres, "
        "et chacun prend de la sienne ce qu'il consomme.",
    },
    "static_cascade": {
        "en": "In every interval, each member has a fixed part of what the roofs feed in. What someone does not use is "
        "shared again by the same parts among those who still need energy, until nothing is left or all have enough.",
        "fr": "À chaque intervalle, chaque membre a une part fixe de la production injectée. Ce que l'un ne consomme "
        "pas est redistribué selon les mêmes parts entre ceux qui en ont encore besoin, jusqu'à épuisement.",
    },
    "hybrid": {
        "en": "In every interval, each member has a fixed part of what the roofs feed in; what is left over is shared "
        "in proportion to what members still need.",
        "fr": "À chaque intervalle, chaque membre a une part fixe de la production injectée ; le reste est partagé au "
        "prorata de ce dont les membres ont encore besoin.",
    },
    "scheduled": {
        "en": "Each member's part of what the roofs feed in is set for every interval, in a schedule that is handed in "
        "{schedule}.",
        "fr": "La part de chaque membre dans la production injectée est fixée pour chaque intervalle, dans un "
        "programme remis {schedule}.",
    },
    "pairwise": {
        "en": "Each member has a fixed part of what each roof feeds in, agreed roof by roof.",
        "fr": "Chaque membre a une part fixe de la production de chaque toit, convenue toit par toit.",
    },
    "priority": {
        "en": "Members are served in {tiers} groups, one after the other; each group shares what the former left.",
        "fr": "Les membres sont servis en {tiers} groupes, l'un après l'autre ; chaque groupe partage ce que le "
        "précédent a laissé.",
    },
    "flow": {
        "en": "In every interval, as much as possible is shared; who serves whom follows the members' wishes, gifts "
        "and limits, then nearness.",
        "fr": "À chaque intervalle, on partage le plus possible ; qui fournit qui suit les souhaits, les dons et les "
        "limites des membres, puis la proximité.",
    },
    "incentive": {
        "en": "Everyone keeps buying and selling as before. Energy that is used while the roofs produce it counts as "
        "shared and earns a premium.",
        "fr": "Chacun continue d'acheter et de vendre comme avant. L'énergie consommée pendant que les toits la "
        "produisent compte comme partagée et donne droit à une prime.",
    },
}
_SCHEDULES = {
    "ahead": {"en": "before the period", "fr": "avant la période"},
    "after": {"en": "after measurement", "fr": "après la mesure"},
}
_OWNERS = {
    "producer": {
        "en": "What is left over is sold as surplus of the roofs.",
        "fr": "Le reste est vendu comme surplus des toits.",
    },
    "consumer": {
        "en": "What a member was entitled to and did not use is sold as that member's surplus.",
        "fr": "Ce à quoi un membre avait droit et qu'il n'a pas consommé est vendu comme son surplus.",
    },
}
_PRODUCER_KEY = {
    "en": "Where the roofs feed in more than is used, the roofs' own parts say whose energy is shared.",
    "fr": "Quand les toits injectent plus que ce qui est consommé, leurs propres parts disent "
    "quelle énergie est partagée.",
}
_OPERATOR = {
    "en": "The grid operator's allocation binds; ours explains it.",
    "fr": "La répartition du gestionnaire de réseau fait foi ; la nôtre l'explique.",
}
_PRICING = {
    "uniform": {
        "en": "Shared energy costs {shared} €/kWh.",
        "fr": "L'énergie partagée coûte {shared} €/kWh.",
    },
    "mid_market": {
        "en": "Shared energy costs what lies halfway between the supplier's price and the surplus price.",
        "fr": "L'énergie partagée coûte la moyenne entre le prix du fournisseur et celui du surplus.",
    },
    "supply_demand": {
        "en": "Shared energy costs the more the scarcer it is: from the surplus price up to the supplier's.",
        "fr": "L'énergie partagée coûte d'autant plus qu'elle est rare : du prix du surplus à celui du fournisseur.",
    },
    "producer": {
        "en": "Each roof sets the price of its energy.",
        "fr": "Chaque toit fixe le prix de son énergie.",
    },
}
_SELLERS = {
    "community": {"en": "The community sells it.", "fr": "La communauté la vend."},
    "producer": {
        "en": "Its producers sell it themselves; the community bills in their name.",
        "fr": "Ses producteurs la vendent eux-mêmes ; la communauté facture en leur nom.",
    },
}
_PREMIUM = {
    "en": "The premium is {consumption} €/kWh for those who use it and {feed_in} €/kWh for those who feed it in.",
    "fr": "La prime est de {consumption} €/kWh pour qui la consomme et de {feed_in} €/kWh pour qui l'injecte.",
}
_TARIFF = {
    "en": "What is not covered costs {residual} €/kWh at the supplier; the network costs {network} "
    "€/kWh{shared_network}; surplus earns {surplus} €/kWh. The fee is {fee} € per month.",
    "fr": "Ce qui n'est pas couvert coûte {residual} €/kWh chez le fournisseur ; le réseau coûte {network} €/kWh"
    "{shared_network} ; le surplus rapporte {surplus} €/kWh. La cotisation est de {fee} € par mois.",
}
_SHARED_NETWORK = {"en": ", {price} €/kWh for shared energy", "fr": ", {price} €/kWh pour l'énergie partagée"}
_EXCISE = {
    "en": "The excise is {excise} €/kWh on what is not covered and {shared} €/kWh on shared energy.",
    "fr": "L'accise est de {excise} €/kWh sur ce qui n'est pas couvert et de {shared} €/kWh sur l'énergie partagée.",
}
_LIMITS = {
    "en": "A period is refused if more than {estimated} % of its readings are estimated or {missing} % are missing. "
    "Results can be contested for {hours} h.",
    "fr": "Une période est refusée si plus de {estimated} % de ses relevés sont estimés ou {missing} % manquent. "
    "Les résultats peuvent être contestés pendant {hours} h.",
}

_OWN_TERMS = {
    "en": "Readings are checked by voted terms of: {rules}.",
    "fr": "Les relevés sont contrôlés selon des paramètres votés pour : {rules}.",
}
_PROFILED = {
    "en": "A gap in consumption is estimated by three similar days and made to add up to the register, where it was "
    "read: closer to what was used, but no contract can repeat it; who doubts an estimate opens a case.",
    "fr": "Un trou de consommation est estimé par trois jours semblables et ramené à l'index, là où il a été relevé : "
    "plus proche de l'usage, mais aucun contrat ne peut le refaire ; qui doute d'une estimation ouvre un litige.",
}
_LEFT_OUT = {
    "en": "Readings are checked without: {rules}.",
    "fr": "Les relevés sont contrôlés sans : {rules}.",
}


def describe_rule(version: int, rule: Rule, effective_from: int) -> dict[str, Any]:
    """A rule as pages show it.

    Args:
        version: Its version.
        rule: What was decided.
        effective_from: Period id from which it holds. [days since 1970-01-01]

    Returns:
        JSON-ready: method and prices as whole numbers (µEUR/kWh, cents, ppm, s), and ``words`` by language. No
        coefficient, price or wish of a member is in it.
    """
    tariff = rule.tariff
    return {
        "version": version,
        "effective_from": effective_from,
        "method": rule.sharing_key.method,
        "surplus_owner": rule.sharing_key.surplus_owner,
        "schedule": rule.sharing_key.schedule,
        "source": rule.source.name.lower(),
        "contest_window_seconds": rule.contest_window_seconds,
        "limits": {
            "max_estimated_ppm": rule.limits.max_estimated_ppm,
            "max_missing_ppm": rule.limits.max_missing_ppm,
            "gaps": rule.limits.gaps.value,
            "rules": changed_terms(rule.limits.terms),
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
            "network_shared_price_micro_eur_per_kwh": tariff.network_price
            if tariff.network_shared_price is None
            else tariff.network_shared_price,
            "excise_price_micro_eur_per_kwh": tariff.excise_price,
            "excise_shared_price_micro_eur_per_kwh": tariff.excise_shared_price,
            "premium_consumption_price_micro_eur_per_kwh": tariff.premium_consumption_price,
            "premium_feed_in_price_micro_eur_per_kwh": tariff.premium_feed_in_price,
            "pricing": tariff.pricing.name.lower(),
            "seller": tariff.seller.name.lower(),
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
    limits = {
        "estimated": say_percent(rule.limits.max_estimated_ppm, locale),
        "missing": say_percent(rule.limits.max_missing_ppm, locale),
        "hours": (rule.contest_window_seconds or 0) // _HOUR_SECONDS,
    }
    return [
        *_key_words(rule, locale),
        *_price_words(rule, locale),
        _LIMITS[locale].format(**limits),
        *_term_words(rule, locale),
    ]


def _term_words(rule: Rule, locale: str) -> list[str]:
    """Sentences where readings are checked by other terms than the software's own."""
    changed, language = changed_terms(rule.limits.terms), ("en", "fr").index(locale)
    left_out, treatments = changed.pop("left_out", []), changed.pop("treatments", {})
    words = [_PROFILED[locale]] if changed.pop("estimation", None) else []
    for sentence, rules in ((_OWN_TERMS, {*changed, *treatments}), (_LEFT_OUT, {*left_out})):
        if rules:
            named = ", ".join(sorted(name_rule(one, language) for one in rules))
            words.append(sentence[locale].format(rules=named))
    return words


def _key_words(rule: Rule, locale: str) -> list[str]:
    key = rule.sharing_key
    schedule = _SCHEDULES[key.schedule][locale] if key.schedule else ""
    words = [_KEYS[key.method][locale].format(schedule=schedule, tiers=len(key.tiers))]
    if key.method != "incentive":
        words.append(_OWNERS[key.surplus_owner][locale])
    if key.producer_coefficients_ppm:
        words.append(_PRODUCER_KEY[locale])
    if rule.source is AllocationSource.OPERATOR:
        words.append(_OPERATOR[locale])
    return words


def _price_words(rule: Rule, locale: str) -> list[str]:
    tariff = rule.tariff
    if rule.sharing_key.method == "incentive":
        premiums = (tariff.premium_consumption_price, tariff.premium_feed_in_price)
        consumption, feed_in = (say_price(price, locale) for price in premiums)
        words = [_PREMIUM[locale].format(consumption=consumption, feed_in=feed_in)]
    else:
        priced = _PRICING[tariff.pricing.name.lower()][locale].format(
            shared=say_price(tariff.shared_price, locale)
        )
        words = [f"{priced} {_SELLERS[tariff.seller.name.lower()][locale]}"]
    shared_network = ""
    if tariff.parts_network:
        price = say_price(tariff.network_shared_price or 0, locale)
        shared_network = _SHARED_NETWORK[locale].format(price=price)
    prices = {
        "residual": _residual(tariff, locale),
        "network": say_price(tariff.network_price, locale),
        "shared_network": shared_network,
        "surplus": say_price(tariff.surplus_price, locale),
        "fee": say_euros(tariff.monthly_fee, locale),
    }
    words.append(_TARIFF[locale].format(**prices))
    if tariff.excise_price or tariff.excise_shared_price:
        excise, shared = say_price(tariff.excise_price, locale), say_price(tariff.excise_shared_price, locale)
        words.append(_EXCISE[locale].format(excise=excise, shared=shared))
    return words


def _residual(tariff: Tariff, locale: str) -> str:
    lowest, highest = min(tariff.residual_prices), max(tariff.residual_prices)
    if lowest == highest:
        return say_price(lowest, locale)
    return f"{say_price(lowest, locale)} {'to' if locale == 'en' else 'à'} {say_price(highest, locale)}"


def say_price(micro_eur: int, locale: str) -> str:
    """An exact price with at least two decimals. [EUR/kWh]"""
    whole, decimals = format_kilowatt_hours(micro_eur).split(".")
    return _number(f"{whole}.{decimals.rstrip('0').ljust(2, '0')}", locale)


def say_euros(cents: int, locale: str) -> str:
    """An amount with its cents. [EUR]"""
    return _number(format_cents(cents), locale)


def say_percent(ppm: int, locale: str) -> str:
    """Parts per million as an exact percentage. [%]"""
    whole, rest = divmod(ppm, _PPM_PER_PERCENT)
    return _number(f"{whole}.{rest:04d}".rstrip("0").rstrip("."), locale)


def _number(text: str, locale: str) -> str:
    return text.replace(".", ",") if locale == "fr" else text
