// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IRuleBook } from "../interfaces/IRuleBook.sol";
import { ONE_PPM } from "../types/Points.sol";
import {
    GAPS_RETURNED,
    Limits,
    LIMIT_ESTIMATED,
    LIMIT_MISSING,
    METHOD_FLOW,
    PRICING_PRODUCER,
    PRICING_SUPPLY_DEMAND,
    Rule,
    SELLER_PRODUCER,
    SOURCE_OPERATOR,
    Tariff
} from "../types/Rules.sol";
import { KeyForm } from "./KeyForm.sol";

/// @title What a well-formed rule is
library RuleForm {
    uint8 private constant VAT_CLASS_LIABLE = 2;
    uint8 private constant BILLED_BY_ALL = 15;
    uint8 private constant BAND_LAST = 3;
    uint16 private constant MINUTES_OF_DAY = 1440;
    uint32 private constant LONGEST_WINDOW = 366 days;

    /// @notice Refuse a rule that no settlement could apply.
    /// @param rule The rule.
    function requireWellFormed(Rule calldata rule) internal pure {
        require(rule.source <= SOURCE_OPERATOR, IRuleBook.RuleSourceUnknown(rule.source));
        require(
            rule.contestWindowSeconds <= LONGEST_WINDOW,
            IRuleBook.RuleWindowTooLong(rule.contestWindowSeconds, LONGEST_WINDOW)
        );
        _requireLimits(rule.limits);
        KeyForm.requireWellFormed(rule.key);
        _requireTariff(rule.tariff);
        _requirePricing(rule.key.method, rule.tariff);
    }

    function _requireLimits(Limits calldata limits) private pure {
        require(
            limits.maxEstimatedPpm <= ONE_PPM,
            IRuleBook.RuleLimitAboveOne(LIMIT_ESTIMATED, limits.maxEstimatedPpm)
        );
        require(
            limits.maxMissingPpm <= ONE_PPM, IRuleBook.RuleLimitAboveOne(LIMIT_MISSING, limits.maxMissingPpm)
        );
        require(limits.gaps <= GAPS_RETURNED, IRuleBook.RuleGapsUnknown(limits.gaps));
    }

    function _requireTariff(Tariff calldata tariff) private pure {
        require(tariff.vatPpm <= ONE_PPM, IRuleBook.RuleVatAboveOne(tariff.vatPpm));
        require(
            tariff.communityVatClass <= VAT_CLASS_LIABLE,
            IRuleBook.RuleVatClassUnknown(tariff.communityVatClass)
        );
        require(tariff.billedBy <= BILLED_BY_ALL, IRuleBook.RuleBilledByUnknown(tariff.billedBy));
        require(tariff.seller <= SELLER_PRODUCER, IRuleBook.RuleSellerUnknown(tariff.seller));
        require(tariff.windows.length > 0, IRuleBook.RuleWindowsMissing());
        uint24 former;
        for (uint256 i; i < tariff.windows.length; ++i) {
            uint24 window = tariff.windows[i];
            uint24 minute = window >> 8;
            bool placed = i == 0 ? minute == 0 : minute > former >> 8;
            require(
                placed && minute < MINUTES_OF_DAY && window & 0xff <= BAND_LAST,
                IRuleBook.RuleWindowMalformed(i, window)
            );
            former = window;
        }
    }

    function _requirePricing(uint8 method, Tariff calldata tariff) private pure {
        uint8 pricing = tariff.pricing;
        require(pricing <= PRICING_PRODUCER, IRuleBook.RulePricingUnknown(pricing));
        require(
            (pricing == PRICING_PRODUCER) == (tariff.producerPrice.length > 0),
            IRuleBook.RuleProducerPricesMisplaced(pricing, tariff.producerPrice.length)
        );
        if (pricing != PRICING_SUPPLY_DEMAND) return;
        // Its price depends on all that was shared, a link's must not depend on other links.
        require(method != METHOD_FLOW, IRuleBook.RulePricingMisplaced(method, pricing));
        // Only bands that a window names have a price.
        for (uint256 i; i < tariff.windows.length; ++i) {
            uint256 band = tariff.windows[i] & 0xff;
            uint32 residual = tariff.residualPrice[band];
            require(
                residual >= tariff.surplusPrice,
                IRuleBook.RuleResidualBelowSurplus(band, residual, tariff.surplusPrice)
            );
        }
    }
}
