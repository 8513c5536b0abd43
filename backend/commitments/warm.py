"""Compile this room's kernels ahead, so that the first settlement does not wait for them."""

from __future__ import annotations

import importlib

__all__ = ["warm_kernels"]


def warm_kernels() -> None:
    """Load the compiled hash lanes, compiling and caching them where that has not been done on this machine."""
    importlib.import_module("backend.commitments.keccak_lanes")
