// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Limits, Rule, SharingKey, Tariff } from "../types/Rules.sol";

/// @title A rule as EIP-712 hashes it, so that a wallet shows each of its fields
library RuleHashes {
    /// @dev The types that a rule consists of, in the order of their names.
    string internal constant TYPES = "Limits(uint32 maxEstimatedPpm,uint32 maxMissingPpm,uint8 gaps,bytes32 terms)"
        "Rule(uint32 effectiveFrom,uint32 contestWindowSeconds,uint8 source,Limits limits,SharingKey key,Tariff tariff)"
        "SharingKey(uint8 method,uint8 surplusOwner,uint8 schedule,uint32[] coefficientsPpm,uint32[] producers,"
        "uint8[] tierMethods,uint8[] tiers,uint32[] producerPpm,bytes32 linkTerms)"
        "Tariff(uint32[4] residualPrice,uint32 sharedPrice,uint32 surplusPrice,uint32 networkPrice,"
        "uint32 networkSharedPrice,uint32 excisePrice,uint32 exciseSharedPrice,uint32 premiumConsumption,"
        "uint32 premiumFeedIn,uint8 pricing,uint8 seller,uint32 monthlyFee,uint32 vatPpm,uint8 communityVatClass,"
        "uint8 billedBy,uint24[] windows,uint32[] producerPrice)";

    bytes32 private constant LIMITS_TYPEHASH =
        keccak256("Limits(uint32 maxEstimatedPpm,uint32 maxMissingPpm,uint8 gaps,bytes32 terms)");
    bytes32 private constant RULE_TYPEHASH = keccak256(
        "Rule(uint32 effectiveFrom,uint32 contestWindowSeconds,uint8 source,Limits limits,SharingKey key,Tariff tariff)"
        "Limits(uint32 maxEstimatedPpm,uint32 maxMissingPpm,uint8 gaps,bytes32 terms)"
        "SharingKey(uint8 method,uint8 surplusOwner,uint8 schedule,uint32[] coefficientsPpm,uint32[] producers,"
        "uint8[] tierMethods,uint8[] tiers,uint32[] producerPpm,bytes32 linkTerms)"
        "Tariff(uint32[4] residualPrice,uint32 sharedPrice,uint32 surplusPrice,uint32 networkPrice,"
        "uint32 networkSharedPrice,uint32 excisePrice,uint32 exciseSharedPrice,uint32 premiumConsumption,"
        "uint32 premiumFeedIn,uint8 pricing,uint8 seller,uint32 monthlyFee,uint32 vatPpm,uint8 communityVatClass,"
        "uint8 billedBy,uint24[] windows,uint32[] producerPrice)"
    );
    bytes32 private constant SHARING_KEY_TYPEHASH = keccak256(
        "SharingKey(uint8 method,uint8 surplusOwner,uint8 schedule,uint32[] coefficientsPpm,uint32[] producers,"
        "uint8[] tierMethods,uint8[] tiers,uint32[] producerPpm,bytes32 linkTerms)"
    );
    bytes32 private constant TARIFF_TYPEHASH = keccak256(
        "Tariff(uint32[4] residualPrice,uint32 sharedPrice,uint32 surplusPrice,uint32 networkPrice,"
        "uint32 networkSharedPrice,uint32 excisePrice,uint32 exciseSharedPrice,uint32 premiumConsumption,"
        "uint32 premiumFeedIn,uint8 pricing,uint8 seller,uint32 monthlyFee,uint32 vatPpm,uint8 communityVatClass,"
        "uint8 billedBy,uint24[] windows,uint32[] producerPrice)"
    );

    /// @notice Hash of a rule.
    /// @param rule The rule.
    function hashOf(Rule calldata rule) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                RULE_TYPEHASH,
                rule.effectiveFrom,
                rule.contestWindowSeconds,
                rule.source,
                _ofLimits(rule.limits),
                _ofKey(rule.key),
                _ofTariff(rule.tariff)
            )
        );
    }

    function _ofLimits(Limits calldata limits) private pure returns (bytes32) {
        return keccak256(abi.encode(LIMITS_TYPEHASH, limits));
    }

    // Packed, the elements of an array still take a word each: what EIP-712 asks for.

    function _ofKey(SharingKey calldata key) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                SHARING_KEY_TYPEHASH,
                key.method,
                key.surplusOwner,
                key.schedule,
                keccak256(abi.encodePacked(key.coefficientsPpm)),
                keccak256(abi.encodePacked(key.producers)),
                keccak256(abi.encodePacked(key.tierMethods)),
                keccak256(abi.encodePacked(key.tiers)),
                keccak256(abi.encodePacked(key.producerPpm)),
                key.linkTerms
            )
        );
    }

    function _ofTariff(Tariff calldata tariff) private pure returns (bytes32) {
        bytes memory prices = abi.encode(
            TARIFF_TYPEHASH,
            keccak256(abi.encodePacked(tariff.residualPrice)),
            tariff.sharedPrice,
            tariff.surplusPrice,
            tariff.networkPrice,
            tariff.networkSharedPrice,
            tariff.excisePrice,
            tariff.exciseSharedPrice,
            tariff.premiumConsumption,
            tariff.premiumFeedIn
        );
        bytes memory terms = abi.encode(
            tariff.pricing,
            tariff.seller,
            tariff.monthlyFee,
            tariff.vatPpm,
            tariff.communityVatClass,
            tariff.billedBy,
            keccak256(abi.encodePacked(tariff.windows)),
            keccak256(abi.encodePacked(tariff.producerPrice))
        );
        return keccak256(bytes.concat(prices, terms));
    }
}
