// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

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
import { Anchors } from "./libraries/Anchors.sol";
import { Contributions } from "./libraries/Contributions.sol";
import { Leaves } from "./libraries/Leaves.sol";
import { PackedReadings } from "./libraries/PackedReadings.sol";
import { Places } from "./libraries/Places.sol";
import { Roster } from "./libraries/Roster.sol";
import { SharingKeys } from "./libraries/SharingKeys.sol";
import { ShownLeaves } from "./libraries/ShownLeaves.sol";
import { StairProofs } from "./libraries/StairProofs.sol";
import { Tree } from "./libraries/Tree.sol";
import { BatchRecord } from "./types/Batches.sol";
import { Shape } from "./types/Periods.sol";
import { DIRECTION_FEED_IN } from "./types/Points.sol";
import { METHOD_FLOW, METHOD_PAIRWISE, SOURCE_COMPUTED, SlotTerms } from "./types/Rules.sol";
import { RunClaim, RunTotals, STATE_CONTESTABLE } from "./types/Runs.sol";

/// @title StairContests
/// @notice See {IStairContests}.
contract StairContests is IStairContests {
    using Anchors for Anchors.Anchor;
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
        Places.requireBelow(proof.block, Places.stairCount(dispute.shape.slots));
        Contributions.Sums memory sums = _begin(dispute, proof);
        bytes32[] memory nodes = _addRows(sums, dispute, proof);
        Places.Depths memory depths = dispute.depths;
        bytes32 rows = StairProofs.climb(nodes, proof.block, proof.upper, depths.slot);
        Anchors.requireSame(rows, proof.path[depths.interval + depths.stair + 1]);

        emit StairRefuted(proof.runId, msg.sender, proof.day, proof.t, proof.block);
        _judge(proof.runId, sums.held(proof.stair, proof.rounds));
    }

    /// @inheritdoc IStairContests
    function contestLastStair(LastStairContest calldata proof) external {
        Case memory dispute = _keyed(proof.runId, proof.day, proof.t);
        Leaves.Stair memory stair = proof.stair;
        Leaves.Header memory header = proof.header;
        Anchors.Anchor memory anchor =
            _stairAt(dispute, proof.runId, proof.t, Places.stairCount(dispute.shape.slots) - 1);
        anchor.requireAt(Leaves.stair(stair, proof.rounds), proof.path);
        _meetHeader(dispute, header, proof.t, proof.headerPath, proof.path[anchor.own]);

        Contributions.Sums memory sums = Contributions.begin(stair, proof.rounds);
        bool holds = sums.complete(dispute.terms, header, dispute.rounds, dispute.valued);
        emit LastStairRefuted(proof.runId, msg.sender, proof.day, proof.t);
        _judge(proof.runId, holds);
    }

    /// @inheritdoc IStairContests
    function contestPeriodStair(PeriodStairContest calldata proof) external {
        Case memory dispute = _case(proof.runId);
        Places.requireBelow(proof.block, Places.stairCount(dispute.shape.slots));
        (Leaves.Stair memory former, Leaves.Stair memory stair) = (proof.former, proof.stair);
        Anchors.Anchor memory anchor =
            Anchors.periodStair(proof.runId, dispute.run.root, dispute.depths, proof.block);
        bytes32 stairs = anchor.requireAt(Leaves.periodStair(stair), proof.path);
        if (proof.block == 0) delete former;
        bytes32 leaf = proof.block == 0 ? bytes32(0) : Leaves.periodStair(former);
        anchor.requireFormer(leaf, proof.formerPath, stairs);

        Leaves.Round[] memory none;
        Contributions.Sums memory sums = Contributions.begin(former, none);
        bytes32[] memory nodes = _addPeriods(sums, dispute, proof);
        bytes32 periods = StairProofs.climb(nodes, proof.block, proof.upper, dispute.depths.slot);
        Anchors.requireSame(periods, proof.path[anchor.own]);
        emit PeriodStairRefuted(proof.runId, msg.sender, proof.block);
        _judge(proof.runId, sums.held(stair, none));
    }

    /// @inheritdoc IStairContests
    function contestPeriodTotals(bytes32 runId, Leaves.Stair calldata stair, bytes32[] calldata path)
        external
    {
        Case memory dispute = _case(runId);
        Anchors.Anchor memory anchor = Anchors.periodStair(
            runId, dispute.run.root, dispute.depths, Places.stairCount(dispute.shape.slots) - 1
        );
        anchor.requireAt(Leaves.periodStair(stair), path);

        RunTotals memory claimed = settlementLedger.totalsOf(runId);
        bool holds = stair.feedIn == claimed.feedIn && stair.consumption == claimed.consumption
            && stair.allocated == claimed.allocated && stair.shared == claimed.shared;
        emit PeriodTotalsRefuted(runId, msg.sender);
        _judge(runId, holds);
    }

    /// @inheritdoc IStairContests
    function contestReadingStair(ReadingStairContest calldata proof) external {
        Case memory dispute = _case(proof.runId);
        Places.requireBelow(proof.slot, dispute.shape.slots);
        Places.requireBelow(proof.day, dispute.shape.dayCount);
        bytes32 root = meterDataLedger.rootOf(_batchOf(proof.runId));
        Anchors.Anchor memory anchor =
            Anchors.readingStair(proof.runId, root, dispute.depths, proof.slot, proof.day);
        bytes32 stairs = anchor.requireAt(_hash(proof.stair), proof.path);

        bool holds = _isCount(proof.stair, _counts(dispute, proof, anchor, stairs));
        emit ReadingStairRefuted(proof.runId, proof.slot, msg.sender, proof.day);
        _judge(proof.runId, holds);
    }

    /// @inheritdoc IStairContests
    function contestReadingCounts(bytes32 runId, Counts calldata stair, bytes32[] calldata path) external {
        Case memory dispute = _case(runId);
        BatchRecord memory batch = meterDataLedger.batch(_batchOf(runId));
        Shape memory shape = dispute.shape;
        Anchors.readingStair(runId, batch.root, dispute.depths, shape.slots - 1, shape.dayCount - 1)
            .requireAt(_hash(stair), path);

        bool holds = _isCount(stair, [uint256(batch.measured), batch.estimated, batch.missing]);
        emit ReadingCountsRefuted(runId, msg.sender);
        _judge(runId, holds);
    }

    /// @dev The stair stands in the run, and the former and the header beside it; gives the former's sums.
    function _begin(Case memory dispute, StairContest calldata proof)
        private
        pure
        returns (Contributions.Sums memory sums)
    {
        Anchors.Anchor memory anchor = _stairAt(dispute, proof.runId, proof.t, proof.block);
        bytes32 stairs = anchor.requireAt(Leaves.stair(proof.stair, proof.rounds), proof.path);
        if (dispute.rounds > 0) {
            _requireRounds(proof.header.rounds.length, dispute.rounds);
            _meetHeader(dispute, proof.header, proof.t, proof.headerPath, proof.path[anchor.own]);
        }
        uint256 rounds = dispute.valued ? dispute.rounds + 1 : dispute.rounds;
        Leaves.Stair memory former;
        Leaves.Round[] memory formerRounds = new Leaves.Round[](rounds);
        bytes32 leaf;
        if (proof.block > 0) {
            (former, formerRounds) = (proof.former, proof.formerRounds);
            _requireRounds(formerRounds.length, rounds);
            leaf = Leaves.stair(former, formerRounds);
        }
        anchor.requireFormer(leaf, proof.formerPath, stairs);
        return Contributions.begin(former, formerRounds);
    }

    /// @dev Adds the stair's rows to the sums, and gives the root of each slot's subtree.
    function _addRows(Contributions.Sums memory sums, Case memory dispute, StairContest calldata proof)
        private
        view
        returns (bytes32[] memory nodes)
    {
        uint256 width = 1 << StairProofs.levelsOf(dispute.depths.slot);
        _requireLeaves(proof.rows.length, width);
        nodes = new bytes32[](width);
        Leaves.Header memory header = proof.header;
        bool isFlow = _isFlow(dispute.terms);
        if (isFlow) _requireLeaves(proof.details.length, width);
        uint32 slot = proof.block * Places.STRIDE;
        for (uint256 i; i < width; ++i) {
            StairRow calldata shown = proof.rows[i];
            bytes32 leaf = _addSlot(sums, dispute, slot, shown, header);
            nodes[i] = Tree.climb(leaf, proof.t, shown.path, dispute.depths.interval);
            if (isFlow) _addFlow(sums, dispute, slot, shown.detail, proof.details[i]);
            ++slot;
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
        // What a sum takes of a row, and no more: the rest is hashed where it is shown.
        Leaves.Row memory row;
        (row.energy, row.allocated) = (shown.row.energy, shown.row.allocated);
        _addRow(sums, dispute, direction, slot, row, header);
        return ShownLeaves.row(shown.row, shown.detail);
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
        if (dispute.rounds > 0) {
            terms = dispute.terms;
            _setSlot(terms, run, slot);
        }
        sums.add(terms, direction, row, header);
        if (!dispute.valued || direction != DIRECTION_FEED_IN) return;
        (, uint32 price) = _priceOf(run, slot);
        sums.addValue(row.allocated, price);
    }

    /// @dev Adds the period leaves to the sums, and gives the hash at each place.
    function _addPeriods(
        Contributions.Sums memory sums,
        Case memory dispute,
        PeriodStairContest calldata proof
    ) private view returns (bytes32[] memory nodes) {
        uint256 width = 1 << StairProofs.levelsOf(dispute.depths.slot);
        _requireLeaves(proof.periods.length, width);
        nodes = new bytes32[](width);
        uint32 first = proof.block * Places.STRIDE;
        // The slots of a stair have their links in one word.
        uint256 links = periodBook.linksAt(dispute.run.community, dispute.run.period, first);
        for (uint256 i; i < width; ++i) {
            nodes[i] = proof.periods[i].padding;
            (bool hasPoint, uint8 direction) = Roster.pointIn(links, first + i);
            if (!hasPoint) continue;
            nodes[i] = ShownLeaves.period(proof.periods[i].period);
            sums.addTotals(direction, proof.periods[i].period.totals);
        }
    }

    /// @dev Counts of the stair before and of the day's readings.
    function _counts(
        Case memory dispute,
        ReadingStairContest calldata proof,
        Anchors.Anchor memory anchor,
        bytes32 stairs
    ) private view returns (uint256[3] memory counts) {
        Places.Depths memory depths = dispute.depths;
        uint256 place = anchor.index;
        bool isFirst = proof.slot == 0 && proof.day == 0;
        if (!isFirst) {
            // Before the first day of a slot comes the last day of the slot before.
            if (proof.day == 0) anchor.index -= (1 << depths.day) - dispute.shape.dayCount;
            counts = [uint256(proof.former.measured), proof.former.estimated, proof.former.missing];
        }
        anchor.requireFormer(isFirst ? bytes32(0) : _hash(proof.former), proof.formerPath, stairs);
        dispute.day = proof.day;
        (, bool active) = _activity(dispute, proof.slot);
        // That no reading is left out, the root of the day says: a place that is not shown must be padding.
        Places.requireBelow(proof.readings.length, active ? dispute.shape.maxIntervals + 1 : 1);
        if (!active) return counts;
        bytes32 dayRoot = PackedReadings.rootOf(proof.readings, depths.interval);
        Anchors.requireSame(Tree.climb(dayRoot, place, proof.upper, anchor.own), proof.path[anchor.own]);
        PackedReadings.add(counts, proof.readings);
    }

    /// @dev Void the run, unless what is contested is as it must be.
    function _judge(bytes32 runId, bool holds) private {
        require(!holds, StairHolds(runId));
        settlementLedger.voidRun(runId, msg.sender);
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
        dispute.terms = _termsOf(run, 0);
        if (_isFlow(dispute.terms)) {
            dispute.terms.producers = periodBook.allProducers(run.community, run.period);
            dispute.rounds = dispute.terms.producers.length;
            return dispute;
        }
        (bool named,) = _priceOf(run, 0);
        // What links of a flow are worth says no price per slot: some are given.
        dispute.valued = named && dispute.terms.method != METHOD_FLOW;
        // The operator's allocation has no rounds.
        if (dispute.terms.source == SOURCE_COMPUTED) dispute.rounds = SharingKeys.roundCount(dispute.terms);
    }

    function _activity(Case memory dispute, uint32 slot) private view returns (uint8 direction, bool active) {
        if (slot >= dispute.shape.slots) return (0, false);
        return registry.activityOf(dispute.run.community, dispute.run.period, slot, dispute.day);
    }

    function _termsOf(RunClaim memory run, uint32 slot) private view returns (SlotTerms memory) {
        return ruleBook.slotTermsOf(run.community, run.ruleVersion, slot);
    }

    /// @dev What the key says of a slot, in the terms that hold for all.
    function _setSlot(SlotTerms memory terms, RunClaim memory run, uint32 slot) private view {
        if (terms.method == METHOD_PAIRWISE) {
            terms.pairsPpm = _termsOf(run, slot).pairsPpm;
            return;
        }
        (terms.coefficientPpm, terms.tier, terms.producerPpm) =
            ruleBook.weightsOf(run.community, run.ruleVersion, slot);
    }

    function _priceOf(RunClaim memory run, uint32 slot) private view returns (bool named, uint32 price) {
        return ruleBook.producerPriceOf(run.community, run.ruleVersion, slot);
    }

    function _batchOf(bytes32 runId) private view returns (bytes32) {
        return settlementLedger.batchOf(runId);
    }

    /// @dev The detail that a row names says which producers served it.
    function _addFlow(
        Contributions.Sums memory sums,
        Case memory dispute,
        uint32 slot,
        bytes32 named,
        Leaves.Detail calldata shown
    ) private view {
        (uint8 direction, bool active) = _activity(dispute, slot);
        if (!active) return;
        Leaves.Detail memory detail = shown;
        Anchors.requireSame(Leaves.detail(detail), named);
        if (direction != DIRECTION_FEED_IN) sums.addLinks(dispute.terms.producers, detail.links);
    }

    function _stairAt(Case memory dispute, bytes32 runId, uint256 t, uint256 number)
        private
        pure
        returns (Anchors.Anchor memory)
    {
        return Anchors.stair(runId, dispute.run.root, dispute.depths, dispute.day, t, number);
    }

    function _meetHeader(
        Case memory dispute,
        Leaves.Header memory header,
        uint256 t,
        bytes32[] calldata path,
        bytes32 headers
    ) private pure {
        Anchors.requireSame(Tree.climb(Leaves.header(header), t, path, dispute.depths.interval), headers);
    }

    function _isFlow(SlotTerms memory terms) private pure returns (bool) {
        return terms.method == METHOD_FLOW && terms.source == SOURCE_COMPUTED;
    }

    function _hash(Counts calldata stair) private pure returns (bytes32) {
        return Leaves.readingStair(stair.salt, stair.measured, stair.estimated, stair.missing);
    }

    function _isCount(Counts calldata stair, uint256[3] memory counts) private pure returns (bool) {
        return counts[0] == stair.measured && counts[1] == stair.estimated && counts[2] == stair.missing;
    }

    function _requireLeaves(uint256 given, uint256 expected) private pure {
        require(given == expected, StairLeavesMissing(given, expected));
    }

    function _requireRounds(uint256 given, uint256 expected) private pure {
        require(given == expected, RoundsMalformed(given, expected));
    }
}
