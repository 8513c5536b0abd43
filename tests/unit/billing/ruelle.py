"""La Ruelle, the golden community of two neighbours and one roof, billed for one day."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np

from backend.allocation import allocate_period, sharing_key
from backend.billing import (
    GridCarbon,
    SharedPeriod,
    ValueTerms,
    bands_of,
    bill_period,
    link_period,
    value_period,
)
from backend.community import read_definition
from backend.metering import PeriodReadings, Quality
from backend.quantities import PeriodCalendar, SettlementPeriod, parse_kilowatt_hours

CASE = Path(__file__).resolve().parents[2] / "golden" / "bill_ruelle"


class Ruelle:
    """The community with a tariff that tests may change, and its bills."""

    def __init__(self, **changes):
        text = (CASE / "COMMUNITY.toml").read_text()
        self.community = read_definition(text, "COMMUNITY.toml")
        rule = self.community.rule
        self.rule = replace(rule, tariff=replace(rule.tariff, **changes))
        period = SettlementPeriod(date(2017, 6, 1), date(2017, 6, 2))
        self.calendar = PeriodCalendar(period, self.community.time_zone, 60)
        self.slots = {point.id: slot for slot, point in enumerate(self.community.metering_points)}
        self.readings = self._readings()
        directions = [point.direction for point in self.community.metering_points]
        key = sharing_key(self.rule.sharing_key, self.slots)
        self.allocation = allocate_period(self.readings, directions, key)
        self.allocated = self.allocation.allocated

    def _readings(self):
        shape = (len(self.slots), self.calendar.interval_count)
        energy, quality = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.uint8)
        with (CASE / "readings.csv").open() as file:
            for row in csv.DictReader(file):
                start = int(datetime.fromisoformat(row["start"]).timestamp())
                place = self.slots[row["metering_point"]], self.calendar.index_of(start)
                energy[place] = parse_kilowatt_hours(row["energy_kwh"])
                quality[place] = Quality[row["quality"].upper()]
        active = np.ones((len(self.slots), 1), dtype=bool)
        return PeriodReadings(self.calendar, energy, quality, np.zeros(shape, dtype=np.uint8), active)

    def terms(self):
        seats = {"anna": 0, "bob": 1}
        return [
            {
                "slot": slot,
                "point": point.id,
                "seat": seats[point.participant],
                "direction": point.direction.name.lower(),
                "vat_class": {"anna": 0, "bob": 2}[point.participant],
            }
            for slot, point in enumerate(self.community.metering_points)
        ]

    def grid(self):
        intensity = np.where(np.arange(24) < 12, 400_000, 200_000).astype(np.int64)
        return GridCarbon("a national average", intensity)

    def shared(self):
        bands = bands_of(self.calendar, self.rule.tariff)
        terms = ValueTerms.of(self.rule, self.terms(), self.slots, bands, len(self.slots))
        values = value_period(self.allocation, terms)
        links = link_period(self.allocation, values, terms)
        return SharedPeriod(self.allocated, self.allocation.credited, values, links)

    def bill(self, shared=None, **arguments):
        given = {"rule": self.rule, "rule_version": 1, "grid": self.grid()} | arguments
        return bill_period(self.community, self.terms(), self.readings, shared or self.shared(), **given)
