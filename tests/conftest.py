"""What every test stands on: where it stands in the tree decides what it may touch."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.prepared import shelf

TESTS = Path(__file__).parent
THIS_MACHINE = ["127.0.0.1", "::1", "localhost"]

# A first call may compile a kernel, and two workers share two cores: no case is judged by its time.
settings.register_profile("partage", deadline=None, print_blob=True)
settings.load_profile("partage")

# The PostgreSQL that tests start wants a private folder for its socket and warns without; warnings are errors.
if "XDG_RUNTIME_DIR" not in os.environ:
    runtime = Path(tempfile.gettempdir()) / f"partage-{os.getuid()}"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark integration and end-to-end tests by their folder, and open this machine's own sockets to them."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in {"integration", "e2e"}:
            item.add_marker(getattr(pytest.mark, folder))
            item.add_marker(pytest.mark.allow_hosts(THIS_MACHINE))


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main() -> Iterator[None]:
    """Prepared homes live as long as the command; workers are started within it."""
    with shelf():
        return (yield)
