"""The page Grid in a real browser: a network seen, played, asked what is wrong with it, and put right on paper."""

import re

from playwright.sync_api import expect

from tests.e2e.test_pages import violations

OPERATOR = "operator@roof"
# Looks, and what stands there once each is loaded.
LOOKS = {
    "imbalance": "partage-phase-chart canvas",
    "switching": "form",
    "transformers": "partage-phase-chart canvas",
    "hosting": "tbody tr",
    "outage": ".facts",
    "phases": "input",
    "events": "select",
    "settings": "partage-alarm-rules summary",
}
FRAME_MILLISECONDS_MAX = 16

# The map of a page, wherever it stands below shadow roots.
MAP = """() => {
    const find = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.localName === "partage-grid-map") return node;
            const found = node.shadowRoot && find(node.shadowRoot);
            if (found) return found;
        }
        return null;
    };
    return find(document);
}"""


def sign_in(visit, demo, login=OPERATOR):
    visit.open("#/sign-in")
    visit.page.locator("#login").fill(login)
    visit.page.locator("#password").fill(demo.password(login))
    visit.page.locator("form button.primary").click()
    visit.page.locator("nav a[aria-current=page]").wait_for()


def open_grid(visit, demo, address="#/grid/european-lv"):
    sign_in(visit, demo)
    visit.open(address)
    visit.page.get_by_role("button", name="Play", exact=True).wait_for()


def colours_of_map(page):
    """How many pixels of the map have each colour, the commonest first; the ground is not painted."""
    return page.evaluate(
        f"""() => {{
            const canvas = ({MAP})().renderRoot.querySelector("canvas");
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            const counts = new Map();
            for (let i = 0; i < pixels.length; i += 4) {{
                if (pixels[i + 3] < 255) continue;
                const colour = `${{pixels[i]}},${{pixels[i + 1]}},${{pixels[i + 2]}}`;
                counts.set(colour, (counts.get(colour) ?? 0) + 1);
            }}
            return [...counts].sort((one, other) => other[1] - one[1]);
        }}"""
    )


def picture_of_map(page):
    """The map as it stands, to be told from another."""
    return page.evaluate(f"() => ({MAP})().renderRoot.querySelector('canvas').toDataURL()")


