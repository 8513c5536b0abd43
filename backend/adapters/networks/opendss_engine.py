"""The OpenDSS engine in a process of its own: commands in, what they built out. Imports nothing of ours.

It is run as a file, in an empty folder with the files that the commands name, with bounded memory and time, and can
write no file: ``python opendss_engine.py`` reads a job from stdin and writes JSON to stdout. Only a command that names
one of those files can open any, so that no property of another can have the engine load a library or read a file.
"""

from __future__ import annotations

import json
import math
import os
import re
import resource
import sys
from typing import Any

_CLASSES = (
    "Vsource", "Line", "Transformer", "Load", "Generator", "PVSystem", "Capacitor", "Reactor", "LoadShape",
    "RegControl",
)  # fmt: skip
_TOLD = frozenset({
    *_CLASSES, "LineCode", "WireData", "CNData", "TSData", "LineSpacing", "LineGeometry", "XfmrCode", "TCC_Curve",
    "Spectrum", "GrowthShape", "TShape", "PriceShape", "XYcurve", "Monitor", "EnergyMeter", "Sensor",
})  # fmt: skip
_OWN_FILE = re.compile(r"\bfile\d+")
_AT_ONCE = 4  # files that a command may have open
_FULL = 1  # DSSJSONFlags.Full: what has its default, too


