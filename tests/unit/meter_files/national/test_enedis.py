"""Reads curves of Enedis: watts to energy, ends to starts, steps that change, orders, shares of a community."""

import json
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.adapters.meter_files.formats.enedis import FORMAT
from backend.adapters.meter_files.formats.enedis_steps import infer_steps
from backend.metering import Quality
from backend.metering.points import FEED_IN
from backend.metering.source_series import SeriesRole
from tests.unit.meter_files.text.reading import read, read_endless

PRM = "30001610071843"
PARIS = ZoneInfo("Europe/Paris")
BLOCK = (
    "Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;Etape metier;Unite\n"
    f"{PRM};Courbe de charge;28/10/2023;30/10/2023;Energie active;Consommation;Comptage Brut;W\n"
    "Horodate;Valeur\n"
)
TABLE = (
    "Identifiant PRM;Date de début;Date de fin;Grandeur physique;Grandeur métier;Etape métier;Unité;"
    "Horodate;Valeur;Nature;Pas;Indice de vraisemblance;Etat complémentaire\n"
)


def table_row(
    stamp, value, nature="B", step="PT30M", direction="CONS", unit="W", quantity="PA", first="2023-03-13"
):
    return (
        f"{PRM};{first};2023-03-15;{quantity};{direction};BRUT;{unit};{stamp};{value};{nature};{step};0;0\n"
    )


def curve(readings, unit="W", **reading_type):
    return json.dumps(
        {
            "meter_reading": {
                "usage_point_id": PRM,
                "quality": "BRUT",
                "reading_type": {
                    "unit": unit,
                    "measurement_kind": "power",
                    "aggregate": "average",
                    **reading_type,
                },
                "interval_reading": readings,
            }
        }
    )


def reading(date, value, length="PT30M", kind="B"):
    return {"value": value, "date": date, "interval_length": length, "measure_type": kind}


def utc(seconds):
    return [datetime.fromtimestamp(second, UTC).strftime("%d %H:%M") for second in seconds]


def test_a_mean_power_is_the_energy_of_its_interval_half_away_from_zero():
    found = read(
        FORMAT,
        curve(
            [
                reading("2024-02-26 00:30:00", "541"),
                reading("2024-02-26 00:40:00", "1", "PT10M"),
                reading("2024-02-26 01:40:00", "0.0005", "PT60M"),
            ]
        ),
    )
    start, seconds, energy, quality, words = found.series(PRM)
    assert utc(start) == ["25 23:00", "25 23:30", "25 23:40"]
    assert seconds == [1800, 600, 3600]
    assert energy == [270_500, 167, 1]
    assert quality == [0, 0, 0]
    assert words == ["B", "B", "B"]


def test_corrected_points_are_the_operators_and_keep_their_word():
    found = read(FORMAT, curve([reading("2024-02-26 00:30:00", "5", kind="C")]))
    assert found.series(PRM)[3:] == ([Quality.EDITED], ["C"])
    found = read(FORMAT, curve([reading("2024-02-26 00:30:00", "5", kind="?")]))
    assert found.refusals == ["quality"]


def test_a_json_curve_says_no_direction_so_whoever_reads_it_may():
    content = curve([reading("2024-02-26 00:30:00", "5")])
    assert "direction-unsaid" in read(FORMAT, content).rules
    found = read(FORMAT, content, direction=FEED_IN)
    assert found.series(PRM, direction=1)[2] == [2500]
    assert not found.findings


def test_sums_of_days_are_no_interval_data():
    found = read(FORMAT, curve([{"value": "0", "date": "2024-02-01"}], unit="Wh", measuring_period="P1D"))
    assert found.refusals == ["resolution"]
    assert "sums of P1D" in found.finding("resolution").message


def test_members_that_are_new_are_told():
    content = curve([{**reading("2024-02-26 00:30:00", "5"), "phase": "L1"}])
    assert "phase" in read(FORMAT, content).finding("unknown-column").message


