"""A node for all of these tests, and homes whose contracts are on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.bootstrap import Wiring
from tests.integration.chain_by_url.anvil import FUNDING_KEY, Anvil, find_anvil
from tests.integration.settlement.small_community import open_home


def close(wiring: Wiring) -> None:
    """Let go of the store, as the end of a command does."""
    wiring.store.close()


OpenHome = Callable[[], Wiring]


@pytest.fixture(scope="session")
def anvil_command() -> str:
    command = find_anvil()
    if command is None:
        pytest.skip(
            "npm has no anvil for this platform, and none is on the path: install Foundry to run these tests"
        )
    return command


@pytest.fixture(scope="module")
def shared_anvil(anvil_command: str) -> Iterator[Anvil]:
    """A node that mines each transaction at once."""
    node = Anvil()
    node.start()
    yield node
    node.stop()


@pytest.fixture(scope="module")
def deployed(shared_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose keys are funded and whose contracts are deployed."""
    home = tmp_path_factory.mktemp("deployed") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARTAGE_CHAIN_URL", shared_anvil.url)
        patch.setenv("PARTAGE_FUNDING_KEY", FUNDING_KEY)
        wiring = open_home(home)
        assert wiring.deployment
    return home


@pytest.fixture
def by_url(monkeypatch: pytest.MonkeyPatch) -> Callable[[Anvil], None]:
    """Makes a node the chain of this test."""

    def point(node: Anvil) -> None:
        monkeypatch.setenv("PARTAGE_CHAIN_URL", node.url)
        monkeypatch.setenv("PARTAGE_FUNDING_KEY", FUNDING_KEY)

    return point


@pytest.fixture
def home(tmp_path: Path, deployed: Path) -> Path:
    """A home of this test's own on the shared node: same keys, same contracts, no records."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    shutil.copytree(deployed / "keys", folder / "keys")
    shutil.copy(deployed / "deployment.json", folder)
    return folder


@pytest.fixture
def anvil(shared_anvil: Anvil, by_url: Callable[[Anvil], None]) -> Iterator[Anvil]:
    """The shared node, as the chain of this test; back to mining at once after it."""
    by_url(shared_anvil)
    yield shared_anvil
    shared_anvil.rpc("evm_setAutomine", True)
    shared_anvil.mine()


@pytest.fixture
def opened(home: Path) -> Iterator[OpenHome]:
    """Opens the home, as often as a command would."""
    wirings: list[Wiring] = []

    def open_again() -> Wiring:
        wirings.append(open_home(home))
        return wirings[-1]

    yield open_again
    for wiring in wirings:
        close(wiring)
