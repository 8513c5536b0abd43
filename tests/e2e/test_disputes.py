"""Which measure holds: cases from opening to the corrected bill, in browsers of all who take part."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.served import copy_voting, move_clock, serve
from tests.e2e.test_pages import violations

DAY = 86_400
WORDS = "We were away that day, and the meter shows use."
PHOTOGRAPH = {"name": "register.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff a register"}


@dataclass(frozen=True)
class Court:
    """A served community whose clock moves."""

    base: str
    moved: Path

    def wait(self, days):
        """Let days pass there."""
        move_clock(self.moved, days * DAY)


@pytest.fixture(scope="module")
def court(demo, tmp_path_factory):
    """The demo in a home of its own, its votes open."""
    folder = tmp_path_factory.mktemp("disputes")
    home, moved = copy_voting(folder / "home"), folder / "moved"
    moved.write_text("0")
    with serve(home, moved) as base:
        yield Court(base.replace("127.0.0.1", "localhost"), moved)


def enter(visit, demo, login):
    """Sign in, whoever it is, and look at the disputes."""
    visit.open("#/sign-in")
    visit.page.get_by_label("Log-in").fill(login)
    visit.page.get_by_label("Password").fill(demo.password(login))
    visit.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(visit.page).not_to_have_url(re.compile("#/sign-in$"))  # only who is let in is taken elsewhere
    visit.page.get_by_role("link", name="Disputes", exact=True).click()
    visit.page.get_by_role("heading", name="Disputes", exact=True).wait_for()


def open_case(visit, day, words=WORDS):
    """Open a case on a day in June from 10:00 to 16:00; returns its address."""
    page = visit.page
    visit.open("#/disputes/new")
    page.get_by_label("From: day").select_option(label=f"{day} June 2017")
    page.get_by_label("Until: day").select_option(label=f"{day} June 2017")
    page.get_by_label("From: time").select_option(label="10:00")
    page.get_by_label("Until: time").select_option(label="16:00")
    page.get_by_label("In your words").fill(words)
    page.get_by_role("button", name="Read and sign").click()
    expect(page.get_by_role("dialog")).to_contain_text(f"{day} Jun 2017, 10:00")
    visit.sign()
    page.get_by_role("heading", name=re.compile(rf"^Case \d+: {day} Jun 2017, 10:00 – 16:00")).wait_for()
    return page.url.split("/", 3)[3].lstrip("/")


def claim(visit, kwh, signs):
    """File a claim of a sum."""
    page = visit.page
    page.get_by_label("In all").fill(kwh)
    page.get_by_label("What shows it").set_input_files(PHOTOGRAPH)
    page.get_by_role("button", name="File my claim").click()
    if signs:
        expect(page.get_by_role("dialog")).to_contain_text(kwh.replace(",", "."))
        visit.sign()
    page.get_by_text("Your claim is filed.").wait_for()


def test_a_member_disputes_a_measure_the_arbiter_rules_and_the_bill_is_restated(
    open_visit, court, demo, screenshots
):
    member, operator, provider, arbiter = (open_visit(court.base) for _ in range(4))
    member.sign_in(demo)
    member.make_key()
    address = open_case(member, 20)
    claim(member, "0,6", signs=True)
    for visit, login, kwh in ((operator, "operator@roof", "6.5"), (provider, "provider@roof", "6.5")):
        enter(visit, demo, login)
        visit.open(address)
        claim(visit, kwh, signs=False)
    enter(arbiter, demo, "arbiter@roof")
    arbiter.page.get_by_role("link", name=re.compile(r"^Rule Case \d+$")).click()
    page = arbiter.page
    page.get_by_role("heading", name="Your ruling").wait_for()
    expect(page.locator("partage-case-course [data-claim]")).to_have_count(3)
    page.screenshot(path=screenshots / "case-desk.png", full_page=True)
    page.get_by_role("button", name="Rule", exact=True).click()
    page.get_by_text("Choose one.").wait_for()
    page.get_by_label("The member: 0.600 kWh").check()
    page.get_by_label("Reasons").fill("The photograph of the register shows it.")
    page.get_by_role("button", name="Rule", exact=True).click()
    page.get_by_text("The arbiter ruled: the member’s measure holds.").wait_for()
    court.wait(15)
    enter(member, demo, "home-01@roof")
    member.faults.clear()  # the session had ended meanwhile, and the browser notes that
    member.open(address)
    member.page.get_by_role("button", name="Carry it out").click()
    member.page.get_by_text("It is carried out.").wait_for()
    member.page.locator("[data-figure=changed]").wait_for()
    member.page.screenshot(path=screenshots / "case-carried-out.png", full_page=True)
    expect(member.page.locator("[data-figure=changed]")).to_contain_text(re.compile(r"€\d+\.\d\d lower"))
    for name, begins in (("Dossier with proofs (JSON)", b"{"), ("To read and print (PDF)", b"%PDF-")):
        with member.page.expect_download() as download:
            member.page.get_by_role("button", name=name).click()
        assert Path(download.value.path()).read_bytes().startswith(begins)
    member.open("#/bill")
    expect(member.page.locator("[data-figure=payable]")).to_have_text("€45.43")


@pytest.fixture(scope="module")
def disputed(court, demo, browser):
    """A case of home-02 with its member's claim; its address."""
    from tests.e2e.conftest import Visit

    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(60_000)
    visit = Visit(context.new_page(), court.base)
    visit.sign_in(demo, "home-02@roof")
    visit.make_key()
    address = open_case(visit, 12)
    claim(visit, "1.2", signs=True)
    context.close()
    return address


def test_a_claim_says_what_it_lacks_at_its_field_and_can_be_replaced(open_visit, court, demo, disputed):
    operator = open_visit(court.base)
    enter(operator, demo, "operator@roof")
    operator.open(disputed)
    page = operator.page
    page.get_by_role("button", name="File my claim").click()
    page.get_by_text("Give an amount of kWh such as 1.25.").wait_for()
    expect(page.get_by_label("In all")).to_be_focused()
    page.get_by_label("I know each interval").check()
    page.get_by_label("12 Jun 2017, 11:00", exact=True).fill("0.25")
    page.get_by_role("button", name="File my claim").click()
    page.get_by_text("Choose the file that shows it.").wait_for()
    page.get_by_label("What shows it").set_input_files(PHOTOGRAPH)
    page.get_by_role("button", name="File my claim").click()
    page.get_by_text("Your claim is filed.").wait_for()
    page.get_by_label("I have a meter file").check()
    rows = "".join(f"home-02-load,2017-06-12T{hour}:00:00-08:00,60,0.5,measured\n" for hour in range(10, 16))
    csv = "metering_point,start,resolution_minutes,energy_kwh,quality\n" + rows
    page.get_by_label("Meter file", exact=True).set_input_files(
        {"name": "meter.csv", "mimeType": "text/csv", "buffer": csv.encode()}
    )
    page.get_by_label("What shows it").set_input_files(PHOTOGRAPH)
    page.get_by_role("button", name="Replace my claim").click()
    expect(page.locator("[data-claim=operator]")).to_contain_text("3.000 kWh")
    with page.expect_download() as download:
        page.locator("[data-claim=operator]").get_by_role("button", name="Save the file").click()
    assert re.fullmatch(r"case-\d+-operator\.jpg", download.value.suggested_filename)
    assert Path(download.value.path()).read_bytes() == PHOTOGRAPH["buffer"]


def test_words_that_were_altered_on_the_way_are_not_signed(open_visit, court, demo):
    member = open_visit(court.base)
    member.sign_in(demo, "home-05@roof")
    member.make_key()

    def alter(route):
        answer = route.fetch().json()
        answer["typed_data"]["message"]["paper"] = "0x" + "11" * 32
        route.fulfill(json=answer)

    member.page.route("**/me/cases/drafts", alter)
    member.open("#/disputes/new")
    member.page.get_by_label("In your words").fill(WORDS)
    member.page.get_by_role("button", name="Read and sign").click()
    member.page.get_by_text("What was to be signed is not what this page asked for.").wait_for()
    assert member.page.get_by_role("dialog").count() == 0


