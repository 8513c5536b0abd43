// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IArbitration } from "../../contracts/interfaces/IArbitration.sol";
import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "../../contracts/interfaces/IPeriodBook.sol";
import { CaseOpening, CaseRecord, Claim } from "../../contracts/types/Cases.sol";
import { vm } from "./support/Vm.sol";
import { Court } from "./support/Court.sol";

contract ArbitrationTest is Court {
    // ---- opening

    function test_a_member_opens_a_case_on_a_point_of_theirs() public {
        vm.expectEmit(address(court));
        emit IArbitration.CaseOpened(1, COMMUNITY, member, PERIOD, 0, PAPER);
        uint256 caseId = openCase();
        CaseRecord memory kept = court.caseOf(caseId);
        same("case", caseId, 1);
        same("community", kept.community, COMMUNITY);
        same("period", kept.period, PERIOD);
        same("slot", kept.slot, 0);
        same("first", kept.first, 10);
        same("until", kept.until, 14);
        same("opener", kept.opener, member);
        same("state", kept.state, 1);
        same("prevailing", kept.prevailing, 3);
        same("latest", court.latestCase(COMMUNITY, PERIOD, 0), caseId);
        (uint64 claims, uint64 ruling, uint64 appealable) = court.deadlinesOf(caseId);
        same("claims", claims, block.timestamp + 14 days);
        same("ruling", ruling, block.timestamp + 28 days);
        same("appeal", appealable, 0);
    }

    function test_a_seat_speaks_for_all_points_of_its_participant() public {
        // Slot 1 stands at seat 0.
        CaseOpening memory opening = anOpeningOn(1);
        vm.prank(member);
        same("case", court.openCase(opening, member, ""), 1);
    }

    function test_a_signed_opening_is_sent_by_anyone_once() public {
        CaseOpening memory opening = anOpeningOn(0);
        bytes memory signature = signOpening(MEMBER_KEY, address(court), block.chainid, opening);
        vm.prank(stranger);
        uint256 caseId = court.openCase(opening, member, signature);
        dismiss(caseId);
        bytes32 digest = digestOf(address(court), block.chainid, openingHash(opening));
        vm.expectRevert(abi.encodeWithSelector(IArbitration.CaseOpenedTwice.selector, digest));
        court.openCase(opening, member, signature);
    }

    function test_an_opening_signed_for_another_contract_or_chain_counts_for_nothing() public {
        CaseOpening memory opening = anOpeningOn(0);
        refuseOpening(opening, signOpening(MEMBER_KEY, address(registry), block.chainid, opening));
        refuseOpening(opening, signOpening(MEMBER_KEY, address(court), block.chainid + 1, opening));
    }

    function test_outsiders_open_no_case() public {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.NotParty.selector, COMMUNITY, stranger));
        court.openCase(anOpeningOn(0), stranger, "");
        // Seat 2 has no holder: nobody, the zero address least of all, speaks for it.
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.NotParty.selector, COMMUNITY, member));
        court.openCase(anOpeningOn(2), member, "");
        vm.prank(address(0));
        vm.expectRevert(abi.encodeWithSelector(IArbitration.NotParty.selector, COMMUNITY, address(0)));
        court.openCase(anOpeningOn(2), address(0), "");
    }

    function test_a_case_is_about_intervals_of_a_confirmed_point_in_an_open_period() public {
        CaseOpening memory opening = anOpeningOn(0);
        opening.until = opening.first;
        refuseOpening(
            opening, abi.encodeWithSelector(IArbitration.CaseIntervalsImpossible.selector, 10, 10, 720), 0
        );
        opening.until = 721;
        refuseOpening(
            opening, abi.encodeWithSelector(IArbitration.CaseIntervalsImpossible.selector, 10, 721, 720), 0
        );
        opening = anOpeningOn(3);
        refuseOpening(opening, abi.encodeWithSelector(IArbitration.CaseSlotUnknown.selector, PERIOD, 3), 0);
        opening = anOpeningOn(0);
        opening.paper = 0;
        refuseOpening(opening, abi.encodeWithSelector(IArbitration.CasePaperMissing.selector, COMMUNITY), 0);
        opening = anOpeningOn(0);
        opening.period = PERIOD + 31;
        refuseOpening(
            opening, abi.encodeWithSelector(IPeriodBook.PeriodNotOpen.selector, COMMUNITY, PERIOD + 31), 0
        );
    }

    function test_a_point_has_one_case_at_a_time() public {
        uint256 caseId = openCase();
        refuseOpening(
            anOpeningOn(0), abi.encodeWithSelector(IArbitration.CaseOpenAlready.selector, caseId), 0
        );
        dismiss(caseId);
        same("the next", openCase(), 2);
    }

    // ---- claims

    function test_each_party_files_a_claim_and_may_replace_it() public {
        uint256 caseId = openCase();
        file(caseId, 0, MEMBER_KEY, "first");
        file(caseId, 0, MEMBER_KEY, "second");
        file(caseId, 2, OPERATOR_KEY, "operator");
        same("consumer", court.claimOf(caseId, 0).readings, keccak256("second"));
        same("signer", court.claimOf(caseId, 2).signer, operator);
        same("provider", court.claimOf(caseId, 1).filedAt, 0);
        same("claims", court.caseOf(caseId).state, 1);
        file(caseId, 1, PROVIDER_KEY, "provider");
        same("all filed", court.caseOf(caseId).state, 2);
    }

    function test_nobody_files_for_another_party() public {
        uint256 caseId = openCase();
        refuseClaim(caseId, 0, OPERATOR_KEY, operator);
        refuseClaim(caseId, 1, MEMBER_KEY, member);
        refuseClaim(caseId, 2, PROVIDER_KEY, provider);
        refuseClaim(caseId, 2, STRANGER_KEY, stranger);
    }

    function test_a_claim_says_what_for_and_has_readings_and_evidence() public {
        uint256 caseId = openCase();
        Claim memory claim = aClaim(caseId, 3, "x");
        vm.expectRevert(abi.encodeWithSelector(IArbitration.PartyUnknown.selector, 3));
        court.fileClaim(claim, "");
        claim = aClaim(caseId, 0, "x");
        claim.community = keccak256("elsewhere");
        vm.expectRevert(
            abi.encodeWithSelector(IArbitration.ClaimElsewhere.selector, claim.community, COMMUNITY)
        );
        court.fileClaim(claim, "");
        claim = aClaim(caseId, 0, "x");
        claim.evidence = 0;
        vm.expectRevert(abi.encodeWithSelector(IArbitration.ClaimEmpty.selector, caseId, 0));
        court.fileClaim(claim, "");
        claim.caseId = 9;
        vm.expectRevert(abi.encodeWithSelector(IArbitration.CaseUnknown.selector, 9));
        court.fileClaim(claim, "");
    }

    function test_claims_close_after_fourteen_days() public {
        uint256 caseId = openCase();
        vm.warp(block.timestamp + 14 days);
        Claim memory claim = aClaim(caseId, 0, "late");
        vm.expectRevert(abi.encodeWithSelector(IArbitration.CaseStateWrong.selector, caseId, 2, 1));
        court.fileClaim(claim, signClaim(MEMBER_KEY, claim));
    }

    // ---- ruling

    function test_an_arbiter_rules_with_reasons_once_claims_are_closed() public {
        uint256 caseId = openCase();
        file(caseId, 0, MEMBER_KEY, "consumer");
        vm.prank(ARBITER);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.CaseStateWrong.selector, caseId, 1, 2));
        court.ruleCase(caseId, 0, REASONS);
        vm.warp(block.timestamp + 14 days);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.RoleMissing.selector, COMMUNITY, 5, address(this))
        );
        court.ruleCase(caseId, 0, REASONS);
        refuseRuling(caseId, 0, 0, abi.encodeWithSelector(IArbitration.ReasonsMissing.selector, caseId));
        refuseRuling(
            caseId, 2, REASONS, abi.encodeWithSelector(IArbitration.ClaimMissing.selector, caseId, 2)
        );
        refuseRuling(caseId, 4, REASONS, abi.encodeWithSelector(IArbitration.PartyUnknown.selector, 4));
        rule(caseId, 0);
        CaseRecord memory kept = court.caseOf(caseId);
        same("state", kept.state, 3);
        same("prevailing", kept.prevailing, 0);
        same("reasons", kept.reasons, REASONS);
        (,, uint64 appealUntil) = court.deadlinesOf(caseId);
        same("appeal", appealUntil, block.timestamp + 14 days);
        vm.warp(appealUntil - 1);
        same("still appealable", court.caseOf(caseId).state, 3);
        vm.warp(appealUntil);
        same("final", court.caseOf(caseId).state, 5);
    }

    function test_a_ruling_for_nobody_dismisses_the_case() public {
        uint256 caseId = ruled(3);
        vm.warp(block.timestamp + 14 days);
        same("dismissed", court.caseOf(caseId).state, 6);
    }

    function testFuzz_without_a_ruling_the_grid_operators_measure_prevails(uint8 filed) public {
        uint256 caseId = openCase();
        if (filed & 1 != 0) file(caseId, 0, MEMBER_KEY, "consumer");
        if (filed & 2 != 0) file(caseId, 1, PROVIDER_KEY, "provider");
        if (filed & 4 != 0) file(caseId, 2, OPERATOR_KEY, "operator");
        uint256 opened = court.caseOf(caseId).openedAt;
        vm.warp(opened + 14 days);
        vm.expectRevert(
            abi.encodeWithSelector(IArbitration.RulingStillDue.selector, caseId, opened + 28 days)
        );
        court.closeByPrecedence(caseId);
        vm.warp(opened + 28 days);
        court.closeByPrecedence(caseId);
        uint256 due = filed & 4 != 0 ? 2 : filed & 2 != 0 ? 1 : filed & 1 != 0 ? 0 : 3;
        same("prevailing", court.caseOf(caseId).prevailing, due);
        same("reasons", court.caseOf(caseId).reasons, 0);
        same("appealable", court.caseOf(caseId).state, 3);
    }

    function test_precedence_waits_for_claims() public {
        uint256 caseId = openCase();
        vm.expectRevert(abi.encodeWithSelector(IArbitration.CaseStateWrong.selector, caseId, 1, 2));
        court.closeByPrecedence(caseId);
    }

    // ---- appeal

    function test_members_overturn_a_ruling_by_vote() public {
        uint256 caseId = ruled(2);
        appeal(caseId);
        same("appealed", court.caseOf(caseId).state, 4);
        vm.warp(block.timestamp + 60 days);
        same("it waits for the vote", court.caseOf(caseId).state, 4);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.NotExecutive.selector, COMMUNITY, address(this)));
        court.overturn(caseId, 0);
        vm.prank(EXECUTIVE);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.ClaimMissing.selector, caseId, 1));
        court.overturn(caseId, 1);
        vm.prank(EXECUTIVE);
        court.overturn(caseId, 0);
        same("final", court.caseOf(caseId).state, 5);
        same("prevailing", court.caseOf(caseId).prevailing, 0);
        vm.prank(EXECUTIVE);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.CaseStateWrong.selector, caseId, 5, 4));
        court.overturn(caseId, 2);
    }

    function test_a_ruling_holds_where_the_appeal_failed() public {
        uint256 caseId = ruled(2);
        appeal(caseId);
        voting.decide(7, VOTE_QUEUED);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.AppealUndecided.selector, caseId, VOTE_QUEUED));
        court.settleAppeal(caseId);
        voting.decide(7, VOTE_EXECUTED);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.AppealUndecided.selector, caseId, VOTE_EXECUTED));
        court.settleAppeal(caseId);
        voting.decide(7, VOTE_DEFEATED);
        court.settleAppeal(caseId);
        same("ruled", court.caseOf(caseId).state, 3);
        vm.warp(court.caseOf(caseId).ruledAt + 14 days);
        same("final", court.caseOf(caseId).state, 5);
        same("prevailing", court.caseOf(caseId).prevailing, 2);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.CaseStateWrong.selector, caseId, 5, 4));
        court.settleAppeal(caseId);
    }

    function test_only_the_governor_notes_an_appeal_while_there_is_time() public {
        uint256 caseId = ruled(2);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.NotGovernor.selector, COMMUNITY, address(this)));
        court.noteAppeal(caseId, 0, 7);
        vm.warp(block.timestamp + 14 days);
        vm.prank(address(voting));
        vm.expectRevert(abi.encodeWithSelector(IArbitration.CaseStateWrong.selector, caseId, 5, 3));
        court.noteAppeal(caseId, 0, 7);
    }

    // ---- carrying out

    function test_the_latest_batch_of_the_period_carries_the_outcome_out() public {
        uint256 caseId = ruled(0);
        vm.warp(block.timestamp + 14 days);
        refuseFulfilment(caseId, 0, 0);
        bytes32 former = submit(aBatch());
        bytes32 batchId = submit(aBatch());
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.RoleMissing.selector, COMMUNITY, 4, address(this))
        );
        court.fulfil(caseId, batchId);
        refuseFulfilment(caseId, former, batchId);
        vm.expectEmit(address(court));
        emit IArbitration.CaseFulfilled(caseId, batchId);
        vm.prank(settler);
        court.fulfil(caseId, batchId);
        same("state", court.caseOf(caseId).state, 7);
        same("batch", court.caseOf(caseId).batchId, batchId);
        same("the next case", openCase(), caseId + 1);
    }

    function test_nothing_is_carried_out_before_it_is_final() public {
        uint256 caseId = ruled(0);
        bytes32 batchId = submit(aBatch());
        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.CaseStateWrong.selector, caseId, 3, 5));
        court.fulfil(caseId, batchId);
    }
}
