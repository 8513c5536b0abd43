// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IBillingLedger } from "../../contracts/interfaces/IBillingLedger.sol";
import { IContests } from "../../contracts/interfaces/IContests.sol";
import { IInputContests, InputContest, SlotContest } from "../../contracts/interfaces/IInputContests.sol";
import { ISettlementLedger } from "../../contracts/interfaces/ISettlementLedger.sol";
import { Places } from "../../contracts/libraries/Places.sol";
import { Tree } from "../../contracts/libraries/Tree.sol";
import { Batch } from "../../contracts/types/Batches.sol";
import { BillsProposal } from "../../contracts/types/Bills.sol";
import { Opening } from "../../contracts/types/Periods.sol";
import { ConfirmPoint } from "../../contracts/types/Points.sol";
import { RunProposal } from "../../contracts/types/Runs.sol";
import { RowProof } from "./support/RowProof.sol";
import { SumProofs } from "./support/SumProofs.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

/// @dev Rows against readings, of runs of every key.
contract InputContestsTest is SumProofs {
    function test_no_row_of_an_honest_run_is_contested_by_its_reading() public {
        for (uint256 k; k < keys().length; ++k) {
            this.holdRows(k);
        }
    }

    function holdRows(uint256 k) external {
        setUp();
        Town memory town = settle(keys()[k]);
        proposeTown(town);
        for (uint256 slot; slot < town.slots; ++slot) {
            for (uint256 i = town.from[slot] * HOURS; i < town.until[slot] * HOURS; i += 3) {
                refuse(anInput(town, slot, i), IInputContests.InputHolds.selector);
            }
        }
        same("contestable", settlementLedger.run(town.runId).state, 1);
    }

    function test_a_row_that_is_not_its_reading_voids_the_run_of_any_key() public {
        for (uint256 k; k < keys().length; ++k) {
            this.breakRows(k);
        }
    }

    function breakRows(uint256 k) external {
        setUp();
        Town memory town = settle(keys()[k]);
        uint256 slot = firstOf(town, uint8(k % 2));
        uint256 i = town.from[slot] * HOURS + 3 * k % 24;
        town.rows[slot][i].energy += 1;
        proposeTown(town);
        bytes32 runId = town.runId;
        vm.prank(stranger);
        vm.expectEmit(address(inputContests));
        emit IInputContests.InputRefuted(
            runId,
            uint32(slot),
            stranger,
            uint16(i / HOURS),
            uint16(i % HOURS),
            town.rows[slot][i].energy,
            town.rows[slot][i].energy - 1
        );
        inputContests.contestInput(anInput(town, slot, i));
        same("voided", settlementLedger.run(runId).state, 4);
        same("by", settlementLedger.run(runId).voidedBy, stranger);
        town.rows[slot][i].energy -= 1;
        town.rows[slot][i].quality ^= 1;
        proposeTown(town);
        inputContests.contestInput(anInput(town, slot, i));
        same("voided for its quality", settlementLedger.run(town.runId).state, 4);
    }

    function test_another_reading_than_the_batchs_proves_nothing() public {
        Town memory town = settle("equal");
        proposeTown(town);
        InputContest memory proof = anInput(town, 0, 9);
        proof.reading.energy += 1;
        refuse(proof, IContests.LeavesNotInRun.selector);
        proof.reading.energy -= 1;
        proof = anInput(town, 0, 9);
        (proof.reading, proof.readingPath) = (town.readings[0][8], readingPath(town, 0, 0, 8));
        refuse(proof, IContests.LeavesNotInRun.selector);
        proof = anInput(town, 0, 9);
        proof.row.energy += 1;
        refuse(proof, IContests.LeavesNotInRun.selector);
        proof.row.energy -= 1;
        proof = anInput(town, 0, 9);
        proof.detail = ROOT;
        refuse(proof, IContests.LeavesNotInRun.selector);
        proof = anInput(town, 0, 9);
        proof.readingPath = new bytes32[](4);
        refuse(proof, Tree.TreePathLength.selector);
        proof = anInput(town, 0, 9);
        proof.slot = 8;
        refuse(proof, Places.OutsideShape.selector);
        voidByContests(town.runId);
        refuse(anInput(town, 0, 9), ISettlementLedger.RunNotContestable.selector);
    }

    function anInput(Town memory town, uint256 slot, uint256 i)
        private
        pure
        returns (InputContest memory proof)
    {
        (uint256 day, uint256 t) = (i / HOURS, i % HOURS);
        (proof.runId, proof.slot, proof.day, proof.t) = (town.runId, uint32(slot), uint16(day), uint16(t));
        (proof.row, proof.detail) = (town.rows[slot][i], town.details[slot][i]);
        proof.path = rowPath(town, slot, day, t);
        (proof.reading, proof.readingPath) = (town.readings[slot][i], readingPath(town, slot, day, t));
    }

    function refuse(InputContest memory proof, bytes4 refusal) private {
        refused(address(inputContests), abi.encodeCall(IInputContests.contestInput, (proof)), refusal);
    }
}

