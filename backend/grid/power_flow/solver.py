"""Solving: power-grid-model for the nodes, repeated until every load draws what its voltage lets it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import PowerFlowError
from backend.grid.phases import PHASE_COUNT
from backend.grid.power_flow.result import FlowResult, Wanted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.network import Network
    from backend.grid.power_flow.engine import NodeFlows
    from backend.grid.series import ConnectionSeries

__all__ = ["PowerFlow", "warm_kernels"]

_SQRT3 = 3**0.5
# A load fits when what it was solved with is what its voltage lets it draw, to this part of the largest one.
_FITS = 1e-6
_ROUNDS = 30
_CHUNK_BYTES = 128 << 20
_DEAD_PU = 0.05


class PowerFlow:
    """A network made ready; solving it for many series costs its preparation once.

    Attributes:
        network: What is solved.
    """

    def __init__(
        self,
        network: Network,
        without: Collection[str] = (),
        *,
        leave_out_unfed: bool = False,
        every_bus: bool = False,
        threads: int = 0,
    ) -> None:
        """Prepare a network.

        Args:
            network: What is solved.
            without: Ids of branches that are taken out, such as a fault's.
            leave_out_unfed: Connections that nothing feeds draw nothing; otherwise they are an error.
            every_bus: Give every bus to power-grid-model; otherwise lines between which nobody is are merged, which
                tells the same, several times faster.
            threads: 0 for all cores, -1 for this one.

        Raises:
            PowerFlowError: If a connection is unfed, or an impedance, a transformer or a ratio cannot be solved with.
        """
        from backend.grid.power_flow.engine import Engine
        from backend.grid.power_flow.model import compile_network
        from backend.grid.power_flow.reach import phases_of

        self.network = network
        self._compiled = compile_network(
            network, without, leave_out_unfed=leave_out_unfed, every_bus=every_bus
        )
        chains, reach = self._compiled.chains, self._compiled.reach
        self._admittance = np.linalg.inv(chains.impedance).astype(np.complex128)
        self._charging = (1j * np.pi * network.frequency * chains.capacitance).astype(np.complex128)
        nominal = np.array([bus.nominal_volts for bus in network.buses]) / _SQRT3
        with np.errstate(invalid="ignore"):
            self._level = np.where(
                phases_of(network.buses) & reach.reached, 1 / (reach.scale * nominal[:, None]), np.nan
            )
        ends = np.array([network.bus_index[one.to_bus] for one in network.branches], dtype=np.int64)
        self._absent = ~(phases_of(network.branches) & reach.reached[ends])
        self._engine = Engine(network, self._compiled, self._level[chains.nodes], threads)
        self._idle: NDArray[np.complex128] | None = None

    def solve(self, series: ConnectionSeries, wanted: Wanted = Wanted.ALL) -> FlowResult:
        """Solve all intervals; for long series see ``solve_chunks``.

        Args:
            series: What connections draw, in the network's order; what is not known counts as none.
            wanted: What to tell: 48 bytes by bus or branch and interval each for voltages and currents.

        Raises:
            PowerFlowError: If an interval has no solution, or one that is none: it names the interval and the place.
        """
        parts = list(self.solve_chunks(series, wanted))
        if len(parts) == 1:
            return parts[0]
        return _join(self.network, series, parts, wanted)

    def solve_chunks(
        self, series: ConnectionSeries, wanted: Wanted = Wanted.ALL, intervals: int | None = None
    ) -> Iterator[FlowResult]:
        """Solve piece by piece, in order; only one piece is held.

        Args:
            series: See ``solve``.
            wanted: Likewise.
            intervals: Of a piece; by default as many as some hundred megabytes hold.

        Raises:
            PowerFlowError: See ``solve``.
        """
        if series.watts.shape[0] != len(self.network.connections):
            raise PowerFlowError(
                f"{self.network.name}: a series of {series.watts.shape[0]} connections was given, and the network has "
                f"{len(self.network.connections)}; make the series from this version of the network."
            )
        step = intervals or self.piece_length(wanted)
        for begin in range(0, max(series.length, 1), step):
            yield self._solve(series.window(begin, min(begin + step, series.length)), wanted)

    def piece_length(self, wanted: Wanted = Wanted.ALL) -> int:
        """Intervals of a piece of ``solve_chunks``, where none are asked for."""
        model = self._compiled
        row = 3 * (model.chains.nodes.size * 64 + model.legs.bus.size * 80)
        row += 48 * len(self.network.buses) if wanted & Wanted.VOLTAGES else 0
        row += 48 * len(self.network.branches) if wanted & Wanted.CURRENTS else 0
        row += 8 * len(self.network.branches) if wanted & Wanted.BRANCH_LOSSES else 0
        return max(_CHUNK_BYTES // max(row, 1), 1)

    def _solve(self, series: ConnectionSeries, wanted: Wanted) -> FlowResult:
        if not np.isfinite(np.nan_to_num(series.watts, nan=0.0, posinf=np.inf)).all():
            raise PowerFlowError(f"{self.network.name}: a series holds an infinite power; correct it.")
        powers = self._compiled.legs.powers(series.watts, series.vars)
        nodes = self._fit(powers, series)
        self._refuse_dead(nodes, series)
        return self._tell(nodes, series, wanted)

    def _fit(self, powers: NDArray[np.complex128], series: ConnectionSeries) -> NodeFlows:
        """Solve, and solve again the intervals in which a load draws other than it was taken to."""
        from backend.grid.power_flow import kernels

        model, length = self._compiled, powers.shape[1]
        legs, places = model.legs, model.load_nodes
        scale, base = model.reach.scale[model.chains.nodes[places]], model.base[places]

        def parts(volts: NDArray[np.complex128], which: NDArray[np.int64]) -> NDArray[np.complex128]:
            """Constant powers, then constant impedances. Shape (2, T, L, 3). [VA]"""
            made = np.empty((2, which.size, places.size, PHASE_COUNT), dtype=np.complex128)
            kernels.linearise_legs(
                volts,
                model.leg_place,
                legs.ends,
                legs.nominal,
                legs.shape,
                np.ascontiguousarray(powers[:, which]),
                scale,
                base,
                made[0],
                made[1],
            )
            return made

        if self._idle is None:
            self._idle = self._engine.without_load()
        left = np.arange(length)
        volts = np.broadcast_to(self._idle[places], (length, places.size, PHASE_COUNT)).copy()
        taken = parts(volts, left)
        found: NodeFlows | None = None
        for _ in range(_ROUNDS):
            run = self._engine.run(taken, partial(_name_interval, series, left))
            if found is None:
                found = run
            else:
                found.put(run, left)
            if not legs.follows:
                return found
            volts = np.ascontiguousarray(run.volts[:, places])
            fresh = parts(volts, left)
            squared = (np.abs(volts) / base[:, None]) ** 2
            drawn = fresh[0] + fresh[1] * squared
            off = np.abs(drawn - taken[0] - taken[1] * squared).max(axis=(1, 2), initial=0.0)
            again = off > _FITS * np.maximum(np.abs(drawn).max(axis=(1, 2), initial=0.0), 1.0)
            if not again.any():
                return found
            left, taken = left[again], fresh[:, again]
        raise PowerFlowError(
            f"{self.network.name}: the loads that follow their voltage do not settle at "
            f"{_when(series, int(left[0]))}; look at the limits and exponents of their models."
        )

    def _refuse_dead(self, nodes: NodeFlows, series: ConnectionSeries) -> None:
        """A solution of no voltage, or of what is no number, is none."""
        model = self._compiled
        with np.errstate(invalid="ignore"):
            level = np.abs(nodes.volts) * self._level[model.chains.nodes]
        dead = (level < _DEAD_PU) | ~np.isfinite(nodes.volts)
        if dead.any():
            t, node, phase = (int(one) for one in np.argwhere(dead)[0])
            bus = self.network.buses[int(model.chains.nodes[node])]
            raise PowerFlowError(
                f"{self.network.name}: power flow converges at {_when(series, t)} to {level[t, node, phase]:.3g} pu on "
                f"L{phase + 1} of bus {bus.id}, which is no solution; look at the source's voltage, the transformers' "
                "ratios and the loads there."
            )

    def _tell(self, nodes: NodeFlows, series: ConnectionSeries, wanted: Wanted) -> FlowResult:
        from backend.grid.power_flow import kernels

        model, network = self._compiled, self.network
        chains, length = model.chains, series.length
        voltages, currents, branch_losses = _room(network, wanted, length)
        losses = np.zeros(length)
        kernels.expand_chains(
            np.ascontiguousarray(nodes.volts),
            chains.ends,
            self._admittance,
            self._charging,
            chains.start,
            chains.places,
            chains.members,
            model.reach.scale,
            self._level,
            voltages,
            currents,
            branch_losses,
            losses,
        )
        self._tell_transformers(nodes, currents, branch_losses, losses)
        if voltages.size:
            voltages[chains.nodes] = nodes.volts.transpose(1, 2, 0) * self._level[chains.nodes][:, :, None]
            ratio = np.nan_to_num(
                self._level[chains.stubs[:, 0]] / self._level[chains.stubs[:, 1]], nan=np.nan
            )
            for (bus, parent), factor in zip(chains.stubs, ratio, strict=True):
                voltages[bus] = voltages[parent] * factor[:, None]
        if currents.size:
            currents[self._absent] = 0
        return FlowResult(
            network=network,
            start_utc=series.start_utc,
            step_seconds=series.step_seconds,
            time_zone=series.time_zone,
            source_powers=np.ascontiguousarray(nodes.sources.transpose(1, 2, 0)),
            losses=losses,
            voltages=voltages,
            currents=currents,
            branch_losses=branch_losses,
        )

    def _tell_transformers(
        self,
        nodes: NodeFlows,
        currents: NDArray[np.complex128],
        branch_losses: NDArray[np.float64],
        losses: NDArray[np.float64],
    ) -> None:
        """Currents and losses of transformers that join phases, and the iron of the others."""
        model, buses = self._compiled, self.network.bus_index
        node_of = {int(bus): node for node, bus in enumerate(model.chains.nodes)}
        for place, index in enumerate(model.transformers):
            bus = buses[self.network.branches[index].to_bus]
            lost = (nodes.begins[:, place] + nodes.ends[:, place]).real.sum(axis=1)
            losses += lost
            if branch_losses.size:
                branch_losses[index] = lost
            if currents.size:
                leaving = np.conj(-nodes.ends[:, place] / nodes.volts[:, node_of[bus]])
                currents[index] = (leaving * model.reach.scale[bus]).T
        for row, branch, node in zip(model.fixed, model.fixed_branch, model.fixed_node, strict=True):
            if branch >= 0:
                lost = (np.abs(nodes.volts[:, node]) ** 2 * row).sum(axis=1)
                losses += lost
                if branch_losses.size:
                    branch_losses[branch] += lost


def _room(
    network: Network, wanted: Wanted, length: int
) -> tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.float64]]:
    """Voltages of no number, currents and losses of none; empty where they are not wanted."""
    buses = len(network.buses) if wanted & Wanted.VOLTAGES else 0
    branches = len(network.branches)
    return (
        np.full((buses, PHASE_COUNT, length), np.nan, dtype=np.complex128),
        np.zeros((branches if wanted & Wanted.CURRENTS else 0, PHASE_COUNT, length), dtype=np.complex128),
        np.zeros((branches if wanted & Wanted.BRANCH_LOSSES else 0, length)),
    )


def _join(network: Network, series: ConnectionSeries, parts: list[FlowResult], wanted: Wanted) -> FlowResult:
    voltages, currents, branch_losses = _room(network, wanted, series.length)
    begin = 0
    for part in parts:
        here = slice(begin, begin + part.length)
        voltages[..., here], currents[..., here] = part.voltages, part.currents
        branch_losses[..., here] = part.branch_losses
        begin += part.length
    return FlowResult(
        network=network,
        start_utc=series.start_utc,
        step_seconds=series.step_seconds,
        time_zone=series.time_zone,
        source_powers=np.concatenate([part.source_powers for part in parts], axis=2),
        losses=np.concatenate([part.losses for part in parts]),
        voltages=voltages,
        currents=currents,
        branch_losses=branch_losses,
    )


def _when(series: ConnectionSeries, interval: int) -> str:
    seconds = series.start_utc + interval * series.step_seconds
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _name_interval(series: ConnectionSeries, which: NDArray[np.int64], place: int) -> str:
    return _when(series, int(which[place]))


def warm_kernels() -> None:
    """Compile the kernels, or load them from numba's cache, by solving a network of two buses."""
    from backend.grid.network import Bus, Connection, LoadModel, Network, Segment, Source
    from backend.grid.phases import Phases
    from backend.grid.series import ConnectionSeries, Origin

    ohms = np.eye(PHASE_COUNT) * 0.1
    network = Network(
        "warm",
        50.0,
        (Bus("a", 400.0), Bus("b", 400.0)),
        (Source("s", "a"),),
        (Segment("ab", "a", "b", Phases.ALL, 1.0, ohms, ohms),),
        connections=(Connection("c", "b", Phases.L1, model=LoadModel(230.0)),),
    )
    watts = np.ones((1, 1))
    PowerFlow(network, threads=-1).solve(ConnectionSeries(0, 900, watts, watts, (Origin.NONE,)))
