// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { RowContest } from "../../../contracts/interfaces/IContests.sol";
import { Leaves } from "../../../contracts/libraries/Leaves.sol";

/// @dev A run of which only one row and its header are known: every other node is arbitrary, as it is to who contests.
library RowProof {
    struct Shape {
        uint256 slots;
        uint256 dayCount;
        uint256 intervals;
    }

    /// @dev Paths of the depths that the protocol gives, with arbitrary siblings.
    function withPaths(RowContest memory proof, Shape memory shape)
        internal
        pure
        returns (RowContest memory)
    {
        uint256 dt = depth(shape.intervals);
        proof.headerPath = siblings("header", dt);
        proof.rowPath = siblings("row", depth(shape.slots) + dt);
        proof.dayPath = siblings("day", depth(shape.dayCount));
        proof.stairsRoot = keccak256("stairs");
        proof.periodsNode = keccak256("periods");
        return proof;
    }

    /// @dev Root that the proof leads to, hashed byte by byte from the protocol's section 6 and 7.
    function root(RowContest memory proof, Shape memory shape) internal pure returns (bytes32) {
        return rootOf(proof, shape, keccak256(packedRow(proof.row)));
    }

    /// @dev The same where a detail of links stands behind the row.
    function flowRoot(RowContest memory proof, Shape memory shape, Leaves.Detail memory detail)
        internal
        pure
        returns (bytes32)
    {
        bytes memory packed = abi.encodePacked(hex"0d", detail.salt, detail.potential);
        for (uint256 i; i < detail.links.length; ++i) {
            packed = bytes.concat(packed, abi.encodePacked(detail.links[i].slot, detail.links[i].energy));
        }
        return rootOf(proof, shape, keccak256(bytes.concat(packedRow(proof.row), keccak256(packed))));
    }

    function rootOf(RowContest memory proof, Shape memory shape, bytes32 row) private pure returns (bytes32) {
        bytes32 headers = climb(headerHash(proof.header), proof.t, proof.headerPath);
        uint256 index = uint256(proof.slot) * (1 << depth(shape.intervals)) + proof.t;
        bytes32 rows = climb(row, index, proof.rowPath);
        bytes32 front = keccak256(abi.encodePacked(headers, proof.stairsRoot));
        bytes32 day = keccak256(abi.encodePacked(front, rows));
        return keccak256(abi.encodePacked(climb(day, proof.day, proof.dayPath), proof.periodsNode));
    }

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
            hash = index % 2 == 0
                ? keccak256(abi.encodePacked(hash, path[i]))
                : keccak256(abi.encodePacked(path[i], hash));
            index /= 2;
        }
        return hash;
    }

    function headerHash(Leaves.Header memory h) internal pure returns (bytes32) {
        bytes memory packed =
            abi.encodePacked(hex"01", h.feedIn, h.consumption, h.allocated, h.value, h.tau, h.band);
        for (uint256 i; i < h.rounds.length; ++i) {
            packed = bytes.concat(packed, abi.encodePacked(h.rounds[i].pool, h.rounds[i].weight));
        }
        return keccak256(packed);
    }

    function packedRow(Leaves.Row memory r) private pure returns (bytes memory packed) {
        packed = abi.encodePacked(hex"03", r.salt, r.energy, r.allocated, r.quality);
        for (uint256 i; i < 10; ++i) {
            packed = bytes.concat(packed, abi.encodePacked(r.totals[i]));
        }
    }
}
