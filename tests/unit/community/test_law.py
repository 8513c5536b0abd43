"""A community held against its country's law."""

from dataclasses import replace
from datetime import date

import pytest

from backend.community import METHODS, Direction, MeteringPoint, SharingKeyChoice
from backend.community.law import (
    PROFILES,
    Severity,
    check_law,
    network_rebate,
    require_lawful,
    shared_excise,
)
from backend.community.law.distances import distance_metres
from backend.community.legal import LegalTerms
from backend.errors import CommunityDefinitionError
from tests.unit.metering.small_communities import make_community

TODAY = date(2026, 11, 21)
LYON = (45.7640, 4.8357)


def community(
    country="FR", method="dynamic", legal=None, places=(LYON, LYON), powers=(9_000, 36_000), **changes
):
    def point(name, participant, direction, place, power):
        latitude, longitude = place or (None, None)
        return MeteringPoint(
            name, participant, direction, max_power_watts=power, latitude=latitude, longitude=longitude
        )

    points = (
        point("home", "anna", Direction.CONSUMPTION, places[0], powers[0]),
        replace(point("roof", "bert", Direction.FEED_IN, places[1], powers[1]), source="solar"),
    )
    found = make_community(points, resolution_minutes=15)
    key = SharingKeyChoice(method, {"home": 1_000_000} if method == "static" else {})
    rule = replace(found.rule, sharing_key=key)
    return replace(found, **{"country": country, "rule": rule, "legal": legal or LegalTerms(), **changes})


def forbidden(found):
    return [finding for finding in found if finding.severity is Severity.FORBIDDEN]


def rebate_of(found, on=TODAY):
    rebate = network_rebate(found, on)
    return rebate and rebate.reduction_ppm


def is_exempt(found, on=TODAY):
    excise = shared_excise(found, on)
    assert excise
    return excise.exempt


def north(place, metres):
    return place[0] + metres / 111_195, place[1]


def test_every_country_of_the_book_has_a_profile_whose_usual_form_exists():
    assert set(PROFILES) == {"FR", "AT", "DE", "ES", "IT", "PT", "BE", "LU", "CH"}
    for profile in PROFILES.values():
        assert profile.usual in profile.forms
        for form in profile.forms.values():
            assert form.methods <= set(METHODS)
            assert form.article
            assert form.methods_article


def test_where_no_law_applies_nothing_is_found():
    assert check_law(community("none", "flow"), TODAY) == ()


def test_a_country_without_profile_is_said_to_be_unchecked():
    (found,) = check_law(community("NL"), TODAY)
    assert found.severity is Severity.UNKNOWN
    assert "NL" in found.message


def test_distance_agrees_with_a_known_one():
    # Lyon Part-Dieu to Paris Gare de Lyon, 391.5 km as the crow flies.
    assert distance_metres((45.7605, 4.8595), (48.8443, 2.3743)) == pytest.approx(391_500, rel=0.005)


def test_two_kilometres_are_the_limit_in_france():
    near = community(places=(LYON, north(LYON, 1_990)))
    far = community(places=(LYON, north(LYON, 2_310)))
    assert not forbidden(check_law(near, TODAY))
    (found,) = forbidden(check_law(far, TODAY))
    assert "2.31" in found.message
    assert "2.000 km" in found.message
    assert "21 novembre 2019" in found.article
    with pytest.raises(CommunityDefinitionError, match=r"home and roof are 2\.31.*arrêté"):
        require_lawful(far, TODAY)


def test_a_derogation_reaches_twenty_kilometres_and_no_farther():
    legal = LegalTerms(form="derogation")
    assert not forbidden(check_law(community(legal=legal, places=(LYON, north(LYON, 19_800))), TODAY))
    assert forbidden(check_law(community(legal=legal, places=(LYON, north(LYON, 20_300))), TODAY))


