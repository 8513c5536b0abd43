// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    BillContest,
    BillPoint,
    BillStairContest,
    IBillContests,
    StairBill
} from "../../contracts/interfaces/IBillContests.sol";
import { IBillingLedger } from "../../contracts/interfaces/IBillingLedger.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Places } from "../../contracts/libraries/Places.sol";
import { Tree } from "../../contracts/libraries/Tree.sol";
import { BillsProposal } from "../../contracts/types/Bills.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { Growth } from "./support/Growth.sol";
import { StairWorld } from "./support/StairWorld.sol";
import { vm } from "./support/Vm.sol";

/// @dev The household of slots 0 (consumption) and 4 (feed-in), whose figures are small enough to be added up by hand.
contract BillContestsTest is StairWorld {
    event BillRefuted(
        bytes32 indexed runId, uint32 indexed seat, address indexed by, uint8 figure, uint64 held, uint256 due
    );
    event BillStairRefuted(bytes32 indexed runId, address indexed by, uint32 number);
    event BillTotalsRefuted(bytes32 indexed runId, address indexed by);

    bytes16 private constant SALT = bytes16(keccak256("salt"));
    uint64 private constant KWH = 1_000_000;
    uint8 private _vatClass;

    /// @dev 16 slots: depth 4, so that a path has all kinds of siblings.
    function street(Rule memory rule) private {
        openStreet(rule, 16, 3, 60);
    }

    function classesRoot() internal view override returns (bytes32) {
        return Growth.climb(Leaves.class(SALT, _vatClass, 0), 0, classPath());
    }

    function classPath() private pure returns (bytes32[] memory) {
        return Growth.siblings("class", 4);
    }

    /// @dev Residual 25 ct in band 0; shared energy 12 ct by the value of the leaf; surplus 6 ct; fee 2.00; tax 20 %.
    function aBillRule(uint8 seller) private pure returns (Rule memory rule) {
        rule = aRule();
        rule.tariff.surplusPrice = 60_000;
        rule.tariff.monthlyFee = 200;
        rule.tariff.communityVatClass = 2;
        rule.tariff.seller = seller;
        rule.tariff.billedBy = 15;
    }

    /// @dev Slot 0 used 100 kWh, 40 of them shared for 4.80; slot 4 fed in 50 kWh, of which 30 were shared for 3.60.
    function aBill() private pure returns (BillContest memory p) {
        p.points = new BillPoint[](2);
        p.points[1].slot = 4;
        uint64[10] memory x = p.points[0].period.totals;
        (x[0], x[1], x[8]) = (100 * KWH, 40 * KWH, 480 * 1e10);
        x = p.points[1].period.totals;
        (x[0], x[1], x[8]) = (50 * KWH, 30 * KWH, 360 * 1e10);
        p.bill.salt = SALT;
        p.bill.lines[0] = 1500;
        p.bill.lines[4] = 480;
        p.bill.lines[6] = 200;
        p.bill.lines[7] = 360;
        p.bill.lines[8] = 120;
        // (1500 + 480 + 200) · 1.2, and a private person sells without tax.
        (p.bill.vatDebit, p.bill.debit, p.bill.credit) = (436, 2616, 480);
        p.classSalt = SALT;
        p.classPath = classPath();
    }

    /// @dev Gives the paths, and anchors run and bills.
    function anchor(BillContest memory p) private {
        bytes32[] memory periods = Growth.leaves("period", 4);
        for (uint256 i; i < p.points.length; ++i) {
            periods[p.points[i].slot] = Leaves.period(p.points[i].period);
        }
        bytes32[] memory above = Growth.siblings("periods", 2);
        for (uint256 i; i < p.points.length; ++i) {
            p.points[i].periodPath = Growth.join(Growth.pathOf(periods, p.points[i].slot), above);
        }
        bytes32 periodsRoot = Growth.root(periods);
        p.billPath = Growth.siblings("bill", 5);
        p.runId = settle(Growth.node(above[1], Growth.node(periodsRoot, above[0])));
        anchorBills(p.runId, Growth.climb(Leaves.bill(p.bill), p.seat, p.billPath));
    }

    function anchorBills(bytes32 runId, bytes32 root) private {
        BillsProposal memory bills = theBills(runId);
        bills.root = root;
        proposeBills(bills);
    }

    function held(BillContest memory p) private {
        anchor(p);
        refused(p, abi.encodeWithSelector(IBillContests.BillHolds.selector, p.runId));
        voidByContests(p.runId);
    }

    function refuted(BillContest memory p, uint8 figure, uint64 says, uint256 due) private {
        anchor(p);
        vm.expectEmit(address(billContests));
        emit BillRefuted(p.runId, p.seat, address(this), figure, says, due);
        billContests.contestBill(p);
        same("voided", billingLedger.bills(p.runId).state, 4);
        same("by whom", billingLedger.bills(p.runId).voidedBy, address(this));
        same("the run stands", settlementLedger.run(p.runId).state, 1);
        voidByContests(p.runId);
    }

    function refused(BillContest memory p, bytes memory with) private {
        vm.expectRevert(with);
        billContests.contestBill(p);
    }

    function test_a_bill_that_is_what_the_tariff_gives_holds() public {
        street(aBillRule(0));
        held(aBill());
    }

    function test_each_figure_of_a_bill_is_held_against_the_tariff() public {
        street(aBillRule(0));
        uint64[13] memory due = aBill().bill.lines;
        for (uint8 line; line < 13; ++line) {
            BillContest memory p = aBill();
            ++p.bill.lines[line];
            refuted(p, line, due[line] + 1, due[line]);
        }
        BillContest memory q = aBill();
        --q.bill.vatDebit;
        refuted(q, 13, 435, 436);
        q = aBill();
        ++q.bill.vatCredit;
        refuted(q, 14, 1, 0);
        q = aBill();
        ++q.bill.debit;
        refuted(q, 15, 2617, 2616);
        q = aBill();
        --q.bill.credit;
        refuted(q, 16, 479, 480);
    }

    function test_who_is_liable_is_credited_the_tax_on_what_it_sold() public {
        _vatClass = 2;
        street(aBillRule(0));
        BillContest memory p = aBill();
        p.vatClass = 2;
        refuted(p, 14, 0, 96);
        (p.bill.vatCredit, p.bill.credit) = (96, 576);
        held(p);
    }

    function test_a_class_other_than_the_one_that_was_frozen_is_refused() public {
        street(aBillRule(0));
        BillContest memory p = aBill();
        anchor(p);
        p.vatClass = 2;
        bytes32 climbed = Growth.climb(Leaves.class(SALT, 2, 0), 0, p.classPath);
        refused(p, abi.encodeWithSelector(IBillContests.ClassNotFrozen.selector, 0, climbed, classesRoot()));
    }

    /// @dev Slot 0 bought for 2.00 from slot 1, who is liable, and 1.80 from slot 7, who is not; 1.00 came from its own slot 4.
    function aSoldBill() private pure returns (BillContest memory p) {
        p = aBill();
        p.points[0].linksSalt = SALT;
        p.points[0].links = new Leaves.Link[](3);
        p.points[0].links[0] = Leaves.Link(1, 1, 200 * 1e10, 2);
        p.points[0].links[1] = Leaves.Link(4, 1, 100 * 1e10, 0);
        p.points[0].links[2] = Leaves.Link(7, 1, 180 * 1e10, 0);
        p.points[1].linksSalt = SALT;
        p.points[1].links = new Leaves.Link[](2);
        p.points[1].links[0] = Leaves.Link(0, 1, 100 * 1e10, 0);
        p.points[1].links[1] = Leaves.Link(2, 1, 260 * 1e10, 0);
        for (uint256 i; i < 2; ++i) {
            p.points[i].period.links = Leaves.links(SALT, p.points[i].links);
        }
        (p.bill.lines[4], p.bill.lines[7]) = (380, 260);
        // 340 of the community's 1700, 40 of the one seller that is liable.
        (p.bill.vatDebit, p.bill.debit, p.bill.credit) = (380, 2460, 380);
    }

    function test_where_producers_sell_each_link_is_a_sale_but_within_the_seat() public {
        street(aBillRule(1));
        held(aSoldBill());
        BillContest memory p = aSoldBill();
        p.bill.lines[4] = 480;
        refuted(p, 4, 480, 380);
        p = aSoldBill();
        p.bill.vatDebit = 416;
        refuted(p, 13, 416, 380);
    }

    function test_a_producer_that_is_liable_is_credited_tax_seat_by_seat() public {
        _vatClass = 2;
        street(aBillRule(1));
        BillContest memory p = aSoldBill();
        p.vatClass = 2;
        refuted(p, 14, 0, 24 + 52);
        (p.bill.vatCredit, p.bill.credit) = (76, 456);
        held(p);
    }

    function test_links_are_those_of_the_period_leaf() public {
        street(aBillRule(1));
        BillContest memory p = aSoldBill();
        anchor(p);
        p.points[0].links[0].value = 1;
        bytes32 given = Leaves.links(SALT, p.points[0].links);
        bytes32 kept = p.points[0].period.links;
        refused(p, abi.encodeWithSelector(IBillContests.LinksDiffer.selector, 0, given, kept));
    }

    function test_a_bill_takes_all_points_of_its_seat_in_order_and_no_others() public {
        street(aBillRule(0));
        BillContest memory p = aBill();
        ++p.bill.debit;
        anchor(p);
        BillPoint[] memory all = p.points;
        p.points = new BillPoint[](1);
        p.points[0] = all[0];
        refused(p, abi.encodeWithSelector(IBillContests.PointsLeftOut.selector, 0, 4));
        p.points[0] = all[1];
        refused(p, abi.encodeWithSelector(IBillContests.PointNotNext.selector, 0, 4, 0));
        p.points = new BillPoint[](0);
        refused(p, abi.encodeWithSelector(IBillContests.PointsLeftOut.selector, 0, 0));
        p.points = new BillPoint[](2);
        (p.points[0], p.points[1]) = (all[0], all[0]);
        refused(p, abi.encodeWithSelector(IBillContests.PointNotNext.selector, 0, 0, 4));
        p.points = new BillPoint[](3);
        (p.points[0], p.points[1], p.points[2]) = (all[0], all[1], all[0]);
        refused(p, abi.encodeWithSelector(IBillContests.PointNotNext.selector, 0, 0, 0));
    }

    function test_leaves_are_shown_where_they_stand() public {
        street(aBillRule(0));
        BillContest memory p = aBill();
        ++p.bill.debit;
        anchor(p);
        p.points[1].period.salt = SALT;
        refusedBy(abi.encodeCall(IBillContests.contestBill, (p)), IBillContests.PeriodNotInRun.selector);
        p.bill.salt = 0;
        refusedBy(abi.encodeCall(IBillContests.contestBill, (p)), IBillContests.BillNotAnchored.selector);
        p.billPath = new bytes32[](4);
        refusedBy(abi.encodeCall(IBillContests.contestBill, (p)), Tree.TreePathLength.selector);
        p.seat = 16;
        refusedBy(abi.encodeCall(IBillContests.contestBill, (p)), Places.OutsideShape.selector);
    }

    function test_bills_are_contested_while_they_are_contestable() public {
        street(aBillRule(0));
        BillContest memory p = aBill();
        ++p.bill.debit;
        anchor(p);
        billContests.contestBill(p);
        refused(p, abi.encodeWithSelector(IBillingLedger.BillsNotContestable.selector, p.runId, 4));
    }

    function test_voided_bills_give_way_to_others_of_the_same_run() public {
        street(aBillRule(0));
        BillContest memory p = aBill();
        ++p.bill.debit;
        anchor(p);
        billContests.contestBill(p);
        --p.bill.debit;
        anchorBills(p.runId, Growth.climb(Leaves.bill(p.bill), p.seat, p.billPath));
        refused(p, abi.encodeWithSelector(IBillContests.BillHolds.selector, p.runId));
    }

    // ---- stairs of bills ----

    /// @dev Of seats 4 to 7 the first belongs to seat 0, the third is there for two days.
    function aBillStair(uint32 number) private pure returns (BillStairContest memory p) {
        p.block = number;
        p.stair.salt = SALT;
        if (number > 0) p.former = Leaves.BillStair(SALT, 100, 200, 300, 400, 500);
        uint64[5] memory sums = number > 0 ? [uint64(100), 200, 300, 400, 500] : [uint64(0), 0, 0, 0, 0];
        p.bills = new StairBill[](4);
        for (uint32 i; i < 4; ++i) {
            uint32 slot = 4 * number + i;
            if (slot == 3 || slot == 4) continue;
            Leaves.Bill memory bill = p.bills[i].bill;
            (bill.debit, bill.credit, bill.lines[6]) = (1000 + slot, 2000 + slot, 3000 + slot);
            (bill.vatDebit, bill.vatCredit) = (4000 + slot, 5000 + slot);
            for (uint64 j; j < 5; ++j) {
                sums[j] += 1000 * (j + 1) + slot;
            }
        }
        (p.stair.debits, p.stair.credits, p.stair.fees) = (sums[0], sums[1], sums[2]);
        (p.stair.vatDebits, p.stair.vatCredits) = (sums[3], sums[4]);
    }

    function anchor(BillStairContest memory p) private {
        bytes32[] memory nodes = new bytes32[](4);
        for (uint256 i; i < 4; ++i) {
            uint256 slot = 4 * p.block + i;
            nodes[i] = slot == 3 || slot == 4 ? p.bills[i].padding : Leaves.bill(p.bills[i].bill);
        }
        p.upper = Growth.siblings("upper", 2);
        bytes32 bills = Growth.climb(Growth.root(nodes), p.block, p.upper);
        bytes32[] memory stairs = Growth.leaves("bill stair", 2);
        stairs[p.block] = Leaves.billStair(p.stair);
        if (p.block > 0) {
            stairs[p.block - 1] = Leaves.billStair(p.former);
            p.formerPath = Growth.pathOf(stairs, p.block - 1);
        }
        p.path = Growth.join(Growth.pathOf(stairs, p.block), Growth.one(bills));
        p.runId = settle(ROOT);
        anchorBills(p.runId, Growth.node(bills, Growth.root(stairs)));
    }

    function test_a_bill_stair_is_the_one_before_and_its_bills() public {
        openStreet(aBillRule(0), 15, 3, 60);
        for (uint32 number; number < 2; ++number) {
            BillStairContest memory p = aBillStair(number);
            p.bills[number == 0 ? 3 : 0].padding = ROOT;
            anchor(p);
            vm.expectRevert(abi.encodeWithSelector(IBillContests.BillHolds.selector, p.runId));
            billContests.contestBillStair(p);
            voidByContests(p.runId);
        }
        for (uint256 i; i < 5; ++i) {
            BillStairContest memory p = aBillStair(1);
            if (i == 0) ++p.stair.debits;
            if (i == 1) --p.stair.credits;
            if (i == 2) ++p.stair.fees;
            if (i == 3) --p.stair.vatDebits;
            if (i == 4) ++p.stair.vatCredits;
            anchor(p);
            vm.expectEmit(address(billContests));
            emit BillStairRefuted(p.runId, address(this), 1);
            billContests.contestBillStair(p);
            same("voided", billingLedger.bills(p.runId).state, 4);
            voidByContests(p.runId);
        }
    }

    function test_a_bill_stair_is_shown_with_all_its_bills_where_they_stand() public {
        openStreet(aBillRule(0), 15, 3, 60);
        BillStairContest memory p = aBillStair(1);
        ++p.stair.debits;
        anchor(p);
        p.bills[1].bill.salt = SALT;
        bytes4 apart = IBillContests.BillPartsDoNotMeet.selector;
        refusedBy(abi.encodeCall(IBillContests.contestBillStair, (p)), apart);
        p.bills = new StairBill[](3);
        bytes4 missing = IBillContests.BillLeavesMissing.selector;
        refusedBy(abi.encodeCall(IBillContests.contestBillStair, (p)), missing);
        p.former.debits = 0;
        refusedBy(abi.encodeCall(IBillContests.contestBillStair, (p)), apart);
        p.stair.debits = 0;
        bytes4 loose = IBillContests.BillNotAnchored.selector;
        refusedBy(abi.encodeCall(IBillContests.contestBillStair, (p)), loose);
        p.block = 4;
        refusedBy(abi.encodeCall(IBillContests.contestBillStair, (p)), Places.OutsideShape.selector);
    }

    function test_the_last_bill_stair_is_what_the_bills_claim() public {
        openStreet(aBillRule(0), 15, 3, 60);
        for (uint256 i; i < 6; ++i) {
            uint64[5] memory x = [uint64(1500), 900, 400, 100, 30];
            if (i < 5) ++x[i];
            Leaves.BillStair memory stair = Leaves.BillStair(SALT, x[0], x[1], x[2], x[3], x[4]);
            bytes32[] memory stairs = Growth.leaves("bill stair", 2);
            stairs[3] = Leaves.billStair(stair);
            bytes32 runId = settle(ROOT);
            anchorBills(runId, Growth.node(ROOT, Growth.root(stairs)));
            if (i < 5) {
                vm.expectEmit(address(billContests));
                emit BillTotalsRefuted(runId, address(this));
            } else {
                vm.expectRevert(abi.encodeWithSelector(IBillContests.BillHolds.selector, runId));
            }
            billContests.contestBillTotals(
                runId, stair, Growth.join(Growth.pathOf(stairs, 3), Growth.one(ROOT))
            );
            same("state", billingLedger.bills(runId).state, i < 5 ? 4 : 1);
            voidByContests(runId);
        }
    }

    function refusedBy(bytes memory call, bytes4 selector) private {
        (bool taken, bytes memory why) = address(billContests).call(call);
        holds("refused", !taken);
        same("why", bytes32(bytes4(why)), bytes32(selector));
    }
}
