// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IContests } from "../../contracts/interfaces/IContests.sol";
import { IDemands } from "../../contracts/interfaces/IDemands.sol";
import { ISettlementLedger } from "../../contracts/interfaces/ISettlementLedger.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Tree } from "../../contracts/libraries/Tree.sol";
import { Growth } from "./support/Growth.sol";
import { StairWorld } from "./support/StairWorld.sol";
import { vm } from "./support/Vm.sol";

/// @dev Somebody asks for day 1 of slot 4, whose seat is slot 0; each hour's row is known.
contract DemandsTest is StairWorld {
    event DayDemanded(
        bytes32 indexed runId,
        uint32 indexed slot,
        address indexed by,
        bytes32 demandId,
        uint16 day,
        uint64 until
    );
    event DayAnswered(bytes32 indexed demandId, uint64 until);
    event RowNamed(bytes32 indexed demandId, uint16 t, uint64 until);
    event RowOpened(bytes32 indexed demandId, uint16 t, Leaves.Row row, bytes32 detail);
    event DemandLapsed(bytes32 indexed demandId, address indexed depositTo);

    uint256 private constant DEPOSIT = 0.002 ether;
    uint32 private constant SLOT = 4;
    uint16 private constant DAY = 1;
    address private constant MEMBER = address(0x4EB);

    bytes32 private runId;
    bytes32 private demandId;

    function setUp() public override {
        super.setUp();
        openStreet(aRule(), 10, 3, 60);
        vm.prank(steward);
        registry.grantSeat(COMMUNITY, 0, MEMBER);
        (,, bytes32 root) = tree();
        runId = settle(root);
        demandId = demands.demandIdOf(runId, SLOT, DAY, MEMBER);
    }

    function aRow(uint256 t) private pure returns (Leaves.Row memory row) {
        row.salt = bytes16(keccak256(abi.encode("row", t)));
        (row.energy, row.allocated) = (uint64(1000 + t), uint64(10 + t));
    }

    /// @dev The day's hashes, the way from their root to that of the run, and that.
    function tree() private pure returns (bytes32[] memory rows, bytes32[] memory path, bytes32 root) {
        rows = new bytes32[](24);
        for (uint256 t; t < 24; ++t) {
            rows[t] = Leaves.row(aRow(t));
        }
        // Slot 4 of 16, right of headers and stairs, day 1 of 4, left of the periods.
        path = Growth.siblings("day", 4 + 1 + 2 + 1);
        root = Growth.climb(Growth.root(padded(rows)), (DAY << 5) | (1 << 4) | SLOT, path);
    }

    function padded(bytes32[] memory rows) private pure returns (bytes32[] memory all) {
        all = new bytes32[](32);
        for (uint256 t; t < rows.length; ++t) {
            all[t] = rows[t];
        }
    }

    function rowPath(uint256 t) private pure returns (bytes32[] memory) {
        (bytes32[] memory rows, bytes32[] memory path,) = tree();
        return Growth.join(Growth.pathOf(padded(rows), t), path);
    }

    function ask(address who) private {
        vm.deal(who, DEPOSIT);
        vm.prank(who);
        demands.demand{ value: DEPOSIT }(runId, SLOT, DAY);
    }

    function answer() private {
        (bytes32[] memory rows, bytes32[] memory path,) = tree();
        vm.prank(settler);
        demands.answer(demandId, rows, path);
    }

    function name(uint16 t) private {
        vm.prank(MEMBER);
        demands.name(demandId, t);
    }

    function wait_() private {
        vm.warp(block.timestamp + 72 hours);
    }

    function refusesBy(address who, bytes memory call, bytes memory with) private {
        vm.prank(who);
        (bool taken, bytes memory why) = address(demands).call(call);
        holds("refused", !taken);
        same("why", keccak256(why), keccak256(with));
    }

    function notAt(uint8 state, uint8 expected) private view returns (bytes memory) {
        return abi.encodeWithSelector(IDemands.DemandNotAt.selector, demandId, state, expected);
    }

    function test_a_day_is_asked_for_answered_named_and_opened() public {
        uint64 until = uint64(block.timestamp) + 72 hours;
        vm.deal(MEMBER, DEPOSIT);
        vm.prank(MEMBER);
        vm.expectEmit(address(demands));
        emit DayDemanded(runId, SLOT, MEMBER, demandId, DAY, until);
        demands.demand{ value: DEPOSIT }(runId, SLOT, DAY);
        same("pending", demands.pendingOf(runId), 1);
        (bytes32[] memory rows, bytes32[] memory path,) = tree();
        // Each step has its own time, from the one before.
        vm.warp(block.timestamp + 71 hours);
        vm.prank(settler);
        vm.expectEmit(address(demands));
        emit DayAnswered(demandId, until + 71 hours);
        demands.answer(demandId, rows, path);
        vm.warp(until + 70 hours);
        vm.prank(MEMBER);
        vm.expectEmit(address(demands));
        emit RowNamed(demandId, 23, until + 142 hours);
        demands.name(demandId, 23);
        bytes32[] memory opened = rowPath(23);
        vm.warp(until + 141 hours);
        vm.prank(settler);
        vm.expectEmit(address(demands));
        emit RowOpened(demandId, 23, aRow(23), bytes32(0));
        demands.open(demandId, aRow(23), bytes32(0), opened);
        same("nothing pending", demands.pendingOf(runId), 0);
        same("over", demands.demandOf(demandId).state, 4);
        same("the deposit is the proposer's", bonds.freeOf(settler), DEPOSIT);
        same("the run stands", settlementLedger.run(runId).state, 1);
    }

    function test_who_proposed_the_run_and_is_silent_loses_it() public {
        ask(MEMBER);
        wait_();
        vm.expectEmit(address(demands));
        emit DemandLapsed(demandId, MEMBER);
        demands.lapse(demandId);
        same("voided", settlementLedger.run(runId).state, 4);
        same("by who asked", settlementLedger.run(runId).voidedBy, MEMBER);
        same("the deposit goes back", bonds.freeOf(MEMBER), DEPOSIT);
        same("nothing pending", demands.pendingOf(runId), 0);
    }

    function test_who_answers_but_does_not_open_loses_the_run_too() public {
        ask(MEMBER);
        answer();
        name(0);
        wait_();
        demands.lapse(demandId);
        same("voided", settlementLedger.run(runId).state, 4);
        same("the deposit goes back", bonds.freeOf(MEMBER), DEPOSIT);
    }

    function test_who_asked_and_is_silent_loses_the_deposit() public {
        ask(MEMBER);
        answer();
        wait_();
        vm.expectEmit(address(demands));
        emit DemandLapsed(demandId, settler);
        demands.lapse(demandId);
        same("the run stands", settlementLedger.run(runId).state, 1);
        same("the deposit is the proposer's", bonds.freeOf(settler), DEPOSIT);
        same("nothing pending", demands.pendingOf(runId), 0);
    }

    function test_a_demand_of_a_voided_run_ends_at_once_and_costs_nothing() public {
        ask(MEMBER);
        answer();
        voidByContests(runId);
        demands.lapse(demandId);
        same("the deposit goes back", bonds.freeOf(MEMBER), DEPOSIT);
        refusesBy(
            stranger,
            abi.encodeCall(IDemands.lapse, (demandId)),
            abi.encodeWithSelector(IDemands.DemandOver.selector, demandId, 4)
        );
    }

    function test_a_run_is_not_final_while_a_day_is_asked_for() public {
        ask(MEMBER);
        attest(runId);
        passWindow();
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.RunDemanded.selector, runId, 1));
        settlementLedger.finalise(runId);
    }

    function test_nothing_lapses_while_a_step_may_be_taken() public {
        ask(MEMBER);
        uint64 until = demands.demandOf(demandId).until;
        vm.warp(until - 1);
        refusesBy(
            stranger,
            abi.encodeCall(IDemands.lapse, (demandId)),
            abi.encodeWithSelector(IDemands.DemandRunning.selector, demandId, until)
        );
        refusesBy(
            stranger,
            abi.encodeCall(IDemands.lapse, (ROOT)),
            abi.encodeWithSelector(IDemands.DemandOver.selector, ROOT, 0)
        );
    }

    function test_the_seats_holder_the_operator_provider_arbiter_and_auditor_ask() public {
        grant(COMMUNITY, 2, address(2000));
        grant(COMMUNITY, 5, address(5000));
        address[5] memory who = [MEMBER, operator, address(2000), address(5000), auditor];
        for (uint256 i; i < who.length; ++i) {
            (,, bytes32 root) = tree();
            if (i > 0) runId = settle(root);
            demandId = demands.demandIdOf(runId, SLOT, DAY, who[i]);
            ask(who[i]);
            same("who asked", demands.demandOf(demandId).demander, who[i]);
            voidByContests(runId);
        }
        runId = settle(ROOT);
        bytes memory call = abi.encodeCall(IDemands.demand, (runId, SLOT, DAY));
        address[3] memory others = [stranger, importer, settler];
        for (uint256 i; i < others.length; ++i) {
            bytes memory with =
                abi.encodeWithSelector(IDemands.DemanderMissing.selector, COMMUNITY, SLOT, others[i]);
            refusesBy(others[i], call, with);
        }
    }

    function test_a_day_is_asked_for_once_with_a_deposit_in_time_where_the_slot_is_active() public {
        bytes memory call = abi.encodeCall(IDemands.demand, (runId, SLOT, DAY));
        refusesBy(MEMBER, call, abi.encodeWithSelector(IBonds.BondTooSmall.selector, MEMBER, 0, DEPOSIT));
        ask(MEMBER);
        refusesBy(MEMBER, call, abi.encodeWithSelector(IDemands.DemandedAlready.selector, demandId));
        refusesBy(
            auditor,
            abi.encodeCall(IDemands.demand, (runId, 6, 2)),
            abi.encodeWithSelector(IContests.SlotNotActive.selector, 6, 2)
        );
        uint64 until = settlementLedger.run(runId).contestableUntil;
        vm.warp(until);
        refusesBy(
            auditor,
            abi.encodeCall(IDemands.demand, (runId, SLOT, 0)),
            abi.encodeWithSelector(IDemands.DemandTooLate.selector, runId, until)
        );
        voidByContests(runId);
        refusesBy(
            auditor,
            abi.encodeCall(IDemands.demand, (runId, SLOT, 0)),
            abi.encodeWithSelector(ISettlementLedger.RunNotContestable.selector, runId, 4)
        );
    }

    function test_each_step_is_taken_by_whom_it_is_due_from_in_order_and_in_time() public {
        (bytes32[] memory rows, bytes32[] memory path,) = tree();
        bytes memory answering = abi.encodeCall(IDemands.answer, (demandId, rows, path));
        bytes memory naming = abi.encodeCall(IDemands.name, (demandId, 0));
        bytes memory opening = abi.encodeCall(IDemands.open, (demandId, aRow(0), bytes32(0), rowPath(0)));
        refusesBy(settler, answering, notAt(0, 1));
        ask(MEMBER);
        refusesBy(MEMBER, naming, notAt(1, 2));
        refusesBy(settler, opening, notAt(1, 3));
        refusesBy(MEMBER, answering, abi.encodeWithSelector(IDemands.NotProposer.selector, demandId, MEMBER));
        answer();
        refusesBy(settler, answering, notAt(2, 1));
        refusesBy(auditor, naming, abi.encodeWithSelector(IDemands.NotDemander.selector, demandId, auditor));
        refusesBy(
            MEMBER,
            abi.encodeCall(IDemands.name, (demandId, 24)),
            abi.encodeWithSelector(IContests.IntervalOutsideDay.selector, 24, 24)
        );
        name(0);
        refusesBy(MEMBER, opening, abi.encodeWithSelector(IDemands.NotProposer.selector, demandId, MEMBER));
        wait_();
        refusesBy(
            settler,
            opening,
            abi.encodeWithSelector(IDemands.DemandExpired.selector, demandId, block.timestamp)
        );
    }

    function test_an_answer_has_every_hash_of_the_day_where_it_stands() public {
        ask(MEMBER);
        (bytes32[] memory rows, bytes32[] memory path, bytes32 root) = tree();
        bytes32[] memory fewer = new bytes32[](23);
        refusesBy(
            settler,
            abi.encodeCall(IDemands.answer, (demandId, fewer, path)),
            abi.encodeWithSelector(IDemands.AnswerIncomplete.selector, 23, 24)
        );
        bytes32[] memory shorter = new bytes32[](7);
        refusesBy(
            settler,
            abi.encodeCall(IDemands.answer, (demandId, rows, shorter)),
            abi.encodeWithSelector(Tree.TreePathLength.selector, 7, 8)
        );
        rows[7] = ROOT;
        bytes32 climbed = Growth.climb(Growth.root(padded(rows)), (DAY << 5) | (1 << 4) | SLOT, path);
        refusesBy(
            settler,
            abi.encodeCall(IDemands.answer, (demandId, rows, path)),
            abi.encodeWithSelector(IDemands.AnswerNotInRun.selector, runId, climbed, root)
        );
    }

    function test_the_row_that_was_named_is_opened_and_no_other() public {
        ask(MEMBER);
        answer();
        name(5);
        bytes32[] memory path = rowPath(4);
        (,, bytes32 root) = tree();
        // Right of its neighbour's place, and not where the neighbour stands.
        bytes32 climbed = Growth.climb(Leaves.row(aRow(4)), (DAY << 10) | (1 << 9) | (SLOT << 5) | 5, path);
        refusesBy(
            settler,
            abi.encodeCall(IDemands.open, (demandId, aRow(4), bytes32(0), path)),
            abi.encodeWithSelector(IDemands.AnswerNotInRun.selector, runId, climbed, root)
        );
    }
}
