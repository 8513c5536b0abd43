"""Which model fits what a series comes with, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ml.models import substation_table, zone
from ml.models.choice import ChosenModel
from ml.models.substation import SubstationModel
from ml.models.zone import ZoneModel

if TYPE_CHECKING:
    from collections.abc import Collection

    from ml.models.model import Model

__all__ = ["matching_model"]

_STATIONS_MIN = 2


def matching_model(kind: str, inputs: Collection[str], seed: int) -> tuple[Model, str]:
    """The model for a load or a net load, by its inputs.

    Args:
        kind: ``load`` or ``net``.
        inputs: Names of what is known ahead.
        seed: Of all that is drawn.

    Returns:
        The model, and in words why it is this one.
    """
    stations = sorted(name for name in inputs if name.startswith(zone.PREFIX))
    if kind == "load" and len(stations) >= _STATIONS_MIN:
        others = sorted(set(inputs) - set(stations))
        beside = f"; it takes nothing else, so {', '.join(others)} is left out" if others else ""
        return ZoneModel(), (
            f"a zone with several stations, for {len(stations)} columns are temperatures "
            f"({', '.join(stations)}){beside}"
        )
    known = substation_table.SUN + substation_table.WIND
    outdoors = [name for name in known if name in inputs]
    if kind == "net" and outdoors:
        return SubstationModel(
            seed
        ), f"a substation with sun or wind behind it, for {', '.join(outdoors)} is given"
    taken = f"with {', '.join(sorted(inputs))}" if inputs else "without inputs"
    return ChosenModel(seed, without_inputs=False), (
        f"a {kind} {taken}: the model of single loads, or a plain rule where one was closer of late"
    )
