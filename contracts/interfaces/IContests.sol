// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "../libraries/Leaves.sol";

/// @notice The coefficient of a consumption row under a scheduled key; empty of other keys and rows.
/// @param salt Salt of the leaf.
/// @param coefficientPpm The coefficient; 0 beyond the schedule, and where it has no leaf. [ppm]
/// @param path Siblings up to the schedule's root; none beyond the schedule.
struct Coefficient {
    bytes16 salt;
    uint32 coefficientPpm;
    bytes32[] path;
}

/// @notice A row, its header, and their way to the root of the run.
/// @param runId The run.
/// @param slot Slot of the row.
/// @param day Day of the period.
/// @param t Interval of the day.
/// @param row The row.
/// @param rowPath Siblings of the row up to the root of the day's rows.
/// @param header The header of the interval.
/// @param headerPath Siblings of the header up to the root of the day's headers.
/// @param stairsRoot Root of the day's stairs.
/// @param dayPath Siblings of the day up to the root of the days.
/// @param periodsNode Node beside the days: periods and their stairs.
/// @param coefficient Of a scheduled key's consumption row.
struct RowContest {
    bytes32 runId;
    uint32 slot;
    uint16 day;
    uint16 t;
    Leaves.Row row;
    bytes32[] rowPath;
    Leaves.Header header;
    bytes32[] headerPath;
    bytes32 stairsRoot;
    bytes32[] dayPath;
    bytes32 periodsNode;
    Coefficient coefficient;
}

/// @title Proofs that a run is wrong
/// @notice Who shows a lie in a contestable run voids it. What is shown is public for ever.
interface IContests {
    /// @notice A row was proved not to follow the sharing key. [mWh]
    event RowRefuted(
        bytes32 indexed runId,
        uint32 indexed slot,
        address indexed by,
        uint16 day,
        uint16 t,
        uint64 held,
        uint256 due
    );
    /// @notice A header was proved not to have the rounds of the sharing key: no row of its interval can follow it.
    event HeaderRefuted(bytes32 indexed runId, address indexed by, uint16 day, uint16 t);

    /// @notice The leaves and paths given do not lead to the root of the run.
    error LeavesNotInRun(bytes32 runId, bytes32 climbed, bytes32 root);
    /// @notice The row holds what the sharing key gives: there is nothing to contest.
    error RowHolds(bytes32 runId, uint32 slot, uint64 allocated);
    /// @notice The grid operator's allocation binds: rows follow no formula.
    error RowsFollowOperator(bytes32 runId);
    /// @notice The coefficient and its path do not lead to the root of the schedule.
    error CoefficientNotInSchedule(bytes32 scheduleId, bytes32 climbed, bytes32 root);
    /// @notice The schedule does not reach this slot, day or interval: its coefficient is 0 and has no path.
    error CoefficientBeyondSchedule(bytes32 scheduleId, uint32 slot, uint16 day, uint16 t);
    /// @notice The slot is not active on this day.
    error SlotNotActive(uint32 slot, uint16 day);
    /// @notice No day of the period has such an interval.
    error IntervalOutsideDay(uint16 t, uint16 intervals);

    /// @notice Prove that the allocation of a row is not what the voted key gives for this row and header, or that the header has
    /// not the key's rounds, and void the run.
    /// @dev Not of a flow key, whose rows are the sums of their links ({contestFlow}).
    /// @param proof The row, its header, and their paths.
    function contestRow(RowContest calldata proof) external;

    /// @notice Prove that the allocation of a row of a flow key is not the sum of its links, and void the run.
    /// @param proof The row, its header, and their paths.
    /// @param detail The row's detail, with its links.
    function contestFlow(RowContest calldata proof, Leaves.Detail calldata detail) external;
}
