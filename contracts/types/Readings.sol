// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev The meter measured it.
uint8 constant QUALITY_MEASURED = 0;
/// @dev It was estimated, by the operator or by the settler.
uint8 constant QUALITY_ESTIMATED = 1;
/// @dev The operator corrected it.
uint8 constant QUALITY_EDITED = 2;
/// @dev There is none.
uint8 constant QUALITY_MISSING = 3;

/// @dev The operator put it in the meter's place.
uint8 constant READING_SUBSTITUTED = 1;
/// @dev Interpolated between its neighbours.
uint8 constant READING_INTERPOLATED = 2;
/// @dev The mean of similar days.
uint8 constant READING_OF_SIMILAR_DAYS = 3;
/// @dev Three days of the same type, and what the register counted; by terms that members voted alone.
uint8 constant READING_PROFILED = 5;

/// @notice A reading as its leaf holds it.
/// @param salt Salt of the leaf.
/// @param energy Energy scaled by the participation factor. [mWh]
/// @param quality 0 measured, 1 estimated, 2 edited, 3 missing.
/// @param source 0 meter, 1 operator's substitute, 2 linear interpolation, 3 similar days, 4 none, 5 profiled.
struct Reading {
    bytes16 salt;
    uint64 energy;
    uint8 quality;
    uint8 source;
}
