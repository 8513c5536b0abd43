// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Coefficient, IContests } from "../interfaces/IContests.sol";
import { IScheduleBook } from "../interfaces/IScheduleBook.sol";
import { ScheduleRecord } from "../types/Schedules.sol";
import { Leaves } from "./Leaves.sol";
import { Tree } from "./Tree.sol";

/// @title What a schedule gives a slot in an interval
library ScheduleProofs {
    /// @notice A slot and an interval.
    /// @param slot The slot.
    /// @param day Day of the period.
    /// @param t Interval of the day.
    struct Place {
        uint32 slot;
        uint16 day;
        uint16 t;
    }

    /// @notice The coefficient that a schedule holds at a place, 0 beyond it.
    /// @dev The schedule's tree has the shape with which it was handed in.
    /// @param book Where it was handed in.
    /// @param scheduleId Its id.
    /// @param place The slot and the interval.
    /// @param shown The coefficient and its path.
    /// @return Coefficient. [ppm]
    function requireCoefficient(
        IScheduleBook book,
        bytes32 scheduleId,
        Place memory place,
        Coefficient calldata shown
    ) internal view returns (uint32) {
        ScheduleRecord memory schedule = book.schedule(scheduleId);
        bool reaches =
            place.slot < schedule.slots && place.day < schedule.dayCount && place.t < schedule.maxIntervals;
        if (!reaches) {
            require(
                shown.coefficientPpm == 0 && shown.path.length == 0,
                IContests.CoefficientBeyondSchedule(scheduleId, place.slot, place.day, place.t)
            );
            return 0;
        }
        (uint256 dayDepth, uint256 intervalDepth) =
            (Tree.depth(schedule.dayCount), Tree.depth(schedule.maxIntervals));
        uint256 index = (((uint256(place.slot) << dayDepth) | place.day) << intervalDepth) | place.t;
        uint256 levels = Tree.depth(schedule.slots) + dayDepth + intervalDepth;
        bytes32 leaf = Leaves.coefficient(shown.salt, shown.coefficientPpm);
        bytes32 climbed = Tree.climb(leaf, index, shown.path, levels);
        // Where a slot was given no coefficient, padding stands in the leaf's place.
        bool found = climbed == schedule.root
            || (shown.coefficientPpm == 0
                && Tree.climb(bytes32(0), index, shown.path, levels) == schedule.root);
        require(found, IContests.CoefficientNotInSchedule(scheduleId, climbed, schedule.root));
        return shown.coefficientPpm;
    }
}
