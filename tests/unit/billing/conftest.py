"""What is expected of La Ruelle's bills, and the rules of the shared vectors."""

from __future__ import annotations

import json

import pytest

from backend.community import Biller, PriceWindow, Pricing, Rule, Seller, SharingKeyChoice, Tariff, VatStatus
from backend.governance import METHOD_CODES
from tests.unit.billing.ruelle import CASE


@pytest.fixture
def expected():
    return lambda name: json.loads((CASE / name).read_text())


def _tariff_of(words):
    """A tariff of the shared vectors, where windows do not matter: bands are given."""
    return Tariff(
        shared_price=words["sharedPrice"],
        residual_prices=tuple(words["residualPrice"]),
        windows=(PriceWindow(0, 1440, 0),),
        surplus_price=words["surplusPrice"],
        network_price=words["networkPrice"],
        monthly_fee=words["monthlyFee"],
        vat_ppm=words["vatPpm"],
        vat_status=VatStatus(words["communityVatClass"]),
        billed_by_community=Biller(words["billedBy"]),
        network_shared_price=words["networkSharedPrice"],
        excise_price=words["excisePrice"],
        excise_shared_price=words["exciseSharedPrice"],
        premium_consumption_price=words["premiumConsumption"],
        premium_feed_in_price=words["premiumFeedIn"],
        pricing=Pricing(words["pricing"]),
        producer_prices={str(slot): price for slot, price in enumerate(words["producerPrice"])},
        seller=Seller(words["seller"]),
    )


def _rule_of(method, surplus_owner, words):
    methods = {code: name for name, code in METHOD_CODES.items()}
    key = SharingKeyChoice(methods[method], surplus_owner=("producer", "consumer")[surplus_owner])
    return Rule(key, _tariff_of(words))


@pytest.fixture
def vector_tariff():
    return _tariff_of


@pytest.fixture
def vector_rule():
    return _rule_of
