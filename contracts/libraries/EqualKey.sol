// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Sharing key `equal`: as many parts as consumption points
library EqualKey {
    /// @notice What a consumer is given: an equal part of the pool, floored, and at most its consumption.
    /// @param pool Energy to share. [mWh]
    /// @param points Consumption points that are active on the day.
    /// @param consumption The slot's consumption. [mWh]
    /// @return Allocation, zero where no point is said to be active. [mWh]
    function allocatedDown(uint64 pool, uint64 points, uint64 consumption) internal pure returns (uint256) {
        return points == 0 ? 0 : Math.min(consumption, pool / points);
    }
}
