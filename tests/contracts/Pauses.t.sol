// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IPauseBook } from "../../contracts/interfaces/IPauseBook.sol";
import { ISettlementLedger } from "../../contracts/interfaces/ISettlementLedger.sol";
import { Batch } from "../../contracts/types/Batches.sol";
import { BillsProposal } from "../../contracts/types/Bills.sol";
import { RunProposal } from "../../contracts/types/Runs.sol";
import { Signing } from "./support/Signing.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

/// @dev What two guardians hold up, and what they cannot.
contract PausesTest is World {
    bytes32 private runId;

    function setUp() public override {
        super.setUp();
        openAll(aRule());
        submit(aBatch());
        vm.prank(steward);
        pauseBook.nameGuardians(COMMUNITY, [address(0x91), address(0x92), address(0x93)]);
    }

    function test_while_paused_no_batch_is_submitted() public {
        bytes memory refusal = pause();
        Batch memory batch = aBatch();
        bytes memory signature = Signing.batch(OPERATOR_KEY, address(meterDataLedger), batch);
        vm.expectRevert(refusal);
        meterDataLedger.submitBatch(batch, signature);
        vm.warp(block.timestamp + 7 days);
        meterDataLedger.submitBatch(batch, signature);
    }

    function test_while_paused_no_run_is_proposed() public {
        bytes memory refusal = pause();
        RunProposal memory run = aRun();
        vm.prank(settler);
        vm.expectRevert(refusal);
        settlementLedger.proposeRun(run);
        vm.warp(block.timestamp + 7 days);
        propose(run);
    }

    function test_while_paused_no_run_is_final_and_its_window_is_longer_by_the_pause() public {
        runId = proposeRun();
        attest(runId);
        vm.warp(block.timestamp + 3 days);
        bytes memory refusal = pause();
        uint64 until = settlementLedger.run(runId).contestableUntil + 7 days;
        vm.warp(block.timestamp + 5 days);
        vm.expectRevert(refusal);
        settlementLedger.finalise(runId);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.WindowOpen.selector, until));
        settlementLedger.finalise(runId);
        vm.warp(until);
        settlementLedger.finalise(runId);
    }

    function test_while_paused_no_bills_are_proposed_or_final_and_no_documents_anchored() public {
        runId = finalRun();
        BillsProposal memory bills = theBills(runId);
        bytes memory refusal = pause();
        vm.prank(settler);
        vm.expectRevert(refusal);
        billingLedger.proposeBills(bills);
        vm.warp(block.timestamp + 37 days);
        proposeBills(bills);
        vm.warp(block.timestamp + 1 days);
        refusal = pause();
        vm.expectRevert(refusal);
        billingLedger.finalise(runId);
        vm.prank(settler);
        vm.expectRevert(refusal);
        billingLedger.anchorDocuments(runId, ROOT);
        uint64 until = billingLedger.bills(runId).contestableUntil + 7 days;
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.WindowOpen.selector, until));
        billingLedger.finalise(runId);
        vm.warp(until);
        billingLedger.finalise(runId);
        vm.prank(settler);
        billingLedger.anchorDocuments(runId, ROOT);
    }

    function test_while_paused_runs_are_attested_proofs_count_and_bonds_are_paid() public {
        runId = proposeRun();
        pause();
        attest(runId);
        voidByContests(runId);
        same("voided", settlementLedger.run(runId).state, 4);
        bonds.release(address(settlementLedger), runId);
        vm.prank(stranger);
        bonds.withdraw();
        same("paid", stranger.balance, 0.01 ether);
    }

    function pause() private returns (bytes memory refusal) {
        vm.prank(address(0x91));
        pauseBook.pause(COMMUNITY);
        vm.prank(address(0x92));
        pauseBook.pause(COMMUNITY);
        uint64 until = uint64(block.timestamp) + 7 days;
        return abi.encodeWithSelector(IPauseBook.Paused.selector, COMMUNITY, until);
    }
}
