"""What the law asks about a community beyond its members: the form that it takes, and which grid it lies on."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LegalTerms"]


@dataclass(frozen=True, slots=True)
class LegalTerms:
    """The ``[legal]`` table of a community file.

    Attributes:
        form: Which of the country's forms it takes, such as ``extended`` (FR), ``wallonia`` (BE) or ``leg`` (CH);
            empty for its usual one.
        grid_level: Level of the grid on which all of its points lie (CH, AT: 3, 5, 7 from high to low voltage).
        same_transformer: Do all points hang on one transformer of the last level? None where nobody said.
        primary_substation: Code of the primary substation that all points share (IT: codice cabina primaria).
        voltage: Highest voltage at which a point is connected: ``low``, ``medium``, ``high``, ``very_high`` (PT).
    """

    form: str = ""
    grid_level: int | None = None
    same_transformer: bool | None = None
    primary_substation: str = ""
    voltage: str = "low"
