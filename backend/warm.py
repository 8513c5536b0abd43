"""Compile every kernel into numba's cache: run once by the set-up, as ``python -m backend.warm``."""

from __future__ import annotations

import importlib

__all__ = ["warm_all"]

ROOMS = (
    "backend.commitments",
    "backend.allocation",
    "backend.grid.balancing",
    "backend.grid.imbalance",
    "backend.grid.phase_identification",
    "backend.grid.power_flow",
    "ml.prices",
)


def warm_all() -> None:
    """Call ``warm_kernels`` of each room that compiles."""
    for name in ROOMS:
        importlib.import_module(name).warm_kernels()


if __name__ == "__main__":
    warm_all()
