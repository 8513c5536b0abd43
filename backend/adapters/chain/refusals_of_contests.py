"""Words for what contests, demands, bonds and cases refuse; ``refusals`` joins them to the others."""

from __future__ import annotations

__all__ = ["BONDS", "CASES", "CONTESTS", "DEMANDS", "ESTIMATES", "LINKS", "STAIRS"]

BONDS = {
    "BondTooSmall": "{account} backs the claim with {free} wei, {needed} wei are needed; send more with it.",
    "BondLockedAlready": "a bond is locked for {id} already.",
    "BondNotLocked": "nothing is locked for {id}: it was released before, or never backed.",
    "BondStillBound": "the bond of {id} is bound until its claim is final, superseded or voided.",
    "NotBondKeeper": "{caller} is no ledger that bonds stand behind.",
    "NothingFree": "{account} has nothing free to take out.",
    "FailedCall": "the call inside failed without a reason.",
    "InsufficientBalance": "{needed} wei are to be sent, but only {balance} are there.",
    "RunNotAttested": "run {runId} is not attested: an auditor, arbiter, provider or grid operator has to rebuild it "
    "first. Settle again.",
    "RunAttestedAlready": "run {runId} is attested already, by {by}.",
    "RunAttestedByProposer": "{proposer} proposed run {runId}; somebody else has to attest it.",
    "AttesterMissing": "{account} may not attest: a grid operator, provider, arbiter or auditor does.",
    "RunDemanded": "{pending} demands for data of run {runId} are neither answered nor given up; it cannot be final.",
    "NotBillContests": "{caller} is not a contract that judges bills; only a proved contest voids them.",
}
CONTESTS = {
    "InputHolds": "the row of slot {slot} holds its reading ({energy} mWh); there is nothing to contest.",
    "SlotHolds": "of tree {tree} a leaf stands where one must, or none where none must (must it: {due}); there is "
    "nothing to contest.",
    "TreeUnknown": "there is no tree {tree}.",
    "SumHolds": "the totals of slot {slot} are those before and what the interval adds; there is nothing to contest.",
    "ValueHolds": "what slot {slot} is worth and credited is what the rule gives; there is nothing to contest.",
    "TotalsHold": "the period leaf of slot {slot} holds the totals of its last row; there is nothing to contest.",
    "HeaderMayHold": "the header of day {day}, interval {t} says nothing that it could not; nothing is to contest.",
    "HeaderMalformed": "the header has {given} rounds, the key {expected}; contest that first.",
    "ValueOfLinks": "what a flow is worth is said by its links, of which no contract knows which are given away.",
    "SlotNotConfirmed": "slot {slot} is confirmed for no day of the period.",
    "OutsideShape": "place {place} is not below {count}.",
    "BillHolds": "the bill, or the step, is what it must be; there is nothing to contest.",
    "BillNotAnchored": "the bill shown does not belong to the bills of run {runId}.",
    "BillLeavesMissing": "{given} bills are shown, the stair has {expected}.",
    "BillPartsDoNotMeet": "the bills shown do not lead to the same tree.",
    "ClassNotFrozen": "the class shown for seat {seat} is not the one that was frozen.",
    "LinksDiffer": "the links shown for slot {slot} are not those of its period leaf.",
    "PeriodNotInRun": "the period leaf shown for slot {slot} does not belong to run {runId}.",
    "PointNotNext": "slot {given} is shown, but {expected} is the next of seat {seat}.",
    "PointsLeftOut": "seat {seat} has more points, from slot {slot} on; a bill takes all of them.",
}
LINKS = {
    "CostNotInBasis": "the cost shown does not belong to what run {runId} rests on.",
    "LinkHolds": "the link from slot {producer} to slot {consumer} contradicts no potential; nothing is to contest.",
    "NotOnThisSide": "slot {slot} has direction {direction}; it does not stand on this side of a link.",
    "PotentialHolds": "potential {potential} of slot {slot} contradicts nothing; there is nothing to contest.",
    "RoundMissing": "the header has {rounds} rounds, none for producer {producer}; contest that first.",
    "SafeCastOverflowedUintToInt": "{value} is more than a signed number holds.",
}
ESTIMATES = {
    "EstimateHolds": "the estimate of slot {slot} is what its method gives ({energy} mWh); nothing is to contest.",
    "EstimateOfAnother": "the reading has quality {quality} and source {source}; it is no estimate by method {method}.",
    "MethodHolds": "the rule may have readings estimated by method {source}; what it gives is for a case.",
    "GapNotShown": "the {given} readings shown are not a whole gap with what stands on either side.",
    "ReadingElsewhere": "reading {place} is of day {day}, interval {t}; another is due there.",
    "ReadingsIncomplete": "{given} readings are shown, {expected} are due.",
    "ReadingNotMeasured": "the earlier reading has quality {quality} and source {source}; it was not measured.",
    "SourceOutsidePeriod": "what the estimate of day {day} may have drawn on ({offset} days from it) lies outside the "
    "period.",
    "DaysDiffer": "days {day} and {other} have different intervals: the clock turned.",
    "BatchNotEarlier": "batch {batchId} is not an earlier one of the run's period.",
}
STAIRS = {
    "StairHolds": "the step is as it must be; there is nothing to contest.",
    "StairNotAnchored": "the stair shown does not belong to run {runId}.",
    "StairLeavesMissing": "{given} leaves are shown, the stair has {expected}.",
    "PartsDoNotMeet": "the parts shown do not lead to the same tree.",
    "RoundsMalformed": "{given} rounds are shown, the key has {expected}; contest that first.",
}
DEMANDS = {
    "DemanderMissing": "{caller} may not ask for data of slot {slot}: the seat's holder, a grid operator, provider, "
    "arbiter or auditor may.",
    "DemandTooLate": "data of run {runId} could be asked for until {until}.",
    "DemandedAlready": "you asked for this day of the slot already (demand {demandId}).",
    "DemandNotAt": "demand {demandId} is at step {state}, this is step {expected}.",
    "DemandOver": "demand {demandId} is over, or was never made.",
    "DemandExpired": "the time for this step ended at {until}.",
    "DemandRunning": "this step may be taken until {until}; wait for that.",
    "NotProposer": "{caller} did not propose the run; who proposed it answers.",
    "NotDemander": "{caller} did not ask; who asked names the row.",
    "AnswerIncomplete": "{given} hashes are shown, the day has {expected} intervals.",
    "AnswerNotInRun": "what is shown does not belong to run {runId}.",
}
CASES = {
    "CaseUnknown": "there is no case {caseId}.",
    "CaseStateWrong": "case {caseId} is at state {state}, this needs state {expected}.",
    "CaseOpenAlready": "case {caseId} on the same interval is open already.",
    "CaseOpenedTwice": "this case was opened already.",
    "CasePaperMissing": "a case needs the hash of its paper.",
    "CaseSlotUnknown": "slot {slot} is in no period {period}.",
    "CaseIntervalsImpossible": "intervals {first} to {until} are not among the period's {intervals}.",
    "ClaimElsewhere": "the claim names another community than the case's.",
    "ClaimEmpty": "the claim of party {party} has neither readings nor evidence.",
    "ClaimMissing": "party {party} filed no claim in case {caseId}.",
    "ClaimFiledTwice": "this claim was filed before; file it with another salt.",
    "NotParty": "{account} is none of the case's parties.",
    "PartyUnknown": "there is no party {party}; 0 is the consumer, 1 the provider, 2 the grid operator.",
    "ReasonsMissing": "a ruling needs the hash of its reasons.",
    "RulingStillDue": "an arbiter may rule until {until}; precedence decides after that.",
    "AppealUndecided": "the appeal's proposal is not decided yet (state {proposalState}).",
    "AppealPointless": "case {caseId} was ruled for party {party} already.",
    "AppealedAlready": "members vote, or have voted, on party {party} in case {caseId} (proposal {proposalId}).",
    "BatchNotLatest": "batch {batchId} is not the period's latest, which carries a ruling out.",
}
