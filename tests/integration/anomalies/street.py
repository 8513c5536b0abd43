"""Six real homes, one with a roof, behind one feeder for 130 days: a meter dies, the roof, evenings go round one."""

import numpy as np

from backend.adapters.demo_data.homes import FIRST_HOUR_UTC, read_homes
from backend.adapters.home import Home
from backend.adapters.key_vault import draw_password
from backend.bootstrap import Wiring
from backend.metering import Quality, ReadingTable
from backend.ports.intervals import ReadingLoad
from backend.services.load_community import load_community
from backend.services.users import add_user

HOMES = (1, 2, 3, 4, 5, 6)
DAYS = 130
DEAD, PASSED_BY = "home-3", "home-5"
DEAD_DAYS = (110, 113)
PASSED_BY_DAYS = (104, 128)
ROOF, ROOF_DEAD_DAYS = "roof-6", (112, 118)
FIRST_UTC = FIRST_HOUR_UTC + 3600  # midnight of the source's clock in the zone below

DEFINITION = (
    """
[community]
id = "rue"
name = "Rue des Essais"
country = "none"
time_zone = "Etc/GMT+8"
currency = "EUR"
resolution_minutes = 60
vat_status = "liable"

[sharing_key]
method = "dynamic"

[tariff]
shared_price = "0.12"
residual_price = "0.25"
surplus_price = "0.06"
network_price = "0.045"
monthly_fee = "2.00"
vat_ppm = 200000

[[feeders]]
id = "trafo"
"""
    + "".join(
        f'\n[[participants]]\nid = "p{number}"\nname = "P{number}"\nheaders_consent = true\n'
        for number in HOMES
    )
    + "".join(
        f'\n[[metering_points]]\nid = "home-{number}"\nparticipant = "p{number}"\ndirection = "consumption"\n'
        for number in HOMES
    )
    + '\n[[metering_points]]\nid = "roof-6"\nparticipant = "p6"\ndirection = "feed_in"\nsource = "solar"\n'
)


def registered():
    """What the meters of points and of the feeder show, by series. Shape (hours,) each. [mWh]"""
    homes, hours = read_homes(), DAYS * 24
    true = homes.gross_loads()[[number - 1 for number in HOMES], :hours].astype(np.float64)
    roof = homes.production()[HOMES[-1] - 1, :hours].copy()
    roof[ROOF_DEAD_DAYS[0] * 24 : ROOF_DEAD_DAYS[1] * 24] = 0
    total = true.sum(axis=0)
    net = total + 0.02 * total**2 / total.mean() - roof
    shown = true.copy()
    row, (first, last) = HOMES.index(5), PASSED_BY_DAYS
    evening = np.isin(np.arange(hours) % 24, range(16, 23))
    evening[: first * 24] = evening[last * 24 :] = False
    shown[row, evening] *= 0.3
    shown[HOMES.index(3), DEAD_DAYS[0] * 24 : DEAD_DAYS[1] * 24] = 0
    series = {f"home-{number}": shown[place] for place, number in enumerate(HOMES)}
    series |= {"roof-6": roof, "trafo~drawn": np.maximum(net, 0), "trafo~given": np.maximum(-net, 0)}
    return {name: np.rint(values).astype(np.int64) for name, values in series.items()}


def make_street(folder):
    """A home with the street loaded, an operator and two members who may log in, and no settlement."""
    wiring = Wiring(Home(folder))
    wiring.home.create()
    load_community(wiring.context, DEFINITION, "rue.toml")
    series = registered()
    names, energy = tuple(series), np.concatenate(list(series.values()))
    starts = np.tile(FIRST_UTC + 3600 * np.arange(DAYS * 24, dtype=np.int64), len(names))
    point = np.repeat(np.arange(len(names), dtype=np.int32), DAYS * 24)
    quality = np.full(energy.size, Quality.MEASURED, dtype=np.uint8)
    table = ReadingTable(names, point, starts, energy, quality, 60)
    load = ReadingLoad(
        "0x" + "1" * 64, "rue", 1_500_000_000, ("a.csv",), "0x" + "2" * 64, "0x" + "3" * 64, energy.size
    )
    wiring.intervals.add_readings(load, table)
    passwords = {}
    for login, role, participant in (
        ("operator@rue", "operator", ""),
        ("p3@rue", "member", "p3"),
        ("p1@rue", "member", "p1"),
    ):
        _, passwords[login] = add_user(
            wiring.store, login, [role], community="rue", participant=participant, draw_password=draw_password
        )
    wiring.store.close()
    (folder / "passwords.txt").write_text("\n".join(f"{login} {word}" for login, word in passwords.items()))
