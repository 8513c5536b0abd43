"""The pages of grid operator and provider in a real browser."""

import csv
import io
import json
import re

import pyarrow.parquet
import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import money, violations

READY = {
    "operator": ("partage-allocation-rows tbody tr", "partage-sankey svg", "partage-finding-list p"),
    "provider": ("partage-portfolio-table tbody tr",),
}
OPERATOR, PROVIDER = "operator@roof", "provider@roof"


def sign_in(visit, demo, login):
    role = login.partition("@")[0]
    visit.open("#/sign-in")
    visit.page.locator("#login").fill(login)
    visit.page.locator("#password").fill(demo.password(login))
    visit.page.locator("form button.primary").click()
    for selector in READY[role]:
        visit.page.locator(selector).first.wait_for()


def energy(text):
    """Milliwatt-hours of a figure such as ``1,383.109 kWh``."""
    whole, _, fraction = text.removesuffix("\u00a0kWh").replace(",", "").partition(".")
    return int(whole + fraction.ljust(6, "0"))


def figure(visit, words):
    return visit.page.locator(f"[data-figure='{words}']").inner_text()


def kilowatt_hours(text):
    """A figure of the command's as the pages show it, to one decimal."""
    return f"{float(text):,.1f}\u00a0kWh"


def downloaded(visit, press):
    with visit.page.expect_download() as download:
        press()
    return download.value.suggested_filename, download.value.path()


def test_an_operator_comes_to_the_allocations_and_their_sums_are_those_of_the_run(visit, demo):
    sign_in(visit, demo, OPERATOR)
    told = demo.answer
    assert figure(visit, "operator.sums.used") == kilowatt_hours(told["consumption_kwh"])
    assert figure(visit, "operator.sums.shared") == kilowatt_hours(told["shared_kwh"])
    assert figure(visit, "operator.sums.given") == kilowatt_hours(told["shared_kwh"])
    assert figure(visit, "operator.sums.residual") == kilowatt_hours(told["residual_kwh"])
    assert figure(visit, "operator.sums.fed") == kilowatt_hours(told["feed_in_kwh"])
    assert figure(visit, "operator.sums.surplus") == kilowatt_hours(told["surplus_kwh"])
    assert visit.page.get_by_text("16 of 16 metering points, 11,520 readings.").is_visible()
    names = visit.page.locator("nav a").all_inner_texts()
    assert names == ["Operator", "Grid", "Forecasts", "Meter data", "Disputes", "Community", "Verify"]


def test_typing_narrows_the_points_and_their_sums(visit, demo):
    sign_in(visit, demo, OPERATOR)
    visit.page.get_by_label("Metering point", exact=True).press_sequentially("solar")
    rows = visit.page.locator("partage-point-table tbody tr")
    assert rows.count() == 1
    assert figure(visit, "operator.sums.used") == "0.0\u00a0kWh"
    assert figure(visit, "operator.sums.fed") == kilowatt_hours(demo.answer["feed_in_kwh"])
    visit.page.get_by_label("Metering point", exact=True).press_sequentially(" nobody")
    visit.page.get_by_text("No metering point matches “solar nobody”.").wait_for()


def test_a_band_that_is_read_stays_when_the_page_is_drawn_again(visit, demo):
    sign_in(visit, demo, OPERATOR)
    flows = visit.page.get_by_role("slider")
    flows.press("End")
    last = flows.get_attribute("aria-valuemax")
    expect(flows).to_have_attribute("aria-valuenow", last)
    visit.page.get_by_label("Metering point", exact=True).press_sequentially("solar")
    visit.page.get_by_text("1 of 16 metering points").wait_for()
    expect(flows).to_have_attribute("aria-valuenow", last)


def test_a_points_intervals_in_a_window_add_up_to_its_sums(visit, demo):
    sign_in(visit, demo, OPERATOR)
    visit.page.get_by_label("From", exact=True).fill("2017-06-03T00:00")
    visit.page.get_by_label("Until", exact=True).fill("2017-06-04T00:00")
    visit.page.get_by_text("16 of 16 metering points, 384 readings.").wait_for()
    visit.page.get_by_role("link", name="home-04-load").click()
    heading = visit.page.get_by_role("heading", name="Interval by interval: home-04-load")
    heading.wait_for()
    expect(heading).to_be_focused()
    visit.page.get_by_text("Rows 1 to 24 of 24").wait_for()
    rows = visit.page.locator("partage-allocation-rows tbody tr")
    assert rows.first.locator("th").inner_text() == "3 Jun 2017, 00:00"
    assert rows.last.locator("th").inner_text() == "3 Jun 2017, 23:00"
    sums = visit.page.locator("partage-point-table tr[aria-current] td").all_inner_texts()[2:5]
    cells = [row.locator("td").all_inner_texts() for row in rows.all()]
    for column, shown in enumerate(sums):
        exact = sum(energy(row[column]) for row in cells)
        assert f"{exact / 1_000_000:,.3f}\u00a0kWh" == shown


