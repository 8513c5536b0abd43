// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { BatchRecord } from "../../../contracts/types/Batches.sol";
import { BillsRecord } from "../../../contracts/types/Bills.sol";
import { Terms } from "../../../contracts/types/Periods.sol";
import { ConfirmPoint, Point } from "../../../contracts/types/Points.sol";
import { Limits, Rule } from "../../../contracts/types/Rules.sol";
import { RunProposal, RunRecord } from "../../../contracts/types/Runs.sol";
import { ScheduleRecord } from "../../../contracts/types/Schedules.sol";
import { World } from "./World.sol";
import { vm } from "./Vm.sol";

/// @dev What the contracts took from the crowd, as it was then, and what is kept now: the invariants hold one against the other.
abstract contract CrowdMemory is World {
    struct Opened {
        uint256 community;
        uint32 period;
        bytes32 then;
    }

    struct Kept {
        bytes32 id;
        bytes32 then;
    }

    uint256 public constant COMMUNITIES = 2;
    uint256 public constant PERIODS = 2;
    uint256 public constant TAGS = 2;
    uint16 internal constant LENGTH = 3;

    Opened[] public opened_;
    Kept[] internal _batches;
    ConfirmPoint[] internal _confirmed;
    Kept[] internal _schedules;
    bytes32[] internal _runs;
    mapping(bytes32 runId => uint8) internal _stateSeen;
    mapping(uint256 => mapping(uint32 version => bytes32)) internal _rulesThen;
    mapping(uint256 => mapping(uint32 period => uint32)) public batchesOf;
    mapping(uint256 => mapping(uint32 period => uint32)) public schedulesOf;
    mapping(uint256 tag => mapping(uint256 period => uint256)) public factorSum;
    string public backward;
    bool public hurried;
    bool public unattested;
    bool public movedWhilePaused;
    address[] internal _accounts;

    // What the invariants ask.

    /// @dev What is free and what is locked, and what the bonds hold.
    function money() external view returns (uint256 owed, uint256 held) {
        for (uint256 i; i < _accounts.length; ++i) {
            owed += bonds.freeOf(_accounts[i]);
        }
        for (uint256 i; i < _runs.length; ++i) {
            (, uint256 ofRun) = bonds.lockedOf(address(settlementLedger), _runs[i]);
            (, uint256 ofBills) = bonds.lockedOf(address(billingLedger), _runs[i]);
            owed += ofRun + ofBills;
        }
        held = address(bonds).balance;
    }

    function isBacked(uint256 i) external view returns (bool) {
        (, uint256 amount) = bonds.lockedOf(address(settlementLedger), _runs[i]);
        return amount == BOND;
    }

    function areBillsBacked(uint256 i) external view returns (bool) {
        (, uint256 amount) = bonds.lockedOf(address(billingLedger), _runs[i]);
        return amount == BOND;
    }

    function pauseCount() external view returns (uint256) {
        return pauseBook.pauseCount(id(0));
    }

    function confirmedCount() external view returns (uint256) {
        return _confirmed.length;
    }

    /// @dev What an operator signed once, and what is kept at its place now.
    function confirmedThenAndNow(uint256 i) external view returns (bytes32, bytes32) {
        ConfirmPoint memory then = _confirmed[i];
        Point memory kept = registry.point(then.community, then.period, then.slot);
        return (
            keccak256(abi.encode(then.direction, then.factorPpm, then.fromDay, then.untilDay, then.tag)),
            keccak256(abi.encode(kept.direction, kept.factorPpm, kept.fromDay, kept.untilDay, kept.tag))
        );
    }

    function openedCount() external view returns (uint256) {
        return opened_.length;
    }

    function opened(uint256 i) external view returns (uint256, uint32) {
        return (opened_[i].community, opened_[i].period);
    }

    function openedThenAndNow(uint256 i) external view returns (bytes32, bytes32) {
        return (opened_[i].then, frozen(opened_[i].community, opened_[i].period));
    }

    function ruleThenAndNow(uint256 c, uint32 version) external view returns (uint32, bytes32, bytes32) {
        Rule memory kept = ruleBook.rule(id(c), version);
        return (kept.effectiveFrom, _rulesThen[c][version], keccak256(abi.encode(kept)));
    }

    function ruleAt(uint256 c, uint32 date) external view returns (uint32) {
        return ruleBook.ruleAt(id(c), date);
    }

    function latestVersion(uint256 c) external view returns (uint32) {
        return ruleBook.latestVersion(id(c));
    }

    function points(uint256 c, uint256 p) external view returns (Point[] memory) {
        return registry.allPoints(id(c), periodAt(p));
    }

    function termsOf(uint256 c, uint32 period) external view returns (Terms memory) {
        return periodBook.terms(id(c), period);
    }

    function termsAt(bytes32 community, uint32 period) external view returns (Terms memory) {
        return periodBook.terms(community, period);
    }

    function limits(bytes32 community, uint32 version) external view returns (Limits memory) {
        return ruleBook.limitsOf(community, version);
    }

    function batchCount() external view returns (uint256) {
        return _batches.length;
    }

    function batch(uint256 i) external view returns (BatchRecord memory) {
        return meterDataLedger.batch(_batches[i].id);
    }

    function batchThenAndNow(uint256 i) external view returns (bytes32, bytes32) {
        return (_batches[i].then, keccak256(abi.encode(meterDataLedger.batch(_batches[i].id))));
    }

    function latestBatchVersion(uint256 c, uint32 period) external view returns (uint32) {
        return meterDataLedger.batch(meterDataLedger.latestBatch(id(c), period)).version;
    }

    function scheduleCount() external view returns (uint256) {
        return _schedules.length;
    }

    function scheduleThenAndNow(uint256 i) external view returns (bytes32, bytes32) {
        return (_schedules[i].then, keccak256(abi.encode(scheduleBook.schedule(_schedules[i].id))));
    }

    function latestScheduleVersion(uint256 c, uint256 p) external view returns (uint32) {
        return scheduleBook.schedule(scheduleBook.latestSchedule(id(c), periodAt(p))).version;
    }

    function schedule(bytes32 scheduleId) external view returns (ScheduleRecord memory) {
        return scheduleBook.schedule(scheduleId);
    }

    function scheduleOf(bytes32 community, uint32 version) external view returns (uint8, uint8, uint8) {
        return ruleBook.scheduleOf(community, version);
    }

    function runCount() external view returns (uint256) {
        return _runs.length;
    }

    function runId(uint256 i) external view returns (bytes32) {
        return _runs[i];
    }

    function run(uint256 i) external view returns (RunRecord memory) {
        return settlementLedger.run(_runs[i]);
    }

    function latestRun(bytes32 community, uint32 period) external view returns (bytes32) {
        return settlementLedger.latestRun(community, period);
    }

    function finalRun(bytes32 community, uint32 period) external view returns (bytes32) {
        return settlementLedger.finalRun(community, period);
    }

    function bills(uint256 i) external view returns (BillsRecord memory) {
        return billingLedger.bills(_runs[i]);
    }

    function stateCount(uint8 state) external view returns (uint256 n) {
        for (uint256 i; i < _runs.length; ++i) {
            if (settlementLedger.run(_runs[i]).state == state) ++n;
        }
    }

    function billsStateCount(uint8 state) external view returns (uint256 n) {
        for (uint256 i; i < _runs.length; ++i) {
            if (billingLedger.bills(_runs[i]).state == state) ++n;
        }
    }

    /// @dev Something was taken just now.
    function lookAtPause(bytes32 community) internal {
        if (pauseBook.isPaused(community)) movedWhilePaused = true;
    }

    /// @dev Compare every run's state with the one seen last.
    function look() internal {
        for (uint256 i; i < _runs.length; ++i) {
            uint8 state = settlementLedger.run(_runs[i]).state;
            uint8 seen = _stateSeen[_runs[i]];
            bool forward = seen == state || (seen == 0 && state == 1)
                || (seen == 1 && (state == 2 || state == 4)) || (seen == 2 && state == 3);
            if (!forward) backward = string.concat("from ", vm.toString(seen), " to ", vm.toString(state));
            _stateSeen[_runs[i]] = state;
        }
    }

    function frozen(uint256 c, uint32 period) internal view returns (bytes32) {
        Terms memory terms = periodBook.terms(id(c), period);
        return keccak256(
            abi.encode(
                terms,
                registry.allPoints(id(c), period),
                ruleBook.rule(id(c), terms.ruleVersion),
                periodBook.allIntervals(id(c), period),
                periodBook.allBands(id(c), period),
                periodBook.allSeats(id(c), period)
            )
        );
    }

    function confirmedHash(uint256 c, uint32 period) internal view returns (bytes32) {
        bytes memory packed;
        Point[] memory all = registry.allPoints(id(c), period);
        for (uint32 slot; slot < all.length; ++slot) {
            if (all[slot].untilDay != 0) {
                packed = bytes.concat(packed, abi.encodePacked(slot, all[slot].tag));
            }
        }
        return keccak256(packed);
    }

    /// @dev What a settler would name: the schedule handed in last, or the one before it.
    function basisFor(RunProposal memory given, uint256 before) internal view returns (bytes32) {
        if (given.ruleVersion == 0) return 0;
        (uint8 method, uint8 source,) = ruleBook.scheduleOf(given.community, given.ruleVersion);
        if (source == 1) return ROOT;
        if (method != 6) return 0;
        bytes32 latest = scheduleBook.latestSchedule(given.community, given.period);
        uint32 version = scheduleBook.schedule(latest).version;
        if (version < 2 || before == 0) return latest;
        return keccak256(abi.encodePacked(hex"2502", given.community, given.period, version - 1));
    }

    function id(uint256 c) internal pure returns (bytes32) {
        return keccak256(abi.encode("community", c % COMMUNITIES));
    }

    /// @dev First days two days apart, so that periods of three days overlap.
    function periodAt(uint256 p) public pure returns (uint32) {
        return PERIOD + uint32(p % PERIODS) * 2;
    }

    function least(uint64 a, uint64 b) internal pure returns (uint64) {
        return a < b ? a : b;
    }
}
