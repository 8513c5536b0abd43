"""What a rehearsal says is what settling does: the same bills, to the cent, whichever key and tariff."""

import json

import pytest

from backend.adapters.demo_data import build_demo
from backend.adapters.readings_cache import MappedReadings
from backend.errors import CommunityDefinitionError, InputError, NotFoundError, PeriodError
from backend.governance.rehearsal_proof import canonical_json, holds_line
from backend.quantities import SettlementPeriod
from backend.services import rehearsal_replay
from backend.services.bundles import bills_of
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.rehearse import rehearse
from backend.services.settle_period import settle_period
from tests.integration.settlement.shared_street import KEYS, OWNED, PRODUCER_KEY, street, street_csv
from tests.integration.settlement.small_community import (
    DEFINITION,
    MONTH,
    open_home,
    readings_csv,
    take_settled,
)
from tests.integration.settlement.test_every_key import PREMIUMS, TARIFFS
from tests.integration.settlement.test_operator_allocation import BINDING, csv_of, operators_rows
from tests.integration.settlement.test_operator_allocation import load as load_operators
from tests.integration.settlement.test_schedules import OWNED as SCHEDULED_OWNED
from tests.integration.settlement.test_schedules import hand_in, prepare

EVERY_RULE = {
    **{method: (method, KEYS[method], PREMIUMS if method == "incentive" else "") for method in KEYS},
    **{f"{m}, consumers' surplus": (m, f'{OWNED[m]}\nsurplus_owner = "consumer"') for m in OWNED},
    **{f"dynamic, {name}": ("dynamic", "", tariff) for name, tariff in TARIFFS.items()},
    "priority, producer key": ("priority", f"{KEYS['priority']}\n{PRODUCER_KEY}"),
    "pairwise, each producer its price": ("pairwise", KEYS["pairwise"], TARIFFS["producer"]),
    "pairwise, producers sell": ("pairwise", KEYS["pairwise"], TARIFFS["seller_priced"]),
    "flow, producers sell": ("flow", KEYS["flow"], TARIFFS["seller_priced"]),
}
STATIC = {"sharing_key": {"method": "static", "coefficients_ppm": {"ada-load": 400_000, "ben-load": 300_000}}}


@pytest.fixture
def wiring(tmp_path):
    return open_home(tmp_path / "home")


def load(wiring, definition=DEFINITION, csv=None):
    file = wiring.home.files / "readings.csv"
    file.write_text(csv or readings_csv())
    load_community(wiring.context, definition, "toits.toml")
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")


def billed(wiring, community="toits", month=MONTH):
    _, bills = bills_of(wiring.context, community, month)
    return {
        bill.participant: (
            bill.content["amounts"]["debit"],
            bill.content["amounts"]["credit"],
            bill.content["saving"]["saving"],
            *(
                sum(point[what] for point in bill.content["points"] if point["direction"] == direction)
                for direction in ("consumption", "feed_in")
                for what in ("energy", "allocated")
            ),
        )
        for bill in bills
    }


def rehearsed(period, side):
    figures = getattr(period, side)
    return {
        name: (
            *(found.debit, found.credit, found.saving),
            *(found.consumption, found.allocated, found.feed_in, found.shared),
        )
        for name, found in figures.items()
    }


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_the_bills_of_a_settled_month_come_out_again_to_the_cent(wiring, rule, monkeypatch):
    monkeypatch.setattr(rehearsal_replay, "_BLOCK_VALUES", 5 * 37)  # many blocks, none of them whole days
    take_settled(wiring, street_csv(), street(*EVERY_RULE[rule]))
    found = rehearse(wiring.context, "toits", {}, 12, cache=wiring.readings_cache)
    assert [period.label for period in found.periods] == ["2024-03"]
    assert rehearsed(found.periods[0], "before") == billed(wiring)
    assert rehearsed(found.periods[0], "after") == billed(wiring)
    assert found.as_dict()["distribution"]["unchanged"] == 4


def test_the_bills_of_a_month_by_coefficients_for_each_hour_come_out_again(wiring, monkeypatch):
    monkeypatch.setattr(rehearsal_replay, "_BLOCK_VALUES", 5 * 37)
    prepare(wiring, SCHEDULED_OWNED)
    hand_in(wiring)
    settle_period(wiring.context, "toits", MONTH)
    found = rehearse(wiring.context, "toits", {"sharing_key": {"method": "dynamic"}}, 1)
    assert rehearsed(found.periods[0], "before") == billed(wiring)
    assert rehearsed(found.periods[0], "after") != billed(wiring)


