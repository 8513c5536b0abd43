"""Benchmarks that need adapters, joined to them; what they make is gone afterwards."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.bootstrap import Wiring
    from backend.services.benchmarks import Benchmark
    from backend.services.benchmarks.conformity import SoundSample
    from backend.services.benchmarks.message_service import ServedBroker
    from backend.services.benchmarks.phases import HomesYear
    from backend.services.benchmarks.reading_service import ServedHome
    from backend.services.benchmarks.readings import ReadingsInput
    from backend.services.benchmarks.score_sheet import ScoreSheet

__all__ = [
    "bench_conformity",
    "bench_forecast",
    "bench_grid",
    "bench_invoices",
    "bench_phases",
    "bench_readings",
    "bench_rehearsal",
    "bench_settlement",
]

_FORECASTS = (
    "victoria",
    "gefcom",
    "nordpool",
    "substations",
    "homes",
    "solar",
    "meters",
    "charging",
    "anomalies",
)
_MEMBERS_OF_THOUSAND_POINTS = 750  # every third has a roof


def bench_conformity(worlds: int, data: Path | None = None) -> Benchmark:
    """Put faults into the readings of homes that no limit was chosen by, and hold rules and estimates against them.

    Args:
        worlds: Of each sample.
        data: Folder of further measured data; without it only the bundled homes are used.
    """
    from backend.bootstrap.meter_files import meter_files
    from backend.services.benchmarks import conformity_report

    return conformity_report.bench_conformity(
        conformity_samples(data, parity=0), worlds, gaps=5 * worlds, seed=2026, read_file=meter_files("auto")
    )


def conformity_samples(data: Path | None, parity: int) -> list[tuple[SoundSample, frozenset[date]]]:
    """Homes of even numbers (0), or of the odd ones (1) by which the limits of rules were chosen, with holidays."""
    import numpy as np

    from backend.adapters.demo_data import read_homes
    from backend.adapters.demo_data.homes import FIRST_HOUR_UTC
    from backend.adapters.demo_data.households import HOUSEHOLDS_FILE, read_households
    from backend.adapters.holiday_dates import holiday_dates
    from backend.services.benchmarks import conformity_samples as samples

    homes = read_homes()
    chosen = [index for index, number in enumerate(homes.numbers) if number % 2 == parity]
    numbers = [homes.numbers[index] for index in chosen]
    imports, exports = homes.imports_and_exports()
    loads, produced = homes.gross_loads(), homes.production()
    roof = homes.without(12, 15).median_roof(6)
    held = holiday_dates("US", (2016, 2017), "CA")
    made = [
        (
            samples.sample_of_homes(
                name, FIRST_HOUR_UTC, drawn[chosen], fed[chosen], roof, numbers, located=located
            ),
            held,
        )
        for name, drawn, fed, located in (
            ("imports and exports, located", imports, exports, True),
            ("imports and exports", imports, exports, False),
            ("loads and roofs, located", loads, produced, True),
        )
    ]
    file = data / HOUSEHOLDS_FILE if data else None
    if file and file.exists():
        energy = read_households(
            file, samples.HOUSEHOLDS_START_UTC, samples.HOUSEHOLDS_HALF_HOURS, known_min=0.9
        )
        half = np.arange(len(energy)) % 2 == 1 - parity
        sample = samples.sample_of_households(energy[half], 1)
        made.append((sample, holiday_dates("AU", (2012, 2013), "NSW")))
    return made


def bench_forecast(data: Path | None, part: str = "") -> ScoreSheet:
    """Forecast published series beside what a user would pick instead.

    Args:
        data: Folder of the measured data.
        part: Which series; all without.

    Raises:
        InputError: If there is no such part.
    """
    import importlib
    from dataclasses import asdict

    from backend.errors import InputError
    from backend.services.benchmarks.score_sheet import ScoreRow, ScoreSheet

    if part and part not in _FORECASTS:
        raise InputError(f"there is no part {part!r} of the forecasts; there are {', '.join(_FORECASTS)}.")
    rows: list[ScoreRow] = []
    left_out: list[str] = []
    if data is None:
        left_out.append("all: the measured data are not at hand; name their folder with --data.")
    for name in ([part] if part else _FORECASTS) if data else ():
        try:
            scores = importlib.import_module(f"ml.evaluation.benches.{name}").measure(data)
        except InputError as error:
            left_out.append(f"{name}: {error}")
            continue
        rows += [ScoreRow(**{**asdict(score), "weather": score.weather.value}) for score in scores]
    return ScoreSheet(
        "forecast", "published series, ours beside what a user would pick", tuple(rows), tuple(left_out)
    )


def bench_grid() -> Benchmark:
    """Solve the European low-voltage feeder's day and a year of it, beside OpenDSS."""
    from backend.adapters.demo_data.networks import read_feeder
    from backend.services.benchmarks.power_flow import bench_power_flow

    feeder = read_feeder()
    assert feeder.profiles is not None
    return bench_power_flow(feeder.network, feeder.profiles)


