"""What a model sees of an interval: calendar, weather, what was measured before."""
