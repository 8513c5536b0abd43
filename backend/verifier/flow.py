"""Rows of ``flow``: each is the sum of its links (protocol, section 8)."""

from __future__ import annotations

from backend.verifier.bundle import Detail

__all__ = ["sum_details"]


def sum_details(detail: Detail) -> int:
    """Give what a row's links add up to. [mWh]"""
    return sum(energy for _, energy in detail.links)
