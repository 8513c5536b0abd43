// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Coefficient, IContests, RowContest } from "../../contracts/interfaces/IContests.sol";
import { Tree } from "../../contracts/libraries/Tree.sol";
import { RunProposal } from "../../contracts/types/Runs.sol";
import { Schedule } from "../../contracts/types/Schedules.sol";
import { RowProof } from "./support/RowProof.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

/// @dev A scheduled key: slots 0 and 1 have a schedule, slot 2 is beyond it.
contract ScheduledContestsTest is World {
    using RowProof for RowContest;

    bytes16 private constant SALT = bytes16(keccak256("coefficient"));

    function setUp() public override {
        super.setUp();
        openAll(aScheduledRule(2));
        submit(aBatch());
    }

    function test_a_row_is_held_against_its_coefficient_of_the_interval() public {
        RowContest memory proof = aRow(0, 700, 251);
        anchor(proof, show(proof, 250_000));
        contests.contestRow(proof);
        same("voided", settlementLedger.run(proof.runId).state, 4);
        proof = aRow(0, 700, 250);
        anchor(proof, show(proof, 250_000));
        refuse(proof, abi.encodeWithSelector(IContests.RowHolds.selector, proof.runId, 0, 250));
    }

    function test_a_coefficient_that_was_not_handed_in_proves_nothing() public {
        RowContest memory proof = aRow(0, 700, 250);
        bytes32 root = show(proof, 250_000);
        anchor(proof, root);
        bytes32 basis = settlementLedger.basisOf(proof.runId);
        proof.coefficient.coefficientPpm = 240_000;
        bytes32 climbed = climb(proof, leafHash(240_000));
        refuse(
            proof, abi.encodeWithSelector(IContests.CoefficientNotInSchedule.selector, basis, climbed, root)
        );
        proof.coefficient.path = new bytes32[](10);
        refuse(proof, abi.encodeWithSelector(Tree.TreePathLength.selector, 10, 11));
    }

    function test_where_no_coefficient_was_handed_in_padding_stands_for_zero() public {
        RowContest memory proof = aRow(0, 700, 1);
        proof.coefficient.path = RowProof.siblings("coefficient", 11);
        anchor(proof, climb(proof, bytes32(0)));
        contests.contestRow(proof);
        same("voided", settlementLedger.run(proof.runId).state, 4);
    }

    function test_a_slot_beyond_the_schedule_has_no_coefficient() public {
        RowContest memory proof = aRow(2, 700, 1);
        anchor(proof, ROOT);
        bytes32 basis = settlementLedger.basisOf(proof.runId);
        proof.coefficient.coefficientPpm = 1;
        refuse(proof, abi.encodeWithSelector(IContests.CoefficientBeyondSchedule.selector, basis, 2, 3, 5));
        proof.coefficient.coefficientPpm = 0;
        proof.coefficient.path = new bytes32[](1);
        refuse(proof, abi.encodeWithSelector(IContests.CoefficientBeyondSchedule.selector, basis, 2, 3, 5));
        proof.coefficient.path = new bytes32[](0);
        contests.contestRow(proof);
        same("voided", settlementLedger.run(proof.runId).state, 4);
    }

    function test_days_and_intervals_beyond_the_schedule_have_no_coefficient() public {
        RowContest memory proof = aRow(0, 700, 1);
        Schedule memory short = aSchedule(ROOT);
        short.dayCount = 3;
        anchorOn(proof, short);
        contests.contestRow(proof);
        same("voided", settlementLedger.run(proof.runId).state, 4);
        (short.dayCount, short.maxIntervals) = (4, 5);
        anchorOn(proof, short);
        contests.contestRow(proof);
        same("voided", settlementLedger.run(proof.runId).state, 4);
    }

    function test_a_producer_needs_no_coefficient() public {
        RowContest memory proof = aRow(1, 500, 501);
        proof.header.tau = 0;
        anchor(proof, ROOT);
        contests.contestRow(proof);
        same("voided", settlementLedger.run(proof.runId).state, 4);
    }

    function aRow(uint32 slot, uint64 energy, uint64 allocated)
        private
        pure
        returns (RowContest memory proof)
    {
        (proof.slot, proof.day, proof.t) = (slot, 3, 5);
        (proof.row.energy, proof.row.allocated) = (energy, allocated);
        (proof.header.feedIn, proof.header.consumption, proof.header.allocated) = (1000, 1500, 1000);
        return proof.withPaths(shape());
    }

    function shape() private pure returns (RowProof.Shape memory) {
        return RowProof.Shape({ slots: 3, dayCount: DAYS, intervals: HOURS });
    }

    function leafHash(uint32 coefficientPpm) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"0b", SALT, coefficientPpm));
    }

    /// @dev Show a coefficient by a path of the schedule's depth, and give the root that it leads to.
    function show(RowContest memory proof, uint32 coefficientPpm) private pure returns (bytes32) {
        proof.coefficient = Coefficient(SALT, coefficientPpm, RowProof.siblings("coefficient", 11));
        return climb(proof, leafHash(coefficientPpm));
    }

    function climb(RowContest memory proof, bytes32 leaf) private pure returns (bytes32) {
        // 2 slots, 30 days, 24 hours: 1 + 5 + 5 levels.
        uint256 index = (uint256(proof.slot) * 32 + proof.day) * 32 + proof.t;
        return RowProof.climb(leaf, index, proof.coefficient.path);
    }

    function anchor(RowContest memory proof, bytes32 scheduleRoot) private {
        anchorOn(proof, aSchedule(scheduleRoot));
    }

    function anchorOn(RowContest memory proof, Schedule memory schedule_) private {
        RunProposal memory run = aRun();
        run.root = proof.root(shape());
        run.basis = handIn(schedule_);
        proof.runId = propose(run);
    }

    function refuse(RowContest memory proof, bytes memory refusal) private {
        vm.expectRevert(refusal);
        contests.contestRow(proof);
    }
}
