"""Meter data in a real browser: a file handed in, looked at, loaded; a finding on its curve, decided about; quality."""

import base64
import json

import pytest
from playwright.sync_api import expect

from backend.adapters.meter_files.allocation_csv import COLUMNS as COLUMNS_ALLOCATED
from tests.e2e.served import add_feeder, copy_home, serve
from tests.e2e.test_pages import violations

PROVIDER, OPERATOR = "provider@roof", "operator@roof"
HEADER = "metering_point,start,resolution_minutes,energy_kwh,quality\n"
DAY = "2017-06-14"


def day_of(energies, point="home-01-load", quality="measured"):
    """A day's hours of a point."""
    rows = (
        f"{point},{DAY}T{hour:02d}:00:00Z,60,{energy},{quality}\n" for hour, energy in enumerate(energies)
    )
    return HEADER + "".join(rows)


SPIKED = day_of([0.3] * 11 + [250] + [0.3] * 12)


@pytest.fixture(scope="module")
def meters(demo, tmp_path_factory):
    """A served home of its own, with a feeder: what is loaded here is nobody else's."""
    home = copy_home(demo.home, tmp_path_factory.mktemp("meters") / "home")
    with serve(add_feeder(home, "trafo")) as base:
        yield base


def sign_in(visit, demo, login=PROVIDER):
    visit.open("#/sign-in")
    visit.page.locator("#login").fill(login)
    visit.page.locator("#password").fill(demo.password(login))
    visit.page.locator("form button.primary").click()
    visit.page.get_by_role("link", name="Meter data").or_(
        visit.page.get_by_role("link", name="Relevés")
    ).wait_for()
    visit.open("#/readings")
    visit.page.locator("partage-quality-map svg.grid").first.wait_for()