def test_others_see_nothing_of_a_case(open_visit, court, demo, disputed):
    other = open_visit(court.base)
    enter(other, demo, "home-06@roof")
    other.page.get_by_text("You have no case under way.").wait_for()
    other.open(disputed)
    other.page.get_by_role("heading", name="There is nothing here").wait_for()
    other.faults.clear()  # a browser notes each refusal in its console


def test_arrow_keys_read_the_claims_and_dragging_chooses_hours(open_visit, court, demo, disputed):
    member = open_visit(court.base)
    member.sign_in(demo, "home-02@roof")
    member.open(disputed)
    curves = member.page.get_by_role("slider", name="What was measured, as each says")
    curves.press("Home")
    expect(curves).to_have_attribute(
        "aria-valuetext", re.compile("^12 Jun 2017, 10:00: As settled .*The member")
    )
    curves.press("ArrowRight")
    expect(curves).to_have_attribute("aria-valuetext", re.compile("^12 Jun 2017, 11:00: "))
    member.open("#/disputes/new")
    picture = member.page.locator("partage-case-curves svg.picture")
    box = picture.bounding_box()
    step, left = (box["width"] - 44) / 24, box["x"] + 44
    member.page.mouse.move(left + 3.5 * step, box["y"] + 50)
    member.page.mouse.down()
    member.page.mouse.move(left + 7.5 * step, box["y"] + 60, steps=4)
    member.page.mouse.up()
    expect(member.page.get_by_label("From: time")).to_have_value("3")
    expect(member.page.get_by_label("Until: time")).to_have_value("8")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_pages_of_disputes_have_no_fault_and_fit_a_phone(
    open_visit, court, demo, disputed, locale, theme, screenshots
):
    visit = open_visit(court.base, viewport={"width": 390, "height": 844}, color_scheme=theme)
    visit.sign_in(demo, "home-02@roof")
    visit.page.evaluate(f"localStorage.setItem('partage.locale', '{locale[:2]}')")
    visit.page.reload()
    ready = {
        "disputes": ("#/disputes", "partage-case-card"),
        "case": (disputed, "partage-case-claim-form"),
        "opening": ("#/disputes/new", "partage-case-span-picker"),
        "doubt": ("#/disputes/doubt", "partage-proof-seal"),
    }
    for name, (address, selector) in ready.items():
        visit.open(address)
        visit.page.locator(selector).first.wait_for()
        visit.page.wait_for_load_state("networkidle")
        assert violations(visit) == [], name
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390, name
        assert visit.page.locator("nav").evaluate("nav => nav.scrollWidth <= nav.clientWidth"), name
        visit.page.screenshot(path=screenshots / f"phone-{locale[:2]}-{theme}-{name}.png", full_page=True)


def test_without_a_ruling_precedence_decides_and_members_can_appeal(open_visit, court, demo):
    member, operator = open_visit(court.base), open_visit(court.base)
    member.sign_in(demo, "home-04@roof")
    member.make_key()
    address = open_case(member, 14)
    claim(member, "1.2", signs=True)
    enter(operator, demo, "operator@roof")
    operator.open(address)
    claim(operator, "6.5", signs=False)
    court.wait(29)
    enter(member, demo, "home-04@roof")
    member.faults.clear()  # the session had ended meanwhile, and the browser notes that
    member.open(address)
    page = member.page
    page.get_by_role("button", name="Let precedence decide").click()
    page.get_by_text("precedence decided: the grid operator’s measure holds", exact=False).wait_for()
    page.get_by_role("button", name="Read and sign the appeal").click()
    page.get_by_text("Choose one.").wait_for()
    page.get_by_label("The member (you): 1.200 kWh").check()
    page.get_by_label("Why, for all members to read").fill("The register was read by two of us.")
    page.get_by_role("button", name="Read and sign the appeal").click()
    expect(page.get_by_role("dialog")).to_contain_text("the member’s measure holds")
    member.sign()
    page.get_by_role("heading", name=re.compile(r"^Outcome of case \d+$")).wait_for()
    member.open(address)
    page.get_by_text("members vote on it").wait_for()
    page.get_by_role("link", name="To the vote").click()
    page.get_by_role("heading", name=re.compile(r"^Outcome of case \d+$")).wait_for()
