// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Direction of a metering point that draws energy.
uint8 constant DIRECTION_CONSUMPTION = 0;
/// @dev Direction of a metering point that feeds energy in.
uint8 constant DIRECTION_FEED_IN = 1;
/// @dev A whole, in parts per million.
uint32 constant ONE_PPM = 1_000_000;

/// @notice What a grid operator signs for one metering point and one period.
/// @param community The community that the point takes part in.
/// @param period First civil date of the period. [days since 1970-01-01]
/// @param slot Place of the point in the community's registry.
/// @param tag keccak256(nonce, number of the metering point): new for each period.
/// @param direction 0 consumption, 1 feed-in.
/// @param factorPpm Part of the point's energy that takes part in this community. [ppm]
/// @param fromDay First active day, from 0. [day of the period]
/// @param untilDay Day after the last active one. [day of the period]
struct ConfirmPoint {
    bytes32 community;
    uint32 period;
    uint32 slot;
    bytes32 tag;
    uint8 direction;
    uint32 factorPpm;
    uint16 fromDay;
    uint16 untilDay;
}

/// @notice A confirmed metering point; `untilDay` 0 where the slot is not confirmed.
/// @param direction 0 consumption, 1 feed-in.
/// @param factorPpm Participation factor. [ppm]
/// @param fromDay First active day. [day of the period]
/// @param untilDay Day after the last active one. [day of the period]
/// @param tag keccak256(nonce, number of the metering point).
struct Point {
    uint8 direction;
    uint32 factorPpm;
    uint16 fromDay;
    uint16 untilDay;
    bytes32 tag;
}
