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
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { ISettlementLedger } from "./interfaces/ISettlementLedger.sol";
import { BillLines } from "./libraries/BillLines.sol";
import { Leaves } from "./libraries/Leaves.sol";
import { Places } from "./libraries/Places.sol";
import { Roster } from "./libraries/Roster.sol";
import { RuleWords } from "./libraries/RuleWords.sol";
import { ShownLeaves } from "./libraries/ShownLeaves.sol";
import { StairProofs } from "./libraries/StairProofs.sol";
import { Tree } from "./libraries/Tree.sol";
import { BillsClaim, BillsRecord } from "./types/Bills.sol";
import { BillTerms, VAT_CLASS_LIABLE } from "./types/BillTerms.sol";
import { SeatTerms, Shape } from "./types/Periods.sol";
import { DIRECTION_FEED_IN } from "./types/Points.sol";
import { SELLER_PRODUCER } from "./types/Rules.sol";
import { STATE_CONTESTABLE } from "./types/Runs.sol";

/// @title BillContests
/// @notice See {IBillContests}.
contract BillContests is IBillContests {
    /// @dev What the points of a bill are held against.
    struct Trade {
        bytes32 runId;
        bytes32 root;
        bytes32 community;
        uint32 period;
        uint32 seat;
        uint256 links;
        bool producersSell;
    }

    /// @notice Tariffs.
    IRuleBook public immutable ruleBook;
    /// @notice Seats, classes and directions.
    IPeriodBook public immutable periodBook;
    /// @notice Roots of the runs.
    ISettlementLedger public immutable settlementLedger;
    /// @notice Roots of the bills.
    IBillingLedger public immutable billingLedger;

    constructor(
        IRuleBook ruleBook_,
        IPeriodBook periodBook_,
        ISettlementLedger settlementLedger_,
        IBillingLedger billingLedger_
    ) {
        ruleBook = ruleBook_;
        periodBook = periodBook_;
        settlementLedger = settlementLedger_;
        billingLedger = billingLedger_;
    }

    /// @inheritdoc IBillContests
    function contestBill(BillContest calldata proof) external {
        BillsClaim memory claim = _contestable(proof.runId);
        SeatTerms memory terms = periodBook.seatTermsOf(claim.community, claim.period, proof.seat);
        Places.requireBelow(proof.seat, terms.slots);
        Places.Depths memory depths;
        depths.slot = Tree.depth(terms.slots);
        _requireLeaves(proof, claim, terms, depths);
        BillTerms memory tariff = _tariff(claim);
        Trade memory trade = Trade({
            runId: proof.runId,
            root: claim.runRoot,
            community: claim.community,
            period: claim.period,
            seat: proof.seat,
            links: terms.links,
            producersSell: tariff.seller == SELLER_PRODUCER
        });
        BillLines.Slot[] memory slots = _slots(proof, trade, depths);
        _refute(proof, BillLines.billOf(tariff, proof.vatClass == VAT_CLASS_LIABLE, slots));
    }

    /// @inheritdoc IBillContests
    function contestBillStair(BillStairContest calldata proof) external {
        BillsClaim memory claim = _contestable(proof.runId);
        uint32 number = proof.block;
        uint32 first;
        unchecked {
            // A number so high that this wraps is refused below.
            first = number * Places.STRIDE;
        }
        SeatTerms memory terms = periodBook.seatTermsOf(claim.community, claim.period, first);
        Places.requireBelow(number, Places.stairCount(terms.slots));
        Places.Depths memory depths;
        (depths.slot, depths.stair) = (Tree.depth(terms.slots), Tree.depth(Places.stairCount(terms.slots)));
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
        bytes32[] memory nodes = _addBills(sums, proof, terms, depths);
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
    function _refute(BillContest calldata proof, BillLines.Due memory due) private {
        Leaves.Bill calldata bill = proof.bill;
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
    function _requireLeaves(
        BillContest calldata proof,
        BillsClaim memory claim,
        SeatTerms memory terms,
        Places.Depths memory depths
    ) private pure {
        uint32 seat = proof.seat;
        (uint256 index, uint256 levels) = Places.bill(depths, seat);
        bytes32 bill = ShownLeaves.bill(proof.bill);
        _requireBills(proof.runId, claim.root, Tree.climb(bill, index, proof.billPath, levels));
        bytes32 class = Leaves.class(proof.classSalt, proof.vatClass, proof.networkClass);
        bytes32 classes = Tree.climb(class, seat, proof.classPath, depths.slot);
        require(classes == terms.classesRoot, ClassNotFrozen(seat, classes, terms.classesRoot));
    }

    function _tariff(BillsClaim memory claim) private view returns (BillTerms memory) {
        (uint256 head, uint256 prices) = ruleBook.billWordsOf(claim.community, claim.ruleVersion);
        return RuleWords.billTerms(head, prices);
    }

    /// @dev All points of the seat in order, each with its period leaf.
    function _slots(BillContest calldata proof, Trade memory trade, Places.Depths memory depths)
        private
        view
        returns (BillLines.Slot[] memory slots)
    {
        uint256 count = proof.points.length;
        slots = new BillLines.Slot[](count);
        Roster.Link memory link = Roster.linkIn(trade.links, trade.seat);
        // The seat itself may have no point: then the first is the next that has one.
        uint32 slot = link.hasPoint ? trade.seat : link.next;
        bool isDue = link.hasPoint || link.next != 0;
        for (uint256 i; i < count; ++i) {
            BillPoint calldata point = proof.points[i];
            require(isDue && point.slot == slot, PointNotNext(trade.seat, point.slot, slot));
            _requirePeriod(trade, point, depths);
            link = _linkOf(trade, slot);
            slots[i] = _slot(trade, point, link.direction);
            slot = link.next;
            isDue = slot != 0;
        }
        require(!isDue && count > 0, PointsLeftOut(trade.seat, slot));
    }

    /// @dev The period leaf of a point stands in the run.
    function _requirePeriod(Trade memory trade, BillPoint calldata point, Places.Depths memory depths)
        private
        pure
    {
        (uint256 index, uint256 levels) = Places.period(depths, point.slot);
        bytes32 climbed = Tree.climb(ShownLeaves.period(point.period), index, point.periodPath, levels);
        require(climbed == trade.root, PeriodNotInRun(trade.runId, point.slot, climbed, trade.root));
    }

    /// @dev Most seats have their slots in one word.
    function _linkOf(Trade memory trade, uint32 slot) private view returns (Roster.Link memory) {
        uint256 links = Roster.shareWord(slot, trade.seat)
            ? trade.links
            : periodBook.linksAt(trade.community, trade.period, slot);
        return Roster.linkIn(links, slot);
    }

    function _slot(Trade memory trade, BillPoint calldata point, uint8 direction)
        private
        view
        returns (BillLines.Slot memory slot)
    {
        slot.direction = direction;
        slot.totals = point.period.totals;
        if (!trade.producersSell) return slot;
        Leaves.Link[] memory links = point.links;
        bytes32 shown = Leaves.links(point.linksSalt, links);
        require(shown == point.period.links, LinksDiffer(point.slot, shown, point.period.links));
        slot.sales = new BillLines.Sale[](links.length);
        bool sells = direction == DIRECTION_FEED_IN;
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
        SeatTerms memory terms,
        Places.Depths memory depths
    ) private pure returns (bytes32[] memory nodes) {
        uint256 width = 1 << StairProofs.levelsOf(depths.slot);
        require(proof.bills.length == width, BillLeavesMissing(proof.bills.length, width));
        nodes = new bytes32[](width);
        uint256 first = proof.block * Places.STRIDE;
        for (uint256 i; i < width; ++i) {
            StairBill calldata shown = proof.bills[i];
            if (first + i >= terms.slots || !_isBilled(terms.links, first + i)) {
                nodes[i] = shown.padding;
                continue;
            }
            Leaves.Bill calldata bill = shown.bill;
            nodes[i] = ShownLeaves.bill(bill);
            sums[0] += bill.debit;
            sums[1] += bill.credit;
            sums[2] += bill.lines[BillLines.FEE];
            sums[3] += bill.vatDebit;
            sums[4] += bill.vatCredit;
        }
    }

    /// @dev Whether a slot is the seat of somebody who has a point. The slots of a stair have their links in one word.
    function _isBilled(uint256 links, uint256 slot) private pure returns (bool) {
        Roster.Link memory link = Roster.linkIn(links, slot);
        return link.seat == slot && (link.hasPoint || link.next != 0);
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
