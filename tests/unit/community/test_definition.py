import re

import pytest

from backend.community import (
    Biller,
    Direction,
    GapTreatment,
    VatStatus,
    read_definition,
    read_rule,
    write_definition,
)
from backend.errors import CommunityDefinitionError

TEXT = """\
[community]
id = "villeurbanne"
name = "Toits de Villeurbanne"
country = "FR"
time_zone = "Europe/Paris"
currency = "EUR"
resolution_minutes = 15
vat_status = "exempt"
note = 'Composed of "real" profiles'

[settlement]
contest_window_hours = 168

[allocation]
source = "computed"

[sharing_key]
method = "static"
coefficients_ppm = { "home-01-load" = 600000, "home-02-load" = 400000 }

[conformity]
max_estimated_ppm = 40000
max_missing_ppm = 10000
gaps = "residual"

[tariff]
shared_price = "0.12"
residual_price = [{ from = "00:00", to = "06:00", price = "0.16" }, { from = "06:00", to = "22:00", price = "0.25" }, \
{ from = "22:00", to = "24:00", price = "0.160" }]
surplus_price = "0.06"
network_price = "0.045"
monthly_fee = "2.00"
vat_ppm = 200000
billed_by = { shared = "community", residual = "supplier", network = "community", surplus = "offtaker" }

[[participants]]
id = "home-01"
name = "Home 1"

[[participants]]
id = "home-02"
name = "Home 2"
vat_status = "liable"
headers_consent = true

[[metering_points]]
id = "home-01-load"
participant = "home-01"
direction = "consumption"
external_id = "14512345678901"
phase = "L1"
max_power_watts = 36000
participation_ppm = 250000
valid_from = "2024-01-01"
valid_to = 2024-12-31
latitude = 45.77
longitude = 4

[[metering_points]]
id = "home-02-load"
participant = "home-02"
direction = "consumption"

[[metering_points]]
id = "home-02-roof"
participant = "home-02"
direction = "feed_in"
source = "solar"
"""


def read(text):
    return read_definition(text, "COMMUNITY.toml")


def test_every_table_and_key_of_the_file_arrives_in_the_community():
    community = read(TEXT)
    tariff = community.rule.tariff
    assert (community.id, community.country, community.resolution_minutes) == ("villeurbanne", "FR", 15)
    assert community.note == 'Composed of "real" profiles'
    assert community.rule.contest_window_seconds == 168 * 3600
    assert community.rule.limits.gaps is GapTreatment.RESIDUAL
    assert (community.rule.limits.max_estimated_ppm, community.rule.limits.max_missing_ppm) == (
        40_000,
        10_000,
    )
    assert community.rule.sharing_key.coefficients_ppm == {"home-01-load": 600_000, "home-02-load": 400_000}
    assert tariff.residual_prices == (160_000, 250_000)
    assert [(w.start_minute, w.end_minute, w.band) for w in tariff.windows] == [
        (0, 360, 0),
        (360, 1320, 1),
        (1320, 1440, 0),
    ]
    assert (tariff.shared_price, tariff.surplus_price, tariff.network_price) == (120_000, 60_000, 45_000)
    assert (tariff.monthly_fee, tariff.vat_ppm, tariff.vat_status) == (200, 200_000, VatStatus.EXEMPT)
    assert tariff.billed_by_community == Biller.SHARED | Biller.NETWORK
    assert community.participants[1].vat_status is VatStatus.LIABLE
    assert community.participants[1].headers_consent
    point = community.metering_points[0]
    assert (point.number, point.phase, point.max_power_watts, point.participation_ppm) == (
        "14512345678901",
        "L1",
        36_000,
        250_000,
    )
    assert (str(point.valid_from), str(point.valid_to), point.latitude, point.longitude) == (
        "2024-01-01",
        "2024-12-31",
        45.77,
        4.0,
    )
    assert [p.direction for p in community.metering_points] == [
        Direction.CONSUMPTION,
        Direction.CONSUMPTION,
        Direction.FEED_IN,
    ]


