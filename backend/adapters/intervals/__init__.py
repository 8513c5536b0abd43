"""Readings and allocations in Parquet files that are written once; implements ``backend.ports.IntervalStore``.

One folder per community and month (UTC), zstd, sorted by metering point and time. A manifest per community lists the
files with their hashes: what it does not list is not there. It is replaced as a whole, so that a load over many months
is there at once or not at all. A correction is a new load; the latest one that has an interval is in force.
"""

from backend.adapters.intervals.parquet_intervals import ParquetIntervals

__all__ = ["ParquetIntervals"]
