// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { GiveConsent, WithdrawConsent } from "../../contracts/types/Seats.sol";
import { MemberSigning } from "./support/MemberSigning.sol";
import { Members } from "./support/Members.sol";
import { vm } from "./support/Vm.sol";

/// @dev Seats, weights, keys and consents of the registry. The executive is the timelock.
contract CommunitySeatsTest is Members {
    address private constant OTHER = address(0x401);
    address private constant GRANTEE = address(0x402);

    function test_a_seat_needs_a_point_that_an_operator_confirmed_once() public {
        vm.prank(steward);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.SeatNeverConfirmed.selector, COMMUNITY, SEATS)
        );
        registry.grantSeat(COMMUNITY, SEATS, OTHER);
        confirm(aPoint(SEATS));
        holds("confirmed", registry.everConfirmed(COMMUNITY, SEATS));
        holds("not elsewhere", !registry.everConfirmed(ROOT, SEATS));
        seat(SEATS, OTHER);
        same("holder", registry.holderOf(COMMUNITY, SEATS), OTHER);
    }

    function test_a_seat_has_one_holder_and_a_holder_one_seat() public {
        vm.prank(steward);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.SeatTaken.selector, COMMUNITY, 0, memberOf(0))
        );
        registry.grantSeat(COMMUNITY, 0, OTHER);
        confirm(aPoint(SEATS));
        vm.prank(steward);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.SeatAlreadyHeld.selector, COMMUNITY, memberOf(0), 0)
        );
        registry.grantSeat(COMMUNITY, SEATS, memberOf(0));
    }

    function test_an_account_is_seated_once_for_ever() public {
        vm.prank(memberOf(2));
        registry.resignSeat(COMMUNITY);
        same("vacant", registry.holderOf(COMMUNITY, 2), address(0));
        vm.prank(steward);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.SeatAlreadyHeld.selector, COMMUNITY, memberOf(2), 2)
        );
        registry.grantSeat(COMMUNITY, 2, memberOf(2));
        seat(2, OTHER);
        vm.prank(memberOf(2));
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.NotSeated.selector, COMMUNITY, memberOf(2)));
        registry.resignSeat(COMMUNITY);
        (bool seated,) = registry.seatOfHolder(COMMUNITY, memberOf(2));
        holds("no seat", !seated);
    }

    function test_a_seat_is_revoked_by_who_rules() public {
        vm.prank(address(timelock));
        registry.revokeSeat(COMMUNITY, 1);
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.SeatVacant.selector, COMMUNITY, 1));
        registry.revokeSeat(COMMUNITY, 1);
    }

    function test_votes_are_known_for_every_moment() public {
        uint256 before = block.timestamp - 2;
        uint256 granted = block.timestamp - 1;
        same("none before", registry.totalVotesAt(COMMUNITY, before), 0);
        same("from the grant on", registry.totalVotesAt(COMMUNITY, granted), SEATS);
        later(10);
        vm.prank(memberOf(3));
        registry.resignSeat(COMMUNITY);
        later(10);
        voteIs("before", 3, before, 0, 0);
        voteIs("granted", 3, granted, 3, 1);
        voteIs("to the last second", 3, granted + 10, 3, 1);
        voteIs("resigned", 3, granted + 11, 0, 0);
        same("one fewer", registry.totalVotesAt(COMMUNITY, granted + 11), SEATS - 1);
    }

    function test_a_weight_counts_from_its_vote_on() public {
        uint256 start = block.timestamp;
        later(10);
        weigh(4, 9);
        voteIs("before", 4, start + 9, 4, 1);
        voteIs("after", 4, start + 10, 4, 9);
        same("total before", registry.totalVotesAt(COMMUNITY, start + 9), SEATS);
        same("total after", registry.totalVotesAt(COMMUNITY, start + 10), SEATS + 8);
        vm.prank(memberOf(4));
        registry.replaceKey(COMMUNITY, OTHER);
        (uint32 number, uint16 weight) = registry.votesAt(COMMUNITY, OTHER, block.timestamp);
        same("the seat's", number, 4);
        same("weight goes with it", weight, 9);
        refuseWeight(
            4,
            1,
            abi.encodeWithSelector(
                ICommunityRegistry.WeightTooSoon.selector, COMMUNITY, 4, start + 10 + 60 days
            )
        );
        later(60 days);
        weigh(4, 2);
        same("lighter", registry.totalVotesAt(COMMUNITY, block.timestamp), SEATS + 1);
    }

    function test_weights_are_of_held_seats_and_above_nothing() public {
        refuseWeight(0, 0, abi.encodeWithSelector(ICommunityRegistry.WeightMissing.selector, COMMUNITY, 0));
        refuseWeight(9, 1, abi.encodeWithSelector(ICommunityRegistry.SeatVacant.selector, COMMUNITY, 9));
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.WeightsIncomplete.selector, 2, 1));
        registry.setWeights(COMMUNITY, new uint32[](2), new uint16[](1));
    }

    function test_a_holder_replaces_a_key_by_signature() public {
        MemberSigning.Domain memory domain = MemberSigning.domainOf(address(registry));
        bytes memory late = MemberSigning.replaceKey(keyOf(0), domain, COMMUNITY, 0, OTHER, 1);
        holds("not before its turn", !replaces(0, OTHER, late));
        bytes memory foreign = MemberSigning.replaceKey(keyOf(1), domain, COMMUNITY, 0, OTHER, 0);
        holds("nor of another", !replaces(0, OTHER, foreign));
        bytes memory signature = MemberSigning.replaceKey(keyOf(0), domain, COMMUNITY, 0, OTHER, 0);
        holds("nor of another key", !replaces(0, GRANTEE, signature));
        holds("as signed", replaces(0, OTHER, signature));
        same("holder", registry.holderOf(COMMUNITY, 0), OTHER);
        same("votes", registry.totalVotesAt(COMMUNITY, block.timestamp), SEATS);
        same("used", registry.nonceOf(COMMUNITY, memberOf(0)), 1);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.SeatVacant.selector, COMMUNITY, 77));
        registry.replaceKeyBySig(COMMUNITY, 77, OTHER, signature);
    }

    function test_a_new_key_was_never_seated() public {
        vm.prank(memberOf(0));
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.SeatAlreadyHeld.selector, COMMUNITY, memberOf(1), 1)
        );
        registry.replaceKey(COMMUNITY, memberOf(1));
        vm.prank(memberOf(0));
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.HolderMissing.selector, COMMUNITY));
        registry.replaceKey(COMMUNITY, address(0));
    }

    function test_a_lost_key_is_recovered_after_a_fortnight() public {
        vm.prank(steward);
        registry.proposeRecovery(COMMUNITY, 2, OTHER);
        same("who", registry.recoveryOf(COMMUNITY, 2).to, OTHER);
        later(14 days);
        vm.prank(stranger);
        registry.completeRecovery(COMMUNITY, 2);
        same("holder", registry.holderOf(COMMUNITY, 2), OTHER);
        same("done", registry.recoveryOf(COMMUNITY, 2).to, address(0));
        same("votes", registry.totalVotesAt(COMMUNITY, block.timestamp), SEATS);
    }

    function test_another_recovery_begins_anew_and_a_key_that_works_ends_it() public {
        vm.prank(steward);
        registry.proposeRecovery(COMMUNITY, 2, OTHER);
        later(13 days);
        vm.prank(steward);
        registry.proposeRecovery(COMMUNITY, 2, GRANTEE);
        later(13 days);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICommunityRegistry.RecoveryTooSoon.selector, COMMUNITY, 2, block.timestamp + 1 days
            )
        );
        registry.completeRecovery(COMMUNITY, 2);
        vm.prank(memberOf(2));
        registry.replaceKey(COMMUNITY, OTHER);
        later(1 days);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.RecoveryMissing.selector, COMMUNITY, 2));
        registry.completeRecovery(COMMUNITY, 2);
    }

    function test_only_the_steward_proposes_a_recovery_and_only_the_holder_objects() public {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.NotSteward.selector, COMMUNITY, stranger));
        registry.proposeRecovery(COMMUNITY, 2, OTHER);
        vm.prank(steward);
        registry.proposeRecovery(COMMUNITY, 2, OTHER);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.NotHolder.selector, COMMUNITY, 2, stranger));
        registry.objectRecovery(COMMUNITY, 2);
        vm.prank(memberOf(2));
        registry.objectRecovery(COMMUNITY, 2);
        vm.prank(memberOf(2));
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.RecoveryMissing.selector, COMMUNITY, 2));
        registry.objectRecovery(COMMUNITY, 2);
    }

    function test_the_executive_replaces_a_steward_and_the_offer_that_was_open() public {
        vm.prank(steward);
        registry.offerStewardship(COMMUNITY, GRANTEE);
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.StewardMissing.selector, COMMUNITY));
        registry.replaceSteward(COMMUNITY, address(0));
        vm.prank(address(timelock));
        registry.replaceSteward(COMMUNITY, OTHER);
        same("steward", registry.stewardOf(COMMUNITY), OTHER);
        vm.prank(GRANTEE);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.StewardshipNotOffered.selector, COMMUNITY, GRANTEE)
        );
        registry.acceptStewardship(COMMUNITY);
    }

    function test_an_executive_comes_with_its_governor() public {
        vm.prank(founderOf(ROOT));
        registry.createCommunity(ROOT, steward);
        vm.prank(steward);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.ExecutiveMissing.selector, ROOT));
        registry.appointExecutive(ROOT, address(timelock), address(0));
        same("executive", registry.executiveOf(COMMUNITY), address(timelock));
        same("governor", registry.governorOf(COMMUNITY), address(governor));
        same("none elsewhere", registry.executiveOf(ROOT), address(0));
    }

    function test_a_consent_holds_for_its_scope_from_its_beginning_until_its_end() public {
        uint64 from = uint64(block.timestamp + 1 hours);
        vm.prank(memberOf(0));
        registry.giveConsent(COMMUNITY, GRANTEE, 2, from, from + 1 hours);
        holds("not yet", !registry.consentHolds(COMMUNITY, memberOf(0), GRANTEE, 2));
        vm.warp(from);
        holds("begun", registry.consentHolds(COMMUNITY, memberOf(0), GRANTEE, 2));
        holds("no other scope", !registry.consentHolds(COMMUNITY, memberOf(0), GRANTEE, 1));
        holds("no other grantee", !registry.consentHolds(COMMUNITY, memberOf(0), stranger, 2));
        holds("no other community", !registry.consentHolds(ROOT, memberOf(0), GRANTEE, 2));
        vm.warp(from + 1 hours - 1);
        holds("to the last second", registry.consentHolds(COMMUNITY, memberOf(0), GRANTEE, 2));
        vm.warp(from + 1 hours);
        holds("over", !registry.consentHolds(COMMUNITY, memberOf(0), GRANTEE, 2));
    }

    function test_a_consent_ends_with_the_seat_and_with_the_key() public {
        uint64 present = uint64(block.timestamp);
        for (uint256 i; i < 2; ++i) {
            vm.prank(memberOf(i));
            registry.giveConsent(COMMUNITY, GRANTEE, 2, present, present + 1 hours);
        }
        vm.prank(memberOf(0));
        registry.resignSeat(COMMUNITY);
        holds("no seat, no consent", !registry.consentHolds(COMMUNITY, memberOf(0), GRANTEE, 2));
        vm.prank(memberOf(1));
        registry.replaceKey(COMMUNITY, OTHER);
        holds("former key", !registry.consentHolds(COMMUNITY, memberOf(1), GRANTEE, 2));
        holds("new key", !registry.consentHolds(COMMUNITY, OTHER, GRANTEE, 2));
    }

    function test_only_a_seated_holder_consents_to_a_scope_that_there_is_and_not_to_the_past() public {
        uint64 present = uint64(block.timestamp);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.NotSeated.selector, COMMUNITY, stranger));
        registry.giveConsent(COMMUNITY, GRANTEE, 1, present, present + 1);
        refuseConsent(
            1, 0, present, abi.encodeWithSelector(ICommunityRegistry.ConsentOver.selector, present, present)
        );
        refuseConsent(
            1,
            present + 9,
            present + 9,
            abi.encodeWithSelector(ICommunityRegistry.ConsentOver.selector, present + 9, present)
        );
        refuseConsent(
            0, present, present + 1, abi.encodeWithSelector(ICommunityRegistry.ScopeUnknown.selector, 0)
        );
        refuseConsent(
            4, present, present + 1, abi.encodeWithSelector(ICommunityRegistry.ScopeUnknown.selector, 4)
        );
    }

    function test_consents_are_given_and_withdrawn_by_signature() public {
        MemberSigning.Domain memory domain = MemberSigning.domainOf(address(registry));
        uint64 present = uint64(block.timestamp);
        GiveConsent memory given = GiveConsent(COMMUNITY, memberOf(0), GRANTEE, 3, present, present + 9, 0);
        bytes memory foreign = MemberSigning.giveConsent(keyOf(1), domain, given);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.SignatureOfAnother.selector, memberOf(1), memberOf(0))
        );
        registry.giveConsentBySig(given, foreign);
        registry.giveConsentBySig(given, MemberSigning.giveConsent(keyOf(0), domain, given));
        holds("given", registry.consentHolds(COMMUNITY, memberOf(0), GRANTEE, 3));
        WithdrawConsent memory taken = WithdrawConsent(COMMUNITY, memberOf(0), GRANTEE, 3, 0);
        bytes memory signature = MemberSigning.withdrawConsent(keyOf(0), domain, taken);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.NonceWrong.selector, memberOf(0), 0, 1));
        registry.withdrawConsentBySig(taken, signature);
        taken.nonce = 1;
        registry.withdrawConsentBySig(taken, MemberSigning.withdrawConsent(keyOf(0), domain, taken));
        holds("withdrawn", !registry.consentHolds(COMMUNITY, memberOf(0), GRANTEE, 3));
    }

    function voteIs(string memory what, uint256 seat_, uint256 timepoint, uint32 number, uint16 weight)
        private
        view
    {
        (uint32 foundNumber, uint16 foundWeight) = registry.votesAt(COMMUNITY, memberOf(seat_), timepoint);
        same(what, foundNumber, number);
        same(what, foundWeight, weight);
        address[] memory accounts = new address[](2);
        (accounts[0], accounts[1]) = (stranger, memberOf(seat_));
        (uint32[] memory seats, uint16[] memory weights) =
            registry.votesAtMany(COMMUNITY, accounts, timepoint);
        same("none of a stranger", weights[0], 0);
        same(what, seats[1], number);
        same(what, weights[1], weight);
    }

    function weigh(uint32 number, uint16 weight) private {
        (uint32[] memory seats, uint16[] memory weights) = one(number, weight);
        vm.prank(address(timelock));
        registry.setWeights(COMMUNITY, seats, weights);
    }

    function refuseWeight(uint32 number, uint16 weight, bytes memory refusal) private {
        (uint32[] memory seats, uint16[] memory weights) = one(number, weight);
        vm.prank(address(timelock));
        vm.expectRevert(refusal);
        registry.setWeights(COMMUNITY, seats, weights);
    }

    function one(uint32 number, uint16 weight)
        private
        pure
        returns (uint32[] memory seats, uint16[] memory weights)
    {
        (seats, weights) = (new uint32[](1), new uint16[](1));
        (seats[0], weights[0]) = (number, weight);
    }

    function refuseConsent(uint8 scope, uint64 from, uint64 until, bytes memory refusal) private {
        vm.prank(memberOf(0));
        vm.expectRevert(refusal);
        registry.giveConsent(COMMUNITY, GRANTEE, scope, from, until);
    }

    function replaces(uint32 number, address to, bytes memory signature) private returns (bool) {
        try registry.replaceKeyBySig(COMMUNITY, number, to, signature) {
            return true;
        } catch {
            return false;
        }
    }
}
