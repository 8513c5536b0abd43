// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Arbitration } from "../../../contracts/Arbitration.sol";
import { BillContests } from "../../../contracts/BillContests.sol";
import { BillingLedger } from "../../../contracts/BillingLedger.sol";
import { BillContests } from "../../../contracts/BillContests.sol";
import { Bonds } from "../../../contracts/Bonds.sol";
import { CommunityRegistry } from "../../../contracts/CommunityRegistry.sol";
import { Contests } from "../../../contracts/Contests.sol";
import { Demands } from "../../../contracts/Demands.sol";
import { Demands } from "../../../contracts/Demands.sol";
import { InputContests } from "../../../contracts/InputContests.sol";
import { LinkContests } from "../../../contracts/LinkContests.sol";
import { MeterDataLedger } from "../../../contracts/MeterDataLedger.sol";
import { PauseBook } from "../../../contracts/PauseBook.sol";
import { PeriodBook } from "../../../contracts/PeriodBook.sol";
import { RuleBook } from "../../../contracts/RuleBook.sol";
import { ScheduleBook } from "../../../contracts/ScheduleBook.sol";
import { SettlementLedger } from "../../../contracts/SettlementLedger.sol";
import { StairContests } from "../../../contracts/StairContests.sol";
import { IPauseBook } from "../../../contracts/interfaces/IPauseBook.sol";
import { StairContests } from "../../../contracts/StairContests.sol";
import { SumContests } from "../../../contracts/SumContests.sol";
import { Batch } from "../../../contracts/types/Batches.sol";
import { BillsProposal } from "../../../contracts/types/Bills.sol";
import { Opening } from "../../../contracts/types/Periods.sol";
import { ConfirmPoint } from "../../../contracts/types/Points.sol";
import { Rule } from "../../../contracts/types/Rules.sol";
import { Judges, RunProposal } from "../../../contracts/types/Runs.sol";
import { Schedule } from "../../../contracts/types/Schedules.sol";
import { Claims } from "./Claims.sol";
import { Signing } from "./Signing.sol";
import { vm } from "./Vm.sol";

