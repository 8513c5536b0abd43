// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IContests, RowContest } from "../../contracts/interfaces/IContests.sol";
import { ISettlementLedger } from "../../contracts/interfaces/ISettlementLedger.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { SharingKeys } from "../../contracts/libraries/SharingKeys.sol";
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

    function test_equals_have_equal_parts() public {
        Rule memory rule = aRule();
        rule.key.method = 3;
        prepare(rule);
        refuseHolding(withRound(aRow(0, 700, 333), 1000, 3));
        refuseHolding(withRound(aRow(0, 100, 100), 1000, 3));
        void(withRound(aRow(0, 700, 334), 1000, 3));
        void(withRound(aRow(0, 100, 101), 1000, 3));
    }

    function test_a_cascade_fills_to_its_level() public {
        Rule memory rule = aStaticRule();
        rule.key.method = 4;
        prepare(rule);
        // Slot 2 needs less than its part and leaves 700 to slot 0.
        refuseHolding(withRound(aRow(2, 300, 300), 700, 600_000));
        refuseHolding(withRound(aRow(0, 1200, 700), 700, 600_000));
        refuseHolding(withRound(aRow(0, 600, 600), 700, 0));
        void(withRound(aRow(0, 1200, 600), 700, 600_000));
        void(withRound(aRow(2, 300, 299), 700, 600_000));
    }

    function test_a_hybrid_shares_the_rest_in_proportion() public {
        Rule memory rule = aStaticRule();
        rule.key.method = 5;
        prepare(rule);
        // 600 by coefficient, then 100 · 400 / 700 of the rest.
        refuseHolding(withRound(aRow(0, 1000, 657), 100, 700));
        refuseHolding(withRound(aRow(0, 1000, 1000), 700, 700));
        void(withRound(aRow(0, 1000, 658), 100, 700));
        void(withRound(aRow(0, 1000, 600), 100, 700));
    }

    function test_a_pairwise_key_gives_of_each_producer() public {
        prepare(aPairwiseRule());
        refuseHolding(withRound(aRow(0, 700, 300), 1000, 999));
        refuseHolding(withRound(aRow(0, 200, 200), 1000, 999));
        void(withRound(aRow(0, 700, 301), 1000, 999));
        refuseHolding(withRound(aRow(1, 1000, 999), 1000, 999));
        void(withRound(aRow(1, 1000, 998), 1000, 999));
    }

    function test_tiers_share_what_the_former_left() public {
        prepare(aPriorityRule());
        // Slot 0 by its coefficient of a level of 1000; slot 2 in proportion to what is left.
        refuseHolding(withTiers(aRow(0, 1200, 1000)));
        refuseHolding(withTiers(aRow(2, 70, 14)));
        void(withTiers(aRow(0, 1200, 999)));
        void(withTiers(aRow(2, 70, 15)));
    }

    function test_an_incentive_moves_nothing() public {
        Rule memory rule = aRule();
        rule.key.method = 10;
        prepare(rule);
        refuseHolding(aRow(0, 700, 0));
        refuseHolding(aRow(1, 700, 0));
        void(aRow(0, 700, 1));
        void(aRow(1, 700, 1));
    }

    function test_a_producer_key_fills_producers_to_its_level() public {
        Rule memory rule = aRule();
        rule.key.producerPpm = new uint32[](2);
        rule.key.producerPpm[1] = 3;
        prepare(rule);
        // 100 · 3 / 7 = 42.86; the key of slot 1 at t = 5 is 0.
        refuseHolding(withRound(aProducer(42, 5, 0), 100, 7));
        refuseHolding(withRound(aProducer(43, 5, 1), 100, 7));
        refuseHolding(withRound(aProducer(500, 5, 1), 100, 0));
        void(withRound(aProducer(43, 5, 0), 100, 7));
        refuseHolding(withRound(aRow(0, 700, 466), 100, 7));
    }

    function test_a_header_without_the_rounds_of_its_key_voids_the_run() public {
        prepare(aRule());
        RowContest memory proof = withRound(aRow(0, 700, 466), 1000, 3);
        bytes32 runId = anchor(proof);
        vm.prank(stranger);
        vm.expectEmit(address(contests));
        emit IContests.HeaderRefuted(runId, stranger, proof.day, proof.t);
        contests.contestRow(proof);
        same("voided", settlementLedger.run(runId).state, 4);
    }

    function test_a_header_that_shares_another_pool_than_was_fed_in_voids_the_run() public {
        prepare(aPriorityRule());
        RowContest memory proof = withTiers(aRow(0, 1200, 1000));
        proof.header.rounds[0].pool = 999;
        void(proof);
    }

    function test_rows_of_the_operators_allocation_follow_no_formula() public {
        Rule memory rule = aRule();
        rule.source = 1;
        prepare(rule);
        RowContest memory proof = aRow(0, 700, 1);
        RunProposal memory run = aRun();
        (run.root, run.basis) = (proof.root(shape()), ROOT);
        proof.runId = propose(run);
        vm.expectRevert(abi.encodeWithSelector(IContests.RowsFollowOperator.selector, proof.runId));
        contests.contestRow(proof);
    }

    function test_a_row_of_a_flow_key_is_not_held_against_its_header() public {
        prepare(aFlowRule());
        RowContest memory proof = aRow(0, 700, 1);
        anchor(proof);
        vm.expectRevert(abi.encodeWithSelector(SharingKeys.SharingKeyUnknown.selector, 9));
        contests.contestRow(proof);
    }

    function test_a_row_that_is_not_the_sum_of_its_links_voids_the_run() public {
        prepare(aFlowRule());
        Leaves.Detail memory detail = aDetail(300, 166);
        RowContest memory proof = aRow(0, 700, 467);
        bytes32 runId = anchorFlow(proof, detail);
        vm.prank(stranger);
        vm.expectEmit(address(contests));
        emit IContests.RowRefuted(runId, 0, stranger, proof.day, proof.t, 467, 466);
        contests.contestFlow(proof, detail);
        same("voided", settlementLedger.run(runId).state, 4);
    }

    function test_a_row_that_is_the_sum_of_its_links_cannot_be_contested() public {
        prepare(aFlowRule());
        Leaves.Detail memory detail = aDetail(300, 166);
        RowContest memory proof = aRow(0, 700, 466);
        bytes32 runId = anchorFlow(proof, detail);
        vm.expectRevert(abi.encodeWithSelector(IContests.RowHolds.selector, runId, 0, 466));
        contests.contestFlow(proof, detail);
        // Other links than those that were anchored prove nothing.
        detail.links[1].energy = 165;
        (bool taken,) = address(contests).call(abi.encodeCall(IContests.contestFlow, (proof, detail)));
        holds("refused", !taken);
        same("contestable", settlementLedger.run(runId).state, 1);
    }

    function test_links_are_of_a_flow_key_alone() public {
        prepare(aRule());
        Leaves.Detail memory detail = aDetail(300, 166);
        RowContest memory proof = aRow(0, 700, 467);
        anchorFlow(proof, detail);
        vm.expectRevert(abi.encodeWithSelector(SharingKeys.SharingKeyUnknown.selector, 1));
        contests.contestFlow(proof, detail);
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
        attest(proof.runId);
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

    function withRound(RowContest memory proof, uint64 pool, uint64 weight)
        private
        pure
        returns (RowContest memory)
    {
        proof.header.rounds = new Leaves.Round[](1);
        proof.header.rounds[0] = Leaves.Round(pool, weight);
        return proof;
    }

    /// @dev All of the pool to tier 0, whose level is 1000; then 20 for a demand of 100.
    function withTiers(RowContest memory proof) private pure returns (RowContest memory) {
        proof.header.rounds = new Leaves.Round[](3);
        proof.header.rounds[0] = Leaves.Round(1000, 600_000);
        proof.header.rounds[1] = Leaves.Round(1000, 600_000);
        proof.header.rounds[2] = Leaves.Round(20, 100);
        return proof;
    }

    function plenty(RowContest memory proof) private pure returns (RowContest memory) {
        proof.header.feedIn = 1500;
        return proof;
    }

    function aProducer(uint64 shared, uint16 t, uint32 tau) private pure returns (RowContest memory proof) {
        proof = aRow(1, 500, shared);
        (proof.t, proof.header.allocated, proof.header.tau) = (t, 667, tau);
    }

    function aFlowRule() private pure returns (Rule memory rule) {
        rule = aRule();
        (rule.key.method, rule.key.linkTerms) = (9, ROOT);
    }

    function aDetail(uint64 first, uint64 second) private pure returns (Leaves.Detail memory detail) {
        (detail.salt, detail.potential) = (bytes16(keccak256("detail")), -7);
        detail.links = new Leaves.Flow[](2);
        detail.links[0] = Leaves.Flow(1, first);
        detail.links[1] = Leaves.Flow(4, second);
    }

    function anchorFlow(RowContest memory proof, Leaves.Detail memory detail) private returns (bytes32) {
        RunProposal memory run = aRun();
        (run.root, run.basis) = (proof.flowRoot(shape(), detail), basis());
        proof.runId = propose(run);
        return proof.runId;
    }

    function anchor(RowContest memory proof) private returns (bytes32) {
        RunProposal memory run = aRun();
        (run.root, run.basis) = (proof.root(shape()), basis());
        proof.runId = propose(run);
        return proof.runId;
    }

    /// @dev A flow rests on what links cost.
    function basis() private view returns (bytes32) {
        (uint8 method,,) = ruleBook.scheduleOf(COMMUNITY, 1);
        return method == 9 ? ROOT : bytes32(0);
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
