// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "./Leaves.sol";

/// @title Sharing key `flow`: links between producers and consumers
library FlowKey {
    /// @notice What a consumer was given by all its links, or a producer gave by all of its.
    /// @param links The links of the row's detail. [mWh]
    /// @return given Sum of their energies. [mWh]
    function allocated(Leaves.Flow[] memory links) internal pure returns (uint256 given) {
        for (uint256 i; i < links.length; ++i) {
            given += links[i].energy;
        }
    }
}
