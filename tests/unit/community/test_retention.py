from datetime import date

import pytest

from backend.community.law.profiles import PROFILES
from backend.community.retention import retention_of


def test_a_document_of_any_day_of_a_year_is_kept_until_the_years_after_it_are_over():
    law = retention_of("FR")
    assert (
        law.first_day_after(date(2024, 1, 1)) == law.first_day_after(date(2024, 12, 31)) == date(2035, 1, 1)
    )
    assert retention_of("ES").first_day_after(date(2024, 6, 1)) == date(2031, 1, 1)


@pytest.mark.parametrize("country", sorted(PROFILES))
def test_each_country_with_a_profile_names_its_law(country):
    if country != "none":
        assert retention_of(country) != retention_of("none") or retention_of(country).years == 10
        assert retention_of(country).source != retention_of("none").source


def test_where_no_profile_says_how_long_it_is_as_long_as_the_longest():
    assert retention_of("none").years == max(retention_of(country).years for country in PROFILES)
