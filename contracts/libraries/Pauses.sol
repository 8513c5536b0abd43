// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IPauseBook } from "../interfaces/IPauseBook.sol";

/// @title What a pause holds up
library Pauses {
    /// @notice Refuse while a community is paused.
    /// @param pauseBook Which communities are.
    /// @param community The community.
    function requireRunning(IPauseBook pauseBook, bytes32 community) internal view {
        uint64 until = pauseBook.pausedUntil(community);
        require(until == 0, IPauseBook.Paused(community, until));
    }
}
