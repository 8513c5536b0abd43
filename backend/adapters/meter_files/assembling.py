"""A file's series to a table: matched with metering points, brought to one step, registers added, repetitions told."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.adapters.meter_files.register_matching import match_registers
from backend.adapters.meter_files.repeated_rows import RepeatedRows, show_instant, tell_repeated
from backend.adapters.meter_files.series_buffers import SeriesBuffer, SourceWords, refuse_unknown_point
from backend.metering.known_points import KnownPoints, Tenure, pure_id
from backend.metering.local_time import utc_offset
from backend.metering.readings import ReadingTable
from backend.metering.resampling import Intervals, add_channels, resample
from backend.metering.source_series import RegisterRead, SeriesName, SeriesRole, SourceBlock
from backend.ports.meter_files import MeterFileContents

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["Assembly"]

_HOUR = 3600
_ZONE_GRAIN = 900  # every offset from UTC in force is a multiple of a quarter-hour
_LAST_UTC = 7_258_118_400  # 2200-01-01
_SERIES_MAX = 200_000
_REGISTERS_MAX = 5_000_000

# A point's readings, ready for the table, and the lines that they stood on.
_Pointed = tuple[str, Intervals]


class Assembly:
    """Gathers what a reader yields.

    Args:
        faults: Takes what is found.
        known: Points that may occur; None for any, which are then called by ``pure_id``.
        resolution_minutes: Demanded step; None for the least common multiple of the file's. [min]
        time_zone: Of the grid of steps, empty where unknown.
    """

    def __init__(
        self,
        faults: FaultCollector,
        known: AbstractSet[str] | None,
        resolution_minutes: int | None,
        time_zone: str = "",
    ) -> None:
        self._faults = faults
        self._known = known if known is None or isinstance(known, KnownPoints) else KnownPoints.of_ids(known)
        self._demanded = resolution_minutes
        self._zone = ZoneInfo(time_zone) if time_zone else None
        self._words = SourceWords()
        self._series: dict[SeriesName, SeriesBuffer] = {}
        self._registers: list[RegisterRead] = []
        self._full = False

    def take(self, items: Iterable[SourceBlock | RegisterRead]) -> None:
        """Take all that a reader yields; stops where the file is past all bounds."""
        for item in items:
            if isinstance(item, RegisterRead):
                self._registers.append(item)
                if len(self._registers) > _REGISTERS_MAX:
                    self._stop(f"the file has more than {_REGISTERS_MAX:,} register reads; split it.")
            else:
                self._take_block(item)
            if self._full:
                return

    def finish(self) -> MeterFileContents:
        """Match, resample, add and check.

        Raises:
            ReadingsError: If anything was refused.
        """
        roles = {name.role for name in self._series}
        # Roles of one point share its step, so that its allocation can be laid beside its consumption.
        step = self._step()
        tables = {role: self._table(role, step) for role in sorted(roles, key=lambda role: role.value)}
        numbers = {(name.external_id, name.direction) for name in self._series}
        registers = match_registers(self._registers, self._known, self._faults, numbers)
        self._faults.stop_if_refused()
        measured = tables.pop(SeriesRole.MEASURED, None)
        if measured is None:
            measured = self._table(SeriesRole.MEASURED, step)
        return MeterFileContents(measured, tables, registers, tuple(self._faults.told()))

    def _stop(self, message: str) -> None:
        self._faults.refuse("too-large", message)
        self._full = True

    def _take_block(self, block: SourceBlock) -> None:
        assert len(block.seconds) == len(block.energy) == len(block.quality) == len(block), "one length"
        assert len(block.code) == len(block.line) == len(block), "one length"
        assert not len(block) or int(block.energy.min()) >= 0, "energy is never negative"
        if len(block) and not (int(block.start_utc.min()) >= 0 and int(block.start_utc.max()) < _LAST_UTC):
            self._faults.refuse(
                "instant",
                f"{block.series.external_id} has an interval outside the years 1970 to 2199.",
                line=int(block.line[0]),
                metering_point=block.series.external_id,
            )
            return
        buffer = self._series.get(block.series)
        if buffer is None:
            buffer = self._series[block.series] = SeriesBuffer(block.series)
        if len(self._series) > _SERIES_MAX:
            self._stop(f"the file has more than {_SERIES_MAX:,} series; split it.")
            return
        if not self._words.is_sound(block.codes):
            self._stop("the file has a quality code of more than 200 characters; is a column misnamed?")
            return
        buffer.append(block, self._words.translate(block.code, block.codes))
        reason = self._words.why_refused()
        if reason:
            self._stop(reason)

    # steps

    def _step(self) -> int:
        """The table's step, noted where the file has others. [s]"""
        steps: set[int] = set()
        for buffer in self._series.values():
            rows, line = buffer.rows(())
            found = set(np.unique(rows.seconds).tolist())
            for seconds in sorted(found):
                if not 0 < seconds <= _HOUR or _HOUR % seconds or seconds % 60:
                    self._refuse_step(buffer.name, seconds, int(line[rows.seconds == seconds][0]))
                else:
                    steps.add(seconds)
        step = self._demanded * 60 if self._demanded is not None else math.lcm(*steps) if steps else 0
        others = sorted(steps - {step})
        if others:
            texts = " and ".join(f"{seconds // 60}" for seconds in others)
            divided = others[-1] > step
            how = "longer ones divided, which makes them estimates" if divided else "added"
            tell = self._faults.warn if divided else self._faults.note
            tell(
                "resampled",
                f"the file has readings of {texts} minutes; they were brought to {step // 60} minutes ({how}).",
            )
        return step

    def _refuse_step(self, name: SeriesName, seconds: int, line: int) -> None:
        if seconds > _HOUR:
            message = (
                f"{name.external_id} has values over {_words_of(seconds)}: such totals are no interval readings; ask "
                "for the load curve of at most an hour's step."
            )
        else:
            message = f"{name.external_id} has intervals of {seconds} s; a step is whole minutes that divide the hour."
        self._faults.refuse("step", message, line=line, metering_point=name.external_id, value=f"{seconds} s")

    def _phase(self, rows: Intervals, step: int) -> int:
        """Where the grid of steps begins in UTC: at whole steps of the wall clock, or of the file's own. [s]"""
        if self._zone is not None:
            return -utc_offset(self._zone, int(rows.start_utc[0])) % step
        long = rows.seconds >= step
        return int(rows.start_utc[int(np.argmax(long))]) % step if long.any() else 0

    # points

    def _table(self, role: SeriesRole, step: int) -> ReadingTable:
        pointed: list[_Pointed] = []
        if not self._faults.refused:
            points: dict[tuple[str, int], list[SeriesBuffer]] = {}
            for name, buffer in self._series.items():
                if name.role is role and len(buffer):
                    points.setdefault((name.external_id, name.direction), []).append(buffer)
            for key in list(points):
                pointed += self._point(*key, points.pop(key), step)
        return self._join(pointed, step)

    def _point(
        self, external_id: str, direction: int, buffers: list[SeriesBuffer], step: int
    ) -> list[_Pointed]:
        """The readings of one point and direction."""
        if self._known is None:
            name = pure_id(external_id, direction)
            names = [name, *(f"{external_id}-{buffer.name.channel}" for buffer in buffers[1:])]
            return [
                (name, rows)
                for name, buffer in zip(names, buffers, strict=True)
                if (rows := self._series_rows(buffer, step, name)) is not None
            ]
        tenures = self._known.match(external_id, direction)
        if not tenures:
            self._leave_aside(external_id, buffers)
            return []
        series = [rows for buffer in buffers if (rows := self._series_rows(buffer, step, tenures[0].point))]
        if not series:
            return []
        if len(series) > 1:
            channels = " and ".join(buffer.name.channel or "one without name" for buffer in buffers)
            self._faults.note(
                "registers-added",
                f"{external_id} has several registers of one direction ({channels}); they were added.",
                metering_point=tenures[0].point,
            )
        return self._split(add_channels(series), tenures)

    def _leave_aside(self, external_id: str, buffers: list[SeriesBuffer]) -> None:
        assert self._known is not None
        count = sum(map(len, buffers))
        line = int(buffers[0].rows(())[1].min())
        if not self._known.names(external_id):
            refuse_unknown_point(self._faults, external_id, count, line, self._known.all_names())
            return
        other = pure_id("", buffers[0].name.direction).lstrip("-") or "consumption"
        self._faults.warn(
            "other-direction",
            f"{external_id} has readings of {other} ({count} rows), but the community has no such metering point; they "
            "were left aside.",
            line=line,
            metering_point=external_id,
        )

    def _series_rows(self, buffer: SeriesBuffer, step: int, point: str) -> Intervals | None:
        """A series sorted, without repetitions, of the demanded step; None where it was refused."""
        rows, line = buffer.rows(self._words.words)
        one = np.zeros(len(rows), np.int32)
        before = self._faults.refused
        repeated = RepeatedRows(line, one, rows.start_utc, rows.energy, rows.quality)
        keep = tell_repeated(repeated, [point], int(rows.seconds[0]), self._faults)
        if keep is not None:
            rows, line = _take(rows, keep), line[keep]
        self._refuse_overlaps(rows, line, point)
        self._refuse_off_grid(rows, line, point)
        if self._faults.refused > before:
            return None
        found = resample(rows, step, self._phase(rows, step))
        if len(found.incomplete_utc):
            first = int(found.incomplete_utc[0])
            self._faults.warn(
                "incomplete-step",
                f"{point} has only a part of {len(found.incomplete_utc)} intervals of {step // 60} minutes, the first "
                f"at {show_instant(first)}; they were left out.",
                metering_point=point,
                start_utc=first,
            )
        kept = found.intervals
        code = self._words.translate(kept.code, kept.codes)
        return replace(kept, code=code, codes=self._words.words)

    def _refuse_overlaps(self, rows: Intervals, line: NDArray[np.int64], point: str) -> None:
        end = rows.start_utc + rows.seconds
        overlapping = np.flatnonzero(rows.start_utc[1:] < end[:-1]) + 1
        told = overlapping[: self._faults.room]
        self._faults.count(refused=len(overlapping) - len(told))
        for row in told.tolist():
            start = int(rows.start_utc[row])
            self._faults.refuse(
                "overlap",
                f"{point} has an interval from {show_instant(start)} that begins before the one of "
                f"{rows.seconds[row - 1] // 60} minutes from {show_instant(int(rows.start_utc[row - 1]))} ends; "
                "keep one.",
                line=int(line[row]),
                metering_point=point,
                start_utc=start,
                end_utc=int(end[row]),
            )

    def _refuse_off_grid(self, rows: Intervals, line: NDArray[np.int64], point: str) -> None:
        grain = np.gcd(rows.seconds, _ZONE_GRAIN)
        off = np.flatnonzero(rows.start_utc % grain != 0)
        told = off[: self._faults.room]
        self._faults.count(refused=len(off) - len(told))
        for row in told.tolist():
            start = int(rows.start_utc[row])
            self._faults.refuse(
                "off-grid",
                f"{point} has an interval of {rows.seconds[row] // 60} minutes from {show_instant(start)} "
                f"(second {start % 60}); an interval starts on a multiple of its step.",
                line=int(line[row]),
                metering_point=point,
                start_utc=start,
            )

    @staticmethod
    def _split(rows: Intervals, tenures: tuple[Tenure, ...]) -> list[_Pointed]:
        """A series to the members who had the meter one after the other."""
        begins = np.array([tenure.from_utc for tenure in tenures[1:]], np.int64)
        owner = np.searchsorted(begins, rows.start_utc, side="right")
        return [(tenure.point, _take(rows, owner == place)) for place, tenure in enumerate(tenures)]

    def _join(self, pointed: list[_Pointed], step: int) -> ReadingTable:
        """One table, sorted by point and time."""
        names = sorted({name for name, rows in pointed if len(rows)})
        place = {name: index for index, name in enumerate(names)}
        parts = sorted((part for part in pointed if len(part[1])), key=lambda part: place[part[0]])
        point = np.concatenate(
            [np.full(len(rows), place[name], np.int32) for name, rows in parts] or [_NO_INT32]
        )
        start = np.concatenate([rows.start_utc for _, rows in parts] or [_NO_INT64])
        energy = np.concatenate([rows.energy for _, rows in parts] or [_NO_INT64])
        quality = np.concatenate([rows.quality for _, rows in parts] or [_NO_UINT8])
        code = np.concatenate(
            [self._words.translate(rows.code, rows.codes) for _, rows in parts] or [_NO_INT32]
        )
        if len(parts) > len(names):  # two numbers of one point
            order = np.lexsort((start, point))
            point, start, energy = point[order], start[order], energy[order]
            quality, code = quality[order], code[order]
            rows = RepeatedRows(np.zeros(len(point), np.int64), point, start, energy, quality)
            keep = tell_repeated(rows, names, step, self._faults)
            if keep is not None:
                point, start, energy = point[keep], start[keep], energy[keep]
                quality, code = quality[keep], code[keep]
        said = len(self._words.words) > 1
        return ReadingTable(
            metering_points=tuple(names),
            point=point,
            start_utc=start,
            energy=energy,
            quality=quality,
            resolution_minutes=step // 60,
            code=code if said else None,
            codes=self._words.words if said else (),
        )


_NO_INT64 = np.empty(0, np.int64)
_NO_INT32 = np.empty(0, np.int32)
_NO_UINT8 = np.empty(0, np.uint8)


def _take(rows: Intervals, mask: NDArray[np.bool_]) -> Intervals:
    return Intervals(
        rows.start_utc[mask],
        rows.seconds[mask],
        rows.energy[mask],
        rows.quality[mask],
        rows.code[mask],
        rows.codes,
    )


def _words_of(seconds: int) -> str:
    days = seconds // 86_400
    return (f"{days} days" if days > 1 else "a day") if seconds % 86_400 == 0 else f"{seconds // 60} minutes"
