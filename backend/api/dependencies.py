"""What routes need: services over one home, and who asks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from fastapi import Depends, Request

from backend.adapters.chain.consents import ChainConsents
from backend.adapters.holiday_dates import holiday_dates
from backend.adapters.intervals.daily_quality import ParquetQuality
from backend.adapters.key_vault import draw_password
from backend.adapters.uploads import HomeUploads
from backend.api.grid_desk import GridDesk
from backend.api.idempotency import OnceOnly
from backend.api.ledger import EmbeddedLedger, Ledger, NodeLedger
from backend.api.reading_desk import ReadingDesk
from backend.api.settings import ApiSettings
from backend.api.tokens import ACCESS_COOKIE, AccessTokens
from backend.bootstrap.grid_watching import webhook_key
from backend.errors import ChainError, NotFoundError, PartageError, StoreBusyError, TooManyAttemptsError
from backend.services.accounts import Accounts
from backend.services.devices import DeviceTokens
from backend.services.ethereum_login import EthereumLogin
from backend.services.governance_rehearsals import Rehearsals
from backend.services.member_papers import Drafts
from backend.services.member_views import subject_of
from backend.services.passkeys import Passkeys
from backend.services.request_rate import RequestRate
from backend.services.sessions import OpenSession, Sessions
from backend.services.settled_periods import SettledPeriods
from backend.services.stored_readings import StoredReadings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from backend.adapters.home import Home
    from backend.ports import (
        ChainGateway,
        Clock,
        IntervalStore,
        MeterFileContentsReader,
        RecordStore,
        RunRecord,
    )
    from backend.ports.ambient import AmbientTemperature
    from backend.ports.consents import ConsentBook
    from backend.ports.flow_store import FlowStore
    from backend.ports.load_forecasts import LoadForecaster
    from backend.ports.readings_cache import ReadingsCache
    from backend.services.arbitration import CaseDesk
    from backend.services.context import SettlementContext
    from backend.services.forecasts.anomalies import AnomalyDesk
    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.grid.network_series import GridSources
    from backend.services.privacy_erasure import Erasers
    from backend.services.proposals import GovernanceDesk
    from backend.services.receive_readings import ReceivedReadings, Reception, SentBatch

logger = logging.getLogger("partage.api")

__all__ = [
    "AsksAs",
    "Incoming",
    "Sender",
    "Services",
    "ServicesOf",
    "Wired",
    "address_of",
    "identify",
    "services_of",
]

_SLOW_TO_LOAD = ("backend.services.bundles", "backend.adapters.documents.bill_pdf", "typst", "web3")
_HEAVY_AT_ONCE = 2
_HEAVY_PATIENCE_SECONDS = 20.0
_WINDOWS_KEPT = 4096


class _Vault(Protocol):
    def secret(self, name: str = "api") -> bytes: ...


class Incoming(Protocol):
    """Readings that wait."""

    def seal_due(self, now_utc: int) -> None:
        """Make loads of what waits long or is much."""
        ...


class Wired(Protocol):
    """What the API asks of a home that is opened; ``backend.bootstrap.Wiring`` is one."""

    @property
    def home(self) -> Home:
        """Where everything lies."""
        ...

    @property
    def vault(self) -> _Vault:
        """Keys and secrets."""
        ...

    @property
    def clock(self) -> Clock:
        """Time."""
        ...

    @property
    def store(self) -> RecordStore:
        """Records."""
        ...

    @property
    def intervals(self) -> IntervalStore:
        """Readings and allocations."""
        ...

    @property
    def node(self) -> Any:
        """What answers JSON-RPC; has a web3 ``provider``."""
        ...

    @property
    def chain(self) -> ChainGateway:
        """Contracts."""
        ...

    @property
    def context(self) -> SettlementContext:
        """All of it."""
        ...

    @property
    def grid_sources(self) -> GridSources:
        """Networks, and what their connections draw."""
        ...

    @property
    def ambient(self) -> AmbientTemperature:
        """Air at communities' places."""
        ...

    @property
    def load_forecaster(self) -> LoadForecaster:
        """Says how loads of a network may go on."""
        ...

    @property
    def flows(self) -> FlowStore:
        """What was computed of networks' flows."""
        ...

    @property
    def forecasts(self) -> ForecastDesk:
        """What the services of forecasts need."""
        ...

    @property
    def anomalies(self) -> AnomalyDesk:
        """Looks for what is not as it should be."""
        ...

    def writing(self, command: str) -> AbstractContextManager[None]:
        """Hold the home for what writes."""
        ...

    @property
    def governance(self) -> GovernanceDesk:
        """What the services of governance need."""
        ...

    @property
    def arbitration(self) -> CaseDesk:
        """What the services of arbitration need."""
        ...

    def reader_for(self, file_format: str = "auto") -> MeterFileContentsReader:
        """Reads meter files."""
        ...

    @property
    def reception(self) -> Reception:
        """Takes readings that arrive by themselves."""
        ...

    @property
    def incoming(self) -> Incoming:
        """What of them waits to become loads."""
        ...

    @property
    def readings_cache(self) -> ReadingsCache:
        """Keeps assembled readings."""
        ...

    @property
    def erasers(self) -> Erasers:
        """What takes people out of files."""
        ...

    @property
    def render_dossier(self) -> Callable[..., bytes]:
        """Writes a case's dossier as PDF."""
        ...

    @property
    def render_bill(self) -> Callable[..., bytes]:
        """Writes a bill as PDF."""
        ...


