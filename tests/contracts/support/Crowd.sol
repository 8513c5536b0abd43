// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Batch } from "../../../contracts/types/Batches.sol";
import { BillsProposal } from "../../../contracts/types/Bills.sol";
import { Opening } from "../../../contracts/types/Periods.sol";
import { ConfirmPoint } from "../../../contracts/types/Points.sol";
import { Rule } from "../../../contracts/types/Rules.sol";
import { RunProposal, RunRecord } from "../../../contracts/types/Runs.sol";
import { CrowdMemory } from "./CrowdMemory.sol";
import { Signing } from "./Signing.sol";
import { vm } from "./Vm.sol";

/// @dev Two communities, two places for periods, and people who try everything, rightly and wrongly.
contract Crowd is CrowdMemory {
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
        vm.prank(steward);
        pauseBook.nameGuardians(id(0), [address(0x91), address(0x92), address(0x93)]);
        _accounts = [settler, stranger, auditor, operator, importer];
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
            lookAtPause(given.community);
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
            lookAtPause(given.community);
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
        try billingLedger.proposeBills{ value: BOND }(bills_) {
            lookAtPause(bills_.community);
        } catch { }
    }

    function finaliseRun(uint256 i) public {
        if (_runs.length == 0) return;
        bytes32 runId_ = _runs[i % _runs.length];
        try settlementLedger.finalise(runId_) {
            RunRecord memory ended = settlementLedger.run(runId_);
            if (block.timestamp < ended.contestableUntil) hurried = true;
            if (ended.attestedBy == address(0) || ended.attestedBy == ended.proposer) unattested = true;
            lookAtPause(ended.community);
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
            lookAtPause(billingLedger.bills(runId_).community);
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

    function voidBills(uint256 i, uint8 caller) public {
        if (_runs.length == 0) return;
        vm.prank(caller % 3 == 2 ? address(billContests) : caller % 3 == 1 ? address(contests) : stranger);
        try billingLedger.voidBills(_runs[i % _runs.length], operator) {
            require(caller % 3 == 2, NotTrue("only the contests of bills void them"));
        } catch { }
    }

    function releaseBond(uint256 i, bool ofBills) public {
        if (_runs.length == 0) return;
        address ledger = ofBills ? address(billingLedger) : address(settlementLedger);
        try bonds.release(ledger, _runs[i % _runs.length]) { } catch { }
    }

    function moveMoney(uint256 who, uint256 amount, bool out) public {
        address account = _accounts[who % _accounts.length];
        if (!out) vm.deal(account, account.balance + amount % 1 ether);
        vm.prank(account);
        if (out) {
            try bonds.withdraw() { } catch { }
        } else {
            bonds.deposit{ value: amount % 1 ether }();
        }
    }

    function pause(uint8 guardian) public {
        vm.prank(address(uint160(0x91 + guardian % 4)));
        try pauseBook.pause(id(0)) { } catch { }
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
}
