"""Words for what the governor, the timelock and the books of members refuse; ``refusals`` joins them to the others."""

from __future__ import annotations

__all__ = ["MEMBERS", "PAUSES", "TIMELOCK", "VOTES"]

MEMBERS = {
    "ExecutiveAppointedAlready": "the community is ruled by votes already (executive {executive}).",
    "ExecutiveMissing": "the community is not ruled by votes yet.",
    "NotExecutive": "{caller} is not the community's executive: what members vote does this.",
    "NotGovernor": "{caller} is not the community's governor.",
    "NonceWrong": "the signature of {account} has number {given}, {expected} is next; sign again.",
    "NotHolder": "{caller} does not hold seat {seat}.",
    "RecoveryMissing": "no recovery of seat {seat} is under way.",
    "RecoveryTooSoon": "the recovery of seat {seat} can be completed from {completableFrom}; its holder may object "
    "until then.",
    "ScopeUnknown": "there is no scope {scope} of a consent; 1 is bills, 2 curves, 3 flexibility.",
    "SeatNeverConfirmed": "no grid operator ever confirmed slot {seat}; a seat is the first point of a participant.",
    "SignatureOfAnother": "{signer} signed, but {expected} had to.",
    "WeightMissing": "seat {seat} needs a weight of at least 1.",
    "WeightTooSoon": "the weight of seat {seat} can change again from {earliest}.",
    "WeightsIncomplete": "{weights} weights are given for {seats} seats.",
    "CheckpointUnorderedInsertion": "the block's time lies before an earlier one.",
    "RuleGapsUnknown": "there is no treatment {gaps} of gaps; 0 estimates, 1 leaves them to residual supply, 2 returns "
    "them.",
}
PAUSES = {
    "Paused": "guardians paused the community until {until}; contests, votes and cases go on.",
    "NotGuardian": "{caller} is no guardian of the community.",
    "GuardianMissing": "guardian {index} is missing; there are three.",
    "GuardianTwice": "{guardian} is named twice; guardians are three accounts.",
    "PauseTooSoon": "the community can be paused again from {earliest}.",
}
VOTES = {
    "GovernorAlreadyCastVote": "{voter} voted on this proposal already.",
    "GovernorAlreadyQueuedProposal": "the proposal is queued already.",
    "GovernorDisabledDeposit": "the governor takes no money.",
    "GovernorInsufficientProposerVotes": "{proposer} has {votes} votes, {threshold} are needed to propose.",
    "GovernorInvalidProposalLength": "the proposal's calls do not fit each other.",
    "GovernorInvalidSignature": "the signature is not that of {voter}.",
    "GovernorInvalidVoteParams": "a vote has no parameters.",
    "GovernorInvalidVoteType": "a vote is against, for, or an abstention.",
    "GovernorInvalidVotingPeriod": "votes cannot be taken for {votingPeriod} seconds.",
    "GovernorNonexistentProposal": "there is no such proposal ({proposalId}).",
    "GovernorOnlyExecutor": "{account} is not the timelock, which alone may do this.",
    "GovernorPreventLateQuorumVoteExtensionTooLarge": "a late quorum cannot extend the vote by {newVoteExtension} s; "
    "at most {maxVoteExtension} s are possible.",
    "GovernorProposalQueueingFailed": "the proposal could not be queued.",
    "GovernorProposalQueueingNotRequired": "the proposal needs no queue.",
    "GovernorRestrictedProposer": "{proposer} may not propose this.",
    "GovernorUnableToCancel": "{account} cannot withdraw the proposal: who proposed it can, before votes are taken.",
    "GovernorUnexpectedProposalState": "the proposal is {current}; that cannot be done now.",
    "InvalidAccountNonce": "the signature of {account} has another number than {currentNonce}; sign again.",
    "NotMemberThen": "{account} held no seat when the votes were counted out, at {timepoint}.",
    "ProposalOpenAlready": "{member} has an open proposal already; one at a time.",
    "ProposalUntyped": "proposals are of the kinds that the governor knows; what is executed is what was shown.",
    "QuorumAboveOne": "a quorum of {quorumPpm} ppm is above 1000000.",
    "SettingsFixed": "how the community votes is fixed for good.",
    "VoteTooLong": "a vote of {longest} s is too long; {limit} s are possible, for weights rest as long.",
    "VoteUntyped": "votes are cast one by one, without parameters or reasons.",
    "VotesMalformed": "{length} bytes are no list of votes: each has 65.",
    "AddressEmptyCode": "there is no contract at {target}.",
}
TIMELOCK = {
    "AccessControlBadConfirmation": "a role is given up by its own account alone.",
    "AccessControlUnauthorizedAccount": "{account} lacks a role at the timelock ({neededRole}).",
    "TimelockInsufficientDelay": "a delay of {delay} s is below the community's {minDelay} s.",
    "TimelockInvalidOperationLength": "the operation's calls do not fit each other.",
    "TimelockUnauthorizedCaller": "{caller} is not the timelock itself.",
    "TimelockUnexecutedPredecessor": "operation {predecessorId} has to be done first.",
    "TimelockUnexpectedOperationState": "operation {operationId} is not ready: its delay runs, or it is done.",
}