def test_what_is_left_out_takes_the_documented_defaults():
    text = re.sub(
        r"\[settlement\].*?(?=\[tariff\])", '[sharing_key]\nmethod = "dynamic"\n\n', TEXT, flags=re.DOTALL
    )
    text = re.sub(r"^(monthly_fee|vat_ppm|billed_by|vat_status|note).*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^residual_price.*\n", 'residual_price = "0.2"\n', text, flags=re.MULTILINE)
    rule = read(text).rule
    assert rule.contest_window_seconds is None
    assert (rule.limits.max_estimated_ppm, rule.limits.gaps) == (50_000, GapTreatment.ESTIMATE)
    assert (rule.tariff.monthly_fee, rule.tariff.vat_status) == (0, VatStatus.PRIVATE)
    assert rule.tariff.billed_by_community == Biller.SHARED
    assert rule.tariff.residual_prices == (200_000,)
    assert rule.tariff.band_at(1439) == 0


def test_a_written_community_reads_back_equal():
    community = read(TEXT)
    text = write_definition(community)
    assert read(text) == community
    assert write_definition(read(text)) == text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[tariff]", "[tarif]", ["line 26", "no table [tarif]", '"tariff"']),
        ("method =", "metod =", ["line 18", "[sharing_key] metod", '"method"']),
        ('direction = "feed_in"', 'direktion = "feed_in"', ["home-02-roof direktion", '"direction"']),
        ('"static"', '"statik"', ['"statik"', '"static"']),
        ('shared_price = "0.12"', "shared_price = 0.12", ["line 27", "quotes", '"0.12"']),
        ('shared_price = "0.12"', 'shared_price = "0.1234567"', ["line 27", "6 decimals"]),
        ("vat_ppm = 200000", 'vat_ppm = "200000"', ["vat_ppm is a text", "without quotes"]),
        ("vat_ppm = 200000", "vat_ppm = 2000000", ["vat_ppm is 2000000", "0 to 1000000"]),
        ('name = "Home 1"\n', "", ["home-01 name is missing"]),
        ('country = "FR"', 'country = "France"', ['"France"', '"none"']),
        ('"Europe/Paris"', '"Europe/Pariss"', ["line 5", '"Europe/Pariss"']),
        ('currency = "EUR"', 'currency = "CHF"', ['"CHF"']),
        ("resolution_minutes = 15", "resolution_minutes = 25", ["25", "divide the hour"]),
        ('to = "06:00"', 'to = "05:00"', ["without gap or overlap", "360"]),
        ('to = "06:00"', 'to = "6:00"', ['window 1 names the time "6:00"']),
        ('to = "24:00"', 'to = "23:59"', ["minute 1439"]),
        ("= 600000,", "= 600001,", ["1000001 ppm", "lower them by 1"]),
        ('"home-01-load" = 600000', '"home-1-load" = 600000', ['"home-1-load"', '"home-01-load"']),
        ('"home-01-load" = 600000', '"home-02-roof" = 600000', ['"home-02-roof"', "feeds in"]),
        ('shared = "community"', 'shared = "supplier"', ["of shared", '"supplier"', '"producer"']),
        ('network = "community"', 'network = "comunity"', ['"comunity"', '"community"']),
        ('surplus = "offtaker"', 'surpluss = "offtaker"', ['"surpluss"', '"surplus"']),
        ('source = "computed"', 'source = "opérateur"', ["line 15", '"opérateur"', '"operator"']),
        (
            'participant = "home-02"\ndirection = "feed_in"',
            'participant = "home-03"\ndirection = "feed_in"',
            ['"home-03"'],
        ),
        ('id = "home-02"\nname', 'id = "home-01"\nname', ["'home-01'", "twice"]),
        ('id = "home-02-load"', 'id = "Home 2"', ["'Home 2'"]),
        ('valid_from = "2024-01-01"', 'valid_from = "01/01/2024"', ["valid_from", "01/01/2024"]),
        ('valid_from = "2024-01-01"', 'valid_from = "2025-01-01"', ["home-01-load", "before valid_from"]),
        ("latitude = 45.77", "latitude = 450.77", ["latitude", "450.77"]),
        ('phase = "L1"', 'phase = "L1"\nsource = "solar"', ["source", "feed-in points only"]),
        ('[community]\nid = "villeurbanne"', "[community]\nid = villeurbanne", ["not valid TOML", "line 2"]),
        ("contest_window_hours = 168", "contest_window_hours = -1", ["contest_window_hours is -1"]),
        ("headers_consent = true", 'headers_consent = "true"', ["true or false, without quotes"]),
    ],
)
def test_a_mistake_is_refused_by_file_place_value_and_what_to_do(old, new, said):
    assert TEXT.count(old) >= 1
    with pytest.raises(CommunityDefinitionError, match=r"^COMMUNITY\.toml") as refused:
        read(TEXT.replace(old, new, 1))
    for words in said:
        assert words in str(refused.value)


