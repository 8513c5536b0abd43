// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "./Leaves.sol";
import { StairProofs } from "./StairProofs.sol";

/// @title The readings of a slot's day, a word each
/// @notice Salt 16, energy 8, quality 1, source 1 byte: the fields of the leaf in its order.
library PackedReadings {
    uint8 private constant QUALITY_MEASURED = 0;
    uint8 private constant QUALITY_ESTIMATED = 1;
    uint8 private constant QUALITY_EDITED = 2;
    uint8 private constant QUALITY_MISSING = 3;
    /// @dev Bytes of salt and energy, which stand before the quality.
    uint256 private constant QUALITY_AT = 24;

    /// @notice Root of the day's subtree.
    /// @param readings The readings; places after the last are padding.
    /// @param levels Levels of the subtree.
    function rootOf(bytes32[] calldata readings, uint256 levels) internal pure returns (bytes32) {
        bytes32[] memory nodes = new bytes32[](1 << levels);
        for (uint256 t; t < readings.length; ++t) {
            nodes[t] = keccak256(abi.encodePacked(Leaves.READING, bytes26(readings[t])));
        }
        return StairProofs.fold(nodes);
    }

    /// @notice Add the readings to counts of measured, estimated and missing ones; what has no known quality counts for nothing.
    /// @param counts The counts so far.
    /// @param readings The readings.
    function add(uint256[3] memory counts, bytes32[] calldata readings) internal pure {
        for (uint256 t; t < readings.length; ++t) {
            uint8 quality = uint8(readings[t][QUALITY_AT]);
            if (quality == QUALITY_MEASURED || quality == QUALITY_EDITED) ++counts[0];
            else if (quality == QUALITY_ESTIMATED) ++counts[1];
            else if (quality == QUALITY_MISSING) ++counts[2];
        }
    }
}
