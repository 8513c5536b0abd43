// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IScheduleBook } from "./interfaces/IScheduleBook.sol";
import { Identifiers } from "./libraries/Identifiers.sol";
import { ROLE_SETTLER } from "./types/Roles.sol";
import { Schedule, ScheduleRecord } from "./types/Schedules.sol";

/// @title ScheduleBook
/// @notice See {IScheduleBook}.
contract ScheduleBook is IScheduleBook {
    uint32 private constant SLOTS_LIMIT = 1920;
    uint16 private constant DAYS_LIMIT = 366;
    uint16 private constant INTERVALS_LIMIT = 25 * 60;

    /// @notice Who is settler.
    ICommunityRegistry public immutable registry;

    mapping(bytes32 scheduleId => ScheduleRecord) private _schedules;
    mapping(bytes32 community => mapping(uint32 period => bytes32)) private _latest;

    constructor(ICommunityRegistry registry_) {
        registry = registry_;
    }

    /// @inheritdoc IScheduleBook
    function handIn(bytes32 community, uint32 period, uint32 version, Schedule calldata newSchedule)
        external
    {
        require(
            registry.hasRole(community, ROLE_SETTLER, msg.sender),
            ICommunityRegistry.RoleMissing(community, ROLE_SETTLER, msg.sender)
        );
        uint32 expected = _schedules[_latest[community][period]].version + 1;
        require(version == expected, ScheduleVersionWrong(version, expected));
        require(newSchedule.root != bytes32(0), ScheduleRootMissing(community, period));
        require(
            newSchedule.slots > 0 && newSchedule.slots <= SLOTS_LIMIT && newSchedule.dayCount > 0
                && newSchedule.dayCount <= DAYS_LIMIT && newSchedule.maxIntervals > 0
                && newSchedule.maxIntervals <= INTERVALS_LIMIT,
            ScheduleShapeImpossible(newSchedule.slots, newSchedule.dayCount, newSchedule.maxIntervals)
        );

        bytes32 scheduleId = Identifiers.scheduleId(community, period, version);
        _schedules[scheduleId] = ScheduleRecord({
            community: community,
            period: period,
            version: version,
            root: newSchedule.root,
            slots: newSchedule.slots,
            dayCount: newSchedule.dayCount,
            maxIntervals: newSchedule.maxIntervals,
            handedInAt: uint64(block.timestamp)
        });
        _latest[community][period] = scheduleId;
        emit ScheduleHandedIn(scheduleId, community, period, version, newSchedule.root);
    }

    /// @inheritdoc IScheduleBook
    function schedule(bytes32 scheduleId) external view returns (ScheduleRecord memory) {
        return _schedules[scheduleId];
    }

    /// @inheritdoc IScheduleBook
    function latestSchedule(bytes32 community, uint32 period) external view returns (bytes32) {
        return _latest[community][period];
    }
}
