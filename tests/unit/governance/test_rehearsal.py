"""What a comparison of two rules says of each member and of all of them, and how it is proved."""

import pytest

from backend.governance.rehearsal import MemberFigures, MemberLine, compare_members, total_members
from backend.governance.rehearsal_proof import canonical_json, hash_result, holds_line, lines_tree, prove_line

DIGESTS = [bytes([7]) * 32, bytes([8]) * 32]


def figures(cost=1_000, **others):
    base = {
        "consumption": 9_000_000,
        "allocated": 3_000_000,
        "debit": 500,
        "cost": cost,
        "saving": 2_000 - cost,
    }
    return MemberFigures(**(base | others))


def line(number=1, before=None, after=None, *, consumes=True, produces=False, poor=False):
    return MemberLine(
        f"home-{number}", consumes, produces, poor, before or figures(), after or figures(900 + number)
    )


def test_a_member_gains_what_power_costs_less():
    assert line(before=figures(1_000), after=figures(700)).gain == 300


def test_who_only_produces_is_told_what_was_shared_and_others_what_they_were_allocated():
    seller = figures(consumption=0, allocated=0, feed_in=8_000_000, shared=5_000_000)
    both = figures(feed_in=8_000_000, shared=5_000_000)
    assert line(after=seller, consumes=False, produces=True).as_dict()["energy_after_kwh"] == "5.000000"
    assert line(after=both, produces=True).as_dict()["energy_after_kwh"] == "3.000000"
    assert line(after=both, produces=True).as_dict()["shared_after_kwh"] == "5.000000"
    assert line().as_dict()["group"] == "consumer"
    assert line(produces=True).group == "prosumer"


def test_a_bill_is_what_is_owed_less_what_is_received():
    told = line(after=figures(debit=1_234, credit=5_000)).as_dict()
    assert (told["bill_before"], told["bill_after"], told["bill_difference_cents"]) == (
        "5.00",
        "-37.66",
        -4_266,
    )


def test_rates_are_parts_of_what_was_fed_in_and_used():
    lines = [line(1), line(2, produces=True, after=figures(feed_in=12_000_000, shared=6_000_000))]
    told = compare_members(lines)["community"]
    assert told["self_consumption_after_ppm"] == 500_000
    assert told["self_sufficiency_after_ppm"] == 333_333
    assert told["self_consumption_before_ppm"] is None


def test_an_incentive_counts_what_it_does_not_allocate():
    counted = figures(allocated=0, counted=4_500_000, feed_in=9_000_000)
    told = compare_members([line(1, after=counted, produces=True)])["community"]
    assert told["self_consumption_after_ppm"] == 500_000
    assert told["allocated_after_kwh"] == "0.000000"


@pytest.mark.parametrize(
    ("poor", "others", "told"), [(5, 5, True), (5, 0, True), (4, 9, False), (9, 4, False)]
)
def test_energy_poor_households_are_told_as_a_sum_of_five_or_more_beside_none_or_five(poor, others, told):
    lines = [line(n, poor=n < poor) for n in range(poor + others)]
    found = compare_members(lines)["energy_poor"]
    assert (found is not None) == told
    if told:
        assert found["members"] == poor
        assert found["gain_cents"] == sum(one.gain for one in lines[:poor])


def test_nothing_that_all_may_see_names_a_member():
    told = canonical_json(compare_members([line(n) for n in range(60)])).decode()
    assert "home-" not in told


def test_figures_of_several_periods_add_up():
    both = total_members([figures(1), figures(2)])
    assert (both.cost, both.saving, both.consumption) == (3, 3_997, 18_000_000)
    assert total_members([]) == MemberFigures()


def result_of(lines, digests=DIGESTS):
    tree = lines_tree(lines, digests)
    result = {
        "a": 1,
        "lines_root": "0x" + tree.root.hex(),
        "lines_depth": tree.depth,
        "law": {"on": "2026-01-01"},
    }
    return result | {"result_hash": hash_result(result)}, tree


@pytest.mark.parametrize("count", [1, 2, 5, 17])
def test_each_line_is_proved_and_no_other(count):
    lines = [line(n).as_dict() if n != 1 else None for n in range(count)]
    public, tree = result_of(lines)
    for place, told in enumerate(lines):
        if told is None:
            continue
        own = prove_line(tree, told, place, DIGESTS)
        assert holds_line(public, own)
        assert not holds_line(public, own | {"line": told | {"gain_cents": 1 + told["gain_cents"]}})
        assert not holds_line(public, own | {"place": place + (1 << tree.depth)})
        assert not holds_line(public | {"a": 2}, own)
        assert holds_line(public | {"law": {}}, own)


def test_lines_are_salted_by_the_readings():
    lines = [line(1).as_dict()]
    assert result_of(lines)[0] != result_of(lines, [bytes(32)])[0]
    assert (
        prove_line(result_of(lines)[1], lines[0], 0, DIGESTS)["salt"]
        != prove_line(result_of(lines)[1], lines[0], 0, [bytes(32)])["salt"]
    )


def test_the_hash_is_of_sorted_text_without_blanks():
    assert canonical_json({"b": [1, None], "a": "é"}) == '{"a":"é","b":[1,null]}'.encode()
    assert hash_result({"a": 1, "b": 2}) == hash_result(
        {"b": 2, "a": 1, "law": 1, "members": [], "result_hash": 0}
    )
