// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Schedule, ScheduleRecord } from "../types/Schedules.sol";

/// @title Coefficients per interval, and when they were handed in
/// @notice Of a scheduled key. A schedule is never changed: a later version stands beside it, and the times tell which one binds.
interface IScheduleBook {
    /// @notice A schedule was handed in.
    event ScheduleHandedIn(
        bytes32 indexed scheduleId,
        bytes32 indexed community,
        uint32 indexed period,
        uint32 version,
        bytes32 root
    );

    /// @notice Versions count up by one.
    error ScheduleVersionWrong(uint32 given, uint32 expected);
    /// @notice A schedule has a root.
    error ScheduleRootMissing(bytes32 community, uint32 period);
    /// @notice A schedule has 1 to 1,920 slots, 1 to 366 days, and days of 1 to 1,500 intervals.
    error ScheduleShapeImpossible(uint32 slots, uint16 dayCount, uint16 maxIntervals);

    /// @notice Hand in the coefficients of a period. Only a settler.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param version From 1, one more than the last.
    /// @param newSchedule The root and the shape of its tree.
    function handIn(bytes32 community, uint32 period, uint32 version, Schedule calldata newSchedule) external;

    /// @notice A schedule; zeros where there is none.
    /// @param scheduleId Id of the schedule.
    function schedule(bytes32 scheduleId) external view returns (ScheduleRecord memory);

    /// @notice Id of the schedule handed in last, zero where there is none.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    function latestSchedule(bytes32 community, uint32 period) external view returns (bytes32);
}
