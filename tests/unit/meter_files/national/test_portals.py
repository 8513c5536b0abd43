"""Reads Energinet, Fluvius, Fingrid and Mijn Aansluiting: places of readings, words of quality, what is refused."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.adapters.meter_files.formats import (
    datadis,
    enedis,
    energinet,
    fingrid,
    fluvius,
    mijn_aansluiting,
)
from backend.metering import Quality
from backend.metering.points import FEED_IN
from tests.unit.meter_files.text.reading import read

DANE = "571313179100000001"
DANISH: Any = {
    "result": [
        {
            "MyEnergyData_MarketDocument": {
                "TimeSeries": [
                    {
                        "businessType": "A01",
                        "curveType": "A01",
                        "measurement_Unit.name": "KWH",
                        "MarketEvaluationPoint": {"mRID": {"name": DANE}},
                        "Period": [
                            {
                                "resolution": "PT15M",
                                "timeInterval": {
                                    "start": "2024-02-11T23:00:00Z",
                                    "end": "2024-02-12T00:15:00Z",
                                },
                                "Point": [
                                    {
                                        "position": "1",
                                        "out_Quantity.quantity": "0.5",
                                        "out_Quantity.quality": "A04",
                                    },
                                    {
                                        "position": "2",
                                        "out_Quantity.quantity": "0.5",
                                        "out_Quantity.quality": "A03",
                                    },
                                    {
                                        "position": "4",
                                        "out_Quantity.quantity": "0.5",
                                        "out_Quantity.quality": "A01",
                                    },
                                    {
                                        "position": "5",
                                        "out_Quantity.quantity": "0.5",
                                        "out_Quantity.quality": "A05",
                                    },
                                ],
                            }
                        ],
                    }
                ]
            },
            "success": True,
            "errorText": "NoError",
        }
    ]
}
FLEMING = "541440010000000001"
FLEMISH: Any = {
    "data": {
        "headpoint": {
            "$type": "metering-on-headpoint",
            "ean": FLEMING,
            "energyType": "E",
            "quarterHourlyEnergy": [
                {
                    "start": "2024-12-01T00:00:00Z",
                    "end": "2024-12-01T00:15:00Z",
                    "measurements": [
                        {
                            "offtake": {"total": {"value": 0.5, "unit": "kWh", "validationState": "READ"}},
                            "injection": {"total": {"value": 250, "unit": "Wh", "validationState": "EST"}},
                        }
                    ],
                }
            ],
        }
    }
}
FINN = "642502030419633983"
FINNISH: Any = {
    "RetrieveTimeSeriesData": {
        "Transaction": {
            "TimeSeries": [
                {
                    "MeteringPointEAN": FINN,
                    "ResolutionDuration": "PT15M",
                    "ProductType": "8716867000030",
                    "UnitType": "kWh",
                    "ReadingType": "BN01",
                    "Observations": [
                        {"PeriodStartTime": "2024-07-27T21:00:00Z", "Quantity": "1.5", "Quality": "OK"},
                        {"PeriodStartTime": "2024-07-27T21:15:00Z", "Quantity": None, "Quality": "MISSING"},
                    ],
                }
            ]
        }
    }
}
DUTCHMAN = "871690930000909597"
DUTCH: Any = [
    {
        "MarketEvaluationPoint": {
            "MRID": DUTCHMAN,
            "RegisterList": [
                {
                    "MRID": "2.8.2",
                    "Meter": {"MRID": "E1"},
                    "ReadingList": [
                        {
                            "DateAndOrTime": {"DateTime": "2023-05-01T00:00:00.000+02:00"},
                            "ReadingType": {"Multiplier": "k", "Unit": "Wh"},
                            "Value": 9838.6500004,
                        }
                    ],
                }
            ],
        }
    }
]
CASES: dict[str, Any] = {
    "energinet": (energinet.FORMAT, DANISH, "result.0.MyEnergyData_MarketDocument.TimeSeries.0"),
    "fluvius": (fluvius.FORMAT, FLEMISH, "data.headpoint"),
    "fingrid": (fingrid.FORMAT, FINNISH, "RetrieveTimeSeriesData.Transaction.TimeSeries.0"),
    "mijn-aansluiting": (mijn_aansluiting.FORMAT, DUTCH, "0.MarketEvaluationPoint.RegisterList.0"),
}


def changed(name, place, value):
    """A case with one value changed, below the case's own root."""
    form, document, root = CASES[name]
    document = copy.deepcopy(document)
    steps = [*root.split("."), *place.split("/")]
    inner: Any = document
    for step in steps[:-1]:
        inner = inner[int(step) if isinstance(inner, list) else step]
    last = int(steps[-1]) if isinstance(inner, list) else steps[-1]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return read(form, json.dumps(document))