def test_pages_of_rows_are_turned_without_a_mouse_and_without_a_gap(visit, demo):
    sign_in(visit, demo, OPERATOR)
    visit.open("#/operator/2017-06/home-01-load")
    visit.page.get_by_text("Rows 1 to 96 of 720").wait_for()
    starts = visit.page.locator("partage-allocation-rows time")
    last = starts.last.get_attribute("datetime")
    assert last == "2017-06-05T07:00:00Z"
    visit.page.get_by_role("button", name="Next rows").press("Enter")
    visit.page.get_by_text("Rows 97 to 192 of 720").wait_for()
    assert starts.first.get_attribute("datetime") == "2017-06-05T08:00:00Z"
    visit.page.get_by_role("button", name="Previous rows").press("Enter")
    visit.page.get_by_text("Rows 1 to 96 of 720").wait_for()
    expect(visit.page.get_by_role("button", name="Previous rows")).to_be_disabled()


def test_a_window_that_ends_before_it_begins_is_refused_in_words(visit, demo):
    sign_in(visit, demo, OPERATOR)
    visit.page.get_by_label("From", exact=True).fill("2017-06-20T00:00")
    visit.page.get_by_text("16 of 16 metering points, 4,224 readings.").wait_for()
    visit.page.get_by_label("Until", exact=True).fill("2017-06-10T00:00")
    alert = visit.page.get_by_role("alert")
    alert.wait_for()
    assert "“From” must come before “Until”" in alert.inner_text()
    visit.page.get_by_role("button", name="Show all").click()
    visit.page.get_by_text("16 of 16 metering points, 11,520 readings.").wait_for()
    assert alert.count() == 0
    assert visit.page.get_by_label("Until", exact=True).input_value() == "2017-07-01T00:00"


def test_allocations_are_saved_as_csv_and_parquet_with_the_same_rows(visit, demo):
    sign_in(visit, demo, OPERATOR)
    visit.page.get_by_role("link", name="roof-solar").click()
    visit.page.get_by_text("Rows 1 to 96 of 720").wait_for()
    name, path = downloaded(visit, lambda: visit.page.get_by_role("button", name="CSV").click())
    assert name == "roof-2017-06-roof-solar-allocations.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert len(rows) == 720
    visit.page.get_by_text(f"Saved as {name}.").wait_for()
    name, path = downloaded(visit, lambda: visit.page.get_by_role("button", name="Parquet").click())
    assert name == "roof-2017-06-roof-solar-allocations.parquet"
    table = pyarrow.parquet.read_table(io.BytesIO(path.read_bytes()))
    for column in ("energy_milliwatt_hours", "allocated_milliwatt_hours"):
        assert table[column].to_pylist() == [int(row[column]) for row in rows]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda route: route.abort(), "The service does not answer."),
        (lambda route: route.fulfill(status=503, json={"title": "busy"}), "The service is busy"),
        (lambda route: route.fulfill(status=403, json={"title": "no"}), "Your log-in does not give access"),
    ],
    ids=["offline", "busy", "forbidden"],
)
def test_a_file_that_cannot_be_fetched_says_why_and_can_be_tried_again(visit, demo, answer, told):
    sign_in(visit, demo, OPERATOR)

    def refuse(route):
        if "text/csv" in route.request.headers["accept"]:
            answer(route)
        else:
            route.fallback()

    visit.page.route("**/allocations/**", refuse)
    visit.page.get_by_role("button", name="CSV").click()
    alert = visit.page.get_by_role("alert")
    alert.wait_for()
    assert told in alert.inner_text()
    visit.page.unroute_all()
    name, _ = downloaded(visit, lambda: visit.page.get_by_role("button", name="CSV").click())
    assert name == "roof-2017-06-allocations.csv"
    assert alert.count() == 0
    visit.faults.clear()  # a browser notes what it could not load


