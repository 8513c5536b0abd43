"""Whole quantities: energy, money, prices, civil time, and the one home of rounding.

Energy is int64 milliwatt-hours [mWh], money int64 micro-euro [µEUR] or whole cents on bills, prices micro-euro per
kilowatt-hour [µEUR/kWh], coefficients parts per million [ppm]. Instants are UTC seconds since 1970; periods are civil
dates in the community's time zone, so that a day holds 23, 24 or 25 hours. No float touches settled energy or money.
"""

from backend.quantities.apportionment import apportion_exactly
from backend.quantities.energy import (
    MILLIWATT_HOURS_PER_KILOWATT_HOUR,
    format_kilowatt_hours,
    parse_kilowatt_hours,
)
from backend.quantities.money import (
    format_cents,
    format_price,
    parse_cents,
    parse_price,
    price_energy_cents,
)
from backend.quantities.periods import PeriodCalendar, SettlementPeriod
from backend.quantities.rounding import (
    PARTS_PER_MILLION,
    divide_half_away,
    multiply_divide_down,
)

__all__ = [
    "MILLIWATT_HOURS_PER_KILOWATT_HOUR",
    "PARTS_PER_MILLION",
    "PeriodCalendar",
    "SettlementPeriod",
    "apportion_exactly",
    "divide_half_away",
    "format_cents",
    "format_kilowatt_hours",
    "format_price",
    "multiply_divide_down",
    "parse_cents",
    "parse_kilowatt_hours",
    "parse_price",
    "price_energy_cents",
]
