// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IMeterDataLedger } from "./interfaces/IMeterDataLedger.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { ISettlementLedger } from "./interfaces/ISettlementLedger.sol";
import {
    Counts,
    IStairContests,
    LastStairContest,
    PeriodStairContest,
    ReadingStairContest,
    StairContest,
    StairRow
} from "./interfaces/IStairContests.sol";
import { Contributions } from "./libraries/Contributions.sol";
import { Leaves } from "./libraries/Leaves.sol";
import { PackedReadings } from "./libraries/PackedReadings.sol";
import { Places } from "./libraries/Places.sol";
import { SharingKeys } from "./libraries/SharingKeys.sol";
import { StairProofs } from "./libraries/StairProofs.sol";
import { Tree } from "./libraries/Tree.sol";
import { BatchRecord } from "./types/Batches.sol";
import { Shape } from "./types/Periods.sol";
import { DIRECTION_FEED_IN, Point } from "./types/Points.sol";
import { METHOD_FLOW, SOURCE_COMPUTED, SlotTerms } from "./types/Rules.sol";
import { RunClaim, RunTotals, STATE_CONTESTABLE } from "./types/Runs.sol";

/// @title StairContests
/// @notice See {IStairContests}.
contract StairContests is IStairContests {
    using Contributions for Contributions.Sums;

    /// @dev The run, its shape, and what its stairs add up.
    struct Case {
        RunClaim run;
        Shape shape;
        Places.Depths depths;
        SlotTerms terms;
        uint256 rounds;
        bool valued;
        uint16 day;
    }

    /// @notice Directions and active days.
    ICommunityRegistry public immutable registry;
    /// @notice Sharing keys and prices.
    IRuleBook public immutable ruleBook;
    /// @notice Shapes of the trees.
    IPeriodBook public immutable periodBook;
    /// @notice Roots and counts of the batches.
    IMeterDataLedger public immutable meterDataLedger;
    /// @notice Roots and totals of the runs.
    ISettlementLedger public immutable settlementLedger;

    constructor(
        ICommunityRegistry registry_,
        IRuleBook ruleBook_,
        IPeriodBook periodBook_,
        IMeterDataLedger meterDataLedger_,
        ISettlementLedger settlementLedger_
    ) {
        registry = registry_;
        ruleBook = ruleBook_;
        periodBook = periodBook_;
        meterDataLedger = meterDataLedger_;
        settlementLedger = settlementLedger_;
    }

    /// @inheritdoc IStairContests
    function contestStair(StairContest calldata proof) external {
        Case memory dispute = _keyed(proof.runId, proof.day, proof.t);
        require(!_isFlow(dispute.terms), SharingKeys.SharingKeyUnknown(METHOD_FLOW));
        _contestStair(dispute, proof, new Leaves.Detail[](0));
    }

    /// @inheritdoc IStairContests
    function contestFlowStair(StairContest calldata proof, Leaves.Detail[] calldata details) external {
        Case memory dispute = _keyed(proof.runId, proof.day, proof.t);
        require(_isFlow(dispute.terms), SharingKeys.SharingKeyUnknown(dispute.terms.method));
        require(details.length == proof.rows.length, StairLeavesMissing(details.length, proof.rows.length));
        _contestStair(dispute, proof, details);
    }

    /// @inheritdoc IStairContests
    function contestLastStair(LastStairContest calldata proof) external {
        Case memory dispute = _keyed(proof.runId, proof.day, proof.t);
        (Places.Depths memory depths, Leaves.Stair memory stair) = (dispute.depths, proof.stair);
        uint256 own = depths.interval + depths.stair;
        (uint256 index, uint256 levels) =
            Places.stair(depths, proof.day, proof.t, Places.stairCount(dispute.shape.slots) - 1);
        bytes32 leaf = Leaves.stair(stair, proof.rounds);
        _requireRun(proof.runId, dispute.run.root, Tree.climb(leaf, index, proof.path, levels));
        Leaves.Header memory header = proof.header;
        _requireSame(
            Tree.climb(Leaves.header(header), proof.t, proof.headerPath, depths.interval), proof.path[own]
        );

        Contributions.Sums memory sums = Contributions.begin(stair, proof.rounds);
        bool holds = sums.complete(dispute.terms, header, dispute.rounds, dispute.valued);
        require(!holds, StairHolds(proof.runId));
        emit LastStairRefuted(proof.runId, msg.sender, proof.day, proof.t);
        settlementLedger.voidRun(proof.runId, msg.sender);
    }

    /// @inheritdoc IStairContests
    function contestPeriodStair(PeriodStairContest calldata proof) external {
        Case memory dispute = _case(proof.runId);
        (Places.Depths memory depths, Leaves.Stair memory stair) = (dispute.depths, proof.stair);
        Places.requireBelow(proof.block, Places.stairCount(dispute.shape.slots));
        (uint256 index, uint256 levels) = Places.periodStair(depths, proof.block);
        Tree.requireLength(proof.path, levels);
        bytes32 stairs = Tree.climbPart(Leaves.periodStair(stair), index, proof.path, 0, depths.stair);
        bytes32 climbed = Tree.climbPart(stairs, index, proof.path, depths.stair, levels);
        _requireRun(proof.runId, dispute.run.root, climbed);
        Leaves.Stair memory former = proof.former;
        _meetFormer(Leaves.periodStair(former), proof.block, proof.formerPath, depths.stair, stairs);
        if (proof.block == 0) delete former;

        Leaves.Round[] memory none;
        Contributions.Sums memory sums = Contributions.begin(former, none);
        bytes32[] memory nodes = _addPeriods(sums, dispute, proof);
        bytes32 periods = StairProofs.climb(nodes, proof.block, proof.upper, depths.slot);
        _requireSame(periods, proof.path[depths.stair]);
        require(!sums.held(stair, none), StairHolds(proof.runId));
        emit PeriodStairRefuted(proof.runId, msg.sender, proof.block);
        settlementLedger.voidRun(proof.runId, msg.sender);
    }

    /// @inheritdoc IStairContests
    function contestPeriodTotals(bytes32 runId, Leaves.Stair calldata stair, bytes32[] calldata path)
        external
    {
        Case memory dispute = _case(runId);
        (uint256 index, uint256 levels) =
            Places.periodStair(dispute.depths, Places.stairCount(dispute.shape.slots) - 1);
        bytes32 climbed = Tree.climb(Leaves.periodStair(stair), index, path, levels);
        _requireRun(runId, dispute.run.root, climbed);

        RunTotals memory claimed = settlementLedger.totalsOf(runId);
        bool holds = stair.feedIn == claimed.feedIn && stair.consumption == claimed.consumption
            && stair.allocated == claimed.allocated && stair.shared == claimed.shared;
        require(!holds, StairHolds(runId));
        emit PeriodTotalsRefuted(runId, msg.sender);
        settlementLedger.voidRun(runId, msg.sender);
    }

    /// @inheritdoc IStairContests
    function contestReadingStair(ReadingStairContest calldata proof) external {
        Case memory dispute = _case(proof.runId);
        Places.Depths memory depths = dispute.depths;
        Places.requireBelow(proof.slot, dispute.shape.slots);
        Places.requireBelow(proof.day, dispute.shape.dayCount);
        (uint256 index, uint256 levels) = Places.readingStair(depths, proof.slot, proof.day);
        Tree.requireLength(proof.path, levels);
        uint256 own = levels - 1;
        bytes32 stairs = Tree.climbPart(_hash(proof.stair), index, proof.path, 0, own);
        bytes32 climbed = Tree.climbPart(stairs, index, proof.path, own, levels);
        _requireRun(proof.runId, _batchRoot(proof.runId), climbed);

        bool holds = _isCount(proof.stair, _counts(dispute, proof, stairs));
        require(!holds, StairHolds(proof.runId));
        emit ReadingStairRefuted(proof.runId, proof.slot, msg.sender, proof.day);
        settlementLedger.voidRun(proof.runId, msg.sender);
    }

    /// @inheritdoc IStairContests
    function contestReadingCounts(bytes32 runId, Counts calldata stair, bytes32[] calldata path) external {
        Case memory dispute = _case(runId);
        (uint256 index, uint256 levels) =
            Places.readingStair(dispute.depths, dispute.shape.slots - 1, dispute.shape.dayCount - 1);
        BatchRecord memory batch = meterDataLedger.batch(settlementLedger.batchOf(runId));
        _requireRun(runId, batch.root, Tree.climb(_hash(stair), index, path, levels));

        bool holds = _isCount(stair, [uint256(batch.measured), batch.estimated, batch.missing]);
        require(!holds, StairHolds(runId));
        emit ReadingCountsRefuted(runId, msg.sender);
        settlementLedger.voidRun(runId, msg.sender);
    }

    function _contestStair(Case memory dispute, StairContest calldata proof, Leaves.Detail[] memory details)
        private
    {
        Places.requireBelow(proof.block, Places.stairCount(dispute.shape.slots));
        Contributions.Sums memory sums = _begin(dispute, proof);
        bytes32[] memory nodes = _addRows(sums, dispute, proof, details);
        Places.Depths memory depths = dispute.depths;
        bytes32 rows = StairProofs.climb(nodes, proof.block, proof.upper, depths.slot);
        _requireSame(rows, proof.path[depths.interval + depths.stair + 1]);

        require(!sums.held(proof.stair, proof.rounds), StairHolds(proof.runId));
        emit StairRefuted(proof.runId, msg.sender, proof.day, proof.t, proof.block);
        settlementLedger.voidRun(proof.runId, msg.sender);
    }

    /// @dev The stair stands in the run, and the former and the header beside it; gives the former's sums.
    function _begin(Case memory dispute, StairContest calldata proof)
        private
        pure
        returns (Contributions.Sums memory sums)
    {
        Places.Depths memory depths = dispute.depths;
        uint256 own = depths.interval + depths.stair;
        (uint256 index, uint256 levels) = Places.stair(depths, proof.day, proof.t, proof.block);
        Tree.requireLength(proof.path, levels);
        bytes32 stairs = Tree.climbPart(Leaves.stair(proof.stair, proof.rounds), index, proof.path, 0, own);
        bytes32 climbed = Tree.climbPart(stairs, index, proof.path, own, levels);
        _requireRun(proof.runId, dispute.run.root, climbed);
        if (dispute.rounds > 0) {
            Leaves.Header memory header = proof.header;
            _requireRounds(header.rounds.length, dispute.rounds);
            bytes32 leaf = Leaves.header(header);
            _requireSame(Tree.climb(leaf, proof.t, proof.headerPath, depths.interval), proof.path[own]);
        }
        uint256 rounds = dispute.valued ? dispute.rounds + 1 : dispute.rounds;
        if (proof.block == 0) {
            Tree.requireLength(proof.formerPath, 0);
            Leaves.Stair memory zero;
            Leaves.Round[] memory zeros = new Leaves.Round[](rounds);
            return Contributions.begin(zero, zeros);
        }
        _requireRounds(proof.formerRounds.length, rounds);
        bytes32 former = Leaves.stair(proof.former, proof.formerRounds);
        // The interval's stairs stand side by side, so the former's index is one less, also in its lowest bits.
        _requireSame(Tree.climb(former, index - 1, proof.formerPath, own), stairs);
        return Contributions.begin(proof.former, proof.formerRounds);
    }

    /// @dev Adds the stair's rows to the sums, and gives the root of each slot's subtree.
    function _addRows(
        Contributions.Sums memory sums,
        Case memory dispute,
        StairContest calldata proof,
        Leaves.Detail[] memory details
    ) private view returns (bytes32[] memory nodes) {
        uint256 width = 1 << StairProofs.levelsOf(dispute.depths.slot);
        require(proof.rows.length == width, StairLeavesMissing(proof.rows.length, width));
        nodes = new bytes32[](width);
        Leaves.Header memory header = proof.header;
        uint32 first = SafeCast.toUint32(proof.block * Places.STRIDE);
        for (uint32 i; i < width; ++i) {
            bytes32 leaf = _addSlot(sums, dispute, first + i, proof.rows[i], header);
            nodes[i] = Tree.climb(leaf, proof.t, proof.rows[i].path, dispute.depths.interval);
            if (details.length > 0) _addFlow(sums, dispute, first + i, proof.rows[i].detail, details[i]);
        }
    }

    /// @dev Adds what a slot has to the sums, and gives the hash of its row, or what stands in its place.
    function _addSlot(
        Contributions.Sums memory sums,
        Case memory dispute,
        uint32 slot,
        StairRow calldata shown,
        Leaves.Header memory header
    ) private view returns (bytes32) {
        (uint8 direction, bool active) = _activity(dispute, slot);
        if (!active) return shown.detail;
        Leaves.Row memory row = shown.row;
        _addRow(sums, dispute, direction, slot, row, header);
        return shown.detail == bytes32(0) ? Leaves.row(row) : Leaves.flowRow(row, shown.detail);
    }

    function _addRow(
        Contributions.Sums memory sums,
        Case memory dispute,
        uint8 direction,
        uint32 slot,
        Leaves.Row memory row,
        Leaves.Header memory header
    ) private view {
        RunClaim memory run = dispute.run;
        SlotTerms memory terms;
        if (dispute.rounds > 0) terms = ruleBook.slotTermsOf(run.community, run.ruleVersion, slot);
        sums.add(terms, direction, row, header);
        if (!dispute.valued || direction != DIRECTION_FEED_IN) return;
        (, uint32 price) = ruleBook.producerPriceOf(run.community, run.ruleVersion, slot);
        sums.addValue(row.allocated, price);
    }

    /// @dev Adds the period leaves to the sums, and gives the hash at each place.
    function _addPeriods(
        Contributions.Sums memory sums,
        Case memory dispute,
        PeriodStairContest calldata proof
    ) private view returns (bytes32[] memory nodes) {
        uint256 width = 1 << StairProofs.levelsOf(dispute.depths.slot);
        require(proof.periods.length == width, StairLeavesMissing(proof.periods.length, width));
        nodes = new bytes32[](width);
        uint32 first = SafeCast.toUint32(proof.block * Places.STRIDE);
        for (uint32 i; i < width; ++i) {
            nodes[i] = proof.periods[i].padding;
            Point memory point;
            if (first + i < dispute.shape.slots) {
                point = registry.point(dispute.run.community, dispute.run.period, first + i);
            }
            if (point.untilDay == 0) continue;
            Leaves.Period memory period = proof.periods[i].period;
            nodes[i] = Leaves.period(period);
            sums.addTotals(point.direction, period.totals);
        }
    }

    /// @dev Counts of the stair before and of the day's readings.
    function _counts(Case memory dispute, ReadingStairContest calldata proof, bytes32 stairs)
        private
        view
        returns (uint256[3] memory counts)
    {
        Places.Depths memory depths = dispute.depths;
        uint256 own = depths.slot + depths.day;
        if (proof.slot == 0 && proof.day == 0) {
            Tree.requireLength(proof.formerPath, 0);
        } else {
            (uint32 slot, uint16 day) =
                proof.day > 0 ? (proof.slot, proof.day - 1) : (proof.slot - 1, dispute.shape.dayCount - 1);
            uint256 before = (uint256(slot) << depths.day) | day;
            _requireSame(Tree.climb(_hash(proof.former), before, proof.formerPath, own), stairs);
            counts = [uint256(proof.former.measured), proof.former.estimated, proof.former.missing];
        }
        dispute.day = proof.day;
        (, bool active) = _activity(dispute, proof.slot);
        uint256 expected =
            active ? periodBook.intervalsOf(dispute.run.community, dispute.run.period, proof.day) : 0;
        require(proof.readings.length == expected, StairLeavesMissing(proof.readings.length, expected));
        if (!active) return counts;
        bytes32 dayRoot = PackedReadings.rootOf(proof.readings, depths.interval);
        uint256 place = (uint256(proof.slot) << depths.day) | proof.day;
        _requireSame(Tree.climb(dayRoot, place, proof.upper, own), proof.path[own]);
        PackedReadings.add(counts, proof.readings);
    }

    function _case(bytes32 runId) private view returns (Case memory dispute) {
        RunClaim memory run = settlementLedger.claimOf(runId);
        require(run.state == STATE_CONTESTABLE, ISettlementLedger.RunNotContestable(runId, run.state));
        dispute.run = run;
        dispute.shape = periodBook.shapeOf(run.community, run.period);
        dispute.depths = Places.depths(dispute.shape);
    }

    /// @dev The same for the stairs of an interval: with what the key has its rows add up.
    function _keyed(bytes32 runId, uint16 day, uint16 t) private view returns (Case memory dispute) {
        dispute = _case(runId);
        Places.requireBelow(day, dispute.shape.dayCount);
        Places.requireBelow(t, dispute.shape.maxIntervals);
        dispute.day = day;
        RunClaim memory run = dispute.run;
        dispute.terms = ruleBook.slotTermsOf(run.community, run.ruleVersion, 0);
        if (_isFlow(dispute.terms)) {
            dispute.terms.producers = _producers(run);
            dispute.rounds = dispute.terms.producers.length;
            return dispute;
        }
        (bool named,) = ruleBook.producerPriceOf(run.community, run.ruleVersion, 0);
        // What links of a flow are worth says no price per slot: some are given.
        dispute.valued = named && dispute.terms.method != METHOD_FLOW;
        // The operator's allocation has no rounds.
        if (dispute.terms.source == SOURCE_COMPUTED) dispute.rounds = SharingKeys.roundCount(dispute.terms);
    }

    /// @dev Feed-in slots of the period, ascending: each has a round of a flow key.
    function _producers(RunClaim memory run) private view returns (uint32[] memory producers) {
        Point[] memory points = registry.allPoints(run.community, run.period);
        uint256 count;
        for (uint256 slot; slot < points.length; ++slot) {
            if (_feedsIn(points[slot])) ++count;
        }
        producers = new uint32[](count);
        count = 0;
        for (uint32 slot; slot < points.length; ++slot) {
            if (_feedsIn(points[slot])) producers[count++] = slot;
        }
    }

    function _activity(Case memory dispute, uint32 slot) private view returns (uint8 direction, bool active) {
        if (slot >= dispute.shape.slots) return (0, false);
        return registry.activityOf(dispute.run.community, dispute.run.period, slot, dispute.day);
    }

    function _batchRoot(bytes32 runId) private view returns (bytes32) {
        return meterDataLedger.rootOf(settlementLedger.batchOf(runId));
    }

    /// @dev The detail that a row names says which producers served it.
    function _addFlow(
        Contributions.Sums memory sums,
        Case memory dispute,
        uint32 slot,
        bytes32 named,
        Leaves.Detail memory detail
    ) private view {
        (uint8 direction, bool active) = _activity(dispute, slot);
        if (!active) return;
        _requireSame(Leaves.detail(detail), named);
        if (direction != DIRECTION_FEED_IN) sums.addLinks(dispute.terms.producers, detail.links);
    }

    /// @dev The former stands in the same tree; before the first stair is none.
    function _meetFormer(
        bytes32 former,
        uint256 number,
        bytes32[] calldata path,
        uint256 levels,
        bytes32 stairs
    ) private pure {
        if (number == 0) Tree.requireLength(path, 0);
        else _requireSame(Tree.climb(former, number - 1, path, levels), stairs);
    }

    function _isFlow(SlotTerms memory terms) private pure returns (bool) {
        return terms.method == METHOD_FLOW && terms.source == SOURCE_COMPUTED;
    }

    function _feedsIn(Point memory point) private pure returns (bool) {
        return point.untilDay != 0 && point.direction == DIRECTION_FEED_IN;
    }

    function _hash(Counts calldata stair) private pure returns (bytes32) {
        return Leaves.readingStair(stair.salt, stair.measured, stair.estimated, stair.missing);
    }

    function _isCount(Counts calldata stair, uint256[3] memory counts) private pure returns (bool) {
        return counts[0] == stair.measured && counts[1] == stair.estimated && counts[2] == stair.missing;
    }

    function _requireRun(bytes32 runId, bytes32 root, bytes32 climbed) private pure {
        require(climbed == root, StairNotAnchored(runId, climbed, root));
    }

    function _requireSame(bytes32 climbed, bytes32 expected) private pure {
        require(climbed == expected, PartsDoNotMeet(climbed, expected));
    }

    function _requireRounds(uint256 given, uint256 expected) private pure {
        require(given == expected, RoundsMalformed(given, expected));
    }
}
