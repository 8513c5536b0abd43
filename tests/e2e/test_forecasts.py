"""Forecasts in a real browser: the day ahead and its advice, how good forecasts were, and the grid's day ahead."""

import re

from playwright.sync_api import expect

from tests.e2e.test_pages import violations

OPERATOR = "operator@roof"


def sign_in(visit, demo, login):
    visit.open("#/sign-in")
    visit.page.locator("#login").fill(login)
    visit.page.locator("#password").fill(demo.password(login))
    visit.page.locator("form button.primary").click()
    visit.page.locator("nav a[aria-current=page]").wait_for()


def test_a_member_sees_on_a_phone_what_comes_what_came_of_it_and_what_tomorrows_hours_cost(
    open_visit, served, demo
):
    member = open_visit(served, viewport={"width": 390, "height": 844}, has_touch=True, color_scheme="dark")
    member.sign_in(demo)
    member.open("#/energy")
    page = member.page
    page.locator("partage-band-chart canvas").wait_for()
    tells_the_band(page)
    tells_the_hours(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(member) == []
    page.get_by_role("link", name="All forecasts, and how good they were").click()
    page.get_by_role("heading", name="How good the forecasts were", level=1).wait_for()


def tells_the_band(page):
    assert page.get_by_text("Forecast, not measured").is_visible()
    assert page.get_by_text(re.compile(r"^Made .*from readings until .* Weather: ")).first.is_visible()
    chart = page.locator("partage-band-chart").get_by_role("slider")
    chart.focus()
    page.keyboard.press("End")
    assert re.search(r", forecast: middle .+, 8 times of 10 .+ to .+", chart.get_attribute("aria-valuetext"))
    page.get_by_text("The forecast as a table").click()
    assert page.locator("partage-band-chart tbody tr").count() >= 24
    page.get_by_role("button", name="The forecast before").click()
    page.get_by_text(re.compile(r"^Of the \d+ intervals that are known by now, \d+ came within")).wait_for()


def tells_the_hours(page):
    strip = page.locator("partage-advice-strip").get_by_role("slider")
    strip.focus()
    page.keyboard.press("Home")
    first = strip.get_attribute("aria-valuetext")
    page.keyboard.press("ArrowRight")
    expect(strip).not_to_have_attribute("aria-valuetext", first)
    assert re.match(r"\d\d:\d\d–\d\d:\d\d: (best|good|usual|dear), €0\.\d+/kWh; from neighbours", first)
    if page.locator("partage-forecast-advice summary").count() > 1:  # more than the table: there is advice
        page.locator("partage-forecast-advice partage-explained summary").first.click()
        assert page.get_by_text(
            re.compile(r"8 times of 10; it costs less than at the usual hours")
        ).first.is_visible()


def test_the_page_of_forecasts_says_how_good_they_were_and_with_which_weather(open_visit, served, demo):
    visit = open_visit(served, locale="fr-FR")
    sign_in(visit, demo, "home-01@roof")
    visit.open("#/forecasts")
    page = visit.page
    page.locator("partage-reliability-chart svg").first.wait_for()
    assert page.get_by_text(re.compile("^Météo : ")).count() >= 3
    assert page.locator("partage-score-chart svg.drawing").count() >= 2
    page.get_by_role("heading", name="Le modèle").wait_for()
    assert violations(visit) == []


def test_an_operator_sees_the_day_ahead_of_a_transformer(open_visit, served, demo):
    visit = open_visit(served)
    sign_in(visit, demo, OPERATOR)
    visit.open("#/grid/roof/forecasts")
    page = visit.page
    page.locator("partage-grid-forecasts partage-band-chart canvas").wait_for()
    row = page.locator("partage-grid-forecasts tbody tr").first
    assert re.search(r"\d+%", row.inner_text())
    visit.open("#/grid/roof/forecasts/home-02")
    page.get_by_role("option", name="Point home-02-load: use").wait_for(state="attached")
    expect(page.locator("partage-grid-forecasts #subject option:checked")).to_have_text(
        "Point home-02-load: use"
    )
    page.locator("partage-grid-forecasts partage-band-chart canvas").wait_for()
    page.get_by_role("button", name="Look for it").click()
    page.get_by_text(re.compile(r"^Suspicions from \d+ ")).wait_for()
    assert violations(visit) == []


def test_where_nothing_is_forecast_yet_the_pages_say_so(open_visit, served, demo):
    visit = open_visit(served)
    visit.page.route(
        "**/forecasts/subjects?*", lambda route: route.fulfill(json={"items": [], "next_cursor": None})
    )
    visit.sign_in(demo)
    visit.open("#/energy")
    visit.page.get_by_text("Nothing is forecast yet.").wait_for()
    visit.open("#/forecasts")
    visit.page.get_by_role("heading", name="No forecast yet").wait_for()
    visit.page.unroute_all()
    visit.page.route(
        "**/forecasts/subjects?*", lambda route: route.fulfill(status=503, json={"title": "busy"})
    )
    visit.page.reload()
    visit.page.get_by_text("The service is busy").wait_for()
    visit.faults.clear()  # a browser notes what it could not load
