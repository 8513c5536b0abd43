"""A home, opened: ports and what implements them, joined when they are first used."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from backend.adapters.clock import SystemClock
from backend.adapters.home import Home, HomeLock
from backend.adapters.key_vault import ROLE_KEYS, KeyVault
from backend.bootstrap.incoming import IncomingReadings
from backend.errors import ChainUnavailableError, InputError, NotFoundError
from backend.services.context import SettlementContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from backend.adapters.chain.deployment import Deployment
    from backend.adapters.chain.gateway import NodeGateway
    from backend.adapters.chain.node import Node
    from backend.ports import ChainGateway, Clock, IntervalStore, MeterFileContentsReader, RecordStore
    from backend.ports.ambient import AmbientTemperature
    from backend.ports.flow_store import FlowStore
    from backend.ports.invoice_files import InvoiceFiles, PaymentFiles
    from backend.ports.load_forecasts import LoadForecaster
    from backend.ports.point_files import OperatorFileReader, PointFileReader
    from backend.ports.profile_store import ProfileStore
    from backend.ports.readings_cache import ReadingsCache
    from backend.services.arbitration import CaseDesk
    from backend.services.forecasts.anomalies import AnomalyDesk
    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.grid.network_series import GridSources
    from backend.services.privacy_erasure import Erasers
    from backend.services.proposals import GovernanceDesk
    from backend.services.receive_readings import Reception

__all__ = ["Wiring", "open_existing", "open_wiring"]

_EMBEDDED_WINDOW_SECONDS = 0
_OPERATOR_PREFIX = "operator~"  # no community's id has such a mark
_NETWORK_WINDOW_SECONDS = 168 * 3600


class Wiring:
    """A home, opened; what needs time to open is opened when it is first used.

    Args:
        home: Where everything lies.
        clock: Tells the time, and dates the blocks of the embedded chain; the machine's where none is given.
        environment: Says which store and chain; the process's where none is given.
    """

    def __init__(
        self, home: Home, clock: Clock | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self.home = home
        self.vault = KeyVault(home.keys)
        self.clock: Clock = clock or SystemClock()
        self._environment = os.environ if environment is None else environment
        self._lock = HomeLock(home)
        self.incoming = IncomingReadings(home)

    @contextmanager
    def writing(self, command: str) -> Iterator[None]:
        """Hold the home for a command that writes; what waits in the journal becomes loads before it begins."""
        self.home.create()
        with self._lock.hold(command):
            if self._lock.depth == 1:
                self.incoming.seal_all()
            yield

    @cached_property
    def store(self) -> RecordStore:
        """Records."""
        from backend.adapters.store import open_store

        return open_store(self.home, self._environment.get("PARTAGE_DATABASE_URL"))

    @cached_property
    def intervals(self) -> IntervalStore:
        """Readings and allocations."""
        from backend.adapters.intervals.journaled import JournaledIntervals

        return JournaledIntervals(self.home.intervals, self.incoming.seal_if_free)

    @cached_property
    def reception(self) -> Reception:
        """Takes readings that arrive by themselves."""
        return self.incoming.reception(self.store, self.clock)

    @cached_property
    def node(self) -> Node:
        """The embedded chain, or the node of PARTAGE_CHAIN_URL."""
        from backend.adapters.chain.node import connect, open_embedded

        url = self._environment.get("PARTAGE_CHAIN_URL")
        if not url and self.home.deployment.exists() and not self.home.chain.exists():
            raise ChainUnavailableError(
                f"{self.home.deployment} names contracts, but the embedded chain is not beside it; set "
                "PARTAGE_CHAIN_URL to the node that they are on, or put chain.sqlite back from a backup."
            )
        if url:
            confirmations = _confirmations(self._environment.get("PARTAGE_CHAIN_CONFIRMATIONS", "1"))
            return connect(url, self.home.chain_lock, confirmations)
        return open_embedded(self.home.chain, self.vault, ROLE_KEYS, self.clock.now_utc)

    @cached_property
    def deployment(self) -> Deployment:
        """The contracts; deployed the first time.

        Keys are funded only once the node has proved to be the chain of the deployment.
        """
        from backend.adapters.chain.deployment import deploy, load_deployment
        from backend.adapters.chain.funding import fund_keys

        known = load_deployment(self.home.deployment, self.node)
        funding_key = self._environment.get("PARTAGE_FUNDING_KEY")
        if funding_key and not self.node.embedded:
            fund_keys(self.node, self.vault, ROLE_KEYS, funding_key)
        return known or deploy(self.node, self.vault, self.home.deployment)

    @cached_property
    def chain(self) -> ChainGateway:
        """The contracts, as services see them."""
        return self._gateway

    @cached_property
    def _gateway(self) -> NodeGateway:
        from backend.adapters.chain.gateway import NodeGateway

        return NodeGateway(self.node, self.vault, self.deployment)

    @cached_property
    def context(self) -> SettlementContext:
        """The ports that settlement services share."""
        from backend.adapters.demo_data.carbon import BundledCarbon
        from backend.adapters.holiday_dates import holiday_dates
        from backend.adapters.intervals import ParquetIntervals

        chain = self.chain  # first: one that does not answer leaves no trace of the attempt
        window = _EMBEDDED_WINDOW_SECONDS if self.node.embedded else _NETWORK_WINDOW_SECONDS
        return SettlementContext(
            store=self.store,
            intervals=self.intervals,
            operator_allocations=ParquetIntervals(self.home.intervals, prefix=_OPERATOR_PREFIX),
            chain=chain,
            clock=self.clock,
            random_bytes=secrets.token_bytes,
            default_window_seconds=window,
            carbon=BundledCarbon(),
            holidays=holiday_dates,
        )

    @cached_property
    def profiles(self) -> ProfileStore:
        """Load profiles that networks came with."""
        from backend.adapters.profile_store import ParquetProfiles

        return ParquetProfiles(self.home.networks)

    @property
    def flows(self) -> FlowStore:
        """What was computed of networks' flows."""
        from backend.adapters.flow_store import ParquetFlows

        return ParquetFlows(self.home.cache / "grid")

    @property
    def ambient(self) -> AmbientTemperature:
        """Air at communities' places."""
        from backend.adapters.ambient import BundledAir

        return BundledAir()

    @property
    def grid_sources(self) -> GridSources:
        """Where what is known of networks lies."""
        from backend.services.grid.network_series import GridSources

        return GridSources(self.store, self.intervals, self.profiles)

    @property
    def load_forecaster(self) -> LoadForecaster:
        """Says how loads of a network may go on."""
        from backend.adapters.forecasts.courses import ModelCourses

        return ModelCourses()

    @cached_property
    def forecasts(self) -> ForecastDesk:
        """What the services of forecasts need.

        Raises:
            InputError: If the environment names a source of weather that is not known.
        """
        from backend.bootstrap.forecasting import open_desk

        return open_desk(self.home, self.store, self.clock, self.grid_sources, self._environment)

    @cached_property
    def anomalies(self) -> AnomalyDesk:
        """Looks for what is not as it should be.

        Raises:
            InputError: If the environment names a source of weather that is not known.
        """
        from backend.adapters.forecasts.anomalies import LocalAnomalies
        from backend.services.forecasts.anomalies import AnomalyDesk

        return AnomalyDesk(self.forecasts, LocalAnomalies())

    @cached_property
    def readings_cache(self) -> ReadingsCache:
        """Assembled readings, kept ready for rehearsals."""
        from backend.adapters.readings_cache import MappedReadings

        return MappedReadings(self.home.cache / "readings")

    @property
    def governance(self) -> GovernanceDesk:
        """What the services of governance need."""
        from backend.adapters.chain.signatures import ArtifactCalls, TypedDataSignatures
        from backend.services.proposals import GovernanceDesk

        return GovernanceDesk(self.context, TypedDataSignatures(), ArtifactCalls())

    @property
    def arbitration(self) -> CaseDesk:
        """What arbitration needs of the world."""
        from backend.adapters.case_files import HomeCaseFiles
        from backend.adapters.chain.signatures import TypedDataSignatures, VaultSigner
        from backend.services.arbitration import CaseDesk

        files, signer = HomeCaseFiles(self.home.cases), VaultSigner(self.vault)
        return CaseDesk(self.context, files, TypedDataSignatures(), signer)

    def reader_for(self, file_format: str = "auto") -> MeterFileContentsReader:
        """Reads meter files of a format, or of any by their content.

        Raises:
            InputError: If there is no such format.
        """
        from backend.bootstrap.meter_files import meter_files

        return meter_files(file_format)

    @property
    def read_allocations(self) -> OperatorFileReader:
        """Reads what a grid operator allocated, in our form or any that says it."""
        from backend.adapters.meter_files.operator_files import read_operator_file

        return read_operator_file

    @property
    def read_coefficients(self) -> PointFileReader:
        """Reads files of coefficients."""
        from backend.adapters.meter_files.pointwise_csv import read_coefficients_csv

        return read_coefficients_csv

    def demo_logins(self, community: str) -> list[dict[str, Any]]:
        """A log-in per home and role of a demonstration: made the first time, told every time."""
        from backend.adapters.key_vault import draw_password
        from backend.services.users import ensure_demo_users

        return ensure_demo_users(self.store, self.context.community(community), self.home.keys, draw_password)

    def keep_demo_networks(self, community: str) -> list[str]:
        """Put a demonstration's homes on their network, and the whole feeder beside it; returns their names.

        A feeder that another demonstration of this home has already stays that one's: a network has one community.
        """
        from backend.adapters.demo_data.networks import FEEDER_NAME, build_demo_network, read_feeder
        from backend.services.grid.keep_network import keep_network

        with self.store.reading() as records:
            taken = {record.name for record in records.networks() if record.community != community}
        made = [build_demo_network(self.context.community(community).community)]
        made += [] if FEEDER_NAME in taken else [read_feeder()]
        for one in made:
            keep_network(
                self.grid_sources,
                self.clock,
                one.network,
                one.profiles,
                community=community,
                source_format=one.source_format,
            )
        return [one.network.name for one in made]

    def empty(self, keep_unless: Sequence[str]) -> None:
        """Remove all that the home holds but the lock that is held; a folder that is not a home is refused.

        Args:
            keep_unless: Communities that may go; a home that has another one stays as it is.

        Raises:
            InputError: If the folder holds what no home does, or another community, or the records are elsewhere.
        """
        if os.environ.get("PARTAGE_DATABASE_URL"):
            raise InputError(
                "--fresh empties a folder, but the records are in the database of PARTAGE_DATABASE_URL; name an "
                "empty database there, or unset it."
            )
        if self.home.database.exists():
            from backend.adapters.store import open_store

            store = open_store(self.home)
            with store.reading() as records:
                others = [record.id for record in records.communities() if record.id not in keep_unless]
            store.close()  # SQLite would later delete the new database's log by its name
            if others:
                raise InputError(
                    f"{self.home.root} holds the community {others[0]!r}, which is not the demonstration's; --fresh "
                    "would delete it. Set PARTAGE_HOME to another folder."
                )
        known = {"partage.db", "chain.sqlite", "chain.lock", "deployment.json", "lock"}
        known |= {"intervals", "journal", "keys", "files", "cases", "networks", "cache", "weather"}
        strange = [entry.name for entry in self.home.root.iterdir() if entry.name.split("-")[0] not in known]
        strange = [
            name for name in strange if not name.startswith(("partage.db", "chain.sqlite", "deployment"))
        ]
        if strange:
            raise InputError(
                f"{self.home.root} holds {strange[0]}, which is not Partage's; --fresh empties only a "
                "folder of its own. "
                "Set PARTAGE_HOME to another."
            )
        for entry in self.home.root.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != self.home.lock_file.name:
                entry.unlink()

    @property
    def render_bill(self) -> Callable[..., bytes]:
        """Writes a bill as PDF."""
        from backend.adapters.documents.bill_pdf import render_bill

        return render_bill

    @property
    def render_dossier(self) -> Callable[..., bytes]:
        """Writes a case's dossier as PDF."""
        from backend.adapters.documents.dossier_pdf import render_dossier

        return render_dossier

    @property
    def erasers(self) -> Erasers:
        """What takes people out of files."""
        from backend.adapters.case_files import HomeCaseFiles
        from backend.adapters.erased_files import HomeFiles
        from backend.adapters.intervals.erasing import ErasingIntervals
        from backend.adapters.intervals.journaled import JournaledErasing
        from backend.adapters.journal import ErasingAside
        from backend.adapters.uploads import HomeUploads
        from backend.services.privacy_erasure import Erasers

        folder = self.home.intervals
        stores = (
            JournaledErasing(folder, self.incoming.seal),
            ErasingIntervals(folder, prefix=_OPERATOR_PREFIX),
            ErasingAside(self.home.journal),
        )
        uploads = HomeUploads(self.home.cache / "uploads", self.clock)
        files, cases = HomeFiles(self.home), HomeCaseFiles(self.home.cases)
        return Erasers(stores, files, cases, uploads, self.profiles)

    @property
    def invoice_files(self) -> InvoiceFiles:
        """Writes a run's invoices."""
        from backend.adapters.documents.invoice_folder import write_documents

        return write_documents

    @property
    def payment_files(self) -> PaymentFiles:
        """Writes and reads the bank's files."""
        from backend.adapters.documents.bank_files import BankFiles

        return BankFiles()


def _confirmations(text: str) -> int:
    """Blocks that make a transaction final on a node by URL.

    Raises:
        InputError: If the environment names no such number.
    """
    if not text.isdecimal() or int(text) < 1:
        raise InputError(f"PARTAGE_CHAIN_CONFIRMATIONS is {text!r}; give a whole number from 1.")
    return int(text)


def open_wiring(home: Home | None = None) -> Wiring:
    """The home that PARTAGE_HOME names."""
    return Wiring(home or Home.from_environment())


def open_existing() -> Wiring:
    """The home that PARTAGE_HOME names, for a command that has nothing to do in an empty one.

    Raises:
        NotFoundError: If there is no home; nothing is created.
    """
    wiring = open_wiring()
    root = wiring.home.root
    if root.exists() and not root.is_dir():
        raise NotFoundError(f"{root} is a file, no home; set PARTAGE_HOME to a folder.")
    if not wiring.home.exists():
        raise NotFoundError(
            f"There is no home in {root} yet; begin with: partage community load COMMUNITY.toml, "
            "or set PARTAGE_HOME to the home that you mean."
        )
    return wiring