/// @dev A deployment as a deployer makes it, and one small community: slots 0 and 2 consume, slot 1 feeds in, June 2017 by the hour.
abstract contract World is Claims {
    bytes32 internal constant COMMUNITY = keccak256("street");
    uint32 internal constant PERIOD = 17318;
    uint32 internal constant WINDOW = 7 days;
    uint16 internal constant DAYS = 30;
    uint16 internal constant HOURS = 24;
    uint64 internal constant READINGS = 3 * 30 * 24;
    bytes32 internal constant ROOT = keccak256("root");

    uint256 internal constant OPERATOR_KEY = 0xA11CE;
    uint256 internal constant IMPORTER_KEY = 0xB0B;
    uint256 internal constant STRANGER_KEY = 0xBAD;
    address internal immutable operator = vm.addr(OPERATOR_KEY);
    address internal immutable importer = vm.addr(IMPORTER_KEY);
    address internal immutable stranger = vm.addr(STRANGER_KEY);
    address internal constant steward = address(0x57E);
    address internal constant settler = address(0x5E7);
    address internal constant auditor = address(0xAD17);
    uint256 internal constant BOND = 0.01 ether;

    CommunityRegistry internal registry;
    RuleBook internal ruleBook;
    PeriodBook internal periodBook;
    MeterDataLedger internal meterDataLedger;
    ScheduleBook internal scheduleBook;
    SettlementLedger internal settlementLedger;
    BillingLedger internal billingLedger;
    Contests internal contests;
    InputContests internal inputContests;
    SumContests internal sumContests;
    StairContests internal stairContests;
    BillContests internal billContests;
    LinkContests internal linkContests;
    Demands internal demands;
    Bonds internal bonds;
    PauseBook internal pauseBook;
    Arbitration internal arbitration;

    /// @dev Place of each contract in the order of deployment, which is the deployer's nonce.
    uint256 private constant PERIOD_BOOK = 2;
    uint256 private constant CONTESTS = 7;
    uint256 private constant INPUT_CONTESTS = 8;
    uint256 private constant SUM_CONTESTS = 9;
    uint256 private constant STAIR_CONTESTS = 10;
    uint256 private constant BILL_CONTESTS = 11;
    uint256 private constant LINK_CONTESTS = 12;
    uint256 private constant DEMANDS = 13;
    uint256 private constant BONDS = 14;
    uint256 private constant PAUSE_BOOK = 15;
    uint256 private constant CONTRACTS = 17;

    address[] private _places;

    function setUp() public virtual {
        vm.warp(uint256(PERIOD + DAYS) * 1 days);
        deploy();
        found(COMMUNITY);
    }

    function deploy() internal {
        uint64 nonce = vm.getNonce(address(this));
        delete _places;
        for (uint256 place; place < CONTRACTS; ++place) {
            _places.push(vm.computeCreateAddress(address(this), nonce + place));
        }
        deployBooks();
        deployLedgers();
        deployJudges();
        bonds = new Bonds(settlementLedger, billingLedger, demands);
        pauseBook = new PauseBook(registry);
        arbitration = new Arbitration(registry, periodBook, meterDataLedger);
        same("contracts", vm.getNonce(address(this)), nonce + CONTRACTS);
        same("predicted contests", address(contests), _places[CONTESTS]);
        same("predicted bonds", address(bonds), _places[BONDS]);
        same("predicted pause book", address(pauseBook), _places[PAUSE_BOOK]);
    }

    function deployBooks() private {
        PeriodBook futurePeriodBook = PeriodBook(_places[PERIOD_BOOK]);
        registry = new CommunityRegistry(futurePeriodBook);
        ruleBook = new RuleBook(registry, futurePeriodBook);
        periodBook = new PeriodBook(registry, ruleBook);
        meterDataLedger = new MeterDataLedger(registry, ruleBook, periodBook, IPauseBook(_places[PAUSE_BOOK]));
        scheduleBook = new ScheduleBook(registry);
    }

    function deployLedgers() private {
        Judges memory judges = Judges({
            contests: _places[CONTESTS],
            inputContests: _places[INPUT_CONTESTS],
            sumContests: _places[SUM_CONTESTS],
            stairContests: _places[STAIR_CONTESTS],
            linkContests: _places[LINK_CONTESTS],
            demands: _places[DEMANDS]
        });
        IPauseBook futurePauseBook = IPauseBook(_places[PAUSE_BOOK]);
        Bonds futureBonds = Bonds(_places[BONDS]);
        settlementLedger = new SettlementLedger(
            registry,
            ruleBook,
            periodBook,
            meterDataLedger,
            scheduleBook,
            futurePauseBook,
            futureBonds,
            judges
        );
        billingLedger = new BillingLedger(
            registry,
            ruleBook,
            periodBook,
            settlementLedger,
            futurePauseBook,
            futureBonds,
            BillContests(_places[BILL_CONTESTS]),
            InputContests(_places[INPUT_CONTESTS])
        );
    }

    function deployJudges() private {
        contests = new Contests(registry, ruleBook, periodBook, scheduleBook, settlementLedger);
        inputContests = new InputContests(
            registry, ruleBook, periodBook, meterDataLedger, settlementLedger, billingLedger
        );
        sumContests = new SumContests(registry, ruleBook, periodBook, scheduleBook, settlementLedger);
        stairContests = new StairContests(registry, ruleBook, periodBook, meterDataLedger, settlementLedger);
        billContests = new BillContests(ruleBook, periodBook, settlementLedger, billingLedger);
        linkContests = new LinkContests(registry, ruleBook, periodBook, settlementLedger);
        demands = new Demands(
            registry, periodBook, settlementLedger, Bonds(_places[BONDS]), IPauseBook(_places[PAUSE_BOOK])
        );
    }

    /// @dev An id ends with its founder.
    function founderOf(bytes32 community) internal pure returns (address) {
        return address(uint160(uint256(community)));
    }

    function found(bytes32 community) internal {
        vm.prank(founderOf(community));
        registry.createCommunity(community, steward);
        grant(community, 1, operator);
        grant(community, 3, importer);
        grant(community, 4, settler);
        grant(community, 6, auditor);
    }

    function grant(bytes32 community, uint8 role, address account) internal {
        vm.prank(steward);
        registry.grantRole(community, role, account);
    }

    function aRule() internal pure returns (Rule memory rule) {
        rule.effectiveFrom = PERIOD;
        rule.key.method = 1;
        rule.contestWindowSeconds = WINDOW;
        rule.limits.maxEstimatedPpm = 50_000;
        rule.limits.maxMissingPpm = 10_000;
        rule.tariff.residualPrice = [uint32(250_000), 160_000, 0, 0];
        rule.tariff.sharedPrice = 120_000;
        rule.tariff.vatPpm = 200_000;
        rule.tariff.billedBy = 1;
        rule.tariff.windows = new uint24[](2);
        rule.tariff.windows[1] = (6 * 60 << 8) | 1;
    }

    function aStaticRule() internal pure returns (Rule memory rule) {
        rule = aRule();
        rule.key.method = 2;
        rule.key.coefficientsPpm = theCoefficients();
    }

    function theCoefficients() internal pure returns (uint32[] memory coefficientsPpm) {
        coefficientsPpm = new uint32[](3);
        coefficientsPpm[0] = 600_000;
        coefficientsPpm[2] = 400_000;
    }

    function aScheduledRule(uint8 when) internal pure returns (Rule memory rule) {
        rule = aRule();
        rule.key.method = 6;
        rule.key.schedule = when;
    }

    /// @dev Slot 1 feeds in; slots 0 and 2 have 30 % and 70 % of it.
    function aPairwiseRule() internal pure returns (Rule memory rule) {
        rule = aRule();
        rule.key.method = 7;
        rule.key.producers = new uint32[](1);
        rule.key.producers[0] = 1;
        rule.key.coefficientsPpm = new uint32[](3);
        rule.key.coefficientsPpm[0] = 300_000;
        rule.key.coefficientsPpm[2] = 700_000;
    }

    /// @dev Slot 0 first, by coefficients in rounds; then all others in proportion.
    function aPriorityRule() internal pure returns (Rule memory rule) {
        rule = aRule();
        rule.key.method = 8;
        rule.key.tierMethods = new uint8[](2);
        (rule.key.tierMethods[0], rule.key.tierMethods[1]) = (4, 1);
        rule.key.tiers = new uint8[](1);
        rule.key.coefficientsPpm = new uint32[](1);
        rule.key.coefficientsPpm[0] = 600_000;
    }

    function schedule(Rule memory rule) internal returns (uint32) {
        vm.prank(steward);
        return ruleBook.scheduleRule(COMMUNITY, rule);
    }

    function aPoint(uint32 slot) internal pure returns (ConfirmPoint memory) {
        return ConfirmPoint({
            community: COMMUNITY,
            period: PERIOD,
            slot: slot,
            tag: keccak256(abi.encode("tag", slot)),
            direction: slot == 1 ? 1 : 0,
            factorPpm: 1_000_000,
            fromDay: 0,
            untilDay: DAYS
        });
    }

    function thePoints() internal pure returns (ConfirmPoint[] memory points) {
        points = new ConfirmPoint[](3);
        for (uint32 slot; slot < 3; ++slot) {
            points[slot] = aPoint(slot);
        }
    }

    function only(ConfirmPoint memory point) internal pure returns (ConfirmPoint[] memory points) {
        points = new ConfirmPoint[](1);
        points[0] = point;
    }

    function signed(ConfirmPoint[] memory points) internal view returns (bytes memory) {
        return Signing.points(OPERATOR_KEY, address(registry), points[0].community, points[0].period, points);
    }

    function confirm(ConfirmPoint[] memory points) internal {
        registry.confirmPoints(points[0].community, points[0].period, points, signed(points));
    }

    function confirm(ConfirmPoint memory point) internal {
        confirm(only(point));
    }

    function pointsHash(ConfirmPoint[] memory points) internal pure returns (bytes32) {
        bytes memory packed = new bytes(36 * points.length);
        for (uint256 i; i < points.length; ++i) {
            bytes memory record = abi.encodePacked(points[i].slot, points[i].tag);
            for (uint256 j; j < 36; ++j) {
                packed[36 * i + j] = record[j];
            }
        }
        return keccak256(packed);
    }

    function anOpening() internal pure returns (Opening memory opening) {
        opening.ruleVersion = 1;
        opening.slots = 3;
        opening.startUtc = uint64(PERIOD) * 1 days - 2 hours;
        opening.resolutionMinutes = 60;
        opening.intervals = new uint16[](DAYS);
        for (uint256 day; day < DAYS; ++day) {
            opening.intervals[day] = HOURS;
        }
        opening.bands = new uint256[](6);
        opening.bands[0] = 0x1B;
        opening.seats = new uint32[](3);
        opening.seats[1] = 0;
        opening.seats[2] = 2;
        opening.classesRoot = keccak256("classes");
        opening.pointsHash = pointsHash(thePoints());
    }

    function open(Opening memory opening) internal {
        vm.prank(settler);
        periodBook.openPeriod(COMMUNITY, PERIOD, opening);
    }

    function openAll(Rule memory rule) internal {
        schedule(rule);
        confirm(thePoints());
        open(anOpening());
    }

    function aBatch() internal view returns (Batch memory) {
        bytes32 latest = meterDataLedger.latestBatch(COMMUNITY, PERIOD);
        return Batch({
            community: COMMUNITY,
            period: PERIOD,
            version: meterDataLedger.batch(latest).version + 1,
            predecessor: latest,
            root: ROOT,
            measured: READINGS,
            estimated: 0,
            missing: 0,
            label: 0,
            source: bytes32(0)
        });
    }

    function submit(Batch memory batch) internal returns (bytes32) {
        meterDataLedger.submitBatch(batch, Signing.batch(OPERATOR_KEY, address(meterDataLedger), batch));
        return meterDataLedger.latestBatch(COMMUNITY, PERIOD);
    }

    function aSchedule(bytes32 root) internal pure returns (Schedule memory) {
        return Schedule({ root: root, slots: 2, dayCount: DAYS, maxIntervals: HOURS });
    }

    function handIn(Schedule memory schedule_) internal returns (bytes32) {
        bytes32 latest = scheduleBook.latestSchedule(COMMUNITY, PERIOD);
        uint32 version = scheduleBook.schedule(latest).version + 1;
        vm.prank(settler);
        scheduleBook.handIn(COMMUNITY, PERIOD, version, schedule_);
        return scheduleBook.latestSchedule(COMMUNITY, PERIOD);
    }

    function aRun() internal view returns (RunProposal memory) {
        return RunProposal({
            community: COMMUNITY,
            period: PERIOD,
            version: settlementLedger.run(settlementLedger.latestRun(COMMUNITY, PERIOD)).version + 1,
            ruleVersion: 1,
            batchId: meterDataLedger.latestBatch(COMMUNITY, PERIOD),
            basis: bytes32(0),
            root: ROOT,
            feedIn: 1000,
            consumption: 1500,
            allocated: 900,
            shared: 900
        });
    }

    function propose(RunProposal memory run) internal returns (bytes32) {
        vm.deal(settler, BOND);
        vm.prank(settler);
        settlementLedger.proposeRun{ value: BOND }(run);
        return settlementLedger.latestRun(COMMUNITY, PERIOD);
    }

    function proposeRun() internal returns (bytes32) {
        return propose(aRun());
    }

    function passWindow() internal {
        vm.warp(block.timestamp + WINDOW);
    }

    function attest(bytes32 runId) internal {
        vm.prank(auditor);
        settlementLedger.attest(runId);
    }

    function finalRun() internal returns (bytes32 runId) {
        runId = proposeRun();
        attest(runId);
        passWindow();
        settlementLedger.finalise(runId);
    }

    function theBills(bytes32 runId) internal pure returns (BillsProposal memory) {
        return BillsProposal({
            community: COMMUNITY,
            runId: runId,
            root: ROOT,
            debits: 1500,
            credits: 900,
            fees: 400,
            vatDebits: 100,
            vatCredits: 30,
            passThrough: 131,
            rounding: -1
        });
    }

    function proposeBills(BillsProposal memory proposal) internal {
        vm.deal(settler, BOND);
        vm.prank(settler);
        billingLedger.proposeBills{ value: BOND }(proposal);
    }

    function voidByContests(bytes32 runId) internal {
        vm.prank(address(contests));
        settlementLedger.voidRun(runId, stranger);
    }
}
