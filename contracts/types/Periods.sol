// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev How far ahead a rule or a period may begin: one that began in a hundred years would leave members no day before it to rule on.
uint32 constant HORIZON_DAYS = 366;

/// @notice What a settler says when a period is opened.
/// @param ruleVersion Version of the rule in force.
/// @param slots Highest slot of the period plus one.
/// @param startUtc Start of the first civil day. [s since 1970-01-01 UTC]
/// @param resolutionMinutes Length of an interval. [min]
/// @param intervals Intervals of each civil day.
/// @param bands Tariff band per interval, two bits each, 128 to a word, the first in the lowest bits.
/// @param seats First slot of the participant of each slot.
/// @param classesRoot Root of the class leaves.
/// @param pointsHash keccak256 of the packed (slot u32, tag 32) of the confirmed points in slot order.
struct Opening {
    uint32 ruleVersion;
    uint32 slots;
    uint64 startUtc;
    uint16 resolutionMinutes;
    uint16[] intervals;
    uint256[] bands;
    uint32[] seats;
    bytes32 classesRoot;
    bytes32 pointsHash;
}

/// @notice What fixes the depths of a period's trees.
/// @param slots Highest slot plus one.
/// @param dayCount Civil days.
/// @param maxIntervals Intervals of the longest day.
struct Shape {
    uint32 slots;
    uint16 dayCount;
    uint16 maxIntervals;
}

/// @notice What a bill is held against.
/// @param slots Highest slot plus one.
/// @param classesRoot Root of the class leaves.
/// @param links Links of the seat and its neighbours, see {IPeriodBook.linksAt}.
struct SeatTerms {
    uint32 slots;
    bytes32 classesRoot;
    uint256 links;
}

/// @notice What is frozen for a period; `openedAt` 0 where it is not open.
/// @param ruleVersion Version of the rule in force.
/// @param slots Highest slot plus one.
/// @param dayCount Civil days.
/// @param maxIntervals Intervals of the longest day.
/// @param resolutionMinutes Length of an interval. [min]
/// @param startUtc Start of the first civil day. [s since 1970-01-01 UTC]
/// @param expectedReadings Readings of a complete batch: the intervals of each point's active days.
/// @param openedAt Time of the block that opened it. [s since 1970-01-01 UTC]
/// @param classesRoot Root of the class leaves.
struct Terms {
    uint32 ruleVersion;
    uint32 slots;
    uint16 dayCount;
    uint16 maxIntervals;
    uint16 resolutionMinutes;
    uint64 startUtc;
    uint64 expectedReadings;
    uint64 openedAt;
    bytes32 classesRoot;
}
