"""A home whose leaver's bills are due."""

import pytest

from tests.integration.privacy.leaver import open_home, settle


@pytest.fixture
def wiring(tmp_path):
    opened = open_home(tmp_path / "home")
    settle(opened)
    opened.clock.advance(40 * 86_400)  # the bills are due by then
    yield opened
    opened.store.close()
