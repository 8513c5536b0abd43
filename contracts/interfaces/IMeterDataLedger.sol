// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Batch, BatchRecord } from "../types/Batches.sol";

/// @title What was measured, anchored
/// @notice Keeps each complete batch of a period's readings, and refuses those that break the conformity limits in force.
interface IMeterDataLedger {
    /// @notice A batch was anchored.
    event BatchSubmitted(
        bytes32 indexed batchId,
        bytes32 indexed community,
        uint32 indexed period,
        uint32 version,
        address signer,
        bytes32 root
    );

    /// @notice There is no label with this number.
    error BatchLabelUnknown(uint8 label);
    /// @notice An imported batch names its source file by a salted hash.
    error BatchSourceMissing(bytes32 community, uint32 period);
    /// @notice A batch has a root.
    error BatchRootMissing(bytes32 community, uint32 period);
    /// @notice Versions count up by one.
    error BatchVersionWrong(uint32 given, uint32 expected);
    /// @notice A batch names the one it replaces.
    error BatchPredecessorWrong(bytes32 given, bytes32 latest);
    /// @notice A batch holds a reading for each interval of each active day.
    error BatchIncomplete(uint256 expected, uint256 given);
    /// @notice The batch breaks a voted limit: rule 1 estimated, 2 missing. [ppm] `gaps` is what the rule does with readings that are
    /// missing: 0 it has them estimated, 1 leaves them to residual supply, 2 returns them to the operator, so that none may be missing.
    error ConformityLimitExceeded(uint8 rule, uint256 value, uint256 limit, uint8 gaps);

    /// @notice Anchor a batch; anyone may send what a grid operator (measured) or importer (imported) signed.
    /// @param newBatch The batch.
    /// @param signature EIP-712 signature of Batch.
    function submitBatch(Batch calldata newBatch, bytes calldata signature) external;

    /// @notice A batch; zeros where there is none.
    /// @param batchId Id of the batch.
    function batch(bytes32 batchId) external view returns (BatchRecord memory);

    /// @notice Root of a batch's trees, zero where there is none: all that a contest needs of it.
    /// @param batchId Id of the batch.
    function rootOf(bytes32 batchId) external view returns (bytes32 root);

    /// @notice Id of the latest batch of a period, zero where there is none.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    function latestBatch(bytes32 community, uint32 period) external view returns (bytes32);
}
