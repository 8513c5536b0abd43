// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev What a test claims; a claim that does not hold says both sides.
abstract contract Claims {
    error NotSameNumber(string what, uint256 found, uint256 expected);
    error NotSameHash(string what, bytes32 found, bytes32 expected);
    error NotTrue(string what);

    function same(string memory what, uint256 found, uint256 expected) internal pure {
        require(found == expected, NotSameNumber(what, found, expected));
    }

    function same(string memory what, bytes32 found, bytes32 expected) internal pure {
        require(found == expected, NotSameHash(what, found, expected));
    }

    function same(string memory what, address found, address expected) internal pure {
        require(found == expected, NotSameNumber(what, uint160(found), uint160(expected)));
    }

    function holds(string memory what, bool claim) internal pure {
        require(claim, NotTrue(what));
    }
}
