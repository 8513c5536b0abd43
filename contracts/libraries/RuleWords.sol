// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { BillTerms } from "../types/BillTerms.sol";
import { Rule, SharingKey, Tariff } from "../types/Rules.sol";

/// @title What contests read of a rule, in two words
/// @notice Who contests pays for each word that is read: so what is read together is kept together.
/// @dev Head, from the lowest bit: method 8, source 8, surplus owner 8, schedule 8, producer key 8, seller 8, class of the community 8,
/// what it bills 8, fee 32, tax 32, residual price of each band 32. Prices, 32 each: of surplus, network, network for shared energy,
/// excise, excise on shared energy, premium for consumption, premium for feed-in.
library RuleWords {
    /// @notice Both words of a rule.
    function pack(Rule calldata rule) internal pure returns (uint256 head, uint256 prices) {
        SharingKey calldata key = rule.key;
        Tariff calldata tariff = rule.tariff;
        head = uint256(key.method) | (uint256(rule.source) << 8) | (uint256(key.surplusOwner) << 16)
            | (uint256(key.schedule) << 24) | (key.producerPpm.length > 0 ? 1 << 32 : 0);
        head |= (uint256(tariff.seller) << 40) | (uint256(tariff.communityVatClass) << 48)
            | (uint256(tariff.billedBy) << 56) | (uint256(tariff.monthlyFee) << 64)
            | (uint256(tariff.vatPpm) << 96);
        for (uint256 band; band < 4; ++band) {
            head |= uint256(tariff.residualPrice[band]) << (128 + 32 * band);
        }
        prices = uint256(tariff.surplusPrice) | (uint256(tariff.networkPrice) << 32)
            | (uint256(tariff.networkSharedPrice) << 64) | (uint256(tariff.excisePrice) << 96);
        prices |= (uint256(tariff.exciseSharedPrice) << 128) | (uint256(tariff.premiumConsumption) << 160)
            | (uint256(tariff.premiumFeedIn) << 192);
    }

    /// @notice Method of the sharing key.
    function method(uint256 head) internal pure returns (uint8) {
        return uint8(head);
    }

    /// @notice Whose allocation binds.
    function source(uint256 head) internal pure returns (uint8) {
        return uint8(head >> 8);
    }

    /// @notice Who owns the surplus.
    function surplusOwner(uint256 head) internal pure returns (uint8) {
        return uint8(head >> 16);
    }

    /// @notice When the schedule is handed in.
    function schedule(uint256 head) internal pure returns (uint8) {
        return uint8(head >> 24);
    }

    /// @notice Whether the rule has a producer key.
    function hasProducerKey(uint256 head) internal pure returns (bool) {
        return uint8(head >> 32) != 0;
    }

    /// @notice What a bill is computed with.
    function billTerms(uint256 head, uint256 prices) internal pure returns (BillTerms memory terms) {
        terms.method = uint8(head);
        terms.surplusOwner = uint8(head >> 16);
        terms.seller = uint8(head >> 40);
        terms.communityVatClass = uint8(head >> 48);
        terms.billedBy = uint8(head >> 56);
        terms.monthlyFee = uint32(head >> 64);
        terms.vatPpm = uint32(head >> 96);
        uint32[4] memory residual = terms.residualPrice;
        (residual[0], residual[1]) = (uint32(head >> 128), uint32(head >> 160));
        (residual[2], residual[3]) = (uint32(head >> 192), uint32(head >> 224));
        terms.surplusPrice = uint32(prices);
        terms.networkPrice = uint32(prices >> 32);
        terms.networkSharedPrice = uint32(prices >> 64);
        terms.excisePrice = uint32(prices >> 96);
        terms.exciseSharedPrice = uint32(prices >> 128);
        terms.premiumConsumption = uint32(prices >> 160);
        terms.premiumFeedIn = uint32(prices >> 192);
    }
}
