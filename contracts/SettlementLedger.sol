// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IBonds } from "./interfaces/IBonds.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IContests } from "./interfaces/IContests.sol";
import { IDemands } from "./interfaces/IDemands.sol";
import { IInputContests } from "./interfaces/IInputContests.sol";
import { ILinkContests } from "./interfaces/ILinkContests.sol";
import { IMeterDataLedger } from "./interfaces/IMeterDataLedger.sol";
import { IPauseBook } from "./interfaces/IPauseBook.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { IScheduleBook } from "./interfaces/IScheduleBook.sol";
import { ISettlementLedger } from "./interfaces/ISettlementLedger.sol";
import { IStairContests } from "./interfaces/IStairContests.sol";
import { ISumContests } from "./interfaces/ISumContests.sol";
import { Identifiers } from "./libraries/Identifiers.sol";
import { Pauses } from "./libraries/Pauses.sol";
import { Terms } from "./types/Periods.sol";
import {
    ROLE_ARBITER,
    ROLE_AUDITOR,
    ROLE_GRID_OPERATOR,
    ROLE_PROVIDER,
    ROLE_SETTLER
} from "./types/Roles.sol";
import { METHOD_FLOW, METHOD_SCHEDULED, SCHEDULE_AFTER, SOURCE_OPERATOR } from "./types/Rules.sol";
import {
    Judges,
    RunClaim,
    RunProposal,
    RunRecord,
    RunTotals,
    STATE_CONTESTABLE,
    STATE_FINAL,
    STATE_NONE,
    STATE_SUPERSEDED,
    STATE_VOIDED
} from "./types/Runs.sol";
import { ScheduleRecord } from "./types/Schedules.sol";

