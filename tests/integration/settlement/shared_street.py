"""A street with two roofs: the small community and a neighbour that feeds in too, whatever its sharing key."""

import re

from backend.services.bundles import bills_of
from tests.integration.settlement.small_community import DEFINITION, MONTH, readings_csv

COEFFICIENTS = 'coefficients_ppm = { "ada-load" = 500000, "ben-load" = 200000, "cleo-load" = 250000 }'
KEYS = {
    "dynamic": "",
    "static": COEFFICIENTS,
    "equal": "",
    "static_cascade": COEFFICIENTS,
    "hybrid": COEFFICIENTS,
    "pairwise": 'pairs_ppm = { "ben-solar" = { "ada-load" = 300000, "cleo-load" = 700000 }, '
    '"dora-solar" = { "ada-load" = 999999 } }',
    "priority": 'tiers = [{ method = "static_cascade", points = ["ada-load", "cleo-load"] }, { method = "dynamic" }]\n'
    'coefficients_ppm = { "ada-load" = 400000, "cleo-load" = 300000 }',
    "flow": 'links = { own_first = true, preferences = [["ada-load", "dora-solar"]], '
    'donations = [["ben-solar", "cleo-load"]], costs = ["distance"] }',
    "incentive": "",
}
OWNED = {"static": KEYS["static"], "equal": ""}
PRODUCER_KEY = 'producer_coefficients_ppm = { "ben-solar" = 900000, "dora-solar" = 100000 }'

_DORA = """
[[participants]]
id = "dora"
name = "Dora"
headers_consent = true

[[metering_points]]
id = "dora-solar"
participant = "dora"
direction = "feed_in"
source = "solar"
"""


def street(method, parameters="", tariff=""):
    """The community file with a key; ``tariff`` is added to its prices, or replaces them."""
    text = DEFINITION.replace('method = "dynamic"', f'method = "{method}"\n{parameters}') + _DORA
    if method == "incentive":
        text = text.replace('country = "FR"', 'country = "none"')  # it is no French key
    for line in tariff.splitlines():
        name = line.split("=")[0].strip()
        text, found = re.subn(rf"^{name} = .*$", line, text, flags=re.MULTILINE)
        if not found:
            text = text.replace("[tariff]", f"[tariff]\n{line}")
    return text


def street_csv(scale=1):
    """Readings of the street: the neighbour's roof looks west."""
    rows = readings_csv(scale).splitlines()
    west = []
    for row in rows[1:]:
        point, start, minutes, energy, quality = row.split(",")
        if point == "ben-solar":
            shaded = max(0.0, float(energy) - 0.155) * 0.37
            west.append(f"dora-solar,{start},{minutes},{shaded:.6f},{quality}")
    return "\n".join([*rows, *west]) + "\n"


def participants_of(wiring):
    _, bills = bills_of(wiring.context, "toits", MONTH)
    return [bill.participant for bill in bills]
