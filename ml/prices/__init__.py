"""Day-ahead prices, and the carbon intensity of what the grid delivers.

Markets quote the 24 hours of a day at once, the morning before: a price model therefore works on local civil days and
tells all hours of a day from what was known before it. Its experts (``lear``, ``smooth``, ``trees``) are weighed by
their past errors alone. Rows are days, columns hours; prices are EUR/MWh, and everything else scales with them.
"""

from __future__ import annotations

__all__ = ["warm_kernels"]


def warm_kernels() -> None:
    """Compile the LASSO's kernels where that has not been done on this machine."""
    import numpy as np

    from ml.prices.kernels import lasso_paths

    lasso_paths(np.eye(2), np.ones((2, 1)), np.ones(1), 4, 3, 0.1, 0.1)