def test_within_an_epci_there_is_no_distance_but_ten_megawatts():
    legal = LegalTerms(form="epci")
    far = north(LYON, 60_000)
    assert not forbidden(check_law(community(legal=legal, places=(LYON, far), powers=(1, 9_999_999)), TODAY))
    (found,) = forbidden(check_law(community(legal=legal, places=(LYON, far), powers=(1, 10_000_000)), TODAY))
    assert "10,000.0 kW" in found.message


def test_power_limits_are_those_of_the_date():
    four_megawatts = community(powers=(1, 4_000_000))
    assert not forbidden(check_law(four_megawatts, TODAY))
    (found,) = forbidden(check_law(four_megawatts, date(2025, 1, 1)))
    assert "3,000.0 kW" in found.message
    assert forbidden(check_law(community(powers=(1, 5_000_000)), TODAY))


def test_unknown_coordinates_and_power_are_told_not_guessed():
    found = check_law(community(places=(LYON, None), powers=(1, None)), TODAY)
    unknown = [finding.message for finding in found if finding.severity is Severity.UNKNOWN]
    assert any("no coordinates (roof)" in message for message in unknown)
    assert any("no max_power_watts (roof)" in message for message in unknown)


def test_points_that_left_are_not_measured():
    far = community(places=(LYON, north(LYON, 5_000)))
    gone = replace(far.metering_points[1], valid_to=date(2026, 1, 1))
    assert not forbidden(check_law(replace(far, metering_points=(far.metering_points[0], gone)), TODAY))


@pytest.mark.parametrize(
    ("country", "method", "article"),
    [
        ("AT", "static_cascade", "§ 16e"),
        ("ES", "dynamic", "244/2019"),
        ("IT", "dynamic", "199/2021"),
        ("PT", "pairwise", "art. 87"),
        ("BE", "flow", "BRUGEL"),
        ("FR", "incentive", "D. 315-6"),
        ("CH", "incentive", "17d"),
        ("LU", "incentive", "8quater"),
        ("DE", "incentive", "42c"),
    ],
)
def test_a_key_that_the_country_forbids_is_refused_with_its_article(country, method, article):
    with pytest.raises(CommunityDefinitionError) as refusal:
        require_lawful(community(country, method, LegalTerms(grid_level=7)), TODAY)
    assert method in str(refusal.value)
    assert article in str(refusal.value)


def test_energy_sharing_begins_in_june_2026_in_germany():
    assert forbidden(check_law(community("DE"), date(2026, 5, 31)))
    assert not forbidden(check_law(community("DE"), date(2026, 6, 1)))


def test_spanish_coefficients_sum_to_one():
    whole = community("ES", "static")
    part = replace(whole.rule, sharing_key=SharingKeyChoice("static", {"home": 900_000}))
    assert not forbidden(check_law(whole, TODAY))
    (found,) = forbidden(check_law(replace(whole, rule=part), TODAY))
    assert "900000 ppm" in found.message
    assert "100000" in found.message


def test_a_swiss_community_is_of_one_level_with_enough_generation_and_whole_points():
    legal = LegalTerms(grid_level=7)
    assert not forbidden(check_law(community("CH", legal=legal, powers=(100_000, 5_000)), TODAY))
    (low,) = forbidden(check_law(community("CH", legal=legal, powers=(100_000, 4_999)), TODAY))
    assert "5 %" in low.message
    (level,) = forbidden(check_law(community("CH", legal=LegalTerms(grid_level=3)), TODAY))
    assert "grid_level 3" in level.message
    whole = community("CH", legal=legal)
    part = replace(whole.metering_points[0], participation_ppm=500_000)
    (found,) = forbidden(check_law(replace(whole, metering_points=(part, whole.metering_points[1])), TODAY))
    assert "500000 ppm" in found.message


def test_the_swiss_rebate_halves_where_a_transformer_is_passed():
    assert rebate_of(community("CH", legal=LegalTerms(grid_level=7, same_transformer=True))) == 400_000
    assert rebate_of(community("CH", legal=LegalTerms(grid_level=7, same_transformer=False))) == 200_000
    assert rebate_of(community("CH"), date(2025, 12, 31)) is None
    assert rebate_of(community("FR")) is None