def test_the_doubled_hour_of_naive_stamps_is_told_apart_by_order_in_both_directions():
    begin = datetime(2023, 10, 28, 22, tzinfo=UTC)
    ends = [begin + timedelta(minutes=30 * number) for number in range(1, 51)]
    rows = [
        reading(end.astimezone(PARIS).strftime("%Y-%m-%d %H:%M:%S"), str(place))
        for place, end in enumerate(ends)
    ]
    expected = [int(end.timestamp()) - 1800 for end in ends]
    assert read(FORMAT, curve(rows)).series(PRM)[0] == expected
    assert read(FORMAT, curve(rows[::-1])).series(PRM)[0] == expected[::-1]


def test_an_hour_that_never_was_is_refused():
    found = read(FORMAT, curve([reading("2024-03-31 02:30:00", "5"), reading("2024-03-31 03:30:00", "5")]))
    assert found.refusals == ["absent-hour"]


def test_a_block_of_the_customers_page_changes_its_step_in_the_file():
    stamps = ["T00:30", "T01:00", "T01:30", "T02:30", "T03:30", "T04:30"]
    rows = "".join(f"2023-10-28{stamp}:00+02:00;1000\n" for stamp in stamps)
    found = read(FORMAT, BLOCK + rows)
    start, seconds, energy, quality, words = found.series(PRM)
    assert seconds == [1800] * 3 + [3600] * 3
    assert energy == [500_000] * 3 + [1_000_000] * 3
    assert utc(start) == ["27 22:00", "27 22:30", "27 23:00", "27 23:30", "28 00:30", "28 01:30"]
    assert quality == [0] * 6
    assert words == ["Comptage Brut"] * 6
    assert not found.findings


def test_the_order_of_rows_changes_nothing_but_their_order():
    ends = [
        datetime(2023, 10, 28, 22, tzinfo=UTC) + timedelta(minutes=30 * number) for number in range(1, 60)
    ]
    rows = [f"{end.astimezone(PARIS).isoformat()};{place * 7}\n" for place, end in enumerate(ends)]
    straight = read(FORMAT, BLOCK + "".join(rows)).series(PRM)
    shuffled = rows[:]
    random.Random(5).shuffle(shuffled)
    mixed = read(FORMAT, BLOCK + "".join(shuffled)).series(PRM)
    assert sorted(zip(*straight, strict=True)) == sorted(zip(*mixed, strict=True))
    assert mixed[0] != straight[0]


def test_a_file_may_hold_several_blocks_and_what_is_no_curve_is_told():
    other = BLOCK.replace(PRM, "30001610071844").replace("Consommation", "Production")
    index = BLOCK.replace("Courbe de charge", "Index quotidien")
    found = read(
        FORMAT,
        BLOCK
        + "2023-10-28T00:30:00+02:00;1000\n2023-10-28T01:00:00+02:00;\n"
        + other
        + "2023-10-28T00:30:00+02:00;4\n2023-10-28T01:00:00+02:00;4\n"
        + index
        + "2023-10-28T00:00:00+02:00;123456\n",
    )
    assert found.series(PRM)[2:4] == ([500_000, 0], [Quality.MEASURED, Quality.MISSING])
    assert found.series("30001610071844", direction=1)[2] == [2000, 2000]
    assert '1 rows: "index quotidien" is no load curve' in found.finding("not-read").message


def test_a_curve_without_the_lines_above_it_is_refused():
    content = "Horodate;Valeur\n2023-10-28T00:30:00+02:00;1000\n"
    assert FORMAT.recognise(content.encode())
    assert read(FORMAT, content).refusals == ["structure"]


def test_a_table_keeps_series_apart_and_reads_each_rows_step_and_nature():
    found = read(
        FORMAT,
        TABLE
        + table_row("2023-03-13 01:00:00", "692")
        + table_row("2023-03-13 00:30:00", "1,5", nature="C")
        + table_row("2023-03-13 02:00:00", "1", nature="E", step="PT60M", direction="PROD")
        + table_row("2023-03-13 02:00:00", "9", quantity="ERI", unit="VAR"),
    )
    assert found.series(PRM)[1:] == ([1800, 1800], [346_000, 750], [0, Quality.EDITED], ["B", "C"])
    assert utc(found.series(PRM)[0]) == ["12 23:30", "12 23:00"]
    assert found.series(PRM, direction=1)[1:4] == ([3600], [1000], [Quality.ESTIMATED])
    assert found.rules == ["not-read"]


