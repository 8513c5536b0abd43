"""Work on files alone, and what a verifier needs of the home that is there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from backend.adapters.home import Home
from backend.errors import ChainUnavailableError, InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

from backend.bootstrap.wiring import open_wiring

__all__ = [
    "allocate_files",
    "backup_home",
    "known_deployment",
    "node_for_verification",
    "read_text",
    "restore_home",
]

_TEXT_BYTES_MAX = 64 * 1024 * 1024


def node_for_verification(url: str) -> Callable[[str, list[Any]], Any]:
    """What answers a verifier's JSON-RPC calls: a node by URL, or the embedded chain of PARTAGE_HOME, read only.

    Raises:
        ChainUnavailableError: If there is neither.
    """
    if url:
        from backend.verifier import http_call

        return http_call(url)
    wiring = open_wiring()
    if not os.environ.get("PARTAGE_CHAIN_URL") and not wiring.home.chain.exists():
        raise ChainUnavailableError(
            f"There is no chain in {wiring.home.root}; give the URL of a node with --rpc, or set PARTAGE_HOME."
        )
    return wiring.node.rpc


def known_deployment() -> str | None:
    """PARTAGE_HOME's ``deployment.json``, by which a verifier knows the contracts; None where there is none."""
    file = open_wiring().home.deployment
    return read_text(file, what="deployment") if file.is_file() else None


def read_text(file: Path, what: str) -> str:
    """A small text file, or a clear sentence.

    Raises:
        NotFoundError: If it is not there.
        InputError: If it is too large or not UTF-8.
    """
    if not file.is_file():
        raise NotFoundError(f"{file} is not a file; give the path of a {what}.")
    if file.stat().st_size > _TEXT_BYTES_MAX:
        raise InputError(
            f"{file.name} has {file.stat().st_size:,} bytes, too many for a {what}; is it the right file?"
        )
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file.name} is not UTF-8 text (byte {error.start}); is it a {what}?") from None


def backup_home(target: Path) -> int:
    """Write a consistent copy of the home; returns the number of files."""
    from backend.adapters.backup import backup

    return backup(Home.from_environment(), target, os.environ.get("PARTAGE_DATABASE_URL"))


def restore_home(archive: Path) -> int:
    """Restore an archive into an empty home; returns the number of files."""
    from backend.adapters.backup import restore

    return restore(archive, Home.from_environment())


def allocate_files(community: Path, readings: Path, out: Path, coefficients: Path | None = None) -> int:
    """Allocate a readings file by a community file's sharing key, into an allocation CSV; returns the rows written."""
    from backend.adapters.meter_files.allocation_csv import write_allocation_csv
    from backend.adapters.meter_files.pointwise_csv import read_coefficients_csv
    from backend.bootstrap.meter_files import meter_files
    from backend.community import read_definition
    from backend.services.allocate_file import allocate_file

    definition = read_definition(read_text(community, "community file"), community.name)
    known = {point.id for point in definition.metering_points}
    return allocate_file(
        definition,
        readings,
        out,
        read_file=meter_files(),
        write_file=write_allocation_csv,
        coefficients=read_coefficients_csv(coefficients, known_points=known) if coefficients else None,
    )
