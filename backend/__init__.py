"""Partage: govern, allocate, bill and prove the electricity that an energy community shares."""

from backend.stack_limit import keep_recursion_limit

__all__: list[str] = []

keep_recursion_limit()
