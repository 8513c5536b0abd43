"""Whose phase is wrong: the phase of each connection, from its voltage or from its load, with a confidence.

Two kinds of evidence, each enough by itself, and together where both are there. *Voltage*: neighbours on one phase
share its drops, so that their voltages move together (Pezeshki and Wolfs, Consumer phase identification in a three
phase unbalanced LV distribution network, ISGT Europe 2012). *Load*: one assignment of meters to phases explains what
the head of the feeder measures on each (Arya et al., Phase identification in smart grids, SmartGridComm 2011). What
the record says is a prior, not a truth; what is answered is a probability for each set of phases. Phases in arrays are
0, 1, 2; time is last.
"""

from __future__ import annotations

from backend.grid.phase_identification.load import chances_by_load
from backend.grid.phase_identification.rejoining import rejoin
from backend.grid.phase_identification.sets import PHASE_SETS, record_prior
from backend.grid.phase_identification.suggestions import PhaseSuggestion, suggest_phases
from backend.grid.phase_identification.voltage import TerminalVoltages, chances_by_voltage
from backend.grid.phase_identification.warm import warm_kernels

__all__ = [
    "PHASE_SETS",
    "PhaseSuggestion",
    "TerminalVoltages",
    "chances_by_load",
    "chances_by_voltage",
    "record_prior",
    "rejoin",
    "suggest_phases",
    "warm_kernels",
]
