"""First groups of terminals that move together: by votes of neighbours, and by the spectrum of their likeness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.grid.phases import PHASE_COUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Labels = NDArray[np.int64]

__all__ = ["group_by_spectrum", "group_by_votes", "likeness_of"]

_ROUNDS = 30
_LEAST = 0.01


def likeness_of(gram: Values) -> Values:
    """How closely two courses move together, less what all do, squared; a little of all, so that none is alone.

    Args:
        gram: Their products. Shape (n, n). [V²]

    Returns:
        Shape (n, n). [1]
    """
    mean = gram.mean(axis=0)
    centred = gram - mean[:, None] - mean[None, :] + mean.mean()
    size = np.sqrt(np.maximum(np.diag(centred), 1e-12))
    return np.asarray(np.clip(centred / size[:, None] / size[None, :], 0.0, 1.0) ** 2 + _LEAST)


def group_by_votes(likeness: Values, labels: Labels) -> Labels:
    """Each takes the group that those like it are in, again and again: wrong records are outvoted.

    Args:
        likeness: Shape (n, n). [1]
        labels: To begin with; -1 for none. Shape (n,).
    """
    weight = np.maximum(likeness - _LEAST, 0.0)
    for _ in range(_ROUNDS):
        votes = np.stack([weight[:, labels == group].sum(axis=1) for group in range(PHASE_COUNT)], axis=1)
        moved = np.asarray(np.where(votes.any(axis=1), votes.argmax(axis=1), labels), np.int64)
        if (moved == labels).all():
            break
        labels = moved
    return np.maximum(labels, 0)


def group_by_spectrum(likeness: Values, draw: np.random.Generator) -> Labels:
    """Three groups by the leading eigenvectors of the likeness (Ng, Jordan and Weiss, On spectral clustering, 2001).

    Args:
        likeness: Shape (n, n). [1]
        draw: Which one the first group begins with.
    """
    weight = np.maximum(likeness - _LEAST, 0.0)
    degree = 1.0 / np.sqrt(np.maximum(weight.sum(axis=1), 1e-9))
    _, vectors = np.linalg.eigh(weight * degree[:, None] * degree[None, :])
    points = vectors[:, -PHASE_COUNT:]
    points /= np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)
    centres = [points[int(draw.integers(len(points)))]]
    while len(centres) < PHASE_COUNT:  # the one farthest from all so far
        nearness = np.max([np.abs(points @ centre) for centre in centres], axis=0)
        centres.append(points[int(nearness.argmin())])
    labels = np.zeros(len(points), np.int64)
    for _ in range(_ROUNDS):
        labels = np.asarray((points @ np.array(centres).T).argmax(axis=1), np.int64)
        centres = [
            points[labels == group].mean(axis=0) if (labels == group).any() else centre
            for group, centre in enumerate(centres)
        ]
    return labels
