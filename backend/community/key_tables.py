"""The ``[sharing_key]`` table of a community file: each method with the parameters that it has a use for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from backend.community.members import Direction, MeteringPoint
from backend.community.rule import LinkCap, LinkTerms, SharingKeyChoice, Tier
from backend.community.tables import Table, name_nearest
from backend.errors import InputError
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["KEY_KEYS", "METHODS", "read_sharing_key"]

_COEFFICIENTS, _PAIRS, _TIERS = "coefficients_ppm", "pairs_ppm", "tiers"
_PRODUCERS, _OWNER, _SCHEDULE, _LINKS = "producer_coefficients_ppm", "surplus_owner", "schedule", "links"
#: Of each method, what it cannot do without and what it can use besides.
_PARAMETERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "dynamic": ((), (_PRODUCERS,)),
    "static": ((_COEFFICIENTS,), (_PRODUCERS,)),
    "equal": ((), (_PRODUCERS,)),
    "static_cascade": ((_COEFFICIENTS,), (_PRODUCERS,)),
    "hybrid": ((_COEFFICIENTS,), (_PRODUCERS,)),
    "scheduled": ((_SCHEDULE,), (_PRODUCERS,)),
    "pairwise": ((_PAIRS,), ()),
    "priority": ((_TIERS,), (_COEFFICIENTS, _PRODUCERS)),
    "flow": ((), (_LINKS,)),
    "incentive": ((), ()),
}
METHODS = tuple(_PARAMETERS)
KEY_KEYS = ("method", _OWNER, _COEFFICIENTS, _PAIRS, _TIERS, _PRODUCERS, _SCHEDULE, _LINKS)
_LIKE = {
    _COEFFICIENTS: '{ "home-01-load" = 600000 }',
    _PAIRS: '{ "roof" = { "home-01-load" = 500000 } }',
    _TIERS: '[{ method = "equal", points = ["home-01-load"] }, { method = "dynamic" }]',
    _SCHEDULE: '"ahead" or "after"',
}
#: Methods that entitle a consumer to a part of the pool, which it can own beyond what it uses.
_ENTITLING = ("static", "equal", "scheduled")
_TIER_METHODS = ("dynamic", "static", "equal", "static_cascade", "hybrid")
_BY_COEFFICIENT = ("static", "static_cascade", "hybrid")
_TIERS_MAX = 8
_PRODUCERS_MAX = 16
_LINK_KEYS = ("own_first", "preferences", "donations", "caps", "fairness_steps", "costs")
_COSTS = ("distance", "phase", "feeder")
_STEPS_MAX = 64
_WATTS_MAX = 10**9

_Item = TypeVar("_Item")


def read_sharing_key(table: Table, points: Sequence[MeteringPoint]) -> SharingKeyChoice:
    """Read the table, every point that it names held against the community's.

    Raises:
        CommunityDefinitionError: Naming what does not fit, where, and what to write.
    """
    method = table.choice("method", METHODS)
    _check_parameters(table, method)
    names = _Points(table, points)
    tiers = _read_tiers(table, names) if table.has(_TIERS) else ()
    _check_tier_coefficients(table, tiers)
    try:
        return SharingKeyChoice(
            method=method,
            coefficients_ppm=names.parts(_COEFFICIENTS, Direction.CONSUMPTION),
            surplus_owner=_read_owner(table, method),
            pairs_ppm=_read_pairs(table, names),
            tiers=tiers,
            producer_coefficients_ppm=names.parts(_PRODUCERS, Direction.FEED_IN, low=1),
            schedule=table.choice(_SCHEDULE, ("ahead", "after")) if method == "scheduled" else "",
            links=_read_links(table, names) if method == "flow" else None,
        )
    except InputError as error:
        if str(error).startswith(table.file):
            raise
        key = _PAIRS if table.has(_PAIRS) else _COEFFICIENTS
        raise table.error(key, f"cannot be taken: {str(error).removesuffix('.')}") from None


def _check_parameters(table: Table, method: str) -> None:
    needed, usable = _PARAMETERS[method]
    for key in needed:
        if not table.has(key):
            raise table.error(key, f'is missing; "{method}" shares by it: write {key} = {_LIKE[key]}')
    for key in (_COEFFICIENTS, _PAIRS, _TIERS, _PRODUCERS, _SCHEDULE, _LINKS):
        if table.has(key) and key not in (*needed, *usable):
            users = [name for name, (must, may) in _PARAMETERS.items() if key in (*must, *may)]
            raise table.error(
                key, f'is not used by "{method}"; remove it, or choose a method that is: {", ".join(users)}'
            )


def _read_owner(table: Table, method: str) -> str:
    owner = table.choice(_OWNER, ("producer", "consumer"), "producer")
    if owner == "consumer" and method not in _ENTITLING:
        raise table.error(
            _OWNER,
            f'is "consumer", but "{method}" entitles no consumer to what it does not use; write "producer", or choose '
            f"one of {', '.join(_ENTITLING)}",
        )
    return owner


class _Points:
    """The community's metering points, as a table may name them."""

    def __init__(self, table: Table, points: Sequence[MeteringPoint]) -> None:
        self._table = table
        self._points = {point.id: point for point in points}

    def owner_of(self, point: str) -> str:
        return self._points[point].participant

    def named(self, key: str, value: object, direction: Direction, table: Table | None = None) -> str:
        """The id of a point that is there and has that direction."""
        table = table or self._table
        if not isinstance(value, str):
            raise table.error(key, f"has {value!r} where a metering point's id belongs; write it in quotes")
        if value not in self._points:
            raise table.error(
                key,
                f'names metering point "{value}", which is not in the file; '
                f"{name_nearest(value, self._points).removesuffix('.')}",
            )
        if self._points[value].direction is not direction:
            does, wanted = (
                ("feeds in", "consumption") if direction is Direction.CONSUMPTION else ("consumes", "feed-in")
            )
            raise table.error(key, f'names "{value}", which {does}; a {wanted} point belongs there')
        return value

    def parts(self, key: str, direction: Direction, low: int = 0) -> dict[str, int]:
        """A table of parts per million by point; empty where the key is absent."""
        if not self._table.has(key):
            return {}
        return self.parts_of(key, self._table.raw(key), direction, low)

    def parts_of(self, key: str, value: object, direction: Direction, low: int = 0) -> dict[str, int]:
        if not isinstance(value, dict):
            like = _LIKE.get(key, _LIKE[_COEFFICIENTS])
            raise self._table.error(key, f"is no table; write it like {like}")
        if not value:
            raise self._table.error(key, f"is empty; name a point, like {_LIKE[_COEFFICIENTS]}, or remove it")
        for point, part in value.items():
            if not isinstance(part, int) or isinstance(part, bool):
                raise self._table.error(key, f'of "{point}" is {part!r}; write whole ppm such as 600000')
            if not low <= part <= PARTS_PER_MILLION:
                raise self._table.error(
                    key, f'of "{point}" is {part} ppm; it lies in {low} to {PARTS_PER_MILLION}'
                )
            self.named(key, point, direction)
        if not any(value.values()):
            raise self._table.error(key, "gives nobody anything; let at least one part be above zero")
        return value


