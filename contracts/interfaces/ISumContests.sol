// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "../libraries/Leaves.sol";
import { Coefficient } from "./IContests.sol";

/// @notice A row and the row before it.
/// @param runId The run.
/// @param slot Slot of both.
/// @param day Day of the period.
/// @param t Interval of the day.
/// @param former The row of the interval before; ignored of the first interval of the slot's active days.
/// @param formerDetail Hash of its detail, of a flow key; zero of the others.
/// @param formerPath Its siblings: within a day those up to the root of the slot's day, at the first interval of a day all up to the root
/// of the run, none of the first interval of the slot's active days.
/// @param row The row.
/// @param detail Hash of its detail, of a flow key; zero of the others.
/// @param path Its siblings up to the root of the run.
struct SumContest {
    bytes32 runId;
    uint32 slot;
    uint16 day;
    uint16 t;
    Leaves.Row former;
    bytes32 formerDetail;
    bytes32[] formerPath;
    Leaves.Row row;
    bytes32 detail;
    bytes32[] path;
}

/// @notice A row, the row before it, and the header of its interval.
/// @param step The two rows.
/// @param header The header.
/// @param headerPath Siblings of the header up to the root of the day's headers.
/// @param stairsRoot Root of the day's stairs.
/// @param coefficient Of a scheduled key's consumption row; empty of others.
struct ValueContest {
    SumContest step;
    Leaves.Header header;
    bytes32[] headerPath;
    bytes32 stairsRoot;
    Coefficient coefficient;
}

/// @notice The last row of a slot, and its period leaf.
/// @param runId The run.
/// @param slot Slot of both.
/// @param row The row of the last interval of the slot's last active day.
/// @param detail Hash of its detail, of a flow key; zero of the others.
/// @param path Its siblings up to the root of the run.
/// @param period The period leaf.
/// @param periodPath Its siblings up to the root of the run.
struct TotalsContest {
    bytes32 runId;
    uint32 slot;
    Leaves.Row row;
    bytes32 detail;
    bytes32[] path;
    Leaves.Period period;
    bytes32[] periodPath;
}

/// @notice A header.
/// @param runId The run.
/// @param day Day of the period.
/// @param t Interval of the day.
/// @param header The header.
/// @param path Its siblings up to the root of the run.
struct HeaderContest {
    bytes32 runId;
    uint16 day;
    uint16 t;
    Leaves.Header header;
    bytes32[] path;
}

/// @title Proofs that what a run adds up, or what it is worth, is wrong
/// @notice A row's totals are those of the row before it and what the interval adds; the last are the period's. Who shows a step that is
/// not voids the run. What is shown is public for ever: two rows of one's own.
interface ISumContests {
    /// @notice A running total was proved not to be the one before and what the interval adds. [mWh, pico-euro]
    event SumRefuted(
        bytes32 indexed runId,
        uint32 indexed slot,
        address indexed by,
        uint16 day,
        uint16 t,
        uint8 total,
        uint64 held,
        uint256 due
    );
    /// @notice A total of a period leaf was proved not to be that of the slot's last row. [mWh, pico-euro]
    event TotalRefuted(
        bytes32 indexed runId, uint32 indexed slot, address indexed by, uint8 total, uint64 held, uint64 due
    );
    /// @notice A header was proved to say what it cannot: part 1 the band, 2 what is allocated, 3 the value, 4 the number of rounds, 5 a
    /// first pool, 6 tau, 7 the level of the producer key.
    event HeaderPartRefuted(
        bytes32 indexed runId, address indexed by, uint16 day, uint16 t, uint8 part, uint256 held, uint256 due
    );

    /// @notice The totals are those of the row before and what the interval adds: there is nothing to contest.
    error SumHolds(bytes32 runId, uint32 slot);
    /// @notice The interval's value and credited energy are what is due.
    error ValueHolds(bytes32 runId, uint32 slot);
    /// @notice The period leaf holds the totals of the last row.
    error TotalsHold(bytes32 runId, uint32 slot);
    /// @notice The header says nothing that it could not.
    error HeaderMayHold(bytes32 runId, uint16 day, uint16 t);
    /// @notice A slot that is not confirmed has no period leaf.
    error SlotNotConfirmed(uint32 slot);
    /// @notice The header has not the key's rounds: contest that one.
    error HeaderMalformed(bytes32 runId, uint256 given, uint256 expected);
    /// @notice Links say what a flow is worth: which of them are given away stands in no contract.
    error ValueOfLinks(bytes32 runId);

    /// @notice Prove that a row's totals of energy and of what was allocated are not those of the row before it and its own, in the band
    /// of its interval, and void the run.
    /// @param proof The two rows, and their paths.
    function contestSum(SumContest calldata proof) external;

    /// @notice Prove that a row's totals of value and credited energy did not grow by what the rule gives for its header, and void the run.
    /// @dev Not of a flow key.
    /// @param proof The two rows, the header, and their paths.
    function contestValue(ValueContest calldata proof) external;

    /// @notice Prove that a period leaf does not hold the totals of the slot's last row, and void the run.
    /// @dev But the value of a feed-in slot where producers sell: there it is the sum of the slot's links.
    /// @param proof The last row and the period leaf, and their paths.
    function contestTotals(TotalsContest calldata proof) external;

    /// @notice Prove that a header says what no rows could give: another band than the period's, more than was fed in or used, another
    /// value than the price gives, rounds or a tau that the key has not; and void the run.
    /// @param proof The header and its path.
    function contestHeader(HeaderContest calldata proof) external;
}
