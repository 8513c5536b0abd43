"""CAU text files: coefficients of a year by CUPS, constant or hourly, read for a period and written back."""

from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.adapters.meter_files.cau_files import is_cau, read_cau_coefficients, write_cau_coefficients
from backend.adapters.meter_files.formats.cau_coefficients import FORMAT
from backend.community import Direction, MeteringPoint
from backend.errors import ReadingsError
from backend.ports.point_files import YearCoefficients
from backend.quantities import PeriodCalendar, SettlementPeriod
from tests.unit.meter_files.text.reading import read

ADA, BEN = "ES0031300000000001AA0F", "ES0031300000000002BB0F"
MARCH = PeriodCalendar(SettlementPeriod.from_month("2026-03"), "Europe/Madrid", 15)
YEAR_HOURS = 8760


def point(name, external_id, **changes):
    return MeteringPoint(name, name, Direction.CONSUMPTION, external_id=external_id, **changes)


POINTS = (
    point("ada", ADA),
    point("ben", BEN[:20]),
    MeteringPoint("roof", "ada", Direction.FEED_IN, external_id=ADA),
)


def hourly(ada=lambda _: 250_000):
    parts = [ada(hour) for hour in range(1, YEAR_HOURS + 1)]
    rows = [parts, [1_000_000 - part for part in parts]]
    return write_cau_coefficients(YearCoefficients(2026, (ADA, BEN), np.array(rows)))


def load(tmp_path, content, points=POINTS, calendar=MARCH, name="CAU_2026.txt"):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_cau_coefficients(file, points=points, calendar=calendar)


def by_point(rows):
    found: dict[str, dict[int, int]] = {}
    for name, start, part in zip(
        [rows.points[at] for at in rows.point],
        rows.start_utc.tolist(),
        rows.values["coefficient_ppm"].tolist(),
        strict=True,
    ):
        found.setdefault(name, {})[start] = part
    return found


def test_a_constant_coefficient_holds_in_every_interval_of_the_period(tmp_path):
    found = by_point(load(tmp_path, f"{ADA};0,125000\n{BEN};0,875\n"))
    assert set(found) == {"ada", "ben"}
    assert list(found["ada"]) == list(MARCH.starts_utc())
    assert set(found["ada"].values()) == {125_000}
    assert set(found["ben"].values()) == {875_000}


def test_an_hour_counts_as_it_passes_through_the_days_of_23_and_25_hours(tmp_path):
    content, found = hourly(lambda hour: hour), {}
    for label in ("2026-03", "2026-10", "2026-12"):
        calendar = PeriodCalendar(SettlementPeriod.from_month(label), "Europe/Madrid", 15)
        first = PeriodCalendar(SettlementPeriod.from_month("2026-01"), "Europe/Madrid", 60).start_utc
        found = by_point(load(tmp_path, content, calendar=calendar))["ada"]
        assert found == {start: (start - first) // 3600 + 1 for start in calendar.starts_utc()}
    assert max(found.values()) == YEAR_HOURS


def test_members_who_follow_one_another_share_a_cups_by_their_days(tmp_path):
    points = (
        point("ada", ADA, valid_to=date(2026, 3, 10)),
        point("eve", ADA, valid_from=date(2026, 3, 11)),
        point("ben", BEN),
    )
    found = by_point(load(tmp_path, f"{ADA};0,5\n{BEN};0,5\n", points))
    assert (len(found["ada"]), len(found["eve"])) == (10 * 96, 20 * 96 + 92)
    assert not set(found["ada"]) & set(found["eve"])


def test_what_is_written_reads_back(tmp_path):
    assert hourly(lambda hour: hour).startswith(f"{ADA};1;0,000001\n{ADA};2;0,000002\n".encode())
    constant = write_cau_coefficients(YearCoefficients(2026, (ADA, BEN), np.array([[1_000_000], [0]])))
    assert constant == f"{ADA};1,000000\n{BEN};0,000000\n".encode()
    assert set(by_point(load(tmp_path, constant))["ada"].values()) == {1_000_000}
    assert is_cau(constant)
    assert is_cau(hourly())


def test_a_decimal_point_trailing_semicolons_and_leading_zeros_are_taken(tmp_path):
    text = hourly().decode().replace("0,25", "0.25").replace(";1;", ";0001;").replace("\n", ";\r\n")
    assert set(by_point(load(tmp_path, text))["ada"].values()) == {250_000}


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (f"{ADA};0,5\n{BEN};0,499999\n", "sum"),
        (f"{ADA};0,5\n{BEN};0,500001\n", "sum"),
        (f"{ADA};0,5\n{ADA};0,5\n", "duplicate"),
        (f"{ADA};0,5\nES0031300000000009ZZ0F;0,5\n", "metering-point"),
        (f"{ADA};0,3333333\n{BEN};0,6666667\n", "coefficient"),
        (f"{ADA};1,000001\n", "coefficient"),
        (f"{ADA};-0,5\n{BEN};1\n", "coefficient"),
        (f"{ADA};NaN\n", "coefficient"),
        (f"{ADA};8761;0,5\n", "coefficient"),
        (f"{ADA};0;0,5\n", "coefficient"),
        (f"{ADA};0,5\n{BEN};1;0,5\n", "field-count"),
        (f"{ADA};1;1,0\n", "hours"),
        (f"{ADA} 0,5\n", "field-count"),
        ("", "empty-file"),
        ("x" * 70_000, "long-line"),
    ],
)
def test_each_fault_is_refused(tmp_path, content, rule):
    with pytest.raises(ReadingsError) as caught:
        load(tmp_path, content)
    assert rule in [finding.rule for finding in caught.value.findings]


def test_an_hour_whose_coefficients_do_not_sum_to_one_is_named(tmp_path):
    text = hourly().decode().replace(f"{ADA};77;0,250000", f"{ADA};77;0,250001")
    with pytest.raises(ReadingsError, match=r"of hour 77 \(1 hours are so\) sum to 1,000001"):
        load(tmp_path, text)


def test_a_file_of_another_year_or_of_a_leap_year_that_lacks_a_day_is_refused(tmp_path):
    with pytest.raises(ReadingsError, match="named for 2025"):
        load(tmp_path, hourly(), name="ES12A000_2025.txt")
    leap = PeriodCalendar(SettlementPeriod.from_month("2028-03"), "Europe/Madrid", 15)
    with pytest.raises(ReadingsError, match="8,784 are due"):
        load(tmp_path, hourly(), calendar=leap, name="coefficients.txt")


def test_nonsense_stops_at_the_bound_of_findings(tmp_path):
    with pytest.raises(ReadingsError) as caught:
        load(tmp_path, "nonsense;1\n" + f"{ADA};x\n" * 20_000)
    assert len(caught.value.findings) <= 1001


def test_loading_one_as_readings_says_where_it_belongs():
    found = read(FORMAT, hourly())
    assert found.refusals == ["not-readings"]
    assert "partage schedule load" in found.findings[0].message
    for other in (b"", b"metering_point,start\n", b"Fecha;Hora;0,5\n", b"\xff;0,5"):
        assert not FORMAT.recognise(other)


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutated_files_are_refused_or_give_away_the_whole(tmp_path, data):
    content = bytearray(f"{ADA};0,125000\n{BEN};0,875000\n".encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b"", b"0", b"9", b",", b";", b"\n", b"\0", b"-", b"\xff", "²".encode()])
        )
    try:
        found = by_point(load(tmp_path, bytes(content)))
    except ReadingsError:
        return
    sums = [sum(parts) for parts in zip(*(rows.values() for rows in found.values()), strict=True)]
    assert set(sums) == {1_000_000}
