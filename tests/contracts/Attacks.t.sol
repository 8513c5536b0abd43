// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Bonds } from "../../contracts/Bonds.sol";
import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IPeriodBook } from "../../contracts/interfaces/IPeriodBook.sol";
import { IRuleBook } from "../../contracts/interfaces/IRuleBook.sol";
import { ISettlementLedger } from "../../contracts/interfaces/ISettlementLedger.sol";
import { CaseOpening } from "../../contracts/types/Cases.sol";
import { Opening } from "../../contracts/types/Periods.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { RunProposal, RunRecord } from "../../contracts/types/Runs.sol";
import { Court } from "./support/Court.sol";
import { vm } from "./support/Vm.sol";

/// @dev Asks again while it is being paid.
contract Greedy {
    Bonds private immutable _bonds;
    uint256 public asked;

    constructor(Bonds bonds_) {
        _bonds = bonds_;
    }

    receive() external payable {
        ++asked;
        (bool paid,) = address(_bonds).call(abi.encodeCall(Bonds.withdraw, ()));
        require(!paid, IBonds.NothingFree(address(this)));
    }

    function put() external payable {
        _bonds.deposit{ value: msg.value }();
    }

    function take() external {
        _bonds.withdraw();
    }
}

/// @dev Each test is an attack on what is settled, and what becomes of it.
contract AttacksTest is Court {
    function aRuleFrom(uint32 date) private pure returns (Rule memory rule) {
        rule = aRule();
        rule.effectiveFrom = date;
    }

    function vote(Rule memory rule) private returns (uint32) {
        vm.prank(EXECUTIVE);
        return ruleBook.scheduleRule(COMMUNITY, rule);
    }

    function today() private view returns (uint32) {
        return uint32(block.timestamp / 1 days);
    }

    function test_a_vote_far_ahead_does_not_lock_the_rule_book() public {
        uint32 latest = today() + 366;
        uint32[3] memory dates = [latest + 1, type(uint32).max - 1, type(uint32).max];
        for (uint256 i; i < dates.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IRuleBook.RuleTooFarAhead.selector, COMMUNITY, dates[i], latest)
            );
            vm.prank(EXECUTIVE);
            ruleBook.scheduleRule(COMMUNITY, aRuleFrom(dates[i]));
        }
        same("a year ahead", vote(aRuleFrom(latest)), 2);
        same("and the day after", vote(aRuleFrom(0)), 3);
        same("begins", ruleBook.rule(COMMUNITY, 3).effectiveFrom, latest + 1);
    }

    function test_a_founding_rule_far_ahead_locks_no_rule_book_either() public {
        bytes32 village = bytes32(uint256(0x717) << 160 | uint160(founderOf(COMMUNITY)));
        found(village);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRuleBook.RuleTooFarAhead.selector, village, type(uint32).max, today() + 366
            )
        );
        vm.prank(steward);
        ruleBook.scheduleRule(village, aRuleFrom(type(uint32).max));
    }

    function test_a_settler_does_not_outlive_a_vote_by_opening_a_period_of_the_next_century() public {
        Opening memory opening = anOpening();
        uint32 far = today() + 36_500;
        opening.startUtc = uint64(far) * 1 days;
        vm.expectRevert(
            abi.encodeWithSelector(IPeriodBook.PeriodTooFarAhead.selector, COMMUNITY, far, today() + 366)
        );
        vm.prank(settler);
        periodBook.openPeriod(COMMUNITY, far, opening);
    }

    function test_no_vote_makes_a_window_that_nobody_lives_to_see_the_end_of() public {
        Rule memory rule = aRuleFrom(today());
        rule.contestWindowSeconds = 366 days + 1;
        vm.expectRevert(
            abi.encodeWithSelector(IRuleBook.RuleWindowTooLong.selector, rule.contestWindowSeconds, 366 days)
        );
        vm.prank(EXECUTIVE);
        ruleBook.scheduleRule(COMMUNITY, rule);
        rule.contestWindowSeconds = 366 days;
        vote(rule);
    }

    function test_an_opening_that_was_signed_and_sent_by_its_signer_opens_no_second_case() public {
        CaseOpening memory opening = anOpeningOn(0);
        bytes memory signature = signOpening(MEMBER_KEY, address(court), block.chainid, opening);
        vm.prank(member);
        dismiss(court.openCase(opening, member, signature));
        refuseOpening(opening, signature);
    }

    function test_a_demand_by_the_proposers_friend_uses_up_nobody_elses() public {
        submit(aBatch());
        bytes32 runId = proposeRun();
        vm.deal(auditor, 1 ether);
        vm.deal(member, 1 ether);
        vm.prank(auditor);
        bytes32 friends = demands.demand{ value: 0.002 ether }(runId, 0, 1);
        vm.prank(member);
        bytes32 own = demands.demand{ value: 0.002 ether }(runId, 0, 1);
        holds("another demand", friends != own);
        same("pending", demands.pendingOf(runId), 2);
        vm.warp(block.timestamp + 72 hours);
        demands.lapse(own);
        same("voided", settlementLedger.run(runId).state, 4);
        same("who proved it", settlementLedger.run(runId).voidedBy, member);
        demands.lapse(friends);
        same("given back", bonds.freeOf(auditor), 0.002 ether);
        same("nothing pending", demands.pendingOf(runId), 0);
    }

    function test_reentrancy_who_asks_again_while_being_paid_is_paid_once() public {
        Greedy greedy = new Greedy(bonds);
        vm.deal(address(this), 3 ether);
        bonds.deposit{ value: 2 ether }();
        greedy.put{ value: 1 ether }();
        greedy.take();
        same("asked again", greedy.asked(), 1);
        same("paid", address(greedy).balance, 1 ether);
        same("left", address(bonds).balance, 2 ether);
    }

    function test_forced_ether_is_nobodys() public {
        vm.deal(address(bonds), 5 ether);
        same("free", bonds.freeOf(address(this)), 0);
        vm.expectRevert(abi.encodeWithSelector(IBonds.NothingFree.selector, address(this)));
        bonds.withdraw();
        submit(aBatch());
        bytes32 runId = proposeRun();
        same("bond", address(bonds).balance, 5 ether + BOND);
        same("state", settlementLedger.run(runId).state, 1);
    }

    function test_a_last_second_challenge_counts_until_somebody_finalises() public {
        submit(aBatch());
        bytes32 runId = proposeRun();
        attest(runId);
        passWindow();
        vm.warp(block.timestamp + 100 days);
        voidByContests(runId);
        vm.expectRevert(abi.encodeWithSelector(ISettlementLedger.RunNotContestable.selector, runId, 4));
        settlementLedger.finalise(runId);
    }

    function test_griefing_by_gas_what_runs_out_of_it_changes_nothing() public {
        submit(aBatch());
        bytes32 runId = proposeRun();
        bytes memory call = abi.encodeCall(ISettlementLedger.voidRun, (runId, stranger));
        for (uint256 gas_ = 3_000; gas_ < 9_000; gas_ += 1_000) {
            vm.prank(address(contests));
            (bool taken,) = address(settlementLedger).call{ gas: gas_ }(call);
            uint8 state = settlementLedger.run(runId).state;
            same("all or nothing", state, taken ? 4 : 1);
            same("who", settlementLedger.run(runId).voidedBy, taken ? stranger : address(0));
            if (taken) return;
        }
    }

    function testFuzz_words_that_share_a_slot_do_not_spill(uint64[3] memory x, bytes32 root) public {
        vm.assume(root != 0);
        submit(aBatch());
        RunProposal memory run = aRun();
        run.root = root;
        run.feedIn = x[0] | 1 << 63;
        run.consumption = x[1] | 1 << 63;
        (run.allocated, run.shared) = (x[2] >> 1, x[2] >> 1);
        RunRecord memory kept = settlementLedger.run(propose(run));
        same("feed-in", kept.feedIn, run.feedIn);
        same("consumption", kept.consumption, run.consumption);
        same("allocated", kept.allocated, run.allocated);
        same("shared", kept.shared, run.shared);
        same("root", kept.root, root);
        same("community", kept.community, COMMUNITY);
        same("proposer", kept.proposer, settler);
        same("until", kept.contestableUntil, block.timestamp + WINDOW);
        same("state", kept.state, 1);
    }
}
