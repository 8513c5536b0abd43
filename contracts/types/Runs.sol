// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// States of a run and of its bills.

/// @dev Nothing was proposed.
uint8 constant STATE_NONE = 0;
/// @dev Proposed: a proof may void it.
uint8 constant STATE_CONTESTABLE = 1;
/// @dev Its window has passed and it holds.
uint8 constant STATE_FINAL = 2;
/// @dev A later run of the period is final.
uint8 constant STATE_SUPERSEDED = 3;
/// @dev A lie was proved.
uint8 constant STATE_VOIDED = 4;

/// @notice One settlement of a period, as proposed.
/// @param community The community.
/// @param period First civil date of the period. [days since 1970-01-01]
/// @param version From 1, one more than the run before.
/// @param ruleVersion Version of the rule that it applies.
/// @param batchId Batch of readings that it settles.
/// @param basis What it rests on beside them: a schedule's id, the root over what links cost, the hash of the operator's files, or zero.
/// @param root Root of the run's trees.
/// @param feedIn Sum of feed-in. [mWh]
/// @param consumption Sum of consumption. [mWh]
/// @param allocated Sum of what consumers were given. [mWh]
/// @param shared Sum of what producers gave. [mWh]
struct RunProposal {
    bytes32 community;
    uint32 period;
    uint32 version;
    uint32 ruleVersion;
    bytes32 batchId;
    bytes32 basis;
    bytes32 root;
    uint64 feedIn;
    uint64 consumption;
    uint64 allocated;
    uint64 shared;
}

/// @notice What a run claims, for those who hold it against the sharing key.
/// @param community The community.
/// @param period First civil date of the period. [days since 1970-01-01]
/// @param ruleVersion Version of the rule that it applies.
/// @param root Root of the run's trees.
/// @param state 0 none, 1 contestable, 2 final, 3 superseded, 4 voided.
struct RunClaim {
    bytes32 community;
    uint32 period;
    uint32 ruleVersion;
    bytes32 root;
    uint8 state;
}

/// @notice What a run says that all its rows sum to.
/// @param feedIn Sum of feed-in. [mWh]
/// @param consumption Sum of consumption. [mWh]
/// @param allocated Sum of what consumers were given. [mWh]
/// @param shared Sum of what producers gave. [mWh]
struct RunTotals {
    uint64 feedIn;
    uint64 consumption;
    uint64 allocated;
    uint64 shared;
}

/// @notice Who may void a run: each is a contract that takes proofs, or the lack of an answer, and nothing else.
/// @param contests Rows against the sharing key.
/// @param inputContests Rows against the readings.
/// @param sumContests Running totals, values and headers.
/// @param stairContests Sums over the slots.
/// @param linkContests Flows against what links cost.
/// @param demands Data that were asked for and not shown.
struct Judges {
    address contests;
    address inputContests;
    address sumContests;
    address stairContests;
    address linkContests;
    address demands;
}

/// @notice A run as kept.
/// @param community The community.
/// @param period First civil date of the period. [days since 1970-01-01]
/// @param version Version of the run.
/// @param ruleVersion Version of the rule that it applies.
/// @param batchId Batch of readings that it settles.
/// @param basis What it rests on beside them: a schedule's id, the root over what links cost, the hash of the operator's files, or zero.
/// @param root Root of the run's trees.
/// @param feedIn Sum of feed-in. [mWh]
/// @param consumption Sum of consumption. [mWh]
/// @param allocated Sum of what consumers were given. [mWh]
/// @param shared Sum of what producers gave. [mWh]
/// @param proposer Account that proposed it.
/// @param proposedAt Time of its block. [s since 1970-01-01 UTC]
/// @param contestableUntil It cannot be finalised before, nor before the pauses since then are made up for. [s since 1970-01-01 UTC]
/// @param state 0 none, 1 contestable, 2 final, 3 superseded, 4 voided.
/// @param attestedBy Who rebuilt its root, zero where nobody has said so.
/// @param voidedBy Who proved a lie in it, zero where nobody did.
struct RunRecord {
    bytes32 community;
    uint32 period;
    uint32 version;
    uint32 ruleVersion;
    bytes32 batchId;
    bytes32 basis;
    bytes32 root;
    uint64 feedIn;
    uint64 consumption;
    uint64 allocated;
    uint64 shared;
    address proposer;
    uint64 proposedAt;
    uint64 contestableUntil;
    uint8 state;
    address attestedBy;
    address voidedBy;
}
