// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Label of a batch that the grid operator signed.
uint8 constant LABEL_MEASURED = 0;
/// @dev Label of a batch that an importer signed, with the salted hash of the source file.
uint8 constant LABEL_IMPORTED = 1;

/// @notice All readings of a period, one version, as signed.
/// @param community The community.
/// @param period First civil date of the period. [days since 1970-01-01]
/// @param version From 1, one more than the predecessor's.
/// @param predecessor Id of the batch it replaces, zero for the first.
/// @param root Root of the batch's trees.
/// @param measured Readings of quality measured or edited.
/// @param estimated Readings of quality estimated.
/// @param missing Readings of quality missing.
/// @param label 0 measured, 1 imported.
/// @param source Salted hash of the source file; never zero where imported.
struct Batch {
    bytes32 community;
    uint32 period;
    uint32 version;
    bytes32 predecessor;
    bytes32 root;
    uint64 measured;
    uint64 estimated;
    uint64 missing;
    uint8 label;
    bytes32 source;
}

/// @notice A batch as kept; `submittedAt` 0 where there is none.
/// @param community The community.
/// @param period First civil date of the period. [days since 1970-01-01]
/// @param version Version of the batch.
/// @param label 0 measured, 1 imported.
/// @param signer Account that signed it.
/// @param measured Readings of quality measured or edited.
/// @param estimated Readings of quality estimated.
/// @param missing Readings of quality missing.
/// @param submittedAt Time of its block. [s since 1970-01-01 UTC]
/// @param root Root of the batch's trees.
/// @param source Salted hash of the source file.
struct BatchRecord {
    bytes32 community;
    uint32 period;
    uint32 version;
    uint8 label;
    address signer;
    uint64 measured;
    uint64 estimated;
    uint64 missing;
    uint64 submittedAt;
    bytes32 root;
    bytes32 source;
}
