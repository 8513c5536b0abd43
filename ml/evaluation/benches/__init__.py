"""Forecasts beside what a user would pick instead, on published data, in one run."""
