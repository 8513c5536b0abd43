// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "../../contracts/interfaces/IPeriodBook.sol";
import { Opening, Terms } from "../../contracts/types/Periods.sol";
import { ConfirmPoint } from "../../contracts/types/Points.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

contract PeriodBookTest is World {
    function test_freezes_what_it_was_told() public {
        openAll(aRule());
        Opening memory given = anOpening();
        Terms memory terms = periodBook.terms(COMMUNITY, PERIOD);
        same("rule", terms.ruleVersion, 1);
        same("slots", terms.slots, 3);
        same("days", terms.dayCount, DAYS);
        same("longest day", terms.maxIntervals, HOURS);
        same("resolution", terms.resolutionMinutes, 60);
        same("start", terms.startUtc, given.startUtc);
        same("readings", terms.expectedReadings, READINGS);
        same("opened", terms.openedAt, block.timestamp);
        same("classes", terms.classesRoot, given.classesRoot);
        same("until", periodBook.openUntil(COMMUNITY), PERIOD + DAYS);
        holds("open", periodBook.isOpen(COMMUNITY, PERIOD));
        same("days", hashed(periodBook.allIntervals(COMMUNITY, PERIOD)), hashed(given.intervals));
        same(
            "bands",
            keccak256(abi.encodePacked(periodBook.allBands(COMMUNITY, PERIOD))),
            keccak256(abi.encodePacked(given.bands))
        );
        same(
            "seats",
            keccak256(abi.encodePacked(periodBook.allSeats(COMMUNITY, PERIOD))),
            keccak256(abi.encodePacked(given.seats))
        );
    }

    function test_answers_for_single_days_bands_and_seats() public {
        schedule(aRule());
        confirm(thePoints());
        Opening memory opening = anOpening();
        opening.intervals[3] = 25;
        opening.intervals[4] = 23;
        opening.bands[1] = 2;
        open(opening);
        same("long day", periodBook.intervalsOf(COMMUNITY, PERIOD, 3), 25);
        same("longest", periodBook.terms(COMMUNITY, PERIOD).maxIntervals, 25);
        for (uint32 i; i < 5; ++i) {
            same("band", periodBook.bandOf(COMMUNITY, PERIOD, i), i < 4 ? 3 - i : 0);
        }
        same("band of the second word", periodBook.bandOf(COMMUNITY, PERIOD, 128), 2);
        same("seat", periodBook.seatOf(COMMUNITY, PERIOD, 1), 0);
        vm.expectRevert(abi.encodeWithSelector(IPeriodBook.DayOutsidePeriod.selector, DAYS, DAYS));
        periodBook.intervalsOf(COMMUNITY, PERIOD, DAYS);
        vm.expectRevert(abi.encodeWithSelector(IPeriodBook.IntervalOutsidePeriod.selector, 720, 720));
        periodBook.bandOf(COMMUNITY, PERIOD, 720);
        vm.expectRevert(abi.encodeWithSelector(IPeriodBook.SlotOutsidePeriod.selector, 3, 3));
        periodBook.seatOf(COMMUNITY, PERIOD, 3);
    }

    function test_answers_for_open_periods_only() public {
        bytes memory refusal = abi.encodeWithSelector(IPeriodBook.PeriodNotOpen.selector, COMMUNITY, PERIOD);
        vm.expectRevert(refusal);
        periodBook.intervalsOf(COMMUNITY, PERIOD, 0);
        vm.expectRevert(refusal);
        periodBook.bandOf(COMMUNITY, PERIOD, 0);
        vm.expectRevert(refusal);
        periodBook.seatOf(COMMUNITY, PERIOD, 0);
        vm.expectRevert(refusal);
        periodBook.allIntervals(COMMUNITY, PERIOD);
        vm.expectRevert(refusal);
        periodBook.allBands(COMMUNITY, PERIOD);
        vm.expectRevert(refusal);
        periodBook.allSeats(COMMUNITY, PERIOD);
        vm.expectRevert(refusal);
        periodBook.allProducers(COMMUNITY, PERIOD);
        vm.expectRevert(refusal);
        periodBook.producersBelow(COMMUNITY, PERIOD, 0);
        same("terms are zeros", periodBook.terms(COMMUNITY, PERIOD).openedAt, 0);
        holds("not open", !periodBook.isOpen(COMMUNITY, PERIOD));
    }

    function test_counts_readings_of_active_days_only() public {
        schedule(aRule());
        ConfirmPoint[] memory points = new ConfirmPoint[](2);
        (points[0], points[1]) = (aPoint(0), aPoint(2));
        (points[0].fromDay, points[0].untilDay) = (2, 4);
        (points[1].fromDay, points[1].untilDay) = (4, 5);
        confirm(points);
        Opening memory opening = anOpening();
        opening.pointsHash = pointsHash(points);
        opening.intervals[3] = 25;
        opening.intervals[4] = 23;
        open(opening);
        same("readings", periodBook.terms(COMMUNITY, PERIOD).expectedReadings, 24 + 25 + 23);
    }

    function test_only_a_settler_opens() public {
        vm.prank(steward);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.RoleMissing.selector, COMMUNITY, 4, steward)
        );
        periodBook.openPeriod(COMMUNITY, PERIOD, anOpening());
    }

    function test_opens_a_period_once() public {
        openAll(aRule());
        refuse(anOpening(), abi.encodeWithSelector(IPeriodBook.PeriodOpenAlready.selector, COMMUNITY, PERIOD));
    }

    function test_periods_of_a_community_share_no_day() public {
        Rule memory rule = aRule();
        rule.effectiveFrom = PERIOD - 10;
        openAll(rule);
        refuseSecond(PERIOD + DAYS - 1, 1, PERIOD + DAYS - 1);
        refuseSecond(PERIOD - 1, 2, PERIOD);
        openSecond(PERIOD + DAYS, 1);
        same("until the later one's end", periodBook.openUntil(COMMUNITY), PERIOD + DAYS + 1);
    }

    function test_an_earlier_period_may_be_opened_later() public {
        Rule memory rule = aRule();
        rule.effectiveFrom = PERIOD - 10;
        openAll(rule);
        openSecond(PERIOD - 2, 2);
        same("end of the latest", periodBook.openUntil(COMMUNITY), PERIOD + DAYS);
    }

    function test_needs_the_rule_in_force() public {
        Rule memory rule = aRule();
        rule.effectiveFrom = PERIOD + 1;
        schedule(rule);
        confirm(thePoints());
        refuse(anOpening(), abi.encodeWithSelector(IPeriodBook.NoRuleInForce.selector, COMMUNITY, PERIOD));
    }

    function test_refuses_a_version_that_is_not_in_force() public {
        prepare();
        Opening memory opening = anOpening();
        opening.ruleVersion = 2;
        refuse(opening, abi.encodeWithSelector(IPeriodBook.RuleNotInForce.selector, 2, 1));
    }

    function test_needs_a_confirmed_point() public {
        schedule(aRule());
        refuse(anOpening(), abi.encodeWithSelector(IPeriodBook.NoPointConfirmed.selector, COMMUNITY, PERIOD));
    }

    function test_refuses_confirmed_slots_beyond_the_slots() public {
        prepare();
        Opening memory opening = anOpening();
        opening.slots = 2;
        opening.seats = new uint32[](2);
        refuse(opening, abi.encodeWithSelector(IPeriodBook.SlotOutOfRange.selector, 2, 2));
    }

    function test_refuses_points_active_beyond_the_period() public {
        prepare();
        Opening memory opening = anOpening();
        opening.intervals = new uint16[](DAYS - 1);
        for (uint256 day; day < DAYS - 1; ++day) {
            opening.intervals[day] = HOURS;
        }
        refuse(opening, abi.encodeWithSelector(IPeriodBook.PointBeyondPeriod.selector, 0, DAYS, DAYS - 1));
    }

    function test_refuses_other_points_than_the_opener_means() public {
        prepare();
        Opening memory opening = anOpening();
        opening.pointsHash = keccak256("others");
        refuse(
            opening,
            abi.encodeWithSelector(
                IPeriodBook.PointsDiffer.selector, opening.pointsHash, pointsHash(thePoints())
            )
        );
    }

    function test_links_each_slot_to_the_next_of_its_seat_that_has_a_point() public {
        schedule(aRule());
        ConfirmPoint[] memory points = new ConfirmPoint[](4);
        (points[0], points[1], points[2], points[3]) = (aPoint(0), aPoint(4), aPoint(9), aPoint(10));
        confirm(points);
        Opening memory opening = anOpening();
        opening.slots = 12;
        opening.seats = new uint32[](12);
        // Slots 0, 3, 9 and 11 are of one participant, of whom 3 and 11 have no point; slot 2 has none, but its participant has 4 and 10.
        for (uint32 slot = 1; slot < 12; ++slot) {
            opening.seats[slot] = slot == 3 || slot == 9 || slot == 11 ? 0 : slot;
        }
        (opening.seats[4], opening.seats[10]) = (2, 2);
        opening.pointsHash = pointsHash(points);
        open(opening);
        uint8[12] memory next = [9, 0, 4, 9, 10, 0, 0, 0, 0, 0, 0, 0];
        for (uint32 slot; slot < 12; ++slot) {
            same("seat", periodBook.seatOf(COMMUNITY, PERIOD, slot), opening.seats[slot]);
            same("next", periodBook.nextOfSeat(COMMUNITY, PERIOD, slot), next[slot]);
            same("all", periodBook.allSeats(COMMUNITY, PERIOD)[slot], opening.seats[slot]);
        }
        vm.expectRevert(abi.encodeWithSelector(IPeriodBook.SlotOutsidePeriod.selector, 12, 12));
        periodBook.nextOfSeat(COMMUNITY, PERIOD, 12);
    }

    function test_refuses_seats_that_are_not_each_participants_first_slot() public {
        prepare();
        Opening memory opening = anOpening();
        opening.seats[0] = 1;
        refuse(opening, abi.encodeWithSelector(IPeriodBook.SeatInconsistent.selector, 1, 0));
        opening = anOpening();
        opening.seats[2] = 1;
        refuse(opening, abi.encodeWithSelector(IPeriodBook.SeatInconsistent.selector, 2, 1));
        opening = anOpening();
        opening.seats[2] = 3;
        refuse(opening, abi.encodeWithSelector(IPeriodBook.SeatInconsistent.selector, 2, 3));
        opening = anOpening();
        opening.seats = new uint32[](2);
        refuse(opening, abi.encodeWithSelector(IPeriodBook.SeatsIncomplete.selector, 2, 3));
        opening.seats = new uint32[](4);
        refuse(opening, abi.encodeWithSelector(IPeriodBook.SeatsIncomplete.selector, 4, 3));
    }

    function test_refuses_days_that_no_clock_has() public {
        prepare();
        refuseDay(0);
        refuseDay(22);
        refuseDay(26);
        Opening memory opening = anOpening();
        opening.intervals = new uint16[](0);
        refuse(opening, abi.encodeWithSelector(IPeriodBook.DayCountOutOfRange.selector, 0));
        opening.intervals = new uint16[](367);
        refuse(opening, abi.encodeWithSelector(IPeriodBook.DayCountOutOfRange.selector, 367));
    }

    function test_takes_days_whose_clocks_turn_by_half_an_hour() public {
        prepare();
        Opening memory opening = anOpening();
        opening.resolutionMinutes = 15;
        for (uint256 day; day < DAYS; ++day) {
            opening.intervals[day] = 96;
        }
        opening.intervals[1] = 94;
        opening.intervals[2] = 98;
        opening.bands = new uint256[](23);
        open(opening);
        same("longest", periodBook.terms(COMMUNITY, PERIOD).maxIntervals, 98);
    }

    function test_refuses_quarter_hours_that_do_not_fill_a_day() public {
        prepare();
        Opening memory opening = anOpening();
        opening.resolutionMinutes = 15;
        for (uint256 day; day < DAYS; ++day) {
            opening.intervals[day] = 96;
        }
        opening.intervals[1] = 95;
        refuse(opening, abi.encodeWithSelector(IPeriodBook.DayLengthImpossible.selector, 1, 95, 15));
    }

    function test_refuses_intervals_that_do_not_divide_the_hour() public {
        prepare();
        Opening memory opening = anOpening();
        opening.resolutionMinutes = 0;
        refuse(opening, abi.encodeWithSelector(IPeriodBook.ResolutionImpossible.selector, 0));
        opening.resolutionMinutes = 45;
        refuse(opening, abi.encodeWithSelector(IPeriodBook.ResolutionImpossible.selector, 45));
        opening.resolutionMinutes = 120;
        refuse(opening, abi.encodeWithSelector(IPeriodBook.ResolutionImpossible.selector, 120));
    }

    function test_refuses_a_start_that_is_midnight_in_no_zone() public {
        prepare();
        uint64 midnight = uint64(PERIOD) * 1 days;
        Opening memory opening = anOpening();
        opening.startUtc = midnight - 14 hours - 1;
        refuse(
            opening, abi.encodeWithSelector(IPeriodBook.StartFarFromPeriod.selector, opening.startUtc, PERIOD)
        );
        opening.startUtc = midnight + 14 hours + 1;
        refuse(
            opening, abi.encodeWithSelector(IPeriodBook.StartFarFromPeriod.selector, opening.startUtc, PERIOD)
        );
        opening.startUtc = midnight - 14 hours;
        open(opening);
    }

    function test_refuses_bands_for_fewer_or_more_intervals() public {
        prepare();
        Opening memory opening = anOpening();
        opening.bands = new uint256[](5);
        refuse(opening, abi.encodeWithSelector(IPeriodBook.BandsIncomplete.selector, 5, 6));
        opening.bands = new uint256[](7);
        refuse(opening, abi.encodeWithSelector(IPeriodBook.BandsIncomplete.selector, 7, 6));
        opening.bands = new uint256[](6);
        opening.bands[5] = 1 << 160;
        refuse(opening, abi.encodeWithSelector(IPeriodBook.BandsBeyondPeriod.selector, 1 << 160));
        opening.bands[5] = 3 << 158;
        open(opening);
        same("last band", periodBook.bandOf(COMMUNITY, PERIOD, 719), 3);
    }

    function prepare() private {
        schedule(aRule());
        confirm(thePoints());
    }

    function refuse(Opening memory opening, bytes memory refusal) private {
        vm.prank(settler);
        vm.expectRevert(refusal);
        periodBook.openPeriod(COMMUNITY, PERIOD, opening);
    }

    function refuseDay(uint16 intervals) private {
        Opening memory opening = anOpening();
        opening.intervals[7] = intervals;
        refuse(opening, abi.encodeWithSelector(IPeriodBook.DayLengthImpossible.selector, 7, intervals, 60));
    }

    function second(uint32 period, uint16 dayCount) private returns (Opening memory opening) {
        ConfirmPoint memory point = aPoint(0);
        (point.period, point.untilDay, point.tag) =
        (period, dayCount, keccak256(abi.encode("second", period)));
        confirm(point);
        opening = anOpening();
        opening.intervals = new uint16[](dayCount);
        for (uint256 day; day < dayCount; ++day) {
            opening.intervals[day] = HOURS;
        }
        opening.bands = new uint256[](1);
        opening.startUtc = uint64(period) * 1 days;
        opening.pointsHash = pointsHash(only(point));
    }

    function openSecond(uint32 period, uint16 dayCount) private {
        Opening memory opening = second(period, dayCount);
        vm.prank(settler);
        periodBook.openPeriod(COMMUNITY, period, opening);
    }

    function refuseSecond(uint32 period, uint16 dayCount, uint256 date) private {
        Opening memory opening = second(period, dayCount);
        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(IPeriodBook.PeriodOverlaps.selector, COMMUNITY, period, date));
        periodBook.openPeriod(COMMUNITY, period, opening);
    }

    function hashed(uint16[] memory list) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(list));
    }
}
