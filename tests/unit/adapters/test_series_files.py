import numpy as np
import pytest

from backend.adapters.series_files import read_series_csv, write_forecast_csv
from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast

HEAD = "start,load,temperature\n"
ROWS = [f"2024-01-01T{hour:02d}:00:00Z,{hour}.5,{-hour}" for hour in range(6)]


def read(tmp_path, text, target="load"):
    file = tmp_path / "series.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_series_csv(file, target)


def lines(*rows):
    return HEAD + "\n".join(rows) + "\n"


def test_a_series_is_read_with_its_inputs(tmp_path):
    found = read(tmp_path, lines(*ROWS))
    assert found.series.start_utc == 1_704_067_200
    assert found.series.step_seconds == 3600
    assert found.series.values.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert found.series.inputs["temperature"].tolist() == [0, -1, -2, -3, -4, -5]
    assert (found.rows, found.absent) == (6, 0)


def test_any_order_any_offset_a_mark_at_the_beginning_and_empty_cells_are_taken(tmp_path):
    rows = ["2024-01-01T03:00:00+02:00,,1", "2024-01-01 00:00:00+00:00,nan,", "2024-01-01T02:00Z,3,NaN", ""]
    found = read(tmp_path, b"\xef\xbb\xbf" + lines(*rows).replace("\n", "\r\n").encode())
    assert np.isnan(found.series.values[:2]).all()
    assert found.series.values[2] == 3
    assert found.series.inputs["temperature"][1] == 1


def test_rows_that_are_absent_are_unknown_and_counted(tmp_path):
    found = read(tmp_path, lines(*ROWS[:2], *ROWS[4:]))
    assert found.absent == 2
    assert np.isnan(found.series.values[2:4]).all()
    assert found.series.values[5] == 5.5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (lines(*ROWS, ROWS[2]), r"series.csv:8: the start is that of line 4 again; 1 rows are doubled"),
        (lines(*ROWS, "2024-01-01T06:10:00Z,1,1"), r":8: the start is off the grid of 3600 s"),
        (lines(*ROWS[:2], "2024-01-01T02:00:00Z,lots,1"), r":4: load is 'lots', which is no finite number"),
        (lines(*ROWS[:2], "2024-01-01T02:00:00Z,1,1e999"), r":4: temperature is '1e999'"),
        (lines(*ROWS[:2], "2024-01-01T02:00:00Z,1_000,1"), r":4: load is '1_000'"),
        (lines(*ROWS[:2], '2024-01-01T02:00:00Z,"1,5",1'), r":4: load is '1,5'.*decimals with a point"),
        (lines(*ROWS[:2], "2024-01-01T02:00:00,1,1"), r":4: the start '2024-01-01T02:00:00' is no instant"),
        (lines(*ROWS[:2], "tomorrow,1,1"), r":4: the start 'tomorrow' is no instant"),
        (lines(*ROWS[:2], "2024-01-01T02:00:00Z,1"), r":4: the row has 2 cells, the header 3"),
        (lines(ROWS[0]), r"1 rows below its header"),
        ("", r":1: the first column must be 'start', it is ''"),
        ("time,load\n", r":1: the first column must be 'start', it is 'time'"),
        ("start,load,load\n", r":1: a column has no name, or one that another has"),
        ("start,demand\n", r"no column 'load' to forecast; it has demand"),
        (lines("2024-01-01T00:00:00Z,1,1", "2024-01-01T00:01:00Z,1,1"), r"60 s apart"),
        (lines("2024-01-01T00:00:30Z,1,1", "2024-01-01T01:00:30Z,1,1"), r":2: the start is off the grid"),
        (lines("0001-01-01T00:00:00Z,1,1", *ROWS), r"is a year mistyped"),
        (b"start,load\n\xff\xfe", r"not text in UTF-8"),
        ("start,load\n\0,1\n", r":2: the start .* is no instant"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        read(tmp_path, text)


def forecast(length=3):
    mean = np.linspace(10, 12, length) / 3
    quantiles = mean + np.linspace(-1, 1, len(LEVELS))[:, np.newaxis]
    return Forecast(1_704_067_200, 900, mean, quantiles, "ridge+boosting")


def test_a_forecast_is_written_with_three_quantiles(tmp_path):
    out = tmp_path / "F.csv"
    write_forecast_csv(forecast(), out)
    written = out.read_text().splitlines()
    assert written[0] == "start,mean,p10,p50,p90"
    assert written[1] == "2024-01-01T00:00:00Z,3.333333333,2.533333333,3.333333333,4.133333333"
    assert [row.split(",")[0] for row in written[1:]] == [
        f"2024-01-01T00:{minute}:00Z" for minute in ("00", "15", "30")
    ]


def test_where_nothing_can_be_written_is_told_and_nothing_is_left(tmp_path):
    with pytest.raises(InputError, match=r"absent.F\.csv cannot be written"):
        write_forecast_csv(forecast(), tmp_path / "absent" / "F.csv")
    assert list(tmp_path.iterdir()) == []
