// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Sharing key `incentive`: nothing is moved
/// @notice Everyone buys and sells as before, and a premium rewards what was consumed while it was fed in.
library IncentiveKey {
    /// @notice What any slot is given or shares.
    /// @return Zero. [mWh]
    function allocated() internal pure returns (uint256) {
        return 0;
    }
}
