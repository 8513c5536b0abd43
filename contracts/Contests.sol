// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICommunityRegistry} from "./interfaces/ICommunityRegistry.sol";
import {IContests, RowContest} from "./interfaces/IContests.sol";
import {IPeriodBook} from "./interfaces/IPeriodBook.sol";
import {IRuleBook} from "./interfaces/IRuleBook.sol";
import {ISettlementLedger} from "./interfaces/ISettlementLedger.sol";
import {Leaves} from "./libraries/Leaves.sol";
import {SharingKeys} from "./libraries/SharingKeys.sol";
import {Tree} from "./libraries/Tree.sol";
import {Terms} from "./types/Periods.sol";
import {Point} from "./types/Points.sol";
import {RunRecord, STATE_CONTESTABLE} from "./types/Runs.sol";

/// @title Contests
/// @notice See {IContests}.
contract Contests is IContests {
    /// @notice Directions and active days.
    ICommunityRegistry public immutable registry;
    /// @notice Sharing keys.
    IRuleBook public immutable ruleBook;
    /// @notice Shapes of the trees.
    IPeriodBook public immutable periodBook;
    /// @notice Roots of the runs.
    ISettlementLedger public immutable settlementLedger;

    constructor(
        ICommunityRegistry registry_,
        IRuleBook ruleBook_,
        IPeriodBook periodBook_,
        ISettlementLedger settlementLedger_
    ) {
        registry = registry_;
        ruleBook = ruleBook_;
        periodBook = periodBook_;
        settlementLedger = settlementLedger_;
    }

    /// @inheritdoc IContests
    function contestRow(RowContest calldata proof) external {
        RunRecord memory run = settlementLedger.run(proof.runId);
        require(
            run.state == STATE_CONTESTABLE, ISettlementLedger.RunNotContestable(proof.runId, run.state)
        );
        Terms memory terms = periodBook.terms(run.community, run.period);
        bytes32 climbed = _climb(proof, terms);
        require(climbed == run.root, LeavesNotInRun(proof.runId, climbed, run.root));
        uint256 due = _due(proof, run, terms);
        require(due != proof.row.allocated, RowHolds(proof.runId, proof.slot, proof.row.allocated));

        emit RowRefuted(
            proof.runId, proof.slot, msg.sender, proof.day, proof.t, proof.row.allocated, due
        );
        settlementLedger.voidRun(proof.runId);
    }

    /// @dev What the voted key gives; it must be an interval and an active day of the slot, for padding stands elsewhere.
    function _due(RowContest calldata proof, RunRecord memory run, Terms memory terms)
        private
        view
        returns (uint256)
    {
        Point memory point = registry.point(run.community, run.period, proof.slot);
        require(
            point.fromDay <= proof.day && proof.day < point.untilDay, SlotNotActive(proof.slot, proof.day)
        );
        uint16 intervals = periodBook.intervalsOf(run.community, run.period, proof.day);
        require(proof.t < intervals, IntervalOutsideDay(proof.t, intervals));
        (uint8 method, uint32 coefficientPpm) =
            ruleBook.sharingKeyOf(run.community, run.ruleVersion, proof.slot);
        return SharingKeys.allocated(
            SharingKeys.Member({
                method: method,
                direction: point.direction,
                coefficientPpm: coefficientPpm,
                slot: proof.slot,
                t: proof.t,
                slots: terms.slots
            }),
            proof.header,
            proof.row.energy
        );
    }

    /// @dev run = node(days, periods node); day = node(node(headers, stairs), rows).
    function _climb(RowContest calldata proof, Terms memory terms) private pure returns (bytes32) {
        uint256 intervalDepth = Tree.depth(terms.maxIntervals);
        bytes32 headers = Tree.climb(
            Leaves.header(proof.header, new Leaves.Round[](0)), proof.t, proof.headerPath, intervalDepth
        );
        bytes32 rows = Tree.climb(
            Leaves.row(proof.row),
            (uint256(proof.slot) << intervalDepth) | proof.t,
            proof.rowPath,
            Tree.depth(terms.slots) + intervalDepth
        );
        bytes32 day = Tree.node(Tree.node(headers, proof.stairsRoot), rows);
        bytes32 daysRoot = Tree.climb(day, proof.day, proof.dayPath, Tree.depth(terms.dayCount));
        return Tree.node(daysRoot, proof.periodsNode);
    }
}
