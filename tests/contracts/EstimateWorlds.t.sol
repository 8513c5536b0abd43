// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    EstimateContest,
    IInputContests,
    MethodContest,
    ReadingProof
} from "../../contracts/interfaces/IInputContests.sol";
import { Batch } from "../../contracts/types/Batches.sol";
import { Opening } from "../../contracts/types/Periods.sol";
import { Reading } from "../../contracts/types/Readings.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { Grove } from "./support/Grove.sol";
import { RowProof } from "./support/RowProof.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

/// @dev June 2017 as if clocks had turned on its first day, which lasts 25 hours.
contract EstimateOnTurningClocksTest is World {
    function test_days_of_other_lengths_are_not_similar() public {
        schedule(aRule());
        confirm(thePoints());
        Opening memory opening = anOpening();
        opening.intervals[0] = 25;
        open(opening);
        // Day 14 draws on day 0; of the batch only these readings are known.
        EstimateContest memory proof;
        proof.estimate.reading = Reading(0, 100, 1, 3);
        (proof.estimate.day, proof.estimate.t) = (14, 5);
        proof.estimate.path = RowProof.siblings("reading", 13);
        proof.others = new ReadingProof[](2);
        proof.others[0].path = RowProof.siblings("reading", 13);
        (proof.others[0].day, proof.others[0].t) = (7, 5);
        proof.others[1].path = RowProof.siblings("reading", 13);
        (proof.others[1].day, proof.others[1].t) = (21, 5);
        Batch memory batch = aBatch();
        batch.measured = periodBook.terms(COMMUNITY, PERIOD).expectedReadings;
        batch.root = root(proof);
        submit(batch);
        proof.runId = proposeRun();
        vm.expectRevert(abi.encodeWithSelector(IInputContests.DaysDiffer.selector, 14, 0));
        inputContests.contestSimilar(proof);
    }

    /// @dev Above 5 levels of intervals, days 7 and 14 part at the fourth bit of the day, both and day 21 at the fifth.
    function root(EstimateContest memory proof) private pure returns (bytes32) {
        (bytes32[] memory seven, bytes32[] memory twentyOne) = (proof.others[0].path, proof.others[1].path);
        bytes32[] memory fourteen = proof.estimate.path;
        bytes32 measured = keccak256(abi.encodePacked(hex"08", bytes16(0), uint64(0), uint16(0)));
        bytes32 estimated = keccak256(abi.encodePacked(hex"08", bytes16(0), uint64(100), hex"0103"));
        seven[8] = climb(estimated, 14 * 32 + 5, fourteen, 8);
        fourteen[8] = climb(measured, 7 * 32 + 5, seven, 8);
        twentyOne[9] = climb(estimated, 14 * 32 + 5, fourteen, 9);
        seven[9] = climb(measured, 21 * 32 + 5, twentyOne, 9);
        fourteen[9] = seven[9];
        return RowProof.climb(estimated, 14 * 32 + 5, fourteen);
    }

    function climb(bytes32 hash, uint256 index, bytes32[] memory path, uint256 levels)
        private
        pure
        returns (bytes32)
    {
        return RowProof.climb(hash, index, Grove.part(path, levels));
    }
}

/// @dev A rule that holds terms of conformity, of which nobody on chain knows what they say.
contract EstimateByVotedTermsTest is World {
    function test_terms_that_were_voted_may_name_profiled_estimates() public {
        Rule memory rule = aRule();
        rule.limits.terms = keccak256("terms");
        openAll(rule);
        MethodContest memory proof;
        proof.estimate.reading = Reading(0, 100, 1, 5);
        proof.estimate.path = RowProof.siblings("reading", 13);
        Batch memory batch = aBatch();
        batch.root = RowProof.climb(
            keccak256(abi.encodePacked(hex"08", bytes16(0), uint64(100), hex"0105")), 0, proof.estimate.path
        );
        submit(batch);
        proof.runId = proposeRun();
        vm.expectRevert(abi.encodeWithSelector(IInputContests.MethodHolds.selector, proof.runId, 5));
        inputContests.contestMethod(proof);
    }
}
