"""``partage grid``: networks of grid operators; load, list, show, export. Other modules add what is done with them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, print_table, progress, write_file
from backend.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from backend.grid import Network
    from backend.grid.faults import NetworkFault
    from backend.ports.grid_records import NetworkRecord

__all__ = ["app"]

app = typer.Typer(help="Networks: load, see, balance, watch.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_FAULTS_SHOWN = 30
_STAGES = 4
_ONE = {"buses": "bus", "switches": "switch"}


@app.callback()
def group() -> None:
    """Networks: load, see, balance, watch."""


@app.command("load")
def load(  # noqa: PLR0917 -- a command's options
    file: Annotated[
        Path, typer.Argument(help="OpenDSS master, pandapower JSON, CIM (XML, ZIP or folder), GeoJSON.")
    ],
    name: Annotated[str, typer.Option(help="What to call it; one of this name is replaced.")],
    community: Annotated[str, typer.Option(help="Whose metering points its connections have.")] = "",
    file_format: Annotated[
        str, typer.Option("--format", help="auto (by content), or a name of: partage grid formats.")
    ] = "auto",
    points: Annotated[
        Path | None, typer.Option(help="CSV of connection,metering_point: who is connected where.")
    ] = None,
    profiles: Annotated[
        Path | None,
        typer.Option(
            help="CSV or Parquet of connection,start,watts,vars, in the place of the file's profiles."
        ),
    ] = None,
    accept: Annotated[
        list[str] | None, typer.Option(help="Rule of a fault to load the network with; may be repeated.")
    ] = None,
    findings: Annotated[
        Path | None, typer.Option(help="Write what was found as JSON, also where the network is refused.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Load a network; each fault is named, and a network with faults stays out unless their rules are accepted."""
    from backend.bootstrap import open_wiring
    from backend.bootstrap.networks import network_reader, read_joins, read_profiles
    from backend.services.grid.load_network import (
        NetworkOrder,
        check_network,
        load_network,
        require_network_name,
    )

    require_network_name(name)
    accepted = frozenset(accept or ())
    wiring = open_wiring()
    with (
        _keeping_findings(findings) as keep,
        progress(shown=not as_json, total=_STAGES, what="network") as on_stage,
    ):
        joins = read_joins(points) if points else ()
        # Read and checked before anything is locked: a file with a fault makes no home, a long one stops nobody.
        on_stage(f"reading {file.name}")
        reading = network_reader()(file, file_format)
        if profiles:
            reading = replace(reading, profiles=read_profiles(profiles, reading.network))
        check_network(reading, accepted)
        with wiring.writing(f"grid load {name}"):
            loaded = load_network(
                wiring.grid_sources,
                wiring.clock,
                lambda *_: reading,
                NetworkOrder(file, name, community, file_format, tuple(joins), accepted),
                on_stage,
            )
        keep(loaded.faults)
    told = {
        "network": name,
        "community": community,
        "source_format": loaded.source_format,
        "changed": loaded.changed,
        **_counts(loaded.network),
        "metering_points": loaded.joined,
        "profiles": loaded.profiled,
        "findings": [fault.as_dict() for fault in loaded.faults],
    }
    if as_json:
        print_json(told)
        return
    word = "loaded" if loaded.changed else "known already, nothing changed"
    print(f"{name}: {word} ({loaded.source_format}); {_counted(loaded.network)}")
    print(f"  {loaded.joined} metering points joined, {loaded.profiled} connections with a profile")
    _print_faults(loaded.faults)


@app.command("list")
def list_networks(
    community: Annotated[str, typer.Option(help="Of one community; all without.")] = "", as_json: Json = False
) -> None:
    """List the networks that are loaded."""
    from backend.bootstrap import open_existing
    from backend.grid.network_form import read_network

    wiring = open_existing()
    with wiring.store.reading() as records:
        kept = list(records.networks(community or None))
    networks = [(record, read_network(record.document)) for record in kept]
    if as_json:
        print_json({"networks": [_told(record, network) for record, network in networks]})
        return
    if not networks:
        print("No network is loaded; begin with: partage grid load NETWORK --name NAME")
        return
    print_table(
        ("network", "community", "format", "loaded", "buses", "segments", "transformers", "connections"),
        [
            (
                record.name,
                record.community or "-",
                record.source_format,
                _instant(record.loaded_utc),
                str(len(network.buses)),
                str(len(network.segments)),
                str(len(network.transformers)),
                str(len(network.connections)),
            )
            for record, network in networks
        ],
        text_columns=4,
    )


