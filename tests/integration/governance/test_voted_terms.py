"""Members vote the terms of conformity: from the next period on readings are checked by them, and only from then on."""

from types import SimpleNamespace
from typing import Any

import pytest

from backend.errors import CommunityDefinitionError, InputError, NotFoundError
from backend.metering.findings import Treatment
from backend.quantities import PeriodCalendar, SettlementPeriod
from backend.services.check_readings import check_readings
from backend.services.governance_rules import sync_rules
from backend.services.load_readings import load_readings
from backend.services.proposal_states import State
from backend.services.proposals import advance_proposal
from backend.services.settle_period import settle_period
from tests.integration.governance.governed import HOUR, make_governed
from tests.integration.settlement.small_community import MONTH, readings_csv

FOR = 1
FEBRUARY = SettlementPeriod.from_month("2026-02")


@pytest.fixture
def governed(tmp_path):
    made = make_governed(tmp_path / "home")
    yield made
    made.wiring.store.close()


def decide(governed, rules):
    """Propose, vote, queue and execute."""
    proposal = governed.propose(rules={"conformity": {"rules": rules}}, text="Our meters are like that.")
    told = governed.show(proposal.id)
    governed.clock.advance(HOUR + 600)
    for member in ("ada", "ben"):
        governed.vote(member, proposal.id, FOR)
    governed.relay()
    governed.clock.advance(25 * HOUR)
    advance_proposal(governed.desk, "toits", proposal.id)
    governed.clock.advance(2 * HOUR)
    assert advance_proposal(governed.desk, "toits", proposal.id) is State.EXECUTED
    return told


def load_month(governed, month):
    file = governed.wiring.home.files / f"{month.label}.csv"
    file.write_text(readings_csv(span=month))
    load_readings(governed.wiring.context, governed.wiring.reader_for(), [file], community="toits")


def stuck(governed, period=None):
    """What is found of cleo, whose meter tells the same energy every hour."""
    found = check_readings(governed.wiring.context, "toits", period)
    return [one for one in found if one.rule == "stuck" and one.metering_point == "cleo-load"]


def test_from_the_next_period_on_a_finding_appears_by_the_voted_parameter(governed):
    context = governed.wiring.context
    load_month(governed, FEBRUARY)
    assert [len(stuck(governed, period)) for period in (MONTH, FEBRUARY)] == [1, 1]
    told = decide(governed, {"stuck": {"hours": 1000}, "treatments": {"gap": "useless"}})
    assert [one["words"]["en"] for one in told["differences"]] == [
        "Same value again and again, length, at least: 1000 h; today 24 h.",
        "What is found by: Missing readings: counts as missing; today counts as missing and is estimated.",
    ]
    with context.store.reading() as records:
        versions = records.rule_versions("toits")
    view = context.community("toits")
    assert MONTH.id < versions[1].effective_from <= FEBRUARY.id
    assert view.rule_of(versions[1]).limits.terms.stuck.hours == 1000
    assert view.rule_of(versions[1]).limits.terms.treatments == {"gap": Treatment.USELESS}
    on_chain = context.chain.read("rule_book", "limitsOf", view.record.anchor, 2)
    assert on_chain["terms"] == versions[1].definition["limits"]["terms"] != "0x" + "00" * 32
    assert [len(stuck(governed, period)) for period in (MONTH, FEBRUARY)] == [1, 0]
    (whole,) = stuck(governed)  # all history at once: each stretch by the terms of its time
    assert whole.end_utc <= PeriodCalendar(FEBRUARY, "Europe/Paris", 60).start_utc
    governed.clock.advance(60 * 24 * HOUR)
    assert settle_period(context, "toits", FEBRUARY).rule_version == 2


def test_a_rule_that_members_leave_out_is_looked_for_no_more_and_comes_back_when_they_vote_so(governed):
    load_month(governed, FEBRUARY)
    told = decide(governed, {"left_out": ["stuck"]})
    assert [one["field"] for one in told["differences"]] == ["conformity.rules.left_out"]
    assert stuck(governed, FEBRUARY) == []
    back = decide(governed, {})
    assert [(one["before"], one["after"]) for one in back["differences"]] == [(True, False)]
    with governed.wiring.store.reading() as records:
        versions = records.rule_versions("toits")
    assert versions[2].definition["limits"]["terms"] == "0x" + "00" * 32
    may = SettlementPeriod.from_month("2026-05")
    assert may.id > versions[2].effective_from
    load_month(governed, may)
    assert len(stuck(governed, may)) == 1


def test_terms_that_are_unknown_out_of_bounds_or_the_same_are_not_proposed(governed):
    for rules, said in (
        ({"stuk": {}}, 'did you mean "stuck"'),
        ({"stuck": {"hour": 3}}, 'did you mean "hours"'),
        ({"stuck": {"hours": 0}}, "lies in 1 to 1000"),
    ):
        with pytest.raises(CommunityDefinitionError, match=said):
            governed.draft(rules={"conformity": {"rules": rules}})
    with pytest.raises(InputError, match="rules are those of today"):
        governed.draft(rules={"conformity": {"rules": {"stuck": {"hours": 24}}}})


def test_voted_terms_whose_text_nobody_kept_are_named_and_nothing_is_settled_by_guesses(governed):
    context = governed.wiring.context
    decide(governed, {"stuck": {"hours": 1000}})
    with context.store.reading() as records:
        record, versions = records.community("toits"), records.rule_versions("toits")

    class Forgetful:
        """The store of a home that joined after the vote."""

        def __enter__(self):
            return SimpleNamespace(
                community=lambda _: record, rule_versions=lambda _: versions[:1], proposals=lambda _: []
            )

        def __exit__(self, *_):
            return None

    other: Any = SimpleNamespace(store=SimpleNamespace(reading=Forgetful), chain=context.chain)
    with pytest.raises(NotFoundError, match=r"voted terms of conformity \(hash 0x.*ask who proposed them"):
        sync_rules(other, "toits")
