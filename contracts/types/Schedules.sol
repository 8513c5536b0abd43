// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The coefficients of a period, as handed in.
/// @param root Root of the coefficient leaves.
/// @param slots Slots of its tree.
/// @param dayCount Days of its tree.
/// @param maxIntervals Intervals of its longest day.
struct Schedule {
    bytes32 root;
    uint32 slots;
    uint16 dayCount;
    uint16 maxIntervals;
}

/// @notice A schedule as kept; `handedInAt` 0 where there is none.
/// @param community The community.
/// @param period First civil date of the period. [days since 1970-01-01]
/// @param version From 1.
/// @param root Root of the coefficient leaves.
/// @param slots Slots of its tree.
/// @param dayCount Days of its tree.
/// @param maxIntervals Intervals of its longest day.
/// @param handedInAt Time of its block. [s since 1970-01-01 UTC]
struct ScheduleRecord {
    bytes32 community;
    uint32 period;
    uint32 version;
    bytes32 root;
    uint32 slots;
    uint16 dayCount;
    uint16 maxIntervals;
    uint64 handedInAt;
}