def test_the_austrian_rebate_is_of_the_form_and_level():
    def rebate(**terms):
        return rebate_of(community("AT", legal=LegalTerms(**terms)))

    assert rebate(form="local") == 570_000
    assert rebate(form="regional", grid_level=6) == 280_000
    assert rebate(form="regional", grid_level=5) == 640_000
    assert rebate(form="citizens") is None


def test_italian_energy_is_counted_by_the_hour_within_a_substation():
    found = check_law(community("IT", "incentive"), TODAY)
    assert any("write 60" in finding.message for finding in forbidden(found))
    assert any("primary_substation" in finding.message for finding in found)
    legal = LegalTerms(primary_substation="AC001E00123")
    hourly = community("IT", "incentive", legal, powers=(1, 1_000_000), resolution_minutes=60)
    assert check_law(hourly, TODAY) == ()
    assert forbidden(
        check_law(community("IT", "incentive", legal, powers=(1, 1_000_001), resolution_minutes=60), TODAY)
    )


def test_portuguese_distance_follows_the_voltage():
    places = (LYON, north(LYON, 3_000))
    assert forbidden(check_law(community("PT", places=places), TODAY))
    assert not forbidden(check_law(community("PT", places=places, legal=LegalTerms(voltage="medium")), TODAY))


def test_another_step_than_the_grid_settles_by_is_noticed_not_forbidden():
    half_hours = community(resolution_minutes=30)
    found = check_law(half_hours, TODAY)
    assert not forbidden(found)
    assert any("15 minutes" in finding.message for finding in found)
    assert not any("minutes" in finding.message for finding in check_law(half_hours, date(2024, 6, 1)))


def test_a_form_that_the_country_does_not_know_is_refused_with_those_it_knows():
    with pytest.raises(CommunityDefinitionError, match="extended"):
        require_lawful(community(legal=LegalTerms(form="village")), TODAY)


def test_french_excise_is_nil_for_renewables_below_a_megawatt_since_march_2025():
    assert is_exempt(community())
    assert not is_exempt(community(), date(2025, 2, 28))
    assert not is_exempt(community(powers=(1, 1_000_000)))
    assert not is_exempt(community(powers=(1, None)))
    assert shared_excise(community("CH"), TODAY) is None


def priced(country, legal=None, powers=(9_000, 36_000), **prices):
    found = community(country, legal=legal, powers=powers)
    return replace(found, rule=replace(found.rule, tariff=replace(found.rule.tariff, **prices)))


def notices(found):
    return [finding.message for finding in check_law(found, TODAY) if finding.severity is Severity.NOTICE]


def test_excise_that_the_law_does_not_ask_and_excise_that_it_does_are_noticed():
    both = {"excise_price": 33_700, "excise_shared_price": 33_700}
    assert any("free of excise" in message for message in notices(priced("FR", **both)))
    assert not any("excise" in message for message in notices(priced("FR", excise_price=33_700)))
    large = (9_000, 1_000_000)
    assert any(
        "due on shared energy" in message for message in notices(priced("FR", powers=large, excise_price=1))
    )
    assert not any("excise" in message for message in notices(priced("FR", powers=large, **both)))


def test_a_rebate_that_the_tariff_withholds_is_noticed_with_the_price_that_is_due():
    local = LegalTerms(form="local", grid_level=7)
    assert any("57 %" in message and "0.01935" in message for message in notices(priced("AT", local)))
    assert not any("57 %" in message for message in notices(priced("AT", local, network_shared_price=19_350)))


def test_a_key_that_the_operator_does_not_compute_is_handed_in_as_coefficients():
    assert any("pairwise" in finding.message for finding in check_law(community(method="pairwise"), TODAY))
    assert not any("handed in" in finding.message for finding in check_law(community(), TODAY))
