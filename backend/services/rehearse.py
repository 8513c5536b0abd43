"""Rehearse a rule: the last periods replayed under today's rule and under a proposed one, member by member.

Both replays share, value and bill exactly as settling does, from the same readings; what a settled period was billed
under the rule in force comes out again to the cent. Nothing is opened, kept or sent.
"""

from __future__ import annotations

import re
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from backend.allocation import warm_kernels
from backend.allocation.execution import count_processors
from backend.community import Direction, read_rule_form
from backend.community.law import LegalFinding, Severity, check_law
from backend.errors import NotFoundError, PeriodError
from backend.governance import OFF_CHAIN, encode_rule
from backend.governance.rehearsal import MemberFigures, MemberLine, compare_members, total_members
from backend.governance.rehearsal_proof import hash_result, lines_tree, prove_line
from backend.services.rehearsal_periods import (
    PeriodReadingsSource,
    keeps_limits,
    rehearsed_periods,
    treat_gaps_alike,
)
from backend.services.rehearsal_replay import rehearsal_basis, replay_period

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from backend.billing import SeatAmounts
    from backend.commitments import MerkleTree
    from backend.community import Community, Rule
    from backend.ports import RuleVersionRecord
    from backend.ports.readings_cache import AssembledReadings, ReadingsCache
    from backend.services.context import CommunityView, SettlementContext
    from backend.services.rehearsal_periods import RehearsedPeriod

__all__ = ["Rehearsal", "ReplayedPeriod", "rehearse", "rule_in_force"]

_FORMAT = "partage-rehearsal"
_VERSION = 1
_SOME_POINT = "a point"
# What says when and by whom a rule was made, not what it does.
_NOT_OF_THE_RULE = ("effectiveFrom", *OFF_CHAIN)


@dataclass(frozen=True, slots=True)
class ReplayedPeriod:
    """A period under both rules.

    Attributes:
        label: Such as ``2017-06``.
        before: Figures under today's rule, by participant.
        after: Under the proposed one.
        readings: How they came to be, and whether a batch of them would be taken under the proposed rule. JSON-ready.
        digests: Of the readings under both rules.
    """

    label: str
    before: Mapping[str, MemberFigures]
    after: Mapping[str, MemberFigures]
    readings: Mapping[str, Any]
    digests: tuple[bytes, bytes]


@dataclass(frozen=True)
class Rehearsal:
    """What a rule would have changed.

    Attributes:
        community: Whose.
        rule_version: Of today's rule.
        before: Today's rule, as the contract holds it.
        after: The proposed rule likewise.
        periods: Replayed, the oldest first.
        lines: By place of the participant in the community file, None for who had no point in any period.
        law: What the country's law says of both rules, and on which day.
    """

    community: Community
    rule_version: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    periods: Sequence[ReplayedPeriod]
    lines: Sequence[MemberLine | None]
    law: Mapping[str, Any]

    @property
    def result_hash(self) -> str:
        """The hash of the result, the same for whoever has the readings: docs/protocol.md section 13.1. [0x-hex]"""
        return str(self._public["result_hash"])

    def as_public_dict(self) -> dict[str, Any]:
        """What all members may see: no name, no line; what the law finds names no point. JSON-ready."""
        points = sorted(
            (re.escape(point.id) for point in self.community.metering_points), key=len, reverse=True
        )
        named = re.compile(rf"(?<![\w.-])(?:{'|'.join(points)})(?![\w-])")
        sides = {
            side: [
                finding | {"message": named.sub(_SOME_POINT, finding["message"])}
                for finding in self.law[side]
            ]
            for side in ("before", "after")
        }
        return self._public | {"law": {**self.law, **sides}}

    def as_dict(self) -> dict[str, Any]:
        """All of it, every member's line too: for who runs the community, not for its pages. JSON-ready."""
        return dict(self._public) | {"members": [line.as_dict() for line in self.lines if line]}

    def of(self, participant: str) -> dict[str, Any]:
        """A member's own line, and what proves that it is in the result. JSON-ready.

        Raises:
            NotFoundError: If there is no such participant, or none of its points was a member.
        """
        for place, (known, line) in enumerate(zip(self.community.participants, self.lines, strict=True)):
            if known.id == participant and line is not None:
                return prove_line(self._tree, line.as_dict(), place, self._digests)
        raise NotFoundError(
            f"participant {participant} of {self.community.id} had no metering point in the months that were rehearsed."
        )

    @cached_property
    def _digests(self) -> list[bytes]:
        return [digest for period in self.periods for digest in period.digests]

    @cached_property
    def _tree(self) -> MerkleTree:
        return lines_tree([line.as_dict() if line else None for line in self.lines], self._digests)

    @cached_property
    def _public(self) -> dict[str, Any]:
        told = compare_members([line for line in self.lines if line])
        result: dict[str, Any] = {
            "format": _FORMAT,
            "version": _VERSION,
            "community": {"id": self.community.id, **told.pop("community")},
            **told,
            "periods": [{"period": period.label, **period.readings} for period in self.periods],
            "rule_version": self.rule_version,
            "rules": {"before": self.before, "after": self.after},
            "lines_root": "0x" + self._tree.root.hex(),
            "lines_depth": self._tree.depth,
            "law": self.law,
        }
        return result | {"result_hash": hash_result(result)}


