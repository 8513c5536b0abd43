"""Writing what is known of a network as a database that notebooks and BI tools open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["GRID_VIEW_TABLES", "GridViewsFile"]

#: Tables by name: their columns with their types, as SQL has them. Instants are in UTC unless a name says otherwise.
GRID_VIEW_TABLES: dict[str, dict[str, str]] = {
    "grid_network": {
        "name": "VARCHAR",
        "community": "VARCHAR",
        "source_format": "VARCHAR",
        "digest": "VARCHAR",
        "loaded_at": "TIMESTAMP",
        "is_geographic": "BOOLEAN",
        "frequency": "DOUBLE",
        "time_zone": "VARCHAR",
    },
    "grid_bus": {
        "network": "VARCHAR",
        "id": "VARCHAR",
        "position": "BIGINT",
        "nominal_volts": "DOUBLE",
        "phases": "VARCHAR",
        "x": "DOUBLE",
        "y": "DOUBLE",
        "substation": "VARCHAR",
        "is_fed": "BOOLEAN",
        "feeder": "VARCHAR",
        "transformer": "VARCHAR",
    },
    "grid_branch": {
        "network": "VARCHAR",
        "id": "VARCHAR",
        "position": "BIGINT",
        "kind": "VARCHAR",
        "from_bus": "VARCHAR",
        "to_bus": "VARCHAR",
        "phases": "VARCHAR",
        "length_metres": "DOUBLE",
        "rated_amperes": "DOUBLE",
        "rated_volt_amperes": "DOUBLE",
        "is_closed": "BOOLEAN",
        "meter": "VARCHAR",
        "feeder": "VARCHAR",
        "transformer": "VARCHAR",
    },
    "grid_connection": {
        "network": "VARCHAR",
        "id": "VARCHAR",
        "position": "BIGINT",
        "bus": "VARCHAR",
        "phases": "VARCHAR",
        "power_factor": "DOUBLE",
        "rated_watts": "DOUBLE",
        "is_critical": "BOOLEAN",
        "can_rotate": "BOOLEAN",
        "switch_cost": "DOUBLE",
        "feeder": "VARCHAR",
        "transformer": "VARCHAR",
    },
    "grid_connection_point": {"network": "VARCHAR", "connection": "VARCHAR", "metering_point": "VARCHAR"},
    "grid_power": {
        "network": "VARCHAR",
        "connection": "VARCHAR",
        "start_at": "TIMESTAMP",
        "start_local": "TIMESTAMP",
        "step_seconds": "BIGINT",
        "watts": "DOUBLE",
        "vars": "DOUBLE",
        "origin": "VARCHAR",
    },
    "grid_reading": {
        "network": "VARCHAR",
        "metering_point": "VARCHAR",
        "direction": "VARCHAR",
        "start_at": "TIMESTAMP",
        "step_seconds": "BIGINT",
        "energy_milliwatt_hours": "BIGINT",
        "quality": "VARCHAR",
    },
    "grid_head_flow": {
        "network": "VARCHAR",
        "element": "VARCHAR",
        "kind": "VARCHAR",
        "start_at": "TIMESTAMP",
        "start_local": "TIMESTAMP",
        **{f"power_l{phase}_kw": "FLOAT" for phase in (1, 2, 3)},
        **{f"reactive_l{phase}_kvar": "FLOAT" for phase in (1, 2, 3)},
        **{f"current_l{phase}_a": "FLOAT" for phase in (1, 2, 3)},
        **{f"voltage_l{phase}_pu": "FLOAT" for phase in (1, 2, 3)},
        "neutral_a": "FLOAT",
        "deviation_kw": "FLOAT",
        "loading_pct": "FLOAT",
    },
    "grid_summary": {
        "network": "VARCHAR",
        "measure": "VARCHAR",
        "unit": "VARCHAR",
        "element": "VARCHAR",
        "grouped_by": "VARCHAR",
        "key": "VARCHAR",
        "mean": "DOUBLE",
        "p95": "DOUBLE",
        "worst": "DOUBLE",
        "worst_start_at": "TIMESTAMP",
        "intervals": "BIGINT",
    },
}


class GridViewsFile(Protocol):
    """A database that is being written; nothing stands in its place before ``finish``."""

    def add(self, table: str, columns: Mapping[str, NDArray[np.generic] | Sequence[Any]]) -> None:
        """Add rows to a table of ``GRID_VIEW_TABLES``; columns that are left out are null.

        Args:
            table: Its name.
            columns: Of one length; NaN is null, instants are whole seconds since 1970.
        """
        ...

    def finish(self) -> int:
        """Make the views and put the file in its place; returns its size. [bytes]"""
        ...
