// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ISumContests } from "../../../contracts/interfaces/ISumContests.sol";
import {
    HeaderContest,
    SumContest,
    TotalsContest,
    ValueContest
} from "../../../contracts/interfaces/ISumContests.sol";
import { Grove } from "./Grove.sol";
import { Settled } from "./Settled.sol";
import { vm } from "./Vm.sol";

/// @dev Proofs of a town's rows, headers and period leaves, as one who holds them shows them.
abstract contract SumProofs is Settled {
    using Grove for bytes32[];

    function keys() internal pure returns (string[13] memory) {
        return [
            "equal",
            "cascade",
            "hybrid",
            "scheduled",
            "pairwise",
            "priority",
            "incentive",
            "producers",
            "owners",
            "market",
            "sellers",
            "flow",
            "operator"
        ];
    }

    function aSum(Town memory town, uint256 slot, uint256 i) internal pure returns (SumContest memory proof) {
        (uint256 day, uint256 t) = (i / HOURS, i % HOURS);
        (proof.runId, proof.slot, proof.day, proof.t) = (town.runId, uint32(slot), uint16(day), uint16(t));
        (proof.row, proof.detail) = (town.rows[slot][i], town.details[slot][i]);
        proof.path = rowPath(town, slot, day, t);
        if (i == town.from[slot] * HOURS) return proof;
        (proof.former, proof.formerDetail) = (town.rows[slot][i - 1], town.details[slot][i - 1]);
        proof.formerPath =
            t == 0 ? rowPath(town, slot, day - 1, HOURS - 1) : rowPath(town, slot, day, t - 1).part(DT);
    }

    function aValue(Town memory town, uint256 slot, uint256 i)
        internal
        pure
        returns (ValueContest memory proof)
    {
        proof.step = aSum(town, slot, i);
        proof.header = town.headers[i];
        proof.headerPath = headerPath(town, i / HOURS, i % HOURS).part(DT);
        proof.stairsRoot = STAIRS;
        if (town.direction[slot] == 1 || slot >= town.coefficients.length) return proof;
        proof.coefficient.coefficientPpm = town.coefficients[slot][i];
        uint256 dd = Grove.depth(town.dayCount);
        proof.coefficient.path = town.scheduleTree.path((((slot << dd) | (i / HOURS)) << DT) | (i % HOURS));
    }

    function theTotals(Town memory town, uint256 slot) internal pure returns (TotalsContest memory proof) {
        (proof.runId, proof.slot) = (town.runId, uint32(slot));
        uint256 last = town.until[slot] * HOURS - 1;
        (proof.row, proof.detail) = (town.rows[slot][last], town.details[slot][last]);
        proof.path = rowPath(town, slot, last / HOURS, last % HOURS);
        (proof.period, proof.periodPath) = (town.periods[slot], periodPath(town, slot));
    }

    function aHeader(Town memory town, uint256 i) internal pure returns (HeaderContest memory proof) {
        (proof.runId, proof.day, proof.t) = (town.runId, uint16(i / HOURS), uint16(i % HOURS));
        (proof.header, proof.path) = (town.headers[i], headerPath(town, i / HOURS, i % HOURS));
    }

    function firstOf(Town memory town, uint8 direction) internal pure returns (uint256 slot) {
        while (town.until[slot] == 0 || town.direction[slot] != direction) ++slot;
    }

    function isActive(Town memory town, uint256 slot, uint256 i) internal pure returns (bool) {
        return town.from[slot] * HOURS <= i && i < town.until[slot] * HOURS;
    }

    function refused(address judge, bytes memory call, bytes4 refusal) internal {
        (bool taken, bytes memory answer) = judge.call(call);
        holds("refused", !taken);
        same("refusal", bytes32(bytes4(answer)), bytes32(refusal));
    }

    function voids(Town memory town, bytes memory call) internal {
        vm.prank(stranger);
        (bool taken, bytes memory answer) = address(sumContests).call(call);
        if (!taken) same("taken", bytes32(answer), bytes32(0));
        same("voided", settlementLedger.run(town.runId).state, 4);
        same("by", settlementLedger.run(town.runId).voidedBy, stranger);
    }
}