def test_a_table_whose_first_stamp_is_the_periods_beginning_names_starts():
    found = read(
        FORMAT,
        TABLE + table_row("2023-03-13 00:00:00", "2") + table_row("2023-03-13 00:30:00", "4"),
    )
    assert utc(found.series(PRM)[0]) == ["12 23:00", "12 23:30"]


def test_two_stages_of_one_curve_are_never_added():
    row = table_row("2023-03-13 00:30:00", "2")
    found = read(FORMAT, TABLE + row + row.replace("BRUT", "BEST"))
    assert found.refusals == ["stages"]
    assert not found.blocks


def test_the_flow_r63_is_read_as_json():
    document = {
        "header": {"codeFlux": "R63"},
        "mesures": [
            {
                "idPrm": PRM,
                "etapeMetier": "BRUT",
                "periode": {"dateDebut": "2026-01-01", "dateFin": "2026-01-02"},
                "grandeur": [
                    {
                        "grandeurMetier": "PROD",
                        "grandeurPhysique": "PA",
                        "unite": "W",
                        "points": [
                            {"d": "2026-01-01T00:00:00+01:00", "v": "120", "p": "PT5M", "n": "R"},
                            {"d": "2026-01-01T00:05:00+01:00", "v": "12", "p": "PT5M", "n": "H"},
                        ],
                    },
                    {"grandeurMetier": "CONS", "grandeurPhysique": "ERI", "unite": "VAR", "points": []},
                ],
            }
        ],
    }
    found = read(FORMAT, json.dumps(document))
    start, seconds, energy, quality, words = found.series(PRM, direction=1)
    assert utc(start) == ["31 23:00", "31 23:05"]
    assert (seconds, energy, quality, words) == ([300, 300], [10_000, 1000], [0, Quality.EDITED], ["R", "H"])
    assert found.rules == ["not-read"]


SHARES = "PRM;Horodate;Pas;Consommation totale (Wh);Autoproduit (Wh);Alloproduit (Wh)\n"


def test_the_shares_of_a_community_are_series_of_their_own_roles():
    content = (
        SHARES + f"{PRM};2024-06-01 00:30:00;PT30M;100;40;60\n{PRM};2024-06-01 01:00:00;PT30M;100,5;40;60,5\n"
    )
    assert FORMAT.recognise(content.encode())
    found = read(FORMAT, content)
    assert {block.series.role: block.energy.tolist() for block in found.blocks} == {
        SeriesRole.MEASURED: [100_000, 100_500],
        SeriesRole.ALLOCATED: [40_000, 40_000],
        SeriesRole.RESIDUAL: [60_000, 60_500],
    }
    assert not found.findings


def test_what_is_self_consumed_is_of_the_side_that_the_other_columns_are_of():
    row = f"{PRM};2024-06-01 00:30:00;PT30M;100;40;60\n"
    produced = "PRM;Horodate;Pas;Production [kWh];Autoconsommé [kWh];Surplus [kWh]\n"
    roles = [(block.series.direction, block.series.role) for block in read(FORMAT, produced + row).blocks]
    assert roles == [(1, SeriesRole.MEASURED), (1, SeriesRole.SHARED), (1, SeriesRole.SURPLUS)]
    consumed = "PRM;Horodate;Pas;Consommation [kWh];Autoconsommée [kWh];Complément [kWh]\n"
    roles = [(block.series.direction, block.series.role) for block in read(FORMAT, consumed + row).blocks]
    assert roles == [(0, SeriesRole.MEASURED), (0, SeriesRole.ALLOCATED), (0, SeriesRole.RESIDUAL)]
    both = "PRM;Horodate;Pas;Consommation [kWh];Autoconsommé [kWh];Surplus [kWh]\n"
    assert read(FORMAT, both + row).refusals == ["columns"]


