// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IPeriodBook } from "../interfaces/IPeriodBook.sol";
import { DIRECTION_CONSUMPTION, DIRECTION_FEED_IN, Point } from "../types/Points.sol";

/// @title The metering points of a period as a whole
library Roster {
    /// @dev Slots whose links share a word.
    uint256 internal constant LINKS_PER_WORD = 8;
    /// @dev Slots whose directions share a word.
    uint256 internal constant SLOTS_PER_WORD = 256;
    uint256 private constant LINK_BITS = 32;
    uint256 private constant SLOT_BITS = 15;
    uint256 private constant SLOT_MASK = (1 << SLOT_BITS) - 1;
    uint256 private constant HAS_POINT = 1 << (2 * SLOT_BITS);
    uint256 private constant FEEDS_IN = HAS_POINT << 1;
    /// @dev A link has room for no more.
    uint32 private constant MOST_SLOTS = uint32(1 << SLOT_BITS);

    /// @notice What is frozen of a slot.
    /// @param seat First slot of the participant.
    /// @param next The next slot of the seat that has a point, 0 where there is none.
    /// @param hasPoint Whether a point was confirmed.
    /// @param direction 0 consumption, 1 feed-in; 0 where there is no point.
    struct Link {
        uint32 seat;
        uint32 next;
        bool hasPoint;
        uint8 direction;
    }

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

    /// @notice Refuse seats that are not each participant's first slot, and link each slot to the next of its seat that has a point.
    /// @param seats Seat of each slot.
    /// @param slots Slots of the period.
    /// @param points Confirmed points by slot; zeros where a slot is not confirmed.
    /// @return words A link per slot, from the lowest bit: its seat, the next slot or 0, whether it has a point, whether that feeds in.
    function linkSeats(uint32[] calldata seats, uint32 slots, Point[] memory points)
        internal
        pure
        returns (uint256[] memory words)
    {
        require(slots <= MOST_SLOTS, IPeriodBook.SlotOutOfRange(slots - 1, MOST_SLOTS));
        uint256 count = slots;
        require(seats.length == count, IPeriodBook.SeatsIncomplete(seats.length, slots));
        uint256 confirmed = points.length;
        words = new uint256[]((count + LINKS_PER_WORD - 1) / LINKS_PER_WORD);
        uint256[] memory nextBySeat = new uint256[](count);
        // From the last slot to the first, so that each finds the one that follows it. Unchecked: what is counted stays below 2^15.
        unchecked {
            for (uint256 slot = count; slot-- > 0;) {
                uint256 seat = seats[slot];
                require(seat <= slot && seats[seat] == seat, IPeriodBook.SeatInconsistent(slot, uint32(seat)));
                uint256 link = (nextBySeat[seat] << SLOT_BITS) | seat;
                if (slot < confirmed) {
                    Point memory point = points[slot];
                    if (point.untilDay != 0) {
                        nextBySeat[seat] = slot;
                        link |= point.direction == DIRECTION_FEED_IN ? HAS_POINT | FEEDS_IN : HAS_POINT;
                    }
                }
                words[slot / LINKS_PER_WORD] |= link << (LINK_BITS * (slot % LINKS_PER_WORD));
            }
        }
    }

    /// @notice What is frozen of a slot.
    /// @param word The word that holds the slot's link.
    /// @param slot The slot.
    function linkIn(uint256 word, uint256 slot) internal pure returns (Link memory) {
        uint256 link = word >> (LINK_BITS * (slot % LINKS_PER_WORD));
        return Link({
            seat: uint32(link & SLOT_MASK),
            next: uint32((link >> SLOT_BITS) & SLOT_MASK),
            hasPoint: link & HAS_POINT != 0,
            direction: link & FEEDS_IN != 0 ? DIRECTION_FEED_IN : DIRECTION_CONSUMPTION
        });
    }

    /// @notice Whether a slot has a point, and which way that goes.
    /// @param word The word that holds the slot's link.
    /// @param slot The slot.
    /// @return hasPoint Whether a point was confirmed.
    /// @return direction 0 consumption, 1 feed-in; 0 where there is no point.
    function pointIn(uint256 word, uint256 slot) internal pure returns (bool hasPoint, uint8 direction) {
        uint256 link = word >> (LINK_BITS * (slot % LINKS_PER_WORD));
        return (link & HAS_POINT != 0, uint8((link / FEEDS_IN) & 1));
    }

    /// @notice Whether the links of two slots stand in one word.
    function shareWord(uint256 slot, uint256 other) internal pure returns (bool) {
        return slot / LINKS_PER_WORD == other / LINKS_PER_WORD;
    }

    /// @notice Which slots feed in, a bit each, the first in the lowest bits.
    /// @param points Confirmed points by slot; zeros where a slot is not confirmed.
    function feedInOf(Point[] memory points) internal pure returns (uint256[] memory words) {
        words = new uint256[]((points.length + SLOTS_PER_WORD - 1) / SLOTS_PER_WORD);
        for (uint256 slot; slot < points.length; ++slot) {
            if (points[slot].untilDay == 0 || points[slot].direction != DIRECTION_FEED_IN) continue;
            words[slot / SLOTS_PER_WORD] |= 1 << (slot % SLOTS_PER_WORD);
        }
    }

    /// @notice The slots that feed in, ascending.
    /// @param words See {feedInOf}.
    function producersIn(uint256[] memory words) internal pure returns (uint32[] memory producers) {
        producers = new uint32[](countBelow(words, words.length * SLOTS_PER_WORD));
        uint256 count;
        for (uint256 i; i < words.length; ++i) {
            // Each step takes the lowest bit that is left.
            for (uint256 left = words[i]; left != 0; left &= left - 1) {
                uint256 lowest = left & (~left + 1);
                producers[count++] = SafeCast.toUint32(i * SLOTS_PER_WORD + Math.log2(lowest));
            }
        }
    }

    /// @notice How many slots below one feed in.
    /// @param words See {feedInOf}.
    /// @param slot The one; slots beyond the words do not feed in.
    function countBelow(uint256[] memory words, uint256 slot) internal pure returns (uint256 count) {
        for (uint256 i; i < words.length && i * SLOTS_PER_WORD < slot; ++i) {
            uint256 rest = slot - i * SLOTS_PER_WORD;
            uint256 left = rest < SLOTS_PER_WORD ? words[i] & ((1 << rest) - 1) : words[i];
            for (; left != 0; left &= left - 1) {
                ++count;
            }
        }
    }

    /// @notice keccak256 of the packed (slot u32, tag 32) of the confirmed points in slot order.
    /// @param points Confirmed points by slot; zeros where a slot is not confirmed.
    function hashOf(Point[] memory points) internal pure returns (bytes32) {
        return keccak256(_pack(points, 0, SafeCast.toUint32(points.length)));
    }

    /// @dev Joins halves, so that each byte is copied once per level and not once per point.
    function _pack(Point[] memory points, uint32 from, uint32 until) private pure returns (bytes memory) {
        Point memory point = points[from];
        if (until - from == 1) {
            return point.untilDay == 0 ? bytes("") : abi.encodePacked(from, point.tag);
        }
        if (until - from == 2 && point.untilDay != 0 && points[from + 1].untilDay != 0) {
            return abi.encodePacked(from, point.tag, from + 1, points[from + 1].tag);
        }
        uint32 middle = (from + until) / 2;
        return bytes.concat(_pack(points, from, middle), _pack(points, middle, until));
    }
}
