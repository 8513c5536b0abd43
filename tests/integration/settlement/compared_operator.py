"""An operator's file of the street's month, made of our own allocation with whatever fault a test plants."""

import numpy as np

from backend.adapters.meter_files.allocation_csv import COLUMNS
from backend.services.operator_allocation import load_allocations
from backend.services.point_rows import instant_text

HEADER = ",".join(COLUMNS)


def settled_rows(wiring, month, community="toits"):
    """(point, instant) -> [energy, part, feeds in] of the run in force."""
    with wiring.store.reading() as records:
        record = records.period(community, month.id)
        run = records.runs(community, month.id)[-1]
    members = wiring.context.community(community).community
    from backend.quantities import PeriodCalendar

    calendar = PeriodCalendar(record.span, members.time_zone, members.resolution_minutes)
    frame = wiring.intervals.allocation(community, month.id, run.version)
    day = np.repeat(np.arange(record.days), calendar.intervals_per_day)
    rows = {}
    for term in record.terms:
        slot = term["slot"]
        for place, start in enumerate(calendar.starts_utc()):
            if term["from_day"] <= day[place] < term["until_day"]:
                energy, part = int(frame.energy[slot, place]), int(frame.allocated[slot, place])
                rows[term["point"], start] = [energy, part, term["direction"] == 1]
    return rows


def csv_of(rows, decimals=6, minutes=60):
    """In the form of ``partage allocate``, rounded to some decimals; what is left is what then remains."""
    lines = [HEADER]
    for (point, start), (energy, part, feeds_in) in rows.items():
        step = 10 ** (6 - decimals)
        given = (2 * part + step) // (2 * step) * step
        words = [f"{value // 1_000_000}.{value % 1_000_000:06d}" for value in (given,)]
        told = "" if energy is None else f"{energy // 1_000_000}.{energy % 1_000_000:06d}"
        figures = f"{told},{words[0]},"
        cells = f",,,{figures}" if feeds_in else f"{figures},,,"
        lines.append(f"{point},{instant_text(start)},{minutes},{cells}")
    return "\n".join(lines) + "\n"


def load(wiring, text, name="operator.csv", community="toits"):
    file = wiring.home.files / name
    file.write_text(text)
    return load_allocations(wiring.context, wiring.read_allocations, community, file)
