// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Stands where a contract of a deployment will stand.
contract Placeholder { }
