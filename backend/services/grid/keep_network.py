"""Keeping a network that was read or made, in the place of the one of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.errors import ConflictError
from backend.grid.network_form import digest_network, write_network
from backend.ports.grid_event_records import EventKind
from backend.ports.grid_records import NetworkRecord
from backend.services.grid.events import note_event

if TYPE_CHECKING:
    from backend.grid import ConnectionSeries, Network
    from backend.ports import Clock, Records
    from backend.services.grid.network_series import GridSources

__all__ = ["keep_network", "require_unchanged"]


def keep_network(
    sources: GridSources,
    clock: Clock,
    network: Network,
    profiles: ConnectionSeries | None,
    *,
    community: str,
    source_format: str,
) -> bool:
    """Keep a network and its profiles; the same again changes nothing.

    Profiles are written first: a crash between the two leaves the old network with profiles that are not taken for its
    own where their number differs, and the same command again makes both whole.

    Returns:
        Whether anything changed.

    Raises:
        ConflictError: If the name is another community's network: its timeline, plans and work orders are that one's to
            see.
    """
    digest = digest_network(network)
    with sources.store.reading() as records:
        named = _named(records, network.name, community)
    kept = [record for record in named if record.community == community]
    if kept and kept[0].digest == digest and _are_same(sources.profiles.profiles(network.name), profiles):
        return False
    now = clock.now_utc()
    with sources.store.transaction() as records:
        _named(records, network.name, community)  # again: another process may have been as fast
        sources.profiles.put(network.name, profiles)
        records.put_network(
            NetworkRecord(
                name=network.name,
                community=community,
                document=write_network(network),
                digest=digest,
                source_format=source_format,
                loaded_utc=now,
            )
        )
        note_event(
            records,
            network=network.name,
            kind=EventKind.NETWORK,
            title=f"The network was loaded: {len(network.buses):,} buses, {len(network.connections):,} connections.",
            at_utc=now,
            noted_utc=now,
            data={"digest": digest, "source_format": source_format},
        )
    return True


def _named(records: Records, name: str, community: str) -> list[NetworkRecord]:
    """The network of a name, where there is one.

    Raises:
        ConflictError: If it is another community's.
    """
    found = [record for record in records.networks() if record.name == name]
    if found and found[0].community not in {"", community}:
        raise ConflictError(
            f"Network {name!r} is community {found[0].community!r}'s; choose another name for that of "
            f"{community or 'nobody'!r}."
        )
    return found


def require_unchanged(records: Records, network: str, digest: str) -> None:
    """Refuse what was made of a network that is another by now: it would tell of what is gone.

    Args:
        records: Of the transaction that keeps it.
        network: Name.
        digest: Of the network that it was made of.

    Raises:
        ConflictError: If the network was changed since.
    """
    if records.network(network).digest != digest:
        raise ConflictError(f"Network {network} was changed while this was computed; ask again.")


def _are_same(one: ConnectionSeries | None, other: ConnectionSeries | None) -> bool:
    if one is None or other is None:
        return one is other
    told = [
        (series.start_utc, series.step_seconds, series.origins, series.time_zone) for series in (one, other)
    ]
    return (
        told[0] == told[1]
        and np.array_equal(one.watts, other.watts, equal_nan=True)
        and np.array_equal(one.vars, other.vars, equal_nan=True)
    )
