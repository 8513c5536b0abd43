"""OpenDSS: a master file, built by the engine in a process of its own, told as a network.

The engine never sees the script (``opendss_script``), writes no file and has bounded memory and time
(``opendss_engine``). It also solves a snapshot, as a look: controls set taps and steps there, and a network that
converges with no voltage anywhere is named.

Source: OpenDSS manual (EPRI, 2022); DSS C-API 0.14 (dss-extensions.org).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from math import sqrt
from pathlib import Path
from typing import Any

from backend.adapters.networks import opendss_engine
from backend.adapters.networks.drafting import NetworkDraft
from backend.adapters.networks.opendss_branches import (
    take_lines,
    take_shunts,
    take_sources,
    take_transformers,
)
from backend.adapters.networks.opendss_loads import take_generation, take_loads, tell_profiles
from backend.adapters.networks.opendss_script import read_script
from backend.errors import NetworkError
from backend.grid import Bus, Phases
from backend.grid.faults import NetworkFault
from backend.metering import Severity
from backend.ports.network_files import NetworkReading

__all__ = ["read_opendss"]

_SECONDS = 120
_MEMORY_BYTES = 4 * 1024**3
_ANSWER_BYTES = 512 * 1024**2
_MOST_ERRORS = 20
_EARTH_NODE = 0
_LAST_PHASE = 3
_CONTROLS = (
    "RegControl",
    "CapControl",
    "SwtControl",
    "Fuse",
    "Relay",
    "Recloser",
    "InvControl",
    "ExpControl",
)
_DEAD_PU = 0.01


def read_opendss(master: Path) -> NetworkReading:
    """Read a network that OpenDSS would compile.

    Args:
        master: Its main file.

    Raises:
        NetworkError: If the script cannot be run, reaches out of its folder, or builds nothing; with its faults.
    """
    script = read_script(master)
    told = _run_engine(script.commands, script.files, master.name)
    if told["errors"]:
        faults = [
            NetworkFault("engine", "", f"OpenDSS says: {' '.join(text.split())}", Severity.REFUSED, where)
            for where, text in told["errors"]
        ]
        raise NetworkError(
            f"OpenDSS refuses {len(faults)} line{'s' * (len(faults) > 1)} of {master.name}; the first is "
            f"{faults[0].where}: {faults[0].message}",
            faults,
        )
    if "lines" not in told:
        raise NetworkError(
            f"{master.name} builds no circuit; is it the main file (the one with New Circuit)?"
        )
    draft = NetworkDraft(faults=list(script.faults))
    _take_buses(draft, told)
    take_sources(draft, told)
    take_lines(draft, told)
    take_transformers(draft, told)
    take_shunts(draft, told)
    loads = take_loads(draft, told) + take_generation(draft, told)
    _tell_left_out(draft, told)
    _tell_solution(draft, told)
    network = draft.finish(told["name"], told["frequency"])
    profiles = tell_profiles(draft, network, loads, told)
    return NetworkReading(network, profiles, tuple(draft.faults), "opendss")


def _run_engine(commands: list[tuple[str, str]], files: dict[str, Path], name: str) -> dict[str, Any]:
    job = json.dumps(
        {
            "commands": commands,
            "memory_bytes": _MEMORY_BYTES,
            "seconds": _SECONDS,
            "most_errors": _MOST_ERRORS,
            "answer_bytes": _ANSWER_BYTES,
        }
    )
    with tempfile.TemporaryDirectory(prefix="partage-network-") as folder:
        for own, file in files.items():
            shutil.copyfile(file, Path(folder) / own)
        environment = {
            "PATH": os.defpath,
            "HOME": folder,
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        }
        try:
            ended = subprocess.run(
                [sys.executable, "-I", str(Path(opendss_engine.__file__))],
                input=job.encode(),
                capture_output=True,
                cwd=folder,
                env=environment,
                timeout=_SECONDS + 10,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NetworkError(
                f"OpenDSS did not end within {_SECONDS} s on {name}; is the network that large?"
            ) from None
    if ended.returncode != 0 or not ended.stdout:
        last = ended.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise NetworkError(
            f"OpenDSS ended on {name} without an answer (exit {ended.returncode}"
            f"{': ' + last[0][:200] if last else ''}); run it there to see where."
        )
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def _take_buses(draft: NetworkDraft, told: dict[str, Any]) -> None:
    volts = _fill_bases(told)
    substation = {
        one["at"][1][0]: one["SubName"] or one["Name"]
        for one in told["Transformer"]
        if one["Sub"] and "at" in one
    }
    places = [(bus["x"], bus["y"]) for bus in told["buses"]]
    if not any(x or y for x, y in places):
        places = [(None, None)] * len(places)
    guessed = 0
    for bus, (x, y) in zip(told["buses"], places, strict=True):
        phases = Phases(sum(1 << (node - 1) for node in bus["nodes"] if _EARTH_NODE < node <= _LAST_PHASE))
        nominal = volts.get(bus["name"], 0.0)
        guessed += not bus["kv_neutral"]
        draft.buses.append(Bus(bus["name"], nominal, phases, x, y, substation.get(bus["name"], "")))
    if guessed:
        draft.note_fault(
            "no_voltage_base",
            "",
            f"{guessed} buses have no voltage base (set voltagebases, calcvoltagebases); theirs is told from the "
            "source and the transformers' windings.",
            Severity.WARNING,
        )


def _fill_bases(told: dict[str, Any]) -> dict[str, float]:
    """Nominal voltage by bus, between phases; where the script sets none, walked from the sources. [V]"""
    volts = {bus["name"]: bus["kv_neutral"] * sqrt(3) * 1e3 for bus in told["buses"] if bus["kv_neutral"]}
    ways: dict[str, list[tuple[str, float]]] = {}
    for kind in ("Line", "Reactor", "Transformer"):
        for one in told[kind]:
            ends = one.get("at", [])[:2]
            if len(ends) < 2:  # noqa: PLR2004 -- two ends
                continue
            (start, _), (end, _) = ends
            ratio = one["kV"][1] / one["kV"][0] if kind == "Transformer" else 1.0
            ways.setdefault(start, []).append((end, ratio))
            ways.setdefault(end, []).append((start, 1 / ratio))
    queue = []
    for source in told["Vsource"]:
        if "at" in source:
            volts.setdefault(source["at"][0][0], source["BasekV"] * 1e3)
    queue = list(volts)
    while queue:
        start = queue.pop()
        for end, ratio in ways.get(start, []):
            if end not in volts:
                volts[end] = volts[start] * ratio
                queue.append(end)
    return volts


def _tell_left_out(draft: NetworkDraft, told: dict[str, Any]) -> None:
    for kind, names in sorted(told["others"].items()):
        if kind in _CONTROLS:
            continue
        some = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")  # noqa: PLR2004 -- three examples
        draft.note_fault(
            "not_carried",
            f"{kind}.{names[0]}",
            f"{len(names)} element{'s' * (len(names) > 1)} of class {kind} ({some}) cannot be carried over; the "
            "network is read without.",
        )
    controls = {kind: len(told.get(kind) or told["others"].get(kind, [])) for kind in _CONTROLS}
    shown = ", ".join(f"{count} {kind}" for kind, count in controls.items() if count)
    if shown:
        draft.notes["controls"] = (
            f"{shown}: taps, steps and switches stand where a snapshot put them; they do not move with the load."
        )
    disabled = sum(
        not one["Enabled"] for kind in ("Line", "Transformer", "Load", "Generator") for one in told[kind]
    )
    if disabled:
        draft.notes["disabled"] = (
            f"{disabled} elements are disabled in the file; lines among them that switch are open."
        )


def _tell_solution(draft: NetworkDraft, told: dict[str, Any]) -> None:
    look = told["solution"]
    if look["cause"]:
        draft.note_fault(
            "zero_voltage",
            "",
            f"The file's own power flow converges with zero voltage at every bus: {look['cause']}. It is read with the "
            "source at the network's frequency; correct the file.",
            Severity.WARNING,
        )
    if not look["converged"]:
        problem = f" ({look['problem'][:200]})" if look["problem"] else ""
        draft.note_fault(
            "no_snapshot",
            "",
            f"OpenDSS finds no power flow for the loads as they stand{problem}; check loads and ratings.",
            Severity.WARNING,
        )
        return
    phase_pu = {
        node: value for node, value in look["node_pu"].items() if int(node.rsplit(".", 1)[1]) <= _LAST_PHASE
    }
    dead = sorted({node.rsplit(".", 1)[0] for node, value in phase_pu.items() if value < _DEAD_PU})
    if phase_pu and len(dead) == len({node.rsplit(".", 1)[0] for node in phase_pu}):
        draft.note_fault(
            "zero_voltage",
            "",
            "OpenDSS reports convergence with zero voltage at every bus: nothing feeds the network. Check the source's "
            "voltage, frequency and bus.",
        )
    elif dead:
        some = ", ".join(dead[:5]) + (" ..." if len(dead) > 5 else "")  # noqa: PLR2004 -- five examples
        draft.note_fault(
            "zero_voltage",
            dead[0],
            f"OpenDSS reports convergence with zero voltage at {len(dead)} buses ({some}): nothing feeds them, or not "
            "all of their phases.",
            Severity.WARNING,
        )
