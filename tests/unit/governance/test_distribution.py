"""What is told of how a change falls on members: exact, and nothing of fewer than five."""

from fractions import Fraction
from itertools import combinations, pairwise

import pytest

from backend.governance.distribution import (
    FEWEST,
    count_by_class,
    gini_of,
    quantiles_of,
    shown_groups,
    sum_gains,
    worst_off,
)


def gini(amounts):
    return gini_of(amounts)


def classes_of(gains):
    return count_by_class(gains)


UNEQUAL = [0, 0, 0, 0, 100]


def test_equal_savings_have_no_inequality_and_one_that_has_all_has_the_most():
    assert gini([7] * 5).ppm_down == 0
    assert gini(UNEQUAL).ppm_down == 1_000_000


def test_inequality_is_the_mean_difference_of_pairs_over_their_size():
    amounts = [-300, 12, 900, 40, 40, -7, 1]
    pairs = sum(abs(a - b) for a, b in combinations(amounts, 2))
    found = gini(amounts)
    expected = Fraction(pairs, (len(amounts) - 1) * sum(map(abs, amounts)))
    assert Fraction(found.numerator, found.denominator) == expected
    assert found.as_dict() == {
        "numerator": str(found.numerator),
        "denominator": str(found.denominator),
        "ppm": int(expected * 1_000_000),
    }


@pytest.mark.parametrize("amounts", [[], [1, 2, 3, 4], [0] * 9])
def test_inequality_of_too_few_or_of_nothing_is_not_told(amounts):
    assert gini(amounts) is None


def test_a_quantile_is_told_only_with_five_on_either_side():
    assert set(quantiles_of(range(8)).values()) == {None}
    assert quantiles_of(range(9)) == {"10": None, "25": None, "50": 4, "75": None, "90": None}
    assert quantiles_of(range(100)) == {"10": 9, "25": 24, "50": 49, "75": 74, "90": 89}


def test_classes_hold_everyone_and_none_holds_one_to_four():
    gains = [-60_000, -3, 0, 0, 0, 0, 0, 1, 2, 3, 4, 499, 500, 501, 99_999]
    classes = classes_of(gains)
    counts = [found["members"] for found in classes]
    assert sum(counts) == len(gains)
    assert all(count == 0 or count >= FEWEST for count in counts)
    assert classes[0]["from_cents"] is None
    assert classes[-1]["until_cents"] is None
    for before, after in pairwise(classes):
        assert before["until_cents"] == after["from_cents"]


def test_who_changes_nothing_stands_between_loss_and_gain():
    classes = classes_of([-1] * 5 + [0] * 5 + [1] * 5)
    assert [(c["from_cents"], c["until_cents"], c["members"]) for c in classes if c["members"]] == [
        (-500, 0, 5),
        (0, 1, 5),
        (1, 501, 5),
    ]


def test_classes_of_fewer_than_five_members_are_not_told():
    assert count_by_class([1, 2, 3, 4]) is None


@pytest.mark.parametrize("losing", [0, 1, 4, 5])
def test_sums_of_who_gains_are_told_only_where_neither_side_is_one_to_four(losing):
    found = sum_gains([10] * 6 + [-3] * losing + [0])
    assert (found["gaining"], found["losing"], found["unchanged"]) == (6, losing, 1)
    told = losing in {0, 5}
    assert found["gained_cents"] == (60 if told else None)
    assert found["lost_cents"] == (3 * losing if told else None)


def test_those_who_save_least_are_the_same_people_before_and_after():
    before = [*range(45)]
    after = [100 - saving for saving in before]
    found = worst_off(before, after)
    assert found == {
        "members": 5,
        "before_cents": 0 + 1 + 2 + 3 + 4,
        "same_after_cents": 100 + 99 + 98 + 97 + 96,
        "after_cents": 56 + 57 + 58 + 59 + 60,
    }


def test_a_tenth_of_fewer_than_five_is_not_told():
    assert worst_off([*range(40)], [*range(40)]) == {
        "members": 4,
        "before_cents": None,
        "same_after_cents": None,
        "after_cents": None,
    }


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"a": 9, "b": 5, "c": 5}, {"a", "b", "c"}),
        ({"a": 9, "b": 5, "c": 0}, {"a", "b"}),
        ({"a": 9, "b": 6, "c": 2}, {"a"}),  # c is the whole less a and b
        ({"a": 9, "b": 3, "c": 2}, {"a"}),  # b and c are five together
        ({"a": 9, "b": 1, "c": 0}, set()),
        ({"a": 4, "b": 4, "c": 4}, set()),
    ],
)
def test_a_group_that_would_give_away_another_is_withheld_too(counts, shown):
    assert shown_groups(counts) == shown
