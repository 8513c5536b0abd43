// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Demand } from "../types/Demands.sol";
import { Leaves } from "../libraries/Leaves.sol";

/// @title Data that were withheld, asked for
/// @notice Who cannot check a day of a slot asks for it. Who proposed the run shows the hashes of the day's rows, then the one row that
/// is named; silence voids the run. Hashes tell nobody anything but that the data are held: only the named row is shown.
interface IDemands {
    /// @notice A day of a slot was asked for.
    event DayDemanded(
        bytes32 indexed runId,
        uint32 indexed slot,
        address indexed by,
        bytes32 demandId,
        uint16 day,
        uint64 until
    );
    /// @notice The hashes of the day's rows were shown, in the order of its intervals.
    event DayAnswered(bytes32 indexed demandId, uint64 until);
    /// @notice An interval of the day was named.
    event RowNamed(bytes32 indexed demandId, uint16 t, uint64 until);
    /// @notice The named row was shown.
    event RowOpened(bytes32 indexed demandId, uint16 t, Leaves.Row row, bytes32 detail);
    /// @notice A demand ended in silence, or with its run.
    event DemandLapsed(bytes32 indexed demandId, address indexed depositTo);

    /// @notice The seat's holder, a grid operator, a provider, an arbiter or an auditor may ask.
    error DemanderMissing(bytes32 community, uint32 slot, address caller);
    /// @notice The window in which a run's data are asked for has passed. [s since 1970-01-01 UTC]
    error DemandTooLate(bytes32 runId, uint64 until);
    /// @notice The caller asked for this day of the slot already.
    error DemandedAlready(bytes32 demandId);
    /// @notice The demand is not at this step: 0 none, 1 asked, 2 answered, 3 named, 4 over.
    error DemandNotAt(bytes32 demandId, uint8 state, uint8 expected);
    /// @notice The demand is over, or was never made.
    error DemandOver(bytes32 demandId, uint8 state);
    /// @notice The time to take this step has passed. [s since 1970-01-01 UTC]
    error DemandExpired(bytes32 demandId, uint64 until);
    /// @notice The step may still be taken. [s since 1970-01-01 UTC]
    error DemandRunning(bytes32 demandId, uint64 until);
    /// @notice Only who proposed the run answers and opens.
    error NotProposer(bytes32 demandId, address caller);
    /// @notice Only who asked names a row.
    error NotDemander(bytes32 demandId, address caller);
    /// @notice An answer has a hash for each interval of the day.
    error AnswerIncomplete(uint256 given, uint256 expected);
    /// @notice What is shown does not lead to the root of the run.
    error AnswerNotInRun(bytes32 runId, bytes32 climbed, bytes32 root);

    /// @notice Ask for a day of a slot of a contestable run, within its window. The deposit comes out of what is sent and what one has
    /// free in {IBonds}. Each asks for a day once, so that nobody uses up another's demand. Only the holder of the slot's seat, a grid operator, a provider, an arbiter or an auditor.
    /// @param runId The run.
    /// @param slot The slot, active on the day.
    /// @param day Day of the period.
    /// @return demandId Id of the demand.
    function demand(bytes32 runId, uint32 slot, uint16 day) external payable returns (bytes32 demandId);

    /// @notice Show the hashes of the day's rows. Only who proposed the run, within 72 hours.
    /// @param demandId The demand.
    /// @param rowHashes Hash of each interval's row, in order.
    /// @param path Siblings of the slot's day, from the root of these hashes up to the root of the run.
    function answer(bytes32 demandId, bytes32[] calldata rowHashes, bytes32[] calldata path) external;

    /// @notice Name the row to be opened. Only who asked, within 72 hours.
    /// @param demandId The demand.
    /// @param t Interval of the day.
    function name(bytes32 demandId, uint16 t) external;

    /// @notice Show the named row; the deposit is then free for who proposed the run, and the demand over. Only they, within 72 hours.
    /// @param demandId The demand.
    /// @param row The row.
    /// @param detail Hash of its detail, of a flow key; zero of the others.
    /// @param path Siblings of the row up to the root of the run.
    function open(bytes32 demandId, Leaves.Row calldata row, bytes32 detail, bytes32[] calldata path) external;

    /// @notice End a demand whose step was not taken in time. Who proposed the run and was silent loses it: it is voided, and the deposit
    /// goes back; who asked and was silent loses the deposit. Where the run was voided meanwhile, the deposit goes back. Anyone may.
    /// @param demandId The demand.
    function lapse(bytes32 demandId) external;

    /// @notice Demands of a run that are neither answered nor given up.
    /// @param runId Id of the run.
    function pendingOf(bytes32 runId) external view returns (uint256);

    /// @notice A demand; zeros where there is none.
    /// @param demandId The demand.
    function demandOf(bytes32 demandId) external view returns (Demand memory);

    /// @notice Id of an account's demand for a day of a slot.
    /// @param runId The run.
    /// @param slot The slot.
    /// @param day Day of the period.
    /// @param demander Who asks.
    function demandIdOf(bytes32 runId, uint32 slot, uint16 day, address demander)
        external
        pure
        returns (bytes32);
}
