"""What holds of every comparison of two rules, whoever the members are."""

from hypothesis import given
from hypothesis import strategies as st

from backend.governance.distribution import FEWEST, gini_of
from backend.governance.rehearsal import MemberFigures, MemberLine, compare_members

energies = st.integers(0, 10**12)


def gini(amounts):
    return gini_of(amounts)


cents = st.integers(-(10**7), 10**7)
figures = st.builds(
    MemberFigures,
    energies,
    energies,
    energies,
    energies,
    energies,
    energies,
    energies,
    energies,
    cents,
    cents,
)


@st.composite
def comparisons(draw):
    sides = draw(st.lists(st.tuples(figures, figures, st.booleans(), st.booleans()), min_size=1, max_size=60))
    return [
        MemberLine(f"home-{place}", True, produces, poor, before, after)
        for place, (before, after, produces, poor) in enumerate(sides)
    ]


@given(comparisons())
def test_the_difference_of_sums_is_the_sum_of_differences(lines):
    whole = compare_members(lines)["community"]
    told = [line.as_dict() for line in lines]
    assert whole["gain_cents"] == sum(line["gain_cents"] for line in told)
    assert whole["bill_difference_cents"] == sum(line["bill_difference_cents"] for line in told)
    spread = compare_members(lines)["distribution"]
    if spread["gained_cents"] is not None:
        assert spread["gained_cents"] - spread["lost_cents"] == whole["gain_cents"]


@given(comparisons())
def test_the_same_rule_changes_nothing(lines):
    same = [
        MemberLine(line.participant, True, line.produces, line.energy_poor, line.before, line.before)
        for line in lines
    ]
    told = compare_members(same)
    assert told["community"]["gain_cents"] == told["community"]["bill_difference_cents"] == 0
    assert told["distribution"]["unchanged"] == len(lines)
    spread = told["distribution"]
    assert spread["saving_gini_before"] == spread["saving_gini_after"]
    assert spread["worst_off"]["before_cents"] == spread["worst_off"]["same_after_cents"]


@given(comparisons(), st.randoms(use_true_random=False))
def test_the_order_of_the_members_changes_nothing(lines, chance):
    shuffled = list(lines)
    chance.shuffle(shuffled)
    assert compare_members(shuffled) == compare_members(lines)


@given(st.lists(cents, min_size=FEWEST, max_size=50))
def test_inequality_lies_between_none_and_all_and_knows_no_unit(amounts):
    found = gini(amounts)
    if any(amounts):
        assert 0 <= found.numerator <= found.denominator
        scaled = gini([7 * amount for amount in amounts])
        assert scaled.numerator * found.denominator == found.numerator * scaled.denominator
    else:
        assert found is None
