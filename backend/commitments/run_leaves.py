"""The leaves of a run, a day at a time: headers, stairs and rows; and of its period: leaves per slot, and stairs."""

from __future__ import annotations

import numpy as np

from backend.commitments.activity import Activity, Amounts
from backend.commitments.leaves import BANDS, CREDITED, VALUE, LeafKind, Leaves, new_leaves
from backend.commitments.links import detail_hashes, links_hashes
from backend.commitments.salts import Indices, SaltKeys
from backend.commitments.settled import SettledIntervals

__all__ = ["header_leaves", "period_leaves", "period_stair_leaves", "row_leaves", "stair_leaves"]


def header_leaves(activity: Activity, settled: SettledIntervals, day: int) -> Leaves:
    """Give the headers of a day. [intervals of the day]"""
    span = activity.shape.span(day)
    leaves = new_leaves(LeafKind.HEADER, (span.stop - span.start,), settled.round_count)
    feeds_in = activity.feeds_in
    energy, allocated = settled.energy[:, span], settled.allocated[:, span]
    leaves["feed_in"] = energy[feeds_in].sum(axis=0)
    leaves["consumption"] = energy[~feeds_in].sum(axis=0)
    leaves["allocated"] = allocated[~feeds_in].sum(axis=0)
    leaves["value"] = settled.value[span]
    leaves["tau"], leaves["band"] = settled.tau[span], settled.bands[span]
    if settled.round_count:
        leaves["rounds"] = settled.rounds[span]
    return leaves


def stair_leaves(
    activity: Activity, keys: SaltKeys, run_id: bytes, settled: SettledIntervals, day: int
) -> Leaves:
    """Give the stairs of a day: sums of each interval over the slots up to a block's end. [intervals, blocks]"""
    span, shape = activity.shape.span(day), activity.shape
    count = span.stop - span.start
    own = settled.round_count
    leaves = new_leaves(LeafKind.STAIR, (count, shape.blocks), own + settled.producers_price)
    leaves["salt"] = keys.stair_salts(run_id, LeafKind.STAIR, shape.blocks, day, count)
    _fill_stairs(leaves, activity, settled.energy[:, span], settled.allocated[:, span])
    ends = shape.block_ends()
    if settled.flows is not None:
        given = settled.flows.on(activity, day).parts(np.flatnonzero(activity.feeds_in), ends)
        leaves["rounds"][:, :, :own, 0] = given.swapaxes(0, 1)
    elif settled.parts is not None:
        sums = settled.parts[:, span].cumsum(axis=0)[ends]  # [blocks, intervals, rounds, 2]
        leaves["rounds"][:, :, :own] = sums.swapaxes(0, 1)
    if settled.producers_price:
        worth = np.where(activity.feeds_in[:, None], settled.row_value[:, span], 0)
        leaves["rounds"][:, :, own, 0] = worth.cumsum(axis=0)[ends].T
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
    """Give the rows of a day's slots, and their totals after it.

    Args:
        activity: Whose shape it is.
        keys: The members' keys.
        run_id: Id of the run. [32 bytes]
        settled: Energy, allocation and what it is worth.
        day: Which day.
        slots: Which slots, all active on the day. [n]
        running: Their totals since the period's start, before the day. [n, 10]

    Returns:
        Leaves [n, intervals of the day] and totals after the day [n, 10].
    """
    span = activity.shape.span(day)
    count = span.stop - span.start
    flows = None if settled.flows is None else settled.flows.on(activity, day)
    leaves = new_leaves(LeafKind.ROW, (len(slots), count), 0 if flows is None else 1)
    leaves["salt"] = keys.slot_salts(run_id, LeafKind.ROW, slots, day, count)
    bands = settled.bands[span]
    after = running.copy()

    def add_up(place: int, amounts: Amounts) -> None:
        sums = amounts.cumsum(axis=1)
        sums += running[:, place, None]
        leaves["totals"][:, :, place] = sums
        after[:, place] = sums[:, -1]

    for place, (name, figures) in enumerate((("energy", settled.energy), ("allocated", settled.allocated))):
        amounts = figures[slots, span]
        leaves[name] = amounts
        for band in range(BANDS):
            add_up(2 * band + place, np.where(bands == band, amounts, 0))
    add_up(VALUE, settled.row_value[slots, span])
    add_up(CREDITED, settled.credited[slots, span])
    leaves["quality"] = settled.quality[slots, span]
    if flows is not None:
        leaves["detail"][:, :, 0] = detail_hashes(keys, run_id, flows, day, slots)
    return leaves, after


def period_leaves(
    activity: Activity,
    keys: SaltKeys,
    run_id: bytes,
    settled: SettledIntervals,
    totals: Amounts,
    slots: Indices,
) -> Leaves:
    """Give the period leaves of slots from the period's totals. [n]"""
    leaves = new_leaves(LeafKind.PERIOD, (len(slots),))
    leaves["salt"] = keys.slot_salts(run_id, LeafKind.PERIOD, slots)[:, 0]
    leaves["totals"] = totals[slots]
    leaves["links"] = links_hashes(keys, run_id, settled.links, slots, activity.feeds_in)
    return leaves


def period_stair_leaves(activity: Activity, keys: SaltKeys, run_id: bytes, totals: Amounts) -> Leaves:
    """Give the period stairs. [blocks]"""
    blocks = activity.shape.blocks
    leaves = new_leaves(LeafKind.PERIOD_STAIR, (1, blocks))
    leaves["salt"] = keys.stair_salts(run_id, LeafKind.PERIOD_STAIR, blocks)
    energy, allocated = (totals[:, place : 2 * BANDS : 2].sum(axis=1) for place in (0, 1))
    _fill_stairs(leaves, activity, energy[:, None], allocated[:, None])
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
