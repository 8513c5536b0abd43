// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "../../../contracts/libraries/Leaves.sol";
import { Batch } from "../../../contracts/types/Batches.sol";
import { Opening } from "../../../contracts/types/Periods.sol";
import { ConfirmPoint } from "../../../contracts/types/Points.sol";
import { Reading } from "../../../contracts/types/Readings.sol";
import { Rule } from "../../../contracts/types/Rules.sol";
import { RunProposal } from "../../../contracts/types/Runs.sol";
import { Schedule } from "../../../contracts/types/Schedules.sol";
import { Grove } from "./Grove.sol";
import { RuleVectors } from "./RuleVectors.sol";
import { World } from "./World.sol";
import { vm } from "./Vm.sol";

/// @dev Whole runs of the vectors' small communities, of any key, on days of 24 hours: interval t of a day is that of the vectors' day
/// at t modulo its length. A test changes a leaf, then has the trees grown and the run proposed. Stairs are arbitrary.
abstract contract Settled is World, RuleVectors {
    using Grove for bytes32[];

    struct Town {
        Rule rule;
        uint32 slots;
        uint16 dayCount;
        uint8[] direction;
        uint256[] from;
        uint256[] until;
        uint8[] bands;
        Leaves.Row[][] rows;
        bytes32[][] details;
        Reading[][] readings;
        Leaves.Header[] headers;
        Leaves.Period[] periods;
        uint32[][] coefficients;
        bytes32[][] headerTrees;
        bytes32[][] rowTrees;
        bytes32[] dayTree;
        bytes32[] periodTree;
        bytes32[] readingTree;
        bytes32[] scheduleTree;
        bytes32 runId;
        bytes32 batchId;
    }

    bytes32 internal constant STAIRS = keccak256("stairs");
    bytes32 internal constant PERIOD_STAIRS = keccak256("period stairs");
    bytes32 internal constant READING_STAIRS = keccak256("reading stairs");
    uint256 internal constant DT = 5;

    /// @dev A community of the vectors, its period open; nothing is proposed yet.
    function settle(string memory name) internal returns (Town memory town) {
        string memory json = load(string.concat("communities/", name));
        town.rule = theRule(json);
        (town.rule.effectiveFrom, town.rule.contestWindowSeconds) = (PERIOD, WINDOW);
        (town.rule.limits.maxEstimatedPpm, town.rule.limits.maxMissingPpm) = (1_000_000, 1_000_000);
        if (town.rule.key.method == 6) town.rule.key.schedule = 2;
        town.slots = uint32(number(json, ".chain.terms.slots"));
        uint256[] memory lengths = numbers(json, ".chain.intervals");
        town.dayCount = uint16(lengths.length);
        readPoints(town, json);
        uint256[] memory source = stretch(lengths);
        readHeaders(town, json, source);
        readRows(town, json, source);
        readSchedule(town, json, lengths);
        openTown(town);
    }

    /// @dev Interval of the vectors for each of ours.
    function stretch(uint256[] memory lengths) private pure returns (uint256[] memory source) {
        source = new uint256[](lengths.length * HOURS);
        uint256 first;
        for (uint256 day; day < lengths.length; ++day) {
            for (uint256 t; t < HOURS; ++t) {
                source[day * HOURS + t] = first + t % lengths[day];
            }
            first += lengths[day];
        }
    }

    function readPoints(Town memory town, string memory json) private pure {
        (town.direction, town.from, town.until) =
        (new uint8[](town.slots), new uint256[](town.slots), new uint256[](town.slots));
        for (uint256 slot; slot < town.slots; ++slot) {
            town.direction[slot] = uint8(number(json, entryOf(".chain.points", slot, "direction")));
            town.from[slot] = number(json, entryOf(".chain.points", slot, "fromDay"));
            town.until[slot] = number(json, entryOf(".chain.points", slot, "untilDay"));
        }
    }

    function readHeaders(Town memory town, string memory json, uint256[] memory source) private pure {
        uint256[] memory bands = numbers(json, ".inputs.bands");
        town.headers = new Leaves.Header[](source.length);
        town.bands = new uint8[](source.length);
        for (uint256 i; i < source.length; ++i) {
            town.bands[i] = uint8(bands[source[i]]);
            uint256[] memory x = numbers(json, entryOf(".expected.headers", source[i]));
            Leaves.Header memory header = town.headers[i];
            (header.feedIn, header.consumption, header.allocated) = (uint64(x[0]), uint64(x[1]), uint64(x[2]));
            (header.value, header.tau, header.band) = (uint64(x[3]), uint32(x[4]), uint8(x[5]));
            header.rounds = new Leaves.Round[]((x.length - 6) / 2);
            for (uint256 r; r < header.rounds.length; ++r) {
                header.rounds[r] = Leaves.Round(uint64(x[6 + 2 * r]), uint64(x[7 + 2 * r]));
            }
        }
    }

    function readRows(Town memory town, string memory json, uint256[] memory source) private pure {
        town.rows = new Leaves.Row[][](town.slots);
        town.readings = new Reading[][](town.slots);
        town.details = new bytes32[][](town.slots);
        town.periods = new Leaves.Period[](town.slots);
        for (uint256 slot; slot < town.slots; ++slot) {
            town.rows[slot] = new Leaves.Row[](source.length);
            town.readings[slot] = new Reading[](source.length);
            town.details[slot] = new bytes32[](source.length);
            if (town.until[slot] == 0) continue;
            readFigures(town, json, source, slot);
            addUp(town, slot);
        }
    }

    function readFigures(Town memory town, string memory json, uint256[] memory source, uint256 slot)
        private
        pure
    {
        uint256[] memory energy = numbers(json, entryOf(".inputs.energy", slot));
        uint256[] memory quality = numbers(json, entryOf(".inputs.quality", slot));
        uint256[] memory source_ = numbers(json, entryOf(".inputs.source", slot));
        uint256[] memory allocated = numbers(json, entryOf(".expected.allocated", slot));
        uint256[] memory value = numbers(json, entryOf(".expected.value", slot));
        uint256[] memory credited = numbers(json, entryOf(".expected.credited", slot));
        for (uint256 i; i < source.length; ++i) {
            Leaves.Row memory row = town.rows[slot][i];
            row.salt = bytes16(keccak256(abi.encode("row", slot, i)));
            (row.energy, row.allocated) = (uint64(energy[source[i]]), uint64(allocated[source[i]]));
            row.quality = uint8(quality[source[i]]);
            (row.totals[8], row.totals[9]) = (uint64(value[source[i]]), uint64(credited[source[i]]));
            Reading memory reading = town.readings[slot][i];
            reading.salt = bytes16(keccak256(abi.encode("reading", slot, i)));
            (reading.energy, reading.quality) = (row.energy, row.quality);
            reading.source = uint8(source_[source[i]]);
            if (town.rule.key.method == 9) town.details[slot][i] = keccak256(abi.encode("detail", slot, i));
        }
    }

    /// @dev Totals since the period's start, of a row that holds its own value and credit so far.
    function addUp(Town memory town, uint256 slot) private pure {
        uint64[10] memory totals;
        for (uint256 i = town.from[slot] * HOURS; i < town.until[slot] * HOURS; ++i) {
            Leaves.Row memory row = town.rows[slot][i];
            totals[2 * town.bands[i]] += row.energy;
            totals[2 * town.bands[i] + 1] += row.allocated;
            totals[8] += row.totals[8];
            totals[9] += row.totals[9];
            for (uint256 k; k < 10; ++k) {
                row.totals[k] = totals[k];
            }
        }
        town.periods[slot].salt = bytes16(keccak256(abi.encode("period", slot)));
        town.periods[slot].links = keccak256(abi.encode("links", slot));
        for (uint256 k; k < 10; ++k) {
            town.periods[slot].totals[k] = totals[k];
        }
    }

    function readSchedule(Town memory town, string memory json, uint256[] memory lengths) private view {
        if (town.rule.key.method != 6) return;
        uint256 slots = sizeOf(json, ".inputs.schedule.coefficients");
        uint256[] memory source = stretch(lengths);
        town.coefficients = new uint32[][](slots);
        for (uint256 slot; slot < slots; ++slot) {
            uint256[] memory given = numbers(json, entryOf(".inputs.schedule.coefficients", slot));
            town.coefficients[slot] = new uint32[](source.length);
            for (uint256 i; i < source.length; ++i) {
                town.coefficients[slot][i] = uint32(given[source[i]]);
            }
        }
    }

    function openTown(Town memory town) private {
        schedule(town.rule);
        bytes memory packed;
        Opening memory opening = anOpening();
        opening.seats = new uint32[](town.slots);
        for (uint32 slot; slot < town.slots; ++slot) {
            opening.seats[slot] = slot;
            if (town.until[slot] == 0) continue;
            ConfirmPoint memory point = aPoint(slot);
            point.direction = town.direction[slot];
            (point.fromDay, point.untilDay) = (uint16(town.from[slot]), uint16(town.until[slot]));
            confirm(point);
            packed = bytes.concat(packed, abi.encodePacked(slot, point.tag));
        }
        opening.slots = town.slots;
        opening.pointsHash = keccak256(packed);
        opening.intervals = new uint16[](town.dayCount);
        for (uint256 day; day < town.dayCount; ++day) {
            opening.intervals[day] = HOURS;
        }
        opening.bands = new uint256[](1);
        for (uint256 i; i < town.bands.length; ++i) {
            opening.bands[0] |= uint256(town.bands[i]) << (2 * i);
        }
        open(opening);
    }

    /// @dev Grow all trees, submit the batch where there is none of these readings, and propose the run.
    function proposeTown(Town memory town) internal returns (bytes32) {
        if (town.batchId == 0) submitTown(town);
        growRun(town);
        RunProposal memory run = aRun();
        bool named = town.rule.source == 1 || town.rule.key.method == 9;
        run.basis = named ? ROOT : town.coefficients.length > 0 ? handInTown(town) : bytes32(0);
        run.root = runRoot(town);
        town.runId = propose(run);
        return town.runId;
    }

    function submitTown(Town memory town) internal {
        (uint256 ds, uint256 dd) = (Grove.depth(town.slots), Grove.depth(town.dayCount));
        town.readingTree = Grove.plant(ds + dd + DT);
        for (uint256 slot; slot < town.slots; ++slot) {
            for (uint256 i = town.from[slot] * HOURS; i < town.until[slot] * HOURS; ++i) {
                Reading memory x = town.readings[slot][i];
                bytes32 leaf = keccak256(abi.encodePacked(hex"08", x.salt, x.energy, x.quality, x.source));
                town.readingTree.set((((slot << dd) | (i / HOURS)) << DT) | (i % HOURS), leaf);
            }
        }
        Batch memory batch = aBatch();
        batch.root = Grove.node(town.readingTree.grow(), READING_STAIRS);
        batch.measured = periodBook.terms(COMMUNITY, PERIOD).expectedReadings;
        town.batchId = submit(batch);
    }

    function handInTown(Town memory town) private returns (bytes32) {
        uint256 slots = town.coefficients.length;
        (uint256 ds, uint256 dd) = (Grove.depth(slots), Grove.depth(town.dayCount));
        town.scheduleTree = Grove.plant(ds + dd + DT);
        for (uint256 slot; slot < slots; ++slot) {
            for (uint256 i; i < town.headers.length; ++i) {
                bytes32 leaf = keccak256(abi.encodePacked(hex"0b", bytes16(0), town.coefficients[slot][i]));
                town.scheduleTree.set((((slot << dd) | (i / HOURS)) << DT) | (i % HOURS), leaf);
            }
        }
        return handIn(
            Schedule({
                root: town.scheduleTree.grow(),
                slots: uint32(slots),
                dayCount: town.dayCount,
                maxIntervals: HOURS
            })
        );
    }

    function growRun(Town memory town) internal pure {
        uint256 ds = Grove.depth(town.slots);
        town.dayTree = Grove.plant(Grove.depth(town.dayCount));
        town.headerTrees = new bytes32[][](town.dayCount);
        town.rowTrees = new bytes32[][](town.dayCount);
        for (uint256 day; day < town.dayCount; ++day) {
            town.headerTrees[day] = Grove.plant(DT);
            town.rowTrees[day] = Grove.plant(ds + DT);
            for (uint256 t; t < HOURS; ++t) {
                town.headerTrees[day].set(t, Leaves.header(town.headers[day * HOURS + t]));
                for (uint256 slot; slot < town.slots; ++slot) {
                    bool active = town.from[slot] <= day && day < town.until[slot];
                    if (active) town.rowTrees[day].set((slot << DT) | t, rowHash(town, slot, day, t));
                }
            }
            bytes32 front = Grove.node(town.headerTrees[day].grow(), STAIRS);
            town.dayTree.set(day, Grove.node(front, town.rowTrees[day].grow()));
        }
        town.dayTree.grow();
        town.periodTree = Grove.plant(ds);
        for (uint256 slot; slot < town.slots; ++slot) {
            if (town.until[slot] > 0) town.periodTree.set(slot, Leaves.period(town.periods[slot]));
        }
        town.periodTree.grow();
    }

    function rowHash(Town memory town, uint256 slot, uint256 day, uint256 t) private pure returns (bytes32) {
        uint256 i = day * HOURS + t;
        bytes32 detail = town.details[slot][i];
        return detail == 0 ? Leaves.row(town.rows[slot][i]) : Leaves.flowRow(town.rows[slot][i], detail);
    }

    function runRoot(Town memory town) internal pure returns (bytes32) {
        return Grove.node(town.dayTree[1], periodsNode(town));
    }

    function periodsNode(Town memory town) internal pure returns (bytes32) {
        return Grove.node(town.periodTree[1], PERIOD_STAIRS);
    }

    // Whole paths, from a leaf to what is anchored.

    function rowPath(Town memory town, uint256 slot, uint256 day, uint256 t)
        internal
        pure
        returns (bytes32[] memory)
    {
        bytes32 front = Grove.node(town.headerTrees[day][1], STAIRS);
        bytes32[] memory own = town.rowTrees[day].path((slot << DT) | t);
        return Grove.joined(Grove.joined(Grove.joined(own, front), town.dayTree.path(day)), periodsNode(town));
    }

    function headerPath(Town memory town, uint256 day, uint256 t) internal pure returns (bytes32[] memory) {
        bytes32[] memory own = town.headerTrees[day].path(t);
        own = Grove.joined(Grove.joined(own, STAIRS), town.rowTrees[day][1]);
        return Grove.joined(Grove.joined(own, town.dayTree.path(day)), periodsNode(town));
    }

    function periodPath(Town memory town, uint256 slot) internal pure returns (bytes32[] memory) {
        return Grove.joined(Grove.joined(town.periodTree.path(slot), PERIOD_STAIRS), town.dayTree[1]);
    }

    function readingPath(Town memory town, uint256 slot, uint256 day, uint256 t)
        internal
        pure
        returns (bytes32[] memory)
    {
        uint256 dd = Grove.depth(town.dayCount);
        return Grove.joined(town.readingTree.path((((slot << dd) | day) << DT) | t), READING_STAIRS);
    }
}
