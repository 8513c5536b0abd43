// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "../libraries/Leaves.sol";
import { Reading } from "../types/Readings.sol";

/// @notice A row and the reading that it was computed from.
/// @param runId The run.
/// @param slot Slot of both.
/// @param day Day of the period.
/// @param t Interval of the day.
/// @param row The row.
/// @param detail Hash of its detail, of a flow key; zero of the others.
/// @param path Siblings of the row up to the root of the run.
/// @param reading The reading of the run's batch.
/// @param readingPath Siblings of the reading up to the root of the batch.
struct InputContest {
    bytes32 runId;
    uint32 slot;
    uint16 day;
    uint16 t;
    Leaves.Row row;
    bytes32 detail;
    bytes32[] path;
    Reading reading;
    bytes32[] readingPath;
}

/// @notice What stands at one place of one tree.
/// @param runId The run.
/// @param tree Kind of the tree's leaves: 1 headers, 2 stairs, 3 rows, 4 periods, 5 period stairs, 6 bills, 7 bill stairs, 8 readings,
/// 9 reading stairs.
/// @param slot Slot, seat or number of the stair; zero of headers.
/// @param day Day of the period, zero where the tree has none.
/// @param t Interval of the day, zero where the tree has none.
/// @param leaf Hash that stands there, zero where nothing does.
/// @param path Siblings up to the root of the run, its bills or its batch.
struct SlotContest {
    bytes32 runId;
    uint8 tree;
    uint32 slot;
    uint16 day;
    uint16 t;
    bytes32 leaf;
    bytes32[] path;
}

/// @notice A reading and its way to the root of its batch.
/// @param day Day of the period.
/// @param t Interval of the day.
/// @param reading The reading.
/// @param path Siblings up to the root of the batch.
struct ReadingProof {
    uint16 day;
    uint16 t;
    Reading reading;
    bytes32[] path;
}

/// @notice An estimate of the run's batch, and the readings that decide what it must be.
/// @param runId The run.
/// @param slot Slot of all.
/// @param estimate The estimate.
/// @param others The others, as each contest says; none where the slot feeds in.
struct EstimateContest {
    bytes32 runId;
    uint32 slot;
    ReadingProof estimate;
    ReadingProof[] others;
}

/// @notice An estimate of the run's batch by a method that its rule does not have.
/// @param runId The run.
/// @param slot Its slot.
/// @param estimate The estimate.
struct MethodContest {
    bytes32 runId;
    uint32 slot;
    ReadingProof estimate;
}

/// @notice An estimate of the run's batch, and the measured reading that an earlier batch of the period holds at its place.
/// @param runId The run.
/// @param slot Slot of both.
/// @param estimate The estimate.
/// @param batchId The earlier batch.
/// @param measured The reading; at the same day and interval.
/// @param measuredPath Siblings of that up to the root of the earlier batch.
struct ReplacedContest {
    bytes32 runId;
    uint32 slot;
    ReadingProof estimate;
    bytes32 batchId;
    Reading measured;
    bytes32[] measuredPath;
}

/// @title Proofs that a run does not rest on what was measured
/// @notice Who shows a lie in a contestable run, its batch or its bills voids it. What is shown is public for ever: readings of one's own.
interface IInputContests {
    /// @notice A row was proved not to hold the reading that was anchored. [mWh]
    event InputRefuted(
        bytes32 indexed runId,
        uint32 indexed slot,
        address indexed by,
        uint16 day,
        uint16 t,
        uint64 held,
        uint64 due
    );
    /// @notice A leaf was proved to lack, or to stand where none must be.
    event SlotRefuted(
        bytes32 indexed runId,
        uint32 indexed slot,
        address indexed by,
        uint8 tree,
        uint16 day,
        uint16 t,
        bytes32 held,
        bool due
    );
    /// @notice An estimate was proved not to be what its method gives; `due` is 0 where the method gives nothing. [mWh]
    event EstimateRefuted(
        bytes32 indexed runId,
        uint32 indexed slot,
        address indexed by,
        uint16 day,
        uint16 t,
        uint64 held,
        uint256 due
    );
    /// @notice An estimate was proved to stand in the place of a measured reading. [mWh]
    event ReplacementRefuted(
        bytes32 indexed runId,
        uint32 indexed slot,
        address indexed by,
        uint16 day,
        uint16 t,
        uint64 held,
        uint64 due
    );

    /// @notice The row holds the reading's energy and quality: there is nothing to contest.
    error InputHolds(bytes32 runId, uint32 slot, uint64 energy);
    /// @notice A leaf stands where one must be, or none where none must be.
    error SlotHolds(bytes32 runId, uint8 tree, bool due);
    /// @notice The estimate is what its method gives.
    error EstimateHolds(bytes32 runId, uint32 slot, uint64 energy);
    /// @notice The rule may have this method.
    error MethodHolds(bytes32 runId, uint8 source);
    /// @notice There is no tree with this number.
    error TreeUnknown(uint8 tree);
    /// @notice The reading was not estimated by this method: 2 interpolated, 3 of similar days, 0 where any of ours will do.
    error EstimateOfAnother(uint8 quality, uint8 source, uint8 method);
    /// @notice Another interval is due here: the readings around a gap are shown one after the other.
    error ReadingElsewhere(uint256 place, uint16 day, uint16 t);
    /// @notice Another number of readings is due.
    error ReadingsIncomplete(uint256 given, uint256 expected);
    /// @notice The readings shown are not a whole gap and the reading on either side of it, nor a gap that is too long to interpolate.
    error GapNotShown(uint256 given);
    /// @notice What the estimate may have drawn on lies outside the period, where no batch holds it.
    error SourceOutsidePeriod(uint256 day, int256 offset);
    /// @notice The clock turned on one of the two days: their intervals are not at the same time.
    error DaysDiffer(uint256 day, uint256 other);
    /// @notice The batch is not an earlier one of the run's period.
    error BatchNotEarlier(bytes32 batchId, bytes32 runId);
    /// @notice The reading was not measured.
    error ReadingNotMeasured(uint8 quality, uint8 source);

    /// @notice Prove that a row's energy or quality is not its reading's, and void the run.
    /// @param proof Row and reading, and their paths.
    function contestInput(InputContest calldata proof) external;

    /// @notice Prove that a leaf lacks, or stands where none must be, and void the run, or of trees 6 and 7 the bills.
    /// @param proof The place and what stands there.
    function contestSlot(SlotContest calldata proof) external;

    /// @notice Prove that an interpolated reading is not what lies between its neighbours, and void the run.
    /// @dev The others are all readings, in order and without the estimate, from the one before the gap to the one after it; or, where
    /// the gap lasts longer than may be interpolated, enough of the gap to show that.
    /// @param proof The estimate and the others.
    function contestLinear(EstimateContest calldata proof) external;

    /// @notice Prove that a reading of similar days is not their mean, and void the run.
    /// @dev The others are the readings at the same interval 7 days before, 7 after, 14 before and 14 after, of the days on which the
    /// slot is active; where none of these is known, then also 1 before, 1 after, 2 before and 2 after.
    /// @param proof The estimate and the others.
    function contestSimilar(EstimateContest calldata proof) external;

    /// @notice Prove that an estimate's method is none, or that of feed-in, or profiled (5) though the rule holds no terms that could
    /// name it, and void the run.
    /// @param proof The estimate.
    function contestMethod(MethodContest calldata proof) external;

    /// @notice Prove that an estimate stands where an earlier batch of the period holds a measured reading, and void the run.
    /// @param proof The estimate and the measured reading.
    function contestReplaced(ReplacedContest calldata proof) external;
}
