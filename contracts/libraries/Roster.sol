// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IPeriodBook } from "../interfaces/IPeriodBook.sol";
import { Point } from "../types/Points.sol";

/// @title The metering points of a period as a whole
library Roster {
    /// @notice Refuse points that reach beyond the period, and count the readings that a complete batch has.
    /// @param points Confirmed points by slot; zeros where a slot is not confirmed.
    /// @param slots Slots of the period.
    /// @param firsts First interval of each day, and after the last day the number of all intervals.
    /// @return readings Intervals of all active days of all points.
    function requireWithin(Point[] memory points, uint32 slots, uint256[] memory firsts)
        internal
        pure
        returns (uint256 readings)
    {
        // The last entry is confirmed: `points` ends with the highest confirmed slot.
        require(points.length <= slots, IPeriodBook.SlotOutOfRange(points.length - 1, slots));
        uint256 dayCount = firsts.length - 1;
        for (uint256 slot; slot < points.length; ++slot) {
            Point memory point = points[slot];
            if (point.untilDay == 0) continue;
            require(point.untilDay <= dayCount, IPeriodBook.PointBeyondPeriod(slot, point.untilDay, dayCount));
            readings += firsts[point.untilDay] - firsts[point.fromDay];
        }
    }

    /// @notice Refuse seats that are not each participant's first slot.
    /// @param seats Seat of each slot.
    /// @param slots Slots of the period.
    function requireSeats(uint32[] calldata seats, uint32 slots) internal pure {
        require(seats.length == slots, IPeriodBook.SeatsIncomplete(seats.length, slots));
        for (uint256 slot; slot < seats.length; ++slot) {
            uint32 seat = seats[slot];
            require(seat <= slot && seats[seat] == seat, IPeriodBook.SeatInconsistent(slot, seat));
        }
    }

    /// @notice keccak256 of the packed (slot u32, tag 32) of the confirmed points in slot order.
    /// @param points Confirmed points by slot; zeros where a slot is not confirmed.
    function hashOf(Point[] memory points) internal pure returns (bytes32) {
        return keccak256(_pack(points, 0, SafeCast.toUint32(points.length)));
    }

    /// @dev Joins halves, so that each byte is copied once per level and not once per point.
    function _pack(Point[] memory points, uint32 from, uint32 until) private pure returns (bytes memory) {
        if (until - from == 1) {
            Point memory point = points[from];
            return point.untilDay == 0 ? bytes("") : abi.encodePacked(from, point.tag);
        }
        uint32 middle = (from + until) / 2;
        return bytes.concat(_pack(points, from, middle), _pack(points, middle, until));
    }
}
