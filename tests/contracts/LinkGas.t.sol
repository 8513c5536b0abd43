// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    FlowRow,
    ILinkContests,
    LinkContest,
    StepContest
} from "../../contracts/interfaces/ILinkContests.sol";
import { IPeriodBook } from "../../contracts/interfaces/IPeriodBook.sol";
import { FlowCosts } from "../../contracts/libraries/FlowCosts.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { RunProposal } from "../../contracts/types/Runs.sol";
import { Growth } from "./support/Growth.sol";
import { StairWorld } from "./support/StairWorld.sol";
import { vm } from "./support/Vm.sol";

/// @dev What contests of a flow cost, against the contracts as deployed: a month of quarter-hours, from cold storage, call data
/// included. Each third slot feeds in, so that a header of 500 slots has 167 rounds: of 20 producers it costs what 50 slots do.
contract LinkGasTest is StairWorld {
    event GasUsed(string what, uint256 gas);

    uint256 private constant MONTH = 31;
    bytes16 private constant SALT = bytes16(keccak256("salt"));
    uint64 private constant LARGE = (1 << 40) - 1;
    int64 private constant POTENTIAL = 1 << 50;

    function test_a_link_costs_a_hundred_and_twenty_thousand_and_twenty_five_hundred_a_round() public {
        for (uint256 i; i < 4; ++i) {
            fresh(i);
            LinkContest memory p;
            FlowRow memory row = aRow(0);
            p.producer = lastProducer();
            row.detail.links = new Leaves.Flow[](2);
            (row.detail.links[0].slot, row.detail.links[1].slot) = (1, p.producer);
            row.detail.links[1].energy = 1 << 20;
            (p.cost.salt, p.cost.weight, p.cost.cap) = (SALT, POTENTIAL, LARGE);
            uint256 levels = levelsOf(slots);
            p.costPath = Growth.siblings("cost", 2 * levels + 1);
            uint256 place = (((1 << levels) | p.producer) << levels) | row.slot;
            row.runId = settle(rootOf(row), Growth.climb(FlowCosts.cost(p.cost), place, p.costPath));
            p.consumer = row;
            uint256 most = 120_000 + 2_500 * row.header.rounds.length;
            spend("contestLink", abi.encodeCall(ILinkContests.contestLink, (p)), most);
        }
    }

    function test_a_step_of_a_consumer_costs_no_more() public {
        for (uint256 i; i < 4; ++i) {
            fresh(i);
            StepContest memory p = aStep(0, 0);
            p.end.detail.potential = POTENTIAL;
            p.end.runId = settle(rootOf(p.end), basisOf(p));
            uint256 most = 120_000 + 2_500 * p.end.header.rounds.length;
            spend("contestStep, consumption", abi.encodeCall(ILinkContests.contestStep, (p)), most);
        }
    }

    function test_a_step_of_a_producer_costs_no_more() public {
        for (uint256 i; i < 4; ++i) {
            fresh(i);
            StepContest memory p = aStep(lastProducer(), POTENTIAL);
            p.end.runId = settle(rootOf(p.end), basisOf(p));
            uint256 most = 120_000 + 2_500 * p.end.header.rounds.length;
            spend("contestStep, feed-in", abi.encodeCall(ILinkContests.contestStep, (p)), most);
        }
    }

    function test_the_period_book_says_which_slots_feed_in() public {
        for (uint256 i; i < 4; ++i) {
            fresh(i);
            uint32[] memory producers = periodBook.allProducers(COMMUNITY, PERIOD);
            uint256 count;
            for (uint32 slot; slot < slots; ++slot) {
                same("below", periodBook.producersBelow(COMMUNITY, PERIOD, slot), count);
                if (!isConfirmed(slot) || directionOf(slot) == 0) continue;
                same("producer", producers[count++], slot);
            }
            same("all", producers.length, count);
            vm.expectRevert(abi.encodeWithSelector(IPeriodBook.SlotOutsidePeriod.selector, slots, slots));
            periodBook.producersBelow(COMMUNITY, PERIOD, uint32(slots));
        }
    }

    // ---- support ----

    function fresh(uint256 size) private {
        // Each in a deployment of its own, so that none finds warm what another wrote.
        setUp();
        Rule memory rule = aRule();
        rule.key.method = 9;
        rule.key.linkTerms = keccak256("terms");
        openStreet(rule, [uint256(8), 50, 200, 500][size], MONTH, 15);
    }

    function lastProducer() private view returns (uint32) {
        return uint32(slots - 1 - (slots + 1) % 3);
    }

    function aStep(uint32 slot, int64 potential) private view returns (StepContest memory p) {
        p.end = aRow(slot);
        p.scale = FlowCosts.Scale(SALT, 1 << 40, 1 << 20, 1 << 4, 8);
        p.costsRoot = keccak256("costs");
        p.end.detail.potential = potential;
        p.end.detail.links = new Leaves.Flow[](2);
    }

    function basisOf(StepContest memory p) private pure returns (bytes32) {
        return Growth.node(FlowCosts.scale(p.scale), p.costsRoot);
    }

    function aRow(uint32 slot) private view returns (FlowRow memory p) {
        (p.slot, p.day, p.t) = (slot, 17, 50);
        (p.row.salt, p.row.energy, p.row.allocated, p.detail.salt) = (SALT, 1 << 24, 1 << 23, SALT);
        for (uint256 i; i < 10; ++i) {
            p.row.totals[i] = (LARGE >> 10) - uint64(i);
        }
        (p.header.feedIn, p.header.consumption, p.header.allocated) = (LARGE, LARGE - 1, LARGE - 1);
        p.header.rounds = new Leaves.Round[]((slots + 1) / 3);
        for (uint256 r; r < p.header.rounds.length; ++r) {
            p.header.rounds[r] = Leaves.Round(uint64(1 << 52) + uint64(r << 30), 1 << 23);
        }
    }

    /// @dev Gives the row its paths through trees of which only what is shown is known.
    function rootOf(FlowRow memory p) private view returns (bytes32) {
        (uint256 ds, uint256 dt, uint256 dd) = (levelsOf(slots), levelsOf(intervals), levelsOf(dayCount));
        p.headerPath = Growth.siblings("header", dt);
        p.stairsRoot = keccak256("stairs");
        bytes32 headers = Growth.climb(Leaves.header(p.header), p.t, p.headerPath);
        bytes32[] memory above = Growth.siblings("day", dd + 1);
        p.path = Growth.join(Growth.siblings("row", ds + dt), Growth.one(Growth.node(headers, p.stairsRoot)));
        p.path = Growth.join(p.path, above);
        uint256 place = (uint256(p.slot) << dt) | p.t | (1 << (ds + dt)) | (uint256(p.day) << (ds + dt + 1));
        return Growth.climb(Leaves.flowRow(p.row, Leaves.detail(p.detail)), place, p.path);
    }

    function settle(bytes32 root, bytes32 basis) private returns (bytes32) {
        submit(streetBatch(ROOT));
        RunProposal memory run = aRun();
        (run.root, run.basis) = (root, basis);
        return propose(run);
    }

    function spend(string memory what, bytes memory call, uint256 most) private {
        address[6] memory all = [
            address(registry),
            address(ruleBook),
            address(periodBook),
            address(meterDataLedger),
            address(settlementLedger),
            address(linkContests)
        ];
        for (uint256 i; i < all.length; ++i) {
            vm.cool(all[i]);
        }
        vm.prank(stranger);
        (bool taken,) = address(linkContests).call(call);
        uint256 execution = vm.lastCallGas().gasTotalUsed;
        what = string.concat(what, ", ", vm.toString(slots), " slots");
        holds(what, taken);
        uint256 tokens;
        for (uint256 i; i < call.length; ++i) {
            tokens += call[i] == 0 ? 1 : 4;
        }
        uint256 gas = 21_000 + (4 * tokens + execution > 10 * tokens ? 4 * tokens + execution : 10 * tokens);
        emit GasUsed(what, gas);
        holds(string.concat(what, " costs less"), gas < most);
        same("voided", settlementLedger.run(settlementLedger.latestRun(COMMUNITY, PERIOD)).state, 4);
    }
}