def test_a_new_column_is_told_and_a_missing_one_refused():
    found = read(
        FORMAT, SHARES.replace("\n", ";Autarcie\n") + f"{PRM};2024-06-01 00:30:00;PT30M;1;1;0;100%\n"
    )
    assert 'column "autarcie" is not known' in found.finding("unknown-column").message
    assert len(found.blocks) == 3
    found = read(FORMAT, TABLE.replace("Unité", "Unit") + table_row("2023-03-13 00:30:00", "2"))
    assert found.refusals == ["columns"]
    assert 'did you mean "unite"?' in found.finding("unknown-column").message


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (table_row("2023-03-13 00:61:00", "2"), "instant"),
        (table_row("13 mars", "2"), "instant"),
        (table_row("2023-03-13 00:30:00", "2", step="PT7M"), "instant"),
        (table_row("2023-03-13 00:30:00", "2", step="P1D"), "instant"),
        (table_row("2023-03-13 00:30:00", "-2"), "energy"),
        (table_row("2023-03-13 00:30:00", "NaN"), "energy"),
        (table_row("2023-03-13 00:30:00", "2", nature="Z"), "quality"),
        (table_row("2023-03-13 00:30:00", "2", direction="AUTRE"), "direction"),
        (table_row("2023-03-13 00:30:00", "2", unit="kVA"), "unit"),
        (table_row("2023-03-13 00:30:00", "2").replace(PRM, ""), "metering-point"),
        (f"{PRM};2023\n", "columns"),
    ],
)
def test_a_wrong_row_is_refused_by_line(row, rule):
    found = read(FORMAT, TABLE + table_row("2023-03-13 01:00:00", "2") + row)
    assert found.refusals == [rule]
    assert found.finding(rule).line == 3


def infer(minutes):
    steps, doubtful = infer_steps(np.array(minutes) * 60)
    return [int(step) // 60 for step in steps], doubtful.tolist()


def test_a_single_longer_distance_is_a_gap_and_a_run_of_them_a_step():
    assert infer([30, 60, 90, 150, 180, 210])[0] == [30] * 6
    assert infer([30, 60, 90, 150, 210, 270])[0] == [30, 30, 30, 60, 60, 60]
    assert infer([30, 60, 90, 600, 630, 660])[0] == [30] * 6
    assert infer([60, 120, 130, 190, 250])[0] == [60, 60, 10, 60, 60]


def test_a_gap_where_the_step_changes_stays_in_doubt():
    steps, doubtful = infer([10, 20, 30, 60, 120, 180, 240])
    assert doubtful == [False, False, False, True, False, False, False]
    assert steps[:3] == [10, 10, 10]
    found = read(FORMAT, BLOCK + "2023-10-28T00:30:00+02:00;1000\n")
    assert found.refusals == ["resolution"]
    found = read(FORMAT, BLOCK + "2023-10-28T00:30:00+02:00;1000\n", resolution_minutes=30)
    assert found.series(PRM)[2] == [500_000]


@settings(deadline=None)
@given(st.lists(st.sampled_from([10, 30, 60]), min_size=3, max_size=8), st.randoms())
def test_runs_of_steps_are_found_in_any_order(steps, shuffler):
    # Every step comes thrice running, so that nothing can be taken for a gap.
    lengths = [step for step in steps for _ in range(3)]
    ends = np.cumsum(lengths)
    places = list(range(len(ends)))
    shuffler.shuffle(places)
    found, doubtful = infer_steps(ends[places] * 60)
    assert not doubtful.any()
    firsts = [place for place, number in enumerate(places) if number]
    assert [int(found[place]) for place in firsts] == [lengths[places[place]] * 60 for place in firsts]


def test_a_line_without_end_and_endless_faults_are_given_up_early():
    findings, amount, _ = read_endless(FORMAT, b"9", 1024**3, TABLE.encode())
    assert "long-line" in [finding.rule for finding in findings]
    assert amount < 32 * 1024**2
    findings, amount, _ = read_endless(FORMAT, b"x;y\n", 256 * 1024**2, TABLE.encode())
    assert len(findings) >= 1000
    assert amount < 32 * 1024**2


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet='0123456789;,:-T+ PRMWhé\n"', max_size=200))
def test_no_text_raises_anything(tail):
    for head in (BLOCK, TABLE, SHARES, ""):
        read(FORMAT, head + tail)
