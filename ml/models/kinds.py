"""Which model is for what, and a forecast in one go: learn from what came before the origin, then look ahead."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting.reasons import tell_reason
from ml.features.load_design import complete_inputs
from ml.models.choice import ChosenModel
from ml.models.matching import matching_model
from ml.models.naive import NaiveModel

if TYPE_CHECKING:
    from collections.abc import Collection

    from backend.forecasting import Forecast, Series, Site, WeatherSource
    from ml.models.model import Model

__all__ = ["KINDS_OF_TARGET", "forecast_once", "kind_by_name", "model_for"]

KINDS_OF_TARGET = ("load", "net", "solar", "wind", "price", "carbon")
_LEARNED = {
    "solar": ("ml.solar.solar", "SolarModel"),
    "wind": ("ml.solar.wind", "WindModel"),
    "price": ("ml.prices.price", "PriceModel"),
    "carbon": ("ml.prices.carbon", "CarbonModel"),
}
_WORDS = {
    "solar": ("solar", "pv", "production", "feed_in"),
    "wind": ("wind",),
    "price": ("price", "spot", "day_ahead"),
    "carbon": ("carbon", "co2"),
    "net": ("net",),
}


def kind_by_name(name: str) -> str:
    """What a column is likely to hold, by its name; a load where that says nothing."""
    parts = name.lower().replace("-", "_")
    for kind, words in _WORDS.items():
        if any(f"_{word}_" in f"_{parts}_" for word in words):
            return kind
    return "load"


def model_for(kind: str, seed: int, inputs: Collection[str] = ()) -> tuple[Model, str]:
    """A model for a kind of target, for one forecast whose inputs ahead are there; and why it is this one.

    Args:
        kind: Of ``KINDS_OF_TARGET``.
        seed: Of all that is drawn.
        inputs: Names of what is known ahead.

    Raises:
        InputError: If there is no such kind.
    """
    if kind not in KINDS_OF_TARGET:
        raise InputError(f"there is no kind of target {kind!r}; the kinds are {', '.join(KINDS_OF_TARGET)}.")
    if kind not in _LEARNED:
        return matching_model(kind, inputs, seed)
    module, name = _LEARNED[kind]
    made: Model = getattr(importlib.import_module(module), name)(seed=seed)
    return made, f"the target is of kind {kind}"


def forecast_once(
    kind: str,
    series: Series,
    site: Site,
    origin_utc: int,
    length: int,
    *,
    weather: WeatherSource,
    seed: int = 0,
) -> tuple[Forecast, str]:
    """Learn from what ended by the origin and forecast what begins there.

    An input that is not known in all of the intervals ahead is not learned from. Where the model that fits the kind and
    its inputs cannot, the model of single loads stands in, for what is no load the week before. The forecast says so.

    Args:
        kind: Of ``KINDS_OF_TARGET``.
        series: Its values from the origin on are not read; its inputs ahead are.
        site: Where it was measured.
        origin_utc: On its grid. [s since 1970, UTC]
        length: Intervals. [1]
        weather: What the inputs ahead are.
        seed: Of all that is drawn.

    Returns:
        The forecast, and in words why the model that was tried first is the one for it.

    Raises:
        InputError: If there is no such kind, the origin is off the grid, or nothing is known before it.
    """
    known, lack = _with_inputs_ahead(series.before(origin_utc), origin_utc, length)
    model, why = model_for(kind, seed, known.inputs)
    try:
        made = model.fit(known, site, origin_utc, weather).forecast(known, origin_utc, length)
    except InputError as error:
        if isinstance(model, ChosenModel):
            raise
        if kind in _LEARNED:
            rule = NaiveModel().fit(known, site, origin_utc, weather)
            return rule.forecast(known, origin_utc, length, str(error)), why
        plain = ChosenModel(seed, without_inputs=False).fit(known, site, origin_utc, weather)
        made = plain.forecast(known, origin_utc, length)
        made = replace(made, reason="; ".join(part for part in (str(error), made.reason) if part))
    return (
        replace(made, reason="; ".join(part for part in (lack, made.reason) if part)) if lack else made
    ), why


def _with_inputs_ahead(series: Series, origin_utc: int, length: int) -> tuple[Series, str]:
    """The series with those inputs that are known ahead, and which are not, in words."""
    begin, per_hour = series.place(origin_utc), 3600 // series.step_seconds
    completed = complete_inputs(series.inputs, tuple(series.inputs), per_hour)
    kept, left_out = {}, []
    for name, column in completed.items():
        unknown = length - int(np.isfinite(column[begin : begin + length]).sum())
        if unknown:
            left_out.append(tell_reason("input_unknown", input=name, missing=unknown, length=length))
        else:
            kept[name] = series.inputs[name]
    return replace(series, inputs=kept), "; ".join(left_out)
