"""A three-phase network as a graph: buses, what feeds them, what joins them, and who is connected.

The terms are those of IEC 61970-301 (CIM): a bus is a connectivity node, a segment an AC line segment, a connection the
service point of one customer. Nothing here computes; ``faults`` says what is wrong with a network, ``topology`` walks
it. Impedances are those of the phase conductors, the neutral eliminated or its return included, as power flow takes
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from backend.grid.phases import Phases

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Branch",
    "Bus",
    "Connection",
    "LoadModel",
    "Network",
    "Segment",
    "Shunt",
    "Source",
    "Switch",
    "Transformer",
]


@dataclass(frozen=True, slots=True)
class Bus:
    """A point where conductors meet.

    Attributes:
        id: As the file names it.
        nominal_volts: Between phases. [V]
        phases: Those that are there.
        x: East of the network's origin, or longitude where ``Network.is_geographic``; None where unknown. [m or °]
        y: North, or latitude. [m or °]
        substation: Name of the substation it stands in, empty outside.
    """

    id: str
    nominal_volts: float
    phases: Phases = Phases.ALL
    x: float | None = None
    y: float | None = None
    substation: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """The network above, as a voltage behind an impedance.

    Attributes:
        id: Name.
        bus: Where.
        voltage_pu: Of the bus's nominal voltage. [1]
        short_circuit_volt_amperes: Three-phase. [VA]
        resistance_ratio: R/X. [1]
        zero_sequence_ratio: Z0/Z1. [1]
    """

    id: str
    bus: str
    voltage_pu: float = 1.0
    short_circuit_volt_amperes: float = 1e10
    resistance_ratio: float = 0.1
    zero_sequence_ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A line or cable between two buses. Matrices have shape (n, n), n its phases in ascending order.

    Attributes:
        id: Name.
        from_bus: The end that was named first.
        to_bus: The other.
        phases: Its conductors.
        length_metres: [m]
        resistance: Of the whole segment. [Ω]
        reactance: Of the whole segment at the network's frequency. [Ω]
        capacitance: Of the whole segment. [F]
        rated_amperes: What it carries for long, 0 where unknown. [A]
    """

    id: str
    from_bus: str
    to_bus: str
    phases: Phases
    length_metres: float
    resistance: NDArray[np.float64]
    reactance: NDArray[np.float64]
    capacitance: NDArray[np.float64] | None = None
    rated_amperes: float = 0.0


@dataclass(frozen=True, slots=True)
class Switch:
    """What opens and closes a way between two buses.

    Attributes:
        id: Name.
        from_bus: One side.
        to_bus: The other.
        phases: Its poles.
        is_closed: Now.
        is_normally_open: A tie, which restoration may close.
        rated_amperes: 0 where unknown. [A]
    """

    id: str
    from_bus: str
    to_bus: str
    phases: Phases = Phases.ALL
    is_closed: bool = True
    is_normally_open: bool = False
    rated_amperes: float = 0.0


@dataclass(frozen=True, slots=True)
class Transformer:
    """Two windings, three phases.

    Attributes:
        id: Name.
        from_bus: High voltage.
        to_bus: Low voltage.
        rated_volt_amperes: [VA]
        from_volts: Of its windings, between phases. [V]
        to_volts: [V]
        from_winding: ``D``, ``Y`` or ``YN``.
        to_winding: ``d``, ``y``, ``yn`` or ``zn``.
        clock: Of the vector group: 11 in Dyn11. [1]
        short_circuit_pu: Relative short-circuit voltage. [1]
        copper_loss_watts: At rated load. [W]
        iron_loss_watts: At no load. [W]
        no_load_current_pu: [1]
        phases: Those it transforms.
        cooling: By IEC 60076-2: ``ONAN``, ``ONAF``, ``OFAF``, ``ODAF``.
        meter: What measures its low-voltage side: a feeder of the community or the operator's number; empty where
            nothing does.
    """

    id: str
    from_bus: str
    to_bus: str
    rated_volt_amperes: float
    from_volts: float
    to_volts: float
    from_winding: str = "D"
    to_winding: str = "yn"
    clock: int = 11
    short_circuit_pu: float = 0.04
    copper_loss_watts: float = 0.0
    iron_loss_watts: float = 0.0
    no_load_current_pu: float = 0.0
    phases: Phases = Phases.ALL
    cooling: str = "ONAN"
    meter: str = ""


