// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { DynamicKey } from "./DynamicKey.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { StaticKey } from "./StaticKey.sol";

/// @title Sharing key `hybrid`: voted coefficients, then the rest in proportion
library HybridKey {
    /// @notice What a consumer is given.
    /// @param pool Energy to share by coefficients. [mWh]
    /// @param rest What the coefficients leave of it. [mWh]
    /// @param open Consumption that the coefficients leave uncovered. [mWh]
    /// @param coefficientPpm The slot's sharing coefficient. [ppm]
    /// @param consumption The slot's consumption. [mWh]
    /// @return Allocation. [mWh]
    function allocatedDown(uint64 pool, uint64 rest, uint64 open, uint32 coefficientPpm, uint64 consumption)
        internal
        pure
        returns (uint256)
    {
        // At most the consumption, so it fits.
        uint64 first = SafeCast.toUint64(StaticKey.allocatedDown(pool, coefficientPpm, consumption));
        return first + DynamicKey.allocatedDown(rest, open, consumption - first);
    }
}
