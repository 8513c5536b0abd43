// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IContests, RowContest } from "../../contracts/interfaces/IContests.sol";
import { IInputContests, InputContest } from "../../contracts/interfaces/IInputContests.sol";
import { ISumContests } from "../../contracts/interfaces/ISumContests.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Grove } from "./support/Grove.sol";
import { SumProofs } from "./support/SumProofs.sol";

/// @dev One field of one leaf of a run of any key is changed, the trees are grown around it, and whoever holds the leaves tries every
/// contest on and after the place: one takes it, and none takes the run in which nothing is changed. Sums over slots are held so in
/// StairVectors and StairCounts.
contract LiePropertiesTest is SumProofs {
    using Grove for bytes32[];

    uint256 private constant NOTHING = 0;
    uint256 private constant ENERGY = 1;
    uint256 private constant QUALITY = 2;
    uint256 private constant ALLOCATED = 3;
    uint256 private constant TOTAL = 4;
    uint256 private constant PERIOD_TOTAL = 5;
    uint256 private constant BAND = 6;
    uint256 private constant ROUNDS = 7;
    uint256 private constant ALLOCATED_AND_ADDED_UP = 8;
    uint256 private constant LIES = 9;

    /// forge-config: default.fuzz.runs = 48
    /// forge-config: deep.fuzz.runs = 10000
    function testFuzz_each_lie_is_caught_and_no_honest_run_is(uint8 key, uint32 place, uint8 lie, uint64 by)
        public
    {
        Town memory town = settle(keys()[key % keys().length]);
        uint256[] memory lengths =
            numbers(load(string.concat("communities/", keys()[key % keys().length])), ".chain.intervals");
        (uint256 slot, uint256 i) = placeOf(town, place, lengths);
        submitTown(town);
        uint256 told = tell(town, slot, i, lie % LIES, by);
        proposeTown(town);
        bool caught = isCaught(town, slot, i);
        same("caught where there is one", caught ? 1 : 0, told == NOTHING ? 0 : 1);
        same("state", settlementLedger.run(town.runId).state, caught ? 4 : 1);
    }

    /// @dev Who is rounded up depends on the interval: only those that the vectors' own day has are as their key gives them.
    function placeOf(Town memory town, uint32 place, uint256[] memory lengths)
        private
        pure
        returns (uint256 slot, uint256 i)
    {
        slot = place % town.slots;
        while (town.until[slot] == 0) slot = (slot + 1) % town.slots;
        uint256 day = town.from[slot] + (place / town.slots) % (town.until[slot] - town.from[slot]);
        i = day * HOURS + (place / town.slots / town.dayCount) % lengths[day];
    }

    /// @dev Tells which lie it was: a change of nothing is none.
    function tell(Town memory town, uint256 slot, uint256 i, uint256 lie, uint64 by)
        private
        pure
        returns (uint256)
    {
        by = by == 0 ? 1 : by;
        bool formula = town.rule.key.method != 9 && town.rule.source == 0;
        if (lie == ENERGY) {
            town.rows[slot][i].energy ^= by;
        } else if (lie == QUALITY) {
            town.rows[slot][i].quality = uint8((town.rows[slot][i].quality + 1 + by % 3) % 4);
        } else if (lie == ALLOCATED || (lie == ALLOCATED_AND_ADDED_UP && !formula)) {
            town.rows[slot][i].allocated ^= by;
        } else if (lie == TOTAL) {
            town.rows[slot][i].totals[by % 8] ^= by;
        } else if (lie == PERIOD_TOTAL) {
            town.periods[slot].totals[by % 8] ^= by;
        } else if (lie == BAND) {
            town.headers[i].band = uint8((town.headers[i].band + 1 + by % 3) % 4);
        } else if (lie == ROUNDS && formula) {
            Leaves.Round[] memory more = new Leaves.Round[](town.headers[i].rounds.length + 1 + by % 4);
            town.headers[i].rounds = more;
        } else if (lie == ALLOCATED_AND_ADDED_UP) {
            addToAll(town, slot, i, 1 + by % 1000);
        } else {
            return NOTHING;
        }
        return lie;
    }

    /// @dev The smarter lie: what is given too much here is in all that follows.
    function addToAll(Town memory town, uint256 slot, uint256 i, uint64 more) private pure {
        uint256 total = 2 * town.bands[i] + 1;
        town.rows[slot][i].allocated += more;
        for (uint256 j = i; j < town.until[slot] * HOURS; ++j) {
            town.rows[slot][j].totals[total] += more;
        }
        town.periods[slot].totals[total] += more;
    }

    function isCaught(Town memory town, uint256 slot, uint256 i) private returns (bool) {
        if (takes(
                address(inputContests), abi.encodeCall(IInputContests.contestInput, (anInput(town, slot, i)))
            )) {
            return true;
        }
        if (takesSum(town, slot, i)) return true;
        if (takes(address(sumContests), abi.encodeCall(ISumContests.contestHeader, (aHeader(town, i))))) {
            return true;
        }
        bytes memory call = abi.encodeCall(ISumContests.contestTotals, (theTotals(town, slot)));
        if (takes(address(sumContests), call)) return true;
        return takes(address(contests), abi.encodeCall(IContests.contestRow, (aRow(town, slot, i))));
    }

    function takesSum(Town memory town, uint256 slot, uint256 i) private returns (bool) {
        bytes memory call = abi.encodeCall(ISumContests.contestSum, (aSum(town, slot, i)));
        if (takes(address(sumContests), call)) return true;
        call = abi.encodeCall(ISumContests.contestValue, (aValue(town, slot, i)));
        return takes(address(sumContests), call);
    }

    function takes(address judge, bytes memory call) private returns (bool taken) {
        (taken,) = judge.call(call);
    }

    function anInput(Town memory town, uint256 slot, uint256 i)
        private
        pure
        returns (InputContest memory proof)
    {
        (uint256 day, uint256 t) = (i / HOURS, i % HOURS);
        (proof.runId, proof.slot, proof.day, proof.t) = (town.runId, uint32(slot), uint16(day), uint16(t));
        (proof.row, proof.detail) = (town.rows[slot][i], town.details[slot][i]);
        proof.path = rowPath(town, slot, day, t);
        proof.reading = town.readings[slot][i];
        proof.readingPath = readingPath(town, slot, day, t);
    }

    function aRow(Town memory town, uint256 slot, uint256 i) private pure returns (RowContest memory proof) {
        (uint256 day, uint256 t) = (i / HOURS, i % HOURS);
        (proof.runId, proof.slot, proof.day, proof.t) = (town.runId, uint32(slot), uint16(day), uint16(t));
        (proof.row, proof.header) = (town.rows[slot][i], town.headers[i]);
        proof.headerPath = town.headerTrees[day].path(t);
        proof.rowPath = town.rowTrees[day].path((slot << DT) | t);
        proof.dayPath = town.dayTree.path(day);
        (proof.stairsRoot, proof.periodsNode) = (STAIRS, periodsNode(town));
        proof.coefficient = aValue(town, slot, i).coefficient;
    }
}
