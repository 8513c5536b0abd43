"""Meter files in and out: each format becomes the generic form, every fault a finding, nothing half-loaded.

The generic form is ``metering_point,start,resolution_minutes,energy_kwh,quality``: UTF-8, commas, one header line.
Energies are decimal text read to whole milliwatt-hours; no float is involved anywhere.
"""

from backend.adapters.meter_files.generic_csv import COLUMNS, read_generic_csv, write_generic_csv

__all__ = ["COLUMNS", "read_generic_csv", "write_generic_csv"]
