"""How the entries of an ESPI feed hang together: by the links that each has to itself, upwards and to others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from backend.adapters.meter_files.formats.espi import ReadingMeaning, read_meaning

__all__ = ["EspiFeed", "Links"]

_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^/]{0,200}")
_POINT = re.compile(r"(?:^|/)UsagePoint/([^/?#]{1,200})(?:/|$)")
_ELECTRICITY = ("", "0")
_SERVICES = {"1": "gas", "2": "water", "3": "time", "4": "heat"}
_LINKS_MAX = 64


@dataclass(slots=True)
class Links:
    """The links of an entry.

    Attributes:
        own: Address of the entry itself, or empty.
        others: Addresses of what it belongs to or is related to.
        types: What the links say they point to.
    """

    own: str = ""
    others: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)

    def add(self, rel: str | None, href: str | None, kind: str | None) -> None:
        """Take in a link; more than a resource has are left aside."""
        address = _HOST.sub("", (href or "").strip(), count=1).rstrip("/")
        if not address or len(self.others) >= _LINKS_MAX:
            return
        if rel == "self":
            self.own = address
        else:
            self.others.append(address)
        if rel in ("self", "up"):
            self.types.append(kind or "")

    def speaks_of(self, resource: str) -> bool:
        """Does the entry say of itself that it is such a resource?"""
        return any(kind.endswith(f"/{resource}") for kind in self.types)


@dataclass(frozen=True, slots=True)
class _Series:
    links: Links
    own: str


class EspiFeed:
    """The resources of a feed by address.

    Attributes:
        later: Links of the blocks that could not be placed when they came, by number.
    """

    def __init__(self, default_point: str) -> None:
        self._default_point = default_point
        self._points: dict[str, tuple[str, str]] = {}  # id and service category
        self._readings: dict[str, _Series] = {}
        self._types: dict[str, ReadingMeaning | str] = {}
        self._types_of: dict[str, str] = {}  # of a MeterReading, as its ReadingType links it
        self.later: dict[int, Links] = {}

    def add_usage_point(self, links: Links, category: str) -> None:
        """Take in a usage point and its service category."""
        found = _POINT.search(links.own)
        point = unquote(found.group(1)) if found else self._default_point
        for address in (links.own, *links.others):
            if address == links.own or address.endswith("/MeterReading"):
                self._points[address] = point, category

    def add_meter_reading(self, links: Links) -> None:
        """Take in a meter reading."""
        series = _Series(links, links.own)
        for address in (links.own, *links.others):
            if address == links.own or address.endswith("/IntervalBlock"):
                self._readings[address] = series

    def add_reading_type(self, links: Links, fields: Mapping[str, str]) -> None:
        """Take in a reading type."""
        self._types[links.own] = read_meaning(fields)
        for address in links.others:
            self._types_of.setdefault(address, links.own)

    def place(self, links: Links, *, complete: bool) -> tuple[str, ReadingMeaning | str] | None:
        """Whose readings a block has, and what they mean.

        Args:
            links: Of the block's entry.
            complete: Are all entries known? Then what there is only one of needs no link.

        Returns:
            Id of the usage point (empty where unknown) and the meaning, or why the series is not read; None where
            the links lead nowhere (yet).
        """
        series = self._find_reading(links, complete=complete)
        kind = self._find_type(series, links, complete=complete)
        if kind is None:
            return None
        point, category = self._find_point(series, links)
        if category not in _ELECTRICITY:
            return (
                point,
                f"service category {category} ({_SERVICES.get(category, 'other')}) is not electricity",
            )
        return point, self._types[kind]

    def _find_reading(self, links: Links, *, complete: bool) -> _Series | None:
        above = links.own.rpartition("/IntervalBlock")[0]
        for address in (*links.others, above):
            if address in self._readings:
                return self._readings[address]
        distinct = {series.own: series for series in self._readings.values()}
        return next(iter(distinct.values())) if complete and len(distinct) == 1 else None

    def _find_type(self, series: _Series | None, links: Links, *, complete: bool) -> str | None:
        addresses: list[str] = [*(series.links.others if series else []), *links.others]
        for address in addresses:
            if address in self._types:
                return address
        if series is not None and series.own in self._types_of:
            return self._types_of[series.own]
        if complete and series is not None and len(self._types) == 1:
            return next(iter(self._types))
        return None

    def _find_point(self, series: _Series | None, links: Links) -> tuple[str, str]:
        addresses = (*(series.links.others if series else ()), series.own if series else "", *links.others)
        for address in addresses:
            above = address.partition("/MeterReading")[0]
            if address in self._points or above in self._points:
                return self._points[address if address in self._points else above]
        for address in addresses:
            found = _POINT.search(address)
            if found:
                return unquote(found.group(1)), ""
        return self._default_point, ""
