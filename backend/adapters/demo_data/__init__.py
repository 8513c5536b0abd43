"""Two communities made of the measured year of 17 real homes, as files that anyone could have written.

``roof``: fifteen homes and one shared roof. ``street``: seventeen homes with a roof each, two of which have a faulty
meter. The demonstration loads what ``build_demo`` gives exactly like a user's own files. Source and licence: SOURCE.md.
"""

from backend.adapters.demo_data.communities import DEMO_NAMES, DemoCommunity, build_demo
from backend.adapters.demo_data.homes import MeasuredHomes, read_homes

__all__ = ["DEMO_NAMES", "DemoCommunity", "MeasuredHomes", "build_demo", "read_homes"]
