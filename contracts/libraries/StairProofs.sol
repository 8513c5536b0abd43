// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Places } from "./Places.sol";
import { Tree } from "./Tree.sol";

/// @title How the leaves of one stair are shown
/// @notice They fill one subtree, so their hashes are folded to its root, and one path leads on for all of them.
library StairProofs {
    /// @notice Levels of the subtree that a stair's leaves fill: 2, fewer where the whole tree has fewer.
    /// @param levels Levels of the tree over the slots.
    function levelsOf(uint256 levels) internal pure returns (uint256) {
        return Math.min(levels, Tree.depth(Places.STRIDE));
    }

    /// @notice Root of a complete subtree.
    /// @param nodes Its lowest nodes, as many as a power of two; overwritten.
    function fold(bytes32[] memory nodes) internal pure returns (bytes32) {
        for (uint256 width = nodes.length; width > 1; width /= 2) {
            for (uint256 i; i < width; i += 2) {
                nodes[i / 2] = Tree.node(nodes[i], nodes[i + 1]);
            }
        }
        return nodes[0];
    }

    /// @notice Root above the subtree of a stair's leaves.
    /// @param nodes Its lowest nodes; overwritten.
    /// @param number Number of the stair.
    /// @param upper Siblings above the subtree.
    /// @param levels Levels of the tree over the slots.
    function climb(bytes32[] memory nodes, uint256 number, bytes32[] calldata upper, uint256 levels)
        internal
        pure
        returns (bytes32)
    {
        return Tree.climb(fold(nodes), number, upper, levels - levelsOf(levels));
    }
}
