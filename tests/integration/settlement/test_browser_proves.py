"""What is settled, billed and shown by any key and price is proved by the pages' own code."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend.services.bundles import make_bundle
from backend.services.member_views import bill_of
from backend.services.settled_periods import SettledPeriods
from tests.integration.settlement.shared_street import (
    KEYS,
    OWNED,
    PRODUCER_KEY,
    participants_of,
    street,
    street_csv,
)
from tests.integration.settlement.small_community import MONTH, open_home, take_settled
from tests.integration.settlement.test_every_key import PREMIUMS, TARIFFS

PROVE = Path(__file__).parents[2] / "frontend" / "prove.js"
NODE = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))

pytestmark = pytest.mark.skipif(NODE is None, reason="needs node: run scripts/setup")


@pytest.fixture
def wiring(tmp_path):
    return open_home(tmp_path / "home")


def settle(wiring, method, parameters="", tariff="", change=("", "")):
    """The street where no law chooses keys or prices."""
    text = street(method, parameters, tariff).replace('country = "FR"', 'country = "none"').replace(*change)
    take_settled(wiring, street_csv(), text)


def prove(wiring, bundle, bill):
    """What the pages' code says of a bill and its proof."""
    assert NODE is not None
    with subprocess.Popen([NODE, PROVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        asks, answers = process.stdout, process.stdin
        assert asks is not None
        assert answers is not None

        def tell(message):
            answers.write(json.dumps(message) + "\n")
            answers.flush()

        tell({"bundle": json.dumps(bundle), "bill": bill})
        for line in asks:
            message = json.loads(line)
            if "ok" in message:
                return message
            tell(wiring.node.rpc(message["method"], message["params"]))
    raise AssertionError(process.returncode)


def prove_everyone(wiring):
    """Each participant's bill, as the API tells it."""
    settled = SettledPeriods(wiring.context.store, wiring.intervals)
    said = []
    for participant in participants_of(wiring):
        bundle = make_bundle(wiring.context, "toits", MONTH, participant)
        told = prove(wiring, bundle, bill_of(settled, "toits", MONTH.label, participant))
        assert told["ok"], (participant, told["failures"])
        said += told["unchecked"]
    return set(said)


@pytest.mark.parametrize("method", KEYS)
def test_each_key_is_proved_on_the_page(wiring, method):
    settle(wiring, method, KEYS[method], PREMIUMS if method == "incentive" else "")
    said = prove_everyone(wiring)
    assert ("flow" in said) == (method == "flow")
    assert "headers" not in said


@pytest.mark.parametrize("tariff", TARIFFS)
def test_each_price_and_seller_is_proved_on_the_page(wiring, tariff):
    settle(wiring, "dynamic", "", TARIFFS[tariff])
    prove_everyone(wiring)


@pytest.mark.parametrize("method", OWNED)
def test_what_consumers_own_is_proved_on_the_page(wiring, method):
    settle(wiring, method, f'{OWNED[method]}\nsurplus_owner = "consumer"')
    prove_everyone(wiring)


def test_a_producer_key_is_proved_on_the_page(wiring):
    settle(wiring, "priority", f"{KEYS['priority']}\n{PRODUCER_KEY}")
    prove_everyone(wiring)


@pytest.mark.parametrize("tariff", ["producer", "supply_demand"])
def test_withheld_headers_leave_prices_and_bills_proved(wiring, tariff):
    settle(wiring, "dynamic", "", TARIFFS[tariff], ("headers_consent = true\n", ""))
    assert "headers" in prove_everyone(wiring)


def test_a_page_that_shows_another_neighbour_or_price_is_refused(wiring):
    settle(wiring, "dynamic", "", TARIFFS["seller_priced"])
    settled = SettledPeriods(wiring.context.store, wiring.intervals)
    bundle = make_bundle(wiring.context, "toits", MONTH, "ada")

    def refusals(change):
        bill = bill_of(settled, "toits", MONTH.label, "ada")
        change(json_bill := json.loads(json.dumps(bill)))
        return {
            (check["id"], check["place"]["field"]) for check in prove(wiring, bundle, json_bill)["failures"]
        }

    def swap(bill):
        bill["neighbours"][0]["seat"], bill["neighbours"][1]["seat"] = (
            bill["neighbours"][1]["seat"],
            bill["neighbours"][0]["seat"],
        )

    assert refusals(lambda _: None) == set()
    assert ("page.neighbour", "neighbours[0].energy") in refusals(swap)
    assert ("page.rule", "sold_by") in refusals(lambda bill: bill.update(sold_by="community"))
    bought = next(
        i
        for i, line in enumerate(bill_of(settled, "toits", MONTH.label, "ada")["lines"])
        if line["kind"] == "bought"
    )
    assert ("page.line", f"lines[{bought}].value") in refusals(
        lambda bill: bill["lines"][bought].update(value=1)
    )
