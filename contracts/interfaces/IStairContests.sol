// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "../libraries/Leaves.sol";

/// @notice A row that a stair adds.
/// @param row The row; empty where the slot is not active or beyond the last.
/// @param detail Hash of its detail, of a flow key, else zero; where no row is, what stands in its place: zero in an honest run.
/// @param path Siblings of the row up to the slot's subtree of the day.
struct StairRow {
    Leaves.Row row;
    bytes32 detail;
    bytes32[] path;
}

/// @notice A stair of an interval, the one before, and the rows between them.
/// @param runId The run.
/// @param day Day of the period.
/// @param t Interval of the day.
/// @param block Number of the stair: it adds the slots 4 · block to 4 · block + 3.
/// @param former The stair before; ignored of the first.
/// @param formerRounds Its rounds.
/// @param formerPath Its siblings up to the root of the day's stairs; none of the first.
/// @param stair The stair.
/// @param rounds Its rounds.
/// @param path Its siblings up to the root of the run.
/// @param header Header of the interval where the key has rounds; ignored of the others.
/// @param headerPath Its siblings up to the root of the day's headers.
/// @param rows One per leaf of the stair's subtree: 4, fewer where the whole tree has fewer.
/// @param details Of a flow key the detail of each row, which says what each producer gave it, empty where no row is; none of the others.
/// @param upper Siblings of that subtree up to the root of the day's rows.
struct StairContest {
    bytes32 runId;
    uint16 day;
    uint16 t;
    uint32 block;
    Leaves.Stair former;
    Leaves.Round[] formerRounds;
    bytes32[] formerPath;
    Leaves.Stair stair;
    Leaves.Round[] rounds;
    bytes32[] path;
    Leaves.Header header;
    bytes32[] headerPath;
    StairRow[] rows;
    Leaves.Detail[] details;
    bytes32[] upper;
}

/// @notice The last stair of an interval, and its header.
/// @param runId The run.
/// @param day Day of the period.
/// @param t Interval of the day.
/// @param stair The stair.
/// @param rounds Its rounds.
/// @param path Its siblings up to the root of the run.
/// @param header The header.
/// @param headerPath Its siblings up to the root of the day's headers.
struct LastStairContest {
    bytes32 runId;
    uint16 day;
    uint16 t;
    Leaves.Stair stair;
    Leaves.Round[] rounds;
    bytes32[] path;
    Leaves.Header header;
    bytes32[] headerPath;
}

/// @notice A period leaf that a period stair adds.
/// @param period The leaf; empty where the slot is not active on any day or beyond the last.
/// @param padding Where no leaf is, what stands in its place: zero in an honest run.
struct StairPeriod {
    Leaves.Period period;
    bytes32 padding;
}

/// @notice A period stair, the one before, and the period leaves between them.
/// @param runId The run.
/// @param block Number of the stair.
/// @param former The stair before; ignored of the first.
/// @param formerPath Its siblings up to the root of the period stairs; none of the first.
/// @param stair The stair.
/// @param path Its siblings up to the root of the run.
/// @param periods One per leaf of the stair's subtree: 4, fewer where the whole tree has fewer.
/// @param upper Siblings of that subtree up to the root of the period leaves.
struct PeriodStairContest {
    bytes32 runId;
    uint32 block;
    Leaves.Stair former;
    bytes32[] formerPath;
    Leaves.Stair stair;
    bytes32[] path;
    StairPeriod[] periods;
    bytes32[] upper;
}

/// @notice Counts up to a slot's day.
/// @param salt Salt of the leaf.
/// @param measured Readings of quality measured or edited.
/// @param estimated Readings of quality estimated.
/// @param missing Readings of quality missing.
struct Counts {
    bytes16 salt;
    uint64 measured;
    uint64 estimated;
    uint64 missing;
}

/// @notice A reading stair of the run's batch, the one before, and the readings of the slot's day.
/// @param runId The run.
/// @param slot The slot.
/// @param day Day of the period.
/// @param former The stair before, of the day before or the slot before's last day; ignored of the first.
/// @param formerPath Its siblings up to the root of the reading stairs; none of the first.
/// @param stair The stair.
/// @param path Its siblings up to the root of the batch.
/// @param readings Salt 16, energy 8, quality 1, source 1 byte of each interval, the rest zero; none where the slot is not active.
/// @param upper Siblings of the slot's day up to the root of the readings; none where the slot is not active.
struct ReadingStairContest {
    bytes32 runId;
    uint32 slot;
    uint16 day;
    Counts former;
    bytes32[] formerPath;
    Counts stair;
    bytes32[] path;
    bytes32[] readings;
    bytes32[] upper;
}

/// @title Proofs that a sum over slots is wrong
/// @notice A stair is the one before and what its slots add; the last is what header, run and batch claim. Who shows a step that is not
/// voids the run. What is shown is public for ever: the rows of a few neighbours in one interval, so this is the auditors' contest.
interface IStairContests {
    /// @notice A stair of an interval was proved not to be the one before and its rows.
    event StairRefuted(bytes32 indexed runId, address indexed by, uint16 day, uint16 t, uint32 number);
    /// @notice The last stair of an interval was proved not to be what the header claims.
    event LastStairRefuted(bytes32 indexed runId, address indexed by, uint16 day, uint16 t);
    /// @notice A period stair was proved not to be the one before and its period leaves.
    event PeriodStairRefuted(bytes32 indexed runId, address indexed by, uint32 number);
    /// @notice The last period stair was proved not to be what the run claims.
    event PeriodTotalsRefuted(bytes32 indexed runId, address indexed by);
    /// @notice A reading stair was proved not to be the one before and the readings of its day.
    event ReadingStairRefuted(bytes32 indexed runId, uint32 indexed slot, address indexed by, uint16 day);
    /// @notice The last reading stair was proved not to be what the batch claims.
    event ReadingCountsRefuted(bytes32 indexed runId, address indexed by);

    /// @notice A stair shows each leaf of its subtree.
    error StairLeavesMissing(uint256 given, uint256 expected);
    /// @notice The former stair, or the header, has not the key's rounds: contest that one.
    error RoundsMalformed(uint256 given, uint256 expected);
    /// @notice The step is as it must be: there is nothing to contest.
    error StairHolds(bytes32 runId);

    /// @notice Prove that a stair of an interval is not the one before and its rows.
    /// @param proof The stairs, the rows, and their paths.
    function contestStair(StairContest calldata proof) external;

    /// @notice Prove that the last stair of an interval is not what its header claims.
    /// @param proof The stair, the header, and their paths.
    function contestLastStair(LastStairContest calldata proof) external;

    /// @notice Prove that a period stair is not the one before and its period leaves.
    /// @param proof The stairs, the leaves, and their paths.
    function contestPeriodStair(PeriodStairContest calldata proof) external;

    /// @notice Prove that the last period stair is not what the run claims.
    /// @param runId The run.
    /// @param stair The stair.
    /// @param path Its siblings up to the root of the run.
    function contestPeriodTotals(bytes32 runId, Leaves.Stair calldata stair, bytes32[] calldata path) external;

    /// @notice Prove that a reading stair is not the one before and the readings of its day.
    /// @param proof The stairs, the readings, and their paths.
    function contestReadingStair(ReadingStairContest calldata proof) external;

    /// @notice Prove that the last reading stair is not what the batch claims.
    /// @param runId The run.
    /// @param stair The stair.
    /// @param path Its siblings up to the root of the batch.
    function contestReadingCounts(bytes32 runId, Counts calldata stair, bytes32[] calldata path) external;
}
