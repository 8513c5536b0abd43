"""The leaves of a run, a day at a time: headers, stairs and rows; and of its period: leaves per slot, and stairs."""

from __future__ import annotations

import numpy as np

from backend.commitments.activity import Activity, Amounts
from backend.commitments.leaves import BANDS, LeafKind, Leaves, new_leaves
from backend.commitments.salts import Indices, SaltKeys
from backend.commitments.settled import SettledIntervals

__all__ = ["header_leaves", "period_leaves", "period_stair_leaves", "row_leaves", "stair_leaves"]


def header_leaves(activity: Activity, settled: SettledIntervals, day: int) -> Leaves:
    """Give the headers of a day. [intervals of the day]"""
    span = activity.shape.span(day)
    leaves = new_leaves(LeafKind.HEADER, (span.stop - span.start,), settled.rounds)
    feeds_in = activity.feeds_in
    energy, allocated = settled.energy[:, span], settled.allocated[:, span]
    leaves["feed_in"] = energy[feeds_in].sum(axis=0)
    leaves["consumption"] = energy[~feeds_in].sum(axis=0)
    leaves["allocated"] = allocated[~feeds_in].sum(axis=0)
    leaves["tau"], leaves["band"] = settled.tau[span], settled.bands[span]
    if settled.pools is not None:
        leaves["rounds"] = settled.pools[span]
    return leaves


def stair_leaves(
    activity: Activity, keys: SaltKeys, run_id: bytes, settled: SettledIntervals, day: int
) -> Leaves:
    """Give the stairs of a day: sums of each interval over the slots up to a block's end. [intervals, blocks]"""
    span, shape = activity.shape.span(day), activity.shape
    count = span.stop - span.start
    leaves = new_leaves(LeafKind.STAIR, (count, shape.blocks), settled.rounds)
    leaves["salt"] = keys.stair_salts(run_id, LeafKind.STAIR, shape.blocks, day, count)
    _fill_stairs(leaves, activity, settled.energy[:, span], settled.allocated[:, span])
    if settled.parts is not None:
        ends = shape.block_ends()
        sums = settled.parts[:, span].cumsum(axis=0)[ends]  # [blocks, intervals, rounds, 2]
        leaves["rounds"] = sums.swapaxes(0, 1)
    return leaves


def row_leaves(
    activity: Activity,
    keys: SaltKeys,
    run_id: bytes,
    settled: SettledIntervals,
    day: int,
    slots: Indices,
    running: Amounts,
) -> tuple[Leaves, Amounts]:
    """Give the rows of a day's slots, and their band sums after it.

    Args:
        activity: Whose shape it is.
        keys: The members' keys.
        run_id: Id of the run. [32 bytes]
        settled: Energy and allocation.
        day: Which day.
        slots: Which slots, all active on the day. [n]
        running: Their (energy, allocated) by band since the period's start, before the day. [mWh; n, 4, 2]

    Returns:
        Leaves [n, intervals of the day] and band sums after the day [mWh; n, 4, 2].
    """
    span = activity.shape.span(day)
    count = span.stop - span.start
    leaves = new_leaves(LeafKind.ROW, (len(slots), count))
    leaves["salt"] = keys.slot_salts(run_id, LeafKind.ROW, slots, day, count)
    bands = settled.bands[span]
    after = running.copy()
    for place, (name, figures) in enumerate((("energy", settled.energy), ("allocated", settled.allocated))):
        amounts = figures[slots, span]
        leaves[name] = amounts
        for band in range(BANDS):
            sums = running[:, band, place, None] + np.where(bands == band, amounts, 0).cumsum(axis=1)
            leaves["bands"][:, :, band, place] = sums
            after[:, band, place] = sums[:, -1]
    leaves["quality"] = settled.quality[slots, span]
    return leaves, after


def period_leaves(keys: SaltKeys, run_id: bytes, band_sums: Amounts, slots: Indices) -> Leaves:
    """Give the period leaves of slots. [n]"""
    leaves = new_leaves(LeafKind.PERIOD, (len(slots),))
    leaves["salt"] = keys.slot_salts(run_id, LeafKind.PERIOD, slots)[:, 0]
    leaves["bands"] = band_sums[slots]
    return leaves


def period_stair_leaves(activity: Activity, keys: SaltKeys, run_id: bytes, band_sums: Amounts) -> Leaves:
    """Give the period stairs. [blocks]"""
    blocks = activity.shape.blocks
    leaves = new_leaves(LeafKind.PERIOD_STAIR, (1, blocks))
    leaves["salt"] = keys.stair_salts(run_id, LeafKind.PERIOD_STAIR, blocks)
    sums = band_sums.sum(axis=1)
    _fill_stairs(leaves, activity, sums[:, 0, None], sums[:, 1, None])
    return np.asarray(leaves[0])


def _fill_stairs(leaves: Leaves, activity: Activity, energy: Amounts, allocated: Amounts) -> None:
    """Fill P, C, A, S of stairs [intervals, blocks] from amounts [slots, intervals]."""
    ends = activity.shape.block_ends()
    feeds_in = activity.feeds_in[:, None]
    for name, amounts, chosen in (
        ("feed_in", energy, feeds_in),
        ("consumption", energy, ~feeds_in),
        ("allocated", allocated, ~feeds_in),
        ("shared", allocated, feeds_in),
    ):
        leaves[name] = np.where(chosen, amounts, 0).cumsum(axis=0)[ends].T