def test_positions_that_danes_leave_out_or_incomplete_are_missing():
    found = read(energinet.FORMAT, json.dumps(DANISH))
    start, seconds, energy, quality, words = found.series(DANE, direction=1)
    assert start == [1707692400 + 900 * number for number in range(5)]
    assert seconds == [900] * 5
    assert energy == [500_000, 500_000, 0, 500_000, 0]
    assert quality == [Quality.MEASURED, Quality.ESTIMATED, Quality.MISSING, Quality.EDITED, Quality.MISSING]
    assert words == ["A04", "A03", "", "A01", "A05"]
    assert not found.findings


def test_a_flemish_quarter_hour_has_both_directions_each_with_its_unit_and_word():
    found = read(fluvius.FORMAT, json.dumps(FLEMISH))
    assert found.series(FLEMING, direction=0) == (
        [1733011200],
        [900],
        [500_000],
        [Quality.MEASURED],
        ["READ"],
    )
    assert found.series(FLEMING, direction=1) == (
        [1733011200],
        [900],
        [250_000],
        [Quality.ESTIMATED],
        ["EST"],
    )


def test_flemish_day_and_night_are_taken_only_where_there_is_no_total():
    figure = {"value": 1, "unit": "kWh", "validationState": "READ"}
    spot = "quarterHourlyEnergy/0/measurements/0/offtake"
    found = changed("fluvius", spot, {"day": figure, "night": {**figure, "value": 2}})
    assert found.series(FLEMING, channel="day")[2] == [1_000_000]
    assert found.series(FLEMING, channel="night")[2] == [2_000_000]
    found = changed("fluvius", spot, {"total": {**figure, "value": 3}, "day": figure, "reactive": figure})
    assert found.series(FLEMING)[2] == [3_000_000]
    assert "reactive" in found.finding("not-read").message


def test_meters_behind_a_flemish_connection_and_sums_of_days_are_told():
    document = copy.deepcopy(FLEMISH)
    document["data"]["headpoint"]["subHeadpoints"] = [{"type": "PV"}]
    document["data"]["headpoint"]["dailyEnergy"] = [{}]
    found = read(fluvius.FORMAT, json.dumps(document))
    assert len(found.blocks) == 2
    assert [finding.rule for finding in found.findings] == ["not-read", "not-read"]


def test_a_finnish_observation_without_quantity_is_missing_whatever_it_is_called():
    found = read(fingrid.FORMAT, json.dumps(FINNISH), direction=FEED_IN)
    assert found.series(FINN, direction=1) == (
        [1722114000, 1722114900],
        [900, 900],
        [1_500_000, 0],
        [Quality.MEASURED, Quality.MISSING],
        ["OK", "MISSING"],
    )


def test_a_dutch_register_read_is_exact_and_names_its_meter():
    found = read(mijn_aansluiting.FORMAT, json.dumps(DUTCH))
    (register,) = found.registers
    assert register.value == 9_838_650_000
    assert register.instant_utc == 1682892000
    assert (register.series.direction, register.series.channel, register.meter) == (1, "2.8.2", "E1")


