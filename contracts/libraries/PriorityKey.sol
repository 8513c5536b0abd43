// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    METHOD_DYNAMIC,
    METHOD_EQUAL,
    METHOD_HYBRID,
    METHOD_STATIC,
    METHOD_STATIC_CASCADE
} from "../types/Rules.sol";
import { DynamicKey } from "./DynamicKey.sol";
import { EqualKey } from "./EqualKey.sol";
import { HybridKey } from "./HybridKey.sol";
import { Leaves } from "./Leaves.sol";
import { StaticCascadeKey } from "./StaticCascadeKey.sol";
import { StaticKey } from "./StaticKey.sol";

/// @title Sharing key `priority`: tiers that are served one after the other
/// @notice Each tier shares what the one before it left, by a method of its own. A header has a round per tier, its pool and its
/// weight, and behind it the level of a tier of `static_cascade` or `hybrid`.
library PriorityKey {
    /// @notice Rounds of the tiers.
    /// @param tierMethods Method of each tier.
    /// @param tiers How many of them are counted.
    /// @return count A round per tier, and one more per level.
    function roundCount(uint8[] memory tierMethods, uint256 tiers) internal pure returns (uint256 count) {
        for (uint256 tier; tier < tiers; ++tier) {
            count += hasLevel(tierMethods[tier]) ? 2 : 1;
        }
    }

    /// @notice Whether a method fills its consumers to a level that the header tells.
    /// @param method Method of a tier, or of the whole key.
    function hasLevel(uint8 method) internal pure returns (bool) {
        return method == METHOD_STATIC_CASCADE || method == METHOD_HYBRID;
    }

    /// @notice What a consumer is given by its tier.
    /// @param method Method of the tier, 1 to 5.
    /// @param rounds Rounds of the header.
    /// @param place Place of the tier's round.
    /// @param coefficientPpm The slot's sharing coefficient. [ppm]
    /// @param consumption The slot's consumption. [mWh]
    /// @return Allocation. [mWh]
    function allocatedDown(
        uint8 method,
        Leaves.Round[] memory rounds,
        uint256 place,
        uint32 coefficientPpm,
        uint64 consumption
    ) internal pure returns (uint256) {
        Leaves.Round memory own = rounds[place];
        if (method == METHOD_DYNAMIC) return DynamicKey.allocatedDown(own.pool, own.weight, consumption);
        if (method == METHOD_STATIC) return StaticKey.allocatedDown(own.pool, coefficientPpm, consumption);
        if (method == METHOD_EQUAL) return EqualKey.allocatedDown(own.pool, own.weight, consumption);
        Leaves.Round memory level = rounds[place + 1];
        return method == METHOD_STATIC_CASCADE
            ? StaticCascadeKey.allocatedDown(level.pool, level.weight, coefficientPpm, consumption)
            : HybridKey.allocatedDown(own.pool, level.pool, level.weight, coefficientPpm, consumption);
    }
}
