"""The operator's allocation beside ours, in a real browser: causes, curves, and a case in one click."""

import re

import pytest
from playwright.sync_api import expect

from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.quantities import SettlementPeriod
from tests.e2e.served import copy_home, serve
from tests.e2e.test_pages import violations
from tests.e2e.test_roles import sign_in
from tests.integration.settlement.compared_operator import csv_of, load, settled_rows

JUNE = SettlementPeriod.from_month("2017-06")
GAP = ("home-04-load", 1_497_020_400, 1_497_063_600)  # half a day that the operator lacked
LESS = ("home-07-load", 1_497_290_400, 1_497_301_200)  # three hours that nothing explains
PART = "partage-reconciliation"
OWN = "partage-own-reconciliation"


@pytest.fixture(scope="module")
def compared(demo, tmp_path_factory):
    """The demo with an operator's file in watt-hours that has two faults."""
    home = copy_home(demo.home, tmp_path_factory.mktemp("compared") / "home")
    wiring = Wiring(Home(home))
    rows = settled_rows(wiring, JUNE, "roof")
    for (point, start), row in rows.items():
        if point == GAP[0] and GAP[1] <= start < GAP[2]:
            row[0], row[1] = 0, 0
        elif point == LESS[0] and LESS[1] <= start < LESS[2]:
            row[1] //= 2
    file = csv_of({key: [None if row[0] else 0, *row[1:]] for key, row in rows.items()}, decimals=3)
    load(wiring, file, community="roof")
    wiring.store.close()
    with serve(home) as base:
        yield base.replace("127.0.0.1", "localhost")


def ready(visit):
    part = visit.page.locator(PART)
    part.locator("[data-cause=unexplained]").wait_for()
    return part


def test_an_operator_sees_causes_with_what_shows_them_and_points_that_add_up(open_visit, compared, demo):
    visit = open_visit(compared)
    sign_in(visit, demo, "operator@roof")
    part = ready(visit)
    assert part.locator("tr[data-cause]").count() == 3
    rounding = part.locator("[data-cause=rounding]")
    expect(rounding).to_contain_text("multiples of 0.001000\u00a0kWh")
    expect(part.locator("[data-cause=missing-reading]")).to_contain_text(
        "One side had a reading that the other lacked"
    )
    rows = sum(
        int(cell.replace(",", ""))
        for cell in part.locator("tr[data-cause] td:nth-child(2)").all_inner_texts()
    )
    figure = part.locator("[data-figure='reconcile.sums.rows']").inner_text()
    assert int(figure.replace(",", "")) == rows
    expect(part.locator(f"tr[data-point={GAP[0]}]")).to_contain_text("Missing reading")
    expect(part.locator(f"tr[data-point={LESS[0]}]")).to_contain_text("Unexplained")


def test_a_click_on_a_point_shows_both_curves_of_its_worst_day_and_the_reasons(open_visit, compared, demo):
    visit = open_visit(compared)
    sign_in(visit, demo, "operator@roof")
    part = ready(visit)
    part.get_by_role("button", name=f"Show the curves of {LESS[0]}").press("Enter")
    heading = part.get_by_role("heading", name=f"Both curves of {LESS[0]}")
    expect(heading).to_be_focused()
    expect(part.get_by_label("Day", exact=True)).to_have_value("2017-06-12")
    reasons = part.locator(".reasons li", has_text="Unexplained")
    expect(reasons).to_have_count(3)
    slider = part.locator("partage-case-curves").get_by_role("slider")
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("Ours .*kWh, Operator .*kWh"))
    expect(part.locator(".reasons li").first).to_contain_text("Unexplained")
    part.get_by_label("Day", exact=True).select_option(index=0)
    expect(part.locator(".reasons li").first).to_contain_text("Rounding")


def test_an_operator_opens_a_case_in_one_click_with_everything_filled_in(
    open_visit, compared, demo, screenshots
):
    visit = open_visit(compared)
    sign_in(visit, demo, "operator@roof")
    ready(visit).get_by_role("link", name=f"Open a case about {LESS[0]}").click()
    page = visit.page
    page.get_by_text("Point, time and figures are filled in").wait_for()
    words = page.get_by_label("In your words").input_value()
    assert re.match(rf"{LESS[0]}: the grid operator allocates [\d.]+\s?kWh, our computation gives", words)
    assert "Cause found: Unexplained." in words
    expect(page.get_by_label("From: day").locator("option:checked")).to_have_text("12 June 2017")
    page.screenshot(path=screenshots / "reconciliation-case.png", full_page=True)
    page.get_by_role("button", name="Read and sign").click()
    page.get_by_role("heading", name=re.compile(r"^Case \d+: 12 Jun 2017")).wait_for()
    expect(page.locator("body")).to_contain_text("our computation gives")


def own_part(visit, demo, login):
    visit.sign_in(demo, login)
    visit.open("#/energy")
    part = visit.page.locator(OWN)
    part.get_by_role("heading", level=2).wait_for()
    return part