def _read_pairs(table: Table, names: _Points) -> dict[str, dict[str, int]]:
    if not table.has(_PAIRS):
        return {}
    value = table.raw(_PAIRS)
    if not isinstance(value, dict) or not value:
        raise table.error(_PAIRS, f"is no table of producers; write it like {_LIKE[_PAIRS]}")
    if len(value) > _PRODUCERS_MAX:
        raise table.error(
            _PAIRS, f"names {len(value)} producers; a pairwise key has room for {_PRODUCERS_MAX}, join some"
        )
    return {
        names.named(_PAIRS, producer, Direction.FEED_IN): names.parts_of(_PAIRS, parts, Direction.CONSUMPTION)
        for producer, parts in value.items()
    }


def _read_tiers(table: Table, names: _Points) -> tuple[Tier, ...]:
    value = table.raw(_TIERS)
    if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
        raise table.error(_TIERS, f"is no list of tiers; write it like {_LIKE[_TIERS]}")
    if len(value) > _TIERS_MAX:
        raise table.error(_TIERS, f"has {len(value)} tiers; up to {_TIERS_MAX} are possible")
    tiers: list[Tier] = []
    seen: dict[str, int] = {}
    for number, entry in enumerate(value, start=1):
        extra = sorted(set(entry) - {"method", "points"})
        if extra:
            raise table.error(_TIERS, f'tier {number} has "{extra[0]}"; known are method, points')
        method = entry.get("method")
        if method not in _TIER_METHODS:
            raise table.error(
                _TIERS,
                f'tier {number} shares by "{method}"; {name_nearest(str(method), _TIER_METHODS).removesuffix(".")}',
            )
        tier = Tier(method, _tier_points(table, names, number, entry, is_last=number == len(value)))
        for point in tier.points:
            if point in seen:
                raise table.error(
                    _TIERS, f'name "{point}" in tier {seen[point]} and in tier {number}; choose one'
                )
            seen[point] = number
        tiers.append(tier)
    return tuple(tiers)


