// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Paper, Settings, Tally } from "../types/Proposals.sol";
import { Rule } from "../types/Rules.sol";

/// @title How the members of one community vote
/// @notice A governor of OpenZeppelin whose votes are the registry's seats and whose proposals are typed: each entry builds the one
/// call inside, so that what is executed is what was shown. Members need no gas: whoever sends what they signed pays.
/// @dev Everything that members sign is EIP-712 with the community as its first field. No free text goes on chain.
interface ICommunityGovernor {
    /// @notice What is said about a proposal.
    /// @param proposalId The proposal.
    /// @param kind 1 rule, 2 weights, 3 revocation, 4 guardians, 5 steward, 6 appeal.
    /// @param text Salted hash of the words.
    /// @param rehearsal Hash of the rehearsal's result.
    /// @param member Who proposed.
    event ProposalPaper(
        uint256 indexed proposalId,
        uint8 indexed kind,
        bytes32 text,
        bytes32 rehearsal,
        address indexed member
    );
    /// @notice A vote of a batch did not count: its support or signature is none (then `signer` is zero), the signer had no seat at
    /// the snapshot, or the seat had voted.
    event VoteSkipped(uint256 indexed proposalId, uint256 index, address signer);

    /// @notice Proposals are made by the typed entries alone.
    error ProposalUntyped();
    /// @notice Votes are cast by `castVote` or `castVotesBySig` alone: without reasons, which would stay on chain for ever.
    error VoteUntyped();
    /// @notice How a community votes is fixed when its governor is created.
    error SettingsFixed();
    /// @notice The member's last proposal is still voted on, or waits for its vote.
    error ProposalOpenAlready(address member, uint256 proposalId);
    /// @notice A quorum is at most one.
    error QuorumAboveOne(uint32 quorumPpm);
    /// @notice A vote would last so long that weights at its snapshot could be forgotten. [s]
    error VoteTooLong(uint256 longest, uint256 limit);
    /// @notice Votes are 65 bytes each.
    error VotesMalformed(uint256 length);
    /// @notice The account had no seat at the snapshot.
    error NotMemberThen(address account, uint256 timepoint);

    /// @notice Propose a version of the rules.
    /// @param rule The rule; takes effect on its date, or as soon as rules may where that has gone by.
    /// @param paper What is said about it.
    /// @param member Who proposes.
    /// @param signature EIP-712 signature of ProposeRule by the member; empty where they send it themselves.
    function proposeRule(Rule calldata rule, Paper calldata paper, address member, bytes calldata signature)
        external
        returns (uint256 proposalId);

    /// @notice Propose what seats weigh.
    /// @param seats The seats.
    /// @param weights The weight of each.
    /// @param paper What is said about it.
    /// @param member Who proposes.
    /// @param signature EIP-712 signature of Propose by the member; empty where they send it themselves.
    function proposeWeights(
        uint32[] calldata seats,
        uint16[] calldata weights,
        Paper calldata paper,
        address member,
        bytes calldata signature
    ) external returns (uint256 proposalId);

    /// @notice Propose to take a seat back, whoever holds it by then.
    /// @param seat The seat.
    /// @param paper What is said about it.
    /// @param member Who proposes.
    /// @param signature EIP-712 signature of Propose by the member; empty where they send it themselves.
    function proposeRevocation(uint32 seat, Paper calldata paper, address member, bytes calldata signature)
        external
        returns (uint256 proposalId);

    /// @notice Propose who may pause the ledgers.
    /// @param guardians The guardians.
    /// @param paper What is said about it.
    /// @param member Who proposes.
    /// @param signature EIP-712 signature of Propose by the member; empty where they send it themselves.
    function proposeGuardians(
        address[3] calldata guardians,
        Paper calldata paper,
        address member,
        bytes calldata signature
    ) external returns (uint256 proposalId);

    /// @notice Propose another steward.
    /// @param steward The steward.
    /// @param paper What is said about it.
    /// @param member Who proposes.
    /// @param signature EIP-712 signature of Propose by the member; empty where they send it themselves.
    function proposeSteward(address steward, Paper calldata paper, address member, bytes calldata signature)
        external
        returns (uint256 proposalId);

    /// @notice Propose another outcome of a case that was ruled, while it may be appealed.
    /// @param caseId The case.
    /// @param party Whose claim shall prevail; 3 nobody's.
    /// @param paper What is said about it.
    /// @param member Who proposes.
    /// @param signature EIP-712 signature of Propose by the member; empty where they send it themselves.
    function proposeAppeal(
        uint256 caseId,
        uint8 party,
        Paper calldata paper,
        address member,
        bytes calldata signature
    ) external returns (uint256 proposalId);

    /// @notice `cancel` for a proposer who signs; anyone may send it while the proposal is pending.
    /// @param targets Targets of the proposal.
    /// @param values Values of the proposal.
    /// @param calldatas Calls of the proposal.
    /// @param descriptionHash Hash of its description.
    /// @param signature EIP-712 signature of Withdraw by the proposer.
    function cancelBySig(
        address[] calldata targets,
        uint256[] calldata values,
        bytes[] calldata calldatas,
        bytes32 descriptionHash,
        bytes calldata signature
    ) external returns (uint256 proposalId);

    /// @notice Cast what members signed. Votes that do not count are skipped, so that none can hold up the others.
    /// @param proposalId The proposal.
    /// @param votes 65 bytes each: support (0 against, 1 for, 2 abstain), then r and vs of an EIP-712 signature of Vote (EIP-2098).
    function castVotesBySig(uint256 proposalId, bytes calldata votes) external;

    /// @notice Votes of a proposal so far.
    /// @param proposalId The proposal.
    function tallyOf(uint256 proposalId) external view returns (Tally memory);

    /// @notice The proposal of a member's seat that is pending or voted on; 0 where there is none.
    /// @param member The member.
    function openProposalOf(address member) external view returns (uint256 proposalId);

    /// @notice How this community votes.
    function settings() external view returns (Settings memory);
}
