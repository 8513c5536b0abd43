// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Hashes } from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Positional Merkle trees
/// @notice The bits of an index choose the side, lowest first; pairs are never sorted, so that absence and uniqueness can be proved.
library Tree {
    /// @notice A path does not have one sibling per level.
    error TreePathLength(uint256 given, uint256 expected);

    /// @notice Hash of an inner node.
    /// @param left Hash on the left.
    /// @param right Hash on the right.
    /// @return Hash of both, in this order.
    function node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return Hashes.efficientKeccak256(left, right);
    }

    /// @notice Levels above the leaves of a tree.
    /// @param count Leaves, at least one.
    /// @return The least x with 2^x >= count.
    function depth(uint256 count) internal pure returns (uint256) {
        return Math.log2(count, Math.Rounding.Ceil);
    }

    /// @notice Root that a leaf and its siblings give.
    /// @dev An index at or above 2^levels would climb as its remainder: callers hold it below the count that fixed `levels`.
    /// @param leaf Hash of the leaf.
    /// @param index Position of the leaf.
    /// @param path Siblings from the leaf up.
    /// @param levels Levels that the tree has.
    /// @return hash The root.
    function climb(bytes32 leaf, uint256 index, bytes32[] calldata path, uint256 levels)
        internal
        pure
        returns (bytes32 hash)
    {
        require(path.length == levels, TreePathLength(path.length, levels));
        hash = leaf;
        for (uint256 level; level < levels; ++level) {
            bytes32 sibling = path[level];
            // Not by way of `node`: each call costs who contests.
            hash = index & 1 == 0
                ? Hashes.efficientKeccak256(hash, sibling)
                : Hashes.efficientKeccak256(sibling, hash);
            index >>= 1;
        }
    }

    /// @notice Node that a part of a path leads to.
    /// @dev Two leaves of one proof share what they can: the path of one is climbed to where the other's joins it.
    /// @param hash The node below the part.
    /// @param index Position of the leaf that the whole path starts from.
    /// @param path Siblings from that leaf up; callers hold its length.
    /// @param from First level of the part.
    /// @param until Level after the last.
    /// @return The node above the part.
    function climbPart(bytes32 hash, uint256 index, bytes32[] calldata path, uint256 from, uint256 until)
        internal
        pure
        returns (bytes32)
    {
        for (uint256 level = from; level < until; ++level) {
            bytes32 sibling = path[level];
            hash = (index >> level) & 1 == 0
                ? Hashes.efficientKeccak256(hash, sibling)
                : Hashes.efficientKeccak256(sibling, hash);
        }
        return hash;
    }

    /// @notice Refuse a path that has not one sibling per level.
    /// @param path Siblings.
    /// @param levels Levels that it climbs.
    function requireLength(bytes32[] calldata path, uint256 levels) internal pure {
        require(path.length == levels, TreePathLength(path.length, levels));
    }
}