@dataclass(frozen=True, slots=True)
class Sender:
    """Who hands in readings.

    Attributes:
        name: Distinct among all that may.
        community: Where; empty for a log-in that is in none.
    """

    name: str
    community: str


class Services:
    """All that routes call.

    Args:
        wiring: The home.
        settings: How the service is reached.
    """

    def __init__(self, wiring: Wired, settings: ApiSettings) -> None:
        self.wiring = wiring
        self.settings = settings
        self.clock = wiring.clock
        self.store = wiring.store
        self.settled = SettledPeriods(wiring.store, wiring.intervals, holiday_dates)
        self.sessions = Sessions(wiring.store, wiring.clock)
        self.tokens = AccessTokens(wiring.vault.secret("api"), wiring.clock)
        self.devices = DeviceTokens(wiring.store, wiring.clock)
        self.readings = ReadingDesk(self._receive)
        self.rate = RequestRate()
        self.passkeys = Passkeys(wiring.store, wiring.clock, self.sessions)
        self.ethereum = EthereumLogin(wiring.store, wiring.clock, self.sessions)
        self.accounts = Accounts(wiring.store, wiring.clock, self._chain)
        self.drafts = Drafts(wiring.clock)
        self.consents: ConsentBook = ChainConsents(wiring.store, self._chain)
        self.ledger: Ledger = (
            NodeLedger(self._ask_node) if settings.chain_url else EmbeddedLedger(wiring.home.chain)
        )
        self.once = OnceOnly(wiring.store, wiring.clock)
        self.rehearsals = Rehearsals(wiring.store, lambda: self.context, lambda: self.wiring.readings_cache)
        self.grid = GridDesk(wiring.grid_sources, wiring.flows, wiring.ambient, wiring.load_forecaster)
        self.webhook_key = partial(webhook_key, wiring)
        self.uploads = HomeUploads(wiring.home.cache / "uploads", wiring.clock)
        self.stored = StoredReadings(self.settled)
        self.reading_quality = ParquetQuality(wiring.home.intervals)
        self.draw_password = draw_password
        self._windows: dict[str, int] = {}
        self._opening = threading.RLock()
        self._relaying = threading.Lock()
        self._heavy = threading.BoundedSemaphore(_HEAVY_AT_ONCE)

    def _receive(self, sent: Sequence[SentBatch]) -> Sequence[ReceivedReadings | PartageError]:
        return self.wiring.reception.receive_all(sent)

    def _chain(self) -> ChainGateway:
        """The contracts; looking never deploys any."""
        if not self.wiring.home.deployment.exists():
            raise NotFoundError("Nothing is deployed here yet; load a community first.")
        with self._opening:
            return self.wiring.chain

    def _ask_node(self, method: str, params: Sequence[Any]) -> Any:
        with self._opening:
            provider: Any = self.wiring.node.provider
        return provider.make_request(method, params)

    @property
    def context(self) -> SettlementContext:
        """The ports of settlement.

        Raises:
            NotFoundError: If nothing was ever settled here.
        """
        self._chain()
        with self._opening:
            return self.wiring.context

    @property
    def forecasts(self) -> ForecastDesk:
        """What the services of forecasts need."""
        return self.wiring.forecasts

    def chain_id(self) -> int:
        """Of the deployment (EIP-155).

        Raises:
            NotFoundError: If nothing is deployed here yet.
        """
        return self._chain().facts().chain_id

    @contextmanager
    def relaying(self, what: str) -> Iterator[SettlementContext]:
        """The ports, for a request that has something sent to the chain: one at a time, and not beside a command.

        Args:
            what: For whom waits; no personal data.

        Raises:
            NotFoundError: If nothing was ever settled here.
            StoreBusyError: If a command or another request writes too long.
        """
        context = self.context
        if not self._relaying.acquire(timeout=_HEAVY_PATIENCE_SECONDS):
            raise StoreBusyError("Another request is being written to the chain; try again in a moment.")
        try:
            with self.wiring.writing(what):
                yield context
        finally:
            self._relaying.release()

    @property
    def governance(self) -> GovernanceDesk:
        """What the services of governance need.

        Raises:
            NotFoundError: If nothing was ever settled here.
        """
        self._chain()
        with self._opening:
            return self.wiring.governance

    @property
    def arbitration(self) -> CaseDesk:
        """What the services of arbitration need.

        Raises:
            NotFoundError: If nothing was ever settled here.
        """
        self._chain()
        with self._opening:
            return self.wiring.arbitration

    def warm(self) -> None:
        """Load what takes seconds to load, so that the first who asks for a proof does not wait for it."""
        try:
            for module in _SLOW_TO_LOAD:
                import_module(module)
            self.ledger.head()
            self.context.chain.facts()
        except PartageError as error:
            logger.info("nothing to warm up yet: %s", type(error).__name__)

    @contextmanager
    def heavy(self) -> Iterator[None]:
        """A place for work that takes seconds of a core; there are few.

        Raises:
            TooManyAttemptsError: If none gets free in time.
        """
        if not self._heavy.acquire(timeout=_HEAVY_PATIENCE_SECONDS):
            raise TooManyAttemptsError(
                "Many bills are being proved at this moment; try again soon.", wait_seconds=10
            )
        try:
            yield
        finally:
            self._heavy.release()

    def contestable_until(self, run: RunRecord) -> int | None:
        """Until when a run can be contested, None where the chain does not tell. [s since 1970, UTC]"""
        if run.run_id not in self._windows:
            try:
                told: Any = self._chain().read("settlement_ledger", "run", run.run_id)
            except (ChainError, NotFoundError):
                return None
            if len(self._windows) >= _WINDOWS_KEPT:
                self._windows.clear()
            self._windows[run.run_id] = int(told["contestableUntil"])
        return self._windows[run.run_id] or None

    def note_access(
        self, opened: OpenSession, community: str, participants: Iterable[str], what: str
    ) -> None:
        """Log that somebody looks at others' data, before they are handed out; one's own are nobody's business."""
        own = opened.user.participant if opened.user.community == community else ""
        others = [participant for participant in participants if participant != own]
        if not others:
            return
        now = self.clock.now_utc()
        with self.store.transaction() as records:
            for participant in others:
                records.log_access(opened.user.id, subject_of(community, participant), what, now)


def services_of(request: Request) -> Services:
    """The services of the application that a request reached."""
    services: Services = request.app.state.services
    return services


def identify(request: Request) -> OpenSession:
    """Who asks.

    Raises:
        AuthenticationError: If nobody is logged in.
    """
    services = services_of(request)
    claims = services.tokens.read(request.cookies.get(ACCESS_COOKIE, ""))
    return services.sessions.resume(claims.session, claims.user)


def address_of(request: Request) -> str:
    """Network address that asks, behind proxies only where they are trusted."""
    return request.client.host if request.client else "unknown"


async def _asks_as(request: Request) -> OpenSession:
    opened: OpenSession = request.state.opened
    return opened


async def _services_of(request: Request) -> Services:  # async: what is not would be called in another thread
    return services_of(request)


ServicesOf = Annotated[Services, Depends(_services_of)]
#: Who asks, on routes that are not public: ``access`` has let them in.
AsksAs = Annotated[OpenSession, Depends(_asks_as)]
