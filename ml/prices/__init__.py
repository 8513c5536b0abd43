"""Prices of electricity and the carbon intensity of the grid, a day ahead."""
