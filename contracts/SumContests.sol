// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IContests } from "./interfaces/IContests.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { IScheduleBook } from "./interfaces/IScheduleBook.sol";
import { ISettlementLedger } from "./interfaces/ISettlementLedger.sol";
import {
    HeaderContest,
    ISumContests,
    SumContest,
    TotalsContest,
    ValueContest
} from "./interfaces/ISumContests.sol";
import { Evidence } from "./libraries/Evidence.sol";
import { HeaderForm } from "./libraries/HeaderForm.sol";
import { Leaves } from "./libraries/Leaves.sol";
import { PairwiseKey } from "./libraries/PairwiseKey.sol";
import { Places } from "./libraries/Places.sol";
import { ScheduleProofs } from "./libraries/ScheduleProofs.sol";
import { Tree } from "./libraries/Tree.sol";
import { Values } from "./libraries/Values.sol";
import { DIRECTION_CONSUMPTION, DIRECTION_FEED_IN, Point } from "./types/Points.sol";
import {
    METHOD_FLOW,
    METHOD_PAIRWISE,
    METHOD_SCHEDULED,
    PRICING_PRODUCER,
    SELLER_PRODUCER,
    SlotTerms,
    SOURCE_COMPUTED
} from "./types/Rules.sol";
import { RunClaim } from "./types/Runs.sol";

