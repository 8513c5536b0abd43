// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IContests } from "../../contracts/interfaces/IContests.sol";
import {
    EstimateContest,
    IInputContests,
    MethodContest,
    ReadingProof,
    ReplacedContest
} from "../../contracts/interfaces/IInputContests.sol";
import { Reading } from "../../contracts/types/Readings.sol";
import { Batch } from "../../contracts/types/Batches.sol";
import { Grove } from "./support/Grove.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

/// @dev Estimates by the hour: slot 0 consumes, slot 1 feeds in. Each test writes a few readings, all others are measured, 100 mWh.
contract EstimateContestsTest is World {
    using Grove for bytes32[];

    uint256 private constant LEVELS = 12;
    bytes32 private constant READING_STAIRS = keccak256("reading stairs");

    mapping(uint256 place => Reading) private _written;
    uint256[] private _places;
    bytes32 private _runId;

    function setUp() public override {
        super.setUp();
        openAll(aRule());
    }

    function test_an_interpolated_reading_lies_on_the_line_between_its_neighbours() public {
        gap(20, 2, 10, 41);
        // floor((10 · 2 + 41) / 3) = 20, floor((10 + 41 · 2) / 3) = 30
        write(20, 20, 1, 2);
        write(21, 30, 1, 2);
        anchor();
        refuse(linear(20, 19, 22), IInputContests.EstimateHolds.selector);
        refuse(linear(21, 19, 22), IInputContests.EstimateHolds.selector);
        write(21, 31, 1, 2);
        anchor();
        refuse(linear(20, 19, 22), IInputContests.EstimateHolds.selector);
        EstimateContest memory proof = linear(21, 19, 22);
        vm.prank(stranger);
        vm.expectEmit(address(inputContests));
        emit IInputContests.EstimateRefuted(_runId, 0, stranger, 0, 21, 31, 30);
        inputContests.contestLinear(proof);
        same("voided", settlementLedger.run(_runId).state, 4);
    }

    function test_a_gap_may_span_midnight() public {
        gap(23, 2, 10, 40);
        write(23, 20, 1, 2);
        write(24, 30, 1, 2);
        anchor();
        refuse(linear(24, 22, 25), IInputContests.EstimateHolds.selector);
        write(24, 29, 1, 2);
        anchor();
        voids(linear(24, 22, 25));
    }

    function test_what_stays_missing_is_part_of_the_gap() public {
        gap(20, 2, 10, 40);
        write(20, 0, 3, 4);
        write(21, 30, 1, 2);
        anchor();
        refuse(linear(21, 19, 22), IInputContests.EstimateHolds.selector);
        refuse(linear(21, 20, 22), IInputContests.GapNotShown.selector);
    }

    function test_a_gap_of_more_than_two_hours_is_not_interpolated() public {
        gap(20, 3, 100, 100);
        for (uint256 i = 20; i < 23; ++i) {
            write(i, 100, 1, 2);
        }
        anchor();
        // Whole, or as much as shows its length.
        voids(linear(21, 19, 23));
        anchor();
        voids(linear(21, 20, 22));
    }

    function test_nothing_is_interpolated_from_an_operators_estimate() public {
        gap(20, 1, 100, 100);
        write(20, 100, 1, 2);
        write(21, 100, 1, 1);
        anchor();
        voids(linear(20, 19, 21));
    }

    function test_feed_in_is_never_estimated() public {
        for (uint8 source = 2; source < 4; ++source) {
            write(placeAt(1, 3, 5), 100, 1, source);
            anchor();
            EstimateContest memory proof;
            (proof.runId, proof.slot, proof.estimate) = (_runId, 1, shown(placeAt(1, 3, 5)));
            if (source == 2) voids(proof);
            else inputContests.contestSimilar(proof);
            same("voided", settlementLedger.run(_runId).state, 4);
        }
    }

    function test_readings_around_a_gap_are_shown_whole_and_in_order() public {
        gap(20, 2, 10, 41);
        write(20, 20, 1, 2);
        write(21, 31, 1, 2);
        anchor();
        EstimateContest memory proof = linear(21, 19, 22);
        proof.others[1] = shown(18);
        refuse(proof, IInputContests.ReadingElsewhere.selector);
        proof = linear(21, 19, 22);
        proof.others[2] = shown(23);
        refuse(proof, IInputContests.ReadingElsewhere.selector);
        // Not up to the estimate, and not beyond the gap.
        refuse(linear(21, 19, 20), IInputContests.ReadingElsewhere.selector);
        refuse(linear(21, 19, 23), IInputContests.GapNotShown.selector);
        refuse(linear(21, 18, 22), IInputContests.GapNotShown.selector);
        proof = linear(21, 19, 22);
        proof.others = new ReadingProof[](0);
        refuse(proof, IInputContests.GapNotShown.selector);
        proof = linear(21, 19, 22);
        proof.others[0].reading.energy = 9;
        refuse(proof, IContests.LeavesNotInRun.selector);
    }

    function test_only_an_estimate_of_the_method_is_contested_by_it() public {
        write(20, 100, 0, 0);
        write(21, 100, 1, 3);
        write(22, 100, 1, 1);
        anchor();
        refuse(linear(20, 19, 21), IInputContests.EstimateOfAnother.selector);
        refuse(linear(21, 20, 22), IInputContests.EstimateOfAnother.selector);
        refuseSimilar(similar(placeAt(0, 0, 22)), IInputContests.EstimateOfAnother.selector);
        ReplacedContest memory proof;
        (proof.runId, proof.estimate) = (_runId, shown(22));
        refused(
            abi.encodeCall(IInputContests.contestReplaced, (proof)), IInputContests.EstimateOfAnother.selector
        );
    }

    function test_a_reading_of_similar_days_is_their_mean() public {
        // Days 7, 21, 0 and 28 know 100 each, but for one of 203.
        write(placeAt(0, 14, 5), 125, 1, 3);
        write(placeAt(0, 21, 5), 203, 2, 1);
        anchor();
        refuseSimilar(similar(placeAt(0, 14, 5), 7, 21, 0, 28), IInputContests.EstimateHolds.selector);
        write(placeAt(0, 14, 5), 126, 1, 3);
        anchor();
        EstimateContest memory proof = similar(placeAt(0, 14, 5), 7, 21, 0, 28);
        vm.prank(stranger);
        vm.expectEmit(address(inputContests));
        emit IInputContests.EstimateRefuted(_runId, 0, stranger, 14, 5, 126, 125);
        inputContests.contestSimilar(proof);
        same("voided", settlementLedger.run(_runId).state, 4);
    }

    function test_similar_days_that_are_not_known_count_for_nothing() public {
        write(placeAt(0, 14, 5), 151, 1, 3);
        write(placeAt(0, 7, 5), 900, 1, 1);
        write(placeAt(0, 21, 5), 203, 0, 0);
        write(placeAt(0, 0, 5), 900, 1, 2);
        anchor();
        refuseSimilar(similar(placeAt(0, 14, 5), 7, 21, 0, 28), IInputContests.EstimateHolds.selector);
    }

    function test_where_no_week_is_known_the_days_around_count() public {
        unknownWeeks();
        write(placeAt(0, 14, 5), 40, 1, 3);
        write(placeAt(0, 13, 5), 10, 0, 0);
        write(placeAt(0, 15, 5), 20, 0, 0);
        write(placeAt(0, 12, 5), 30, 0, 0);
        anchor();
        EstimateContest memory proof = similar(placeAt(0, 14, 5), 7, 21, 0, 28);
        refuseSimilar(proof, IInputContests.ReadingsIncomplete.selector);
        proof = eight(placeAt(0, 14, 5));
        refuseSimilar(proof, IInputContests.EstimateHolds.selector);
        write(placeAt(0, 14, 5), 41, 1, 3);
        anchor();
        inputContests.contestSimilar(eight(placeAt(0, 14, 5)));
        same("voided", settlementLedger.run(_runId).state, 4);
    }

    function test_where_no_day_is_known_nothing_is_estimated() public {
        unknownWeeks();
        write(placeAt(0, 14, 5), 0, 1, 3);
        for (uint256 day = 12; day < 17; ++day) {
            if (day != 14) write(placeAt(0, day, 5), 0, 3, 4);
        }
        anchor();
        inputContests.contestSimilar(eight(placeAt(0, 14, 5)));
        same("voided", settlementLedger.run(_runId).state, 4);
    }

    function test_what_lies_outside_the_period_is_in_no_batch() public {
        write(placeAt(0, 13, 5), 125, 1, 3);
        anchor();
        refuseSimilar(similar(placeAt(0, 13, 5), 6, 20, 0, 27), IInputContests.SourceOutsidePeriod.selector);
    }

    function test_similar_days_are_shown_in_order_and_none_is_left_out() public {
        write(placeAt(0, 14, 5), 126, 1, 3);
        anchor();
        refuseSimilar(similar(placeAt(0, 14, 5), 21, 7, 0, 28), IInputContests.ReadingElsewhere.selector);
        EstimateContest memory proof = similar(placeAt(0, 14, 5), 7, 21, 0, 28);
        proof.others[3] = shown(placeAt(0, 28, 6));
        refuseSimilar(proof, IInputContests.ReadingElsewhere.selector);
        proof.others = new ReadingProof[](1);
        proof.others[0] = shown(placeAt(0, 7, 5));
        refuseSimilar(proof, IInputContests.ReadingsIncomplete.selector);
        // Nobody needs the days around where a week is known.
        refuseSimilar(eight(placeAt(0, 14, 5)), IInputContests.ReadingsIncomplete.selector);
    }

    function test_an_estimate_in_the_place_of_a_measured_reading_voids_the_run() public {
        for (uint8 source = 2; source < 6; source += source == 3 ? 2 : 1) {
            write(20, 90, source == 2 ? 0 : 2, source == 2 ? 0 : 1);
            bytes32 first = submitReadings();
            ReplacedContest memory proof;
            (proof.batchId, proof.measured, proof.measuredPath) = (first, _written[20], shown(20).path);
            write(20, 100, 1, source);
            anchor();
            (proof.runId, proof.estimate) = (_runId, shown(20));
            vm.prank(stranger);
            vm.expectEmit(address(inputContests));
            emit IInputContests.ReplacementRefuted(_runId, 0, stranger, 0, 20, 100, 90);
            inputContests.contestReplaced(proof);
            same("voided", settlementLedger.run(_runId).state, 4);
        }
    }

    function test_nothing_is_profiled_by_terms_that_are_the_softwares_own() public {
        write(20, 100, 1, 5);
        anchor();
        MethodContest memory proof = method(20);
        vm.prank(stranger);
        vm.expectEmit(address(inputContests));
        emit IInputContests.EstimateRefuted(_runId, 0, stranger, 0, 20, 100, 0);
        inputContests.contestMethod(proof);
        same("voided", settlementLedger.run(_runId).state, 4);
    }

    function test_no_estimate_is_by_a_method_that_is_none() public {
        for (uint8 source = 4; source < 8; source += 2) {
            write(20, 100, 1, source);
            anchor();
            inputContests.contestMethod(method(20));
            same("voided", settlementLedger.run(_runId).state, 4);
        }
    }

    function test_feed_in_is_estimated_by_no_method() public {
        for (uint8 source = 2; source < 6; ++source) {
            write(placeAt(1, 3, 5), 100, 1, source);
            anchor();
            MethodContest memory proof = method(placeAt(1, 3, 5));
            proof.slot = 1;
            inputContests.contestMethod(proof);
            same("voided", settlementLedger.run(_runId).state, 4);
        }
    }

    function test_a_line_and_similar_days_are_methods_of_every_rule() public {
        write(20, 100, 1, 2);
        write(21, 100, 1, 3);
        write(22, 100, 1, 1);
        anchor();
        refuseMethod(method(20), IInputContests.MethodHolds.selector);
        refuseMethod(method(21), IInputContests.MethodHolds.selector);
        refuseMethod(method(22), IInputContests.EstimateOfAnother.selector);
        refuseMethod(method(23), IInputContests.EstimateOfAnother.selector);
        MethodContest memory proof = method(20);
        proof.estimate.reading.source = 5;
        refuseMethod(proof, IContests.LeavesNotInRun.selector);
    }

    function test_only_an_earlier_measured_reading_of_the_place_is_replaced() public {
        write(20, 90, 1, 1);
        bytes32 first = submitReadings();
        ReplacedContest memory proof;
        (proof.batchId, proof.measured, proof.measuredPath) = (first, _written[20], shown(20).path);
        write(20, 100, 1, 2);
        anchor();
        (proof.runId, proof.estimate) = (_runId, shown(20));
        bytes memory call = abi.encodeCall(IInputContests.contestReplaced, (proof));
        refused(call, IInputContests.ReadingNotMeasured.selector);
        proof.measured.quality = 0;
        call = abi.encodeCall(IInputContests.contestReplaced, (proof));
        refused(call, IContests.LeavesNotInRun.selector);
        proof.batchId = settlementLedger.batchOf(_runId);
        call = abi.encodeCall(IInputContests.contestReplaced, (proof));
        refused(call, IInputContests.BatchNotEarlier.selector);
        proof.batchId = ROOT;
        call = abi.encodeCall(IInputContests.contestReplaced, (proof));
        refused(call, IInputContests.BatchNotEarlier.selector);
    }

    // What the tests write and show.

    function placeAt(uint256 slot, uint256 day, uint256 t) private pure returns (uint256) {
        return (slot * DAYS + day) * HOURS + t;
    }

    function write(uint256 place, uint64 energy, uint8 quality, uint8 source) private {
        if (_written[place].salt == 0) _places.push(place);
        _written[place] = Reading(bytes16(keccak256(abi.encode(place))), energy, quality, source);
    }

    /// @dev Missing readings, and what is known before and after them.
    function gap(uint256 first, uint256 count, uint64 before, uint64 behind) private {
        write(first - 1, before, 0, 0);
        write(first + count, behind, 0, 0);
    }

    function unknownWeeks() private {
        for (uint256 day; day < 29; day += 7) {
            if (day != 14) write(placeAt(0, day, 5), 0, 3, 4);
        }
    }

    function grow() private view returns (bytes32[] memory tree) {
        tree = Grove.plant(LEVELS);
        Reading memory usual;
        (usual.salt, usual.energy) = (bytes16(uint128(1)), 100);
        for (uint256 place; place < 2 * uint256(DAYS) * HOURS; ++place) {
            Reading memory reading = _written[place].salt == 0 ? usual : _written[place];
            bytes32 leaf = keccak256(
                abi.encodePacked(hex"08", reading.salt, reading.energy, reading.quality, reading.source)
            );
            tree.set(indexOf(place), leaf);
        }
        tree.grow();
    }

    function indexOf(uint256 place) private pure returns (uint256) {
        return ((place / (DAYS * HOURS)) << 10) | (((place / HOURS) % DAYS) << 5) | (place % HOURS);
    }

    function submitReadings() private returns (bytes32) {
        Batch memory batch = aBatch();
        batch.root = this.rootOf();
        return submit(batch);
    }

    function rootOf() external view returns (bytes32) {
        return Grove.node(grow()[1], READING_STAIRS);
    }

    function anchor() private {
        if (_runId != 0 && settlementLedger.run(_runId).state == 1) voidByContests(_runId);
        submitReadings();
        _runId = proposeRun();
    }

    function shown(uint256 place) private view returns (ReadingProof memory proof) {
        (proof.day, proof.t) = (uint16((place / HOURS) % DAYS), uint16(place % HOURS));
        proof.reading = _written[place];
        if (proof.reading.salt == 0) (proof.reading.salt, proof.reading.energy) = (bytes16(uint128(1)), 100);
        proof.path = this.pathOf(place);
    }

    /// @dev A call of its own, whose memory is free afterwards.
    function pathOf(uint256 place) external view returns (bytes32[] memory) {
        return Grove.joined(grow().path(indexOf(place)), READING_STAIRS);
    }

    function linear(uint256 place, uint256 first, uint256 last)
        private
        view
        returns (EstimateContest memory proof)
    {
        (proof.runId, proof.estimate) = (_runId, shown(place));
        proof.others = new ReadingProof[](last - first + (place < first || place > last ? 1 : 0));
        uint256 n;
        for (uint256 i = first; i <= last; ++i) {
            if (i != place) proof.others[n++] = shown(i);
        }
    }

    function similar(uint256 place, uint256 a, uint256 b, uint256 c, uint256 d)
        private
        view
        returns (EstimateContest memory proof)
    {
        proof = similar(place);
        proof.others = new ReadingProof[](4);
        (proof.others[0], proof.others[1]) = (shown(placeAt(0, a, 5)), shown(placeAt(0, b, 5)));
        (proof.others[2], proof.others[3]) = (shown(placeAt(0, c, 5)), shown(placeAt(0, d, 5)));
    }

    function similar(uint256 place) private view returns (EstimateContest memory proof) {
        (proof.runId, proof.estimate) = (_runId, shown(place));
    }

    function eight(uint256 place) private view returns (EstimateContest memory proof) {
        proof = similar(place);
        proof.others = new ReadingProof[](8);
        uint256[8] memory around = [uint256(7), 21, 0, 28, 13, 15, 12, 16];
        for (uint256 i; i < 8; ++i) {
            proof.others[i] = shown(placeAt(0, around[i], 5));
        }
    }

    function method(uint256 place) private view returns (MethodContest memory proof) {
        (proof.runId, proof.estimate) = (_runId, shown(place));
    }

    function refuseMethod(MethodContest memory proof, bytes4 refusal) private {
        refused(abi.encodeCall(IInputContests.contestMethod, (proof)), refusal);
    }

    function voids(EstimateContest memory proof) private {
        inputContests.contestLinear(proof);
        same("voided", settlementLedger.run(_runId).state, 4);
    }

    function refuse(EstimateContest memory proof, bytes4 refusal) private {
        refused(abi.encodeCall(IInputContests.contestLinear, (proof)), refusal);
    }

    function refuseSimilar(EstimateContest memory proof, bytes4 refusal) private {
        refused(abi.encodeCall(IInputContests.contestSimilar, (proof)), refusal);
    }

    function refused(bytes memory call, bytes4 refusal) private {
        (bool taken, bytes memory answer) = address(inputContests).call(call);
        holds("refused", !taken);
        same("refusal", bytes32(bytes4(answer)), bytes32(refusal));
    }
}
