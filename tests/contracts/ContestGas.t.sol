// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    IInputContests,
    InputContest,
    ReadingProof,
    EstimateContest,
    SlotContest
} from "../../contracts/interfaces/IInputContests.sol";
import {
    HeaderContest,
    ISumContests,
    SumContest,
    TotalsContest,
    ValueContest
} from "../../contracts/interfaces/ISumContests.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Batch } from "../../contracts/types/Batches.sol";
import { Opening } from "../../contracts/types/Periods.sol";
import { ConfirmPoint } from "../../contracts/types/Points.sol";
import { RunProposal } from "../../contracts/types/Runs.sol";
import { RowProof } from "./support/RowProof.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

/// @dev What contests of inputs and sums cost from cold storage, for months of quarter-hours: 21,000, the call data (EIP-7623 included)
/// and the execution. Only what is shown is known of the trees.
contract ContestGasTest is World {
    event GasUsed(string what, uint256 gas);

    uint16 private constant MONTH = 31;
    uint16 private constant QUARTERS = 96;
    uint256 private constant DD = 5;
    uint256 private constant DT = 7;
    uint16 private constant DAY = 17;
    uint16 private constant T = 50;

    uint256 private _ds;
    uint32 private _slot;

    function test_an_input_contest_costs_less_than_a_hundred_thousand() public {
        for (uint256 k; k < 4; ++k) {
            month([uint256(8), 50, 200, 500][k]);
            InputContest memory proof;
            (proof.slot, proof.day, proof.t, proof.row) = (_slot, DAY, T, aRow());
            (proof.path, proof.readingPath) =
            (siblings("row", rowLevels()), siblings("reading", readingLevels()));
            (proof.reading.salt, proof.reading.energy) = (bytes16(keccak256("reading")), 1 << 29);
            bytes32 reading = RowProof.climb(readingHash(proof), readingIndex(), proof.readingPath);
            proof.runId = anchor(RowProof.climb(Leaves.row(proof.row), rowIndex(T), proof.path), reading);
            spend(
                "contestInput",
                address(inputContests),
                abi.encodeCall(IInputContests.contestInput, (proof)),
                100_000
            );
        }
    }

    function test_a_slot_contest_costs_less_than_eighty_thousand() public {
        for (uint256 k; k < 4; ++k) {
            month([uint256(8), 50, 200, 500][k]);
            SlotContest memory proof;
            (proof.tree, proof.slot, proof.day, proof.t) = (3, _slot, DAY, T);
            proof.path = siblings("row", rowLevels());
            proof.runId = anchor(RowProof.climb(bytes32(0), rowIndex(T), proof.path), ROOT);
            spend(
                "contestSlot",
                address(inputContests),
                abi.encodeCall(IInputContests.contestSlot, (proof)),
                80_000
            );
        }
    }

    function test_a_sum_contest_costs_less_than_a_hundred_and_ten_thousand() public {
        for (uint256 k; k < 4; ++k) {
            month([uint256(8), 50, 200, 500][k]);
            SumContest memory proof = aSum();
            proof.runId = anchor(sumRoot(proof, siblings("row", rowLevels())), ROOT);
            spend(
                "contestSum", address(sumContests), abi.encodeCall(ISumContests.contestSum, (proof)), 110_000
            );
        }
    }

    function test_a_sum_contest_across_midnight_costs_less_than_a_hundred_and_thirty_thousand() public {
        for (uint256 k; k < 4; ++k) {
            month([uint256(8), 50, 200, 500][k]);
            SumContest memory proof = aSum();
            proof.t = 0;
            // Two days below one node: the rows of day 17 are the right half of it, those of day 16 the left one.
            uint256 low = _ds + DT + 1;
            (proof.path, proof.formerPath) = (siblings("row", rowLevels()), siblings("former", rowLevels()));
            bytes32 own = climbTo(Leaves.row(proof.row), rowIndex(0), proof.path, low);
            bytes32 former = climbTo(Leaves.row(proof.former), rowIndex(95), proof.formerPath, low);
            (proof.path[low], proof.formerPath[low]) = (former, own);
            for (uint256 i = low + 1; i < proof.path.length; ++i) {
                proof.formerPath[i] = proof.path[i];
            }
            proof.runId = anchor(RowProof.climb(Leaves.row(proof.row), rowIndex(0), proof.path), ROOT);
            bytes memory call = abi.encodeCall(ISumContests.contestSum, (proof));
            spend("contestSum across midnight", address(sumContests), call, 130_000);
        }
    }

    function test_a_value_contest_costs_less_than_a_hundred_and_twenty_five_thousand() public {
        for (uint256 k; k < 4; ++k) {
            month([uint256(8), 50, 200, 500][k]);
            ValueContest memory proof;
            proof.step = aSum();
            (proof.header, proof.headerPath) = (theHeader(), siblings("header", DT));
            proof.stairsRoot = keccak256("stairs");
            bytes32[] memory path = siblings("row", rowLevels());
            bytes32 headers = RowProof.climb(RowProof.headerHash(proof.header), T, proof.headerPath);
            path[_ds + DT] = keccak256(abi.encodePacked(headers, proof.stairsRoot));
            proof.step.runId = anchor(sumRoot(proof.step, path), ROOT);
            spend(
                "contestValue",
                address(sumContests),
                abi.encodeCall(ISumContests.contestValue, (proof)),
                125_000
            );
        }
    }

    function test_a_totals_contest_costs_less_than_a_hundred_and_ten_thousand() public {
        for (uint256 k; k < 4; ++k) {
            month([uint256(8), 50, 200, 500][k]);
            TotalsContest memory proof;
            (proof.slot, proof.row) = (_slot, aRow());
            (proof.period.salt, proof.period.totals) = (bytes16(keccak256("period")), aRow().totals);
            proof.period.links = ROOT;
            --proof.period.totals[7];
            proof.path = siblings("row", rowLevels());
            proof.periodPath = siblings("period", _ds + 2);
            uint256 index = ((((uint256(30) << 1) | 1) << (_ds + DT)) | (uint256(_slot) << DT)) | 95;
            bytes32 days_ = climbTo(Leaves.row(proof.row), index, proof.path, rowLevels() - 1);
            proof.periodPath[_ds + 1] = days_;
            proof.path[rowLevels() - 1] =
                climbTo(Leaves.period(proof.period), _slot, proof.periodPath, _ds + 1);
            proof.runId = anchor(keccak256(abi.encodePacked(days_, proof.path[rowLevels() - 1])), ROOT);
            spend(
                "contestTotals",
                address(sumContests),
                abi.encodeCall(ISumContests.contestTotals, (proof)),
                110_000
            );
        }
    }

    function test_a_header_contest_costs_less_than_a_hundred_thousand() public {
        for (uint256 k; k < 4; ++k) {
            month([uint256(8), 50, 200, 500][k]);
            HeaderContest memory proof;
            (proof.day, proof.t, proof.header) = (DAY, T, theHeader());
            proof.path = siblings("header", DT + DD + 3);
            uint256 index = (uint256(DAY) << (DT + 2)) | T;
            proof.runId = anchor(RowProof.climb(RowProof.headerHash(proof.header), index, proof.path), ROOT);
            spend(
                "contestHeader",
                address(sumContests),
                abi.encodeCall(ISumContests.contestHeader, (proof)),
                100_000
            );
        }
    }

    function aSum() private view returns (SumContest memory proof) {
        (proof.slot, proof.day, proof.t) = (_slot, DAY, T);
        (proof.row, proof.former) = (aRow(), aRow());
        proof.former.salt = bytes16(keccak256("former"));
    }

    /// @dev Two rows of neighbouring intervals: T is even, so each is the other's sibling.
    function sumRoot(SumContest memory proof, bytes32[] memory path) private view returns (bytes32) {
        // T - 1 and T part at the second level.
        proof.path = path;
        proof.formerPath = siblings("former", DT);
        for (uint256 i = 2; i < DT; ++i) {
            proof.formerPath[i] = proof.path[i];
        }
        bytes32 own = climbTo(Leaves.row(proof.row), T, proof.path, 1);
        bytes32 former = climbTo(Leaves.row(proof.former), T - 1, proof.formerPath, 1);
        (proof.path[1], proof.formerPath[1]) = (former, own);
        return RowProof.climb(Leaves.row(proof.row), rowIndex(T), proof.path);
    }

    function aRow() private pure returns (Leaves.Row memory row) {
        row.salt = bytes16(keccak256("salt"));
        (row.energy, row.allocated) = (1 << 30, 1 << 29);
        for (uint256 i; i < 10; ++i) {
            row.totals[i] = (1 << 40) - 1;
        }
    }

    /// @dev As dear to show as any: what it says is wrong in its value alone.
    function theHeader() private view returns (Leaves.Header memory header) {
        (header.feedIn, header.consumption, header.allocated) = (1 << 35, 1 << 36, 1 << 35);
        (header.value, header.tau) = (1 << 52, 0);
        header.band = periodBook.bandAt(COMMUNITY, PERIOD, DAY, T);
    }

    function rowLevels() private view returns (uint256) {
        return _ds + DT + DD + 2;
    }

    function readingLevels() private view returns (uint256) {
        return _ds + DD + DT + 1;
    }

    function rowIndex(uint256 t) private view returns (uint256) {
        return (((uint256(DAY) << 1) | 1) << (_ds + DT)) | (uint256(_slot) << DT) | t;
    }

    function readingIndex() private view returns (uint256) {
        return (((uint256(_slot) << DD) | DAY) << DT) | T;
    }

    function readingHash(InputContest memory proof) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"08", proof.reading.salt, proof.reading.energy, uint16(0)));
    }

    function siblings(string memory seed, uint256 levels) private pure returns (bytes32[] memory) {
        return RowProof.siblings(seed, levels);
    }

    function climbTo(bytes32 hash, uint256 index, bytes32[] memory path, uint256 levels)
        private
        pure
        returns (bytes32)
    {
        bytes32[] memory piece = new bytes32[](levels);
        for (uint256 i; i < levels; ++i) {
            piece[i] = path[i];
        }
        return RowProof.climb(hash, index, piece);
    }

    /// @dev A month of its own for each measurement, so that none finds warm what another wrote.
    function month(uint256 slots) private {
        setUp();
        (_ds, _slot) = (RowProof.depth(slots), uint32(slots - 2));
        schedule(aRule());
        Opening memory opening = anOpening();
        (opening.slots, opening.resolutionMinutes, opening.seats) = (uint32(slots), 15, new uint32[](slots));
        opening.intervals = new uint16[](MONTH);
        for (uint256 day; day < MONTH; ++day) {
            opening.intervals[day] = QUARTERS;
        }
        opening.bands = new uint256[](24);
        for (uint256 i; i < 23; ++i) {
            opening.bands[i] = uint256(keccak256(abi.encode("bands", i)));
        }
        // Only the slot that is contested has a point, and the last, which makes the period as large.
        ConfirmPoint[] memory points = new ConfirmPoint[](2);
        (points[0], points[1]) = (aPoint(_slot), aPoint(_slot + 1));
        (points[0].untilDay, points[1].untilDay) = (MONTH, MONTH);
        for (uint32 slot; slot < slots; ++slot) {
            opening.seats[slot] = slot;
        }
        confirm(points);
        opening.pointsHash = pointsHash(points);
        open(opening);
    }

    function anchor(bytes32 root, bytes32 batchRoot) private returns (bytes32) {
        Batch memory batch = aBatch();
        (batch.root, batch.measured) = (batchRoot, periodBook.terms(COMMUNITY, PERIOD).expectedReadings);
        submit(batch);
        RunProposal memory run = aRun();
        run.root = root;
        return propose(run);
    }

    function spend(string memory what, address to, bytes memory call, uint256 most) private {
        vm.cool(address(registry));
        vm.cool(address(ruleBook));
        vm.cool(address(periodBook));
        vm.cool(address(meterDataLedger));
        vm.cool(address(settlementLedger));
        vm.cool(to);
        vm.prank(stranger);
        (bool taken,) = to.call(call);
        uint256 execution = vm.lastCallGas().gasTotalUsed;
        holds(what, taken);
        uint256 tokens;
        for (uint256 i; i < call.length; ++i) {
            tokens += call[i] == 0 ? 1 : 4;
        }
        uint256 gas = 21_000 + (4 * tokens + execution > 10 * tokens ? 4 * tokens + execution : 10 * tokens);
        emit GasUsed(string.concat(what, ", depth ", vm.toString(_ds)), gas);
        holds(string.concat(what, " costs less"), gas < most);
        same("voided", settlementLedger.run(settlementLedger.latestRun(COMMUNITY, PERIOD)).state, 4);
    }
}
