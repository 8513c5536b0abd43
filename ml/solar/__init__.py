"""Solar and wind power: physics first, then what was measured."""