def rehearse(
    context: SettlementContext,
    community: str,
    rules: Mapping[str, Any],
    months: int = 12,
    *,
    on_progress: Callable[[float], None] = lambda _: None,
    cache: ReadingsCache | None = None,
) -> Rehearsal:
    """Replay the last periods under today's rule and under a proposed one.

    Args:
        context: Ports; nothing is written but to the cache.
        community: Its id.
        rules: Rule tables of a community file, parsed; absent ones keep today's.
        months: How many of the last periods with readings. [1]
        on_progress: Told the part that is done, 0 to 1, in this thread, after each period. What it raises stops the
            rehearsal: periods that have not begun are left.
        cache: Keeps assembled readings for the next time; without, they are read anew.

    Returns:
        A rule that the country's law forbids is rehearsed like any other, and the findings say so.

    Raises:
        NotFoundError: If there is no such community.
        CommunityDefinitionError: If the tables do not say a rule.
        PeriodError: If there are no readings, or a rule asks for what nobody handed in.
        PartageError: As settling by one of the rules would.
    """
    view = context.community(community)
    version = rule_in_force(context, community)
    today = view.rule_of(version)
    members = replace(view.community, rule=today)
    proposed = read_rule_form(rules, "the proposed rule", members)
    periods = rehearsed_periods(context, view, months, version.version)
    on_progress(0.0)
    warm_kernels()
    work = _Work(context, view, PeriodReadingsSource(context, view, cache), (today, proposed))
    replayed = _run_all(work, periods, on_progress)
    default = context.default_window_seconds
    structs = [
        {
            name: value
            for name, value in encode_rule(
                rule, view.slots, effective_from=0, contest_window_seconds=default
            ).items()
            if name not in _NOT_OF_THE_RULE
        }
        for rule in (today, proposed)
    ]
    on = datetime.fromtimestamp(context.clock.now_utc(), UTC).date()
    return Rehearsal(
        community=members,
        rule_version=version.version,
        before=structs[0],
        after=structs[1],
        periods=replayed,
        lines=_lines_of(members, replayed),
        law=_law_of(members, proposed, on),
    )


def rule_in_force(context: SettlementContext, community: str) -> RuleVersionRecord:
    """The rule version in force today; the first one where none is yet.

    Raises:
        PeriodError: If the community has no rule.
    """
    with context.store.reading() as records:
        versions = records.rule_versions(community)
    if not versions:
        raise PeriodError(f"community {community} has no rule; load its file first.")
    today = context.clock.now_utc() // 86_400
    return next((version for version in reversed(versions) if version.effective_from <= today), versions[0])


