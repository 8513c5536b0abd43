import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backend.errors import InputError
from backend.forecasting import Site, WeatherSource
from ml.frames import forecast_frame, series_of
from tests.unit.ml.models.victoria import FILE, SITE, victoria

DOCS = Path(__file__).resolve().parents[3] / "docs" / "forecasts.md"


@pytest.fixture(scope="module")
def frame():
    return pd.read_csv(FILE, index_col="start", parse_dates=["start"])


def test_a_frame_in_a_frame_out(frame):
    weeks = frame.loc["2013-04-20":].copy()
    made = forecast_frame(
        weeks,
        target="load",
        origin="2013-05-27T00:00+10:00",
        horizon="36h",
        site=SITE,
        weather=WeatherSource.FORECAST,
    )
    assert list(made.columns) == [
        *("mean", "p05", "p10", "p20", "p30", "p40", "p50", "p60", "p70", "p80", "p90", "p95")
    ]
    assert made.index[0] == pd.Timestamp("2013-05-26T14:00Z")
    assert len(made) == 72
    assert made.attrs.pop("why").startswith("a load with temperature")
    assert made.attrs == {"model": "ridge+boosting", "weather": "forecast", "reason": ""}
    assert np.abs(made["mean"] / frame["load"].loc[made.index] - 1).mean() < 0.05
    # What comes after the origin may be in the frame: it is not read.
    weeks.loc["2013-05-26T14:00Z":, "load"] = 1e9
    again = forecast_frame(
        weeks,
        target="load",
        origin="2013-05-27T00:00+10:00",
        horizon="36h",
        site=SITE,
        weather=WeatherSource.FORECAST,
    )
    pd.testing.assert_frame_equal(made, again, check_exact=True)


def test_rows_that_are_absent_are_unknown(frame):
    series = series_of(frame.drop(frame.index[10:14]).sample(frac=1, random_state=0), "load")
    whole = victoria()
    assert np.isnan(series.values[10:14]).all()
    assert (series.values[14:] == whole.values[14:]).all()
    assert (series.start_utc, series.step_seconds) == (whole.start_utc, 1800)
    assert list(series.inputs) == ["temperature"]


def test_what_does_not_fit_is_told(frame):
    asked: dict[str, Any] = {"target": "load", "origin": "2013-05-27T00:00Z", "horizon": "1h"}
    few = frame.iloc[:100]
    with pytest.raises(InputError, match="instants with a time zone"):
        forecast_frame(few.tz_localize(None), **asked)
    with pytest.raises(InputError, match="no column 'lood'; it has load, temperature"):
        forecast_frame(few, **{**asked, "target": "lood"})
    with pytest.raises(InputError, match="1 rows of the frame have a start that another one has"):
        forecast_frame(pd.concat([few, few.iloc[:1]]), **asked)
    with pytest.raises(InputError, match="off the grid of its 1800 s"):
        forecast_frame(few.rename(index={few.index[5]: few.index[5] + pd.Timedelta("1min")}), **asked)
    with pytest.raises(InputError, match="has no time zone"):
        forecast_frame(few, **{**asked, "origin": "2013-05-27"})
    for horizon in ("45min", "8d", "-1h"):
        with pytest.raises(InputError, match="no whole number of intervals of 1800 s up to seven days"):
            forecast_frame(few, **{**asked, "horizon": horizon})
    with pytest.raises(InputError, match="the horizon 'soon' cannot be read"):
        forecast_frame(few, **{**asked, "horizon": "soon"})
    with pytest.raises(InputError, match="1 rows of the frame have no start"):
        forecast_frame(few.set_index(few.index.where(few.index != few.index[5])), **asked)
    with pytest.raises(InputError, match="no weather 'good'; say none, clear-sky, forecast, observed"):
        forecast_frame(few, **asked, weather="good")
    with pytest.raises(InputError, match="the seed -1 is negative"):
        forecast_frame(few, **asked, seed=-1)
    with pytest.raises(InputError, match="'temperature' is not of numbers"):
        forecast_frame(few.assign(temperature="warm"), **asked)


def test_a_new_meter_is_forecast_too(frame):
    made = forecast_frame(
        frame[["load"]].iloc[:144],
        target="load",
        origin=frame.index[144],
        horizon="7d",
        site=Site("Australia/Melbourne"),
    )
    assert len(made) == 336
    assert made.attrs["model"] == "seasonal-naive"
    assert made.attrs["reason"].startswith("a load model needs 35 days")


def test_the_example_of_the_guide_runs(tmp_path, monkeypatch, capsys):
    import gzip

    (tmp_path / "load.csv").write_bytes(gzip.decompress(FILE.read_bytes()))
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?forecast_frame.*?)```", DOCS.read_text(), re.DOTALL)
    scope: dict[str, Any] = {}
    exec(compile(example, str(DOCS), "exec"), scope)  # noqa: S102 -- our own page
    assert len(scope["ahead"]) == 96
