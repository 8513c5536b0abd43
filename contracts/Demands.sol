// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IBonds } from "./interfaces/IBonds.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IContests } from "./interfaces/IContests.sol";
import { IDemands } from "./interfaces/IDemands.sol";
import { IPauseBook } from "./interfaces/IPauseBook.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { ISettlementLedger } from "./interfaces/ISettlementLedger.sol";
import { Leaves } from "./libraries/Leaves.sol";
import { Places } from "./libraries/Places.sol";
import { StairProofs } from "./libraries/StairProofs.sol";
import { Tree } from "./libraries/Tree.sol";
import { DEMAND_ANSWERED, DEMAND_ASKED, DEMAND_NAMED, DEMAND_OVER, Demand } from "./types/Demands.sol";
import { ROLE_ARBITER, ROLE_AUDITOR, ROLE_GRID_OPERATOR, ROLE_PROVIDER } from "./types/Roles.sol";
import { RunClaim, RunRecord, STATE_CONTESTABLE } from "./types/Runs.sol";

/// @title Demands
/// @notice See {IDemands}.
contract Demands is IDemands {
    /// @dev Time for each step.
    uint64 private constant STEP = 72 hours;

    /// @notice Who may ask.
    ICommunityRegistry public immutable registry;
    /// @notice Seats, days and shapes.
    IPeriodBook public immutable periodBook;
    /// @notice Roots of the runs.
    ISettlementLedger public immutable settlementLedger;
    /// @notice Deposits.
    IBonds public immutable bonds;
    /// @notice By how much windows shift.
    IPauseBook public immutable pauseBook;

    mapping(bytes32 demandId => Demand) private _demands;
    mapping(bytes32 runId => uint256) private _pending;

    constructor(
        ICommunityRegistry registry_,
        IPeriodBook periodBook_,
        ISettlementLedger settlementLedger_,
        IBonds bonds_,
        IPauseBook pauseBook_
    ) {
        registry = registry_;
        periodBook = periodBook_;
        settlementLedger = settlementLedger_;
        bonds = bonds_;
        pauseBook = pauseBook_;
    }

    /// @inheritdoc IDemands
    function demand(bytes32 runId, uint32 slot, uint16 day) external payable returns (bytes32 demandId) {
        RunRecord memory run = settlementLedger.run(runId);
        require(run.state == STATE_CONTESTABLE, ISettlementLedger.RunNotContestable(runId, run.state));
        uint64 windowEnd = pauseBook.shifted(run.community, run.proposedAt, run.contestableUntil);
        require(block.timestamp < windowEnd, DemandTooLate(runId, windowEnd));
        (, bool active) = registry.activityOf(run.community, run.period, slot, day);
        require(active, IContests.SlotNotActive(slot, day));
        require(_mayAsk(run, slot), DemanderMissing(run.community, slot, msg.sender));
        demandId = _idOf(runId, slot, day, msg.sender);
        require(_demands[demandId].state == 0, DemandedAlready(demandId));

        uint64 until = uint64(block.timestamp) + STEP;
        _demands[demandId] = Demand({
            demander: msg.sender,
            until: until,
            t: 0,
            state: DEMAND_ASKED,
            proposer: run.proposer,
            slot: slot,
            day: day,
            runId: runId
        });
        ++_pending[runId];
        emit DayDemanded(runId, slot, msg.sender, demandId, day, until);
        bonds.lock{ value: msg.value }(demandId, msg.sender);
    }

    /// @inheritdoc IDemands
    function answer(bytes32 demandId, bytes32[] calldata rowHashes, bytes32[] calldata path) external {
        Demand storage asked = _running(demandId, DEMAND_ASKED);
        require(msg.sender == asked.proposer, NotProposer(demandId, msg.sender));
        (RunClaim memory run, Places.Depths memory depths) = _case(asked.runId);
        uint16 intervals = periodBook.intervalsOf(run.community, run.period, asked.day);
        require(rowHashes.length == intervals, AnswerIncomplete(rowHashes.length, intervals));
        bytes32[] memory nodes = new bytes32[](1 << depths.interval);
        for (uint256 t; t < intervals; ++t) {
            nodes[t] = rowHashes[t];
        }
        (uint256 index, uint256 levels) = Places.row(depths, asked.slot, asked.day, 0);
        bytes32 climbed =
            Tree.climb(StairProofs.fold(nodes), index >> depths.interval, path, levels - depths.interval);
        require(climbed == run.root, AnswerNotInRun(asked.runId, climbed, run.root));

        uint64 until = _advance(asked, DEMAND_ANSWERED);
        emit DayAnswered(demandId, until);
    }

    /// @inheritdoc IDemands
    function name(bytes32 demandId, uint16 t) external {
        Demand storage asked = _running(demandId, DEMAND_ANSWERED);
        require(msg.sender == asked.demander, NotDemander(demandId, msg.sender));
        RunClaim memory run = settlementLedger.claimOf(asked.runId);
        uint16 intervals = periodBook.intervalsOf(run.community, run.period, asked.day);
        require(t < intervals, IContests.IntervalOutsideDay(t, intervals));

        asked.t = t;
        uint64 until = _advance(asked, DEMAND_NAMED);
        emit RowNamed(demandId, t, until);
    }

    /// @inheritdoc IDemands
    function open(bytes32 demandId, Leaves.Row calldata row, bytes32 detail, bytes32[] calldata path)
        external
    {
        Demand storage asked = _running(demandId, DEMAND_NAMED);
        address proposer = asked.proposer;
        require(msg.sender == proposer, NotProposer(demandId, msg.sender));
        (RunClaim memory run, Places.Depths memory depths) = _case(asked.runId);
        (uint256 index, uint256 levels) = Places.row(depths, asked.slot, asked.day, asked.t);
        bytes32 climbed = Tree.climb(Leaves.anyRow(row, detail), index, path, levels);
        require(climbed == run.root, AnswerNotInRun(asked.runId, climbed, run.root));

        _end(asked);
        emit RowOpened(demandId, asked.t, row, detail);
        bonds.award(demandId, proposer);
    }

    /// @inheritdoc IDemands
    function lapse(bytes32 demandId) external {
        Demand storage asked = _demands[demandId];
        (uint8 state, bytes32 runId) = (asked.state, asked.runId);
        require(state != 0 && state != DEMAND_OVER, DemandOver(demandId, state));
        bool contestable = settlementLedger.claimOf(runId).state == STATE_CONTESTABLE;
        // Of a voided run there is nothing left to show.
        require(!contestable || block.timestamp >= asked.until, DemandRunning(demandId, asked.until));
        address demander = asked.demander;
        bool demanderSilent = contestable && state == DEMAND_ANSWERED;
        address to = demanderSilent ? asked.proposer : demander;

        _end(asked);
        emit DemandLapsed(demandId, to);
        if (contestable && !demanderSilent) settlementLedger.voidRun(runId, demander);
        bonds.award(demandId, to);
    }

    /// @inheritdoc IDemands
    function pendingOf(bytes32 runId) external view returns (uint256) {
        return _pending[runId];
    }

    /// @inheritdoc IDemands
    function demandOf(bytes32 demandId) external view returns (Demand memory) {
        return _demands[demandId];
    }

    /// @inheritdoc IDemands
    function demandIdOf(bytes32 runId, uint32 slot, uint16 day, address demander)
        external
        pure
        returns (bytes32)
    {
        return _idOf(runId, slot, day, demander);
    }

    function _advance(Demand storage asked, uint8 state) private returns (uint64 until) {
        until = uint64(block.timestamp) + STEP;
        (asked.state, asked.until) = (state, until);
    }

    function _end(Demand storage asked) private {
        asked.state = DEMAND_OVER;
        --_pending[asked.runId];
    }

    function _mayAsk(RunRecord memory run, uint32 slot) private view returns (bool) {
        bytes32 community = run.community;
        uint32 seat = periodBook.seatOf(community, run.period, slot);
        return registry.holderOf(community, seat) == msg.sender
            || registry.hasRole(community, ROLE_GRID_OPERATOR, msg.sender)
            || registry.hasRole(community, ROLE_PROVIDER, msg.sender)
            || registry.hasRole(community, ROLE_ARBITER, msg.sender)
            || registry.hasRole(community, ROLE_AUDITOR, msg.sender);
    }

    /// @dev The demand must be at a step that may still be taken.
    function _running(bytes32 demandId, uint8 expected) private view returns (Demand storage asked) {
        asked = _demands[demandId];
        require(asked.state == expected, DemandNotAt(demandId, asked.state, expected));
        require(block.timestamp < asked.until, DemandExpired(demandId, asked.until));
    }

    function _case(bytes32 runId) private view returns (RunClaim memory run, Places.Depths memory depths) {
        run = settlementLedger.claimOf(runId);
        depths = Places.depths(periodBook.shapeOf(run.community, run.period));
    }

    function _idOf(bytes32 runId, uint32 slot, uint16 day, address demander) private pure returns (bytes32) {
        return keccak256(abi.encode(runId, slot, day, demander));
    }
}