def test_findings_stand_gravest_first_each_with_its_word(visit, demo):
    def finding(severity, message):
        place = {"file": "", "line": 0, "metering_point": "", "start_utc": None, "end_utc": None}
        return {"rule": "some-rule", "severity": severity, "message": message, "value": "", **place}

    items = [finding("note", "A small thing."), finding("fault", "A grave thing.")]
    visit.page.route(
        "**/findings/**", lambda route: route.fulfill(json={"items": items, "next_cursor": None})
    )
    sign_in(visit, demo, OPERATOR)
    told = visit.page.locator("partage-finding-list li").all_inner_texts()
    assert [re.split(r"\s*\n\s*", text)[0] for text in told] == ["fault", "note"]
    assert "A grave thing." in told[0]


def test_an_operator_sees_who_served_whom_with_every_participant(visit, demo):
    sign_in(visit, demo, OPERATOR)
    visit.page.get_by_text("Who served whom, as a table").click()
    consumers = visit.page.locator("partage-sankey tbody tr td:nth-child(2)").all_inner_texts()
    assert sorted(consumers) == sorted(
        {
            bill["participant"].replace("home-0", "Home ").replace("home-", "Home ")
            for bill in demo.answer["bills"]
        }
        - {"roof"}
    )


def test_a_providers_customer_has_a_draft_of_the_lines_on_the_members_own_bill(
    visit, open_visit, served, demo
):
    sign_in(visit, demo, PROVIDER)
    assert figure(visit, "provider.residual") == kilowatt_hours(demo.answer["residual_kwh"])
    visit.page.get_by_label("Customer", exact=True).press_sequentially("home 3")
    visit.page.get_by_text("2 of 16 customers.").wait_for()
    visit.page.get_by_role("link", name="Home 3", exact=True).click()
    heading = visit.page.get_by_role("heading", name="Draft invoice for Home 3")
    heading.wait_for()
    expect(heading).to_be_focused()
    member = open_visit(served)
    member.sign_in(demo, "home-03@roof")
    bill = member.page.evaluate("async () => (await fetch('/api/v1/me/bills/2017-06')).json()")
    lines = [line for line in bill["lines"] if line["biller"] == "supplier"]
    amounts = visit.page.locator("partage-draft-invoice tbody td:last-child").all_inner_texts()
    assert amounts == [money(line["amount"]) for line in lines]
    total = visit.page.locator("partage-draft-invoice tfoot td:last-child").inner_text()
    assert total == money(sum(line["amount"] for line in lines))
    name, path = downloaded(visit, visit.page.get_by_role("button", name="Save the lines").first.click)
    assert name == "roof-2017-06-home-03-lines.csv"
    saved = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [row["amount_eur"] for row in saved] == [f"{line['amount'] / 100:.2f}" for line in lines]


def test_a_portfolio_is_sorted_by_a_press_on_its_columns_and_saved_as_shown(visit, demo):
    sign_in(visit, demo, PROVIDER)
    column = visit.page.get_by_role("columnheader", name="Residual supply")
    column.get_by_role("button").press("Enter")
    expect(column).to_have_attribute("aria-sort", "descending")
    rows = visit.page.locator("partage-portfolio-table tbody tr")
    shown = [row.locator("td").nth(1).inner_text() for row in rows.all()]
    assert len(shown) == 16
    assert [energy(text) for text in shown] == sorted((energy(text) for text in shown), reverse=True)
    name, path = downloaded(visit, lambda: visit.page.get_by_role("button", name="Save the table").click())
    assert name == "roof-2017-06-portfolio.csv"
    saved = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [f"{float(row['residual_kwh']):,.1f}\u00a0kWh" for row in saved] == shown
    total = sum(int(row["residual_kwh"].replace(".", "")) for row in saved)
    hours = sum(int(row[f"residual_{hour:02d}h_kwh"].replace(".", "")) for row in saved for hour in range(24))
    assert total == hours == round(float(demo.answer["residual_kwh"]) * 10**6)


def test_the_hours_of_a_portfolio_are_read_with_arrow_keys_and_as_a_table(visit, demo):
    sign_in(visit, demo, PROVIDER)
    hours = visit.page.get_by_role("slider", name="At what hour do customers draw from you?")
    hours.focus()
    visit.page.keyboard.press("Home")
    expect(hours).to_have_attribute("aria-valuetext", re.compile("^00:00 to 01:00: [0-9.,]+\u00a0kWh$"))
    visit.page.keyboard.press("ArrowRight")
    expect(hours).to_have_attribute("aria-valuenow", "1")
    visit.page.get_by_text("The hours as a table").click()
    assert visit.page.locator("partage-hour-bars:not([small]) tbody tr").count() == 24


