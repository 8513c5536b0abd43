// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Sharing key `dynamic`: consumption in proportion
library DynamicKey {
    /// @notice What a consumer is given: all it consumed where the pool suffices, else its part of the pool, floored.
    /// @param pool Sum of feed-in of the interval. [mWh]
    /// @param total Sum of consumption of the interval. [mWh]
    /// @param consumption The slot's consumption. [mWh]
    /// @return Allocation. [mWh]
    function allocatedDown(uint64 pool, uint64 total, uint64 consumption) internal pure returns (uint256) {
        if (pool >= total) return consumption;
        return uint256(pool) * consumption / total;
    }
}
