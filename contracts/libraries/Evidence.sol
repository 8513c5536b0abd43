// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IContests } from "../interfaces/IContests.sol";
import { IPeriodBook } from "../interfaces/IPeriodBook.sol";
import { ISettlementLedger } from "../interfaces/ISettlementLedger.sol";
import { Shape } from "../types/Periods.sol";
import { RunClaim, STATE_CONTESTABLE } from "../types/Runs.sol";
import { Leaves } from "./Leaves.sol";
import { Places } from "./Places.sol";

/// @title What the leaves that a contest shows are held against
library Evidence {
    /// @notice A contestable run and the levels of its trees.
    /// @param run What the run claims.
    /// @param shape Counts of the period.
    /// @param depths Levels of the trees.
    struct Ground {
        RunClaim run;
        Shape shape;
        Places.Depths depths;
    }

    /// @notice The claim of a contestable run.
    /// @param ledger Where it was proposed.
    /// @param runId Id of the run.
    function contestable(ISettlementLedger ledger, bytes32 runId)
        internal
        view
        returns (RunClaim memory run)
    {
        run = ledger.claimOf(runId);
        require(run.state == STATE_CONTESTABLE, ISettlementLedger.RunNotContestable(runId, run.state));
    }

    /// @notice A contestable run and its trees.
    /// @param ledger Where it was proposed.
    /// @param periodBook Where its period was opened.
    /// @param runId Id of the run.
    function groundOf(ISettlementLedger ledger, IPeriodBook periodBook, bytes32 runId)
        internal
        view
        returns (Ground memory ground)
    {
        ground.run = contestable(ledger, runId);
        ground.shape = periodBook.shapeOf(ground.run.community, ground.run.period);
        ground.depths = Places.depths(ground.shape);
    }

    /// @notice Refuse a place that no tree of the run has: its index would be another's name.
    function requirePlace(Ground memory ground, uint32 slot, uint16 day, uint16 t) internal pure {
        Places.requireBelow(slot, ground.shape.slots);
        requireInterval(ground, day, t);
    }

    /// @notice Refuse an interval that no tree of the run has.
    function requireInterval(Ground memory ground, uint16 day, uint16 t) internal pure {
        Places.requireBelow(day, ground.shape.dayCount);
        Places.requireBelow(t, ground.shape.maxIntervals);
    }

    /// @notice Hash of a row of any key.
    /// @param leaf The row.
    /// @param detail Hash of its detail, zero where its key has none.
    function row(Leaves.Row memory leaf, bytes32 detail) internal pure returns (bytes32) {
        return detail == bytes32(0) ? Leaves.row(leaf) : Leaves.flowRow(leaf, detail);
    }

    /// @notice Refuse leaves that do not lead to the root that was anchored.
    /// @param runId Id of the run.
    /// @param climbed Root that they lead to.
    /// @param root Root of the run, its batch or its bills.
    function requireRoot(bytes32 runId, bytes32 climbed, bytes32 root) internal pure {
        require(climbed == root, IContests.LeavesNotInRun(runId, climbed, root));
    }
}
