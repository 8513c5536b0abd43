"""A forecast's values as few bytes, the same on every machine."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from backend.forecasting.forecast import LEVELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["pack_values", "unpack_values"]


def pack_values(mean: Values, quantiles: Values) -> bytes:
    """Mean and quantiles as float32, little-endian, one row each, compressed; a part in ten million is lost.

    Args:
        mean: Shape (H,).
        quantiles: Shape (L, H), by ``LEVELS``.
    """
    rows = np.vstack([mean[np.newaxis], quantiles]) + 0.0  # no negative zero
    return zlib.compress(rows.astype("<f4").tobytes(), 6)


def unpack_values(content: bytes, length: int) -> tuple[Values, Values]:
    """What was packed: the mean, shape (H,), and the quantiles, shape (L, H); rounding kept these in order.

    Args:
        content: From ``pack_values``.
        length: Intervals, H. [1]
    """
    rows = np.frombuffer(zlib.decompress(content), dtype="<f4").reshape(1 + len(LEVELS), length)
    values = rows.astype(np.float64)
    return values[0], values[1:]
