// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IContests, RowContest } from "../../contracts/interfaces/IContests.sol";
import { Batch } from "../../contracts/types/Batches.sol";
import { BillsProposal } from "../../contracts/types/Bills.sol";
import { Opening, Terms } from "../../contracts/types/Periods.sol";
import { ConfirmPoint } from "../../contracts/types/Points.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { RunProposal } from "../../contracts/types/Runs.sol";
import { Signing } from "./support/Signing.sol";
import { RuleVectors } from "./support/RuleVectors.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

/// @dev Whole periods of the vectors, put through the contracts: what Python computes is what the contracts take.
contract CommunityVectorsTest is World, RuleVectors {
    string private json;
    bytes32 private community;
    uint32 private period;

    function setUp() public override {
        vm.warp(uint256(PERIOD + DAYS) * 1 days);
        deploy();
    }

    function test_a_street_with_short_and_long_days_is_settled_as_in_the_vectors() public {
        settle("communities/street");
    }

    function test_a_roof_by_quarter_hours_and_a_static_key_is_settled_as_in_the_vectors() public {
        settle("communities/roof");
    }

    function settle(string memory name) private {
        json = load(name);
        community = hash(json, ".inputs.community");
        period = uint32(number(json, ".inputs.period"));
        found(community);
        scheduleRule();
        openPeriod();
        submitBatch();
        bytes32 runId = proposeRun_();
        proposeBills_(runId);
        contestHonestRow(runId);
    }

    function scheduleRule() private {
        Rule memory rule = theRule(json);
        vm.prank(steward);
        ruleBook.scheduleRule(community, rule);
    }

    function openPeriod() private {
        confirmPoints();
        Opening memory opening;
        opening.ruleVersion = 1;
        opening.slots = uint32(number(json, ".chain.terms.slots"));
        opening.startUtc = uint64(number(json, ".inputs.start_utc"));
        opening.resolutionMinutes = uint16(number(json, ".inputs.resolution_minutes"));
        uint256[] memory intervals = numbers(json, ".chain.intervals");
        opening.intervals = new uint16[](intervals.length);
        for (uint256 day; day < intervals.length; ++day) {
            opening.intervals[day] = uint16(intervals[day]);
        }
        bytes32[] memory bands = hashes(json, ".chain.bands");
        opening.bands = new uint256[](bands.length);
        for (uint256 i; i < bands.length; ++i) {
            opening.bands[i] = uint256(bands[i]);
        }
        opening.seats = narrow(json, ".chain.seats");
        opening.classesRoot = hash(json, ".expected.classes_root");
        opening.pointsHash = hash(json, ".expected.points_hash");
        vm.prank(settler);
        periodBook.openPeriod(community, period, opening);
        Terms memory terms = periodBook.terms(community, period);
        same("readings", terms.expectedReadings, number(json, ".chain.terms.expectedReadings"));
        same("longest day", terms.maxIntervals, number(json, ".chain.terms.maxIntervals"));
        uint256[] memory bandOf = numbers(json, ".inputs.bands");
        for (uint32 i; i < bandOf.length; ++i) {
            same("band", periodBook.bandOf(community, period, i), bandOf[i]);
        }
    }

    function confirmPoints() private {
        uint256 confirmed;
        for (uint256 slot; vm.keyExistsJson(json, entryOf(".chain.points", slot)); ++slot) {
            ConfirmPoint memory point = aPoint(uint32(slot));
            (point.community, point.period) = (community, period);
            point.tag = hash(json, entryOf(".chain.points", slot, "tag"));
            point.direction = uint8(number(json, entryOf(".chain.points", slot, "direction")));
            point.factorPpm = uint32(number(json, entryOf(".chain.points", slot, "factorPpm")));
            point.fromDay = uint16(number(json, entryOf(".chain.points", slot, "fromDay")));
            point.untilDay = uint16(number(json, entryOf(".chain.points", slot, "untilDay")));
            if (point.untilDay == 0) continue;
            confirm(point);
            ++confirmed;
        }
        holds("points there are", confirmed > 2);
    }

    function submitBatch() private {
        Batch memory batch = aBatch();
        (batch.community, batch.period) = (community, period);
        batch.root = hash(json, ".expected.batch_root");
        batch.measured = uint64(number(json, ".expected.totals.batch.measured"));
        batch.estimated = uint64(number(json, ".expected.totals.batch.estimated"));
        batch.missing = uint64(number(json, ".expected.totals.batch.missing"));
        meterDataLedger.submitBatch(batch, Signing.batch(OPERATOR_KEY, address(meterDataLedger), batch));
    }

    function proposeRun_() private returns (bytes32) {
        RunProposal memory run;
        (run.community, run.period, run.version, run.ruleVersion) = (community, period, 1, 1);
        run.batchId = meterDataLedger.latestBatch(community, period);
        run.root = hash(json, ".expected.run_root");
        run.feedIn = uint64(number(json, ".expected.totals.run.feedIn"));
        run.consumption = uint64(number(json, ".expected.totals.run.consumption"));
        run.allocated = uint64(number(json, ".expected.totals.run.allocated"));
        run.shared = uint64(number(json, ".expected.totals.run.shared"));
        vm.deal(settler, BOND);
        vm.prank(settler);
        settlementLedger.proposeRun{ value: BOND }(run);
        return settlementLedger.latestRun(community, period);
    }

    function proposeBills_(bytes32 runId) private {
        BillsProposal memory bills;
        (bills.community, bills.runId) = (community, runId);
        bills.root = hash(json, ".expected.bill_root");
        bills.debits = uint64(number(json, ".expected.totals.bills.debits"));
        bills.credits = uint64(number(json, ".expected.totals.bills.credits"));
        bills.fees = uint64(number(json, ".expected.totals.bills.fees"));
        bills.vatDebits = uint64(number(json, ".expected.totals.bills.vatDebits"));
        bills.vatCredits = uint64(number(json, ".expected.totals.bills.vatCredits"));
        bills.passThrough = int64(vm.parseJsonInt(json, ".expected.totals.bills.passThrough"));
        bills.rounding = int64(vm.parseJsonInt(json, ".expected.totals.bills.rounding"));
        proposeBills(bills);
    }

    /// @dev The honest row and its header climb to the root and hold: the contract finds nothing to contest.
    function contestHonestRow(bytes32 runId) private {
        RowContest memory proof;
        proof.runId = runId;
        readRow(proof, proofOf("row"));
        readHeader(proof, proofOf("header"));
        vm.expectRevert(
            abi.encodeWithSelector(IContests.RowHolds.selector, runId, proof.slot, proof.row.allocated)
        );
        contests.contestRow(proof);
    }

    /// @dev index = ((0 ‖ day) ‖ rows 1) ‖ slot ‖ t, from the highest bits.
    function readRow(RowContest memory proof, string memory entry) private view {
        uint256 dt = number(json, ".expected.shape.interval_depth");
        uint256 ds = number(json, ".expected.shape.slot_depth");
        uint256 index = number(json, string.concat(entry, ".index"));
        bytes32[] memory path = hashes(json, string.concat(entry, ".path"));
        proof.t = uint16(index % (1 << dt));
        proof.slot = uint32((index >> dt) % (1 << ds));
        proof.day = uint16(index >> (dt + ds + 1));
        proof.rowPath = part(path, 0, dt + ds);
        proof.dayPath = part(path, dt + ds + 1, path.length - 1);
        proof.periodsNode = path[path.length - 1];
        bytes memory leaf = data(json, string.concat(entry, ".leaf"));
        proof.row.salt = bytes16(bytes32(slice(leaf, 1, 16) << 128));
        proof.row.energy = uint64(slice(leaf, 17, 8));
        proof.row.allocated = uint64(slice(leaf, 25, 8));
        proof.row.quality = uint8(leaf[33]);
        for (uint256 i; i < 10; ++i) {
            proof.row.totals[i] = uint64(slice(leaf, 34 + 8 * i, 8));
        }
    }

    function readHeader(RowContest memory proof, string memory entry) private view {
        uint256 dt = number(json, ".expected.shape.interval_depth");
        uint256 index = number(json, string.concat(entry, ".index"));
        same("the row's interval", index % (1 << dt), proof.t);
        same("the row's day", index >> (dt + 2), proof.day);
        bytes32[] memory path = hashes(json, string.concat(entry, ".path"));
        proof.headerPath = part(path, 0, dt);
        proof.stairsRoot = path[dt];
        bytes memory leaf = data(json, string.concat(entry, ".leaf"));
        proof.header.feedIn = uint64(slice(leaf, 1, 8));
        proof.header.consumption = uint64(slice(leaf, 9, 8));
        proof.header.allocated = uint64(slice(leaf, 17, 8));
        proof.header.value = uint64(slice(leaf, 25, 8));
        proof.header.tau = uint32(slice(leaf, 33, 4));
        proof.header.band = uint8(leaf[37]);
        same("no rounds", leaf.length, 38);
    }

    function proofOf(string memory what) private view returns (string memory entry) {
        for (uint256 i;; ++i) {
            entry = entryOf(".expected.proofs", i);
            string memory found = vm.parseJsonString(json, string.concat(entry, ".what"));
            if (keccak256(bytes(found)) == keccak256(bytes(what))) return entry;
        }
    }

    function part(bytes32[] memory path, uint256 from, uint256 until)
        private
        pure
        returns (bytes32[] memory piece)
    {
        piece = new bytes32[](until - from);
        for (uint256 i; i < piece.length; ++i) {
            piece[i] = path[from + i];
        }
    }
}
