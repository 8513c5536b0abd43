"""GeoJSON in and out: a feature per element, its properties those of ``backend.grid.network``.

Out, a feature has ``kind`` and all that the element has, so that what is read again is the same network. In, a file of
another program may give less: a segment by sequence and length, a bus by its point alone. ``docs/grid.md`` names the
properties. Coordinates are longitude and latitude, as RFC 7946 has it, unless the network says that it is drawn in
metres.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING, Any

from backend.adapters.networks.drafting import NetworkDraft
from backend.adapters.networks.impedances import NO_ZERO_SEQUENCE, SequenceImpedance, sequence_matrices
from backend.adapters.networks.texts import read_network_json
from backend.errors import InputError, NetworkError
from backend.grid import Phases
from backend.grid.network_form import ELEMENT_KINDS, hear_element, tell_element
from backend.metering import Severity
from backend.ports.network_files import NetworkReading

if TYPE_CHECKING:
    from pathlib import Path

    from backend.grid import Network

__all__ = ["GEOJSON_FORM", "read_geojson", "write_geojson"]

GEOJSON_FORM = "partage-geojson-1"
_SINGULAR = {
    "bus": "buses",
    "source": "sources",
    "segment": "segments",
    "switch": "switches",
    "transformer": "transformers",
    "connection": "connections",
    "shunt": "shunts",
}
_PLURAL = {plural: one for one, plural in _SINGULAR.items()}
_EARTH_METRES = 6_371_008.8  # mean radius, IUGG
_SEQUENCE = ("r_ohm_per_km", "x_ohm_per_km", "r0_ohm_per_km", "x0_ohm_per_km", "c_nf_per_km", "c0_nf_per_km")
_PAIR = 2


def write_geojson(network: Network) -> str:
    """A network as GeoJSON; ``read_geojson`` reads the same network from it."""
    places = {bus.id: [bus.x, bus.y] for bus in network.buses if bus.x is not None and bus.y is not None}
    features = []
    for kind in ELEMENT_KINDS:
        for item in getattr(network, kind):
            ends = (
                [item.from_bus, item.to_bus] if hasattr(item, "from_bus") else [getattr(item, "bus", item.id)]
            )
            known = [places[end] for end in ends if end in places]
            shape: dict[str, Any] | None = None
            if len(known) == len(ends):
                shape = (
                    {"type": "LineString", "coordinates": known}
                    if len(ends) == _PAIR
                    else {"type": "Point", "coordinates": known[0]}
                )
            features.append(
                {
                    "type": "Feature",
                    "id": f"{_PLURAL[kind]}:{item.id}",
                    "geometry": shape,
                    "properties": {"kind": _PLURAL[kind], **tell_element(item)},
                }
            )
    told = {
        "type": "FeatureCollection",
        "partage": {
            "form": GEOJSON_FORM,
            "name": network.name,
            "frequency": network.frequency,
            "is_geographic": network.is_geographic,
            "notes": dict(sorted(network.notes.items())),
        },
        "features": features,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def read_geojson(path: Path) -> NetworkReading:
    """Read a network from GeoJSON.

    Raises:
        NetworkError: If it is none, or features make no sense; with a fault per feature.
    """
    told = read_network_json(path)
    if (
        not isinstance(told, dict)
        or told.get("type") != "FeatureCollection"
        or not isinstance(told.get("features"), list)
    ):
        raise NetworkError(f"{path.name} is no GeoJSON FeatureCollection.")
    head: dict[str, Any] = told["partage"] if isinstance(told.get("partage"), dict) else {}
    is_geographic = bool(head.get("is_geographic", True))
    said = head.get("notes")
    notes = said if isinstance(said, dict) else {}
    draft = NetworkDraft(notes={str(key): str(value) for key, value in notes.items()})
    lacking: list[str] = []
    for place, feature in enumerate(told["features"]):
        try:
            _take(draft, feature, lacking, is_geographic=is_geographic)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError, InputError) as error:
            draft.note_fault(
                "feature",
                _name_of(feature),
                f"feature {place} of {path.name} makes no sense: {_say(error)}",
                Severity.REFUSED,
                f"{path.name}, feature {place}",
            )
    refused = [fault for fault in draft.faults if fault.severity is Severity.REFUSED]
    if refused:
        raise NetworkError(
            f"{len(refused)} features of {path.name} make no sense; {refused[0].message}", refused
        )
    if lacking:
        draft.note_fault(
            "no_zero_sequence", lacking[0], f"{len(lacking)} segments {NO_ZERO_SEQUENCE}", Severity.WARNING
        )
    name = str(head.get("name") or path.stem)
    try:
        frequency = float(head.get("frequency", 50.0))
    except (TypeError, ValueError, OverflowError):
        raise NetworkError(
            f"{path.name} has the frequency {str(head.get('frequency'))[:40]!r}; write 50 or 60."
        ) from None
    network = draft.finish(name, frequency, is_geographic=is_geographic)
    return NetworkReading(network, None, tuple(draft.faults), "geojson")


def _take(draft: NetworkDraft, feature: Any, lacking: list[str], *, is_geographic: bool) -> None:
    if not isinstance(feature, Mapping) or not isinstance(feature.get("properties") or {}, Mapping):
        raise TypeError("it is no feature with properties.")
    properties = dict(feature.get("properties") or {})
    kind = properties.pop("kind", None)
    if kind not in _SINGULAR:
        if kind is None:
            draft.notes["other features"] = "features without a kind are left out."
            return
        raise ValueError(f'kind "{kind}" is none of {", ".join(_SINGULAR)}.')
    geometry = feature.get("geometry") or {}
    if kind == "bus":
        _place_bus(properties, geometry)
    if kind == "segment":
        _complete_segment(properties, geometry, lacking, is_geographic=is_geographic)
    known = {field.name for field in fields(ELEMENT_KINDS[_SINGULAR[kind]])}
    item = hear_element(
        ELEMENT_KINDS[_SINGULAR[kind]], {key: value for key, value in properties.items() if key in known}
    )
    getattr(draft, _SINGULAR[kind]).append(item)


def _place_bus(properties: dict[str, Any], geometry: Mapping[str, Any]) -> None:
    if geometry.get("type") == "Point":
        x, y, *_ = geometry["coordinates"]
        properties.setdefault("x", float(x))
        properties.setdefault("y", float(y))


def _complete_segment(
    properties: dict[str, Any], geometry: Mapping[str, Any], lacking: list[str], *, is_geographic: bool
) -> None:
    properties.setdefault("phases", "L123")
    if "length_metres" not in properties:
        if geometry.get("type") != "LineString":
            raise ValueError("the segment has neither length_metres nor a line to measure.")
        properties["length_metres"] = _line_metres(geometry["coordinates"], is_geographic=is_geographic)
    if "resistance" in properties:
        return
    if not {"r_ohm_per_km", "x_ohm_per_km"} <= properties.keys():
        raise ValueError("the segment has neither matrices nor r_ohm_per_km and x_ohm_per_km.")
    kilometres = float(properties["length_metres"]) / 1e3
    r1, x1, r0, x0, c1, c0 = (
        float(properties[name]) * kilometres if properties.get(name) is not None else None
        for name in _SEQUENCE
    )
    assert r1 is not None
    assert x1 is not None
    line = SequenceImpedance(r1, x1, r0, x0, (c1 or 0.0) * 1e-9, None if c0 is None else c0 * 1e-9)
    if r0 is None or x0 is None:
        lacking.append(str(properties.get("id")))
    matrices = sequence_matrices(line, Phases.parse(properties["phases"]))
    names = ("resistance", "reactance", "capacitance")
    properties.update({name: value for name, value in zip(names, matrices, strict=True) if value is not None})


def _line_metres(coordinates: list[list[float]], *, is_geographic: bool) -> float:
    """Length of a line: along great circles (haversine) where it is geographic. [m]"""
    total = 0.0
    for (x1, y1, *_), (x2, y2, *_) in pairwise(coordinates):
        if is_geographic:
            half = (
                sin(radians(y2 - y1) / 2) ** 2
                + cos(radians(y1)) * cos(radians(y2)) * sin(radians(x2 - x1) / 2) ** 2
            )
            total += 2 * _EARTH_METRES * asin(sqrt(half))
        else:
            total += sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2)
    return total


def _name_of(feature: Any) -> str:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    return str(properties.get("id", "")) if isinstance(properties, Mapping) else ""


def _say(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]}."
    text = str(error)
    lacking = re.search(r"missing \d+ required positional arguments?: (.*)", text)
    if lacking:
        return f"it has no {lacking.group(1)}."
    if "sequence" in text or "could not convert" in text:
        return f"a matrix or number in it is none ({text[:80]})."
    return text if text.endswith(".") else f"{text}."