def test_the_worst_place_is_shown_first_and_keys_lead_on_from_there(visit, demo, screenshots):
    open_grid(visit, demo)
    page = visit.page
    worst = page.locator("partage-grid-stage .worst button").first
    element, kilowatts = worst.inner_text().split(maxsplit=1)
    assert float(kilowatts.removesuffix("\u00a0kW")) > 5  # the feeder's own day of profiles
    page.get_by_role("heading", name=f"{element}, 1 January 2018").wait_for()
    chart = page.get_by_role("slider", name=f"Currents of {element}")
    assert re.search(
        r": L1 [\d.]+\u00a0A, L2 [\d.]+\u00a0A, L3 [\d.]+\u00a0A, Neutral ",
        chart.get_attribute("aria-valuetext"),
    )
    page.get_by_role("button", name="Voltages", exact=True).click()
    page.get_by_role("slider", name=f"Voltages at {element}").wait_for()
    page.get_by_text("The values as a table").click()
    assert page.locator("partage-phase-chart tbody tr").count() == 96
    assert len(colours_of_map(page)) > 5  # grades of imbalance, dots, the transformer, what is chosen
    page.screenshot(path=screenshots / "grid.png", full_page=True)
    # Keys lead along the lines, and choose what they stand on.
    page.locator("partage-grid-stage .worst button", has_text="tr1").click()
    network = page.get_by_role("slider", name="Network european-lv")
    network.focus()
    page.keyboard.press("ArrowDown")
    expect(network).to_have_attribute("aria-valuetext", re.compile(r"^Segment line1: [\d.]+\u00a0kW, \w+$"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="line1, 1 January 2018").wait_for()
    assert page.url.endswith("#/grid/european-lv/imbalance/line1")


def test_a_day_is_played_smoothly_and_recolours_the_network(visit, demo):
    open_grid(visit, demo)
    page = visit.page
    slider = page.get_by_role("slider", name="Moment of the day")
    slider.fill("12")
    before = picture_of_map(page)
    page.evaluate(
        f"""() => {{
            const map = ({MAP})();
            const paint = map.paint.bind(map);
            window.paints = [];
            map.paint = () => {{
                const begun = performance.now();
                paint();
                window.paints.push(performance.now() - begun);
            }};
        }}"""
    )
    page.get_by_label("Pace").select_option("fast")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => window.paints.length > 30")
    page.get_by_role("button", name="Pause").click()
    paints = sorted(page.evaluate("window.paints"))
    assert paints[len(paints) // 2] < FRAME_MILLISECONDS_MAX
    assert int(slider.input_value()) > 12
    assert picture_of_map(page) != before


def test_switches_are_suggested_judged_printed_and_handed_over(visit, demo, screenshots):
    open_grid(visit, demo, "#/grid/roof/switching")
    page = visit.page
    page.get_by_label("Switches at most").fill("2")
    page.get_by_label("Search for").select_option("5")
    page.get_by_role("button", name="Suggest switches").click()
    page.get_by_role("heading", name=re.compile(r"^Plan for tr1: [12] switches$")).wait_for()
    for words in ("grid.plan.fit", "grid.plan.held"):
        before, after = (
            float(text)
            for text in re.findall(r"([\d.]+)\u00a0kW", page.locator(f"[data-figure='{words}']").inner_text())
        )
        assert 0 < after < before
    assert page.get_by_text(re.compile("^(Proven|Not proven)")).is_visible()
    page.get_by_role("slider", name="Imbalance that is left, by number of switches").press("Home")
    expect(page.locator("partage-pareto-chart .readout")).to_have_text(re.compile("^0 switches leave "))
    before = picture_of_map(page)
    page.get_by_role("button", name="Map after").click()
    page.wait_for_function(
        f"before => JSON.stringify(({MAP})().film.frames.values) !== before",
        arg=page.evaluate(f"() => JSON.stringify(({MAP})().film.frames.values)"),
    )
    page.wait_for_timeout(100)  # a frame
    assert picture_of_map(page) != before
    page.get_by_role("link", name="Work orders").click()
    orders = page.locator("partage-grid-orders article")
    orders.first.wait_for()
    count = orders.count()
    assert re.match(rf"Work order 1 of {count}", orders.first.get_by_role("heading").inner_text())
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Print all").is_visible()
    page.emulate_media(media="screen")
    page.screenshot(path=screenshots / "work-orders.png", full_page=True)
    page.get_by_role("button", name="Hand over as work orders").click()
    page.get_by_text("The work orders stand on the timeline").wait_for()
    visit.open("#/grid/roof/events")
    order = page.locator("partage-work-order").first
    order.wait_for()
    assert page.locator("partage-work-order").count() == count
    order.locator("summary").click()
    order.get_by_label("Crew *").fill("north")
    order.get_by_label("Day of the switch").fill("2026-12-01")
    order.get_by_role("button", name="Done: Plan the switch").click()
    order.get_by_text("Fill in: Outcome.").wait_for()  # how it went is asked, not guessed
    order.get_by_label("Outcome").select_option("planned")
    order.get_by_role("button", name="Done: Plan the switch").click()
    order.get_by_text(f"planned {OPERATOR}").wait_for()


def test_rules_routes_and_workflows_are_edited_and_refused_at_their_field(visit, demo, screenshots):
    sign_in(visit, demo)
    visit.open("#/grid/roof/settings")
    page = visit.page
    rules = page.locator("partage-alarm-rules")
    rules.get_by_role("button", name="Add a rule").press("Enter")
    entry = rules.locator("details.entry").last
    entry.get_by_label("Alarms beyond").fill("0,5")
    rules.get_by_role("button", name="Save").click()
    limit = entry.get_by_label("Alarms beyond")
    expect(limit).to_have_attribute("aria-invalid", "true")
    expect(limit).to_be_focused()
    entry.get_by_text("Loading has limits from 1 to 1000 %.").wait_for()
    visit.faults.clear()  # a browser notes what was refused
    limit.fill("95,5")
    rules.get_by_role("button", name="Save").click()
    rules.get_by_text(re.compile(rf"^Version \d+, .*, {OPERATOR}\.$")).wait_for()
    expect(entry.locator("summary")).to_contain_text("Loading of transformers above 95.5%, for 1 h")
    page.get_by_role("button", name="Messages", exact=True).click()
    routes = page.locator("partage-message-routes")
    routes.get_by_role("button", name="Add a route").click()
    routes.get_by_label("Channel").select_option("webhook")
    routes.get_by_label("Address", exact=True).fill("https://scada.example/hook")
    routes.get_by_role("button", name="Save").click()
    routes.get_by_role("button", name="Show the key").click()
    assert re.fullmatch("[0-9a-f]{64}", routes.locator("code").inner_text())
    page.get_by_role("button", name="Workflows", exact=True).click()
    flows = page.locator("partage-workflow-settings")
    flows.locator("details.entry > summary").first.click()
    flows.locator("details.step > summary").first.click()
    flows.get_by_role("button", name="Add a step after step 1").click()
    expect(flows.get_by_label("What is to be done").last).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Ask the neighbours")
    drawn = flows.locator("partage-workflow-drawing svg").first
    expect(drawn).to_have_attribute(
        "aria-label", re.compile(r"planned → Ask the neighbours; .*Ask the neighbours: done → ")
    )
    flows.get_by_role("button", name="Save").click()
    page.get_by_text("Saved; it is in force").wait_for()
    page.screenshot(path=screenshots / "grid-workflow.png", full_page=True)


def test_every_look_fits_a_phone_and_has_no_fault_of_access(open_visit, served, demo):
    visit = open_visit(served, viewport={"width": 390, "height": 844}, has_touch=True, locale="fr-FR")
    sign_in(visit, demo)
    for look, shown in LOOKS.items():
        visit.open(f"#/grid/roof/{look}")
        visit.page.locator(f"partage-grid-{look} {shown}").first.wait_for()
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390, look
        assert violations(visit) == [], look


def test_a_day_that_cannot_be_fetched_says_why_and_can_be_tried_again(visit, demo):
    visit.page.route("**/frames?*", lambda route: route.fulfill(status=503, json={"title": "busy"}))
    sign_in(visit, demo)
    visit.open("#/grid/european-lv")
    visit.page.get_by_text("The service is busy").wait_for()
    visit.page.unroute_all()
    visit.page.get_by_role("button", name="Try again").click()
    visit.page.get_by_role("button", name="Play", exact=True).wait_for()
    visit.faults.clear()  # a browser notes what it could not load
