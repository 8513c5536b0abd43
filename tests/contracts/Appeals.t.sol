// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IArbitration } from "../../contracts/interfaces/IArbitration.sol";
import { CaseOpening, Claim } from "../../contracts/types/Cases.sol";
import { Opening } from "../../contracts/types/Periods.sol";
import { ConfirmPoint } from "../../contracts/types/Points.sol";
import { MemberSigning } from "./support/MemberSigning.sol";
import { Members } from "./support/Members.sol";
import { vm } from "./support/Vm.sol";

/// @dev A case from its opening to its end with the governor and the timelock that members have, and attacks on the way.
contract AppealsTest is Members {
    address private constant ARBITER = address(0xA4B);
    uint8 private constant CONSUMER = 0;
    uint8 private constant OPERATOR = 2;
    uint8 private constant NOBODY = 3;
    uint8 private constant RULED = 3;
    uint8 private constant APPEALED = 4;
    uint8 private constant FINAL = 5;

    uint256 private caseId;

    function setUp() public override {
        super.setUp();
        grant(COMMUNITY, 5, ARBITER);
        openPoints();
        CaseOpening memory opening = CaseOpening({
            community: COMMUNITY, period: PERIOD, slot: 0, first: 10, until: 14, paper: keccak256("words")
        });
        vm.prank(memberOf(0));
        caseId = arbitration.openCase(opening, memberOf(0), "");
        file(CONSUMER, keyOf(0), "ours");
        file(OPERATOR, OPERATOR_KEY, "theirs");
        later(14 days);
        vm.prank(ARBITER);
        arbitration.ruleCase(caseId, OPERATOR, keccak256("reasons"));
    }

    function openPoints() private {
        ConfirmPoint[] memory points = new ConfirmPoint[](SEATS);
        uint32[] memory seats = new uint32[](SEATS);
        for (uint32 slot; slot < SEATS; ++slot) {
            points[slot] = aPoint(slot);
            seats[slot] = slot;
        }
        Opening memory opening = anOpening();
        (opening.slots, opening.seats, opening.pointsHash) = (SEATS, seats, pointsHash(points));
        open(opening);
    }

    function test_members_overturn_a_ruling_from_the_proposal_to_its_execution() public {
        Motion memory motion = appeal(1, CONSUMER, 1);
        same("appealed", stateOfCase(), APPEALED);
        carry(motion);
        same("final", stateOfCase(), FINAL);
        same("prevailing", arbitration.caseOf(caseId).prevailing, CONSUMER);
    }

    function test_a_ruling_holds_where_members_voted_it_down() public {
        Motion memory motion = appeal(1, CONSUMER, 1);
        open(motion);
        voteAll(motion.id, SEATS, 0);
        bytes memory refusal = abi.encodeWithSelector(IArbitration.AppealUndecided.selector, caseId, ACTIVE);
        vm.expectRevert(refusal);
        arbitration.settleAppeal(caseId);
        close(motion);
        arbitration.settleAppeal(caseId);
        later(14 days);
        same("final", stateOfCase(), FINAL);
        same("prevailing", arbitration.caseOf(caseId).prevailing, OPERATOR);
    }

    function test_who_won_does_not_use_up_the_losers_appeal_by_taking_one_back() public {
        Motion memory sham = appeal(4, CONSUMER, 1);
        vm.prank(memberOf(4));
        governor.cancel(sham.targets, sham.values, sham.calldatas, sham.descriptionHash);
        arbitration.settleAppeal(caseId);
        same("it can still be appealed", stateOfCase(), RULED);
        carry(appeal(0, CONSUMER, 2));
        same("prevailing", arbitration.caseOf(caseId).prevailing, CONSUMER);
    }

    function test_who_won_does_not_keep_an_appeal_occupied_either() public {
        Motion memory sham = appeal(4, CONSUMER, 1);
        vm.prank(memberOf(4));
        governor.cancel(sham.targets, sham.values, sham.calldatas, sham.descriptionHash);
        carry(appeal(0, CONSUMER, 2));
        same("prevailing", arbitration.caseOf(caseId).prevailing, CONSUMER);
    }

    function test_an_appeal_for_another_outcome_stands_in_nobodys_way() public {
        Motion memory sham = appeal(4, NOBODY, 1);
        Motion memory honest = appeal(0, CONSUMER, 2);
        open(sham);
        voteAll(sham.id, SEATS, 0);
        open(honest);
        voteAll(honest.id, SEATS, 1);
        close(honest);
        queue(honest);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.AppealUndecided.selector, caseId, QUEUED));
        arbitration.settleAppeal(caseId);
        later(WAITING);
        execute(honest);
        same("prevailing", arbitration.caseOf(caseId).prevailing, CONSUMER);
    }

    function test_an_outcome_is_voted_on_once() public {
        Motion memory motion = appeal(1, CONSUMER, 1);
        bytes memory refusal =
            abi.encodeWithSelector(IArbitration.AppealedAlready.selector, caseId, CONSUMER, motion.id);
        refuse(CONSUMER, refusal);
        open(motion);
        close(motion);
        same("defeated", stateOf(motion), DEFEATED);
        refuse(CONSUMER, refusal);
    }

    function test_no_appeal_that_could_not_be_carried_out_holds_a_case_up() public {
        refuse(OPERATOR, abi.encodeWithSelector(IArbitration.AppealPointless.selector, caseId, OPERATOR));
        refuse(1, abi.encodeWithSelector(IArbitration.ClaimMissing.selector, caseId, 1));
        refuse(9, abi.encodeWithSelector(IArbitration.PartyUnknown.selector, 9));
        same("ruled", stateOfCase(), RULED);
    }

    function test_an_appeal_that_nobody_carries_out_ends() public {
        Motion memory motion = appeal(1, CONSUMER, 1);
        open(motion);
        voteAll(motion.id, SEATS, 1);
        close(motion);
        later(30 days - 2);
        same("may be carried out", stateOf(motion), SUCCEEDED);
        later(2);
        same("expired", stateOf(motion), EXPIRED);
        arbitration.settleAppeal(caseId);
        same("final", stateOfCase(), FINAL);
    }

    function test_a_claim_that_was_replaced_is_not_brought_back_by_who_kept_it() public {
        CaseOpening memory opening = CaseOpening({
            community: COMMUNITY, period: PERIOD, slot: 1, first: 0, until: 1, paper: keccak256("more")
        });
        vm.prank(memberOf(1));
        caseId = arbitration.openCase(opening, memberOf(1), "");
        Claim memory former = aClaim(CONSUMER, "too low");
        bytes memory signature = signed_(keyOf(1), former);
        arbitration.fileClaim(former, signature);
        file(CONSUMER, keyOf(1), "right");
        (bool taken, bytes memory why) =
            address(arbitration).call(abi.encodeCall(IArbitration.fileClaim, (former, signature)));
        holds("refused", !taken);
        same("why", bytes32(bytes4(why)), bytes32(IArbitration.ClaimFiledTwice.selector));
        same("stands", arbitration.claimOf(caseId, CONSUMER).readings, keccak256("right"));
    }

    function appeal(uint256 seat_, uint8 party, uint256 nonce) private returns (Motion memory) {
        vm.prank(memberOf(seat_));
        uint256 id = governor.proposeAppeal(caseId, party, aPaper(nonce), memberOf(seat_), "");
        bytes memory call = abi.encodeCall(IArbitration.overturn, (caseId, party));
        return motionOf(id, address(arbitration), call, seat_, aPaper(nonce));
    }

    function refuse(uint8 party, bytes memory refusal) private {
        vm.prank(memberOf(3));
        vm.expectRevert(refusal);
        governor.proposeAppeal(caseId, party, aPaper(9), memberOf(3), "");
    }

    function stateOfCase() private view returns (uint8) {
        return arbitration.caseOf(caseId).state;
    }

    function aClaim(uint8 party, string memory word) private view returns (Claim memory) {
        return Claim({
            community: COMMUNITY,
            caseId: caseId,
            party: party,
            readings: keccak256(bytes(word)),
            evidence: keccak256("evidence")
        });
    }

    function signed_(uint256 key, Claim memory claim) private view returns (bytes memory) {
        bytes32 kind = keccak256(
            "Claim(bytes32 community,uint256 caseId,uint8 party,bytes32 readings,bytes32 evidence)"
        );
        return MemberSigning.sign(
            key, MemberSigning.domainOf(address(arbitration)), keccak256(abi.encode(kind, claim))
        );
    }

    function file(uint8 party, uint256 key, string memory word) private {
        Claim memory claim = aClaim(party, word);
        arbitration.fileClaim(claim, signed_(key, claim));
    }
}