def test_the_bills_of_a_month_by_the_operators_allocation_come_out_again(wiring):
    load(wiring, BINDING, street_csv())
    load_operators(wiring, csv_of(operators_rows()))
    settle_period(wiring.context, "toits", MONTH)
    found = rehearse(wiring.context, "toits", {"allocation": {"source": "computed"}}, 1)
    assert rehearsed(found.periods[0], "before") == billed(wiring)
    assert (
        found.as_dict()["community"]["allocated_after_kwh"]
        != found.as_dict()["community"]["allocated_before_kwh"]
    )


@pytest.mark.parametrize("rule", ["static", "dynamic, seller_priced", "flow", "incentive"])
def test_what_a_proposed_rule_would_bill_is_what_it_bills_once_it_holds(tmp_path, rule):
    now, then = open_home(tmp_path / "now"), open_home(tmp_path / "then")
    load(now, street("hybrid", KEYS["hybrid"]).replace('country = "FR"', 'country = "none"'), street_csv())
    text = street(*EVERY_RULE[rule])
    take_settled(then, street_csv(), text)
    form = then.context.community("toits").community.rule
    from backend.community import form_of_rule

    found = rehearse(now.context, "toits", form_of_rule(form), 1)
    assert rehearsed(found.periods[0], "after") == billed(then)
    assert found.as_dict()["distribution"]["unchanged"] < 4


def test_months_that_nobody_settled_are_rehearsed_and_nothing_is_opened(wiring):
    spring = SettlementPeriod(MONTH.first, SettlementPeriod.from_month("2024-05").until)
    load(wiring, csv=readings_csv(span=spring))
    found = rehearse(wiring.context, "toits", STATIC, 2)
    assert [period.label for period in found.periods] == ["2024-04", "2024-05"]
    with wiring.store.reading() as records:
        assert not records.periods("toits")
    for month in ("2024-04", "2024-05"):
        settle_period(wiring.context, "toits", SettlementPeriod.from_month(month))
    for period in found.periods:
        assert rehearsed(period, "before") == billed(wiring, month=SettlementPeriod.from_month(period.label))


def test_a_few_hours_of_the_next_month_are_no_period(wiring):
    from datetime import timedelta

    longer = SettlementPeriod(MONTH.first, MONTH.until + timedelta(days=1))
    rows = readings_csv(span=longer).splitlines()
    load(wiring, csv="\n".join(rows[:-40]) + "\n")
    assert [period.label for period in rehearse(wiring.context, "toits", STATIC, 12).periods] == ["2024-03"]


def test_gaps_that_the_proposed_rule_treats_otherwise_are_filled_otherwise(wiring):
    rows = readings_csv().splitlines()
    holes = [row for place, row in enumerate(rows) if not ("cleo-load" in row and place % 9 == 0)]
    load(wiring, csv="\n".join(holes) + "\n")
    found = rehearse(wiring.context, "toits", {"conformity": {"gaps": "residual"}}, 1)
    whole = found.as_dict()["community"]
    assert float(whole["consumption_after_kwh"]) < float(whole["consumption_before_kwh"])
    assert found.as_dict()["periods"][0]["missing"] > 0


def test_the_cache_changes_nothing_but_the_time(wiring):
    load(wiring)
    folder = wiring.home.cache / "readings"
    plain = rehearse(wiring.context, "toits", STATIC, 1)
    first = rehearse(wiring.context, "toits", STATIC, 1, cache=wiring.readings_cache)
    again = rehearse(wiring.context, "toits", STATIC, 1, cache=MappedReadings(folder))
    assert plain.as_dict() == first.as_dict() == again.as_dict()
    kept = next(folder.rglob("*.npy"))
    altered = bytearray(kept.read_bytes())
    altered[-1] ^= 1
    kept.write_bytes(altered)
    assert (
        rehearse(wiring.context, "toits", STATIC, 1, cache=MappedReadings(folder)).as_dict()
        == plain.as_dict()
    )
    wiring.readings_cache.erase("toits")
    assert not list(folder.rglob("*.npy"))


def test_a_correction_of_a_reading_is_seen_past_the_cache(wiring):
    load(wiring)
    before = rehearse(wiring.context, "toits", STATIC, 1, cache=wiring.readings_cache)
    file = wiring.home.files / "more.csv"
    file.write_text(
        "metering_point,start,resolution_minutes,energy_kwh,quality\nada-load,2024-03-12T10:00:00Z,60,7.000000,edited\n"
    )
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")
    after = rehearse(wiring.context, "toits", STATIC, 1, cache=wiring.readings_cache)
    assert before.result_hash != after.result_hash


