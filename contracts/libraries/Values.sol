// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ONE_PPM, DIRECTION_FEED_IN } from "../types/Points.sol";
import {
    METHOD_EQUAL,
    METHOD_INCENTIVE,
    METHOD_SCHEDULED,
    METHOD_STATIC,
    PRICING_MID_MARKET,
    PRICING_UNIFORM,
    SOURCE_OPERATOR,
    SURPLUS_OWNER_CONSUMER,
    SlotTerms
} from "../types/Rules.sol";
import { ValueTerms } from "../types/ValueTerms.sol";
import { Leaves } from "./Leaves.sol";

/// @title What shared energy is worth
library Values {
    /// @notice What an interval's shared energy is worth, where one price holds for all of it: not where producers name theirs.
    /// @param terms Prices of the rule.
    /// @param header Totals of the interval.
    /// @param band Its tariff band.
    /// @return Value. [pico-euro]
    function totalDown(ValueTerms memory terms, Leaves.Header memory header, uint8 band)
        internal
        pure
        returns (uint256)
    {
        (uint256 low, uint256 high, uint256 shared) =
            (terms.surplusPrice, terms.residualPrice[band], header.allocated);
        if (terms.pricing == PRICING_UNIFORM) return shared * terms.sharedPrice;
        if (terms.pricing == PRICING_MID_MARKET) return shared * ((high + low) / 2);
        if (header.feedIn >= header.consumption) return shared * low;
        uint256 divisor = Math.saturatingSub(high, low) * header.feedIn + low * header.consumption;
        return divisor == 0 ? 0 : shared * low * high * header.consumption / divisor;
    }

    /// @notice A row's part of the interval's value.
    /// @param header Totals of the interval.
    /// @param allocated What the row was given, or gave. [mWh]
    /// @return Value. [pico-euro]
    function partDown(Leaves.Header memory header, uint64 allocated) internal pure returns (uint256) {
        return header.allocated == 0 ? 0 : uint256(header.value) * allocated / header.allocated;
    }

    /// @notice What an interval credits a row: where consumers own the surplus what it was entitled to and did not use; of an incentive
    /// its part of what was consumed while it was fed in.
    /// @param terms What the rule says of the slot.
    /// @param direction 0 consumption, 1 feed-in.
    /// @param header Totals of the interval, with the rounds of the key.
    /// @param row The row.
    /// @return Credited energy; more than any where the row was given more than it was entitled to. [mWh]
    function creditedDown(
        SlotTerms memory terms,
        uint8 direction,
        Leaves.Header memory header,
        Leaves.Row memory row
    ) internal pure returns (uint256) {
        if (terms.source == SOURCE_OPERATOR) return 0;
        uint8 method = terms.method;
        if (method == METHOD_INCENTIVE) {
            uint256 divisor = direction == DIRECTION_FEED_IN ? header.feedIn : header.consumption;
            uint256 matched = Math.min(header.feedIn, header.consumption);
            return divisor == 0 ? 0 : matched * row.energy / divisor;
        }
        bool owns = terms.surplusOwner == SURPLUS_OWNER_CONSUMER && direction != DIRECTION_FEED_IN;
        if (!owns) return 0;
        uint256 entitled;
        if (method == METHOD_STATIC || method == METHOD_SCHEDULED) {
            entitled = uint256(header.feedIn) * terms.coefficientPpm / ONE_PPM;
        } else if (method == METHOD_EQUAL && header.rounds.length > 0 && header.rounds[0].weight > 0) {
            entitled = header.feedIn / header.rounds[0].weight;
        }
        return entitled < row.allocated ? type(uint256).max : entitled - row.allocated;
    }
}