def test_on_paper_a_draft_stands_alone(visit, demo):
    sign_in(visit, demo, PROVIDER)
    visit.open("#/provider/2017-06/home-03")
    visit.page.get_by_role("heading", name="Draft invoice for Home 3").wait_for()
    visit.page.emulate_media(media="print")
    assert visit.page.locator("partage-draft-invoice").is_visible()
    assert not visit.page.locator("partage-portfolio-table").is_visible()
    assert not visit.page.get_by_role("button").first.is_visible()


@pytest.mark.parametrize("page", ["operator", "provider"])
def test_a_member_is_told_that_the_page_is_for_another_role_and_a_stranger_to_sign_in(visit, demo, page):
    visit.open(f"#/{page}")
    visit.page.get_by_role("heading", name="Sign in").wait_for()
    visit.sign_in(demo)
    shown = visit.page.locator("nav a").all_inner_texts()
    assert shown == ["My bill", "My energy", "Forecasts", "Votes", "Disputes", "Community", "Verify"]
    visit.open(f"#/{page}/2017-06")
    visit.page.get_by_role("heading", name="This page is not yours").wait_for()


@pytest.mark.parametrize("login", [OPERATOR, PROVIDER])
def test_what_is_missing_offline_or_refused_is_said(visit, demo, login):
    sign_in(visit, demo, login)
    page, role = visit.page, login.partition("@")[0]
    visit.open(f"#/{role}/2011-01")
    page.get_by_role("heading", name="There is nothing here").wait_for()
    page.route(f"**/api/v1/{role}/**", lambda route: route.fulfill(status=403, json={"title": "no"}))
    visit.open(f"#/{role}")
    page.get_by_text("Your log-in does not give access to this page.").wait_for()
    page.unroute_all()
    page.route("**/api/v1/public/**", lambda route: route.abort())
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("heading", name="No connection").wait_for()
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    for selector in READY[role]:
        page.locator(selector).first.wait_for()
    page.route("**/periods", lambda route: route.fulfill(json={"items": [], "next_cursor": None}))
    visit.open("#/verify")
    visit.open(f"#/{role}")
    page.get_by_role("heading", name="Nothing is settled yet").wait_for()
    visit.faults.clear()  # a browser notes each refusal in its console


def test_a_part_that_fails_leaves_the_rest_and_can_be_tried_again(visit, demo):
    visit.page.route("**/flows/**", lambda route: route.abort())
    visit.open("#/sign-in")
    visit.page.locator("#login").fill(OPERATOR)
    visit.page.locator("#password").fill(demo.password(OPERATOR))
    visit.page.locator("form button.primary").click()
    visit.page.get_by_text("This part could not be loaded.").wait_for()
    visit.page.locator(READY["operator"][0]).first.wait_for()
    visit.page.unroute_all()
    visit.page.get_by_role("button", name="Try again").click()
    visit.page.locator("partage-sankey svg").first.wait_for()
    visit.faults.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("login", "item"), [(OPERATOR, "home-04-load"), (PROVIDER, "home-04")], ids=["operator", "provider"]
)
def test_axe_finds_nothing_on_the_pages_of_roles(open_visit, served, demo, scheme, login, item, screenshots):
    visit = open_visit(served, color_scheme=scheme)
    sign_in(visit, demo, login)
    role = login.partition("@")[0]
    assert violations(visit) == []
    visit.open(f"#/{role}/2017-06/{item}")
    visit.page.locator("h2:focus").wait_for()
    for summary in visit.page.locator(f"partage-{role} summary").all():
        summary.click()
    assert violations(visit) == []
    visit.page.screenshot(path=screenshots / f"{scheme}-{role}.png", full_page=True)


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize(
    ("login", "item"), [(OPERATOR, "home-04-load"), (PROVIDER, "home-04")], ids=["operator", "provider"]
)
def test_on_a_phone_the_pages_of_roles_are_no_wider_than_the_screen(
    open_visit, served, demo, locale, login, item, screenshots
):
    visit = open_visit(served, viewport={"width": 390, "height": 844}, has_touch=True)
    visit.open("#/sign-in")
    visit.page.evaluate(f"localStorage.setItem('partage.locale', {json.dumps(locale)})")
    visit.page.reload()
    sign_in(visit, demo, login)
    role = login.partition("@")[0]
    visit.open(f"#/{role}/2017-06/{item}")
    visit.page.locator("h2:focus").wait_for()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
    visit.page.screenshot(path=screenshots / f"phone-{locale}-{role}.png", full_page=True)
