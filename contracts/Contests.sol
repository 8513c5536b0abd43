// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IContests, RowContest } from "./interfaces/IContests.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { IScheduleBook } from "./interfaces/IScheduleBook.sol";
import { ISettlementLedger } from "./interfaces/ISettlementLedger.sol";
import { Evidence } from "./libraries/Evidence.sol";
import { FlowKey } from "./libraries/FlowKey.sol";
import { Leaves } from "./libraries/Leaves.sol";
import { ScheduleProofs } from "./libraries/ScheduleProofs.sol";
import { SharingKeys } from "./libraries/SharingKeys.sol";
import { Tree } from "./libraries/Tree.sol";
import { Shape } from "./types/Periods.sol";
import { DIRECTION_CONSUMPTION } from "./types/Points.sol";
import { METHOD_FLOW, METHOD_SCHEDULED, SlotTerms, SOURCE_COMPUTED } from "./types/Rules.sol";
import { RunClaim } from "./types/Runs.sol";

/// @title Contests
/// @notice See {IContests}.
contract Contests is IContests {
    /// @notice Directions and active days.
    ICommunityRegistry public immutable registry;
    /// @notice Sharing keys.
    IRuleBook public immutable ruleBook;
    /// @notice Shapes of the trees.
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

    /// @inheritdoc IContests
    function contestRow(RowContest calldata proof) external {
        RunClaim memory run = Evidence.contestable(settlementLedger, proof.runId);
        Shape memory shape = periodBook.shapeOf(run.community, run.period);
        SharingKeys.Member memory member = _member(proof, run, shape);
        SharingKeys.requireFormula(member.terms.method);
        Leaves.Header memory header = proof.header;
        Leaves.Row memory row = proof.row;
        _requireInRun(proof, run.root, Leaves.header(header), Leaves.row(row), shape);

        if (SharingKeys.headerHolds(member, header, row.energy)) {
            _refute(proof, SharingKeys.allocated(member, header, row.energy));
        } else {
            emit HeaderRefuted(proof.runId, msg.sender, proof.day, proof.t);
            settlementLedger.voidRun(proof.runId, msg.sender);
        }
    }

    /// @inheritdoc IContests
    function contestFlow(RowContest calldata proof, Leaves.Detail calldata detail) external {
        RunClaim memory run = Evidence.contestable(settlementLedger, proof.runId);
        Shape memory shape = periodBook.shapeOf(run.community, run.period);
        uint8 method = _member(proof, run, shape).terms.method;
        require(method == METHOD_FLOW, SharingKeys.SharingKeyUnknown(method));
        bytes32 row = Leaves.flowRow(proof.row, Leaves.detail(detail));
        _requireInRun(proof, run.root, Leaves.header(proof.header), row, shape);

        _refute(proof, FlowKey.allocated(detail.links));
    }

    /// @dev Void the run where the row holds something else than is due.
    function _refute(RowContest calldata proof, uint256 due) private {
        uint64 held = proof.row.allocated;
        require(due != held, RowHolds(proof.runId, proof.slot, held));
        emit RowRefuted(proof.runId, proof.slot, msg.sender, proof.day, proof.t, held, due);
        settlementLedger.voidRun(proof.runId, msg.sender);
    }

    /// @dev The slot must be active, and the interval be one of the longest day's, or an index could have two names. Where a
    /// shorter day has no such interval stands padding: a leaf there is a lie already.
    function _member(RowContest calldata proof, RunClaim memory run, Shape memory shape)
        private
        view
        returns (SharingKeys.Member memory)
    {
        (uint8 direction, bool active) = registry.activityOf(run.community, run.period, proof.slot, proof.day);
        require(active, SlotNotActive(proof.slot, proof.day));
        require(proof.t < shape.maxIntervals, IntervalOutsideDay(proof.t, shape.maxIntervals));
        SlotTerms memory terms = ruleBook.slotTermsOf(run.community, run.ruleVersion, proof.slot);
        require(terms.source == SOURCE_COMPUTED, RowsFollowOperator(proof.runId));
        if (terms.method == METHOD_SCHEDULED && direction == DIRECTION_CONSUMPTION) {
            terms.coefficientPpm = ScheduleProofs.requireCoefficient(
                scheduleBook,
                settlementLedger.basisOf(proof.runId),
                ScheduleProofs.Place({ slot: proof.slot, day: proof.day, t: proof.t }),
                proof.coefficient
            );
        }
        return SharingKeys.Member({
            terms: terms, direction: direction, slot: proof.slot, t: proof.t, slots: shape.slots
        });
    }

    /// @dev run = node(days, periods node); day = node(node(headers, stairs), rows).
    function _requireInRun(
        RowContest calldata proof,
        bytes32 root,
        bytes32 header,
        bytes32 row,
        Shape memory shape
    ) private pure {
        uint256 intervalDepth = Tree.depth(shape.maxIntervals);
        bytes32 headers = Tree.climb(header, proof.t, proof.headerPath, intervalDepth);
        uint256 index = (uint256(proof.slot) << intervalDepth) | proof.t;
        bytes32 rows = Tree.climb(row, index, proof.rowPath, Tree.depth(shape.slots) + intervalDepth);
        bytes32 day = Tree.node(Tree.node(headers, proof.stairsRoot), rows);
        bytes32 daysRoot = Tree.climb(day, proof.day, proof.dayPath, Tree.depth(shape.dayCount));
        bytes32 climbed = Tree.node(daysRoot, proof.periodsNode);
        require(climbed == root, LeavesNotInRun(proof.runId, climbed, root));
    }
}
