// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Governor } from "@openzeppelin/contracts/governance/Governor.sol";
import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import {
    GovernorPreventLateQuorum
} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {
    GovernorTimelockControl
} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { Strings } from "@openzeppelin/contracts/utils/Strings.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import { Time } from "@openzeppelin/contracts/utils/types/Time.sol";
import { ProposalForms } from "./ProposalForms.sol";
import { IArbitration } from "./interfaces/IArbitration.sol";
import { ICommunityGovernor } from "./interfaces/ICommunityGovernor.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IPauseBook } from "./interfaces/IPauseBook.sol";
import { IProposalForms } from "./interfaces/IProposalForms.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { Ballots } from "./libraries/Ballots.sol";
import { SeatRoll } from "./libraries/SeatRoll.sol";
import { VotePapers } from "./libraries/VotePapers.sol";
import { ONE_PPM } from "./types/Points.sol";
import { Form, Paper, SUPPORT_ABSTAIN, Settings, Tally } from "./types/Proposals.sol";
import { Rule } from "./types/Rules.sol";

/// @title CommunityGovernor
/// @notice See {ICommunityGovernor}.
contract CommunityGovernor is
    ICommunityGovernor,
    Governor,
    GovernorPreventLateQuorum,
    GovernorTimelockControl
{
    using BitMaps for BitMaps.BitMap;

    /// @dev A vote left lying for longer is carried out no more: it would undo what was voted after it.
    uint256 private constant EXECUTION_TIME = 30 days;
    /// @notice Whose members vote.
    bytes32 public immutable community;
    /// @notice Who has how many votes.
    ICommunityRegistry public immutable registry;
    /// @notice Where rulings are overturned.
    IArbitration public immutable arbitration;
    /// @notice What proposals call, and what their proposers sign.
    IProposalForms public immutable proposalForms;
    uint48 private immutable _votingDelay;
    uint32 private immutable _votingPeriod;
    uint32 private immutable _quorumPpm;

    mapping(uint256 proposalId => Tally) private _tallies;
    /// @dev By seat and not by account: a seat has its votes once, whatever key it is voted with.
    mapping(uint256 proposalId => BitMaps.BitMap) private _voted;
    mapping(uint32 seat => uint256 proposalId) private _lastProposals;

    constructor(
        bytes32 community_,
        ICommunityRegistry registry_,
        IRuleBook ruleBook_,
        IPauseBook pauseBook_,
        IArbitration arbitration_,
        TimelockController timelock_,
        Settings memory settings_
    )
        Governor("Partage")
        GovernorPreventLateQuorum(settings_.lateQuorumExtension)
        GovernorTimelockControl(timelock_)
    {
        require(settings_.quorumPpm <= ONE_PPM, QuorumAboveOne(settings_.quorumPpm));
        uint256 longest = uint256(settings_.votingPeriod) + settings_.lateQuorumExtension;
        require(settings_.votingPeriod != 0, GovernorInvalidVotingPeriod(0));
        require(longest <= SeatRoll.WEIGHT_REST, VoteTooLong(longest, SeatRoll.WEIGHT_REST));
        community = community_;
        registry = registry_;
        arbitration = arbitration_;
        proposalForms = new ProposalForms(community_, registry_, ruleBook_, pauseBook_, arbitration_);
        (_votingDelay, _votingPeriod, _quorumPpm) =
        (settings_.votingDelay, settings_.votingPeriod, settings_.quorumPpm);
    }

    /// @inheritdoc ICommunityGovernor
    function proposeRule(Rule calldata, Paper calldata paper, address member, bytes calldata signature)
        external
        returns (uint256)
    {
        return _proposeForm(paper, member, signature);
    }

    /// @inheritdoc ICommunityGovernor
    function proposeWeights(
        uint32[] calldata,
        uint16[] calldata,
        Paper calldata paper,
        address member,
        bytes calldata signature
    ) external returns (uint256) {
        return _proposeForm(paper, member, signature);
    }

    /// @inheritdoc ICommunityGovernor
    function proposeRevocation(uint32, Paper calldata paper, address member, bytes calldata signature)
        external
        returns (uint256)
    {
        return _proposeForm(paper, member, signature);
    }

    /// @inheritdoc ICommunityGovernor
    function proposeGuardians(
        address[3] calldata,
        Paper calldata paper,
        address member,
        bytes calldata signature
    ) external returns (uint256) {
        return _proposeForm(paper, member, signature);
    }

    /// @inheritdoc ICommunityGovernor
    function proposeSteward(address, Paper calldata paper, address member, bytes calldata signature)
        external
        returns (uint256)
    {
        return _proposeForm(paper, member, signature);
    }

    /// @inheritdoc ICommunityGovernor
    function proposeAppeal(
        uint256 caseId,
        uint8 party,
        Paper calldata paper,
        address member,
        bytes calldata signature
    ) external returns (uint256 proposalId) {
        proposalId = _proposeForm(paper, member, signature);
        arbitration.noteAppeal(caseId, party, proposalId);
    }

    /// @inheritdoc ICommunityGovernor
    function cancelBySig(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash,
        bytes calldata signature
    ) external returns (uint256 proposalId) {
        proposalId = hashProposal(targets, values, calldatas, descriptionHash);
        address proposer = proposalProposer(proposalId);
        _requireSigned(proposer, VotePapers.withdraw(community, proposalId), signature);
        require(_validateCancel(proposalId, proposer), GovernorUnableToCancel(proposalId, proposer));
        _cancel(targets, values, calldatas, descriptionHash);
    }

    /// @inheritdoc ICommunityGovernor
    function castVotesBySig(uint256 proposalId, bytes calldata votes) external {
        _validateStateBitmap(proposalId, _encodeStateBitmap(ProposalState.Active));
        address[] memory signers = Ballots.signersOf(_digestsOf(proposalId), votes);
        (uint32[] memory seats, uint16[] memory weights) =
            registry.votesAtMany(community, signers, proposalSnapshot(proposalId));
        Tally memory tally = _tallies[proposalId];
        BitMaps.BitMap storage voted = _voted[proposalId];
        for (uint256 i; i < signers.length; ++i) {
            uint16 weight = weights[i];
            if (weight == 0 || !Ballots.mark(voted, seats[i])) {
                emit VoteSkipped(proposalId, i, signers[i]);
                continue;
            }
            uint8 support = Ballots.supportOf(votes, i);
            Ballots.add(tally, support, weight);
            emit VoteCast(signers[i], proposalId, support, weight, "");
        }
        _tallies[proposalId] = tally;
        _tallyUpdated(proposalId);
    }

    /// @notice Refused: proposals are typed.
    function propose(address[] memory, uint256[] memory, bytes[] memory, string memory)
        public
        pure
        override
        returns (uint256)
    {
        revert ProposalUntyped();
    }

    /// @notice Refused: a reason would stay on chain for ever.
    function castVoteWithReason(uint256, uint8, string calldata) public pure override returns (uint256) {
        revert VoteUntyped();
    }

    /// @notice Refused: a reason would stay on chain for ever.
    function castVoteWithReasonAndParams(uint256, uint8, string calldata, bytes memory)
        public
        pure
        override
        returns (uint256)
    {
        revert VoteUntyped();
    }

    /// @notice Refused: what is signed names the community.
    function castVoteBySig(uint256, uint8, address, bytes memory) public pure override returns (uint256) {
        revert VoteUntyped();
    }

    /// @notice Refused: what is signed names the community, and no reason.
    function castVoteWithReasonAndParamsBySig(
        uint256,
        uint8,
        address,
        string calldata,
        bytes memory,
        bytes memory
    ) public pure override returns (uint256) {
        revert VoteUntyped();
    }

    /// @notice Refused: how a community votes is fixed.
    function setLateQuorumVoteExtension(uint48) public pure override {
        revert SettingsFixed();
    }

    /// @notice Refused: what carries votes out is fixed.
    function updateTimelock(TimelockController) public pure override {
        revert SettingsFixed();
    }

    /// @notice Refused: proposals are typed.
    function relay(address, uint256, bytes calldata) public payable override {
        revert ProposalUntyped();
    }

    /// @inheritdoc ICommunityGovernor
    function tallyOf(uint256 proposalId) external view returns (Tally memory) {
        return _tallies[proposalId];
    }

    /// @inheritdoc ICommunityGovernor
    function openProposalOf(address member) external view returns (uint256 proposalId) {
        (bool seated, uint32 seat) = registry.seatOfHolder(community, member);
        if (seated) proposalId = _openProposalOf(seat);
    }

    /// @inheritdoc ICommunityGovernor
    function settings() external view returns (Settings memory) {
        return Settings(_votingDelay, _votingPeriod, lateQuorumVoteExtension(), _quorumPpm);
    }

    /// @notice Whether the seat that an account held at the snapshot has voted.
    function hasVoted(uint256 proposalId, address account) external view override returns (bool) {
        (uint32 seat, uint16 weight) = registry.votesAt(community, account, proposalSnapshot(proposalId));
        return weight != 0 && _voted[proposalId].get(seat);
    }

    /// @notice Votes in favour and abstentions that a proposal needs whose snapshot is then.
    function quorum(uint256 timepoint) public view override returns (uint256) {
        return
            Math.mulDiv(registry.totalVotesAt(community, timepoint), _quorumPpm, ONE_PPM, Math.Rounding.Ceil);
    }

    /// @notice Time is that of blocks, as in the registry.
    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    /// @notice How time is told (ERC-6372).
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @notice Against, for and abstain; abstentions count for the quorum.
    function COUNTING_MODE() public pure override returns (string memory) {
        return "support=bravo&quorum=for,abstain";
    }

    /// @notice State of a proposal, as of the timelock once it is queued; expired where nobody carried it out in time.
    function state(uint256 proposalId)
        public
        view
        override(Governor, GovernorTimelockControl)
        returns (ProposalState)
    {
        ProposalState present = super.state(proposalId);
        bool waits = present == ProposalState.Succeeded || present == ProposalState.Queued;
        uint256 due = waits ? Math.max(proposalDeadline(proposalId), proposalEta(proposalId)) : 0;
        return waits && clock() >= due + EXECUTION_TIME ? ProposalState.Expired : present;
    }

    /// @notice Every proposal waits in the timelock.
    function proposalNeedsQueuing(uint256 proposalId)
        public
        view
        override(Governor, GovernorTimelockControl)
        returns (bool)
    {
        return super.proposalNeedsQueuing(proposalId);
    }

    /// @notice From a proposal to its snapshot. [s]
    function votingDelay() public view override returns (uint256) {
        return _votingDelay;
    }

    /// @notice From a snapshot to the end of the vote. [s]
    function votingPeriod() public view override returns (uint256) {
        return _votingPeriod;
    }

    /// @notice One seat proposes.
    function proposalThreshold() public pure override returns (uint256) {
        return 1;
    }

    /// @notice End of a vote; later where the quorum came late.
    function proposalDeadline(uint256 proposalId)
        public
        view
        override(Governor, GovernorPreventLateQuorum)
        returns (uint256)
    {
        return super.proposalDeadline(proposalId);
    }

    /// @dev The forms read the very bytes that this contract was called with.
    function _proposeForm(Paper calldata paper, address member, bytes calldata signature)
        private
        returns (uint256)
    {
        Form memory form = abi.decode(Address.functionStaticCall(address(proposalForms), msg.data), (Form));
        if (signature.length > 0) _requireSigned(member, form.structHash, signature);
        else require(msg.sender == member, GovernorInvalidSignature(member));
        return _submit(form, paper, member);
    }

    function _submit(Form memory form, Paper calldata paper, address member)
        private
        returns (uint256 proposalId)
    {
        (uint32 seat, uint16 weight) = registry.votesAt(community, member, clock());
        require(weight != 0, GovernorInsufficientProposerVotes(member, weight, proposalThreshold()));
        uint256 open = _openProposalOf(seat);
        require(open == 0, ProposalOpenAlready(member, open));
        address[] memory targets = new address[](1);
        bytes[] memory calldatas = new bytes[](1);
        (targets[0], calldatas[0]) = (form.target, form.call);
        // The proposer is in the description, and so in the id: nobody takes a member's words under way and withdraws them.
        string memory description = Strings.toHexString(abi.encode(paper, member));
        proposalId = _propose(targets, new uint256[](1), calldatas, description, member);
        _lastProposals[seat] = proposalId;
        emit ProposalPaper(proposalId, form.kind, paper.text, paper.rehearsal, member);
    }

    function _countVote(uint256 proposalId, address account, uint8 support, uint256, bytes memory)
        internal
        override
        returns (uint256)
    {
        uint256 snapshot = proposalSnapshot(proposalId);
        (uint32 seat, uint16 weight) = registry.votesAt(community, account, snapshot);
        require(weight != 0, NotMemberThen(account, snapshot));
        require(support <= SUPPORT_ABSTAIN, GovernorInvalidVoteType());
        require(!_voted[proposalId].get(seat), GovernorAlreadyCastVote(account));
        _voted[proposalId].set(seat);
        Tally memory tally = _tallies[proposalId];
        Ballots.add(tally, support, weight);
        _tallies[proposalId] = tally;
        return weight;
    }

    function _tallyUpdated(uint256 proposalId) internal override(Governor, GovernorPreventLateQuorum) {
        super._tallyUpdated(proposalId);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _quorumReached(uint256 proposalId) internal view override returns (bool) {
        Tally memory tally = _tallies[proposalId];
        return uint256(tally.inFavour) + tally.abstain >= quorum(proposalSnapshot(proposalId));
    }

    function _voteSucceeded(uint256 proposalId) internal view override returns (bool) {
        Tally memory tally = _tallies[proposalId];
        return tally.inFavour > tally.against;
    }

    function _maxLateQuorumVoteExtension() internal pure override returns (uint256) {
        return SeatRoll.WEIGHT_REST;
    }

    function _getVotes(address account, uint256 timepoint, bytes memory)
        internal
        view
        override
        returns (uint256 weight)
    {
        (, weight) = registry.votesAt(community, account, timepoint);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }

    function _digestsOf(uint256 proposalId) private view returns (bytes32[3] memory digests) {
        for (uint8 support; support <= SUPPORT_ABSTAIN; ++support) {
            digests[support] = _hashTypedDataV4(VotePapers.vote(community, proposalId, support));
        }
    }

    /// @dev One that waits in the timelock is not open: it may wait for ever, and its proposer shall not.
    function _openProposalOf(uint32 seat) private view returns (uint256 proposalId) {
        proposalId = _lastProposals[seat];
        if (proposalId != 0 && state(proposalId) > ProposalState.Active) return 0;
    }

    function _requireSigned(address expected, bytes32 structHash, bytes calldata signature) private view {
        address signer = ECDSA.recoverCalldata(_hashTypedDataV4(structHash), signature);
        require(signer == expected, GovernorInvalidSignature(expected));
    }
}
