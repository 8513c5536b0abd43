"""Log-in without a password, keys and consents, in a real browser with an authenticator of its own."""

import zipfile

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PASSPHRASE
from tests.e2e.test_pages import violations

BILL = "/api/v1/communities/roof/participants/home-09/bills/2017-06"


def with_authenticator(visit):
    """Gives a visit an authenticator that verifies its user and keeps secrets."""
    devtools = visit.page.context.new_cdp_session(visit.page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        **dict.fromkeys(("hasResidentKey", "hasUserVerification", "isUserVerified", "hasPrf"), True),
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return visit


def sign_out(visit):
    visit.page.locator("summary", has_text="Settings").click()
    visit.page.get_by_role("button", name="Sign out").click()
    visit.page.get_by_role("heading", name="Sign in").wait_for()


def status_of(visit, path):
    status = visit.page.evaluate("async (path) => (await fetch(path)).status", path)
    visit.faults[:] = [fault for fault in visit.faults if str(status) not in fault]
    return status


def test_a_passkey_that_was_added_signs_in_and_one_that_was_removed_does_not(open_visit, governed, demo):
    visit = with_authenticator(open_visit(governed.base))
    visit.sign_in(demo, "home-10@roof")
    visit.open("#/account")
    page = visit.page
    page.get_by_label("Name", exact=True).fill("laptop")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The passkey was added.").wait_for()
    sign_out(visit)
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="Bill for June 2017").wait_for()
    visit.open("#/account")
    page.get_by_role("button", name="Remove laptop").click()
    page.get_by_text("The passkey was removed.", exact=False).wait_for()
    sign_out(visit)
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("This passkey is not known here.", exact=False).wait_for()
    visit.faults[:] = [fault for fault in visit.faults if "401" not in fault]


def test_a_key_that_a_passkey_opens_takes_the_seat_and_signs_in(open_visit, governed, demo):
    visit = with_authenticator(open_visit(governed.base))
    visit.sign_in(demo, "home-11@roof")
    visit.open("#/account")
    page = visit.page
    page.get_by_role("button", name="Make a key with a passkey").click()
    page.get_by_text("The key is linked to you.").wait_for()
    page.locator("partage-key-ring").get_by_text("Holds your seat", exact=False).wait_for()
    sign_out(visit)
    page.get_by_role("button", name="Sign in with the key in this browser").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign with a passkey").click()
    page.get_by_role("heading", name="Bill for June 2017").wait_for()


def test_a_key_is_never_sent_and_is_nowhere_in_the_clear(open_visit, governed, demo):
    visit = open_visit(governed.base)
    visit.sign_in(demo, "home-13@roof")
    sent = []
    visit.page.on("request", lambda request: sent.append(request.post_data or ""))
    visit.make_key()
    kept = visit.page.evaluate(
        """() => new Promise((resolve) => {
            indexedDB.open("partage-keys").onsuccess = ({ target }) => {
                const all = target.result.transaction("keys").objectStore("keys").getAll();
                all.onsuccess = () => resolve(all.result);
            };
        })"""
    )
    assert [sorted(key) for key in kept] == [
        ["address", "iv", "lock", "made", "owner", "partage_key", "text"]
    ]
    assert kept[0]["lock"]["rounds"] >= 600_000
    assert not any("forêt" in body or kept[0]["text"] in body for body in sent)


def test_a_copy_of_a_key_brings_the_seat_to_another_browser(open_visit, governed, demo, tmp_path):
    first, second = (open_visit(governed.base) for _ in range(2))
    first.sign_in(demo, "home-14@roof")
    first.make_key()
    first.page.get_by_role("button", name="Save a copy").click()
    first.page.locator("#copy").fill("another phrase for it")
    first.page.locator("#copy-again").fill("another phrase for it")
    with first.page.expect_download() as download:
        first.page.get_by_role("button", name="Encrypt and keep").click()
    file = tmp_path / "key.json"
    download.value.save_as(file)
    second.sign_in(demo, "home-14@roof")
    second.open("#/account")
    second.page.get_by_text("Made in another browser.").wait_for()
    second.page.get_by_role("button", name="Another key").click()
    second.page.get_by_label("A key file that you saved").set_input_files(file)
    second.page.locator("#opening").fill("not this phrase")
    second.page.get_by_role("button", name="Open and keep it here").click()
    second.page.get_by_text("This does not open the key.", exact=False).wait_for()
    second.page.locator("#opening").fill("another phrase for it")
    second.page.get_by_role("button", name="Open and keep it here").click()
    second.page.get_by_text("The key is here, and open.").wait_for()
    second.page.get_by_text("In this browser, opened by a passphrase.", exact=False).wait_for()
    second.page.locator("partage-key-ring").get_by_text("Holds your seat", exact=False).wait_for()


def test_a_consent_that_is_given_in_one_browser_holds_in_another_until_it_is_withdrawn(
    open_visit, governed, demo
):
    giver, reader = (open_visit(governed.base) for _ in range(2))
    reader.sign_in(demo, "home-16@roof")
    reader.make_key()
    account = reader.page.locator("partage-key-ring li").first.get_attribute("data-address")
    assert status_of(reader, BILL) == 404
    giver.sign_in(demo, "home-09@roof")
    giver.make_key()
    page = giver.page
    page.get_by_label("Who", exact=True).select_option("other")
    page.get_by_label("Account", exact=True).fill(account)
    page.get_by_role("button", name="Read and sign").click()
    expect(page.get_by_role("dialog")).to_contain_text("my bills")
    giver.sign()
    page.get_by_text("The consent is given.").wait_for()
    page.get_by_text("in force", exact=True).wait_for()
    assert status_of(reader, BILL) == 200
    page.get_by_role("button", name="Withdraw the consent of", exact=False).click()
    giver.sign()
    page.get_by_text("The consent is withdrawn", exact=False).wait_for()
    assert status_of(reader, BILL) == 404
    giver.open("#/account/accesses")
    page.reload()
    expect(page.locator("partage-access-list tbody tr")).to_have_count(1)
    assert violations(giver) == []


