// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { BatchRecord } from "../../contracts/types/Batches.sol";
import { BillsRecord } from "../../contracts/types/Bills.sol";
import { Terms } from "../../contracts/types/Periods.sol";
import { Point } from "../../contracts/types/Points.sol";
import { Limits } from "../../contracts/types/Rules.sol";
import { RunRecord } from "../../contracts/types/Runs.sol";
import { ScheduleRecord } from "../../contracts/types/Schedules.sol";
import { Claims } from "./support/Claims.sol";
import { Crowd } from "./support/Crowd.sol";

/// @dev Each function is the numbered invariant of contracts/INVARIANTS.md.
contract InvariantsTest is Claims {
    /// @dev What forge asks which functions to call.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Crowd private crowd;

    function setUp() public {
        crowd = new Crowd();
        crowd.gather();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(crowd);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory deeds = new bytes4[](16);
        (deeds[0], deeds[1], deeds[2]) =
        (crowd.scheduleRule.selector, crowd.confirmPoint.selector, crowd.openPeriod.selector);
        (deeds[3], deeds[4], deeds[5]) =
        (crowd.submitBatch.selector, crowd.proposeRun.selector, crowd.proposeBills.selector);
        (deeds[6], deeds[7], deeds[8]) =
        (crowd.finaliseRun.selector, crowd.finaliseBills.selector, crowd.voidRun.selector);
        (deeds[9], deeds[10]) = (crowd.walkThrough.selector, crowd.handIn.selector);
        (deeds[11], deeds[12]) = (crowd.attestRun.selector, crowd.voidBills.selector);
        (deeds[13], deeds[14], deeds[15]) =
        (crowd.releaseBond.selector, crowd.moveMoney.selector, crowd.pause.selector);
        targets = new FuzzSelector[](2);
        targets[0] = FuzzSelector(address(crowd), deeds);
        targets[1] = FuzzSelector(address(crowd), new bytes4[](1));
        targets[1].selectors[0] = crowd.letTimePass.selector;
    }

    /// @dev A crowd that never gets anything done would let every claim hold.
    function test_the_crowd_reaches_every_state() public {
        crowd.walkThrough();
        holds("a superseded run", crowd.stateCount(3) > 0);
        holds("a voided run", crowd.stateCount(4) > 0);
        holds("a final run", crowd.stateCount(2) > 0);
        holds("final bills", crowd.billsStateCount(2) > 0);
        holds("superseded bills", crowd.billsStateCount(3) > 0);
        crowd.voidBills(1, 2);
        crowd.moveMoney(0, 5, false);
        (uint256 owed, uint256 held) = crowd.money();
        holds("money in it", owed > 0 && owed == held);
        crowd.proposeRun(0, 0, [uint64(7), 9, 0, 0], 1);
        holds("backed", crowd.isBacked(crowd.runCount() - 1));
        crowd.pause(0);
        crowd.pause(1);
        same("paused", crowd.pauseCount(), 1);
        crowd.proposeRun(1, 1, [uint64(7), 9, 0, 0], 1);
        RunRecord memory last = crowd.run(crowd.runCount() - 1);
        holds("a run by schedule", last.period == crowd.periodAt(1) && last.basis != 0);
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_01_no_tag_takes_part_more_than_once() public view {
        for (uint256 tag; tag < crowd.TAGS(); ++tag) {
            for (uint256 p; p < crowd.PERIODS(); ++p) {
                holds("at most one", crowd.factorSum(tag, p) <= 1_000_000);
            }
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_02_slots_and_tags_are_paired() public view {
        for (uint256 i; i < crowd.confirmedCount(); ++i) {
            (bytes32 then, bytes32 present) = crowd.confirmedThenAndNow(i);
            same("the point of a slot", present, then);
        }
        for (uint256 c; c < crowd.COMMUNITIES(); ++c) {
            for (uint256 p; p < crowd.PERIODS(); ++p) {
                Point[] memory points = crowd.points(c, p);
                for (uint256 i; i < points.length; ++i) {
                    for (uint256 j; j < i; ++j) {
                        bool both = points[i].untilDay != 0 && points[j].untilDay != 0;
                        holds("another tag", !both || points[i].tag != points[j].tag);
                    }
                }
            }
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_03_an_open_period_never_changes() public view {
        for (uint256 i; i < crowd.openedCount(); ++i) {
            (bytes32 then, bytes32 present) = crowd.openedThenAndNow(i);
            same("terms, points and rule", present, then);
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_04_rules_ascend_and_stay() public view {
        for (uint256 c; c < crowd.COMMUNITIES(); ++c) {
            uint32 former;
            for (uint32 version = 1; version <= crowd.latestVersion(c); ++version) {
                (uint32 effectiveFrom, bytes32 then, bytes32 present) = crowd.ruleThenAndNow(c, version);
                same("the rule", present, then);
                holds("later", version == 1 || effectiveFrom > former);
                same("in force from its date", crowd.ruleAt(c, effectiveFrom), version);
                if (effectiveFrom > 0) same("not before", crowd.ruleAt(c, effectiveFrom - 1), version - 1);
                former = effectiveFrom;
            }
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_05_an_open_period_has_the_rule_in_force() public view {
        for (uint256 i; i < crowd.openedCount(); ++i) {
            (uint256 c, uint32 period) = crowd.opened(i);
            same("rule", crowd.termsOf(c, period).ruleVersion, crowd.ruleAt(c, period));
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_06_periods_share_no_day() public view {
        for (uint256 i; i < crowd.openedCount(); ++i) {
            (uint256 c, uint32 period) = crowd.opened(i);
            for (uint256 j; j < i; ++j) {
                (uint256 d, uint32 other) = crowd.opened(j);
                if (c != d) continue;
                bool before = other + crowd.termsOf(d, other).dayCount <= period;
                holds("apart", before || period + crowd.termsOf(c, period).dayCount <= other);
            }
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_07_batches_are_complete_and_conform() public view {
        for (uint256 i; i < crowd.batchCount(); ++i) {
            BatchRecord memory b = crowd.batch(i);
            Terms memory terms = crowd.termsAt(b.community, b.period);
            uint256 all = uint256(b.measured) + b.estimated + b.missing;
            same("complete", all, terms.expectedReadings);
            Limits memory limits = crowd.limits(b.community, terms.ruleVersion);
            holds("estimated", uint256(b.estimated) * 1_000_000 / all <= limits.maxEstimatedPpm);
            holds("missing", uint256(b.missing) * 1_000_000 / all <= limits.maxMissingPpm);
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_08_batches_form_one_chain() public view {
        for (uint256 i; i < crowd.openedCount(); ++i) {
            (uint256 c, uint32 period) = crowd.opened(i);
            same(
                "as many as its version says", crowd.latestBatchVersion(c, period), crowd.batchesOf(c, period)
            );
        }
        for (uint256 i; i < crowd.batchCount(); ++i) {
            (bytes32 then, bytes32 present) = crowd.batchThenAndNow(i);
            same("the batch", present, then);
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_09_energy_is_conserved() public view {
        for (uint256 i; i < crowd.runCount(); ++i) {
            RunRecord memory r = crowd.run(i);
            same("allocated is shared", r.allocated, r.shared);
            holds("of the feed-in", r.shared <= r.feedIn);
            holds("of the consumption", r.allocated <= r.consumption);
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_10_only_the_latest_run_is_contestable() public view {
        for (uint256 i; i < crowd.runCount(); ++i) {
            RunRecord memory r = crowd.run(i);
            if (r.state == 1) same("the latest", crowd.latestRun(r.community, r.period), crowd.runId(i));
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_11_one_run_is_final() public view {
        for (uint256 i; i < crowd.runCount(); ++i) {
            RunRecord memory r = crowd.run(i);
            bool named = crowd.finalRun(r.community, r.period) == crowd.runId(i);
            holds("final where it is named", named == (r.state == 2));
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_12_states_only_go_forward() public view {
        holds(crowd.backward(), bytes(crowd.backward()).length == 0);
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_13_nothing_is_final_before_its_window_has_passed() public view {
        holds("no run and no bills", !crowd.hurried());
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_14_money_is_conserved() public view {
        for (uint256 i; i < crowd.runCount(); ++i) {
            BillsRecord memory b = crowd.bills(i);
            if (b.state == 0) continue;
            RunRecord memory r = crowd.run(i);
            int256 owed = int256(uint256(b.debits)) - int256(uint256(b.credits));
            int256 kept =
                int256(uint256(b.fees)) + int256(uint256(b.vatDebits)) - int256(uint256(b.vatCredits));
            holds("balanced", owed - kept == int256(b.passThrough) + b.rounding);
            int256 slots = int256(uint256(crowd.termsAt(r.community, r.period).slots));
            holds("rounding", b.rounding <= slots && b.rounding >= -slots);
        }
    }

    /// forge-config: default.invariant.runs = 64
    /// forge-config: default.invariant.depth = 128
    function invariant_15_bills_share_the_fate_of_their_run() public view {
        for (uint256 i; i < crowd.runCount(); ++i) {
            uint8 state = crowd.bills(i).state;
            uint8 runState = crowd.run(i).state;
            if (state == 0) continue;
            holds("final only with the run", state != 2 || runState == 2);
            holds("gone with the run", runState < 3 || state == runState);
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_18_schedules_form_one_chain() public view {
        for (uint256 c; c < crowd.COMMUNITIES(); ++c) {
            for (uint256 p; p < crowd.PERIODS(); ++p) {
                uint32 period = crowd.periodAt(p);
                same(
                    "as many as its version says",
                    crowd.latestScheduleVersion(c, p),
                    crowd.schedulesOf(c, period)
                );
            }
        }
        for (uint256 i; i < crowd.scheduleCount(); ++i) {
            (bytes32 then, bytes32 present) = crowd.scheduleThenAndNow(i);
            same("the schedule", present, then);
        }
    }

    /// forge-config: default.invariant.runs = 64
    /// forge-config: default.invariant.depth = 128
    function invariant_19_a_run_rests_on_what_counts() public view {
        for (uint256 i; i < crowd.runCount(); ++i) {
            RunRecord memory r = crowd.run(i);
            (uint8 method, uint8 source, uint8 when) = crowd.scheduleOf(r.community, r.ruleVersion);
            if (source == 1) {
                holds("the operator's files", r.basis != 0);
            } else if (method == 6) {
                restsOnSchedule(r, when);
            } else {
                same("nothing", r.basis, bytes32(0));
            }
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_25_nothing_is_final_that_nobody_else_rebuilt() public view {
        holds("attested by another", !crowd.unattested());
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_26_bonds_are_conserved() public view {
        (uint256 owed, uint256 held) = crowd.money();
        same("free and locked is held", owed, held);
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_27_what_is_contestable_is_backed() public view {
        for (uint256 i; i < crowd.runCount(); ++i) {
            holds("a run", crowd.run(i).state != 1 || crowd.isBacked(i));
            holds("bills", crowd.bills(i).state != 1 || crowd.areBillsBacked(i));
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_28_nothing_moves_while_paused() public view {
        holds("neither taken nor final", !crowd.movedWhilePaused());
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 96
    function invariant_29_only_what_a_judge_voided_names_who() public view {
        for (uint256 i; i < crowd.runCount(); ++i) {
            RunRecord memory r = crowd.run(i);
            holds("a run", (r.state == 4) == (r.voidedBy != address(0)));
        }
    }

    function restsOnSchedule(RunRecord memory r, uint8 when) private view {
        ScheduleRecord memory own = crowd.schedule(r.basis);
        holds("handed in", own.handedInAt != 0 && own.handedInAt <= r.proposedAt);
        same("of the community", own.community, r.community);
        same("of the period", own.period, r.period);
        uint64 start = crowd.termsAt(r.community, r.period).startUtc;
        holds("in time", when == 2 || own.handedInAt < start);
        uint256 next =
            crowd.schedule(keccak256(abi.encodePacked(hex"2502", r.community, r.period, own.version + 1)))
        .handedInAt;
        holds("the last that counts", next == 0 || next >= (when == 1 ? start : r.proposedAt));
    }
}
