"""Spans that a point's meters counted: tariffs, totals beside them, meters beside and behind each other."""

import pytest

from backend.metering.conformity.counted_spans import RegisterSpan, counted_registers, register_spans
from backend.metering.source_series import RegisterRead, SeriesName


def reads(
    values: dict[int, int], register: str = "", meter: str = "A", point: str = "home"
) -> list[RegisterRead]:
    return [
        RegisterRead(SeriesName(point, 0, register), instant, value, meter)
        for instant, value in values.items()
    ]


@pytest.mark.parametrize(
    ("names", "counted"),
    [
        (("1.8.0", "1.8.1", "1.8.2"), {"1.8.0"}),
        (("1-0:1.8.0", "1-0:1.8.1*255"), {"1-0:1.8.0"}),
        (("1.8.1", "1.8.2"), {"1.8.1", "1.8.2"}),
        (("1.8.0", "2.8.1"), {"1.8.0", "2.8.1"}),
        (("11", "12"), {"11", "12"}),
        (("",), {""}),
        (("", "tou 1", "tou 2"), {""}),
        (("", "1.8.1", "1.8.2"), {""}),
        (("phase 224", "phase 224 tou 1", "phase 224 tou 2"), {"phase 224"}),
        (("tou 1", "tou 2", "11"), {"tou 1", "tou 2", "11"}),
    ],
)
def test_tariffs_beside_their_total_are_not_counted_again(names: tuple[str, ...], counted: set[str]) -> None:
    assert counted_registers(names) == counted


def test_a_total_beside_tariffs_counts_once() -> None:
    every = [
        *reads({0: 10, 9: 30}, "1.8.0"),
        *reads({0: 4, 9: 12}, "1.8.1"),
        *reads({0: 6, 9: 18}, "1.8.2"),
    ]
    assert register_spans(every) == [RegisterSpan(0, 9, 20)]
    assert register_spans(every[2:]) == [RegisterSpan(0, 9, 20)]


def test_meters_beside_each_other_are_added_where_both_were_read() -> None:
    main, heating = reads({0: 0, 3: 3, 9: 9}), reads({0: 100, 9: 150}, "21", "B")
    assert register_spans([*main, *heating]) == [RegisterSpan(0, 9, 59)]


def test_a_meter_that_comes_or_goes_within_a_span_leaves_nothing_to_say_of_it() -> None:
    main = reads({0: 0, 5: 5, 9: 9})
    assert register_spans([*main, *reads({7: 0, 9: 4}, meter="B")]) == [RegisterSpan(0, 5, 5)]
    assert register_spans([*main, *reads({7: 1}, meter="B")]) == [RegisterSpan(0, 5, 5)]


def test_of_two_meters_one_may_be_exchanged() -> None:
    heating = reads({0: 0, 5: 1, 9: 3}, meter="H")
    spans = register_spans([*reads({0: 0, 5: 5}), *heating, *reads({5: 70, 9: 80}, meter="B")])
    assert spans == [RegisterSpan(0, 5, 6), RegisterSpan(5, 9, 12)]
    late = register_spans([*reads({0: 0, 5: 5}), *reads({6: 0, 9: 3}, meter="B")])
    assert late == [RegisterSpan(0, 5, 5), RegisterSpan(6, 9, 3)]


def test_reads_without_a_meters_name_count_where_no_other_was_read_then() -> None:
    nameless = reads({0: 0, 5: 5, 9: 9}, meter="")
    assert register_spans(nameless) == [RegisterSpan(0, 5, 5), RegisterSpan(5, 9, 4)]
    assert register_spans([*nameless, *reads({2: 2, 9: 9})]) == [RegisterSpan(2, 9, 7)]
    assert register_spans([*nameless, *reads({9: 0, 12: 4})])[-1] == RegisterSpan(9, 12, 4)


def test_a_register_that_falls_says_nothing() -> None:
    assert register_spans(reads({0: 5, 5: 2, 9: 4})) == [RegisterSpan(5, 9, 2)]
    assert register_spans([]) == []


def test_what_a_display_hides_is_told_by_what_it_showed() -> None:
    kilowatt_hours, watt_hours = reads({0: 0, 9: 3_000_000}, "1.8.1"), reads({0: 4_000, 9: 9_000}, "1.8.2")
    assert register_spans(kilowatt_hours) == [RegisterSpan(0, 9, 3_000_000, 999_999)]
    assert register_spans([*kilowatt_hours, *watt_hours]) == [RegisterSpan(0, 9, 3_005_000, 999_999 + 999)]
    unused = reads({0: 0, 9: 0}, "1.8.2")
    assert register_spans([*reads({0: 1_000, 9: 2_500}), *unused])[-1].hidden == 0
