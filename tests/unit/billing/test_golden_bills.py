"""Bills that were calculated by hand: tests/golden/bill_ruelle/README.md."""

from __future__ import annotations

from backend.accounting import trial_balance
from backend.billing import post_bills
from backend.community import Biller, VatStatus

EVERYTHING = Biller.SHARED | Biller.RESIDUAL | Biller.NETWORK | Biller.SURPLUS


def narrow(found, wanted):
    """The part of what was found that the expectation speaks of."""
    if isinstance(wanted, dict):
        return {name: narrow(found[name], value) for name, value in wanted.items()}
    if isinstance(wanted, list) and len(wanted) == len(found):
        return [narrow(item, value) for item, value in zip(found, wanted, strict=True)]
    return found


def hold(run, tariff, wanted):
    assert run.totals.as_dict() == wanted["totals"]
    assert trial_balance(post_bills(run, tariff, version=1)) == wanted["accounts"]
    for participant, content in wanted["bills"].items():
        assert narrow(run.bill_of(participant).as_dict(), content) == content


def test_bills_where_the_community_bills_fee_and_shared_energy(ruelle, expected):
    hold(ruelle.bill(), ruelle.rule.tariff, expected("expected.json"))


def test_bills_where_an_exempt_community_bills_everything(make_ruelle, expected):
    case = make_ruelle(billed_by_community=EVERYTHING, vat_status=VatStatus.EXEMPT, shared_price=125_000)
    hold(case.bill(), case.rule.tariff, expected("expected_all.json"))
