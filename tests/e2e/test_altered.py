"""Whatever is altered behind a bill, the browser turns red and names the place."""

import json

import pytest

from tests.e2e.served import alter_bill, alter_rows, copy_home, serve

RED = "This does not agree with the chain"
GREEN = "Checked here against the chain"
NOON = 10 * 24 + 12  # 11 June, 12:00 in the community's time


def failures(visit):
    """What the seal says differs, the first first."""
    return visit.page.locator("partage-check-list[only=failures] li").all_inner_texts()


def one_cent(home):
    def change(content):
        content["amounts"]["debit"] += 1
        content["amounts"]["debit_net"] += 1
        content["amounts"]["payable"] += 1
        content["lines"][2]["amount"] += 1
        content["amounts"]["lines"][4] += 1
        (document,) = content["documents"]
        for name in ("sum_of_lines", "total_without_vat", "total_with_vat", "amount_due"):
            document[name] += 1

    alter_bill(home, "home-01", change)


def one_cent_shown(home):
    def change(content):
        content["lines"][2]["amount"] += 1

    alter_bill(home, "home-01", change)


def one_row(home):
    def change(frame):
        allocated = frame.allocated.copy()
        allocated[0, NOON] += 1
        return {"allocated": allocated}

    alter_rows(home, change)


def one_header(home):
    def change(frame):
        tau = frame.tau.copy()
        tau[NOON] += 99
        return {"tau": tau}

    alter_rows(home, change)


def a_neighbours_reading(home):
    def change(frame):
        energy = frame.energy.copy()
        energy[1, NOON] += 1_000_000
        return {"energy": energy}

    alter_rows(home, change)


AT_NOON = "11 June 2017, 12:00, local time"


@pytest.mark.parametrize(
    ("alter", "login", "named"),
    [
        (one_cent, "home-01@roof", ["the line “Shared energy”"]),
        (one_cent_shown, "home-01@roof", ["the line “Shared energy”"]),
        (one_row, "home-01@roof", ["the share of an interval", "metering point home-01-load", AT_NOON]),
        (one_header, "roof@roof", ["the community's totals of an interval", AT_NOON]),
        (a_neighbours_reading, "home-01@roof", ["the total use", AT_NOON]),
    ],
    ids=["cent", "cent-shown", "row", "header", "neighbour"],
)
def test_an_altered_store_turns_the_seal_red_and_names_the_place(
    open_visit, demo, tmp_path, screenshots, alter, login, named
):
    home = copy_home(demo.home, tmp_path / "home")
    alter(home)
    with serve(home) as base:
        visit = open_visit(base)
        visit.sign_in(demo, login)
        assert visit.verify() == RED
        shown = failures(visit)
        visit.page.screenshot(path=screenshots / f"altered-{alter.__name__}.png", full_page=True)
    assert all(any(words in text for text in shown) for words in named), shown


def test_a_page_that_shows_another_cent_than_the_proven_one_turns_red(visit, demo):
    def alter(route):
        answer = route.fetch()
        content = answer.json()
        content["amounts"]["payable"] -= 1
        route.fulfill(response=answer, json=content)

    visit.page.route("**/api/v1/me/bills/2017-06", alter)
    visit.sign_in(demo)
    assert visit.verify() == RED
    assert "the amount to pay" in failures(visit)[0]


def test_a_chain_that_was_exchanged_since_the_last_visit_turns_the_seal_red(visit, demo):
    visit.sign_in(demo)
    assert visit.verify() == GREEN
    pins = json.loads(visit.page.evaluate("localStorage.getItem('partage.pins')"))
    (key,) = pins
    pins[key]["blockHash"] = "0x" + "11" * 32
    visit.page.evaluate("pins => localStorage.setItem('partage.pins', pins)", json.dumps(pins))
    visit.page.reload()
    visit.page.get_by_role("heading", name="Bill for June 2017").wait_for()
    assert visit.verify() == RED
    assert "a block that was seen before" in failures(visit)[0]


