"""pandapower files in the form that its versions 2 and 3 write, made without pandapower."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Table = dict[int, dict[str, Any]]


def frame(rows: Table) -> dict[str, Any]:
    """A data frame as pandapower encodes it."""
    columns = list(dict.fromkeys(name for cells in rows.values() for name in cells))
    split = {
        "columns": columns,
        "index": list(rows),
        "data": [[cells.get(name) for name in columns] for cells in rows.values()],
    }
    return {
        "_module": "pandas.core.frame",
        "_class": "DataFrame",
        "_object": json.dumps(split),
        "orient": "split",
        "dtype": dict.fromkeys(columns, "object"),
        "is_multiindex": False,
        "is_multicolumn": False,
    }


def write_net(path: Path, tables: dict[str, Table], version: str = "2.14.11", **said: Any) -> Path:
    """Write a network of tables."""
    inner: dict[str, Any] = {name: frame(rows) for name, rows in tables.items()}
    inner |= {"f_hz": 50.0, "name": "street", "version": version, "std_types": {}, **said}
    told = {"_module": "pandapower.auxiliary", "_class": "pandapowerNet", "_object": inner}
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def street() -> dict[str, Table]:
    """A transformer with a tap, two cables, a switch at a cable's end, loads of all kinds."""
    line = {"std_type": "NAYY 4x150 SE", "r_ohm_per_km": 0.208, "x_ohm_per_km": 0.08, "c_nf_per_km": 261.0}
    line |= {"g_us_per_km": 0.0, "max_i_ka": 0.27, "df": 0.9, "type": "cs", "in_service": True}
    zero = {"r0_ohm_per_km": 0.832, "x0_ohm_per_km": 0.293, "c0_nf_per_km": 120.0}
    load = {"scaling": 1.0, "in_service": True, "type": "wye", "sn_mva": None, "name": None}
    phases = {
        "p_a_mw": 0.002,
        "q_a_mvar": 0.0005,
        "p_b_mw": 0.0,
        "q_b_mvar": 0.0,
        "p_c_mw": 0.0,
        "q_c_mvar": 0.0,
    }
    trafo = {
        "name": "T1", "hv_bus": 0, "lv_bus": 1, "sn_mva": 0.4, "vn_hv_kv": 20.0, "vn_lv_kv": 0.4, "vk_percent": 6.0,
        "vkr_percent": 1.425, "pfe_kw": 1.35, "i0_percent": 0.3375, "shift_degree": 150.0, "vector_group": "Dyn5",
        "tap_side": "hv", "tap_neutral": 0, "tap_min": -2, "tap_max": 2, "tap_step_percent": 2.5, "tap_pos": 1,
        "tap_step_degree": 0.0, "parallel": 1, "df": 1.0, "in_service": True, "tap_phase_shifter": False,
    }  # fmt: skip
    return {
        "bus": {
            0: {"name": "MV", "vn_kv": 20.0, "type": "b", "zone": None, "in_service": True},
            1: {"name": "LV", "vn_kv": 0.4, "type": "b", "zone": None, "in_service": True},
            2: {"name": "house", "vn_kv": 0.4, "type": "b", "zone": None, "in_service": True},
            3: {"name": "house", "vn_kv": 0.4, "type": "b", "zone": None, "in_service": True},
        },
        "ext_grid": {
            0: {"name": "grid", "bus": 0, "vm_pu": 1.02, "in_service": True, "s_sc_max_mva": 100.0, "rx_max": 0.1}
        },
        "trafo": {0: trafo},
        "line": {
            0: {"name": "cable 1", "from_bus": 1, "to_bus": 2, "length_km": 0.1, "parallel": 2, **line, **zero},
            1: {"name": "cable 2", "from_bus": 2, "to_bus": 3, "length_km": 0.05, "parallel": 1, **line, **zero},
        },
        "switch": {
            0: {"bus": 2, "element": 1, "et": "l", "type": "LBS", "closed": True, "name": "box", "z_ohm": 0.0},
            1: {"bus": 1, "element": 3, "et": "b", "type": "CB", "closed": False, "name": "tie", "z_ohm": 0.0},
        },
        "load": {0: {**load, "bus": 2, "p_mw": 0.006, "q_mvar": 0.001, "const_z_percent": 0.0, "const_i_percent": 0.0}},
        "asymmetric_load": {
            0: {**load, **phases, "bus": 2, "name": "single"},
            1: {**load, **phases, "bus": 3, "name": "uneven", "p_b_mw": 0.001},
        },
        "sgen": {0: {**load, "bus": 3, "p_mw": 0.004, "q_mvar": 0.0, "name": "roof"}},
        "shunt": {
            0: {"name": "bank", "bus": 1, "p_mw": 0.0, "q_mvar": -0.02, "vn_kv": 0.4, "step": 2, "in_service": True}
        },
    }  # fmt: skip
