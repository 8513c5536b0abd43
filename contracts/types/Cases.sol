// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Parties of a case, each with a claim of its own.

/// @dev Whose metering point it is.
uint8 constant PARTY_CONSUMER = 0;
/// @dev An energy provider.
uint8 constant PARTY_PROVIDER = 1;
/// @dev The grid operator: its measure prevails unless shown otherwise.
uint8 constant PARTY_GRID_OPERATOR = 2;
/// @dev Nobody: the readings stand as they are.
uint8 constant PARTY_NONE = 3;

// States of a case.

/// @dev There is no such case.
uint8 constant CASE_NONE = 0;
/// @dev The parties file their claims.
uint8 constant CASE_CLAIMS = 1;
/// @dev Claims are closed, the arbiter's ruling is awaited.
uint8 constant CASE_HEARING = 2;
/// @dev Ruled; members may appeal.
uint8 constant CASE_RULED = 3;
/// @dev Members vote on another outcome.
uint8 constant CASE_APPEALED = 4;
/// @dev The outcome holds and is to be carried out.
uint8 constant CASE_FINAL = 5;
/// @dev Nobody's claim prevailed.
uint8 constant CASE_DISMISSED = 6;
/// @dev A batch of readings has carried the outcome out.
uint8 constant CASE_FULFILLED = 7;

/// @notice What a case is about.
/// @param community The community.
/// @param period First civil date of the period. [days since 1970-01-01]
/// @param slot The metering point.
/// @param first First interval in question, from 0. [interval of the period]
/// @param until Interval after the last one in question. [interval of the period]
/// @param paper Salted hash of what is put in words.
struct CaseOpening {
    bytes32 community;
    uint32 period;
    uint32 slot;
    uint32 first;
    uint32 until;
    bytes32 paper;
}

/// @notice What a party says was measured.
/// @param community The community.
/// @param caseId The case.
/// @param party 0 consumer, 1 provider, 2 grid operator.
/// @param readings Root over salted reading leaves of the intervals in question.
/// @param evidence Salted hash of the evidence.
struct Claim {
    bytes32 community;
    uint256 caseId;
    uint8 party;
    bytes32 readings;
    bytes32 evidence;
}

/// @notice A claim as kept; `filedAt` 0 where the party filed none.
/// @param signer Who signed it.
/// @param filedAt Time of its block. [s since 1970-01-01 UTC]
/// @param readings Root over salted reading leaves of the intervals in question.
/// @param evidence Salted hash of the evidence.
struct ClaimRecord {
    address signer;
    uint64 filedAt;
    bytes32 readings;
    bytes32 evidence;
}

/// @notice A case as kept.
/// @param community The community.
/// @param period First civil date of the period. [days since 1970-01-01]
/// @param slot The metering point.
/// @param first First interval in question. [interval of the period]
/// @param until Interval after the last one in question. [interval of the period]
/// @param opener Who opened it.
/// @param openedAt Time of its block. [s since 1970-01-01 UTC]
/// @param ruledAt When it was ruled, or closed by precedence; 0 before. [s since 1970-01-01 UTC]
/// @param state 0 none, 1 claims, 2 hearing, 3 ruled, 4 appealed, 5 final, 6 dismissed, 7 fulfilled.
/// @param prevailing Party whose claim prevails: 0 consumer, 1 provider, 2 grid operator, 3 none.
/// @param paper Salted hash of what was put in words.
/// @param reasons Salted hash of the ruling's reasons; zero where precedence decided.
/// @param proposalId Proposal of the appeal; 0 where there is none.
/// @param batchId Batch that carried the outcome out; zero before.
struct CaseRecord {
    bytes32 community;
    uint32 period;
    uint32 slot;
    uint32 first;
    uint32 until;
    address opener;
    uint64 openedAt;
    uint64 ruledAt;
    uint8 state;
    uint8 prevailing;
    bytes32 paper;
    bytes32 reasons;
    uint256 proposalId;
    bytes32 batchId;
}
