// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "../../contracts/interfaces/IPeriodBook.sol";
import { ISettlementLedger } from "../../contracts/interfaces/ISettlementLedger.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { RunProposal, RunRecord } from "../../contracts/types/Runs.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

contract SettlementLedgerTest is World {
    function setUp() public override {
        super.setUp();
        openAll(aRule());
        submit(aBatch());
    }

    function test_keeps_a_run_contestable_for_the_voted_window() public {
        RunProposal memory given = aRun();
        bytes32 runId = propose(given);
        same("id", runId, keccak256(abi.encodePacked(hex"2102", COMMUNITY, PERIOD, uint32(1))));
        RunRecord memory run = settlementLedger.run(runId);
        same("community", run.community, COMMUNITY);
        same("period", run.period, PERIOD);
        same("version", run.version, 1);
        same("rule", run.ruleVersion, 1);
        same("batch", run.batchId, given.batchId);
        same("basis", run.basis, 0);
        same("root", run.root, ROOT);
        same("feed-in", run.feedIn, 1000);
        same("consumption", run.consumption, 1500);
        same("allocated", run.allocated, 900);
        same("shared", run.shared, 900);
        same("proposer", run.proposer, settler);
        same("proposed", run.proposedAt, block.timestamp);
        same("until", run.contestableUntil, block.timestamp + WINDOW);
        same("contestable", run.state, 1);
        same("none final", settlementLedger.finalRun(COMMUNITY, PERIOD), 0);
    }

    function test_only_a_settler_proposes() public {
        RunProposal memory run = aRun();
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.RoleMissing.selector, COMMUNITY, 4, stranger)
        );
        settlementLedger.proposeRun(run);
    }

    function test_refuses_totals_that_do_not_conserve_energy() public {
        refuseTotals(1000, 1500, 900, 899);
        refuseTotals(1000, 1500, 900, 901);
        refuseTotals(899, 1500, 900, 900);
        refuseTotals(1000, 899, 900, 900);
        RunProposal memory run = aRun();
        (run.feedIn, run.consumption) = (900, 900);
        propose(run);
    }

    function test_refuses_another_rule_than_the_frozen_one() public {
        RunProposal memory run = aRun();
        run.ruleVersion = 2;
        refuse(run, abi.encodeWithSelector(IPeriodBook.RuleNotInForce.selector, 2, 1));
    }

    function test_settles_the_latest_batch_only() public {
        RunProposal memory run = aRun();
        bytes32 next = submit(aBatch());
        refuse(run, abi.encodeWithSelector(ISettlementLedger.RunBatchNotLatest.selector, run.batchId, next));
    }

    function test_refuses_a_period_without_batch_or_opening() public {
        RunProposal memory run = aRun();
        run.period = PERIOD + 100;
        refuse(run, abi.encodeWithSelector(IPeriodBook.PeriodNotOpen.selector, COMMUNITY, PERIOD + 100));
    }

    function test_refuses_a_run_without_root() public {
        RunProposal memory run = aRun();
        run.root = bytes32(0);
        refuse(run, abi.encodeWithSelector(ISettlementLedger.RunRootMissing.selector, COMMUNITY, PERIOD));
    }

    function test_versions_count_up_by_one() public {
        RunProposal memory run = aRun();
        run.version = 2;
        refuse(run, abi.encodeWithSelector(ISettlementLedger.RunVersionWrong.selector, 2, 1));
        run.version = 0;
        refuse(run, abi.encodeWithSelector(ISettlementLedger.RunVersionWrong.selector, 0, 1));
        finalRun();
        run.version = 1;
        refuse(run, abi.encodeWithSelector(ISettlementLedger.RunVersionWrong.selector, 1, 2));
    }

    function test_one_run_of_a_period_is_open_at_a_time() public {
        bytes32 first = proposeRun();
        RunProposal memory run = aRun();
        refuse(run, abi.encodeWithSelector(ISettlementLedger.RunStillOpen.selector, first));
        passWindow();
        refuse(run, abi.encodeWithSelector(ISettlementLedger.RunStillOpen.selector, first));
        attest(first);
        settlementLedger.finalise(first);
        propose(run);
    }

    function test_anyone_finalises_once_the_window_has_passed() public {
        bytes32 runId = proposeRun();
        attest(runId);
        uint64 until = settlementLedger.run(runId).contestableUntil;
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.WindowOpen.selector, until));
        settlementLedger.finalise(runId);
        vm.warp(until);
        vm.prank(stranger);
        settlementLedger.finalise(runId);
        same("final", settlementLedger.run(runId).state, 2);
        same("final run", settlementLedger.finalRun(COMMUNITY, PERIOD), runId);
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.RunNotContestable.selector, runId, 2));
        settlementLedger.finalise(runId);
    }

    function test_a_run_that_does_not_exist_is_not_finalised() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.RunUnknown.selector, ROOT));
        settlementLedger.finalise(ROOT);
    }

    function test_a_final_run_supersedes_the_one_that_was() public {
        bytes32 first = finalRun();
        submit(aBatch());
        bytes32 second = proposeRun();
        same("still final", settlementLedger.run(first).state, 2);
        same("the last proposed", settlementLedger.latestRun(COMMUNITY, PERIOD), second);
        attest(second);
        passWindow();
        settlementLedger.finalise(second);
        same("superseded", settlementLedger.run(first).state, 3);
        same("final", settlementLedger.run(second).state, 2);
        same("final run", settlementLedger.finalRun(COMMUNITY, PERIOD), second);
    }

    function test_only_the_contests_void_and_only_what_is_contestable() public {
        bytes32 runId = proposeRun();
        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.NotContests.selector, settler));
        settlementLedger.voidRun(runId, stranger);
        voidByContests(runId);
        same("voided", settlementLedger.run(runId).state, 4);
        passWindow();
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.RunNotContestable.selector, runId, 4));
        settlementLedger.finalise(runId);
        vm.prank(address(contests));
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.RunNotContestable.selector, runId, 4));
        settlementLedger.voidRun(runId, stranger);
        bytes32 second = finalRun();
        vm.prank(address(contests));
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.RunNotContestable.selector, second, 2));
        settlementLedger.voidRun(second, stranger);
    }

    function test_a_run_is_final_only_once_another_has_rebuilt_it() public {
        bytes32 runId = proposeRun();
        passWindow();
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.RunNotAttested.selector, runId));
        settlementLedger.finalise(runId);
        vm.prank(auditor);
        vm.expectEmit(address(settlementLedger));
        emit ISettlementLedger.RunAttested(runId, auditor);
        settlementLedger.attest(runId);
        same("by", settlementLedger.run(runId).attestedBy, auditor);
        settlementLedger.finalise(runId);
        same("final", settlementLedger.run(runId).state, 2);
        vm.prank(auditor);
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.RunNotContestable.selector, runId, 2));
        settlementLedger.attest(runId);
    }

    function test_who_operates_provides_arbitrates_or_audits_attests() public {
        uint8[4] memory roles = [1, 2, 5, 6];
        for (uint8 role = 1; role < 7; ++role) {
            address account = address(uint160(0xA77 + role));
            grant(COMMUNITY, role, account);
            bytes32 runId = proposeRun();
            bool may = role == roles[0] || role == roles[1] || role == roles[2] || role == roles[3];
            vm.prank(account);
            if (!may) {
                vm.expectRevert(
                    abi.encodeWithSelector(ISettlementLedger.AttesterMissing.selector, COMMUNITY, account)
                );
            }
            settlementLedger.attest(runId);
            same("by", settlementLedger.run(runId).attestedBy, may ? account : address(0));
            voidByContests(runId);
        }
    }

    function test_nobody_attests_their_own_run_or_another_time() public {
        grant(COMMUNITY, 6, settler);
        bytes32 runId = proposeRun();
        vm.prank(settler);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlementLedger.RunAttestedByProposer.selector, runId, settler)
        );
        settlementLedger.attest(runId);
        attest(runId);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.RunAttestedAlready.selector, runId, auditor));
        settlementLedger.attest(runId);
    }

    function test_each_judge_voids_and_who_it_says_is_kept() public {
        address[6] memory judges = [
            address(contests),
            address(inputContests),
            address(sumContests),
            address(stairContests),
            address(linkContests),
            address(demands)
        ];
        for (uint256 i; i < 6; ++i) {
            bytes32 runId = proposeRun();
            vm.prank(judges[i]);
            settlementLedger.voidRun(runId, importer);
            same("by", settlementLedger.run(runId).voidedBy, importer);
        }
        bytes32 last = proposeRun();
        vm.prank(address(billContests));
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.NotContests.selector, address(billContests)));
        settlementLedger.voidRun(last, importer);
    }

    function test_a_voided_correction_leaves_the_final_run_as_it_was() public {
        bytes32 first = finalRun();
        voidByContests(proposeRun());
        same("final", settlementLedger.run(first).state, 2);
        same("final run", settlementLedger.finalRun(COMMUNITY, PERIOD), first);
        same("the next version", settlementLedger.run(proposeRun()).version, 3);
    }

    function refuseTotals(uint64 feedIn, uint64 consumption, uint64 allocated, uint64 shared) private {
        RunProposal memory run = aRun();
        (run.feedIn, run.consumption, run.allocated, run.shared) = (feedIn, consumption, allocated, shared);
        refuse(
            run,
            abi.encodeWithSelector(
                ISettlementLedger.EnergyNotConserved.selector, feedIn, consumption, allocated, shared
            )
        );
    }

    function refuse(RunProposal memory run, bytes memory refusal) private {
        vm.prank(settler);
        vm.expectRevert(refusal);
        settlementLedger.proposeRun(run);
    }
}

