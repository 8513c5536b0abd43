"""OpenSTEF's own model, run by the environment that has it: ``python openstef_child.py FOLDER``.

The folder has ``job.json`` and a CSV per substation; what OpenSTEF forecasts is written beside them. It stands alone:
nothing of Partage is imported, and nothing but this file is run by that environment.
"""

import json
import logging
import sys
import time
import warnings
from pathlib import Path
from typing import Any

MODEL = "xgb_quantile"


def run(folder: Path) -> None:
    """Train on what came before the first origin, then forecast a length from each origin."""
    import pandas as pd

    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    for place, name in enumerate(job["series"]):
        table = pd.read_csv(folder / f"{name}.csv", index_col=0, parse_dates=True)
        origins = [pd.Timestamp(origin, tz="UTC") for origin in job["origins"][name]]
        if place == 0:  # what is loaded at the first fit of all is no training, here as there
            _train(table[table.index < origins[0]], name, job)
        began, began_wall = time.process_time(), time.perf_counter()
        fitted, specification, wanted = _train(table[table.index < origins[0]], name, job)
        seconds, wall = time.process_time() - began, time.perf_counter() - began_wall
        parts = [_forecast(fitted, specification, wanted, table, origin, job["length"]) for origin in origins]
        pd.concat(parts, keys=job["origins"][name]).to_csv(folder / f"{name}.out.csv")
        (folder / f"{name}.seconds.json").write_text(json.dumps([seconds, wall]), encoding="utf-8")


def _train(table: Any, name: str, job: dict[str, Any]) -> tuple[Any, Any, Any]:
    from openstef.data_classes.model_specifications import ModelSpecificationDataClass
    from openstef.data_classes.prediction_job import PredictionJobDataClass
    from openstef.pipeline.train_model import train_model_pipeline_core

    wanted = PredictionJobDataClass(
        id=name,
        name=name,
        model=MODEL,
        forecast_type="demand",
        horizon_minutes=2880,
        resolution_minutes=15,
        lat=job["places"][name][0],
        lon=job["places"][name][1],
        quantiles=job["levels"],
    )
    specification = ModelSpecificationDataClass(id=name)
    fitted, _, specification, _ = train_model_pipeline_core(wanted, specification, table.copy())
    fitted.path = ""  # its forecasts name the place where the model was stored, and this one was not
    return fitted, specification, wanted


def _forecast(fitted: Any, specification: Any, wanted: Any, table: Any, origin: Any, length: int) -> Any:
    import pandas as pd
    from openstef.pipeline.create_forecast import create_forecast_pipeline_core

    # A fortnight of history: its features look a week back.
    last = origin + pd.Timedelta(minutes=15 * (length - 1))
    given = table[(table.index >= origin - pd.Timedelta(days=15)) & (table.index <= last)].copy()
    given.loc[given.index >= origin, "load"] = float("nan")
    made = create_forecast_pipeline_core(wanted, given, fitted, specification)
    columns = ["forecast"] + [column for column in made.columns if column.startswith("quantile_")]
    return made.loc[made.index >= origin, columns].reindex(given.index[given.index >= origin])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    run(Path(sys.argv[1]))