/// @title SumContests
/// @notice See {ISumContests}.
contract SumContests is ISumContests {
    uint256 private constant BANDS = 4;
    uint256 private constant VALUE = 8;
    uint256 private constant CREDITED = 9;

    /// @dev A row of the run, and the totals of the row before it.
    struct Step {
        Evidence.Ground ground;
        uint8 direction;
        bytes32 front;
        uint64[10] former;
    }

    /// @notice Directions and active days.
    ICommunityRegistry public immutable registry;
    /// @notice Sharing keys and prices.
    IRuleBook public immutable ruleBook;
    /// @notice Shapes of the trees, and bands.
    IPeriodBook public immutable periodBook;
    /// @notice Coefficients of scheduled keys.
    IScheduleBook public immutable scheduleBook;
    /// @notice Roots of the runs.
    ISettlementLedger public immutable settlementLedger;

    constructor(
        ICommunityRegistry registry_,
        IRuleBook ruleBook_,
        IPeriodBook periodBook_,
        IScheduleBook scheduleBook_,
        ISettlementLedger settlementLedger_
    ) {
        registry = registry_;
        ruleBook = ruleBook_;
        periodBook = periodBook_;
        scheduleBook = scheduleBook_;
        settlementLedger = settlementLedger_;
    }

    /// @inheritdoc ISumContests
    function contestSum(SumContest calldata proof) external {
        Step memory step = _step(proof);
        RunClaim memory run = step.ground.run;
        uint256 own = 2 * uint256(periodBook.bandAt(run.community, run.period, proof.day, proof.t));
        uint64[10] memory totals = proof.row.totals;
        for (uint256 i; i < 2 * BANDS; ++i) {
            uint256 due = step.former[i];
            if (i == own) due += proof.row.energy;
            if (i == own + 1) due += proof.row.allocated;
            if (totals[i] != due) return _refuteSum(proof, i, due);
        }
        revert SumHolds(proof.runId, proof.slot);
    }

    /// @inheritdoc ISumContests
    function contestValue(ValueContest calldata proof) external {
        SumContest calldata rows = proof.step;
        Step memory step = _step(rows);
        bytes32 headers =
            Tree.climb(Leaves.header(proof.header), rows.t, proof.headerPath, step.ground.depths.interval);
        bytes32 front = Tree.node(headers, proof.stairsRoot);
        require(front == step.front, IContests.LeavesNotInRun(rows.runId, front, step.front));

        (uint256 value, uint256 credited) = _due(proof, step);
        uint64[10] memory totals = rows.row.totals;
        value += step.former[VALUE];
        if (totals[VALUE] != value) return _refuteSum(rows, VALUE, value);
        // More than any slot is credited says that the row was given more than it was entitled to.
        bool fits = credited <= type(uint64).max;
        if (fits) credited += step.former[CREDITED];
        require(!fits || totals[CREDITED] != credited, ValueHolds(rows.runId, rows.slot));
        _refuteSum(rows, CREDITED, credited);
    }

    /// @inheritdoc ISumContests
    function contestTotals(TotalsContest calldata proof) external {
        (bytes32 runId, uint32 slot) = (proof.runId, proof.slot);
        Evidence.Ground memory ground = Evidence.groundOf(settlementLedger, periodBook, runId);
        RunClaim memory run = ground.run;
        Point memory point = registry.point(run.community, run.period, slot);
        require(point.untilDay != 0, SlotNotConfirmed(slot));
        (uint256 index, uint256 levels) = _lastPlace(ground, slot, point.untilDay - 1);
        Leaves.Row memory row = proof.row;
        bytes32 climbed = Tree.climb(Evidence.row(row, proof.detail), index, proof.path, levels);
        Evidence.requireRoot(runId, climbed, run.root);
        (index, levels) = Places.period(ground.depths, slot);
        Leaves.Period memory period = proof.period;
        climbed = Tree.climb(Leaves.period(period), index, proof.periodPath, levels);
        Evidence.requireRoot(runId, climbed, run.root);

        for (uint256 i; i < row.totals.length; ++i) {
            if (period.totals[i] == row.totals[i]) continue;
            if (i == VALUE && point.direction == DIRECTION_FEED_IN && _producersSell(run)) continue;
            emit TotalRefuted(runId, slot, msg.sender, uint8(i), period.totals[i], row.totals[i]);
            return settlementLedger.voidRun(runId, msg.sender);
        }
        revert TotalsHold(runId, slot);
    }

    /// @inheritdoc ISumContests
    function contestHeader(HeaderContest calldata proof) external {
        bytes32 runId = proof.runId;
        Evidence.Ground memory ground = Evidence.groundOf(settlementLedger, periodBook, runId);
        Evidence.requireInterval(ground, proof.day, proof.t);
        Leaves.Header memory header = proof.header;
        (uint256 index, uint256 levels) = Places.header(ground.depths, proof.day, proof.t);
        bytes32 climbed = Tree.climb(Leaves.header(header), index, proof.path, levels);
        RunClaim memory run = ground.run;
        Evidence.requireRoot(runId, climbed, run.root);

        HeaderForm.Frame memory frame = HeaderForm.Frame({
            terms: ruleBook.slotTermsOf(run.community, run.ruleVersion, 0),
            prices: ruleBook.valueTermsOf(run.community, run.ruleVersion),
            band: periodBook.bandAt(run.community, run.period, proof.day, proof.t),
            slots: ground.shape.slots
        });
        (uint8 part, uint256 held, uint256 due) = HeaderForm.findFault(frame, header);
        require(part != HeaderForm.PART_NONE, HeaderMayHold(runId, proof.day, proof.t));
        emit HeaderPartRefuted(runId, msg.sender, proof.day, proof.t, part, held, due);
        settlementLedger.voidRun(runId, msg.sender);
    }

    function _refuteSum(SumContest calldata proof, uint256 total, uint256 due) private {
        emit SumRefuted(
            proof.runId,
            proof.slot,
            msg.sender,
            proof.day,
            proof.t,
            uint8(total),
            proof.row.totals[total],
            due
        );
        settlementLedger.voidRun(proof.runId, msg.sender);
    }

    /// @dev Both rows are the run's, and one follows the other.
    function _step(SumContest calldata proof) private view returns (Step memory step) {
        step.ground = Evidence.groundOf(settlementLedger, periodBook, proof.runId);
        Evidence.requirePlace(step.ground, proof.slot, proof.day, proof.t);
        RunClaim memory run = step.ground.run;
        bool active;
        (step.direction, active) = registry.activityOf(run.community, run.period, proof.slot, proof.day);
        require(active, IContests.SlotNotActive(proof.slot, proof.day));

        Places.Depths memory depths = step.ground.depths;
        (uint256 index, uint256 levels) = Places.row(depths, proof.slot, proof.day, proof.t);
        Tree.requireLength(proof.path, levels);
        bytes32 leaf = Evidence.row(proof.row, proof.detail);
        bytes32 own = Tree.climbPart(leaf, index, proof.path, 0, depths.interval);
        bytes32 climbed = Tree.climbPart(own, index, proof.path, depths.interval, levels);
        Evidence.requireRoot(proof.runId, climbed, run.root);
        step.front = proof.path[depths.slot + depths.interval];
        if (_meetFormer(proof, step.ground, own)) step.former = proof.former.totals;
    }

    /// @dev Whether there is a row before; it must be the run's.
    function _meetFormer(SumContest calldata proof, Evidence.Ground memory ground, bytes32 slotsDay)
        private
        view
        returns (bool)
    {
        bytes32 leaf = Evidence.row(proof.former, proof.formerDetail);
        if (proof.t > 0) {
            bytes32 met = Tree.climb(leaf, proof.t - 1, proof.formerPath, ground.depths.interval);
            require(met == slotsDay, IContests.LeavesNotInRun(proof.runId, met, slotsDay));
            return true;
        }
        RunClaim memory run = ground.run;
        bool active;
        if (proof.day > 0) {
            (, active) = registry.activityOf(run.community, run.period, proof.slot, proof.day - 1);
        }
        if (!active) {
            Tree.requireLength(proof.formerPath, 0);
            return false;
        }
        (uint256 index, uint256 levels) = _lastPlace(ground, proof.slot, proof.day - 1);
        bytes32 climbed = Tree.climb(leaf, index, proof.formerPath, levels);
        Evidence.requireRoot(proof.runId, climbed, run.root);
        return true;
    }

    /// @dev Place of the row of a day's last interval.
    function _lastPlace(Evidence.Ground memory ground, uint32 slot, uint16 day)
        private
        view
        returns (uint256, uint256)
    {
        uint16 last = periodBook.intervalsOf(ground.run.community, ground.run.period, day) - 1;
        return Places.row(ground.depths, slot, day, last);
    }

    /// @dev What the interval adds to the row's last two totals.
    function _due(ValueContest calldata proof, Step memory step)
        private
        view
        returns (uint256 value, uint256 credited)
    {
        SumContest calldata rows = proof.step;
        RunClaim memory run = step.ground.run;
        SlotTerms memory terms = ruleBook.slotTermsOf(run.community, run.ruleVersion, rows.slot);
        require(terms.method != METHOD_FLOW || terms.source != SOURCE_COMPUTED, ValueOfLinks(rows.runId));
        bool scheduled = terms.method == METHOD_SCHEDULED && terms.source == SOURCE_COMPUTED;
        if (scheduled && step.direction == DIRECTION_CONSUMPTION) {
            terms.coefficientPpm = ScheduleProofs.requireCoefficient(
                scheduleBook,
                settlementLedger.basisOf(rows.runId),
                ScheduleProofs.Place({ slot: rows.slot, day: rows.day, t: rows.t }),
                proof.coefficient
            );
        }
        Leaves.Header memory header = proof.header;
        value = _value(run, terms, step.direction, rows, header);
        credited = Values.creditedDown(terms, step.direction, header, rows.row);
    }

    function _value(
        RunClaim memory run,
        SlotTerms memory terms,
        uint8 direction,
        SumContest calldata rows,
        Leaves.Header memory header
    ) private view returns (uint256 value) {
        bool pairs =
            terms.method == METHOD_PAIRWISE && terms.source == SOURCE_COMPUTED;
        if (direction == DIRECTION_FEED_IN || pairs) {
            uint8 pricing = ruleBook.valueTermsOf(run.community, run.ruleVersion).pricing;
            if (pricing == PRICING_PRODUCER && direction == DIRECTION_FEED_IN) {
                return uint256(rows.row.allocated) * _priceOf(run, rows.slot);
            }
            if (pricing == PRICING_PRODUCER) return _valueOfPairs(run, terms, rows, header);
        }
        return Values.partDown(header, rows.row.allocated);
    }

    /// @dev Each producer's part at its price.
    function _valueOfPairs(
        RunClaim memory run,
        SlotTerms memory terms,
        SumContest calldata rows,
        Leaves.Header memory header
    ) private view returns (uint256 value) {
        require(
            header.rounds.length == terms.producers.length,
            HeaderMalformed(rows.runId, header.rounds.length, terms.producers.length)
        );
        uint256[] memory parts = PairwiseKey.partsDown(header.rounds, terms.pairsPpm, rows.row.energy);
        for (uint256 r; r < parts.length; ++r) {
            value += parts[r] * _priceOf(run, terms.producers[r]);
        }
    }

    function _priceOf(RunClaim memory run, uint32 slot) private view returns (uint32 price) {
        (, price) = ruleBook.producerPriceOf(run.community, run.ruleVersion, slot);
    }

    function _producersSell(RunClaim memory run) private view returns (bool) {
        return ruleBook.valueTermsOf(run.community, run.ruleVersion).seller == SELLER_PRODUCER;
    }
}
