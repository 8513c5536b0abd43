"""A community of three homes and two roofs, and a text of every sharing key."""

from __future__ import annotations

MEMBERS = """\

[[participants]]
id = "anna"
name = "Anna"

[[participants]]
id = "bob"
name = "Bob"
vat_status = "liable"

[[participants]]
id = "cleo"
name = "Cléo"

[[metering_points]]
id = "anna-load"
participant = "anna"
direction = "consumption"

[[metering_points]]
id = "bob-load"
participant = "bob"
direction = "consumption"

[[metering_points]]
id = "bob-roof"
participant = "bob"
direction = "feed_in"

[[metering_points]]
id = "cleo-load"
participant = "cleo"
direction = "consumption"

[[metering_points]]
id = "cleo-roof"
participant = "cleo"
direction = "feed_in"
"""

TARIFF = """\
shared_price = "0.12"
residual_price = "0.25"
surplus_price = "0.06"
network_price = "0.045"
"""

KEYS = {
    "dynamic": 'method = "dynamic"\nproducer_coefficients_ppm = { "bob-roof" = 700000, "cleo-roof" = 1 }',
    "static": 'method = "static"\nsurplus_owner = "consumer"\n'
    'coefficients_ppm = { "anna-load" = 600000, "cleo-load" = 400000 }',
    "equal": 'method = "equal"\nsurplus_owner = "consumer"',
    "static_cascade": 'method = "static_cascade"\ncoefficients_ppm = { "bob-load" = 1000000 }',
    "hybrid": 'method = "hybrid"\ncoefficients_ppm = { "anna-load" = 1 }',
    "scheduled": 'method = "scheduled"\nschedule = "after"\nsurplus_owner = "consumer"',
    "pairwise": 'method = "pairwise"\npairs_ppm = { "cleo-roof" = { "anna-load" = 500000, "cleo-load" = 500000 }, '
    '"bob-roof" = { "bob-load" = 1000000 } }',
    "priority": 'method = "priority"\ntiers = [{ method = "static", points = ["bob-load"] }, '
    '{ method = "equal", points = ["anna-load"] }, { method = "dynamic" }]\ncoefficients_ppm = { "bob-load" = 500000 }',
    "flow": 'method = "flow"\n\n[sharing_key.links]\nown_first = false\nfairness_steps = 4\n'
    'preferences = [["anna-load", "cleo-roof"], ["anna-load", "bob-roof"]]\ndonations = [["cleo-roof", "anna-load"]]\n'
    'caps = [{ producer = "bob-roof", consumer = "cleo-load", max_power_watts = 0 }]\ncosts = ["phase", "distance"]',
    "incentive": 'method = "incentive"',
}
PREMIUMS = 'premium_consumption_price = "0.11"\npremium_feed_in_price = "0.119"\n'


def text_of(method="dynamic", *, key=None, tariff=None, extra="", resolution=60):
    """A community file with a sharing key and a tariff."""
    if tariff is None:
        tariff = TARIFF + (PREMIUMS if method == "incentive" else "")
    head = f"""\
[community]
id = "rue"
name = "La Rue"
country = "FR"
time_zone = "Europe/Paris"
currency = "EUR"
resolution_minutes = {resolution}

"""
    return f"{head}[sharing_key]\n{key or KEYS[method]}\n\n[tariff]\n{tariff}{extra}{MEMBERS}"