def hand_in(visit, content, name="day.csv"):
    file = {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    visit.page.locator("input#files").set_input_files(file)
    visit.page.get_by_role("article", name=name).wait_for()
    return visit.page.get_by_role("article", name=name)


def choose_june(visit):
    visit.page.get_by_label("From", exact=True).fill("2017-06-01")
    visit.page.get_by_label("To", exact=True).fill("2017-06-30")
    visit.page.get_by_text("from 1 June 2017 to 30 June 2017").wait_for()


def test_a_file_is_dropped_looked_at_and_loaded_and_its_finding_decided_on_the_curve(
    open_visit, meters, demo, screenshots
):
    visit = open_visit(meters, viewport={"width": 1280, "height": 900})
    sign_in(visit, demo)
    page = visit.page
    encoded = base64.b64encode(SPIKED.encode()).decode()
    page.locator("partage-file-drop .drop").evaluate(
        """(zone, encoded) => {
            const given = new DataTransfer();
            given.items.add(new File([atob(encoded)], "dropped.csv"));
            zone.dispatchEvent(new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true }));
        }""",
        encoded,
    )
    look = page.get_by_role("article", name="dropped.csv")
    look.get_by_text("Can be loaded").wait_for()
    assert look.locator("dd").all_inner_texts()[2:5] == ["0", "24", "0"]
    page.screenshot(path=screenshots / "readings-look.png", full_page=True)
    look.get_by_role("button", name="Load dropped.csv").click()
    page.get_by_text("24 readings are loaded.").wait_for()
    assert look.count() == 0
    choose_june(visit)
    rule = page.locator("partage-reading-findings details").filter(has_text="A spike")
    if rule.get_attribute("open") is None:
        rule.locator("summary").click()
    rule.locator("button.finding").filter(has_text="home-01-load").first.click()
    title = page.locator("#curve")
    title.wait_for()
    expect(title).to_be_focused()
    assert "home-01-load" in title.inner_text()
    page.locator("partage-reading-curve svg.steps").wait_for()
    assert page.locator("partage-reading-curve svg.steps rect.span").count() == 1
    slider = page.locator("partage-reading-curve [role=slider]")
    before = slider.get_attribute("aria-valuetext")
    slider.press("ArrowRight")
    expect(slider).not_to_have_attribute("aria-valuetext", before)
    page.screenshot(path=screenshots / "readings-curve.png", full_page=True)
    page.get_by_role("radio", name="Estimate: set them aside").check()
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("Say why.").wait_for()
    page.get_by_label("Reason").fill("The meter was read twice.")
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("Decided. Months that it touches").wait_for()
    assert page.get_by_text("To be estimated by provider@roof: The meter was read twice.").count() >= 1
    assert "to be estimated" in slider.get_attribute("aria-valuetext").lower()
    assert violations(visit) == []
    page.screenshot(path=screenshots / "readings-decided.png", full_page=True)


def test_a_wrong_file_is_refused_with_what_is_wrong_and_thrown_away(open_visit, meters, demo):
    visit = open_visit(meters)
    sign_in(visit, demo, OPERATOR)
    look = hand_in(visit, day_of(["-1"] * 3, point="nobody"), "wrong.csv")
    look.get_by_text("Cannot be loaded").wait_for()
    assert look.get_by_role("button", name="Load wrong.csv").count() == 0
    assert "nobody" in look.inner_text()
    look.get_by_role("button", name="Throw away wrong.csv").click()
    expect(look).to_have_count(0)
    visit.page.reload()
    visit.page.locator("partage-quality-map svg.grid").first.wait_for()
    assert look.count() == 0


def test_a_file_that_waits_is_found_again_after_the_page_was_left(open_visit, meters, demo):
    visit = open_visit(meters)
    sign_in(visit, demo)
    hand_in(visit, day_of([0.4] * 24), "later.csv")
    visit.open("#/provider")
    visit.page.get_by_role("heading", name="Provider").or_(visit.page.locator("h1")).first.wait_for()
    visit.open("#/readings")
    look = visit.page.get_by_role("article", name="later.csv")
    look.wait_for()
    look.get_by_role("button", name="Throw away later.csv").press("Enter")
    expect(look).to_have_count(0)


NAMELESS = "Wann;Wert\n14.06.2017 12:00;0,9\n14.06.2017 13:00;0,8\n"
COLUMNS = """
[columns]
start = "Wann"
energy = "Wert"
[form]
unit = "kWh"
delimiter = ";"
decimal = ","
time_format = "%d.%m.%Y %H:%M"
"""


def test_a_table_that_names_nobody_asks_for_what_it_lacks_until_it_can_be_read(
    open_visit, meters, demo, screenshots
):
    visit = open_visit(meters, viewport={"width": 1280, "height": 900})
    sign_in(visit, demo)
    look = hand_in(visit, NAMELESS, "table.csv")
    look.get_by_text("Cannot be loaded").wait_for()
    again = look.get_by_role("button", name="Look again table.csv")
    again.click()
    look.get_by_text("Still missing: Columns.").wait_for()
    look.get_by_label("Columns", exact=True).fill(COLUMNS)
    again.click()
    look.locator(".asked").get_by_label("Metering point", exact=True).fill("home-02-load")
    look.get_by_label("Direction").select_option("consumption")
    look.get_by_label("Step").select_option("60")
    visit.page.screenshot(path=screenshots / "readings-otherwise.png", full_page=True)
    assert violations(visit) == []
    again.click()
    look.get_by_text("Can be loaded").wait_for()
    assert (
        look.locator("tbody th").all_inner_texts() == ["home-02-load"]
        or "2 at 60 minutes" in look.inner_text()
    )
    look.get_by_role("button", name="Throw away table.csv").click()
    expect(look).to_have_count(0)


def test_what_the_operator_allocated_is_dropped_loaded_and_listed(open_visit, meters, demo):
    visit = open_visit(meters)
    sign_in(visit, demo, OPERATOR)
    rows = "".join(f"home-01-load,{DAY}T{hour:02d}:00:00Z,60,,0.1,,,,\n" for hour in range(24))
    look = hand_in(visit, ",".join(COLUMNS_ALLOCATED) + f"\n{rows}", "allocation.csv")
    look.get_by_role("heading", name="What the grid operator allocated").wait_for()
    assert look.get_by_role("button", name="Load allocation.csv").count() == 0
    look.get_by_role("button", name="Load the operator’s allocation allocation.csv").click()
    visit.page.get_by_text("24 rows of the operator’s allocation are loaded.").wait_for()
    expect(look).to_have_count(0)
    row = visit.page.get_by_role("row").filter(has_text="allocation.csv")
    expect(row).to_contain_text("Operator’s allocation")


def test_findings_are_told_in_french_on_the_page_and_on_the_curve(open_visit, meters, demo):
    visit = open_visit(meters, locale="fr-FR")
    sign_in(visit, demo)
    look = hand_in(visit, SPIKED.replace("250", "253"), "pointe.csv")
    expect(look).to_contain_text("Demandez au gestionnaire si cela a été mesuré.")
    look.get_by_role("button", name="Supprimer pointe.csv").click()
    expect(look).to_have_count(0)


def test_the_overview_is_read_with_keys_and_as_a_table(open_visit, meters, demo):
    visit = open_visit(meters)
    sign_in(visit, demo)
    page = visit.page
    choose_june(visit)
    map_ = page.get_by_role("slider", name="By metering point and day")
    assert map_.get_attribute("aria-valuemax") == str(16 * 30 - 1)
    map_.press("End")
    assert "30 June 2017" in map_.get_attribute("aria-valuetext")
    page.get_by_text("The points as a table").click()
    rows = page.locator("partage-quality-map details[open] tbody tr")
    assert rows.count() == 16
    page.get_by_label("By", exact=True).select_option("week")
    page.get_by_role("slider", name="By metering point and week").wait_for()


def test_days_in_the_wrong_order_are_refused_in_words(open_visit, meters, demo):
    visit = open_visit(meters)
    sign_in(visit, demo)
    visit.page.get_by_label("From", exact=True).fill("2017-06-20")
    visit.page.get_by_label("To", exact=True).fill("2017-06-10")
    visit.page.get_by_text("“From” must not come after “To”.").wait_for()


def test_a_member_is_told_that_the_page_is_for_other_roles(open_visit, meters, demo):
    visit = open_visit(meters)
    visit.sign_in(demo)
    visit.open("#/readings")
    visit.page.get_by_role("heading", name="This page is not yours").wait_for()
    assert violations(visit) == []


def test_what_fails_is_told_and_can_be_tried_again(open_visit, meters, demo):
    visit = open_visit(meters)
    sign_in(visit, demo)
    visit.page.route("**/quality?*", lambda route: route.fulfill(status=503, json={"title": "busy"}))
    visit.page.get_by_label("By", exact=True).select_option("month")
    visit.page.get_by_role("alert").wait_for()
    visit.page.unroute("**/quality?*")
    visit.page.get_by_role("button", name="Try again").click()
    visit.page.locator("partage-quality-map svg.grid").first.wait_for()
    visit.faults.clear()  # the browser notes the refusal that was made


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_on_a_phone_the_page_fits_and_axe_finds_nothing(open_visit, meters, demo, locale, theme, screenshots):
    options = {"color_scheme": theme, "locale": locale, "has_touch": True}
    visit = open_visit(meters, viewport={"width": 390, "height": 844}, **options)
    sign_in(visit, demo)
    visit.page.evaluate(f"localStorage.setItem('partage.locale', {json.dumps(locale[:2])})")
    visit.page.reload()
    visit.page.locator("partage-quality-map svg.grid").first.wait_for()
    look = hand_in(visit, SPIKED.replace("250", "251"), "phone.csv")
    look.locator("dl").wait_for()
    if not visit.page.locator("button.finding").first.is_visible():
        visit.page.locator("partage-reading-findings summary").first.click()
    visit.page.locator("button.finding").first.click()
    visit.page.locator("partage-reading-curve svg.steps").wait_for()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(visit) == []
    visit.page.screenshot(path=screenshots / f"phone-{locale[:2]}-{theme}-readings.png", full_page=True)
    look.get_by_role("button").last.click()
    expect(look).to_have_count(0)


# Two reads of the first home's register, and what went down the feeder that it alone is behind.
READS = (
    "100,NEM13,201706260000,MDA1,Ret1\n"
    "250,home-01-load,11,1,11,11,METER1,E,0001000.0,20170621120000,A,,,0001900.0,20170624120000,A,,,"
    "900.0,kWh,20170924,20170624120333,20170624121133\n900\n"
)
FLOWN = HEADER + "".join(
    f"trafo~drawn,2017-06-{day}T{hour:02d}:00:00Z,60,{9 if day == 22 else 0.5},measured\n"
    for day in range(19, 27)
    for hour in range(24)
)


def load(visit, content, name):
    look = hand_in(visit, content, name)
    look.get_by_role("button", name=f"Load {name}").click()
    expect(look).to_have_count(0)


def open_rule(page, words):
    rule = page.locator("partage-reading-findings details").filter(has_text=words)
    if rule.get_attribute("open") is None:
        rule.locator("summary").click()
    return rule.locator("button.finding").first


def test_a_feeder_is_shown_beside_its_points_and_their_register_below_the_curve(
    open_visit, meters, demo, screenshots
):
    visit = open_visit(meters, viewport={"width": 390, "height": 844}, color_scheme="dark", has_touch=True)
    sign_in(visit, demo)
    page = visit.page
    load(visit, FLOWN, "flown.csv")
    load(visit, READS, "reads.csv")
    choose_june(visit)
    open_rule(page, "Not what the feeder's meter says").click()
    days = page.locator("partage-feeder-days")
    days.locator("svg.days rect.apart").first.wait_for()
    assert page.locator("partage-decision-form").count() == 0
    page.get_by_text("This cannot be decided about").wait_for()
    assert "Not explained." in days.get_by_role("slider").get_attribute("aria-valuetext")
    days.get_by_role("slider").press("Home")
    assert "not compared" in days.get_by_role("slider").get_attribute("aria-valuetext")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(visit) == []
    page.screenshot(path=screenshots / "phone-en-dark-feeder.png", full_page=True)
    days.get_by_role("button", name="home-01-load").click()
    spans = page.locator("partage-register-spans tbody")
    expect(days).to_have_count(0)
    open_rule(page, "Not what the register says").click()
    expect(spans).to_have_count(1)
    expect(spans).to_contain_text("900.000")
    expect(spans).to_contain_text("Apart by more than 2.000")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(visit) == []
    page.screenshot(path=screenshots / "phone-en-dark-register.png", full_page=True)