@dataclass(frozen=True, slots=True)
class LoadModel:
    """How a connection's power follows its voltage between two limits; it is a constant impedance beyond.

    Both limits 1 are a constant impedance throughout, both exponents 1 a constant current between them.

    Attributes:
        nominal_volts: What the limits are relative to: across the load where it has one phase or lies between two,
            else between phases. [V]
        least_pu: Below, the power falls with the voltage squared. [1]
        most_pu: Above, it rises so. [1]
        watts_exponent: Of the voltage in its active power between the limits; 0 for constant. [1]
        vars_exponent: Of the voltage in its reactive power. [1]
    """

    nominal_volts: float
    least_pu: float = 0.0
    most_pu: float = 10.0
    watts_exponent: float = 0.0
    vars_exponent: float = 0.0


@dataclass(frozen=True, slots=True)
class Connection:
    """Where one customer, or one charger or roof, is joined to the network.

    Attributes:
        id: Name.
        bus: Where.
        phases: Those it is joined to.
        metering_points: Ids of the points that measure it; of a community, or of the operator.
        power_factor: Of its consumption, lagging, negative where leading; used where its reactive power is not
            measured. [1]
        model: How its power follows the voltage; None for constant power.
        rated_watts: What the connection carries, 0 where unknown. [W]
        is_critical: It must not be switched: a hospital, a life-support machine at home.
        can_rotate: A connection of three phases whose order may be turned.
        switch_cost: Of moving it to another phase, relative to an ordinary one. [1]
        is_delta: It lies between its phases, two or three, and not between each and the neutral.
    """

    id: str
    bus: str
    phases: Phases
    metering_points: tuple[str, ...] = ()
    power_factor: float = 1.0
    model: LoadModel | None = None
    rated_watts: float = 0.0
    is_critical: bool = False
    can_rotate: bool = False
    switch_cost: float = 1.0
    is_delta: bool = False


@dataclass(frozen=True, slots=True)
class Shunt:
    """A capacitor bank or a reactor between phases and earth, always on.

    Attributes:
        id: Name.
        bus: Where.
        phases: Those it is joined to.
        conductance: Of each phase. [S]
        susceptance: Of each phase at the network's frequency, positive for a capacitor. [S]
        is_grounded: Its star point is earthed; a bank between phases (delta) is told as the star that equals it.
    """

    id: str
    bus: str
    phases: Phases
    conductance: float
    susceptance: float
    is_grounded: bool = True


Branch = Segment | Switch | Transformer


@dataclass(frozen=True)
class Network:
    """A network. Ids are unique within each kind, and all branches' among themselves.

    Attributes:
        name: What it is called.
        frequency: [Hz]
        buses: At least one.
        sources: At least one.
        segments: In the file's order, as all that follows.
        switches: See ``Switch``.
        transformers: See ``Transformer``.
        connections: See ``Connection``.
        shunts: See ``Shunt``.
        is_geographic: Coordinates are degrees of WGS 84, not metres.
        notes: What the reader could not carry over, by subject.
    """

    name: str
    frequency: float
    buses: tuple[Bus, ...]
    sources: tuple[Source, ...]
    segments: tuple[Segment, ...] = ()
    switches: tuple[Switch, ...] = ()
    transformers: tuple[Transformer, ...] = ()
    connections: tuple[Connection, ...] = ()
    shunts: tuple[Shunt, ...] = ()
    is_geographic: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def bus_index(self) -> dict[str, int]:
        """Place of each bus by id."""
        return {bus.id: index for index, bus in enumerate(self.buses)}

    @property
    def branches(self) -> tuple[Branch, ...]:
        """All that joins two buses: segments, then switches, then transformers."""
        return (*self.segments, *self.switches, *self.transformers)