def bench_phases(data: Path | None = None) -> Benchmark:
    """Plan switches of the European low-voltage feeder and of made districts, beside solvers.

    Args:
        data: Folder of further measured data; without it districts are made of the bundled homes.
    """
    from backend.adapters.demo_data.networks import read_feeder
    from backend.services.benchmarks import phases

    feeder = read_feeder()
    assert feeder.profiles is not None
    return phases.bench_phases(feeder.network, feeder.profiles, _homes_year(data))


def _homes_year(data: Path | None) -> HomesYear:
    """Whole weeks of measured homes: half-hours of fifty where they are at hand, else hours of the bundled ones."""
    import numpy as np

    from backend.adapters.demo_data import read_homes
    from backend.adapters.demo_data.households import HOUSEHOLDS_FILE, read_households
    from backend.services.benchmarks.conformity_samples import HOUSEHOLDS_HALF_HOURS, HOUSEHOLDS_START_UTC
    from backend.services.benchmarks.phases import HomesYear

    file = data / HOUSEHOLDS_FILE if data else None
    if file and file.exists():
        name, step = "50 measured households", 1800
        energy = read_households(file, HOUSEHOLDS_START_UTC, HOUSEHOLDS_HALF_HOURS, known_min=0.95)
    else:
        name, step = "17 measured homes", 3600
        energy = read_homes().gross_loads()
    whole = energy.shape[1] // (7 * 86_400 // step) * (7 * 86_400 // step)
    return HomesYear(name, np.maximum(energy[:, :whole], 0) * (3.6 / step), step)


def bench_settlement(members: int) -> Benchmark:
    """Settle a month of a made community of that size, on the embedded chain in a home that is gone afterwards."""
    from backend.adapters.demo_data.large import write_large_community
    from backend.adapters.home import Home
    from backend.bootstrap import Wiring
    from backend.quantities import SettlementPeriod
    from backend.services.benchmarks import settlement
    from backend.verifier import verify

    month = SettlementPeriod.from_month("2017-06")
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        points, rows = write_large_community(files, members, month, month)
        wiring = Wiring(Home(Path(folder) / "home"), environment={})
        wiring.home.create()
        made = settlement.LargeInput(
            (files / "COMMUNITY.toml").read_text(encoding="utf-8"),
            files / "readings.csv",
            month,
            f"a month of {members:,} made members, {points:,} metering points, {rows:,} quarter-hours",
        )
        return settlement.bench_settlement(
            wiring.context, wiring.reader_for(), made, lambda bundle: verify(bundle, wiring.node.rpc).ok
        )


def bench_rehearsal(members: int) -> Benchmark:
    """Rehearse a year of a made community of that size, in a home that is gone afterwards."""
    from backend.adapters.demo_data.large import make_large_community, make_large_readings
    from backend.adapters.home import Home
    from backend.bootstrap import Wiring
    from backend.community import write_definition
    from backend.ports import ReadingLoad
    from backend.quantities import PeriodCalendar, SettlementPeriod
    from backend.services.benchmarks import rehearsal
    from backend.services.load_community import load_community

    year = SettlementPeriod(date(2017, 1, 1), date(2018, 1, 1))
    made = make_large_community(members)
    with tempfile.TemporaryDirectory() as folder:
        wiring = Wiring(Home(Path(folder)), environment={})
        wiring.home.create()
        load_community(wiring.context, write_definition(made), "COMMUNITY.toml")
        nothing, rows = "0x" + "00" * 32, 0
        calendar = PeriodCalendar(year, made.time_zone, made.resolution_minutes)
        for number, table in enumerate(make_large_readings(made, calendar)):
            load = ReadingLoad(f"made-{number}", made.id, 0, ("made",), nothing, nothing, len(table))
            wiring.intervals.add_readings(load, table)
            rows += len(table)
        points = len(made.metering_points)
        work = f"a year of {members:,} made members, {points:,} metering points, {rows:,} quarter-hours, by two rules"
        return rehearsal.bench_rehearsal(wiring.context, made.id, wiring.readings_cache, work)


