// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Shape } from "../types/Periods.sol";
import { Tree } from "./Tree.sol";

/// @title Where a leaf stands below the root that is anchored
/// @notice One path leads from a leaf to the root of its run, batch or bills. The index of that path is composed of the leaf's own,
/// lowest, and a bit or several for each tree that stands in a larger one: a path names its tree, so that no leaf can be shown as
/// another's.
/// @dev Bits above the levels would not be read: callers hold slot, day, interval and stair below the counts of the shape.
library Places {
    /// @dev Slots that a stair adds to the one before.
    uint32 internal constant STRIDE = 4;

    /// @notice Levels of a period's trees.
    /// @param slot Of a tree over the slots.
    /// @param day Of a tree over the days.
    /// @param interval Of a tree over the intervals of a day.
    /// @param stair Of a tree over the stairs.
    struct Depths {
        uint256 slot;
        uint256 day;
        uint256 interval;
        uint256 stair;
    }

    /// @notice A place is not below its count.
    error OutsideShape(uint256 place, uint256 count);

    /// @notice Levels of the trees of a shape.
    function depths(Shape memory shape) internal pure returns (Depths memory) {
        return Depths({
            slot: Tree.depth(shape.slots),
            day: Tree.depth(shape.dayCount),
            interval: Tree.depth(shape.maxIntervals),
            stair: Tree.depth(stairCount(shape.slots))
        });
    }

    /// @notice Stairs over so many slots.
    function stairCount(uint256 slots) internal pure returns (uint256) {
        return (slots + STRIDE - 1) / STRIDE;
    }

    /// @notice Refuse a place that is not below its count.
    function requireBelow(uint256 place, uint256 count) internal pure {
        require(place < count, OutsideShape(place, count));
    }

    /// @notice Header of an interval: left of the stairs, left of the rows, in its day, left of the periods.
    function header(Depths memory d, uint256 day, uint256 t)
        internal
        pure
        returns (uint256 index, uint256 levels)
    {
        levels = d.interval + d.day + 3;
        index = (day << (d.interval + 2)) | t;
    }

    /// @notice Stair of an interval: right of the headers, left of the rows, in its day, left of the periods.
    function stair(Depths memory d, uint256 day, uint256 t, uint256 block_)
        internal
        pure
        returns (uint256 index, uint256 levels)
    {
        uint256 own = d.interval + d.stair;
        levels = own + d.day + 3;
        index = (((day << 2) | 1) << own) | (t << d.stair) | block_;
    }

    /// @notice Row of a slot: right of headers and stairs, in its day, left of the periods.
    function row(Depths memory d, uint256 slot, uint256 day, uint256 t)
        internal
        pure
        returns (uint256 index, uint256 levels)
    {
        uint256 own = d.slot + d.interval;
        levels = own + d.day + 2;
        index = (((day << 1) | 1) << own) | (slot << d.interval) | t;
    }

    /// @notice Period leaf of a slot: left of the period stairs, right of the days.
    function period(Depths memory d, uint256 slot) internal pure returns (uint256 index, uint256 levels) {
        levels = d.slot + 2;
        index = (2 << d.slot) | slot;
    }

    /// @notice Period stair: right of the period leaves, right of the days.
    function periodStair(Depths memory d, uint256 block_)
        internal
        pure
        returns (uint256 index, uint256 levels)
    {
        levels = d.stair + 2;
        index = (3 << d.stair) | block_;
    }

    /// @notice Reading of a slot: left of the reading stairs.
    function reading(Depths memory d, uint256 slot, uint256 day, uint256 t)
        internal
        pure
        returns (uint256 index, uint256 levels)
    {
        levels = d.slot + d.day + d.interval + 1;
        index = (((slot << d.day) | day) << d.interval) | t;
    }

    /// @notice Reading stair of a slot's day: right of the readings.
    function readingStair(Depths memory d, uint256 slot, uint256 day)
        internal
        pure
        returns (uint256 index, uint256 levels)
    {
        uint256 own = d.slot + d.day;
        levels = own + 1;
        index = (1 << own) | (slot << d.day) | day;
    }

    /// @notice Bill of a seat: left of the bill stairs.
    function bill(Depths memory d, uint256 seat) internal pure returns (uint256 index, uint256 levels) {
        levels = d.slot + 1;
        index = seat;
    }

    /// @notice Bill stair: right of the bills.
    function billStair(Depths memory d, uint256 block_)
        internal
        pure
        returns (uint256 index, uint256 levels)
    {
        levels = d.stair + 1;
        index = (1 << d.stair) | block_;
    }
}