@dataclass(frozen=True)
class _Work:
    """Replays one period under both rules."""

    context: SettlementContext
    view: CommunityView
    readings: PeriodReadingsSource
    rules: tuple[Rule, Rule]

    def replay(self, period: RehearsedPeriod) -> ReplayedPeriod:
        """Both sides of one period."""
        before, after = self.rules
        read = self.readings.of(period, before.limits)
        same = treat_gaps_alike(before.limits, after.limits)
        reread = read if same else self.readings.of(period, after.limits)
        figures = [self._figures(period, rule, found) for rule, found in ((before, read), (after, reread))]
        counts = {
            "measured": reread.measured,
            "estimated": reread.estimated,
            "missing": reread.missing,
            "within_limits": keeps_limits(reread, after.limits),
        }
        return ReplayedPeriod(
            period.record.label, figures[0], figures[1], counts, (read.digest, reread.digest)
        )

    def _figures(
        self, period: RehearsedPeriod, rule: Rule, readings: AssembledReadings
    ) -> dict[str, MemberFigures]:
        basis = rehearsal_basis(self.context, period, rule)
        billed = replay_period(self.view, period, rule, readings, basis)
        counts = rule.sharing_key.method == "incentive"
        return {seat.participant: _figures_of(seat, rule, counts=counts) for seat in billed}


def _figures_of(seat: SeatAmounts, rule: Rule, *, counts: bool) -> MemberFigures:
    sums = {
        direction: [leaf for leaf in seat.leaves if leaf.direction is direction] for direction in Direction
    }
    used, fed = sums[Direction.CONSUMPTION], sums[Direction.FEED_IN]
    saving = seat.saving
    return MemberFigures(
        consumption=sum(sum(leaf.energy) for leaf in used),
        feed_in=sum(sum(leaf.energy) for leaf in fed),
        allocated=sum(sum(leaf.allocated) for leaf in used),
        shared=sum(sum(leaf.allocated) for leaf in fed),
        counted=sum(leaf.credited for leaf in used) if counts else 0,
        debit=seat.amounts.debit,
        credit=seat.amounts.credit,
        fees=rule.tariff.monthly_fee,
        cost=saving.cost_with - saving.earned_with,
        saving=saving.saving,
    )


def _run_all(
    work: _Work, periods: Sequence[RehearsedPeriod], on_progress: Callable[[float], None]
) -> list[ReplayedPeriod]:
    """All periods, as many at once as there are processors; the loops hold no lock of the interpreter."""
    with ThreadPoolExecutor(count_processors()) as pool:
        waiting = {pool.submit(work.replay, period): place for place, period in enumerate(periods)}
        pending, done = set(waiting), 0
        try:
            while pending:
                ended, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in ended:
                    future.result()
                    done += 1
                    on_progress(done / len(periods))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return [future.result() for future in waiting]


def _lines_of(community: Community, periods: Sequence[ReplayedPeriod]) -> list[MemberLine | None]:
    lines: list[MemberLine | None] = []
    for participant in community.participants:
        found = [period for period in periods if participant.id in period.before]
        points = community.points_of(participant.id)
        lines.append(
            MemberLine(
                participant.id,
                any(point.direction is Direction.CONSUMPTION for point in points),
                any(point.direction is Direction.FEED_IN for point in points),
                participant.energy_poor,
                total_members(period.before[participant.id] for period in found),
                total_members(period.after[participant.id] for period in found),
            )
            if found
            else None
        )
    return lines


def _law_of(members: Community, proposed: Rule, on: date) -> dict[str, Any]:
    """What the law says of today's rule and of the proposed one. JSON-ready."""
    today, then = (check_law(replace(members, rule=rule), on) for rule in (members.rule, proposed))
    return {
        "country": members.country,
        "on": on.isoformat(),
        "allowed": not any(finding.severity is Severity.FORBIDDEN for finding in then),
        "before": [_finding(finding) for finding in today],
        "after": [_finding(finding) for finding in then],
    }


def _finding(finding: LegalFinding) -> dict[str, str]:
    return {
        "severity": finding.severity.value,
        "article": finding.article,
        "message": finding.message,
    }
