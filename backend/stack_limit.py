"""Keep Python's recursion limit where a deeply nested text from outside is refused rather than ends the process.

``py_ecc``, which every Ethereum library brings along, raises the limit to 100,000 for all of the process when it is
imported, and py-evm to its own; a JSON text nested that deep overflows the C stack before the limit is reached. Ours
call each other a few times deep, so what they set is taken back as soon as they are imported, whoever imports them.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["RECURSION_LIMIT", "keep_recursion_limit"]

RECURSION_LIMIT = 2_000
_RAISE_IT = frozenset({"py_ecc", "eth"})


class _TakenBack(Loader):
    """Imports as the true loader does, then takes the limit back."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        sys.setrecursionlimit(RECURSION_LIMIT)


class _Finder(MetaPathFinder):
    """Finds the libraries that raise the limit."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _RAISE_IT:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _TakenBack(spec.loader)
        return spec


def keep_recursion_limit() -> None:
    """Hold the limit from now on; called once, when the package is imported."""
    if not _RAISE_IT.isdisjoint(sys.modules):
        sys.setrecursionlimit(RECURSION_LIMIT)
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
