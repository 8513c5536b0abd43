// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IRuleBook } from "../interfaces/IRuleBook.sol";
import { ONE_PPM } from "../types/Points.sol";
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
    METHOD_STATIC_CASCADE,
    SCHEDULE_AFTER,
    SCHEDULE_NONE,
    SURPLUS_OWNER_CONSUMER,
    SURPLUS_OWNER_PRODUCER,
    SharingKey
} from "../types/Rules.sol";

/// @title What a well-formed sharing key is
library KeyForm {
    uint256 private constant PRODUCERS_LIMIT = 16;
    uint256 private constant TIERS_LIMIT = 8;

    /// @notice Refuse a key that no settlement could apply, or that carries what its method does not read.
    /// @param key The key.
    function requireWellFormed(SharingKey calldata key) internal pure {
        uint8 method = key.method;
        require(method >= METHOD_DYNAMIC && method <= METHOD_INCENTIVE, IRuleBook.RuleMethodUnknown(method));
        _requireSurplusOwner(method, key.surplusOwner);
        bool placed = method == METHOD_SCHEDULED
            ? key.schedule != SCHEDULE_NONE && key.schedule <= SCHEDULE_AFTER
            : key.schedule == SCHEDULE_NONE;
        require(placed, IRuleBook.RuleScheduleMisplaced(method, key.schedule));
        require(
            (method == METHOD_FLOW) == (key.linkTerms != bytes32(0)),
            IRuleBook.RuleLinkTermsMisplaced(method, key.linkTerms)
        );
        // Links and pairs say who serves whom, and an incentive moves nothing: there is no total to split among producers.
        bool splits = method != METHOD_PAIRWISE && method != METHOD_FLOW && method != METHOD_INCENTIVE;
        require(
            splits || key.producerPpm.length == 0,
            IRuleBook.RuleProducerKeyMisplaced(method, key.producerPpm.length)
        );
        _requireTiers(method, key.tierMethods, key.tiers);
        _requireProducers(method, key.producers);
        _requireCoefficients(method, key);
    }

    function _requireSurplusOwner(uint8 method, uint8 owner) private pure {
        require(owner <= SURPLUS_OWNER_CONSUMER, IRuleBook.RuleSurplusOwnerUnknown(owner));
        bool entitles = method == METHOD_STATIC || method == METHOD_EQUAL || method == METHOD_SCHEDULED;
        require(
            entitles || owner == SURPLUS_OWNER_PRODUCER, IRuleBook.RuleSurplusOwnerMisplaced(method, owner)
        );
    }

    function _requireTiers(uint8 method, uint8[] calldata tierMethods, uint8[] calldata tiers) private pure {
        require(
            tierMethods.length <= TIERS_LIMIT, IRuleBook.RuleTiersTooMany(tierMethods.length, TIERS_LIMIT)
        );
        require(
            method == METHOD_PRIORITY ? tierMethods.length > 0 : tierMethods.length + tiers.length == 0,
            IRuleBook.RuleTiersMisplaced(method, tierMethods.length, tiers.length)
        );
        for (uint256 tier; tier < tierMethods.length; ++tier) {
            uint8 own = tierMethods[tier];
            require(own >= METHOD_DYNAMIC && own <= METHOD_HYBRID, IRuleBook.RuleTierMethodUnknown(tier, own));
        }
        for (uint256 slot; slot < tiers.length; ++slot) {
            uint8 tier = tiers[slot];
            require(tier < tierMethods.length, IRuleBook.RuleTierUnknown(slot, tier, tierMethods.length));
        }
    }

    function _requireProducers(uint8 method, uint32[] calldata producers) private pure {
        uint256 count = producers.length;
        require(count <= PRODUCERS_LIMIT, IRuleBook.RuleProducersTooMany(count, PRODUCERS_LIMIT));
        require((method == METHOD_PAIRWISE) == (count > 0), IRuleBook.RuleProducersMisplaced(method, count));
        for (uint256 r = 1; r < count; ++r) {
            require(producers[r] > producers[r - 1], IRuleBook.RuleProducersUnsorted(r, producers[r]));
        }
    }

    /// @dev Of a pairwise key the coefficients of each producer sum to at most one, of the others those of all slots.
    function _requireCoefficients(uint8 method, SharingKey calldata key) private pure {
        uint32[] calldata coefficientsPpm = key.coefficientsPpm;
        uint256 count = coefficientsPpm.length;
        require(
            _readsCoefficients(method, key.tierMethods) == (count > 0),
            IRuleBook.RuleCoefficientsMisplaced(method, count)
        );
        uint256 columns = method == METHOD_PAIRWISE ? key.producers.length : 1;
        require(count % columns == 0, IRuleBook.RulePairsIncomplete(count, columns));
        for (uint256 column; column < columns; ++column) {
            uint256 sum;
            for (uint256 i = column; i < count; i += columns) {
                sum += coefficientsPpm[i];
            }
            if (method == METHOD_PAIRWISE) {
                require(sum <= ONE_PPM, IRuleBook.RulePairsAboveOne(key.producers[column], sum));
            } else {
                require(sum <= ONE_PPM, IRuleBook.RuleCoefficientsAboveOne(sum));
            }
        }
    }

    function _readsCoefficients(uint8 method, uint8[] calldata tierMethods) private pure returns (bool) {
        for (uint256 tier; tier < tierMethods.length; ++tier) {
            if (_isByCoefficient(tierMethods[tier])) return true;
        }
        return method == METHOD_PAIRWISE || _isByCoefficient(method);
    }

    function _isByCoefficient(uint8 method) private pure returns (bool) {
        return method == METHOD_STATIC || method == METHOD_STATIC_CASCADE || method == METHOD_HYBRID;
    }
}