@app.command("show")
def show(name: Annotated[str, typer.Argument(help="Of the network.")], as_json: Json = False) -> None:
    """Show what a network is made of, and what is wrong with it."""
    from backend.bootstrap import open_existing
    from backend.grid.faults import find_faults

    wiring = open_existing()
    record, network = _find(wiring, name)
    faults = find_faults(network)
    if as_json:
        print_json(
            {
                **_told(record, network),
                "notes": dict(network.notes),
                "findings": [fault.as_dict() for fault in faults],
            }
        )
        return
    print(f"{name}: {_counted(network)}")
    print(f"  {record.source_format}, {network.frequency:g} Hz, loaded {_instant(record.loaded_utc)}")
    phases = [str(connection.phases) for connection in network.connections]
    told = ", ".join(f"{phases.count(one)} on {one}" for one in sorted(set(phases)))
    print(f"  connections: {told or 'none'}")
    for transformer in network.transformers[:10]:
        print(
            f"  transformer {transformer.id}: {transformer.rated_volt_amperes / 1e3:g} kVA, "
            f"{transformer.from_volts:g} to {transformer.to_volts:g} V, "
            f"{transformer.from_winding}{transformer.to_winding}{transformer.clock}"
            f"{', meter ' + transformer.meter if transformer.meter else ''}"
        )
    if len(network.transformers) > 10:  # noqa: PLR2004 -- ten are shown
        print(f"  ... and {len(network.transformers) - 10} more; --json shows their number.")
    for subject, note in network.notes.items():
        print(f"  note, {subject}: {note}")
    _print_faults(faults)


@app.command("export")
def export(
    name: Annotated[str, typer.Argument(help="Of the network.")],
    out: Annotated[Path, typer.Option(help="File to write: .geojson, or .json for Partage's own form.")],
    profiles: Annotated[
        Path | None,
        typer.Option(help="Write its load profiles too: .csv or .parquet, for `grid load --profiles`."),
    ] = None,
) -> None:
    """Write a network as GeoJSON or in Partage's own form; both can be loaded again."""
    from backend.bootstrap import open_existing
    from backend.bootstrap.networks import write_network_file, write_profiles
    from backend.errors import NotFoundError

    wiring = open_existing()
    _, network = _find(wiring, name)
    known = wiring.profiles.profiles(name) if profiles else None
    if profiles and known is None:
        raise NotFoundError(f"network {name} came with no profiles; leave --profiles out.")
    form = write_network_file(network, out)
    print(f"{out}: {_counted(network)} ({form})")
    if profiles and known is not None:
        print(f"{profiles}: {write_profiles(profiles, network, known):,} rows")


@app.command("formats")
def formats(as_json: Json = False) -> None:
    """List the formats that are read."""
    from backend.bootstrap.networks import network_formats

    known = network_formats()
    if as_json:
        print_json({"read": known})
        return
    width = max(map(len, known))
    for one, title in known.items():
        print(f"  {one:<{width}}  {title}")


def _find(wiring: Any, name: str) -> tuple[NetworkRecord, Network]:
    from backend.grid.network_form import read_network

    with wiring.store.reading() as records:
        record: NetworkRecord = records.network(name)
    return record, read_network(record.document)


def _counts(network: Network) -> dict[str, int]:
    kinds = ("buses", "segments", "switches", "transformers", "connections", "shunts", "sources")
    return {kind: len(getattr(network, kind)) for kind in kinds}


def _counted(network: Network) -> str:
    said = {
        kind: kind if count != 1 else _ONE.get(kind, kind[:-1]) for kind, count in _counts(network).items()
    }
    return ", ".join(f"{count:,} {said[kind]}" for kind, count in _counts(network).items() if count)


def _told(record: NetworkRecord, network: Network) -> dict[str, Any]:
    return {
        "network": record.name,
        "community": record.community,
        "source_format": record.source_format,
        "loaded_utc": record.loaded_utc,
        "digest": record.digest,
        "frequency": network.frequency,
        "is_geographic": network.is_geographic,
        **_counts(network),
    }


def _instant(seconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def _print_faults(faults: Sequence[NetworkFault]) -> None:
    for fault in faults[:_FAULTS_SHOWN]:
        place = fault.element or fault.where or "-"
        print(f"  {fault.severity.value:<8} {place:<16} {fault.rule:<20} {fault.message}")
    if len(faults) > _FAULTS_SHOWN:
        print(f"  ... and {len(faults) - _FAULTS_SHOWN} more; --json shows all.")


@contextmanager
def _keeping_findings(file: Path | None) -> Iterator[Callable[[Sequence[NetworkFault]], None]]:
    """Write what is found as JSON, whether the network is taken or refused."""
    import json

    def keep(found: Sequence[NetworkFault]) -> None:
        if file is not None:
            write_file(file, json.dumps([fault.as_dict() for fault in found], indent=1) + "\n")

    try:
        yield keep
    except NetworkError as error:
        keep(error.faults)
        raise
