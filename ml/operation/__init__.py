"""Models in use: kept, scored, watched, retrained."""
