// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IPeriodBook } from "../../contracts/interfaces/IPeriodBook.sol";
import { IRuleBook } from "../../contracts/interfaces/IRuleBook.sol";
import { Roster } from "../../contracts/libraries/Roster.sol";
import { RuleWords } from "../../contracts/libraries/RuleWords.sol";
import { BillTerms } from "../../contracts/types/BillTerms.sol";
import { Opening, SeatTerms } from "../../contracts/types/Periods.sol";
import { Point } from "../../contracts/types/Points.sol";
import { Rule, SlotTerms, Tariff } from "../../contracts/types/Rules.sol";
import { StairWorld } from "./support/StairWorld.sol";
import { vm } from "./support/Vm.sol";

/// @dev What contests read packed says what the long views say.
contract FrozenWordsTest is StairWorld {
    function test_a_link_says_what_registry_and_seats_say() public {
        openStreet(aRule(), 15, 3, 60);
        for (uint32 slot; slot < 15; ++slot) {
            Point memory point = registry.point(COMMUNITY, PERIOD, slot);
            Roster.Link memory link = Roster.linkIn(periodBook.linksAt(COMMUNITY, PERIOD, slot), slot);
            same("seat", link.seat, periodBook.seatOf(COMMUNITY, PERIOD, slot));
            same("next", link.next, periodBook.nextOfSeat(COMMUNITY, PERIOD, slot));
            holds("point", link.hasPoint == (point.untilDay != 0));
            same("direction", link.direction, point.direction);
            SeatTerms memory terms = periodBook.seatTermsOf(COMMUNITY, PERIOD, slot);
            same("slots", terms.slots, 15);
            same("classes", terms.classesRoot, classesRoot());
            same("links", terms.links, periodBook.linksAt(COMMUNITY, PERIOD, slot));
        }
        vm.expectRevert(abi.encodeWithSelector(IPeriodBook.SlotOutsidePeriod.selector, 15, 15));
        periodBook.linksAt(COMMUNITY, PERIOD, 15);
        same("nothing beyond", periodBook.seatTermsOf(COMMUNITY, PERIOD, 16).links, 0);
    }

    function test_a_period_has_no_more_slots_than_links_can_name() public {
        schedule(aRule());
        Opening memory opening = anOpening();
        confirm(thePoints());
        opening.slots = 32_769;
        vm.expectRevert(abi.encodeWithSelector(IPeriodBook.SlotOutOfRange.selector, 32_768, 32_768));
        vm.prank(settler);
        periodBook.openPeriod(COMMUNITY, PERIOD, opening);
    }

    function test_the_words_of_a_rule_hold_each_term_of_its_bills() public {
        Rule memory rule = aRule();
        Tariff memory tariff = rule.tariff;
        rule.key.method = 2;
        rule.key.coefficientsPpm = new uint32[](1);
        (rule.key.surplusOwner, tariff.communityVatClass, tariff.billedBy) = (1, 2, 13);
        tariff.residualPrice = [uint32(1_000_001), 1_000_002, 1_000_003, 1_000_004];
        (tariff.surplusPrice, tariff.networkPrice, tariff.networkSharedPrice) = (11, 12, 13);
        (tariff.excisePrice, tariff.exciseSharedPrice) = (14, 15);
        (tariff.monthlyFee, tariff.vatPpm) = (18, 190_000);
        BillTerms memory terms = termsOf(schedule(rule));
        same("owner", terms.surplusOwner, 1);
        same("method", terms.method, 2);
        for (uint256 band; band < 4; ++band) {
            same("residual", terms.residualPrice[band], 1_000_001 + band);
        }
        same("surplus", terms.surplusPrice, 11);
        same("network", terms.networkPrice, 12);
        same("shared network", terms.networkSharedPrice, 13);
        same("excise", terms.excisePrice, 14);
        same("shared excise", terms.exciseSharedPrice, 15);
        same("fee", terms.monthlyFee, 18);
        same("tax", terms.vatPpm, 190_000);
        same("class", terms.communityVatClass, 2);
        same("billed", terms.billedBy, 13);
        same("seller", terms.seller, 0);
        vm.expectRevert(abi.encodeWithSelector(IRuleBook.RuleUnknown.selector, COMMUNITY, 2));
        ruleBook.billWordsOf(COMMUNITY, 2);
    }

    function test_the_words_of_an_incentive_hold_its_premiums() public {
        Rule memory rule = aRule();
        rule.key.method = 10;
        (rule.tariff.premiumConsumption, rule.tariff.premiumFeedIn) = (16, 17);
        BillTerms memory terms = termsOf(schedule(rule));
        same("method", terms.method, 10);
        same("for consumption", terms.premiumConsumption, 16);
        same("for feed-in", terms.premiumFeedIn, 17);
    }

    function test_weights_are_those_of_the_slots_terms() public {
        Rule memory rule = aRule();
        rule.key.method = 8;
        rule.key.tierMethods = new uint8[](2);
        (rule.key.tierMethods[0], rule.key.tierMethods[1]) = (4, 1);
        rule.key.tiers = new uint8[](3);
        rule.key.tiers[2] = 1;
        rule.key.coefficientsPpm = new uint32[](2);
        (rule.key.coefficientsPpm[0], rule.key.coefficientsPpm[1]) = (600_000, 300_000);
        rule.key.producerPpm = new uint32[](2);
        rule.key.producerPpm[1] = 400_000;
        uint32 version = schedule(rule);
        for (uint32 slot; slot < 4; ++slot) {
            SlotTerms memory terms = ruleBook.slotTermsOf(COMMUNITY, version, slot);
            (uint32 coefficient, uint8 tier, uint32 producer) = ruleBook.weightsOf(COMMUNITY, version, slot);
            same("coefficient", coefficient, terms.coefficientPpm);
            same("tier", tier, terms.tier);
            same("producer", producer, terms.producerPpm);
            same("which tier", tier, slot < 2 ? 0 : 1);
            same("which coefficient", coefficient, slot == 0 ? 600_000 : slot == 1 ? 300_000 : 0);
            same("which weight", producer, slot == 1 ? 400_000 : 1);
        }
    }

    function termsOf(uint32 version) private view returns (BillTerms memory) {
        (uint256 head, uint256 prices) = ruleBook.billWordsOf(COMMUNITY, version);
        return RuleWords.billTerms(head, prices);
    }
}
