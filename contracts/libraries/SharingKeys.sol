// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { DIRECTION_FEED_IN } from "../types/Points.sol";
import { METHOD_DYNAMIC, METHOD_STATIC } from "../types/Rules.sol";
import { DynamicKey } from "./DynamicKey.sol";
import { Leaves } from "./Leaves.sol";
import { ProducerShares } from "./ProducerShares.sol";
import { StaticKey } from "./StaticKey.sol";

/// @title What a sharing key gives to one row
/// @notice A row depends on itself and its interval's header alone: no order, no neighbour.
library SharingKeys {
    /// @notice The method has no formula here.
    error SharingKeyUnknown(uint8 method);

    /// @notice What the formula knows of a slot.
    /// @param method Sharing key: 1 dynamic, 2 static.
    /// @param direction 0 consumption, 1 feed-in.
    /// @param coefficientPpm Sharing coefficient of a static key. [ppm]
    /// @param slot The slot.
    /// @param t Interval of the day.
    /// @param slots Slots of the period.
    struct Member {
        uint8 method;
        uint8 direction;
        uint32 coefficientPpm;
        uint32 slot;
        uint16 t;
        uint32 slots;
    }

    /// @notice Allocation of a consumer, or the shared part of a producer.
    /// @param member The slot and its key.
    /// @param header Totals of the interval.
    /// @param energy Consumption or feed-in of the slot. [mWh]
    /// @return What the row must hold as allocated. [mWh]
    function allocated(Member memory member, Leaves.Header memory header, uint64 energy)
        internal
        pure
        returns (uint256)
    {
        if (member.direction == DIRECTION_FEED_IN) {
            return ProducerShares.shareExactly(
                ProducerShares.Part({
                    allocated: header.allocated,
                    pool: header.feedIn,
                    feedIn: energy,
                    slot: member.slot,
                    t: member.t,
                    slots: member.slots,
                    tau: header.tau
                })
            );
        }
        if (member.method == METHOD_DYNAMIC) {
            return DynamicKey.allocatedDown(header.feedIn, header.consumption, energy);
        }
        require(member.method == METHOD_STATIC, SharingKeyUnknown(member.method));
        return StaticKey.allocatedDown(header.feedIn, member.coefficientPpm, energy);
    }
}
