// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The producers' parts of what was shared, by voted weights
/// @notice All are filled to one level, the exact fraction level / weight per unit of weight: who fed in less than its part of the
/// level shares all of it.
library ProducerKey {
    /// @notice One producer in one interval.
    /// @param level What the satisfied leave of the shared total. [mWh]
    /// @param weight Weights of those who are not satisfied. [ppm]
    /// @param producerPpm The slot's weight, at least 1. [ppm]
    /// @param feedIn The slot's feed-in. [mWh]
    /// @param key Turns with the interval, so that no slot gets the odd milliwatt-hour every time.
    /// @param tau Keys below it get one milliwatt-hour more.
    struct Part {
        uint64 level;
        uint64 weight;
        uint32 producerPpm;
        uint64 feedIn;
        uint256 key;
        uint32 tau;
    }

    /// @notice The part of a producer; tau hands what flooring leaves to some, so that the parts sum to what was shared.
    /// @param part The producer and the interval.
    /// @return shared Part of the shared total. [mWh]
    function shareExactly(Part memory part) internal pure returns (uint256 shared) {
        uint256 entitled = uint256(part.level) * part.producerPpm;
        if (uint256(part.feedIn) * part.weight <= entitled) return part.feedIn;
        shared = entitled / part.weight;
        if (entitled % part.weight > 0 && part.key < part.tau) ++shared;
    }
}
