"""Where a residual may come from: each fault that a meter can have leaves a signature, and the best ones are told.

A meter that nobody joined leaves its whole course at the transformer above it; one that is recorded under the
neighbour leaves it here, and its negative there; a bypassed one leaves a part of itself, or what it usually shows and
did not; a lamp that nobody meters follows the hours; a wrong ratio of the transformer's own meter follows everything.

Signatures are compared by how likely they make the residual, with a price on every figure that is fitted (Schwarz's
criterion; as many independent observations as the autocorrelation of what is left allows). The **confidence** is the
posterior probability of the signature among all that were tried, "nothing of these" among them. The best is taken out
of the residual and the rest searched again, until only the meters' accuracy is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from backend.grid.transformers.residual import NOTABLE, check_sites

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from backend.grid.transformers.residual import MeteredConnection, ResidualSite

    Values = NDArray[np.float64]

__all__ = ["FaultKind", "Suspicion", "find_suspects"]

_SECONDS_PER_DAY = 86400
_HOURS = 24
_SUSPECTS_MAX = 6
_EXPLAINED_MIN = 0.2
_PART_MIN, _PART_MAX = 0.05, 20.0
_OWN_RATIO_MIN = 0.02
_NEXT_TO_NOTHING = 0.1  # of what is usual


class FaultKind(Enum):
    """What may be wrong."""

    MISSING = "missing"  # measures below the transformer, joined to nothing
    MOVED = "moved"  # recorded under one transformer, fed by another
    ABSENT = "absent"  # recorded below the transformer, not fed by it, nor by another whose meter shows it
    PARTIAL = "partial"  # registers a part: a phase or a ratio of its current transformers
    BYPASSED = "bypassed"  # shows nothing at times when it usually does
    WRONG_PHASE = "wrong_phase"  # recorded on another phase than it is on
    UNMETERED = "unmetered"  # something that no meter is for follows the hours of the day
    OWN_METER = "own_meter"  # the transformer's meter itself is off by a ratio


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something that would explain a residual, or a part of it.

    Attributes:
        kind: What may be wrong.
        transformer: Whose residual it explains.
        place: Connection or meter, empty for ``UNMETERED`` and ``OWN_METER``.
        other: Transformer that it is fed by, or phases ``L1>L2``; empty else.
        coefficient: How many times its course: 1 for a whole meter. [1]
        confidence: Posterior probability, among all that were tried. [1]
        explained: Share of the residual's squares that it takes away. [1]
        energy_kilowatt_hours: That it stands for in the time looked at; negative where too much is recorded. [kWh]
        reason: In one sentence.
    """

    kind: FaultKind
    transformer: str
    place: str
    other: str
    coefficient: float
    confidence: float
    explained: float
    energy_kilowatt_hours: float
    reason: str


@dataclass(frozen=True)
class _Signature:
    """A hypothesis: its course over (sites, phases, intervals), sparse by site."""

    kind: FaultKind
    site: int
    place: str
    other: str
    parts: tuple[tuple[int, Values], ...]  # (site, (P, T)) of coefficient 1
    fitted: int  # figures that are fitted
    coefficient: float
    gain: float  # fall of the weighted sum of squares


