// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { RowContest } from "../../contracts/interfaces/IContests.sol";
import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "../../contracts/interfaces/IPeriodBook.sol";
import { IContests } from "../../contracts/interfaces/IContests.sol";
import { IRuleBook } from "../../contracts/interfaces/IRuleBook.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Batch } from "../../contracts/types/Batches.sol";
import { Opening } from "../../contracts/types/Periods.sol";
import { ConfirmPoint } from "../../contracts/types/Points.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { RunProposal } from "../../contracts/types/Runs.sol";
import { RowProof } from "./support/RowProof.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

/// @dev What transactions cost from cold storage: 21,000, the call data (EIP-7623 included) and the execution.
contract GasTest is World {
    using RowProof for RowContest;

    event GasUsed(string what, uint256 gas);

    uint16 private constant MONTH = 31;
    uint16 private constant QUARTERS = 96;
    uint256 private constant BLOCK_GAS = 30_000_000;
    uint256 private constant CHUNK = 200;
    uint256 private constant SLOTS_LIMIT = 1920;
    uint256 private constant ROW_GAS = 100_000;

    function test_a_month_of_a_thousand_points_opens_in_a_block() public {
        holds("half a block", openingGas(1000) < BLOCK_GAS / 2);
    }

    function test_a_month_of_as_many_points_as_a_period_takes_opens_in_a_block() public {
        holds("a block", openingGas(SLOTS_LIMIT) < BLOCK_GAS);
        ConfirmPoint[] memory points = somePoints(SLOTS_LIMIT, SLOTS_LIMIT + 1);
        points[0].period = PERIOD + MONTH;
        bytes memory signature = signed(points);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.SlotTooHigh.selector, SLOTS_LIMIT, SLOTS_LIMIT)
        );
        registry.confirmPoints(COMMUNITY, PERIOD + MONTH, points, signature);
    }

    function test_two_hundred_points_are_confirmed_in_a_block() public {
        ConfirmPoint[] memory points = somePoints(0, CHUNK);
        bytes memory call =
            abi.encodeCall(ICommunityRegistry.confirmPoints, (COMMUNITY, PERIOD, points, signed(points)));
        uint256 gas = spend("confirmPoints, 200 points", stranger, address(registry), call);
        holds("seven tenths of a block", gas < BLOCK_GAS * 7 / 10);
    }

    function test_a_row_contest_of_the_dynamic_key_costs_less_than_a_hundred_thousand() public {
        holds("50 slots", contestGas("dynamic", 50, aRule(), 0) < ROW_GAS);
        holds("200 slots", contestGas("dynamic", 200, aRule(), 0) < ROW_GAS);
        holds("500 slots", contestGas("dynamic", 500, aRule(), 0) < ROW_GAS);
    }

    function test_a_row_contest_of_the_static_key_costs_less_than_a_hundred_thousand() public {
        holds("500 slots", contestGas("static", 500, aRuleBy(2, 500), 0) < ROW_GAS);
    }

    function test_a_row_contest_of_a_key_of_one_round_costs_little_more() public {
        holds("equal", contestGas("equal", 200, aRuleBy(3, 0), 1) < ROW_GAS);
        holds("cascade, 50", contestGas("static_cascade", 50, aRuleBy(4, 50), 1) < ROW_GAS);
        holds("cascade, 200", contestGas("static_cascade", 200, aRuleBy(4, 200), 1) < ROW_GAS * 102 / 100);
        holds("cascade, 500", contestGas("static_cascade", 500, aRuleBy(4, 500), 1) < ROW_GAS * 102 / 100);
    }

    function test_a_row_contest_of_three_tiers_costs_less_than_a_hundred_and_twenty_five_thousand() public {
        for (uint256 i; i < 3; ++i) {
            uint256 slots = [uint256(50), 200, 500][i];
            Rule memory rule = aRuleBy(8, slots);
            rule.key.tierMethods = new uint8[](3);
            (rule.key.tierMethods[0], rule.key.tierMethods[1], rule.key.tierMethods[2]) = (4, 3, 5);
            rule.key.tiers = new uint8[](slots);
            rule.key.tiers[slots - 2] = 2;
            holds("less", contestGas("priority of 3 tiers", slots, rule, 5) < ROW_GAS * 125 / 100);
        }
    }

    function test_a_row_contest_of_eight_producers_costs_less_than_a_hundred_and_thirty_five_thousand()
        public
    {
        for (uint256 i; i < 3; ++i) {
            uint256 slots = [uint256(50), 200, 500][i];
            Rule memory rule = aRuleBy(7, 8 * slots);
            rule.key.producers = new uint32[](8);
            for (uint32 r; r < 8; ++r) {
                rule.key.producers[r] = 3 * r;
            }
            holds("less", contestGas("pairwise of 8 producers", slots, rule, 8) < ROW_GAS * 135 / 100);
        }
    }

    function test_the_largest_keys_are_scheduled_in_a_block() public {
        Rule memory rule = aRuleBy(7, 500 * 16);
        rule.key.producers = new uint32[](16);
        for (uint32 r; r < 16; ++r) {
            rule.key.producers[r] = 3 * r;
        }
        bytes memory call = abi.encodeCall(IRuleBook.scheduleRule, (COMMUNITY, rule));
        uint256 gas = spend("scheduleRule, 500 slots by 16 producers", steward, address(ruleBook), call);
        holds("a block", gas < BLOCK_GAS);
    }

    /// @dev A key of a method with as many coefficients, each as large as all together allow.
    function aRuleBy(uint8 method, uint256 coefficients) private pure returns (Rule memory rule) {
        rule = aRule();
        rule.key.method = method;
        rule.key.coefficientsPpm = new uint32[](coefficients);
        for (uint256 i; i < coefficients; ++i) {
            rule.key.coefficientsPpm[i] = uint32(1_000_000 / coefficients);
        }
    }

    function openingGas(uint256 slots) private returns (uint256) {
        schedule(aRule());
        bytes memory call =
            abi.encodeCall(IPeriodBook.openPeriod, (COMMUNITY, PERIOD, theOpening(confirmMany(slots))));
        string memory what = string.concat("openPeriod, ", vm.toString(slots), " slots");
        return spend(what, settler, address(periodBook), call);
    }

    function contestGas(string memory key, uint256 slots, Rule memory rule, uint256 rounds)
        private
        returns (uint256 gas)
    {
        // Each in a community of its own, so that none finds warm what another wrote.
        setUp();
        schedule(rule);
        ConfirmPoint[] memory points = confirmMany(slots);
        open(theOpening(points));
        Batch memory batch = aBatch();
        batch.measured = periodBook.terms(COMMUNITY, PERIOD).expectedReadings;
        submit(batch);
        RowContest memory proof = aProof(slots, rounds);
        RunProposal memory run = aRun();
        run.root = proof.root(RowProof.Shape(slots, MONTH, QUARTERS));
        proof.runId = propose(run);
        string memory what = string.concat("contestRow of ", key, ", ", vm.toString(slots), " slots");
        gas = spend(what, stranger, address(contests), abi.encodeCall(IContests.contestRow, (proof)));
        same("voided", settlementLedger.run(proof.runId).state, 4);
    }

    function aProof(uint256 slots, uint256 rounds) private pure returns (RowContest memory proof) {
        (proof.slot, proof.day, proof.t) = (uint32(slots - 2), 17, 50);
        proof.row.salt = bytes16(keccak256("salt"));
        (proof.row.energy, proof.row.allocated) = (1 << 30, 1 << 31);
        for (uint256 i; i < 10; ++i) {
            proof.row.totals[i] = (1 << 40) - 1;
        }
        (proof.header.feedIn, proof.header.consumption) = (1 << 35, 1 << 36);
        (proof.header.allocated, proof.header.tau) = (1 << 35, 7);
        // The first pool is what was fed in, as it must be where tiers or equals share it.
        proof.header.rounds = new Leaves.Round[](rounds);
        for (uint256 r; r < rounds; ++r) {
            proof.header.rounds[r] = Leaves.Round(uint64(1 << (35 - r)), (1 << 30) + 1);
        }
        return proof.withPaths(RowProof.Shape(slots, MONTH, QUARTERS));
    }

    function confirmMany(uint256 count) private returns (ConfirmPoint[] memory points) {
        points = somePoints(0, count);
        for (uint256 from; from < count; from += CHUNK) {
            confirm(somePoints(from, from + CHUNK < count ? from + CHUNK : count));
        }
    }

    function somePoints(uint256 from, uint256 until) private pure returns (ConfirmPoint[] memory points) {
        points = new ConfirmPoint[](until - from);
        for (uint256 i; i < points.length; ++i) {
            points[i] = aPoint(uint32(from + i));
            points[i].untilDay = MONTH;
        }
    }

    function theOpening(ConfirmPoint[] memory points) private pure returns (Opening memory opening) {
        opening = anOpening();
        opening.slots = uint32(points.length);
        opening.resolutionMinutes = 15;
        opening.intervals = new uint16[](MONTH);
        for (uint256 day; day < MONTH; ++day) {
            opening.intervals[day] = QUARTERS;
        }
        opening.bands = new uint256[](24);
        for (uint256 i; i < 23; ++i) {
            opening.bands[i] = uint256(keccak256(abi.encode("bands", i)));
        }
        opening.seats = new uint32[](points.length);
        for (uint32 slot; slot < points.length; ++slot) {
            opening.seats[slot] = slot;
        }
        opening.pointsHash = pointsHash(points);
    }

    function spend(string memory what, address sender, address to, bytes memory call)
        private
        returns (uint256 gas)
    {
        vm.cool(address(registry));
        vm.cool(address(ruleBook));
        vm.cool(address(periodBook));
        vm.cool(address(settlementLedger));
        vm.cool(address(contests));
        vm.prank(sender);
        (bool taken,) = to.call(call);
        gas = transactionGas(call, vm.lastCallGas().gasTotalUsed);
        holds(what, taken);
        emit GasUsed(what, gas);
    }

    function transactionGas(bytes memory call, uint256 execution) private pure returns (uint256) {
        uint256 tokens;
        for (uint256 i; i < call.length; ++i) {
            tokens += call[i] == 0 ? 1 : 4;
        }
        uint256 usual = 4 * tokens + execution;
        uint256 floor = 10 * tokens;
        return 21_000 + (usual > floor ? usual : floor);
    }
}
