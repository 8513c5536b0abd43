"""Behind the meter: what a home used and what its roof made, from the net readings alone.

Net load is use minus sun. Given how light it is, the lowest net loads are those at which the home used little but its
base: a low quantile of net load, regressed on the production of roofs nearby (or of the region, or on planes under the
measured light), tells what the roof adds; use that comes and goes, cooling too, lies above and hardly counts. Without
any reference the clear sky is held against the lowest net load of fortnights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from ml.features.sun import sun_during
from ml.solar.learned import clear_power
from ml.solar.plant import Plane, Plant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]

__all__ = ["Split", "split_net_load"]

DAY_SECONDS = 86_400
DAYS_LEAST = 28
LOWEST = 0.1
"""Level of the net load at which the home uses little more than its base. [1]"""
LIT = 0.02
"""Share of a column's best above which it is light. [1]"""
FLOOR_SHARE = 0.03
ROUNDS = 30


@dataclass(frozen=True)
class Split:
    """Net load in its parts.

    Invariants: use minus sun is the net load where that is known; both are at least zero.

    Attributes:
        use: Shape (T,). [the series' unit]
        sun: Shape (T,). [the series' unit]
        peak: Of the sun's part, under a clear sky or at the reference's best. [the series' unit]
        planes: What the roof is taken to be, by shares of one, where coordinates were given.
        confidence: How much of the low net loads' spread the sun explains, in [0, 1].
    """

    use: Values
    sun: Values
    peak: float
    planes: tuple[Plane, ...]
    confidence: float


def split_net_load(
    net: Series,
    site: Site,
    references: tuple[Values, ...] = (),
) -> Split:
    """Split net readings into use and sun.

    Args:
        net: Use minus sun, negative where the home feeds in; ``ghi`` among its inputs is read.
        site: With coordinates, for the sun's course; without them only references tell the light.
        references: Production of roofs nearby or of the region on the net load's intervals, in any unit; roofs that
            face several ways let the mixture of the home's own be told. Shape (T,) each.

    Raises:
        InputError: If there are fewer than 28 days, a reference has another length, or nothing tells the light.
    """
    per_day = DAY_SECONDS // net.step_seconds
    count = len(net) // per_day
    if count < DAYS_LEAST:
        raise InputError(f"net load is split from {DAYS_LEAST} days; there are {len(net) / per_day:.1f}.")
    for number, reference in enumerate(references):
        if len(reference) != len(net):
            raise InputError(
                f"reference {number} has {len(reference)} intervals, the net load {len(net)}; give both over the same."
            )
    columns, planes = _light(net, site, references)
    if not columns.size:
        raise InputError(
            "nothing tells the light; give coordinates, production of roofs nearby, or irradiance (ghi)."
        )
    weights, confidence = _weights(net, columns)
    if not references and "ghi" not in net.inputs:
        weights, confidence = _under_clear_sky(net, columns, per_day)
    sun = np.maximum(columns @ weights, 0.0)
    # Whatever is fed in was made.
    sun = np.where(np.isfinite(net.values), np.maximum(sun, -np.minimum(np.nan_to_num(net.values), 0.0)), sun)
    sun = np.where(columns.max(axis=1) > 0, sun, np.where(np.nan_to_num(net.values) < 0, sun, 0.0))
    use = np.where(np.isfinite(net.values), net.values + sun, np.nan)
    kept = tuple(
        Plane(plane.tilt, plane.azimuth, float(weight))
        for plane, weight in zip(planes, weights, strict=False)
        if weight > 0
    )
    peak = float(np.quantile(columns @ weights, 0.999))
    return Split(use=use, sun=sun, peak=peak, planes=kept, confidence=confidence)


def _light(net: Series, site: Site, references: tuple[Values, ...]) -> tuple[Values, list[Plane]]:
    """Candidates for the roof's course, each a column whose best is about one. Shape (T, C)."""
    length = len(net)
    if references:
        scaled = [
            np.nan_to_num(reference) / max(float(np.nanmax(reference)), 1e-9) for reference in references
        ]
        return np.maximum(np.column_stack(scaled), 0.0), []
    if not site.located:
        return np.zeros((length, 0)), []
    sun = sun_during(site, net.starts_utc, net.step_seconds)
    middle = 180.0 if site.latitude >= 0 else 0.0
    planes = [
        Plane(tilt, (middle + turn) % 360, 1.0)
        for tilt in (15.0, 35.0)
        for turn in (-80.0, -40.0, 0.0, 40.0, 80.0)
    ]
    columns = np.column_stack([clear_power(Plant((plane,)), sun) for plane in planes])
    if "ghi" in net.inputs:
        bright = sun.clear_ghi > 20  # noqa: PLR2004
        light = net.inputs["ghi"][:length] / np.where(bright, sun.clear_ghi, 1.0)
        columns = columns * np.clip(np.where(bright, np.nan_to_num(light), 0.0), 0.0, 1.5)[:, np.newaxis]
    return columns, planes


def _weights(net: Series, columns: Values) -> tuple[Values, float]:
    """Weights of the columns, and the confidence; quantile regression by weighted least squares (Koenker 2005, ch. 6).

    Where the home uses least, net load is its base less the sun; use on top of the base only ever raises it.
    """
    from scipy.optimize import nnls

    usable = (columns.max(axis=1) > LIT) & np.isfinite(net.values)
    made = -net.values[usable]
    table = np.column_stack([columns[usable], -np.ones(int(usable.sum()))])
    least = max(FLOOR_SHARE * float(np.std(made)), 1e-9)
    trust = np.ones(len(made))
    fitted = np.zeros(table.shape[1])
    for _ in range(ROUNDS):
        root = np.sqrt(trust)
        fitted, _residual = nnls(table * root[:, np.newaxis], made * root)
        rest = made - table @ fitted
        trust = np.where(rest > 0, 1 - LOWEST, LOWEST) / np.maximum(np.abs(rest), least)
    plain = made - np.quantile(made, 1 - LOWEST)
    left, whole = _pinball(made - table @ fitted), _pinball(plain)
    return np.asarray(fitted[:-1]), float(np.clip(1 - left / max(whole, 1e-9), 0.0, 1.0))


def _pinball(rest: Values) -> float:
    return float(np.maximum((1 - LOWEST) * rest, -LOWEST * rest).mean())


def _under_clear_sky(net: Series, columns: Values, per_day: int) -> tuple[Values, float]:
    """Weights of clear-sky columns, so that the lowest net load by time of day is a night's lowest less the sun."""
    from scipy.optimize import nnls

    count = len(net) // per_day
    blocks = np.array_split(np.arange(count), max(1, count // 14))
    values = net.values[: count * per_day].reshape(count, per_day)
    light = columns[: count * per_day].reshape(count, per_day, -1)
    rows, table = [], []
    for block in blocks:
        lowest = np.nanquantile(values[block], 0.1, axis=0)
        dark = light[block].max(axis=(0, 2)) <= LIT
        base = float(np.nanmedian(lowest[dark])) if dark.any() else 0.0
        rows.append(base - lowest)
        table.append(np.median(light[block], axis=0))
    target, sky = np.concatenate(rows), np.concatenate(table)
    bright = sky.max(axis=1) > LIT
    weights, _ = nnls(sky[bright], np.nan_to_num(target[bright]))
    left = float(((target[bright] - sky[bright] @ weights) ** 2).sum())
    power = float((target[bright] ** 2).sum())
    return np.asarray(weights), float(np.clip(1 - left / max(power, 1e-9), 0.0, 1.0))
