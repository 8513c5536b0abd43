// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Whole trees, every node kept: node 1 is the root, the leaves stand from 2^depth on. Hashed as section 3 of the protocol says.
library Grove {
    function depth(uint256 count) internal pure returns (uint256 x) {
        while (2 ** x < count) ++x;
    }

    function plant(uint256 levels) internal pure returns (bytes32[] memory tree) {
        return new bytes32[](2 ** (levels + 1));
    }

    function set(bytes32[] memory tree, uint256 index, bytes32 leaf) internal pure {
        tree[tree.length / 2 + index] = leaf;
    }

    function grow(bytes32[] memory tree) internal pure returns (bytes32) {
        for (uint256 i = tree.length / 2 - 1; i > 0; --i) {
            tree[i] = keccak256(abi.encodePacked(tree[2 * i], tree[2 * i + 1]));
        }
        return tree[1];
    }

    function path(bytes32[] memory tree, uint256 index) internal pure returns (bytes32[] memory siblings) {
        uint256 levels;
        while (2 ** (levels + 1) < tree.length) ++levels;
        siblings = new bytes32[](levels);
        uint256 place = tree.length / 2 + index;
        for (uint256 level; level < levels; ++level) {
            siblings[level] = tree[place ^ 1];
            place /= 2;
        }
    }

    function node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(left, right));
    }

    function part(bytes32[] memory list, uint256 count) internal pure returns (bytes32[] memory piece) {
        piece = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            piece[i] = list[i];
        }
    }

    function joined(bytes32[] memory a, bytes32[] memory b) internal pure returns (bytes32[] memory both) {
        both = new bytes32[](a.length + b.length);
        for (uint256 i; i < both.length; ++i) {
            both[i] = i < a.length ? a[i] : b[i - a.length];
        }
    }

    function joined(bytes32[] memory a, bytes32 b) internal pure returns (bytes32[] memory) {
        bytes32[] memory one = new bytes32[](1);
        one[0] = b;
        return joined(a, one);
    }
}
