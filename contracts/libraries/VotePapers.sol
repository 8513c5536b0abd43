// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Paper } from "../types/Proposals.sol";
import { Rule } from "../types/Rules.sol";
import { RuleHashes } from "./RuleHashes.sol";

/// @title What members sign for their governor, as EIP-712 hashes it
library VotePapers {
    bytes32 private constant PROPOSE_TYPEHASH = keccak256(
        "Propose(bytes32 community,address member,bytes32 action,bytes32 text,bytes32 rehearsal,uint256 nonce)"
    );
    bytes32 private constant PROPOSE_RULE_TYPEHASH = keccak256(
        abi.encodePacked(
            "ProposeRule(bytes32 community,address member,Rule rule,bytes32 text,bytes32 rehearsal,uint256 nonce)",
            RuleHashes.TYPES
        )
    );
    bytes32 private constant VOTE_TYPEHASH =
        keccak256("Vote(bytes32 community,uint256 proposalId,uint8 support)");
    bytes32 private constant WITHDRAW_TYPEHASH = keccak256("Withdraw(bytes32 community,uint256 proposalId)");

    /// @notice A proposal of one call.
    function propose(bytes32 community, address member, bytes memory call, Paper calldata paper)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(PROPOSE_TYPEHASH, community, member, keccak256(call), paper));
    }

    /// @notice A proposal of a rule.
    function proposeRule(bytes32 community, address member, Rule calldata rule, Paper calldata paper)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(PROPOSE_RULE_TYPEHASH, community, member, RuleHashes.hashOf(rule), paper));
    }

    /// @notice A vote.
    function vote(bytes32 community, uint256 proposalId, uint8 support) internal pure returns (bytes32) {
        return keccak256(abi.encode(VOTE_TYPEHASH, community, proposalId, support));
    }

    /// @notice A proposal that its proposer takes back.
    function withdraw(bytes32 community, uint256 proposalId) internal pure returns (bytes32) {
        return keccak256(abi.encode(WITHDRAW_TYPEHASH, community, proposalId));
    }
}