class _World:
    """Sites and courses, weighted by the sites' noise."""

    def __init__(self, sites: Sequence[ResidualSite], connections: Sequence[MeteredConnection]) -> None:
        self.sites = sites
        self.connections = connections
        self.index = {site.transformer: place for place, site in enumerate(sites)}
        self.phases, self.length = sites[0].measured.shape
        self.step = sites[0].step_seconds
        self.known = np.stack([site.known for site in sites])
        self.weight = np.array([1.0 / site.noise_watts for site in sites])
        self.residual = np.stack([site.residual for site in sites])
        self.per_day = max(1, _SECONDS_PER_DAY // self.step)

    def spread(self, connection: MeteredConnection) -> Values:
        """A connection's course on the phases it is on. Shape (P, T). [W]"""
        return self.on(np.nan_to_num(connection.watts), connection.phases)

    def on(self, watts: Values, phases: tuple[int, ...]) -> Values:
        """A course spread evenly over phases. Shape (P, T). [W]"""
        if self.phases == 1:
            return watts[None, :]
        course = np.zeros((self.phases, self.length))
        course[list(phases)] = watts / len(phases)
        return course

    def square(self, parts: Iterable[tuple[int, Values]]) -> float:
        """Weighted sum of squares. [1]"""
        return float(
            sum(self.weight[site] ** 2 * (course[:, self.known[site]] ** 2).sum() for site, course in parts)
        )

    def product(self, parts: Iterable[tuple[int, Values]]) -> float:
        """Weighted product with what is left of the residual. [1]"""
        return float(
            sum(self.weight[site] ** 2 * (course * self.residual[site]).sum() for site, course in parts)
        )


def find_suspects(
    sites: Sequence[ResidualSite], connections: Sequence[MeteredConnection], most: int = _SUSPECTS_MAX
) -> list[Suspicion]:
    """Name what would explain the residuals of neighbouring transformers, likeliest first.

    Args:
        sites: Transformers with a meter of their own, of the same intervals.
        connections: What is metered, wherever it is recorded; a ``site`` that is none of these has no meter.
        most: No more than so many.

    Returns:
        Empty where nothing is beyond the meters' accuracy, or no signature explains a fifth of it.

    Raises:
        InputError: If the sites do not belong together.
    """
    check_sites(sites)
    world = _World(sites, connections)
    whole = world.square(enumerate(world.residual))
    found: list[Suspicion] = []
    while len(found) < most and _is_notable(world):
        left = world.square(enumerate(world.residual))
        tried = [one for one in _signatures(world) if one.gain > 0]
        if not tried:
            break
        best, confidence = _likeliest(world, tried, left)
        if best.gain < _EXPLAINED_MIN * left:
            break
        for site, course in best.parts:
            world.residual[site] -= best.coefficient * np.where(world.known[site], course, 0.0)
        found.append(_suspicion(world, best, confidence, best.gain / whole))
    return found


def _is_notable(world: _World) -> bool:
    for place, site in enumerate(world.sites):
        known = world.known[place]
        if known.any():
            square = (world.residual[place][:, known] ** 2).mean()
            if np.sqrt(square) > NOTABLE * site.noise_watts:
                return True
    return False


def _likeliest(world: _World, tried: list[_Signature], left: float) -> tuple[_Signature, float]:
    """The likeliest and its probability among all and nothing, by Schwarz's criterion."""
    total = world.phases * int(world.known.sum())
    independent = _independent(world, max(tried, key=lambda one: one.gain), total)
    floor = float(total)  # what the meters' accuracy alone leaves

    def criterion(gain: float, fitted: int) -> float:
        likely = independent * float(np.log((max(left - gain, 0.0) + floor) / total))
        return likely + fitted * float(np.log(max(independent, 2.0)))

    told = [criterion(one.gain, one.fitted) for one in tried]
    place = int(np.argmin(told))
    told.append(criterion(0.0, 0))
    odds = sum(float(np.exp((told[place] - other) / 2)) for other in told)
    return tried[place], 1.0 / max(odds, 1.0)


def _independent(world: _World, best: _Signature, total: int) -> float:
    """Independent observations in what the best leaves, by its autocorrelation from one interval to the next."""
    left = world.residual.copy()
    for site, course in best.parts:
        left[site] -= best.coefficient * np.where(world.known[site], course, 0.0)
    left *= world.weight[:, None, None]
    square = float((left**2).sum())
    if square <= 0:
        return float(total)
    likeness = min(max(float((left[:, :, 1:] * left[:, :, :-1]).sum()) / square, 0.0), 0.99)
    return max(total * (1 - likeness) / (1 + likeness), total / world.per_day)


def _signatures(world: _World) -> Iterator[_Signature]:
    for connection in world.connections:
        here = world.index.get(connection.site, -1)
        course = world.spread(connection)
        if here < 0:
            yield from _of_missing(world, connection, course)
        else:
            yield from _of_moved(world, connection, course, here)
            yield from _of_bypassed(world, connection, course, here)
            yield from _of_phases(world, connection, here)
    for site in range(len(world.sites)):
        yield from _of_site(world, site)


def _fixed(
    world: _World, kind: FaultKind, site: int, place: str, other: str, parts: tuple[tuple[int, Values], ...]
) -> _Signature:
    gain = 2 * world.product(parts) - world.square(parts)
    return _Signature(kind, site, place, other, parts, 0, 1.0, gain)


def _of_missing(world: _World, connection: MeteredConnection, course: Values) -> Iterator[_Signature]:
    for site in range(len(world.sites)):
        yield _fixed(world, FaultKind.MISSING, site, connection.name, "", ((site, course),))


def _of_moved(
    world: _World, connection: MeteredConnection, course: Values, here: int
) -> Iterator[_Signature]:
    yield _fixed(world, FaultKind.ABSENT, here, connection.name, "", ((here, -course),))
    for there, site in enumerate(world.sites):
        if there != here:
            parts = ((here, -course), (there, course))
            yield _fixed(world, FaultKind.MOVED, here, connection.name, site.transformer, parts)


def _of_bypassed(
    world: _World, connection: MeteredConnection, course: Values, here: int
) -> Iterator[_Signature]:
    yield from _fit(world, FaultKind.PARTIAL, here, connection.name, course)
    lacking = world.on(_lacking(world, np.nan_to_num(connection.watts)), connection.phases)
    yield from _fit(world, FaultKind.BYPASSED, here, connection.name, lacking)


def _fit(world: _World, kind: FaultKind, site: int, place: str, course: Values) -> Iterator[_Signature]:
    parts = ((site, course),)
    square, product = world.square(parts), world.product(parts)
    if square <= 0 or not _PART_MIN <= product / square <= _PART_MAX:
        return
    yield _Signature(kind, site, place, "", parts, 1, product / square, product**2 / square)


def _lacking(world: _World, watts: Values) -> Values:
    """What a meter usually shows at that time of day, where it showed next to nothing. Shape (T,). [W]"""
    days = watts.size // world.per_day
    if days < 3:  # noqa: PLR2004 -- fewer have no usual day
        return np.zeros(watts.size)
    usual = np.median(watts[: days * world.per_day].reshape(days, world.per_day), axis=0)
    usually = np.maximum(np.resize(usual, watts.size), 0.0)
    return np.where(np.abs(watts) <= _NEXT_TO_NOTHING * usually, usually, 0.0)


def _of_phases(world: _World, connection: MeteredConnection, here: int) -> Iterator[_Signature]:
    if world.phases == 1 or len(connection.phases) != 1:
        return
    watts, at = np.nan_to_num(connection.watts), connection.phases[0]
    for phase in range(world.phases):
        if phase != at:
            course = world.on(watts, (phase,)) - world.on(watts, (at,))
            other = f"L{at + 1}>L{phase + 1}"
            yield _fixed(world, FaultKind.WRONG_PHASE, here, connection.name, other, ((here, course),))


def _of_site(world: _World, site: int) -> Iterator[_Signature]:
    modelled = np.where(world.known[site], np.nan_to_num(world.sites[site].modelled), 0.0)
    parts = ((site, modelled),)
    square, product = world.square(parts), world.product(parts)
    if square > 0 and abs(product / square) > _OWN_RATIO_MIN:
        yield _Signature(FaultKind.OWN_METER, site, "", "", parts, 1, product / square, product**2 / square)
    hourly = _by_hour(world, site)
    parts = ((site, hourly),)
    yield _Signature(
        FaultKind.UNMETERED, site, "", "", parts, _HOURS * world.phases, 1.0, world.square(parts)
    )


def _by_hour(world: _World, site: int) -> Values:
    """What is left of a site's residual, on average of each hour of the day. Shape (P, T). [W]"""
    start = world.sites[site].start_utc
    hours = (start + world.step * np.arange(world.length)) % _SECONDS_PER_DAY * _HOURS // _SECONDS_PER_DAY
    course = np.zeros((world.phases, world.length))
    for hour in range(_HOURS):
        at = hours == hour
        if (at & world.known[site]).any():
            course[:, at] = world.residual[site][:, at & world.known[site]].mean(axis=1, keepdims=True)
    return course


def _suspicion(world: _World, best: _Signature, confidence: float, explained: float) -> Suspicion:
    watts = next(course for site, course in best.parts if site == best.site)
    known = world.known[best.site]
    energy = best.coefficient * float(watts[:, known].sum()) * world.step / 3.6e6
    transformer = world.sites[best.site].transformer
    return Suspicion(
        kind=best.kind,
        transformer=transformer,
        place=best.place,
        other=best.other,
        coefficient=best.coefficient,
        confidence=confidence,
        explained=explained,
        energy_kilowatt_hours=energy,
        reason=_reason(best, transformer, explained),
    )


def _reason(best: _Signature, transformer: str, explained: float) -> str:
    share = f"it accounts for {explained:.0%} of what the residuals vary"
    told = {
        FaultKind.MISSING: f'"{best.place}" is joined to nothing, and {transformer} shows its course besides: {share}.',
        FaultKind.MOVED: f'"{best.place}" is recorded under {transformer}, which does not show it, and {best.other} '
        f"shows it besides: {share}.",
        FaultKind.ABSENT: f'"{best.place}" is recorded under {transformer}, which does not show it: {share}.',
        FaultKind.PARTIAL: f'"{best.place}" shows {1 / (1 + best.coefficient):.0%} of what follows its course under '
        f"{transformer}: {share}.",
        FaultKind.BYPASSED: f'"{best.place}" shows less at times than it usually does, and {transformer} shows it '
        f"then: {share}.",
        FaultKind.WRONG_PHASE: f'"{best.place}" is recorded on {best.other[:2]}, and {transformer} shows it on '
        f"{best.other[3:]}: {share}.",
        FaultKind.UNMETERED: f"something under {transformer} that no meter is for follows the hours of the day: "
        f"{share}.",
        FaultKind.OWN_METER: f"the meter of {transformer} shows {1 + best.coefficient:.2f} times all that is below it: "
        f"{share}.",
    }
    return told[best.kind]
