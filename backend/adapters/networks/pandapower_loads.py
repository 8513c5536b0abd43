"""pandapower's loads, feeders-in, motors, batteries and wards, told as connections with one hour of profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.networks.load_models import model_of_shares, power_factor_of
from backend.grid import Connection, Phases

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from backend.adapters.networks.drafting import NetworkDraft
    from backend.adapters.networks.pandapower_tables import PandapowerTables, Row
    from backend.grid import LoadModel

__all__ = ["take_loads"]

_FULL = 100.0
_PHASES = ("a", "b", "c")


def take_loads(
    draft: NetworkDraft, tables: PandapowerTables, bus_of: Callable[[Row], str | None]
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Take all that draws or gives.

    Args:
        draft: Gets the connections.
        tables: The file's.
        bus_of: Name of the bus of a row, None where it is out of service.

    Returns:
        By connection, its watts and vars, each of shape (1,).
    """
    rows: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
    volts = {bus.id: bus.nominal_volts for bus in draft.buses}

    def add(row: Row, name: str, phases: Phases, power: tuple[float, float]) -> None:
        bus = bus_of(row)
        if bus is None:
            return
        watts, vars_ = power
        draft.connections.append(
            Connection(
                name,
                bus,
                phases,
                power_factor=power_factor_of(watts, vars_),
                model=_model(draft, name, row, volts.get(bus, 0.0), len(phases.indices)),
                rated_watts=row.number("sn_mva", 0.0) * 1e6,
                is_delta=row.text("type") == "delta",
            )
        )
        rows[name] = np.array([watts]), np.array([vars_])

    for table, sign in (("load", 1.0), ("storage", 1.0), ("sgen", -1.0)):
        for row in tables.rows(table):
            scale = sign * row.number("scaling", 1.0) * 1e6
            name = draft.name_connection(tables.name_of(row), table)
            add(row, name, Phases.ALL, (row.number("p_mw") * scale, row.number("q_mvar", 0.0) * scale))
    for row in tables.rows("motor"):
        add(row, draft.name_connection(tables.name_of(row), "motor"), Phases.ALL, _motor(row))
    for row in tables.rows("ward"):
        power = row.number("ps_mw", 0.0) * 1e6, row.number("qs_mvar", 0.0) * 1e6
        if any(power):
            add(row, draft.name_connection(tables.name_of(row), "ward"), Phases.ALL, power)
    for table, sign in (("asymmetric_load", 1.0), ("asymmetric_sgen", -1.0)):
        for row in tables.rows(table):
            for phases, power, ending in _by_phase(row, sign):
                add(row, draft.name_connection(tables.name_of(row) + ending, table), phases, power)
    if any(True for _ in tables.rows("storage")):
        draft.notes["storage"] = (
            "batteries are connections that draw or give what the file says, without a store."
        )
    return rows


def _by_phase(row: Row, sign: float) -> list[tuple[Phases, tuple[float, float], str]]:
    """Parts of an asymmetric element: one for all phases where they are alike, else one for each that draws."""
    scale = sign * row.number("scaling", 1.0) * 1e6
    powers = [
        (row.number(f"p_{phase}_mw", 0.0) * scale, row.number(f"q_{phase}_mvar", 0.0) * scale)
        for phase in _PHASES
    ]
    if len(set(powers)) == 1:
        return [(Phases.ALL, (sum(power[0] for power in powers), sum(power[1] for power in powers)), "")]
    used = [(place, power) for place, power in enumerate(powers) if any(power)]
    if row.text("type") == "delta":  # a is between L1 and L2, and so on
        pairs = [(Phases.of_index(place) | Phases.of_index((place + 1) % 3), power) for place, power in used]
    else:
        pairs = [(Phases.of_index(place), power) for place, power in used]
    return [(phases, power, "" if len(used) == 1 else f".{phases}") for phases, power in pairs]


def _motor(row: Row) -> tuple[float, float]:
    """What a motor draws: mechanical power by its load over its efficiency, at its power factor. [W, var]"""
    efficiency = row.number("efficiency_percent") / _FULL
    watts = (
        row.number("pn_mech_mw")
        * 1e6
        * row.number("loading_percent")
        / _FULL
        / efficiency
        * row.number("scaling", 1.0)
    )
    factor = row.number("cos_phi")
    return watts, watts * (1 / factor**2 - 1) ** 0.5


def _model(draft: NetworkDraft, name: str, row: Row, bus_volts: float, count: int) -> LoadModel | None:
    """Of a load that is constant impedance or constant current; a mixture is told as constant power."""
    impedance = row.number("const_z_p_percent", row.number("const_z_percent", 0.0))
    current = row.number("const_i_p_percent", row.number("const_i_percent", 0.0))
    volts = bus_volts / (3**0.5 if count == 1 else 1.0)
    return model_of_shares(draft, name, volts, impedance, current)
