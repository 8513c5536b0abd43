// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { FlowCosts } from "../libraries/FlowCosts.sol";
import { Leaves } from "../libraries/Leaves.sol";

/// @notice A row of a flow run with its detail, and the header of its interval.
/// @param runId The run.
/// @param slot Slot of the row.
/// @param day Day of the period.
/// @param t Interval of the day.
/// @param row The row.
/// @param detail Its detail.
/// @param path Its siblings up to the root of the run.
/// @param header The header.
/// @param headerPath Siblings of the header up to the root of the day's headers.
/// @param stairsRoot Root of the day's stairs.
struct FlowRow {
    bytes32 runId;
    uint32 slot;
    uint16 day;
    uint16 t;
    Leaves.Row row;
    Leaves.Detail detail;
    bytes32[] path;
    Leaves.Header header;
    bytes32[] headerPath;
    bytes32 stairsRoot;
}

/// @notice A consumer's row, and what its link from a producer costs.
/// @param consumer The consumer's row and the header.
/// @param producer Slot of the producer.
/// @param cost The link's cost.
/// @param costPath Its siblings up to the basis of the run: those of the costs, then the scale's hash.
/// @param producerRow The producer's row; read only where the header says that it shared nothing.
/// @param producerDetail Hash of that row's detail.
/// @param producerPath Siblings of that row up to the root of the run; none where it is not shown.
struct LinkContest {
    FlowRow consumer;
    uint32 producer;
    FlowCosts.Cost cost;
    bytes32[] costPath;
    Leaves.Row producerRow;
    bytes32 producerDetail;
    bytes32[] producerPath;
}

/// @notice A row of either side, and how steps are weighed.
/// @param end The row and the header.
/// @param scale The scale.
/// @param costsRoot Root of the costs, beside the scale below the basis of the run.
struct StepContest {
    FlowRow end;
    FlowCosts.Scale scale;
    bytes32 costsRoot;
}

/// @title Proofs that a flow is not the best
/// @notice A flow is optimal where potentials keep the inequalities of every link and every end: who shows one that does not hold
/// voids the run. What is shown is public for ever.
interface ILinkContests {
    /// @notice A link was proved to carry more than its cap, energy that would be better elsewhere, or less than would be better.
    /// @dev `part`: 0 the cap [mWh], 1 the link is dearer than what it carries is worth, 2 it is cheaper and could carry more.
    event LinkRefuted(
        bytes32 indexed runId,
        uint32 indexed consumer,
        address indexed by,
        uint32 producer,
        uint16 day,
        uint16 t,
        uint8 part,
        int256 held,
        int256 due
    );
    /// @notice A row's potential was proved to be none: beyond its bounds, or another than its producer's in the header.
    /// @dev `part`: 0 below the least, 1 above the most, 2 not the header's, 3 shared something else than the header says [mWh].
    event PotentialRefuted(
        bytes32 indexed runId,
        uint32 indexed slot,
        address indexed by,
        uint16 day,
        uint16 t,
        uint8 part,
        int256 held,
        int256 due
    );

    /// @notice The inequalities of this link hold: there is nothing to contest.
    error LinkHolds(bytes32 runId, uint32 producer, uint32 consumer);
    /// @notice The potential of this row is within its bounds: there is nothing to contest.
    error PotentialHolds(bytes32 runId, uint32 slot, int64 potential);
    /// @notice The slot is not a point of this direction that is active on the day.
    error NotOnThisSide(uint32 slot, uint8 direction);
    /// @notice The header has no round for this producer.
    error RoundMissing(bytes32 runId, uint32 producer, uint256 rounds);
    /// @notice The leaves and path do not lead to the basis of the run.
    error CostNotInBasis(bytes32 runId, bytes32 climbed, bytes32 basis);

    /// @notice Prove that a link contradicts the flow, and void the run.
    /// @param proof The consumer's row, the header, and the link's cost.
    function contestLink(LinkContest calldata proof) external;

    /// @notice Prove that a row's potential contradicts what it was given or shared, and void the run.
    /// @param proof The row, the header, and the scale.
    function contestStep(StepContest calldata proof) external;
}
