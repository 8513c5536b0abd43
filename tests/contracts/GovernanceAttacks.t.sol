// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IGovernor } from "@openzeppelin/contracts/governance/IGovernor.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { CommunityGovernor } from "../../contracts/CommunityGovernor.sol";
import { ICommunityGovernor } from "../../contracts/interfaces/ICommunityGovernor.sol";
import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { Paper, Tally } from "../../contracts/types/Proposals.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { GiveConsent } from "../../contracts/types/Seats.sol";
import { MemberSigning } from "./support/MemberSigning.sol";
import { Members } from "./support/Members.sol";
import { vm } from "./support/Vm.sol";

/// @dev Each test is an attack on how members rule, and what becomes of it.
contract GovernanceAttacksTest is Members {
    event VoteSkipped(uint256 indexed proposalId, uint256 index, address signer);

    address private constant ACCOMPLICE = address(0xACC);
    uint256 private constant NEW_KEY = 0x4E3;

    function test_flash_votes_who_joins_after_the_snapshot_does_not_vote() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        uint256 quorum = governor.quorum(block.timestamp);
        open(motion);
        confirm(aPoint(5));
        seat(5, vm.addr(NEW_KEY));
        skips(motion.id, MemberSigning.vote(NEW_KEY, here(), COMMUNITY, motion.id, 1), vm.addr(NEW_KEY));
        same("quorum of the snapshot", governor.quorum(governor.proposalSnapshot(motion.id)), quorum);
    }

    function test_who_left_before_the_snapshot_does_not_vote_who_leaves_after_it_does() public {
        vm.prank(memberOf(4));
        registry.resignSeat(COMMUNITY);
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        skips(motion.id, ballot(4, motion.id, 1), memberOf(4));
        vm.prank(memberOf(3));
        registry.resignSeat(COMMUNITY);
        governor.castVotesBySig(motion.id, ballot(3, motion.id, 1));
        same("counts", governor.tallyOf(motion.id).inFavour, 1);
    }

    function test_replay_on_another_chain_contract_or_community() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        MemberSigning.Domain memory elsewhere = here();
        elsewhere.chainId += 1;
        counts(
            "another chain", motion.id, MemberSigning.vote(keyOf(1), elsewhere, COMMUNITY, motion.id, 1), 0
        );
        elsewhere = MemberSigning.domainOf(address(registry));
        counts(
            "another contract", motion.id, MemberSigning.vote(keyOf(1), elsewhere, COMMUNITY, motion.id, 1), 0
        );
        counts("another community", motion.id, MemberSigning.vote(keyOf(1), here(), ROOT, motion.id, 1), 0);
        counts(
            "another proposal",
            motion.id,
            MemberSigning.vote(keyOf(1), here(), COMMUNITY, motion.id + 1, 1),
            0
        );
        counts("this one", motion.id, ballot(1, motion.id, 1), 1);
    }

    function test_replay_of_a_signed_proposal_that_was_defeated() public {
        Paper memory paper = aPaper(1);
        bytes memory call = abi.encodeCall(ICommunityRegistry.revokeSeat, (COMMUNITY, 4));
        bytes memory signature = MemberSigning.propose(keyOf(1), here(), COMMUNITY, call, paper);
        uint256 id = governor.proposeRevocation(4, paper, memberOf(1), signature);
        vm.warp(governor.proposalDeadline(id) + 1);
        same("defeated", uint8(governor.state(id)), DEFEATED);
        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernor.GovernorUnexpectedProposalState.selector,
                id,
                IGovernor.ProposalState.Defeated,
                bytes32(0)
            )
        );
        governor.proposeRevocation(4, paper, memberOf(1), signature);
    }

    function test_malleable_signatures_are_none() public {
        Paper memory paper = aPaper(1);
        bytes memory call = abi.encodeCall(ICommunityRegistry.revokeSeat, (COMMUNITY, 4));
        bytes memory signature =
            MemberSigning.mirrored(MemberSigning.propose(keyOf(1), here(), COMMUNITY, call, paper));
        (, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, s));
        governor.proposeRevocation(4, paper, memberOf(1), signature);

        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        bytes memory vote = ballot(1, motion.id, 1);
        uint256 vs;
        for (uint256 i; i < 32; ++i) {
            vs = (vs << 8) | uint8(vote[33 + i]);
        }
        uint256 low = vs & ((1 << 255) - 1);
        bytes memory head = slice(vote, 33);
        // The mirrored s with the flipped parity does not fit a compact signature but where it runs over into the parity.
        bytes memory high = bytes.concat(head, bytes32(MemberSigning.ORDER - low));
        counts("high s", motion.id, high, 0);
        counts("other parity", motion.id, bytes.concat(head, bytes32(vs ^ (1 << 255))), 0);
        counts("as signed", motion.id, vote, 1);
        counts("once more", motion.id, vote, 1);
    }

    function test_spam_a_member_has_one_proposal_at_a_time_also_under_a_new_key() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        bytes memory refusal =
            abi.encodeWithSelector(ICommunityGovernor.ProposalOpenAlready.selector, memberOf(0), motion.id);
        vm.prank(memberOf(0));
        vm.expectRevert(refusal);
        governor.proposeRevocation(1, aPaper(2), memberOf(0), "");
        vm.prank(memberOf(0));
        registry.replaceKey(COMMUNITY, ACCOMPLICE);
        refusal =
            abi.encodeWithSelector(ICommunityGovernor.ProposalOpenAlready.selector, ACCOMPLICE, motion.id);
        vm.prank(ACCOMPLICE);
        vm.expectRevert(refusal);
        governor.proposeRevocation(1, aPaper(2), ACCOMPLICE, "");
        close(motion);
        vm.prank(ACCOMPLICE);
        governor.proposeRevocation(1, aPaper(2), ACCOMPLICE, "");
    }

    function test_taking_a_proposals_words_under_way_leaves_its_proposer_free() public {
        Rule memory rule = aNewRule();
        Motion memory copied = proposeRule(1, rule, 1);
        vm.prank(memberOf(1));
        governor.cancel(copied.targets, copied.values, copied.calldatas, copied.descriptionHash);
        Motion memory own = proposeRule(0, rule, 1);
        same("pending", stateOf(own), PENDING);
    }

    function test_what_can_no_longer_be_executed_does_not_silence_its_proposer() public {
        vm.prank(memberOf(0));
        uint256 id = governor.proposeRevocation(4, aPaper(1), memberOf(0), "");
        bytes memory call = abi.encodeCall(ICommunityRegistry.revokeSeat, (COMMUNITY, 4));
        Motion memory motion = motionOf(id, address(registry), call, 0, aPaper(1));
        open(motion);
        voteAll(id, SEATS, 1);
        close(motion);
        queue(motion);
        vm.prank(memberOf(4));
        registry.resignSeat(COMMUNITY);
        later(WAITING);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.SeatVacant.selector, COMMUNITY, 4));
        execute(motion);
        same("for ever queued", stateOf(motion), QUEUED);
        proposeRule(0, aNewRule(), 2);
    }

    function test_a_key_replaced_to_vote_twice_votes_once() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        governor.castVotesBySig(motion.id, ballot(1, motion.id, 1));
        vm.prank(memberOf(1));
        registry.replaceKey(COMMUNITY, vm.addr(NEW_KEY));
        bytes memory vote = MemberSigning.vote(NEW_KEY, here(), COMMUNITY, motion.id, 1);
        skips(motion.id, vote, vm.addr(NEW_KEY));
        skips(motion.id, ballot(1, motion.id, 1), memberOf(1));
        same("once", governor.tallyOf(motion.id).inFavour, 1);
        // Of what is proposed later the new key votes, and the former does not.
        close(motion);
        motion = proposeRule(0, aNewRule(), 2);
        open(motion);
        skips(motion.id, ballot(1, motion.id, 1), memberOf(1));
        counts("the new key", motion.id, MemberSigning.vote(NEW_KEY, here(), COMMUNITY, motion.id, 1), 1);
    }

    function test_a_seat_revoked_and_granted_again_votes_once() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        vm.prank(address(timelock));
        registry.revokeSeat(COMMUNITY, 1);
        seat(1, vm.addr(NEW_KEY));
        governor.castVotesBySig(
            motion.id,
            bytes.concat(
                MemberSigning.vote(NEW_KEY, here(), COMMUNITY, motion.id, 1), ballot(1, motion.id, 1)
            )
        );
        same("once", governor.tallyOf(motion.id).inFavour, 1);
        holds("not the new holder", !governor.hasVoted(motion.id, vm.addr(NEW_KEY)));
    }

    function test_a_recovery_abused_to_take_a_seat_before_a_vote_comes_too_late_and_can_be_objected_to()
        public
    {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        vm.prank(steward);
        registry.proposeRecovery(COMMUNITY, 1, ACCOMPLICE);
        uint48 due = uint48(block.timestamp + 14 days);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.RecoveryTooSoon.selector, COMMUNITY, 1, due)
        );
        registry.completeRecovery(COMMUNITY, 1);
        bytes memory objection = MemberSigning.objectRecovery(
            keyOf(1), MemberSigning.domainOf(address(registry)), COMMUNITY, 1, 0
        );
        registry.objectRecoveryBySig(COMMUNITY, 1, objection);
        vm.warp(due);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.RecoveryMissing.selector, COMMUNITY, 1));
        registry.completeRecovery(COMMUNITY, 1);
        same("still the holder", registry.holderOf(COMMUNITY, 1), memberOf(1));
        holds("vote over by then", governor.proposalDeadline(motion.id) < due);
    }

    function test_a_last_second_vote_leaves_the_others_time_to_answer() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        uint256 deadline = governor.proposalDeadline(motion.id);
        vm.warp(deadline);
        voteAll(motion.id, 2, 1);
        same("longer", governor.proposalDeadline(motion.id), deadline + EXTENSION);
        vm.warp(deadline + EXTENSION);
        governor.castVotesBySig(
            motion.id, bytes.concat(ballot(2, motion.id, 0), ballot(3, motion.id, 0), ballot(4, motion.id, 0))
        );
        close(motion);
        same("answered", stateOf(motion), DEFEATED);
    }

    function test_bad_votes_in_a_batch_hold_up_no_good_one() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        bytes memory third = ballot(0, motion.id, 1);
        third[0] = 0x03;
        bytes memory swapped = ballot(3, motion.id, 1);
        swapped[0] = 0x00;
        bytes memory votes = bytes.concat(
            new bytes(65),
            third,
            MemberSigning.vote(STRANGER_KEY, here(), COMMUNITY, motion.id, 1),
            ballot(1, motion.id, 1),
            ballot(1, motion.id, 0),
            swapped
        );
        vm.expectEmit(address(governor));
        emit VoteSkipped(motion.id, 0, address(0));
        vm.expectEmit(address(governor));
        emit VoteSkipped(motion.id, 1, address(0));
        vm.expectEmit(address(governor));
        emit VoteSkipped(motion.id, 2, stranger);
        governor.castVotesBySig(motion.id, bytes.concat(votes, ballot(2, motion.id, 2)));
        Tally memory tally = governor.tallyOf(motion.id);
        same("for", tally.inFavour, 1);
        same("against", tally.against, 0);
        same("abstain", tally.abstain, 1);
        vm.expectRevert(abi.encodeWithSelector(ICommunityGovernor.VotesMalformed.selector, 64));
        governor.castVotesBySig(motion.id, new bytes(64));
    }

    function test_a_weight_changed_during_a_vote_counts_in_the_next() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        weigh(1, 100);
        counts("as at the snapshot", motion.id, ballot(1, motion.id, 1), 1);
        same("quorum too", governor.quorum(governor.proposalSnapshot(motion.id)), 2);
        uint48 earliest = uint48(block.timestamp + 60 days);
        uint32[] memory seats = new uint32[](1);
        uint16[] memory weights = new uint16[](1);
        (seats[0], weights[0]) = (1, 1);
        vm.warp(earliest - 1);
        vm.prank(address(timelock));
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.WeightTooSoon.selector, COMMUNITY, 1, earliest)
        );
        registry.setWeights(COMMUNITY, seats, weights);
        motion = proposeRule(0, aNewRule(), 2);
        open(motion);
        counts("the next", motion.id, ballot(1, motion.id, 1), 100);
    }

    function test_a_rule_back_dated_by_vote_takes_effect_no_earlier_than_any_other() public {
        Rule memory rule = aNewRule();
        rule.effectiveFrom = 1;
        carry(proposeRule(0, rule, 1));
        same("the day of the block", ruleBook.rule(COMMUNITY, 2).effectiveFrom, block.timestamp / 1 days);
    }

    function test_a_rule_executed_after_its_date_has_passed_begins_at_once() public {
        Rule memory rule = aNewRule();
        rule.effectiveFrom = uint32(block.timestamp / 1 days) + 3;
        Motion memory motion = proposeRule(0, rule, 1);
        open(motion);
        voteAll(motion.id, SEATS, 1);
        close(motion);
        queue(motion);
        later(30 days);
        execute(motion);
        same("then", ruleBook.ruleAt(COMMUNITY, uint32(block.timestamp / 1 days) - 1), 1);
        same("now", ruleBook.ruleAt(COMMUNITY, uint32(block.timestamp / 1 days)), 2);
    }

    function test_opening_periods_does_not_undo_a_vote() public {
        uint32 today = uint32(block.timestamp / 1 days);
        Rule memory rule = aNewRule();
        rule.effectiveFrom = today;
        vm.prank(address(timelock));
        ruleBook.scheduleRule(COMMUNITY, rule);
        vm.prank(address(timelock));
        same("one after the other", ruleBook.scheduleRule(COMMUNITY, rule), 3);
        same("the day after", ruleBook.rule(COMMUNITY, 3).effectiveFrom, today + 1);
    }

    function test_after_the_appointment_the_steward_rules_no_more() public {
        bytes memory refusal =
            abi.encodeWithSelector(ICommunityRegistry.NotExecutive.selector, COMMUNITY, steward);
        Rule memory rule = aNewRule();
        vm.prank(steward);
        vm.expectRevert(refusal);
        ruleBook.scheduleRule(COMMUNITY, rule);
        vm.prank(steward);
        vm.expectRevert(refusal);
        registry.revokeSeat(COMMUNITY, 1);
        vm.prank(steward);
        vm.expectRevert(refusal);
        registry.setWeights(COMMUNITY, new uint32[](0), new uint16[](0));
        vm.prank(steward);
        vm.expectRevert(refusal);
        registry.replaceSteward(COMMUNITY, ACCOMPLICE);
        vm.prank(steward);
        vm.expectRevert(refusal);
        pauseBook.nameGuardians(COMMUNITY, [address(1), address(2), address(3)]);
        vm.prank(steward);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICommunityRegistry.ExecutiveAppointedAlready.selector, COMMUNITY, address(timelock)
            )
        );
        registry.appointExecutive(COMMUNITY, steward, steward);
    }

    function test_nobody_but_the_governor_schedules_in_the_timelock() public {
        bytes memory call = abi.encodeCall(ICommunityRegistry.replaceSteward, (COMMUNITY, stranger));
        vm.prank(stranger);
        (bool done,) = address(timelock)
            .call(abi.encodeCall(timelock.schedule, (address(registry), 0, call, 0, 0, WAITING)));
        holds("refused", !done);
        vm.prank(steward);
        (done,) = address(timelock)
            .call(abi.encodeCall(timelock.schedule, (address(registry), 0, call, 0, 0, WAITING)));
        holds("the steward too", !done);
    }

    function test_a_governor_of_another_community_moves_nothing_here() public {
        vm.prank(founderOf(ROOT));
        registry.createCommunity(ROOT, stranger);
        CommunityGovernor other =
            new CommunityGovernor(ROOT, registry, ruleBook, pauseBook, arbitration, timelock, theSettings());
        vm.prank(memberOf(0));
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, memberOf(0), 0, 1)
        );
        other.proposeRevocation(1, aPaper(1), memberOf(0), "");
    }

    function test_a_consent_signed_once_holds_once() public {
        MemberSigning.Domain memory domain = MemberSigning.domainOf(address(registry));
        uint64 present = uint64(block.timestamp);
        GiveConsent memory consent =
            GiveConsent(COMMUNITY, memberOf(1), ACCOMPLICE, 2, present, present + 9, 0);
        bytes memory signature = MemberSigning.giveConsent(keyOf(1), domain, consent);
        registry.giveConsentBySig(consent, signature);
        vm.prank(memberOf(1));
        registry.withdrawConsent(COMMUNITY, ACCOMPLICE, 2);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.NonceWrong.selector, memberOf(1), 0, 2));
        registry.giveConsentBySig(consent, signature);
        holds("withdrawn", !registry.consentHolds(COMMUNITY, memberOf(1), ACCOMPLICE, 2));
    }

    function weigh(uint32 number, uint16 weight) private {
        uint32[] memory seats = new uint32[](1);
        uint16[] memory weights = new uint16[](1);
        (seats[0], weights[0]) = (number, weight);
        vm.prank(address(timelock));
        registry.setWeights(COMMUNITY, seats, weights);
    }

    function skips(uint256 id, bytes memory vote, address signer) private {
        vm.expectEmit(address(governor));
        emit VoteSkipped(id, 0, signer);
        governor.castVotesBySig(id, vote);
    }

    function counts(string memory what, uint256 id, bytes memory vote, uint256 inFavour) private {
        governor.castVotesBySig(id, vote);
        same(what, governor.tallyOf(id).inFavour, inFavour);
    }

    function slice(bytes memory text, uint256 length) private pure returns (bytes memory head) {
        head = new bytes(length);
        for (uint256 i; i < length; ++i) {
            head[i] = text[i];
        }
    }
}