def main() -> None:
    """Run one job."""
    job = json.load(sys.stdin)
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    resource.setrlimit(resource.RLIMIT_AS, (job["memory_bytes"], job["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    told = json.dumps(_run(job)).encode()
    if len(told) > job["answer_bytes"]:
        problem = f"the network's answer has more than {job['answer_bytes'] // 2**20} MiB; read a part of it."
        told = json.dumps({"errors": [["the network", problem]]}).encode()
    while told:
        told = told[os.write(out, told) :]


def _run(job: dict[str, Any]) -> dict[str, Any]:
    import opendssdirect as dss

    dss.Basic.AllowForms(False)  # noqa: FBT003 -- the engine's way
    dss.Basic.AllowEditor(False)  # noqa: FBT003 -- likewise
    dss.Basic.AllowDOScmd(False)  # noqa: FBT003 -- likewise
    errors, none = [], _free_descriptor()
    for where, text in job["commands"]:
        _limit_files(none + (_AT_ONCE if _OWN_FILE.search(text) else 0))
        try:
            dss.Text.Command(text)
        except dss.DSSException as error:
            errors.append([where, str(error)])
            if len(errors) >= job["most_errors"]:
                break
    _limit_files(none)
    if errors or not dss.Basic.NumCircuits() or not dss.Circuit.NumCktElements():
        return {"errors": errors}
    solved = _solve(dss)
    cause = ""
    if solved["converged"] and not any(solved["node_pu"].values()):
        cause = _repair_frequency(dss)
        solved = _solve(dss) if cause else solved
    solved["cause"] = cause
    return {"errors": [], "solution": solved, **_tell(dss)}


def _free_descriptor() -> int:
    """The lowest that is free: with it as the limit, nothing can be opened, as all below it are taken."""
    free = os.dup(0)
    os.close(free)
    return free


def _limit_files(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def _solve(dss: Any) -> dict[str, Any]:
    """A snapshot, as a look: controls set taps and steps, and voltages show what is fed."""
    try:
        dss.Text.Command("set mode=snapshot")
        dss.Solution.Solve()
        converged, problem = bool(dss.Solution.Converged()), ""
    except dss.DSSException as error:
        converged, problem = False, str(error)
    names, magnitudes = dss.Circuit.AllNodeNames(), dss.Circuit.AllBusMagPu()
    volts = {name: value for name, value in zip(names, magnitudes, strict=True) if math.isfinite(value)}
    return {"converged": converged, "problem": problem, "node_pu": volts}


def _repair_frequency(dss: Any) -> str:
    """Bring sources to the network's frequency; what was wrong, or nothing.

    A circuit that is made before the script sets the frequency keeps its source at the frequency before, and a source
    gives no voltage at any other.
    """
    network = json.loads(dss.Circuit.ToJSON(_FULL))["DefaultBaseFreq"]
    causes = []
    more = dss.Vsources.First()
    while more:
        own = dss.Vsources.Frequency()
        if own != network:
            causes.append(
                f"its {dss.Vsources.Name()} gives {own:g} Hz in a network of {network:g} Hz (the frequency is set "
                "after New Circuit)"
            )
            dss.Text.Command(f"edit Vsource.{dss.Vsources.Name()} basefreq={network} frequency={network}")
        more = dss.Vsources.Next()
    if causes:
        dss.Text.Command("calcvoltagebases")  # those that were told of no voltage are wrong
    return "; ".join(causes)


def _tell(dss: Any) -> dict[str, Any]:
    circuit = json.loads(dss.Circuit.ToJSON(_FULL))
    for shape in circuit.get("LoadShape", []):
        shape.pop("Mult", None)
    told: dict[str, Any] = {
        "name": circuit["Name"],
        "frequency": circuit["DefaultBaseFreq"],
        "load_mult": dss.Solution.LoadMult(),
        "buses": [_bus(dss, name) for name in dss.Circuit.AllBusNames()],
        "others": {
            kind: [one["Name"] for one in items]
            for kind, items in circuit.items()
            if isinstance(items, list)
            and kind not in _TOLD
            and items
            and isinstance(items[0], dict)
            and kind != "Bus"
        },
        "lines": _lines(dss),
    }
    for kind in _CLASSES:
        told[kind] = [_with_nodes(dss, kind, one) for one in circuit.get(kind, [])]
    used: dict[tuple[str, int], int] = {}
    for kind in ("Line", "Load", "Reactor", "Transformer"):
        for one in told[kind]:
            for bus, nodes in one.get("at", []):
                for node in set(nodes):
                    used[bus, node] = used.get((bus, node), 0) + 1
    for one in told["Transformer"]:
        one["used_nodes"] = [
            [node for node in nodes if used[bus, node] > 1] for bus, nodes in one.get("at", [])
        ]
        one["controls"] = [
            control for control in told["RegControl"] if control["Transformer"].lower() == one["Name"].lower()
        ]
    return told


def _bus(dss: Any, name: str) -> dict[str, Any]:
    dss.Circuit.SetActiveBus(name)
    has_place = bool(dss.Bus.Coorddefined())
    return {
        "name": name,
        "kv_neutral": dss.Bus.kVBase(),
        "nodes": list(dss.Bus.Nodes()),
        "x": dss.Bus.X() if has_place else None,
        "y": dss.Bus.Y() if has_place else None,
    }


def _with_nodes(dss: Any, kind: str, one: dict[str, Any]) -> dict[str, Any]:
    if kind in {"LoadShape", "RegControl"} or not one.get("Enabled", True):
        return one
    dss.Circuit.SetActiveElement(f"{kind}.{one['Name']}")
    terminals, conductors = dss.CktElement.NumTerminals(), dss.CktElement.NumConductors()
    nodes = list(dss.CktElement.NodeOrder())
    one["at"] = [
        [bus.split(".")[0], nodes[place * conductors : (place + 1) * conductors]]
        for place, bus in enumerate(dss.CktElement.BusNames()[:terminals])
    ]
    one["open"] = [
        bool(dss.CktElement.IsOpen(place + 1, 0))
        for place in range(terminals)
        if kind in {"Line", "Transformer"}
    ]
    if kind in {"Capacitor", "Reactor"}:
        one["yprim"] = list(dss.CktElement.YPrim())
    return one


def _lines(dss: Any) -> dict[str, Any]:
    """By line, its matrices of one unit of length, as many rows as it has conductors."""
    told = {}
    more = dss.Lines.First()
    while more:
        told[dss.Lines.Name()] = {
            "length": dss.Lines.Length(),
            "r": list(dss.Lines.RMatrix()),
            "x": list(dss.Lines.XMatrix()),
            "c": list(dss.Lines.CMatrix()),
            "amperes": dss.Lines.NormAmps(),
            "units": int(dss.Lines.Units()),
            "is_switch": bool(dss.Lines.IsSwitch()),
        }
        more = dss.Lines.Next()
    return told


if __name__ == "__main__":
    main()
