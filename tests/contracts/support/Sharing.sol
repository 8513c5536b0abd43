// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "../../../contracts/libraries/Leaves.sol";

/// @dev Headers as an honest settler computes them: section 8 of the protocol in the tests' own words, for consumers by place.
library Sharing {
    /// @dev Who shares one pool, and by what.
    struct Group {
        uint64[5] consumption;
        uint32[5] coefficient;
        bool[5] member;
    }

    /// @dev The round of a tier, and its level where it has one.
    function roundsOf(uint8 method, uint64 pool, Group memory group)
        internal
        pure
        returns (Leaves.Round memory own, Leaves.Round memory level)
    {
        own.pool = pool;
        for (uint256 i; i < 5; ++i) {
            if (!group.member[i]) continue;
            own.weight += method == 1 ? group.consumption[i] : method == 3 ? 1 : uint64(group.coefficient[i]);
        }
        if (method == 4) level = waterLevel(pool, group);
        if (method == 5) level = restOf(pool, group);
    }

    /// @dev Who has enough steps aside with all it needs, until nobody more has.
    function waterLevel(uint64 pool, Group memory group) internal pure returns (Leaves.Round memory level) {
        bool[5] memory satisfied;
        for (uint256 again; again < 6; ++again) {
            level = Leaves.Round(pool, 0);
            for (uint256 i; i < 5; ++i) {
                if (!group.member[i] || group.coefficient[i] == 0) continue;
                if (satisfied[i]) level.pool -= group.consumption[i];
                else level.weight += group.coefficient[i];
            }
            for (uint256 i; i < 5; ++i) {
                uint256 needed = uint256(group.consumption[i]) * level.weight;
                bool enough = needed <= uint256(level.pool) * group.coefficient[i];
                if (group.member[i] && group.coefficient[i] > 0 && enough) satisfied[i] = true;
            }
        }
    }

    function restOf(uint64 pool, Group memory group) internal pure returns (Leaves.Round memory rest) {
        rest.pool = pool;
        for (uint256 i; i < 5; ++i) {
            if (!group.member[i]) continue;
            uint64 first = uint64(uint256(pool) * group.coefficient[i] / 1_000_000);
            if (first > group.consumption[i]) first = group.consumption[i];
            rest.pool -= first;
            rest.weight += group.consumption[i] - first;
        }
    }
}
