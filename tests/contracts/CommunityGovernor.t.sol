// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IGovernor } from "@openzeppelin/contracts/governance/IGovernor.sol";
import { IArbitration } from "../../contracts/interfaces/IArbitration.sol";
import { ICommunityGovernor } from "../../contracts/interfaces/ICommunityGovernor.sol";
import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { IPauseBook } from "../../contracts/interfaces/IPauseBook.sol";
import { IRuleBook } from "../../contracts/interfaces/IRuleBook.sol";
import { CommunityGovernor } from "../../contracts/CommunityGovernor.sol";
import { Form, Paper, Settings, Tally } from "../../contracts/types/Proposals.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { MemberSigning } from "./support/MemberSigning.sol";
import { Members } from "./support/Members.sol";
import { vm } from "./support/Vm.sol";

contract CommunityGovernorTest is Members {
    event ProposalPaper(
        uint256 indexed proposalId,
        uint8 indexed kind,
        bytes32 text,
        bytes32 rehearsal,
        address indexed member
    );

    function test_a_rule_that_members_vote_is_scheduled_as_it_was_shown() public {
        Rule memory rule = aNewRule();
        Motion memory motion = proposeRule(0, rule, 1);
        same("pending", stateOf(motion), PENDING);
        open(motion);
        same("active", stateOf(motion), ACTIVE);
        voteAll(motion.id, 3, 1);
        close(motion);
        same("succeeded", stateOf(motion), SUCCEEDED);
        queue(motion);
        same("queued", stateOf(motion), QUEUED);
        later(WAITING);
        execute(motion);
        same("executed", stateOf(motion), EXECUTED);
        same("rule", keccak256(abi.encode(ruleBook.rule(COMMUNITY, 2))), keccak256(abi.encode(rule)));
    }

    function test_says_what_was_said_and_by_whom() public {
        Rule memory rule = aNewRule();
        Paper memory paper = aPaper(7);
        bytes memory call = abi.encodeCall(IRuleBook.scheduleRule, (COMMUNITY, rule));
        Motion memory motion = motionOf(0, address(ruleBook), call, 2, paper);
        uint256 id =
            governor.hashProposal(motion.targets, motion.values, motion.calldatas, motion.descriptionHash);
        vm.expectEmit(address(governor));
        emit ProposalPaper(id, 1, paper.text, paper.rehearsal, memberOf(2));
        vm.prank(memberOf(2));
        same("id", governor.proposeRule(rule, paper, memberOf(2), ""), id);
        same("proposer", governor.proposalProposer(id), memberOf(2));
    }

    function test_every_kind_of_proposal_does_what_it_says() public {
        address other = address(0x57EE);
        uint32[] memory seats = new uint32[](1);
        uint16[] memory weights = new uint16[](1);
        (seats[0], weights[0]) = (3, 2);
        Paper memory paper = aPaper(1);
        vm.prank(memberOf(0));
        uint256 id = governor.proposeWeights(seats, weights, paper, memberOf(0), "");
        carry(
            motionOf(
                id,
                address(registry),
                abi.encodeCall(ICommunityRegistry.setWeights, (COMMUNITY, seats, weights)),
                0,
                paper
            )
        );
        (, uint16 weight) = registry.votesAt(COMMUNITY, memberOf(3), block.timestamp);
        same("weight", weight, 2);

        vm.prank(memberOf(0));
        id = governor.proposeRevocation(4, paper, memberOf(0), "");
        bytes memory call = abi.encodeCall(ICommunityRegistry.revokeSeat, (COMMUNITY, 4));
        carry(motionOf(id, address(registry), call, 0, paper));
        same("revoked", registry.holderOf(COMMUNITY, 4), address(0));

        address[3] memory guardians = [address(1), address(2), address(3)];
        vm.prank(memberOf(0));
        id = governor.proposeGuardians(guardians, paper, memberOf(0), "");
        call = abi.encodeCall(IPauseBook.nameGuardians, (COMMUNITY, guardians));
        carry(motionOf(id, address(pauseBook), call, 0, paper));
        same("guardian", pauseBook.guardiansOf(COMMUNITY)[2], address(3));

        vm.prank(memberOf(0));
        id = governor.proposeSteward(other, paper, memberOf(0), "");
        call = abi.encodeCall(ICommunityRegistry.replaceSteward, (COMMUNITY, other));
        carry(motionOf(id, address(registry), call, 0, paper));
        same("steward", registry.stewardOf(COMMUNITY), other);
    }

    function test_an_appeal_is_noted_with_the_case_and_would_overturn_its_ruling() public {
        Form memory form = governor.proposalForms().proposeAppeal(7, 1, aPaper(1), memberOf(0), "");
        same("kind", form.kind, 6);
        same("target", form.target, address(arbitration));
        same("call", keccak256(form.call), keccak256(abi.encodeCall(IArbitration.overturn, (7, 1))));
        vm.prank(memberOf(0));
        vm.expectRevert(abi.encodeWithSelector(IArbitration.CaseUnknown.selector, 7));
        governor.proposeAppeal(7, 1, aPaper(1), memberOf(0), "");
    }

    function test_a_proposal_may_be_signed_and_sent_by_anyone() public {
        Paper memory paper = aPaper(3);
        bytes memory call = abi.encodeCall(ICommunityRegistry.revokeSeat, (COMMUNITY, 4));
        bytes memory signature = MemberSigning.propose(keyOf(1), here(), COMMUNITY, call, paper);
        vm.prank(stranger);
        uint256 id = governor.proposeRevocation(4, paper, memberOf(1), signature);
        same("proposer", governor.proposalProposer(id), memberOf(1));
    }

    /// @dev Hashes made by eth_account from the same typed data: a wallet shows each field of the rule.
    function test_a_wallet_shows_each_field_of_a_proposed_rule() public view {
        Rule memory rule = aRuleOfEverything();
        Paper memory paper = Paper({ text: bytes32(uint256(1)), rehearsal: bytes32(uint256(2)), nonce: 3 });
        bytes32 hash = governor.proposalForms().proposeRule(rule, paper, address(0xA11CE), "").structHash;
        same("struct hash", hash, 0x7f74cc6aa9bab1986fb7a2207083a93483eeff82186ce907596e067a9d78a72d);
    }

    function test_refuses_what_another_signed_or_nobody() public {
        Paper memory paper = aPaper(3);
        bytes memory call = abi.encodeCall(ICommunityRegistry.revokeSeat, (COMMUNITY, 4));
        bytes memory signature = MemberSigning.propose(keyOf(2), here(), COMMUNITY, call, paper);
        bytes memory refusal =
            abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, memberOf(1));
        vm.expectRevert(refusal);
        governor.proposeRevocation(4, paper, memberOf(1), signature);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        governor.proposeRevocation(4, paper, memberOf(1), "");
        // Another seat than the one that was signed.
        signature = MemberSigning.propose(keyOf(1), here(), COMMUNITY, call, paper);
        vm.expectRevert(refusal);
        governor.proposeRevocation(3, paper, memberOf(1), signature);
    }

    function test_only_a_member_proposes() public {
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, stranger, 0, 1)
        );
        governor.proposeRevocation(4, aPaper(1), stranger, "");
    }

    function test_refuses_a_rule_that_could_not_be_scheduled() public {
        Rule memory rule = aNewRule();
        rule.limits.gaps = 3;
        vm.prank(memberOf(0));
        vm.expectRevert(abi.encodeWithSelector(IRuleBook.RuleGapsUnknown.selector, 3));
        governor.proposeRule(rule, aPaper(1), memberOf(0), "");
    }

    function test_refuses_every_untyped_way() public {
        bytes memory refusal = abi.encodeWithSelector(ICommunityGovernor.ProposalUntyped.selector);
        vm.expectRevert(refusal);
        governor.propose(new address[](1), new uint256[](1), new bytes[](1), "");
        vm.expectRevert(refusal);
        governor.relay(address(registry), 0, "");
        refusal = abi.encodeWithSelector(ICommunityGovernor.VoteUntyped.selector);
        vm.expectRevert(refusal);
        governor.castVoteWithReason(1, 1, "why");
        vm.expectRevert(refusal);
        governor.castVoteWithReasonAndParams(1, 1, "why", "");
        vm.expectRevert(refusal);
        governor.castVoteBySig(1, 1, memberOf(0), "");
        vm.expectRevert(refusal);
        governor.castVoteWithReasonAndParamsBySig(1, 1, memberOf(0), "why", "", "");
        refusal = abi.encodeWithSelector(ICommunityGovernor.SettingsFixed.selector);
        vm.expectRevert(refusal);
        governor.setLateQuorumVoteExtension(0);
        vm.expectRevert(refusal);
        governor.updateTimelock(timelock);
    }

    function test_counts_for_against_and_abstentions_by_weight() public {
        weigh(1, 7);
        later(61 days);
        Motion memory motion = proposeRule(0, aNewRule(), 5);
        open(motion);
        governor.castVotesBySig(
            motion.id,
            bytes.concat(
                ballot(0, motion.id, 0),
                ballot(1, motion.id, 1),
                ballot(2, motion.id, 2),
                ballot(3, motion.id, 2)
            )
        );
        vm.prank(memberOf(4));
        governor.castVote(motion.id, 0);
        Tally memory tally = governor.tallyOf(motion.id);
        same("against", tally.against, 2);
        same("for", tally.inFavour, 7);
        same("abstain", tally.abstain, 2);
        for (uint256 i; i < SEATS; ++i) {
            holds("voted", governor.hasVoted(motion.id, memberOf(i)));
        }
        holds("a stranger did not", !governor.hasVoted(motion.id, stranger));
    }

    function test_a_quorum_is_rounded_up_and_met_by_abstentions() public {
        same("two of five", governor.quorum(block.timestamp), 2);
        confirm(aPoint(5));
        seat(5, stranger);
        same("three of six", governor.quorum(block.timestamp), 3);
        later(1);
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        governor.castVotesBySig(motion.id, bytes.concat(ballot(0, motion.id, 1), ballot(1, motion.id, 2)));
        close(motion);
        same("two are not enough", stateOf(motion), DEFEATED);
        motion = proposeRule(0, aNewRule(), 2);
        open(motion);
        governor.castVotesBySig(
            motion.id, bytes.concat(ballot(0, motion.id, 1), ballot(1, motion.id, 2), ballot(2, motion.id, 2))
        );
        close(motion);
        same("three are", stateOf(motion), SUCCEEDED);
    }

    function test_a_tie_changes_nothing() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        governor.castVotesBySig(
            motion.id,
            bytes.concat(
                ballot(0, motion.id, 1),
                ballot(1, motion.id, 1),
                ballot(2, motion.id, 0),
                ballot(3, motion.id, 0)
            )
        );
        close(motion);
        same("defeated", stateOf(motion), DEFEATED);
    }

    function test_a_vote_cast_by_hand_is_of_a_kind_and_of_a_member_once() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        vm.prank(memberOf(0));
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidVoteType.selector));
        governor.castVote(motion.id, 3);
        vm.prank(memberOf(0));
        governor.castVote(motion.id, 1);
        vm.prank(memberOf(0));
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, memberOf(0)));
        governor.castVote(motion.id, 0);
        uint256 snapshot = governor.proposalSnapshot(motion.id);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(ICommunityGovernor.NotMemberThen.selector, stranger, snapshot));
        governor.castVote(motion.id, 1);
    }

    function test_a_proposer_takes_back_what_is_not_voted_on_yet() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        vm.prank(memberOf(1));
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, motion.id, memberOf(1))
        );
        governor.cancel(motion.targets, motion.values, motion.calldatas, motion.descriptionHash);
        cancelBy(motion, 0);
        same("cancelled", stateOf(motion), CANCELLED);
        motion = proposeRule(0, aNewRule(), 2);
        open(motion);
        bytes memory signature = MemberSigning.withdraw(keyOf(0), here(), COMMUNITY, motion.id);
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, motion.id, memberOf(0))
        );
        governor.cancelBySig(
            motion.targets, motion.values, motion.calldatas, motion.descriptionHash, signature
        );
    }

    function test_only_the_proposers_signature_takes_a_proposal_back() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, memberOf(0)));
        governor.cancelBySig(
            motion.targets,
            motion.values,
            motion.calldatas,
            motion.descriptionHash,
            MemberSigning.withdraw(keyOf(1), here(), COMMUNITY, motion.id)
        );
    }

    function test_names_the_open_proposal_of_a_seat() public {
        same("none", governor.openProposalOf(memberOf(0)), 0);
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        same("pending", governor.openProposalOf(memberOf(0)), motion.id);
        open(motion);
        same("voted on", governor.openProposalOf(memberOf(0)), motion.id);
        same("none of another", governor.openProposalOf(memberOf(1)), 0);
        close(motion);
        same("over", governor.openProposalOf(memberOf(0)), 0);
        same("none of a stranger", governor.openProposalOf(stranger), 0);
    }

    function test_is_created_with_settings_that_can_be_kept() public {
        Settings memory settings = governor.settings();
        same("delay", settings.votingDelay, DELAY);
        same("period", settings.votingPeriod, VOTING);
        same("extension", settings.lateQuorumExtension, EXTENSION);
        same("quorum", settings.quorumPpm, QUORUM);
        settings.quorumPpm = 1_000_001;
        refuse(settings, abi.encodeWithSelector(ICommunityGovernor.QuorumAboveOne.selector, 1_000_001));
        settings = theSettings();
        settings.votingPeriod = 0;
        refuse(settings, abi.encodeWithSelector(IGovernor.GovernorInvalidVotingPeriod.selector, 0));
        settings.votingPeriod = 59 days + 1;
        refuse(
            settings, abi.encodeWithSelector(ICommunityGovernor.VoteTooLong.selector, 60 days + 1, 60 days)
        );
        settings.votingPeriod = 59 days;
        create(settings);
    }

    function test_tells_time_and_counting_as_others_ask_for_it() public view {
        same("clock", governor.clock(), block.timestamp);
        same("mode", keccak256(bytes(governor.CLOCK_MODE())), keccak256("mode=timestamp"));
        same(
            "counting",
            keccak256(bytes(governor.COUNTING_MODE())),
            keccak256("support=bravo&quorum=for,abstain")
        );
    }

    function aRuleOfEverything() private pure returns (Rule memory rule) {
        rule = aPriorityRule();
        rule.limits.gaps = 1;
        rule.limits.terms = keccak256("terms");
        rule.key.producerPpm = new uint32[](2);
        (rule.key.producerPpm[0], rule.key.producerPpm[1]) = (5, 6);
        rule.tariff.networkPrice = 45_000;
        rule.tariff.networkSharedPrice = 40_000;
        rule.tariff.excisePrice = 21_000;
        rule.tariff.exciseSharedPrice = 20_000;
        rule.tariff.premiumConsumption = 1;
        rule.tariff.premiumFeedIn = 2;
        rule.tariff.surplusPrice = 60_000;
        rule.tariff.pricing = 3;
        rule.tariff.seller = 1;
        rule.tariff.monthlyFee = 200;
        rule.tariff.communityVatClass = 2;
        rule.tariff.producerPrice = new uint32[](2);
        (rule.tariff.producerPrice[0], rule.tariff.producerPrice[1]) = (110_000, 115_000);
    }

    function cancelBy(Motion memory motion, uint256 seat_) private {
        bytes memory signature = MemberSigning.withdraw(keyOf(seat_), here(), COMMUNITY, motion.id);
        governor.cancelBySig(
            motion.targets, motion.values, motion.calldatas, motion.descriptionHash, signature
        );
    }

    function weigh(uint32 number, uint16 weight) private {
        uint32[] memory seats = new uint32[](1);
        uint16[] memory weights = new uint16[](1);
        (seats[0], weights[0]) = (number, weight);
        vm.prank(address(timelock));
        registry.setWeights(COMMUNITY, seats, weights);
    }

    function refuse(Settings memory settings, bytes memory refusal) private {
        vm.expectRevert(refusal);
        new CommunityGovernor(COMMUNITY, registry, ruleBook, pauseBook, arbitration, timelock, settings);
    }
}
