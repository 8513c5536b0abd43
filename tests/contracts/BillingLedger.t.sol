// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IBillingLedger } from "../../contracts/interfaces/IBillingLedger.sol";
import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { ISettlementLedger } from "../../contracts/interfaces/ISettlementLedger.sol";
import { BillsProposal, BillsRecord } from "../../contracts/types/Bills.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

contract BillingLedgerTest is World {
    bytes32 private runId;

    function setUp() public override {
        super.setUp();
        openAll(aRule());
        submit(aBatch());
        runId = proposeRun();
    }

    function test_keeps_the_bills_of_a_run() public {
        proposeBills(theBills(runId));
        BillsRecord memory bills = billingLedger.bills(runId);
        same("community", bills.community, COMMUNITY);
        same("run", bills.runId, runId);
        same("root", bills.root, ROOT);
        same("debits", bills.debits, 1500);
        same("credits", bills.credits, 900);
        same("fees", bills.fees, 400);
        same("vat debits", bills.vatDebits, 100);
        same("vat credits", bills.vatCredits, 30);
        holds("signed sums", bills.passThrough == 131 && bills.rounding == -1);
        same("proposer", bills.proposer, settler);
        same("proposed", bills.proposedAt, block.timestamp);
        same("until", bills.contestableUntil, block.timestamp + WINDOW);
        same("contestable", bills.state, 1);
    }

    function test_bills_that_do_not_exist_read_as_zeros() public {
        same("none", billingLedger.bills(runId).state, 0);
        voidByContests(runId);
        same("none of a voided run either", billingLedger.bills(runId).state, 0);
    }

    function test_only_a_settler_proposes() public {
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.RoleMissing.selector, COMMUNITY, 4, stranger)
        );
        billingLedger.proposeBills(theBills(runId));
    }

    function test_bills_in_which_a_lie_was_proved_give_way_to_others() public {
        BillsProposal memory bills = theBills(runId);
        proposeBills(bills);
        refuse(bills, abi.encodeWithSelector(IBillingLedger.BillsProposedAlready.selector, runId));
        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(IBillingLedger.NotBillContests.selector, settler));
        billingLedger.voidBills(runId, stranger);
        vm.prank(address(billContests));
        vm.expectEmit(address(billingLedger));
        emit IBillingLedger.BillsVoided(runId, stranger);
        billingLedger.voidBills(runId, stranger);
        same("voided", billingLedger.bills(runId).state, 4);
        same("by", billingLedger.bills(runId).voidedBy, stranger);
        same("the run stands", settlementLedger.run(runId).state, 1);
        vm.prank(address(inputContests));
        vm.expectRevert(abi.encodeWithSelector(IBillingLedger.BillsNotContestable.selector, runId, 4));
        billingLedger.voidBills(runId, stranger);
        bills.root = keccak256("others");
        vm.warp(block.timestamp + 1 days);
        proposeBills(bills);
        same("contestable", billingLedger.bills(runId).state, 1);
        same("root", billingLedger.claimOf(runId).root, bills.root);
        same("nobody proved a lie in these", billingLedger.bills(runId).voidedBy, address(0));
        same("their own window", billingLedger.bills(runId).contestableUntil, block.timestamp + WINDOW);
        vm.prank(address(inputContests));
        billingLedger.voidBills(runId, importer);
        same("by the other judge", billingLedger.bills(runId).voidedBy, importer);
    }

    function test_refuses_bills_that_do_not_balance() public {
        BillsProposal memory bills = theBills(runId);
        bills.debits = 1501;
        refuse(bills, abi.encodeWithSelector(IBillingLedger.BillsDoNotBalance.selector, 1501, 1500));
        bills = theBills(runId);
        (bills.passThrough, bills.debits) = (-2000, 0);
        refuse(bills, abi.encodeWithSelector(IBillingLedger.BillsDoNotBalance.selector, 0, -631));
    }

    function test_balances_figures_as_large_as_they_come() public {
        BillsProposal memory bills = theBills(runId);
        (bills.debits, bills.credits, bills.fees) = (type(uint64).max, type(uint64).max, type(uint64).max);
        (bills.vatDebits, bills.vatCredits) = (0, type(uint64).max);
        (bills.passThrough, bills.rounding) = (0, 0);
        proposeBills(bills);
    }

    function test_rounding_is_at_most_a_cent_per_slot() public {
        BillsProposal memory bills = theBills(runId);
        (bills.rounding, bills.passThrough) = (4, 126);
        refuse(bills, abi.encodeWithSelector(IBillingLedger.RoundingTooLarge.selector, int64(4), 3));
        (bills.rounding, bills.passThrough) = (-4, 134);
        refuse(bills, abi.encodeWithSelector(IBillingLedger.RoundingTooLarge.selector, int64(-4), 3));
        (bills.rounding, bills.passThrough) = (-3, 133);
        proposeBills(bills);
    }

    function test_a_run_is_billed_once() public {
        proposeBills(theBills(runId));
        refuse(theBills(runId), abi.encodeWithSelector(IBillingLedger.BillsProposedAlready.selector, runId));
    }

    function test_refuses_bills_of_another_community() public {
        BillsProposal memory bills = theBills(runId);
        bills.community = ROOT;
        refuse(bills, abi.encodeWithSelector(IBillingLedger.BillsElsewhere.selector, ROOT, COMMUNITY));
    }

    function test_refuses_bills_without_root_or_run() public {
        BillsProposal memory bills = theBills(runId);
        bills.root = bytes32(0);
        refuse(bills, abi.encodeWithSelector(IBillingLedger.BillsRootMissing.selector, runId));
        refuse(theBills(ROOT), abi.encodeWithSelector(IBillingLedger.RunNotBillable.selector, ROOT, 0));
    }

    function test_refuses_bills_of_a_voided_or_superseded_run() public {
        voidByContests(runId);
        refuse(theBills(runId), abi.encodeWithSelector(IBillingLedger.RunNotBillable.selector, runId, 4));
        bytes32 second = finalRun();
        finalRun();
        refuse(theBills(second), abi.encodeWithSelector(IBillingLedger.RunNotBillable.selector, second, 3));
    }

    function test_bills_become_final_after_their_run_and_their_own_window() public {
        vm.warp(block.timestamp + 1 days);
        proposeBills(theBills(runId));
        uint64 until = billingLedger.bills(runId).contestableUntil;
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IBillingLedger.RunNotFinal.selector, runId, 1));
        billingLedger.finalise(runId);
        attest(runId);
        settlementLedger.finalise(runId);
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.WindowOpen.selector, until));
        billingLedger.finalise(runId);
        vm.warp(until);
        vm.prank(stranger);
        billingLedger.finalise(runId);
        same("final", billingLedger.bills(runId).state, 2);
        vm.expectRevert(abi.encodeWithSelector(IBillingLedger.BillsNotContestable.selector, runId, 2));
        billingLedger.finalise(runId);
    }

    function test_bills_share_the_fate_of_a_voided_run() public {
        proposeBills(theBills(runId));
        voidByContests(runId);
        same("voided", billingLedger.bills(runId).state, 4);
        passWindow();
        vm.expectRevert(abi.encodeWithSelector(IBillingLedger.BillsNotContestable.selector, runId, 4));
        billingLedger.finalise(runId);
    }

    function test_final_bills_read_as_superseded_once_a_later_run_is_final() public {
        proposeBills(theBills(runId));
        attest(runId);
        passWindow();
        settlementLedger.finalise(runId);
        billingLedger.finalise(runId);
        finalRun();
        same("superseded", billingLedger.bills(runId).state, 3);
        vm.expectRevert(abi.encodeWithSelector(IBillingLedger.BillsNotContestable.selector, runId, 3));
        billingLedger.finalise(runId);
    }

    function test_bills_that_were_never_proposed_are_not_finalised() public {
        vm.expectRevert(abi.encodeWithSelector(IBillingLedger.BillsNotContestable.selector, runId, 0));
        billingLedger.finalise(runId);
    }

    function test_documents_of_final_bills_are_anchored_one_after_the_other() public {
        finalBills();
        vm.prank(settler);
        billingLedger.anchorDocuments(runId, ROOT);
        vm.prank(settler);
        billingLedger.anchorDocuments(runId, keccak256("mended"));
        bytes32[] memory documents = billingLedger.documentsOf(runId);
        same("two", documents.length, 2);
        same("the first", documents[0], ROOT);
        same("the second", documents[1], keccak256("mended"));
    }

    function test_only_a_settler_anchors_documents() public {
        finalBills();
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.RoleMissing.selector, COMMUNITY, 4, stranger)
        );
        billingLedger.anchorDocuments(runId, ROOT);
    }

    function test_refuses_documents_of_bills_that_are_not_final() public {
        proposeBills(theBills(runId));
        refuseDocuments(ROOT, abi.encodeWithSelector(IBillingLedger.BillsNotFinal.selector, runId, 1));
        attest(runId);
        passWindow();
        settlementLedger.finalise(runId);
        billingLedger.finalise(runId);
        finalRun();
        refuseDocuments(ROOT, abi.encodeWithSelector(IBillingLedger.BillsNotFinal.selector, runId, 3));
    }

    function test_refuses_no_manifest_and_the_same_again() public {
        finalBills();
        refuseDocuments(0, abi.encodeWithSelector(IBillingLedger.ManifestMissing.selector, runId));
        vm.prank(settler);
        billingLedger.anchorDocuments(runId, ROOT);
        refuseDocuments(
            ROOT, abi.encodeWithSelector(IBillingLedger.ManifestAnchoredAlready.selector, runId, ROOT)
        );
    }

    function finalBills() private {
        proposeBills(theBills(runId));
        attest(runId);
        passWindow();
        settlementLedger.finalise(runId);
        billingLedger.finalise(runId);
    }

    function refuseDocuments(bytes32 manifest, bytes memory refusal) private {
        vm.prank(settler);
        vm.expectRevert(refusal);
        billingLedger.anchorDocuments(runId, manifest);
    }

    function refuse(BillsProposal memory bills, bytes memory refusal) private {
        vm.prank(settler);
        vm.expectRevert(refusal);
        billingLedger.proposeBills(bills);
    }
}