/// @dev Leaves that lack and leaves that are too many. Nine slots: 3 to 5 without a point, of which 3 is the seat of 6; 7 is the second
/// point of seat 0; 8 is there on days 3 to 5; day 2 has 23 hours.
contract SlotContestsTest is World {
    uint256 private constant DS = 4;
    uint256 private constant DB = 2;
    uint256 private constant DD = 5;
    uint256 private constant DT = 5;

    function setUp() public override {
        super.setUp();
        schedule(aRule());
        ConfirmPoint[] memory points = new ConfirmPoint[](6);
        (points[0], points[1], points[2]) = (aPoint(0), aPoint(1), aPoint(2));
        (points[3], points[4], points[5]) = (aPoint(6), aPoint(7), aPoint(8));
        (points[5].fromDay, points[5].untilDay) = (3, 6);
        confirm(points);
        Opening memory opening = anOpening();
        (opening.slots, opening.seats) = (9, new uint32[](9));
        for (uint32 slot; slot < 9; ++slot) {
            opening.seats[slot] = slot;
        }
        (opening.seats[6], opening.seats[7]) = (3, 0);
        opening.intervals[2] = 23;
        opening.pointsHash = pointsHash(points);
        open(opening);
    }

    function test_headers_stand_for_each_interval_of_each_day() public {
        stands(1, 0, 0, 0);
        stands(1, 0, 29, 23);
        stands(1, 0, 2, 22);
        lacks(1, 0, 2, 23);
        lacks(1, 0, 3, 24);
        lacks(1, 0, 3, 31);
    }

    function test_stairs_stand_for_each_interval_and_four_slots() public {
        stands(2, 0, 0, 0);
        stands(2, 2, 29, 23);
        lacks(2, 3, 29, 23);
        lacks(2, 2, 2, 23);
    }

    function test_rows_stand_where_a_slot_is_active() public {
        stands(3, 1, 0, 0);
        stands(3, 8, 3, 0);
        stands(3, 8, 5, 23);
        lacks(3, 8, 2, 22);
        lacks(3, 8, 6, 0);
        lacks(3, 4, 3, 0);
        lacks(3, 15, 3, 0);
        lacks(3, 0, 2, 23);
    }

    function test_period_leaves_stand_for_slots_with_a_point() public {
        stands(4, 0, 0, 0);
        stands(4, 8, 0, 0);
        lacks(4, 3, 0, 0);
        lacks(4, 9, 0, 0);
    }

    function test_period_stairs_stand_for_four_slots_each() public {
        stands(5, 0, 0, 0);
        stands(5, 2, 0, 0);
        lacks(5, 3, 0, 0);
    }

    function test_bills_stand_for_participants_with_a_point() public {
        stands(6, 0, 0, 0);
        stands(6, 3, 0, 0);
        stands(6, 8, 0, 0);
        lacks(6, 4, 0, 0);
        lacks(6, 6, 0, 0);
        lacks(6, 7, 0, 0);
        lacks(6, 12, 0, 0);
    }

    function test_bill_stairs_stand_for_four_seats_each() public {
        stands(7, 2, 0, 0);
        lacks(7, 3, 0, 0);
    }

    function test_readings_stand_where_a_slot_is_active() public {
        stands(8, 8, 3, 0);
        stands(8, 0, 29, 23);
        lacks(8, 8, 2, 0);
        lacks(8, 5, 2, 0);
        lacks(8, 0, 2, 23);
    }

    function test_reading_stairs_stand_for_each_slot_and_day() public {
        stands(9, 0, 0, 0);
        stands(9, 5, 29, 0);
        stands(9, 8, 0, 0);
        lacks(9, 9, 0, 0);
    }

    function test_a_place_beyond_its_tree_is_not_another_name() public {
        SlotContest memory proof = aProof(3, 0, 3, 0, bytes32(0));
        anchor(proof);
        proof.slot = 16;
        refuse(proof, abi.encodeWithSelector(Places.OutsideShape.selector, 16, 16));
        proof.slot = 0;
        proof.t = 32;
        refuse(proof, abi.encodeWithSelector(Places.OutsideShape.selector, 32, 32));
        (proof.t, proof.day) = (0, 35);
        refuse(proof, abi.encodeWithSelector(Places.OutsideShape.selector, 35, 30));
        // Trees without days and intervals have no other name for a place either.
        proof = aProof(4, 0, 0, 0, bytes32(0));
        proof.runId = settlementLedger.latestRun(COMMUNITY, PERIOD);
        proof.day = 1;
        refuse(proof, abi.encodeWithSelector(Places.OutsideShape.selector, 1, 1));
        proof = aProof(1, 1, 0, 0, bytes32(0));
        proof.runId = settlementLedger.latestRun(COMMUNITY, PERIOD);
        refuse(proof, abi.encodeWithSelector(Places.OutsideShape.selector, 1, 1));
    }

    function test_a_tree_without_a_number_is_none() public {
        SlotContest memory proof = aProof(3, 0, 3, 0, bytes32(0));
        anchor(proof);
        (proof.tree, proof.day) = (10, 0);
        refuse(proof, abi.encodeWithSelector(IInputContests.TreeUnknown.selector, 10));
    }

    function test_a_leaf_is_not_shown_as_one_of_another_tree() public {
        SlotContest memory proof = aProof(8, 1, 3, 0, bytes32(0));
        anchor(proof);
        proof.tree = 3;
        proof.path = RowProof.siblings("path", DS + DT + DD + 2);
        (bool taken,) = address(inputContests).call(abi.encodeCall(IInputContests.contestSlot, (proof)));
        holds("refused", !taken);
        same("contestable", settlementLedger.run(proof.runId).state, 1);
    }

    function test_only_contestable_bills_are_contested() public {
        SlotContest memory proof = aProof(6, 0, 0, 0, bytes32(0));
        anchor(proof);
        inputContests.contestSlot(proof);
        refuse(proof, abi.encodeWithSelector(IBillingLedger.BillsNotContestable.selector, proof.runId, 4));
        same("the run stands", settlementLedger.run(proof.runId).state, 1);
    }

    function stands(uint8 tree, uint32 slot, uint16 day, uint16 t) private {
        check(aProof(tree, slot, day, t, keccak256("leaf")), true);
        check(aProof(tree, slot, day, t, bytes32(0)), true);
    }

    function lacks(uint8 tree, uint32 slot, uint16 day, uint16 t) private {
        check(aProof(tree, slot, day, t, bytes32(0)), false);
        check(aProof(tree, slot, day, t, keccak256("leaf")), false);
    }

    function check(SlotContest memory proof, bool due) private {
        anchor(proof);
        bool ofBills = proof.tree == 6 || proof.tree == 7;
        if ((proof.leaf != 0) == due) {
            refuse(
                proof, abi.encodeWithSelector(IInputContests.SlotHolds.selector, proof.runId, proof.tree, due)
            );
            voidByContests(proof.runId);
            return;
        }
        vm.prank(stranger);
        vm.expectEmit(address(inputContests));
        emit IInputContests.SlotRefuted(
            proof.runId, proof.slot, stranger, proof.tree, proof.day, proof.t, proof.leaf, due
        );
        inputContests.contestSlot(proof);
        if (!ofBills) {
            same("voided", settlementLedger.run(proof.runId).state, 4);
            return;
        }
        same("bills voided", billingLedger.bills(proof.runId).state, 4);
        same("by", billingLedger.bills(proof.runId).voidedBy, stranger);
        same("the run stands", settlementLedger.run(proof.runId).state, 1);
        voidByContests(proof.runId);
    }

    function refuse(SlotContest memory proof, bytes memory refusal) private {
        vm.expectRevert(refusal);
        inputContests.contestSlot(proof);
    }

    /// @dev Index bits, lowest first, as section 14 of the protocol composes them.
    function aProof(uint8 tree, uint32 slot, uint16 day, uint16 t, bytes32 leaf)
        private
        pure
        returns (SlotContest memory proof)
    {
        (proof.tree, proof.slot, proof.day, proof.t, proof.leaf) = (tree, slot, day, t, leaf);
        (, uint256 levels) = placeOf(proof);
        proof.path = RowProof.siblings("path", levels);
    }

    function placeOf(SlotContest memory proof) private pure returns (uint256 index, uint256 levels) {
        (uint256 slot, uint256 day, uint256 t) = (proof.slot, proof.day, proof.t);
        if (proof.tree == 1) return (t + day * 2 ** (DT + 2), DT + 2 + DD + 1);
        if (proof.tree == 2) {
            return (t * 2 ** DB + slot + 2 ** (DT + DB) + day * 2 ** (DT + DB + 2), DT + DB + 2 + DD + 1);
        }
        if (proof.tree == 3) {
            return (slot * 2 ** DT + t + 2 ** (DS + DT) + day * 2 ** (DS + DT + 1), DS + DT + 1 + DD + 1);
        }
        if (proof.tree == 4) return (slot + 2 * 2 ** DS, DS + 2);
        if (proof.tree == 5) return (slot + 3 * 2 ** DB, DB + 2);
        if (proof.tree == 6) return (slot, DS + 1);
        if (proof.tree == 7) return (slot + 2 ** DB, DB + 1);
        if (proof.tree == 8) return ((slot * 2 ** DD + day) * 2 ** DT + t, DS + DD + DT + 1);
        return (slot * 2 ** DD + day + 2 ** (DS + DD), DS + DD + 1);
    }

    /// @dev The root that the leaf leads to, as that of the run, its batch or its bills.
    function anchor(SlotContest memory proof) private {
        (uint256 index,) = placeOf(proof);
        bytes32 root = RowProof.climb(proof.leaf, index, proof.path);
        Batch memory batch = aBatch();
        batch.measured = periodBook.terms(COMMUNITY, PERIOD).expectedReadings;
        if (proof.tree > 7) batch.root = root;
        submit(batch);
        RunProposal memory run = aRun();
        if (proof.tree < 6) run.root = root;
        proof.runId = propose(run);
        if (proof.tree != 6 && proof.tree != 7) return;
        BillsProposal memory bills = theBills(proof.runId);
        bills.root = root;
        proposeBills(bills);
    }
}