def bench_invoices(count: int = 1_000) -> Benchmark:
    """Write the documents of a made run by all cores and by one process."""
    from functools import partial

    from backend.adapters.documents.invoice_folder import write_documents
    from backend.services.benchmarks import invoices

    with tempfile.TemporaryDirectory() as folder:
        alone = partial(write_documents, workers=1)
        return invoices.bench_invoices(count, write_documents, alone, Path(folder))


def bench_readings(readings: int, *, kill: bool = False) -> Benchmark:
    """Load readings of a thousand made meters, ask for them, take more by HTTP and MQTT; or kill the service."""
    from backend.services.benchmarks import reading_service
    from backend.services.benchmarks import readings as reading_bench

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wiring, served = _served_home(folder / "served")
        wiring.store.close()
        if kill:
            return reading_service.bench_kills(served, lambda: wiring.intervals)
        wiring, _ = _served_home(folder / "loaded")
        made = _make_readings(folder, served, readings)
        broker = _served_broker(folder)
        return reading_bench.bench_readings(wiring.context, wiring.reader_for(), made, served, broker)


def _served_home(folder: Path) -> tuple[Wiring, ServedHome]:
    """A home with a made community of a thousand points, and a device that may write to it."""
    import secrets

    from backend.adapters.demo_data.large import make_large_community
    from backend.adapters.home import Home
    from backend.bootstrap import Wiring
    from backend.community import write_definition
    from backend.services.benchmarks.reading_service import ServedHome
    from backend.services.devices import add_device
    from backend.services.load_community import load_community

    community = make_large_community(_MEMBERS_OF_THOUSAND_POINTS)
    wiring = Wiring(Home(folder), environment={})
    wiring.home.create()
    load_community(wiring.context, write_definition(community), "COMMUNITY.toml")
    _, token = add_device(wiring.store, wiring.clock, community.id, "bench", secrets.token_bytes)
    points = tuple(point.id for point in community.metering_points)
    return wiring, ServedHome(folder, community.id, points, token)


def _served_broker(folder: Path) -> ServedBroker | None:
    """A home that listens, with what its broker needs; None where there is no broker."""
    from backend.bootstrap.listening import broker_login, write_broker_files
    from backend.services.benchmarks.message_service import ServedBroker, find_broker

    if find_broker() is None:
        return None
    wiring, served = _served_home(folder / "listening")
    write_broker_files(wiring, folder / "broker")
    _write_certificate(folder / "broker")
    wiring.store.close()
    return ServedBroker(folder / "broker", served, broker_login(wiring))


def _write_certificate(folder: Path) -> None:
    """A certificate of ``localhost`` that signs itself, and its key."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "broker.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "broker.key").write_bytes(pem)


def _make_readings(folder: Path, served: ServedHome, readings: int) -> ReadingsInput:
    from datetime import timedelta

    from backend.adapters.demo_data.large import make_large_community, make_large_readings
    from backend.adapters.meter_files.generic_csv import write_generic_csv
    from backend.quantities import PeriodCalendar, SettlementPeriod
    from backend.services.benchmarks.readings import ReadingsInput

    first = date(2017, 6, 1)
    days = max(-(-readings // (96 * len(served.points))), 1)
    community = make_large_community(_MEMBERS_OF_THOUSAND_POINTS)
    calendar = PeriodCalendar(SettlementPeriod(first, first + timedelta(days=days)), community.time_zone, 15)
    rows = 0
    with (folder / "readings.csv").open("wb") as file:
        for table in make_large_readings(community, calendar):
            content = write_generic_csv(table)
            file.write(content if not rows else content.partition(b"\n")[2])
            rows += len(table)
    source = f"{rows:,} quarter-hours of {len(served.points):,} made meters from a file"
    work = f"{source}; then bodies of 1,000 by HTTP, of 100 by MQTT"
    month = SettlementPeriod.from_month("2017-06")
    return ReadingsInput(community.id, folder / "readings.csv", rows, month, folder, work)
