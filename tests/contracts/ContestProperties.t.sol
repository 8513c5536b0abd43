// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IContests, RowContest } from "../../contracts/interfaces/IContests.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { RunProposal } from "../../contracts/types/Runs.sol";
import { RowProof } from "./support/RowProof.sol";
import { World } from "./support/World.sol";

/// @dev Any figures in row and header, honest or not: a contest succeeds exactly where the row is not the formula's.
contract ContestPropertiesTest is World {
    using RowProof for RowContest;

    uint256 private constant PPM = 1_000_000;

    function testFuzz_a_row_by_one_pool(uint64[6] memory x, uint32 tau, uint8 choice, uint8 lie) public {
        Rule memory rule = choice % 3 == 0 ? aRule() : aStaticRule();
        rule.key.method = [1, 2, 4, 5, 3][choice % 5];
        if (rule.key.method == 1 || rule.key.method == 3) rule.key.coefficientsPpm = new uint32[](0);
        else rule.key.coefficientsPpm = theCoefficients();
        RowContest memory proof = aRow(choice / 5 % 2 * 2, x, tau);
        if (rule.key.method > 2) addRound(proof, rule.key.method == 3 ? x[0] : x[4], x[5]);
        judge(rule, proof, givenByPool(rule.key.method, proof), lie);
    }

    function testFuzz_a_row_of_a_producer(
        uint64[6] memory x,
        uint32 tau,
        uint32 weight,
        bool hasKey,
        uint8 lie
    ) public {
        Rule memory rule = aRule();
        RowContest memory proof = aRow(1, x, tau);
        if (hasKey) {
            rule.key.producerPpm = new uint32[](2);
            rule.key.producerPpm[1] = weight;
            addRound(proof, x[4], x[5]);
        }
        judge(rule, proof, hasKey ? filled(proof, weight) : partOf(proof), lie);
    }

    function testFuzz_a_row_of_pairs(uint64[6] memory x, uint32 tau, uint8 choice, uint8 lie) public {
        RowContest memory proof = aRow(choice % 3, x, tau);
        bool isProducer = choice % 3 == 1;
        addRound(proof, isProducer ? x[3] : x[4], isProducer ? x[5] % (x[3] / 2 + 1) : x[5]);
        uint256 offer = uint256(proof.header.rounds[0].pool) * (choice % 3 == 0 ? 300_000 : 700_000) / PPM;
        if (offer > x[3]) offer = x[3];
        judge(aPairwiseRule(), proof, isProducer ? proof.header.rounds[0].weight : offer, lie);
    }

    function testFuzz_a_row_in_tiers(uint64[6] memory x, uint64[2] memory last, bool inFirst, uint8 lie)
        public
    {
        RowContest memory proof = aRow(inFirst ? 0 : 2, x, 0);
        proof.header.rounds = new Leaves.Round[](3);
        proof.header.rounds[0] = Leaves.Round(x[0], last[0] ^ last[1]);
        proof.header.rounds[1] = Leaves.Round(x[4], x[5]);
        proof.header.rounds[2] = Leaves.Round(last[0], last[1]);
        uint256 due = inFirst
            ? toLevel(x[3], x[4], x[5], 600_000)
            : last[0] >= last[1] ? x[3] : uint256(last[0]) * x[3] / last[1];
        judge(aPriorityRule(), proof, due, lie);
    }

    function testFuzz_a_header_of_another_number_of_rounds_voids(
        uint8 method,
        uint8 rounds,
        uint64[6] memory x
    ) public {
        Rule memory rule = [aRule(), aStaticRule()][method % 2];
        RowContest memory proof = aRow(0, x, 0);
        proof.header.rounds = new Leaves.Round[](1 + rounds % 20);
        openAll(rule);
        submit(aBatch());
        anchor(proof);
        contests.contestRow(proof);
        same("voided", settlementLedger.run(proof.runId).state, 4);
    }

    function judge(Rule memory rule, RowContest memory proof, uint256 due, uint8 lie) private {
        openAll(rule);
        submit(aBatch());
        // A figure that does not fit a row cannot stand in one: then every row is wrong.
        proof.row.allocated = uint64(due) ^ (lie % 3);
        bool honest = proof.row.allocated == due;
        anchor(proof);
        (bool taken,) = address(contests).call(abi.encodeCall(IContests.contestRow, (proof)));
        same("voided where wrong", settlementLedger.run(proof.runId).state, honest ? 1 : 4);
        holds("taken where wrong", taken != honest);
    }

    // Section 8 in the tests' own words.

    function givenByPool(uint8 method, RowContest memory proof) private pure returns (uint256) {
        Leaves.Header memory h = proof.header;
        uint256 c = proof.row.energy;
        uint256 k = proof.slot == 0 ? 600_000 : 400_000;
        if (method == 1) return h.feedIn < h.consumption ? h.feedIn * c / h.consumption : c;
        if (method == 3) return h.rounds[0].weight == 0 ? 0 : lesser(c, h.feedIn / h.rounds[0].weight);
        if (method == 4) return toLevel(c, h.rounds[0].pool, h.rounds[0].weight, k);
        uint256 first = lesser(c, h.feedIn * k / PPM);
        if (method == 2) return first;
        (uint256 rest, uint256 open) = (h.rounds[0].pool, h.rounds[0].weight);
        return first + (rest < open ? rest * (c - first) / open : c - first);
    }

    function toLevel(uint256 c, uint256 level, uint256 weight, uint256 k) private pure returns (uint256) {
        return weight == 0 ? c : lesser(c, level * k / weight);
    }

    function partOf(RowContest memory proof) private pure returns (uint256) {
        (uint256 p, uint256 a) = (proof.header.feedIn, proof.header.allocated);
        if (p == 0) return 0;
        uint256 rest = mulmod(a, proof.row.energy, p);
        return (a * proof.row.energy - rest) / p + (rest != 0 && isLifted(proof) ? 1 : 0);
    }

    function filled(RowContest memory proof, uint256 weight) private pure returns (uint256) {
        Leaves.Round memory level = proof.header.rounds[0];
        if (weight == 0) weight = 1;
        uint256 entitled = level.pool * weight;
        if (level.weight == 0 || uint256(proof.row.energy) * level.weight <= entitled) {
            return proof.row.energy;
        }
        return entitled / level.weight + (entitled % level.weight != 0 && isLifted(proof) ? 1 : 0);
    }

    function isLifted(RowContest memory proof) private pure returns (bool) {
        return (uint256(proof.slot) + proof.t) % 3 < proof.header.tau;
    }

    function lesser(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function aRow(uint32 slot, uint64[6] memory x, uint32 tau)
        private
        pure
        returns (RowContest memory proof)
    {
        (proof.slot, proof.day, proof.t) = (slot, 3, uint16(x[2] % 24));
        proof.row.energy = x[3];
        (proof.header.feedIn, proof.header.consumption, proof.header.allocated) = (x[0], x[1], x[2]);
        // Often within reach of the slots, so that both sides of it are met.
        proof.header.tau = tau % 2 == 0 ? tau : tau % 4;
        return proof.withPaths(RowProof.Shape({ slots: 3, dayCount: DAYS, intervals: HOURS }));
    }

    function addRound(RowContest memory proof, uint64 pool, uint64 weight) private pure {
        proof.header.rounds = new Leaves.Round[](1);
        proof.header.rounds[0] = Leaves.Round(pool, weight);
    }

    function anchor(RowContest memory proof) private {
        RunProposal memory run = aRun();
        run.root = proof.root(RowProof.Shape({ slots: 3, dayCount: DAYS, intervals: HOURS }));
        proof.runId = propose(run);
    }
}
