// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { BillsClaim, BillsProposal, BillsRecord } from "../types/Bills.sol";

/// @title What the energy costs, anchored
/// @notice Keeps the bills of each run; refuses those whose debits are not credits, fees, taxes and pass-through. Bills are backed by a
/// bond; where a lie in them is proved, others may be proposed for the same run, and while the community is paused none are, nor final.
interface IBillingLedger {
    /// @notice The bills of a run were proposed.
    event BillsProposed(
        bytes32 indexed runId, bytes32 indexed community, bytes32 root, uint64 contestableUntil
    );
    /// @notice A lie in the bills of a run was proved.
    event BillsVoided(bytes32 indexed runId, address indexed by);
    /// @notice The bills of a run became final: payable.
    event BillsFinalised(bytes32 indexed runId, bytes32 indexed community);
    /// @notice The documents written from final bills were anchored.
    event DocumentsAnchored(bytes32 indexed runId, bytes32 indexed community, bytes32 manifest);

    /// @notice The run does not exist, is superseded or is voided.
    error RunNotBillable(bytes32 runId, uint8 state);
    /// @notice The bills name another community than their run's.
    error BillsElsewhere(bytes32 given, bytes32 community);
    /// @notice The run has bills, in which no lie was proved.
    error BillsProposedAlready(bytes32 runId);
    /// @notice Bills have a root.
    error BillsRootMissing(bytes32 runId);
    /// @notice Debits (left) are not credits, fees, taxes, pass-through and rounding (right). [cents]
    error BillsDoNotBalance(int256 left, int256 right);
    /// @notice Rounding to cents leaves at most one cent per slot. [cents]
    error RoundingTooLarge(int64 rounding, uint32 slots);
    /// @notice The bills are not contestable: 0 none, 2 final, 3 superseded, 4 voided.
    error BillsNotContestable(bytes32 runId, uint8 state);
    /// @notice Only the contests of bills and of their places may void bills.
    error NotBillContests(address caller);
    /// @notice Bills become final after their run.
    error RunNotFinal(bytes32 runId, uint8 state);
    /// @notice Documents are written from final bills: 0 none, 1 contestable, 3 superseded, 4 voided.
    error BillsNotFinal(bytes32 runId, uint8 state);
    /// @notice A manifest has a hash.
    error ManifestMissing(bytes32 runId);
    /// @notice This manifest is the last one anchored.
    error ManifestAnchoredAlready(bytes32 runId, bytes32 manifest);

    /// @notice Propose the bills of a run, or others in the place of voided ones. Only a settler, who backs them with a bond out of what
    /// is sent and what is free in {IBonds}.
    /// @param proposal The bills.
    function proposeBills(BillsProposal calldata proposal) external payable;

    /// @notice Make bills final once their window has passed, longer by pauses, and their run is final. Anyone may.
    /// @param runId The run that they bill.
    function finalise(bytes32 runId) external;

    /// @notice Void contestable bills. Only the contests.
    /// @param runId The run that they bill.
    /// @param by Who proved the lie: the bond is theirs.
    function voidBills(bytes32 runId, address by) external;

    /// @notice Anchor the manifest of the documents written from a run's final bills. Only a settler; a later one joins the former.
    /// @param runId The run that they bill.
    /// @param manifest keccak256 of the manifest, which names every document by its hash, and a salt.
    function anchorDocuments(bytes32 runId, bytes32 manifest) external;

    /// @notice Manifests anchored for a run, in order.
    /// @param runId The run.
    function documentsOf(bytes32 runId) external view returns (bytes32[] memory);

    /// @notice The bills of a run; zeros where there are none. Bills of a superseded or voided run read as such.
    /// @param runId The run.
    function bills(bytes32 runId) external view returns (BillsRecord memory);

    /// @notice What a contest needs to know of the bills of a run, and no more: each word read is paid by who contests.
    /// @param runId The run.
    function claimOf(bytes32 runId) external view returns (BillsClaim memory);
}
