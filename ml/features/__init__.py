"""What a model sees of an interval: calendar, weather, what was measured before.

Each is a function of arrays of equal steps, so that a feature is the same wherever it is computed: a value read from a
longer series is the value read from a shorter one. Unknown is NaN and stays NaN; a model decides what becomes of it.
"""
