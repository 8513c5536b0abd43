"""power-grid-model's answers for the nodes. Imported where flows are solved: power-grid-model is slow to load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from power_grid_model.errors import PowerGridError  # type: ignore[attr-defined]

from backend.errors import PowerFlowError
from backend.grid.phases import PHASE_COUNT

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from backend.grid.network import Network
    from backend.grid.power_flow.model import FlowModel

    Powers = NDArray[np.complex128]

__all__ = ["Engine", "NodeFlows"]

_TOLERANCE_PU = 1e-7
_ITERATIONS = 60


@dataclass
class NodeFlows:
    """What one run found, for nodes, S sources and X transformers that join phases.

    Attributes:
        volts: As referred. Shape (T, N, 3). [V]
        sources: What they give. Shape (T, S, 3). [VA]
        begins: What enters transformers at ``from_bus``. Shape (T, X, 3). [VA]
        ends: What enters them at ``to_bus``. Shape (T, X, 3). [VA]
    """

    volts: Powers
    sources: Powers
    begins: Powers
    ends: Powers

    def put(self, run: NodeFlows, which: NDArray[np.int64]) -> None:
        """Take the intervals ``which`` from another run."""
        self.volts[which], self.sources[which] = run.volts, run.sources
        self.begins[which], self.ends[which] = run.begins, run.ends


class Engine:
    """A compiled network, solved for given powers."""

    def __init__(
        self, network: Network, compiled: FlowModel, level: NDArray[np.float64], threads: int
    ) -> None:
        """Take what to solve.

        Args:
            network: For what is said of errors.
            compiled: What is solved.
            level: Per unit of each node by volts as referred. Shape (N, 3). [1/V]
            threads: 0 for all cores, -1 for this one.
        """
        self._network = network
        self._compiled = compiled
        self._level = level
        self._threads = threads

    def without_load(self) -> Powers:
        """Voltages at no load, as referred: the first guess. Shape (N, 3). [V]

        Raises:
            PowerFlowError: If there are none.
        """
        try:
            volts: Powers = self._calculate(None, "iterative_current").volts[0]
        except PowerGridError as error:
            raise PowerFlowError(
                f"{self._network.name}: without any load there is no solution either ({_first_line(error)}); look at "
                "the impedances and transformers, and at parts that nothing earths."
            ) from None
        return volts

    def run(self, taken: Powers, when: Callable[[int], str]) -> NodeFlows:
        """Solve intervals.

        Args:
            taken: Constant powers, then constant impedances by load node. Shape (2, T, L, 3). [VA]
            when: Names one of these intervals.

        Raises:
            PowerFlowError: If one has no solution.
        """
        if not self._compiled.load_ids.size:
            one, length = self._calculate(None, "iterative_current"), taken.shape[1]
            parts = (one.volts, one.sources, one.begins, one.ends)
            return NodeFlows(*(np.repeat(part, length, axis=0) for part in parts))
        loads = np.concatenate(list(taken), axis=1) if self._compiled.legs.follows else taken[0]
        try:
            return self._calculate(loads, "iterative_current")
        except PowerGridError:
            pass
        try:  # slower, and converges in some cases in which a fixed point does not
            return self._calculate(loads, "newton_raphson")
        except PowerGridError as error:
            failed = int(getattr(error, "failed_scenarios", np.zeros(1))[0])
            raise PowerFlowError(self._why(loads[failed : failed + 1], when(failed))) from None

    def _calculate(self, loads: Powers | None, method: str) -> NodeFlows:
        outputs: Any = {"node": ["u_pu", "u_angle"], "source": ["p", "q"]}
        if self._compiled.transformers.size:
            outputs["transformer"] = ["p_from", "q_from", "p_to", "q_to"]
        found: Any = self._compiled.model.calculate_power_flow(
            symmetric=False,
            error_tolerance=_TOLERANCE_PU,
            max_iterations=_ITERATIONS,
            calculation_method=method,
            update_data=None if loads is None else self._update(loads),
            threading=self._threads,
            output_component_types=outputs,
        )
        node = found["node"]
        volts = _axes(node["u_pu"]) * self._compiled.base[:, None] * np.exp(1j * _axes(node["u_angle"]))
        sources = _axes(found["source"]["p"]) + 1j * _axes(found["source"]["q"])
        if "transformer" not in found:
            nothing = np.zeros((volts.shape[0], 0, PHASE_COUNT), dtype=np.complex128)
            return NodeFlows(volts, sources, nothing, nothing)
        one = found["transformer"]
        begins, ends = (_axes(one[f"p_{side}"]) + 1j * _axes(one[f"q_{side}"]) for side in ("from", "to"))
        return NodeFlows(volts, sources, begins, ends)

    def _update(self, loads: Powers) -> Any:
        ids = np.broadcast_to(self._compiled.load_ids, loads.shape[:2])
        return {
            "asym_load": {
                "id": np.ascontiguousarray(ids),
                "p_specified": np.ascontiguousarray(loads.real),
                "q_specified": np.ascontiguousarray(loads.imag),
            }
        }

    def _why(self, loads: Powers, when: str) -> str:
        """What to say of an interval without solution: how much of its load has one, and where it sags most."""
        name, total = self._network.name, float(loads.real.sum()) / 1000
        for part in (0.5, 0.25, 0.1, 0.03, 0.01):
            try:
                volts = self._calculate(loads * part, "newton_raphson").volts[0]
            except PowerGridError:
                continue
            level = np.abs(volts) * self._level
            node, phase = np.unravel_index(int(np.nanargmin(level)), level.shape)
            bus = self._network.buses[int(self._compiled.chains.nodes[node])]
            return (
                f"{name}: no power flow carries the {total:,.0f} kW drawn at {when}; with {part:.0%} of it "
                f"L{phase + 1} of bus {bus.id} is at {level[node, phase]:.3f} pu. Look at the loads and segments "
                "there, and at their units."
            )
        return f"{name}: no power flow carries the {total:,.0f} kW drawn at {when}, nor a hundredth of it."


def _axes(values: Any) -> NDArray[np.float64]:
    """A single calculation has no axis of scenarios."""
    read: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    return read if read.ndim == PHASE_COUNT else read[None]


def _first_line(error: Exception) -> str:
    words = str(error).strip()
    return words.splitlines()[0].rstrip("!.")[:120] if words else type(error).__name__
