// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "./Leaves.sol";

/// @title Hashes of leaves as they are shown
/// @notice The encodings of {Leaves}, from call data: what is shown is hashed without being copied, field by field, into memory.
library ShownLeaves {
    /// @notice Hash of a row of any key.
    /// @param leaf The row.
    /// @param detail Hash of its detail, of a flow key; zero of the others.
    function row(Leaves.Row calldata leaf, bytes32 detail) internal pure returns (bytes32) {
        (uint256 first, uint256 second, uint128 third) = _totals(leaf.totals);
        bytes memory packed = abi.encodePacked(
            Leaves.ROW, leaf.salt, _two(leaf.energy, leaf.allocated), leaf.quality, first, second, third
        );
        return detail == bytes32(0) ? keccak256(packed) : keccak256(bytes.concat(packed, detail));
    }

    /// @notice Hash of a period leaf.
    function period(Leaves.Period calldata leaf) internal pure returns (bytes32) {
        (uint256 first, uint256 second, uint128 third) = _totals(leaf.totals);
        return keccak256(abi.encodePacked(Leaves.PERIOD, leaf.salt, first, second, third, leaf.links));
    }

    /// @notice Hash of a bill.
    function bill(Leaves.Bill calldata leaf) internal pure returns (bytes32) {
        uint64[13] calldata l = leaf.lines;
        return keccak256(
            abi.encodePacked(
                Leaves.BILL,
                leaf.salt,
                _four(l[0], l[1], l[2], l[3]),
                _four(l[4], l[5], l[6], l[7]),
                _four(l[8], l[9], l[10], l[11]),
                _four(l[12], leaf.vatDebit, leaf.vatCredit, leaf.debit),
                leaf.credit
            )
        );
    }

    function _totals(uint64[10] calldata x)
        private
        pure
        returns (uint256 first, uint256 second, uint128 third)
    {
        first = _four(x[0], x[1], x[2], x[3]);
        second = _four(x[4], x[5], x[6], x[7]);
        third = _two(x[8], x[9]);
    }

    function _two(uint256 first, uint256 second) private pure returns (uint128) {
        return uint128((first << 64) | second);
    }

    function _four(uint256 first, uint256 second, uint256 third, uint256 fourth)
        private
        pure
        returns (uint256)
    {
        return (first << 192) | (second << 128) | (third << 64) | fourth;
    }
}
