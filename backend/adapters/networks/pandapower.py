"""pandapower JSON, versions 2 and 3, told as a network. Neither pandapower nor pandas is needed.

Switches at the ends of lines and transformers are switches here too, each between the bus and one of its own. An
asymmetric load whose phases differ becomes a connection per phase. Loads are a snapshot: one hour of profile.

Source: pandapower documentation, "Datastructure and Elements" (pandapower.readthedocs.io).
"""

from __future__ import annotations

import json
from math import hypot, isfinite
from typing import TYPE_CHECKING, Any

from backend.adapters.networks.drafting import NetworkDraft, make_profiles
from backend.adapters.networks.impedances import NO_ZERO_SEQUENCE, SequenceImpedance, sequence_matrices
from backend.adapters.networks.pandapower_loads import take_loads
from backend.adapters.networks.pandapower_tables import read_tables
from backend.adapters.networks.texts import read_network_json
from backend.grid import Bus, Phases, Segment, Shunt, Source, Switch, Transformer
from backend.metering import Severity
from backend.ports.network_files import NetworkReading

if TYPE_CHECKING:
    from pathlib import Path

    from backend.adapters.networks.pandapower_tables import PandapowerTables, Row

__all__ = ["read_pandapower"]

_CARRIED = frozenset({
    "bus", "bus_geodata", "line", "line_geodata", "trafo", "load", "asymmetric_load", "sgen", "asymmetric_sgen",
    "switch", "ext_grid", "shunt", "impedance", "motor", "storage", "ward",
})  # fmt: skip
_ELEMENTS = (
    "trafo3w",
    "gen",
    "xward",
    "dcline",
    "svc",
    "ssc",
    "tcsc",
    "vsc",
    "b2b_vsc",
    "line_dc",
    "load_dc",
)
_GEO_VERSION = 3
_LONGITUDE, _LATITUDE = 180.0, 90.0
_HOUR = 3600


def read_pandapower(path: Path) -> NetworkReading:
    """Read a network that pandapower wrote.

    Raises:
        NetworkError: If it is none, or a table is damaged or lacks what pandapower needs.
    """
    tables = read_tables(read_network_json(path), path.name)
    draft = NetworkDraft()
    lost = {row.index for row in tables.rows("bus", in_service=False)} - {
        row.index for row in tables.rows("bus")
    }
    is_geographic = _take_buses(draft, tables)
    ends = _Ends(draft, tables, lost)
    _take_sources(draft, tables, ends)
    _take_lines(draft, tables, ends)
    _take_impedances(draft, tables, ends)
    _take_transformers(draft, tables, ends)
    _take_bus_switches(draft, tables, ends)
    _take_shunts(draft, tables, ends)
    rows = take_loads(draft, tables, ends.bus)
    _tell_left_out(draft, tables, lost)
    network = draft.finish(tables.name or path.stem, tables.frequency, is_geographic=is_geographic)
    profiles = make_profiles(network, rows, _HOUR)
    if rows:
        draft.notes["profiles"] = "The file has loads without profiles; they are told as one hour."
        network = draft.finish(tables.name or path.stem, tables.frequency, is_geographic=is_geographic)
    return NetworkReading(network, profiles, tuple(draft.faults), "pandapower")


class _Ends:
    """Names of buses by index, and the buses of their own of elements that have a switch at an end."""

    def __init__(self, draft: NetworkDraft, tables: PandapowerTables, lost: set[int]) -> None:
        self._draft = draft
        self._tables = tables
        self._lost = lost
        self._nominal = {bus.id: bus for bus in draft.buses}
        self._switches: dict[tuple[str, int, int], list[Row]] = {}
        for row in tables.rows("switch", in_service=False):
            if row.text("et") in {"l", "t"}:
                self._switches.setdefault(
                    (row.text("et"), row.place("element"), row.place("bus")), []
                ).append(row)

    def bus(self, row: Row, column: str = "bus") -> str | None:
        """Name of the bus that a row is joined to; None where that is out of service."""
        index = row.place(column)
        if index in self._lost:
            return None
        return self._tables.names.get(("bus", index), f"bus-{index}")

    def end(self, row: Row, column: str, kind: str) -> str | None:
        """Likewise of a line (``l``) or transformer (``t``), behind the switch that it has there."""
        bus = self.bus(row, column)
        switches = self._switches.get((kind, row.index, row.place(column)), [])
        if bus is None or not switches or bus not in self._nominal:
            return bus
        at = self._nominal[bus]
        own = f"{self._tables.name_of(row)}@{bus}"
        self._draft.buses.append(Bus(own, at.nominal_volts, at.phases, at.x, at.y, at.substation))
        for switch in switches:
            _add_switch(self._draft, self._tables, switch, bus, own)
        return own


