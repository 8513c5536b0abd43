// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Counts,
    IStairContests,
    PeriodStairContest,
    ReadingStairContest,
    StairPeriod
} from "../../contracts/interfaces/IStairContests.sol";
import { Anchors } from "../../contracts/libraries/Anchors.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Places } from "../../contracts/libraries/Places.sol";
import { Tree } from "../../contracts/libraries/Tree.sol";
import { Batch } from "../../contracts/types/Batches.sol";
import { RunProposal } from "../../contracts/types/Runs.sol";
import { Growth } from "./support/Growth.sol";
import { StairWorld } from "./support/StairWorld.sol";
import { vm } from "./support/Vm.sol";

/// @dev Stairs over period leaves and over readings, and what their last ones claim.
contract StairCountsTest is StairWorld {
    event PeriodStairRefuted(bytes32 indexed runId, address indexed by, uint32 number);
    event PeriodTotalsRefuted(bytes32 indexed runId, address indexed by);
    event ReadingStairRefuted(bytes32 indexed runId, uint32 indexed slot, address indexed by, uint16 day);
    event ReadingCountsRefuted(bytes32 indexed runId, address indexed by);

    function setUp() public override {
        super.setUp();
        openStreet(aRule(), 10, 3, 60);
    }

    // ---- period stairs ----

    function aPeriodStair(uint32 number) private view returns (PeriodStairContest memory p) {
        p.block = number;
        if (number > 0) p.former = Leaves.Stair(bytes16(keccak256("former")), 700, 900, 400, 300);
        // A struct in memory is not copied when it is assigned.
        (p.stair.feedIn, p.stair.consumption) = (p.former.feedIn, p.former.consumption);
        (p.stair.allocated, p.stair.shared) = (p.former.allocated, p.former.shared);
        p.stair.salt = bytes16(keccak256("stair"));
        p.periods = new StairPeriod[](4);
        for (uint32 i; i < 4; ++i) {
            uint32 slot = 4 * number + i;
            if (!isConfirmed(slot)) continue;
            uint64[10] memory x = p.periods[i].period.totals;
            for (uint64 j; j < 10; ++j) {
                x[j] = (uint64(1) << (4 * j)) | slot;
            }
            (uint64 energy, uint64 allocated) = (x[0] + x[2] + x[4] + x[6], x[1] + x[3] + x[5] + x[7]);
            if (directionOf(slot) == 1) {
                (p.stair.feedIn, p.stair.shared) = (p.stair.feedIn + energy, p.stair.shared + allocated);
            } else {
                (p.stair.consumption, p.stair.allocated) =
                (p.stair.consumption + energy, p.stair.allocated + allocated);
            }
        }
    }

    function periodHeld(PeriodStairContest memory p) private {
        p.runId = settle(rootOf(p));
        vm.expectRevert(abi.encodeWithSelector(IStairContests.StairHolds.selector, p.runId));
        stairContests.contestPeriodStair(p);
        voidByContests(p.runId);
    }

    function periodRefuted(PeriodStairContest memory p) private {
        p.runId = settle(rootOf(p));
        vm.expectEmit(address(stairContests));
        emit PeriodStairRefuted(p.runId, address(this), p.block);
        stairContests.contestPeriodStair(p);
        same("voided", settlementLedger.run(p.runId).state, 4);
    }

    function test_a_period_stair_is_the_one_before_and_its_period_leaves() public {
        periodHeld(aPeriodStair(0));
        periodHeld(aPeriodStair(1));
        PeriodStairContest memory p = aPeriodStair(2);
        (p.periods[2].padding, p.periods[3].padding) = (ROOT, ROOT);
        periodHeld(p);
        ++p.stair.feedIn;
        periodRefuted(p);
        p = aPeriodStair(0);
        --p.stair.consumption;
        periodRefuted(p);
        p = aPeriodStair(1);
        ++p.stair.allocated;
        periodRefuted(p);
        p = aPeriodStair(1);
        ++p.stair.shared;
        periodRefuted(p);
    }

    function test_a_period_stair_is_shown_with_all_its_leaves_where_they_stand() public {
        PeriodStairContest memory p = aPeriodStair(1);
        ++p.stair.shared;
        p.runId = settle(rootOf(p));
        p.periods[0].period.salt = bytes16(ROOT);
        refusedBy(abi.encodeCall(IStairContests.contestPeriodStair, (p)), Anchors.PartsDoNotMeet.selector);
        p.periods = new StairPeriod[](5);
        refusedBy(
            abi.encodeCall(IStairContests.contestPeriodStair, (p)), IStairContests.StairLeavesMissing.selector
        );
        p.former.shared = 1;
        refusedBy(abi.encodeCall(IStairContests.contestPeriodStair, (p)), Anchors.PartsDoNotMeet.selector);
        p.stair.shared = 1;
        refusedBy(abi.encodeCall(IStairContests.contestPeriodStair, (p)), Anchors.StairNotAnchored.selector);
        p.block = 3;
        refusedBy(abi.encodeCall(IStairContests.contestPeriodStair, (p)), Places.OutsideShape.selector);
    }

    function test_the_last_period_stair_is_what_the_run_claims() public {
        for (uint256 i; i < 5; ++i) {
            uint64[4] memory x = [uint64(1000), 1500, 900, 900];
            if (i < 4) ++x[i];
            Leaves.Stair memory stair = Leaves.Stair(bytes16(ROOT), x[0], x[1], x[2], x[3]);
            (bytes32[] memory path, bytes32 root) = lastPeriodStair(stair);
            bytes32 runId = settle(root);
            if (i < 4) {
                vm.expectEmit(address(stairContests));
                emit PeriodTotalsRefuted(runId, address(this));
            } else {
                vm.expectRevert(abi.encodeWithSelector(IStairContests.StairHolds.selector, runId));
            }
            stairContests.contestPeriodTotals(runId, stair, path);
            same("voided", settlementLedger.run(runId).state, i < 4 ? 4 : 1);
        }
    }

    // ---- reading stairs ----

    /// @dev Of 24 hours 20 were measured or edited, 3 estimated, 1 is missing.
    function aReadingStair(uint32 slot, uint16 day) private view returns (ReadingStairContest memory p) {
        (p.slot, p.day) = (slot, day);
        if (slot > 0 || day > 0) p.former = Counts(bytes16(keccak256("former")), 40, 5, 3);
        Counts memory former = p.former;
        p.stair = Counts(bytes16(keccak256("stair")), former.measured, former.estimated, former.missing);
        if (!isActive(slot, day)) return p;
        p.readings = new bytes32[](24);
        for (uint256 t; t < 24; ++t) {
            uint8 quality = t == 5 ? 3 : t > 20 ? 1 : t == 9 ? 2 : 0;
            bytes16 salt = bytes16(keccak256(abi.encode("reading", t)));
            p.readings[t] = bytes32(abi.encodePacked(salt, uint64(1000 + t), quality, uint8(quality)));
        }
        (p.stair.measured, p.stair.estimated, p.stair.missing) =
        (p.former.measured + 20, p.former.estimated + 3, p.former.missing + 1);
    }

    function readingHeld(ReadingStairContest memory p) private {
        p.runId = settle(ROOT, streetBatch(rootOf(p)));
        vm.expectRevert(abi.encodeWithSelector(IStairContests.StairHolds.selector, p.runId));
        stairContests.contestReadingStair(p);
        voidByContests(p.runId);
    }

    function readingRefuted(ReadingStairContest memory p) private {
        p.runId = settle(ROOT, streetBatch(rootOf(p)));
        vm.expectEmit(address(stairContests));
        emit ReadingStairRefuted(p.runId, p.slot, address(this), p.day);
        stairContests.contestReadingStair(p);
        same("voided", settlementLedger.run(p.runId).state, 4);
    }

    function test_a_reading_stair_is_the_one_before_and_the_readings_of_its_day() public {
        readingHeld(aReadingStair(0, 0));
        readingHeld(aReadingStair(0, 1));
        readingHeld(aReadingStair(4, 0));
        ReadingStairContest memory p = aReadingStair(4, 0);
        ++p.stair.measured;
        readingRefuted(p);
        p = aReadingStair(9, 2);
        --p.stair.estimated;
        readingRefuted(p);
        p = aReadingStair(0, 0);
        ++p.stair.missing;
        readingRefuted(p);
    }

    function test_a_day_without_the_slot_carries_its_counts_forward() public {
        readingHeld(aReadingStair(3, 1));
        readingHeld(aReadingStair(6, 2));
        ReadingStairContest memory p = aReadingStair(6, 2);
        ++p.stair.measured;
        readingRefuted(p);
    }

    function test_a_reading_of_no_known_quality_counts_for_nothing() public {
        ReadingStairContest memory p = aReadingStair(1, 1);
        p.readings[0] = bytes32(abi.encodePacked(bytes16(ROOT), uint64(1), uint8(4), uint8(0)));
        --p.stair.measured;
        readingHeld(p);
        ++p.stair.measured;
        readingRefuted(p);
    }

    function test_a_reading_stair_is_shown_with_all_its_readings_where_they_stand() public {
        ReadingStairContest memory p = aReadingStair(4, 0);
        ++p.stair.missing;
        p.runId = settle(ROOT, streetBatch(rootOf(p)));
        bytes memory call = abi.encodeCall(IStairContests.contestReadingStair, (p));
        bytes32 kept = p.readings[3];
        p.readings[3] = 0;
        refusedBy(abi.encodeCall(IStairContests.contestReadingStair, (p)), Anchors.PartsDoNotMeet.selector);
        p.readings[3] = kept;
        p.readings = new bytes32[](25);
        refusedBy(abi.encodeCall(IStairContests.contestReadingStair, (p)), Places.OutsideShape.selector);
        p.former.measured = 0;
        refusedBy(abi.encodeCall(IStairContests.contestReadingStair, (p)), Anchors.PartsDoNotMeet.selector);
        p.stair.measured = 0;
        refusedBy(abi.encodeCall(IStairContests.contestReadingStair, (p)), Anchors.StairNotAnchored.selector);
        p.path = new bytes32[](2);
        refusedBy(abi.encodeCall(IStairContests.contestReadingStair, (p)), Tree.TreePathLength.selector);
        (p.slot, p.day) = (10, 0);
        refusedBy(abi.encodeCall(IStairContests.contestReadingStair, (p)), Places.OutsideShape.selector);
        (p.slot, p.day) = (0, 3);
        refusedBy(abi.encodeCall(IStairContests.contestReadingStair, (p)), Places.OutsideShape.selector);
        (bool taken,) = address(stairContests).call(call);
        holds("as it was shown first, it falls", taken);
    }

    function test_the_last_reading_stair_is_what_the_batch_claims() public {
        for (uint256 i; i < 4; ++i) {
            Batch memory batch = streetBatch(ROOT);
            uint64[3] memory x = [batch.measured, 0, 0];
            if (i < 3) x[i] += 1;
            Counts memory stair = Counts(bytes16(ROOT), x[0], x[1], x[2]);
            (bytes32[] memory path, bytes32 root) = lastCounts(stair);
            batch.root = root;
            bytes32 runId = settle(ROOT, batch);
            if (i < 3) {
                vm.expectEmit(address(stairContests));
                emit ReadingCountsRefuted(runId, address(this));
            } else {
                vm.expectRevert(abi.encodeWithSelector(IStairContests.StairHolds.selector, runId));
            }
            stairContests.contestReadingCounts(runId, stair, path);
            same("voided", settlementLedger.run(runId).state, i < 3 ? 4 : 1);
        }
    }

    /// @dev Slot 9, day 2: 38 of 64 places.
    function lastCounts(Counts memory stair) private pure returns (bytes32[] memory path, bytes32 root) {
        bytes32[] memory stairs = Growth.leaves("reading stair", 6);
        stairs[38] = countsHash(stair);
        path = Growth.join(Growth.pathOf(stairs, 38), Growth.one(ROOT));
        root = Growth.node(ROOT, Growth.root(stairs));
    }

    function refusedBy(bytes memory call, bytes4 selector) private {
        (bool taken, bytes memory why) = address(stairContests).call(call);
        holds("refused", !taken);
        same("why", bytes32(bytes4(why)), bytes32(selector));
    }
}
