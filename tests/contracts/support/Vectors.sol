// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Claims } from "./Claims.sol";
import { vm } from "./Vm.sol";

/// @dev Reading the cases that Python and JavaScript pass too; their form is told in tests/vectors/README.md.
abstract contract Vectors is Claims {
    /// @dev A file with fewer cases than this was not read as it is meant to be.
    uint256 internal constant CASES_LEAST = 7;

    function load(string memory name) internal view returns (string memory) {
        return vm.readFile(string.concat("tests/vectors/", name, ".json"));
    }

    function count(string memory json, string memory list) internal view returns (uint256 n) {
        n = sizeOf(json, list);
        holds("enough cases", n >= CASES_LEAST);
    }

    function sizeOf(string memory json, string memory list) internal view returns (uint256 n) {
        while (vm.keyExistsJson(json, entryOf(list, n))) ++n;
    }

    function entryOf(string memory list, uint256 index) internal pure returns (string memory) {
        return string.concat(list, "[", vm.toString(index), "]");
    }

    function entryOf(string memory list, uint256 index, string memory field)
        internal
        pure
        returns (string memory)
    {
        return string.concat(entryOf(list, index), ".", field);
    }

    function number(string memory json, string memory key) internal pure returns (uint256) {
        return vm.parseJsonUint(json, key);
    }

    function numbers(string memory json, string memory key) internal pure returns (uint256[] memory) {
        return vm.parseJsonUintArray(json, key);
    }

    function hash(string memory json, string memory key) internal pure returns (bytes32) {
        return vm.parseJsonBytes32(json, key);
    }

    function hashes(string memory json, string memory key) internal pure returns (bytes32[] memory) {
        return vm.parseJsonBytes32Array(json, key);
    }

    function data(string memory json, string memory key) internal pure returns (bytes memory) {
        return vm.parseJsonBytes(json, key);
    }

    /// @dev Big-endian number of some bytes of a leaf.
    function slice(bytes memory source, uint256 offset, uint256 length)
        internal
        pure
        returns (uint256 value)
    {
        for (uint256 i = offset; i < offset + length; ++i) {
            value = (value << 8) | uint8(source[i]);
        }
    }
}
