"""Readings: their generic form, what may be wrong with them, and what is done about it.

A *reading* is the energy of one metering point in one interval, with its quality and the time it was received
(versions; a later one supersedes). ``Finding`` says what is wrong, where. ``PeriodReadings`` holds a settlement
period's readings of all slots as arrays, ready to commit and allocate. Energy is never negative. [mWh]
"""

from backend.metering.findings import Finding, Severity, Treatment
from backend.metering.readings import PeriodReadings, Quality, ReadingSource, ReadingTable

__all__ = ["Finding", "PeriodReadings", "Quality", "ReadingSource", "ReadingTable", "Severity", "Treatment"]
