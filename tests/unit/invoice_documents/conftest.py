"""Invoices of every kind, one by one."""

import pytest

from tests.unit.invoice_documents.by_hand import KINDS, make


@pytest.fixture(params=sorted(KINDS), ids=lambda name: name.replace(" ", "-"))
def invoice(request):
    return KINDS[request.param]


@pytest.fixture
def kinds():
    return KINDS


@pytest.fixture
def make_invoice():
    return make
