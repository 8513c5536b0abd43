"""Each stretch of time is checked by the terms in force then; what two of them find alike is told once."""

from dataclasses import dataclass, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from backend.metering import Finding, Severity
from backend.metering.conformity import ConformityTerms
from backend.ports import RuleVersionRecord
from backend.quantities import PeriodCalendar, SettlementPeriod
from backend.services import voted_checks
from backend.services.check_basis import CheckBasis

DAY = 86_400
OWN, LONGER = ConformityTerms(), ConformityTerms.from_dict({"stuck": {"hours": 48}})


def rule(terms: ConformityTerms) -> Any:
    return SimpleNamespace(limits=SimpleNamespace(terms=terms))


@dataclass(frozen=True)
class View:
    """A community whose file asks for terms that no version has yet."""

    time_zone: str = "Europe/Paris"

    @property
    def community(self) -> Any:
        points = [SimpleNamespace(id="b"), SimpleNamespace(id="a")]
        asked = rule(ConformityTerms.from_dict({"left_out": ["stuck"]}))
        return SimpleNamespace(
            time_zone=self.time_zone, resolution_minutes=60, metering_points=points, rule=asked
        )

    def rule_of(self, version: RuleVersionRecord) -> Any:
        return rule(version.definition["terms"])


VIEW: Any = View()
BASIS = CheckBasis(holidays=frozenset({date(2026, 1, 1)}))


def versions(*pairs: tuple[int, ConformityTerms]) -> list[RuleVersionRecord]:
    return [RuleVersionRecord("c", i + 1, day, {"terms": terms}) for i, (day, terms) in enumerate(pairs)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, ConformityTerms]]:
    """What the rules were asked; of each stretch they find what starts before its end, and one thing of all days."""
    found: list[tuple[int, int, ConformityTerms]] = []

    def check(
        _: Any, __: Any, *, start_utc: int, end_utc: int, terms: ConformityTerms, **basis: Any
    ) -> list[Finding]:
        assert basis == {"registers": {}, "feeders": (), "holidays": BASIS.holidays}
        found.append((start_utc, end_utc, terms))
        finding = Finding("stuck", Severity.WARNING, "Again.", metering_point="a", start_utc=5, end_utc=9)
        return [
            replace(finding, metering_point="b", start_utc=end_utc),
            finding,
            replace(finding, severity=Severity.FAULT, start_utc=start_utc),
        ]

    monkeypatch.setattr(voted_checks, "check_table", check)
    return found


def check(pairs: list[RuleVersionRecord], start: int, end: int) -> list[Finding]:
    return voted_checks.check_as_voted(VIEW, pairs, None, BASIS, start_utc=start, end_utc=end)  # type: ignore[arg-type]


def test_terms_change_at_the_local_midnight_of_a_versions_date(asked):
    # 2026-02-01 is day 20485; in Paris it begins an hour before that day of UTC.
    midnight = 20_485 * DAY - 3600
    found = check(versions((20_000, OWN), (20_485, LONGER)), midnight - DAY, midnight + DAY)
    assert asked == [(midnight - DAY, midnight, OWN), (midnight, midnight + DAY, LONGER)]
    places = [(one.severity, one.metering_point, one.start_utc) for one in found]
    assert places == [
        (Severity.FAULT, "a", midnight - DAY),
        (Severity.FAULT, "a", midnight),
        (Severity.WARNING, "b", midnight),
        (Severity.WARNING, "b", midnight + DAY),
        (Severity.WARNING, "a", 5),
    ]


def test_versions_of_the_same_terms_and_of_other_times_make_no_stretch(asked):
    check(versions((20_000, OWN), (20_485, OWN), (20_600, LONGER)), 20_480 * DAY, 20_500 * DAY)
    check(versions((20_000, OWN), (20_300, LONGER)), 20_480 * DAY, 20_500 * DAY)
    # The first version holds before it too: the file may ask for what is not in force yet.
    check(versions((20_490, LONGER)), 20_480 * DAY, 20_500 * DAY)
    assert [terms for _, _, terms in asked] == [OWN, LONGER, LONGER]
    assert {(start, end) for start, end, _ in asked} == {(20_480 * DAY, 20_500 * DAY)}
    check([], 0, DAY)
    assert asked[-1][2].left_out == {"stuck"}


def test_a_period_is_checked_by_the_terms_of_its_start_throughout(asked):
    january = PeriodCalendar(SettlementPeriod.from_month("2026-01"), "Europe/Paris", 60)
    pairs = versions((20_000, OWN), (january.period.id + 10, LONGER))
    voted_checks.check_period(VIEW, pairs, None, BASIS, january)  # type: ignore[arg-type]
    assert asked == [(january.start_utc, january.end_utc, OWN)]
    assert voted_checks.terms_of_period(VIEW, pairs, january.period.id + 10) is LONGER
    assert voted_checks.terms_of_period(VIEW, pairs, 1) is OWN
