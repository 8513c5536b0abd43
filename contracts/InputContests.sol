// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IBillingLedger } from "./interfaces/IBillingLedger.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import {
    EstimateContest,
    IInputContests,
    InputContest,
    MethodContest,
    ReadingProof,
    ReplacedContest,
    SlotContest
} from "./interfaces/IInputContests.sol";
import { IMeterDataLedger } from "./interfaces/IMeterDataLedger.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { ISettlementLedger } from "./interfaces/ISettlementLedger.sol";
import { Evidence } from "./libraries/Evidence.sol";
import { Estimates } from "./libraries/Estimates.sol";
import { Leaves } from "./libraries/Leaves.sol";
import { Places } from "./libraries/Places.sol";
import { Tree } from "./libraries/Tree.sol";
import { BatchRecord } from "./types/Batches.sol";
import { BillsClaim } from "./types/Bills.sol";
import { DIRECTION_FEED_IN } from "./types/Points.sol";
import {
    QUALITY_ESTIMATED,
    Reading,
    READING_INTERPOLATED,
    READING_OF_SIMILAR_DAYS,
    READING_PROFILED
} from "./types/Readings.sol";
import { RunClaim, STATE_CONTESTABLE } from "./types/Runs.sol";

/// @title InputContests
/// @notice See {IInputContests}.
contract InputContests is IInputContests {
    /// @dev The place of an estimate, and what it is held against.
    struct Estimate {
        Evidence.Ground ground;
        bytes32 batchRoot;
        uint32 slot;
        uint16 day;
        uint16 t;
        uint64 held;
        uint8 direction;
    }

    /// @notice Directions and active days.
    ICommunityRegistry public immutable registry;
    /// @notice Which terms of conformity a rule holds.
    IRuleBook public immutable ruleBook;
    /// @notice Shapes of the trees.
    IPeriodBook public immutable periodBook;
    /// @notice Roots of the batches.
    IMeterDataLedger public immutable meterDataLedger;
    /// @notice Roots of the runs.
    ISettlementLedger public immutable settlementLedger;
    /// @notice Roots of the bills.
    IBillingLedger public immutable billingLedger;

    constructor(
        ICommunityRegistry registry_,
        IRuleBook ruleBook_,
        IPeriodBook periodBook_,
        IMeterDataLedger meterDataLedger_,
        ISettlementLedger settlementLedger_,
        IBillingLedger billingLedger_
    ) {
        registry = registry_;
        ruleBook = ruleBook_;
        periodBook = periodBook_;
        meterDataLedger = meterDataLedger_;
        settlementLedger = settlementLedger_;
        billingLedger = billingLedger_;
    }

    /// @inheritdoc IInputContests
    function contestInput(InputContest calldata proof) external {
        bytes32 runId = proof.runId;
        (uint32 slot, uint16 day, uint16 t) = (proof.slot, proof.day, proof.t);
        Evidence.Ground memory ground = Evidence.groundOf(settlementLedger, periodBook, runId);
        Evidence.requirePlace(ground, slot, day, t);
        Leaves.Row memory row = proof.row;
        (uint256 index, uint256 levels) = Places.row(ground.depths, slot, day, t);
        bytes32 climbed = Tree.climb(Evidence.row(row, proof.detail), index, proof.path, levels);
        Evidence.requireRoot(runId, climbed, ground.run.root);
        Reading memory reading = proof.reading;
        (index, levels) = Places.reading(ground.depths, slot, day, t);
        climbed = Tree.climb(_leaf(reading), index, proof.readingPath, levels);
        Evidence.requireRoot(runId, climbed, _batchRoot(runId));

        require(
            row.energy != reading.energy || row.quality != reading.quality,
            InputHolds(runId, slot, row.energy)
        );
        emit InputRefuted(runId, slot, msg.sender, day, t, row.energy, reading.energy);
        settlementLedger.voidRun(runId, msg.sender);
    }

    /// @inheritdoc IInputContests
    function contestSlot(SlotContest calldata proof) external {
        (bytes32 runId, uint8 tree) = (proof.runId, proof.tree);
        if (tree == Leaves.BILL || tree == Leaves.BILL_STAIR) {
            BillsClaim memory bills = billingLedger.claimOf(runId);
            require(bills.state == STATE_CONTESTABLE, IBillingLedger.BillsNotContestable(runId, bills.state));
            RunClaim memory billed;
            (billed.community, billed.period, billed.root) = (bills.community, bills.period, bills.root);
            _refuteSlot(proof, billed);
            billingLedger.voidBills(runId, msg.sender);
        } else {
            RunClaim memory run = Evidence.contestable(settlementLedger, runId);
            if (tree == Leaves.READING || tree == Leaves.READING_STAIR) run.root = _batchRoot(runId);
            _refuteSlot(proof, run);
            settlementLedger.voidRun(runId, msg.sender);
        }
    }

    /// @inheritdoc IInputContests
    function contestLinear(EstimateContest calldata proof) external {
        Estimate memory estimate = _estimate(proof.runId, proof.slot, proof.estimate, READING_INTERPOLATED);
        // Feed-in is never estimated.
        if (estimate.direction == DIRECTION_FEED_IN) return _refuteUnfounded(proof.runId, estimate);
        (bool founded, uint256 due) = _interpolated(proof.runId, estimate, proof.others);
        if (!founded) return _refuteUnfounded(proof.runId, estimate);
        _refuteEstimate(proof.runId, estimate, due);
    }

    /// @inheritdoc IInputContests
    function contestSimilar(EstimateContest calldata proof) external {
        Estimate memory estimate = _estimate(proof.runId, proof.slot, proof.estimate, READING_OF_SIMILAR_DAYS);
        if (estimate.direction == DIRECTION_FEED_IN) return _refuteUnfounded(proof.runId, estimate);
        (uint256 sum, uint256 count, uint256 shown) =
            _known(proof.runId, estimate, proof.others, 0, [int16(-7), 7, -14, 14]);
        if (count == 0) {
            (sum, count, shown) = _known(proof.runId, estimate, proof.others, shown, [int16(-1), 1, -2, 2]);
        }
        require(proof.others.length == shown, ReadingsIncomplete(proof.others.length, shown));
        if (count == 0) return _refuteUnfounded(proof.runId, estimate);
        _refuteEstimate(proof.runId, estimate, sum / count);
    }

    /// @inheritdoc IInputContests
    function contestMethod(MethodContest calldata proof) external {
        bytes32 runId = proof.runId;
        Estimate memory estimate = _estimate(runId, proof.slot, proof.estimate, 0);
        uint8 source = proof.estimate.reading.source;
        require(
            estimate.direction == DIRECTION_FEED_IN || !_mayEstimate(estimate.ground.run, source),
            MethodHolds(runId, source)
        );
        _refuteUnfounded(runId, estimate);
    }

    /// @inheritdoc IInputContests
    function contestReplaced(ReplacedContest calldata proof) external {
        bytes32 runId = proof.runId;
        Estimate memory estimate = _estimate(runId, proof.slot, proof.estimate, 0);
        _requireEarlier(runId, estimate.ground.run, proof.batchId);
        Reading memory measured = proof.measured;
        require(Estimates.isKnown(measured), ReadingNotMeasured(measured.quality, measured.source));
        bytes32 climbed = _climbReading(estimate, estimate.day, estimate.t, measured, proof.measuredPath);
        Evidence.requireRoot(runId, climbed, meterDataLedger.rootOf(proof.batchId));
        emit ReplacementRefuted(
            runId, proof.slot, msg.sender, estimate.day, estimate.t, estimate.held, measured.energy
        );
        settlementLedger.voidRun(runId, msg.sender);
    }

    /// @dev Void by the caller where what stands at the place is not what must.
    function _refuteSlot(SlotContest calldata proof, RunClaim memory claim) private {
        Evidence.Ground memory ground;
        ground.run = claim;
        ground.shape = periodBook.shapeOf(claim.community, claim.period);
        ground.depths = Places.depths(ground.shape);
        (uint256 index, uint256 levels) = _placeOf(proof, ground);
        bytes32 climbed = Tree.climb(proof.leaf, index, proof.path, levels);
        Evidence.requireRoot(proof.runId, climbed, claim.root);
        bool due = _mustStand(proof, ground);
        require((proof.leaf != bytes32(0)) != due, SlotHolds(proof.runId, proof.tree, due));
        emit SlotRefuted(proof.runId, proof.slot, msg.sender, proof.tree, proof.day, proof.t, proof.leaf, due);
    }

    function _refuteEstimate(bytes32 runId, Estimate memory estimate, uint256 due) private {
        require(estimate.held != due, EstimateHolds(runId, estimate.slot, estimate.held));
        emit EstimateRefuted(runId, estimate.slot, msg.sender, estimate.day, estimate.t, estimate.held, due);
        settlementLedger.voidRun(runId, msg.sender);
    }

    /// @dev The method gives nothing here, so that any estimate, also of no energy, is a lie.
    function _refuteUnfounded(bytes32 runId, Estimate memory estimate) private {
        emit EstimateRefuted(runId, estimate.slot, msg.sender, estimate.day, estimate.t, estimate.held, 0);
        settlementLedger.voidRun(runId, msg.sender);
    }

    /// @dev Whether the rule may have consumption estimated by a method. What its terms say stays off chain: by terms that are the
    /// software's own, zero, nothing is profiled.
    function _mayEstimate(RunClaim memory run, uint8 source) private view returns (bool) {
        if (source == READING_INTERPOLATED || source == READING_OF_SIMILAR_DAYS) return true;
        return
            source == READING_PROFILED
                && ruleBook.limitsOf(run.community, run.ruleVersion).terms != bytes32(0);
    }

    /// @dev An estimate of the run's batch, by a method, or by any that is not the operator's where none is named.
    function _estimate(bytes32 runId, uint32 slot, ReadingProof calldata shown, uint8 method)
        private
        view
        returns (Estimate memory estimate)
    {
        Reading memory reading = shown.reading;
        bool isOurs = reading.quality == QUALITY_ESTIMATED
            && (method != 0 ? reading.source == method : Estimates.isGap(reading));
        require(isOurs, EstimateOfAnother(reading.quality, reading.source, method));
        estimate.ground = Evidence.groundOf(settlementLedger, periodBook, runId);
        estimate.batchRoot = _batchRoot(runId);
        (estimate.slot, estimate.day, estimate.t) = (slot, shown.day, shown.t);
        estimate.held = reading.energy;
        Evidence.requirePlace(estimate.ground, slot, shown.day, shown.t);
        _requireReading(runId, estimate, shown);
        RunClaim memory run = estimate.ground.run;
        (estimate.direction,) = registry.activityOf(run.community, run.period, slot, shown.day);
    }

    /// @dev What a linear interpolation gives, unless it gives nothing here.
    function _interpolated(bytes32 runId, Estimate memory estimate, ReadingProof[] calldata others)
        private
        view
        returns (bool founded, uint256 due)
    {
        uint256 count = others.length;
        require(count >= 2, GapNotShown(count));
        uint256 position = _requireSuccession(runId, estimate, others);
        RunClaim memory run = estimate.ground.run;
        uint256 minutes_ = periodBook.terms(run.community, run.period).resolutionMinutes;
        (Reading memory first, Reading memory last) = (others[0].reading, others[count - 1].reading);
        bool open = Estimates.isGap(first) && Estimates.isGap(last);
        // Between two that are no gap lie all others and the estimate.
        uint256 missing = open ? count + 1 : count - 1;
        if (missing * minutes_ > Estimates.GAP_MINUTES) return (false, 0);
        require(!Estimates.isGap(first) && !Estimates.isGap(last), GapNotShown(count));
        if (!Estimates.isKnown(first) || !Estimates.isKnown(last)) return (false, 0);
        return (true, Estimates.interpolatedDown(first.energy, last.energy, position, missing));
    }

    /// @dev The others and the estimate follow one another without a gap in the intervals, and all between the first and the last are
    /// missing. Returns the place of the estimate, counted from the first.
    function _requireSuccession(bytes32 runId, Estimate memory estimate, ReadingProof[] calldata others)
        private
        view
        returns (uint256 position)
    {
        RunClaim memory run = estimate.ground.run;
        uint16[] memory intervals = periodBook.allIntervals(run.community, run.period);
        (uint256 day, uint256 t) = (others[0].day, others[0].t);
        for (uint256 i; i < others.length; ++i) {
            if (day == estimate.day && t == estimate.t) {
                position = i;
                (day, t) = _after(intervals, day, t);
            }
            ReadingProof calldata other = others[i];
            require(other.day == day && other.t == t, ReadingElsewhere(i, other.day, other.t));
            require(
                i == 0 || i == others.length - 1 || Estimates.isGap(other.reading), GapNotShown(others.length)
            );
            _requireReading(runId, estimate, other);
            (day, t) = _after(intervals, day, t);
        }
        require(position != 0, ReadingElsewhere(others.length, estimate.day, estimate.t));
    }

    function _after(uint16[] memory intervals, uint256 day, uint256 t)
        private
        pure
        returns (uint256, uint256)
    {
        return t + 1 < intervals[day] ? (day, t + 1) : (day + 1, 0);
    }

    /// @dev Sum and count of the known readings at the estimate's interval so many days before and after, and how many were shown so far.
    function _known(
        bytes32 runId,
        Estimate memory estimate,
        ReadingProof[] calldata others,
        uint256 shown,
        int16[4] memory offsets
    ) private view returns (uint256 sum, uint256 count, uint256) {
        for (uint256 i; i < offsets.length; ++i) {
            (uint16 day, bool active) = _similarDay(estimate, offsets[i]);
            if (!active) continue;
            require(shown < others.length, ReadingsIncomplete(others.length, shown + 1));
            ReadingProof calldata other = others[shown];
            require(other.day == day && other.t == estimate.t, ReadingElsewhere(shown, other.day, other.t));
            _requireReading(runId, estimate, other);
            ++shown;
            if (!Estimates.isKnown(other.reading)) continue;
            sum += other.reading.energy;
            ++count;
        }
        return (sum, count, shown);
    }

    function _similarDay(Estimate memory estimate, int16 offset)
        private
        view
        returns (uint16 day, bool active)
    {
        RunClaim memory run = estimate.ground.run;
        int256 place = int256(uint256(estimate.day)) + offset;
        require(
            place >= 0 && place < int256(uint256(estimate.ground.shape.dayCount)),
            SourceOutsidePeriod(estimate.day, offset)
        );
        day = uint16(uint256(place));
        (, active) = registry.activityOf(run.community, run.period, estimate.slot, day);
        bool alike = periodBook.intervalsOf(run.community, run.period, day)
            == periodBook.intervalsOf(run.community, run.period, estimate.day);
        require(!active || alike, DaysDiffer(estimate.day, day));
    }

    function _requireReading(bytes32 runId, Estimate memory estimate, ReadingProof calldata shown)
        private
        pure
    {
        bytes32 climbed = _climbReading(estimate, shown.day, shown.t, shown.reading, shown.path);
        Evidence.requireRoot(runId, climbed, estimate.batchRoot);
    }

    function _climbReading(
        Estimate memory estimate,
        uint16 day,
        uint16 t,
        Reading memory reading,
        bytes32[] calldata path
    ) private pure returns (bytes32) {
        Evidence.requireInterval(estimate.ground, day, t);
        (uint256 index, uint256 levels) = Places.reading(estimate.ground.depths, estimate.slot, day, t);
        return Tree.climb(_leaf(reading), index, path, levels);
    }

    function _requireEarlier(bytes32 runId, RunClaim memory run, bytes32 batchId) private view {
        BatchRecord memory earlier = meterDataLedger.batch(batchId);
        uint32 version = meterDataLedger.batch(settlementLedger.batchOf(runId)).version;
        require(
            earlier.community == run.community && earlier.period == run.period && earlier.version != 0
                && earlier.version < version,
            BatchNotEarlier(batchId, runId)
        );
    }

    function _batchRoot(bytes32 runId) private view returns (bytes32) {
        return meterDataLedger.rootOf(settlementLedger.batchOf(runId));
    }

    /// @dev Index and levels of a place, which may be one where nothing must stand, but none that another place has too.
    function _placeOf(SlotContest calldata proof, Evidence.Ground memory ground)
        private
        pure
        returns (uint256, uint256)
    {
        (uint8 tree, uint32 slot, uint16 day, uint16 t) = (proof.tree, proof.slot, proof.day, proof.t);
        Places.Depths memory depths = ground.depths;
        bool isStair = tree == Leaves.STAIR || tree == Leaves.PERIOD_STAIR || tree == Leaves.BILL_STAIR;
        bool hasInterval =
            tree == Leaves.HEADER || tree == Leaves.STAIR || tree == Leaves.ROW || tree == Leaves.READING;
        uint256 slotDepth = tree == Leaves.HEADER ? 0 : isStair ? depths.stair : depths.slot;
        Places.requireBelow(slot, 1 << slotDepth);
        Places.requireBelow(t, hasInterval ? 1 << depths.interval : 1);
        Places.requireBelow(day, hasInterval || tree == Leaves.READING_STAIR ? ground.shape.dayCount : 1);
        if (tree == Leaves.HEADER) return Places.header(depths, day, t);
        if (tree == Leaves.STAIR) return Places.stair(depths, day, t, slot);
        if (tree == Leaves.ROW) return Places.row(depths, slot, day, t);
        if (tree == Leaves.PERIOD) return Places.period(depths, slot);
        if (tree == Leaves.PERIOD_STAIR) return Places.periodStair(depths, slot);
        if (tree == Leaves.BILL) return Places.bill(depths, slot);
        if (tree == Leaves.BILL_STAIR) return Places.billStair(depths, slot);
        if (tree == Leaves.READING) return Places.reading(depths, slot, day, t);
        require(tree == Leaves.READING_STAIR, TreeUnknown(tree));
        return Places.readingStair(depths, slot, day);
    }

    /// @dev Whether a leaf must stand at a place of a tree.
    function _mustStand(SlotContest calldata proof, Evidence.Ground memory ground)
        private
        view
        returns (bool)
    {
        (uint8 tree, uint32 slot) = (proof.tree, proof.slot);
        (bytes32 community, uint32 period) = (ground.run.community, ground.run.period);
        if (tree == Leaves.READING_STAIR) return slot < ground.shape.slots;
        if (tree == Leaves.PERIOD_STAIR || tree == Leaves.BILL_STAIR) {
            return slot < Places.stairCount(ground.shape.slots);
        }
        if (tree == Leaves.PERIOD) return registry.point(community, period, slot).untilDay != 0;
        if (tree == Leaves.BILL) {
            return slot < ground.shape.slots && periodBook.seatOf(community, period, slot) == slot
                && (periodBook.nextOfSeat(community, period, slot) != 0
                    || registry.point(community, period, slot).untilDay != 0);
        }
        if (proof.t >= periodBook.intervalsOf(community, period, proof.day)) return false;
        if (tree == Leaves.HEADER) return true;
        if (tree == Leaves.STAIR) return slot < Places.stairCount(ground.shape.slots);
        (, bool active) = registry.activityOf(community, period, slot, proof.day);
        return active;
    }

    function _leaf(Reading memory reading) private pure returns (bytes32) {
        return Leaves.reading(reading.salt, reading.energy, reading.quality, reading.source);
    }
}
