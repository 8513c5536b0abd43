// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { CaseOpening, CaseRecord, Claim, ClaimRecord } from "../types/Cases.sol";

/// @title Which measure holds
/// @notice Keeps cases on a metering point's intervals: claims of the parties, the arbiter's ruling, the members' appeal, and the
/// batch that carries the outcome out. Readings, evidence and reasons stay off the chain; their salted hashes are here.
/// @dev Precedence: the grid operator's measure prevails unless an arbiter or the members say otherwise. Times are half-open.
interface IArbitration {
    /// @notice A case was opened.
    event CaseOpened(
        uint256 indexed caseId,
        bytes32 indexed community,
        address indexed opener,
        uint32 period,
        uint32 slot,
        bytes32 paper
    );
    /// @notice A party filed a claim, or replaced its former one.
    event ClaimFiled(
        uint256 indexed caseId, uint8 indexed party, address signer, bytes32 readings, bytes32 evidence
    );
    /// @notice A case was ruled; `reasons` is zero where precedence decided.
    event CaseRuled(uint256 indexed caseId, uint8 prevailing, bytes32 reasons, address by);
    /// @notice Members proposed another outcome.
    event AppealNoted(uint256 indexed caseId, uint256 indexed proposalId);
    /// @notice Members voted another outcome.
    event RulingOverturned(uint256 indexed caseId, uint8 prevailing);
    /// @notice The appeal failed: the ruling holds.
    event AppealSettled(uint256 indexed caseId, uint256 indexed proposalId);
    /// @notice A batch of readings carried the outcome out.
    event CaseFulfilled(uint256 indexed caseId, bytes32 indexed batchId);

    /// @notice The intervals are none of the period, or none at all.
    error CaseIntervalsImpossible(uint32 first, uint32 until, uint256 intervals);
    /// @notice The slot has no point in the period.
    error CaseSlotUnknown(uint32 period, uint32 slot);
    /// @notice A case has its words.
    error CasePaperMissing(bytes32 community);
    /// @notice The metering point has a case in this period that has not ended.
    error CaseOpenAlready(uint256 caseId);
    /// @notice This opening was used before.
    error CaseOpenedTwice(bytes32 digest);
    /// @notice There is no such case.
    error CaseUnknown(uint256 caseId);
    /// @notice The account is no party to a case on this metering point.
    error NotParty(bytes32 community, address account);
    /// @notice The case is in another state.
    error CaseStateWrong(uint256 caseId, uint8 state, uint8 expected);
    /// @notice There is no party with this number.
    error PartyUnknown(uint8 party);
    /// @notice The claim names another community than the case.
    error ClaimElsewhere(bytes32 given, bytes32 community);
    /// @notice A claim has readings and evidence.
    error ClaimEmpty(uint256 caseId, uint8 party);
    /// @notice This claim was filed before: what took its place is not undone by who sends it again.
    error ClaimFiledTwice(bytes32 digest);
    /// @notice The party filed no claim that could prevail.
    error ClaimMissing(uint256 caseId, uint8 party);
    /// @notice A ruling has its reasons.
    error ReasonsMissing(uint256 caseId);
    /// @notice The arbiter still has time to rule.
    error RulingStillDue(uint256 caseId, uint64 until);
    /// @notice Only the community's governor may say that members vote on it.
    error NotGovernor(bytes32 community, address caller);
    /// @notice The ruling says so already.
    error AppealPointless(uint256 caseId, uint8 party);
    /// @notice Members vote, or have voted, on this outcome.
    error AppealedAlready(uint256 caseId, uint8 party, uint256 proposalId);
    /// @notice Only what members voted may overturn a ruling.
    error NotExecutive(bytes32 community, address caller);
    /// @notice A proposal to appeal has not failed. State as of the governor.
    error AppealUndecided(uint256 caseId, uint8 proposalState);
    /// @notice The outcome is carried out by the latest batch of the case's period.
    error BatchNotLatest(uint256 caseId, bytes32 batchId, bytes32 latest);

    /// @notice Open a case: the metering point's member, a provider or the grid operator of the community.
    /// @param opening What it is about.
    /// @param opener Who opens it.
    /// @param signature EIP-712 signature of OpenCase by the opener; empty where they send it themselves.
    /// @return caseId The case's number, from 1.
    function openCase(CaseOpening calldata opening, address opener, bytes calldata signature)
        external
        returns (uint256 caseId);

    /// @notice File a claim, or replace one's former claim, while claims are taken; anyone may send what a party signed.
    /// @param claim The claim.
    /// @param signature EIP-712 signature of Claim by the party.
    function fileClaim(Claim calldata claim, bytes calldata signature) external;

    /// @notice Rule on a case whose claims are closed, or that all three parties have filed. Only an arbiter.
    /// @param caseId The case.
    /// @param party Whose claim prevails; 3 nobody's.
    /// @param reasons Salted hash of the reasons.
    function ruleCase(uint256 caseId, uint8 party, bytes32 reasons) external;

    /// @notice Let precedence decide where no arbiter ruled in time: the grid operator's claim, else the provider's, else the
    /// consumer's. Anyone may.
    /// @param caseId The case.
    function closeByPrecedence(uint256 caseId) external;

    /// @notice Note that members vote on another outcome, while it may be appealed: each outcome once, unless its proposal was taken
    /// back, so that nobody uses up another's appeal. Only the community's governor.
    /// @param caseId The case.
    /// @param party Whose claim would prevail; 3 nobody's.
    /// @param proposalId The proposal.
    function noteAppeal(uint256 caseId, uint8 party, uint256 proposalId) external;

    /// @notice Put another outcome in the ruling's place. Only the community's executive, by vote.
    /// @param caseId The case.
    /// @param party Whose claim prevails; 3 nobody's.
    function overturn(uint256 caseId, uint8 party) external;

    /// @notice Let the ruling hold once every appeal has failed; while there is time, it can be appealed again. Anyone may.
    /// @param caseId The case.
    function settleAppeal(uint256 caseId) external;

    /// @notice Name the batch of readings that carries the outcome out. Only a settler.
    /// @param caseId The case.
    /// @param batchId The latest batch of the case's period.
    function fulfil(uint256 caseId, bytes32 batchId) external;

    /// @notice A case, in the state that it has now; zeros where there is none.
    /// @param caseId The case.
    function caseOf(uint256 caseId) external view returns (CaseRecord memory);

    /// @notice A party's claim; zeros where it filed none.
    /// @param caseId The case.
    /// @param party 0 consumer, 1 provider, 2 grid operator.
    function claimOf(uint256 caseId, uint8 party) external view returns (ClaimRecord memory);

    /// @notice The latest case on a metering point in a period, 0 where there is none.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param slot The metering point.
    function latestCase(bytes32 community, uint32 period, uint32 slot) external view returns (uint256);

    /// @notice When claims close, when the arbiter's time is over, and when the time to appeal is. [s since 1970-01-01 UTC]
    /// @param caseId The case.
    /// @return claimsUntil Claims are taken before.
    /// @return rulingUntil Precedence may decide from then on.
    /// @return appealUntil Appeals are taken before; 0 where nothing is ruled.
    function deadlinesOf(uint256 caseId)
        external
        view
        returns (uint64 claimsUntil, uint64 rulingUntil, uint64 appealUntil);
}
