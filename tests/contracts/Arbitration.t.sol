// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Arbitration } from "../../contracts/Arbitration.sol";
import { IArbitration } from "../../contracts/interfaces/IArbitration.sol";
import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "../../contracts/interfaces/IPeriodBook.sol";
import { CaseOpening, CaseRecord, Claim } from "../../contracts/types/Cases.sol";
import { vm } from "./support/Vm.sol";
import { World } from "./support/World.sol";

/// @dev Tells a proposal's state, as a governor does.
contract Voting {
    uint8 public outcome;

    function decide(uint8 outcome_) external {
        outcome = outcome_;
    }

    function state(uint256) external view returns (uint8) {
        return outcome;
    }
}

contract ArbitrationTest is World {
    bytes32 private constant PAPER = keccak256("words");
    bytes32 private constant REASONS = keccak256("reasons");
    bytes32 private constant CLAIM_TYPE =
        keccak256("Claim(bytes32 community,uint256 caseId,uint8 party,bytes32 readings,bytes32 evidence)");
    bytes32 private constant OPENING_TYPE = keccak256(
        "OpenCase(bytes32 community,uint32 period,uint32 slot,uint32 first,uint32 until,bytes32 paper)"
    );
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    uint256 private constant MEMBER_KEY = 0x3E3;
    uint256 private constant PROVIDER_KEY = 0x9A0;
    address private constant ARBITER = address(0xA4B);
    address private constant EXECUTIVE = address(0xE8E);
    uint8 private constant VOTE_DEFEATED = 3;
    uint8 private constant VOTE_QUEUED = 5;
    uint8 private constant VOTE_EXECUTED = 7;

    Arbitration private court;
    Voting private voting;
    address private immutable member = vm.addr(MEMBER_KEY);
    address private immutable provider = vm.addr(PROVIDER_KEY);

    function setUp() public override {
        super.setUp();
        court = arbitration;
        voting = new Voting();
        openAll(aRule());
        grant(COMMUNITY, 2, provider);
        grant(COMMUNITY, 5, ARBITER);
        vm.prank(steward);
        registry.grantSeat(COMMUNITY, 0, member);
        vm.prank(steward);
        registry.appointExecutive(COMMUNITY, EXECUTIVE, address(voting));
    }

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
        voting.decide(VOTE_QUEUED);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.AppealUndecided.selector, caseId, VOTE_QUEUED));
        court.settleAppeal(caseId);
        voting.decide(VOTE_EXECUTED);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.AppealUndecided.selector, caseId, VOTE_EXECUTED));
        court.settleAppeal(caseId);
        voting.decide(VOTE_DEFEATED);
        court.settleAppeal(caseId);
        same("final", court.caseOf(caseId).state, 5);
        same("prevailing", court.caseOf(caseId).prevailing, 2);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.CaseStateWrong.selector, caseId, 5, 4));
        court.settleAppeal(caseId);
    }

    function test_only_the_governor_notes_an_appeal_while_there_is_time() public {
        uint256 caseId = ruled(2);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.NotGovernor.selector, COMMUNITY, address(this)));
        court.noteAppeal(caseId, 7);
        vm.warp(block.timestamp + 14 days);
        vm.prank(address(voting));
        vm.expectRevert(abi.encodeWithSelector(IArbitration.CaseStateWrong.selector, caseId, 5, 3));
        court.noteAppeal(caseId, 7);
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

    // ---- what the tests share

    function anOpeningOn(uint32 slot) private pure returns (CaseOpening memory) {
        return
            CaseOpening({
                community: COMMUNITY, period: PERIOD, slot: slot, first: 10, until: 14, paper: PAPER
            });
    }

    function openCase() private returns (uint256) {
        vm.prank(member);
        return court.openCase(anOpeningOn(0), member, "");
    }

    /// @dev Claims of consumer and grid operator, then a ruling.
    function ruled(uint8 party) private returns (uint256 caseId) {
        caseId = openCase();
        file(caseId, 0, MEMBER_KEY, "consumer");
        file(caseId, 2, OPERATOR_KEY, "operator");
        vm.warp(block.timestamp + 14 days);
        rule(caseId, party);
    }

    function dismiss(uint256 caseId) private {
        vm.warp(block.timestamp + 14 days);
        rule(caseId, 3);
        vm.warp(block.timestamp + 14 days);
    }

    function rule(uint256 caseId, uint8 party) private {
        vm.prank(ARBITER);
        court.ruleCase(caseId, party, REASONS);
    }

    function appeal(uint256 caseId) private {
        vm.prank(address(voting));
        court.noteAppeal(caseId, 7);
    }

    function aClaim(uint256 caseId, uint8 party, string memory word) private pure returns (Claim memory) {
        return Claim({
            community: COMMUNITY,
            caseId: caseId,
            party: party,
            readings: keccak256(bytes(word)),
            evidence: keccak256("evidence")
        });
    }

    function file(uint256 caseId, uint8 party, uint256 key, string memory word) private {
        Claim memory claim = aClaim(caseId, party, word);
        court.fileClaim(claim, signClaim(key, claim));
    }

    function refuseClaim(uint256 caseId, uint8 party, uint256 key, address signer) private {
        Claim memory claim = aClaim(caseId, party, "x");
        bytes memory signature = signClaim(key, claim);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.NotParty.selector, COMMUNITY, signer));
        court.fileClaim(claim, signature);
    }

    function refuseRuling(uint256 caseId, uint8 party, bytes32 reasons, bytes memory refusal) private {
        vm.prank(ARBITER);
        vm.expectRevert(refusal);
        court.ruleCase(caseId, party, reasons);
    }

    function refuseFulfilment(uint256 caseId, bytes32 batchId, bytes32 latest) private {
        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.BatchNotLatest.selector, caseId, batchId, latest));
        court.fulfil(caseId, batchId);
    }

    /// @dev Whoever else the signature recovers to, it is not the member.
    function refuseOpening(CaseOpening memory opening, bytes memory signature) private {
        (bool taken,) = address(court).call(abi.encodeCall(court.openCase, (opening, member, signature)));
        holds("refused", !taken);
    }

    function refuseOpening(CaseOpening memory opening, bytes memory refusal, uint256) private {
        vm.prank(member);
        vm.expectRevert(refusal);
        court.openCase(opening, member, "");
    }

    function openingHash(CaseOpening memory o) private pure returns (bytes32) {
        return keccak256(abi.encode(OPENING_TYPE, o.community, o.period, o.slot, o.first, o.until, o.paper));
    }

    function digestOf(address verifier, uint256 chainId, bytes32 structHash) private pure returns (bytes32) {
        bytes32 domain =
            keccak256(abi.encode(DOMAIN_TYPE, keccak256("Partage"), keccak256("1"), chainId, verifier));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function signOpening(uint256 key, address verifier, uint256 chainId, CaseOpening memory opening)
        private
        pure
        returns (bytes memory)
    {
        return sign(key, digestOf(verifier, chainId, openingHash(opening)));
    }

    function signClaim(uint256 key, Claim memory c) private view returns (bytes memory) {
        bytes32 structHash =
            keccak256(abi.encode(CLAIM_TYPE, c.community, c.caseId, c.party, c.readings, c.evidence));
        return sign(key, digestOf(address(court), block.chainid, structHash));
    }

    function sign(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
