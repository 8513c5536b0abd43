// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ONE_PPM } from "../types/Points.sol";

/// @title Sharing key `static`: voted coefficients
library StaticKey {
    /// @notice What a consumer is given: its coefficient of the pool, floored, and at most its consumption.
    /// @param pool Sum of feed-in of the interval. [mWh]
    /// @param coefficientPpm The slot's sharing coefficient. [ppm]
    /// @param consumption The slot's consumption. [mWh]
    /// @return Allocation. [mWh]
    function allocatedDown(uint64 pool, uint32 coefficientPpm, uint64 consumption)
        internal
        pure
        returns (uint256)
    {
        return Math.min(consumption, uint256(pool) * coefficientPpm / ONE_PPM);
    }
}
