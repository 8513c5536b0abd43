"""A small community in France, a month with a clock change, made of plain figures: quick to settle."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.quantities import SettlementPeriod
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.settle_period import settle_period
from tests.prepared import copy_prepared

MONTH = SettlementPeriod.from_month("2024-03")
ZONE = ZoneInfo("Europe/Paris")

DEFINITION = """
[community]
id = "toits"
name = "Toits du Rhône"
country = "FR"
time_zone = "Europe/Paris"
currency = "EUR"
resolution_minutes = 60
vat_status = "liable"

[sharing_key]
method = "dynamic"

[tariff]
shared_price = "0.12"
residual_price = [
  { from = "00:00", to = "06:00", price = "0.16" },
  { from = "06:00", to = "24:00", price = "0.25" },
]
surplus_price = "0.06"
network_price = "0.045"
monthly_fee = "2.00"
vat_ppm = 200000

[[participants]]
id = "ada"
name = "Ada"
headers_consent = true

[[participants]]
id = "ben"
name = "Ben"
vat_status = "liable"
headers_consent = true

[[participants]]
id = "cleo"
name = "Cleo"
headers_consent = true

[[metering_points]]
id = "ada-load"
participant = "ada"
direction = "consumption"

[[metering_points]]
id = "ben-load"
participant = "ben"
direction = "consumption"

[[metering_points]]
id = "ben-solar"
participant = "ben"
direction = "feed_in"
source = "solar"

[[metering_points]]
id = "cleo-load"
participant = "cleo"
direction = "consumption"
valid_from = "2024-03-11"
"""


def readings_csv(scale=1, without=(), span=MONTH):
    """The hours of a month; ``scale`` multiplies consumption, points in ``without`` are left out."""
    first = datetime.combine(span.first, time(), ZONE).astimezone(UTC)
    until = datetime.combine(span.until, time(), ZONE).astimezone(UTC)
    rows = ["metering_point,start,resolution_minutes,energy_kwh,quality"]
    hour = first
    while hour < until:
        local = hour.astimezone(ZONE)
        sun = max(0, 6 - abs(local.hour - 12))
        figures = {
            "ada-load": scale * (0.2 + 0.037 * (local.hour % 7)),
            "ben-load": scale * (0.1 + 0.011 * (local.day % 5)),
            "ben-solar": 0.31 * sun,
            "cleo-load": scale * 0.25,
        }
        rows += [
            f"{point},{hour.isoformat()},60,{energy:.6f},measured"
            for point, energy in figures.items()
            if point not in without
        ]
        hour += timedelta(hours=1)
    return "\n".join(rows) + "\n"


def open_home(folder):
    wiring = Wiring(Home(folder))
    wiring.home.create()
    return wiring


def load_and_settle(wiring, csv=None, definition=DEFINITION, **options):
    """All of the main job, in any state of the home."""
    file = wiring.home.files / "readings.csv"
    file.write_text(csv or readings_csv())
    load_community(wiring.context, definition, "toits.toml")
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")
    return settle_period(wiring.context, "toits", MONTH, **options)


def _make_settled(folder, csv, definition):
    wiring = open_home(folder)
    load_and_settle(wiring, csv, definition)
    wiring.store.close()


def copy_settled(folder, csv=None, definition=DEFINITION):
    """What ``load_and_settle`` leaves in a new home, copied: for tests of what comes after."""
    copy_prepared(folder, _make_settled, csv, definition)
    return open_home(folder)


def take_settled(wiring, csv=None, definition=DEFINITION):
    """Fill a home that nobody has looked into yet with what ``load_and_settle`` leaves; returns the run."""
    assert not wiring.home.database.exists()
    assert not wiring.home.chain.exists()
    copy_prepared(wiring.home.root, _make_settled, csv, definition)
    with wiring.store.reading() as records:
        return records.runs("toits", MONTH.id)[-1]
