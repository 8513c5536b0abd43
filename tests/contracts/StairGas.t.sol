// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    BillContest,
    BillPoint,
    BillStairContest,
    IBillContests,
    StairBill
} from "../../contracts/interfaces/IBillContests.sol";
import { IDemands } from "../../contracts/interfaces/IDemands.sol";
import {
    IStairContests,
    LastStairContest,
    PeriodStairContest,
    ReadingStairContest,
    StairContest,
    StairPeriod,
    StairRow
} from "../../contracts/interfaces/IStairContests.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { BillsProposal } from "../../contracts/types/Bills.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { Growth } from "./support/Growth.sol";
import { StairWorld } from "./support/StairWorld.sol";
import { vm } from "./support/Vm.sol";

/// @dev What the auditors' contests and those of bills cost: a month of quarter-hours, from cold storage, call data included.
contract StairGasTest is StairWorld {
    event GasUsed(string what, uint256 gas);

    uint256 private constant MONTH = 31;
    bytes16 private constant SALT = bytes16(keccak256("salt"));
    uint64 private constant LARGE = (1 << 40) - 1;

    function test_a_stair_costs_less_than_two_hundred_thousand() public {
        for (uint256 i; i < 4; ++i) {
            fresh(aRule(), i);
            StairContest memory p = aStair(0);
            p.runId = settle(rootOf(p));
            uint256 gas = spend("contestStair", abi.encodeCall(IStairContests.contestStair, (p)));
            holds("stair", gas < 200_000);
        }
    }

    function test_a_stair_with_a_level_costs_less_than_two_hundred_and_twenty_thousand() public {
        for (uint256 i; i < 4; ++i) {
            Rule memory rule = aRule();
            rule.key.method = 4;
            rule.key.coefficientsPpm = new uint32[](500);
            rule.key.coefficientsPpm[5] = 300_000;
            fresh(rule, i);
            StairContest memory p = aStair(1);
            p.runId = settle(rootOf(p));
            uint256 gas = spend("contestStair with a level", abi.encodeCall(IStairContests.contestStair, (p)));
            holds("stair", gas < 220_000);
        }
    }

    function test_a_last_stair_costs_less_than_a_hundred_and_ten_thousand() public {
        for (uint256 i; i < 4; ++i) {
            fresh(aRule(), i);
            LastStairContest memory p;
            (p.day, p.t) = (17, 50);
            p.stair = Leaves.Stair(SALT, LARGE, LARGE, LARGE, LARGE);
            (p.header.feedIn, p.header.consumption, p.header.allocated) = (LARGE, LARGE - 1, LARGE);
            p.runId = settle(rootOf(p));
            uint256 gas = spend("contestLastStair", abi.encodeCall(IStairContests.contestLastStair, (p)));
            holds("last stair", gas < 110_000);
        }
    }

    function test_a_period_stair_costs_less_than_a_hundred_and_forty_thousand() public {
        for (uint256 i; i < 4; ++i) {
            fresh(aRule(), i);
            PeriodStairContest memory p;
            p.block = number();
            p.former = Leaves.Stair(SALT, LARGE, LARGE, LARGE, LARGE);
            p.stair = Leaves.Stair(SALT, LARGE, LARGE, LARGE, LARGE);
            p.periods = new StairPeriod[](4);
            for (uint256 j; j < 4; ++j) {
                p.periods[j].period = aPeriod();
            }
            p.runId = settle(rootOf(p));
            uint256 gas = spend("contestPeriodStair", abi.encodeCall(IStairContests.contestPeriodStair, (p)));
            holds("period stair", gas < 140_000);
        }
    }

    function test_a_reading_stair_of_ninety_six_readings_costs_less_than_two_hundred_and_seventy_thousand_of_few()
        public
    {
        readingStairCosts(0);
        readingStairCosts(1);
    }

    function test_a_reading_stair_of_ninety_six_readings_costs_less_than_two_hundred_and_seventy_thousand_of_many()
        public
    {
        readingStairCosts(2);
    }

    function test_a_reading_stair_of_ninety_six_readings_costs_less_than_two_hundred_and_seventy_thousand_of_all()
        public
    {
        readingStairCosts(3);
    }

    function test_a_bill_costs_less_than_a_hundred_and_fifteen_thousand_and_twenty_a_further_point() public {
        for (uint256 i; i < 8; ++i) {
            fresh(aRule(), i / 2);
            BillContest memory p;
            p.points = new BillPoint[](1 + i % 2);
            if (i % 2 == 1) p.points[1].slot = 4;
            else p.seat = p.points[0].slot = 5;
            anchor(p);
            string memory what = i % 2 == 1 ? "contestBill, 2 points" : "contestBill, 1 point";
            uint256 gas = spend(what, abi.encodeCall(IBillContests.contestBill, (p)));
            holds("bill", gas < 115_000 + i % 2 * 20_000);
            same("voided", billingLedger.bills(p.runId).state, 4);
        }
    }

    function test_a_bill_stair_costs_less_than_a_hundred_and_thirty_thousand() public {
        for (uint256 i; i < 4; ++i) {
            fresh(aRule(), i);
            BillStairContest memory p;
            p.block = number();
            p.former = Leaves.BillStair(SALT, LARGE, LARGE, LARGE, LARGE, LARGE);
            p.stair = Leaves.BillStair(SALT, LARGE, LARGE, LARGE, LARGE, LARGE);
            p.bills = new StairBill[](4);
            for (uint256 j; j < 4; ++j) {
                p.bills[j].bill = aBill();
            }
            anchor(p);
            uint256 gas = spend("contestBillStair", abi.encodeCall(IBillContests.contestBillStair, (p)));
            holds("bill stair", gas < 130_000);
        }
    }

    function test_an_answer_of_ninety_six_hashes_costs_less_than_two_hundred_and_fifteen_thousand() public {
        for (uint256 i; i < 4; ++i) {
            fresh(aRule(), i);
            bytes32[] memory rows = new bytes32[](128);
            for (uint256 t; t < 96; ++t) {
                rows[t] = keccak256(abi.encode("row", t));
            }
            bytes32[] memory path = Growth.siblings("day", levelsOf(slots) + 1 + 5 + 1);
            uint256 index = (((17 << 1) | 1) << levelsOf(slots)) | 5;
            bytes32 runId = settle(Growth.climb(Growth.root(rows), index, path));
            vm.deal(auditor, 1 ether);
            bytes memory asking = abi.encodeCall(IDemands.demand, (runId, 5, 17));
            uint256 asked = spendAs(auditor, 0.002 ether, "demand", address(demands), asking);
            holds("demand", asked < 300_000);
            bytes32[] memory shown = new bytes32[](96);
            for (uint256 t; t < 96; ++t) {
                shown[t] = rows[t];
            }
            bytes memory call =
                abi.encodeCall(IDemands.answer, (demands.demandIdOf(runId, 5, 17, auditor), shown, path));
            uint256 gas = spendAs(settler, 0, "answer, 96 hashes", address(demands), call);
            holds("answer", gas < 215_000);
        }
    }

    // ---- what is contested ----

    function fresh(Rule memory rule, uint256 size) private {
        // Each in a deployment of its own, so that none finds warm what another wrote.
        setUp();
        openStreet(rule, [uint256(8), 50, 200, 500][size], MONTH, 15);
    }

    /// @dev A stair that has four rows and one before it.
    function number() private view returns (uint32) {
        return uint32(slots / 4 - 1);
    }

    function aStair(uint256 rounds) private view returns (StairContest memory p) {
        (p.day, p.t, p.block) = (1, 50, number());
        if (rounds > 0) p.header.rounds = new Leaves.Round[](rounds);
        (p.rounds, p.formerRounds) = (new Leaves.Round[](rounds), new Leaves.Round[](rounds));
        for (uint256 r; r < rounds; ++r) {
            p.header.rounds[r] = Leaves.Round(LARGE, LARGE);
            p.rounds[r] = Leaves.Round(LARGE, LARGE);
            p.formerRounds[r] = Leaves.Round(LARGE, LARGE);
        }
        p.former = Leaves.Stair(SALT, LARGE, LARGE, LARGE, LARGE);
        p.stair = Leaves.Stair(SALT, LARGE, LARGE, LARGE, LARGE);
        p.rows = new StairRow[](4);
        for (uint256 i; i < 4; ++i) {
            Leaves.Row memory row = p.rows[i].row;
            (row.salt, row.energy, row.allocated) = (SALT, 1 << 24, 1 << 23);
            row.totals = aPeriod().totals;
        }
    }

    function aPeriod() private pure returns (Leaves.Period memory period) {
        period.salt = SALT;
        for (uint256 i; i < 10; ++i) {
            period.totals[i] = (LARGE >> 10) - uint64(i);
        }
        period.links = keccak256("links");
    }

    function aBill() private pure returns (Leaves.Bill memory bill) {
        bill.salt = SALT;
        for (uint256 i; i < 13; ++i) {
            bill.lines[i] = 4321;
        }
        (bill.vatDebit, bill.vatCredit, bill.debit, bill.credit) = (4321, 4321, 4321, 4321);
    }

    function classesRoot() internal view override returns (bytes32) {
        // One class stands at seats 0 and 5 alike: the siblings are those of a tree of equal leaves.
        bytes32 hash = Leaves.class(SALT, 0, 0);
        for (uint256 i; i < levelsOf(slots); ++i) {
            hash = Growth.node(hash, hash);
        }
        return hash;
    }

    function anchor(BillContest memory p) private {
        uint256 levels = levelsOf(slots);
        p.bill = aBill();
        p.classSalt = SALT;
        p.classPath = new bytes32[](levels);
        bytes32 hash = Leaves.class(SALT, 0, 0);
        for (uint256 i; i < levels; ++i) {
            p.classPath[i] = hash;
            hash = Growth.node(hash, hash);
        }
        bytes32[] memory periods = Growth.leaves("period", levels);
        for (uint256 i; i < p.points.length; ++i) {
            p.points[i].period = aPeriod();
            periods[p.points[i].slot] = Leaves.period(p.points[i].period);
        }
        bytes32[] memory above = Growth.siblings("periods", 2);
        for (uint256 i; i < p.points.length; ++i) {
            p.points[i].periodPath = Growth.join(Growth.pathOf(periods, p.points[i].slot), above);
        }
        p.billPath = Growth.siblings("bill", levels + 1);
        p.runId = settle(Growth.node(above[1], Growth.node(Growth.root(periods), above[0])));
        anchorBills(p.runId, Growth.climb(Leaves.bill(p.bill), p.seat, p.billPath));
    }

    function anchor(BillStairContest memory p) private {
        bytes32[] memory nodes = new bytes32[](4);
        for (uint256 i; i < 4; ++i) {
            uint256 slot = 4 * p.block + i;
            nodes[i] = slot == 4 || !isConfirmed(slot) ? bytes32(0) : Leaves.bill(p.bills[i].bill);
        }
        p.upper = Growth.siblings("upper", upperLevels());
        bytes32 bills = Growth.climb(Growth.root(nodes), p.block, p.upper);
        bytes32[] memory stairs = Growth.leaves("bill stair", stairLevels());
        stairs[p.block] = Leaves.billStair(p.stair);
        stairs[p.block - 1] = Leaves.billStair(p.former);
        p.formerPath = Growth.pathOf(stairs, p.block - 1);
        p.path = Growth.join(Growth.pathOf(stairs, p.block), Growth.one(bills));
        p.runId = settle(ROOT);
        anchorBills(p.runId, Growth.node(bills, Growth.root(stairs)));
    }

    function anchorBills(bytes32 runId, bytes32 root) private {
        BillsProposal memory bills = theBills(runId);
        bills.root = root;
        proposeBills(bills);
    }

    // ---- what it costs ----

    function spend(string memory what, bytes memory call) private returns (uint256) {
        bool ofBills = bytes(what)[7] == "B";
        return spendAs(stranger, 0, what, ofBills ? address(billContests) : address(stairContests), call);
    }

    function spendAs(address who, uint256 value, string memory what, address to, bytes memory call)
        private
        returns (uint256 gas)
    {
        address[11] memory all = [
            address(registry),
            address(ruleBook),
            address(periodBook),
            address(meterDataLedger),
            address(settlementLedger),
            address(billingLedger),
            address(stairContests),
            address(billContests),
            address(demands),
            address(bonds),
            address(pauseBook)
        ];
        for (uint256 i; i < all.length; ++i) {
            vm.cool(all[i]);
        }
        vm.prank(who);
        (bool taken,) = to.call{ value: value }(call);
        gas = transactionGas(call, vm.lastCallGas().gasTotalUsed);
        what = string.concat(what, ", ", vm.toString(slots), " slots");
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

    /// @dev A size at a time: a machine's memory costs more the more of it one test has used.
    function readingStairCosts(uint256 size) private {
        fresh(aRule(), size);
        ReadingStairContest memory p;
        (p.slot, p.day) = (4 * number() + 1, 17);
        (p.former.salt, p.former.measured) = (SALT, LARGE);
        (p.stair.salt, p.stair.measured) = (SALT, LARGE);
        p.readings = new bytes32[](96);
        for (uint256 t; t < 96; ++t) {
            p.readings[t] =
                bytes32(abi.encodePacked(bytes16(keccak256(abi.encode(t))), uint64(1 << 24), uint16(0)));
        }
        p.runId = settle(ROOT, streetBatch(rootOf(p)));
        uint256 gas = spend(
            "contestReadingStair, 96 readings", abi.encodeCall(IStairContests.contestReadingStair, (p))
        );
        holds("reading stair", gas < 270_000);
    }
}
