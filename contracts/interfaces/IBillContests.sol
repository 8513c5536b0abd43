// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "../libraries/Leaves.sol";

/// @notice A metering point of a bill.
/// @param slot Its slot.
/// @param period Its period leaf.
/// @param periodPath Siblings of that up to the root of the run.
/// @param linksSalt Salt of its links leaf.
/// @param links Whom it served, or who served it; read where producers sell, else none.
struct BillPoint {
    uint32 slot;
    Leaves.Period period;
    bytes32[] periodPath;
    bytes16 linksSalt;
    Leaves.Link[] links;
}

/// @notice A bill and all that it is computed from.
/// @param runId The run that is billed.
/// @param seat Seat of the participant.
/// @param bill The bill.
/// @param billPath Its siblings up to the root of the bills.
/// @param points The participant's points that are active on any day, in slot order.
/// @param classSalt Salt of the class leaf of the seat.
/// @param vatClass Value added tax class of the participant: 0 private, 1 exempt, 2 liable.
/// @param networkClass 0 standard.
/// @param classPath Siblings of the class leaf up to the root of the classes.
struct BillContest {
    bytes32 runId;
    uint32 seat;
    Leaves.Bill bill;
    bytes32[] billPath;
    BillPoint[] points;
    bytes16 classSalt;
    uint8 vatClass;
    uint8 networkClass;
    bytes32[] classPath;
}

/// @notice A bill that a bill stair adds.
/// @param bill The bill; empty where the slot is not the seat of a participant, or beyond the last.
/// @param padding Where no bill is, what stands in its place: zero among honest bills.
struct StairBill {
    Leaves.Bill bill;
    bytes32 padding;
}

/// @notice A bill stair, the one before, and the bills between them.
/// @param runId The run that is billed.
/// @param block Number of the stair.
/// @param former The stair before; ignored of the first.
/// @param formerPath Its siblings up to the root of the bill stairs; none of the first.
/// @param stair The stair.
/// @param path Its siblings up to the root of bills and their stairs.
/// @param bills One per leaf of the stair's subtree: 4, fewer where the whole tree has fewer.
/// @param upper Siblings of that subtree up to the root of the bills.
struct BillStairContest {
    bytes32 runId;
    uint32 block;
    Leaves.BillStair former;
    bytes32[] formerPath;
    Leaves.BillStair stair;
    bytes32[] path;
    StairBill[] bills;
    bytes32[] upper;
}

/// @title Proofs that bills are wrong
/// @notice Who shows a lie in contestable bills voids them; the run stands, and others may be proposed for it.
interface IBillContests {
    /// @notice A bill was proved not to be what the tariff gives for its period leaves. `figure`: 0 to 12 its lines, 13 the tax in the
    /// debit, 14 that in the credit, 15 the debit, 16 the credit: the first that differs. [cents]
    event BillRefuted(
        bytes32 indexed runId, uint32 indexed seat, address indexed by, uint8 figure, uint64 held, uint256 due
    );
    /// @notice A bill stair was proved not to be the one before and its bills.
    event BillStairRefuted(bytes32 indexed runId, address indexed by, uint32 number);
    /// @notice The last bill stair was proved not to be what the bills claim.
    event BillTotalsRefuted(bytes32 indexed runId, address indexed by);

    /// @notice A bill, or a bill stair, and its path do not lead to the root of the bills.
    error BillNotAnchored(bytes32 runId, bytes32 climbed, bytes32 root);
    /// @notice A period leaf and its path do not lead to the root of the run.
    error PeriodNotInRun(bytes32 runId, uint32 slot, bytes32 climbed, bytes32 root);
    /// @notice The class leaf and its path do not lead to the root of the period's classes.
    error ClassNotFrozen(uint32 seat, bytes32 climbed, bytes32 root);
    /// @notice The links are not those of the period leaf.
    error LinksDiffer(uint32 slot, bytes32 given, bytes32 held);
    /// @notice A bill takes all active points of its seat, in slot order, and no others.
    error PointNotNext(uint32 seat, uint32 given, uint32 expected);
    /// @notice The seat has points that the proof leaves out, from this one on.
    error PointsLeftOut(uint32 seat, uint32 slot);
    /// @notice Two parts of what is shown do not meet where their paths join.
    error BillPartsDoNotMeet(bytes32 climbed, bytes32 expected);
    /// @notice A stair shows each leaf of its subtree.
    error BillLeavesMissing(uint256 given, uint256 expected);
    /// @notice The bill, or the step, is as it must be: there is nothing to contest.
    error BillHolds(bytes32 runId);

    /// @notice Prove that a bill is not what tariff and classes give for the participant's period leaves, and void the bills.
    /// @param proof The bill, its points, and their paths.
    function contestBill(BillContest calldata proof) external;

    /// @notice Prove that a bill stair is not the one before and its bills, and void the bills.
    /// @param proof The stairs, the bills, and their paths.
    function contestBillStair(BillStairContest calldata proof) external;

    /// @notice Prove that the last bill stair is not what the bills claim, and void them.
    /// @param runId The run that is billed.
    /// @param stair The stair.
    /// @param path Its siblings up to the root of bills and their stairs.
    function contestBillTotals(bytes32 runId, Leaves.BillStair calldata stair, bytes32[] calldata path)
        external;
}
