"""The pages in a real browser: what people read, and how they reach it."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

PAGES = ["#/bill", "#/energy", "#/community", "#/verify"]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
READY = {
    "#/bill": "h1",
    "#/energy": "partage-energy-chart canvas",
    "#/community": "partage-run-card .chain.same",
    "#/verify": "h1",
    "#/sign-in": "h1",
}


def money(cents):
    return f"€{cents // 100:,}.{cents % 100:02d}"


def test_a_member_reads_the_bill_that_the_command_printed_and_proves_it(visit, demo, screenshots):
    visit.sign_in(demo)
    bill = demo.bill("home-01")
    assert visit.page.locator("[data-figure=payable]").inner_text() == money(bill["debit_cents"])
    assert visit.page.get_by_text(f"Bill {bill['number']}").is_visible()
    assert visit.verify() == "Checked here against the chain"
    facts = visit.page.locator("partage-proof-seal dl").inner_text()
    assert "version 1, final" in facts
    root = demo.answer["allocation_root"]
    assert visit.page.get_by_text(f"{root[:8]}…{root[-4:]}").is_visible()
    visit.page.screenshot(path=screenshots / "bill-proved.png", full_page=True)


def test_a_producer_sees_what_they_receive_and_proves_it(visit, demo):
    visit.sign_in(demo, "roof@roof")
    bill = demo.bill("roof")
    assert visit.page.locator("[data-figure=payable]").inner_text() == money(
        bill["credit_cents"] - bill["debit_cents"]
    )
    assert visit.page.get_by_role("heading", name="You receive").is_visible()
    assert visit.verify() == "Checked here against the chain"


def test_each_line_opens_how_it_was_computed(visit, demo):
    visit.sign_in(demo)
    line = visit.page.locator("partage-bill-lines partage-explained").first
    line.locator("summary").click()
    words = line.locator(".how")
    assert re.search(r"kWh\. Times the price for shared energy, €0\.12/kWh", line.inner_text()), words


def test_another_members_bill_is_refused(visit, demo):
    visit.sign_in(demo)
    statuses = visit.page.evaluate(
        """async () => {
            const ask = async (path) => (await fetch("/api/v1" + path)).status;
            return [
                await ask("/communities/roof/participants/home-02/bills/2017-06"),
                await ask("/communities/roof/participants/home-02/energy/2017-06"),
                await ask("/operator/communities/roof/allocations/2017-06"),
            ];
        }"""
    )
    assert statuses == [404, 404, 403]
    assert all("404" in fault or "403" in fault for fault in visit.faults)
    visit.faults.clear()  # a browser notes each refusal in its console


def test_a_wrong_password_is_refused_in_words(visit):
    visit.open("#/sign-in")
    visit.page.get_by_label("Log-in").fill("home-01@roof")
    visit.page.get_by_label("Password").fill("not the password")
    visit.page.get_by_role("button", name="Sign in").click()
    alert = visit.page.get_by_role("alert")
    alert.wait_for()
    assert "Log-in or password is not right" in alert.inner_text()
    assert len(visit.faults) == 1
    visit.faults.clear()


def test_the_way_from_sign_in_to_a_green_seal_needs_no_mouse(visit, demo):
    visit.open("#/sign-in")
    visit.page.get_by_label("Log-in").wait_for()
    keys = visit.page.keyboard

    def tab_to(name):
        for _ in range(40):
            keys.press("Tab")
            focused = visit.page.evaluate(
                """() => {
                    let at = document.activeElement;
                    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                    return at?.id || at?.textContent?.trim();
                }"""
            )
            if focused == name:
                return
        raise AssertionError(f"Tab never came to {name!r}")

    tab_to("login")
    keys.type("home-01@roof")
    tab_to("password")
    keys.type(demo.password("home-01@roof"))
    keys.press("Enter")
    visit.page.get_by_role("heading", name="Bill for June 2017").wait_for()
    tab_to("Verify")  # who has signed in stands in the page, so this is the seal, not the page of that name
    keys.press("Enter")
    visit.page.get_by_role("heading", name="Checked here against the chain").wait_for()


def test_arrow_keys_read_the_curve_and_choose_the_day(visit, demo):
    visit.sign_in(demo)
    visit.open("#/energy/2017-06/2017-06-03")
    curve = visit.page.get_by_role("slider")
    curve.focus()
    visit.page.keyboard.press("Home")
    expect(curve).to_have_attribute("aria-valuetext", re.compile("^00:00 to 01:00: Used "))
    visit.page.keyboard.press("ArrowRight")
    expect(curve).to_have_attribute("aria-valuetext", re.compile("^01:00 to 02:00: Used "))
    visit.page.locator("partage-day-bars a[aria-current=date]").focus()
    visit.page.keyboard.press("ArrowRight")
    visit.page.keyboard.press("Enter")
    visit.page.get_by_role("heading", name="When did it flow on Sunday 4 June 2017?").wait_for()


def test_who_served_whom_is_read_with_arrow_keys_and_as_a_table(visit, demo):
    visit.sign_in(demo)
    visit.open("#/community")
    flows = visit.page.get_by_role("slider", name="Who served whom?")
    flows.press("Home")
    expect(flows).to_have_attribute(
        "aria-valuetext", re.compile("^Shared roof to Home [0-9]+: [0-9.]+\u00a0kWh, ")
    )
    flows.press("ArrowDown")
    expect(flows).to_have_attribute("aria-valuenow", "2")
    flows.press("End")
    expect(flows).to_have_attribute("aria-valuetext", re.compile("^Shared roof to Others: "))
    last = int(flows.get_attribute("aria-valuemax"))
    # A key that leads beyond the end is not remembered.
    for key, place in (("ArrowRight", last), ("ArrowLeft", last - 1)):
        flows.press(key)
        expect(flows).to_have_attribute("aria-valuenow", str(place))
    visit.page.get_by_text("Who served whom, as a table").click()
    rows = visit.page.locator("partage-sankey tbody tr")
    named = rows.get_by_text(re.compile("^Home [0-9]+$"))
    assert rows.count() == named.count() + 1  # the member, who consented, and the others as one
    assert named.get_by_text("Home 1", exact=True).count() == 1
    assert named.get_by_text("Home 3", exact=True).count() == 0
    week = visit.page.get_by_role("slider", name="When in the week is energy shared?")
    week.focus()
    for key in ("PageUp", "Home"):
        visit.page.keyboard.press(key)
    expect(week).to_have_attribute("aria-valuetext", "Monday, 00:00 to 01:00: 0.0\u00a0kWh shared")


def test_a_bill_names_the_neighbours_that_it_proves(visit, demo):
    visit.sign_in(demo, "roof@roof")
    served = visit.page.locator("partage-neighbours tbody tr")
    assert served.count() == 15
    assert visit.page.get_by_role("region", name="Whom your roof served").is_visible()
    visit.open("#/energy")
    visit.page.get_by_role("heading", name="Which neighbours used your production?").wait_for()


def test_without_a_log_in_nobody_is_told_who_served_whom(visit, demo):
    visit.open("#/community")
    visit.page.get_by_text("Members see who served whom once they are signed in.").wait_for()
    assert visit.page.locator("partage-sankey").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(open_visit, served, demo, scheme, screenshots):
    visit = open_visit(served, color_scheme=scheme)
    found = {}
    visit.open("#/sign-in")
    visit.page.locator("h1").wait_for()
    found["#/sign-in"] = violations(visit)
    visit.sign_in(demo)
    for address in PAGES:
        visit.open(address)
        visit.page.locator(READY[address]).first.wait_for()
        if address == "#/bill":
            visit.verify()
            for summary in visit.page.locator("summary").all():
                summary.click()
        found[address] = violations(visit)
        visit.page.screenshot(path=screenshots / f"{scheme}-{address[2:]}.png", full_page=True)
    assert {address: faults for address, faults in found.items() if faults} == {}


def violations(visit):
    """What axe finds: rule, and where."""
    page, noted = visit.page, len(visit.faults)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run()")["violations"]
    del visit.faults[noted:]  # axe itself tries inline styles, which the pages' policy refuses
    return [(fault["id"], [node["target"] for node in fault["nodes"]][:3]) for fault in found]


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_on_a_phone_nothing_is_wider_than_the_screen(open_visit, served, demo, locale, screenshots):
    visit = open_visit(served, viewport={"width": 390, "height": 844}, has_touch=True)
    visit.sign_in(demo)
    visit.page.evaluate(f"localStorage.setItem('partage.locale', {json.dumps(locale[:2])})")
    visit.page.reload()
    for address in PAGES:
        visit.open(address)
        visit.page.locator(READY[address]).first.wait_for()
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390, address
        visit.page.screenshot(path=screenshots / f"phone-{locale[:2]}-{address[2:]}.png", full_page=True)


def test_french_is_chosen_by_the_browser_and_stays_chosen(open_visit, served):
    visit = open_visit(served, locale="fr-FR")
    visit.open("#/sign-in")
    visit.page.get_by_role("heading", name="Se connecter").wait_for()
    assert visit.page.evaluate("document.documentElement.lang") == "fr"
    visit.page.locator("summary").click()
    visit.page.get_by_label("Langue").select_option("en")
    visit.page.get_by_role("heading", name="Sign in").wait_for()
    visit.page.reload()
    visit.page.get_by_role("heading", name="Sign in").wait_for()


def test_the_community_is_read_from_the_chain_without_a_log_in(visit, demo):
    visit.open("#/community")
    visit.page.locator("partage-run-card .chain.same").wait_for()
    text = visit.page.locator("partage-run-card .card").inner_text()
    used = visit.page.locator("partage-run-card partage-energy-bar").first.locator("ul").inner_text()
    assert "5,848.7\u00a0kWh" in used
    assert f"{demo.answer['gas']:,}" in text


def test_a_session_that_ended_asks_for_the_log_in_again(visit, demo):
    visit.sign_in(demo)
    visit.page.context.clear_cookies()
    visit.open("#/energy")
    visit.page.get_by_text("Your session has ended").wait_for()
    assert all("401" in fault for fault in visit.faults)
    visit.faults.clear()
