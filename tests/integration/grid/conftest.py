"""What tests of the grid room's services share."""

from tests.integration.grid.watched import watched

__all__ = ["watched"]
