// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IContests } from "../../contracts/interfaces/IContests.sol";
import { ISettlementLedger } from "../../contracts/interfaces/ISettlementLedger.sol";
import {
    HeaderContest,
    ISumContests,
    SumContest,
    TotalsContest,
    ValueContest
} from "../../contracts/interfaces/ISumContests.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Places } from "../../contracts/libraries/Places.sol";
import { Tree } from "../../contracts/libraries/Tree.sol";
import { SumProofs } from "./support/SumProofs.sol";
import { vm } from "./support/Vm.sol";

/// @dev Honest runs of every key cannot be contested; each step that is changed can.
contract SumContestsTest is SumProofs {
    function test_no_step_of_an_honest_run_is_contested() public {
        for (uint256 k; k < keys().length; ++k) {
            this.holdSteps(k);
        }
    }

    /// @dev A call of its own for each key, whose memory is free afterwards.
    function holdSteps(uint256 k) external {
        Town memory town = propose(k);
        for (uint256 slot; slot < town.slots; ++slot) {
            for (uint256 i = town.from[slot] * HOURS; i < town.until[slot] * HOURS; ++i) {
                // All around midnight, and some of the rest.
                if (i % HOURS != 0 && i % HOURS != 23 && (i + slot + k) % 4 != 0) continue;
                refused(
                    address(sumContests),
                    abi.encodeCall(ISumContests.contestSum, (aSum(town, slot, i))),
                    ISumContests.SumHolds.selector
                );
            }
        }
        same("contestable", settlementLedger.run(town.runId).state, 1);
    }

    function test_no_value_of_an_honest_run_is_contested() public {
        for (uint256 k; k < keys().length; ++k) {
            this.holdValues(k);
        }
    }

    /// @dev A call of its own for each key, whose memory is free afterwards.
    function holdValues(uint256 k) external {
        Town memory town = propose(k);
        bool byLinks = town.rule.key.method == 9;
        for (uint256 slot; slot < town.slots; ++slot) {
            for (uint256 i = town.from[slot] * HOURS; i < town.until[slot] * HOURS; i += 5) {
                refused(
                    address(sumContests),
                    abi.encodeCall(ISumContests.contestValue, (aValue(town, slot, i))),
                    byLinks ? ISumContests.ValueOfLinks.selector : ISumContests.ValueHolds.selector
                );
            }
        }
    }

    function test_no_header_and_no_period_leaf_of_an_honest_run_is_contested() public {
        for (uint256 k; k < keys().length; ++k) {
            this.holdEnds(k);
        }
    }

    /// @dev A call of its own for each key, whose memory is free afterwards.
    function holdEnds(uint256 k) external {
        Town memory town = propose(k);
        for (uint256 i; i < town.headers.length; ++i) {
            refused(
                address(sumContests),
                abi.encodeCall(ISumContests.contestHeader, (aHeader(town, i))),
                ISumContests.HeaderMayHold.selector
            );
        }
        for (uint256 slot; slot < town.slots; ++slot) {
            if (town.until[slot] == 0) continue;
            refused(
                address(sumContests),
                abi.encodeCall(ISumContests.contestTotals, (theTotals(town, slot))),
                ISumContests.TotalsHold.selector
            );
        }
    }

    function test_a_total_that_does_not_add_up_voids_the_run_of_any_key() public {
        for (uint256 k; k < keys().length; ++k) {
            this.breakTotals(k);
        }
    }

    /// @dev A call of its own for each key, whose memory is free afterwards.
    function breakTotals(uint256 k) external {
        Town memory town = settle(k);
        uint256 slot = firstOf(town, uint8(k % 2));
        uint256 first = town.from[slot] * HOURS;
        // The first of all, one within a day, the last before midnight and the first after it.
        uint256[4] memory places = [first, first + 9, first + 23, first + 24];
        for (uint256 total; total < 8; ++total) {
            uint256 i = places[(total + k) % 4];
            if (!isActive(town, slot, i)) i = first;
            lie(town, slot, i, total, 1);
            proposeTown(town);
            voids(town, abi.encodeCall(ISumContests.contestSum, (aSum(town, slot, i))));
            undo(town, slot, i, total, 1);
        }
    }

    function test_a_value_that_the_rule_does_not_give_voids_the_run_of_any_key() public {
        for (uint256 k; k < keys().length; ++k) {
            this.breakValues(k);
        }
    }

    /// @dev A call of its own for each key, whose memory is free afterwards.
    function breakValues(uint256 k) external {
        Town memory town = settle(k);
        if (town.rule.key.method == 9) return;
        for (uint256 total = 8; total < 10; ++total) {
            uint256 slot = firstOf(town, uint8((k + total) % 2));
            uint256 i = town.from[slot] * HOURS + 3 * k % 24;
            lie(town, slot, i, total, 1);
            proposeTown(town);
            voids(town, abi.encodeCall(ISumContests.contestValue, (aValue(town, slot, i))));
            undo(town, slot, i, total, 1);
        }
    }

    function test_a_row_that_was_given_more_than_it_was_entitled_to_is_credited_nothing() public {
        // The consumer owns the surplus: slot 0 is given all that it uses and a milliwatt-hour that nobody credits it less.
        Town memory town = settle("owners");
        uint256 slot = firstOf(town, 0);
        uint256 i = 4;
        town.rows[slot][i].allocated = type(uint64).max;
        town.headers[i].value = 0;
        for (uint256 j = i; j < town.rows[slot].length; ++j) {
            town.rows[slot][j].totals[8] = town.rows[slot][i - 1].totals[8];
        }
        proposeTown(town);
        voids(town, abi.encodeCall(ISumContests.contestValue, (aValue(town, slot, i))));
    }

    function test_a_period_leaf_that_is_not_the_last_row_voids_the_run() public {
        for (uint256 k; k < keys().length; ++k) {
            this.breakPeriods(k);
        }
    }

    /// @dev A call of its own for each key, whose memory is free afterwards.
    function breakPeriods(uint256 k) external {
        Town memory town = settle(k);
        uint256 slot = firstOf(town, uint8(k % 2));
        for (uint256 total; total < 10; total += 3) {
            town.periods[slot].totals[total] += 1;
            proposeTown(town);
            voids(town, abi.encodeCall(ISumContests.contestTotals, (theTotals(town, slot))));
            town.periods[slot].totals[total] -= 1;
        }
    }

    function test_where_producers_sell_the_value_of_a_feed_in_slot_is_its_links() public {
        Town memory town = settle("sellers");
        uint256 slot = firstOf(town, 1);
        town.periods[slot].totals[8] += 1;
        proposeTown(town);
        bytes memory call = abi.encodeCall(ISumContests.contestTotals, (theTotals(town, slot)));
        refused(address(sumContests), call, ISumContests.TotalsHold.selector);
        // What it fed in and what a consumer's rows are worth are not.
        slot = firstOf(town, 0);
        town.periods[slot].totals[8] += 1;
        voidByContests(town.runId);
        proposeTown(town);
        voids(town, abi.encodeCall(ISumContests.contestTotals, (theTotals(town, slot))));
    }

    function test_a_header_that_no_rows_could_have_voids_the_run() public {
        string[2] memory names = ["cascade", "equal"];
        for (uint256 k; k < 2; ++k) {
            setUp();
            Town memory town = settle(names[k]);
            uint256 i = busy(town);
            Leaves.Header memory h = town.headers[i];
            h.band ^= 1;
            voidHeader(town, i);
            h.band ^= 1;
            uint64 kept = h.allocated;
            h.allocated = (h.feedIn < h.consumption ? h.feedIn : h.consumption) + 1;
            voidHeader(town, i);
            (h.allocated, kept) = (kept, h.tau);
            h.tau = town.slots + 1;
            voidHeader(town, i);
            h.tau = uint32(kept);
            ++h.value;
            voidHeader(town, i);
            --h.value;
            Leaves.Round[] memory rounds = h.rounds;
            h.rounds = new Leaves.Round[](2);
            voidHeader(town, i);
            h.rounds = rounds;
            if (k == 0) continue;
            ++h.rounds[0].pool;
            voidHeader(town, i);
        }
    }

    function test_nothing_is_handed_out_where_nothing_or_all_is_shared() public {
        Town memory town = settle("market");
        for (uint256 i; i < town.headers.length; i += 7) {
            Leaves.Header memory h = town.headers[i];
            (h.allocated, h.value, h.tau) = (0, 0, 1);
            voidHeader(town, i);
            (h.feedIn, h.consumption, h.allocated) = (10, 20, 10);
            h.value = uint64(supplyDemand(town, h));
            voidHeader(town, i);
            h.tau = 0;
            proposeTown(town);
            bytes memory call = abi.encodeCall(ISumContests.contestHeader, (aHeader(town, i)));
            refused(address(sumContests), call, ISumContests.HeaderMayHold.selector);
            voidByContests(town.runId);
        }
    }

    function test_a_producer_keys_level_is_empty_where_all_is_shared_and_never_above_what_is() public {
        Town memory town = settle("producers");
        uint256 i = busy(town);
        Leaves.Header memory h = town.headers[i];
        uint256 last = h.rounds.length - 1;
        uint64 kept = h.rounds[last].pool;
        h.rounds[last].pool = h.allocated + 1;
        voidHeader(town, i);
        h.rounds[last].pool = kept;
        (h.feedIn, h.tau) = (h.allocated, 0);
        h.rounds[last] = Leaves.Round(0, 1);
        voidHeader(town, i);
        h.rounds[last] = Leaves.Round(1, 0);
        voidHeader(town, i);
    }

    function test_an_operators_header_has_no_rounds_and_hands_nothing_out() public {
        Town memory town = settle("operator");
        uint256 i = busy(town);
        Leaves.Header memory h = town.headers[i];
        h.tau = 1;
        voidHeader(town, i);
        h.tau = 0;
        h.rounds = new Leaves.Round[](1);
        voidHeader(town, i);
    }

    function test_pairs_are_not_priced_by_a_header_that_has_not_their_rounds() public {
        Town memory town = settle("pairwise");
        uint256 i = busy(town);
        town.headers[i].rounds = new Leaves.Round[](1);
        proposeTown(town);
        bytes memory call = abi.encodeCall(ISumContests.contestValue, (aValue(town, firstOf(town, 0), i)));
        refused(address(sumContests), call, ISumContests.HeaderMalformed.selector);
        // That header is the lie.
        voids(town, abi.encodeCall(ISumContests.contestHeader, (aHeader(town, i))));
    }

    function test_a_slot_without_a_point_has_no_period_leaf_to_contest() public {
        Town memory town = propose(0);
        TotalsContest memory proof = theTotals(town, firstOf(town, 0));
        proof.slot = 7;
        bytes memory call = abi.encodeCall(ISumContests.contestTotals, (proof));
        refused(address(sumContests), call, ISumContests.SlotNotConfirmed.selector);
    }

    function test_rows_that_do_not_follow_one_another_prove_nothing() public {
        Town memory town = propose(0);
        uint256 slot = firstOf(town, 0);
        SumContest memory proof = aSum(town, slot, 9);
        // An earlier row than the one before.
        (proof.former, proof.formerPath) = (town.rows[slot][7], aSum(town, slot, 8).formerPath);
        refuse(proof, IContests.LeavesNotInRun.selector);
        proof = aSum(town, slot, 9);
        proof.formerPath = new bytes32[](0);
        refuse(proof, Tree.TreePathLength.selector);
        proof = aSum(town, slot, 24);
        proof.former = town.rows[slot][22];
        refuse(proof, IContests.LeavesNotInRun.selector);
        proof = aSum(town, slot, 24);
        proof.formerPath = new bytes32[](0);
        refuse(proof, Tree.TreePathLength.selector);
        proof = aSum(town, slot, 9);
        proof.row.salt = ~proof.row.salt;
        refuse(proof, IContests.LeavesNotInRun.selector);
        proof.row.salt = ~proof.row.salt;
        proof = aSum(town, slot, 9);
        proof.path = new bytes32[](3);
        refuse(proof, Tree.TreePathLength.selector);
        ValueContest memory value = aValue(town, slot, 9);
        value.header.feedIn += 1;
        refused(
            address(sumContests),
            abi.encodeCall(ISumContests.contestValue, (value)),
            IContests.LeavesNotInRun.selector
        );
    }

    function test_the_first_row_of_a_slot_starts_from_nothing() public {
        Town memory town = propose(0);
        uint256 slot = joiner(town);
        SumContest memory proof = aSum(town, slot, 24);
        same("no path", proof.formerPath.length, 0);
        // Nobody can give it a past.
        proof.former.totals[0] = 7;
        refuse(proof, ISumContests.SumHolds.selector);
        proof.formerPath = proof.path;
        refuse(proof, Tree.TreePathLength.selector);
        proof = aSum(town, slot, 24);
        (proof.day, proof.t) = (0, 3);
        refuse(proof, IContests.SlotNotActive.selector);
        // And a past that it claims voids the run.
        lie(town, slot, 24, 1, 5);
        voidByContests(town.runId);
        proposeTown(town);
        voids(town, abi.encodeCall(ISumContests.contestSum, (aSum(town, slot, 24))));
    }

    function test_a_place_that_no_tree_has_is_not_another_name() public {
        Town memory town = propose(0);
        uint256 slot = firstOf(town, 0);
        SumContest memory proof = aSum(town, slot, 9);
        proof.slot += 8;
        refuse(proof, Places.OutsideShape.selector);
        proof = aSum(town, slot, 9);
        proof.day += 2;
        refuse(proof, Places.OutsideShape.selector);
        proof = aSum(town, slot, 9);
        proof.t += 32;
        refuse(proof, Places.OutsideShape.selector);
        HeaderContest memory header = aHeader(town, 9);
        header.t += 32;
        bytes memory call = abi.encodeCall(ISumContests.contestHeader, (header));
        refused(address(sumContests), call, Places.OutsideShape.selector);
    }

    function test_only_a_contestable_run_is_contested() public {
        Town memory town = propose(0);
        lie(town, 0, 9, 0, 1);
        voidByContests(town.runId);
        proposeTown(town);
        voidByContests(town.runId);
        SumContest memory proof = aSum(town, 0, 9);
        refuse(proof, ISettlementLedger.RunNotContestable.selector);
        attest(proposeTown(town));
        passWindow();
        settlementLedger.finalise(town.runId);
        proof.runId = town.runId;
        refuse(proof, ISettlementLedger.RunNotContestable.selector);
    }

    /// forge-config: default.fuzz.runs = 24
    function testFuzz_a_step_is_contested_exactly_where_a_total_is_changed(
        uint8 k,
        uint8 slot,
        uint8 place,
        uint8 total,
        int8 change
    ) public {
        Town memory town = settle(k % keys().length);
        slot = uint8(slot % town.slots);
        while (town.until[slot] == 0) slot = uint8((slot + 1) % town.slots);
        uint256 span = (town.until[slot] - town.from[slot]) * HOURS;
        uint256 i = town.from[slot] * HOURS + place % span;
        lie(town, slot, i, total % 10, change);
        proposeTown(town);
        bool ofValue = total % 10 > 7;
        bytes memory call = ofValue
            ? abi.encodeCall(ISumContests.contestValue, (aValue(town, slot, i)))
            : abi.encodeCall(ISumContests.contestSum, (aSum(town, slot, i)));
        (bool taken,) = address(sumContests).call(call);
        bool seen = change != 0 && !(ofValue && town.rule.key.method == 9);
        holds("taken where changed", taken == seen);
        same("voided where changed", settlementLedger.run(town.runId).state, seen ? 4 : 1);
    }

    function settle(uint256 k) private returns (Town memory) {
        setUp();
        return settle(keys()[k]);
    }

    function propose(uint256 k) private returns (Town memory town) {
        town = settle(k);
        proposeTown(town);
    }

    /// @dev From a row on, as someone would who wants the rest to fit.
    function lie(Town memory town, uint256 slot, uint256 i, uint256 total, int256 change) private pure {
        for (; i < town.until[slot] * HOURS; ++i) {
            unchecked {
                town.rows[slot][i].totals[total] += uint64(uint256(change));
            }
        }
    }

    function undo(Town memory town, uint256 slot, uint256 i, uint256 total, int256 change) private pure {
        lie(town, slot, i, total, -change);
    }

    function voidHeader(Town memory town, uint256 i) private {
        proposeTown(town);
        voids(town, abi.encodeCall(ISumContests.contestHeader, (aHeader(town, i))));
    }

    function refuse(SumContest memory proof, bytes4 refusal) private {
        refused(address(sumContests), abi.encodeCall(ISumContests.contestSum, (proof)), refusal);
    }

    /// @dev An interval in which something, but not all, is shared.
    function busy(Town memory town) private pure returns (uint256 i) {
        while (town.headers[i].allocated == 0 || town.headers[i].allocated == town.headers[i].feedIn) ++i;
    }

    function joiner(Town memory town) private pure returns (uint256 slot) {
        while (town.from[slot] == 0) ++slot;
    }

    function supplyDemand(Town memory town, Leaves.Header memory h) private pure returns (uint256) {
        uint256 low = town.rule.tariff.surplusPrice;
        uint256 high = town.rule.tariff.residualPrice[h.band];
        return h.allocated * low * high * h.consumption / ((high - low) * h.feedIn + low * h.consumption);
    }
}
