// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Assembly } from "./support/Assembly.sol";
import { Claims } from "./support/Claims.sol";

/// @dev Each function is the numbered invariant of contracts/INVARIANTS.md.
contract GovernanceInvariantsTest is Claims {
    /// @dev What forge asks which functions to call.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Assembly private meeting;

    function setUp() public {
        meeting = new Assembly();
        meeting.gather();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(meeting);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory deeds = new bytes4[](9);
        (deeds[0], deeds[1], deeds[2]) =
        (meeting.propose.selector, meeting.vote.selector, meeting.advance.selector);
        (deeds[3], deeds[4], deeds[5]) =
        (meeting.moveSeat.selector, meeting.weigh.selector, meeting.usurp.selector);
        (deeds[6], deeds[7], deeds[8]) =
        (meeting.pause.selector, meeting.walkThrough.selector, meeting.letTimePass.selector);
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(meeting), deeds);
    }

    /// @dev A meeting that never gets anything done would let every claim hold.
    function test_the_assembly_carries_a_rule_and_a_pause() public {
        meeting.walkThrough();
        same("executed", meeting.executed(), 1);
        same("second version", meeting.latestVersion(), 2);
        meeting.pause(0);
        meeting.pause(1);
        same("paused", meeting.pauses(), 1);
        uint256 before = meeting.done();
        meeting.moveSeat(2, 1, 7);
        meeting.weigh(1, 3);
        same("moved and weighed", meeting.done(), before + 2);
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 64
    function invariant_20_votes_never_exceed_seats_and_each_seat_votes_once() public view {
        for (uint256 i; i < meeting.motionCount(); ++i) {
            (uint256 counted, uint256 cast, uint256 all, bool twice) = meeting.countsOf(i);
            same("counted is what seats cast", counted, cast);
            holds("no more than all", counted <= all);
            holds("one voter a seat", !twice);
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 64
    function invariant_21_the_total_is_the_sum_of_the_seats() public view {
        (uint256 summed, uint256 total) = meeting.seatsNow();
        same("votes", summed, total);
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 64
    function invariant_22_what_is_executed_is_what_was_shown_and_nobody_else_rules() public view {
        same("executed otherwise", meeting.misexecuted(), 0);
        same("stolen", meeting.stolen(), 0);
        same("versions are those that were voted", meeting.latestVersion(), meeting.executed() + 1);
        (address present, address appointed) = meeting.executiveNow();
        same("executive", present, appointed);
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 64
    function invariant_23_voted_rules_ascend_and_stay() public view {
        uint32 former;
        for (uint32 version = 1; version <= meeting.latestVersion(); ++version) {
            (uint32 date, bytes32 then, bytes32 present) = meeting.ruleThenAndNow(version);
            holds("later than the one before", date > former);
            same("as it was", present, then);
            former = date;
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 64
    function invariant_24_a_pause_ends_by_itself_and_rests() public view {
        holds("ended", !meeting.isPausedBeyondItsEnd());
        uint64 free;
        for (uint256 i; i < meeting.pauses(); ++i) {
            (uint64 from, uint64 until) = meeting.pauseAt(i);
            same("a week", until - from, 7 days);
            holds("rested", from >= free);
            free = until + 30 days;
        }
    }
}
