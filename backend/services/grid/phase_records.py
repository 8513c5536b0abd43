"""Phases of a network's connections: suggested from measurements, accepted one by one into a new version of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import ConflictError, InputError, NotFoundError
from backend.grid import Phases
from backend.grid.network_form import digest_network, read_network, write_network
from backend.grid.outage import ElementKind, find_element
from backend.grid.phase_identification import TerminalVoltages, rejoin, suggest_phases
from backend.ports.grid_event_records import EventKind
from backend.ports.grid_plan_records import PlanKind, PlanRecord, PlanState
from backend.ports.phase_measurements import HEAD
from backend.services.grid.events import note_event
from backend.services.grid.keep_network import require_unchanged
from backend.services.grid.network_series import available_span, network_series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.grid import Network
    from backend.ports import Clock, RecordStore
    from backend.ports.grid_records import NetworkRecord
    from backend.ports.phase_measurements import PhaseMeasurements
    from backend.services.grid.known_networks import KnownNetwork
    from backend.services.grid.network_series import GridSources

__all__ = [
    "PhaseQuestion",
    "accept_phases",
    "keep_suggestions",
    "suggest_for",
    "suggested_why",
    "tell_suggestions",
]

_WHY_MAX = 500
_REGISTER_WATT_HOURS = 1.0  # what a meter's energy is told in at the coarsest, where nobody says


@dataclass(frozen=True, slots=True)
class PhaseQuestion:
    """What is asked, and what is known beside the measurements.

    Attributes:
        head: Branch or bus behind which the connections are that the head's measurement is of; empty for all.
        known: Connections whose phases were looked at on site.
        unrecorded: Connections whose phases nobody wrote down.
        trust: Probability that a record is right; None to learn it. [1]
    """

    head: str = ""
    known: tuple[str, ...] = ()
    unrecorded: tuple[str, ...] = ()
    trust: float | None = None


def suggest_for(
    sources: GridSources, known: KnownNetwork, measured: PhaseMeasurements, question: PhaseQuestion
) -> dict[str, Any]:
    """Suggest phases for a network's connections. JSON-ready; nothing is changed.

    Powers of meters come from the measurements where those have any, else from what is stored of the network.

    Raises:
        NotFoundError: If the measurements name a place, or the question a connection, that the network has not.
        InputError: If they tell too little.
    """
    network = known.network
    rows = _rows_behind(known, question.head)
    _require_connections(network, rows, (*question.known, *question.unrecorded))
    chosen = [network.connections[row] for row in rows]
    sorted_rows = _Sorted(network, rows, measured)
    head_volts, head_watts = sorted_rows.head(measured.volts), sorted_rows.head(measured.watts)
    watts, step = sorted_rows.powers(), measured.step_seconds
    if watts is None and head_watts is not None:
        watts, head_watts, step = _stored_powers(sources, known, rows, measured, head_watts)
    voltages = sorted_rows.voltages()
    found = suggest_phases(
        chosen,
        watts=watts,
        head_watts=head_watts,
        voltages=voltages,
        head_volts=head_volts if voltages is not None else None,
        known=question.known,
        unrecorded=question.unrecorded,
        trust=question.trust,
        resolution_watts=_REGISTER_WATT_HOURS * 3600 / step,
    )
    return {
        "network": known.record.name,
        "digest": known.record.digest,
        "head": question.head,
        "from": measured.start_utc,
        "to": measured.end_utc,
        "step_seconds": measured.step_seconds,
        "known": list(question.known),
        "unrecorded": list(question.unrecorded),
        "suggestions": [one.as_dict() for one in found],
    }


def keep_suggestions(
    store: RecordStore, clock: Clock, plan: str, made_by: str, document: dict[str, Any]
) -> PlanRecord:
    """Keep suggestions that were made, in a transaction of their own.

    Raises:
        ConflictError: If the network was changed while they were made.
    """
    record = PlanRecord(
        id=plan,
        network=document["network"],
        kind=PlanKind.PHASES,
        element=document["head"],
        state=PlanState.PROPOSED,
        made_utc=clock.now_utc(),
        made_by=made_by,
        document=document,
    )
    with store.transaction() as records:
        require_unchanged(records, record.network, document["digest"])
        records.add_plan(record)
    return record


def tell_suggestions(store: RecordStore, known: KnownNetwork) -> dict[str, Any]:
    """The suggestions made last, beside what the records say now. JSON-ready.

    Returns:
        With ``items`` empty and ``made_utc`` None where none were made. A connection that is gone since is left out;
        ``is_accepted`` is true where its record says by now what is suggested.
    """
    with store.reading() as records:
        plans = records.plans(known.record.name, PlanKind.PHASES)
    if not plans:
        return {"network": known.record.name, "id": None, "made_utc": None, "head": "", "items": []}
    latest = plans[0]
    now = {one.id: one for one in known.network.connections}
    items = [
        {
            **one,
            "record": str(now[one["connection"]].phases),
            "metering_points": list(now[one["connection"]].metering_points),
            "is_accepted": one["is_change"] and str(now[one["connection"]].phases) == one["suggested"],
        }
        for one in latest.document["suggestions"]
        if one["connection"] in now
    ]
    return {
        "network": known.record.name,
        "id": latest.id,
        "made_utc": latest.made_utc,
        "head": latest.element,
        "from": latest.document["from"],
        "to": latest.document["to"],
        "items": items,
    }


def suggested_why(store: RecordStore, known: KnownNetwork, connection: str, phases: Phases) -> str:
    """Why a record would be changed, in the words of the suggestions made last; empty where they say otherwise."""
    for item in tell_suggestions(store, known)["items"]:
        if item["connection"] == connection and item["suggested"] == str(phases):
            return f"suggested from {item['evidence']} with confidence {item['confidence']:.3f}"
    return ""


def accept_phases(
    store: RecordStore,
    clock: Clock,
    record: NetworkRecord,
    connection: str,
    phases: Phases,
    *,
    by: str,
    why: str,
) -> NetworkRecord:
    """Write a connection's phases into the network, as a new version of it; who and why stand on its timeline.

    Args:
        store: Records.
        clock: Tells when.
        record: The network as it was looked at.
        connection: Id.
        phases: What it is joined to.
        by: Id of the user, empty for a command.
        why: In words: suggested, looked at on site.

    Returns:
        The network as it is kept now; the same where its record says so already.

    Raises:
        NotFoundError: If the network has no such connection.
        InputError: If the bus lacks a phase, or there is no reason given.
        ConflictError: If the network was changed since it was looked at.
    """
    why = why.strip()
    if not why or len(why) > _WHY_MAX:
        raise InputError(f"say in 1 to {_WHY_MAX} characters why the record of {connection} is changed.")
    now = clock.now_utc()
    with store.transaction() as records:
        kept = records.network(record.name)
        if kept.digest != record.digest:
            raise ConflictError(
                f"network {record.name} was changed since it was looked at; look at it again, then decide."
            )
        network = read_network(kept.document)
        was = next((one for one in network.connections if one.id == connection), None)
        if was is None:
            raise NotFoundError(f'network {record.name} has no connection "{connection[:80]}".')
        if was.phases == phases:
            return kept
        changed = replace(
            network,
            connections=tuple(
                rejoin(network, one, phases) if one is was else one for one in network.connections
            ),
        )
        after = replace(kept, document=write_network(changed), digest=digest_network(changed), loaded_utc=now)
        records.put_network(after)
        note_event(
            records,
            network=record.name,
            kind=EventKind.PHASE_RECORD,
            element=connection,
            at_utc=now,
            noted_utc=now,
            by=by,
            title=f"Connection {connection} is recorded on {phases}, no longer on {was.phases}.",
            data={"from": str(was.phases), "to": str(phases), "why": why, "digest": after.digest},
        )
    return after


def _rows_behind(known: KnownNetwork, head: str) -> list[int]:
    if not head:
        return list(range(len(known.network.connections)))
    element, topology = find_element(known.network, head), known.topology
    if element.kind is ElementKind.SUBSTATION:
        raise InputError(f"{head} is a substation; name the branch or bus that was measured.")
    if element.kind is ElementKind.BUS:
        buses = topology.buses_behind(known.network.bus_index[element.id])
        rows = [row for bus in buses for row in topology.connections_at[bus]]
    else:
        place = next(index for index, one in enumerate(topology.branches) if one.id == element.id)
        rows = list(topology.connections_behind(place))
    if not rows:
        raise InputError(
            f"nothing is fed through {head}; name the branch or bus that the head's measurement is of."
        )
    return sorted(rows)


def _require_connections(network: Network, rows: Sequence[int], names: Sequence[str]) -> None:
    behind = {network.connections[row].id for row in rows}
    for name in names:
        if name not in behind:
            raise NotFoundError(f'network {network.name} has no connection "{name[:80]}" behind that head.')


class _Sorted:
    """Rows of measurements by connection.

    Raises:
        NotFoundError: If a place is none of the network's, or not behind the head.
        InputError: If one connection is told under two names.
    """

    def __init__(self, network: Network, rows: Sequence[int], measured: PhaseMeasurements) -> None:
        self._measured, self._count = measured, len(rows)
        places = {network.connections[row].id: place for place, row in enumerate(rows)}
        for row in rows:
            for point in network.connections[row].metering_points:
                places.setdefault(point, places[network.connections[row].id])
        self._place = np.full(len(measured.places), -1, np.int64)
        named: dict[tuple[int, int], str] = {}
        for row, name in enumerate(measured.places):
            if name == HEAD and HEAD not in places:
                continue
            if name not in places:
                raise NotFoundError(
                    f'the measurements name "{name[:80]}", which is no connection or metering point of network '
                    f"{network.name} behind that head."
                )
            self._place[row] = places[name]
            told = named.setdefault((places[name], int(measured.terminals[row])), name)
            if told != name:
                raise InputError(
                    f"terminal {int(measured.terminals[row]) + 1} of one connection is told as {told} and as {name}; "
                    "leave one out."
                )

    def head(self, values: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The head's, shape (3, T); None where it was not measured.

        Raises:
            InputError: If a phase of it is lacking.
        """
        found = np.full((3, values.shape[1]), np.nan)
        for row in np.flatnonzero(self._place < 0):
            found[self._measured.terminals[row]] = values[row]
        told = np.isfinite(found).any(axis=1)
        if told.any() and not told.all():
            raise InputError(
                f"of the head, terminal {int(np.argmin(told)) + 1} has no values; all three phases are needed."
            )
        return found if told.all() else None

    def powers(self) -> NDArray[np.float64] | None:
        """Of each connection, the sum over its terminals; None where the measurements hold no power of a meter."""
        values = self._measured.watts
        used = [row for row in np.flatnonzero(self._place >= 0) if np.isfinite(values[row]).any()]
        if not used:
            return None
        found = np.full((self._count, values.shape[1]), np.nan)
        for row in used:
            place = self._place[row]
            before = found[place]
            found[place] = values[row] if np.isnan(before).all() else before + values[row]
        return found

    def voltages(self) -> TerminalVoltages | None:
        """Of each terminal of a meter; None where the measurements hold none."""
        values = self._measured.volts
        used = [row for row in np.flatnonzero(self._place >= 0) if np.isfinite(values[row]).any()]
        if not used:
            return None
        return TerminalVoltages(self._place[used], self._measured.terminals[used], values[used])


