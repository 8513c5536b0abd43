// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { RunProposal } from "../../contracts/types/Runs.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

/// @dev Takes back nothing that is sent to it.
contract Closed {
    function take(IBonds bonds) external {
        bonds.withdraw();
    }

    function put(IBonds bonds) external payable {
        bonds.deposit{ value: msg.value }();
    }
}

contract BondsTest is World {
    address private constant OTHER = address(0x07E2);

    function setUp() public override {
        super.setUp();
        openAll(aRule());
        submit(aBatch());
    }

    function test_a_run_is_backed_by_what_is_sent() public {
        bytes32 runId = proposeRun();
        (address account, uint256 amount) = bonds.lockedOf(address(settlementLedger), runId);
        same("whose", account, settler);
        same("how much", amount, 0.01 ether);
        same("held", address(bonds).balance, 0.01 ether);
        same("nothing free", bonds.freeOf(settler), 0);
        same("the ledger keeps nothing", address(settlementLedger).balance, 0);
    }

    function test_what_is_sent_and_not_needed_is_free() public {
        vm.deal(settler, 1 ether);
        RunProposal memory run = aRun();
        vm.prank(settler);
        settlementLedger.proposeRun{ value: 0.015 ether }(run);
        same("free", bonds.freeOf(settler), 0.005 ether);
    }

    function test_a_bond_comes_out_of_what_is_free() public {
        vm.deal(settler, 1 ether);
        vm.prank(settler);
        vm.expectEmit(address(bonds));
        emit IBonds.Deposited(settler, 0.009 ether);
        bonds.deposit{ value: 0.009 ether }();
        RunProposal memory run = aRun();
        vm.prank(settler);
        vm.expectRevert(
            abi.encodeWithSelector(IBonds.BondTooSmall.selector, settler, 0.009 ether, 0.01 ether)
        );
        settlementLedger.proposeRun(run);
        vm.prank(settler);
        settlementLedger.proposeRun{ value: 0.001 ether }(run);
        same("none left", bonds.freeOf(settler), 0);
    }

    function test_the_bond_of_a_final_run_is_its_proposers_again() public {
        bytes32 runId = proposeRun();
        refuseRelease(runId);
        attest(runId);
        passWindow();
        refuseRelease(runId);
        settlementLedger.finalise(runId);
        vm.prank(stranger);
        vm.expectEmit(address(bonds));
        emit IBonds.BondReleased(address(settlementLedger), runId, settler, 0.01 ether);
        bonds.release(address(settlementLedger), runId);
        same("free", bonds.freeOf(settler), 0.01 ether);
        vm.expectRevert(
            abi.encodeWithSelector(IBonds.BondNotLocked.selector, address(settlementLedger), runId)
        );
        bonds.release(address(settlementLedger), runId);
    }

    function test_the_bond_of_a_superseded_run_is_its_proposers_again() public {
        bytes32 runId = finalRun();
        finalRun();
        same("superseded", settlementLedger.run(runId).state, 3);
        bonds.release(address(settlementLedger), runId);
        same("free", bonds.freeOf(settler), 0.01 ether);
    }

    function test_the_bond_of_a_voided_run_is_theirs_who_proved_the_lie() public {
        bytes32 runId = proposeRun();
        voidByContests(runId);
        bonds.release(address(settlementLedger), runId);
        same("free", bonds.freeOf(stranger), 0.01 ether);
        same("not the settler's", bonds.freeOf(settler), 0);
    }

    function test_the_bond_of_voided_bills_is_theirs_who_proved_the_lie() public {
        bytes32 runId = proposeRun();
        proposeBills(theBills(runId));
        vm.expectRevert(abi.encodeWithSelector(IBonds.BondStillBound.selector, address(billingLedger), runId));
        bonds.release(address(billingLedger), runId);
        voidBills(runId, OTHER);
        bonds.release(address(billingLedger), runId);
        same("free", bonds.freeOf(OTHER), 0.01 ether);
    }

    function test_bills_that_fall_with_their_run_cost_their_proposer_nothing() public {
        bytes32 runId = proposeRun();
        proposeBills(theBills(runId));
        voidByContests(runId);
        bonds.release(address(billingLedger), runId);
        same("free", bonds.freeOf(settler), 0.01 ether);
    }

    function test_bills_in_the_place_of_voided_ones_have_a_bond_of_their_own() public {
        bytes32 runId = proposeRun();
        proposeBills(theBills(runId));
        voidBills(runId, OTHER);
        proposeBills(theBills(runId));
        same("the former one was paid out", bonds.freeOf(OTHER), 0.01 ether);
        (address account, uint256 amount) = bonds.lockedOf(address(billingLedger), runId);
        same("whose", account, settler);
        same("how much", amount, 0.01 ether);
        same("held", address(bonds).balance, 0.03 ether);
        voidBills(runId, stranger);
        bonds.release(address(billingLedger), runId);
        proposeBills(theBills(runId));
        same("paid out once", bonds.freeOf(stranger), 0.01 ether);
    }

    function test_what_is_free_is_taken_out_by_whose_it_is() public {
        bytes32 runId = proposeRun();
        voidByContests(runId);
        bonds.release(address(settlementLedger), runId);
        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(IBonds.NothingFree.selector, settler));
        bonds.withdraw();
        uint256 before = stranger.balance;
        vm.prank(stranger);
        bonds.withdraw();
        same("paid", stranger.balance, before + 0.01 ether);
        same("nothing left", address(bonds).balance, 0);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IBonds.NothingFree.selector, stranger));
        bonds.withdraw();
    }

    function test_who_cannot_be_paid_keeps_what_is_theirs() public {
        Closed closed = new Closed();
        vm.deal(address(this), 1 ether);
        closed.put{ value: 0.5 ether }(bonds);
        (bool taken,) = address(closed).call(abi.encodeCall(Closed.take, (bonds)));
        holds("refused", !taken);
        same("still free", bonds.freeOf(address(closed)), 0.5 ether);
    }

    function test_only_the_ledgers_and_the_demands_lock() public {
        vm.deal(stranger, 1 ether);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IBonds.NotBondKeeper.selector, stranger));
        bonds.lock{ value: 1 ether }(ROOT, stranger);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IBonds.NotBondKeeper.selector, stranger));
        bonds.award(ROOT, stranger);
        bytes32 runId = proposeRun();
        vm.deal(address(settlementLedger), 1 ether);
        vm.prank(address(settlementLedger));
        vm.expectRevert(
            abi.encodeWithSelector(IBonds.BondLockedAlready.selector, address(settlementLedger), runId)
        );
        bonds.lock{ value: 1 ether }(runId, settler);
    }

    function test_a_demands_deposit_goes_where_the_demands_say() public {
        vm.deal(address(demands), 1 ether);
        vm.prank(address(demands));
        bonds.lock{ value: 0.002 ether }(ROOT, stranger);
        // It is no run, so that nobody but the demands frees it.
        vm.expectRevert(abi.encodeWithSelector(IBonds.NotBondKeeper.selector, address(demands)));
        bonds.release(address(demands), ROOT);
        vm.prank(address(demands));
        bonds.award(ROOT, OTHER);
        same("free", bonds.freeOf(OTHER), 0.002 ether);
        vm.prank(address(demands));
        vm.expectRevert(abi.encodeWithSelector(IBonds.BondNotLocked.selector, address(demands), ROOT));
        bonds.award(ROOT, OTHER);
    }

    function refuseRelease(bytes32 runId) private {
        vm.expectRevert(
            abi.encodeWithSelector(IBonds.BondStillBound.selector, address(settlementLedger), runId)
        );
        bonds.release(address(settlementLedger), runId);
    }

    function voidBills(bytes32 runId, address by) private {
        vm.prank(address(billContests));
        billingLedger.voidBills(runId, by);
    }
}
