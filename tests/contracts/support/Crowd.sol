// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Batch, BatchRecord } from "../../../contracts/types/Batches.sol";
import { BillsProposal, BillsRecord } from "../../../contracts/types/Bills.sol";
import { Opening, Terms } from "../../../contracts/types/Periods.sol";
import { ConfirmPoint, Point } from "../../../contracts/types/Points.sol";
import { Limits, Rule } from "../../../contracts/types/Rules.sol";
import { RunProposal, RunRecord } from "../../../contracts/types/Runs.sol";
import { ScheduleRecord } from "../../../contracts/types/Schedules.sol";
import { Signing } from "./Signing.sol";
import { World } from "./World.sol";
import { vm } from "./Vm.sol";

/// @dev Two communities, two places for periods, and people who try everything, rightly and wrongly.
/// What the contracts take is remembered here as it was then, so that the invariants can hold it against what is kept.
contract Crowd is World {
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
    uint16 private constant LENGTH = 3;

    Opened[] public opened_;
    Kept[] private _batches;
    ConfirmPoint[] private _confirmed;
    Kept[] private _schedules;
    bytes32[] private _runs;
    mapping(bytes32 runId => uint8) private _stateSeen;
    mapping(uint256 => mapping(uint32 version => bytes32)) private _rulesThen;
    mapping(uint256 => mapping(uint32 period => uint32)) public batchesOf;
    mapping(uint256 => mapping(uint32 period => uint32)) public schedulesOf;
    mapping(uint256 tag => mapping(uint256 period => uint256)) public factorSum;
    string public backward;
    bool public hurried;

    function gather() external {
        vm.warp(uint256(PERIOD + 1) * 1 days);
        deploy();
        for (uint256 c; c < COMMUNITIES; ++c) {
            found(id(c));
            scheduleRule(c, 36, c == 0 ? 1 : 9);
        }
        // One period is open from the start, so that the crowd's few deeds reach far.
        this.confirmPoint(0, 0, 0, 0, 700_000, 0);
        openPeriod(0, 0, 1, 0, 0);
        submitBatch(0, 0, 0, 0, 0, 0);
        // And one by schedule.
        this.confirmPoint(1, 1, 0, 1, 0, 0);
        openPeriod(1, 1, 1, 0, 0);
        submitBatch(1, 1, 0, 0, 0, 0);
        this.handIn(1, 1, 0, ROOT);
    }

    // What the crowd does. Each swallows refusals: only what is taken counts.

    function scheduleRule(uint256 c, uint256 delay, uint8 method) public {
        Rule memory rule = method % 5 == 0
            ? aStaticRule()
            : method % 5 == 1 ? aRule() : method % 5 == 2 ? aPairwiseRule() : aPriorityRule();
        if (method % 5 == 4) rule = aScheduledRule(1 + method / 5 % 2);
        rule.source = method % 11 == 10 ? 1 : 0;
        rule.contestWindowSeconds = uint32(delay / 7 % 3) * 1 hours;
        rule.limits.maxEstimatedPpm = uint32(delay / 12 % 4) * 100_000;
        rule.limits.maxMissingPpm = uint32(delay / 12 % 5) * 100_000;
        uint256 first = ruleBook.latestVersion(id(c)) == 0 ? PERIOD : block.timestamp / 1 days;
        rule.effectiveFrom = uint32(first + delay % 4) - (delay % 7 == 6 ? 1 : 0);
        vm.prank(delay % 11 == 10 ? stranger : steward);
        try ruleBook.scheduleRule(id(c), rule) returns (uint32 version) {
            _rulesThen[c % COMMUNITIES][version] = keccak256(abi.encode(rule));
        } catch { }
    }

    /// @dev A meter tries to take part in both communities, here first; factors from 0.3 on, some above one.
    function confirmPoint(uint256 c, uint256 p, uint32 slot, uint256 tag, uint32 factor, uint16 fromDay)
        external
    {
        ConfirmPoint memory point = aPoint(slot % 4);
        point.period = periodAt(p);
        point.tag = keccak256(abi.encode(tag % TAGS));
        point.factorPpm = 300_000 + factor % 800_000;
        (point.fromDay, point.untilDay) = (fromDay % LENGTH, fromDay % 9 == 8 ? LENGTH + 1 : LENGTH);
        for (uint256 i; i < COMMUNITIES; ++i) {
            point.community = id(c % COMMUNITIES + i);
            ConfirmPoint[] memory list = only(point);
            bytes memory signature = signed(list);
            try registry.confirmPoints(point.community, point.period, list, signature) {
                factorSum[tag % TAGS][p % PERIODS] += point.factorPpm;
                _confirmed.push(point);
            } catch { }
        }
    }

    function openPeriod(uint256 c, uint256 p, uint16 dayCount, uint32 slots, uint8 caller) public {
        Opening memory opening = anOpening();
        uint32 period = periodAt(p);
        opening.ruleVersion = ruleBook.ruleAt(id(c), period) + (caller % 5 == 4 ? 1 : 0);
        opening.slots = 3 + slots % 3;
        opening.seats = new uint32[](opening.slots);
        opening.intervals = new uint16[](LENGTH - 1 + dayCount % 3);
        for (uint256 day; day < opening.intervals.length; ++day) {
            opening.intervals[day] = HOURS;
        }
        opening.bands = new uint256[](1);
        opening.startUtc = uint64(period) * 1 days;
        opening.pointsHash = confirmedHash(c, period);
        vm.prank(caller % 8 == 7 ? stranger : settler);
        try periodBook.openPeriod(id(c), period, opening) {
            opened_.push(Opened(c % COMMUNITIES, period, frozen(c, period)));
        } catch { }
    }

    function submitBatch(
        uint256 c,
        uint256 p,
        uint64 estimated,
        uint64 missing,
        uint32 version,
        uint256 fault
    ) public {
        Batch memory given;
        (given.community, given.period, given.root) = (id(c), periodAt(p), ROOT);
        given.predecessor = meterDataLedger.latestBatch(given.community, given.period);
        given.version = meterDataLedger.batch(given.predecessor).version + 1 + (version % 5 == 4 ? 1 : 0);
        bool strayed = version % 7 == 6;
        if (strayed) given.predecessor = keccak256(abi.encode(given.predecessor));
        uint64 all = periodBook.terms(given.community, given.period).expectedReadings;
        if (all == 0) return;
        given.estimated = estimated % (all / 3);
        given.missing = missing % (all / 3);
        given.measured = all - given.estimated - given.missing - (fault % 6 == 5 ? 1 : 0);
        given.label = uint8(fault % 2);
        given.source = given.label == 1 ? ROOT : bytes32(0);
        uint256 key = fault % 7 == 6 ? STRANGER_KEY : fault % 2 == 0 ? OPERATOR_KEY : IMPORTER_KEY;
        bytes memory signature = Signing.batch(key, address(meterDataLedger), given);
        try meterDataLedger.submitBatch(given, signature) {
            bytes32 batchId = meterDataLedger.latestBatch(given.community, given.period);
            _batches.push(Kept(batchId, keccak256(abi.encode(meterDataLedger.batch(batchId)))));
            ++batchesOf[c % COMMUNITIES][given.period];
            require(!strayed, NotTrue("a batch follows the latest"));
        } catch { }
    }

    function proposeRun(uint256 c, uint256 p, uint64[4] memory totals, uint256 fault) public {
        RunProposal memory given;
        (given.community, given.period, given.root) = (id(c), periodAt(p), ROOT);
        bytes32 latest = settlementLedger.latestRun(given.community, given.period);
        given.version =
            settlementLedger.run(latest).version + uint32(fault % 9 == 8 ? 2 : fault % 9 == 7 ? 0 : 1);
        given.ruleVersion = periodBook.terms(given.community, given.period).ruleVersion;
        given.batchId = meterDataLedger.latestBatch(given.community, given.period);
        given.basis = fault % 7 == 6 ? ROOT : basisFor(given, fault % 2);
        (given.feedIn, given.consumption) = (totals[0], totals[1]);
        given.allocated = fault % 3 == 0 ? totals[2] : least(totals[0], totals[1]);
        given.shared = fault % 5 == 4 ? totals[3] : given.allocated;
        address proposer = fault % 11 == 10 ? stranger : settler;
        vm.deal(proposer, BOND);
        vm.prank(proposer);
        try settlementLedger.proposeRun{ value: BOND }(given) {
            _runs.push(settlementLedger.latestRun(given.community, given.period));
        } catch { }
        look();
    }

    function handIn(uint256 c, uint256 p, uint32 version, bytes32 root) external {
        bytes32 latest = scheduleBook.latestSchedule(id(c), periodAt(p));
        uint32 next = scheduleBook.schedule(latest).version + 1 + (version % 5 == 4 ? 1 : 0);
        vm.prank(version % 8 == 7 ? stranger : settler);
        try scheduleBook.handIn(id(c), periodAt(p), next, aSchedule(root)) {
            bytes32 scheduleId = scheduleBook.latestSchedule(id(c), periodAt(p));
            _schedules.push(Kept(scheduleId, keccak256(abi.encode(scheduleBook.schedule(scheduleId)))));
            ++schedulesOf[c % COMMUNITIES][periodAt(p)];
        } catch { }
    }

    function proposeBills(uint256 i, uint64[4] memory sums, int64 passThrough, int64 rounding, bool faulty)
        public
    {
        if (_runs.length == 0) return;
        bytes32 runId_ = _runs[i % _runs.length];
        BillsProposal memory bills_ = theBills(runId_);
        bills_.community = settlementLedger.run(runId_).community;
        (bills_.credits, bills_.fees) = (sums[0] >> 8, sums[1] >> 8);
        (bills_.vatDebits, bills_.vatCredits) = (sums[2] >> 8, sums[3] >> 8);
        (bills_.passThrough, bills_.rounding) = (passThrough >> 8, rounding % 6);
        int256 debits = int256(uint256(bills_.credits)) + int256(uint256(bills_.fees))
            + int256(uint256(bills_.vatDebits)) - int256(uint256(bills_.vatCredits)) + bills_.passThrough
            + bills_.rounding;
        bills_.debits = debits < 0 ? 0 : uint64(uint256(debits)) + (faulty ? 1 : 0);
        vm.deal(settler, BOND);
        vm.prank(settler);
        try billingLedger.proposeBills{ value: BOND }(bills_) { } catch { }
    }

    function finaliseRun(uint256 i) public {
        if (_runs.length == 0) return;
        bytes32 runId_ = _runs[i % _runs.length];
        try settlementLedger.finalise(runId_) {
            if (block.timestamp < settlementLedger.run(runId_).contestableUntil) hurried = true;
            // Bills that come late have a window of their own, which someone would rather not wait for.
            proposeBills(i, [uint64(0), 512, 0, 0], 0, 1, false);
            finaliseBills(i);
        } catch { }
        look();
    }

    function finaliseBills(uint256 i) public {
        if (_runs.length == 0) return;
        bytes32 runId_ = _runs[i % _runs.length];
        try billingLedger.finalise(runId_) {
            if (block.timestamp < billingLedger.bills(runId_).contestableUntil) hurried = true;
        } catch { }
    }

    function voidRun(uint256 i, uint8 caller) public {
        if (_runs.length == 0) return;
        vm.prank(caller % 4 == 3 ? address(contests) : stranger);
        try settlementLedger.voidRun(_runs[i % _runs.length], stranger) {
            require(caller % 4 == 3, NotTrue("only the contests void"));
        } catch { }
        look();
    }

    function attestRun(uint256 i, uint8 caller) public {
        if (_runs.length == 0) return;
        vm.prank(caller % 3 == 2 ? stranger : caller % 3 == 1 ? settler : auditor);
        try settlementLedger.attest(_runs[i % _runs.length]) {
            require(caller % 3 == 0, NotTrue("only an auditor attests"));
        } catch { }
    }

    function letTimePass(uint32 time) public {
        vm.warp(block.timestamp + 1 + time % 2 hours);
    }

    /// @dev One whole way through all states, so that the invariants are known to be held against something.
    function walkThrough() external {
        for (uint256 i; i < 3; ++i) {
            proposeRun(0, 0, [uint64(7), 9, 0, 0], 1);
            if (i == 2) voidRun(i, 3);
            attestRun(i, 0);
            proposeBills(i, [uint64(0), 512, 0, 0], 0, 1, false);
            vm.warp(block.timestamp + WINDOW);
            finaliseRun(i);
            finaliseBills(i);
        }
    }

    // What the invariants ask.

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

    /// @dev Compare every run's state with the one seen last.
    function look() private {
        for (uint256 i; i < _runs.length; ++i) {
            uint8 state = settlementLedger.run(_runs[i]).state;
            uint8 seen = _stateSeen[_runs[i]];
            bool forward = seen == state || (seen == 0 && state == 1)
                || (seen == 1 && (state == 2 || state == 4)) || (seen == 2 && state == 3);
            if (!forward) backward = string.concat("from ", vm.toString(seen), " to ", vm.toString(state));
            _stateSeen[_runs[i]] = state;
        }
    }

    function frozen(uint256 c, uint32 period) private view returns (bytes32) {
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

    function confirmedHash(uint256 c, uint32 period) private view returns (bytes32) {
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
    function basisFor(RunProposal memory given, uint256 before) private view returns (bytes32) {
        if (given.ruleVersion == 0) return 0;
        (uint8 method, uint8 source,) = ruleBook.scheduleOf(given.community, given.ruleVersion);
        if (source == 1) return ROOT;
        if (method != 6) return 0;
        bytes32 latest = scheduleBook.latestSchedule(given.community, given.period);
        uint32 version = scheduleBook.schedule(latest).version;
        if (version < 2 || before == 0) return latest;
        return keccak256(abi.encodePacked(hex"2502", given.community, given.period, version - 1));
    }

    function id(uint256 c) private pure returns (bytes32) {
        return keccak256(abi.encode("community", c % COMMUNITIES));
    }

    /// @dev First days two days apart, so that periods of three days overlap.
    function periodAt(uint256 p) public pure returns (uint32) {
        return PERIOD + uint32(p % PERIODS) * 2;
    }

    function least(uint64 a, uint64 b) private pure returns (uint64) {
        return a < b ? a : b;
    }
}
