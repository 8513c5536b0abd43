"""What any meter file comes to: readings, or a refusal that tells all that was found in it."""

from dataclasses import dataclass
from datetime import date

import pytest

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.reading import MeterFiles
from backend.errors import ReadingsError
from backend.metering import Severity
from backend.metering.known_points import KnownPoints
from backend.metering.points import CONSUMPTION

REACTIVE_ONLY = (
    "100,NEM12,200405011135,MDA1,Ret1\n"
    "200,NEM1201009,K1,K1,K1,N1,METSER,KVARH,30,\n"
    f"300,20040201,{','.join(['1.5'] * 48)},A,,,20040202120025,\n"
    "900\n"
)
REGISTERS_ONLY = (
    "100,NEM13,200405011135,MDA1,Ret1\n"
    "250,NEM1204062,E1,,11,11,METSER,E,000021.2,20031001103230,A,,,000533.4,20040201100030,E64,77,,"
    "512.2,kWh,20040509,20040201100030,20040201100030\n"
    "900\n"
)


def refusal_of(tmp_path, text):
    file = tmp_path / "given.csv"
    file.write_text(text)
    with pytest.raises(ReadingsError) as refused:
        MeterFiles()(file, known_points=None, resolution_minutes=None)
    return refused.value


@pytest.mark.parametrize(
    ("text", "also", "said"),
    [
        (REACTIVE_ONLY, "left-aside", "reactive import"),
        (REGISTERS_ONLY, "no-intervals", "it has 2 register reads"),
    ],
)
def test_a_file_without_a_reading_is_refused_with_what_was_found_in_it(tmp_path, text, also, said):
    refusal = refusal_of(tmp_path, text)
    assert [finding.rule for finding in refusal.findings] == ["no-readings", also]
    assert refusal.findings[0].severity is Severity.REFUSED
    assert said in str(refusal)
    assert "Ask for the load curve" in str(refusal)


def test_what_a_file_also_holds_is_noted_and_not_a_warning(tmp_path):
    assert refusal_of(tmp_path, REACTIVE_ONLY).findings[1].severity is Severity.NOTE


def test_a_note_refuses_nothing():
    faults = FaultCollector("given.csv")
    faults.note("left-aside", "one channel of two.", line=3)
    faults.stop_if_refused()
    assert [(found.severity, found.line) for found in faults.told()] == [(Severity.NOTE, 3)]


@dataclass(frozen=True)
class Home:
    id: str = "home"
    direction: int = CONSUMPTION
    external_id: str = "NEM1201009"
    valid_from: date | None = None
    valid_to: date | None = None


def test_readings_of_a_direction_that_the_community_lacks_say_which_point_to_add(tmp_path):
    file = tmp_path / "given.csv"
    file.write_text(REACTIVE_ONLY.replace(",K1,K1,K1,", ",B1,B1,B1,").replace("KVARH", "KWH"))
    known = KnownPoints([Home()], "Australia/Brisbane")
    with pytest.raises(ReadingsError, match=r"feed-in.*Add the metering point of that direction") as refused:
        MeterFiles()(file, known_points=known, resolution_minutes=None)
    assert [finding.rule for finding in refused.value.findings] == ["no-readings", "other-direction"]
