// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { IScheduleBook } from "../../contracts/interfaces/IScheduleBook.sol";
import { Schedule, ScheduleRecord } from "../../contracts/types/Schedules.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

contract ScheduleBookTest is World {
    function test_keeps_a_schedule_with_the_time_it_was_handed_in() public {
        same("none yet", scheduleBook.latestSchedule(COMMUNITY, PERIOD), 0);
        bytes32 scheduleId = keccak256(abi.encodePacked(hex"2502", COMMUNITY, PERIOD, uint32(1)));
        vm.expectEmit(address(scheduleBook));
        emit IScheduleBook.ScheduleHandedIn(scheduleId, COMMUNITY, PERIOD, 1, ROOT);
        same("id", handIn(aSchedule(ROOT)), scheduleId);
        ScheduleRecord memory kept = scheduleBook.schedule(scheduleId);
        same("community", kept.community, COMMUNITY);
        same("period", kept.period, PERIOD);
        same("version", kept.version, 1);
        same("root", kept.root, ROOT);
        same("slots", kept.slots, 2);
        same("days", kept.dayCount, DAYS);
        same("intervals", kept.maxIntervals, HOURS);
        same("time", kept.handedInAt, block.timestamp);
        same("none elsewhere", scheduleBook.latestSchedule(COMMUNITY, PERIOD + 1), 0);
        same("nor of others", scheduleBook.schedule(ROOT).handedInAt, 0);
    }

    function test_a_later_version_stands_beside_the_former() public {
        bytes32 first = handIn(aSchedule(ROOT));
        uint256 then = block.timestamp;
        vm.warp(then + 1);
        bytes32 second = handIn(aSchedule(keccak256("another root")));
        same("version", scheduleBook.schedule(second).version, 2);
        same("latest", scheduleBook.latestSchedule(COMMUNITY, PERIOD), second);
        same("the first", scheduleBook.schedule(first).handedInAt, then);
        same("its root", scheduleBook.schedule(first).root, ROOT);
    }

    function test_only_a_settler_hands_in() public {
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.RoleMissing.selector, COMMUNITY, 4, stranger)
        );
        scheduleBook.handIn(COMMUNITY, PERIOD, 1, aSchedule(ROOT));
    }

    function test_versions_count_up_by_one() public {
        refuse(0, aSchedule(ROOT), abi.encodeWithSelector(IScheduleBook.ScheduleVersionWrong.selector, 0, 1));
        refuse(2, aSchedule(ROOT), abi.encodeWithSelector(IScheduleBook.ScheduleVersionWrong.selector, 2, 1));
        handIn(aSchedule(ROOT));
        refuse(1, aSchedule(ROOT), abi.encodeWithSelector(IScheduleBook.ScheduleVersionWrong.selector, 1, 2));
    }

    function test_refuses_a_schedule_without_root() public {
        refuse(
            1,
            aSchedule(0),
            abi.encodeWithSelector(IScheduleBook.ScheduleRootMissing.selector, COMMUNITY, PERIOD)
        );
    }

    function test_refuses_a_shape_that_no_period_has() public {
        refuseShape(0, DAYS, HOURS);
        refuseShape(1921, DAYS, HOURS);
        refuseShape(2, 0, HOURS);
        refuseShape(2, 367, HOURS);
        refuseShape(2, DAYS, 0);
        refuseShape(2, DAYS, 1501);
        handIn(Schedule(ROOT, 1, 1, 1));
        handIn(Schedule(ROOT, 1920, 366, 1500));
    }

    function refuseShape(uint32 slots, uint16 dayCount, uint16 maxIntervals) private {
        refuse(
            1,
            Schedule(ROOT, slots, dayCount, maxIntervals),
            abi.encodeWithSelector(
                IScheduleBook.ScheduleShapeImpossible.selector, slots, dayCount, maxIntervals
            )
        );
    }

    function refuse(uint32 version, Schedule memory given, bytes memory refusal) private {
        vm.prank(settler);
        vm.expectRevert(refusal);
        scheduleBook.handIn(COMMUNITY, PERIOD, version, given);
    }
}
