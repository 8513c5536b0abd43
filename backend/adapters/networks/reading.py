"""Tell what a network's file is by its content, and read it."""

from __future__ import annotations

import json
import re
import zipfile
from typing import TYPE_CHECKING

from backend.errors import NetworkError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from backend.ports.network_files import NetworkReading

__all__ = ["NETWORK_FORMATS", "find_network_format", "read_network_file"]

NETWORK_FORMATS = {
    "opendss": "OpenDSS: a master script (.dss), with the files that it redirects to",
    "cim": "CIM (CGMES 2.4.15 and 3.0, CIM16, CIM17, CIM100): RDF/XML files, a ZIP or a folder of them",
    "pandapower": "pandapower: JSON as pandapower.to_json writes it, versions 2 and 3",
    "geojson": "GeoJSON: a FeatureCollection with the properties that docs/grid.md names",
    "partage": "Partage: the JSON that `partage grid export` writes",
}
_SNIFFED_BYTES = 65_536
_LIMIT_BYTES = 512 * 1024 * 1024
_SCRIPT = re.compile(
    rb"(?im)^\s*(new\s+(object\s*=\s*)?\"?circuit\.|redirect\s|compile\s|clear\b|set\s+default)"
)


def read_network_file(path: Path, file_format: str = "auto") -> NetworkReading:
    """Read a network from a file, or from a folder of CIM profiles.

    Args:
        path: The file; of several, the main one.
        file_format: A name of ``NETWORK_FORMATS``, or ``auto``: by content.

    Raises:
        NotFoundError: If it is not there.
        NetworkError: If it is of no known format, or cannot be read at all; with its faults where they are known.
    """
    if not path.exists():
        raise NotFoundError(f"there is no file {path}; name the network's main file.")
    chosen = find_network_format(path) if file_format == "auto" else file_format
    if chosen not in NETWORK_FORMATS:
        raise NetworkError(
            f'"{file_format[:40]}" is no format of networks; use {", ".join(NETWORK_FORMATS)}.'
        )
    if path.is_file() and path.stat().st_size > _LIMIT_BYTES:
        raise NetworkError(
            f"{path.name} has more than {_LIMIT_BYTES // 2**20} MiB; no network's file is as large."
        )
    if path.is_dir() and chosen != "cim":
        raise NetworkError(f"{path} is a folder; name the main file in it.")
    try:
        return _read(path, chosen)
    except ArithmeticError as error:  # of a value that no check names by itself
        raise NetworkError(
            f"{path.name} has a number that cannot be computed with ({error}); look for voltages, ratings and counts "
            "that are 0 or beyond all reason."
        ) from None


def _read(path: Path, chosen: str) -> NetworkReading:
    if chosen == "opendss":
        from backend.adapters.networks.opendss import read_opendss

        return read_opendss(path)
    if chosen == "cim":
        from backend.adapters.networks.cim import read_cim

        return read_cim(path)
    if chosen == "pandapower":
        from backend.adapters.networks.pandapower import read_pandapower

        return read_pandapower(path)
    if chosen == "geojson":
        from backend.adapters.networks.geojson import read_geojson

        return read_geojson(path)
    from backend.adapters.networks.partage import read_partage

    return read_partage(path)


def find_network_format(path: Path) -> str:
    """The format of a file, by its content.

    Raises:
        NetworkError: If it is none that is known.
    """
    if path.is_dir() or zipfile.is_zipfile(path):
        return "cim"
    try:
        with path.open("rb") as file:
            start = file.read(_SNIFFED_BYTES)
    except OSError as error:
        raise NetworkError(f"{path} cannot be read ({error.strerror}).") from None
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"<"):
        if b"rdf:RDF" in text or b"22-rdf-syntax-ns#" in text:
            return "cim"
    elif text.startswith(b"{"):
        return _tell_json(path, text)
    elif _SCRIPT.search(text):
        return "opendss"
    raise NetworkError(
        f"{path.name} is no network that is known by its content; read are {', '.join(NETWORK_FORMATS)}. Name the "
        "format where the file is one of them."
    )


def _tell_json(path: Path, text: bytes) -> str:
    if b'"partage-network-' in text:
        return "partage"
    if b"pandapowerNet" in text:
        return "pandapower"
    if b'"FeatureCollection"' in text:
        return "geojson"
    try:
        told = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise NetworkError(f"{path.name} begins like JSON but is none: {str(error)[:200]}.") from None
    if isinstance(told, dict):
        if "pandapowerNet" in str(told.get("_class")) or {"bus", "line", "ext_grid"} <= told.keys():
            return "pandapower"
        if told.get("type") == "FeatureCollection":
            return "geojson"
    raise NetworkError(f"{path.name} is JSON, but neither pandapower's, nor GeoJSON, nor Partage's own.")