def _add_switch(draft: NetworkDraft, tables: PandapowerTables, row: Row, start: str, end: str) -> None:
    is_closed = row.mark("closed", default=True)
    draft.switches.append(
        Switch(
            draft.name_branch(tables.name_of(row), "switch"),
            start,
            end,
            is_closed=is_closed,
            is_normally_open=not is_closed,
            rated_amperes=row.number("in_ka", 0.0) * 1e3,
        )
    )


def _take_buses(draft: NetworkDraft, tables: PandapowerTables) -> bool:
    """Take buses; are their coordinates degrees?"""
    drawn = {
        row.index: (row.optional("x"), row.optional("y"))
        for row in tables.rows("bus_geodata", in_service=False)
    }
    has_geo = False
    for row in tables.rows("bus"):
        x, y = drawn.get(row.index, (None, None))
        geo = row.cells.get("geo")
        if geo:
            x, y = _point(draft, tables.name_of(row), geo)
            has_geo |= x is not None
        draft.buses.append(
            Bus(tables.name_of(row), row.number("vn_kv") * 1e3, Phases.ALL, x, y, row.text("substat"))
        )
    places = [(bus.x, bus.y) for bus in draft.buses if bus.x is not None and bus.y is not None]
    return has_geo and all(abs(x) <= _LONGITUDE and abs(y) <= _LATITUDE for x, y in places)


def _point(draft: NetworkDraft, bus: str, geo: Any) -> tuple[float | None, float | None]:
    try:
        told = json.loads(geo) if isinstance(geo, str) else geo
        x, y = (float(part) for part in told["coordinates"][:2])
        if isfinite(x) and isfinite(y):
            return x, y
    except (ValueError, TypeError, KeyError):
        pass
    draft.note_fault(
        "coordinates", bus, f"bus {bus} has the place {str(geo)[:80]!r}, no GeoJSON point.", Severity.WARNING
    )
    return None, None


def _take_sources(draft: NetworkDraft, tables: PandapowerTables, ends: _Ends) -> None:
    for row in tables.rows("ext_grid"):
        bus = ends.bus(row)
        if bus is None:
            continue
        power = row.optional("s_sc_max_mva")
        name = tables.name_of(row)
        if power is None:
            draft.notes[f"source {name}"] = "the file gives no short-circuit power; taken as 10 GVA."
        ratio = row.number("rx_max", 0.1)
        x0x, r0x0 = row.number("x0x_max", 1.0), row.number("r0x0_max", ratio)
        draft.sources.append(
            Source(
                name,
                bus,
                row.number("vm_pu", 1.0),
                power * 1e6 if power is not None else 1e10,
                ratio,
                x0x * hypot(1.0, r0x0) / hypot(1.0, ratio),
            )
        )


def _take_lines(draft: NetworkDraft, tables: PandapowerTables, ends: _Ends) -> None:
    lacking = []
    for row in tables.rows("line"):
        start, end = ends.end(row, "from_bus", "l"), ends.end(row, "to_bus", "l")
        if start is None or end is None:
            continue
        name = draft.name_branch(tables.name_of(row), "line")
        length, parallel = row.number("length_km"), row.number("parallel", 1.0)
        each = length / parallel
        r0, x0, c0 = (row.optional(column) for column in ("r0_ohm_per_km", "x0_ohm_per_km", "c0_nf_per_km"))
        if r0 is None or x0 is None:
            lacking.append(name)
        along = length * parallel * 1e-9
        line = SequenceImpedance(
            row.number("r_ohm_per_km") * each,
            row.number("x_ohm_per_km") * each,
            None if r0 is None else r0 * each,
            None if x0 is None else x0 * each,
            row.number("c_nf_per_km", 0.0) * along,
            None if c0 is None else c0 * along,
        )
        amperes = row.number("max_i_ka", 0.0) * 1e3 * row.number("df", 1.0) * parallel
        draft.segments.append(
            Segment(name, start, end, Phases.ALL, length * 1e3, *sequence_matrices(line, Phases.ALL), amperes)
        )
    if lacking:
        draft.note_fault(
            "no_zero_sequence", lacking[0], f"{len(lacking)} lines {NO_ZERO_SEQUENCE}", Severity.WARNING
        )


def _take_impedances(draft: NetworkDraft, tables: PandapowerTables, ends: _Ends) -> None:
    volts = {bus.id: bus.nominal_volts for bus in draft.buses}
    for row in tables.rows("impedance"):
        start, end = ends.bus(row, "from_bus"), ends.bus(row, "to_bus")
        if start is None or end is None:
            continue
        name = draft.name_branch(tables.name_of(row), "impedance")
        base = volts.get(start, 0.0) ** 2 / (row.number("sn_mva") * 1e6)
        r1, x1 = row.number("rft_pu") * base, row.number("xft_pu") * base
        line = SequenceImpedance(
            r1, x1, row.number("rft0_pu", r1 / base) * base, row.number("xft0_pu", x1 / base) * base
        )
        draft.segments.append(
            Segment(name, start, end, Phases.ALL, 0.0, *sequence_matrices(line, Phases.ALL))
        )