def test_a_saved_proof_is_checked_without_a_log_in_and_refused_when_altered(
    visit, open_visit, served, demo, tmp_path
):
    visit.sign_in(demo)
    visit.verify()
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name="Save the proof").click()
    proof = tmp_path / "proof.json"
    download.value.save_as(proof)
    stranger = open_visit(served)
    stranger.open("#/verify")
    stranger.page.set_input_files("#file", proof)
    stranger.page.get_by_role("heading", name=GREEN).wait_for()
    bundle = json.loads(proof.read_text())
    bundle["points"][0]["allocated"][10][12] += 1
    proof.write_text(json.dumps(bundle))
    stranger.page.set_input_files("#file", proof)
    stranger.page.get_by_role("heading", name=RED).wait_for()
    assert "11 June 2017, 12:00" in failures(stranger)[0]


def test_without_the_chain_the_seal_is_neither_green_nor_red(visit, demo):
    visit.sign_in(demo)
    visit.page.context.route("**/rpc", lambda route: route.abort())
    assert visit.verify() == "It could not be checked"
    assert all("ERR_FAILED" in fault for fault in visit.faults)
    visit.faults.clear()


def test_offline_is_said_and_what_is_shown_stays(visit, demo):
    visit.sign_in(demo)
    visit.page.context.set_offline(True)
    visit.page.get_by_text("You are offline").wait_for()
    assert visit.page.locator("[data-figure=payable]").is_visible()
    assert visit.verify() == "It could not be checked"
    visit.faults.clear()  # what could not be loaded


# What of a bill is not anchored, and so is not held against the proof; the page says so.
NOT_PROVED = (
    *("format", "version", "number", "due", "issued_at", "issued_utc", "community", "participant", "carbon"),
    *("period.id", "period.label", "period.time_zone", "points.*.point", "points.*.source", "lines.*.point"),
    *("energy.origins.*.source", "quality.notes", "documents.*.type_code", "documents.*.lines", "run.state"),
    *("documents.*.vat.*.category", "documents.*.vat.*.reason", "documents.*.vat.*.reason_code"),
    *("rule.effective_from", "rule.contest_window_seconds", "rule.limits", "rule.words"),
    *("neighbours.*.name", "neighbours.*.participant"),
)


@pytest.mark.parametrize("login", ["home-01@roof", "roof@roof"])
def test_whatever_figure_of_the_page_is_altered_differs_from_the_proof(visit, demo, login):
    visit.sign_in(demo, login)
    unseen, seen = visit.page.evaluate(ALTER_EACH, list(NOT_PROVED))
    assert unseen == [], " ".join(unseen)
    assert seen > 80


ALTER_EACH = """async (notProved) => {
    const [{ comparePage }, { parseBundle }, { readChain }] = await Promise.all(
        ["domain/page_proof.js", "domain/bundle.js", "data/chain.js"].map((name) => import("/" + name)),
    );
    const ask = async (path) => (await fetch("/api/v1/me/bills/2017-06" + path)).json();
    const [bill, value] = [await ask(""), await ask("/bundle")];
    const [bundle, chain] = [parseBundle(value), await readChain(value, "/rpc")];
    const differs = () => comparePage(bill, bundle, chain).some((check) => !check.ok);
    if (differs()) throw new Error("the bill differs before it is altered");
    const unseen = [];
    let seen = 0;
    const walk = (node, path) => {
        for (const [key, child] of Object.entries(node)) {
            const at = [...path, key];
            const name = at.map((part) => (/^[0-9]+$/.test(part) ? "*" : part)).join(".");
            if (notProved.includes(name)) continue;
            if (child !== null && typeof child === "object") { walk(child, at); continue; }
            node[key] = typeof child === "number" ? child + 1 : child + "x";
            if (differs()) seen += 1;
            else unseen.push(at.join("."));
            node[key] = child;
        }
    };
    walk(bill, []);
    return [unseen, seen];
}"""
