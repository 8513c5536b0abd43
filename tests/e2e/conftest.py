"""What end-to-end tests share: one settled demo, its server, a browser, and members who are signed in."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.served import copy_demo, copy_home, copy_voting, move_clock, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

_CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_MILLISECONDS_MAX = 60_000
PASSPHRASE = "forêt bleue mardi"


@dataclass(frozen=True)
class Demo:
    """The settled demo and what its command printed."""

    home: Path
    answer: dict[str, Any]

    def password(self, login: str) -> str:
        """Of a log-in such as ``home-01@roof``."""
        return next(str(known["password"]) for known in self.answer["logins"] if known["login"] == login)

    def bill(self, participant: str) -> dict[str, Any]:
        """What the command printed of a participant's bill."""
        return next(bill for bill in self.answer["bills"] if bill["participant"] == participant)


@dataclass
class Visit:
    """A page in a browser of its own, which notes everything that went wrong in it."""

    page: Page
    base: str
    faults: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Open an address such as ``#/bill``."""
        self.page.goto(f"{self.base}/{address}")

    def sign_in(self, demo: Demo, login: str = "home-01@roof") -> None:
        """Sign in by the form, and wait for the bill."""
        self.open("#/sign-in")
        self.page.get_by_label("Log-in").fill(login)
        self.page.get_by_label("Password").fill(demo.password(login))
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("heading", name="Bill for June 2017").wait_for()

    def make_key(self) -> None:
        """Make a key by passphrase, and take the seat with it."""
        self.open("#/account")
        self.page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
        self.page.get_by_label("Passphrase again").fill(PASSPHRASE)
        self.page.get_by_role("button", name="Make a key", exact=True).click()
        self.page.get_by_text("The key is linked to you.").wait_for()

    def sign(self) -> None:
        """Sign what the sheet shows, with the key of this browser."""
        sheet = self.page.get_by_role("dialog")
        sheet.wait_for()
        if sheet.get_by_label("Passphrase").count():
            sheet.get_by_label("Passphrase").fill(PASSPHRASE)
        sheet.get_by_role("button", name="Sign", exact=True).click()

    def verify(self) -> str:
        """Press Verify and wait for what the seal says; returns its heading."""
        self.page.get_by_role("button", name="Verify", exact=True).click()
        seal = self.page.locator("partage-proof-seal section")
        seal.locator("xpath=self::*[not(contains(@class, 'fetch') or contains(@class, 'check'))]").wait_for()
        return seal.get_by_role("heading", level=2).inner_text()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A settled month."""
    home = tmp_path_factory.mktemp("demo") / "home"
    return Demo(home, copy_demo(home))


@pytest.fixture(scope="session")
def served(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the demo's server; what is asked of it leaves traces in a home of its own."""
    with serve(copy_home(demo.home, tmp_path_factory.mktemp("served") / "home")) as base:
        yield base


@dataclass(frozen=True)
class Governed:
    """A served community whose members vote, and the file that moves its clock."""

    base: str
    moved: Path

    def wait(self, seconds: int) -> None:
        """Let time pass there. [s]"""
        move_clock(self.moved, seconds)


@pytest.fixture(scope="session")
def governed(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Governed]:
    """The demo in a home of its own, its votes open; one member holds a seat by a key of the home."""
    folder = tmp_path_factory.mktemp("governed")
    home, moved = copy_voting(folder / "home"), folder / "moved"
    moved.write_text("0")
    with serve(home, moved) as base:
        yield Governed(base.replace("127.0.0.1", "localhost"), moved)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the system's, else Playwright's own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = os.environ.get("PARTAGE_CHROMIUM") or (str(_CHROMIUM) if _CHROMIUM.exists() else None)
        running = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def open_visit(browser: Browser) -> Iterator[Any]:
    """Opens visits: ``open_visit(base, **context options)``; each may have no error in its console at the end."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def opened(base: str, **options: Any) -> Visit:
        context = browser.new_context(**{"locale": "en-GB", "reduced_motion": "reduce", **options})
        context.set_default_timeout(_MILLISECONDS_MAX)
        visit = Visit(context.new_page(), base)
        visit.page.on(
            "console",
            lambda message: (
                visit.faults.append(message.text) if message.type in {"error", "warning"} else None
            ),
        )
        visit.page.on("pageerror", lambda error: visit.faults.append(str(error)))
        contexts.append(context)
        visits.append(visit)
        return visit

    yield opened
    for context in contexts:
        context.close()
    assert [fault for visit in visits for fault in visit.faults] == []


@pytest.fixture
def visit(open_visit: Any, served: str) -> Visit:
    """A visit of the demo."""
    opened: Visit = open_visit(served)
    return opened


@pytest.fixture(scope="session")
def screenshots(pytestconfig: pytest.Config) -> Path:
    """Where pictures are put; git ignores it."""
    folder = pytestconfig.rootpath / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder
