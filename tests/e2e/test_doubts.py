"""A lie that a settler anchored: a member asks in confidence, agrees to what is shown, and the contract voids it."""

from typing import Any, cast

import pytest
from playwright.sync_api import expect

from backend.adapters.key_vault import draw_password
from backend.errors import ConflictError
from backend.services.users import ensure_demo_users
from tests.e2e.conftest import Demo
from tests.e2e.served import serve
from tests.e2e.test_disputes import enter
from tests.e2e.test_pages import violations
from tests.integration.contests.test_watch import LIES, lie
from tests.integration.settlement.small_community import load_and_settle, open_home

LIE_AT = ("13 March 2024", "07:00")
SHOWN = "energy, allocation and running totals of ben-load at 2024-03-13 07:00 (UTC+0100)"


@pytest.fixture
def street(tmp_path):
    """A small community whose settler gave away three milliwatt-hours; its address and its log-ins."""
    home = tmp_path / "home"
    wiring = open_home(home)
    with pytest.MonkeyPatch.context() as patched:
        lie(patched, **cast("dict[str, Any]", LIES["row"]))
        with pytest.raises(ConflictError):
            load_and_settle(wiring)
    view = wiring.context.community("toits")
    rows = ensure_demo_users(wiring.store, view, wiring.home.keys, draw_password)
    with serve(home) as base:
        yield base, Demo(home, {"logins": rows})


def doubt(visit, day, time):
    """Look at a place of the result."""
    visit.open("#/disputes/doubt")
    visit.page.get_by_label("Day", exact=True).select_option(label=day)
    visit.page.get_by_label("Interval that begins at").select_option(label=time)
    visit.page.get_by_role("button", name="Look at it").click()


def test_a_lie_is_shown_to_the_contract_only_after_the_member_has_agreed_to_what_it_reveals(
    open_visit, street, screenshots
):
    base, logins = street
    ben, arbiter, ada = (open_visit(base) for _ in range(3))
    enter(ben, logins, "ben@toits")
    doubt(ben, *LIE_AT)
    page = ben.page
    page.get_by_text(SHOWN).wait_for()
    expect(page.locator("[data-look=found]")).to_be_visible()
    page.screenshot(path=screenshots / "doubt-found.png", full_page=True)
    page.get_by_role("button", name="Send the proof").click()
    page.get_by_text("Without your agreement nothing is sent.").wait_for()
    page.get_by_label("Your question to the arbiter").fill("Is that mine to show?")
    page.get_by_role("button", name="Ask the arbiter").click()
    page.get_by_text("The arbiter has not answered yet", exact=False).wait_for()
    enter(arbiter, logins, "arbiter@toits")
    question = arbiter.page.locator("partage-contest-question")
    expect(question).to_contain_text("Is that mine to show?")
    arbiter.page.screenshot(path=screenshots / "doubt-arbiter.png", full_page=True)
    question.get_by_label("Contest it").check()
    question.get_by_label("Your answer").fill("It is your own row.")
    question.get_by_role("button", name="Answer").click()
    arbiter.page.get_by_text("The arbiter says: contest it.").wait_for()
    page.reload()
    page.get_by_role("button", name="the arbiter has answered", exact=False).click()
    page.get_by_text("It is your own row.").wait_for()
    page.get_by_label("I have read what everyone would see", exact=False).check()
    page.get_by_role("button", name="Send the proof").click()
    page.locator("[data-outcome=voided]").wait_for()
    expect(page.locator("partage-contest-look")).to_contain_text("Agreed on")
    page.screenshot(path=screenshots / "doubt-voided.png", full_page=True)
    enter(ada, logins, "ada@toits")
    listed = ada.page.locator("partage-contest-list [data-event=RowRefuted]")
    listed.wait_for()
    assert "ben" not in listed.inner_text().lower()


def test_words_that_were_altered_on_the_way_are_not_agreed_to(open_visit, street):
    base, logins = street
    ben = open_visit(base)

    def alter(route):
        answer = route.fetch().json()
        answer["words"]["en"]["shown"] = ["nothing of interest"]
        route.fulfill(json=answer)

    ben.page.route("**/me/contests/look", alter)
    enter(ben, logins, "ben@toits")
    doubt(ben, *LIE_AT)
    ben.page.get_by_text("What would be shown is not told here as it was looked at.", exact=False).wait_for()
    assert ben.page.get_by_role("button", name="Send the proof").count() == 0


def test_where_nothing_is_wrong_there_is_nothing_to_send(open_visit, served, demo):
    member = open_visit(served)
    member.sign_in(demo)
    member.page.get_by_role("link", name="Something is wrong with this bill").click()
    member.page.get_by_role("button", name="Look at it").click()
    member.page.locator("[data-look=nothing]").wait_for()
    assert member.page.get_by_role("button", name="Send the proof").count() == 0
    assert violations(member) == []
