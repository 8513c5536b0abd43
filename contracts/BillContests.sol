// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    BillContest,
    BillPoint,
    BillStairContest,
    IBillContests,
    StairBill
} from "./interfaces/IBillContests.sol";
import { IBillingLedger } from "./interfaces/IBillingLedger.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { ISettlementLedger } from "./interfaces/ISettlementLedger.sol";
import { BillLines } from "./libraries/BillLines.sol";
import { Leaves } from "./libraries/Leaves.sol";
import { Places } from "./libraries/Places.sol";
import { StairProofs } from "./libraries/StairProofs.sol";
import { Tree } from "./libraries/Tree.sol";
import { BillsClaim, BillsRecord } from "./types/Bills.sol";
import { BillTerms, VAT_CLASS_LIABLE } from "./types/BillTerms.sol";
import { Shape, Terms } from "./types/Periods.sol";
import { DIRECTION_FEED_IN } from "./types/Points.sol";
import { SELLER_PRODUCER } from "./types/Rules.sol";
import { STATE_CONTESTABLE } from "./types/Runs.sol";

/// @title BillContests
/// @notice See {IBillContests}.
contract BillContests is IBillContests {
    /// @dev What the links of a bill are held against.
    struct Trade {
        bytes32 community;
        uint32 period;
        uint32 seat;
        bool producersSell;
    }

    /// @notice Directions of the points.
    ICommunityRegistry public immutable registry;
    /// @notice Tariffs.
    IRuleBook public immutable ruleBook;
    /// @notice Seats and classes.
    IPeriodBook public immutable periodBook;
    /// @notice Roots of the runs.
    ISettlementLedger public immutable settlementLedger;
    /// @notice Roots of the bills.
    IBillingLedger public immutable billingLedger;

    constructor(
        ICommunityRegistry registry_,
        IRuleBook ruleBook_,
        IPeriodBook periodBook_,
        ISettlementLedger settlementLedger_,
        IBillingLedger billingLedger_
    ) {
        registry = registry_;
        ruleBook = ruleBook_;
        periodBook = periodBook_;
        settlementLedger = settlementLedger_;
        billingLedger = billingLedger_;
    }

    /// @inheritdoc IBillContests
    function contestBill(BillContest calldata proof) external {
        BillsClaim memory claim = _contestable(proof.runId);
        Leaves.Bill memory bill = proof.bill;
        Places.Depths memory depths = _requireLeaves(proof, claim, Leaves.bill(bill));
        BillTerms memory tariff = ruleBook.billTermsOf(claim.community, claim.ruleVersion);
        BillLines.Slot[] memory slots = _slots(proof, claim, depths, tariff.seller == SELLER_PRODUCER);
        _refute(proof, bill, BillLines.billOf(tariff, proof.vatClass == VAT_CLASS_LIABLE, slots));
    }

    /// @inheritdoc IBillContests
    function contestBillStair(BillStairContest calldata proof) external {
        BillsClaim memory claim = _contestable(proof.runId);
        Shape memory shape = periodBook.shapeOf(claim.community, claim.period);
        Places.Depths memory depths = Places.depths(shape);
        uint32 number = proof.block;
        Places.requireBelow(number, Places.stairCount(shape.slots));
        Leaves.BillStair memory stair = proof.stair;
        bytes32 stairs;
        {
            (uint256 index, uint256 levels) = Places.billStair(depths, number);
            Tree.requireLength(proof.path, levels);
            stairs = Tree.climbPart(Leaves.billStair(stair), index, proof.path, 0, depths.stair);
            bytes32 climbed = Tree.climbPart(stairs, index, proof.path, depths.stair, levels);
            _requireBills(proof.runId, claim.root, climbed);
        }
        uint256[5] memory sums = _former(proof, depths, stairs);
        bytes32[] memory nodes = _addBills(sums, proof, claim, depths);
        _requireSame(StairProofs.climb(nodes, number, proof.upper, depths.slot), proof.path[depths.stair]);

        require(!_isStair(sums, stair), BillHolds(proof.runId));
        emit BillStairRefuted(proof.runId, msg.sender, number);
        billingLedger.voidBills(proof.runId, msg.sender);
    }

    /// @inheritdoc IBillContests
    function contestBillTotals(bytes32 runId, Leaves.BillStair calldata stair, bytes32[] calldata path)
        external
    {
        BillsClaim memory claim = _contestable(runId);
        Shape memory shape = periodBook.shapeOf(claim.community, claim.period);
        uint256 last = Places.stairCount(shape.slots) - 1;
        (uint256 index, uint256 levels) = Places.billStair(Places.depths(shape), last);
        _requireBills(runId, claim.root, Tree.climb(Leaves.billStair(stair), index, path, levels));

        BillsRecord memory bills = billingLedger.bills(runId);
        uint256[5] memory claimed =
            [uint256(bills.debits), bills.credits, bills.fees, bills.vatDebits, bills.vatCredits];
        require(!_isStair(claimed, stair), BillHolds(runId));
        emit BillTotalsRefuted(runId, msg.sender);
        billingLedger.voidBills(runId, msg.sender);
    }

    /// @dev Void the bills where this one holds something else than is due.
    function _refute(BillContest calldata proof, Leaves.Bill memory bill, BillLines.Due memory due) private {
        for (uint8 figure; figure < 17; ++figure) {
            (uint64 held, uint256 owed) = figure < 13
                ? (bill.lines[figure], due.lines[figure])
                : figure < 15
                    ? figure == 13 ? (bill.vatDebit, due.vatDebit) : (bill.vatCredit, due.vatCredit)
                    : figure == 15 ? (bill.debit, due.debit) : (bill.credit, due.credit);
            if (held == owed) continue;
            emit BillRefuted(proof.runId, proof.seat, msg.sender, figure, held, owed);
            billingLedger.voidBills(proof.runId, msg.sender);
            return;
        }
        revert BillHolds(proof.runId);
    }

    function _contestable(bytes32 runId) private view returns (BillsClaim memory claim) {
        claim = billingLedger.claimOf(runId);
        require(claim.state == STATE_CONTESTABLE, IBillingLedger.BillsNotContestable(runId, claim.state));
    }

    /// @dev The bill stands among the bills, and the class among those that were frozen.
    function _requireLeaves(BillContest calldata proof, BillsClaim memory claim, bytes32 bill)
        private
        view
        returns (Places.Depths memory depths)
    {
        Terms memory terms = periodBook.terms(claim.community, claim.period);
        depths = Places.depths(
            Shape({ slots: terms.slots, dayCount: terms.dayCount, maxIntervals: terms.maxIntervals })
        );
        uint32 seat = proof.seat;
        Places.requireBelow(seat, terms.slots);
        (uint256 index, uint256 levels) = Places.bill(depths, seat);
        _requireBills(proof.runId, claim.root, Tree.climb(bill, index, proof.billPath, levels));
        bytes32 class = Leaves.class(proof.classSalt, proof.vatClass, proof.networkClass);
        bytes32 classes = Tree.climb(class, seat, proof.classPath, depths.slot);
        require(classes == terms.classesRoot, ClassNotFrozen(seat, classes, terms.classesRoot));
    }

    /// @dev All points of the seat in order, each with its period leaf.
    function _slots(
        BillContest calldata proof,
        BillsClaim memory claim,
        Places.Depths memory depths,
        bool producersSell
    ) private view returns (BillLines.Slot[] memory slots) {
        Trade memory trade = Trade(claim.community, claim.period, proof.seat, producersSell);
        bytes32 root = settlementLedger.claimOf(proof.runId).root;
        uint256 count = proof.points.length;
        require(count > 0, PointsLeftOut(proof.seat, proof.seat));
        slots = new BillLines.Slot[](count);
        uint32 slot = _firstOf(trade, proof.points[0].slot);
        for (uint256 i; i < count; ++i) {
            BillPoint calldata point = proof.points[i];
            // After the last comes slot 0, which is the first of its seat: it can only stand at the front.
            require(point.slot == slot && (slot != 0 || i == 0), PointNotNext(proof.seat, point.slot, slot));
            (uint256 index, uint256 levels) = Places.period(depths, slot);
            bytes32 climbed = Tree.climb(Leaves.period(point.period), index, point.periodPath, levels);
            require(climbed == root, PeriodNotInRun(proof.runId, slot, climbed, root));
            slots[i] = _slot(trade, point);
            slot = periodBook.nextOfSeat(claim.community, claim.period, slot);
        }
        require(slot == 0, PointsLeftOut(proof.seat, slot));
    }

    /// @dev The seat itself may have no point: then the first is the next that has one.
    function _firstOf(Trade memory trade, uint32 shown) private view returns (uint32) {
        // A seat without a point has no period leaf: nobody could show it as its first.
        if (shown == trade.seat) return shown;
        require(
            !_isConfirmed(trade.community, trade.period, trade.seat),
            PointNotNext(trade.seat, shown, trade.seat)
        );
        return periodBook.nextOfSeat(trade.community, trade.period, trade.seat);
    }

    function _slot(Trade memory trade, BillPoint calldata point)
        private
        view
        returns (BillLines.Slot memory slot)
    {
        (slot.direction,) = registry.activityOf(trade.community, trade.period, point.slot, 0);
        slot.totals = point.period.totals;
        if (!trade.producersSell) return slot;
        Leaves.Link[] memory links = point.links;
        bytes32 shown = Leaves.links(point.linksSalt, links);
        require(shown == point.period.links, LinksDiffer(point.slot, shown, point.period.links));
        slot.sales = new BillLines.Sale[](links.length);
        bool sells = slot.direction == DIRECTION_FEED_IN;
        for (uint256 i; i < links.length; ++i) {
            uint32 other = periodBook.seatOf(trade.community, trade.period, links[i].slot);
            // What stays within a seat is nobody's sale. Whether its own sales are taxed is the participant's class to say.
            if (other == trade.seat) continue;
            slot.sales[i] = BillLines.Sale({
                seat: other,
                cents: BillLines.centsHalfUp(links[i].value),
                liable: sells || links[i].vatClass == VAT_CLASS_LIABLE
            });
        }
    }

    /// @dev Sums of the stair before, zero before the first.
    function _former(BillStairContest calldata proof, Places.Depths memory depths, bytes32 stairs)
        private
        pure
        returns (uint256[5] memory sums)
    {
        if (proof.block == 0) {
            Tree.requireLength(proof.formerPath, 0);
            return sums;
        }
        Leaves.BillStair memory former = proof.former;
        bytes32 leaf = Leaves.billStair(former);
        _requireSame(Tree.climb(leaf, proof.block - 1, proof.formerPath, depths.stair), stairs);
        return [uint256(former.debits), former.credits, former.fees, former.vatDebits, former.vatCredits];
    }

    /// @dev Adds the stair's bills to the sums, and gives the hash at each place.
    function _addBills(
        uint256[5] memory sums,
        BillStairContest calldata proof,
        BillsClaim memory claim,
        Places.Depths memory depths
    ) private view returns (bytes32[] memory nodes) {
        uint256 width = 1 << StairProofs.levelsOf(depths.slot);
        require(proof.bills.length == width, BillLeavesMissing(proof.bills.length, width));
        nodes = new bytes32[](width);
        uint32 slots = periodBook.shapeOf(claim.community, claim.period).slots;
        uint32 first = proof.block * Places.STRIDE;
        for (uint32 i; i < width; ++i) {
            StairBill calldata shown = proof.bills[i];
            if (first + i >= slots || !_isBilled(claim.community, claim.period, first + i)) {
                nodes[i] = shown.padding;
                continue;
            }
            Leaves.Bill memory bill = shown.bill;
            nodes[i] = Leaves.bill(bill);
            sums[0] += bill.debit;
            sums[1] += bill.credit;
            sums[2] += bill.lines[BillLines.FEE];
            sums[3] += bill.vatDebit;
            sums[4] += bill.vatCredit;
        }
    }

    /// @dev Whether a slot is the seat of somebody who has a point.
    function _isBilled(bytes32 community, uint32 period, uint32 slot) private view returns (bool) {
        if (periodBook.seatOf(community, period, slot) != slot) return false;
        return _isConfirmed(community, period, slot) || periodBook.nextOfSeat(community, period, slot) != 0;
    }

    function _isConfirmed(bytes32 community, uint32 period, uint32 slot) private view returns (bool) {
        return registry.point(community, period, slot).untilDay != 0;
    }

    function _requireBills(bytes32 runId, bytes32 root, bytes32 climbed) private pure {
        require(climbed == root, BillNotAnchored(runId, climbed, root));
    }

    function _requireSame(bytes32 climbed, bytes32 expected) private pure {
        require(climbed == expected, BillPartsDoNotMeet(climbed, expected));
    }

    function _isStair(uint256[5] memory sums, Leaves.BillStair memory stair) private pure returns (bool) {
        return sums[0] == stair.debits && sums[1] == stair.credits && sums[2] == stair.fees
            && sums[3] == stair.vatDebits && sums[4] == stair.vatCredits;
    }
}
