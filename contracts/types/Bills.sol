// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The bills of a run, as proposed; all sums are over the run's bills.
/// @param community The community.
/// @param runId The run that they bill.
/// @param root Root of the bill trees.
/// @param debits Sum of debits, value added tax included. [cents]
/// @param credits Sum of credits, value added tax included. [cents]
/// @param fees Sum of fees. [cents]
/// @param vatDebits Value added tax in the debits. [cents]
/// @param vatCredits Value added tax in the credits. [cents]
/// @param passThrough What is billed for others, less what is credited for others. [cents]
/// @param rounding Bought from neighbours less sold to neighbours. [cents]
struct BillsProposal {
    bytes32 community;
    bytes32 runId;
    bytes32 root;
    uint64 debits;
    uint64 credits;
    uint64 fees;
    uint64 vatDebits;
    uint64 vatCredits;
    int64 passThrough;
    int64 rounding;
}

/// @notice The bills of a run as kept.
/// @param community The community.
/// @param runId The run that they bill.
/// @param root Root of the bill trees.
/// @param debits Sum of debits, value added tax included. [cents]
/// @param credits Sum of credits, value added tax included. [cents]
/// @param fees Sum of fees. [cents]
/// @param vatDebits Value added tax in the debits. [cents]
/// @param vatCredits Value added tax in the credits. [cents]
/// @param passThrough What is billed for others, less what is credited for others. [cents]
/// @param rounding Bought from neighbours less sold to neighbours. [cents]
/// @param proposer Account that proposed them.
/// @param proposedAt Time of the block. [s since 1970-01-01 UTC]
/// @param contestableUntil They cannot be finalised before, nor before the pauses since then are made up for. [s since 1970-01-01 UTC]
/// @param state 0 none, 1 contestable, 2 final, 3 superseded, 4 voided.
/// @param voidedBy Who proved a lie in them, zero where nobody did.
struct BillsRecord {
    bytes32 community;
    bytes32 runId;
    bytes32 root;
    uint64 debits;
    uint64 credits;
    uint64 fees;
    uint64 vatDebits;
    uint64 vatCredits;
    int64 passThrough;
    int64 rounding;
    address proposer;
    uint64 proposedAt;
    uint64 contestableUntil;
    uint8 state;
    address voidedBy;
}

/// @notice What bills claim, for those who hold a bill against the tariff.
/// @param community The community.
/// @param period First civil date of the period. [days since 1970-01-01]
/// @param ruleVersion Version of the rule that they apply.
/// @param root Root of the bill trees.
/// @param state 0 none, 1 contestable, 2 final, 3 superseded, 4 voided; bills of a superseded or voided run are that.
/// @param runRoot Root of the run's trees.
struct BillsClaim {
    bytes32 community;
    uint32 period;
    uint32 ruleVersion;
    bytes32 root;
    uint8 state;
    bytes32 runRoot;
}