@pytest.mark.parametrize(
    ("name", "place", "value", "rule"),
    [
        ("energinet", "Period/0/resolution", "P1D", "resolution"),
        ("energinet", "Period/0/resolution", "PT7M", "resolution"),
        ("energinet", "Period/0/timeInterval/end", "2024-02-12T00:14:00Z", "instant"),
        ("energinet", "Period/0/timeInterval/end", "2999-02-12T00:15:00Z", "instant"),
        ("energinet", "Period/0/timeInterval/end", "2199-02-12T00:15:00Z", "instant"),
        ("energinet", "Period/0/timeInterval/start", "2024-02-11T23:00:00", "instant"),
        ("energinet", "Period/0/Point/1/position", "1", "duplicate"),
        ("energinet", "Period/0/Point/1/position", "6", "position"),
        ("energinet", "Period/0/Point/1/position", "-1", "position"),
        ("energinet", "Period/0/Point/1/out_Quantity.quality", "A99", "quality"),
        ("energinet", "Period/0/Point/1/out_Quantity.quantity", "-0.5", "energy"),
        ("energinet", "Period/0/Point", ..., "structure"),
        ("energinet", "curveType", "A03", "structure"),
        ("energinet", "businessType", "A99", "structure"),
        ("energinet", "measurement_Unit.name", "KVARH", "structure"),
        ("energinet", "MarketEvaluationPoint", {}, "structure"),
        ("fluvius", "energyType", "G", "commodity"),
        ("fluvius", "ean", ..., "structure"),
        ("fluvius", "quarterHourlyEnergy", ..., "no-readings"),
        ("fluvius", "quarterHourlyEnergy/0/end", "2024-12-01T00:14:00Z", "instant"),
        ("fluvius", "quarterHourlyEnergy/0/start", "gisteren", "instant"),
        ("fluvius", "quarterHourlyEnergy/0/measurements/0/offtake/total/validationState", "NEW", "quality"),
        ("fluvius", "quarterHourlyEnergy/0/measurements/0/offtake/total/unit", "m3", "unit"),
        ("fluvius", "quarterHourlyEnergy/0/measurements/0/offtake/total/value", True, "energy"),
        ("fluvius", "quarterHourlyEnergy/0/measurements/0", 7, "structure"),
        ("fingrid", "ProductType", "8716867000047", "structure"),
        ("fingrid", "ResolutionDuration", "P1D", "structure"),
        ("fingrid", "Observations/0/Quality", "EST", "quality"),
        ("fingrid", "Observations/0/Quantity", "viisi", "energy"),
        ("fingrid", "Observations/0/PeriodStartTime", "2024-07-27T21:00:00", "instant"),
        ("mijn-aansluiting", "MRID", "1.7.0", "register"),
        ("mijn-aansluiting", "ReadingList", {}, "structure"),
        ("mijn-aansluiting", "ReadingList/0/Value", -1, "energy"),
        ("mijn-aansluiting", "ReadingList/0/ReadingType/Unit", "m3", "commodity"),
        ("mijn-aansluiting", "ReadingList/0/ReadingType/Multiplier", "G", "unit"),
        ("mijn-aansluiting", "ReadingList/0/DateAndOrTime", {"DateTime": "2023-05-01"}, "instant"),
    ],
)
def test_what_is_wrong_is_refused_by_rule(name, place, value, rule):
    found = changed(name, place, value)
    assert rule in found.refusals
    assert set(found.refusals) <= {rule, "commodity"}


def test_an_answer_without_data_says_what_the_portal_said():
    answer = copy.deepcopy(DANISH)
    answer["result"][0].update(errorText="MeteringPointNotFound", MyEnergyData_MarketDocument=None)
    found = read(energinet.FORMAT, json.dumps(answer))
    assert "MeteringPointNotFound" in found.finding("portal-error").message


def test_no_portal_claims_the_file_of_another():
    forms = [datadis.FORMAT, enedis.FORMAT, *(form for form, _, _ in CASES.values())]
    for form, document, _ in CASES.values():
        head = json.dumps(document).encode()
        assert [other.name for other in forms if other.recognise(head)] == [form.name]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def spots(tree, path=()):
    yield path
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield from spots(value, (*path, key))


FRENCH: Any = {
    "meter_reading": {
        "usage_point_id": "1",
        "quality": "BRUT",
        "reading_type": {"unit": "W"},
        "interval_reading": [{"value": "5", "date": "2024-02-26 00:30:00", "interval_length": "PT30M"}],
    }
}
FRENCH_FLOW: Any = {
    "mesures": [
        {
            "idPrm": "1",
            "periode": {"dateDebut": "2026-01-01"},
            "grandeur": [
                {
                    "grandeurMetier": "CONS",
                    "grandeurPhysique": "EA",
                    "unite": "Wh",
                    "points": [{"d": "2026-01-01T00:00:00+01:00", "v": "10", "p": "PT5M", "n": "R"}],
                }
            ],
        }
    ]
}
SPANISH: Any = [
    {"cups": "E", "date": "2023/12/01", "time": "01:00", "consumptionKWh": 1, "surplusEnergyKWh": 2}
]
DOCUMENTS: list[Any] = [
    *((form, document) for form, document, _ in CASES.values()),
    (enedis.FORMAT, FRENCH),
    (enedis.FORMAT, FRENCH_FLOW),
    (datadis.FORMAT, SPANISH),
]


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(DOCUMENTS), st.data(), JUNK)
def test_junk_in_any_place_of_a_document_raises_nothing(case, data, junk):
    form, document = case
    assert not read(form, json.dumps(document)).refusals
    document = copy.deepcopy(document)
    path = data.draw(st.sampled_from([path for path in spots(document) if path]))
    inner: Any = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = junk
    read(form, json.dumps(document))
