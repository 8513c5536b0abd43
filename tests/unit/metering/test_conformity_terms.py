import pytest

from backend.errors import ConformityError
from backend.metering import Treatment
from backend.metering.conformity import ConformityTerms


def test_terms_come_back_from_plain_data_as_they_were():
    terms = ConformityTerms.from_dict(
        {"spike": {"history_ppm": 3_000_000}, "left_out": ["low"], "treatments": {"stuck": "estimable"}}
    )
    assert terms.spike.history_ppm == 3_000_000
    assert terms.spike.intervals == ConformityTerms().spike.intervals
    assert terms.left_out == {"low"}
    assert terms.treatments == {"stuck": Treatment.ESTIMABLE}
    assert ConformityTerms.from_dict(terms.as_dict()) == terms
    assert ConformityTerms.from_dict({}) == ConformityTerms()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"spikes": {}}, "no table 'spikes'; there are interval_count, unit,"),
        ({"spike": {"ratio": 2}}, "conformity.spike has no parameter 'ratio'; there are day_ppm"),
        ({"spike": {"intervals": 9}}, "conformity.spike.intervals is 9; write a whole number from 1 to 8"),
        ({"spike": {"intervals": 1.5}}, "write a whole number"),
        ({"spike": {"intervals": True}}, "write a whole number"),
        ({"spike": 3}, "write a table"),
        (
            {"estimation": {"method": "guess"}},
            "conformity.estimation.method is 'guess'; write one of similar-days, profiled",
        ),
        ({"estimation": {"method": 1}}, "write one of similar-days, profiled"),
        (
            {"estimation": {"way": "profiled"}},
            "conformity.estimation has no parameter 'way'; there are method",
        ),
        ({"left_out": "low"}, "write a list of rules"),
        ({"left_out": ["lowest"]}, "left_out names 'lowest'; the rules are clear-sky"),
        ({"treatments": {"low": "ignore"}}, "write one of corrupt, non-standard, useless, estimable"),
        ({"treatments": {"lowest": "useless"}}, "treatments names 'lowest'"),
        ({"treatments": ["low"]}, "write a table of treatment by rule"),
    ],
)
def test_what_does_not_fit_is_refused_with_table_parameter_value_and_bounds(data, words):
    with pytest.raises(ConformityError, match=words.replace(".", r"\.")):
        ConformityTerms.from_dict(data)
