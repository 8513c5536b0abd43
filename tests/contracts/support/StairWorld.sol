// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Counts,
    LastStairContest,
    PeriodStairContest,
    ReadingStairContest,
    StairContest,
    StairPeriod,
    StairRow
} from "../../../contracts/interfaces/IStairContests.sol";
import { Leaves } from "../../../contracts/libraries/Leaves.sol";
import { Batch } from "../../../contracts/types/Batches.sol";
import { Opening } from "../../../contracts/types/Periods.sol";
import { ConfirmPoint } from "../../../contracts/types/Points.sol";
import { Rule } from "../../../contracts/types/Rules.sol";
import { RunProposal } from "../../../contracts/types/Runs.sol";
import { Growth } from "./Growth.sol";
import { World } from "./World.sol";

/// @dev A street of any size. Each third slot feeds in; of a small street slot 3 has no point and slot 6 is there for two days.
/// Proofs are given their paths here, through trees of which only what is shown is known.
abstract contract StairWorld is World {
    uint256 internal slots;
    uint256 internal dayCount;
    uint256 internal intervals;
    bool private _whole;

    function openStreet(Rule memory rule, uint256 slots_, uint256 days_, uint256 minutes_) internal {
        (slots, dayCount, intervals) = (slots_, days_, 1440 / minutes_);
        _whole = slots_ > 16;
        schedule(rule);
        ConfirmPoint[] memory points = streetPoints();
        for (uint256 from; from < points.length; from += 200) {
            uint256 until = from + 200 < points.length ? from + 200 : points.length;
            ConfirmPoint[] memory chunk = new ConfirmPoint[](until - from);
            for (uint256 i; i < chunk.length; ++i) {
                chunk[i] = points[from + i];
            }
            confirm(chunk);
        }
        open(streetOpening(points, uint16(minutes_)));
    }

    function streetPoints() private view returns (ConfirmPoint[] memory points) {
        points = new ConfirmPoint[](_whole ? slots : slots - 1);
        uint256 count;
        for (uint32 slot; slot < slots; ++slot) {
            if (!isConfirmed(slot)) continue;
            points[count] = aPoint(slot);
            points[count].direction = directionOf(slot);
            points[count++].untilDay = slot == 6 && !_whole ? 2 : uint16(dayCount);
        }
    }

    function streetOpening(ConfirmPoint[] memory points, uint16 minutes_)
        private
        view
        returns (Opening memory opening)
    {
        opening = anOpening();
        opening.slots = uint32(slots);
        opening.resolutionMinutes = minutes_;
        opening.intervals = new uint16[](dayCount);
        for (uint256 day; day < dayCount; ++day) {
            opening.intervals[day] = uint16(intervals);
        }
        opening.bands = new uint256[]((dayCount * intervals + 127) / 128);
        opening.seats = new uint32[](slots);
        for (uint32 slot; slot < slots; ++slot) {
            opening.seats[slot] = seatOf(slot);
        }
        opening.classesRoot = classesRoot();
        opening.pointsHash = pointsHash(points);
    }

    /// @dev Slots 0 and 4 are of one household, each other slot its own.
    function seatOf(uint32 slot) internal pure virtual returns (uint32) {
        return slot == 4 ? 0 : slot;
    }

    function classesRoot() internal view virtual returns (bytes32) {
        return keccak256("classes");
    }

    function isConfirmed(uint256 slot) internal view returns (bool) {
        return slot < slots && (_whole || slot != 3);
    }

    function isActive(uint256 slot, uint256 day) internal view returns (bool) {
        return isConfirmed(slot) && (_whole || slot != 6 || day < 2);
    }

    function directionOf(uint256 slot) internal pure returns (uint8) {
        return slot % 3 == 1 ? 1 : 0;
    }

    function levelsOf(uint256 count) internal pure returns (uint256) {
        return Growth.depth(count);
    }

    function stairLevels() internal view returns (uint256) {
        return levelsOf((slots + 3) / 4);
    }

    function width() internal view returns (uint256) {
        return slots > 2 ? 4 : slots;
    }

    function upperLevels() internal view returns (uint256) {
        uint256 levels = levelsOf(slots);
        return levels > 2 ? levels - 2 : 0;
    }

    /// @dev A run with this root over a batch with that one.
    function settle(bytes32 root, Batch memory batch) internal returns (bytes32 runId) {
        submit(batch);
        RunProposal memory run = aRun();
        run.root = root;
        (uint8 method, uint8 source,) = ruleBook.scheduleOf(COMMUNITY, run.ruleVersion);
        if (method == 9 && source == 0) run.basis = keccak256("costs");
        return propose(run);
    }

    function settle(bytes32 root) internal returns (bytes32) {
        return settle(root, streetBatch(ROOT));
    }

    function streetBatch(bytes32 root) internal view returns (Batch memory batch) {
        batch = aBatch();
        batch.root = root;
        batch.measured = periodBook.terms(COMMUNITY, PERIOD).expectedReadings;
    }

    // ---- paths ----

    function rootOf(StairContest memory p) internal view returns (bytes32) {
        (uint256 dt, uint256 dd) = (levelsOf(intervals), levelsOf(dayCount));
        bytes32[] memory nodes = new bytes32[](width());
        for (uint256 i; i < nodes.length; ++i) {
            StairRow memory shown = p.rows[i];
            shown.path = Growth.siblings(string.concat("row", bytes1ToString(i)), dt);
            bytes32 leaf = !isActive(4 * p.block + i, p.day)
                ? shown.detail
                : shown.detail == bytes32(0) ? Leaves.row(shown.row) : Leaves.flowRow(shown.row, shown.detail);
            nodes[i] = Growth.climb(leaf, p.t, shown.path);
        }
        p.upper = Growth.siblings("upper", upperLevels());
        bytes32 rows = Growth.climb(Growth.root(nodes), p.block, p.upper);
        p.headerPath = Growth.siblings("header", dt);
        bytes32 headers = Growth.climb(Leaves.header(p.header), p.t, p.headerPath);
        bytes32[] memory stairs = Growth.leaves("stair", stairLevels());
        stairs[p.block] = Leaves.stair(p.stair, p.rounds);
        bytes32[] memory above = Growth.siblings("stairs", dt);
        if (p.block > 0) {
            stairs[p.block - 1] = Leaves.stair(p.former, p.formerRounds);
            p.formerPath = Growth.join(Growth.pathOf(stairs, p.block - 1), above);
        }
        bytes32 stairsRoot = Growth.climb(Growth.root(stairs), p.t, above);
        bytes32[] memory days_ = Growth.siblings("day", dd + 1);
        p.path = Growth.join(Growth.pathOf(stairs, p.block), above);
        p.path = Growth.join(Growth.join(p.path, Growth.one(headers)), Growth.join(Growth.one(rows), days_));
        bytes32 dayRoot = Growth.node(Growth.node(headers, stairsRoot), rows);
        return Growth.climb(dayRoot, p.day, days_);
    }

    function rootOf(LastStairContest memory p) internal view returns (bytes32) {
        (uint256 dt, uint256 dd) = (levelsOf(intervals), levelsOf(dayCount));
        p.headerPath = Growth.siblings("header", dt);
        bytes32 headers = Growth.climb(Leaves.header(p.header), p.t, p.headerPath);
        uint256 last = (slots + 3) / 4 - 1;
        bytes32[] memory stairs = Growth.leaves("stair", stairLevels());
        stairs[last] = Leaves.stair(p.stair, p.rounds);
        bytes32[] memory above = Growth.siblings("stairs", dt);
        bytes32 rows = keccak256("rows");
        bytes32[] memory days_ = Growth.siblings("day", dd + 1);
        p.path = Growth.join(Growth.pathOf(stairs, last), above);
        p.path = Growth.join(Growth.join(p.path, Growth.one(headers)), Growth.join(Growth.one(rows), days_));
        bytes32 stairsRoot = Growth.climb(Growth.root(stairs), p.t, above);
        return Growth.climb(Growth.node(Growth.node(headers, stairsRoot), rows), p.day, days_);
    }

    function rootOf(PeriodStairContest memory p) internal view returns (bytes32) {
        bytes32[] memory nodes = new bytes32[](width());
        for (uint256 i; i < nodes.length; ++i) {
            StairPeriod memory shown = p.periods[i];
            nodes[i] = isConfirmed(4 * p.block + i) ? Leaves.period(shown.period) : shown.padding;
        }
        p.upper = Growth.siblings("upper", upperLevels());
        bytes32 periods = Growth.climb(Growth.root(nodes), p.block, p.upper);
        bytes32[] memory stairs = Growth.leaves("period stair", stairLevels());
        stairs[p.block] = Leaves.periodStair(p.stair);
        if (p.block > 0) {
            stairs[p.block - 1] = Leaves.periodStair(p.former);
            p.formerPath = Growth.pathOf(stairs, p.block - 1);
        }
        bytes32 days_ = keccak256("days");
        p.path = Growth.join(Growth.pathOf(stairs, p.block), Growth.one(periods));
        p.path = Growth.join(p.path, Growth.one(days_));
        return Growth.node(days_, Growth.node(periods, Growth.root(stairs)));
    }

    /// @dev Path of the last period stair, and the root of its run.
    function lastPeriodStair(Leaves.Stair memory stair)
        internal
        view
        returns (bytes32[] memory path, bytes32 root)
    {
        uint256 last = (slots + 3) / 4 - 1;
        bytes32[] memory stairs = Growth.leaves("period stair", stairLevels());
        stairs[last] = Leaves.periodStair(stair);
        bytes32[] memory above = Growth.siblings("above", 2);
        path = Growth.join(Growth.pathOf(stairs, last), above);
        root = Growth.node(above[1], Growth.node(above[0], Growth.root(stairs)));
    }

    /// @dev Root of the batch.
    function rootOf(ReadingStairContest memory p) internal view returns (bytes32) {
        (uint256 dt, uint256 dd) = (levelsOf(intervals), levelsOf(dayCount));
        uint256 levels = levelsOf(slots) + dd;
        uint256 place = (uint256(p.slot) << dd) + p.day;
        bytes32 readings = keccak256("readings");
        if (p.readings.length > 0) {
            bytes32[] memory leaves = new bytes32[](1 << dt);
            for (uint256 t; t < p.readings.length; ++t) {
                leaves[t] = keccak256(abi.encodePacked(hex"08", bytes26(p.readings[t])));
            }
            p.upper = Growth.siblings("upper", levels);
            readings = Growth.climb(Growth.root(leaves), place, p.upper);
        }
        bytes32[] memory stairs = Growth.leaves("reading stair", levels);
        stairs[place] = countsHash(p.stair);
        if (place > 0) {
            uint256 before = p.day > 0 ? place - 1 : (uint256(p.slot - 1) << dd) + dayCount - 1;
            stairs[before] = countsHash(p.former);
            p.formerPath = Growth.pathOf(stairs, before);
        }
        p.path = Growth.join(Growth.pathOf(stairs, place), Growth.one(readings));
        return Growth.node(readings, Growth.root(stairs));
    }

    function countsHash(Counts memory counts) internal pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(hex"09", counts.salt, counts.measured, counts.estimated, counts.missing)
        );
    }

    function bytes1ToString(uint256 i) private pure returns (string memory) {
        return string(abi.encodePacked(bytes1(uint8(48 + i))));
    }
}
