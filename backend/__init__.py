"""Partage: govern, allocate, bill and prove the electricity that an energy community shares."""
