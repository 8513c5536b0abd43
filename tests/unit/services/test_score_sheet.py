import json

import pytest

from backend.benches import bench_forecast
from backend.errors import InputError
from backend.services.benchmarks.score_sheet import ScoreRow, ScoreSheet

ROW = ScoreRow(
    "Victoria 2014, day ahead",
    "MAPE [%]",
    2.3,
    {"LightGBM": 2.73, "weekly naive (published)": 7.06},
    2.4,
    "observed",
    8.5,
    {"LightGBM": 3.0},
    "fitted once",
)


def test_a_sheet_tells_each_rival_its_ratio_and_whether_the_aim_was_met():
    sheet = ScoreSheet("forecast", "published series", (ROW,), ("gefcom: no file",))
    told = "\n".join(sheet.lines())
    assert "MAPE [%], weather observed, aim 2.4: reached" in told
    assert "1.187 x" in told
    assert "8.50 s" in told
    assert "fitted once" in told
    assert "left out: gefcom: no file" in told
    assert json.loads(json.dumps(sheet.as_dict()))["rows"][0]["reached"] is True


def test_an_aim_that_was_missed_is_said_and_without_one_every_rival_counts():
    assert not ScoreRow("a", "b", 2.5, {"worse": 3.0}, 2.4, "none", 1.0).reached
    assert ScoreRow("a", "b", 2.5, {"worse": 3.0}, None, "none", 1.0).reached
    assert not ScoreRow("a", "b", 2.5, {"worse": 3.0, "better": 2.0}, None, "none", 1.0).reached


def test_without_the_data_all_is_left_out_and_says_how_to_name_them():
    sheet = bench_forecast(None)
    assert sheet.rows == ()
    assert "--data" in sheet.left_out[0]


def test_a_part_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(InputError, match=r"no part 'paris'.*victoria"):
        bench_forecast(tmp_path, "paris")
