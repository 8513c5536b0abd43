// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Identifiers of what is anchored
/// @notice Each begins with its own kind, so that no identifier can stand for another.
library Identifiers {
    uint8 internal constant PROTOCOL_VERSION = 2;
    uint8 private constant KIND_RUN = 0x21;
    uint8 private constant KIND_BATCH = 0x22;
    uint8 private constant KIND_TERMS = 0x23;
    uint8 private constant KIND_SOURCE = 0x24;
    uint8 private constant KIND_SCHEDULE = 0x25;

    /// @notice Id of a period's terms.
    function termsId(bytes32 community, uint32 period) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(KIND_TERMS, PROTOCOL_VERSION, community, period));
    }

    /// @notice Id of a settlement run.
    function runId(bytes32 community, uint32 period, uint32 version) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(KIND_RUN, PROTOCOL_VERSION, community, period, version));
    }

    /// @notice Id of a batch of readings.
    function batchId(bytes32 community, uint32 period, uint32 version, address signer)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(KIND_BATCH, PROTOCOL_VERSION, community, period, version, signer));
    }

    /// @notice Id of a schedule of coefficients.
    function scheduleId(bytes32 community, uint32 period, uint32 version) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(KIND_SCHEDULE, PROTOCOL_VERSION, community, period, version));
    }

    /// @notice Tag of a metering point in one period.
    /// @param nonce Drawn per point and period, one for all the communities that the point is in.
    /// @param number Number of the metering point. [UTF-8]
    function tag(bytes32 nonce, bytes memory number) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(nonce, number));
    }

    /// @notice Salted hash of a source file.
    function source(bytes32 salt, bytes32 fileHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(KIND_SOURCE, salt, fileHash));
    }
}
