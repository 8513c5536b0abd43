"""Use cases: one file each, over ports only.

A service reads the present state from the store, computes with the pure rooms, and announces chain writes in the same
transaction as the records they announce; ``Outbox`` brings them to the chain. Each can be run again at any time and
ends
in the same state. ``SettlementContext`` carries the ports that they share.
"""

from backend.services.context import SettlementContext

__all__ = ["SettlementContext"]
