"""The demonstration on real homes: its figures, what it says, and that a repeat does no work twice."""

import json
from decimal import Decimal

import pytest

STREET = ("street", "--year", "--json")
ROOTS = ("batch_roots", "allocation_roots", "bill_roots")
OF_ONE_PERIOD = {
    *("community", "period", "run", "metering_points", "intervals", "consumption_kwh", "feed_in_kwh"),
    *("shared_kwh", "residual_kwh", "surplus_kwh", "batch_roots", "allocation_root", "bill_root"),
    *("transactions", "gas", "seconds"),
}
# Shares are rounded down, so up to a milliwatt-hour per home and hour stays surplus. [kWh]
ROUNDING = Decimal("0.5") + Decimal(17 * 8760) / 10**6


def told_by(outcome):
    assert outcome.code == 0, outcome.err
    assert outcome.err == ""
    (line,) = outcome.out.splitlines()
    return json.loads(line)


def near(report, **expected):
    return all(abs(Decimal(report[f"{name}_kwh"]) - value) <= ROUNDING for name, value in expected.items())


def unchanging(told):
    return {name: value for name, value in told.items() if name != "seconds_in_all"}


def test_a_month_of_the_roof_is_told_once_settled_twice_the_same_and_anew_when_fresh(partage, tmp_path):
    first = told_by(partage("demo", "--json"))
    assert first.keys() >= OF_ONE_PERIOD
    assert (first["community"], first["period"], first["run"], first["intervals"]) == (
        "roof",
        "2017-06",
        1,
        720,
    )
    assert (first["metering_points"], first["state"], first["bill_state"]) == (16, "final", "final")
    assert near(first, consumption=14_175, feed_in=6_347, shared=5_849, residual=8_326, surplus=498)
    assert first["total"]["shared_kwh"] == first["shared_kwh"]
    assert "total_screened" not in first
    assert [login["login"] for login in first["logins"]][:2] == ["home-01@roof", "home-02@roof"]
    assert first["networks"] == ["roof", "european-lv"]
    assert len({login["password"] for login in first["logins"]}) == len(first["logins"]) == 16 + 6

    assert unchanging(told_by(partage("demo", "roof", "--month", "2017-06", "--json"))) == unchanging(first)

    said = partage("demo").out
    for words in (
        "Composed from real profiles",
        "5,849 kWh   41 %",
        first["allocation_root"],
        first["bill_root"],
        f"{first['transactions']} transactions, {first['gas']:,} gas",
        first["logins"][0]["password"],
        "partage serve",
        "verify bill.json",
    ):
        assert words in said

    fresh = told_by(partage("demo", "--fresh", "--json"))
    assert fresh["allocation_root"] != first["allocation_root"]  # salts are drawn anew
    assert fresh["shared_kwh"] == first["shared_kwh"]
    assert fresh["logins"] != first["logins"]


def test_a_month_of_the_street_shows_what_faulty_meters_make_of_it(partage):
    told = told_by(partage("demo", "street", "--json"))
    faulty = {finding["metering_point"] for finding in told["findings"] if finding["severity"] == "fault"}
    # Home 12's feed-in is what its roof gives beyond the production written as its consumption: it falls to a third.
    assert faulty == {"home-12-load", "home-12-solar", "home-15-load"}
    assert sorted(told["returned_points"]) == [
        f"home-{n}-{what}" for n in (12, 15) for what in ("load", "solar")
    ]
    assert near(told["total"], shared=2_164)
    assert near(told["total_screened"], shared=1_068)
    assert (told["periods"][0]["state"], told["periods_screened"][0]["state"]) == ("superseded", "final")
    # What opened the period serves both runs; batch, run, attestation, bills and bonds are each run's own.
    assert (told["total"]["transactions"], told["total_screened"]["transactions"]) == (11, 11)
    assert unchanging(told_by(partage("demo", "street", "--json"))) == unchanging(told)
    said = " ".join(partage("demo", "street").out.split())
    for words in (
        "Real registers are not hourly nets",
        "Conformity found faults at 3 metering points by itself",
        "home-12-load follows the sun",
        "as delivered without faulty",
        "a settlement is only as good as its data",
    ):
        assert words in said


@pytest.mark.slow
def test_a_year_of_the_street_is_told_as_delivered_and_without_the_faulty_meters(partage):
    told = told_by(partage("demo", *STREET))
    assert near(told["total"], shared=17_696, consumption=112_121, feed_in=45_902)
    assert near(told["total_screened"], shared=8_529, consumption=101_407, feed_in=45_669)
    assert len(told["periods"]) == len(told["periods_screened"]) == 12
    for period in told["periods_screened"]:
        assert period["run"] == 2
        assert period["state"] == period["bill_state"] == "final"
    for of_runs, in_all in (("periods", "total"), ("periods_screened", "total_screened")):
        shared = sum(Decimal(period["shared_kwh"]) for period in told[of_runs])
        assert shared == Decimal(told[in_all]["shared_kwh"])
    assert len({root for name in ROOTS for root in told["total_screened"][name]}) == 36


def test_a_treasurer_may_try_invoices_and_bank_files_on_people_who_are_plainly_invented(partage, tmp_path):
    told_by(partage("demo", "--json"))
    words = ("roof", "--period", "2017-06", "--out")
    told = told_by(partage("invoices", *words, tmp_path / "june", "--json"))
    assert (told["invoices"], told["statements"]) == (17, 16)
    debit = told_by(partage("payments", "debit", *words, tmp_path / "d.xml", "--json"))
    assert debit["debits_cents"] + debit["open_cents"] - debit["transfers_cents"] == told["total_cents"]
    assert 0 < debit["debits"] < 15
    rows = (tmp_path / "june" / "invoices.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert all(row.count("(invented for the demonstration)") == 2 for row in rows)

    own = tmp_path / "PARTIES.toml"
    own.write_text('[community]\nname = "Our roof"\n')
    assert partage("parties", "load", "roof", own).code == 0
    told_by(partage("demo", "--json"))
    assert 'name = "Our roof"' in partage("parties", "template", "roof").out
