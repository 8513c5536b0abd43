"""What OpenDSS built, told as connections and the profiles that they came with."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.networks.drafting import make_profiles
from backend.adapters.networks.load_models import power_factor_of
from backend.adapters.networks.opendss_branches import phases_of
from backend.grid import Connection, LoadModel
from backend.metering import Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.adapters.networks.drafting import NetworkDraft
    from backend.grid import ConnectionSeries, Network, Phases

__all__ = ["DssLoad", "take_generation", "take_loads", "tell_profiles"]

_CONSTANT_POWER, _IMPEDANCE, _MOTOR, _FOLLOWING, _CURRENT, _FIXED_VARS, _REACTANCE, _MIXED = range(1, 9)
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class DssLoad:
    """What a connection draws, as OpenDSS has it.

    Attributes:
        connection: Its id.
        watts: At multiplier one, negative where given. [W]
        vars: [var]
        yearly: Name of its yearly shape, empty without.
        daily: Of its daily shape.
    """

    connection: str
    watts: float
    vars: float
    yearly: str
    daily: str


def take_loads(draft: NetworkDraft, told: dict[str, Any]) -> list[DssLoad]:
    """Loads as connections, with how their power follows the voltage."""
    found = []
    for one in told["Load"]:
        if "at" not in one:
            continue
        name = draft.name_connection(one["Name"], "load")
        phases = _phases(draft, name, one)
        if phases is None:
            continue
        draft.connections.append(
            Connection(
                name,
                one["at"][0][0],
                phases,
                power_factor=power_factor_of(one["kW"], one["kvar"]),
                model=_model(draft, name, one),
                is_delta=_is_delta(one, phases),
            )
        )
        scale = 1e3 if one["Status"] == "Fixed" else 1e3 * told["load_mult"]
        found.append(
            DssLoad(name, one["kW"] * scale, one["kvar"] * scale, one["Yearly"] or "", one["Daily"] or "")
        )
    return found


def take_generation(draft: NetworkDraft, told: dict[str, Any]) -> list[DssLoad]:
    """Generators and solar roofs as connections that give."""
    found = []
    for kind in ("Generator", "PVSystem"):
        for one in told[kind]:
            if "at" not in one:
                continue
            name = draft.name_connection(one["Name"], kind.lower())
            phases = _phases(draft, name, one)
            if phases is None:
                continue
            watts, vars_ = one.get("kW", 0.0) * 1e3, one["kvar"] * 1e3
            if kind == "PVSystem":
                watts = min(one["Pmpp"] * one["pctPmpp"] / 100 * one["Irradiance"], one["kVA"]) * 1e3
                if one["EffCurve"] or one["PTCurve"]:
                    draft.notes[f"solar {name}"] = (
                        "curves of efficiency and temperature are not carried over."
                    )
            model = LoadModel(one["kV"] * 1e3, one["VMinpu"], one["VMaxpu"])
            size = hypot(watts, vars_)
            draft.connections.append(
                Connection(
                    name,
                    one["at"][0][0],
                    phases,
                    power_factor=watts / size if size else 1.0,
                    model=model,
                    rated_watts=one["kVA"] * 1e3,
                    is_delta=_is_delta(one, phases),
                )
            )
            found.append(DssLoad(name, -watts, -vars_, one["Yearly"] or "", one["Daily"] or ""))
    return found


def _phases(draft: NetworkDraft, name: str, one: dict[str, Any]) -> Phases | None:
    phases = phases_of(one["at"][0][1])
    if not phases:
        draft.note_fault(
            "no_phase", name, f"{name} is joined to nodes {one['at'][0][1]}, none of which is a phase."
        )
        return None
    return phases


def _is_delta(one: dict[str, Any], phases: Phases) -> bool:
    """Does it lie between phases, by its connection or because a one-phase element has two phases as its ends?"""
    count = len(phases.indices)
    return count > 1 and (one["Conn"] == "delta" or one["Phases"] == 1)


def _model(draft: NetworkDraft, name: str, one: dict[str, Any]) -> LoadModel:
    volts, least, most = one["kV"] * 1e3, one["VMinpu"], one["VMaxpu"]
    kind = one["Model"]
    if kind == _IMPEDANCE:
        return LoadModel(volts, 1.0, 1.0)
    if kind == _MIXED:
        draft.note_fault(
            "load_model",
            name,
            f"{name} mixes impedance, current and power (ZIP); it is read as constant power.",
            Severity.WARNING,
        )
    exponents = {
        _MOTOR: (0.0, 2.0),
        _FOLLOWING: (one["CVRWatts"], one["CVRVars"]),
        _CURRENT: (1.0, 1.0),
        _REACTANCE: (0.0, 2.0),
    }
    return LoadModel(volts, least, most, *exponents.get(kind, (0.0, 0.0)))


def tell_profiles(
    draft: NetworkDraft, network: Network, loads: list[DssLoad], told: dict[str, Any]
) -> ConnectionSeries | None:
    """The yearly shapes of all connections, or the daily ones; a snapshot of one hour where there are none.

    A connection without a shape is constant, as in OpenDSS. Shapes of another step than most, or by the hour they
    name, cannot be laid beside the others and are named.
    """
    shapes = {shape["Name"].lower(): shape for shape in told["LoadShape"]}
    usual = "yearly" if any(load.yearly.lower() in shapes and load.yearly for load in loads) else "daily"
    used = {load.connection: shapes.get((getattr(load, usual) or load.daily).lower()) for load in loads}
    steps = [
        round(shape["SInterval"]) for shape in used.values() if shape is not None and shape["SInterval"] > 0
    ]
    step = max(set(steps), key=steps.count) if steps else _HOUR
    lengths = [
        len(shape["PMult"] or ()) for shape in used.values() if shape and round(shape["SInterval"]) == step
    ]
    length = max(lengths, default=1)
    rows = {}
    for load in loads:
        shape = used[load.connection]
        if shape is not None and (round(shape["SInterval"]) != step or not shape["PMult"]):
            draft.note_fault(
                "load_shape",
                load.connection,
                f"{load.connection} follows {shape['Name']} with a step of {shape['SInterval']:g} s where others have "
                f"{step} s; it is read as constant.",
                Severity.WARNING,
            )
            shape = None
        rows[load.connection] = _row(load, shape, length)
    if not steps:
        draft.notes["profiles"] = "The file has loads without profiles; they are told as one hour."
    return make_profiles(network, rows, step)


def _row(
    load: DssLoad, shape: dict[str, Any] | None, length: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if shape is None:
        return np.full(length, load.watts), np.full(length, load.vars)
    places = np.arange(length) % len(shape["PMult"])  # a shorter shape is repeated, as OpenDSS does
    active = np.array(shape["PMult"], dtype=np.float64)[places]
    reactive = np.array(shape["QMult"], dtype=np.float64)[places] if shape["QMult"] else active
    if not shape["UseActual"]:
        return load.watts * active, load.vars * reactive
    sign = -1.0 if load.watts < 0 else 1.0
    watts = sign * active * 1e3
    ratio = load.vars / load.watts if load.watts else 0.0
    return watts, sign * reactive * 1e3 if shape["QMult"] else watts * ratio
