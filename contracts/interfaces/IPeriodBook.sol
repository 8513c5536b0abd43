// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Opening, SeatTerms, Shape, Terms } from "../types/Periods.sol";

/// @title What is frozen when a settlement period opens
/// @notice Slots, seats, calendar, bands and the rule in force: nothing of it can change afterwards.
interface IPeriodBook {
    /// @notice A period was opened.
    event PeriodOpened(
        bytes32 indexed community, uint32 indexed period, uint32 ruleVersion, uint64 expectedReadings
    );

    /// @notice The period is open already.
    error PeriodOpenAlready(bytes32 community, uint32 period);
    /// @notice The period is not open.
    error PeriodNotOpen(bytes32 community, uint32 period);
    /// @notice A day of the period is in another open period of the community.
    error PeriodOverlaps(bytes32 community, uint32 period, uint256 date);
    /// @notice No rule is in force on the first day of the period.
    error NoRuleInForce(bytes32 community, uint32 period);
    /// @notice The version given is not the one in force on the first day of the period.
    error RuleNotInForce(uint32 given, uint32 inForce);
    /// @notice A period without a confirmed metering point cannot be settled.
    error NoPointConfirmed(bytes32 community, uint32 period);
    /// @notice A confirmed slot is not below the number of slots.
    error SlotOutOfRange(uint256 slot, uint32 slots);
    /// @notice A point is active beyond the last day of the period.
    error PointBeyondPeriod(uint256 slot, uint16 untilDay, uint256 dayCount);
    /// @notice The opener means other points than those confirmed.
    error PointsDiffer(bytes32 given, bytes32 confirmed);
    /// @notice Every slot has a seat.
    error SeatsIncomplete(uint256 given, uint32 slots);
    /// @notice A seat is the participant's first slot: not above its slot, and its own seat.
    error SeatInconsistent(uint256 slot, uint32 seat);
    /// @notice A period has 1 to 366 days.
    error DayCountOutOfRange(uint256 dayCount);
    /// @notice A civil day has 23, 24 or 25 hours (23.5 or 24.5 where clocks turn by half an hour).
    error DayLengthImpossible(uint256 day, uint16 intervals, uint16 resolutionMinutes);
    /// @notice An interval has 1 to 60 minutes and divides the hour.
    error ResolutionImpossible(uint16 resolutionMinutes);
    /// @notice The start is too far from midnight UTC of the first day for any time zone.
    error StartFarFromPeriod(uint64 startUtc, uint32 period);
    /// @notice A period begins within a year of the block: rules come after every open period. [days since 1970-01-01]
    error PeriodTooFarAhead(bytes32 community, uint32 period, uint256 latest);
    /// @notice The bands have another number of words than the intervals need.
    error BandsIncomplete(uint256 given, uint256 expected);
    /// @notice The last word of the bands goes on after the last interval.
    error BandsBeyondPeriod(uint256 lastWord);
    /// @notice The period has no such day.
    error DayOutsidePeriod(uint256 day, uint256 dayCount);
    /// @notice The period has no such interval.
    error IntervalOutsidePeriod(uint256 interval, uint256 intervals);
    /// @notice The period has no such slot.
    error SlotOutsidePeriod(uint256 slot, uint256 slots);

    /// @notice Open a period: freeze its points, seats, calendar, bands and rule. Only a settler.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param opening What is frozen.
    function openPeriod(bytes32 community, uint32 period, Opening calldata opening) external;

    /// @notice What is frozen for a period; zeros where it is not open.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    function terms(bytes32 community, uint32 period) external view returns (Terms memory);

    /// @notice Whether a period is open.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    function isOpen(bytes32 community, uint32 period) external view returns (bool);

    /// @notice Day after the last day of all open periods of a community, 0 where none is open. [days since 1970-01-01]
    /// @param community The community.
    function openUntil(bytes32 community) external view returns (uint32);

    /// @notice Intervals of a day.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param day Day of the period, from 0.
    function intervalsOf(bytes32 community, uint32 period, uint16 day) external view returns (uint16);

    /// @notice Shape of a period's trees; zeros where it is not open.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    function shapeOf(bytes32 community, uint32 period) external view returns (Shape memory);

    /// @notice Tariff band of an interval.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param interval Interval of the period, from 0.
    function bandOf(bytes32 community, uint32 period, uint32 interval) external view returns (uint8);

    /// @notice Tariff band of an interval of a day.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param day Day of the period, from 0.
    /// @param t Interval of the day, from 0.
    function bandAt(bytes32 community, uint32 period, uint16 day, uint16 t) external view returns (uint8);

    /// @notice Seat of a slot: the first slot of its participant.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param slot The slot.
    function seatOf(bytes32 community, uint32 period, uint32 slot) external view returns (uint32);

    /// @notice The next slot of the same seat that has a confirmed point, 0 where there is none: from a seat on, all slots of a bill.
    /// @dev The seat itself may have no point.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param slot The slot.
    function nextOfSeat(bytes32 community, uint32 period, uint32 slot) external view returns (uint32);

    /// @notice What is frozen of eight slots, this one among them, 32 bits each, the first slot lowest: from the lowest bit its seat
    /// (15 bits), the seat's next slot that has a point (15), whether it has a point itself (1), and whether that feeds in (1).
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param slot The slot.
    function linksAt(bytes32 community, uint32 period, uint32 slot) external view returns (uint256);

    /// @notice What a bill is held against, and no more: each word read is paid by who contests. No links beyond the last slot.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param seat Seat of the participant.
    function seatTermsOf(bytes32 community, uint32 period, uint32 seat)
        external
        view
        returns (SeatTerms memory);

    /// @notice Intervals of each day, as given when the period was opened.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    function allIntervals(bytes32 community, uint32 period) external view returns (uint16[] memory);

    /// @notice Bands of all intervals, two bits each, as given when the period was opened.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    function allBands(bytes32 community, uint32 period) external view returns (uint256[] memory);

    /// @notice Seats of all slots, as given when the period was opened.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    function allSeats(bytes32 community, uint32 period) external view returns (uint32[] memory);

    /// @notice Slots that feed in, ascending: of a flow key each has a round of the headers.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    function allProducers(bytes32 community, uint32 period) external view returns (uint32[] memory);

    /// @notice How many slots below one feed in: which round of a flow key's header is its own.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param slot The one.
    function producersBelow(bytes32 community, uint32 period, uint32 slot) external view returns (uint256);
}
