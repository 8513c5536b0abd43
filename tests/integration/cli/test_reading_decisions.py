"""`partage readings decide` and `decisions`: a span is decided about, told, taken back, and restated."""

import json

import pytest

MORNING = ("--from", "2024-03-14T10:00+01:00", "--to", "2024-03-14T13:00+01:00")
ADA = ("toits", "ada-load")
SETTLE = ("settle", "toits", "--period", "2024-03", "--json")
WHY = ("--reason", "The meter was being changed.")


def answer(outcome):
    assert outcome.code == 0, outcome
    return json.loads(outcome.out.splitlines()[-1])


def decide(partage, *words):
    return partage("readings", "decide", *words)


def test_a_span_is_returned_listed_and_restated_and_taken_back_by_accepting_it(partage, home):
    before = answer(partage(*SETTLE))
    made = answer(decide(partage, *ADA, "return", *MORNING, *WHY, "--rule", "spike", "--json"))
    told = {
        "start": "2024-03-14T09:00Z",
        "end": "2024-03-14T12:00Z",
        "treatment": "returned",
        "rule": "spike",
    }
    assert told.items() <= made.items()
    after = answer(partage(*SETTLE))
    assert float(after["consumption_kwh"]) < float(before["consumption_kwh"])
    assert after["run"] != before["run"]
    again = answer(decide(partage, *ADA, "return", *MORNING, *WHY, "--rule", "spike", "--json"))
    assert again["number"] == 1
    assert "accepted" in decide(partage, *ADA, "accept", *MORNING, "--reason", "It was right.").out
    assert answer(partage(*SETTLE))["consumption_kwh"] == before["consumption_kwh"]
    listed = answer(partage("readings", "decisions", "toits", "--json"))["decisions"]
    assert [(one["number"], one["treatment"]) for one in listed] == [(2, "accepted"), (1, "returned")]
    said = " ".join(partage("readings", "decisions", "toits").out.split())
    assert said.startswith("toits: 2 decisions about readings 2. readings of ada-load from 2024-03-14T09:00Z")
    assert said.index("It was right.") < said.index("The meter was being changed.")


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        ("2024-03-14", "2024-03-13T23:00Z", "2024-03-14T23:00Z"),
        ("2024-03-31", "2024-03-30T23:00Z", "2024-03-31T22:00Z"),  # the clock skips an hour
    ],
)
def test_a_day_is_the_communitys_civil_day(partage, home, day, start, end):
    made = answer(decide(partage, *ADA, "estimate", "--day", day, *WHY, "--json"))
    assert (made["start"], made["end"], made["treatment"]) == (start, end, "estimated")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((*ADA, "return", *WHY), "either --from and --to, or --day"),
        ((*ADA, "return", *MORNING, "--day", "2024-03-14", *WHY), "either --from and --to, or --day"),
        ((*ADA, "return", *MORNING[:2], *WHY), "either --from and --to, or --day"),
        ((*ADA, "return", "--day", "yesterday", *WHY), "'yesterday' is no day; write it like 2024-03-14"),
        ((*ADA, "return", "--from", "10:00", "--to", "11:00", *WHY), "'10:00' is no instant with an offset"),
        ((*ADA, "return", *MORNING, *WHY, "--rule", "spiked"), "There is no rule 'spiked'"),
        ((*ADA, "return", *MORNING, "--reason", " "), "Give a reason of 1 to 500 characters"),
        (("toits", "ada", "return", *MORNING, *WHY), "no metering point 'ada'"),
        (("lac", "ada-load", "return", *MORNING, *WHY), "lac"),
        (("toits", "ben-solar", "estimate", *MORNING, *WHY), "feed-in is never estimated"),
    ],
)
def test_what_cannot_be_decided_is_refused_in_a_sentence_and_changes_nothing(partage, home, words, sentence):
    refused = decide(partage, *words)
    assert refused.code == 1
    assert sentence in " ".join(refused.err.split())
    assert answer(partage("readings", "decisions", "toits", "--json"))["decisions"] == []
