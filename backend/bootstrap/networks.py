"""Network files and lists of connections, read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from backend.grid import ConnectionSeries, Network
    from backend.ports.flow_files import FlowWriter
    from backend.ports.network_files import NetworkFileReader, NetworkJoin
    from backend.ports.phase_measurements import PhaseMeasurements

__all__ = [
    "flow_writer",
    "network_formats",
    "network_reader",
    "read_joins",
    "read_phases",
    "read_profiles",
    "write_network_file",
    "write_profiles",
]


def flow_writer(path: Path) -> FlowWriter:
    """What writes flows to a Parquet file."""
    from backend.adapters.flow_parquet import FlowParquet

    return FlowParquet(path)


def network_reader() -> NetworkFileReader:
    """What reads network files of any known format."""
    from backend.adapters.networks.reading import read_network_file

    return read_network_file


def network_formats() -> dict[str, str]:
    """Formats that are read: title by name."""
    from backend.adapters.networks.reading import NETWORK_FORMATS

    return dict(NETWORK_FORMATS)


def read_joins(path: Path) -> Sequence[NetworkJoin]:
    """A list of connections and metering points.

    Raises:
        NetworkError: With a fault per row that makes no sense.
        NotFoundError: If it is not there.
    """
    from backend.adapters.networks.joins import read_joins as read

    return read(path)


def read_phases(path: Path) -> PhaseMeasurements:
    """What meters and a feeder's head measured by phase.

    Raises:
        InputError: Naming the line, the column and the value.
        NotFoundError: If it is not there.
    """
    from backend.adapters.networks.phase_measurements import MEASUREMENTS_BYTES_MAX, read_phase_measurements
    from backend.errors import InputError, NotFoundError

    if not path.is_file():
        raise NotFoundError(f"there is no file {path}; name the CSV of what was measured by phase.")
    if path.stat().st_size > MEASUREMENTS_BYTES_MAX:
        raise InputError(
            f"{path.name} has more than {MEASUREMENTS_BYTES_MAX >> 20} MiB; give fewer days or feeders."
        )
    return read_phase_measurements(path.read_bytes(), path.name)


def read_profiles(path: Path, network: Network) -> ConnectionSeries:
    """What a network's connections draw, from a CSV or Parquet file.

    Raises:
        InputError: Naming what does not fit.
        NotFoundError: If it is not there.
    """
    from backend.adapters.networks.profiles import read_profiles as read

    return read(path, network)


def write_profiles(path: Path, network: Network, profiles: ConnectionSeries) -> int:
    """Write what a network's connections draw, by the suffix of a file; returns how many rows.

    Raises:
        InputError: If the suffix is neither .csv nor .parquet, or the file cannot be written.
    """
    from backend.adapters.networks.profiles import write_profiles as write

    return write(path, network, profiles)


def write_network_file(network: Network, path: Path) -> str:
    """Write a network by the suffix of a file: GeoJSON (.geojson) or our own form (.json), whole or not at all.

    Returns:
        The form: ``geojson`` or ``partage``.

    Raises:
        InputError: If the suffix is another.
    """
    from backend.adapters.durable_files import write_durably
    from backend.adapters.networks.geojson import write_geojson
    from backend.errors import InputError
    from backend.grid.network_form import write_network

    forms = {".geojson": ("geojson", write_geojson), ".json": ("partage", write_network)}
    if path.suffix.lower() not in forms:
        raise InputError(f"{path.name} says no form; end its name in .geojson or .json.")
    form, write = forms[path.suffix.lower()]
    try:
        write_durably(path, write(network).encode())
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror}); name a folder that is there."
        ) from None
    return form
