"""Values of rows and links: the shared vectors, flow, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backend.allocation.links import LinkFlows, PeriodMatrix
from backend.billing import PeriodValues, ValueTerms, link_period, read_links, value_links, value_period
from backend.billing.links import divide_exactly
from backend.community import Direction, PriceWindow, Pricing, Tariff
from backend.errors import BalanceError, TariffError

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
CASES = json.loads((VECTORS / "values.json").read_text())
COMMUNITIES = sorted(path.stem for path in (VECTORS / "communities").glob("*.json"))
CONSUMPTION, FEED_IN = Direction.CONSUMPTION, Direction.FEED_IN
TARIFF = Tariff(120_000, (250_000,), (PriceWindow(0, 1440, 0),), 60_000, 45_000)


def allocated_as(rows, feed_in=None, consumption=None, directions=(), **others):
    """An allocation of rows by slot; the pool as said, or as if all was shared and used."""
    allocated = np.array(rows, dtype=np.int64)
    consumers = [slot for slot, direction in enumerate(directions) if direction == CONSUMPTION]
    total = allocated[consumers].sum(axis=0)
    pools = {
        "feed_in": np.array(feed_in if feed_in is not None else total, dtype=np.int64),
        "consumption": np.array(consumption if consumption is not None else total, dtype=np.int64),
    }
    given = {"links": None, "potentials": None} | pools | others
    return SimpleNamespace(allocated=allocated, total=total, **given)


def terms_of(tariff, directions, bands, **changes):
    count = len(directions)
    prices = [tariff.producer_prices.get(str(slot), 0) for slot in range(count)]
    terms = ValueTerms(
        tariff,
        np.array(bands, dtype=np.uint8),
        tuple(directions),
        tuple(range(count)),
        (0,) * count,
        tuple(prices),
    )
    return replace(terms, **changes)


@pytest.mark.parametrize("case", CASES["intervals"])
def test_values_of_an_interval_are_those_of_the_shared_vectors(case, vector_tariff):
    given, shared = dict(case["given"]), dict(case["shared"])
    count = max([*given, *shared], default=-1) + 1
    directions = [
        CONSUMPTION if slot in given else FEED_IN if slot in shared else None for slot in range(count)
    ]
    rows = [[int((given | shared).get(slot, 0))] for slot in range(count)]
    allocation = allocated_as(rows, [int(case["P"])], [int(case["C"])], directions)
    assert int(allocation.total[0]) == int(case["A"])
    terms = terms_of(vector_tariff(case["tariff"]), directions, [case["band"]])
    if int(case["V"]) >= 2**63:
        with pytest.raises(BalanceError, match="pico-euro"):
            value_period(allocation, terms)
        return
    values = value_period(allocation, terms)
    assert values.total.tolist() == [int(case["V"])]
    assert [[slot, str(values.rows[slot, 0])] for slot, _ in case["rows"]] == case["rows"]


@pytest.mark.parametrize("case", CASES["links"])
def test_a_consumers_value_is_divided_over_its_links_as_in_the_shared_vectors(case, vector_tariff):
    producers = np.array([slot for slot, _, _ in case["links"]], dtype=np.int64)
    count = int(producers.max(initial=0)) + 2
    energy = np.array([int(energy) for _, energy, _ in case["links"]], dtype=np.int64)
    matrix = PeriodMatrix(producers, np.full(len(producers), count - 1, dtype=np.int64), energy)
    rows = np.zeros((count, 1), dtype=np.int64)
    rows[count - 1] = int(case["value"])
    terms = terms_of(vector_tariff(case["tariff"]), [FEED_IN] * (count - 1) + [CONSUMPTION], [0])
    links = value_links(matrix, PeriodValues(rows[0], rows), terms)
    found = [[link.producer_slot, str(link.energy), str(link.value)] for link in links]
    assert found == case["links"]


@pytest.mark.parametrize("name", COMMUNITIES)
def test_values_of_whole_periods_are_those_of_the_shared_vectors(name, vector_tariff):
    case = json.loads((VECTORS / "communities" / f"{name}.json").read_text())
    inputs, expected = case["inputs"], case["expected"]
    if inputs["rule"]["key"]["method"] in {7, 9}:
        return  # whose rows are worth what their links are: below
    directions = [point and Direction[point["direction"].upper()] for point in inputs["points"]]
    headers = expected["headers"]
    feed_in, consumption = ([header[place] for header in headers] for place in range(2))
    allocation = allocated_as(expected["allocated"], feed_in, consumption, directions)
    terms = terms_of(vector_tariff(inputs["rule"]["tariff"]), directions, inputs["bands"])
    values = value_period(allocation, terms)
    assert values.total.tolist() == [header[3] for header in headers]
    assert values.rows.tolist() == expected["value"]


def flows_of(*links):
    columns = [np.array(column, dtype=np.int64) for column in zip(*links, strict=True)]
    return LinkFlows.of(*columns)


# Slots: 0 home and 1 roof of one seat, 2 another home, 3 another roof. Intervals: two.
STREET = (CONSUMPTION, FEED_IN, CONSUMPTION, FEED_IN)
FLOWS = flows_of((0, 1, 0, 10), (0, 1, 2, 5), (0, 3, 2, 7), (1, 3, 0, 4), (1, 1, 2, 6))
GIVEN = [[10, 4], [15, 6], [12, 6], [7, 4]]


def street(pricing=Pricing.UNIFORM, donations=(), **changes):
    tariff = replace(TARIFF, pricing=pricing, **changes)
    return terms_of(
        tariff, STREET, [0, 0], seats=(0, 0, 2, 3), vat_classes=(2, 2, 0, 1), donations=frozenset(donations)
    )


def test_a_link_of_flow_is_worth_its_energy_but_one_to_oneself_or_given_away_is_free():
    allocation = allocated_as(GIVEN, directions=STREET, links=FLOWS, potentials=np.zeros((4, 2)))
    terms = street(donations=[(3, 2)])
    values = value_period(allocation, terms)
    assert values.rows.tolist() == [[0, 480_000], [600_000, 720_000], [600_000, 720_000], [0, 480_000]]
    assert values.total.tolist() == [600_000, 1_200_000]
    links = link_period(allocation, values, terms)
    assert [tuple(link) for link in links] == [
        (1, 0, 10, 0, 2),
        (3, 0, 4, 480_000, 1),
        (1, 2, 11, 1_320_000, 2),
        (3, 2, 7, 0, 1),
    ]
    assert read_links(np.array(links, dtype=np.int64)) == links


@pytest.mark.parametrize(
    ("pricing", "priced"),
    [
        (Pricing.MID_MARKET, [[0, 620_000], [775_000, 930_000], [1_860_000, 930_000], [1_085_000, 620_000]]),
        (Pricing.PRODUCER, [[0, 40], [100, 120], [170, 120], [70, 40]]),
    ],
)
def test_links_of_flow_take_the_price_of_the_interval_or_of_their_producer(pricing, priced):
    allocation = allocated_as(GIVEN, directions=STREET, links=FLOWS, potentials=np.zeros((4, 2)))
    terms = replace(street(pricing), producer_prices=(0, 20, 0, 10))
    assert value_period(allocation, terms).rows.tolist() == priced
    with pytest.raises(TariffError, match='"supply_demand" sets one price for all'):
        value_period(allocation, street(Pricing.SUPPLY_DEMAND))


def test_a_pairwise_row_is_worth_what_its_own_producers_ask():
    allocation = allocated_as(GIVEN, directions=STREET, links=FLOWS)
    terms = replace(street(Pricing.PRODUCER), producer_prices=(0, 20, 0, 10))
    values = value_period(allocation, terms)
    assert values.rows.tolist() == [[200, 40], [300, 120], [170, 120], [70, 40]]
    assert values.total.tolist() == [370, 160]
    links = link_period(allocation, values, terms)
    assert [link.value for link in links] == [200, 40, 220, 70]
    uniform = street()
    assert value_period(allocation, uniform).rows.tolist() == (np.array(GIVEN) * 120_000).tolist()


def test_links_in_proportion_are_worth_their_consumers_rows_to_the_last_unit():
    generator = np.random.default_rng(7)
    directions = [CONSUMPTION, FEED_IN] * 6
    homes, roofs = list(range(0, 12, 2)), list(range(1, 12, 2))
    rows = np.zeros((12, 40), dtype=np.int64)
    for interval in range(40):
        parts = generator.integers(0, 10**6, 6)
        rows[homes, interval] = parts
        rows[roofs, interval] = generator.multinomial(parts.sum(), [1 / 6] * 6)
    prices = {str(slot): 10_000 * slot for slot in roofs}
    for pricing in Pricing:
        tariff = replace(TARIFF, pricing=pricing, producer_prices=prices)
        pool = rows[homes].sum(axis=0)
        allocation = allocated_as(rows, pool, pool + generator.integers(0, 10**6, 40), directions)
        terms = terms_of(tariff, directions, [0] * 40)
        values = value_period(allocation, terms)
        links = link_period(allocation, values, terms)
        for slot in homes:
            own = [link for link in links if link.consumer_slot == slot]
            assert sum(link.value for link in own) == values.rows[slot].sum()
            assert sum(link.energy for link in own) == rows[slot].sum()
        for slot in roofs:
            assert sum(link.energy for link in links if link.producer_slot == slot) == rows[slot].sum()
        assert (values.rows[homes].sum(axis=0) <= values.total).all()
        assert (values.rows[homes].sum(axis=0) + 6 > values.total).all()


def test_a_value_beyond_64_bits_is_refused_with_both_numbers():
    directions = [CONSUMPTION, FEED_IN]
    dear = replace(TARIFF, shared_price=2**32 - 1)
    allocation = allocated_as([[2**31]] * 2, directions=directions)
    assert value_period(allocation, terms_of(dear, directions, [0])).total.tolist() == [2**31 * (2**32 - 1)]
    above = allocated_as([[2**31, 2**31]] * 2, directions=directions)
    with pytest.raises(BalanceError, match=rf"worth {2**32 * (2**32 - 1)} pico-euro, above {2**63 - 1}"):
        value_period(above, terms_of(dear, directions, [0, 0]))
    flows = flows_of((0, 1, 0, 2**31), (1, 1, 0, 2**31))
    linked = allocated_as(
        [[2**31, 2**31]] * 2, directions=directions, links=flows, potentials=above.allocated
    )
    with pytest.raises(BalanceError, match="settle shorter periods"):
        value_period(linked, terms_of(dear, directions, [0, 0]))


def test_products_beyond_64_bits_are_exact():
    directions = [CONSUMPTION, CONSUMPTION, FEED_IN]
    given = [[3 * 2**42], [2**42 + 1], [2**44 + 1]]
    tariff = replace(TARIFF, pricing=Pricing.SUPPLY_DEMAND)
    pool, wanted = 2**44 + 1, 2**44 + 12_345_678_901
    allocation = allocated_as(given, [pool], [wanted], directions)
    values = value_period(allocation, terms_of(tariff, directions, [0]))
    worth = pool * 60_000 * 250_000 * wanted // (190_000 * pool + 60_000 * wanted)
    assert values.total.tolist() == [worth]
    assert values.rows[:, 0].tolist() == [worth * part[0] // pool for part in given]


def test_supply_and_demand_need_a_residual_price_above_the_surplus_price():
    directions = [CONSUMPTION, FEED_IN]
    tariff = replace(TARIFF, pricing=Pricing.SUPPLY_DEMAND, residual_prices=(59_999,))
    with pytest.raises(TariffError, match="59999 µEUR/kWh, below the surplus price of 60000"):
        value_period(allocated_as([[1]] * 2, [1], [2], directions), terms_of(tariff, directions, [0]))


def test_a_whole_is_divided_by_floors_and_the_first_take_the_rest():
    assert divide_exactly(10, [1, 1, 1], [0, 0, 0]) == [4, 3, 3]
    assert divide_exactly(7, [0, 0], [2, 5]) == [2, 5]
    assert divide_exactly(0, [0], [1]) == [0]


def test_terms_take_classes_from_the_seat_and_prices_by_slot(ruelle):
    tariff = replace(ruelle.rule.tariff, pricing=Pricing.PRODUCER, producer_prices={"bob-roof": 90_000})
    terms = ValueTerms.of(
        replace(ruelle.rule, tariff=tariff), ruelle.terms(), ruelle.slots, np.zeros(24, np.uint8), 5
    )
    assert terms.directions == (CONSUMPTION, CONSUMPTION, FEED_IN, None, None)
    assert (terms.seats, terms.vat_classes) == ((0, 1, 1, 3, 4), (0, 2, 2, 0, 0))
    assert terms.producer_prices == (0, 0, 90_000, 0, 0)