def _stored_powers(
    sources: GridSources,
    known: KnownNetwork,
    rows: Sequence[int],
    measured: PhaseMeasurements,
    head_watts: NDArray[np.float64],
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None, int]:
    """What is stored of the connections in the measurements' span, and the head's power at the longer step of both."""
    span = available_span(sources, known.record)
    if span is None or span.end_utc <= measured.start_utc or span.start_utc >= measured.end_utc:
        return None, None, measured.step_seconds
    series = network_series(
        sources,
        known.record,
        max(span.start_utc, measured.start_utc),
        min(span.end_utc, measured.end_utc),
    )
    step = max(series.step_seconds, measured.step_seconds)
    begin = -(-max(series.start_utc, measured.start_utc) // step) * step
    end = min(series.end_utc, measured.end_utc) // step * step
    if end <= begin or step % series.step_seconds or step % measured.step_seconds:
        return None, None, measured.step_seconds
    own = _means(series.watts[list(rows)], series.start_utc, series.step_seconds, begin, end, step)
    head = _means(head_watts, measured.start_utc, measured.step_seconds, begin, end, step)
    return own, head, step


def _means(
    values: NDArray[np.float64], start: int, step: int, begin: int, end: int, wide: int
) -> NDArray[np.float64]:
    """Means over the wide step, NaN where a value in it is lacking."""
    if (begin - start) % step:
        return np.full((len(values), (end - begin) // wide), np.nan)
    first, count = (begin - start) // step, (end - begin) // step
    return np.asarray(values[:, first : first + count].reshape(len(values), -1, wide // step).mean(axis=2))
