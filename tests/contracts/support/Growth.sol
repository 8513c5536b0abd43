// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Positional trees, grown whole or from the one leaf that is known: section 3 and 7 of the protocol in the tests' own words.
library Growth {
    function depth(uint256 count) internal pure returns (uint256 x) {
        while (2 ** x < count) ++x;
    }

    function siblings(string memory seed, uint256 count) internal pure returns (bytes32[] memory path) {
        path = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            path[i] = keccak256(abi.encode(seed, i));
        }
    }

    function climb(bytes32 hash, uint256 index, bytes32[] memory path) internal pure returns (bytes32) {
        for (uint256 i; i < path.length; ++i) {
            hash = index % 2 == 0 ? node(hash, path[i]) : node(path[i], hash);
            index /= 2;
        }
        return hash;
    }

    function node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(left, right));
    }

    /// @dev Leaves that are arbitrary but for those that are set later.
    function leaves(string memory seed, uint256 levels) internal pure returns (bytes32[] memory) {
        return siblings(seed, 2 ** levels);
    }

    function root(bytes32[] memory leaves_) internal pure returns (bytes32) {
        bytes32[] memory level = leaves_;
        while (level.length > 1) {
            bytes32[] memory above = new bytes32[](level.length / 2);
            for (uint256 i; i < above.length; ++i) {
                above[i] = node(level[2 * i], level[2 * i + 1]);
            }
            level = above;
        }
        return level[0];
    }

    function pathOf(bytes32[] memory leaves_, uint256 index) internal pure returns (bytes32[] memory path) {
        path = new bytes32[](depth(leaves_.length));
        bytes32[] memory level = leaves_;
        for (uint256 i; i < path.length; ++i) {
            path[i] = level[index % 2 == 0 ? index + 1 : index - 1];
            bytes32[] memory above = new bytes32[](level.length / 2);
            for (uint256 j; j < above.length; ++j) {
                above[j] = node(level[2 * j], level[2 * j + 1]);
            }
            (level, index) = (above, index / 2);
        }
    }

    function join(bytes32[] memory first, bytes32[] memory second)
        internal
        pure
        returns (bytes32[] memory both)
    {
        both = new bytes32[](first.length + second.length);
        for (uint256 i; i < first.length; ++i) {
            both[i] = first[i];
        }
        for (uint256 i; i < second.length; ++i) {
            both[first.length + i] = second[i];
        }
    }

    function one(bytes32 hash) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](1);
        list[0] = hash;
    }
}
