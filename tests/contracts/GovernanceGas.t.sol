// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityGovernor } from "../../contracts/interfaces/ICommunityGovernor.sol";
import { Members } from "./support/Members.sol";
import { vm } from "./support/Vm.sol";

/// @dev What votes cost from cold storage: 21,000, the call data (EIP-7623 included) and the execution.
contract GovernanceGasTest is Members {
    event GasUsed(string what, uint256 gas);

    uint256 private constant VOTE_GAS = 15_000;
    uint256 private constant CONTRACT_BYTES = 24_576;

    function test_a_vote_in_a_batch_of_fifty_costs_at_most_fifteen_thousand() public {
        for (uint32 slot = SEATS; slot < 50; ++slot) {
            confirm(aPoint(slot));
            seat(slot, memberOf(slot));
        }
        later(1);
        Motion memory motion = proposeRule(0, aNewRule(), 1);
        open(motion);
        bytes memory votes;
        for (uint256 i; i < 50; ++i) {
            votes = bytes.concat(votes, ballot(i, motion.id, 1));
        }
        bytes memory call = abi.encodeCall(ICommunityGovernor.castVotesBySig, (motion.id, votes));
        uint256 gas = spend("castVotesBySig, 50 votes", call);
        same("all", governor.tallyOf(motion.id).inFavour, 50);
        emit GasUsed("a vote", gas / 50);
        holds("each", gas <= 50 * VOTE_GAS);
    }

    function test_no_contract_of_governance_is_too_large_to_deploy() public view {
        holds("registry", address(registry).code.length <= CONTRACT_BYTES);
        holds("rule book", address(ruleBook).code.length <= CONTRACT_BYTES);
        holds("pause book", address(pauseBook).code.length <= CONTRACT_BYTES);
        holds("governor", address(governor).code.length <= CONTRACT_BYTES);
        holds("forms", address(governor.proposalForms()).code.length <= CONTRACT_BYTES);
        holds("timelock", address(timelock).code.length <= CONTRACT_BYTES);
    }

    function spend(string memory what, bytes memory call) private returns (uint256 gas) {
        vm.cool(address(governor));
        vm.cool(address(registry));
        vm.prank(stranger);
        (bool done,) = address(governor).call(call);
        holds(what, done);
        uint256 execution = vm.lastCallGas().gasTotalUsed;
        uint256 tokens;
        for (uint256 i; i < call.length; ++i) {
            tokens += call[i] == 0 ? 1 : 4;
        }
        uint256 standard = 21_000 + 4 * tokens + execution;
        uint256 least = 21_000 + 10 * tokens;
        gas = standard > least ? standard : least;
        emit GasUsed(what, gas);
    }
}
