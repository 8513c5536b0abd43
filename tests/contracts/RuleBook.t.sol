// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { IRuleBook } from "../../contracts/interfaces/IRuleBook.sol";
import { Rule } from "../../contracts/types/Rules.sol";
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
        rule.tariff.networkPrice = 45_000;
        rule.tariff.communityVatClass = 2;
        same("version", schedule(rule), 1);
        same("the rule", keccak256(abi.encode(ruleBook.rule(COMMUNITY, 1))), keccak256(abi.encode(rule)));
        same("window", ruleBook.contestWindowOf(COMMUNITY, 1), WINDOW);
        same("limit", ruleBook.limitsOf(COMMUNITY, 1).maxMissingPpm, 10_000);
        (uint8 method, uint32 coefficient) = ruleBook.sharingKeyOf(COMMUNITY, 1, 2);
        same("method", method, 2);
        same("coefficient", coefficient, 400_000);
        (, coefficient) = ruleBook.sharingKeyOf(COMMUNITY, 1, 3);
        same("no coefficient beyond the list", coefficient, 0);
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
        ruleBook.sharingKeyOf(COMMUNITY, 1, 0);
    }

    function test_refuses_methods_and_surplus_owners_that_do_not_exist() public {
        Rule memory rule = aRule();
        rule.method = 0;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleMethodUnknown.selector, 0));
        rule.method = 3;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleMethodUnknown.selector, 3));
        rule = aRule();
        rule.surplusOwner = 1;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleSurplusOwnerUnknown.selector, 1));
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

    function test_coefficients_sum_to_at_most_one() public {
        Rule memory rule = aStaticRule();
        rule.coefficientsPpm[1] = 1;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleCoefficientsAboveOne.selector, 1_000_001));
        rule.coefficientsPpm = new uint32[](2);
        rule.coefficientsPpm[0] = type(uint32).max;
        rule.coefficientsPpm[1] = type(uint32).max;
        refuse(
            rule,
            abi.encodeWithSelector(IRuleBook.RuleCoefficientsAboveOne.selector, 2 * uint256(type(uint32).max))
        );
    }

    function test_only_a_static_key_has_coefficients() public {
        Rule memory rule = aStaticRule();
        rule.method = 1;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleCoefficientsMisplaced.selector, 1, 3));
        rule = aRule();
        rule.method = 2;
        refuse(rule, abi.encodeWithSelector(IRuleBook.RuleCoefficientsMisplaced.selector, 2, 0));
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