def linked(visit):
    """Accounts of the key ring, those of this browser first."""
    return visit.page.locator("partage-key-ring li[data-address]").evaluate_all(
        "items => items.map((item) => item.dataset.address)"
    )


def make_another(visit):
    """Make a second key by passphrase; gives its account."""
    page = visit.page
    before = set(linked(visit))
    page.get_by_role("button", name="Another key").click()
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_label("Passphrase again").fill(PASSPHRASE)
    page.get_by_role("button", name="Make a key", exact=True).click()
    here = page.locator("partage-key-ring li[data-address]")
    expect(here).to_have_count(len(before) + 1, timeout=20_000)
    (made,) = set(linked(visit)) - before
    expect(here.and_(page.locator(f"[data-address='{made}']"))).to_contain_text(
        "Linked since", timeout=20_000
    )
    return made


def short(address):
    return f"{address[:8]}…{address[-4:]}"


def test_a_seat_passes_to_the_key_that_was_chosen_and_to_no_other(open_visit, governed, demo):
    visit = open_visit(governed.base)
    visit.sign_in(demo, "home-17@roof")
    visit.make_key()
    page = visit.page
    (first,) = linked(visit)
    second = make_another(visit)
    card = page.locator("partage-seat-card")
    page.reload()
    expect(card).to_contain_text(short(first))
    card.locator("summary").click()

    def swap(route):
        answer = route.fetch().json()
        answer["typed_data"]["message"]["to"] = "0x" + "12" * 20
        route.fulfill(json=answer)

    page.route("**/replacement/draft", swap)
    card.get_by_role("button", name="Pass the seat on").click()
    card.get_by_role("alert").wait_for()
    assert page.get_by_role("dialog").count() == 0
    page.unroute("**/replacement/draft")
    card.get_by_role("button", name="Pass the seat on").click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text(short(second))
    visit.sign()
    card.get_by_text("Your seat is held by the new key.").wait_for()
    expect(card.locator(".held")).to_contain_text(short(second))
    page.reload()
    held = page.locator(f"partage-key-ring li[data-address='{second}']")
    expect(held).to_contain_text("Holds your seat")


def test_who_still_has_the_key_objects_to_the_recovery_of_the_seat(open_visit, governed, demo):
    visit = open_visit(governed.base)
    visit.sign_in(demo, "roof@roof")
    visit.make_key()
    page = visit.page
    another = make_another(visit)
    page.reload()
    card = page.locator("partage-seat-card")
    card.locator("summary").click()
    card.get_by_role("button", name="The present key is lost").first.click()
    card.get_by_text("The steward has asked for it on the chain.", exact=False).wait_for()
    expect(card.locator(".warning")).to_contain_text("Your seat is to pass to")
    assert card.get_by_role("button", name="Pass it on now").count() == 0
    card.get_by_role("button", name="I object").click()
    visit.sign()
    card.get_by_text("The seat stays with the present key.").wait_for()
    expect(card.locator(".warning")).to_have_count(0)
    expect(card.locator(".held")).not_to_contain_text(short(another))


def test_all_that_is_held_about_a_member_is_saved_as_one_file(open_visit, governed, demo, tmp_path):
    visit = open_visit(governed.base)
    visit.sign_in(demo, "home-13@roof")
    visit.open("#/account/privacy")
    page = visit.page
    part = page.locator("partage-privacy-part")
    with page.expect_download() as download:
        part.get_by_role("button", name="ZIP").click()
    download.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as saved:
        names = saved.namelist()
        person = saved.read(next(name for name in names if name.endswith("person.json"))).decode()
        readings = saved.read(next(name for name in names if name.endswith("readings.csv"))).decode()
    assert "home-13" in person
    assert "home-13" in readings
    assert "home-01" not in person + readings


def test_who_wants_to_be_forgotten_is_told_what_goes_when_and_what_is_kept(visit, demo):
    visit.sign_in(demo, "home-09@roof")
    visit.open("#/account/privacy")
    part = visit.page.locator("partage-privacy-part")
    erase = part.get_by_role("button", name="Erase my data")
    expect(erase).to_be_disabled()
    part.get_by_label("I want my data to be erased", exact=False).check()
    erase.click()
    part.get_by_text("Your wish is noted.", exact=False).wait_for()
    expect(part).to_contain_text("You asked for it on")
    expect(part.get_by_role("listitem")).to_have_count(3)
    expect(part).to_contain_text("Bills and postings")
    expect(part).to_contain_text("As long as the longest duty of the countries that are known here.")
    visit.page.reload()
    expect(part).to_contain_text("You asked for it on")
    assert part.get_by_role("button", name="Erase my data").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_the_sign_in_page_fits_and_says_what_other_ways_there_are(open_visit, governed, width):
    visit = open_visit(governed.base, viewport={"width": width, "height": 844})
    visit.open("#/sign-in")
    visit.page.get_by_role("button", name="Use a passkey").wait_for()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
