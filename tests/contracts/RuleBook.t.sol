// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { IRuleBook } from "../../contracts/interfaces/IRuleBook.sol";
import { Rule, SlotTerms } from "../../contracts/types/Rules.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

contract RuleBookTest is World {
    function test_only_the_steward_schedules() public {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.NotSteward.selector, COMMUNITY, stranger));
        ruleBook.scheduleRule(COMMUNITY, aRule());
    }

    function test_keeps_every_word_of_a_rule() public {
        Rule memory rule = aStaticRule();
        (rule.tariff.networkPrice, rule.limits.terms) = (45_000, ROOT);
        rule.tariff.communityVatClass = 2;
        same("version", schedule(rule), 1);
        same("the rule", keccak256(abi.encode(ruleBook.rule(COMMUNITY, 1))), keccak256(abi.encode(rule)));
        same("window", ruleBook.contestWindowOf(COMMUNITY, 1), WINDOW);
        same("terms of conformity", ruleBook.limitsOf(COMMUNITY, 1).terms, ROOT);
        same("method", ruleBook.slotTermsOf(COMMUNITY, 1, 2).method, 2);
        same("coefficient", ruleBook.slotTermsOf(COMMUNITY, 1, 2).coefficientPpm, 400_000);
        same("no coefficient beyond the list", ruleBook.slotTermsOf(COMMUNITY, 1, 3).coefficientPpm, 0);
        holds("no producer key", !ruleBook.slotTermsOf(COMMUNITY, 1, 2).producerKey);
    }

    function test_a_version_is_in_force_from_its_date_until_the_next() public {
        schedule(aRule());
        Rule memory later = aRule();
        later.effectiveFrom = today() + 10;
        same("second", schedule(later), 2);
        same("latest", ruleBook.latestVersion(COMMUNITY), 2);
        same("before all", ruleBook.ruleAt(COMMUNITY, PERIOD - 1), 0);
        same("first day", ruleBook.ruleAt(COMMUNITY, PERIOD), 1);
        same("last day", ruleBook.ruleAt(COMMUNITY, today() + 9), 1);
        same("next", ruleBook.ruleAt(COMMUNITY, today() + 10), 2);
        same("for ever", ruleBook.ruleAt(COMMUNITY, type(uint32).max), 2);
        same("none elsewhere", ruleBook.ruleAt(ROOT, PERIOD), 0);
    }

    function test_a_first_version_may_cover_the_past() public {
        Rule memory rule = aRule();
        rule.effectiveFrom = 1;
        same("version", schedule(rule), 1);
    }

    function test_a_later_version_is_not_before_the_day_of_the_block() public {
        schedule(aRule());
        Rule memory rule = aRule();
        rule.effectiveFrom = today() - 1;
        refuse(
            rule, abi.encodeWithSelector(IRuleBook.RuleBackdated.selector, COMMUNITY, today() - 1, today())
        );
        rule.effectiveFrom = today();
        schedule(rule);
    }

    function test_a_later_version_is_after_the_last() public {
        Rule memory rule = aRule();
        rule.effectiveFrom = today() + 20;
        schedule(rule);
        refuse(
            rule,
            abi.encodeWithSelector(IRuleBook.RuleBackdated.selector, COMMUNITY, today() + 20, today() + 21)
        );
        rule.effectiveFrom = today() + 21;
        schedule(rule);
    }

    function test_a_later_version_is_after_the_days_of_every_open_period() public {
        vm.warp(uint256(PERIOD + 1) * 1 days);
        openAll(aRule());
        Rule memory rule = aRule();
        rule.effectiveFrom = PERIOD + DAYS - 1;
        refuse(
            rule,
            abi.encodeWithSelector(
                IRuleBook.RuleBackdated.selector, COMMUNITY, PERIOD + DAYS - 1, PERIOD + DAYS
            )
        );
        rule.effectiveFrom = PERIOD + DAYS;
        schedule(rule);
    }

    function test_refuses_a_version_that_does_not_exist() public {
        bytes memory refusal = abi.encodeWithSelector(IRuleBook.RuleUnknown.selector, COMMUNITY, 1);
        vm.expectRevert(refusal);
        ruleBook.rule(COMMUNITY, 1);
        vm.expectRevert(refusal);
        ruleBook.limitsOf(COMMUNITY, 1);
        vm.expectRevert(refusal);
        ruleBook.contestWindowOf(COMMUNITY, 1);
        vm.expectRevert(refusal);
        ruleBook.slotTermsOf(COMMUNITY, 1, 0);
        vm.expectRevert(refusal);
        ruleBook.scheduleOf(COMMUNITY, 1);
    }

    function test_says_what_becomes_of_gaps() public {
        Rule memory rule = aRule();
        rule.limits.gaps = 3;
        bytes memory refusal = abi.encodeWithSelector(IRuleBook.RuleGapsUnknown.selector, 3);
        refuse(rule, refusal);
        vm.expectRevert(refusal);
        ruleBook.requireWellFormed(rule);
        rule.limits.gaps = 2;
        ruleBook.requireWellFormed(rule);
        same("returned", ruleBook.limitsOf(COMMUNITY, schedule(rule)).gaps, 2);
    }

    function test_an_executive_alone_schedules_and_what_was_voted_does_not_lapse() public {
        schedule(aRule());
        address executive = address(0xE8EC);
        vm.prank(steward);
        registry.appointExecutive(COMMUNITY, executive, address(0x60F));
        Rule memory rule = aRule();
        rule.effectiveFrom = 1;
        vm.prank(steward);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.NotExecutive.selector, COMMUNITY, steward));
        ruleBook.scheduleRule(COMMUNITY, rule);
        vm.prank(executive);
        ruleBook.scheduleRule(COMMUNITY, rule);
        same("the earliest date", ruleBook.rule(COMMUNITY, 2).effectiveFrom, today());
        same("in force from it", ruleBook.ruleAt(COMMUNITY, today()), 2);
        same("and not before", ruleBook.ruleAt(COMMUNITY, today() - 1), 1);
        rule.effectiveFrom = today() + 9;
        vm.prank(executive);
        ruleBook.scheduleRule(COMMUNITY, rule);
        same("as asked", ruleBook.rule(COMMUNITY, 3).effectiveFrom, today() + 9);
    }

    function test_refuses_limits_and_taxes_above_one() public {
        Rule memory rule = aRule();
        rule.limits.maxEstimatedPpm = 1_000_001;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleLimitAboveOne.selector, 1, 1_000_001));
        rule = aRule();
        rule.limits.maxMissingPpm = 1_000_001;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleLimitAboveOne.selector, 2, 1_000_001));
        rule = aRule();
        rule.tariff.vatPpm = 1_000_001;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleVatAboveOne.selector, 1_000_001));
    }

    function test_refuses_classes_and_masks_that_do_not_exist() public {
        Rule memory rule = aRule();
        rule.tariff.communityVatClass = 3;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleVatClassUnknown.selector, 3));
        rule = aRule();
        rule.tariff.billedBy = 16;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleBilledByUnknown.selector, 16));
    }

    function test_refuses_windows_that_do_not_cut_a_day() public {
        Rule memory rule = aRule();
        rule.tariff.windows = new uint24[](0);
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleWindowsMissing.selector));
        refuseWindow(0, 1 << 8);
        refuseWindow(0, 4);
        refuseWindow(1, 0);
        refuseWindow(1, 1440 << 8);
        refuseWindow(1, (60 << 8) | 4);
        rule = aRule();
        rule.tariff.windows[1] = (1439 << 8) | 3;
        schedule(rule);
    }

    function test_refuses_sources_methods_and_sellers_that_do_not_exist() public {
        Rule memory rule = aRule();
        rule.source = 2;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleSourceUnknown.selector, 2));
        rule = aRule();
        rule.key.method = 0;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleMethodUnknown.selector, 0));
        rule.key.method = 11;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleMethodUnknown.selector, 11));
        rule = aRule();
        rule.tariff.seller = 2;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleSellerUnknown.selector, 2));
    }

    function test_keeps_a_well_formed_key_of_every_method() public {
        for (uint8 method = 1; method <= 10; ++method) {
            Rule memory rule = aRuleOf(method);
            rule.effectiveFrom = today() + method;
            same("version", schedule(rule), method);
            bytes32 kept = keccak256(abi.encode(ruleBook.rule(COMMUNITY, method)));
            same("the rule", kept, keccak256(abi.encode(rule)));
            (uint8 found, uint8 source, uint8 when) = ruleBook.scheduleOf(COMMUNITY, method);
            same("method", found, method);
            same("source", source, 0);
            same("schedule", when, method == 6 ? 1 : 0);
        }
    }

    function test_consumers_own_the_surplus_of_what_they_were_entitled_to() public {
        for (uint8 method = 1; method <= 10; ++method) {
            Rule memory rule = aRuleOf(method);
            rule.effectiveFrom = today() + method;
            rule.key.surplusOwner = 2;
            refuse(rule, abi.encodeWithSelector(IRuleBook.RuleSurplusOwnerUnknown.selector, 2));
            rule.key.surplusOwner = 1;
            if (method == 2 || method == 3 || method == 6) {
                same("the owner", ruleBook.slotTermsOf(COMMUNITY, schedule(rule), 0).surplusOwner, 1);
            } else {
                refuse(rule, abi.encodeWithSelector(IRuleBook.RuleSurplusOwnerMisplaced.selector, method, 1));
            }
        }
    }

    function test_a_scheduled_key_alone_says_when_it_is_handed_in() public {
        for (uint8 method = 1; method <= 10; ++method) {
            Rule memory rule = aRuleOf(method);
            rule.key.schedule = method == 6 ? 0 : 1;
            refuse(
                rule,
                abi.encodeWithSelector(IRuleBook.RuleScheduleMisplaced.selector, method, rule.key.schedule)
            );
        }
        refuse(aScheduledRule(3), abi.encodeWithSelector(IRuleBook.RuleScheduleMisplaced.selector, 6, 3));
        schedule(aScheduledRule(2));
    }

    function test_a_flow_key_alone_has_link_terms() public {
        for (uint8 method = 1; method <= 10; ++method) {
            Rule memory rule = aRuleOf(method);
            rule.key.linkTerms = method == 9 ? bytes32(0) : ROOT;
            refuse(
                rule,
                abi.encodeWithSelector(IRuleBook.RuleLinkTermsMisplaced.selector, method, rule.key.linkTerms)
            );
        }
    }

    function test_a_producer_key_splits_what_no_link_and_no_pair_has_split() public {
        for (uint8 method = 1; method <= 10; ++method) {
            Rule memory rule = aRuleOf(method);
            rule.effectiveFrom = today() + method;
            rule.key.producerPpm = new uint32[](2);
            rule.key.producerPpm[0] = 7;
            if (method == 7 || method >= 9) {
                refuse(rule, abi.encodeWithSelector(IRuleBook.RuleProducerKeyMisplaced.selector, method, 2));
                continue;
            }
            uint32 version = schedule(rule);
            holds("there is one", ruleBook.slotTermsOf(COMMUNITY, version, 0).producerKey);
            same("as voted", ruleBook.slotTermsOf(COMMUNITY, version, 0).producerPpm, 7);
            same("at least one", ruleBook.slotTermsOf(COMMUNITY, version, 1).producerPpm, 1);
            same("one beyond the end", ruleBook.slotTermsOf(COMMUNITY, version, 2).producerPpm, 1);
        }
    }

    function test_coefficients_sum_to_at_most_one() public {
        Rule memory rule = aStaticRule();
        rule.key.coefficientsPpm[1] = 1;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleCoefficientsAboveOne.selector, 1_000_001));
        rule.key.method = 4;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleCoefficientsAboveOne.selector, 1_000_001));
        rule.key.coefficientsPpm = new uint32[](2);
        rule.key.coefficientsPpm[0] = type(uint32).max;
        rule.key.coefficientsPpm[1] = type(uint32).max;
        refuse(
            rule,
            abi.encodeWithSelector(IRuleBook.RuleCoefficientsAboveOne.selector, 2 * uint256(type(uint32).max))
        );
        rule = aPriorityRule();
        rule.key.coefficientsPpm[0] = 1_000_001;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleCoefficientsAboveOne.selector, 1_000_001));
    }

    function test_coefficients_are_where_a_key_or_a_tier_reads_them() public {
        for (uint8 method = 1; method <= 10; ++method) {
            Rule memory rule = aRuleOf(method);
            rule.key.coefficientsPpm = new uint32[](rule.key.coefficientsPpm.length > 0 ? 0 : 3);
            refuse(
                rule,
                abi.encodeWithSelector(
                    IRuleBook.RuleCoefficientsMisplaced.selector, method, rule.key.coefficientsPpm.length
                )
            );
        }
        Rule memory tiers = aPriorityRule();
        tiers.key.tierMethods[0] = 3;
        refuse(tiers, abi.encodeWithSelector(IRuleBook.RuleCoefficientsMisplaced.selector, 8, 1));
        tiers.key.coefficientsPpm = new uint32[](0);
        schedule(tiers);
    }

    function test_a_pairwise_key_has_a_coefficient_per_slot_and_producer() public {
        Rule memory rule = aPairwiseRule();
        rule.key.producers = new uint32[](2);
        (rule.key.producers[0], rule.key.producers[1]) = (1, 4);
        refuse(rule, abi.encodeWithSelector(IRuleBook.RulePairsIncomplete.selector, 3, 2));
        rule.key.coefficientsPpm = new uint32[](4);
        (rule.key.coefficientsPpm[0], rule.key.coefficientsPpm[2]) = (600_000, 400_000);
        (rule.key.coefficientsPpm[1], rule.key.coefficientsPpm[3]) = (600_000, 400_001);
        refuse(rule, abi.encodeWithSelector(IRuleBook.RulePairsAboveOne.selector, 4, 1_000_001));
        rule.key.coefficientsPpm[3] = 400_000;
        uint32 version = schedule(rule);
        SlotTerms memory terms = ruleBook.slotTermsOf(COMMUNITY, version, 1);
        same("producers", keccak256(abi.encode(terms.producers)), keccak256(abi.encode(rule.key.producers)));
        same("of the first", terms.pairsPpm[0], 400_000);
        same("of the second", terms.pairsPpm[1], 400_000);
        terms = ruleBook.slotTermsOf(COMMUNITY, version, 2);
        same("none beyond the end", uint256(terms.pairsPpm[0]) + terms.pairsPpm[1], 0);
        same("one per producer", terms.pairsPpm.length, 2);
    }

    function test_producers_of_a_pairwise_key_are_ascending_and_at_most_sixteen() public {
        for (uint8 method = 1; method <= 10; ++method) {
            Rule memory other = aRuleOf(method);
            other.key.producers = new uint32[](method == 7 ? 0 : 1);
            refuse(
                other,
                abi.encodeWithSelector(
                    IRuleBook.RuleProducersMisplaced.selector, method, other.key.producers.length
                )
            );
        }
        Rule memory rule = aPairwiseRule();
        rule.key.producers = new uint32[](2);
        (rule.key.producers[0], rule.key.producers[1]) = (4, 4);
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleProducersUnsorted.selector, 1, 4));
        rule.key.producers[1] = 3;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleProducersUnsorted.selector, 1, 3));
        rule.key.producers = ascending(17);
        rule.key.coefficientsPpm = new uint32[](17);
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleProducersTooMany.selector, 17, 16));
        rule.key.producers = ascending(16);
        rule.key.coefficientsPpm = new uint32[](32);
        schedule(rule);
    }

    function test_tiers_are_one_to_eight_of_the_first_five_methods() public {
        for (uint8 method = 1; method <= 10; ++method) {
            Rule memory other = aRuleOf(method);
            other.key.tierMethods = new uint8[](0);
            other.key.tiers = new uint8[](1);
            refuse(other, abi.encodeWithSelector(IRuleBook.RuleTiersMisplaced.selector, method, 0, 1));
            other.key.tierMethods = tiersOf(1, 1);
            other.key.tiers = new uint8[](0);
            if (method == 8) continue;
            refuse(other, abi.encodeWithSelector(IRuleBook.RuleTiersMisplaced.selector, method, 1, 0));
        }
        Rule memory rule = aPriorityRule();
        rule.key.tierMethods[1] = 0;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleTierMethodUnknown.selector, 1, 0));
        rule.key.tierMethods[1] = 6;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleTierMethodUnknown.selector, 1, 6));
        rule = aPriorityRule();
        rule.key.tiers = new uint8[](3);
        rule.key.tiers[2] = 2;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleTierUnknown.selector, 2, 2, 2));
        rule.key.tierMethods = tiersOf(9, 4);
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleTiersTooMany.selector, 9, 8));
        rule.key.tierMethods = tiersOf(8, 4);
        uint32 version = schedule(rule);
        same("its tier", ruleBook.slotTermsOf(COMMUNITY, version, 2).tier, 2);
        same("the last beyond the end", ruleBook.slotTermsOf(COMMUNITY, version, 3).tier, 7);
    }

    function test_slot_terms_have_the_coefficient_that_the_slots_tier_reads() public {
        Rule memory rule = aPriorityRule();
        rule.key.coefficientsPpm = new uint32[](2);
        (rule.key.coefficientsPpm[0], rule.key.coefficientsPpm[1]) = (600_000, 400_000);
        uint32 version = schedule(rule);
        SlotTerms memory terms = ruleBook.slotTermsOf(COMMUNITY, version, 0);
        same("the first tier", terms.tier, 0);
        same("reads it", terms.coefficientPpm, 600_000);
        same("methods", keccak256(abi.encode(terms.tierMethods)), keccak256(abi.encode(rule.key.tierMethods)));
        terms = ruleBook.slotTermsOf(COMMUNITY, version, 1);
        same("the last tier", terms.tier, 1);
        same("reads none", terms.coefficientPpm, 0);
    }

    function test_prices_are_of_a_pricing_that_there_is() public {
        Rule memory rule = aRule();
        rule.tariff.pricing = 4;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RulePricingUnknown.selector, 4));
        rule.tariff.pricing = 3;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleProducerPricesMisplaced.selector, 3, 0));
        rule.tariff.producerPrice = new uint32[](2);
        schedule(rule);
        for (uint8 pricing; pricing < 3; ++pricing) {
            rule.tariff.pricing = pricing;
            rule.effectiveFrom = today() + pricing;
            refuse(rule, abi.encodeWithSelector(IRuleBook.RuleProducerPricesMisplaced.selector, pricing, 2));
        }
    }

    function test_supply_and_demand_price_between_surplus_and_residual() public {
        Rule memory rule = aRule();
        rule.tariff.pricing = 2;
        rule.tariff.surplusPrice = 160_001;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleResidualBelowSurplus.selector, 1, 160_000, 160_001));
        // Bands 2 and 3 have no price here, but no window names them.
        rule.tariff.surplusPrice = 160_000;
        schedule(rule);
        rule = aRuleOf(9);
        rule.tariff.pricing = 2;
        rule.effectiveFrom = today() + 1;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RulePricingMisplaced.selector, 9, 2));
        rule.tariff.pricing = 1;
        schedule(rule);
    }

    function aRuleOf(uint8 method) private pure returns (Rule memory rule) {
        if (method == 2) return aStaticRule();
        if (method == 6) return aScheduledRule(1);
        if (method == 7) return aPairwiseRule();
        if (method == 8) return aPriorityRule();
        rule = aRule();
        rule.key.method = method;
        if (method == 4 || method == 5) rule.key.coefficientsPpm = theCoefficients();
        if (method == 9) rule.key.linkTerms = ROOT;
    }

    function ascending(uint32 count) private pure returns (uint32[] memory slots) {
        slots = new uint32[](count);
        for (uint32 i; i < count; ++i) {
            slots[i] = 3 * i;
        }
    }

    function tiersOf(uint256 count, uint8 method) private pure returns (uint8[] memory methods) {
        methods = new uint8[](count);
        for (uint256 i; i < count; ++i) {
            methods[i] = method;
        }
    }

    function refuse(Rule memory rule, bytes memory refusal) private {
        vm.prank(steward);
        vm.expectRevert(refusal);
        ruleBook.scheduleRule(COMMUNITY, rule);
    }

    function refuseWindow(uint256 index, uint24 window) private {
        Rule memory rule = aRule();
        rule.tariff.windows[index] = window;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleWindowMalformed.selector, index, window));
    }

    function today() private view returns (uint32) {
        return uint32(block.timestamp / 1 days);
    }
}
