from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.billing import BillAmounts, BillTotals, PointBands, PointLink, bill_amounts, total_bills
from backend.community import Biller, Direction, PriceWindow, Rule, SharingKeyChoice, Tariff, VatStatus
from backend.errors import BalanceError

VECTORS = json.loads((Path(__file__).resolve().parents[2] / "vectors" / "bills.json").read_text())
DYNAMIC = SharingKeyChoice("dynamic")
ALL_DAY = (PriceWindow(0, 1440, 0),)


@pytest.mark.parametrize("case", VECTORS["bills"])
def test_bills_are_those_of_the_shared_vectors(case, vector_rule):
    rule = vector_rule(case["method"], case["surplus_owner"], case["tariff"])
    points = [
        PointBands(
            slot,
            Direction[point["direction"].upper()],
            tuple(int(energy) for energy, _ in point["bands"]),
            tuple(int(allocated) for _, allocated in point["bands"]),
            int(point["value"]),
            int(point["credited"]),
            tuple(
                PointLink(99, seat, 0, int(value), VatStatus(status))
                for seat, value, status in point["links"]
            ),
        )
        for slot, point in enumerate(case["points"], start=case["seat"])
    ]
    bill = bill_amounts(points, rule, VatStatus(case["participant_vat_class"]))
    assert [str(amount) for amount in bill.lines] == case["lines"]
    found = [bill.vat_debit, bill.vat_credit, bill.debit, bill.credit]
    assert found == [int(case[name]) for name in ("vat_debit", "vat_credit", "debit", "credit")]


def test_lines_are_rounded_per_point_before_they_are_added():
    # 0.05 kWh at 0.10 is half a cent: 1 cent each, 2 together, where 0.10 kWh would have been 1
    rule = Rule(DYNAMIC, Tariff(100_000, (0,), ALL_DAY, 0, 0))
    half = PointBands(0, Direction.CONSUMPTION, (50_000, 0, 0, 0), (50_000, 0, 0, 0), 50_000 * 100_000)
    assert bill_amounts([half], rule, VatStatus.PRIVATE).lines[4] == 1
    assert bill_amounts([half, half], rule, VatStatus.PRIVATE).lines[4] == 2


def test_a_participant_without_activity_still_owes_the_fee():
    rule = Rule(DYNAMIC, Tariff(100_000, (0,), ALL_DAY, 0, 0, monthly_fee=200))
    idle = PointBands(0, Direction.CONSUMPTION, (0,) * 4, (0,) * 4)
    assert bill_amounts([idle], rule, VatStatus.PRIVATE).debit == 200


def test_more_allocated_than_used_in_a_band_is_refused():
    with pytest.raises(BalanceError, match="slot 7 has 2 mWh allocated of 1 mWh"):
        PointBands(7, Direction.CONSUMPTION, (1, 5, 0, 0), (2, 0, 0, 0))


def test_totals_that_do_not_balance_are_refused():
    with pytest.raises(BalanceError, match="debits of 500 cents face 499"):
        BillTotals(500, 19, 400, 83, 3, 0, 0)


def test_rounding_beyond_a_cent_per_slot_is_no_rounding():
    lines = (0, 0, 0, 0, 10, 0, 0, 5, 0, 0, 0, 0, 0)
    bill = BillAmounts(lines, debit_net=10, vat_debit=0, credit_net=5, vat_credit=0)
    assert total_bills([bill], Biller.SHARED, slots=5).rounding == 5
    with pytest.raises(BalanceError, match="differ by 5 cents"):
        total_bills([bill], Biller.SHARED, slots=4)
