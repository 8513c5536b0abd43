// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IGovernor } from "@openzeppelin/contracts/governance/IGovernor.sol";
import { IRuleBook } from "../../../contracts/interfaces/IRuleBook.sol";
import { Paper, Tally } from "../../../contracts/types/Proposals.sol";
import { Rule } from "../../../contracts/types/Rules.sol";
import { MemberSigning } from "./MemberSigning.sol";
import { Members } from "./Members.sol";
import { vm } from "./Vm.sol";

/// @dev Members who do at random what members, stewards, guardians and strangers can. No deed reverts: what is refused is counted.
contract Assembly is Members {
    uint256 public constant KEYS = 12;
    uint256 private constant FIRST_KEY = 0xA55E;

    Motion[] private _motions;
    mapping(uint32 version => bytes32) private _rulesThen;
    uint256 public done;
    uint256 public executed;
    uint256 public stolen;
    uint256 public misexecuted;

    function gather() external {
        super.setUp();
        vm.prank(address(timelock));
        pauseBook.nameGuardians(COMMUNITY, [address(0x91), address(0x92), address(0x93)]);
        remember();
    }

    function setUp() public override { }

    function letTimePass(uint256 time) external {
        later(time % 5 days + 1);
        look();
    }

    function propose(uint256 key, uint8 method, uint256 nonce) external {
        Rule memory rule = aRule();
        rule.key.method = method % 2 == 0 ? 1 : 3;
        rule.effectiveFrom = uint32(block.timestamp / 1 days) + method;
        address account = accountOf(key);
        Paper memory paper = aPaper(nonce);
        bytes memory call = abi.encodeCall(IRuleBook.scheduleRule, (COMMUNITY, rule));
        vm.prank(account);
        try governor.proposeRule(rule, paper, account, "") returns (uint256 id) {
            Motion memory motion = motionOf(id, address(ruleBook), call, 0, paper);
            motion.descriptionHash = keccak256(bytes(described(paper, account)));
            _motions.push(motion);
            ++done;
        } catch { }
    }

    function vote(uint256 which, uint256 first, uint256 second, uint8 support, bool replayed) external {
        if (_motions.length == 0) return;
        uint256 id = _motions[which % _motions.length].id;
        MemberSigning.Domain memory domain = here();
        if (replayed) domain.chainId += 1;
        bytes memory votes = bytes.concat(
            MemberSigning.vote(keyAt(first), domain, COMMUNITY, id, support % 3),
            MemberSigning.vote(keyAt(second), domain, COMMUNITY, id, (support / 3) % 4),
            MemberSigning.vote(keyAt(first), domain, COMMUNITY, id, 1)
        );
        Tally memory before = governor.tallyOf(id);
        try governor.castVotesBySig(id, votes) {
            Tally memory present = governor.tallyOf(id);
            if (replayed && sumOf(present) != sumOf(before)) ++stolen;
            ++done;
        } catch { }
    }

    function advance(uint256 which) external {
        if (_motions.length == 0) return;
        Motion memory motion = _motions[which % _motions.length];
        uint32 before = ruleBook.latestVersion(COMMUNITY);
        if (governor.state(motion.id) == IGovernor.ProposalState.Succeeded) {
            queue(motion);
            ++done;
        } else if (governor.state(motion.id) == IGovernor.ProposalState.Queued) {
            if (block.timestamp < governor.proposalEta(motion.id)) later(WAITING);
            execute(motion);
            ++executed;
            if (ruleBook.latestVersion(COMMUNITY) != before + 1 || !isAsShown(motion)) ++misexecuted;
        }
        look();
    }

    function moveSeat(uint256 deed, uint256 number, uint256 key) external {
        uint32 seat_ = uint32(number % SEATS);
        address holder = registry.holderOf(COMMUNITY, seat_);
        address to = accountOf(key);
        deed %= 5;
        if (deed == 0) {
            vm.prank(holder);
            try registry.resignSeat(COMMUNITY) {
                ++done;
            } catch { }
        } else if (deed == 1) {
            vm.prank(steward);
            try registry.grantSeat(COMMUNITY, seat_, to) {
                ++done;
            } catch { }
        } else if (deed == 2) {
            vm.prank(holder);
            try registry.replaceKey(COMMUNITY, to) {
                ++done;
            } catch { }
        } else if (deed == 3) {
            vm.prank(steward);
            try registry.proposeRecovery(COMMUNITY, seat_, to) {
                ++done;
            } catch { }
        } else {
            try registry.completeRecovery(COMMUNITY, seat_) {
                ++done;
            } catch { }
        }
    }

    function weigh(uint256 number, uint16 weight) external {
        uint32[] memory seats = new uint32[](1);
        uint16[] memory weights = new uint16[](1);
        (seats[0], weights[0]) = (uint32(number % SEATS), weight % 4);
        vm.prank(address(timelock));
        try registry.setWeights(COMMUNITY, seats, weights) {
            ++done;
        } catch { }
    }

    /// @dev What nobody but the executive may do; whoever succeeds stole it.
    function usurp(uint256 who, uint8 deed) external {
        address[4] memory usurpers = [steward, stranger, accountOf(who), address(governor)];
        address usurper = usurpers[who % 4];
        vm.prank(usurper);
        bool taken;
        if (deed % 4 == 0) {
            (taken,) = address(ruleBook).call(abi.encodeCall(IRuleBook.scheduleRule, (COMMUNITY, aRule())));
        }
        if (deed % 4 == 1) {
            (taken,) = address(registry).call(abi.encodeCall(registry.replaceSteward, (COMMUNITY, usurper)));
        }
        if (deed % 4 == 2) {
            (taken,) = address(registry).call(abi.encodeCall(registry.revokeSeat, (COMMUNITY, 0)));
        }
        if (deed % 4 == 3) {
            (taken,) = address(registry)
                .call(abi.encodeCall(registry.appointExecutive, (COMMUNITY, usurper, usurper)));
        }
        if (taken) ++stolen;
    }

    function pause(uint256 who) external {
        vm.prank([address(0x91), address(0x92), address(0x93), stranger][who % 4]);
        try pauseBook.pause(COMMUNITY) {
            ++done;
        } catch { }
        look();
    }

    function walkThrough() external {
        uint256 id = _motions.length;
        this.propose(0, 2, 77_000 + id);
        if (_motions.length == id) return;
        Motion memory motion = _motions[id];
        open(motion);
        for (uint256 key; key < KEYS; key += 2) {
            this.vote(id, key, key + 1, 4, false);
        }
        close(motion);
        this.advance(id);
        this.advance(id);
    }

    function motionCount() external view returns (uint256) {
        return _motions.length;
    }

    /// @dev Votes counted, votes of seats that have voted, votes of all, and whether a seat has two voters.
    function countsOf(uint256 i)
        external
        view
        returns (uint256 counted, uint256 cast, uint256 all, bool twice)
    {
        uint256 id = _motions[i].id;
        uint256 snapshot = governor.proposalSnapshot(id);
        counted = sumOf(governor.tallyOf(id));
        if (snapshot >= block.timestamp) return (counted, 0, 0, false);
        all = registry.totalVotesAt(COMMUNITY, snapshot);
        // Longer than a vote lasts, weights of then are not known.
        if (block.timestamp > snapshot + 60 days) return (counted, counted, all, false);
        uint256 seen;
        for (uint256 key; key < KEYS; ++key) {
            address account = accountOf(key);
            (uint32 number, uint16 weight) = registry.votesAt(COMMUNITY, account, snapshot);
            if (weight == 0) continue;
            if (seen & (1 << number) != 0) twice = true;
            seen |= 1 << number;
            if (governor.hasVoted(id, account)) cast += weight;
        }
    }

    /// @dev Votes of all seats now, by the accounts that hold them, and as the registry sums them up.
    function seatsNow() external view returns (uint256 summed, uint256 total) {
        for (uint32 number; number < SEATS; ++number) {
            address holder = registry.holderOf(COMMUNITY, number);
            (uint32 found, uint16 weight) = registry.votesAt(COMMUNITY, holder, block.timestamp);
            if (holder != address(0)) require(found == number, NotSameNumber("seat", found, number));
            summed += weight;
        }
        total = registry.totalVotesAt(COMMUNITY, block.timestamp);
    }

    function latestVersion() external view returns (uint32) {
        return ruleBook.latestVersion(COMMUNITY);
    }

    function ruleThenAndNow(uint32 version) external view returns (uint32, bytes32, bytes32) {
        Rule memory kept = ruleBook.rule(COMMUNITY, version);
        return (kept.effectiveFrom, _rulesThen[version], keccak256(abi.encode(kept)));
    }

    function pauses() external view returns (uint256) {
        return pauseBook.pauseCount(COMMUNITY);
    }

    function pauseAt(uint256 i) external view returns (uint64, uint64) {
        return pauseBook.pauseAt(COMMUNITY, i);
    }

    function isPausedBeyondItsEnd() external view returns (bool) {
        uint256 count = pauseBook.pauseCount(COMMUNITY);
        if (count == 0) return pauseBook.isPaused(COMMUNITY);
        (, uint64 until) = pauseBook.pauseAt(COMMUNITY, count - 1);
        return pauseBook.isPaused(COMMUNITY) && block.timestamp >= until;
    }

    function executiveNow() external view returns (address, address) {
        return (registry.executiveOf(COMMUNITY), address(timelock));
    }

    /// @dev Half of the keys are members at first, the others wait for a seat.
    function keyAt(uint256 key) private pure returns (uint256) {
        key %= KEYS;
        return key < SEATS ? keyOf(key) : FIRST_KEY + key;
    }

    function accountOf(uint256 key) private pure returns (address) {
        return vm.addr(keyAt(key));
    }

    function isAsShown(Motion memory motion) private view returns (bool) {
        Rule memory kept = ruleBook.rule(COMMUNITY, ruleBook.latestVersion(COMMUNITY));
        (bytes32 community, Rule memory shown) = this.decode(motion.calldatas[0]);
        if (kept.effectiveFrom > shown.effectiveFrom) shown.effectiveFrom = kept.effectiveFrom;
        return community == COMMUNITY && keccak256(abi.encode(kept)) == keccak256(abi.encode(shown));
    }

    function decode(bytes calldata call) external pure returns (bytes32, Rule memory) {
        return abi.decode(call[4:], (bytes32, Rule));
    }

    function look() private {
        for (uint32 version = 1; version <= ruleBook.latestVersion(COMMUNITY); ++version) {
            if (_rulesThen[version] == 0) remember();
        }
    }

    function remember() private {
        uint32 version = ruleBook.latestVersion(COMMUNITY);
        _rulesThen[version] = keccak256(abi.encode(ruleBook.rule(COMMUNITY, version)));
    }

    function sumOf(Tally memory tally) private pure returns (uint256) {
        return uint256(tally.against) + tally.inFavour + tally.abstain;
    }
}
