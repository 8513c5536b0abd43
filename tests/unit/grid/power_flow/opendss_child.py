"""A process of its own that runs OpenDSS: it changes the working directory, and a fault of its engine ends the process.

Reads a JSON object on stdin: ``commands``; then for every step of ``steps`` {load: [kW, kvar]}. Writes one on stdout.
"""

import json
import sys
from typing import Any

import opendssdirect as dss


def main() -> None:
    asked = json.load(sys.stdin)
    for command in asked["commands"]:
        dss.Text.Command(command)
    loads = []
    for name in asked["loads"]:
        dss.Loads.Name(name)
        assert dss.Loads.Name() == name.lower()
        loads.append([dss.Loads.kW() * 1000, dss.Loads.kvar() * 1000])
    told: dict[str, Any] = {
        "loads": loads,
        "nodes": [],
        "volts": [],
        "power": [],
        "losses": [],
        "converged": [],
    }
    for step in asked["steps"]:
        for name, (kilowatts, kilovars) in step.items():
            dss.Loads.Name(name)
            dss.Loads.kW(kilowatts)
            dss.Loads.kvar(kilovars)
        dss.Solution.Solve()
        told["nodes"] = dss.Circuit.AllNodeNames()
        told["volts"].append(list(dss.Circuit.AllBusVolts()))
        told["power"].append([-one * 1000 for one in dss.Circuit.TotalPower()])
        told["losses"].append(dss.Circuit.Losses()[0])
        told["converged"].append(bool(dss.Solution.Converged()))
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
