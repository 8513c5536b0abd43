// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "./Leaves.sol";
import { ONE_PPM } from "../types/Points.sol";

/// @title Sharing key `pairwise`: a coefficient per producer and consumer
library PairwiseKey {
    /// @notice What a consumer is given by all producers.
    /// @param rounds Feed-in (pool) per producer. [mWh]
    /// @param pairsPpm The slot's coefficient per producer. [ppm]
    /// @param consumption The slot's consumption. [mWh]
    /// @return given Allocation. [mWh]
    function allocatedDown(Leaves.Round[] memory rounds, uint32[] memory pairsPpm, uint64 consumption)
        internal
        pure
        returns (uint256 given)
    {
        uint256[] memory parts = partsDown(rounds, pairsPpm, consumption);
        for (uint256 r; r < parts.length; ++r) {
            given += parts[r];
        }
    }

    /// @notice What a consumer is given by each producer: its coefficient of the producer's feed-in, floored; where all together are
    /// more than it consumed, each part is scaled down in proportion, floored again.
    /// @param rounds Feed-in (pool) per producer. [mWh]
    /// @param pairsPpm The slot's coefficient per producer. [ppm]
    /// @param consumption The slot's consumption. [mWh]
    /// @return parts Part of each producer. [mWh]
    function partsDown(Leaves.Round[] memory rounds, uint32[] memory pairsPpm, uint64 consumption)
        internal
        pure
        returns (uint256[] memory parts)
    {
        parts = new uint256[](pairsPpm.length);
        uint256 entitled;
        for (uint256 r; r < parts.length; ++r) {
            parts[r] = uint256(rounds[r].pool) * pairsPpm[r] / ONE_PPM;
            entitled += parts[r];
        }
        if (entitled <= consumption) return parts;
        for (uint256 r; r < parts.length; ++r) {
            parts[r] = parts[r] * consumption / entitled;
        }
    }

    /// @notice Round of a producer.
    /// @param producers Slots of the producers, ascending.
    /// @param slot A feed-in slot.
    /// @return round Place among the producers; their number where the slot is none of them.
    function roundOf(uint32[] memory producers, uint32 slot) internal pure returns (uint256 round) {
        while (round < producers.length && producers[round] != slot) ++round;
    }
}
