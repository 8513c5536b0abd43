// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ISettlementLedger } from "../../contracts/interfaces/ISettlementLedger.sol";
import {
    IStairContests,
    LastStairContest,
    StairContest,
    StairRow
} from "../../contracts/interfaces/IStairContests.sol";
import { Anchors } from "../../contracts/libraries/Anchors.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Places } from "../../contracts/libraries/Places.sol";
import { Tree } from "../../contracts/libraries/Tree.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { StairWorld } from "./support/StairWorld.sol";
import { vm } from "./support/Vm.sol";

/// @dev Ten slots of three days by the hour: two whole stairs and one of two slots.
contract StairContestsTest is StairWorld {
    event StairRefuted(bytes32 indexed runId, address indexed by, uint16 day, uint16 t, uint32 number);
    event LastStairRefuted(bytes32 indexed runId, address indexed by, uint16 day, uint16 t);

    function street(Rule memory rule) private {
        openStreet(rule, 10, 3, 60);
    }

    /// @dev An honest stair of a key without rounds.
    function aStair(uint32 number, uint16 day) private view returns (StairContest memory p) {
        (p.day, p.t, p.block) = (day, 13, number);
        p.stair.salt = bytes16(keccak256("stair"));
        if (number > 0) p.former = Leaves.Stair(bytes16(keccak256("former")), 700, 900, 400, 300);
        (p.stair.feedIn, p.stair.consumption) = (p.former.feedIn, p.former.consumption);
        (p.stair.allocated, p.stair.shared) = (p.former.allocated, p.former.shared);
        p.rows = new StairRow[](4);
        for (uint32 i; i < 4; ++i) {
            uint32 slot = 4 * number + i;
            if (!isActive(slot, day)) continue;
            Leaves.Row memory row = p.rows[i].row;
            row.salt = bytes16(keccak256(abi.encode("row", slot)));
            (row.energy, row.allocated) = (1000 + 37 * slot, 500 + 11 * slot);
            if (directionOf(slot) == 1) {
                (p.stair.feedIn, p.stair.shared) =
                (p.stair.feedIn + row.energy, p.stair.shared + row.allocated);
            } else {
                (p.stair.consumption, p.stair.allocated) =
                (p.stair.consumption + row.energy, p.stair.allocated + row.allocated);
            }
        }
    }

    function refuted(StairContest memory p) private {
        p.runId = settle(rootOf(p));
        vm.expectEmit(address(stairContests));
        emit StairRefuted(p.runId, address(this), p.day, p.t, p.block);
        stairContests.contestStair(p);
        same("voided", settlementLedger.run(p.runId).state, 4);
        same("by whom", settlementLedger.run(p.runId).voidedBy, address(this));
    }

    function refused(StairContest memory p, bytes memory with) private {
        vm.expectRevert(with);
        stairContests.contestStair(p);
    }

    function held(StairContest memory p) private {
        p.runId = settle(rootOf(p));
        refused(p, abi.encodeWithSelector(IStairContests.StairHolds.selector, p.runId));
    }

    function test_an_honest_stair_holds_be_it_the_first_one_between_or_the_last() public {
        street(aRule());
        held(aStair(0, 1));
        voidLatest();
        held(aStair(1, 1));
        voidLatest();
        held(aStair(2, 1));
    }

    function test_a_slot_counts_on_its_active_days_alone() public {
        street(aRule());
        held(aStair(1, 1));
        voidLatest();
        held(aStair(1, 2));
        voidLatest();
        StairContest memory p = aStair(1, 2);
        p.stair.consumption += 1000 + 37 * 6;
        refuted(p);
    }

    function test_a_stair_that_is_more_or_less_than_its_rows_voids_the_run() public {
        street(aRule());
        StairContest memory p = aStair(1, 0);
        ++p.stair.feedIn;
        refuted(p);
        p = aStair(0, 0);
        --p.stair.consumption;
        refuted(p);
        p = aStair(2, 0);
        ++p.stair.allocated;
        refuted(p);
        p = aStair(1, 2);
        --p.stair.shared;
        refuted(p);
    }

    function test_a_stair_with_rounds_that_the_key_has_not_voids_the_run() public {
        street(aRule());
        StairContest memory p = aStair(1, 0);
        p.rounds = new Leaves.Round[](1);
        refuted(p);
    }

    function test_what_stands_where_no_row_may_be_neither_counts_nor_shields_a_lie() public {
        street(aRule());
        StairContest memory p = aStair(0, 0);
        p.rows[3].detail = keccak256("not padding");
        held(p);
        voidLatest();
        p = aStair(2, 0);
        (p.rows[2].detail, p.rows[3].detail) = (keccak256("beyond"), keccak256("the last"));
        ++p.stair.allocated;
        refuted(p);
    }

    function test_a_level_is_what_the_satisfied_gave_and_the_weight_of_the_others() public {
        street(aCascade());
        held(aLevelStair());
        voidLatest();
        StairContest memory p = aLevelStair();
        ++p.rounds[0].pool;
        refuted(p);
        p = aLevelStair();
        --p.rounds[0].weight;
        refuted(p);
    }

    function test_a_stair_is_held_against_the_header_that_stands_beside_it() public {
        street(aCascade());
        StairContest memory p = aLevelStair();
        p.runId = settle(rootOf(p));
        p.header.rounds[0].pool = 1;
        bytes32 other = climbedHeader(p);
        refused(p, meet(other, p.path[5 + 2]));
        p.header.rounds = new Leaves.Round[](2);
        refused(p, abi.encodeWithSelector(IStairContests.RoundsMalformed.selector, 2, 1));
    }

    function test_a_former_stair_without_the_keys_rounds_is_contested_first() public {
        street(aCascade());
        StairContest memory p = aLevelStair();
        p.formerRounds = new Leaves.Round[](0);
        p.runId = settle(rootOf(p));
        refused(p, abi.encodeWithSelector(IStairContests.RoundsMalformed.selector, 0, 1));
    }

    function test_what_producers_ask_for_their_energy_is_added_up_behind_the_keys_rounds() public {
        Rule memory rule = aRule();
        rule.tariff.pricing = 3;
        rule.tariff.producerPrice = new uint32[](5);
        rule.tariff.producerPrice[4] = 80_000;
        street(rule);
        held(aPricedStair());
        voidLatest();
        StairContest memory p = aPricedStair();
        ++p.rounds[0].pool;
        refuted(p);
        p = aPricedStair();
        ++p.rounds[0].weight;
        refuted(p);
        p = aPricedStair();
        p.rounds = new Leaves.Round[](0);
        refuted(p);
    }

    function test_a_flows_links_are_added_up_by_producer() public {
        Rule memory rule = aRule();
        rule.key.method = 9;
        rule.key.linkTerms = ROOT;
        street(rule);
        held(aFlowStair());
        voidLatest();
        StairContest memory p = aFlowStair();
        ++p.rounds[1].pool;
        refuted(p);
        p = aFlowStair();
        p.runId = settle(rootOf(p));
        p.details[0].links[0].energy = 1;
        refused(p, meet(Leaves.detail(p.details[0]), p.rows[0].detail));
        p.details = new Leaves.Detail[](3);
        refused(p, abi.encodeWithSelector(IStairContests.StairLeavesMissing.selector, 3, 4));
    }

    function test_what_is_shown_must_meet_where_paths_join() public {
        street(aRule());
        StairContest memory p = aStair(1, 0);
        ++p.stair.feedIn;
        p.runId = settle(rootOf(p));
        bytes32 kept = p.formerPath[0];
        p.formerPath[0] = ROOT;
        refusedBy(abi.encodeCall(IStairContests.contestStair, (p)), Anchors.PartsDoNotMeet.selector);
        p.formerPath[0] = kept;
        kept = p.rows[1].path[0];
        p.rows[1].path[0] = ROOT;
        refusedBy(abi.encodeCall(IStairContests.contestStair, (p)), Anchors.PartsDoNotMeet.selector);
        p.rows[1].path[0] = kept;
        p.path[0] = ROOT;
        refusedBy(abi.encodeCall(IStairContests.contestStair, (p)), Anchors.StairNotAnchored.selector);
    }

    function refusedBy(bytes memory call, bytes4 selector) private {
        (bool taken, bytes memory why) = address(stairContests).call(call);
        holds("refused", !taken);
        same("why", bytes32(bytes4(why)), bytes32(selector));
    }

    function test_each_place_is_below_its_count() public {
        street(aRule());
        StairContest memory p = aStair(1, 0);
        p.runId = settle(rootOf(p));
        p.block = 3;
        refused(p, abi.encodeWithSelector(Places.OutsideShape.selector, 3, 3));
        (p.block, p.day) = (1, 3);
        refused(p, abi.encodeWithSelector(Places.OutsideShape.selector, 3, 3));
        (p.day, p.t) = (0, 24);
        refused(p, abi.encodeWithSelector(Places.OutsideShape.selector, 24, 24));
    }

    function test_paths_have_a_sibling_per_level_and_stairs_their_leaves() public {
        street(aRule());
        StairContest memory p = aStair(0, 0);
        p.runId = settle(rootOf(p));
        p.formerPath = new bytes32[](1);
        refused(p, abi.encodeWithSelector(Tree.TreePathLength.selector, 1, 0));
        p.formerPath = new bytes32[](0);
        p.rows = new StairRow[](3);
        refused(p, abi.encodeWithSelector(IStairContests.StairLeavesMissing.selector, 3, 4));
        p.path = new bytes32[](7);
        refused(p, abi.encodeWithSelector(Tree.TreePathLength.selector, 7, 12));
    }

    function test_a_stair_is_contested_while_its_run_is_contestable() public {
        street(aRule());
        StairContest memory p = aStair(1, 0);
        ++p.stair.feedIn;
        refuted(p);
        refused(p, abi.encodeWithSelector(ISettlementLedger.RunNotContestable.selector, p.runId, 4));
    }

    function testFuzz_a_stair_falls_exactly_where_it_is_not_the_sum(
        uint64[4] memory energy,
        uint64[4] memory given,
        uint64[4] memory sums,
        uint64[4] memory lie,
        uint8 where
    ) public {
        street(aRule());
        (uint32 number, uint16 day) = (where % 3, where / 3 % 3);
        StairContest memory p = aStair(number, day);
        if (number == 0) delete sums;
        for (uint256 i; i < 4; ++i) {
            sums[i] >>= 3;
        }
        p.former = Leaves.Stair(bytes16(keccak256("former")), sums[0], sums[1], sums[2], sums[3]);
        for (uint256 i; i < 4; ++i) {
            (p.rows[i].row.energy, p.rows[i].row.allocated) = (energy[i] >> 3, given[i] >> 3);
            if (!isActive(4 * number + i, day)) continue;
            bool feeds = directionOf(4 * number + i) == 1;
            sums[feeds ? 0 : 1] += energy[i] >> 3;
            sums[feeds ? 3 : 2] += given[i] >> 3;
        }
        bool lies = where % 2 == 1 && (lie[0] | lie[1] | lie[2] | lie[3]) != 0;
        p.stair = Leaves.Stair(p.stair.salt, sums[0], sums[1], sums[2], sums[3]);
        if (lies) {
            p.stair.feedIn ^= lie[0];
            p.stair.consumption ^= lie[1];
            p.stair.allocated ^= lie[2];
            p.stair.shared ^= lie[3];
            refuted(p);
        } else {
            held(p);
        }
    }

    // ---- the last stair ----

    function aLast() private pure returns (LastStairContest memory p) {
        (p.day, p.t) = (1, 7);
        p.stair = Leaves.Stair(bytes16(keccak256("last")), 9000, 8000, 5000, 5000);
        (p.header.feedIn, p.header.consumption, p.header.allocated) = (9000, 8000, 5000);
        p.header.value = 77;
    }

    function lastHeld(LastStairContest memory p) private {
        p.runId = settle(rootOf(p));
        vm.expectRevert(abi.encodeWithSelector(IStairContests.StairHolds.selector, p.runId));
        stairContests.contestLastStair(p);
        voidLatest();
    }

    function lastRefuted(LastStairContest memory p) private {
        p.runId = settle(rootOf(p));
        vm.expectEmit(address(stairContests));
        emit LastStairRefuted(p.runId, address(this), p.day, p.t);
        stairContests.contestLastStair(p);
        same("voided", settlementLedger.run(p.runId).state, 4);
    }

    function test_the_last_stair_is_the_header() public {
        street(aRule());
        lastHeld(aLast());
        LastStairContest memory p = aLast();
        ++p.header.feedIn;
        lastRefuted(p);
        p = aLast();
        ++p.stair.consumption;
        lastRefuted(p);
        p = aLast();
        --p.header.allocated;
        lastRefuted(p);
        p = aLast();
        --p.stair.shared;
        lastRefuted(p);
    }

    function test_the_last_stair_of_a_level_leaves_its_pool_and_weight() public {
        street(aCascade());
        LastStairContest memory p = aLast();
        (p.header.rounds, p.rounds) = (new Leaves.Round[](1), new Leaves.Round[](1));
        p.rounds[0] = Leaves.Round(3000, 12);
        p.header.rounds[0] = Leaves.Round(6000, 12);
        lastHeld(p);
        ++p.header.rounds[0].pool;
        lastRefuted(p);
        --p.header.rounds[0].pool;
        ++p.rounds[0].weight;
        lastRefuted(p);
        p.header.rounds = new Leaves.Round[](0);
        lastRefuted(p);
    }

    function test_the_last_stair_says_what_the_producers_prices_make_the_interval_worth() public {
        Rule memory rule = aRule();
        rule.tariff.pricing = 3;
        rule.tariff.producerPrice = new uint32[](5);
        street(rule);
        LastStairContest memory p = aLast();
        p.rounds = new Leaves.Round[](1);
        p.rounds[0].pool = 77;
        lastHeld(p);
        p.header.value = 78;
        lastRefuted(p);
    }

    function test_a_last_stair_and_its_header_must_meet() public {
        street(aRule());
        LastStairContest memory p = aLast();
        p.runId = settle(rootOf(p));
        p.header.tau = 1;
        refusedBy(abi.encodeCall(IStairContests.contestLastStair, (p)), Anchors.PartsDoNotMeet.selector);
        p.stair.feedIn = 1;
        refusedBy(abi.encodeCall(IStairContests.contestLastStair, (p)), Anchors.StairNotAnchored.selector);
    }

    // ---- keys ----

    function aCascade() private pure returns (Rule memory rule) {
        rule = aRule();
        rule.key.method = 4;
        rule.key.coefficientsPpm = new uint32[](8);
        (rule.key.coefficientsPpm[5], rule.key.coefficientsPpm[6]) = (300_000, 200_000);
    }

    /// @dev Of slots 4 to 7 the fourth and the seventh feed in; the fifth has enough by 300,000 ppm, the sixth has not by 200,000.
    function aLevelStair() private view returns (StairContest memory p) {
        p = aStair(1, 0);
        p.header.rounds = new Leaves.Round[](1);
        // Slot 5 consumes 1185, its part of the level to the milliwatt-hour; slot 6 consumes 1222, its part is 790.
        p.header.rounds[0] = Leaves.Round(1185, 300_000);
        (p.formerRounds, p.rounds) = (new Leaves.Round[](1), new Leaves.Round[](1));
        p.formerRounds[0] = Leaves.Round(50, 60);
        p.rounds[0] = Leaves.Round(50 + 1185, 60 + 200_000);
    }

    /// @dev Slot 4 sells 544 mWh at 80,000, slot 7 has no price.
    function aPricedStair() private view returns (StairContest memory p) {
        p = aStair(1, 0);
        (p.formerRounds, p.rounds) = (new Leaves.Round[](1), new Leaves.Round[](1));
        p.formerRounds[0].pool = 9;
        p.rounds[0].pool = 9 + 544 * 80_000;
    }

    /// @dev Producers 1, 4 and 7: slot 0 takes 300 from 1 and 200 from 4, slot 2 takes 522 from 7; slot 1 feeds in.
    function aFlowStair() private view returns (StairContest memory p) {
        p = aStair(0, 0);
        (p.header.rounds, p.rounds) = (new Leaves.Round[](3), new Leaves.Round[](3));
        p.details = new Leaves.Detail[](4);
        p.details[0].links = new Leaves.Flow[](2);
        (p.details[0].links[0], p.details[0].links[1]) = (Leaves.Flow(1, 300), Leaves.Flow(4, 200));
        p.details[1].links = new Leaves.Flow[](1);
        p.details[1].links[0] = Leaves.Flow(0, 300);
        p.details[2].links = new Leaves.Flow[](1);
        p.details[2].links[0] = Leaves.Flow(7, 522);
        for (uint256 i; i < 3; ++i) {
            p.rows[i].detail = Leaves.detail(p.details[i]);
        }
        (p.rounds[0].pool, p.rounds[1].pool, p.rounds[2].pool) = (300, 200, 522);
    }

    function climbedHeader(StairContest memory p) private pure returns (bytes32 hash) {
        hash = Leaves.header(p.header);
        for (uint256 i; i < p.headerPath.length; ++i) {
            hash = (uint256(p.t) >> i) % 2 == 0
                ? keccak256(abi.encodePacked(hash, p.headerPath[i]))
                : keccak256(abi.encodePacked(p.headerPath[i], hash));
        }
    }

    function meet(bytes32 climbed, bytes32 expected) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Anchors.PartsDoNotMeet.selector, climbed, expected);
    }

    function voidLatest() private {
        voidByContests(settlementLedger.latestRun(COMMUNITY, PERIOD));
    }
}
