// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IGovernor } from "@openzeppelin/contracts/governance/IGovernor.sol";
import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { Tally } from "../../contracts/types/Proposals.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { GiveConsent } from "../../contracts/types/Seats.sol";
import { MemberSigning } from "./support/MemberSigning.sol";
import { Members } from "./support/Members.sol";
import { vm } from "./support/Vm.sol";

/// @dev Attacks on batches of votes, on what was voted and left lying, and on signatures that were kept.
contract VoteAttacksTest is Members {
    uint256 private constant VOTE = 65;

    function testFuzz_whatever_else_a_batch_holds_each_good_vote_counts_once(
        bytes memory junk,
        uint256 order,
        uint8[5] memory choices
    ) public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        bytes memory votes;
        uint256[3] memory due;
        for (uint256 i; i < 2 * SEATS; ++i) {
            uint256 voter = (i + order % SEATS) % SEATS;
            uint8 support = choices[voter] % 3;
            if (i < SEATS) ++due[support];
            // The second time round each says another thing.
            if (i >= SEATS) support = (support + 1) % 3;
            votes = bytes.concat(votes, aJunk(junk, order, i), ballot(voter, motion.id, support));
        }
        governor.castVotesBySig(motion.id, votes);
        Tally memory tally = governor.tallyOf(motion.id);
        same("against", tally.against, due[0]);
        same("for", tally.inFavour, due[1]);
        same("abstain", tally.abstain, due[2]);
        governor.castVotesBySig(motion.id, votes);
        tally = governor.tallyOf(motion.id);
        same("again nothing", tally.against + tally.inFavour + tally.abstain, SEATS);
    }

    function testFuzz_a_batch_of_noise_counts_for_nothing(bytes memory noise) public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        bytes memory votes = new bytes(noise.length - noise.length % VOTE);
        for (uint256 i; i < votes.length; ++i) {
            votes[i] = noise[i];
        }
        governor.castVotesBySig(motion.id, votes);
        Tally memory tally = governor.tallyOf(motion.id);
        same("nothing", tally.against + tally.inFavour + tally.abstain, 0);
    }

    function testFuzz_a_vote_of_which_a_bit_is_changed_is_not_that_members(uint256 bit, uint8 support)
        public
    {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        bytes memory vote = ballot(1, motion.id, support % 3);
        bit %= 8 * VOTE;
        vote[bit / 8] = bytes1(uint8(vote[bit / 8]) ^ uint8(1 << (bit % 8)));
        governor.castVotesBySig(motion.id, vote);
        holds("not voted", !governor.hasVoted(motion.id, memberOf(1)));
    }

    function test_griefing_by_gas_a_batch_that_runs_out_of_it_counts_no_vote() public {
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        bytes memory votes;
        for (uint256 i; i < SEATS; ++i) {
            votes = bytes.concat(votes, ballot(i, motion.id, 1));
        }
        for (uint256 gas_ = 40_000; gas_ < 400_000; gas_ += 20_000) {
            (bool taken,) = address(governor).call{ gas: gas_ }(
                abi.encodeCall(governor.castVotesBySig, (motion.id, votes))
            );
            same("all or nothing", governor.tallyOf(motion.id).inFavour, taken ? SEATS : 0);
            if (taken) return;
        }
        holds("enough at last", false);
    }

    function test_griefing_by_gas_a_proposal_of_very_many_weights_costs_its_proposer_alone() public {
        uint32[] memory seats = new uint32[](1920);
        uint16[] memory weights = new uint16[](1920);
        vm.prank(memberOf(0));
        uint256 id = governor.proposeWeights(seats, weights, aPaper(1), memberOf(0), "");
        Motion memory honest = proposeRule(1, aNewRule(), 2);
        carry(honest);
        same("carried out", stateOf(honest), EXECUTED);
        same("nobody voted for it", uint8(governor.state(id)), DEFEATED);
    }

    function test_what_was_voted_and_left_lying_does_not_undo_what_was_voted_later() public {
        Rule memory rule = aNewRule();
        Motion memory former = proposeRule(0, rule, 1);
        open(former);
        voteAll(former.id, SEATS, 1);
        close(former);
        queue(former);
        later(WAITING + 30 days - 1);
        same("may be carried out", stateOf(former), QUEUED);
        later(1);
        same("expired", stateOf(former), EXPIRED);
        carry(proposeRule(1, aNewRule(), 2));
        uint32 latest = ruleBook.latestVersion(COMMUNITY);
        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernor.GovernorUnexpectedProposalState.selector,
                former.id,
                IGovernor.ProposalState.Expired,
                bytes32(uint256(1 << QUEUED))
            )
        );
        execute(former);
        bytes32 salt = bytes20(address(governor)) ^ former.descriptionHash;
        vm.expectRevert(
            abi.encodeWithSignature(
                "AccessControlUnauthorizedAccount(address,bytes32)", address(this), timelock.EXECUTOR_ROLE()
            )
        );
        timelock.executeBatch(former.targets, former.values, former.calldatas, 0, salt);
        same("the later rule holds", ruleBook.latestVersion(COMMUNITY), latest);
    }

    function test_a_consent_signed_and_kept_does_not_come_back_after_it_was_withdrawn() public {
        MemberSigning.Domain memory domain = MemberSigning.domainOf(address(registry));
        uint64 present = uint64(block.timestamp);
        GiveConsent memory consent =
            GiveConsent(COMMUNITY, memberOf(1), stranger, 2, present, present + 9 days, 0);
        bytes memory kept = MemberSigning.giveConsent(keyOf(1), domain, consent);
        vm.prank(memberOf(1));
        registry.giveConsent(COMMUNITY, stranger, 2, present, present + 9 days);
        vm.prank(memberOf(1));
        registry.withdrawConsent(COMMUNITY, stranger, 2);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.NonceWrong.selector, memberOf(1), 0, 1));
        registry.giveConsentBySig(consent, kept);
        holds("withdrawn", !registry.consentHolds(COMMUNITY, memberOf(1), stranger, 2));
    }

    /// @dev None to two votes' length of bytes that nobody signed.
    function aJunk(bytes memory junk, uint256 order, uint256 i) private pure returns (bytes memory part) {
        part = new bytes(VOTE * ((order >> i) % 3));
        for (uint256 j; j < part.length && junk.length > 0; ++j) {
            part[j] = junk[(j + i) % junk.length];
        }
    }
}
