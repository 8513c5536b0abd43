// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { DIRECTION_FEED_IN } from "../types/Points.sol";
import {
    METHOD_DYNAMIC,
    METHOD_EQUAL,
    METHOD_FLOW,
    METHOD_HYBRID,
    METHOD_INCENTIVE,
    METHOD_PAIRWISE,
    METHOD_PRIORITY,
    METHOD_SCHEDULED,
    METHOD_STATIC,
    SlotTerms
} from "../types/Rules.sol";
import { DynamicKey } from "./DynamicKey.sol";
import { EqualKey } from "./EqualKey.sol";
import { HybridKey } from "./HybridKey.sol";
import { IncentiveKey } from "./IncentiveKey.sol";
import { Leaves } from "./Leaves.sol";
import { PairwiseKey } from "./PairwiseKey.sol";
import { PriorityKey } from "./PriorityKey.sol";
import { ProducerKey } from "./ProducerKey.sol";
import { ProducerShares } from "./ProducerShares.sol";
import { StaticCascadeKey } from "./StaticCascadeKey.sol";
import { StaticKey } from "./StaticKey.sol";

/// @title What a sharing key gives to one row
/// @notice A row depends on itself and its interval's header alone: no order, no neighbour.
library SharingKeys {
    /// @notice The method has no formula that one row could be held against.
    error SharingKeyUnknown(uint8 method);

    /// @notice What the formula knows of a slot.
    /// @param terms What the rule says of it.
    /// @param direction 0 consumption, 1 feed-in.
    /// @param slot The slot.
    /// @param t Interval of the day.
    /// @param slots Slots of the period.
    struct Member {
        SlotTerms terms;
        uint8 direction;
        uint32 slot;
        uint16 t;
        uint32 slots;
    }

    /// @notice Whether a header says of its rounds what it must: how many there are, that the first shares what was fed in, and
    /// of a pairwise key's producer what it fed in and that it gave no more. Where it does not, no row of the interval is as it should be.
    /// @param member The slot and its key.
    /// @param header Totals of the interval.
    /// @param energy Consumption or feed-in of the slot. [mWh]
    function headerHolds(Member memory member, Leaves.Header memory header, uint64 energy)
        internal
        pure
        returns (bool)
    {
        SlotTerms memory terms = member.terms;
        requireFormula(terms.method);
        if (header.rounds.length != roundCount(terms)) return false;
        if (terms.method == METHOD_EQUAL || terms.method == METHOD_PRIORITY) {
            return header.rounds[0].pool == header.feedIn;
        }
        if (terms.method == METHOD_PAIRWISE && member.direction == DIRECTION_FEED_IN) {
            uint256 round = PairwiseKey.roundOf(terms.producers, member.slot);
            return round == terms.producers.length
                || (header.rounds[round].pool == energy && header.rounds[round].weight <= energy);
        }
        return true;
    }

    /// @notice Rounds that a key's headers have.
    /// @param terms What the rule says of any slot.
    /// @return count Rounds, that of the producer key included.
    function roundCount(SlotTerms memory terms) internal pure returns (uint256 count) {
        if (terms.method == METHOD_PRIORITY) {
            count = PriorityKey.roundCount(terms.tierMethods, terms.tierMethods.length);
        } else if (terms.method == METHOD_PAIRWISE) {
            count = terms.producers.length;
        } else if (terms.method == METHOD_EQUAL || PriorityKey.hasLevel(terms.method)) {
            count = 1;
        }
        if (terms.producerKey) ++count;
    }

    /// @notice Allocation of a consumer, or the shared part of a producer.
    /// @dev The header must hold.
    /// @param member The slot and its key.
    /// @param header Totals of the interval.
    /// @param energy Consumption or feed-in of the slot. [mWh]
    /// @return What the row must hold as allocated. [mWh]
    function allocated(Member memory member, Leaves.Header memory header, uint64 energy)
        internal
        pure
        returns (uint256)
    {
        return member.direction == DIRECTION_FEED_IN
            ? _shared(member, header, energy)
            : _given(member.terms, header, energy);
    }

    /// @notice Refuse a method whose rows no header explains: a row of `flow` is the sum of its links, which its detail holds.
    /// @param method Method of the sharing key.
    function requireFormula(uint8 method) internal pure {
        bool known = method >= METHOD_DYNAMIC && method <= METHOD_INCENTIVE && method != METHOD_FLOW;
        require(known, SharingKeyUnknown(method));
    }

    function _given(SlotTerms memory terms, Leaves.Header memory header, uint64 energy)
        private
        pure
        returns (uint256)
    {
        uint8 method = terms.method;
        uint32 coefficientPpm = terms.coefficientPpm;
        if (method == METHOD_DYNAMIC) {
            return DynamicKey.allocatedDown(header.feedIn, header.consumption, energy);
        }
        if (method == METHOD_STATIC || method == METHOD_SCHEDULED) {
            return StaticKey.allocatedDown(header.feedIn, coefficientPpm, energy);
        }
        if (method == METHOD_INCENTIVE) return IncentiveKey.allocated();
        if (method == METHOD_PAIRWISE) {
            return PairwiseKey.allocatedDown(header.rounds, terms.pairsPpm, energy);
        }
        if (method == METHOD_PRIORITY) {
            uint256 place = PriorityKey.roundCount(terms.tierMethods, terms.tier);
            uint8 own = terms.tierMethods[terms.tier];
            return PriorityKey.allocatedDown(own, header.rounds, place, coefficientPpm, energy);
        }
        requireFormula(method);
        Leaves.Round memory round = header.rounds[0];
        if (method == METHOD_EQUAL) return EqualKey.allocatedDown(header.feedIn, round.weight, energy);
        return method == METHOD_HYBRID
            ? HybridKey.allocatedDown(header.feedIn, round.pool, round.weight, coefficientPpm, energy)
            : StaticCascadeKey.allocatedDown(round.pool, round.weight, coefficientPpm, energy);
    }

    function _shared(Member memory member, Leaves.Header memory header, uint64 energy)
        private
        pure
        returns (uint256)
    {
        SlotTerms memory terms = member.terms;
        if (terms.method == METHOD_INCENTIVE) return IncentiveKey.allocated();
        if (terms.method == METHOD_PAIRWISE) {
            uint256 place = PairwiseKey.roundOf(terms.producers, member.slot);
            return place == terms.producers.length ? 0 : header.rounds[place].weight;
        }
        requireFormula(terms.method);
        // The key turns with the interval, so that no slot gets the odd milliwatt-hour every time.
        uint256 key = (uint256(member.slot) + member.t) % member.slots;
        if (!terms.producerKey) {
            return ProducerShares.shareExactly(
                ProducerShares.Part({
                    allocated: header.allocated,
                    pool: header.feedIn,
                    feedIn: energy,
                    key: key,
                    tau: header.tau
                })
            );
        }
        Leaves.Round memory level = header.rounds[header.rounds.length - 1];
        return ProducerKey.shareExactly(
            ProducerKey.Part({
                level: level.pool,
                weight: level.weight,
                producerPpm: terms.producerPpm,
                feedIn: energy,
                key: key,
                tau: header.tau
            })
        );
    }
}
