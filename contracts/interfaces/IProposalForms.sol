// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Form, Paper } from "../types/Proposals.sol";
import { Rule } from "../types/Rules.sol";

/// @title What each typed proposal of a community calls, and what its proposer signs
/// @notice Keeps nothing. A governor creates its own and passes its callers' data on unchanged: each function here reads what the
/// governor's function of the same name was given, the signature included, which only the governor looks at.
interface IProposalForms {
    /// @notice A version of the rules that could be scheduled. The proposer signs ProposeRule, with each field of the rule.
    function proposeRule(Rule calldata rule, Paper calldata paper, address member, bytes calldata signature)
        external
        view
        returns (Form memory);

    /// @notice What seats weigh. The proposer signs Propose.
    function proposeWeights(
        uint32[] calldata seats,
        uint16[] calldata weights,
        Paper calldata paper,
        address member,
        bytes calldata signature
    ) external view returns (Form memory);

    /// @notice A seat is taken back. The proposer signs Propose.
    function proposeRevocation(uint32 seat, Paper calldata paper, address member, bytes calldata signature)
        external
        view
        returns (Form memory);

    /// @notice Who may pause the ledgers. The proposer signs Propose.
    function proposeGuardians(
        address[3] calldata guardians,
        Paper calldata paper,
        address member,
        bytes calldata signature
    ) external view returns (Form memory);

    /// @notice Another steward. The proposer signs Propose.
    function proposeSteward(address steward, Paper calldata paper, address member, bytes calldata signature)
        external
        view
        returns (Form memory);

    /// @notice Another outcome of a case. The proposer signs Propose.
    function proposeAppeal(
        uint256 caseId,
        uint8 party,
        Paper calldata paper,
        address member,
        bytes calldata signature
    ) external view returns (Form memory);
}