def test_each_member_can_hold_their_own_line_against_the_hash(wiring):
    load(wiring)
    found = rehearse(wiring.context, "toits", STATIC, 1)
    public = json.loads(json.dumps(found.as_public_dict()))
    for participant in ("ada", "ben", "cleo"):
        own = json.loads(json.dumps(found.of(participant)))
        assert holds_line(public, own)
        own["line"]["bill_after"] = "0.01"
        assert not holds_line(public, own)
    text = canonical_json(public).decode()
    assert "members" not in public
    assert not any(name in text for name in ("ada", "ben", "cleo", "Ada", "Cleo"))
    with pytest.raises(NotFoundError, match="zoe"):
        found.of("zoe")


def test_what_the_law_forbids_is_rehearsed_and_flagged(wiring):
    load(wiring)
    form = {"sharing_key": {"method": "incentive"}}
    found = rehearse(wiring.context, "toits", form, 1).as_dict()
    assert found["law"]["allowed"] is False
    assert any(finding["severity"] == "forbidden" for finding in found["law"]["after"])
    assert not any(finding["severity"] == "forbidden" for finding in found["law"]["before"])


def test_progress_goes_from_nothing_to_all_and_can_stop_the_work(wiring):
    spring = SettlementPeriod(MONTH.first, SettlementPeriod.from_month("2024-05").until)
    load(wiring, csv=readings_csv(span=spring))
    told: list[float] = []
    rehearse(wiring.context, "toits", STATIC, 3, on_progress=told.append)
    assert told[0] == 0 < told[1] < told[2] < told[3] == 1

    class StoppedError(Exception):
        pass

    def stop(done):
        if done:
            raise StoppedError

    with pytest.raises(StoppedError):
        rehearse(wiring.context, "toits", STATIC, 3, on_progress=stop)


def test_what_cannot_be_rehearsed_says_why(wiring):
    load_community(wiring.context, DEFINITION, "toits.toml")
    with pytest.raises(PeriodError, match="no readings"):
        rehearse(wiring.context, "toits", STATIC, 12)
    load(wiring)
    with pytest.raises(InputError, match="0 months"):
        rehearse(wiring.context, "toits", STATIC, 0)
    with pytest.raises(CommunityDefinitionError, match="zoe-load"):
        rehearse(
            wiring.context,
            "toits",
            {"sharing_key": {"method": "static", "coefficients_ppm": {"zoe-load": 5}}},
            1,
        )
    scheduled = {"sharing_key": {"method": "scheduled", "schedule": "after"}}
    with pytest.raises(PeriodError, match="none were for"):
        rehearse(wiring.context, "toits", scheduled, 1)
    with pytest.raises(NotFoundError):
        rehearse(wiring.context, "elsewhere", STATIC, 1)


@pytest.mark.parametrize("name", ["roof", "street"])
def test_a_demonstration_is_rehearsed_as_it_is_billed(wiring, name):
    made = build_demo(name)
    file = wiring.home.files / "readings.csv"
    file.write_bytes(made.readings_csv)
    load_community(wiring.context, made.definition_toml, f"{name}.toml")
    load_readings(wiring.context, wiring.reader_for(), [file], community=name)
    month = SettlementPeriod.from_month("2017-06")
    settle_period(wiring.context, name, month)
    found = rehearse(wiring.context, name, {"sharing_key": {"method": "equal"}}, 12)
    june = next(period for period in found.periods if period.label == "2017-06")
    assert len(found.periods) == 12
    assert rehearsed(june, "before") == billed(wiring, name, month)
    told = found.as_dict()
    assert sum(line["gain_cents"] for line in told["members"]) == told["community"]["gain_cents"]


def test_what_a_batch_had_measured_stays_missing_when_it_was_taken_back(wiring):
    take_settled(wiring)
    file = wiring.home.files / "taken-back.csv"
    file.write_text(
        "metering_point,start,resolution_minutes,energy_kwh,quality\nada-load,2024-03-12T10:00:00Z,60,,missing\n"
    )
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")
    settle_period(wiring.context, "toits", MONTH)
    found = rehearse(wiring.context, "toits", {}, 1, cache=wiring.readings_cache)
    assert found.as_dict()["periods"][0]["missing"] == 1
    assert rehearsed(found.periods[0], "before") == billed(wiring)
