// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { RunClaim, RunProposal, RunRecord, RunTotals } from "../types/Runs.sol";

/// @title Who used whose energy, anchored
/// @notice Keeps each run of a period; refuses totals that do not conserve energy and a second open run. A run is backed by a bond,
/// becomes final only when someone else has rebuilt it and nothing that was asked for is withheld, and while the community is
/// paused nothing is proposed or final; proofs count all the time.
interface ISettlementLedger {
    /// @notice A run was proposed.
    event RunProposed(
        bytes32 indexed runId,
        bytes32 indexed community,
        uint32 indexed period,
        uint32 version,
        bytes32 root,
        uint64 contestableUntil
    );
    /// @notice Someone other than who proposed it rebuilt a run: the data are held.
    event RunAttested(bytes32 indexed runId, address indexed by);
    /// @notice A run became final.
    event RunFinalised(bytes32 indexed runId, bytes32 indexed community, uint32 indexed period);
    /// @notice A final run gave way to a later one.
    event RunSuperseded(bytes32 indexed runId, bytes32 indexed by);
    /// @notice A lie in a run was proved.
    event RunVoided(bytes32 indexed runId);

    /// @notice There is no such run.
    error RunUnknown(bytes32 runId);
    /// @notice Versions count up by one.
    error RunVersionWrong(uint32 given, uint32 expected);
    /// @notice Another run of the period is contestable.
    error RunStillOpen(bytes32 runId);
    /// @notice A run has a root.
    error RunRootMissing(bytes32 community, uint32 period);
    /// @notice A run settles the latest batch of its period, zero where there is none.
    error RunBatchNotLatest(bytes32 given, bytes32 latest);
    /// @notice A run by schedule, or by the operator's allocation, names what it rests on.
    error RunBasisMissing(bytes32 community, uint32 period);
    /// @notice A run rests on the latest schedule that counts, where its key has none and it is computed on nothing (zero).
    error RunBasisWrong(bytes32 given, bytes32 expected);
    /// @notice A schedule that binds ahead was handed in when the period had started. [s since 1970-01-01 UTC]
    error ScheduleTooLate(bytes32 scheduleId, uint64 handedInAt, uint64 startUtc);
    /// @notice What is allocated is what is shared, at most what was fed in, and at most what was consumed. [mWh]
    error EnergyNotConserved(uint64 feedIn, uint64 consumption, uint64 allocated, uint64 shared);
    /// @notice The run is not contestable: 0 none, 2 final, 3 superseded, 4 voided.
    error RunNotContestable(bytes32 runId, uint8 state);
    /// @notice Who proposed a run does not attest it.
    error RunAttestedByProposer(bytes32 runId, address proposer);
    /// @notice A grid operator, a provider, an arbiter or an auditor attests.
    error AttesterMissing(bytes32 community, address account);
    /// @notice Somebody attested the run already.
    error RunAttestedAlready(bytes32 runId, address by);
    /// @notice Nobody but who proposed it says that they hold the run's data.
    error RunNotAttested(bytes32 runId);
    /// @notice Data of the run were asked for, and neither shown nor given up.
    error RunDemanded(bytes32 runId, uint256 pending);
    /// @notice The contest window has not passed. [s since 1970-01-01 UTC]
    error WindowOpen(uint64 until);
    /// @notice Only the contests may void a run.
    error NotContests(address caller);

    /// @notice Propose a run. Only a settler, who backs it with a bond out of what is sent and what is free in {IBonds}.
    /// @dev Its basis is the id of the schedule of a scheduled key: the latest, or where it binds ahead the latest that was handed
    /// in before the period started. Where the operator's allocation binds, it is the salted hash of the operator's files. Else zero.
    /// @param proposal The run.
    function proposeRun(RunProposal calldata proposal) external payable;

    /// @notice Say that one has rebuilt a contestable run's root from its data. Only a grid operator, a provider, an arbiter or an
    /// auditor, who has not proposed it.
    /// @param runId Id of the run.
    function attest(bytes32 runId) external;

    /// @notice Make a run final once it is attested, nothing asked for is withheld and its window has passed, longer by pauses; it
    /// supersedes the one that was. Anyone may.
    /// @param runId Id of the run.
    function finalise(bytes32 runId) external;

    /// @notice Void a contestable run. Only the contests and the demands.
    /// @param runId Id of the run.
    /// @param by Who proved the lie, or waited in vain: the bond is theirs.
    function voidRun(bytes32 runId, address by) external;

    /// @notice A run; zeros where there is none.
    /// @param runId Id of the run.
    function run(bytes32 runId) external view returns (RunRecord memory);

    /// @notice What a contest needs to know of a run, and no more: each word read is paid by who contests.
    /// @param runId Id of the run.
    function claimOf(bytes32 runId) external view returns (RunClaim memory);

    /// @notice What a run says that its rows sum to.
    /// @param runId Id of the run.
    function totalsOf(bytes32 runId) external view returns (RunTotals memory);

    /// @notice Batch of readings that a run settles.
    /// @param runId Id of the run.
    function batchOf(bytes32 runId) external view returns (bytes32);

    /// @notice State of a run: 0 none, 1 contestable, 2 final, 3 superseded, 4 voided.
    /// @param runId Id of the run.
    function stateOf(bytes32 runId) external view returns (uint8);

    /// @notice What a run rests on beside its readings: a schedule's id, the hash of the operator's files, or zero.
    /// @param runId Id of the run.
    function basisOf(bytes32 runId) external view returns (bytes32);

    /// @notice Id of the run proposed last, zero where there is none.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    function latestRun(bytes32 community, uint32 period) external view returns (bytes32);

    /// @notice Id of the run that is final, zero where none is.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    function finalRun(bytes32 community, uint32 period) external view returns (bytes32);
}
