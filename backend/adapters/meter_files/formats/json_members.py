"""Members of a portal's JSON objects: one that was renamed is refused with both names, a new one is told once.

A value that is not there may mean a reading that is missing. Where beside it something stands that nobody knows, it may
as well have been renamed: then nothing is read of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.adapters.meter_files.formats.portal_rows import shorten
from backend.adapters.meter_files.words import name_nearest

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["MemberCheck", "Shape", "shape"]

_NAMES_MAX = 50
_SHOWN_MAX = 5


@dataclass(frozen=True, slots=True)
class Shape:
    """What an object of a form is made of.

    Attributes:
        name: What it is, for messages.
        needed: Members without which it cannot be read.
        usual: Members that may be left out, as a reading that is missing has no value.
        known: All that are known, those that are not read too.
    """

    name: str
    needed: frozenset[str]
    usual: frozenset[str]
    known: frozenset[str]


def shape(
    name: str, needed: Collection[str], usual: Collection[str] = (), other: Collection[str] = ()
) -> Shape:
    """A shape; ``other`` are members that are known and may be there or not."""
    return Shape(name, frozenset(needed), frozenset(usual), frozenset((*needed, *usual, *other)))


class MemberCheck:
    """Checks the objects of one file against their shapes."""

    def __init__(self, faults: FaultCollector) -> None:
        self._faults = faults
        self._told: set[tuple[str, str]] = set()

    def check(self, path: str, value: dict[str, Any], form: Shape) -> bool:
        """Can the object be read? Each lack and each new name is told at the first object that has it."""
        keys = value.keys()
        if keys <= form.known and form.needed <= keys:
            return True
        new = sorted(keys - form.known)
        missing = sorted(form.needed - keys) or (sorted(form.usual - keys) if new else [])
        if missing:
            self._refuse(path, form, missing, new)
            return False
        for name in new[:_NAMES_MAX]:
            if self._first(form, name):
                hint = name_nearest(name, form.known)
                message = f'{path}: "{shorten(name)}" of the {form.name} is not known and not read{hint}'
                self._faults.warn("unknown-column", message)
        return True

    def check_parts(self, path: str, value: dict[str, Any], parts: Mapping[str, Shape]) -> bool:
        """Can the objects within an object be read? What is no object is not looked at."""
        held = ((name, value.get(name), form) for name, form in parts.items())
        return all(
            not isinstance(inner, dict) or self.check(f"{path}.{name}", inner, form)
            for name, inner, form in held
        )

    def _refuse(self, path: str, form: Shape, missing: list[str], new: list[str]) -> None:
        if not self._first(form, " ".join(missing)):
            self._faults.count(refused=1)
            return
        lacking = ", ".join(f'"{name}"' for name in missing)
        instead = ", ".join(f'"{shorten(name)}"' for name in new[:_SHOWN_MAX])
        what = f"; it has {instead}, which is not known: was it renamed?" if instead else "."
        self._faults.refuse("structure", f"{path} has no {lacking} of a {form.name}{what}")

    def _first(self, form: Shape, name: str) -> bool:
        """Is this told for the first time?"""
        key = (form.name, name)
        if key in self._told or len(self._told) >= _NAMES_MAX:
            return False
        self._told.add(key)
        return True
