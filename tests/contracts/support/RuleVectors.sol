// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Rule } from "../../../contracts/types/Rules.sol";
import { Vectors } from "./Vectors.sol";
import { vm } from "./Vm.sol";

/// @dev A rule as a community's vectors have it: section 10, field by field.
abstract contract RuleVectors is Vectors {
    function theRule(string memory json) internal pure returns (Rule memory rule) {
        rule.effectiveFrom = uint32(ruleField(json, ".effectiveFrom"));
        rule.contestWindowSeconds = uint32(ruleField(json, ".contestWindowSeconds"));
        rule.source = uint8(ruleField(json, ".source"));
        rule.limits.maxEstimatedPpm = uint32(ruleField(json, ".limits.maxEstimatedPpm"));
        rule.limits.maxMissingPpm = uint32(ruleField(json, ".limits.maxMissingPpm"));
        rule.limits.gaps = uint8(ruleField(json, ".limits.gaps"));
        rule.limits.terms = hash(json, ".chain.rule.limits.terms");
        readKey(json, rule);
        readTariff(json, rule);
    }

    function readKey(string memory json, Rule memory rule) private pure {
        rule.key.method = uint8(ruleField(json, ".key.method"));
        rule.key.surplusOwner = uint8(ruleField(json, ".key.surplusOwner"));
        rule.key.schedule = uint8(ruleField(json, ".key.schedule"));
        rule.key.coefficientsPpm = narrow(json, ".chain.rule.key.coefficientsPpm");
        rule.key.producers = narrow(json, ".chain.rule.key.producers");
        rule.key.tierMethods = bytesOf(json, ".chain.rule.key.tierMethods");
        rule.key.tiers = bytesOf(json, ".chain.rule.key.tiers");
        rule.key.producerPpm = narrow(json, ".chain.rule.key.producerPpm");
        rule.key.linkTerms = hash(json, ".chain.rule.key.linkTerms");
    }

    function readTariff(string memory json, Rule memory rule) private pure {
        uint32[] memory residual = narrow(json, ".chain.rule.tariff.residualPrice");
        for (uint256 band; band < 4; ++band) {
            rule.tariff.residualPrice[band] = residual[band];
        }
        rule.tariff.sharedPrice = uint32(ruleField(json, ".tariff.sharedPrice"));
        rule.tariff.surplusPrice = uint32(ruleField(json, ".tariff.surplusPrice"));
        rule.tariff.networkPrice = uint32(ruleField(json, ".tariff.networkPrice"));
        rule.tariff.networkSharedPrice = uint32(ruleField(json, ".tariff.networkSharedPrice"));
        rule.tariff.excisePrice = uint32(ruleField(json, ".tariff.excisePrice"));
        rule.tariff.exciseSharedPrice = uint32(ruleField(json, ".tariff.exciseSharedPrice"));
        rule.tariff.premiumConsumption = uint32(ruleField(json, ".tariff.premiumConsumption"));
        rule.tariff.premiumFeedIn = uint32(ruleField(json, ".tariff.premiumFeedIn"));
        rule.tariff.pricing = uint8(ruleField(json, ".tariff.pricing"));
        rule.tariff.seller = uint8(ruleField(json, ".tariff.seller"));
        rule.tariff.monthlyFee = uint32(ruleField(json, ".tariff.monthlyFee"));
        rule.tariff.vatPpm = uint32(ruleField(json, ".tariff.vatPpm"));
        rule.tariff.communityVatClass = uint8(ruleField(json, ".tariff.communityVatClass"));
        rule.tariff.billedBy = uint8(ruleField(json, ".tariff.billedBy"));
        uint256[] memory windows = numbers(json, ".chain.rule.tariff.windows");
        rule.tariff.windows = new uint24[](windows.length);
        for (uint256 i; i < windows.length; ++i) {
            rule.tariff.windows[i] = uint24(windows[i]);
        }
        rule.tariff.producerPrice = narrow(json, ".chain.rule.tariff.producerPrice");
    }

    function narrow(string memory json, string memory list) internal pure returns (uint32[] memory values) {
        uint256[] memory wide = numbers(json, list);
        values = new uint32[](wide.length);
        for (uint256 i; i < wide.length; ++i) {
            values[i] = uint32(wide[i]);
        }
    }

    function bytesOf(string memory json, string memory list) internal pure returns (uint8[] memory values) {
        uint256[] memory wide = numbers(json, list);
        values = new uint8[](wide.length);
        for (uint256 i; i < wide.length; ++i) {
            values[i] = uint8(wide[i]);
        }
    }

    function ruleField(string memory json, string memory path) private pure returns (uint256) {
        return number(json, string.concat(".chain.rule", path));
    }
}
