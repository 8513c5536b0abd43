"""The phase allocator: which few connections to move to which phase, how good that is, and how much better nothing is.

``problem`` says what may move and what counts, ``forms`` adds losses and voltage as quadratic forms of it, ``search``
finds turns, ``proof`` bounds them from below, ``pareto`` weighs switches against gain, ``work_orders`` says what a crew
does. A *turn* is how far a connection's phases move on, 0, 1 or 2; the *imbalance* is the mean over time of the largest
deviation of a phase's power from the mean of the three. [W]

Its compiled loops are in modules that import numba; they are imported where something is searched.
"""

from __future__ import annotations

from backend.grid.balancing.problem import SwitchingLimits, SwitchingProblem, Weights, pose_problem
from backend.grid.balancing.warm import warm_kernels

__all__ = ["SwitchingLimits", "SwitchingProblem", "Weights", "pose_problem", "warm_kernels"]
