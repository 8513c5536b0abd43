// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "../interfaces/ICommunityRegistry.sol";

/// @title Who rules a community
/// @notice Its steward until an executive is appointed, then the executive alone.
library Rulership {
    /// @notice Refuse an account that does not rule.
    /// @param registry Who is steward and executive.
    /// @param community The community.
    /// @param account The account.
    /// @return voted Whether members rule by vote.
    function requireRuler(ICommunityRegistry registry, bytes32 community, address account)
        internal
        view
        returns (bool voted)
    {
        address executive = registry.executiveOf(community);
        voted = executive != address(0);
        if (voted) {
            require(executive == account, ICommunityRegistry.NotExecutive(community, account));
        } else {
            require(
                registry.stewardOf(community) == account, ICommunityRegistry.NotSteward(community, account)
            );
        }
    }
}
