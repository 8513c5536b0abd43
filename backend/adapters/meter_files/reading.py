"""Any meter file to readings: opened, recognised, read, assembled; all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from backend.adapters.meter_files.archives import DAMAGES, BombError, Bounds, open_files
from backend.adapters.meter_files.assembling import Assembly
from backend.adapters.meter_files.detection import detect_format, find_format
from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.formats import ReadOptions, SourceFile
from backend.errors import ReadingsError
from backend.metering.findings import Severity
from backend.metering.joining import join_tables
from backend.metering.known_points import KnownPoints
from backend.ports.meter_files import MeterFileContents

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from backend.adapters.meter_files.formats import MeterFormat
    from backend.metering import Finding, ReadingTable
    from backend.metering.source_series import SeriesRole

__all__ = ["AUTO", "MeterFiles"]

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class MeterFiles:
    """Reads meter files of one format or, by their content, of any.

    Attributes:
        file_format: A format's name, or ``auto``.
        options: What the files do not say.
        bounds: How much a compressed file may hold.
    """

    file_format: str = AUTO
    options: ReadOptions = field(default_factory=ReadOptions)
    bounds: Bounds = field(default_factory=Bounds)

    def __call__(
        self, path: Path, *, known_points: AbstractSet[str] | None, resolution_minutes: int | None
    ) -> tuple[ReadingTable, list[Finding]]:
        """The readings of a file, as ``backend.ports.MeterFileReader`` says.

        Raises:
            ReadingsError: With a finding per fault; also where the file has no reading at all.
            InputError: If there is no such format.
        """
        found = self.contents(path, known_points=known_points, resolution_minutes=resolution_minutes)
        if not len(found.table):
            raise _without_readings(path.name, found)
        return found.table, list(found.findings)

    def loadable(
        self, path: Path, *, known_points: AbstractSet[str] | None, resolution_minutes: int | None
    ) -> MeterFileContents:
        """What of a file can be kept, as ``backend.ports.MeterFileContentsReader`` says.

        Raises:
            ReadingsError: With a finding per fault; also where there is neither a reading nor a register read.
            InputError: If there is no such format.
        """
        found = self.contents(path, known_points=known_points, resolution_minutes=resolution_minutes)
        if not len(found.table) and not found.registers:
            raise _without_readings(path.name, found)
        return found

    def contents(
        self, path: Path, *, known_points: AbstractSet[str] | None, resolution_minutes: int | None
    ) -> MeterFileContents:
        """All that a file says, as ``backend.ports.MeterFileContentsReader`` says.

        Raises:
            ReadingsError: With a finding per fault.
            InputError: If there is no such format.
        """
        chosen = None if self.file_format == AUTO else find_format(self.file_format)
        faults = FaultCollector(path.name)
        sources = open_files(path, faults, self.bounds)
        faults.stop_if_refused()
        demand = _Demand(known_points, resolution_minutes, self._options(known_points, resolution_minutes))
        parts: list[MeterFileContents] = []
        findings: list[Finding] = []
        refused: list[ReadingsError] = []
        for source in sources:
            name = path.name if len(sources) == 1 else f"{path.name}/{source.name}"
            try:
                parts.append(_read_source(source, chosen, demand, FaultCollector(name)))
                findings.extend(parts[-1].findings)
            except ReadingsError as error:
                refused.append(error)
                findings.extend(error.findings)
        if refused:
            raise ReadingsError(str(refused[0]), findings)
        return _join(parts, findings)

    def _options(self, known: AbstractSet[str] | None, resolution_minutes: int | None) -> ReadOptions:
        """A community's own zone and step stand in for what nobody said of the file."""
        zone = known.time_zone if isinstance(known, KnownPoints) and known.time_zone else None
        return replace(
            self.options,
            time_zone=self.options.time_zone or zone,
            resolution_minutes=self.options.resolution_minutes or resolution_minutes,
        )


@dataclass(frozen=True, slots=True)
class _Demand:
    """What the caller wants of every file."""

    known: AbstractSet[str] | None
    resolution_minutes: int | None
    options: ReadOptions


def _read_source(
    source: SourceFile, chosen: MeterFormat | None, demand: _Demand, faults: FaultCollector
) -> MeterFileContents:
    """One file, or one member of an archive."""
    form = chosen or detect_format(source, faults, mapped=demand.options.mapping is not None)
    faults.stop_if_refused()
    assert form is not None, "a file without format is refused"
    assembly = Assembly(faults, demand.known, demand.resolution_minutes, demand.options.time_zone or "")
    try:
        if form.read_table is not None:
            table, findings = form.read_table(source, faults, demand.known, demand.resolution_minutes)
            return MeterFileContents(table, {}, (), tuple(findings))
        assembly.take(form.read(source, demand.options, faults))
    except BombError as error:
        faults.refuse("too-large", str(error))
    except DAMAGES as error:
        faults.refuse("truncated", f"the compressed file is cut off or damaged ({error}); fetch it again.")
    faults.stop_if_refused()
    return assembly.finish()


def _without_readings(name: str, found: MeterFileContents) -> ReadingsError:
    """The refusal of a file of which no reading came, with all that was found in it."""
    others = [
        f"{len(found.registers):,} register read{'s' * (len(found.registers) != 1)}"
        if found.registers
        else "",
        *(f"series of the role {role.value}" for role in found.shares),
    ]
    has = " and ".join(filter(None, others))
    aside = [finding.message for finding in found.findings if finding.severity is not Severity.REFUSED]
    but = f"; it has {has}" if has else f": {aside[0].rstrip('.')}" if aside else ""
    elsewhere = any(finding.rule == "other-direction" for finding in found.findings)
    advice = (
        "Add the metering point of that direction" if elsewhere else "Ask for the load curve of its intervals"
    )
    faults = FaultCollector(name)
    faults.refuse("no-readings", f"there is no interval reading to take in the file{but}. {advice}.")
    try:
        faults.stop_if_refused()
    except ReadingsError as error:
        return ReadingsError(str(error), [*error.findings, *found.findings])
    raise AssertionError("a refusal refuses")


def _join(parts: list[MeterFileContents], findings: list[Finding]) -> MeterFileContents:
    """The contents of an archive's files as one; of the same reading the later file's stays."""
    if len(parts) == 1:
        return parts[0]
    by_role: dict[SeriesRole, list[ReadingTable]] = {}
    for part in parts:
        for role, table in part.shares.items():
            by_role.setdefault(role, []).append(table)
    tables = [part.table for part in parts if len(part.table)] or [parts[0].table]
    return MeterFileContents(
        table=join_tables(tables),
        shares={role: join_tables(given) for role, given in by_role.items()},
        registers=tuple(read for part in parts for read in part.registers),
        findings=tuple(findings),
    )
