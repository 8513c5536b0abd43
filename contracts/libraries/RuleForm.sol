// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IRuleBook } from "../interfaces/IRuleBook.sol";
import { ONE_PPM } from "../types/Points.sol";
import {
    Limits,
    Rule,
    Tariff,
    LIMIT_ESTIMATED,
    LIMIT_MISSING,
    METHOD_DYNAMIC,
    METHOD_STATIC,
    SURPLUS_OWNER_PRODUCER
} from "../types/Rules.sol";

/// @title What a well-formed rule is
library RuleForm {
    uint8 private constant VAT_CLASS_LIABLE = 2;
    uint8 private constant BILLED_BY_ALL = 15;
    uint8 private constant BAND_LAST = 3;
    uint16 private constant MINUTES_OF_DAY = 1440;

    /// @notice Refuse a rule that no settlement could apply.
    /// @param rule The rule.
    function requireWellFormed(Rule calldata rule) internal pure {
        require(
            rule.surplusOwner == SURPLUS_OWNER_PRODUCER, IRuleBook.RuleSurplusOwnerUnknown(rule.surplusOwner)
        );
        _requireLimits(rule.limits);
        _requireTariff(rule.tariff);
        _requireKey(rule.method, rule.coefficientsPpm);
    }

    function _requireLimits(Limits calldata limits) private pure {
        require(
            limits.maxEstimatedPpm <= ONE_PPM,
            IRuleBook.RuleLimitAboveOne(LIMIT_ESTIMATED, limits.maxEstimatedPpm)
        );
        require(
            limits.maxMissingPpm <= ONE_PPM, IRuleBook.RuleLimitAboveOne(LIMIT_MISSING, limits.maxMissingPpm)
        );
    }

    function _requireTariff(Tariff calldata tariff) private pure {
        require(tariff.vatPpm <= ONE_PPM, IRuleBook.RuleVatAboveOne(tariff.vatPpm));
        require(
            tariff.communityVatClass <= VAT_CLASS_LIABLE,
            IRuleBook.RuleVatClassUnknown(tariff.communityVatClass)
        );
        require(tariff.billedBy <= BILLED_BY_ALL, IRuleBook.RuleBilledByUnknown(tariff.billedBy));
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

    function _requireKey(uint8 method, uint32[] calldata coefficientsPpm) private pure {
        require(method == METHOD_DYNAMIC || method == METHOD_STATIC, IRuleBook.RuleMethodUnknown(method));
        require(
            (method == METHOD_STATIC) == (coefficientsPpm.length > 0),
            IRuleBook.RuleCoefficientsMisplaced(method, coefficientsPpm.length)
        );
        uint256 sum;
        for (uint256 slot; slot < coefficientsPpm.length; ++slot) {
            sum += coefficientsPpm[slot];
        }
        require(sum <= ONE_PPM, IRuleBook.RuleCoefficientsAboveOne(sum));
    }
}
