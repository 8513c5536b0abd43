"""What several rooms are tested on: La Ruelle."""

import pytest

from tests.unit.billing.ruelle import Ruelle


@pytest.fixture
def ruelle():
    return Ruelle()


@pytest.fixture
def make_ruelle():
    return Ruelle