/// @title SettlementLedger
/// @notice See {ISettlementLedger}.
contract SettlementLedger is ISettlementLedger {
    using Pauses for IPauseBook;

    /// @dev A run as kept: what every contest reads, and what it writes, stands in the first three words.
    struct Kept {
        bytes32 community;
        address voidedBy;
        uint32 period;
        uint32 ruleVersion;
        uint8 state;
        bytes32 root;
        RunTotals totals;
        bytes32 batchId;
        bytes32 basis;
        address proposer;
        uint64 proposedAt;
        address attestedBy;
        uint32 version;
        uint64 contestableUntil;
    }

    /// @notice Who is settler.
    ICommunityRegistry public immutable registry;
    /// @notice Which contest window is voted.
    IRuleBook public immutable ruleBook;
    /// @notice Which rule is frozen.
    IPeriodBook public immutable periodBook;
    /// @notice Which batch is the latest.
    IMeterDataLedger public immutable meterDataLedger;
    /// @notice Which coefficients were handed in, and when.
    IScheduleBook public immutable scheduleBook;
    /// @notice When a community is paused.
    IPauseBook public immutable pauseBook;
    /// @notice What stands behind a run.
    IBonds public immutable bonds;
    /// @notice Rows against the sharing key.
    IContests public immutable contests;
    /// @notice Rows against the readings.
    IInputContests public immutable inputContests;
    /// @notice Running totals, values and headers.
    ISumContests public immutable sumContests;
    /// @notice Sums over the slots.
    IStairContests public immutable stairContests;
    /// @notice Flows against what links cost.
    ILinkContests public immutable linkContests;
    /// @notice Data that were asked for.
    IDemands public immutable demands;

    mapping(bytes32 runId => Kept) private _runs;
    mapping(bytes32 community => mapping(uint32 period => bytes32)) private _latest;
    mapping(bytes32 community => mapping(uint32 period => bytes32)) private _final;

    constructor(
        ICommunityRegistry registry_,
        IRuleBook ruleBook_,
        IPeriodBook periodBook_,
        IMeterDataLedger meterDataLedger_,
        IScheduleBook scheduleBook_,
        IPauseBook pauseBook_,
        IBonds bonds_,
        Judges memory judges_
    ) {
        registry = registry_;
        ruleBook = ruleBook_;
        periodBook = periodBook_;
        meterDataLedger = meterDataLedger_;
        scheduleBook = scheduleBook_;
        pauseBook = pauseBook_;
        bonds = bonds_;
        contests = IContests(judges_.contests);
        inputContests = IInputContests(judges_.inputContests);
        sumContests = ISumContests(judges_.sumContests);
        stairContests = IStairContests(judges_.stairContests);
        linkContests = ILinkContests(judges_.linkContests);
        demands = IDemands(judges_.demands);
    }

    /// @inheritdoc ISettlementLedger
    function proposeRun(RunProposal calldata proposal) external payable {
        (bytes32 community, uint32 period) = (proposal.community, proposal.period);
        pauseBook.requireRunning(community);
        require(
            registry.hasRole(community, ROLE_SETTLER, msg.sender),
            ICommunityRegistry.RoleMissing(community, ROLE_SETTLER, msg.sender)
        );
        _requireSuccession(proposal);
        _requireTerms(proposal);
        _requireConservation(proposal);

        bytes32 runId = Identifiers.runId(community, period, proposal.version);
        uint64 until = uint64(block.timestamp) + ruleBook.contestWindowOf(community, proposal.ruleVersion);
        _runs[runId] = Kept({
            community: community,
            voidedBy: address(0),
            period: period,
            ruleVersion: proposal.ruleVersion,
            state: STATE_CONTESTABLE,
            root: proposal.root,
            totals: RunTotals({
                feedIn: proposal.feedIn,
                consumption: proposal.consumption,
                allocated: proposal.allocated,
                shared: proposal.shared
            }),
            batchId: proposal.batchId,
            basis: proposal.basis,
            proposer: msg.sender,
            proposedAt: uint64(block.timestamp),
            attestedBy: address(0),
            version: proposal.version,
            contestableUntil: until
        });
        _latest[community][period] = runId;
        emit RunProposed(runId, community, period, proposal.version, proposal.root, until);
        bonds.lock{ value: msg.value }(runId, msg.sender);
    }

    /// @inheritdoc ISettlementLedger
    function attest(bytes32 runId) external {
        Kept storage record = _contestable(runId);
        require(record.attestedBy == address(0), RunAttestedAlready(runId, record.attestedBy));
        require(record.proposer != msg.sender, RunAttestedByProposer(runId, msg.sender));
        bytes32 community = record.community;
        require(_mayAttest(community, msg.sender), AttesterMissing(community, msg.sender));
        record.attestedBy = msg.sender;
        emit RunAttested(runId, msg.sender);
    }

    /// @inheritdoc ISettlementLedger
    function finalise(bytes32 runId) external {
        Kept storage record = _contestable(runId);
        (bytes32 community, uint32 period) = (record.community, record.period);
        pauseBook.requireRunning(community);
        uint64 until = pauseBook.shifted(community, record.proposedAt, record.contestableUntil);
        require(block.timestamp >= until, WindowOpen(until));
        require(record.attestedBy != address(0), RunNotAttested(runId));
        uint256 pending = demands.pendingOf(runId);
        require(pending == 0, RunDemanded(runId, pending));
        bytes32 former = _final[community][period];

        record.state = STATE_FINAL;
        _final[community][period] = runId;
        if (former != bytes32(0)) {
            _runs[former].state = STATE_SUPERSEDED;
            emit RunSuperseded(former, runId);
        }
        emit RunFinalised(runId, community, period);
    }

    /// @inheritdoc ISettlementLedger
    function voidRun(bytes32 runId, address by) external {
        require(_isJudge(msg.sender), NotContests(msg.sender));
        // A lie that is proved after the window, but before anyone finalised, still counts.
        Kept storage record = _contestable(runId);
        (record.state, record.voidedBy) = (STATE_VOIDED, by);
        emit RunVoided(runId);
    }

    /// @inheritdoc ISettlementLedger
    function run(bytes32 runId) external view returns (RunRecord memory) {
        Kept storage record = _runs[runId];
        RunTotals memory totals = record.totals;
        return RunRecord({
            community: record.community,
            period: record.period,
            version: record.version,
            ruleVersion: record.ruleVersion,
            batchId: record.batchId,
            basis: record.basis,
            root: record.root,
            feedIn: totals.feedIn,
            consumption: totals.consumption,
            allocated: totals.allocated,
            shared: totals.shared,
            proposer: record.proposer,
            proposedAt: record.proposedAt,
            contestableUntil: record.contestableUntil,
            state: record.state,
            attestedBy: record.attestedBy,
            voidedBy: record.voidedBy
        });
    }

    /// @inheritdoc ISettlementLedger
    function claimOf(bytes32 runId) external view returns (RunClaim memory) {
        Kept storage record = _runs[runId];
        return RunClaim({
            community: record.community,
            period: record.period,
            ruleVersion: record.ruleVersion,
            root: record.root,
            state: record.state
        });
    }

    /// @inheritdoc ISettlementLedger
    function stateOf(bytes32 runId) external view returns (uint8) {
        return _runs[runId].state;
    }

    /// @inheritdoc ISettlementLedger
    function totalsOf(bytes32 runId) external view returns (RunTotals memory) {
        return _runs[runId].totals;
    }

    /// @inheritdoc ISettlementLedger
    function batchOf(bytes32 runId) external view returns (bytes32) {
        return _runs[runId].batchId;
    }

    /// @inheritdoc ISettlementLedger
    function basisOf(bytes32 runId) external view returns (bytes32) {
        return _runs[runId].basis;
    }

    /// @inheritdoc ISettlementLedger
    function latestRun(bytes32 community, uint32 period) external view returns (bytes32) {
        return _latest[community][period];
    }

    /// @inheritdoc ISettlementLedger
    function finalRun(bytes32 community, uint32 period) external view returns (bytes32) {
        return _final[community][period];
    }

    function _isJudge(address account) private view returns (bool) {
        return account == address(contests) || account == address(inputContests)
            || account == address(sumContests) || account == address(stairContests)
            || account == address(linkContests) || account == address(demands);
    }

    /// @dev Who settles may hold any of these roles too: what counts is that it is another account.
    function _mayAttest(bytes32 community, address account) private view returns (bool) {
        return registry.hasRole(community, ROLE_AUDITOR, account)
            || registry.hasRole(community, ROLE_ARBITER, account)
            || registry.hasRole(community, ROLE_GRID_OPERATOR, account)
            || registry.hasRole(community, ROLE_PROVIDER, account);
    }

    function _contestable(bytes32 runId) private view returns (Kept storage record) {
        record = _runs[runId];
        require(record.state != STATE_NONE, RunUnknown(runId));
        require(record.state == STATE_CONTESTABLE, RunNotContestable(runId, record.state));
    }

    function _requireSuccession(RunProposal calldata proposal) private view {
        bytes32 latest = _latest[proposal.community][proposal.period];
        Kept storage former = _runs[latest];
        require(former.state != STATE_CONTESTABLE, RunStillOpen(latest));
        uint32 expected = former.version + 1;
        require(proposal.version == expected, RunVersionWrong(proposal.version, expected));
    }

    function _requireTerms(RunProposal calldata proposal) private view {
        (bytes32 community, uint32 period) = (proposal.community, proposal.period);
        Terms memory terms = periodBook.terms(community, period);
        require(terms.openedAt != 0, IPeriodBook.PeriodNotOpen(community, period));
        require(
            proposal.ruleVersion == terms.ruleVersion,
            IPeriodBook.RuleNotInForce(proposal.ruleVersion, terms.ruleVersion)
        );
        bytes32 latest = meterDataLedger.latestBatch(community, period);
        require(
            latest != bytes32(0) && proposal.batchId == latest, RunBatchNotLatest(proposal.batchId, latest)
        );
        require(proposal.root != bytes32(0), RunRootMissing(community, period));
        _requireBasis(proposal, terms.startUtc);
    }

    function _requireBasis(RunProposal calldata proposal, uint64 startUtc) private view {
        (bytes32 community, uint32 period, bytes32 basis) =
            (proposal.community, proposal.period, proposal.basis);
        (uint8 method, uint8 source, uint8 schedule) = ruleBook.scheduleOf(community, proposal.ruleVersion);
        if (source != SOURCE_OPERATOR && method != METHOD_SCHEDULED && method != METHOD_FLOW) {
            require(basis == bytes32(0), RunBasisWrong(basis, bytes32(0)));
            return;
        }
        require(basis != bytes32(0), RunBasisMissing(community, period));
        // The operator's files and what links cost are hashes that only their contests open.
        if (source == SOURCE_OPERATOR || method == METHOD_FLOW) return;
        bytes32 latest = scheduleBook.latestSchedule(community, period);
        if (schedule == SCHEDULE_AFTER) {
            require(basis == latest, RunBasisWrong(basis, latest));
            return;
        }
        ScheduleRecord memory given = scheduleBook.schedule(basis);
        require(given.community == community && given.period == period, RunBasisWrong(basis, latest));
        require(given.handedInAt < startUtc, ScheduleTooLate(basis, given.handedInAt, startUtc));
        // A version that came too late counts for nothing: it must not stand in the way of the one that came in time.
        bytes32 next = Identifiers.scheduleId(community, period, given.version + 1);
        uint64 nextAt = scheduleBook.schedule(next).handedInAt;
        require(nextAt == 0 || nextAt >= startUtc, RunBasisWrong(basis, next));
    }

    function _requireConservation(RunProposal calldata proposal) private pure {
        require(
            proposal.allocated == proposal.shared && proposal.shared <= proposal.feedIn
                && proposal.allocated <= proposal.consumption,
            EnergyNotConserved(proposal.feedIn, proposal.consumption, proposal.allocated, proposal.shared)
        );
    }
}
