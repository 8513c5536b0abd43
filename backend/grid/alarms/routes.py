"""Where messages go: routes as data, with quiet hours, gathering and a limit per hour.

A route says which entries of a timeline it carries, over which channel, to whom, and when it may not disturb. What
comes while it may not is gathered and told at once afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from backend.errors import InputError
from backend.grid.alarms.measures import AlarmSeverity
from backend.grid.huge_numbers import refuse_huge_numbers

__all__ = ["Channel", "Route", "read_routes", "write_routes"]

_ROUTES_MAX, _ADDRESSES_MAX = 20, 20
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
# One at, no sign that a mail header or a shell takes for more than itself (RFC 5321, section 4.1.2, the plain part).
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])")
_URL_MAX = 2_000
_GATHER_SECONDS_MAX = 86_400
_PER_HOUR_MAX = 3_600
_HOUR_SECONDS = 3_600
#: Kinds of entries that a route can carry (``backend.ports.grid_event_records.EventKind``).
KINDS = ("alarm", "readings", "work_order", "plan", "phase_record", "network", "rules")


class Channel(StrEnum):
    """How a message travels."""

    WEBHOOK = "webhook"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Route:
    """Where messages go.

    Attributes:
        id: a-z, 0-9, dash, underscore.
        channel: How.
        url: Of a webhook.
        addresses: Of an e-mail.
        least: Entries that are less grave are not told.
        kinds: Entries that it carries.
        tells_end: Is the end of an alarm told as well?
        quiet_from: Hours in which it may not disturb, local: their start; None for none. [min after midnight]
        quiet_to: Their end; before the start where they go over midnight. [min after midnight]
        breaks_quiet: Entries this grave are told in quiet hours too.
        gather_seconds: How long a message waits for others to join it. [s]
        per_hour: How many messages at most; what is more joins the next one.
        is_enabled: Is it in use?
    """

    id: str
    channel: Channel
    url: str = ""
    addresses: tuple[str, ...] = ()
    least: AlarmSeverity = AlarmSeverity.WARNING
    kinds: tuple[str, ...] = ("alarm",)
    tells_end: bool = True
    quiet_from: int | None = None
    quiet_to: int | None = None
    breaks_quiet: AlarmSeverity = AlarmSeverity.CRITICAL
    gather_seconds: int = 60
    per_hour: int = 12
    is_enabled: bool = True

    def __post_init__(self) -> None:
        _require(
            _ID.fullmatch(self.id) is not None, self.id, "id", self.id, "write 1 to 63 of a-z, 0-9, - and _"
        )
        if self.channel is Channel.WEBHOOK:
            _require(
                not self.addresses,
                self.id,
                "addresses",
                self.addresses,
                "a webhook has a url and no addresses",
            )
            _require(
                _is_url(self.url), self.id, "url", self.url, "write https://host/path, without a user in it"
            )
        else:
            _require(not self.url, self.id, "url", self.url, "an e-mail has addresses and no url")
            good = 0 < len(self.addresses) <= _ADDRESSES_MAX
            _require(good, self.id, "addresses", len(self.addresses), f"name 1 to {_ADDRESSES_MAX}")
            bad = [one for one in self.addresses if not _ADDRESS.fullmatch(one)]
            _require(not bad, self.id, "addresses", bad[:1], "write addresses such as crew@example.org")
        known = bool(self.kinds) and set(self.kinds) <= set(KINDS)
        _require(known, self.id, "kinds", self.kinds, f"choose some of {', '.join(KINDS)}")
        waits = 0 <= self.gather_seconds <= _GATHER_SECONDS_MAX
        _require(waits, self.id, "gather_seconds", self.gather_seconds, f"give 0 to {_GATHER_SECONDS_MAX} s")
        _require(
            0 < self.per_hour <= _PER_HOUR_MAX,
            self.id,
            "per_hour",
            self.per_hour,
            f"give 1 to {_PER_HOUR_MAX}",
        )
        both = (self.quiet_from is None) == (self.quiet_to is None)
        both = both and (self.quiet_from is None or self.quiet_from != self.quiet_to)
        told = "give both, two different times of the day, or none"
        _require(both, self.id, "quiet_from and quiet_to", (self.quiet_from, self.quiet_to), told)

    def carries(self, kind: str, severity: AlarmSeverity) -> bool:
        """Does it carry such an entry?"""
        return self.is_enabled and kind in self.kinds and severity.rank >= self.least.rank

    def due_utc(self, severity: AlarmSeverity, now_utc: int, sent_utc: Sequence[int], time_zone: str) -> int:
        """When a message about an entry may go.

        Args:
            severity: Of the entry.
            now_utc: [s since 1970, UTC]
            sent_utc: When the messages before it went, or are to go. [s since 1970, UTC]
            time_zone: IANA name that quiet hours are told in.

        Returns:
            Now or later. [s since 1970, UTC]
        """
        due = now_utc + self.gather_seconds
        if len(sent_utc) >= self.per_hour:
            due = max(due, sorted(sent_utc)[-self.per_hour] + _HOUR_SECONDS)
        if severity.rank >= self.breaks_quiet.rank:
            return due
        return self._after_quiet(due, ZoneInfo(time_zone))

    def _after_quiet(self, instant_utc: int, zone: ZoneInfo) -> int:
        """The instant, or the end of the quiet hours that it is in. [s since 1970, UTC]"""
        if self.quiet_from is None or self.quiet_to is None:
            return instant_utc
        wall = datetime.fromtimestamp(instant_utc, zone)
        minute = wall.hour * 60 + wall.minute
        over_midnight = self.quiet_to < self.quiet_from
        if over_midnight:
            is_quiet = minute >= self.quiet_from or minute < self.quiet_to
        else:
            is_quiet = self.quiet_from <= minute < self.quiet_to
        if not is_quiet:
            return instant_utc
        day = wall.date() + timedelta(days=1 if over_midnight and minute >= self.quiet_from else 0)
        hour, minute = divmod(self.quiet_to, 60)
        end = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        return max(instant_utc, int(end.astimezone(UTC).timestamp()))


def _is_url(text: str) -> bool:
    if not 0 < len(text) <= _URL_MAX or not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in {"https", "http"} and bool(parts.hostname) and "@" not in parts.netloc and port != 0
    )


def _require(holds: bool, route: str, name: str, value: object, remedy: str) -> None:  # noqa: FBT001 -- like assert
    if not holds:
        raise InputError(f"route {route[:63]!r}: {name} is {str(value)[:80]!r}; {remedy}.")


# reading and writing

_TOLD_AS = {"is_enabled": "enabled"}
_TIMES = ("quiet_from", "quiet_to")


def write_routes(routes: Sequence[Route]) -> list[dict[str, Any]]:
    """Routes as JSON-ready tables; what has its default is left out."""
    told = []
    for route in routes:
        table: dict[str, Any] = {}
        for field in fields(route):
            value = getattr(route, field.name)
            if value == field.default:
                continue
            if field.name in _TIMES:
                value = f"{value // 60:02d}:{value % 60:02d}"
            table[_TOLD_AS.get(field.name, field.name)] = list(value) if isinstance(value, tuple) else value
        told.append(table)
    return told


def read_routes(tables: object) -> tuple[Route, ...]:
    """Routes from JSON-ready tables.

    Raises:
        InputError: Naming the route, the key and the value that does not fit, and what would.
    """
    if not isinstance(tables, list | tuple) or not all(isinstance(one, Mapping) for one in tables):
        raise InputError("routes are a list of tables, each with id, channel, and url or addresses.")
    if len(tables) > _ROUTES_MAX:
        raise InputError(f"there are {len(tables)} routes; at most {_ROUTES_MAX} are taken.")
    refuse_huge_numbers(tables, "the list of routes")
    routes = tuple(_hear(table, place) for place, table in enumerate(tables, 1))
    ids = [route.id for route in routes]
    twice = [name for place, name in enumerate(ids) if name in ids[:place]]
    if twice:
        raise InputError(f"route {twice[0]!r} stands there twice; give each an id of its own.")
    return routes


def _hear(table: Mapping[str, Any], place: int) -> Route:
    name = str(table.get("id", f"number {place}"))
    known = {_TOLD_AS.get(field.name, field.name): field.name for field in fields(Route)}
    strange = table.keys() - known.keys()
    if strange:
        told = ", ".join(sorted(known))
        raise InputError(f"route {name[:63]!r} has {str(min(strange, key=str))[:40]!r}; the keys are {told}.")
    for needed in ("id", "channel"):
        if needed not in table:
            raise InputError(f"route {name[:63]!r} has no {needed}; every route has an id and a channel.")
    return Route(**{known[key]: _value(name, known[key], value) for key, value in table.items()})


def _value(route: str, name: str, value: object) -> Any:
    if name == "channel" or name in {"least", "breaks_quiet"}:
        choices: type[StrEnum] = Channel if name == "channel" else AlarmSeverity
        _require(
            value in [one.value for one in choices], route, name, value, f"choose one of {', '.join(choices)}"
        )
        return choices(str(value))
    if name in _TIMES:
        found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", value) if isinstance(value, str) else None
        _require(found is not None, route, name, value, "write a time of the day such as 22:00")
        return int(found[1]) * 60 + int(found[2]) if found else None
    if name in {"addresses", "kinds"}:
        is_list = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
        _require(is_list, route, name, value, "write a list of texts")
        return tuple(value) if isinstance(value, list | tuple) else ()
    kinds: dict[str, type] = {"gather_seconds": int, "per_hour": int, "tells_end": bool, "is_enabled": bool}
    kind = kinds.get(name, str)
    words = {int: "a whole number", bool: "true or false", str: "a text"}
    _require(type(value) is kind, route, name, value, f"write {words[kind]}")
    return value
