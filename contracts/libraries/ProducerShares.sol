// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The producers' parts of what was shared, in proportion to feed-in
library ProducerShares {
    /// @notice One producer in one interval.
    /// @param allocated Sum of what consumers were given, A. [mWh]
    /// @param pool Sum of feed-in, P. [mWh]
    /// @param feedIn The slot's feed-in. [mWh]
    /// @param key Turns with the interval, so that no slot gets the odd milliwatt-hour every time.
    /// @param tau Keys below it get one milliwatt-hour more.
    struct Part {
        uint64 allocated;
        uint64 pool;
        uint64 feedIn;
        uint256 key;
        uint32 tau;
    }

    /// @notice The part of a producer; tau hands what flooring leaves to some, so that the parts sum to A.
    /// @param part The producer and the interval.
    /// @return shared Part of the shared total, zero where nothing was fed in. [mWh]
    function shareExactly(Part memory part) internal pure returns (uint256 shared) {
        if (part.pool == 0) return 0;
        uint256 product = uint256(part.allocated) * part.feedIn;
        shared = product / part.pool;
        if (product % part.pool > 0 && part.key < part.tau) ++shared;
    }
}