def test_a_member_sees_own_points_alone_by_both_sides_with_what_it_costs_and_why(open_visit, compared, demo):
    visit = open_visit(compared)
    part = own_part(visit, demo, "home-07@roof")
    expect(part.locator("article[data-point]")).to_have_count(1)
    article = part.get_by_role("article", name=LESS[0])
    article.locator("partage-case-curves").wait_for()
    expect(article).to_contain_text("They differ most on Monday 12 June 2017: by")
    operator, ours = (
        float(article.locator(f"[data-figure='reconcile.own.{side}']").inner_text().split("\u00a0")[0])
        for side in ("operator", "computed")
    )
    assert 0 < operator < ours
    expect(article.locator("[data-figure='reconcile.own.cost']")).to_have_text(re.compile(r"^€0\.\d\d$"))
    expect(part).to_contain_text("The operator’s figures cost you €0.")
    expect(part.locator("[data-cause=unexplained]")).to_contain_text("in 3 intervals")
    expect(part.locator("[data-cause=unexplained]")).to_contain_text(
        "No reading, membership, coefficient or rounding"
    )
    assert GAP[0] not in part.inner_text()


def test_a_member_opens_a_case_from_their_energy_in_one_click(open_visit, compared, demo):
    visit = open_visit(compared)
    visit.sign_in(demo, "home-04@roof")
    visit.make_key()
    visit.open("#/energy")
    page = visit.page
    page.get_by_role("link", name=f"Open a case about {GAP[0]}").click()
    page.get_by_text("Point, time and figures are filled in").wait_for()
    words = page.get_by_label("In your words").input_value()
    assert words.startswith(f"{GAP[0]}: the grid operator allocates 0.000000")
    page.get_by_role("button", name="Read and sign").click()
    visit.sign()
    page.get_by_role("heading", name=re.compile(r"^Case \d+:")).wait_for()


def test_a_member_is_told_nothing_where_the_operator_handed_in_nothing(open_visit, served, demo):
    visit = open_visit(served)
    visit.sign_in(demo, "home-07@roof")
    with visit.page.expect_response("**/reconciliation"):
        visit.open("#/energy")
    visit.page.locator("partage-energy-chart").first.wait_for()
    expect(visit.page.locator(OWN).get_by_role("heading")).to_have_count(0)


@pytest.mark.parametrize(("locale", "scheme"), [("en", "light"), ("fr", "dark")])
def test_a_member_reads_it_on_a_phone_in_each_language_and_axe_finds_nothing(
    open_visit, compared, demo, locale, scheme, screenshots
):
    visit = open_visit(compared, viewport={"width": 390, "height": 844}, has_touch=True, color_scheme=scheme)
    part = own_part(visit, demo, "home-07@roof")
    visit.page.evaluate(f"localStorage.setItem('partage.locale', '{locale}')")
    visit.page.reload()
    part.locator("partage-case-curves").wait_for()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(visit) == []
    part.screenshot(path=screenshots / f"own-reconciliation-{locale}-{scheme}.png")


def test_without_a_file_of_the_operators_the_page_says_so(visit, demo):
    sign_in(visit, demo, "operator@roof")
    expect(visit.page.locator(PART)).to_contain_text(
        "The grid operator handed in no allocation for this period."
    )


def test_what_cannot_be_loaded_can_be_tried_again(open_visit, compared, demo):
    visit = open_visit(compared)
    visit.page.route("**/reconciliation", lambda route: route.fulfill(status=503, json={"title": "busy"}))
    sign_in(visit, demo, "operator@roof")
    part = visit.page.locator(PART)
    part.get_by_text("This part could not be loaded.").wait_for()
    visit.faults.clear()
    visit.page.unroute("**/reconciliation")
    part.get_by_role("button", name="Try again").click()
    ready(visit)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("login", ["operator@roof", "provider@roof"])
def test_axe_finds_nothing_there(open_visit, compared, demo, scheme, login, screenshots):
    visit = open_visit(compared, color_scheme=scheme)
    sign_in(visit, demo, login)
    part = ready(visit)
    part.get_by_role("button", name=f"Show the curves of {LESS[0]}").click()
    part.locator(".reasons li").first.wait_for()
    assert violations(visit) == []
    part.screenshot(path=screenshots / f"reconciliation-{login.partition('@')[0]}-{scheme}.png")


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_on_a_phone_it_is_no_wider_than_the_screen(open_visit, compared, demo, locale, screenshots):
    visit = open_visit(compared, viewport={"width": 390, "height": 844}, has_touch=True, color_scheme="dark")
    sign_in(visit, demo, "operator@roof")
    visit.page.evaluate(f"localStorage.setItem('partage.locale', '{locale}')")
    visit.page.reload()
    part = ready(visit)
    part.locator(f"tr[data-point={LESS[0]}] button").click()
    part.locator(".reasons li").first.wait_for()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
    part.screenshot(path=screenshots / f"reconciliation-phone-{locale}.png")
