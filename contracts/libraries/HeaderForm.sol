// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import {
    METHOD_EQUAL,
    METHOD_FLOW,
    METHOD_PAIRWISE,
    METHOD_PRIORITY,
    PRICING_PRODUCER,
    SlotTerms,
    SOURCE_OPERATOR
} from "../types/Rules.sol";
import { ValueTerms } from "../types/ValueTerms.sol";
import { Leaves } from "./Leaves.sol";
import { SharingKeys } from "./SharingKeys.sol";
import { Values } from "./Values.sol";

/// @title What a header can say
/// @notice Whatever the rows are: a header that breaks one of these has no rows that it could be the header of.
library HeaderForm {
    uint8 internal constant PART_NONE = 0;
    uint8 internal constant PART_BAND = 1;
    uint8 internal constant PART_ALLOCATED = 2;
    uint8 internal constant PART_VALUE = 3;
    uint8 internal constant PART_ROUNDS = 4;
    uint8 internal constant PART_POOL = 5;
    uint8 internal constant PART_TAU = 6;
    uint8 internal constant PART_LEVEL = 7;

    /// @notice What a header is held against.
    /// @param terms What the rule says of any slot.
    /// @param prices What it says of prices.
    /// @param band Band of the interval.
    /// @param slots Slots of the period.
    struct Frame {
        SlotTerms terms;
        ValueTerms prices;
        uint8 band;
        uint32 slots;
    }

    /// @notice The first part of a header that cannot be, if any.
    /// @param frame What it is held against.
    /// @param header The header.
    /// @return part Which part, none where each can be.
    /// @return held What it says.
    /// @return due What it must say, or the most it can.
    function findFault(Frame memory frame, Leaves.Header memory header)
        internal
        pure
        returns (uint8 part, uint256 held, uint256 due)
    {
        if (header.band != frame.band) return (PART_BAND, header.band, frame.band);
        due = Math.min(header.feedIn, header.consumption);
        if (header.allocated > due) return (PART_ALLOCATED, header.allocated, due);
        bool operated = frame.terms.source == SOURCE_OPERATOR;
        bool byLinks = frame.terms.method == METHOD_FLOW && !operated;
        if (frame.prices.pricing != PRICING_PRODUCER && !byLinks) {
            due = Values.totalDown(frame.prices, header, frame.band);
            if (header.value != due) return (PART_VALUE, header.value, due);
        }
        due = _mostTau(frame, header, operated);
        if (header.tau > due) return (PART_TAU, header.tau, due);
        // A flow has a round for each producer of the period, whom the rule does not name.
        if (byLinks) return (PART_NONE, 0, 0);
        due = operated ? 0 : SharingKeys.roundCount(frame.terms);
        if (header.rounds.length != due) return (PART_ROUNDS, header.rounds.length, due);
        return operated ? (PART_NONE, 0, 0) : _findRound(frame.terms, header);
    }

    /// @dev tau hands out what flooring leaves: nothing where nothing is shared, or all that was fed in.
    function _mostTau(Frame memory frame, Leaves.Header memory header, bool operated)
        private
        pure
        returns (uint256)
    {
        uint8 method = frame.terms.method;
        bool split = !operated && method != METHOD_PAIRWISE && method != METHOD_FLOW;
        return split && header.allocated != 0 && header.allocated != header.feedIn ? frame.slots : 0;
    }

    function _findRound(SlotTerms memory terms, Leaves.Header memory header)
        private
        pure
        returns (uint8 part, uint256 held, uint256 due)
    {
        if (terms.method == METHOD_EQUAL || terms.method == METHOD_PRIORITY) {
            (held, due) = (header.rounds[0].pool, header.feedIn);
            if (held != due) return (PART_POOL, held, due);
        }
        if (!terms.producerKey) return (PART_NONE, 0, 0);
        Leaves.Round memory level = header.rounds[header.rounds.length - 1];
        // Where all that was fed in is shared everyone is satisfied, and nothing of the level is left.
        bool all = header.allocated == header.feedIn;
        if (all && level.weight != 0) return (PART_LEVEL, level.weight, 0);
        if (all && level.pool != 0) return (PART_LEVEL, level.pool, 0);
        return level.pool > header.allocated ? (PART_LEVEL, level.pool, header.allocated) : (PART_NONE, 0, 0);
    }
}