def _tier_points(
    table: Table, names: _Points, number: int, entry: dict[str, Any], *, is_last: bool
) -> tuple[str, ...]:
    points = entry.get("points", [])
    if not isinstance(points, list):
        raise table.error(_TIERS, f'points of tier {number} are no list; write them like ["home-01-load"]')
    if is_last and points:
        raise table.error(
            _TIERS,
            f"tier {number} is the last and takes everyone who is not named before; remove its points, or add a tier",
        )
    if not is_last and not points:
        raise table.error(_TIERS, f"tier {number} names no points; only the last tier takes the rest")
    return tuple(names.named(_TIERS, point, Direction.CONSUMPTION) for point in points)


def _check_tier_coefficients(table: Table, tiers: Sequence[Tier]) -> None:
    if not tiers:
        return
    needing = [tier.method for tier in tiers if tier.method in _BY_COEFFICIENT]
    if needing and not table.has(_COEFFICIENTS):
        raise table.error(
            _COEFFICIENTS,
            f'is missing; a tier shares by "{needing[0]}": write {_COEFFICIENTS} = {_LIKE[_COEFFICIENTS]}',
        )
    if table.has(_COEFFICIENTS) and not needing:
        raise table.error(
            _COEFFICIENTS,
            f"is not used by any tier; remove it, or let a tier be {' or '.join(_BY_COEFFICIENT)}",
        )


def _read_links(table: Table, names: _Points) -> LinkTerms:
    links = table.inner(_LINKS, _LINK_KEYS)
    default = LinkTerms()
    if links is None:
        return default
    into, out = Direction.CONSUMPTION, Direction.FEED_IN
    costs = _read_list(links, "costs", '["distance", "phase"]') if links.has("costs") else default.costs
    for cost in costs:
        if cost not in _COSTS:
            raise links.error("costs", f'has "{cost}"; {name_nearest(str(cost), _COSTS).removesuffix(".")}')
    donations = _read_links_named(links, names, "donations", (out, into))
    for producer, consumer in donations:
        if names.owner_of(producer) == names.owner_of(consumer):
            raise links.error(
                "donations",
                f'give from "{producer}" to "{consumer}", both of {names.owner_of(producer)}; own energy is free',
            )
    return LinkTerms(
        own_first=links.flag("own_first", default=default.own_first),
        preferences=_read_links_named(links, names, "preferences", (into, out)),
        donations=donations,
        caps=_read_caps(links, names),
        fairness_steps=links.integer("fairness_steps", 1, _STEPS_MAX, default.fairness_steps),
        costs=_once(links, "costs", costs),
    )


def _read_list(table: Table, key: str, like: str) -> tuple[Any, ...]:
    value = table.raw(key)
    if not isinstance(value, list):
        raise table.error(key, f"is no list; write it like {like}")
    return tuple(value)


def _once(table: Table, key: str, items: tuple[_Item, ...]) -> tuple[_Item, ...]:
    for place, item in enumerate(items):
        if item in items[:place]:
            raise table.error(key, f"has {item} twice; once is enough")
    return items


def _read_links_named(
    table: Table, names: _Points, key: str, ends: tuple[Direction, Direction]
) -> tuple[tuple[str, str], ...]:
    if not table.has(key):
        return ()
    like = '[["home-01-load", "roof"]]' if ends[0] is Direction.CONSUMPTION else '[["roof", "home-01-load"]]'
    found = []
    for pair in _read_list(table, key, like):
        if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004 -- two ends of a link
            raise table.error(key, f"has {pair!r}; write pairs like {like}")
        first, second = (names.named(key, point, end, table) for point, end in zip(pair, ends, strict=True))
        found.append((first, second))
    return _once(table, key, tuple(found))


def _read_caps(table: Table, names: _Points) -> tuple[LinkCap, ...]:
    if not table.has("caps"):
        return ()
    like = '[{ producer = "roof", consumer = "home-01-load", max_power_watts = 2000 }]'
    caps = []
    for entry in _read_list(table, "caps", like):
        if not isinstance(entry, dict) or set(entry) != {"producer", "consumer", "max_power_watts"}:
            raise table.error("caps", f"has {entry!r}; write caps like {like}")
        watts = entry["max_power_watts"]
        if not isinstance(watts, int) or isinstance(watts, bool) or not 0 <= watts <= _WATTS_MAX:
            raise table.error(
                "caps", f"has max_power_watts of {watts!r}; it is whole and lies in 0 to {_WATTS_MAX}"
            )
        producer = names.named("caps", entry["producer"], Direction.FEED_IN, table)
        consumer = names.named("caps", entry["consumer"], Direction.CONSUMPTION, table)
        caps.append(LinkCap(producer, consumer, watts))
    _once(table, "caps", tuple((cap.producer, cap.consumer) for cap in caps))
    return tuple(caps)
