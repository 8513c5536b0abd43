"""Sharing keys: who used whose energy, interval by interval, in whole milliwatt-hours.

A sharing key turns an interval's consumption and feed-in into allocations. It is pure code with an exact scalar form
(``check_row``, which is what a contract computes) and a fast form over arrays (``allocate``), and both agree to the
last unit (docs/protocol.md section 8). Each key has its file, which names its formula and where it is law; ``law_book``
finds the one that a community chose and refuses parameters that it has no use for.

Arrays are time-major here: a row is one interval, which stays in the processor's cache while it is summed, shared and
checked; ``allocate_period`` takes and gives the slot-major arrays of settlement. A consumer's part is floored, what
flooring leaves stays surplus; the producers' parts sum exactly.

numba is imported only where something is allocated.
"""

from backend.allocation.execution import warm_kernels
from backend.allocation.flow_network import FlowPoint
from backend.allocation.law_book import METHODS, check_choice, sharing_key
from backend.allocation.period import PeriodAllocation, allocate_period
from backend.allocation.producers import split_producers
from backend.allocation.sharing_key import Allocation, Header, Row, SharingKey, SlotRows

__all__ = [
    "METHODS",
    "Allocation",
    "FlowPoint",
    "Header",
    "PeriodAllocation",
    "Row",
    "SharingKey",
    "SlotRows",
    "allocate_period",
    "check_choice",
    "sharing_key",
    "split_producers",
    "warm_kernels",
]