contract SettlementLedgerWithoutBatchTest is World {
    function test_refuses_a_run_before_any_batch() public {
        openAll(aRule());
        RunProposal memory run = aRun();
        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.RunBatchNotLatest.selector, 0, 0));
        settlementLedger.proposeRun(run);
    }
}

contract SettlementLedgerBasisTest is World {
    uint64 private constant START = uint64(PERIOD) * 1 days - 2 hours;

    function test_a_run_that_computes_a_key_rests_on_nothing() public {
        prepare(aRule());
        refuseBasis(ROOT, abi.encodeWithSelector(ISettlementLedger.RunBasisWrong.selector, ROOT, 0));
        handIn(aSchedule(ROOT));
        same("none", settlementLedger.basisOf(proposeOn(0)), 0);
    }

    function test_a_run_of_the_operators_allocation_names_its_files() public {
        Rule memory rule = aRule();
        rule.source = 1;
        prepare(rule);
        refuseBasis(0, missing());
        bytes32 runId = proposeOn(ROOT);
        same("kept", settlementLedger.run(runId).basis, ROOT);
        same("alone", settlementLedger.basisOf(runId), ROOT);
    }

    function test_a_run_of_a_flow_names_what_links_cost() public {
        Rule memory rule = aFlowRule();
        prepare(rule);
        refuseBasis(0, missing());
        same("kept", settlementLedger.basisOf(proposeOn(ROOT)), ROOT);
    }

    function test_a_flow_that_the_operator_allocates_names_its_files() public {
        Rule memory rule = aFlowRule();
        rule.source = 1;
        prepare(rule);
        refuseBasis(0, missing());
        same("files", settlementLedger.basisOf(proposeOn(keccak256("files"))), keccak256("files"));
    }

    function test_the_operators_allocation_stands_before_a_schedule() public {
        Rule memory rule = aScheduledRule(2);
        rule.source = 1;
        prepare(rule);
        handIn(aSchedule(ROOT));
        proposeOn(keccak256("files"));
    }

    function test_a_schedule_that_comes_after_is_the_latest() public {
        prepare(aScheduledRule(2));
        refuseBasis(0, missing());
        refuseBasis(ROOT, abi.encodeWithSelector(ISettlementLedger.RunBasisWrong.selector, ROOT, 0));
        bytes32 first = handIn(aSchedule(ROOT));
        bytes32 second = handIn(aSchedule(ROOT));
        refuseBasis(first, abi.encodeWithSelector(ISettlementLedger.RunBasisWrong.selector, first, second));
        same("kept", settlementLedger.run(proposeOn(second)).basis, second);
    }

    function test_a_schedule_that_binds_ahead_came_before_the_period_started() public {
        vm.warp(START - 1);
        bytes32 first = handIn(aSchedule(ROOT));
        vm.warp(START);
        bytes32 late = handIn(aSchedule(ROOT));
        vm.warp(START + 40 days);
        prepare(aScheduledRule(1));
        refuseBasis(0, missing());
        refuseBasis(
            late, abi.encodeWithSelector(ISettlementLedger.ScheduleTooLate.selector, late, START, START)
        );
        refuseBasis(ROOT, abi.encodeWithSelector(ISettlementLedger.RunBasisWrong.selector, ROOT, late));
        same("the one in time", settlementLedger.run(proposeOn(first)).basis, first);
    }

    function test_of_schedules_in_time_the_last_counts() public {
        vm.warp(START - 2);
        bytes32 first = handIn(aSchedule(ROOT));
        vm.warp(START - 1);
        bytes32 second = handIn(aSchedule(ROOT));
        vm.warp(START + 40 days);
        prepare(aScheduledRule(1));
        refuseBasis(first, abi.encodeWithSelector(ISettlementLedger.RunBasisWrong.selector, first, second));
        proposeOn(second);
    }

    function test_a_schedule_of_another_period_counts_for_nothing() public {
        vm.warp(START - 1);
        vm.prank(settler);
        scheduleBook.handIn(COMMUNITY, PERIOD + 1, 1, aSchedule(ROOT));
        bytes32 other = scheduleBook.latestSchedule(COMMUNITY, PERIOD + 1);
        vm.warp(START + 40 days);
        prepare(aScheduledRule(1));
        refuseBasis(other, abi.encodeWithSelector(ISettlementLedger.RunBasisWrong.selector, other, 0));
    }

    function prepare(Rule memory rule) private {
        openAll(rule);
        submit(aBatch());
    }

    function proposeOn(bytes32 basis) private returns (bytes32) {
        RunProposal memory run = aRun();
        run.basis = basis;
        return propose(run);
    }

    function aFlowRule() private pure returns (Rule memory rule) {
        rule = aRule();
        rule.key.method = 9;
        rule.key.linkTerms = keccak256("terms");
    }

    function missing() private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISettlementLedger.RunBasisMissing.selector, COMMUNITY, PERIOD);
    }

    function refuseBasis(bytes32 basis, bytes memory refusal) private {
        RunProposal memory run = aRun();
        run.basis = basis;
        vm.prank(settler);
        vm.expectRevert(refusal);
        settlementLedger.proposeRun(run);
    }
}
