// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IContests, RowContest } from "../../contracts/interfaces/IContests.sol";
import { ISettlementLedger } from "../../contracts/interfaces/ISettlementLedger.sol";
import { Tree } from "../../contracts/libraries/Tree.sol";
import { Batch } from "../../contracts/types/Batches.sol";
import { ConfirmPoint } from "../../contracts/types/Points.sol";
import { Opening } from "../../contracts/types/Periods.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { RunProposal } from "../../contracts/types/Runs.sol";
import { RowProof } from "./support/RowProof.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

contract ContestsTest is World {
    using RowProof for RowContest;

    function test_a_row_that_does_not_follow_the_dynamic_key_voids_the_run() public {
        prepare(aRule());
        // floor(1000 · 700 / 1500) = 466
        RowContest memory proof = aRow(0, 700, 467);
        bytes32 runId = anchor(proof);
        vm.prank(stranger);
        vm.expectEmit(address(contests));
        emit IContests.RowRefuted(runId, 0, stranger, proof.day, proof.t, 467, 466);
        contests.contestRow(proof);
        same("voided", settlementLedger.run(runId).state, 4);
    }

    function test_a_row_that_follows_its_key_cannot_be_contested() public {
        prepare(aRule());
        refuseHolding(aRow(0, 700, 466));
        refuseHolding(plenty(aRow(2, 700, 700)));
        refuseHolding(aRow(2, 0, 0));
    }

    function test_a_consumer_is_given_all_where_the_pool_suffices() public {
        prepare(aRule());
        void(plenty(aRow(0, 700, 699)));
    }

    function test_a_row_that_does_not_follow_the_static_key_voids_the_run() public {
        prepare(aStaticRule());
        refuseHolding(aRow(0, 700, 600));
        refuseHolding(aRow(0, 599, 599));
        void(aRow(0, 700, 601));
        void(aRow(2, 700, 600));
    }

    function test_a_producers_part_turns_with_the_interval() public {
        prepare(aRule());
        // A · g / P = 667 · 500 / 1000 = 333.5; the key of slot 1 at t is (1 + t) mod 3.
        RowContest memory proof = aProducer(334, 0, 2);
        refuseHolding(proof);
        refuseHolding(aProducer(333, 1, 2));
        refuseHolding(aProducer(334, 2, 1));
        void(aProducer(333, 0, 2));
        void(aProducer(334, 1, 2));
    }

    function test_nothing_is_shared_where_nothing_was_fed_in() public {
        prepare(aRule());
        RowContest memory proof = aProducer(1, 0, 3);
        (proof.header.feedIn, proof.header.allocated, proof.row.energy) = (0, 0, 0);
        void(proof);
        proof.row.allocated = 0;
        refuseHolding(proof);
    }

    function test_leaves_that_are_not_in_the_run_prove_nothing() public {
        prepare(aRule());
        RowContest memory proof = aRow(0, 700, 467);
        bytes32 root = proof.root(shape());
        bytes32 runId = anchor(proof);
        proof.row.allocated = 468;
        refuseElsewhere(proof, runId, root);
        proof = again(runId, aRow(0, 700, 467));
        proof.header.feedIn = 999;
        refuseElsewhere(proof, runId, root);
        proof = again(runId, aRow(0, 700, 467));
        proof.t = 6;
        refuseElsewhere(proof, runId, root);
        proof = again(runId, aRow(0, 700, 467));
        proof.slot = 2;
        refuseElsewhere(proof, runId, root);
        proof = again(runId, aRow(0, 700, 467));
        proof.day = 4;
        refuseElsewhere(proof, runId, root);
        contests.contestRow(again(runId, aRow(0, 700, 467)));
    }

    function test_an_index_beyond_its_tree_is_not_another_name_for_a_row() public {
        prepare(aRule());
        RowContest memory proof = aRow(0, 700, 466);
        bytes32 runId = anchor(proof);
        // The same path climbs to the same root with the slot's higher bits set: it must not count as slot 4, nor day as day 35.
        proof.slot = 4;
        vm.expectRevert(abi.encodeWithSelector(IContests.SlotNotActive.selector, 4, 3));
        contests.contestRow(proof);
        proof.slot = 0;
        proof.day = 3 + 32;
        vm.expectRevert(abi.encodeWithSelector(IContests.SlotNotActive.selector, 0, 35));
        contests.contestRow(proof);
        same("still contestable", settlementLedger.run(runId).state, 1);
    }

    function test_an_interval_that_the_day_does_not_have_proves_nothing() public {
        prepare(aRule());
        RowContest memory proof = aRow(0, 700, 467);
        proof.t = 24;
        anchor(proof);
        vm.expectRevert(abi.encodeWithSelector(IContests.IntervalOutsideDay.selector, 24, 24));
        contests.contestRow(proof);
    }

    function test_a_slot_that_is_not_active_has_no_row_to_contest() public {
        schedule(aRule());
        ConfirmPoint[] memory points = thePoints();
        points[0].untilDay = 3;
        confirm(points);
        Opening memory opening = anOpening();
        opening.pointsHash = pointsHash(points);
        open(opening);
        RowContest memory proof = aRow(0, 700, 467);
        submitComplete();
        anchor(proof);
        vm.expectRevert(abi.encodeWithSelector(IContests.SlotNotActive.selector, 0, 3));
        contests.contestRow(proof);
    }

    function test_refuses_paths_of_another_length() public {
        prepare(aRule());
        RowContest memory proof = aRow(0, 700, 467);
        anchor(proof);
        bytes32[] memory path = proof.rowPath;
        proof.rowPath = RowProof.siblings("row", 8);
        vm.expectRevert(abi.encodeWithSelector(Tree.TreePathLength.selector, 8, 7));
        contests.contestRow(proof);
        proof.rowPath = path;
        proof.headerPath = new bytes32[](0);
        vm.expectRevert(abi.encodeWithSelector(Tree.TreePathLength.selector, 0, 5));
        contests.contestRow(proof);
        proof.headerPath = RowProof.siblings("header", 5);
        proof.dayPath = new bytes32[](6);
        vm.expectRevert(abi.encodeWithSelector(Tree.TreePathLength.selector, 6, 5));
        contests.contestRow(proof);
    }

    function test_only_a_contestable_run_is_contested() public {
        prepare(aRule());
        RowContest memory proof = aRow(0, 700, 467);
        proof.runId = ROOT;
        refuseState(proof, 0);
        anchor(proof);
        contests.contestRow(proof);
        refuseState(proof, 4);
        anchor(proof);
        passWindow();
        settlementLedger.finalise(proof.runId);
        refuseState(proof, 2);
    }

    function test_a_lie_counts_until_someone_finalises() public {
        prepare(aRule());
        RowContest memory proof = aRow(0, 700, 467);
        anchor(proof);
        passWindow();
        contests.contestRow(proof);
        same("voided", settlementLedger.run(proof.runId).state, 4);
    }

    function testFuzz_a_contest_succeeds_exactly_where_the_row_is_wrong(
        uint64[4] memory figures,
        uint32 tau,
        uint16 t,
        bool isProducer,
        uint8 lie
    ) public {
        prepare(aRule());
        RowContest memory proof = aRow(isProducer ? 1 : 0, figures[3], 0);
        (proof.header.feedIn, proof.header.consumption) = (figures[0], figures[1]);
        (proof.header.allocated, proof.header.tau, proof.t) = (figures[2], tau, t % 24);
        uint256 due = isProducer ? partOf(proof) : givenTo(proof);
        // A figure that does not fit a row cannot stand in one: then every row is wrong.
        proof.row.allocated = uint64(due) ^ (lie % 3);
        bool honest = proof.row.allocated == due;
        bytes32 runId = anchor(proof);
        (bool taken,) = address(contests).call(abi.encodeCall(IContests.contestRow, (proof)));
        same("voided where wrong", settlementLedger.run(runId).state, honest ? 1 : 4);
        holds("taken where wrong", taken != honest);
    }

    /// @dev Section 8 in the tests' own words.
    function givenTo(RowContest memory proof) private pure returns (uint256) {
        (uint256 p, uint256 c) = (proof.header.feedIn, proof.header.consumption);
        return p < c ? p * proof.row.energy / c : proof.row.energy;
    }

    function partOf(RowContest memory proof) private pure returns (uint256) {
        (uint256 p, uint256 a) = (proof.header.feedIn, proof.header.allocated);
        if (p == 0) return 0;
        uint256 rest = mulmod(a, proof.row.energy, p);
        bool odd = rest != 0 && (1 + uint256(proof.t)) % 3 < proof.header.tau;
        return (a * proof.row.energy - rest) / p + (odd ? 1 : 0);
    }

    function prepare(Rule memory rule) private {
        openAll(rule);
        submit(aBatch());
    }

    function submitComplete() private {
        Batch memory batch = aBatch();
        batch.measured = periodBook.terms(COMMUNITY, PERIOD).expectedReadings;
        submit(batch);
    }

    function shape() private pure returns (RowProof.Shape memory) {
        return RowProof.Shape({ slots: 3, dayCount: DAYS, intervals: HOURS });
    }

    function aRow(uint32 slot, uint64 energy, uint64 allocated)
        private
        pure
        returns (RowContest memory proof)
    {
        (proof.slot, proof.day, proof.t) = (slot, 3, 5);
        proof.row.salt = bytes16(keccak256("salt"));
        (proof.row.energy, proof.row.allocated) = (energy, allocated);
        proof.row.totals[9] = type(uint64).max;
        (proof.header.feedIn, proof.header.consumption, proof.header.allocated) = (1000, 1500, 999);
        return proof.withPaths(shape());
    }

    function plenty(RowContest memory proof) private pure returns (RowContest memory) {
        proof.header.feedIn = 1500;
        return proof;
    }

    function aProducer(uint64 shared, uint16 t, uint32 tau) private pure returns (RowContest memory proof) {
        proof = aRow(1, 500, shared);
        (proof.t, proof.header.allocated, proof.header.tau) = (t, 667, tau);
    }

    function anchor(RowContest memory proof) private returns (bytes32) {
        RunProposal memory run = aRun();
        run.root = proof.root(shape());
        proof.runId = propose(run);
        return proof.runId;
    }

    function again(bytes32 runId, RowContest memory proof) private pure returns (RowContest memory) {
        proof.runId = runId;
        return proof;
    }

    function void(RowContest memory proof) private {
        anchor(proof);
        contests.contestRow(proof);
        same("voided", settlementLedger.run(proof.runId).state, 4);
    }

    function refuseHolding(RowContest memory proof) private {
        bytes32 runId = anchor(proof);
        vm.expectRevert(
            abi.encodeWithSelector(IContests.RowHolds.selector, runId, proof.slot, proof.row.allocated)
        );
        contests.contestRow(proof);
        voidByContests(runId);
    }

    function refuseElsewhere(RowContest memory proof, bytes32 runId, bytes32 root) private {
        vm.expectRevert(
            abi.encodeWithSelector(IContests.LeavesNotInRun.selector, runId, proof.root(shape()), root)
        );
        contests.contestRow(proof);
    }

    function refuseState(RowContest memory proof, uint8 state) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISettlementLedger.RunNotContestable.selector, proof.runId, state)
        );
        contests.contestRow(proof);
    }
}
