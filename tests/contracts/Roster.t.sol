// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Roster } from "../../contracts/libraries/Roster.sol";
import { Point } from "../../contracts/types/Points.sol";

contract RosterTest {
    /// @dev Every count of slots around a word's end, and any pattern of points.
    function testFuzz_TheSlotsThatFeedInAreListedAndCounted(uint256 seed, uint16 length) public pure {
        uint256 count = 1 + length % 600;
        Point[] memory points = new Point[](count);
        for (uint256 slot; slot < count; ++slot) {
            uint256 drawn = uint256(keccak256(abi.encode(seed, slot)));
            points[slot].direction = uint8(drawn & 1);
            points[slot].untilDay = uint16((drawn >> 1) & 1);
        }
        _check(points);
    }

    function test_EveryPlaceOfAWordIsFound() public pure {
        for (uint256 count = 254; count < 260; ++count) {
            Point[] memory points = new Point[](count);
            for (uint256 slot; slot < count; ++slot) {
                (points[slot].direction, points[slot].untilDay) = (1, 1);
            }
            _check(points);
        }
    }

    function test_ASlotWithoutAPointDoesNotFeedIn() public pure {
        Point[] memory points = new Point[](1);
        points[0].direction = 1;
        assert(Roster.producersIn(Roster.feedInOf(points)).length == 0);
    }

    function _check(Point[] memory points) private pure {
        uint256[] memory words = Roster.feedInOf(points);
        uint32[] memory producers = Roster.producersIn(words);
        uint256 found;
        for (uint256 slot; slot < points.length; ++slot) {
            assert(Roster.countBelow(words, slot) == found);
            if (points[slot].direction == 0 || points[slot].untilDay == 0) continue;
            assert(producers[found] == slot);
            ++found;
        }
        assert(producers.length == found);
        assert(Roster.countBelow(words, points.length) == found);
        assert(Roster.countBelow(words, type(uint32).max) == found);
    }
}