def _take_transformers(draft: NetworkDraft, tables: PandapowerTables, ends: _Ends) -> None:
    for row in tables.rows("trafo"):
        start, end = ends.end(row, "hv_bus", "t"), ends.end(row, "lv_bus", "t")
        if start is None or end is None:
            continue
        name = draft.name_branch(tables.name_of(row), "trafo")
        parallel = row.number("parallel", 1.0)
        rated = row.number("sn_mva") * 1e6 * parallel
        volts = {"hv": row.number("vn_hv_kv") * 1e3, "lv": row.number("vn_lv_kv") * 1e3}
        side = row.text("tap_side")
        steps = row.number("tap_pos", 0.0) - row.number("tap_neutral", 0.0)
        if side in volts and row.cells.get("tap_neutral") is not None:
            volts[side] *= 1 + steps * row.number("tap_step_percent", 0.0) / 100
        if row.mark("tap_phase_shifter", default=False) or row.number("tap_step_degree", 0.0):
            draft.notes[f"tap {name}"] = "its tap shifts phases, which is not carried over."
        iron = row.number("pfe_kw", 0.0) * 1e3 * parallel
        windings, clock = _vector_group(draft, name, row)
        draft.transformers.append(
            Transformer(
                name,
                start,
                end,
                rated,
                volts["hv"],
                volts["lv"],
                windings[0],
                windings[1],
                clock,
                short_circuit_pu=row.number("vk_percent") / 100,
                copper_loss_watts=row.number("vkr_percent") / 100 * rated,
                iron_loss_watts=iron,
                no_load_current_pu=max(row.number("i0_percent", 0.0) / 100, iron / rated if rated else 0.0),
            )
        )


def _vector_group(draft: NetworkDraft, name: str, row: Row) -> tuple[tuple[str, str], int]:
    clock = round(row.number("shift_degree", 0.0) / 30) % 12
    letters = row.text("vector_group").rstrip("0123456789")
    split = next((place for place, letter in enumerate(letters) if letter.islower()), 0)
    if not split:
        return (("D", "yn") if clock % 2 else ("YN", "yn")), clock
    windings = letters[:split].upper(), letters[split:].lower()
    is_odd = (windings[0][0] == "Y") != (windings[1][0] == "y")
    if clock % 2 != is_odd:
        draft.note_fault(
            "vector_group",
            name,
            f"transformer {name} is {letters} with a shift of {row.number('shift_degree', 0.0):g} degrees, which "
            f"there is not; it is read as {letters}{5 if is_odd else 0}.",
            Severity.WARNING,
        )
        clock = 5 if is_odd else 0
    return windings, clock


def _take_bus_switches(draft: NetworkDraft, tables: PandapowerTables, ends: _Ends) -> None:
    for row in tables.rows("switch", in_service=False):
        kind = row.text("et")
        if kind == "b":
            start, end = ends.bus(row), ends.bus(row, "element")
            if start is not None and end is not None:
                _add_switch(draft, tables, row, start, end)
        elif kind not in {"l", "t"}:
            draft.note_fault(
                "not_carried",
                tables.name_of(row),
                f"switch {tables.name_of(row)} is at an element of kind {kind!r}.",
            )


def _take_shunts(draft: NetworkDraft, tables: PandapowerTables, ends: _Ends) -> None:
    volts = {bus.id: bus.nominal_volts for bus in draft.buses}
    for table, watts, vars_ in (("shunt", "p_mw", "q_mvar"), ("ward", "pz_mw", "qz_mvar")):
        for row in tables.rows(table):
            bus = ends.bus(row)
            if bus is None or bus not in volts:
                continue
            base = row.number("vn_kv", volts[bus] / 1e3) * 1e3
            each = row.number("step", 1.0) * 1e6 / base**2
            admittance = row.number(watts, 0.0) * each, -row.number(vars_, 0.0) * each
            if any(admittance):
                draft.shunts.append(Shunt(tables.name_of(row), bus, Phases.ALL, *admittance))


def _tell_left_out(draft: NetworkDraft, tables: PandapowerTables, lost: set[int]) -> None:
    for table in _ELEMENTS:
        rows = list(tables.rows(table))
        if rows:
            draft.note_fault(
                "windings" if table == "trafo3w" else "not_carried",
                tables.name_of(rows[0]),
                f"{len(rows)} element{'s' * (len(rows) > 1)} of the table {table} cannot be carried over; give them "
                "otherwise (a transformer of three windings as two), or take them out of service.",
            )
    out = sum(1 for table in _CARRIED for row in tables.rows(table, in_service=False)) - sum(
        1 for table in _CARRIED for row in tables.rows(table)
    )
    if out:
        at = f", {len(lost)} of them buses" if lost else ""
        draft.notes["out of service"] = f"{out} elements are out of service and left out{at}."
