// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Salts of leaves
/// @notice Who holds the key of a slot can compute all its salts; who does not can open nothing.
library Salts {
    uint8 private constant KIND_SALT = 0x20;

    /// @notice Where a leaf stands.
    /// @param community The community.
    /// @param id Id of the run, the batch or the terms.
    /// @param kind First byte of the leaf.
    /// @param slot Slot, seat or number of the stair.
    /// @param day Day of the period, zero where the leaf has none.
    /// @param t Interval of the day, zero where the leaf has none.
    struct Place {
        bytes32 community;
        bytes32 id;
        uint8 kind;
        uint32 slot;
        uint16 day;
        uint16 t;
    }

    /// @notice Salt of a leaf.
    /// @param key Key of the slot and period, or the auditors' key for a stair.
    /// @param place Where the leaf stands.
    /// @return First 16 bytes of the hash of both.
    function salt(bytes32 key, Place memory place) internal pure returns (bytes16) {
        return bytes16(
            keccak256(
                abi.encodePacked(
                    KIND_SALT, key, place.community, place.id, place.kind, place.slot, place.day, place.t
                )
            )
        );
    }
}
