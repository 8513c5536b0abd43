"""The contracts' custom errors in words: what is wrong, with which value, and what to do.

``{name}`` stands for the error's argument of that name; ``_told`` formats instants, ids and roles first. A test
holds the
table against the contracts' interfaces, so that no refusal reaches a person as a bare name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backend.adapters.chain.refusals_of_contests import (
    BONDS,
    CASES,
    CONTESTS,
    DEMANDS,
    ESTIMATES,
    LINKS,
    STAIRS,
)
from backend.adapters.chain.refusals_of_votes import MEMBERS, PAUSES, TIMELOCK, VOTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.adapters.chain.abi import Refusal

__all__ = ["REFUSALS", "say_refusal"]

_ROLES = {1: "grid operator", 2: "provider", 3: "importer", 4: "settler", 5: "arbiter", 6: "auditor"}
_CONFORMITY_RULES = {1: "estimated readings (max_estimated_ppm)", 2: "missing readings (max_missing_ppm)"}
_STATES = {0: "unknown", 1: "contestable", 2: "final", 3: "superseded", 4: "voided"}
_SHOWN_HEX = 10
_INSTANTS = {"until", "startUtc", "handedInAt", "present", "completableFrom", "timepoint"}
_PROPOSAL_STATES = ("pending", "active", "canceled", "defeated", "succeeded", "queued", "expired", "executed")

_PEOPLE = {
    "CommunityOfAnother": "the id {community} ends with another founder's address than {caller}.",
    "CommunityExists": "the community is registered already, by steward {steward}.",
    "StewardMissing": "the community has no steward; register it first.",
    "NotSteward": "{caller} is not the community's steward; only the steward schedules rules and grants roles.",
    "StewardshipNotOffered": "the stewardship was not offered to {caller}.",
    "RoleMissing": "{caller} lacks the role {role} in this community; the steward can grant it.",
    "RoleUnknown": "there is no role {role}.",
    "HolderMissing": "a seat needs a holder's address.",
    "SeatAlreadyHeld": "{holder} holds seat {seat} already; each member has one.",
    "SeatTaken": "seat {seat} is held by {holder}; seats cannot be passed on.",
    "SeatVacant": "seat {seat} has no holder.",
    "NotSeated": "{caller} holds no seat of this community.",
    "ConsentOver": "the consent would end at {until}, which is past.",
    "NotContests": "{caller} is not the contract of contests; only a proved contest voids.",
}
_POINTS = {
    "PointsMissing": "no metering points are given.",
    "PointElsewhere": "the point of slot {slot} was confirmed for another community or period.",
    "PointsSealed": "the period is open: its metering points can no longer change.",
    "SlotTooHigh": "slot {slot} is above the limit of {limit}.",
    "SlotConfirmedTwice": "slot {slot} is confirmed already for this period.",
    "TagConfirmedTwice": "a metering point is in this community's period twice (tag {tag}).",
    "ParticipationAboveOne": "the participation factors of a metering point would sum to {sum} ppm over "
    "all its communities; "
    "1000000 is the whole (tag {tag}).",
    "DirectionUnknown": "slot {slot} has direction {direction}; 0 is consumption, 1 feed-in.",
    "FactorOutOfRange": "slot {slot} has a participation factor of {factorPpm} ppm; 1 to 1000000 are possible.",
    "ActiveDaysEmpty": "slot {slot} would be active on no day (from {fromDay} until {untilDay}).",
    "SlotNotActive": "slot {slot} is not active on day {day}.",
    "SlotOutOfRange": "slot {slot} is beyond the period's {slots} slots.",
    "SlotOutsidePeriod": "slot {slot} is beyond the period's {slots} slots.",
}
_RULES = {
    "NoRuleInForce": "no rule version covers period {period}; load the community's file first.",
    "RuleUnknown": "there is no rule version {version}.",
    "RuleNotInForce": "rule version {given} is not in force for this period; version {inForce} is.",
    "RuleBackdated": "a rule cannot take effect at period {effectiveFrom}; {earliest} is the earliest "
    "that is neither past nor open.",
    "RuleTooFarAhead": "a rule cannot take effect at period {effectiveFrom}; {latest} is the latest.",
    "RuleWindowTooLong": "a contest window of {given} s is too long; {most} s is the most.",
    "RuleMethodUnknown": "there is no sharing key with number {method}.",
    "RuleSurplusOwnerUnknown": "there is no surplus owner with number {surplusOwner}.",
    "RuleLimitAboveOne": "a conformity limit is {valuePpm} ppm; 1000000 is the whole.",
    "RuleVatAboveOne": "a VAT rate of {vatPpm} ppm is above 1000000.",
    "RuleVatClassUnknown": "there is no VAT class {communityVatClass}.",
    "RuleBilledByUnknown": "the billed_by mask {billedBy} has unknown bits.",
    "RuleWindowsMissing": "a tariff needs price windows.",
    "RuleWindowMalformed": "price window {index} is malformed: windows ascend from minute 0 and name a band of 0 to 3.",
    "RuleCoefficientsAboveOne": "the sharing coefficients sum to {sum} ppm; 1000000 is the whole.",
    "RuleCoefficientsMisplaced": "sharing key {method} came with {count} coefficients: keys and tiers that share "
    "by coefficients (static, static_cascade, hybrid, pairwise) need them, the others take none.",
    "RulePairsIncomplete": "{count} coefficients are not a full row per slot for {producers} producers.",
    "RulePairsAboveOne": "the parts of the feed-in of slot {producer} sum to {sum} ppm; 1000000 is the whole.",
    "RuleProducersMisplaced": "sharing key {method} came with {count} producers: pairwise needs them, the others "
    "take none.",
    "RuleProducersTooMany": "a pairwise key names {count} producers; {limit} are possible.",
    "RuleProducersUnsorted": "producer {index}, slot {slot}, is not after the one before it.",
    "RuleTiersMisplaced": "sharing key {method} came with {tierMethods} tiers and {tiers} slots in tiers: "
    "priority needs tiers, the others take none.",
    "RuleTiersTooMany": "a priority key has {count} tiers; {limit} are possible.",
    "RuleTierMethodUnknown": "tier {tier} shares by method {method}; 1 (dynamic) to 5 (hybrid) are possible.",
    "RuleTierUnknown": "slot {slot} is in tier {tier}, but the key has {count}.",
    "RuleSurplusOwnerMisplaced": "sharing key {method} cannot give the surplus to owner {surplusOwner}: consumers"
    " own it under static, equal and scheduled keys alone.",
    "RuleScheduleMisplaced": "sharing key {method} came with schedule {schedule}: a scheduled key needs 1 (ahead)"
    " or 2 (after), the others take 0.",
    "RuleLinkTermsMisplaced": "sharing key {method} came with link terms {linkTerms}: flow needs them, the others"
    " take none.",
    "RuleProducerKeyMisplaced": "sharing key {method} came with {count} producer coefficients: pairwise, flow and"
    " incentive say themselves what each producer shares.",
    "RuleSourceUnknown": "there is no source {source} of the allocation; 0 is the key, 1 the grid operator.",
    "RulePricingUnknown": "there is no pricing with number {pricing}.",
    "RulePricingMisplaced": "pricing {pricing} does not fit sharing key {method}: links have one price each, "
    "whatever the others are.",
    "RuleResidualBelowSurplus": "the residual price of band {band} is {residualPrice} µEUR/kWh, below the surplus"
    " price of {surplusPrice}: supply and demand have no price between them.",
    "RuleProducerPricesMisplaced": "pricing {pricing} came with {count} producers' prices: pricing 3 needs them, "
    "the others take none.",
    "RuleSellerUnknown": "there is no seller {seller}; 0 is the community, 1 each producer.",
}
_SCHEDULES = {
    "ScheduleVersionWrong": "the schedule has version {given}; {expected} is next.",
    "ScheduleRootMissing": "the schedule has no root.",
    "ScheduleShapeImpossible": "a schedule of {slots} slots, {dayCount} days and {maxIntervals} intervals a day "
    "cannot be handed in.",
    "ScheduleTooLate": "the schedule was handed in at {handedInAt}, but it binds ahead of the period, which "
    "started at {startUtc}.",
    "CoefficientNotInSchedule": "the coefficient shown does not belong to schedule {scheduleId}.",
    "CoefficientBeyondSchedule": "schedule {scheduleId} does not reach slot {slot}, day {day}, interval {t}: the "
    "coefficient there is 0.",
}
_PERIODS = {
    "PeriodNotOpen": "period {period} is not open; settle opens it.",
    "PeriodOpenAlready": "period {period} is open already.",
    "PeriodOverlaps": "period {period} overlaps another at date {date} (days since 1970-01-01).",
    "NoPointConfirmed": "the grid operator confirmed no metering point for period {period}.",
    "PointsDiffer": "the points that the period would open with are not those that the operator confirmed.",
    "PointBeyondPeriod": "slot {slot} is active until day {untilDay}, but the period has {dayCount} days.",
    "DayCountOutOfRange": "a period of {dayCount} days cannot be opened.",
    "DayLengthImpossible": "day {day} has {intervals} intervals of {resolutionMinutes} minutes; a civil "
    "day lasts 23 to 25 hours.",
    "DayOutsidePeriod": "day {day} is beyond the period's {dayCount} days.",
    "IntervalOutsideDay": "interval {t} is beyond the day's {intervals}.",
    "IntervalOutsidePeriod": "interval {interval} is beyond the period's {intervals}.",
    "ResolutionImpossible": "intervals of {resolutionMinutes} minutes do not divide the hour.",
    "PeriodTooFarAhead": "period {period} is too far ahead; {latest} is the latest that may be opened now.",
    "StartFarFromPeriod": "the start {startUtc} is not the first civil day of period {period} in any time zone.",
    "BandsIncomplete": "{given} words of tariff bands are given; {expected} are needed.",
    "BandsBeyondPeriod": "tariff bands reach beyond the period's last interval.",
    "SeatsIncomplete": "{given} seats are given for {slots} slots.",
    "SeatInconsistent": "slot {slot} names seat {seat}, which is not a participant's first slot.",
}
_BATCHES = {
    "BatchLabelUnknown": "there is no batch label {label}; 0 is measured, 1 imported.",
    "BatchIncomplete": "the batch has {given} readings; the period's active points have {expected} intervals.",
    "BatchPredecessorWrong": "the batch names a predecessor that is not the latest one; another was "
    "anchored meanwhile. Settle again.",
    "BatchVersionWrong": "the batch has version {given}; {expected} is next.",
    "BatchRootMissing": "the batch has no root.",
    "BatchSourceMissing": "an imported batch needs the hash of its source file.",
    "ConformityLimitExceeded": "the batch breaks the voted limit for {rule}: {value} ppm, at most {limit} "
    "ppm are allowed. Load better "
    "readings, return faulty points to the operator, or have the limit changed by vote.",
}
_RUNS = {
    "RunUnknown": "there is no such run on chain (run {runId}).",
    "RunStillOpen": "a run of this period is still contestable (run {runId}); settle again when its window has passed.",
    "RunBatchNotLatest": "the run is of a batch that is not the period's latest; settle again.",
    "RunVersionWrong": "the run has version {given}; {expected} is next. Settle again.",
    "RunRootMissing": "the run has no root.",
    "RunNotContestable": "run {runId} is {state}, no longer contestable.",
    "BillsNotFinal": "the bills of run {runId} are {state}; documents are anchored of final bills.",
    "ManifestMissing": "the manifest of run {runId} has no hash.",
    "ManifestAnchoredAlready": "manifest {manifest} is anchored for run {runId} already.",
    "RunNotFinal": "run {runId} is {state}; its bills become final after it.",
    "RunNotBillable": "run {runId} is {state}; it cannot be billed.",
    "RunBasisMissing": "the run names neither the schedule nor the operator's allocation that it rests on.",
    "RunBasisWrong": "the run rests on {given}, but {expected} is what counts; settle again.",
    "RowsFollowOperator": "the grid operator's allocation binds in run {runId}: its rows follow no formula.",
    "EnergyNotConserved": "energy is not conserved: feed-in {feedIn}, consumption {consumption}, "
    "allocated {allocated}, shared {shared} mWh.",
    "WindowOpen": "the contest window is open until {until}; settle again after that.",
    "LeavesNotInRun": "the leaves shown do not belong to run {runId}.",
    "RowHolds": "the row of slot {slot} is what the sharing key gives ({allocated} mWh); there is nothing to contest.",
}
_BILLS = {
    "BillsElsewhere": "the run belongs to another community.",
    "BillsProposedAlready": "run {runId} has bills already.",
    "BillsRootMissing": "the bills have no root.",
    "BillsNotContestable": "the bills of run {runId} are {state}, no longer contestable.",
    "BillsDoNotBalance": "the bills do not balance: debits {left} cents, but credits, fees, taxes and "
    "pass-through are {right} cents.",
    "RoundingTooLarge": "rounding of {rounding} cents is more than one cent for each of the {slots} slots.",
}
_FORMS = {
    "ECDSAInvalidSignature": "the signature is not valid; whoever signed has to sign again.",
    "ECDSAInvalidSignatureLength": "the signature has {length} bytes; 65 are needed.",
    "ECDSAInvalidSignatureS": "of the two forms of the signature only the lower counts (s is {s}); sign again.",
    "SharingKeyUnknown": "sharing key {method} has no formula that one row could be held against.",
    "TreePathLength": "a proof's path has {given} nodes; {expected} are needed.",
    "SafeCastOverflowedUintDowncast": "{value} is more than {bits} bits hold.",
    "StringTooLong": "the text {str} is too long for the contract.",
    "InvalidShortString": "a text in the contract's code is damaged; deploy the contracts again.",
}

REFUSALS: Mapping[str, str] = {
    **_PEOPLE,
    **_POINTS,
    **_RULES,
    **_PERIODS,
    **_SCHEDULES,
    **_BATCHES,
    **_RUNS,
    **_BILLS,
    **_FORMS,
    **MEMBERS,
    **PAUSES,
    **VOTES,
    **TIMELOCK,
    **BONDS,
    **CONTESTS,
    **ESTIMATES,
    **LINKS,
    **STAIRS,
    **DEMANDS,
    **CASES,
}


def say_refusal(refusal: Refusal) -> str:
    """One sentence for a custom error."""
    template = REFUSALS.get(refusal.name)
    if template is None:
        listed = ", ".join(f"{name} {value}" for name, value in refusal.values.items())
        return f"The contract refuses: {refusal.name}{f' ({listed})' if listed else ''}."
    values = {name: _told(refusal.name, name, value) for name, value in refusal.values.items()}
    return f"The contract refuses ({refusal.name}): {template.format(**values)}"


def _told(error: str, name: str, value: Any) -> str:
    """How a value reads in a sentence."""
    if name in _INSTANTS or (name == "earliest" and error != "RuleBackdated"):
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if name == "role":
        return _ROLES.get(value, str(value))
    if name == "current":
        return _PROPOSAL_STATES[value] if value < len(_PROPOSAL_STATES) else str(value)
    if name == "state" and error.startswith(("Run", "Bills")):
        return _STATES.get(value, str(value))
    if name == "rule" and error == "ConformityLimitExceeded":
        return _CONFORMITY_RULES.get(value, str(value))
    if isinstance(value, str) and value.startswith("0x") and len(value) == 2 + 64:
        return f"{value[:_SHOWN_HEX]}..."
    return str(value)
