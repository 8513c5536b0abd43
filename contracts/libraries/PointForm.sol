// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "../interfaces/ICommunityRegistry.sol";
import { ConfirmPoint, DIRECTION_FEED_IN, ONE_PPM } from "../types/Points.sol";

/// @title What a well-formed confirmation of a metering point is
library PointForm {
    /// @dev A slot that no opening could reach would leave its period shut for ever.
    uint32 private constant SLOTS_LIMIT = 1920;

    /// @notice Refuse a point that no period of this community could hold.
    /// @param community The community of the chunk.
    /// @param period First civil date of the period of the chunk. [days since 1970-01-01]
    /// @param given The point.
    function requireWellFormed(bytes32 community, uint32 period, ConfirmPoint calldata given) internal pure {
        uint32 slot = given.slot;
        require(
            given.community == community && given.period == period,
            ICommunityRegistry.PointElsewhere(slot, given.community, given.period)
        );
        require(slot < SLOTS_LIMIT, ICommunityRegistry.SlotTooHigh(slot, SLOTS_LIMIT));
        require(
            given.direction <= DIRECTION_FEED_IN, ICommunityRegistry.DirectionUnknown(slot, given.direction)
        );
        require(
            given.factorPpm != 0 && given.factorPpm <= ONE_PPM,
            ICommunityRegistry.FactorOutOfRange(slot, given.factorPpm)
        );
        require(
            given.fromDay < given.untilDay,
            ICommunityRegistry.ActiveDaysEmpty(slot, given.fromDay, given.untilDay)
        );
    }
}
