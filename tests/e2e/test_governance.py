"""Members decide in the browser: keys made there, proposals, votes, the outcome."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import violations

REASON = "Fairer for homes that are out at noon."


def change_terms(visit):
    """Zero may last longer, spikes are not looked for; a figure out of bounds is told at its field."""
    page = visit.page
    page.locator("details[data-part=limits] > summary").click()
    add = page.get_by_role("button", name="Change another rule")
    add.click()
    page.get_by_label("Rule", exact=True).select_option("zero-run")
    page.get_by_label("What changes").select_option("hours")
    value = page.get_by_role("textbox", name="Value")
    expect(value).to_have_value("12")
    value.fill("0")
    page.get_by_role("button", name="Rehearse", exact=True).click()
    page.get_by_text("Give a whole number from 1 to 1000.").wait_for()
    value.fill("24")
    add.click()
    page.get_by_label("Rule", exact=True).nth(1).select_option("spike")
    expect(page.get_by_label("What changes").nth(1)).to_have_value("day_ppm")
    page.get_by_label("What changes").nth(1).select_option("left_out")
    assert violations(visit) == []


@pytest.fixture(scope="module")
def proposed(governed, demo, browser):
    """A proposal of home-04, composed, rehearsed and signed in a browser; its address."""
    from tests.e2e.conftest import Visit

    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(60_000)
    visit = Visit(context.new_page(), governed.base)
    visit.sign_in(demo, "home-04@roof")
    visit.make_key()
    visit.open("#/governance/new")
    page = visit.page
    page.get_by_label("Method").select_option("equal")
    page.locator("details[data-part=tariff] > summary").click()
    page.get_by_role("textbox", name="Price of shared energy").fill("0,11")
    change_terms(visit)
    page.get_by_role("button", name="Rehearse", exact=True).click()
    page.locator("partage-rehearsal-result [data-state=checked]").wait_for()
    page.get_by_label("Say in your words why").fill(REASON)
    page.get_by_role("button", name="Look at it as others will").click()
    page.get_by_role("heading", name="What others will see").wait_for()
    page.get_by_role("button", name="Read and sign").click()
    expect(page.get_by_role("dialog")).to_contain_text("€0.11/kWh")
    expect(page.get_by_role("dialog")).to_contain_text(re.compile(r"How readings are checked\s*0x[0-9a-f]+…"))
    visit.sign()
    page.get_by_role("heading", name="Sharing key, and 3 more").wait_for()
    address = page.url.split("/", 3)[3].lstrip("/")
    context.close()
    return address


def test_two_members_vote_and_what_they_decided_is_carried_out(open_visit, governed, demo, proposed):
    first, second = (open_visit(governed.base) for _ in range(2))
    for visit, login in ((first, "home-01@roof"), (second, "home-02@roof")):
        visit.sign_in(demo, login)
        visit.make_key()
        visit.open(proposed)
        # Their seats came after the proposal: who is no member at its beginning does not vote on it.
        visit.page.get_by_role("heading", name="Your vote").wait_for()
    first.open("#/governance/new")
    page = first.page
    page.get_by_label("Kind of proposal").select_option("weights")
    page.get_by_label("home-01", exact=True).fill("2")
    page.get_by_label("Say in your words why").fill("Two homes share this meter.")
    page.get_by_role("button", name="Look at it as others will").click()
    page.get_by_role("button", name="Read and sign").click()
    expect(page.get_by_role("dialog")).to_contain_text("Votes of home-01")
    first.sign()
    page.get_by_role("heading", name="Votes of home-01").wait_for()
    page.locator("[data-seal=ok]").wait_for()
    address = page.url.split("/", 3)[3].lstrip("/")
    governed.wait(2)
    for visit in (first, second):
        visit.open("#/governance")
        visit.page.get_by_role("link", name="Votes of home-01").wait_for()
        visit.open(address)
        visit.page.reload()
        visit.page.get_by_role("button", name="Yes", exact=True).click()
        expect(visit.page.get_by_role("dialog")).to_contain_text("Votes of home-01")
        visit.sign()
        visit.page.get_by_text("You voted: Yes.").wait_for()
    governed.wait(120)  # the votes go to the chain together, at the latest after a minute
    expect(second.page.locator("[data-figure=for]")).to_have_text("2", timeout=60_000)
    governed.wait(3600)
    second.page.reload()
    second.page.get_by_text("accepted", exact=True).first.wait_for()
    second.page.get_by_role("button", name="Start the waiting").click()
    second.page.get_by_text("The waiting has begun.").wait_for()
    governed.wait(2)
    second.page.reload()
    second.page.get_by_role("button", name="Carry it out").click()
    second.page.get_by_text("It is carried out.").wait_for()
    first.open("#/governance")
    first.page.get_by_text("You have a seat and 2 of the votes.").wait_for()
    for visit in (first, second):  # a browser notes the answer after which it renews its session
        visit.faults[:] = [fault for fault in visit.faults if "401" not in fault]


def test_what_a_rule_would_do_is_read_before_voting_and_is_held_against_its_hash(
    open_visit, governed, demo, proposed
):
    visit = open_visit(governed.base)
    visit.sign_in(demo, "home-05@roof")
    visit.open(proposed)
    page = visit.page
    page.get_by_text(REASON).wait_for()
    page.get_by_text("Zero for too long: length, at least").wait_for()
    page.get_by_text("Readings are checked without “A spike”").wait_for()
    expect(page.locator("[data-state=checked]")).to_have_count(2)  # the words and the rehearsal
    expect(page.locator("[data-figure=own-gain]")).to_have_text(re.compile("^You would have (gained|lost) €"))
    page.locator("[data-seal=ok]").wait_for()
    chart = page.get_by_role("slider", name="Who gains, who loses?")
    chart.press("Home")
    expect(chart).to_have_attribute("aria-valuetext", re.compile("^Loses "))


def test_a_result_that_was_altered_on_the_way_is_told(open_visit, governed, demo, proposed):
    visit = open_visit(governed.base)

    def alter(route):
        answer = route.fetch().json()
        answer["public"]["distribution"]["losing"] = 0
        route.fulfill(json=answer)

    visit.page.route("**/rehearsals/*", alter)
    visit.sign_in(demo, "home-05@roof")
    visit.open(proposed)
    visit.page.locator("partage-rehearsal-result [data-state=differs]").wait_for()


def another_price(proposal):
    changed = next(one for one in proposal["differences"] if one["field"] == "tariff.shared_price")
    changed["after"] = 90_000


def a_change_less(proposal):
    proposal["differences"].pop()


def another_day(proposal):
    proposal["effective_from"] += 1


def other_words(proposal):
    proposal["text"] = "Everyone will gain."


def another_proposer(proposal):
    proposal["member"] = "0x" + "12" * 20


@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (another_price, "The change that is shown is not the one that would be made."),
        (a_change_less, "The change that is shown is not the one that would be made."),
        (another_day, "The change that is shown is not the one that would be made."),
        (other_words, "The words are not those that were signed."),
        (another_proposer, "Somebody else proposed it."),
    ],
)
def test_a_proposal_that_the_service_shows_otherwise_than_the_chain_has_it_cannot_be_voted_on(
    open_visit, governed, demo, proposed, alter, told
):
    visit = open_visit(governed.base)

    def altered(route):
        answer = route.fetch().json()
        answer["state"] = "active"
        alter(answer)
        route.fulfill(json=answer)

    visit.page.route("**/proposals/*", altered)
    visit.sign_in(demo, "home-04@roof")
    visit.open(proposed)
    seal = visit.page.locator("[data-seal=failed]")
    seal.wait_for()
    expect(seal.locator("li")).to_have_text([told])
    assert visit.page.get_by_role("button", name="Yes", exact=True).count() == 0


def test_a_vote_for_something_else_than_was_chosen_is_not_signed(open_visit, governed, demo):
    visit = open_visit(governed.base)
    visit.sign_in(demo, "home-06@roof")
    visit.make_key()
    visit.open("#/governance/new")
    page = visit.page
    page.get_by_label("Kind of proposal").select_option("revocation")
    page.get_by_label("Seat of").select_option("home-03")
    page.get_by_label("Say in your words why").fill("They moved away.")
    page.get_by_role("button", name="Look at it as others will").click()
    page.get_by_role("button", name="Read and sign").click()
    visit.sign()
    page.get_by_role("heading", name="Seat of home-03").wait_for()
    governed.wait(2)

    def swap(route):
        answer = route.fetch().json()
        documents = answer["vote_documents"]
        documents["for"], documents["against"] = documents["against"], documents["for"]
        route.fulfill(json=answer)

    page.route("**/proposals/*", swap)
    page.reload()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_text("What was to be signed is not what this page asked for.").wait_for()
    assert page.get_by_role("dialog").count() == 0


def test_a_call_for_something_else_than_was_filled_in_is_not_signed(open_visit, governed, demo):
    visit = open_visit(governed.base)
    visit.sign_in(demo, "home-07@roof")
    visit.make_key()
    visit.open("#/governance/new")
    page = visit.page
    other = {"kind": "revocation", "participant": "home-03", "text": "They moved away.", "rehearsal": None}

    def swap(route):
        route.fulfill(response=route.fetch(post_data=json.dumps(other)))

    page.route("**/drafts", swap)
    page.get_by_label("Kind of proposal").select_option("steward")
    page.get_by_label("Account of the new steward").fill("0x" + "12" * 20)
    page.get_by_label("Say in your words why").fill("They moved away.")
    page.get_by_role("button", name="Look at it as others will").click()
    page.get_by_role("button", name="Read and sign").click()
    page.get_by_text("What was to be signed is not what this page asked for.").wait_for()
    assert page.get_by_role("dialog").count() == 0


def test_what_a_form_lacks_is_told_at_its_field(open_visit, governed, demo, proposed):
    visit = open_visit(governed.base)
    visit.sign_in(demo, "home-08@roof")
    visit.make_key()
    visit.open("#/governance/new")
    page = visit.page
    page.get_by_label("Method").select_option("static")
    page.get_by_label("home-01", exact=True).fill("60")
    page.get_by_label("home-02", exact=True).fill("50")
    page.get_by_role("button", name="Rehearse", exact=True).click()
    page.get_by_text("Together these are 10 % above 100 %.").wait_for()
    page.get_by_label("home-02", exact=True).fill("4o")
    field = page.get_by_label("home-02", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Give a percentage such as 12.5")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_pages_of_votes_and_account_have_no_fault_and_fit_a_phone(
    open_visit, governed, demo, proposed, locale, theme, screenshots
):
    visit = open_visit(governed.base, viewport={"width": 390, "height": 844}, color_scheme=theme)
    visit.sign_in(demo, "home-04@roof")
    visit.page.evaluate(f"localStorage.setItem('partage.locale', '{locale[:2]}')")
    visit.page.reload()
    ready = {
        "votes": ("#/governance", "partage-proposal-card"),
        "proposal": (proposed, "partage-rehearsal-result"),
        "compose": ("#/governance/new", "partage-rule-editor"),
        "account": ("#/account", "partage-consent-book form, partage-consent-book p"),
    }
    for name, (address, selector) in ready.items():
        visit.open(address)
        visit.page.locator(selector).first.wait_for()
        visit.page.wait_for_load_state("networkidle")
        assert violations(visit) == [], name
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390, name
        visit.page.screenshot(path=screenshots / f"phone-{locale[:2]}-{theme}-{name}.png", full_page=True)
