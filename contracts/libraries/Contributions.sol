// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { DIRECTION_FEED_IN } from "../types/Points.sol";
import {
    METHOD_DYNAMIC,
    METHOD_EQUAL,
    METHOD_HYBRID,
    METHOD_PAIRWISE,
    METHOD_PRIORITY,
    METHOD_STATIC_CASCADE,
    SlotTerms
} from "../types/Rules.sol";
import { Leaves } from "./Leaves.sol";
import { PairwiseKey } from "./PairwiseKey.sol";
import { PriorityKey } from "./PriorityKey.sol";
import { StaticKey } from "./StaticKey.sol";

/// @title What a row gives to the rounds of a stair, and what the last stair must be
/// @notice Sums of contributions over all slots are what a header's rounds say: nothing that decides a share stands on the settler's word.
library Contributions {
    /// @notice Sums of an interval over some slots. A stair's rounds are those of the key, then the value where producers name prices.
    /// @param feedIn Sum of feed-in. [mWh]
    /// @param consumption Sum of consumption. [mWh]
    /// @param allocated Sum of what consumers were given. [mWh]
    /// @param shared Sum of what producers gave. [mWh]
    /// @param given First number of each round.
    /// @param weight Second number of each round.
    struct Sums {
        uint256 feedIn;
        uint256 consumption;
        uint256 allocated;
        uint256 shared;
        uint256[] given;
        uint256[] weight;
    }

    /// @notice A stair's sums, to be added to.
    /// @param stair The stair.
    /// @param rounds Its rounds.
    function begin(Leaves.Stair memory stair, Leaves.Round[] memory rounds)
        internal
        pure
        returns (Sums memory sums)
    {
        sums = Sums({
            feedIn: stair.feedIn,
            consumption: stair.consumption,
            allocated: stair.allocated,
            shared: stair.shared,
            given: new uint256[](rounds.length),
            weight: new uint256[](rounds.length)
        });
        for (uint256 r; r < rounds.length; ++r) {
            (sums.given[r], sums.weight[r]) = (rounds[r].pool, rounds[r].weight);
        }
    }

    /// @notice Whether a stair holds these sums.
    function held(Sums memory sums, Leaves.Stair memory stair, Leaves.Round[] memory rounds)
        internal
        pure
        returns (bool)
    {
        if (
            sums.feedIn != stair.feedIn || sums.consumption != stair.consumption
                || sums.allocated != stair.allocated || sums.shared != stair.shared
                || sums.given.length != rounds.length
        ) {
            return false;
        }
        for (uint256 r; r < rounds.length; ++r) {
            if (sums.given[r] != rounds[r].pool || sums.weight[r] != rounds[r].weight) return false;
        }
        return true;
    }

    /// @notice Add a row, but for the value.
    /// @param sums Sums so far.
    /// @param terms What the rule says of its slot.
    /// @param direction 0 consumption, 1 feed-in.
    /// @param row The row.
    /// @param header Header of its interval, with all the rounds of the key; read where the key has rounds.
    function add(
        Sums memory sums,
        SlotTerms memory terms,
        uint8 direction,
        Leaves.Row memory row,
        Leaves.Header memory header
    ) internal pure {
        if (direction == DIRECTION_FEED_IN) {
            sums.feedIn += row.energy;
            sums.shared += row.allocated;
            if (terms.producerKey) {
                uint256 last = header.rounds.length - 1;
                _addLevel(sums, last, header.rounds[last], terms.producerPpm, row.energy);
            }
            return;
        }
        sums.consumption += row.energy;
        sums.allocated += row.allocated;
        _addConsumer(sums, terms, row, header);
    }

    /// @notice Add the last totals of a slot.
    /// @param sums Sums so far.
    /// @param direction 0 consumption, 1 feed-in.
    /// @param x Its totals. [mWh]
    function addTotals(Sums memory sums, uint8 direction, uint64[10] memory x) internal pure {
        uint256 energy = uint256(x[0]) + x[2] + x[4] + x[6];
        uint256 allocated = uint256(x[1]) + x[3] + x[5] + x[7];
        if (direction == DIRECTION_FEED_IN) {
            sums.feedIn += energy;
            sums.shared += allocated;
        } else {
            sums.consumption += energy;
            sums.allocated += allocated;
        }
    }

    /// @notice Add the links of a consumption row of a flow key: each to its producer's round.
    /// @param sums Sums so far.
    /// @param producers Feed-in slots of the period, ascending.
    /// @param links Links of the row's detail. [mWh]
    function addLinks(Sums memory sums, uint32[] memory producers, Leaves.Flow[] memory links) internal pure {
        for (uint256 i; i < links.length; ++i) {
            uint256 round = PairwiseKey.roundOf(producers, links[i].slot);
            // A link to who is no producer adds to no round: the sums are then short of what was allocated.
            if (round < producers.length) sums.given[round] += links[i].energy;
        }
    }

    /// @notice Add what a producer's part is worth at its own price, to the round after the key's.
    /// @param sums Sums so far.
    /// @param shared The producer's part. [mWh]
    /// @param price Its price. [micro-euro per kWh]
    function addValue(Sums memory sums, uint64 shared, uint32 price) internal pure {
        sums.given[sums.given.length - 1] += uint256(shared) * price;
    }

    /// @notice Whether the last stair is what the header says of all slots.
    /// @param sums The last stair.
    /// @param terms What the rule says of any slot.
    /// @param header The header.
    /// @param rounds Rounds that the key has.
    /// @param valued Whether a round of values follows.
    function complete(
        Sums memory sums,
        SlotTerms memory terms,
        Leaves.Header memory header,
        uint256 rounds,
        bool valued
    ) internal pure returns (bool) {
        if (
            sums.feedIn != header.feedIn || sums.consumption != header.consumption
                || sums.allocated != header.allocated || sums.shared != header.allocated
                || header.rounds.length != rounds || sums.given.length != (valued ? rounds + 1 : rounds)
        ) {
            return false;
        }
        if (valued && (sums.given[rounds] != header.value || sums.weight[rounds] != 0)) return false;
        if (rounds == 0) return true;
        uint256 own = rounds;
        if (terms.producerKey) {
            --own;
            if (!_isLevel(sums, own, header.rounds[own], header.allocated)) return false;
        }
        if (terms.method == METHOD_PRIORITY) return _tiersComplete(sums, terms.tierMethods, header);
        if (own == 0) return true;
        Leaves.Round memory first = header.rounds[0];
        if (terms.method == METHOD_EQUAL) {
            return first.pool == header.feedIn && first.weight == sums.weight[0] && sums.given[0] == 0;
        }
        if (PriorityKey.hasLevel(terms.method)) return _isLevel(sums, 0, first, header.feedIn);
        // Of pairs and of a flow each producer has a round, and gave what all consumers have of it.
        for (uint256 r; r < own; ++r) {
            if (sums.given[r] != header.rounds[r].weight || sums.weight[r] != 0) return false;
        }
        return true;
    }

    function _addConsumer(
        Sums memory sums,
        SlotTerms memory terms,
        Leaves.Row memory row,
        Leaves.Header memory header
    ) private pure {
        (uint8 method, uint64 energy) = (terms.method, row.energy);
        if (method == METHOD_EQUAL) {
            ++sums.weight[0];
        } else if (method == METHOD_STATIC_CASCADE) {
            _addLevel(sums, 0, header.rounds[0], terms.coefficientPpm, energy);
        } else if (method == METHOD_HYBRID) {
            _addRest(sums, 0, header.feedIn, terms.coefficientPpm, energy);
        } else if (method == METHOD_PAIRWISE) {
            uint256[] memory parts = PairwiseKey.partsDown(header.rounds, terms.pairsPpm, energy);
            for (uint256 r; r < parts.length; ++r) {
                sums.given[r] += parts[r];
            }
        } else if (method == METHOD_PRIORITY) {
            _addTier(sums, terms, row, header);
        }
    }

    /// @dev A row gives to the rounds of its own tier alone.
    function _addTier(
        Sums memory sums,
        SlotTerms memory terms,
        Leaves.Row memory row,
        Leaves.Header memory header
    ) private pure {
        uint8 method = terms.tierMethods[terms.tier];
        uint256 place = PriorityKey.roundCount(terms.tierMethods, terms.tier);
        sums.given[place] += row.allocated;
        sums.weight[
            place
        ] += method == METHOD_DYNAMIC ? row.energy : method == METHOD_EQUAL ? 1 : terms.coefficientPpm;
        if (method == METHOD_STATIC_CASCADE) {
            _addLevel(sums, place + 1, header.rounds[place + 1], terms.coefficientPpm, row.energy);
        } else if (method == METHOD_HYBRID) {
            _addRest(sums, place + 1, header.rounds[place].pool, terms.coefficientPpm, row.energy);
        }
    }

    /// @dev Who has its part of the level gives its energy, the others their weight; without a weight one has no part and gives nothing.
    function _addLevel(
        Sums memory sums,
        uint256 round,
        Leaves.Round memory level,
        uint32 weightPpm,
        uint64 energy
    ) private pure {
        bool satisfied = weightPpm > 0 && uint256(energy) * level.weight <= uint256(level.pool) * weightPpm;
        if (satisfied) sums.given[round] += energy;
        else sums.weight[round] += weightPpm;
    }

    /// @dev What the coefficient gives, and the consumption that it leaves.
    function _addRest(Sums memory sums, uint256 round, uint64 pool, uint32 coefficientPpm, uint64 energy)
        private
        pure
    {
        uint256 first = StaticKey.allocatedDown(pool, coefficientPpm, energy);
        sums.given[round] += first;
        sums.weight[round] += energy - first;
    }

    /// @dev Each tier shares what the one before it left.
    function _tiersComplete(Sums memory sums, uint8[] memory tierMethods, Leaves.Header memory header)
        private
        pure
        returns (bool)
    {
        uint256 pool = header.feedIn;
        uint256 place;
        for (uint256 tier; tier < tierMethods.length; ++tier) {
            Leaves.Round memory own = header.rounds[place];
            if (own.pool != pool || own.weight != sums.weight[place] || sums.given[place] > pool) {
                return false;
            }
            pool -= sums.given[place++];
            if (!PriorityKey.hasLevel(tierMethods[tier])) continue;
            if (!_isLevel(sums, place, header.rounds[place], own.pool)) return false;
            ++place;
        }
        return true;
    }

    function _isLevel(Sums memory sums, uint256 round, Leaves.Round memory level, uint256 pool)
        private
        pure
        returns (bool)
    {
        return level.pool + sums.given[round] == pool && level.weight == sums.weight[round];
    }
}
