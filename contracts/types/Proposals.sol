// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev A new version of the rules.
uint8 constant KIND_RULE = 1;
/// @dev What seats weigh.
uint8 constant KIND_WEIGHTS = 2;
/// @dev A seat is taken back.
uint8 constant KIND_REVOCATION = 3;
/// @dev Who may pause the ledgers.
uint8 constant KIND_GUARDIANS = 4;
/// @dev Another steward.
uint8 constant KIND_STEWARD = 5;
/// @dev Another outcome of a case.
uint8 constant KIND_APPEAL = 6;

/// @dev Votes against.
uint8 constant SUPPORT_AGAINST = 0;
/// @dev Votes in favour.
uint8 constant SUPPORT_FOR = 1;
/// @dev Abstentions: they count for the quorum alone.
uint8 constant SUPPORT_ABSTAIN = 2;

/// @notice How a community votes; fixed when its governor is created.
/// @param votingDelay From a proposal to its snapshot, who is seated then votes. [s]
/// @param votingPeriod From the snapshot to the end. [s]
/// @param lateQuorumExtension How long a vote lasts at least once the quorum is reached. [s]
/// @param quorumPpm Part of all votes that must be in favour or abstain, rounded up. [ppm]
struct Settings {
    uint48 votingDelay;
    uint32 votingPeriod;
    uint48 lateQuorumExtension;
    uint32 quorumPpm;
}

/// @notice What is said about a proposal, off the chain.
/// @param text Salted hash of the words.
/// @param rehearsal Hash of the rehearsal's result; zero where it was not rehearsed.
/// @param nonce Any number that makes the proposal another than the member's former ones.
struct Paper {
    bytes32 text;
    bytes32 rehearsal;
    uint256 nonce;
}

/// @notice Votes of a proposal.
/// @param against Votes against.
/// @param inFavour Votes in favour.
/// @param abstain Abstentions.
struct Tally {
    uint64 against;
    uint64 inFavour;
    uint64 abstain;
}

/// @notice A proposal as it will be voted on.
/// @param kind Which kind it is, from 1.
/// @param target Contract that is called when it is executed.
/// @param call Call data.
/// @param structHash What EIP-712 makes of what its proposer signs.
struct Form {
    uint8 kind;
    address target;
    bytes call;
    bytes32 structHash;
}
