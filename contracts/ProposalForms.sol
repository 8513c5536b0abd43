// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IArbitration } from "./interfaces/IArbitration.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IPauseBook } from "./interfaces/IPauseBook.sol";
import { IProposalForms } from "./interfaces/IProposalForms.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { VotePapers } from "./libraries/VotePapers.sol";
import {
    Form,
    KIND_APPEAL,
    KIND_GUARDIANS,
    KIND_REVOCATION,
    KIND_RULE,
    KIND_STEWARD,
    KIND_WEIGHTS,
    Paper
} from "./types/Proposals.sol";
import { Rule } from "./types/Rules.sol";

/// @title ProposalForms
/// @notice See {IProposalForms}.
contract ProposalForms is IProposalForms {
    /// @notice Whose members propose.
    bytes32 public immutable community;
    /// @notice Where seats are weighed and taken back, and the steward is replaced.
    ICommunityRegistry public immutable registry;
    /// @notice Where rules are scheduled.
    IRuleBook public immutable ruleBook;
    /// @notice Where guardians are named.
    IPauseBook public immutable pauseBook;
    /// @notice Where rulings are overturned.
    IArbitration public immutable arbitration;

    constructor(
        bytes32 community_,
        ICommunityRegistry registry_,
        IRuleBook ruleBook_,
        IPauseBook pauseBook_,
        IArbitration arbitration_
    ) {
        community = community_;
        registry = registry_;
        ruleBook = ruleBook_;
        pauseBook = pauseBook_;
        arbitration = arbitration_;
    }

    /// @inheritdoc IProposalForms
    function proposeRule(Rule calldata rule, Paper calldata paper, address member, bytes calldata)
        external
        view
        returns (Form memory)
    {
        ruleBook.requireWellFormed(rule);
        return Form({
            kind: KIND_RULE,
            target: address(ruleBook),
            call: abi.encodeCall(IRuleBook.scheduleRule, (community, rule)),
            structHash: VotePapers.proposeRule(community, member, rule, paper)
        });
    }

    /// @inheritdoc IProposalForms
    function proposeWeights(
        uint32[] calldata seats,
        uint16[] calldata weights,
        Paper calldata paper,
        address member,
        bytes calldata
    ) external view returns (Form memory) {
        bytes memory call = abi.encodeCall(ICommunityRegistry.setWeights, (community, seats, weights));
        return _form(KIND_WEIGHTS, address(registry), call, paper, member);
    }

    /// @inheritdoc IProposalForms
    function proposeRevocation(uint32 seat, Paper calldata paper, address member, bytes calldata)
        external
        view
        returns (Form memory)
    {
        bytes memory call = abi.encodeCall(ICommunityRegistry.revokeSeat, (community, seat));
        return _form(KIND_REVOCATION, address(registry), call, paper, member);
    }

    /// @inheritdoc IProposalForms
    function proposeGuardians(
        address[3] calldata guardians,
        Paper calldata paper,
        address member,
        bytes calldata
    ) external view returns (Form memory) {
        bytes memory call = abi.encodeCall(IPauseBook.nameGuardians, (community, guardians));
        return _form(KIND_GUARDIANS, address(pauseBook), call, paper, member);
    }

    /// @inheritdoc IProposalForms
    function proposeSteward(address steward, Paper calldata paper, address member, bytes calldata)
        external
        view
        returns (Form memory)
    {
        bytes memory call = abi.encodeCall(ICommunityRegistry.replaceSteward, (community, steward));
        return _form(KIND_STEWARD, address(registry), call, paper, member);
    }

    /// @inheritdoc IProposalForms
    function proposeAppeal(uint256 caseId, uint8 party, Paper calldata paper, address member, bytes calldata)
        external
        view
        returns (Form memory)
    {
        bytes memory call = abi.encodeCall(IArbitration.overturn, (caseId, party));
        return _form(KIND_APPEAL, address(arbitration), call, paper, member);
    }

    function _form(uint8 kind, address target, bytes memory call, Paper calldata paper, address member)
        private
        view
        returns (Form memory)
    {
        bytes32 structHash = VotePapers.propose(community, member, call, paper);
        return Form({ kind: kind, target: target, call: call, structHash: structHash });
    }
}
