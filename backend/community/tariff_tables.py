"""The ``[tariff]`` table of a community file: prices, who sets them, who bills what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.community.members import Direction, MeteringPoint
from backend.community.rule import Biller, PriceWindow, Pricing, Seller, Tariff
from backend.community.tables import Table, name_nearest
from backend.errors import CommunityDefinitionError, InputError
from backend.quantities import PARTS_PER_MILLION, format_price, parse_cents, parse_price

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community.rule import SharingKeyChoice
    from backend.community.vat import VatStatus

__all__ = ["TARIFF_KEYS", "check_pricing", "read_tariff"]

TARIFF_KEYS = (
    *("shared_price", "residual_price", "surplus_price", "network_price", "network_shared_price"),
    *("excise_price", "excise_shared_price", "premium_consumption_price", "premium_feed_in_price"),
    *("pricing", "producer_prices", "monthly_fee", "vat_ppm", "billed_by"),
)
_PREMIUMS = ("premium_consumption_price", "premium_feed_in_price")
_OTHER_BILLERS = ("supplier", "grid_operator", "offtaker", "producer")
_WINDOW = '{ from = "00:00", to = "06:00", price = "0.16" }'
_PRICES = '{ "roof" = "0.10" }'
_DAY_MINUTES = 24 * 60


def read_tariff(
    table: Table, vat_status: VatStatus, key: SharingKeyChoice, points: Sequence[MeteringPoint]
) -> Tariff:
    """Read the table.

    Args:
        table: As the file has it.
        vat_status: Of the community as a seller.
        key: That the tariff goes with.
        points: Of the community.

    Raises:
        CommunityDefinitionError: Naming what does not fit, where, and what to write.
    """
    prices, windows = _read_residual_price(table)
    pricing = Pricing[
        table.choice("pricing", [pricing.name.lower() for pricing in Pricing], "uniform").upper()
    ]
    # Without a price for all there is nothing that it would be the price of.
    is_priced = pricing is Pricing.UNIFORM and key.method != "incentive"
    network_price = table.quantity("network_price", parse_price)
    network_shared = (
        table.quantity("network_shared_price", parse_price)
        if table.has("network_shared_price")
        else network_price
    )
    billers, seller = _read_billers(table)
    try:
        tariff = Tariff(
            shared_price=table.quantity("shared_price", parse_price, None if is_priced else "0"),
            residual_prices=prices,
            windows=windows,
            surplus_price=table.quantity("surplus_price", parse_price),
            network_price=network_price,
            monthly_fee=table.quantity("monthly_fee", parse_cents, "0"),
            vat_ppm=table.integer("vat_ppm", 0, PARTS_PER_MILLION, 0),
            vat_status=vat_status,
            billed_by_community=billers,
            network_shared_price=None if network_shared == network_price else network_shared,
            excise_price=table.quantity("excise_price", parse_price, "0"),
            excise_shared_price=table.quantity("excise_shared_price", parse_price, "0"),
            premium_consumption_price=table.quantity(_PREMIUMS[0], parse_price, "0"),
            premium_feed_in_price=table.quantity(_PREMIUMS[1], parse_price, "0"),
            pricing=pricing,
            producer_prices=_read_producer_prices(table, pricing, points),
            seller=seller,
        )
    except CommunityDefinitionError:
        raise
    except InputError as error:
        raise table.error("residual_price", f"cannot be taken: {str(error).removesuffix('.')}") from None
    check_pricing(table, tariff, key)
    return tariff


def check_pricing(table: Table, tariff: Tariff, key: SharingKeyChoice) -> None:
    """Refuse a tariff that its sharing key cannot be billed by.

    Args:
        table: Whichever of the two tables the file has; the refusal names its place.
        tariff: Prices.
        key: Sharing key.

    Raises:
        CommunityDefinitionError: Naming key, value and what to write.
    """
    is_incentive = key.method == "incentive"
    for name in _PREMIUMS:
        if getattr(tariff, name) and not is_incentive:
            raise table.error(
                name,
                f'is paid by the key "incentive" alone, the key is "{key.method}"; remove it, or set it to "0"',
            )
    if is_incentive and tariff.pricing is not Pricing.UNIFORM:
        raise table.error(
            "pricing",
            f'is "{tariff.pricing.name.lower()}", but "incentive" sells no shared energy; remove it',
        )
    if tariff.pricing is not Pricing.SUPPLY_DEMAND:
        return
    if key.method == "flow":
        raise table.error(
            "pricing",
            'is "supply_demand", one price for all that is shared, but "flow" prices each link; write "uniform", '
            '"mid_market" or "producer"',
        )
    for price in tariff.residual_prices:
        if price < tariff.surplus_price:
            raise table.error(
                "residual_price",
                f"has {format_price(price)}, below the surplus price of {format_price(tariff.surplus_price)}; supply "
                "and demand set a price between the two, so raise it or lower surplus_price",
            )


def _read_producer_prices(table: Table, pricing: Pricing, points: Sequence[MeteringPoint]) -> dict[str, int]:
    key = "producer_prices"
    if pricing is not Pricing.PRODUCER:
        if table.has(key):
            raise table.error(key, 'is used by pricing = "producer" alone; remove it, or write that')
        return {}
    value = table.raw(key) if table.has(key) else None
    if not isinstance(value, dict):
        raise table.error(key, f"is missing or no table; write the price of each producer, like {_PRICES}")
    known = [point.id for point in points if point.direction is Direction.FEED_IN]
    prices = {}
    for point, text in value.items():
        if point not in known:
            near = name_nearest(point, known).removesuffix(".")
            raise table.error(key, f'names "{point}", which is no feed-in point of the file; {near}')
        if not isinstance(text, str):
            raise table.error(key, f'of "{point}" is {text!r}; write it in quotes, such as "0.10"')
        try:
            prices[point] = parse_price(text, f'the price of "{point}"')
        except InputError as error:
            raise table.error(key, f"cannot be taken: {str(error).removesuffix('.')}") from None
    missing = [point for point in known if point not in prices]
    if missing:
        raise table.error(
            key, f'lacks "{missing[0]}"; name each feed-in point, at "0" where it gives its energy away'
        )
    return prices


def _read_residual_price(table: Table) -> tuple[tuple[int, ...], tuple[PriceWindow, ...]]:
    """Prices by band and the windows that name them; windows of equal price share a band."""
    value = table.raw("residual_price")
    if not isinstance(value, list):
        return (table.quantity("residual_price", parse_price),), (PriceWindow(0, _DAY_MINUTES, 0),)
    prices: list[int] = []
    windows: list[PriceWindow] = []
    for number, entry in enumerate(value, start=1):
        if not isinstance(entry, dict) or not all(
            isinstance(entry.get(key), str) for key in ("from", "to", "price")
        ):
            raise table.error(
                "residual_price",
                f"window {number} must be like {_WINDOW}",
            )
        extra = sorted(set(entry) - {"from", "to", "price"})
        if extra:
            raise table.error(
                "residual_price",
                f'window {number} has "{extra[0]}"; known are from, to, price',
            )
        try:
            price = parse_price(entry["price"], f"the price of window {number}")
        except InputError as error:
            raise table.error("residual_price", f"cannot be taken: {str(error).removesuffix('.')}") from None
        if price not in prices:
            prices.append(price)
        start, end = (_minute(table, number, entry[key]) for key in ("from", "to"))
        windows.append(PriceWindow(start, end, prices.index(price)))
    return tuple(prices), tuple(windows)


def _minute(table: Table, number: int, text: str) -> int:
    hours, _, minutes = text.partition(":")
    if len(text) == len("00:00") and f"{hours}{minutes}".isdecimal() and text.isascii():
        minute = int(hours) * 60 + int(minutes)
        if int(minutes) < 60 and minute <= _DAY_MINUTES:  # noqa: PLR2004 -- minutes of an hour
            return minute
    raise table.error(
        "residual_price",
        f'window {number} names the time "{text}"; write it like "06:00" or "24:00"',
    )


def _read_billers(table: Table) -> tuple[Biller, Seller]:
    """Who bills which line, and who sells the shared energy; what producers sell the community bills in their name."""
    names = {biller.name.lower(): biller for biller in Biller if biller.name}
    billers, seller = Biller.SHARED, Seller.COMMUNITY
    if not table.has("billed_by"):
        return billers, seller
    value = table.raw("billed_by")
    if not isinstance(value, dict):
        raise table.error(
            "billed_by", 'is no table; write it like { shared = "community", residual = "supplier" }'
        )
    for line, who in value.items():
        if line not in names:
            raise table.error("billed_by", f'names "{line}"; {name_nearest(line, names).removesuffix(".")}')
        if who not in ("community", *_OTHER_BILLERS):
            known = ("community", *_OTHER_BILLERS)
            raise table.error(
                "billed_by", f'of {line} is "{who}"; {name_nearest(str(who), known).removesuffix(".")}'
            )
        if line == "shared":
            if who not in {"community", "producer"}:
                raise table.error(
                    "billed_by",
                    f'of shared is "{who}"; it is sold by the "community", or by each "producer" in whose name the '
                    "community bills",
                )
            seller = Seller.PRODUCER if who == "producer" else Seller.COMMUNITY
        elif who == "community":
            billers |= names[line]
    return billers, seller