NUMBER = 'external_id = "14512345678901"'
NEXT = f'id = "home-02-load"\n{NUMBER}\n'


@pytest.mark.parametrize(
    ("point", "taken"),
    [
        ('id = "home-02-roof"\n' + NUMBER, False),
        (NEXT + 'valid_from = "2025-01-01"', False),
        (NEXT + 'valid_to = "2023-12-31"', False),
        (NEXT + 'valid_from = "2024-12-31"', True),
        (NEXT, True),
    ],
)
def test_a_meters_direction_has_one_member_on_a_day(point, taken):
    text = TEXT.replace(point.partition("\n")[0] + "\n", point + "\n", 1)
    if not taken:
        assert [known.number for known in read(text).metering_points].count("14512345678901") == 2
        return
    with pytest.raises(
        CommunityDefinitionError, match=r"home-01-load and home-02-load .* on the same days; end"
    ):
        read(text)


@pytest.mark.parametrize("number", ["", "1" * 129, "145\\u202e12", "145\\u200b12", "145\\n", "\\u001b[2J"])
def test_a_number_that_would_not_show_what_it_is_is_refused(number):
    with pytest.raises(CommunityDefinitionError, match="external_id"):
        read(TEXT.replace(NUMBER, f'external_id = "{number}"', 1))


@pytest.mark.parametrize("table", ["community", "sharing_key", "tariff"])
def test_a_required_table_that_is_absent_is_named(table):
    text = re.sub(rf"^\[{table}\]\n(?:[^\[\n].*\n|\n)*", "", TEXT, flags=re.MULTILINE)
    with pytest.raises(CommunityDefinitionError, match=rf"\[{table}\] is missing"):
        read(text)


@pytest.mark.parametrize("method", ["static", "dynamic"])
def test_coefficients_fit_the_method(method):
    bare = re.sub(r"^coefficients_ppm.*\n", "", TEXT, flags=re.MULTILINE)
    text = bare if method == "static" else TEXT.replace('"static"', '"dynamic"')
    with pytest.raises(CommunityDefinitionError, match="coefficients_ppm"):
        read(text)


def test_more_than_four_distinct_prices_are_refused():
    windows = ", ".join(
        f'{{ from = "{hour:02d}:00", to = "{hour + 4:02d}:00", price = "0.{hour + 10}" }}'
        for hour in range(0, 24, 4)
    )
    text = re.sub(r"^residual_price.*\n", f"residual_price = [{windows}]\n", TEXT, flags=re.MULTILINE)
    with pytest.raises(CommunityDefinitionError, match="6 distinct prices"):
        read(text)


def test_rule_tables_alone_change_what_they_name_and_keep_the_rest():
    community = read(TEXT)
    rule = read_rule(
        '[sharing_key]\nmethod = "dynamic"\n[settlement]\ncontest_window_hours = 0\n', "RULES.toml", community
    )
    assert rule.sharing_key.method == "dynamic"
    assert rule.contest_window_seconds == 0
    assert (rule.tariff, rule.limits) == (community.rule.tariff, community.rule.limits)
    with pytest.raises(CommunityDefinitionError, match=r"RULES\.toml.*\[community\]"):
        read_rule('[community]\nid = "x"\n', "RULES.toml", community)


def test_deeply_nested_arrays_are_refused_not_fatal():
    with pytest.raises(CommunityDefinitionError):
        read("a = " + "[" * 100_000)
