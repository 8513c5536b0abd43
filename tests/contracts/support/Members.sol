// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { CommunityGovernor } from "../../../contracts/CommunityGovernor.sol";
import { IRuleBook } from "../../../contracts/interfaces/IRuleBook.sol";
import { ConfirmPoint } from "../../../contracts/types/Points.sol";
import { Paper, Settings } from "../../../contracts/types/Proposals.sol";
import { Rule } from "../../../contracts/types/Rules.sol";
import { MemberSigning } from "./MemberSigning.sol";
import { World } from "./World.sol";
import { vm } from "./Vm.sol";

/// @dev A community whose members rule by vote: five seats, slots 0 to 4, a governor and its timelock.
abstract contract Members is World {
    /// @dev What governor and timelock need to be told again of a proposal.
    struct Motion {
        uint256 id;
        address[] targets;
        uint256[] values;
        bytes[] calldatas;
        bytes32 descriptionHash;
    }

    uint32 internal constant SEATS = 5;
    uint48 internal constant DELAY = 1 days;
    uint32 internal constant VOTING = 7 days;
    uint48 internal constant EXTENSION = 1 days;
    uint32 internal constant QUORUM = 400_000;
    uint256 internal constant WAITING = 2 days;
    uint8 internal constant PENDING = 0;
    uint8 internal constant ACTIVE = 1;
    uint8 internal constant CANCELLED = 2;
    uint8 internal constant DEFEATED = 3;
    uint8 internal constant SUCCEEDED = 4;
    uint8 internal constant QUEUED = 5;
    uint8 internal constant EXPIRED = 6;
    uint8 internal constant EXECUTED = 7;

    CommunityGovernor internal governor;
    TimelockController internal timelock;

    function setUp() public virtual override {
        super.setUp();
        schedule(aRule());
        seatAll(SEATS);
        create(theSettings());
        appoint();
        later(1);
    }

    function theSettings() internal pure returns (Settings memory) {
        return Settings({
            votingDelay: DELAY, votingPeriod: VOTING, lateQuorumExtension: EXTENSION, quorumPpm: QUORUM
        });
    }

    function keyOf(uint256 seat_) internal pure returns (uint256) {
        return 0x5EA7_0000 + seat_;
    }

    function memberOf(uint256 seat_) internal pure returns (address) {
        return vm.addr(keyOf(seat_));
    }

    function seatAll(uint32 seats) internal {
        ConfirmPoint[] memory points = new ConfirmPoint[](seats);
        for (uint32 slot; slot < seats; ++slot) {
            points[slot] = aPoint(slot);
        }
        confirm(points);
        for (uint32 slot; slot < seats; ++slot) {
            seat(slot, memberOf(slot));
        }
    }

    function seat(uint32 number, address holder) internal {
        vm.prank(steward);
        registry.grantSeat(COMMUNITY, number, holder);
    }

    function create(Settings memory settings) internal {
        address[] memory proposers = new address[](1);
        proposers[0] = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        timelock = new TimelockController(WAITING, proposers, proposers, address(0));
        governor = new CommunityGovernor(
            COMMUNITY, registry, ruleBook, pauseBook, arbitration, timelock, settings
        );
        same("foreseen", address(governor), proposers[0]);
    }

    function appoint() internal {
        vm.prank(steward);
        registry.appointExecutive(COMMUNITY, address(timelock), address(governor));
    }

    function later(uint256 time) internal {
        vm.warp(block.timestamp + time);
    }

    function here() internal view returns (MemberSigning.Domain memory) {
        return MemberSigning.domainOf(address(governor));
    }

    function aPaper(uint256 nonce) internal pure returns (Paper memory) {
        return Paper({ text: keccak256("words"), rehearsal: keccak256("rehearsal"), nonce: nonce });
    }

    /// @dev A rule that differs from the one in force, a month from now.
    function aNewRule() internal view returns (Rule memory rule) {
        rule = aStaticRule();
        rule.effectiveFrom = uint32(block.timestamp / 1 days) + 30;
        rule.tariff.sharedPrice = 130_000;
    }

    function motionOf(uint256 id, address target, bytes memory call, uint256 seat_, Paper memory paper)
        internal
        pure
        returns (Motion memory motion)
    {
        motion.id = id;
        motion.targets = new address[](1);
        motion.values = new uint256[](1);
        motion.calldatas = new bytes[](1);
        (motion.targets[0], motion.calldatas[0]) = (target, call);
        motion.descriptionHash = keccak256(bytes(described(paper, memberOf(seat_))));
    }

    /// @dev Hex digits of text, rehearsal, nonce and proposer.
    function described(Paper memory paper, address proposer) internal pure returns (string memory) {
        bytes memory words = abi.encode(paper.text, paper.rehearsal, paper.nonce, proposer);
        bytes memory digits = new bytes(2 + 2 * words.length);
        (digits[0], digits[1]) = ("0", "x");
        for (uint256 i; i < words.length; ++i) {
            digits[2 + 2 * i] = bytes16("0123456789abcdef")[uint8(words[i]) >> 4];
            digits[3 + 2 * i] = bytes16("0123456789abcdef")[uint8(words[i]) & 15];
        }
        return string(digits);
    }

    function proposeRule(uint256 seat_, Rule memory rule, uint256 nonce) internal returns (Motion memory) {
        Paper memory paper = aPaper(nonce);
        vm.prank(memberOf(seat_));
        uint256 id = governor.proposeRule(rule, paper, memberOf(seat_), "");
        bytes memory call = abi.encodeCall(IRuleBook.scheduleRule, (COMMUNITY, rule));
        return motionOf(id, address(ruleBook), call, seat_, paper);
    }

    function open(Motion memory motion) internal {
        vm.warp(governor.proposalSnapshot(motion.id) + 1);
    }

    function close(Motion memory motion) internal {
        vm.warp(governor.proposalDeadline(motion.id) + 1);
    }

    function ballot(uint256 seat_, uint256 id, uint8 support) internal view returns (bytes memory) {
        return MemberSigning.vote(keyOf(seat_), here(), COMMUNITY, id, support);
    }

    /// @dev The first `count` seats vote alike, in one batch that a stranger sends.
    function voteAll(uint256 id, uint256 count, uint8 support) internal {
        bytes memory votes;
        for (uint256 i; i < count; ++i) {
            votes = bytes.concat(votes, ballot(i, id, support));
        }
        vm.prank(stranger);
        governor.castVotesBySig(id, votes);
    }

    function queue(Motion memory motion) internal {
        governor.queue(motion.targets, motion.values, motion.calldatas, motion.descriptionHash);
    }

    function execute(Motion memory motion) internal {
        governor.execute(motion.targets, motion.values, motion.calldatas, motion.descriptionHash);
    }

    /// @dev From proposal to execution, by the votes of all.
    function carry(Motion memory motion) internal {
        open(motion);
        voteAll(motion.id, SEATS, 1);
        close(motion);
        queue(motion);
        later(WAITING);
        execute(motion);
    }

    function stateOf(Motion memory motion) internal view returns (uint8) {
        return uint8(governor.state(motion.id));
    }
}
