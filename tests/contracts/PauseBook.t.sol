// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { IPauseBook } from "../../contracts/interfaces/IPauseBook.sol";
import { Members } from "./support/Members.sol";
import { vm } from "./support/Vm.sol";

contract PauseBookTest is Members {
    event GuardiansNamed(bytes32 indexed community, address[3] guardians);
    event CommunityPaused(bytes32 indexed community, uint64 from, uint64 until);

    function test_the_steward_names_guardians_until_an_executive_is_appointed() public {
        vm.prank(founderOf(ROOT));
        registry.createCommunity(ROOT, stranger);
        address[3] memory three = [address(1), address(2), address(3)];
        vm.prank(steward);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.NotSteward.selector, ROOT, steward));
        pauseBook.nameGuardians(ROOT, three);
        vm.expectEmit(address(pauseBook));
        emit GuardiansNamed(ROOT, three);
        vm.prank(stranger);
        pauseBook.nameGuardians(ROOT, three);
        same("the second", pauseBook.guardiansOf(ROOT)[1], address(2));
        same("none here", pauseBook.guardiansOf(COMMUNITY)[0], address(0));
        vm.prank(steward);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.NotExecutive.selector, COMMUNITY, steward));
        pauseBook.nameGuardians(COMMUNITY, three);
    }

    function test_guardians_are_three_different_accounts() public {
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(IPauseBook.GuardianMissing.selector, COMMUNITY, 2));
        pauseBook.nameGuardians(COMMUNITY, [address(1), address(2), address(0)]);
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(IPauseBook.GuardianTwice.selector, COMMUNITY, address(1)));
        pauseBook.nameGuardians(COMMUNITY, [address(1), address(2), address(1)]);
    }

    function test_only_a_guardian_asks_for_a_pause() public {
        guard();
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IPauseBook.NotGuardian.selector, COMMUNITY, stranger));
        pauseBook.pause(COMMUNITY);
    }

    function test_two_guardians_pause_for_a_week() public {
        guard();
        uint64 present = uint64(block.timestamp);
        same("not yet", pauseBook.pausedUntil(COMMUNITY), 0);
        vm.prank(address(0x91));
        pauseBook.pause(COMMUNITY);
        vm.warp(present + 1 days - 1);
        vm.expectEmit(address(pauseBook));
        emit CommunityPaused(COMMUNITY, present + 1 days - 1, present + 8 days - 1);
        vm.prank(address(0x92));
        pauseBook.pause(COMMUNITY);
        holds("paused", pauseBook.isPaused(COMMUNITY));
        same("until", pauseBook.pausedUntil(COMMUNITY), present + 8 days - 1);
        holds("no other community", !pauseBook.isPaused(ROOT));
        same("one", pauseBook.pauseCount(COMMUNITY), 1);
        (uint64 from, uint64 until) = pauseBook.pauseAt(COMMUNITY, 0);
        same("length", until - from, 7 days);
    }

    function test_windows_shift_by_the_paused_time_in_them() public {
        guard();
        uint64 began = uint64(block.timestamp);
        pauseByTwo();
        same("over before", pauseBook.shifted(COMMUNITY, began - 9, began), began);
        same("holds all", pauseBook.shifted(COMMUNITY, began - 9, began + 1), began + 1 + 7 days);
        same("begins within", pauseBook.shifted(COMMUNITY, began + 2 days, began + 3 days), began + 8 days);
        same("begins after", pauseBook.shifted(COMMUNITY, began + 7 days, began + 9 days), began + 9 days);
        same("no other community", pauseBook.shifted(ROOT, began - 9, began + 1), began + 1);
        vm.warp(began + 40 days);
        pauseByTwo();
        same("both", pauseBook.shifted(COMMUNITY, began - 1, began + 50 days), began + 64 days);
        // The first pause carries the window into the second one.
        same("one after the other", pauseBook.shifted(COMMUNITY, began - 1, began + 34 days), began + 48 days);
        same("just before it", pauseBook.shifted(COMMUNITY, began - 1, began + 33 days), began + 40 days);
    }

    function testFuzz_a_window_lasts_as_long_as_it_was_not_paused(uint64 start, uint64 length, uint64 gap)
        public
    {
        guard();
        uint64 began = uint64(block.timestamp);
        pauseByTwo();
        vm.warp(began + 37 days + gap % 20 days);
        pauseByTwo();
        (uint64 second,) = pauseBook.pauseAt(COMMUNITY, 1);
        uint64 from = began - 10 days + start % 80 days;
        uint64 end = pauseBook.shifted(COMMUNITY, from, from + length % 60 days);
        uint256 paused =
            overlap(from, end, began, began + 7 days) + overlap(from, end, second, second + 7 days);
        same("unpaused time", end - from - paused, length % 60 days);
    }

    function test_guardian_capture_one_guardian_alone_pauses_nothing() public {
        guard();
        vm.prank(address(0x91));
        pauseBook.pause(COMMUNITY);
        later(1 hours);
        vm.prank(address(0x91));
        pauseBook.pause(COMMUNITY);
        holds("not paused", !pauseBook.isPaused(COMMUNITY));
        later(1 days);
        vm.prank(address(0x92));
        pauseBook.pause(COMMUNITY);
        holds("too late to agree", !pauseBook.isPaused(COMMUNITY));
    }

    function test_guardian_capture_two_guardians_pause_at_most_seven_days_in_thirty_seven() public {
        guard();
        uint64 began = uint64(block.timestamp);
        pauseByTwo();
        holds("paused", pauseBook.isPaused(COMMUNITY));
        bytes memory refusal =
            abi.encodeWithSelector(IPauseBook.PauseTooSoon.selector, COMMUNITY, began + 37 days);
        vm.warp(began + 7 days);
        holds("ended by itself", !pauseBook.isPaused(COMMUNITY));
        vm.prank(address(0x93));
        vm.expectRevert(refusal);
        pauseBook.pause(COMMUNITY);
        vm.warp(began + 37 days - 1);
        vm.prank(address(0x91));
        vm.expectRevert(refusal);
        pauseBook.pause(COMMUNITY);
        vm.warp(began + 37 days);
        pauseByTwo();
        holds("the next", pauseBook.isPaused(COMMUNITY));
    }

    function test_guardians_that_members_replaced_have_no_say_left() public {
        guard();
        vm.prank(address(0x91));
        pauseBook.pause(COMMUNITY);
        vm.prank(address(timelock));
        pauseBook.nameGuardians(COMMUNITY, [address(0x92), address(0x94), address(0x95)]);
        vm.prank(address(0x92));
        pauseBook.pause(COMMUNITY);
        holds("what was asked before is void", !pauseBook.isPaused(COMMUNITY));
        vm.prank(address(0x91));
        vm.expectRevert(abi.encodeWithSelector(IPauseBook.NotGuardian.selector, COMMUNITY, address(0x91)));
        pauseBook.pause(COMMUNITY);
    }

    function test_a_pause_holds_up_no_vote() public {
        guard();
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        pauseByTwo();
        voteAll(motion.id, SEATS, 1);
        close(motion);
        queue(motion);
        later(WAITING);
        execute(motion);
        same("executed", ruleBook.latestVersion(COMMUNITY), 2);
    }

    function guard() private {
        vm.prank(address(timelock));
        pauseBook.nameGuardians(COMMUNITY, [address(0x91), address(0x92), address(0x93)]);
    }

    function pauseByTwo() private {
        vm.prank(address(0x91));
        pauseBook.pause(COMMUNITY);
        vm.prank(address(0x93));
        pauseBook.pause(COMMUNITY);
    }

    function overlap(uint64 from, uint64 until, uint64 first, uint64 last) private pure returns (uint256) {
        uint64 a = from > first ? from : first;
        uint64 b = until < last ? until : last;
        return b > a ? b - a : 0;
    }
}
